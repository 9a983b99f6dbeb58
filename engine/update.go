package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// changedRow is a row that UPDATE or DELETE has found: where the values are.
type changedRows struct {
	ids   []uint64
	old   *vec.Batch
	new   *vec.Batch // nil for DELETE
	extra *vec.Batch // of FROM, for RETURNING
}

// row gives one of the rows.
func (r *changedRows) row(i int) *changedRows {
	one := &changedRows{ids: r.ids[i : i+1], old: oneRow(r.old, i), new: oneRow(r.new, i)}
	if r.extra != nil {
		one.extra = oneRow(r.extra, i)
	}
	return one
}

// found reads the rows that a statement changes, each once: a row that FROM
// matches several times is changed by the first match.
func (md *modification) found(ctx context.Context) ([]*changedRows, error) {
	if md.m.CurrentOf != "" {
		return md.current(ctx)
	}
	src, err := md.source()
	if err != nil {
		return nil, err
	}
	defer src.Close()
	seen := map[uint64]struct{}{}
	return md.collect(ctx, src, md.m.Source, seen)
}

func (md *modification) collect(ctx context.Context, src vec.Source, root plan.Node, seen map[uint64]struct{}) ([]*changedRows, error) {
	m := md.m
	idAt := positions(root, []plan.ColID{m.RowID})
	oldAt, newAt := positions(root, m.Old), positions(root, m.New)
	var extraAt []int
	if m.Returning != nil {
		extraAt = positions(root, m.Returning.Extra)
	}
	var out []*changedRows
	for {
		var lent vec.Batch
		if err := src.Next(ctx, &lent); err != nil {
			return nil, err
		}
		if lent.N == 0 {
			return out, nil
		}
		once := md.firstMatches(&lent, idAt[0], seen)
		if once.N == 0 {
			continue
		}
		r := &changedRows{old: take(once, oldAt)}
		for _, id := range take(once, idAt).Cols[0].Ints {
			r.ids = append(r.ids, uint64(id))
		}
		if m.New != nil {
			r.new = take(once, newAt)
		}
		if extraAt != nil {
			r.extra = take(once, extraAt)
		}
		out = append(out, r)
	}
}

// firstMatches selects the rows whose target was not seen before, nor changed by
// another part of the statement.
func (md *modification) firstMatches(b *vec.Batch, id int, seen map[uint64]struct{}) *vec.Batch {
	sel := make([]int32, 0, b.N)
	for i := range b.N {
		row := b.Row(i)
		key := uint64(b.Cols[id].Ints[row])
		if _, dup := seen[key]; !dup && !md.changed(key) {
			seen[key] = struct{}{}
			sel = append(sel, int32(row))
		}
	}
	out := *b
	out.Sel, out.N = sel, len(sel)
	return &out
}

// update runs UPDATE.
func (md *modification) update(ctx context.Context) error {
	list, err := md.found(ctx)
	if err != nil {
		return err
	}
	keys := md.keyChanged(md.m.Changed)
	md.assigned = md.m.Changed
	for _, r := range list {
		if r, err = md.lockChanged(ctx, r, keys); err != nil {
			return err
		}
		if md.triggers.has(ast.TriggerRow|ast.TriggerBefore, ast.TriggerUpdate) {
			if err := md.updateEach(ctx, r, md.assigned, md.checks); err != nil {
				return err
			}
			continue
		}
		if r, err = md.leaveForOthers(ctx, r); err != nil {
			return err
		}
		if len(r.ids) == 0 {
			continue
		}
		if err := md.checkRows(ctx, r.new, md.checks); err != nil {
			return md.firstWrongUpdate(ctx, r, keys, err)
		}
		if err := md.replace(ctx, r, keys); err != nil {
			return err
		}
	}
	return nil
}

// firstWrongUpdate finds, where new versions of rows violate constraints, what the
// first of them violates.
func (md *modification) firstWrongUpdate(ctx context.Context, r *changedRows, keys []*indexKey, err error) error {
	for i := range r.ids {
		one := r.row(i)
		if err := md.checkRows(ctx, one.new, md.checks); err != nil {
			return err
		}
		if err := md.replace(ctx, one, keys); err != nil {
			return err
		}
	}
	return err
}

// lockChanged locks rows that get new versions, with the stronger lock where one's key
// changes.
func (md *modification) lockChanged(ctx context.Context, r *changedRows, keys []*indexKey) (*changedRows, error) {
	mode := md.changeMode(r, keys)
	r, err := md.lockRows(ctx, r, mode)
	if err != nil || mode == rowUpdate || md.changeMode(r, keys) == mode {
		return r, err
	}
	return md.lockRows(ctx, r, rowUpdate) // what was changed meanwhile gets another key
}

// changeMode is the lock that new versions of rows ask for: the stronger one when a
// key changes that a foreign key can refer to.
func (md *modification) changeMode(r *changedRows, keys []*indexKey) lockMode {
	for _, k := range keys {
		ix := k.def.Index
		cols := make([]int16, ix.NKeys)
		for i, c := range ix.Keys[:ix.NKeys] {
			cols[i] = c.Column
		}
		if ix.Predicate != "" || slices.Contains(cols, 0) {
			continue
		}
		for i := range r.ids {
			if !sameKey(md.w.layout, cols, r.old, r.new, i) {
				return rowUpdate
			}
		}
	}
	return rowNoKeyUpdate
}

// replace stages the new versions of rows. Where keys change each row is checked
// against the others as they are when its turn comes, as in PostgreSQL.
func (md *modification) replace(ctx context.Context, r *changedRows, keys []*indexKey) error {
	if err := md.untouched(r, "updated"); err != nil {
		return err
	}
	if len(keys) == 0 {
		md.w.remove(r.ids)
		return md.moved(ctx, r)
	}
	all := md.uniques
	defer func() { md.uniques = all }()
	md.uniques = keys
	for i := range r.ids {
		one := r.row(i)
		md.w.remove(one.ids)
		if err := md.checkUnique(ctx, one.new); err != nil {
			return err
		}
		if err := md.moved(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// moved adds the new versions of rows that were removed, and notes which row
// became which.
func (md *modification) moved(ctx context.Context, r *changedRows) error {
	first := uint64(md.w.n)
	if err := md.s.tx.put(ctx, md.rel.OID, md.w, r.new); err != nil {
		return err
	}
	for i, id := range r.ids {
		if id < ownBase {
			md.w.moves = append(md.w.moves, movedRow{id, first + uint64(i)})
		} else {
			md.w.ownMoves = append(md.w.ownMoves, movedRow{id, first + uint64(i)})
		}
	}
	md.fks.changed(r.old, r.new)
	md.n += int64(len(r.ids))
	md.give(r.new, r.extra)
	return md.triggers.afterRows(ctx, ast.TriggerUpdate, md.assigned, r.old, r.new)
}

// delete runs DELETE.
func (md *modification) delete(ctx context.Context) error {
	list, err := md.found(ctx)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r, err = md.lockRows(ctx, r, rowUpdate); err != nil {
			return err
		}
		if err := md.dropRows(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// untouched checks that no function which the statement calls has changed its rows
// meanwhile, nor the relation itself.
func (md *modification) untouched(r *changedRows, verb string) error {
	if err := md.sameRelation(); err != nil {
		return err
	}
	for _, id := range r.ids {
		if md.w.isGone(id) {
			return pgerr.New(pgerr.TriggeredDataChangeViolation, "tuple to be %s was already modified by an operation triggered by the current command", verb).
				WithHint("Consider using an AFTER trigger instead of a BEFORE trigger to propagate changes to other rows.")
		}
	}
	return nil
}

// sameRelation checks that what the transaction has staged in the relation is still
// kept where the statement has found it.
func (md *modification) sameRelation() error {
	if md.s.tx.writes[md.rel.OID] != md.w {
		return pgerr.New(pgerr.ObjectInUse, "cannot change table \"%s\" because it is being used by active queries in this session", md.rel.Name)
	}
	return nil
}

// dropRows removes rows that are locked, as far as BEFORE ROW triggers allow it.
func (md *modification) dropRows(ctx context.Context, r *changedRows) error {
	if md.triggers.has(ast.TriggerRow|ast.TriggerBefore, ast.TriggerDelete) {
		return md.deleteEach(ctx, r)
	}
	return md.drop(ctx, r)
}

// drop stages the removal of rows that are locked.
func (md *modification) drop(ctx context.Context, r *changedRows) error {
	if err := md.untouched(r, "deleted"); err != nil {
		return err
	}
	md.w.remove(r.ids)
	md.fks.changed(r.old, nil)
	md.n += int64(len(r.ids))
	md.give(r.old, r.extra)
	return md.triggers.afterRows(ctx, ast.TriggerDelete, nil, r.old, nil)
}

// lockRows locks rows that are to be changed and gives those that still are to
// be. A row that somebody has changed since the snapshot is looked at again in its
// newest version (READ COMMITTED), or fails the statement (40001).
func (md *modification) lockRows(ctx context.Context, r *changedRows, mode lockMode) (*changedRows, error) {
	stale, err := md.lockOld(ctx, r.ids, mode)
	if err != nil || len(stale) == 0 {
		return r, err
	}
	return md.recheck(ctx, r, stale, mode)
}

// lockOld locks rows that are to be changed and gives the positions of those that
// somebody has changed since the snapshot (READ COMMITTED; else that is 40001).
func (md *modification) lockOld(ctx context.Context, ids []uint64, mode lockMode) (stale []int, err error) {
	s := md.s
	for _, id := range ids {
		if id >= ownBase {
			if err := s.lockOrigin(ctx, md.rel.OID, md.w, id, mode); err != nil {
				return nil, err
			}
			continue
		}
		if _, err := s.e.locks.acquire(ctx, &s.locker, lockTag{lockRow, md.rel.OID, id}, mode, s.lockPolicy()); err != nil {
			return nil, err
		}
	}
	latest := s.latestRows(md.rel.OID)
	for i, id := range ids {
		if id < ownBase && (latest == nil || !latest.Visible(id)) {
			stale = append(stale, i)
		}
	}
	if len(stale) > 0 && s.tx.iso != readCommitted {
		_, moved := s.e.latest().relation(md.rel.OID).moves.follow(ids[stale[0]])
		return nil, errChanged(moved)
	}
	return stale, nil
}

// recheck replaces stale rows by their newest versions, as far as these still
// qualify.
func (md *modification) recheck(ctx context.Context, r *changedRows, stale []int, mode lockMode) (*changedRows, error) {
	out := r.without(stale)
	for _, i := range stale {
		again, err := md.newest(ctx, r.ids[i], mode)
		if err != nil {
			return nil, err
		}
		if again == nil {
			continue
		}
		rows, err := md.requalify(ctx, again)
		if err != nil {
			return nil, err
		}
		for _, x := range rows {
			out.append(x)
		}
	}
	return out, nil
}

// newest locks and reads the newest version of a row; nil when it is gone.
func (md *modification) newest(ctx context.Context, id uint64, mode lockMode) (*changedRows, error) {
	s := md.s
	for {
		st := s.e.latest().relation(md.rel.OID)
		if st == nil {
			return nil, nil
		}
		next, ok := st.moves.next(id)
		if !ok {
			return nil, nil
		}
		if _, err := s.e.locks.acquire(ctx, &s.locker, lockTag{lockRow, md.rel.OID, next}, mode, s.lockPolicy()); err != nil {
			return nil, err
		}
		st = s.e.latest().relation(md.rel.OID)
		if st == nil {
			return nil, nil
		}
		if !st.rows.Visible(next) {
			if id == next {
				return nil, nil
			}
			id = next
			continue
		}
		b := &vec.Batch{}
		if _, err := st.rows.Get([]uint64{next}, md.w.layout.attrs, b); err != nil {
			return nil, err
		}
		return &changedRows{ids: []uint64{next}, old: b}, nil
	}
}

// requalify runs the statement's condition and assignments over one row.
func (md *modification) requalify(ctx context.Context, r *changedRows) ([]*changedRows, error) {
	scan := workScan(md.m.Recheck, md.m.RecheckID)
	if scan == nil {
		return nil, pgerr.New(pgerr.InternalError, "a plan to check changed rows again reads none")
	}
	row := md.targetRow(scan, r, md.rel.OID)
	rt, err := md.runtime(map[int][]*vec.Batch{md.m.RecheckID: {row}})
	if err != nil {
		return nil, err
	}
	src, err := exec.Compile(rt, md.m.Recheck)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	return md.collect(ctx, src, md.m.Recheck, map[uint64]struct{}{})
}

// targetRow lays a row of the target, which the table oid has, out as a scan of given rows
// wants it.
func (md *modification) targetRow(scan *plan.WorkScan, r *changedRows, oid OID) *vec.Batch {
	row := &vec.Batch{N: 1}
	number := func(x int64) {
		v := vec.New(types.Int, 1)
		v.Ints[0] = x
		row.Cols = append(row.Cols, v)
	}
	for _, id := range scan.Cols {
		if id == md.m.RowID {
			number(int64(r.ids[0]))
			continue
		}
		if md.m.Merge != nil && id == md.m.Merge.TableOID {
			number(int64(oid))
			continue
		}
		for i, old := range md.m.Old {
			if old == id {
				row.Cols = append(row.Cols, r.old.Cols[i])
			}
		}
	}
	return row
}

// workScan finds the scan of given rows in a plan.
func workScan(n plan.Node, id int) *plan.WorkScan {
	var found *plan.WorkScan
	plan.VisitNodes(n, func(n plan.Node) {
		if w, ok := n.(*plan.WorkScan); ok && w.ID == id {
			found = w
		}
	})
	return found
}

// without gives the rows but those at the given positions, which ascend.
func (r *changedRows) without(drop []int) *changedRows {
	keep := make([]int32, 0, len(r.ids))
	out := &changedRows{}
	for i, id := range r.ids {
		if len(drop) > 0 && drop[0] == i {
			drop = drop[1:]
			continue
		}
		keep = append(keep, int32(i))
		out.ids = append(out.ids, id)
	}
	out.old = gatherRows(r.old, keep)
	if r.new != nil {
		out.new = gatherRows(r.new, keep)
	}
	if r.extra != nil {
		out.extra = gatherRows(r.extra, keep)
	}
	return out
}

// append adds rows.
func (r *changedRows) append(x *changedRows) {
	r.ids = append(r.ids, x.ids...)
	r.old.AppendBatch(x.old)
	if r.new != nil {
		r.new.AppendBatch(x.new)
	}
	if r.extra != nil {
		r.extra.AppendBatch(x.extra)
	}
}
