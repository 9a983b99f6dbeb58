package ddl

import (
	"strings"

	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// columnType runs ALTER COLUMN … TYPE (ATExecAlterColumnType).
func (a *alteration) columnType(rel *catalog.Relation, x *ast.AlterAction) error {
	c, attr, err := a.column(rel, x.Column.Name, "alter")
	if err != nil {
		return err
	}
	if c.Generated != "" && x.Using != nil {
		return pgerr.New(pgerr.InvalidColumnDefinition, "cannot specify USING when altering type of generated column").
			WithDetail("Column \"%s\" is a generated column.", c.Name)
	}
	t, mod, err := planner.ResolveType(a.planner(), x.Type)
	if err != nil {
		return unpositioned(err)
	}
	if err := a.usableType(t); err != nil {
		return err
	}
	if err := checkColumnType(c.Name, t); err != nil {
		return err
	}
	if err := a.notWithin(rel, t); err != nil {
		return err
	}
	old := *c
	c.TypeOID, c.Mod, c.Type, c.Dims, c.Collation = t.OID, mod, t, int16(len(x.Type.ArrayDims)), 0
	if x.Def != nil && x.Def.Collation != nil {
		if c.Collation, err = collationOf(*x.Def.Collation, t); err != nil {
			return err
		}
	}
	if err := a.convert(rel, attr, &old, x); err != nil {
		return err
	}
	if err := a.retypeStatistics(rel, attr); err != nil {
		return err
	}
	if err := a.typeUsers(rel, attr); err != nil {
		return err
	}
	if err := a.convertDefault(rel, attr, &old); err != nil {
		return err
	}
	a.run.put(rel)
	if rel.Stream != nil {
		if err := a.streamType(rel, attr); err != nil {
			return err
		}
	}
	return a.rebuild(attr)
}

// streamType refuses types that the event time cannot have, and changes the
// companion.
func (a *alteration) streamType(rel *catalog.Relation, attr int16) error {
	c := rel.Columns[attr-1]
	if rel.Stream.Time == attr && c.TypeOID != types.TimestampOID && c.TypeOID != types.TimestamptzOID {
		return pgerr.New(pgerr.DatatypeMismatch, "the event time must be of type timestamp or timestamp with time zone, but column \"%s\" is of type %s",
			c.Name, a.typeName(a.typeOf(&c)))
	}
	a.change(rel.Stream.Late, func(late *catalog.Relation) {
		if l, _ := late.Column(c.Name); l != nil {
			l.TypeOID, l.Mod, l.Type, l.Dims, l.Collation = c.TypeOID, c.Mod, c.Type, c.Dims, c.Collation
		}
	})
	return nil
}

// typeUsers refuses to change the type of a column that views or generated columns
// read.
func (a *alteration) typeUsers(rel *catalog.Relation, attr int16) error {
	var err error
	me := Object{Class: catalog.ClassRelation, OID: rel.OID, Sub: attr}
	a.e.Dependencies(func(x, y Object, kind catalog.DepKind) {
		if y != me || err != nil {
			return
		}
		name := rel.Columns[attr-1].Name
		switch x.Class {
		case catalog.ClassRule:
			err = pgerr.New(pgerr.FeatureNotSupported, "cannot alter type of a column used by a view or rule").
				WithDetail("%s depends on column \"%s\"", a.describe(x), name)
		case catalog.ClassPolicy:
			err = pgerr.New(pgerr.FeatureNotSupported, "cannot alter type of a column used in a policy definition").
				WithDetail("%s depends on column \"%s\"", a.describe(x), name)
		case catalog.ClassTrigger:
			err = pgerr.New(pgerr.FeatureNotSupported, "cannot alter type of a column used in a trigger definition").
				WithDetail("%s depends on column \"%s\"", a.describe(x), name)
		case catalog.ClassDefault:
			for i := range rel.Columns {
				oid, ok := rel.DefaultOID(int16(i + 1))
				if g := &rel.Columns[i]; ok && oid == x.OID && int16(i+1) != attr && g.Generated != "" {
					err = pgerr.New(pgerr.FeatureNotSupported, "cannot alter type of a column used by a generated column").
						WithDetail("Column \"%s\" is used by generated column \"%s\".", name, g.Name)
				}
			}
		}
	})
	return err
}

// convert decides how the old values become new ones.
func (a *alteration) convert(rel *catalog.Relation, attr int16, old *catalog.Column, x *ast.AlterAction) error {
	c := &rel.Columns[attr-1]
	if x.Using == nil && c.Generated == "" && a.compatible(old, c) {
		return nil
	}
	using := x.Using
	if using == nil {
		using = &ast.ColumnRef{Parts: []string{old.Name}, Pos: ast.NoPos}
	}
	v := &planner.NewValue{Using: using, Explicit: x.Using != nil}
	if c.Generated != "" {
		v = nil
	}
	if before := a.vals[attr]; before != nil && x.Using == nil {
		v = before
	}
	leave(rel, old.Slot, a.typeOf(old))
	c.Slot, c.Missing = nextSlot(rel), nil
	if err := a.rewriteWith(attr, v); err != nil {
		return err
	}
	if v == nil {
		return nil
	}
	_, err := a.bindRewrite(rel)
	return err
}

// bindRewrite plans the new values of the rows. A literal among them is converted when
// PostgreSQL has forgotten the statement's text.
func (a *alteration) bindRewrite(rel *catalog.Relation) (*planner.Rewrite, error) {
	w, err := planner.BindRewrite(a.planner(), a.old, rel, a.newValues(rel))
	if e, ok := err.(*pgerr.Error); ok && strings.HasPrefix(string(e.Code), "22") {
		e.Pos = 0
	}
	return w, err
}

// compatible tells whether values of the old type are values of the new one as they
// are stored.
func (a *alteration) compatible(old, c *catalog.Column) bool {
	o, n := a.typeOf(old), a.typeOf(c)
	text := func(t *types.Type) bool { return t.OID == types.TextOID || t.OID == types.VarcharOID }
	switch {
	case n.Class == types.Domain && !types.Same(o, n):
		return false
	case text(o.Underlying()) && text(n):
		return c.Mod == types.NoMod || old.Mod != types.NoMod && old.Mod <= c.Mod
	case !types.Same(o, n) && !types.Same(o.Underlying(), n):
		return false
	case c.Mod == types.NoMod || c.Mod == old.Mod:
		return true
	case n.OID == types.NumericOID && old.Mod != types.NoMod:
		const header = 4
		return (old.Mod-header)&0x7ff == (c.Mod-header)&0x7ff && old.Mod <= c.Mod
	}
	return false
}

// convertDefault gives the default the column's new type.
func (a *alteration) convertDefault(rel *catalog.Relation, attr int16, old *catalog.Column) error {
	c := &rel.Columns[attr-1]
	text, generated := c.Default, false
	if c.Generated != "" {
		text, generated = c.Generated, true
	}
	if text == "" || c.Seq != 0 && !generated {
		return nil
	}
	e, err := parseExpr(text)
	if err != nil {
		return err
	}
	if err := a.bindDefault(rel, pendingDefault{attr: attr, expr: e, generated: generated}); err != nil {
		if pe, ok := err.(*pgerr.Error); ok && pe.Code == pgerr.DatatypeMismatch {
			what := "default"
			if generated {
				what = "generation expression"
			}
			return pgerr.New(pgerr.DatatypeMismatch, "%s for column \"%s\" cannot be cast automatically to type %s", what, old.Name,
				planner.FormatType(a.planner(), a.typeOf(c), c.Mod))
		}
		return err
	}
	return nil
}

// rebuild binds again what names a column whose type has changed: CHECKs, indexes,
// foreign keys; and has the rows checked by them.
func (a *alteration) rebuild(attr int16) error {
	rel := a.rel()
	for _, con := range rel.Constraints {
		if con.Kind == catalog.Check && slices.Contains(con.Columns, attr) {
			if err := a.rebindCheck(rel, con); err != nil {
				return err
			}
		}
	}
	a.run.put(rel)
	for _, oid := range rel.Indexes {
		if err := a.rebuildIndex(rel, a.e.RelationByOID(oid).Clone(), attr); err != nil {
			return err
		}
	}
	return a.rebuildForeign(attr)
}

func (a *alteration) rebindCheck(rel *catalog.Relation, con *catalog.Constraint) error {
	e, err := parseExpr(con.Expr)
	if err != nil {
		return err
	}
	x, err := planner.BindRow(a.planner(), e, rel, planner.RowCheck)
	if err != nil {
		return unpositioned(err)
	}
	con.Expr, con.Deps = a.stored(x.X, x.Meta), exprDeps(x.Deps)
	return nil
}

// unpositioned takes off a position that is one in a stored text.
func unpositioned(err error) error {
	if e, ok := err.(*pgerr.Error); ok && e.Pos != 0 {
		c := *e
		c.Pos = 0
		return &c
	}
	return err
}

func (a *alteration) rebuildIndex(rel, ix *catalog.Relation, attr int16) error {
	x := &newIndex{run: a.run, table: rel, def: ix.Index}
	touched := false
	for i := range ix.Index.Keys {
		k := &ix.Index.Keys[i]
		switch {
		case k.Column == attr:
			c := &rel.Columns[attr-1]
			k.TypeOID, k.Mod, touched = c.TypeOID, c.Mod, true
			if i < ix.Index.NKeys && k.OpClass == 0 {
				if err := x.defaultClass(a.typeOf(c)); err != nil {
					return err
				}
			}
		case k.Expr != "":
			e, err := parseExpr(k.Expr)
			if err != nil {
				return err
			}
			b, err := planner.BindRow(a.planner(), e, rel, planner.RowIndex)
			if err != nil {
				return unpositioned(err)
			}
			k.Expr, k.TypeOID, k.Mod = a.stored(b.X, b.Meta), b.X.Type().OID, b.X.Mod()
			touched = touched || slices.Contains(columnsIn(b.Deps, rel.OID), attr)
		}
		if len(ix.Columns) > 0 {
			ix.Columns[i].TypeOID, ix.Columns[i].Mod = k.TypeOID, k.Mod
		}
	}
	if ix.Index.Predicate != "" {
		e, err := parseExpr(ix.Index.Predicate)
		if err != nil {
			return err
		}
		b, err := planner.BindRow(a.planner(), e, rel, planner.RowIndexPredicate)
		if err != nil {
			return unpositioned(err)
		}
		ix.Index.Predicate = a.stored(b.X, b.Meta)
	}
	a.e.PutRelation(ix)
	if touched {
		a.verify = append(a.verify, func() error {
			if !a.rewrite {
				return nil
			}
			if err := a.s.CheckIndex(a.ctx, ix.OID); err != nil || !ix.Index.Unique {
				return err
			}
			return a.s.CheckUnique(a.ctx, ix.OID)
		})
	}
	return nil
}

// rebuildForeign checks foreign keys from and to a column again.
func (a *alteration) rebuildForeign(attr int16) error {
	rel := a.rel()
	check := func(from, to *catalog.Relation, con *catalog.Constraint) error {
		f := &foreignKey{run: a.run, rel: from, ref: to, con: con}
		if err := f.types(); err != nil {
			return err
		}
		a.verify = append(a.verify, func() error {
			if !a.rewrite || !con.Valid {
				return nil
			}
			return a.checkForeign(from.OID, con)
		})
		return nil
	}
	for _, con := range rel.Constraints {
		if con.Kind == catalog.Foreign && slices.Contains(con.Columns, attr) {
			if err := check(rel, a.e.RelationByOID(con.RefTable), con); err != nil {
				return err
			}
		}
	}
	rels, cons := a.e.ForeignKeysTo(rel.OID)
	for i, con := range cons {
		if slices.Contains(con.RefColumns, attr) && rels[i].OID != rel.OID {
			if err := check(rels[i], rel, con); err != nil {
				return err
			}
		}
	}
	return nil
}
