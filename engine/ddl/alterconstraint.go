package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// addConstraint runs ADD CONSTRAINT.
func (a *alteration) addConstraint(rel *catalog.Relation, x *ast.AlterAction) error {
	c := *x.Constraint
	if rel.Kind == catalog.Stream {
		if err := streamConstraint(&c); err != nil {
			return err
		}
	}
	switch c.Kind {
	case ast.ConCheck:
		return a.addCheckTo(rel, c)
	case ast.ConPrimary, ast.ConUnique:
		return a.addKeyTo(rel, c)
	case ast.ConForeign:
		if err := a.addForeign(rel, c, !c.NotValid); err != nil {
			return err
		}
		con := rel.Constraints[len(rel.Constraints)-1]
		if !c.NotValid {
			a.verify = append(a.verify, func() error { return a.checkForeign(a.oid, con) })
		}
		return nil
	}
	return pgerr.NotSupported("EXCLUDE").At(c.Pos)
}

func (a *alteration) addCheckTo(rel *catalog.Relation, c ast.Constraint) error {
	if c.Name != "" {
		if err := a.checkConstraintFree(rel, c.Name); err != nil {
			return err
		}
	}
	if err := a.addCheck(rel, c, !c.NotValid); err != nil {
		return err
	}
	name := rel.Constraints[len(rel.Constraints)-1].Name
	a.put(rel)
	if !c.NotValid {
		a.verify = append(a.verify, func() error { return a.checkRows(name) })
	}
	return nil
}

// addKeyTo adds PRIMARY KEY or UNIQUE to a table that may have rows.
func (a *alteration) addKeyTo(rel *catalog.Relation, c ast.Constraint) error {
	if err := checkKey(rel, c); err != nil {
		return err
	}
	if c.Kind == ast.ConPrimary {
		if rel.PrimaryKey() != nil {
			return multipleKeys(rel)
		}
		for _, k := range c.Columns {
			a.keyNotNull(rel, k.Name)
		}
	}
	if err := a.addKey(rel, c); err != nil {
		return err
	}
	con := rel.Constraints[len(rel.Constraints)-1]
	a.verify = append(a.verify, func() error {
		if err := a.s.CheckIndex(a.ctx, con.Index); err != nil {
			return err
		}
		return a.s.CheckUnique(a.ctx, con.Index)
	})
	return nil
}

func multipleKeys(rel *catalog.Relation) error {
	return pgerr.New(pgerr.InvalidTableDefinition, "multiple primary keys for table \"%s\" are not allowed", rel.Name)
}

// keyNotNull makes a column of a new primary key NOT NULL.
func (a *alteration) keyNotNull(rel *catalog.Relation, name string) {
	col, attr := rel.Column(name)
	if col.NotNull {
		return
	}
	col.NotNull = true
	a.verify = append(a.verify, func() error { return a.noNulls(attr) })
}

// otherCollation tells whether an index sorts by another collation than its column's.
func otherCollation(k catalog.IndexKey, c *catalog.Column) bool {
	own := c.Collation
	if own == 0 && c.Type != nil {
		own = c.Type.Collation
	}
	return k.Collation != 0 && k.Collation != own
}

// keyUsingIndex makes a constraint of a unique index (transformIndexConstraint).
func (a *alteration) keyUsingIndex(rel *catalog.Relation, c ast.Constraint) error {
	ix := a.e.Relation(rel.Schema, c.UsingIndex)
	if ix == nil || ix.Kind != catalog.Index {
		return pgerr.New(pgerr.UndefinedObject, "index \"%s\" does not exist", c.UsingIndex).At(c.Pos)
	}
	ix = ix.Clone()
	wrong := func(detail, format string, args ...any) error {
		e := pgerr.New(pgerr.WrongObjectType, format, args...).At(c.Pos)
		if detail != "" {
			e.WithDetail("%s", detail)
		}
		return e
	}
	const cannot = "Cannot create a primary key or unique constraint using such an index."
	switch {
	case ix.Index.Constraint != 0:
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "index \"%s\" is already associated with a constraint", ix.Name).At(c.Pos)
	case ix.Index.Table != rel.OID:
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "index \"%s\" does not belong to table \"%s\"", ix.Name, rel.Name).At(c.Pos)
	case !ix.Index.Unique:
		return wrong(cannot, "\"%s\" is not a unique index", ix.Name)
	case slices.ContainsFunc(ix.Index.Keys, func(k catalog.IndexKey) bool { return k.Column == 0 }):
		return wrong(cannot, "index \"%s\" contains expressions", ix.Name)
	case ix.Index.Predicate != "":
		return wrong(cannot, "\"%s\" is a partial index", ix.Name)
	}
	con := &catalog.Constraint{OID: a.e.NewOID(), Name: c.Name, Kind: catalog.Unique, Index: ix.OID, Valid: true, Deferrable: c.Deferrable, Deferred: c.InitiallyDeferred}
	if con.Name == "" {
		con.Name = ix.Name
	}
	if err := a.checkConstraintFree(rel, con.Name); err != nil {
		return err
	}
	for _, k := range ix.Index.Keys[:ix.Index.NKeys] {
		if k.Desc || k.NullsFirst || k.OpClass != 0 || otherCollation(k, &rel.Columns[k.Column-1]) {
			return wrong(cannot, "index \"%s\" column number %d does not have default sorting behavior", ix.Name, len(con.Columns)+1)
		}
		con.Columns = append(con.Columns, k.Column)
		if c.Kind == ast.ConPrimary {
			a.keyNotNull(rel, rel.Columns[k.Column-1].Name)
		}
	}
	if c.Kind == ast.ConPrimary {
		if rel.PrimaryKey() != nil {
			return multipleKeys(rel)
		}
		con.Kind, ix.Index.Primary = catalog.Primary, true
	}
	if con.Name != ix.Name {
		a.notice(pgerr.SuccessfulCompletion, "ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"%s\" to \"%s\"", ix.Name, con.Name)
		if _, err := a.checkFree(a.e.SchemaByOID(rel.Schema), con.Name); err != nil {
			return err
		}
		ix.Name = con.Name
	}
	ix.Index.Constraint = con.OID
	a.e.PutRelation(ix)
	rel.Constraints = append(rel.Constraints, con)
	a.put(rel)
	return nil
}

// dropConstraint runs DROP CONSTRAINT.
func (a *alteration) dropConstraint(rel *catalog.Relation, x *ast.AlterAction) error {
	con := rel.Constraint(x.Name)
	if con == nil {
		if partNamed(rel, x.Name) {
			return pgerr.New(pgerr.InvalidTableDefinition, "cannot drop inherited constraint \"%s\" of relation \"%s\"", x.Name, rel.Name)
		}
		if x.IfExists {
			a.notice(pgerr.SuccessfulCompletion, "constraint \"%s\" of relation \"%s\" does not exist, skipping", x.Name, rel.Name)
			return nil
		}
		return undefinedConstraint(x.Name, rel)
	}
	if con.Kind == catalog.Foreign && con.RefTable != rel.OID {
		if ref := a.e.RelationByOID(con.RefTable); ref != nil {
			if _, err := a.lock(ref, AccessExclusive); err != nil {
				return err
			}
		}
	}
	return a.dropObjects([]Object{{Class: catalog.ClassConstraint, OID: con.OID}}, x.Cascade, a.command)
}

func undefinedConstraint(name string, rel *catalog.Relation) error {
	return pgerr.New(pgerr.UndefinedObject, "constraint \"%s\" of relation \"%s\" does not exist", name, rel.Name)
}

// alterConstraint runs ALTER CONSTRAINT: of a foreign key, with those that partitions have
// for it.
func (a *alteration) alterConstraint(rel *catalog.Relation, name string, c *ast.Constraint) error {
	con := rel.Constraint(name)
	switch {
	case con == nil:
		return undefinedConstraint(name, rel)
	case con.Kind != catalog.Foreign:
		return pgerr.New(pgerr.WrongObjectType, "constraint \"%s\" of relation \"%s\" is not a foreign key constraint", name, rel.Name)
	}
	if above := a.e.InheritedConstraint(rel, con); above != nil {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot alter constraint \"%s\" on relation \"%s\"", name, rel.Name).
			WithDetail("Constraint \"%s\" is derived from constraint \"%s\" of relation \"%s\".", name, above.Name, a.e.RelationByOID(rel.Part.Parent).Name).
			WithHint("You may alter the constraint it derives from, instead.")
	}
	a.setDeferral(rel, con, c)
	return nil
}

// setDeferral says when a foreign key, and those of partitions that stand for it, are
// checked.
func (r *run) setDeferral(rel *catalog.Relation, con *catalog.Constraint, c *ast.Constraint) {
	for _, p := range r.e.Partitions(rel) {
		for _, own := range p.Constraints {
			if above := r.e.InheritedConstraint(p, own); above != nil && above.OID == con.OID {
				r.setDeferral(p, own, c)
			}
		}
	}
	r.change(rel.OID, func(now *catalog.Relation) {
		for _, n := range now.Constraints {
			if n.OID == con.OID {
				n.Deferrable, n.Deferred = c.Deferrable, c.InitiallyDeferred
			}
		}
	})
}

// validate runs VALIDATE CONSTRAINT.
func (a *alteration) validate(rel *catalog.Relation, name string) error {
	con := rel.Constraint(name)
	if con == nil {
		return undefinedConstraint(name, rel)
	}
	if con.Kind != catalog.Foreign && con.Kind != catalog.Check {
		return pgerr.New(pgerr.WrongObjectType, "constraint \"%s\" of relation \"%s\" is not a foreign key or check constraint", name, rel.Name)
	}
	if con.Valid {
		return nil
	}
	con.Valid = true
	a.put(rel)
	a.verify = append(a.verify, func() error {
		if con.Kind == catalog.Foreign {
			return a.checkForeign(a.oid, con)
		}
		return a.checkRows(name)
	})
	return nil
}
