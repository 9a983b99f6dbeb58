package engine

import (
	"cmp"
	"context"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// mergeRows are rows of a MERGE's plan: pairs of a source row and the target row
// that it matches, each with its action.
type mergeRows struct {
	changedRows // ids and old are of no row where nothing matches
	action      []int64
	oids        []int64 // the tables that have the target's rows; nil: there is one
	source      *vec.Batch
}

// merge runs MERGE. The rows are changed in the order in which the plan gives them.
func (md *modification) merge(ctx context.Context) error {
	src, err := md.source()
	if err != nil {
		return err
	}
	list, err := md.pairs(ctx, src, md.m.Source)
	if err != nil {
		return err
	}
	for _, r := range list {
		for from := 0; from < len(r.action); {
			to := from + 1
			for to < len(r.action) && r.action[to] == r.action[from] {
				to++
			}
			if err := md.act(ctx, r.slice(from, to)); err != nil {
				return err
			}
			from = to
		}
	}
	return nil
}

// pairs reads what a plan of the MERGE gives.
func (md *modification) pairs(ctx context.Context, src vec.Source, root plan.Node) ([]*mergeRows, error) {
	defer src.Close()
	m := md.m
	at := positions(root, []plan.ColID{m.RowID, m.Merge.Action})
	oldAt, newAt, sourceAt := positions(root, m.Old), positions(root, m.New), positions(root, m.Merge.Row)
	var out []*mergeRows
	for {
		var lent vec.Batch
		if err := src.Next(ctx, &lent); err != nil || lent.N == 0 {
			return out, err
		}
		keys := take(&lent, at)
		r := &mergeRows{action: keys.Cols[1].Ints, source: take(&lent, sourceAt)}
		r.old, r.new = take(&lent, oldAt), take(&lent, newAt)
		if m.Merge.TableOID >= 0 {
			r.oids = take(&lent, positions(root, []plan.ColID{m.Merge.TableOID})).Cols[0].Ints
		}
		for _, id := range keys.Cols[0].Ints {
			r.ids = append(r.ids, uint64(id))
		}
		out = append(out, r)
	}
}

// slice gives a range of the rows.
func (r *mergeRows) slice(from, to int) *mergeRows {
	if from == 0 && to == len(r.action) {
		return r
	}
	rows := make([]int32, 0, to-from)
	for i := from; i < to; i++ {
		rows = append(rows, int32(i))
	}
	out := &mergeRows{action: r.action[from:to], source: gatherRows(r.source, rows)}
	if r.oids != nil {
		out.oids = r.oids[from:to]
	}
	out.ids, out.old, out.new = r.ids[from:to], gatherRows(r.old, rows), gatherRows(r.new, rows)
	return out
}

// act does the action that all the rows have.
func (md *modification) act(ctx context.Context, r *mergeRows) error {
	switch {
	case md.m.Merge.Actions[r.action[0]].Kind == planner.InsertRows:
		return md.insertRows(ctx, r.new)
	case r.oids != nil:
		return md.actInTree(ctx, r)
	}
	return md.actHere(ctx, r)
}

// actHere updates or deletes rows of the table itself.
func (md *modification) actHere(ctx context.Context, r *mergeRows) error {
	n := md.firstTime(r.ids)
	if err := md.actOnce(ctx, &md.m.Merge.Actions[r.action[0]], r.slice(0, n)); err != nil || n == len(r.ids) {
		return err
	}
	return pgerr.New(pgerr.CardinalityViolation, "MERGE command cannot affect row a second time").
		WithHint("Ensure that not more than one source row matches any one target row.")
}

// firstTime tells how many of the rows at the beginning the statement has not
// changed yet, and notes them.
func (md *modification) firstTime(ids []uint64) int {
	if md.merged == nil {
		md.merged = map[uint64]struct{}{}
	}
	for i, id := range ids {
		if _, again := md.merged[id]; again || md.changed(id) {
			return i
		}
		md.merged[id] = struct{}{}
	}
	return len(ids)
}

// actOnce updates or deletes rows.
func (md *modification) actOnce(ctx context.Context, a *planner.MergeAction, r *mergeRows) error {
	if len(r.ids) == 0 {
		return nil
	}
	keys, mode := md.keyChanged(a.Changed), rowUpdate
	md.assigned = a.Changed
	if a.Kind == planner.UpdateRows {
		mode = md.changeMode(&r.changedRows, keys)
	}
	stale, err := md.lockOld(ctx, r.ids, mode)
	if err != nil {
		return err
	}
	if err := md.change(ctx, a.Kind, r.changedRows.without(stale), keys); err != nil {
		return err
	}
	for _, i := range stale {
		if err := md.actAgain(ctx, r, i, mode); err != nil {
			return err
		}
	}
	return nil
}

// change updates or deletes rows that are locked.
func (md *modification) change(ctx context.Context, kind planner.ModifyKind, r *changedRows, keys []*indexKey) error {
	if len(r.ids) == 0 {
		return nil
	}
	if kind == planner.DeleteRows {
		return md.dropRows(ctx, r)
	}
	if md.triggers.has(ast.TriggerRow|ast.TriggerBefore, ast.TriggerUpdate) {
		return md.updateEach(ctx, r, md.assigned, md.checks)
	}
	r, err := md.leaveForOthers(ctx, r)
	if err != nil || len(r.ids) == 0 {
		return err
	}
	if err := md.checkRows(ctx, r.new, md.checks); err != nil {
		return err
	}
	return md.replace(ctx, r, keys)
}

// actAgain finds the action of pair i anew, whose target row somebody has changed
// since the snapshot: with its newest version, or with none if it is gone or no
// longer matches.
func (md *modification) actAgain(ctx context.Context, r *mergeRows, i int, mode lockMode) error {
	root := cmp.Or(md.above, md)
	m := root.m
	var target []*vec.Batch
	newest, err := md.newest(ctx, r.ids[i], mode)
	if err != nil {
		return err
	}
	if scan := workScan(m.Recheck, m.RecheckID); newest != nil && scan != nil {
		if root != md {
			newest.old = mapRows(md.rel, root.rel, newest.old)
		}
		target = append(target, root.targetRow(scan, newest, md.rel.OID))
	}
	source := sourceRow(workScan(m.Recheck, m.Merge.SourceID), m.Merge.Row, r.source, i)
	rt, err := root.runtime(map[int][]*vec.Batch{m.RecheckID: target, m.Merge.SourceID: {source}})
	if err != nil {
		return err
	}
	src, err := exec.Compile(rt, m.Recheck)
	if err != nil {
		return err
	}
	list, err := root.pairs(ctx, src, m.Recheck)
	if err != nil {
		return err
	}
	for _, again := range list {
		if err := root.act(ctx, again); err != nil {
			return err
		}
	}
	return nil
}

// sourceRow lays row i of the source out as a scan of given rows wants it.
func sourceRow(scan *plan.WorkScan, cols []plan.ColID, source *vec.Batch, i int) *vec.Batch {
	row := &vec.Batch{N: 1}
	if scan == nil {
		return row
	}
	one := oneRow(source, i)
	for _, id := range scan.Cols {
		for j, col := range cols {
			if col == id {
				row.Cols = append(row.Cols, one.Cols[j])
			}
		}
	}
	return row
}
