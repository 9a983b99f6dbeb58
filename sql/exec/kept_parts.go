package exec

import (
	"github.com/streamsqld/streamsqld/internal/invariant"
	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// keptParts keeps the rows of partitions in order, and which partitions a step has
// touched: the state of nodes that compute whole partitions anew.
type keptParts struct {
	types []*types.Type
	at    []int        // the columns that tell partitions apart
	parts *state.Table // these columns; the number of rows
	rows  *state.Multiset
	time  int // the position in at of the column that closes partitions, -1 for none
	times *state.Buckets
	bound int64

	dense   vec.Batch
	keys    []vec.Vec
	owner   []uint32
	touched []uint32
	seen    state.Bitset
}

func (t *keptParts) init(ts []*types.Type, at []int, order []state.SortCol, time int) {
	t.types, t.at, t.time, t.bound, t.keys = ts, at, time, minTime, make([]vec.Vec, len(at))
	var kt []*types.Type
	for _, c := range at {
		kt = append(kt, ts[c])
	}
	t.parts = state.NewTable(append(kt, types.TInt8), len(at), state.SQL)
	t.rows = state.NewMultiset(ts, order)
	if time >= 0 {
		t.times = state.NewBuckets(func(p uint32, at int64) bool {
			x, ok := t.timeOf(p)
			return t.parts.Live(p) && ok && x == at
		})
	}
}

// timeOf is the time after which a partition is forgotten.
func (t *keptParts) timeOf(p uint32) (int64, bool) {
	col := &t.parts.Cols[t.time]
	return col.Ints[p], !col.IsNull(int(p))
}

func (t *keptParts) counts() []int64 { return t.parts.Cols[len(t.at)].Ints }

// Advance says, before a Flush, that no change to come is of a partition whose time
// is below bound.
func (t *keptParts) Advance(bound int64) { t.bound = max(t.bound, bound) }

// push takes in changes. first is called for each partition that the step has not
// touched before, before it changes.
func (t *keptParts) push(d *vec.Batch, first func(p uint32)) {
	if d.Sel != nil {
		d.Dense(&t.dense)
		d = &t.dense
	}
	for i, c := range t.at {
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
			first(p)
		}
		t.counts()[p] += d.Weight(i)
	}
	var w []int64
	if d.Weights != nil {
		w = d.Weights[:d.N]
	}
	t.rows.Add(owner, d.Cols, w)
}

// sweep ends a step: partitions without rows and those that are closed go.
func (t *keptParts) sweep() {
	t.parts.TouchAll(t.touched)
	for _, p := range t.touched {
		if invariant.Enabled {
			invariant.Check(t.counts()[p] >= 0, "C5: a partition of %d rows", t.counts()[p])
		}
		t.seen.Remove(p)
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
}

func (t *keptParts) forget(p uint32) {
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
func (t *keptParts) Save(w state.PageWriter) error {
	if err := t.parts.Save(w, 0, nil); err != nil {
		return err
	}
	return t.rows.Save(w, 1)
}

// SaveAll implements Stateful.
func (t *keptParts) SaveAll() {
	t.parts.SaveAll()
	t.rows.SaveAll()
}

// LoadPage implements Stateful.
func (t *keptParts) LoadPage(table, page uint32, data []byte) error {
	switch table {
	case 0:
		return t.parts.LoadPage(page, data, nil)
	case 1:
		return t.rows.LoadPage(page, data)
	}
	return errUnknownTable
}

// Loaded implements Stateful.
func (t *keptParts) Loaded() error {
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

// Kept implements Stateful.
func (t *keptParts) Kept() int { return t.rows.Len() }

// Bytes implements Stateful.
func (t *keptParts) Bytes() int64 {
	n := t.parts.Bytes() + t.rows.Bytes()
	if t.times != nil {
		n += t.times.Bytes()
	}
	return n
}
