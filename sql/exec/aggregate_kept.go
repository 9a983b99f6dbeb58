package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// valueSet keeps the arguments of the rows of each group as an ordered multiset.
// Several aggregates may read one: min(x) and max(x) do.
type valueSet struct {
	set    *state.Multiset
	cols   []int // the columns of the batch that are kept: sort keys, then arguments
	order  []AggOrder
	filter int
	notNil int
	vals   []vec.Vec
}

// keptAgg computes an aggregate anew from the kept arguments of a group, in
// order. For an extreme that is the first or last of them, and those equal to it.
type keptAgg struct {
	call *AggCall
	set  *valueSet
	acc  funcs.Acc // of as many groups as are computed at a time
	args []int     // of the call, among the columns of the set
	feed feeder
}

// newKept makes the state of a call over a value set, shared with the calls before
// it that keep the same.
func (a *Aggregate) newKept(c *AggCall, acc funcs.Acc) *keptAgg {
	v := keptLayout(c)
	for _, have := range a.sets {
		if slices.Equal(have.cols, v.cols) && slices.Equal(have.order, v.order) && have.filter == v.filter && have.notNil == v.notNil {
			v = have
		}
	}
	if v.set == nil {
		v.set = state.NewMultiset(v.types(c), sortCols(v.order))
		v.vals = make([]vec.Vec, len(v.cols))
		a.sets = append(a.sets, v)
	}
	k := &keptAgg{call: c, set: v, acc: acc}
	for _, arg := range c.Args {
		k.args = append(k.args, slices.Index(v.cols, arg))
	}
	return k
}

// keptLayout says what is kept for a call.
func keptLayout(c *AggCall) *valueSet {
	v := &valueSet{filter: c.Filter, notNil: -1, order: c.OrderBy}
	if c.Traits.Extreme != 0 && len(c.OrderBy) == 0 {
		v.notNil = c.Args[0]
	}
	for _, o := range c.OrderBy {
		if !slices.Contains(v.cols, o.Col) {
			v.cols = append(v.cols, o.Col)
		}
	}
	for i, arg := range c.Args {
		if !slices.Contains(v.cols, arg) {
			v.cols = append(v.cols, arg)
		}
		// Without an order asked for it is that of the arguments.
		if len(c.OrderBy) == 0 {
			v.order = append(v.order, AggOrder{Col: arg, Type: c.ArgTypes[i]})
		}
	}
	// Sort keys speak of the kept columns.
	v.order = slices.Clone(v.order)
	for i := range v.order {
		v.order[i].Col = slices.Index(v.cols, v.order[i].Col)
	}
	return v
}

func (v *valueSet) types(c *AggCall) []*types.Type {
	ts := make([]*types.Type, len(v.cols))
	for _, o := range v.order {
		ts[o.Col] = o.Type
	}
	for i, arg := range c.Args {
		ts[slices.Index(v.cols, arg)] = c.ArgTypes[i]
	}
	return ts
}

func sortCols(order []AggOrder) []state.SortCol {
	out := make([]state.SortCol, len(order))
	for i, o := range order {
		out[i] = state.SortCol{Col: o.Col, Desc: o.Desc, NullsFirst: o.NullsFirst}
	}
	return out
}

func (v *valueSet) add(in *aggInput) {
	rows, groups, w := in.pick(v.filter, v.notNil)
	if len(groups) == 0 {
		return
	}
	for i, c := range in.columns(v.cols, rows) {
		v.vals[i] = *c
	}
	v.set.Add(groups, v.vals, w)
}

func (v *valueSet) clear(groups []uint32) {
	for _, g := range groups {
		v.set.Drop(g)
	}
}

func (v *valueSet) bytes() int64 { return v.set.Bytes() }

func (k *keptAgg) grow(int)       {}
func (k *keptAgg) add(*aggInput)  {}
func (k *keptAgg) clear([]uint32) {}
func (k *keptAgg) bytes() int64   { return k.acc.Bytes() }

func (k *keptAgg) result(c *funcs.Ctx, groups []uint32, out *vec.Vec) {
	k.feed.begin(c, k.acc, len(groups), k.set.set.Columns(), k.args)
	for i, g := range groups {
		k.feed.group = uint32(i)
		if k.call.Traits.Extreme != 0 && len(k.call.OrderBy) == 0 {
			k.extreme(g)
		} else {
			k.all(g)
		}
	}
	k.feed.result(c, out)
}

// extreme feeds the least or greatest argument of a group, in all its images: the
// accumulator chooses among them.
func (k *keptAgg) extreme(g uint32) {
	set := k.set.set
	first := state.None
	visit := func(slot uint32) bool {
		if first == state.None {
			first = slot
		} else if !set.SameKeys(first, slot, 1) {
			return false
		}
		k.feed.add(slot, 1)
		return true
	}
	if k.call.Traits.Extreme < 0 {
		set.Ascend(g, visit)
	} else {
		set.Descend(g, visit)
	}
}

// all feeds all arguments of a group in order, or the distinct ones.
func (k *keptAgg) all(g uint32) {
	set := k.set.set
	last := state.None
	set.Ascend(g, func(slot uint32) bool {
		n := set.Count(slot)
		if k.call.Distinct {
			if last != state.None && set.SameKeys(last, slot, len(k.set.cols)) {
				return true
			}
			last, n = slot, min(n, 1)
		}
		if n > 0 {
			k.feed.add(slot, n)
		}
		return true
	})
}

// feeder hands rows that are kept in slots to a scratch accumulator, whose groups
// are numbered from 0.
type feeder struct {
	acc   funcs.Acc
	n     int
	cols  []vec.Vec
	args  []int
	ctx   funcs.Ctx
	group uint32

	slots  []uint32
	groups []uint32
	w      []int64
	vals   []vec.Vec
	ptrs   []*vec.Vec
	bad    vec.RowErrors
	failed []badGroup
	ids    []uint32
}

// begin prepares the accumulator for n groups. Rows are read from cols.
func (f *feeder) begin(c *funcs.Ctx, acc funcs.Acc, n int, cols []vec.Vec, args []int) {
	f.acc, f.n, f.cols, f.args = acc, n, cols, args
	f.ctx = *c
	f.ctx.Bad = &f.bad
	f.failed = f.failed[:0]
	acc.Grow(n)
	for len(f.ids) < n {
		f.ids = append(f.ids, uint32(len(f.ids)))
	}
	acc.Clear(f.ids[:n])
	if len(f.vals) != len(args) {
		f.vals, f.ptrs = make([]vec.Vec, len(args)), make([]*vec.Vec, len(args))
	}
}

// add feeds the row of a slot to the current group, w times.
func (f *feeder) add(slot uint32, w int64) {
	f.slots, f.groups, f.w = append(f.slots, slot), append(f.groups, f.group), append(f.w, w)
	if len(f.slots) == vec.Size {
		f.flush()
	}
}

func (f *feeder) flush() {
	if len(f.slots) == 0 {
		return
	}
	for i, c := range f.args {
		state.Gather(&f.vals[i], &f.cols[c], f.slots)
		f.ptrs[i] = &f.vals[i]
	}
	f.bad.Reset()
	f.acc.Add(&f.ctx, f.groups, f.ptrs, f.w)
	for i, row := range f.bad.Rows {
		f.failed = append(f.failed, badGroup{int32(f.groups[row]), f.bad.Errs[i]})
	}
	f.slots, f.groups, f.w = f.slots[:0], f.groups[:0], f.w[:0]
}

// result gives the results; a group of which a row was refused has that error.
func (f *feeder) result(c *funcs.Ctx, out *vec.Vec) {
	f.flush()
	f.acc.Result(c, f.ids[:f.n], out)
	for _, b := range f.failed {
		c.Bad.Set(int(b.at), b.err)
	}
}
