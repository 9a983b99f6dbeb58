package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// keyColumns checks the columns of PRIMARY KEY and UNIQUE of a new table; those of
// the primary key are NOT NULL.
func (t *newTable) keyColumns() error {
	for _, c := range t.keys {
		if err := checkKey(t.rel, c); err != nil {
			return err
		}
		if c.Kind == ast.ConPrimary {
			for _, k := range c.Columns {
				col, _ := t.rel.Column(k.Name)
				col.NotNull = true
			}
		}
	}
	return nil
}

// declaredNull tells whether a column is declared NULL.
func declaredNull(st *ast.CreateTable, name string) bool {
	for i := range st.Columns {
		if st.Columns[i].Name.Name != name {
			continue
		}
		for _, c := range st.Columns[i].Constraints {
			if c.Kind == ast.ConNull {
				return true
			}
		}
	}
	return false
}

// checkKey checks the columns of a key: they exist, each once
// (transformIndexConstraint).
func checkKey(rel *catalog.Relation, c ast.Constraint) error {
	what := "unique"
	if c.Kind == ast.ConPrimary {
		what = "primary key"
	}
	seen := map[string]bool{}
	for _, k := range c.Columns {
		col, _ := rel.Column(k.Name)
		if col == nil && !systemColumns[k.Name] {
			return pgerr.New(pgerr.UndefinedColumn, "column \"%s\" named in key does not exist", k.Name).At(c.Pos)
		}
		if seen[k.Name] {
			return pgerr.New(pgerr.DuplicateColumn, "column \"%s\" appears twice in %s constraint", k.Name, what).At(c.Pos)
		}
		if col == nil {
			return pgerr.New(pgerr.FeatureNotSupported, "index creation on system columns is not supported")
		}
		seen[k.Name] = true
	}
	for _, k := range c.Include {
		if col, _ := rel.Column(k.Name); col == nil {
			return pgerr.New(pgerr.UndefinedColumn, "column \"%s\" named in key does not exist", k.Name).At(c.Pos)
		}
	}
	return nil
}

// addKey adds PRIMARY KEY or UNIQUE with its index to a relation, and puts both into
// the catalogue.
func (r *run) addKey(rel *catalog.Relation, c ast.Constraint) error {
	s := r.e.SchemaByOID(rel.Schema)
	options, err := relOptions(c.Options, btreeOptions)
	if err != nil {
		return err
	}
	x := &newIndex{run: r, table: rel, options: options, def: &catalog.IndexDef{
		Table: rel.OID, Unique: true, Primary: c.Kind == ast.ConPrimary, NullsNotDistinct: c.NullsNotDistinct, Method: "btree", Valid: true,
	}}
	for _, k := range c.Columns {
		if err := x.columnKey(k.Name); err != nil {
			return err
		}
	}
	x.def.NKeys = len(x.def.Keys)
	for _, k := range c.Include {
		if err := x.included(k.Name); err != nil {
			return err
		}
	}
	name := c.Name
	switch {
	case name != "":
		if _, err := r.checkFree(s, name); err != nil {
			return err
		}
		if err := r.checkConstraintFree(rel, name); err != nil {
			return err
		}
	case x.def.Primary:
		name = r.chooseRelation(rel.Name, "", "pkey", s.OID, true)
	default:
		name = r.chooseRelation(rel.Name, indexAddition(keyNames(x.names)), "key", s.OID, true)
	}
	con := &catalog.Constraint{OID: r.e.NewOID(), Name: name, Kind: catalog.Unique, Valid: true, Deferrable: c.Deferrable, Deferred: c.InitiallyDeferred}
	if x.def.Primary {
		con.Kind = catalog.Primary
	}
	for _, k := range x.def.Keys[:x.def.NKeys] {
		con.Columns = append(con.Columns, k.Column)
	}
	if err := keyHolds(rel, con.Columns, map[bool]string{true: "PRIMARY KEY", false: "UNIQUE"}[x.def.Primary]); err != nil {
		return err
	}
	x.def.Constraint = con.OID
	ix := x.relation(name)
	con.Index = ix.OID
	rel.Constraints = append(rel.Constraints, con)
	x.put(ix)
	return nil
}

// checkConstraintFree refuses the name of a constraint that the relation has.
func (r *run) checkConstraintFree(rel *catalog.Relation, name string) error {
	if rel.Constraint(name) == nil && !partNamed(rel, name) {
		return nil
	}
	return pgerr.New(pgerr.DuplicateObject, "constraint \"%s\" for relation \"%s\" already exists", name, rel.Name)
}

// addCheck binds a CHECK and adds it to a relation, which the caller puts.
func (r *run) addCheck(rel *catalog.Relation, c ast.Constraint, valid bool) error {
	if err := noParameters(c.Expr); err != nil {
		return err
	}
	x, err := planner.BindRow(r.planner(), c.Expr, rel, planner.RowCheck)
	if err != nil {
		return err
	}
	con := &catalog.Constraint{
		OID: r.e.NewOID(), Name: c.Name, Kind: catalog.Check, Expr: r.stored(x.X, x.Meta), Deps: exprDeps(x.Deps), NoInherit: c.NoInherit, Valid: valid,
	}
	con.Columns = columnsIn(con.Deps, rel.OID)
	if con.Name == "" {
		column := ""
		if len(con.Columns) == 1 {
			column = rel.Columns[con.Columns[0]-1].Name
		}
		con.Name = r.chooseConstraint(rel.Name, column, "check", rel.Schema, constraintNames(rel))
	} else if old := rel.Constraint(con.Name); old != nil {
		if old.Kind == catalog.Check && r.e.RelationByOID(rel.OID) == nil {
			return pgerr.New(pgerr.DuplicateObject, "check constraint \"%s\" already exists", con.Name)
		}
		return r.checkConstraintFree(rel, con.Name)
	}
	rel.Constraints = append(rel.Constraints, con)
	return nil
}

func constraintNames(rel *catalog.Relation) []string {
	var out []string
	for _, c := range rel.Constraints {
		out = append(out, c.Name)
	}
	return out
}
