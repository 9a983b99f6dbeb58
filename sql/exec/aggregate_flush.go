package exec

import (
	"context"
	"math"

	"github.com/streamsqld/streamsqld/internal/invariant"
	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// minTime is before every time: the bound before anything is known.
const minTime = math.MinInt64

// badGroup is a group, by its place in a list, whose result is an error.
type badGroup struct {
	at  int32
	err error
}

// results computes all aggregates of groups. Of a group that has errors, the
// first is given; they are in order.
func (a *Aggregate) results(ctx context.Context, groups []uint32, out []vec.Vec) []badGroup {
	r := &a.result
	r.list = r.list[:0]
	r.ctx = funcs.Ctx{Context: ctx, Env: a.spec.Env, Bad: &r.bad}
	for i, s := range a.calls {
		r.bad.Reset()
		s.result(&r.ctx, groups, &out[i])
		r.collect()
	}
	return r.sorted()
}

// Flush implements Node.
func (a *Aggregate) Flush(ctx context.Context, emit Emit) error {
	a.begin()
	var err error
	switch a.spec.Mode {
	case AggBatch:
		err = a.emitAll(ctx, emit)
	case AggFinal:
		err = a.emitClosed(ctx, emit)
	default:
		err = a.emitChanges(ctx, emit)
		a.dropClosed()
	}
	return err
}

// emitChanges emits −old +new for the touched groups whose result has changed,
// and forgets the groups without rows.
func (a *Aggregate) emitChanges(ctx context.Context, emit Emit) error {
	chunk := vec.Size
	if a.nold > 0 {
		chunk /= 2
	}
	for lo := 0; lo < len(a.touched); lo += chunk {
		if err := ctx.Err(); err != nil {
			return err
		}
		hi := min(lo+chunk, len(a.touched))
		if err := a.emitChunk(ctx, a.touched[lo:hi], a.oldAt[lo:hi], emit); err != nil {
			return err
		}
	}
	rows := a.rows()
	a.tab.TouchAll(a.touched)
	for _, g := range a.touched {
		if invariant.Enabled {
			invariant.Check(rows[g] >= 0, "C5: a group of %d rows", rows[g])
		}
		a.seen.Remove(g)
		if rows[g] == 0 && !a.pinned(g) {
			a.forget(g)
		}
	}
	a.touched, a.oldAt, a.oldBad, a.nold = a.touched[:0], a.oldAt[:0], a.oldBad[:0], 0
	return nil
}

// emitChunk emits the changes of some touched groups.
func (a *Aggregate) emitChunk(ctx context.Context, groups []uint32, oldAt []int32, emit Emit) error {
	d := &a.out.diff
	d.reset()
	rows := a.rows()
	live := a.first[:0]
	for i, g := range groups {
		newAt := int32(-1)
		if rows[g] != 0 || a.pinned(g) {
			newAt = int32(len(live))
			live = append(live, g)
		}
		d.add(g, oldAt[i], newAt)
	}
	a.first = live
	newBad := a.results(ctx, live, a.tmp)
	d.errors(a.oldBad, newBad, a.spec.Bad)
	d.compare(a.old, a.tmp)
	return a.out.emitDiff(a.tab, len(a.spec.Keys), a.old, a.tmp, emit)
}

// forget drops a group and what the aggregates keep of it.
func (a *Aggregate) forget(g uint32) {
	at := int64(minTime)
	if a.times != nil {
		if col := &a.tab.Cols[a.spec.Time]; !col.IsNull(int(g)) {
			at = col.Ints[g]
		}
	}
	a.one[0] = g
	a.drop(a.one[:])
	if a.times != nil {
		a.times.Remove(at)
	}
}

// drop drops groups that are in no bucket any more.
func (a *Aggregate) drop(groups []uint32) {
	for _, s := range a.calls {
		s.clear(groups)
	}
	for _, s := range a.sets {
		s.clear(groups)
	}
	for _, g := range groups {
		a.tab.Free(g)
	}
}

// dropClosed forgets the groups that no row to come can belong to: what is known
// of them is never asked again.
func (a *Aggregate) dropClosed() {
	if a.times != nil {
		_ = a.times.Before(a.bound, func(_ int64, groups []uint32) error {
			a.drop(groups)
			return nil
		})
	}
}

// emitClosed emits the groups whose time has passed, and forgets them.
func (a *Aggregate) emitClosed(ctx context.Context, emit Emit) error {
	return a.times.Before(a.bound, func(_ int64, groups []uint32) error {
		for lo := 0; lo < len(groups); lo += vec.Size {
			if err := a.emitGroups(ctx, groups[lo:min(lo+vec.Size, len(groups))], emit); err != nil {
				return err
			}
		}
		a.drop(groups)
		return nil
	})
}

// emitAll emits every group.
func (a *Aggregate) emitAll(ctx context.Context, emit Emit) error {
	return a.tab.All(vec.Size, func(groups []uint32) error { return a.emitGroups(ctx, groups, emit) })
}

func (a *Aggregate) emitGroups(ctx context.Context, groups []uint32, emit Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	bad := a.results(ctx, groups, a.tmp)
	for _, b := range bad {
		a.spec.Bad(b.err, 1)
	}
	return a.out.emitRows(a.tab, len(a.spec.Keys), groups, a.tmp, bad, emit)
}

// resultErrors gathers the errors of several columns of results.
type resultErrors struct {
	ctx  funcs.Ctx
	bad  vec.RowErrors
	list []badGroup
}

func (r *resultErrors) collect() {
	for i, row := range r.bad.Rows {
		r.list = append(r.list, badGroup{row, r.bad.Errs[i]})
	}
}

// sorted gives one error per row, the first that was collected.
func (r *resultErrors) sorted() []badGroup {
	if len(r.list) > 1 {
		r.list = firstErrors(r.list)
	}
	return r.list
}

// diff lists, for a number of groups, where their old and new results are.
type diff struct {
	groups       []uint32
	oldAt, newAt []int32
	changed      []bool
}

func (d *diff) reset() {
	d.groups, d.oldAt, d.newAt, d.changed = d.groups[:0], d.oldAt[:0], d.newAt[:0], d.changed[:0]
}

func (d *diff) add(g uint32, oldAt, newAt int32) {
	d.groups, d.oldAt, d.newAt = append(d.groups, g), append(d.oldAt, oldAt), append(d.newAt, newAt)
	d.changed = append(d.changed, oldAt < 0 || newAt < 0)
}

// errors reports the groups whose result is an error, and those where it no
// longer is, and takes them out: they have no row.
func (d *diff) errors(oldBad, newBad []badGroup, report BadRow) {
	if len(oldBad) == 0 && len(newBad) == 0 {
		return
	}
	for i := range d.groups {
		if err := errorAt(oldBad, d.oldAt[i]); err != nil {
			report(err, -1)
			d.oldAt[i], d.changed[i] = -1, true
		}
		if err := errorAt(newBad, d.newAt[i]); err != nil {
			report(err, 1)
			d.newAt[i], d.changed[i] = -1, true
		}
	}
}

// compare finds the groups whose results differ by image.
func (d *diff) compare(old, now []vec.Vec) {
	for c := range old {
		o, n := &old[c], &now[c]
		switch plain := o.Nulls == nil && n.Nulls == nil; {
		case plain && o.Kind == types.Int:
			for i := range d.changed {
				if !d.changed[i] && o.Ints[d.oldAt[i]] != n.Ints[d.newAt[i]] {
					d.changed[i] = true
				}
			}
			continue
		case plain && o.Kind == types.Float:
			for i := range d.changed {
				if !d.changed[i] && math.Float64bits(o.Floats[d.oldAt[i]]) != math.Float64bits(n.Floats[d.newAt[i]]) {
					d.changed[i] = true
				}
			}
			continue
		}
		for i := range d.changed {
			if !d.changed[i] && !vec.SameImage(o, int(d.oldAt[i]), n, int(d.newAt[i])) {
				d.changed[i] = true
			}
		}
	}
}

// emitter builds the batches that a stateful node emits.
type emitter struct {
	batch vec.Batch
	kinds []types.Kind
	diff  diff
	slots []uint32
	minus []int32
	plus  []int32
	w     []int64
}

func (e *emitter) init(ts []*types.Type) {
	for _, t := range ts {
		e.kinds = append(e.kinds, t.Kind)
	}
	e.batch.Cols = make([]vec.Vec, len(ts))
}

// emitDiff emits the rows that e.diff found to have changed: first the old ones,
// with weight −1, then the new ones. Their first nk columns are keys of the table.
func (e *emitter) emitDiff(tab *state.Table, nk int, old, now []vec.Vec, emit Emit) error {
	e.slots, e.minus, e.plus = e.slots[:0], e.minus[:0], e.plus[:0]
	d := &e.diff
	for i, g := range d.groups {
		if d.changed[i] && d.oldAt[i] >= 0 {
			e.minus, e.slots = append(e.minus, d.oldAt[i]), append(e.slots, g)
		}
	}
	for i, g := range d.groups {
		if d.changed[i] && d.newAt[i] >= 0 {
			e.plus, e.slots = append(e.plus, d.newAt[i]), append(e.slots, g)
		}
	}
	if len(e.slots) == 0 {
		return nil
	}
	b := &e.batch
	gatherKeys(b.Cols, tab, nk, e.slots)
	for c := range now {
		col := &b.Cols[nk+c]
		if len(e.minus) == 0 {
			col.Gather(&now[c], e.plus)
			continue
		}
		col.Gather(&old[c], e.minus)
		col.AppendRows(&now[c], e.plus)
	}
	b.N, b.Sel = len(e.slots), nil
	b.Weights = e.weights(len(e.minus), len(e.plus))
	return emit(b)
}

// weights makes the weights of minus old rows and plus new ones.
func (e *emitter) weights(minus, plus int) []int64 {
	if minus == 0 {
		return nil
	}
	e.w = e.w[:0]
	for range minus {
		e.w = append(e.w, -1)
	}
	for range plus {
		e.w = append(e.w, 1)
	}
	return e.w
}

// emitRows emits groups with their results, but for those that failed.
func (e *emitter) emitRows(tab *state.Table, nk int, groups []uint32, res []vec.Vec, bad []badGroup, emit Emit) error {
	b := &e.batch
	gatherKeys(b.Cols, tab, nk, groups)
	out := vec.Batch{Cols: e.slotsFor(b.Cols[:nk], res), N: len(groups)}
	if len(bad) > 0 {
		e.plus = e.plus[:0]
		for i := range groups {
			if errorAt(bad, int32(i)) == nil {
				e.plus = append(e.plus, int32(i))
			}
		}
		out.Sel, out.N = e.plus, len(e.plus)
	}
	if out.N == 0 {
		return nil
	}
	return emit(&out)
}

// slotsFor lists key columns and result columns as one row of columns, without
// copying them.
func (e *emitter) slotsFor(keys, res []vec.Vec) []vec.Vec {
	return append(append(make([]vec.Vec, 0, len(keys)+len(res)), keys...), res...)
}

func gatherKeys(out []vec.Vec, tab *state.Table, nk int, slots []uint32) {
	for c := range nk {
		tab.GatherColumn(&out[c], c, slots)
	}
}
