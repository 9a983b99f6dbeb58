package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// spreading is what a statement needs to send rows to partitions: rows of a partitioned
// table go to the partitions of their keys, level by level, and there each batch is
// checked and staged as one of an INSERT.
type spreading struct {
	s      *Session
	sender *modification
	// told is sender, if not all the rows that it sends will be there as they are: because
	// of ON CONFLICT or BEFORE ROW triggers.
	told    *modification
	routers map[OID]*router
	leaves  map[OID]*modification
	order   []*modification
}

func (p *spreading) router(rel *catalog.Relation) (*router, error) {
	if r := p.routers[rel.OID]; r != nil {
		return r, nil
	}
	r, err := p.s.newRouter(rel)
	if err == nil {
		p.routers[rel.OID] = r
	}
	return r, err
}

// leaf readies the table that rows go to, which is locked as the tables above it are.
func (p *spreading) leaf(ctx context.Context, rel *catalog.Relation) (*modification, error) {
	if md := p.leaves[rel.OID]; md != nil {
		return md, nil
	}
	if err := p.lock(ctx, rel); err != nil {
		return nil, err
	}
	m, err := planner.RouteTo(p.s.plannerContext(nil), rel)
	if err != nil {
		return nil, err
	}
	if p.sender.m.Conflict != nil {
		m.Conflict = p.sender.conflictIn(rel, m)
	}
	md, err := p.s.newModification(m, nil)
	if err != nil {
		return nil, err
	}
	md.routed, md.sender, md.above = true, p.sender, p.told
	if md.checks, err = md.compileChecks(m.Checks, m.New); err != nil {
		return nil, err
	}
	p.leaves[rel.OID], p.order = md, append(p.order, md)
	return md, nil
}

// lock locks a table that rows go to; when its definition has changed since the
// statement was planned, rows may belong elsewhere.
func (p *spreading) lock(ctx context.Context, rel *catalog.Relation) error {
	s := p.s
	if err := s.lockRelation(ctx, rel.OID, rowExclusive); err != nil {
		return err
	}
	if s.tx.changesCatalog() || s.e.catalog() == s.tx.read.Cat || s.e.catalog().RelationByOID(rel.OID) == rel {
		return nil
	}
	return errSerialize()
}

// rowsFor are the rows of a batch that go to one table, in its layout.
type rowsFor struct {
	rel  *catalog.Relation
	rows []int32 // positions in the batch that was spread
	b    *vec.Batch
}

// spread sends rows of a partitioned table (live columns in order) to the tables that
// hold them. Rows before the first that belongs nowhere are sent, then that is the error.
func (p *spreading) spread(ctx context.Context, rel *catalog.Relation, b *vec.Batch) ([]rowsFor, error) {
	r, err := p.router(rel)
	if err != nil {
		return nil, err
	}
	at, err := r.route(b)
	if err != nil {
		return nil, err
	}
	lists, order := map[int][]int32{}, []int(nil)
	var nowhere error
	for i, k := range at {
		if k < 0 {
			nowhere = p.noPartition(rel, r, b, i)
			break
		}
		if lists[k] == nil {
			order = append(order, k)
		}
		lists[k] = append(lists[k], int32(i))
	}
	var out []rowsFor
	for _, k := range order {
		child, rows := r.parts[k], lists[k]
		part := b
		if len(rows) < b.N {
			part = gatherRows(b, rows)
		}
		part = mapRows(rel, child, part)
		if child.PartKey == nil {
			out = append(out, rowsFor{child, rows, part})
			continue
		}
		if err := p.lock(ctx, child); err != nil {
			return out, err
		}
		below, err := p.spread(ctx, child, part)
		for _, x := range below {
			for i, row := range x.rows {
				x.rows[i] = rows[row]
			}
			out = append(out, x)
		}
		if err != nil {
			return out, err
		}
	}
	return out, nowhere
}

// mapRows puts rows of a table (live columns in order) into the order that the columns of
// the same names have in another one.
func mapRows(from, to *catalog.Relation, b *vec.Batch) *vec.Batch {
	at := map[string]int{}
	n := 0
	for i := range from.Columns {
		if !from.Columns[i].Dropped {
			at[from.Columns[i].Name] = n
			n++
		}
	}
	out := &vec.Batch{N: b.N}
	for i := range to.Columns {
		if !to.Columns[i].Dropped {
			out.Cols = append(out.Cols, b.Cols[at[to.Columns[i].Name]])
		}
	}
	return out
}

// noPartition is the error of a row that belongs to no partition.
func (p *spreading) noPartition(rel *catalog.Relation, r *router, b *vec.Batch, row int) error {
	s := p.s
	e := pgerr.New(pgerr.CheckViolation, "no partition of relation \"%s\" found for row", rel.Name)
	var names, vals []string
	names = rel.PartKeyColumns(false)
	for i, attr := range rel.PartKey.Columns {
		allowed := attr > 0 && s.systemContext().Snapshot.ColumnAllowed(s.role, rel, attr, "r", false)
		if !s.super && !allowed && !s.systemContext().Snapshot.RelationAllowed(s.role, rel, "r", false) {
			return e.WithTable(s.schemaName(rel), rel.Name, "", "")
		}
		if d := r.at[i].Datum(row); d.IsNull() {
			vals = append(vals, "null")
		} else {
			vals = append(vals, r.bounds.Types[i].Text(&s.env.Env, d))
		}
	}
	return e.WithDetail("Partition key of the failing row contains (%s) = (%s).", strings.Join(names, ", "), strings.Join(vals, ", ")).
		WithTable(s.schemaName(rel), rel.Name, "", "")
}

// insert sends rows to partitions and stages them there; oids are the tables that they
// went to.
func (p *spreading) insert(ctx context.Context, rel *catalog.Relation, b *vec.Batch) (oids vec.Vec, err error) {
	oids = vec.New(types.Int, b.N)
	parts, nowhere := p.spread(ctx, rel, b)
	for _, x := range parts {
		md, err := p.leaf(ctx, x.rel)
		if err != nil {
			return oids, err
		}
		before := md.n
		if err := md.insertRows(ctx, x.b); err != nil {
			return oids, err
		}
		if p.told != nil {
			p.told.n += md.n - before
		}
		for _, row := range x.rows {
			oids.Ints[row] = int64(x.rel.OID)
		}
	}
	return oids, nowhere
}

// checkKeys checks the foreign keys of the rows that were sent.
func (p *spreading) checkKeys(ctx context.Context) error {
	if p == nil {
		return nil
	}
	for _, md := range p.order {
		if err := md.fks.check(ctx); err != nil {
			return err
		}
	}
	return nil
}

// spreads gives what the statement sends rows to partitions with.
func (md *modification) spreads() *spreading {
	if md.spreadBy == nil {
		md.spreadBy = &spreading{s: md.s, sender: md, routers: map[OID]*router{}, leaves: map[OID]*modification{}}
		if md.m.Kind == planner.InsertRows && (md.m.Conflict != nil || md.triggersBelow()) {
			md.spreadBy.told = md
		}
	}
	return md.spreadBy
}

// insertSpread is insertRows of a partitioned table.
func (md *modification) insertSpread(ctx context.Context, b *vec.Batch) error {
	if err := md.checkRoot(md.rel, b); err != nil {
		return err
	}
	if md.spreads().told != nil {
		return md.insertTold(ctx, b)
	}
	oids, err := md.spreads().insert(ctx, md.rel, b)
	if err != nil {
		return err
	}
	if err := md.checkShown(ctx, b); err != nil {
		return err
	}
	md.n += int64(b.N)
	md.give(b, &vec.Batch{Cols: []vec.Vec{oids}, N: b.N})
	return nil
}

// checkShown checks new rows of a partitioned table by the options of the views that the
// statement names it through: all that is not its partitions' to check.
func (md *modification) checkShown(ctx context.Context, b *vec.Batch) error {
	if err := md.checkSecurity(ctx, b, md.checks); err != nil {
		return err
	}
	return md.checkAll(ctx, b, md.checks)
}

// misplaced tells which new rows of a partition belong elsewhere.
func (md *modification) misplaced(b *vec.Batch) ([]int, error) {
	snap := md.s.systemContext().Snapshot
	var out []int
	wrong := make([]bool, b.N)
	for rel := md.rel; rel.Part != nil; {
		parent := snap.RelationByOID(rel.Part.Parent)
		if parent == nil {
			break
		}
		r, err := md.spreads().router(parent)
		if err != nil {
			return nil, err
		}
		b = mapRows(rel, parent, b)
		at, err := r.route(b)
		if err != nil {
			return nil, err
		}
		for i, k := range at {
			if (k < 0 || r.parts[k].OID != rel.OID) && !wrong[i] {
				wrong[i] = true
			}
		}
		rel = parent
	}
	for i, w := range wrong {
		if w {
			out = append(out, i)
		}
	}
	return out, nil
}

// stays tells whether a row belongs to the partition.
func (md *modification) stays(b *vec.Batch) (bool, error) {
	wrong, err := md.misplaced(b)
	return len(wrong) == 0, err
}

// triggersBelow tells whether BEFORE ROW triggers may change or drop rows on their way into
// partitions.
func (md *modification) triggersBelow() bool {
	const kind = ast.TriggerRow | ast.TriggerBefore | ast.TriggerInsert
	return slices.ContainsFunc(md.s.systemContext().Snapshot.Leaves(md.rel), func(p *catalog.Relation) bool {
		return slices.ContainsFunc(p.Triggers, func(t *catalog.Trigger) bool { return t.Type&kind == kind })
	})
}

// insertTold is insertSpread where rows may be changed or left out on their way. The
// partitions' own count, and give what RETURNING shows: in the order of the rows, if it is
// asked for.
func (md *modification) insertTold(ctx context.Context, b *vec.Batch) error {
	if md.m.Returning == nil || b.N == 1 {
		_, err := md.spreads().insert(ctx, md.rel, b)
		return err
	}
	for i := range b.N {
		if _, err := md.spreads().insert(ctx, md.rel, oneRow(b, i)); err != nil {
			return err
		}
	}
	return nil
}

// checkPlace refuses new rows that do not belong to the partition.
func (md *modification) checkPlace(b *vec.Batch) error {
	if md.rel.Part == nil || md.routed && !md.upserting && !md.triggers.has(ast.TriggerRow|ast.TriggerBefore, ast.TriggerInsert) {
		return nil
	}
	wrong, err := md.misplaced(b)
	if err != nil {
		return err
	}
	switch {
	case len(wrong) == 0:
		return nil
	case md.upserting:
		return pgerr.New(pgerr.FeatureNotSupported, "invalid ON UPDATE specification").
			WithDetail("The result tuple would appear in a different partition than the original tuple.")
	}
	return pgerr.New(pgerr.CheckViolation, "new row for relation \"%s\" violates partition constraint", md.rel.Name).
		WithDetail("%s", md.showRow(b, wrong[0])).WithTable(md.s.schemaName(md.rel), md.rel.Name, "", "")
}

// checkRoot is checkPlace for rows of the partitioned table that the statement names,
// which may be a partition itself.
func (md *modification) checkRoot(rel *catalog.Relation, b *vec.Batch) error {
	if rel.Part == nil {
		return nil
	}
	w, err := md.s.tx.into(rel)
	if err != nil {
		return err
	}
	x := &modification{s: md.s, m: &planner.Modify{Access: md.m.Access}, rel: rel, w: w, spreadBy: md.spreads()}
	return x.checkPlace(b)
}

// leaveForOthers takes the rows out of an UPDATE of a partitioned table that belong to
// another partition now: they are deleted here and inserted there.
func (md *modification) leaveForOthers(ctx context.Context, r *changedRows) (*changedRows, error) {
	if md.m.Root == nil {
		return r, nil
	}
	wrong, err := md.misplaced(r.new)
	if err != nil || len(wrong) == 0 {
		return r, err
	}
	for _, i := range wrong {
		one := r.row(i)
		left, err := md.triggers.beforeRow(ctx, ast.TriggerDelete, nil, one.old, nil)
		if err != nil {
			return nil, err
		}
		if left == nil {
			continue
		}
		md.w.remove(one.ids)
		md.fks.moved(one.old, one.new)
		if err := md.triggers.afterRows(ctx, ast.TriggerDelete, nil, one.old, nil); err != nil {
			return nil, err
		}
		rows := one.new
		for rel := md.rel; rel.OID != md.m.Root.OID; {
			parent := md.s.systemContext().Snapshot.RelationByOID(rel.Part.Parent)
			rows, rel = mapRows(rel, parent, rows), parent
		}
		if err := md.checkRoot(md.m.Root, rows); err != nil {
			return nil, err
		}
		at, err := md.spreads().insert(ctx, md.m.Root, rows)
		if err != nil {
			return nil, err
		}
		md.n++
		md.giveAll(one.new, one.extra, &vec.Batch{Cols: []vec.Vec{at}, N: 1})
	}
	return r.without(wrong), nil
}
