package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func (s *joinSpec) anti() bool { return s.kind == plan.Anti || s.kind == plan.NullAnti }

// pairEval tests a condition on pairs of rows.
type pairEval struct {
	x     *pairExpr
	batch vec.Batch
	sel   []int32
	out   vec.Vec
}

// gather brings the columns that the condition reads together: row i is place
// p[i] of the probe columns and row b[i] of the build columns.
func (e *pairEval) gather(probe, build []vec.Vec, p, b []int32) {
	if e.batch.Cols == nil {
		e.batch.Cols = make([]vec.Vec, len(e.x.cols))
	}
	for i, c := range e.x.cols {
		if c.side == probeSide {
			e.batch.Cols[i].Gather(&probe[c.pos], p)
		} else {
			e.batch.Cols[i].Gather(&build[c.pos], b)
		}
	}
	e.batch.N = len(p)
}

// fill makes the pairs of the next rows of the batch: whole chains where they
// fit, as many as may be given at once. It tells up to which row all pairs of all
// rows have been made; the chain of that row may be begun.
func (o *hashJoin) fill() (end int) {
	o.p, o.b = o.p[:0], o.b[:0]
	next := o.build.table.next
	lone := 0 // rows without a chain, each of which may be given
	for o.row < o.batch.N {
		if o.cur == 0 {
			o.cur = o.heads[o.row]
			if o.cur == 0 {
				o.row++
				if lone++; lone+len(o.p) >= vec.Size {
					return o.row
				}
				continue
			}
		}
		for {
			o.p, o.b = append(o.p, int32(o.row)), append(o.b, o.cur-1)
			if next == nil {
				o.cur = 0
			} else {
				o.cur = next[o.cur-1]
			}
			if o.cur == 0 {
				o.row++
				break
			}
			if lone+len(o.p) >= vec.Size {
				return o.row
			}
		}
		if lone+len(o.p) >= vec.Size {
			return o.row
		}
	}
	return o.row
}

// test leaves the pairs that match: with equal keys, where chains may mix them,
// and with the residual condition true. Pairs behind one that fails are cut, and
// end then is that pair's row.
func (o *hashJoin) test(ctx context.Context, end int) int {
	if !o.build.table.exact {
		o.testKeys()
	}
	if o.residual == nil || len(o.p) == 0 {
		return end
	}
	o.places()
	o.cond.gather(o.batch.Cols, o.build.rows.cols, o.gp, o.b)
	o.cond.sel = o.residual.pred.Select(o.start(ctx), &o.cond.batch, o.cond.sel)
	if n := o.cut(len(o.p)); n < len(o.p) {
		end = int(o.p[n])
		o.row = o.batch.N
	}
	k := 0
	for _, i := range o.cutSel(o.cond.sel) {
		o.p[k], o.b[k] = o.p[i], o.b[i]
		k++
	}
	o.p, o.b = o.p[:k], o.b[:k]
	return end
}

// places writes to gp where the pairs' probe rows are.
func (o *hashJoin) places() {
	if o.phys == nil {
		o.gp = append(o.gp[:0], o.p...)
		return
	}
	o.gp = resize(o.gp, len(o.p))
	for i, j := range o.p {
		o.gp[i] = o.phys[j]
	}
}

// testKeys leaves the pairs whose keys are equal.
func (o *hashJoin) testKeys() {
	for k, key := range o.keys {
		o.p, o.b = equalPairs(&o.vals[k], &o.build.rows.cols[o.build.keys[k]], o.p, o.b, key)
	}
}

// equalPairs leaves the pairs for which value p[i] of a equals value b[i] of c.
func equalPairs(a, c *vec.Vec, p, b []int32, key joinKey) ([]int32, []int32) {
	n := 0
	switch {
	case a.Kind == types.Int && (!key.nulls || a.Nulls == nil && c.Nulls == nil): // else no chain holds a NULL
		for i, j := range p {
			p[n], b[n] = j, b[i]
			if a.Ints[j] == c.Ints[b[n]] {
				n++
			}
		}
	case a.Kind == types.Bytes && (!key.nulls || a.Nulls == nil && c.Nulls == nil) && key.typ.PlainBytes():
		for i, j := range p {
			p[n], b[n] = j, b[i]
			if a.Strs[j] == c.Strs[b[n]] {
				n++
			}
		}
	default:
		for i, j := range p {
			p[n], b[n] = j, b[i]
			if vec.Equal(a, int(j), c, int(b[n]), key.typ) {
				n++
			}
		}
	}
	return p[:n], b[:n]
}

// stepPairs gives pairs, and rows of the probe side without one where these are
// wanted; or notes which build rows have matched.
func (o *hashJoin) stepPairs(ctx context.Context, out *vec.Batch) error {
	if !o.pairs() && o.build.table.exact && o.residual == nil {
		o.markChains()
		return nil
	}
	begun := o.row
	end := o.test(ctx, o.fill())
	if o.matched != nil {
		for _, i := range o.b {
			o.matched[i] = true
		}
	}
	if !o.pairs() {
		return nil // a semi or anti join that tracks the build side
	}
	if !o.probeOuter() {
		o.places()
		o.give(o.gp, o.b, out)
		return nil
	}
	return o.giveOuter(begun, end, out)
}

// giveOuter gives the pairs of rows begun … and among them the rows below end that
// have none.
func (o *hashJoin) giveOuter(begun, end int, out *vec.Batch) error {
	o.gp, o.gb = o.gp[:0], o.gb[:0]
	k := 0
	for j := begun; j <= end && j < o.batch.N; j++ {
		for ; k < len(o.p) && int(o.p[k]) == j; k++ {
			if o.kind == plan.Single && o.hit[j] == hitTrue {
				o.late = errSecondRow
				o.row = o.batch.N
				o.give(o.gp, o.gb, out)
				return nil
			}
			o.hit[j] = hitTrue
			o.gp, o.gb = append(o.gp, o.at(j)), append(o.gb, o.b[k])
		}
		if o.hit[j] == hitNone && j < end {
			o.gp, o.gb = append(o.gp, o.at(j)), append(o.gb, -1)
		}
	}
	o.give(o.gp, o.gb, out)
	return nil
}

// give gathers pairs: places of the batch and build rows; -1 of these is NULLs.
func (o *hashJoin) give(p, b []int32, out *vec.Batch) {
	same := o.phys == nil && len(p) == o.batch.N && ascending(p)
	for i, c := range o.outs {
		switch {
		case c.side == probeSide && same:
			o.cols[i] = o.batch.Cols[c.pos]
			continue
		case c.side == probeSide:
			o.own[i].Gather(&o.batch.Cols[c.pos], p)
		case o.probeOuter():
			o.own[i].GatherOuter(&o.build.rows.cols[c.pos], b)
		default:
			o.own[i].Gather(&o.build.rows.cols[c.pos], b)
		}
		o.cols[i] = o.own[i]
	}
	*out = vec.Batch{Cols: o.cols, N: len(p)}
}

// ascending tells whether a list of as many row numbers as there are rows is 0,
// 1, 2 ….
func ascending(p []int32) bool {
	for i, j := range p {
		if int(j) != i {
			return false
		}
	}
	return true
}

// giveTail gives the build rows that the kind of join gives at the end: those
// without a match beside NULLs, or for a semi join those with one.
func (o *hashJoin) giveTail(out *vec.Batch) {
	out.N = 0
	if o.matched == nil {
		return
	}
	want := o.kind == plan.Semi
	o.gb = o.gb[:0]
	for ; o.tail < len(o.matched) && len(o.gb) < vec.Size; o.tail++ {
		if o.matched[o.tail] == want {
			o.gb = append(o.gb, int32(o.tail))
		}
	}
	for i, c := range o.outs {
		if c.side == probeSide {
			o.own[i].AllNull(o.probeKinds[c.pos], len(o.gb))
		} else {
			o.own[i].Gather(&o.build.rows.cols[c.pos], o.gb)
		}
		o.cols[i] = o.own[i]
	}
	*out = vec.Batch{Cols: o.cols, N: len(o.gb)}
}

// markChains notes the build rows that match the batch, where a chain is a match.
func (o *hashJoin) markChains() {
	next := o.build.table.next
	for _, h := range o.heads[:o.batch.N] {
		for h != 0 && !o.matched[h-1] {
			o.matched[h-1] = true
			if next == nil {
				break
			}
			h = next[h-1]
		}
	}
	o.row = o.batch.N
}
