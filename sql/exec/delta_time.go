package exec

import (
	"context"
	"math"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// DeltaTime lets rows in when the clock reaches their From and out when it reaches
// their Until: a row counts while From <= clock < Until.
//
// It keeps the rows whose time is still to come: those that are not in yet, and
// those that are in and will go. What comes first in a step is the passing of
// time: the rows that are due come in or go out, and changes are then judged by the
// new clock. So a row is kept exactly while the clock can still change what becomes
// of it.
//
// A row whose From or Until is NULL is never in.
type DeltaTime struct {
	types       []*types.Type
	from, until int // columns of kind Int, -1 for none
	clock       int64
	ticked      bool // the step's passing of time has been dealt with

	rows  *state.Table // the columns; the weight
	start *state.Buckets
	end   *state.Buckets

	dense vec.Batch
	kept  vec.Batch
	slots []uint32
	rest  []uint32
	now   []int32
	later []int32
	out   vec.Batch
	w     []int64
}

// NewDeltaTime makes a filter over rows of columns of the given types.
func NewDeltaTime(ts []*types.Type, from, until int) *DeltaTime {
	t := &DeltaTime{types: ts, from: from, until: until, clock: minTime}
	t.rows = state.NewTable(append(append([]*types.Type{}, ts...), types.TInt8), len(ts), state.Image)
	t.start = state.NewBuckets(func(slot uint32, at int64) bool { return t.rows.Live(slot) && t.rows.Cols[from].Ints[slot] == at })
	t.end = state.NewBuckets(func(slot uint32, at int64) bool { return t.rows.Live(slot) && t.rows.Cols[until].Ints[slot] == at })
	t.out.Cols = make([]vec.Vec, len(ts))
	return t
}

// Tick says, before a step, what the clock is in it. It never falls.
func (t *DeltaTime) Tick(clock int64) {
	t.clock, t.ticked = max(t.clock, clock), false
}

// Due gives the earliest clock at which a row comes or goes.
func (t *DeltaTime) Due() (at int64, ok bool) {
	at = math.MaxInt64
	for _, b := range []*state.Buckets{t.start, t.end} {
		if x, some := b.Min(); some && x <= at {
			at, ok = x, true
		}
	}
	return at, ok
}

// Push implements Node.
func (t *DeltaTime) Push(ctx context.Context, _ int, d *vec.Batch, emit Emit) error {
	if err := t.pass(ctx, emit); err != nil {
		return err
	}
	if d.Sel != nil {
		d.Dense(&t.dense)
		d = &t.dense
	}
	t.judge(d)
	if err := t.keep(d); err != nil || len(t.now) == 0 {
		return err
	}
	in := *d
	if len(t.now) < d.N {
		in.Sel, in.N = t.now, len(t.now)
	}
	return emit(&in)
}

// Flush implements Node.
func (t *DeltaTime) Flush(ctx context.Context, emit Emit) error { return t.pass(ctx, emit) }

// judge divides rows into those that are in now and those whose time is still to
// come. A row that is in and will go is both.
func (t *DeltaTime) judge(d *vec.Batch) {
	t.now, t.later = t.now[:0], t.later[:0]
	for i := range int32(d.N) {
		if t.never(d.Cols, i) {
			continue
		}
		begun := t.from < 0 || d.Cols[t.from].Ints[i] <= t.clock
		ended := t.until >= 0 && d.Cols[t.until].Ints[i] <= t.clock
		if ended {
			continue
		}
		if begun {
			t.now = append(t.now, i)
		}
		if !begun || t.until >= 0 {
			t.later = append(t.later, i)
		}
	}
}

// never tells the rows that are never in.
func (t *DeltaTime) never(cols []vec.Vec, i int32) bool {
	if t.from >= 0 && cols[t.from].IsNull(int(i)) || t.until >= 0 && cols[t.until].IsNull(int(i)) {
		return true
	}
	return t.from >= 0 && t.until >= 0 && cols[t.from].Ints[i] >= cols[t.until].Ints[i]
}

func (t *DeltaTime) weights() []int64 { return t.rows.Cols[len(t.types)].Ints }

// keep enters the rows whose time is still to come.
func (t *DeltaTime) keep(d *vec.Batch) error {
	if len(t.later) == 0 {
		return nil
	}
	b := vec.Batch{Cols: d.Cols, Weights: d.Weights, Sel: t.later, N: len(t.later)}
	b.Dense(&t.kept)
	if cap(t.slots) < b.N {
		t.slots = make([]uint32, b.N)
	}
	slots := t.slots[:b.N]
	fresh, _ := t.rows.Groups(t.kept.Cols, b.N, slots)
	w := t.weights()
	for _, s := range fresh {
		w[s] = 0
		t.enter(s)
	}
	for i, s := range slots {
		w[s] += t.kept.Weight(i)
	}
	t.rows.TouchAll(slots)
	t.rest = append(t.rest[:0], slots...)
	for _, s := range t.rest {
		if t.rows.Live(s) && w[s] == 0 {
			t.leave(s)
		}
	}
	return nil
}

// begun tells whether a kept row is in.
func (t *DeltaTime) begun(slot uint32) bool {
	return t.from < 0 || t.rows.Cols[t.from].Ints[slot] <= t.clock
}

// enter lists a kept row under the time at which it comes or goes next.
func (t *DeltaTime) enter(slot uint32) {
	if t.begun(slot) {
		t.end.Add(slot, t.rows.Cols[t.until].Ints[slot])
	} else {
		t.start.Add(slot, t.rows.Cols[t.from].Ints[slot])
	}
}

// leave forgets a kept row.
func (t *DeltaTime) leave(slot uint32) {
	list, col := t.start, t.from
	if t.begun(slot) {
		list, col = t.end, t.until
	}
	at := t.rows.Cols[col].Ints[slot]
	t.rows.Free(slot)
	list.Remove(at)
}

// pass lets rows in and out as the clock says, once per step. Rows that are both
// due and over are not shown.
func (t *DeltaTime) pass(ctx context.Context, emit Emit) error {
	if t.ticked {
		return nil
	}
	t.ticked = true
	bound := t.clock
	if bound < math.MaxInt64 {
		bound++ // times up to and including the clock
	}
	err := t.end.Before(bound, func(_ int64, slots []uint32) error {
		err := t.show(ctx, slots, -1, emit)
		t.free(slots)
		return err
	})
	if err != nil {
		return err
	}
	return t.start.Before(bound, func(_ int64, slots []uint32) error { return t.begin(ctx, slots, emit) })
}

// begin lets rows in.
func (t *DeltaTime) begin(ctx context.Context, slots []uint32, emit Emit) error {
	if t.until >= 0 {
		over := t.rest[:0]
		in := slots[:0]
		for _, s := range slots {
			if t.rows.Cols[t.until].Ints[s] <= t.clock {
				over = append(over, s)
			} else {
				in = append(in, s)
				t.end.Add(s, t.rows.Cols[t.until].Ints[s])
			}
		}
		t.rest = over
		t.free(over)
		return t.show(ctx, in, 1, emit)
	}
	err := t.show(ctx, slots, 1, emit)
	t.free(slots)
	return err
}

func (t *DeltaTime) free(slots []uint32) {
	for _, s := range slots {
		t.rows.Free(s)
	}
}

// show emits kept rows, added (sign 1) or taken away (−1).
func (t *DeltaTime) show(ctx context.Context, slots []uint32, sign int64, emit Emit) error {
	for lo := 0; lo < len(slots); lo += vec.Size {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := slots[lo:min(lo+vec.Size, len(slots))]
		t.w = t.w[:0]
		for _, s := range part {
			t.w = append(t.w, sign*t.weights()[s])
		}
		for c := range t.types {
			t.rows.GatherColumn(&t.out.Cols[c], c, part)
		}
		t.out.N, t.out.Weights = len(part), t.w
		if err := emit(&t.out); err != nil {
			return err
		}
	}
	return nil
}

// Save implements Stateful.
func (t *DeltaTime) Save(w state.PageWriter) error {
	if err := t.rows.Save(w, 0, nil); err != nil {
		return err
	}
	b := vec.Batch{Cols: []vec.Vec{vec.New(types.Int, 1)}, N: 1}
	b.Cols[0].Ints[0] = t.clock
	data, err := vec.Encode(nil, &b)
	if err != nil {
		return err
	}
	return w.Put(1, 0, data)
}

// SaveAll implements Stateful.
func (t *DeltaTime) SaveAll() { t.rows.SaveAll() }

// LoadPage implements Stateful.
func (t *DeltaTime) LoadPage(table, page uint32, data []byte) error {
	switch {
	case table == 0:
		return t.rows.LoadPage(page, data, nil)
	case table == 1 && page == 0:
		var b vec.Batch
		if err := vec.Decode(data, &b); err != nil {
			return err
		}
		if b.N == 1 && len(b.Cols) == 1 && b.Cols[0].Kind == types.Int {
			t.clock = b.Cols[0].Ints[0]
			return nil
		}
	}
	return errUnknownTable
}

// Loaded implements Stateful.
func (t *DeltaTime) Loaded() error {
	if err := t.rows.Loaded(); err != nil {
		return err
	}
	t.start.Clear()
	t.end.Clear()
	t.rows.Each(t.enter)
	return nil
}

// Kept implements Stateful.
func (t *DeltaTime) Kept() int { return t.rows.Len() }

// Bytes implements Stateful.
func (t *DeltaTime) Bytes() int64 { return t.rows.Bytes() + t.start.Bytes() + t.end.Bytes() }
