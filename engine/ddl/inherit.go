package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// INHERITS of CREATE TABLE (MergeAttributes): the columns and CHECKs of other tables come
// first, those of the same name merged; the table's own are merged into them.

// legacy is what a new table has from the tables that it inherits from.
type legacy struct {
	parents []*catalog.Relation
	checks  []*inheritedCheck
	own     int // own columns so far
	// conflict has the columns whose inherited defaults differ.
	conflict []int16
}

// inheritedCheck is a CHECK of one or several parents.
type inheritedCheck struct {
	con   *catalog.Constraint
	count int16
}

// inherits reads INHERITS.
func (t *newTable) inherits() error {
	for _, n := range t.st.Inherits {
		parent, err := t.parentOf(t.rel, n)
		if err != nil {
			return err
		}
		if slices.Contains(t.rel.Inherits, parent.OID) {
			return pgerr.New(pgerr.DuplicateTable, "relation \"%s\" would be inherited from more than once", parent.Name)
		}
		t.rel.Inherits = append(t.rel.Inherits, parent.OID)
		t.legacy.parents = append(t.legacy.parents, parent)
	}
	for _, parent := range t.legacy.parents {
		if err := t.inheritFrom(parent); err != nil {
			return err
		}
	}
	return nil
}

// parentOf finds and locks a table that another one is to inherit from.
func (r *run) parentOf(rel *catalog.Relation, n ast.Name) (*catalog.Relation, error) {
	parent, err := r.locked(n, false, ShareUpdateExclusive)
	if err != nil {
		return nil, err
	}
	switch {
	case parent.Kind != catalog.Table:
		return nil, pgerr.New(pgerr.WrongObjectType, "inherited relation \"%s\" is not a table or foreign table", parent.Name)
	case parent.PartKey != nil:
		return nil, pgerr.New(pgerr.WrongObjectType, "cannot inherit from partitioned table \"%s\"", parent.Name)
	case parent.Part != nil:
		return nil, pgerr.New(pgerr.WrongObjectType, "cannot inherit from partition \"%s\"", parent.Name)
	case parent.Persistence == 't' && rel.Persistence != 't':
		return nil, pgerr.New(pgerr.WrongObjectType, "cannot inherit from temporary relation \"%s\"", parent.Name)
	}
	if err := r.mustOwn(parent); err != nil {
		return nil, err
	}
	return parent, r.unwatched(parent, "child tables")
}

// inheritFrom adds a parent's columns and CHECKs.
func (t *newTable) inheritFrom(parent *catalog.Relation) error {
	for i := range parent.Columns {
		c := &parent.Columns[i]
		if c.Dropped {
			continue
		}
		if err := t.inheritColumn(c); err != nil {
			return err
		}
	}
	for _, c := range parent.Constraints {
		if c.Kind != catalog.Check || c.NoInherit {
			continue
		}
		at := slices.IndexFunc(t.legacy.checks, func(x *inheritedCheck) bool { return x.con.Name == c.Name })
		switch {
		case at < 0:
			t.legacy.checks = append(t.legacy.checks, &inheritedCheck{c, 1})
		case t.legacy.checks[at].con.Expr != c.Expr:
			return pgerr.New(pgerr.DuplicateObject, "check constraint name \"%s\" appears multiple times but with different expressions", c.Name)
		default:
			t.legacy.checks[at].count++
		}
	}
	return nil
}

// inheritColumn adds a parent's column, or merges it with that of another parent.
func (t *newTable) inheritColumn(c *catalog.Column) error {
	def, attr := t.rel.Column(c.Name)
	if def == nil {
		attr = int16(len(t.rel.Columns) + 1)
		t.rel.Columns = append(t.rel.Columns, catalog.Column{
			Name: c.Name, TypeOID: c.TypeOID, Mod: c.Mod, NotNull: c.NotNull, Collation: c.Collation, Dims: c.Dims, Type: c.Type, Slot: nextSlot(t.rel),
			Inherited: 1, NotLocal: true,
		})
		return t.inheritDefault(c, attr)
	}
	t.notice(pgerr.SuccessfulCompletion, "merging multiple inherited definitions of column \"%s\"", c.Name)
	if err := t.sameType(def, c, "inherited column \"%s\" has a %s conflict"); err != nil {
		return err
	}
	def.NotNull = def.NotNull || c.NotNull
	def.Inherited++
	had := t.defaultOf(attr)
	if had != nil && had.generated != (c.Generated != "") || had == nil && c.Generated != "" {
		return pgerr.New(pgerr.InvalidColumnDefinition, "inherited column \"%s\" has a generation conflict", c.Name)
	}
	if had == nil {
		return t.inheritDefault(c, attr)
	}
	if text := c.Default + c.Generated; text != "" && text != had.text {
		t.legacy.conflict = append(t.legacy.conflict, attr)
	}
	return nil
}

// inheritDefault takes a parent's default or generation expression over.
func (t *newTable) inheritDefault(c *catalog.Column, attr int16) error {
	text := c.Default + c.Generated // one of them
	if text == "" {
		return nil
	}
	e, err := parseExpr(text)
	if err != nil {
		return err
	}
	t.defaults = append(t.defaults, pendingDefault{attr: attr, expr: e, generated: c.Generated != "", text: text})
	return nil
}

// defaultOf is the default that a column has so far, nil for none.
func (t *newTable) defaultOf(attr int16) *pendingDefault {
	for i := range t.defaults {
		if t.defaults[i].attr == attr {
			return &t.defaults[i]
		}
	}
	return nil
}

// sameType refuses to merge columns of different types or collations.
func (r *run) sameType(a, b *catalog.Column, format string) error {
	if a.TypeOID != b.TypeOID || a.Mod != b.Mod {
		return pgerr.New(pgerr.DatatypeMismatch, format, a.Name, "type").
			WithDetail("%s versus %s", r.columnTypeName(a), r.columnTypeName(b))
	}
	if a.Collation != b.Collation {
		return pgerr.New(pgerr.CollationMismatch, format, a.Name, "collation")
	}
	return nil
}

func (r *run) columnTypeName(c *catalog.Column) string { return r.typeOf(c).SQLName(c.Mod) }

// ownColumn gives an own column its place: behind the others, or that of the inherited
// one of its name, with which it is merged.
func (t *newTable) ownColumn(c catalog.Column) (attr int16, err error) {
	t.legacy.own++
	def, attr := t.rel.Column(c.Name)
	if def == nil || !def.NotLocal {
		t.rel.Columns = append(t.rel.Columns, c)
		return int16(len(t.rel.Columns)), nil
	}
	if int(attr) == t.legacy.own {
		t.notice(pgerr.SuccessfulCompletion, "merging column \"%s\" with inherited definition", c.Name)
	} else {
		t.s.Notice(pgerr.Notice(pgerr.SuccessfulCompletion, "moving and merging column \"%s\" with inherited definition", c.Name).
			WithDetail("User-specified column moved to the position of the inherited column."))
	}
	if err := t.sameType(def, &c, "column \"%s\" has a %s conflict"); err != nil {
		return 0, err
	}
	if old := t.defaultOf(attr); old != nil && old.generated && c.Identity != 0 {
		return 0, pgerr.New(pgerr.InvalidColumnDefinition, "column \"%s\" inherits from generated column but specifies identity", c.Name)
	}
	def.NotLocal, def.NotNull = false, def.NotNull || c.NotNull
	if c.Identity != 0 || c.Seq != 0 {
		def.Identity, def.Seq, def.Default, def.Deps = c.Identity, c.Seq, c.Default, c.Deps
		t.forgetDefault(attr)
	}
	return attr, nil
}

// ownDefault puts an own default in the place of an inherited one.
func (t *newTable) ownDefault(p pendingDefault) error {
	if old := t.defaultOf(p.attr); old != nil && old.generated {
		name := t.rel.Columns[p.attr-1].Name
		if p.generated {
			return pgerr.New(pgerr.InvalidColumnDefinition, "child column \"%s\" specifies generation expression", name).
				WithHint("Omit the generation expression in the definition of the child table column to inherit the generation expression from the parent table.")
		}
		return pgerr.New(pgerr.InvalidColumnDefinition, "column \"%s\" inherits from generated column but specifies default", name)
	}
	t.forgetDefault(p.attr)
	t.defaults = append(t.defaults, p)
	return nil
}

func (t *newTable) forgetDefault(attr int16) {
	t.defaults = slices.DeleteFunc(t.defaults, func(p pendingDefault) bool { return p.attr == attr })
	t.legacy.conflict = slices.DeleteFunc(t.legacy.conflict, func(a int16) bool { return a == attr })
}

// inherit ends INHERITS, once the columns are known: their number of parents stands, and
// the parents are told.
func (t *newTable) inherit() error {
	if len(t.legacy.conflict) > 0 {
		attr := t.legacy.conflict[0]
		name, what, hint := t.rel.Columns[attr-1].Name, "default values", "To resolve the conflict, specify a default explicitly."
		if t.defaultOf(attr).generated {
			what, hint = "generation expressions", "To resolve the conflict, specify a generation expression explicitly."
		}
		return pgerr.New(pgerr.InvalidColumnDefinition, "column \"%s\" inherits conflicting %s", name, what).WithHint("%s", hint)
	}
	for _, parent := range t.legacy.parents {
		t.rel.Deps = append(t.rel.Deps, catalog.Dep{Object: parent.OID, Kind: catalog.DepNormal})
		t.put(t.e.RelationByOID(parent.OID).Clone()) // who has planned without the child plans again
	}
	return nil
}

// inheritChecks adds the CHECKs of the parents.
func (t *newTable) inheritChecks() error {
	for _, x := range t.legacy.checks {
		e, err := parseExpr(x.con.Expr)
		if err != nil {
			return err
		}
		if err := t.addCheck(t.rel, ast.Constraint{Kind: ast.ConCheck, Name: x.con.Name, Expr: e, Pos: ast.NoPos}, true); err != nil {
			return err
		}
		con := t.rel.Constraints[len(t.rel.Constraints)-1]
		con.Inherited, con.NotLocal = x.count, true
	}
	return nil
}

// ownCheck adds a CHECK of the table's own, or merges it with an inherited one
// (MergeWithExistingConstraint).
func (t *newTable) ownCheck(c ast.Constraint) error {
	old := t.rel.Constraint(c.Name)
	if c.Name == "" || old == nil || !old.NotLocal {
		return t.addCheck(t.rel, c, true)
	}
	try := t.rel.Clone()
	try.Constraints = nil
	if err := t.addCheck(try, c, true); err != nil {
		return err
	}
	switch {
	case try.Constraints[0].Expr != old.Expr:
		return pgerr.New(pgerr.DuplicateObject, "constraint \"%s\" for relation \"%s\" already exists", c.Name, t.rel.Name)
	case c.NoInherit:
		return pgerr.New(pgerr.InvalidObjectDefinition, "constraint \"%s\" conflicts with inherited constraint on relation \"%s\"", c.Name, t.rel.Name)
	}
	t.notice(pgerr.SuccessfulCompletion, "merging constraint \"%s\" with inherited definition", c.Name)
	old.NotLocal = false
	return nil
}
