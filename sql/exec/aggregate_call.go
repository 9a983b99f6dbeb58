package exec

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// aggState keeps one aggregate for all groups:
//
//	rowCount    count(*): the table has it already
//	accState    the accumulator itself, where rows only come, or where it is linear
//	distinctAcc the accumulator over the distinct arguments
//	keptAgg     computed anew from the group's arguments, which are kept in order,
//	            for everything else under removals, and for what depends on order
//	sortedAgg   the same in batch: arguments are collected, and sorted at the end
type aggState interface {
	grow(n int)
	add(in *aggInput)
	result(c *funcs.Ctx, groups []uint32, out *vec.Vec)
	clear(groups []uint32)
	bytes() int64
}

// newState chooses how a call is kept.
func (a *Aggregate) newState(c *AggCall) (aggState, error) {
	if c.CountRows {
		return &rowCount{agg: a}, nil
	}
	acc, err := c.New()
	if err != nil {
		return nil, err
	}
	ordered := c.Traits.Ordered || len(c.OrderBy) > 0
	if c.Traits.Rounds && a.spec.Mode != AggBatch { // a view's sums are exact, in whatever order
		ordered = false
	}
	kept := ordered || a.spec.Mode == AggDelta && !c.Traits.Linear
	switch {
	case kept && a.spec.Mode == AggBatch:
		return newSortedAgg(c, acc), nil
	case kept:
		return a.newKept(c, acc), nil
	case c.Distinct && c.Traits.Extreme == 0:
		return newDistinctAcc(c, acc, a.spec.Time >= 0), nil
	}
	return &accState{call: c, acc: acc}, nil
}

// aggInput is a batch as the aggregates see it: dense, with the group of each row.
type aggInput struct {
	spec   *AggSpec
	ctx    funcs.Ctx
	bad    vec.RowErrors
	b      *vec.Batch
	n      int
	w      []int64
	groups []uint32
	keys   []vec.Vec
	args   []*vec.Vec
	picks  []rowPick
	cut    []vec.Vec
}

// rowPick is the part of a batch that a condition keeps, made at most once per
// batch.
type rowPick struct {
	filter int // the column of the condition
	notNil int // the column that must not be NULL, -1 for none
	made   bool
	rows   []int32
	groups []uint32
	w      []int64
}

func newAggInput(spec *AggSpec) aggInput {
	return aggInput{spec: spec, keys: make([]vec.Vec, len(spec.Keys))}
}

func (in *aggInput) set(ctx context.Context, d *vec.Batch, dense *vec.Batch) {
	in.ctx = funcs.Ctx{Context: ctx, Env: in.spec.Env, Bad: &in.bad}
	if d.Sel != nil {
		d.Dense(dense)
		d = dense
	}
	in.b, in.n = d, d.N
	in.w = nil
	if d.Weights != nil {
		in.w = d.Weights[:d.N]
	}
	if cap(in.groups) < in.n {
		in.groups = make([]uint32, max(in.n, min(4*cap(in.groups), vec.Size)))
	}
	in.groups = in.groups[:in.n]
	for i, c := range in.spec.Keys {
		in.keys[i] = d.Cols[c]
	}
	for i := range in.picks {
		in.picks[i].made = false
	}
}

// pick gives the rows for which the filter column (-1: none) is true and the
// other column (-1: none) is not NULL, with their groups and weights. rows is nil
// when it is all of them.
func (in *aggInput) pick(filter, notNil int) (rows []int32, groups []uint32, w []int64) {
	if notNil >= 0 && in.b.Cols[notNil].Nulls == nil {
		notNil = -1
	}
	if filter < 0 && notNil < 0 {
		return nil, in.groups, in.w
	}
	i := slices.IndexFunc(in.picks, func(p rowPick) bool { return p.filter == filter && p.notNil == notNil })
	if i < 0 {
		i = len(in.picks)
		in.picks = append(in.picks, rowPick{filter: filter, notNil: notNil})
	}
	p := &in.picks[i]
	if !p.made {
		p.make(in)
	}
	return p.rows, p.groups, p.w
}

func (p *rowPick) make(in *aggInput) {
	p.made = true
	if p.rows == nil {
		p.rows = make([]int32, 0, 8) // nil means all rows
	}
	p.rows, p.groups, p.w = p.rows[:0], p.groups[:0], p.w[:0]
	for i := range in.n {
		if p.filter >= 0 && (!in.b.Cols[p.filter].Bools[i] || in.b.Cols[p.filter].IsNull(i)) {
			continue
		}
		if p.notNil >= 0 && in.b.Cols[p.notNil].Nulls[i] {
			continue
		}
		p.rows, p.groups = append(p.rows, int32(i)), append(p.groups, in.groups[i])
		if in.w != nil {
			p.w = append(p.w, in.w[i])
		}
	}
	if in.w == nil {
		p.w = nil
	}
}

// columns gives the columns of the given rows (nil: all). What is gathered is
// lent until the next call.
func (in *aggInput) columns(cols []int, rows []int32) []*vec.Vec {
	in.args = in.args[:0]
	if rows == nil {
		for _, c := range cols {
			in.args = append(in.args, &in.b.Cols[c])
		}
		return in.args
	}
	for len(in.cut) < len(cols) {
		in.cut = append(in.cut, vec.Vec{})
	}
	for i, c := range cols {
		in.cut[i].Gather(&in.b.Cols[c], rows)
		in.args = append(in.args, &in.cut[i])
	}
	return in.args
}

// report tells of the rows that an accumulator has refused. rows are the batch's
// rows that it was given, w their weights.
func (in *aggInput) report(w []int64) {
	if len(in.bad.Rows) == 0 {
		return
	}
	for _, b := range errorList(&in.bad) {
		weight := int64(1)
		if w != nil {
			weight = w[b.at]
		}
		in.spec.Bad(b.err, weight)
	}
	in.bad.Reset()
}

// errorList gives the first error of every row that failed, by row.
func errorList(bad *vec.RowErrors) []badGroup {
	list := make([]badGroup, len(bad.Rows))
	for i, row := range bad.Rows {
		list[i] = badGroup{row, bad.Errs[i]}
	}
	return firstErrors(list)
}

// firstErrors sorts errors by row and leaves the first of each.
func firstErrors(list []badGroup) []badGroup {
	slices.SortStableFunc(list, func(a, b badGroup) int { return int(a.at) - int(b.at) })
	return slices.CompactFunc(list, func(a, b badGroup) bool { return a.at == b.at })
}

// errorAt finds the error of a row in a sorted list.
func errorAt(list []badGroup, at int32) error {
	if len(list) == 0 || at < 0 {
		return nil
	}
	i, ok := slices.BinarySearchFunc(list, at, func(b badGroup, at int32) int { return int(b.at) - int(at) })
	if !ok {
		return nil
	}
	return list[i].err
}

// rowCount is count(*).
type rowCount struct{ agg *Aggregate }

func (s *rowCount) grow(int)      {}
func (s *rowCount) add(*aggInput) {}
func (s *rowCount) result(_ *funcs.Ctx, groups []uint32, out *vec.Vec) {
	out.Reset(types.Int, len(groups))
	rows := s.agg.rows()
	for i, g := range groups {
		out.Ints[i] = rows[g]
	}
}
func (s *rowCount) clear([]uint32) {}
func (s *rowCount) bytes() int64   { return 0 }

// accState is an aggregate whose accumulator holds it all.
type accState struct {
	call *AggCall
	acc  funcs.Acc
}

func (s *accState) grow(n int) { s.acc.Grow(n) }

func (s *accState) add(in *aggInput) {
	rows, groups, w := in.pick(s.call.Filter, -1)
	if len(groups) == 0 {
		return
	}
	s.acc.Add(&in.ctx, groups, in.columns(s.call.Args, rows), w)
	in.report(w)
}

func (s *accState) result(c *funcs.Ctx, groups []uint32, out *vec.Vec) { s.acc.Result(c, groups, out) }
func (s *accState) clear(groups []uint32)                              { s.acc.Clear(groups) }
func (s *accState) bytes() int64                                       { return s.acc.Bytes() }
