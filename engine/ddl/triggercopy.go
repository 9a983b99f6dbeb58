package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// A trigger FOR EACH ROW of a partitioned table is in each of its partitions, too, as a copy
// that goes with it: those are what rows meet.

// copyTriggers gives a table that becomes a partition, and its partitions, the triggers of
// the partitioned table (CloneRowTriggersToPartition).
func (r *run) copyTriggers(parent *catalog.Relation, oid OID) error {
	for _, t := range parent.Triggers {
		if t.Type&ast.TriggerRow == 0 {
			continue
		}
		if err := r.copyTrigger(t, parent, oid, false); err != nil {
			return err
		}
	}
	return nil
}

// copyTrigger gives a partition, and its partitions, the trigger that its table has; with
// replace it may have it already.
func (r *run) copyTrigger(t *catalog.Trigger, parent *catalog.Relation, oid OID, replace bool) error {
	rel := r.e.RelationByOID(oid)
	rel, err := r.lock(rel, ShareRowExclusive)
	if err != nil {
		return err
	}
	old := rel.Trigger(t.Name)
	if old != nil && (!replace || old.Parent != t.OID) {
		return r.replaceable(rel, old, replace)
	}
	c := *t
	c.OID, c.Parent, c.Columns = r.e.NewOID(), t.OID, nil
	if old != nil {
		c.OID = old.OID
	}
	for _, attr := range t.Columns {
		_, at := rel.Column(parent.Columns[attr-1].Name)
		c.Columns = append(c.Columns, at)
	}
	if t.When != "" {
		if c.Deps, err = r.whenDeps(t, rel); err != nil {
			return err
		}
	}
	if t.Constraint != 0 {
		c.Constraint = r.e.NewOID()
	}
	r.change(oid, func(now *catalog.Relation) { now.PutTrigger(&c) })
	for _, p := range r.e.Partitions(rel) {
		if err := r.copyTrigger(&c, rel, p.OID, replace); err != nil {
			return err
		}
	}
	return nil
}

// whenDeps is what the condition of a trigger names in a partition.
func (r *run) whenDeps(t *catalog.Trigger, rel *catalog.Relation) ([]catalog.Dep, error) {
	pc := *r.planner()
	pc.Path = catalog.Path{catalog.PgCatalogOID}
	e, err := pc.ParseExpr(t.When)
	if err != nil {
		return nil, err
	}
	x, err := planner.BindTriggerWhen(&pc, e, rel, t.Type)
	if err != nil {
		return nil, err
	}
	return exprDeps(x.Deps), nil
}

// eachCopy does something for each copy of a trigger in the partitions of its table.
func (r *run) eachCopy(rel *catalog.Relation, t *catalog.Trigger, fn func(*catalog.Relation, *catalog.Trigger) error) error {
	if rel.PartKey == nil {
		return nil
	}
	for _, p := range r.e.Partitions(rel) {
		p, err := r.lock(p, AccessExclusive)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(p.Triggers, func(c *catalog.Trigger) bool { return c.Parent == t.OID }); i >= 0 {
			if err := fn(p, p.Triggers[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropTriggerCopies takes the copies of its table's triggers out of what is no partition of
// it any more, and of its partitions.
func (r *run) dropTriggerCopies(rel *catalog.Relation, above []*catalog.Trigger) {
	var gone []*catalog.Trigger
	for _, c := range rel.Triggers {
		if slices.ContainsFunc(above, func(t *catalog.Trigger) bool { return t.OID == c.Parent }) {
			gone = append(gone, c)
		}
	}
	if len(gone) == 0 {
		return
	}
	r.change(rel.OID, func(now *catalog.Relation) {
		for _, c := range gone {
			now.DropTrigger(c.OID)
		}
	})
	for _, p := range r.e.Partitions(rel) {
		r.dropTriggerCopies(p, gone)
	}
}

// noTransitionRows refuses to make a partition of a table with triggers that partitions do
// not have.
func noTransitionRows(rel *catalog.Relation) error {
	for _, t := range rel.Triggers {
		if t.Type&ast.TriggerRow != 0 && (t.OldTable != "" || t.NewTable != "") {
			return pgerr.New(pgerr.FeatureNotSupported, "trigger \"%s\" prevents table \"%s\" from becoming a partition", t.Name, rel.Name).
				WithDetail("ROW triggers with transition tables are not supported on partitions.")
		}
	}
	return nil
}
