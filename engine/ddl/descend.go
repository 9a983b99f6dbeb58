package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// ALTER TABLE of a partitioned table changes its partitions along with it: what has to
// be the same in all of them is, after each action.

// tree gives the alterations of the partitions, or of the tables that inherit, the
// tables locked.
func (a *alteration) tree() error {
	rel := a.rel()
	list := a.e.Children(rel)
	if rel.PartKey != nil {
		list = a.e.Partitions(rel)
	}
	for _, p := range list {
		if b := a.known[p.OID]; b != nil { // of several parents
			a.below = append(a.below, b)
			continue
		}
		p, err := a.lock(p, AccessExclusive)
		if err != nil {
			return err
		}
		if err := a.checkUnused(p, a.command); err != nil {
			return err
		}
		if rel.PartKey == nil {
			if err := a.mustOwn(p); err != nil {
				return err
			}
		}
		b := newAlteration(a.run, a.command, p)
		b.above, b.known = a, a.known
		a.known[p.OID] = b
		a.below = append(a.below, b)
		if err := b.tree(); err != nil {
			return err
		}
	}
	return nil
}

// actBelow runs an action on a table and on its partitions.
func (a *alteration) actBelow(x *ast.AlterAction) error {
	rel := a.rel()
	if a.above == nil {
		if err := a.refuseInherited(rel, x); err != nil {
			return err
		}
		if err := a.refuseMerged(rel, x); err != nil {
			return err
		}
	}
	if rel.PartKey == nil {
		return a.actHeirs(rel, x)
	}
	if err := a.keptTogether(rel, x); err != nil {
		return err
	}
	switch x.Kind {
	case ast.AlterAddColumn:
		return a.addColumnBelow(rel, x)
	case ast.AlterAddConstraint:
		return a.addConstraintBelow(rel, x)
	case ast.AlterDropColumn:
		if c, _ := rel.Column(x.Column.Name); c == nil {
			return a.act(x)
		}
	case ast.AlterDropConstraint:
		return a.dropConstraintBelow(rel, x)
	}
	if err := a.act(x); err != nil || !descends[x.Kind] {
		return err
	}
	return a.each(func(b *alteration) error { return b.actBelow(x) })
}

// descends are the actions that partitions take part in as they are.
var descends = map[ast.AlterKind]bool{
	ast.AlterDropColumn: true, ast.AlterColumnType: true, ast.AlterSetDefault: true, ast.AlterDropDefault: true,
	ast.AlterSetNotNull: true, ast.AlterDropNotNull: true, ast.AlterDropExpression: true,
}

func (a *alteration) each(fn func(*alteration) error) error {
	for _, b := range a.below {
		if err := fn(b); err != nil {
			return err
		}
	}
	return nil
}

// onlyHint is the hint of errors of ONLY.
const onlyHint = "Do not specify the ONLY keyword."

// keptTogether refuses what would part a partitioned table from its partitions, or from
// the key that it is partitioned by.
func (a *alteration) keptTogether(rel *catalog.Relation, x *ast.AlterAction) error {
	alone := a.only && len(a.e.Partitions(rel)) > 0
	switch x.Kind {
	case ast.AlterAddColumn:
		if alone {
			return pgerr.New(pgerr.InvalidTableDefinition, "column must be added to child tables too")
		}
		return a.unwatched(rel, "columns")
	case ast.AlterDropColumn:
		if err := a.inPartKey(rel, x.Column.Name, "drop"); err != nil {
			return err
		}
		if c, _ := rel.Column(x.Column.Name); alone && c != nil {
			return pgerr.New(pgerr.InvalidTableDefinition, "cannot drop column from only the partitioned table when partitions exist").WithHint(onlyHint)
		}
		return a.unwatched(rel, "columns")
	case ast.AlterColumnType:
		if err := a.inPartKey(rel, x.Column.Name, "alter"); err != nil {
			return err
		}
		if alone {
			return pgerr.New(pgerr.InvalidTableDefinition, "type of inherited column \"%s\" must be changed in child tables too", x.Column.Name)
		}
		return a.unwatched(rel, "columns")
	case ast.AlterSetNotNull:
		if alone {
			return a.notNullBelow(rel, x.Column.Name)
		}
	case ast.AlterDropNotNull:
		if c, _ := rel.Column(x.Column.Name); alone && c != nil {
			return pgerr.New(pgerr.InvalidTableDefinition, "cannot remove constraint from only the partitioned table when partitions exist").WithHint(onlyHint)
		}
	}
	return nil
}

func (a *alteration) inPartKey(rel *catalog.Relation, name, verb string) error {
	if _, attr := rel.Column(name); attr > 0 && slices.Contains(rel.PartKey.Columns, attr) {
		return pgerr.New(pgerr.InvalidTableDefinition, "cannot %s column \"%s\" because it is part of the partition key of relation \"%s\"", verb, name, rel.Name)
	}
	return nil
}

// notNullBelow refuses NOT NULL of a column that partitions have without.
func (a *alteration) notNullBelow(rel *catalog.Relation, name string) error {
	if c, _ := rel.Column(name); c == nil || c.NotNull {
		return nil
	}
	for _, p := range a.e.Partitions(rel) {
		if c, _ := p.Column(name); c != nil && !c.NotNull {
			return pgerr.New(pgerr.InvalidTableDefinition, "constraint must be added to child tables too").
				WithDetail("Column \"%s\" of relation \"%s\" is not already NOT NULL.", name, p.Name).WithHint(onlyHint)
		}
	}
	return nil
}

// addColumnBelow adds the column to the partitions first: with more columns than the
// table they can be read all the time. Constraints follow when the column is there.
func (a *alteration) addColumnBelow(rel *catalog.Relation, x *ast.AlterAction) error {
	if c, _ := rel.Column(x.Def.Name.Name); c != nil {
		return a.act(x)
	}
	def := *x.Def
	def.Constraints = nil
	for _, c := range x.Def.Constraints {
		switch c.Kind {
		case ast.ConNotNull, ast.ConNull, ast.ConDefault, ast.ConGenerated:
			def.Constraints = append(def.Constraints, c)
		case ast.ConIdentity:
			if len(a.below) > 0 {
				return pgerr.New(pgerr.InvalidTableDefinition, "cannot recursively add identity column to table that has child tables")
			}
		case ast.ConPrimary:
			def.Constraints = append(def.Constraints, ast.Constraint{Kind: ast.ConNotNull, Pos: ast.NoPos})
		}
	}
	if serials[def.Type.Name.Object] != nil && def.Type.Name.Schema == "" && len(a.below) > 0 {
		return pgerr.NotSupported("ALTER TABLE ADD COLUMN of a serial type to a partitioned table").At(def.Type.Pos)
	}
	down := *x
	down.Def, down.IfExists = &def, false
	if err := a.each(func(b *alteration) error { return b.actBelow(&down) }); err != nil {
		return err
	}
	return a.act(x)
}

// addConstraintBelow adds a constraint to a partitioned table, and one of the same name,
// or an index of its own, to the partitions.
func (a *alteration) addConstraintBelow(rel *catalog.Relation, x *ast.AlterAction) error {
	c := x.Constraint
	alone := a.only && len(a.e.Partitions(rel)) > 0
	switch {
	case c.UsingIndex != "":
		return pgerr.New(pgerr.FeatureNotSupported, "ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables")
	case c.Kind == ast.ConCheck && c.NoInherit:
		return pgerr.New(pgerr.InvalidTableDefinition, "cannot add NO INHERIT constraint to partitioned table \"%s\"", rel.Name)
	case c.Kind == ast.ConCheck && alone:
		return pgerr.New(pgerr.InvalidTableDefinition, "constraint must be added to child tables too")
	case c.Kind == ast.ConForeign && (a.only || c.NotValid):
		return a.wholeForeign(rel, c)
	case c.Kind == ast.ConPrimary:
		if err := a.keyNotNullBelow(rel, c, alone); err != nil {
			return err
		}
	}
	if err := a.act(x); err != nil {
		return err
	}
	now := a.rel()
	con := now.Constraints[len(now.Constraints)-1]
	switch con.Kind {
	case catalog.Check:
		named := *c
		named.Name = con.Name
		return a.each(func(b *alteration) error { return b.checkBelow(con, &named) })
	case catalog.Foreign:
		return a.each(func(b *alteration) error { return b.foreignBelow(now, con) })
	}
	if alone {
		a.change(con.Index, func(ix *catalog.Relation) { ix.Index.Valid = false })
		return nil
	}
	return a.each(func(b *alteration) error {
		if err := b.descendIndex(a.e.RelationByOID(con.Index), now, b.oid); err != nil {
			return err
		}
		b.checkRewritten(con.Index)
		return nil
	})
}

// checkRewritten has the indexes for one of the table above checked once more where rows
// are still to be rewritten.
func (a *alteration) checkRewritten(above OID) {
	for _, oid := range a.rel().Indexes {
		if a.e.RelationByOID(oid).Index.Parent != above {
			continue
		}
		if a.rewrite {
			a.verify = append(a.verify, func() error { return a.s.CheckUnique(a.ctx, oid) })
		}
		for _, b := range a.below {
			b.checkRewritten(oid)
		}
	}
}

// wholeForeign refuses foreign keys of a partitioned table that not all of its rows have.
func (a *alteration) wholeForeign(rel *catalog.Relation, c *ast.Constraint) error {
	ref, err := a.find(c.RefTable)
	if err != nil {
		return err
	}
	if a.only {
		return pgerr.New(pgerr.WrongObjectType, "cannot use ONLY for foreign key on partitioned table \"%s\" referencing relation \"%s\"", rel.Name, ref.Name)
	}
	return pgerr.New(pgerr.WrongObjectType, "cannot add NOT VALID foreign key on partitioned table \"%s\" referencing relation \"%s\"", rel.Name, ref.Name).
		WithDetail("This feature is not yet supported on partitioned tables.")
}

// keyNotNullBelow makes the columns of a new primary key NOT NULL in the partitions.
func (a *alteration) keyNotNullBelow(rel *catalog.Relation, c *ast.Constraint, alone bool) error {
	if err := checkKey(rel, *c); err != nil {
		return err
	}
	for _, k := range c.Columns {
		if alone {
			if err := a.notNullBelow(rel, k.Name); err != nil {
				return err
			}
			continue
		}
		set := &ast.AlterAction{Kind: ast.AlterSetNotNull, Column: k}
		if err := a.each(func(b *alteration) error { return b.actBelow(set) }); err != nil {
			return err
		}
	}
	return nil
}

// checkBelow gives a partition a CHECK of its table, unless it has the same one.
func (a *alteration) checkBelow(con *catalog.Constraint, c *ast.Constraint) error {
	rel := a.rel()
	if old := rel.Constraint(con.Name); old != nil && old.Kind == catalog.Check && old.Expr == con.Expr {
		a.notice(pgerr.SuccessfulCompletion, "merging constraint \"%s\" with inherited definition", con.Name)
	} else if err := a.act(&ast.AlterAction{Kind: ast.AlterAddConstraint, Constraint: c}); err != nil {
		return err
	}
	return a.each(func(b *alteration) error { return b.checkBelow(con, c) })
}

// foreignBelow gives a partition a foreign key of its table.
func (a *alteration) foreignBelow(parent *catalog.Relation, con *catalog.Constraint) error {
	rel := a.rel()
	own := a.inheritForeign(parent, rel, con)
	a.put(rel)
	if rel.PartKey == nil && con.Valid {
		a.verify = append(a.verify, func() error { return a.checkForeign(a.oid, own) })
	}
	return a.each(func(b *alteration) error { return b.foreignBelow(rel, own) })
}

// inheritForeign adds a foreign key of a partitioned table to a partition, under another
// name when it has a constraint of that one.
func (r *run) inheritForeign(parent, rel *catalog.Relation, con *catalog.Constraint) *catalog.Constraint {
	own := r.foreignOf(con, attrsByName(parent, rel))
	if rel.Constraint(own.Name) != nil {
		var names []string
		for _, attr := range own.Columns {
			names = append(names, rel.Columns[attr-1].Name)
		}
		own.Name = r.chooseConstraint(rel.Name, indexAddition(names), "fkey", rel.Schema, nil)
	}
	rel.Constraints = append(rel.Constraints, own)
	return own
}

// attachForeign gives a new partition, and its partitions, the foreign keys of its table
// that it does not have.
func (r *run) attachForeign(parent *catalog.Relation, oid OID) error {
	for _, con := range parent.Constraints {
		rel := r.e.RelationByOID(oid).Clone()
		has := func(own *catalog.Constraint) bool {
			above := r.e.InheritedConstraint(rel, own)
			return above != nil && above.OID == con.OID
		}
		if con.Kind != catalog.Foreign || slices.ContainsFunc(rel.Constraints, has) {
			continue
		}
		own := r.inheritForeign(parent, rel, con)
		r.put(rel)
		if rel.PartKey == nil {
			if err := r.checkForeign(oid, own); err != nil {
				return err
			}
		}
	}
	rel := r.e.RelationByOID(oid)
	for _, p := range r.e.Partitions(rel) {
		if err := r.attachForeign(rel, p.OID); err != nil {
			return err
		}
	}
	return nil
}

// dropConstraintBelow drops a constraint of a partitioned table and those that its
// partitions have for it; the indexes of keys go with the table's.
func (a *alteration) dropConstraintBelow(rel *catalog.Relation, x *ast.AlterAction) error {
	con := rel.Constraint(x.Name)
	if con == nil {
		return a.act(x)
	}
	if a.only && con.Kind != catalog.Primary && con.Kind != catalog.Unique && len(a.e.Partitions(rel)) > 0 {
		return pgerr.New(pgerr.InvalidTableDefinition, "cannot remove constraint from only the partitioned table when partitions exist").WithHint(onlyHint)
	}
	below := map[*alteration]*catalog.Constraint{}
	a.inherited(con, below)
	if err := a.act(x); err != nil {
		return err
	}
	return a.each(func(b *alteration) error { return b.dropInherited(below[b], below, x) })
}

// dropInherited drops the constraint of a partition, and of its partitions.
func (a *alteration) dropInherited(own *catalog.Constraint, below map[*alteration]*catalog.Constraint, x *ast.AlterAction) error {
	if own == nil {
		return nil
	}
	down := *x
	down.Name = own.Name
	if err := a.act(&down); err != nil {
		return err
	}
	return a.each(func(b *alteration) error { return b.dropInherited(below[b], below, x) })
}

// inherited finds the constraints that the partitions have for a CHECK or foreign key;
// those of keys go by themselves.
func (a *alteration) inherited(con *catalog.Constraint, into map[*alteration]*catalog.Constraint) {
	if con.Index != 0 && con.Kind != catalog.Foreign {
		return
	}
	for _, b := range a.below {
		rel := b.rel()
		for _, own := range rel.Constraints {
			if above := b.e.InheritedConstraint(rel, own); above != nil && above.OID == con.OID {
				into[b] = own
				b.inherited(own, into)
			}
		}
	}
}

// rowsBelow is rows for the table, or for all that hold its rows.
func (a *alteration) rowsBelow() error {
	rel := a.e.RelationByOID(a.oid)
	if rel == nil || rel.PartKey != nil {
		return a.each((*alteration).rowsBelow)
	}
	if a.above != nil || len(a.below) == 0 {
		return a.rows()
	}
	return a.eachHeir((*alteration).rows)
}

// renameBelow gives a column of a partitioned table and its partitions another name.
func (r *run) renameBelow(rel *catalog.Relation, old, name string) error {
	var all []*catalog.Relation
	var take func(rel *catalog.Relation) error
	take = func(rel *catalog.Relation) error {
		if slices.ContainsFunc(all, func(x *catalog.Relation) bool { return x.OID == rel.OID }) {
			return nil
		}
		all = append(all, rel)
		for _, p := range append(r.e.Partitions(rel), r.e.Children(rel)...) {
			p, err := r.lock(p, AccessExclusive)
			if err != nil {
				return err
			}
			if err := take(p); err != nil {
				return err
			}
		}
		return nil
	}
	if err := take(rel); err != nil {
		return err
	}
	if c, _ := rel.Column(old); c == nil {
		return r.renameColumnOf(rel, old, name) // which says what is wrong
	}
	for _, p := range append(slices.Clone(all[1:]), rel) { // as PostgreSQL looks: the partitions first
		if err := r.columnFree(p, name); err != nil {
			return err
		}
	}
	touches := func(d catalog.Dep) bool {
		return slices.ContainsFunc(all, func(p *catalog.Relation) bool { return naming(p.OID)(d) })
	}
	return r.restate(touches, func() error {
		for _, p := range all {
			_, attr := p.Column(old)
			r.putColumnName(p, attr, name)
		}
		return nil
	})
}
