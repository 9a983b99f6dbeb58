package exec

import (
	"context"
	"math"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// TopSpec says which rows a DeltaTop passes.
type TopSpec struct {
	Types []*types.Type
	Parts []int // the columns that tell partitions apart
	Order []state.SortCol
	// Rows Offset … Offset+Count-1 of each partition pass; with Ties also those that
	// follow and equal the last one in Order.
	Offset, Count int64
	Ties          bool
	// Time is the position in Parts of the column that Advance speaks of, -1 for
	// none. It is of kind Int.
	Time int
}

// DeltaTop passes the first rows of each partition of its input, by an order: LIMIT
// (one partition) and DISTINCT ON (one row of each). Rows that are equal in the
// order follow each other by their other columns.
//
// All rows are kept in order. Where a step touches a partition, its first rows
// before and after are compared, so a step costs what is passed, not what is kept.
type DeltaTop struct {
	spec  TopSpec
	parts *state.Table // the partition's columns; its number of rows
	rows  *state.Multiset
	times *state.Buckets
	bound int64

	dense   vec.Batch
	keys    []vec.Vec
	owner   []uint32
	touched []uint32
	seen    state.Bitset
	diff    consolidator
	slots   []uint32
	w       []int64
}

// NewDeltaTop makes one without rows.
func NewDeltaTop(spec TopSpec) *DeltaTop {
	t := &DeltaTop{spec: spec, bound: minTime, keys: make([]vec.Vec, len(spec.Parts))}
	var ts []*types.Type
	for _, c := range spec.Parts {
		ts = append(ts, spec.Types[c])
	}
	t.parts = state.NewTable(append(ts, types.TInt8), len(spec.Parts), state.SQL)
	t.rows = state.NewMultiset(spec.Types, spec.Order)
	t.diff.init(spec.Types)
	if spec.Time >= 0 {
		t.times = state.NewBuckets(func(p uint32, at int64) bool {
			x, ok := t.timeOf(p)
			return t.parts.Live(p) && ok && x == at
		})
	}
	return t
}

// timeOf is the time after which a partition is forgotten.
func (t *DeltaTop) timeOf(p uint32) (int64, bool) {
	col := &t.parts.Cols[t.spec.Time]
	return col.Ints[p], !col.IsNull(int(p))
}

func (t *DeltaTop) counts() []int64 { return t.parts.Cols[len(t.spec.Parts)].Ints }

// Advance says, before a Flush, that no change to come has a Time below bound.
func (t *DeltaTop) Advance(bound int64) { t.bound = max(t.bound, bound) }

// Push implements Node.
func (t *DeltaTop) Push(ctx context.Context, _ int, d *vec.Batch, _ Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.Sel != nil {
		d.Dense(&t.dense)
		d = &t.dense
	}
	for i, c := range t.spec.Parts {
		t.keys[i] = d.Cols[c]
	}
	if cap(t.owner) < d.N {
		t.owner = make([]uint32, d.N)
	}
	owner := t.owner[:d.N]
	fresh, _ := t.parts.Groups(t.keys, d.N, owner)
	for _, p := range fresh {
		t.counts()[p] = 0
		if t.times != nil {
			if at, ok := t.timeOf(p); ok {
				t.times.Add(p, at)
			}
		}
	}
	for i, p := range owner {
		if !t.seen.Has(p) {
			t.seen.Add(p)
			t.touched = append(t.touched, p)
			t.show(p, -1)
		}
		t.counts()[p] += d.Weight(i)
	}
	var w []int64
	if d.Weights != nil {
		w = d.Weights[:d.N]
	}
	t.rows.Add(owner, d.Cols, w)
	return nil
}

// show adds the rows of a partition that pass to the changes, with a sign.
func (t *DeltaTop) show(p uint32, sign int64) {
	t.slots, t.w = t.slots[:0], t.w[:0]
	skip, left := t.spec.Offset, t.spec.Count
	last := state.None
	t.rows.Ascend(p, func(slot uint32) bool {
		n := t.rows.Count(slot)
		out := min(n, skip)
		skip -= out
		n -= out
		if n <= 0 {
			return true
		}
		switch {
		case left > 0:
			if !t.spec.Ties {
				n = min(n, left)
			}
			left -= min(n, left)
		case !t.spec.Ties || last == state.None || !t.rows.SameOrder(last, slot):
			return false
		}
		t.slots, t.w = append(t.slots, slot), append(t.w, sign*n)
		last = slot
		return left > 0 || t.spec.Ties
	})
	t.diff.add(t.rows.Columns(), t.slots, t.w)
}

// Flush implements Node.
func (t *DeltaTop) Flush(ctx context.Context, emit Emit) error {
	for _, p := range t.touched {
		t.seen.Remove(p)
		t.show(p, 1)
	}
	if err := t.diff.emit(ctx, emit); err != nil {
		return err
	}
	t.parts.TouchAll(t.touched)
	for _, p := range t.touched {
		if t.counts()[p] == 0 {
			t.forget(p)
		}
	}
	t.touched = t.touched[:0]
	if t.times != nil {
		_ = t.times.Before(t.bound, func(_ int64, parts []uint32) error {
			for _, p := range parts {
				t.rows.Drop(p)
				t.parts.Free(p)
			}
			return nil
		})
	}
	return nil
}

// forget drops a partition without rows.
func (t *DeltaTop) forget(p uint32) {
	at, ok := int64(0), false
	if t.times != nil {
		at, ok = t.timeOf(p)
	}
	t.parts.Free(p)
	if ok {
		t.times.Remove(at)
	}
}

// Save implements Stateful.
func (t *DeltaTop) Save(w state.PageWriter) error {
	if err := t.parts.Save(w, 0, nil); err != nil {
		return err
	}
	return t.rows.Save(w, 1)
}

// SaveAll implements Stateful.
func (t *DeltaTop) SaveAll() {
	t.parts.SaveAll()
	t.rows.SaveAll()
}

// LoadPage implements Stateful.
func (t *DeltaTop) LoadPage(table, page uint32, data []byte) error {
	switch table {
	case 0:
		return t.parts.LoadPage(page, data, nil)
	case 1:
		return t.rows.LoadPage(page, data)
	}
	return errUnknownTable
}

// Loaded implements Stateful.
func (t *DeltaTop) Loaded() error {
	if err := t.parts.Loaded(); err != nil {
		return err
	}
	if err := t.rows.Loaded(); err != nil || t.times == nil {
		return err
	}
	t.times.Clear()
	t.parts.Each(func(p uint32) {
		if at, ok := t.timeOf(p); ok {
			t.times.Add(p, at)
		}
	})
	return nil
}

// Bytes implements Stateful.
func (t *DeltaTop) Bytes() int64 {
	n := t.parts.Bytes() + t.rows.Bytes()
	if t.times != nil {
		n += t.times.Bytes()
	}
	return n
}

// NoLimit is a Count without end.
const NoLimit = math.MaxInt64

// consolidator adds up changes by image.
type consolidator struct {
	tab   *state.Table // the columns; the weight
	n     int
	vals  []vec.Vec
	slots []uint32
	order []uint32 // slots as they came
	out   vec.Batch
}

func (c *consolidator) init(ts []*types.Type) {
	c.n = len(ts)
	c.tab = state.NewTable(append(append([]*types.Type{}, ts...), types.TInt8), c.n, state.Image)
	c.vals, c.out.Cols = make([]vec.Vec, c.n), make([]vec.Vec, c.n)
}

// add adds rows that stand in slots of columns.
func (c *consolidator) add(cols []vec.Vec, slots []uint32, w []int64) {
	for len(slots) > 0 {
		n := min(len(slots), vec.Size)
		for i := range c.n {
			state.Gather(&c.vals[i], &cols[i], slots[:n])
		}
		if cap(c.slots) < n {
			c.slots = make([]uint32, n)
		}
		at := c.slots[:n]
		fresh, _ := c.tab.Groups(c.vals, n, at)
		weights := c.tab.Cols[c.n].Ints
		for _, s := range fresh {
			weights[s] = 0
		}
		c.order = append(c.order, fresh...)
		for i, s := range at {
			weights[s] += w[i]
		}
		slots, w = slots[n:], w[n:]
	}
}

// emit emits what is left, in the order in which it first came, and forgets all.
func (c *consolidator) emit(ctx context.Context, emit Emit) error {
	weights := c.tab.Cols[c.n].Ints
	c.slots, c.out.Weights = c.slots[:0], c.out.Weights[:0]
	for i, s := range c.order {
		if weights[s] != 0 {
			c.slots, c.out.Weights = append(c.slots, s), append(c.out.Weights, weights[s])
		}
		if len(c.slots) == vec.Size || i == len(c.order)-1 {
			if err := c.send(ctx, emit); err != nil {
				return err
			}
		}
	}
	for _, s := range c.order {
		c.tab.Free(s)
	}
	c.order = c.order[:0]
	return nil
}

func (c *consolidator) send(ctx context.Context, emit Emit) error {
	if err := ctx.Err(); err != nil || len(c.slots) == 0 {
		return err
	}
	for i := range c.n {
		c.tab.GatherColumn(&c.out.Cols[i], i, c.slots)
	}
	c.out.N = len(c.slots)
	err := emit(&c.out)
	c.slots, c.out.Weights = c.slots[:0], c.out.Weights[:0]
	return err
}
