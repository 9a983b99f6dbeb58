package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// AggMode is what an Aggregate is pushed and what it emits.
type AggMode uint8

// The modes.
const (
	// AggDelta: rows come and go; a flush emits −old +new for the groups that
	// changed.
	AggDelta AggMode = iota
	// AggAppend: as AggDelta, and rows only come (weights are positive).
	AggAppend
	// AggFinal: rows only come; a group is emitted once, by the flush after
	// Advance has passed its time.
	AggFinal
	// AggBatch: rows only come; the one flush emits every group.
	AggBatch
)

// AggSpec says what an Aggregate computes. Numbers of columns are those of the
// batches that are pushed: arguments are computed below it.
type AggSpec struct {
	Mode     AggMode
	Keys     []int
	KeyTypes []*types.Type
	Calls    []AggCall
	// Pinned are the keys of groups that are there even without rows: the one
	// group of an aggregate without GROUP BY, and that of each empty grouping set.
	Pinned [][]types.Datum
	// Time is the position in Keys of the column that Advance speaks of, -1 for
	// none. It is of kind Int.
	Time int
	Env  *funcs.Env
	Bad  BadRow
}

// AggCall is one aggregate.
type AggCall struct {
	// New makes the accumulator; Traits says how it can be maintained.
	New    func() (funcs.Acc, error)
	Traits funcs.AggTraits
	// CountRows is count(*) without DISTINCT and FILTER, which needs no
	// accumulator.
	CountRows bool
	Args      []int
	ArgTypes  []*types.Type
	Distinct  bool
	OrderBy   []AggOrder
	// Filter is a boolean column: rows for which it is not true do not count. -1
	// for none.
	Filter int
	Ret    *types.Type
}

// AggOrder is a sort key within an aggregate.
type AggOrder struct {
	Col        int
	Type       *types.Type
	Desc       bool
	NullsFirst bool
}

// Aggregate groups rows and computes aggregates per group. Its output columns
// are the keys, as the first row of the group showed them, and the aggregates.
//
// Push finds the groups of a batch, notes the results of those that the step has
// not touched before, and adds the rows. Flush emits what has changed. A group
// without rows goes.
//
// Rows per group are counted in a column of the table; how an aggregate keeps its
// state is chosen per call (aggState).
type Aggregate struct {
	spec  AggSpec
	tab   *state.Table // the keys, the number of rows
	calls []aggState
	sets  []*valueSet
	times *state.Buckets
	bound int64

	started bool
	touched []uint32
	seen    state.Bitset
	oldAt   []int32 // of touched groups: the row of old, -1 when there was none
	old     []vec.Vec
	nold    int
	oldBad  []badGroup

	in     aggInput
	dense  vec.Batch
	first  []uint32
	one    [1]uint32
	tmp    []vec.Vec
	out    emitter
	result resultErrors
}

// NewAggregate makes an Aggregate without rows.
func NewAggregate(spec AggSpec) (*Aggregate, error) {
	a := new(Aggregate)
	if err := a.init(spec); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *Aggregate) init(spec AggSpec) error {
	*a = Aggregate{spec: spec, bound: minTime}
	nk := len(spec.Keys)
	a.tab = state.NewTable(append(append([]*types.Type{}, spec.KeyTypes...), types.TInt8), nk, state.SQL)
	a.in = newAggInput(&a.spec)
	for i := range spec.Calls {
		s, err := a.newState(&spec.Calls[i])
		if err != nil {
			return err
		}
		a.calls = append(a.calls, s)
	}
	a.old, a.tmp = make([]vec.Vec, len(spec.Calls)), make([]vec.Vec, len(spec.Calls))
	a.out.init(spec.outTypes())
	if spec.Time >= 0 {
		a.times = state.NewBuckets(a.hasTime)
	}
	a.pin()
	return nil
}

func (s *AggSpec) outTypes() []*types.Type {
	ts := append([]*types.Type{}, s.KeyTypes...)
	for i := range s.Calls {
		ts = append(ts, s.Calls[i].Ret)
	}
	return ts
}

// OutTypes are the types of the columns that are emitted.
func (a *Aggregate) OutTypes() []*types.Type { return a.spec.outTypes() }

// pin makes the groups that are always there. They come first, so that they are
// told by their slots.
func (a *Aggregate) pin() {
	n := len(a.spec.Pinned)
	if n == 0 {
		return
	}
	keys := make([]vec.Vec, len(a.spec.Keys))
	for c, t := range a.spec.KeyTypes {
		keys[c].Reset(t.Kind, 0)
		for _, k := range a.spec.Pinned {
			keys[c].AppendDatum(k[c])
		}
	}
	a.tab.Groups(keys, n, make([]uint32, n))
	a.grow()
}

func (a *Aggregate) pinned(g uint32) bool { return int(g) < len(a.spec.Pinned) }

// rows are the numbers of rows by group.
func (a *Aggregate) rows() []int64 { return a.tab.Cols[len(a.spec.Keys)].Ints }

func (a *Aggregate) grow() {
	n := a.tab.High()
	for _, s := range a.calls {
		s.grow(n)
	}
}

// begin notes, in the very first step, the groups that are there from the start.
func (a *Aggregate) begin() {
	if a.started {
		return
	}
	a.started = true
	for g := range a.spec.Pinned {
		a.touchNew(uint32(g))
	}
}

func (a *Aggregate) touchNew(g uint32) {
	if a.tracks() {
		a.seen.Add(g)
		a.touched, a.oldAt = append(a.touched, g), append(a.oldAt, -1)
	}
}

// tracks tells whether a flush emits changes, for which the groups that a step
// touches are noted.
func (a *Aggregate) tracks() bool { return a.spec.Mode <= AggAppend }

// Push implements Node.
func (a *Aggregate) Push(ctx context.Context, _ int, d *vec.Batch, _ Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.begin()
	if d.N == 0 {
		return nil
	}
	in := &a.in
	in.set(ctx, d, &a.dense)
	fresh, _ := a.tab.Groups(in.keys, in.n, in.groups)
	if len(fresh) > 0 {
		a.created(fresh)
	}
	a.touch(ctx)
	a.count()
	for _, s := range a.calls {
		s.add(in)
	}
	for _, s := range a.sets {
		s.add(in)
	}
	return nil
}

// created makes room for new groups.
func (a *Aggregate) created(fresh []uint32) {
	a.grow()
	rows := a.rows()
	for _, g := range fresh {
		rows[g] = 0
		a.touchNew(g)
	}
	if a.times != nil {
		col := &a.tab.Cols[a.spec.Time]
		for _, g := range fresh {
			if !col.IsNull(int(g)) {
				a.times.Add(g, col.Ints[g])
			}
		}
	}
}

// touch notes the groups that this step touches for the first time, and their
// results before it.
func (a *Aggregate) touch(ctx context.Context) {
	if !a.tracks() {
		return
	}
	first := a.first[:0]
	for _, g := range a.in.groups {
		if !a.seen.Has(g) {
			a.seen.Add(g)
			first = append(first, g)
		}
	}
	a.first = first
	if len(first) == 0 {
		return
	}
	for i := range first {
		a.oldAt = append(a.oldAt, int32(a.nold+i))
	}
	a.touched = append(a.touched, first...)
	into := a.old
	if a.nold > 0 {
		into = a.tmp
	}
	for _, b := range a.results(ctx, first, into) {
		b.at += int32(a.nold)
		a.oldBad = append(a.oldBad, b)
	}
	if a.nold > 0 {
		for i := range a.tmp {
			a.old[i].Append(&a.tmp[i])
		}
	}
	a.nold += len(first)
}

// count adds the batch to the numbers of rows.
func (a *Aggregate) count() {
	rows := a.rows()
	if a.in.w == nil {
		for _, g := range a.in.groups {
			rows[g]++
		}
	} else {
		for i, g := range a.in.groups {
			rows[g] += a.in.w[i]
		}
	}
	if a.spec.Mode == AggFinal {
		a.tab.TouchAll(a.in.groups)
	}
}

// Advance says, before a Flush, that no row to come has a Time below bound.
func (a *Aggregate) Advance(bound int64) { a.bound = max(a.bound, bound) }

// hasTime tells whether a group is there and has that time.
func (a *Aggregate) hasTime(g uint32, at int64) bool {
	col := &a.tab.Cols[a.spec.Time]
	return a.tab.Live(g) && !col.IsNull(int(g)) && col.Ints[g] == at
}

// Groups is the number of groups.
func (a *Aggregate) Groups() int { return a.tab.Len() }

// Kept implements Stateful.
func (a *Aggregate) Kept() int { return a.tab.Len() }

// Bytes is the memory in use.
func (a *Aggregate) Bytes() int64 {
	n := a.tab.Bytes() + int64(8*cap(a.seen)+4*cap(a.touched)+4*cap(a.oldAt))
	for _, s := range a.calls {
		n += s.bytes()
	}
	for _, s := range a.sets {
		n += s.bytes()
	}
	if a.times != nil {
		n += a.times.Bytes()
	}
	return n
}
