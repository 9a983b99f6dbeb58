package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// fkActions are the referential actions as pg_constraint holds them.
var fkActions = map[ast.FKAction]byte{ast.FKNoAction: 'a', ast.FKRestrict: 'r', ast.FKCascade: 'c', ast.FKSetNull: 'n', ast.FKSetDefault: 'd'}

// addForeign adds a FOREIGN KEY to a relation and puts it into the catalogue; valid
// tells that no row violates it (ATAddForeignKeyConstraint).
func (r *run) addForeign(rel *catalog.Relation, c ast.Constraint, valid bool) error {
	ref := rel
	if found, err := r.find(c.RefTable); err != nil {
		return err
	} else if found.OID != rel.OID {
		if ref, err = r.lock(found, ShareRowExclusive); err != nil {
			return err
		}
	}
	if c.Name != "" {
		if err := r.checkConstraintFree(rel, c.Name); err != nil {
			return err
		}
	}
	if ref.Kind == catalog.Index || ref.Kind == catalog.Composite {
		return notOpened(ref)
	}
	if ref.Kind != catalog.Table {
		return pgerr.New(pgerr.WrongObjectType, "referenced relation \"%s\" is not a table", ref.Name)
	}
	if err := checkSystem(ref); err != nil {
		return err
	}
	if err := fkPersistence(rel, ref); err != nil {
		return err
	}
	if c.MatchPartial {
		return pgerr.NotSupported("MATCH PARTIAL")
	}
	con := &catalog.Constraint{
		OID: r.e.NewOID(), Kind: catalog.Foreign, Valid: valid, RefTable: ref.OID, OnDelete: fkActions[c.OnDelete], OnUpdate: fkActions[c.OnUpdate],
		MatchFull: c.MatchFull, Deferrable: c.Deferrable, Deferred: c.InitiallyDeferred,
	}
	f := &foreignKey{run: r, rel: rel, ref: ref, con: con, c: c}
	if err := f.columns(); err != nil {
		return err
	}
	con.Name = c.Name
	if con.Name == "" {
		con.Name = r.chooseConstraint(rel.Name, indexAddition(identNames(c.Columns)), "fkey", rel.Schema, nil)
	}
	if err := f.types(); err != nil {
		return err
	}
	r.referAll(rel, con, con.OID, ref)
	rel.Constraints = append(rel.Constraints, con)
	r.put(rel)
	return nil
}

func identNames(list []ast.Ident) []string {
	out := make([]string, len(list))
	for i, id := range list {
		out[i] = id.Name
	}
	return out
}

// fkPersistence refuses references to what may be gone when the row is there.
func fkPersistence(rel, ref *catalog.Relation) error {
	switch {
	case rel.Persistence == 'p' && ref.Persistence != 'p':
		return pgerr.New(pgerr.InvalidTableDefinition, "constraints on permanent tables may reference only permanent tables")
	case rel.Persistence == 'u' && ref.Persistence == 't':
		return pgerr.New(pgerr.InvalidTableDefinition, "constraints on unlogged tables may reference only permanent or unlogged tables")
	case rel.Persistence == 't' && ref.Persistence != 't':
		return pgerr.New(pgerr.InvalidTableDefinition, "constraints on temporary tables may reference only temporary tables")
	}
	return nil
}

// foreignKey is a FOREIGN KEY while it is checked.
type foreignKey struct {
	*run
	rel, ref *catalog.Relation
	con      *catalog.Constraint
	c        ast.Constraint
}

// columns finds the columns on both sides and the key that they reference.
func (f *foreignKey) columns() error {
	var err error
	if f.con.Columns, err = f.attributes(f.rel, f.c.Columns); err != nil {
		return err
	}
	if f.con.SetColumns, err = f.attributes(f.rel, f.c.SetColumns); err != nil {
		return err
	}
	for i, n := range f.con.SetColumns {
		if !slices.Contains(f.con.Columns, n) {
			return pgerr.New(pgerr.InvalidColumnReference, "column \"%s\" referenced in ON DELETE SET action must be part of foreign key", f.c.SetColumns[i].Name)
		}
	}
	if len(f.c.RefColumns) == 0 {
		pk := f.ref.PrimaryKey()
		if pk == nil {
			return pgerr.New(pgerr.UndefinedObject, "there is no primary key for referenced table \"%s\"", f.ref.Name)
		}
		if pk.Deferrable {
			return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "cannot use a deferrable primary key for referenced table \"%s\"", f.ref.Name)
		}
		f.con.RefColumns, f.con.Index = slices.Clone(pk.Columns), pk.Index
	} else {
		if f.con.RefColumns, err = f.attributes(f.ref, f.c.RefColumns); err != nil {
			return err
		}
		if err := f.key(); err != nil {
			return err
		}
	}
	if err := f.allowed(); err != nil {
		return err
	}
	if err := f.generated(); err != nil {
		return err
	}
	if len(f.con.Columns) != len(f.con.RefColumns) {
		return pgerr.New(pgerr.InvalidForeignKey, "number of referencing and referenced columns for foreign key disagree")
	}
	return nil
}

func (f *foreignKey) attributes(rel *catalog.Relation, list []ast.Ident) ([]int16, error) {
	var out []int16
	for _, id := range list {
		_, n := rel.Column(id.Name)
		if n == 0 {
			if systemColumns[id.Name] {
				return nil, pgerr.New(pgerr.FeatureNotSupported, "system columns cannot be used in foreign keys")
			}
			return nil, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" referenced in foreign key constraint does not exist", id.Name)
		}
		if len(out) == 32 {
			return nil, pgerr.New(pgerr.TooManyColumns, "cannot have more than %d keys in a foreign key", 32)
		}
		out = append(out, n)
	}
	return out, nil
}

// key finds the unique index over exactly the referenced columns
// (transformFkeyCheckAttrs).
func (f *foreignKey) key() error {
	for i, n := range f.con.RefColumns {
		if slices.Contains(f.con.RefColumns[:i], n) {
			return pgerr.New(pgerr.InvalidForeignKey, "foreign key referenced-columns list must not contain duplicates")
		}
	}
	deferrable := false
	for _, oid := range f.ref.Indexes {
		ix := f.e.RelationByOID(oid)
		if ix == nil || !f.matches(ix.Index) {
			continue
		}
		if con, _ := f.e.ConstraintByOID(ix.Index.Constraint); con != nil && con.Deferrable {
			deferrable = true
			continue
		}
		f.con.Index = oid
		return nil
	}
	if deferrable {
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "cannot use a deferrable unique constraint for referenced table \"%s\"", f.ref.Name)
	}
	return pgerr.New(pgerr.InvalidForeignKey, "there is no unique constraint matching given keys for referenced table \"%s\"", f.ref.Name)
}

func (f *foreignKey) matches(x *catalog.IndexDef) bool {
	if !x.Unique || !x.Valid || x.Predicate != "" || x.NKeys != len(f.con.RefColumns) {
		return false
	}
	for _, k := range x.Keys[:x.NKeys] {
		if k.Column == 0 || !slices.Contains(f.con.RefColumns, k.Column) {
			return false
		}
	}
	return true
}

// allowed checks REFERENCES on the referenced columns.
func (f *foreignKey) allowed() error {
	for _, n := range f.con.RefColumns {
		if !f.e.ColumnAllowed(f.s.Role(), f.ref, n, "x", false) {
			return denied("table", f.ref.Name)
		}
	}
	return nil
}

// generated refuses actions that would write generated columns.
func (f *foreignKey) generated() error {
	for _, n := range f.con.Columns {
		if f.rel.Columns[n-1].Generated == "" {
			continue
		}
		for _, a := range []struct {
			word   string
			action ast.FKAction
		}{{"ON UPDATE", f.c.OnUpdate}, {"ON DELETE", f.c.OnDelete}} {
			if a.action == ast.FKSetNull || a.action == ast.FKSetDefault || a.action == ast.FKCascade && a.word == "ON UPDATE" {
				return pgerr.New(pgerr.SyntaxError, "invalid %s action for foreign key constraint containing generated column", a.word)
			}
		}
	}
	return nil
}

// types checks that the columns on both sides can be compared by the key's index.
func (f *foreignKey) types() error {
	for i := range f.con.Columns {
		a, b := &f.rel.Columns[f.con.Columns[i]-1], &f.ref.Columns[f.con.RefColumns[i]-1]
		if ta, tb := f.typeOf(a), f.typeOf(b); !comparable(ta.Underlying(), tb.Underlying()) {
			return pgerr.New(pgerr.DatatypeMismatch, "foreign key constraint \"%s\" cannot be implemented", f.con.Name).
				WithDetail("Key columns \"%s\" and \"%s\" are of incompatible types: %s and %s.", a.Name, b.Name, f.typeName(ta), f.typeName(tb))
		}
	}
	return nil
}

// comparable tells whether a value of type from is compared with a key of type key
// by the key's own operators, or after an implicit cast.
func comparable(from, key *types.Type) bool {
	if types.Same(from, key) || from.OID == types.VarcharOID && key.OID == types.TextOID || from.OID == types.TextOID && key.OID == types.VarcharOID {
		return true
	}
	amop := pgdata.Load("pg_amop")
	left, right, method := amop.Column("amoplefttype"), amop.Column("amoprighttype"), amop.Column("amopmethod")
	for _, r := range amop.Rows {
		if r[method] == "403" && OID(pgdata.Uint(r[left])) == key.OID && OID(pgdata.Uint(r[right])) == from.OID {
			return true
		}
	}
	return castable(from.OID, key.OID, "i")
}

// castable tells whether there is a cast in one of the contexts: i implicit, a in
// assignments, e explicit.
func castable(from, to OID, contexts string) bool {
	cast := pgdata.Load("pg_cast")
	source, target, context := cast.Column("castsource"), cast.Column("casttarget"), cast.Column("castcontext")
	for _, r := range cast.Rows {
		if OID(pgdata.Uint(r[source])) == from && OID(pgdata.Uint(r[target])) == to {
			return slices.Contains([]byte(contexts), r[context][0])
		}
	}
	return false
}
