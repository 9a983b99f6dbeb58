package ddl

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// ALTER TABLE of a table that others inherit from changes what they have of it, too:
// Inherited and NotLocal of columns and CHECKs tell what that is.

// heirsOnce are the actions that every heir takes part in once, whatever its parents.
var heirsOnce = map[ast.AlterKind]bool{
	ast.AlterSetDefault: true, ast.AlterDropDefault: true, ast.AlterSetNotNull: true, ast.AlterDropNotNull: true, ast.AlterDropExpression: true,
	ast.AlterSetStatistics: true, ast.AlterSetStorage: true,
}

// actHeirs runs an action on a table and on those that inherit from it.
func (a *alteration) actHeirs(rel *catalog.Relation, x *ast.AlterAction) error {
	children := a.e.Children(rel)
	if len(children) == 0 {
		return a.act(x)
	}
	switch x.Kind {
	case ast.AlterAddColumn, ast.AlterDropColumn, ast.AlterColumnType:
		if err := a.unwatched(rel, "columns"); err != nil {
			return err
		}
	}
	switch x.Kind {
	case ast.AlterAddColumn:
		return a.addColumnHeirs(rel, x)
	case ast.AlterDropColumn:
		return a.dropColumnHeirs(rel, x)
	case ast.AlterColumnType:
		return a.columnTypeHeirs(rel, x)
	case ast.AlterAddConstraint:
		return a.addConstraintHeirs(x)
	case ast.AlterDropConstraint:
		return a.dropConstraintHeirs(rel, x)
	case ast.AlterValidateConstraint:
		if con := rel.Constraint(x.Name); con != nil && con.Kind == catalog.Check && !con.NoInherit && !con.Valid {
			if a.only {
				return pgerr.New(pgerr.InvalidTableDefinition, "constraint must be validated on child tables too")
			}
			return a.eachHeir(func(b *alteration) error { return b.act(x) })
		}
	case ast.AlterDropExpression:
		if a.only {
			return pgerr.New(pgerr.InvalidTableDefinition, "ALTER TABLE / DROP EXPRESSION must be applied to child tables too")
		}
	}
	if a.only || !heirsOnce[x.Kind] {
		return a.act(x)
	}
	return a.eachHeir(func(b *alteration) error { return b.act(x) })
}

// eachHeir runs fn for a table and for those that inherit from it, once each.
func (a *alteration) eachHeir(fn func(*alteration) error) error {
	for _, rel := range a.e.Heirs(a.e.RelationByOID(a.oid)) {
		if err := fn(a.known[rel.OID]); err != nil {
			return err
		}
	}
	return nil
}

// refuseMerged refuses to change in a table what it has from others.
func (a *alteration) refuseMerged(rel *catalog.Relation, x *ast.AlterAction) error {
	if len(rel.Inherits) == 0 {
		return nil
	}
	switch x.Kind {
	case ast.AlterDropColumn:
		if c, _ := rel.Column(x.Column.Name); c != nil && c.Inherited > 0 {
			return pgerr.New(pgerr.InvalidTableDefinition, "cannot drop inherited column \"%s\"", c.Name)
		}
	case ast.AlterColumnType:
		if c, _ := rel.Column(x.Column.Name); c != nil && c.Inherited > 0 {
			return pgerr.New(pgerr.InvalidTableDefinition, "cannot alter inherited column \"%s\"", c.Name)
		}
	case ast.AlterDropExpression:
		if c, _ := rel.Column(x.Column.Name); c != nil && c.Inherited > 0 {
			return pgerr.New(pgerr.InvalidTableDefinition, "cannot drop generation expression from inherited column")
		}
	case ast.AlterDropConstraint:
		if con := rel.Constraint(x.Name); con != nil && con.Inherited > 0 {
			return pgerr.New(pgerr.InvalidTableDefinition, "cannot drop inherited constraint \"%s\" of relation \"%s\"", con.Name, rel.Name)
		}
	}
	return nil
}

// addColumnHeirs adds a column to the heirs first, as addColumnBelow does.
func (a *alteration) addColumnHeirs(rel *catalog.Relation, x *ast.AlterAction) error {
	if c, _ := rel.Column(x.Def.Name.Name); c != nil {
		return a.act(x)
	}
	if a.only {
		return pgerr.New(pgerr.InvalidTableDefinition, "column must be added to child tables too")
	}
	down := *x
	def := *x.Def
	def.Constraints = nil
	for _, c := range x.Def.Constraints {
		switch c.Kind {
		case ast.ConNotNull, ast.ConNull, ast.ConDefault, ast.ConGenerated:
			def.Constraints = append(def.Constraints, c)
		case ast.ConIdentity:
			return pgerr.New(pgerr.InvalidTableDefinition, "cannot recursively add identity column to table that has child tables")
		case ast.ConPrimary:
			def.Constraints = append(def.Constraints, ast.Constraint{Kind: ast.ConNotNull, Pos: ast.NoPos})
		}
	}
	if serials[def.Type.Name.Object] != nil && def.Type.Name.Schema == "" {
		return pgerr.NotSupported("ALTER TABLE ADD COLUMN of a serial type to a table with children").At(def.Type.Pos)
	}
	down.Def, down.IfExists = &def, false
	if err := a.each(func(b *alteration) error { return b.inheritNewColumn(&down) }); err != nil {
		return err
	}
	return a.act(x)
}

// inheritNewColumn gives a child a column that its parent gets, or merges it with the
// column that it has.
func (a *alteration) inheritNewColumn(x *ast.AlterAction) error {
	rel := a.rel()
	name := x.Def.Name.Name
	if c, attr := rel.Column(name); c != nil {
		d, err := a.readColumn(rel, x.Def)
		if err != nil {
			return err
		}
		if c.TypeOID != d.col.TypeOID || c.Mod != d.col.Mod {
			return pgerr.New(pgerr.DatatypeMismatch, "child table \"%s\" has different type for column \"%s\"", rel.Name, name)
		}
		if c.Collation != d.col.Collation {
			return pgerr.New(pgerr.CollationMismatch, "child table \"%s\" has different collation for column \"%s\"", rel.Name, name)
		}
		rel.Columns[attr-1].Inherited++
		a.put(rel)
		a.notice(pgerr.SuccessfulCompletion, "merging definition of column \"%s\" for child \"%s\"", name, rel.Name)
		return nil
	}
	if err := a.each(func(b *alteration) error { return b.inheritNewColumn(x) }); err != nil {
		return err
	}
	if err := a.act(x); err != nil {
		return err
	}
	a.changeColumn(a.oid, name, func(c *catalog.Column) { c.Inherited, c.NotLocal = 1, true })
	return nil
}

// changeColumn changes a column of a table.
func (r *run) changeColumn(oid OID, name string, fn func(*catalog.Column)) {
	r.change(oid, func(rel *catalog.Relation) {
		if c, _ := rel.Column(name); c != nil {
			fn(c)
		}
	})
}

// orphan takes one parent away from a column.
func orphan(c *catalog.Column, only bool) {
	if c.Inherited--; only {
		c.NotLocal = false
	}
}

// dropColumnHeirs drops a column, and that of children who have it from nowhere else.
func (a *alteration) dropColumnHeirs(rel *catalog.Relation, x *ast.AlterAction) error {
	name := x.Column.Name
	if c, _ := rel.Column(name); c == nil {
		return a.act(x)
	}
	if err := a.act(x); err != nil {
		return err
	}
	for _, child := range a.e.Children(rel) {
		c, _ := child.Column(name)
		if c == nil || c.Inherited == 0 {
			continue
		}
		if b := a.known[child.OID]; !a.only && c.Inherited == 1 && c.NotLocal && b != nil {
			if err := b.dropColumnHeirs(child, x); err != nil {
				return err
			}
			continue
		}
		if _, err := a.lock(child, AccessExclusive); err != nil {
			return err
		}
		a.changeColumn(child.OID, name, func(c *catalog.Column) { orphan(c, a.only) })
	}
	return nil
}

// columnTypeHeirs changes the type of a column in all heirs.
func (a *alteration) columnTypeHeirs(rel *catalog.Relation, x *ast.AlterAction) error {
	name := x.Column.Name
	if a.only {
		return pgerr.New(pgerr.InvalidTableDefinition, "type of inherited column \"%s\" must be changed in child tables too", name)
	}
	if err := a.onlyOurs(rel, name, "cannot alter inherited column \"%s\" of relation \"%s\""); err != nil {
		return err
	}
	return a.eachHeir(func(b *alteration) error { return b.act(x) })
}

// onlyOurs refuses to change a column that an heir has from elsewhere, too.
func (r *run) onlyOurs(rel *catalog.Relation, name, format string) error {
	heirs := r.e.Heirs(rel)
	for _, h := range heirs[1:] {
		c, _ := h.Column(name)
		if c == nil {
			continue
		}
		ours := int16(0)
		for _, p := range heirs {
			if has, _ := p.Column(name); has != nil && slices.Contains(h.Inherits, p.OID) {
				ours++
			}
		}
		if c.Inherited > ours {
			args := []any{name, h.Name}
			return pgerr.New(pgerr.InvalidTableDefinition, format, args[:strings.Count(format, "%s")]...)
		}
	}
	return nil
}

// addConstraintHeirs adds a constraint: a CHECK to the heirs, too; the columns of a
// primary key are NOT NULL in all of them.
func (a *alteration) addConstraintHeirs(x *ast.AlterAction) error {
	c := x.Constraint
	if c.Kind == ast.ConPrimary && c.UsingIndex == "" && !a.only {
		if err := checkKey(a.rel(), *c); err != nil {
			return err
		}
		for _, k := range c.Columns {
			if err := a.eachHeir(func(b *alteration) error { return b.act(&ast.AlterAction{Kind: ast.AlterSetNotNull, Column: k}) }); err != nil {
				return err
			}
		}
	}
	if c.Kind == ast.ConCheck && !c.NoInherit && a.only {
		return pgerr.New(pgerr.InvalidTableDefinition, "constraint must be added to child tables too")
	}
	if err := a.act(x); err != nil || c.Kind != ast.ConCheck || c.NoInherit {
		return err
	}
	now := a.rel()
	con := now.Constraints[len(now.Constraints)-1]
	named := *c
	named.Name = con.Name
	return a.each(func(b *alteration) error { return b.inheritNewCheck(con, &named) })
}

// inheritNewCheck gives a child a CHECK that its parent gets, or merges it with the one
// that it has.
func (a *alteration) inheritNewCheck(con *catalog.Constraint, c *ast.Constraint) error {
	rel := a.rel()
	if old := rel.Constraint(con.Name); old != nil && old.Kind == catalog.Check && old.Expr == con.Expr {
		if old.NoInherit {
			return pgerr.New(pgerr.InvalidObjectDefinition, "constraint \"%s\" conflicts with non-inherited constraint on relation \"%s\"", con.Name, rel.Name)
		}
		a.notice(pgerr.SuccessfulCompletion, "merging constraint \"%s\" with inherited definition", con.Name)
		old.Inherited++
		a.put(rel)
		return nil
	}
	if err := a.act(&ast.AlterAction{Kind: ast.AlterAddConstraint, Constraint: c}); err != nil {
		return err
	}
	a.change(a.oid, func(rel *catalog.Relation) {
		own := rel.Constraint(con.Name)
		own.Inherited, own.NotLocal = 1, true
	})
	return a.each(func(b *alteration) error { return b.inheritNewCheck(con, c) })
}

// dropConstraintHeirs drops a constraint, and a CHECK of children who have it from
// nowhere else.
func (a *alteration) dropConstraintHeirs(rel *catalog.Relation, x *ast.AlterAction) error {
	con := rel.Constraint(x.Name)
	if err := a.act(x); err != nil || con == nil || con.Kind != catalog.Check || con.NoInherit {
		return err
	}
	for _, child := range a.e.Children(rel) {
		own := child.Constraint(x.Name)
		if own == nil || own.Kind != catalog.Check || own.Inherited == 0 {
			continue
		}
		if b := a.known[child.OID]; !a.only && own.Inherited == 1 && own.NotLocal && b != nil {
			if err := b.dropConstraintHeirs(child, x); err != nil {
				return err
			}
			continue
		}
		if _, err := a.lock(child, AccessExclusive); err != nil {
			return err
		}
		a.change(child.OID, func(rel *catalog.Relation) {
			c := rel.Constraint(x.Name)
			if c.Inherited--; a.only {
				c.NotLocal = false
			}
		})
	}
	return nil
}

// inheritAction runs INHERIT and NO INHERIT.
func (a *alteration) inheritAction(rel *catalog.Relation, x *ast.AlterAction) error {
	word := map[bool]string{true: "NO INHERIT", false: "INHERIT"}[x.Kind == ast.AlterNoInherit]
	switch {
	case rel.Kind != catalog.Table:
		return pgerr.New(pgerr.WrongObjectType, "ALTER action %s cannot be performed on relation \"%s\"", word, rel.Name).
			WithDetail("%s", unsupportedKind(rel))
	case rel.PartKey != nil:
		return pgerr.New(pgerr.WrongObjectType, "cannot change inheritance of partitioned table")
	case rel.Part != nil:
		return pgerr.New(pgerr.WrongObjectType, "cannot change inheritance of a partition")
	}
	if x.Kind == ast.AlterNoInherit {
		return a.disinherit(rel, *x.Parent)
	}
	parent, err := a.parentOf(rel, *x.Parent)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(a.e.Heirs(rel), func(h *catalog.Relation) bool { return h.OID == parent.OID }) {
		return pgerr.New(pgerr.DuplicateTable, "circular inheritance not allowed").WithDetail("\"%s\" is already a child of \"%s\".", parent.Name, rel.Name)
	}
	if slices.Contains(rel.Inherits, parent.OID) {
		return pgerr.New(pgerr.DuplicateTable, "relation \"%s\" would be inherited from more than once", parent.Name)
	}
	for _, t := range rel.Triggers {
		if t.Type&ast.TriggerRow != 0 && (t.OldTable != "" || t.NewTable != "") {
			return pgerr.New(pgerr.FeatureNotSupported, "trigger \"%s\" prevents table \"%s\" from becoming an inheritance child", t.Name, rel.Name).
				WithDetail("ROW triggers with transition tables are not supported in inheritance hierarchies.")
		}
	}
	if err := inheritable(parent, rel); err != nil {
		return err
	}
	rel.Inherits = append(rel.Inherits, parent.OID)
	rel.Deps = append(rel.Deps, catalog.Dep{Object: parent.OID, Kind: catalog.DepNormal})
	a.put(rel)
	a.put(a.e.RelationByOID(parent.OID).Clone())
	return nil
}

// inheritable counts one parent more for the columns and CHECKs of a table, which has to
// have the parent's (MergeAttributesIntoExisting, MergeConstraintsIntoExisting).
func inheritable(parent, rel *catalog.Relation) error {
	mismatch := func(format string, args ...any) error { return pgerr.New(pgerr.DatatypeMismatch, format, args...) }
	for i := range parent.Columns {
		p := &parent.Columns[i]
		if p.Dropped {
			continue
		}
		c, _ := rel.Column(p.Name)
		switch {
		case c == nil:
			return mismatch("child table is missing column \"%s\"", p.Name)
		case c.TypeOID != p.TypeOID || c.Mod != p.Mod:
			return mismatch("child table \"%s\" has different type for column \"%s\"", rel.Name, p.Name)
		case c.Collation != p.Collation:
			return pgerr.New(pgerr.CollationMismatch, "child table \"%s\" has different collation for column \"%s\"", rel.Name, p.Name)
		case p.NotNull && !c.NotNull:
			return mismatch("column \"%s\" in child table must be marked NOT NULL", p.Name)
		case p.Generated != "" && c.Generated == "":
			return mismatch("column \"%s\" in child table must be a generated column", p.Name)
		}
		c.Inherited++
	}
	for _, p := range parent.Constraints {
		if p.Kind != catalog.Check || p.NoInherit {
			continue
		}
		c := rel.Constraint(p.Name)
		switch {
		case c == nil || c.Kind != catalog.Check:
			return mismatch("child table is missing constraint \"%s\"", p.Name)
		case c.Expr != p.Expr:
			return mismatch("child table \"%s\" has different definition for check constraint \"%s\"", rel.Name, p.Name)
		case c.NoInherit:
			return pgerr.New(pgerr.InvalidObjectDefinition, "constraint \"%s\" conflicts with non-inherited constraint on child table \"%s\"", p.Name, rel.Name)
		case p.Valid && !c.Valid:
			return pgerr.New(pgerr.InvalidObjectDefinition, "constraint \"%s\" conflicts with NOT VALID constraint on child table \"%s\"", p.Name, rel.Name)
		}
		c.Inherited++
	}
	return nil
}

// disinherit takes a parent away from a table.
func (a *alteration) disinherit(rel *catalog.Relation, n ast.Name) error {
	parent, err := a.locked(n, false, AccessShare)
	if err != nil {
		return err
	}
	if !slices.Contains(rel.Inherits, parent.OID) {
		return pgerr.New(pgerr.UndefinedTable, "relation \"%s\" is not a parent of relation \"%s\"", parent.Name, rel.Name)
	}
	if err := a.unwatched(parent, "child tables"); err != nil {
		return err
	}
	for i := range parent.Columns {
		p := &parent.Columns[i]
		if c, _ := rel.Column(p.Name); c != nil && !p.Dropped && c.Inherited > 0 {
			orphan(c, c.Inherited == 1)
		}
	}
	for _, p := range parent.Constraints {
		if c := rel.Constraint(p.Name); p.Kind == catalog.Check && !p.NoInherit && c != nil && c.Inherited > 0 {
			if c.Inherited--; c.Inherited == 0 {
				c.NotLocal = false
			}
		}
	}
	rel.Inherits = slices.DeleteFunc(rel.Inherits, func(oid OID) bool { return oid == parent.OID })
	rel.Deps = slices.DeleteFunc(rel.Deps, func(d catalog.Dep) bool { return d.Object == parent.OID && d.Column == 0 })
	a.put(rel)
	a.put(a.e.RelationByOID(parent.OID).Clone())
	return nil
}

// renameHeirs gives a column of a table and of those that inherit from it another name.
func (r *run) renameHeirs(rel *catalog.Relation, st *ast.Rename) error {
	if st.Only {
		return pgerr.New(pgerr.InvalidTableDefinition, "inherited column \"%s\" must be renamed in child tables too", st.Sub)
	}
	if err := r.onlyOurs(rel, st.Sub, "cannot rename inherited column \"%s\""); err != nil {
		return err
	}
	return r.renameBelow(rel, st.Sub, st.NewName)
}

// renameCheck gives a CHECK of a table and of those that inherit it another name.
func (r *run) renameCheck(rel *catalog.Relation, con *catalog.Constraint, st *ast.Rename) error {
	heirs := []*catalog.Relation{rel}
	if !con.NoInherit {
		heirs = r.e.Heirs(rel)
	}
	switch {
	case con.Inherited > 0:
		return pgerr.New(pgerr.InvalidTableDefinition, "cannot rename inherited constraint \"%s\"", st.Sub)
	case st.Only && len(heirs) > 1:
		return pgerr.New(pgerr.InvalidTableDefinition, "inherited constraint \"%s\" must be renamed in child tables too", st.Sub)
	}
	for i := len(heirs) - 1; i >= 0; i-- { // as PostgreSQL does: the table itself is the last
		h := heirs[i]
		if i > 0 {
			var err error
			if h, err = r.lock(h, AccessExclusive); err != nil {
				return err
			}
		}
		if h.Constraint(st.Sub) == nil {
			continue
		}
		if err := r.checkConstraintFree(h, st.NewName); err != nil {
			return err
		}
		r.change(h.OID, func(now *catalog.Relation) { now.Constraint(st.Sub).Name = st.NewName })
	}
	return nil
}
