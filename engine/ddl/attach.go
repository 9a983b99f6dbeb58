package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// alterPartition runs ALTER TABLE … ATTACH and DETACH PARTITION.
func (r *run) alterPartition(st *ast.AlterPartition) error {
	if st.Index {
		return r.alterIndexPartition(st)
	}
	if st.IfExists {
		if rel, err := r.lookup(st.Table, true); rel == nil || err != nil {
			return err
		}
	}
	parent, err := r.attachable(st)
	if err != nil {
		return err
	}
	rel, err := r.locked(st.Partition, false, AccessExclusive)
	if err != nil {
		return err
	}
	if err := r.mustOwn(rel); err != nil {
		return err
	}
	if err := r.checkUnused(rel, "ALTER TABLE"); err != nil {
		return err
	}
	if st.Attach {
		return r.attach(parent, rel, &st.Bound)
	}
	return r.detach(parent, rel)
}

// attachable is partitioned with ALTER TABLE's words for other relations.
func (r *run) attachable(st *ast.AlterPartition) (*catalog.Relation, error) {
	rel, err := r.lookup(st.Table, false)
	if err != nil {
		return nil, err
	}
	if rel.Kind == catalog.Table && rel.PartKey == nil {
		return nil, pgerr.New(pgerr.WrongObjectType, "table \"%s\" is not partitioned", rel.Name)
	}
	return r.partitioned(st.Table, AccessExclusive)
}

// attach makes a table a partition (ATExecAttachPartition).
func (r *run) attach(parent, rel *catalog.Relation, st *ast.PartitionBound) error {
	if rel.Kind != catalog.Table {
		return pgerr.NotSupported("ATTACH PARTITION of what is not a table")
	}
	if rel.Part != nil {
		return pgerr.New(pgerr.WrongObjectType, "\"%s\" is already a partition", rel.Name)
	}
	for up := parent; up != nil; up = r.e.RelationByOID(up.Part.Parent) {
		if up.OID == rel.OID {
			return pgerr.New(pgerr.DuplicateTable, "circular inheritance not allowed").
				WithDetail("\"%s\" is already a child of \"%s\".", parent.Name, rel.Name)
		}
		if up.Part == nil {
			break
		}
	}
	if err := r.unwatched(rel, "partitions"); err != nil {
		return err
	}
	if err := r.attachPersistence(parent, rel); err != nil {
		return err
	}
	if err := r.sameColumns(parent, rel); err != nil {
		return err
	}
	if err := noTransitionRows(rel); err != nil {
		return err
	}
	part, err := r.bound(parent, rel.Name, st)
	if err != nil {
		return err
	}
	if err := r.rowsFit(parent, rel, part); err != nil {
		return err
	}
	if err := r.defaultHolds(parent, part); err != nil {
		return err
	}
	return r.makePartition(parent, rel, part)
}

func (r *run) attachPersistence(parent, rel *catalog.Relation) error {
	switch {
	case parent.Persistence != 't' && rel.Persistence == 't':
		return pgerr.New(pgerr.WrongObjectType, "cannot attach a temporary relation as partition of permanent relation \"%s\"", parent.Name)
	case parent.Persistence == 't' && rel.Persistence != 't':
		return pgerr.New(pgerr.WrongObjectType, "cannot attach a permanent relation as partition of temporary relation \"%s\"", parent.Name)
	}
	return nil
}

// sameColumns checks that a table has the columns and checks that a partition has to
// have (MergeAttributesIntoExisting, MergeConstraintsIntoExisting).
func (r *run) sameColumns(parent, rel *catalog.Relation) error {
	for i := range rel.Columns {
		c := &rel.Columns[i]
		if c.Dropped {
			continue
		}
		if p, _ := parent.Column(c.Name); p == nil {
			return pgerr.New(pgerr.DatatypeMismatch, "table \"%s\" contains column \"%s\" not found in parent \"%s\"", rel.Name, c.Name, parent.Name).
				WithDetail("The new partition may contain only the columns present in parent.")
		}
	}
	for i := range parent.Columns {
		p := &parent.Columns[i]
		if p.Dropped {
			continue
		}
		c, _ := rel.Column(p.Name)
		switch {
		case c == nil:
			return pgerr.New(pgerr.DatatypeMismatch, "child table is missing column \"%s\"", p.Name)
		case c.TypeOID != p.TypeOID || c.Mod != p.Mod:
			return pgerr.New(pgerr.DatatypeMismatch, "child table \"%s\" has different type for column \"%s\"", rel.Name, p.Name)
		case p.NotNull && !c.NotNull:
			return pgerr.New(pgerr.DatatypeMismatch, "column \"%s\" in child table must be marked NOT NULL", p.Name)
		case p.Generated != "" && c.Generated == "":
			return pgerr.New(pgerr.DatatypeMismatch, "column \"%s\" in child table must be a generated column", p.Name)
		case p.Generated == "" && c.Generated != "":
			return pgerr.New(pgerr.DatatypeMismatch, "column \"%s\" in child table must not be a generated column", p.Name)
		}
	}
	for _, k := range parent.Constraints {
		if k.Kind != catalog.Check || k.NoInherit {
			continue
		}
		c := rel.Constraint(k.Name)
		switch {
		case c == nil || c.Kind != catalog.Check:
			return pgerr.New(pgerr.DatatypeMismatch, "child table is missing constraint \"%s\"", k.Name)
		case c.Expr != k.Expr:
			return pgerr.New(pgerr.DatatypeMismatch, "child table \"%s\" has different definition for check constraint \"%s\"", rel.Name, k.Name)
		}
	}
	return nil
}

// rowsFit checks that the rows of a table are such as the partition is for.
func (r *run) rowsFit(parent, rel *catalog.Relation, part *catalog.Part) error {
	conds := []string{}
	if part.Default {
		for _, p := range r.e.Partitions(parent) {
			conds = append(conds, r.condition(parent, rel, p.Part))
		}
	} else {
		conds = append(conds, "("+r.condition(parent, rel, part)+") IS NOT TRUE")
	}
	for up := parent; up.Part != nil; {
		above := r.e.RelationByOID(up.Part.Parent)
		if above == nil {
			break
		}
		if up.Part.Default {
			for _, p := range r.e.Partitions(above) {
				if !p.Part.Default {
					conds = append(conds, r.condition(above, rel, p.Part))
				}
			}
		} else {
			conds = append(conds, "("+r.condition(above, rel, up.Part)+") IS NOT TRUE")
		}
		up = above
	}
	for _, leaf := range r.e.Leaves(rel) {
		for _, c := range conds {
			found, _, err := r.s.Any(r.ctx, "SELECT 1 FROM "+r.rowsOf(leaf)+" WHERE "+c+" LIMIT 1")
			if err != nil {
				return err
			}
			if found {
				return pgerr.New(pgerr.CheckViolation, "partition constraint of relation \"%s\" is violated by some row", leaf.Name).
					WithTable(r.e.SchemaByOID(leaf.Schema).Name, leaf.Name, "", "")
			}
		}
	}
	return nil
}

// makePartition makes a table that fits a partition; it gets the keys and indexes of its
// parent that it does not have.
func (r *run) makePartition(parent, rel *catalog.Relation, part *catalog.Part) error {
	now := rel.Clone()
	now.Part = part
	now.Deps = append(now.Deps, catalog.Dep{Object: parent.OID, Kind: catalog.DepAuto})
	r.put(now)
	r.put(r.e.RelationByOID(parent.OID).Clone())
	for _, oid := range parent.Indexes {
		if err := r.descendIndex(r.e.RelationByOID(oid), parent, rel.OID); err != nil {
			return err
		}
	}
	if err := r.copyTriggers(parent, rel.OID); err != nil {
		return err
	}
	r.referNew(parent, rel.OID)
	return r.attachForeign(r.e.RelationByOID(parent.OID), rel.OID)
}

// attrsByName maps the attribute numbers of a table to those of another one with the same
// columns.
func attrsByName(from, to *catalog.Relation) map[int16]int16 {
	m := map[int16]int16{}
	for i := range from.Columns {
		if c := &from.Columns[i]; !c.Dropped {
			_, m[int16(i+1)] = to.Column(c.Name)
		}
	}
	return m
}

// detach makes a partition a table of its own.
func (r *run) detach(parent, rel *catalog.Relation) error {
	if rel.Part == nil || rel.Part.Parent != parent.OID {
		return pgerr.New(pgerr.UndefinedTable, "relation \"%s\" is not a partition of relation \"%s\"", rel.Name, parent.Name)
	}
	if err := r.referNoMore(rel); err != nil {
		return err
	}
	now := r.e.RelationByOID(rel.OID).Clone()
	now.Part = nil
	now.Deps = slices.DeleteFunc(now.Deps, func(d catalog.Dep) bool { return d.Object == parent.OID && d.Kind == catalog.DepAuto })
	r.put(now)
	for _, oid := range now.Indexes {
		r.change(oid, func(x *catalog.Relation) { x.Index.Parent = 0 })
	}
	r.dropTriggerCopies(r.e.RelationByOID(now.OID), parent.Triggers)
	r.put(r.e.RelationByOID(parent.OID).Clone())
	return nil
}

// descendIndex gives a table below a partitioned one, and its partitions, an index like
// the given one, unless it has one.
func (r *run) descendIndex(ix, parent *catalog.Relation, oid OID) error {
	rel := r.e.RelationByOID(oid)
	attrs := attrsByName(parent, rel)
	made := r.hasIndex(ix, rel, attrs)
	if made == 0 {
		t := &newTable{run: r, rel: rel, schema: r.e.SchemaByOID(rel.Schema), parent: parent}
		k := &likeCopy{source: parent, attrs: attrs}
		before := len(rel.Indexes)
		if err := t.likeIndex(k, ix); err != nil {
			return err
		}
		made = r.e.RelationByOID(oid).Indexes[before]
		if err := r.s.CheckIndex(r.ctx, made); err != nil {
			return err
		}
		if ix.Index.Unique && rel.PartKey == nil {
			if err := r.s.CheckUnique(r.ctx, made); err != nil {
				return err
			}
		}
	}
	r.change(made, func(x *catalog.Relation) { x.Index.Parent = ix.OID })
	for _, p := range r.e.Partitions(r.e.RelationByOID(oid)) {
		if err := r.descendIndex(r.e.RelationByOID(made), rel, p.OID); err != nil {
			return err
		}
	}
	return nil
}

// hasIndex gives the index of a table that is like another's and belongs to none yet, 0
// when there is none.
func (r *run) hasIndex(ix, rel *catalog.Relation, attrs map[int16]int16) OID {
	for _, oid := range rel.Indexes {
		x := r.e.RelationByOID(oid)
		if sameIndex(x.Index, ix.Index, attrs) && x.Index.Primary == ix.Index.Primary && (x.Index.Constraint == 0) == (ix.Index.Constraint == 0) &&
			x.Index.Parent == 0 {
			return oid
		}
	}
	return 0
}

// sameIndex tells whether an index is defined as one of another table is, whose
// attributes attrs translates.
func sameIndex(x, ix *catalog.IndexDef, attrs map[int16]int16) bool {
	same := x.Unique == ix.Unique && x.NKeys == ix.NKeys && len(x.Keys) == len(ix.Keys) && x.Predicate == ix.Predicate &&
		x.NullsNotDistinct == ix.NullsNotDistinct && x.Method == ix.Method
	for i := 0; same && i < len(x.Keys); i++ {
		a, b := x.Keys[i], ix.Keys[i]
		if b.Column > 0 {
			b.Column = attrs[b.Column]
		}
		same = a == b
	}
	return same
}

// refuseInherited refuses to change in a partition what it has in common with its table,
// and by name what partitioned tables do not know yet.
func (r *run) refuseInherited(rel *catalog.Relation, x *ast.AlterAction) error {
	if rel.PartKey != nil {
		switch x.Kind {
		case ast.AlterAddIdentity, ast.AlterSetIdentity, ast.AlterDropIdentity, ast.AlterValidateConstraint:
			return pgerr.NotSupported("ALTER TABLE %s of a partitioned table", actionNames[x.Kind].name)
		}
	}
	if rel.Part == nil {
		return nil
	}
	switch x.Kind {
	case ast.AlterAddColumn:
		return pgerr.New(pgerr.WrongObjectType, "cannot add column to a partition")
	case ast.AlterDropColumn:
		return pgerr.New(pgerr.InvalidTableDefinition, "cannot drop inherited column \"%s\"", x.Column.Name)
	case ast.AlterColumnType:
		return pgerr.New(pgerr.InvalidTableDefinition, "cannot alter inherited column \"%s\"", x.Column.Name)
	case ast.AlterDropNotNull:
		if c, _ := r.e.RelationByOID(rel.Part.Parent).Column(x.Column.Name); c != nil && c.NotNull {
			return pgerr.New(pgerr.InvalidTableDefinition, "column \"%s\" is marked NOT NULL in parent table", x.Column.Name)
		}
	case ast.AlterDropConstraint:
		return r.refuseInheritedConstraint(rel, x.Name)
	case ast.AlterDropExpression:
		return pgerr.New(pgerr.InvalidTableDefinition, "cannot drop generation expression from inherited column")
	}
	return nil
}

// refuseInheritedConstraint refuses to drop a constraint that a partition has for its
// table.
func (r *run) refuseInheritedConstraint(rel *catalog.Relation, name string) error {
	if con := rel.Constraint(name); con != nil && r.e.InheritedConstraint(rel, con) != nil {
		return pgerr.New(pgerr.InvalidTableDefinition, "cannot drop inherited constraint \"%s\" of relation \"%s\"", name, rel.Name)
	}
	return nil
}

// lockPartitioned locks the tables that partitions which are to be dropped belong to, and
// refuses where a materialized view reads them.
func (r *run) lockPartitioned(list []target) error {
	going := map[OID]bool{}
	for _, o := range list {
		if o.Class == catalog.ClassRelation && o.Sub == 0 {
			going[o.OID] = true
		}
	}
	for _, o := range list {
		rel := r.e.RelationByOID(o.OID)
		if rel == nil || !going[rel.OID] {
			continue
		}
		above, what := rel.Inherits, "child tables"
		if rel.Part != nil {
			above, what = []OID{rel.Part.Parent}, "partitions"
		}
		for _, oid := range above {
			parent := r.e.RelationByOID(oid)
			if parent == nil || going[oid] {
				continue
			}
			parent, err := r.lock(parent, AccessExclusive)
			if err != nil {
				return err
			}
			if err := r.unwatched(parent, what); err != nil {
				return err
			}
			r.put(parent.Clone())
		}
	}
	return nil
}

// keyColumns are the columns of an index's key.
func keyColumns(def *catalog.IndexDef) []int16 {
	var out []int16
	for _, k := range def.Keys[:def.NKeys] {
		out = append(out, k.Column)
	}
	return out
}
