package state

import (
	"math"

	"github.com/google/btree"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// SortCol is a column by which a Multiset is ordered within a group.
type SortCol struct {
	Col        int
	Desc       bool
	NullsFirst bool
}

// Multiset is an ordered multiset of rows per group: the rows of a group with
// their counts, ordered by some columns, then by the others.
//
// M1: rows of the same image are one row with a count. A count may be negative
// in the middle of a step, when a removal comes before what it removes; a row
// whose count is 0 is gone.
//
// M2: the order is total and depends on the rows' values alone.
type Multiset struct {
	tab   *Table // group, the row's columns; the count
	order []SortCol
	tree  *btree.BTreeG[item]

	keys []vec.Vec
	grp  vec.Vec
	out  []uint32
}

// item is an entry of the tree: a slot, with its group and the prefix of its
// first sort column, so that most comparisons look at no column.
type item struct {
	prefix      uint64
	group, slot uint32
}

// The pivots stand before and after all rows of a group and prefix.
const (
	pivotLow  = ^uint32(0)
	pivotHigh = ^uint32(0) - 1
)

// NewMultiset makes an empty multiset of rows of columns of types ts.
func NewMultiset(ts []*types.Type, order []SortCol) *Multiset {
	cols := append(append([]*types.Type{types.TInt8}, ts...), types.TInt8)
	m := &Multiset{tab: NewTable(cols, len(ts)+1, Image), order: order, keys: make([]vec.Vec, len(ts)+1)}
	m.tree = btree.NewG(32, m.less)
	return m
}

// counts are the rows' counts by slot.
func (m *Multiset) counts() []int64 { return m.tab.Cols[m.tab.nkey].Ints }

// Count is how often the row of a slot is there.
func (m *Multiset) Count(slot uint32) int64 { return m.counts()[slot] }

// Columns are the rows' columns by slot.
func (m *Multiset) Columns() []vec.Vec { return m.tab.Cols[1:m.tab.nkey] }

// Group is the group of a slot.
func (m *Multiset) Group(slot uint32) uint32 { return uint32(m.tab.Cols[0].Ints[slot]) }

// Len is the number of different rows.
func (m *Multiset) Len() int { return m.tab.Len() }

// Add adds row i of cols to group groups[i], w[i] times (nil: once); a negative
// count takes it away.
func (m *Multiset) Add(groups []uint32, cols []vec.Vec, w []int64) {
	n := len(groups)
	m.grp.Reset(types.Int, n)
	for i, g := range groups {
		m.grp.Ints[i] = int64(g)
	}
	m.keys[0] = m.grp
	copy(m.keys[1:], cols)
	if cap(m.out) < n {
		m.out = make([]uint32, n)
	}
	out := m.out[:n]
	fresh, _ := m.tab.Groups(m.keys, n, out)
	count := m.counts()
	for _, slot := range fresh {
		count[slot] = 0
		m.tree.ReplaceOrInsert(m.item(slot))
	}
	for i, slot := range out {
		d := int64(1)
		if w != nil {
			d = w[i]
		}
		count[slot] += d
		m.tab.Touch(slot)
	}
	for _, slot := range out {
		if count[slot] == 0 && m.tab.Live(slot) {
			m.remove(slot)
		}
	}
}

func (m *Multiset) remove(slot uint32) {
	m.tree.Delete(m.item(slot))
	m.tab.Free(slot)
}

// Remove forgets a row.
func (m *Multiset) Remove(slot uint32) { m.remove(slot) }

// Live tells whether a slot is in use.
func (m *Multiset) Live(slot uint32) bool { return m.tab.Live(slot) }

// Each calls fn for every row, in slot order.
func (m *Multiset) Each(fn func(slot uint32)) { m.tab.Each(fn) }

// Drop removes all rows of a group.
func (m *Multiset) Drop(group uint32) {
	m.out = m.out[:0]
	m.Ascend(group, func(slot uint32) bool {
		m.out = append(m.out, slot)
		return true
	})
	for _, slot := range m.out {
		m.remove(slot)
	}
}

// Ascend calls fn for the rows of a group in order until it gives false.
func (m *Multiset) Ascend(group uint32, fn func(slot uint32) bool) {
	low, high := pivots(group)
	m.tree.AscendRange(low, high, func(x item) bool { return fn(x.slot) })
}

// AscendBetween calls fn for the rows of a group whose first sort column, which
// is of kind Int and ascends, is from lo to hi, in order until it gives false.
func (m *Multiset) AscendBetween(group uint32, lo, hi int64, fn func(slot uint32) bool) {
	low := item{group: group, prefix: ascending(lo), slot: pivotLow}
	high := item{group: group, prefix: ascending(hi), slot: pivotHigh}
	m.tree.AscendRange(low, high, func(x item) bool { return fn(x.slot) })
}

// AtOrBefore gives the last row of a group whose first sort column, which is of
// kind Int and ascends, is at most x; None when there is none.
func (m *Multiset) AtOrBefore(group uint32, x int64) uint32 {
	found := None
	low, _ := pivots(group)
	m.tree.DescendRange(item{group: group, prefix: ascending(x), slot: pivotHigh}, low, func(x item) bool {
		found = x.slot
		return false
	})
	return found
}

// pivots are the items before and after all rows of a group.
func pivots(group uint32) (low, high item) {
	return item{group: group, slot: pivotLow}, item{group: group, prefix: math.MaxUint64, slot: pivotHigh}
}

// Descend calls fn for the rows of a group in reverse order until it gives false.
func (m *Multiset) Descend(group uint32, fn func(slot uint32) bool) {
	low, high := pivots(group)
	m.tree.DescendRange(high, low, func(x item) bool { return fn(x.slot) })
}

// item makes the tree's entry of a slot.
func (m *Multiset) item(slot uint32) item {
	x := item{slot: slot, group: m.Group(slot)}
	if len(m.order) > 0 {
		o := m.order[0]
		x.prefix = prefix(&m.tab.Cols[o.Col+1], int(slot), o, m.tab.ts[o.Col+1])
	}
	return x
}

// SameKeys tells whether two rows are equal in SQL in the first n columns.
func (m *Multiset) SameKeys(a, b uint32, n int) bool {
	for c := 1; c <= n; c++ {
		if !vec.Equal(&m.tab.Cols[c], int(a), &m.tab.Cols[c], int(b), m.tab.ts[c]) {
			return false
		}
	}
	return true
}

// less is the order of the tree: by group, by the order asked for, by the values
// of all columns, by their images.
func (m *Multiset) less(x, y item) bool {
	if x.group != y.group {
		return x.group < y.group
	}
	if x.prefix != y.prefix {
		return x.prefix < y.prefix
	}
	if x.slot >= pivotHigh || y.slot >= pivotHigh {
		return x.slot == pivotLow && y.slot != pivotLow || y.slot == pivotHigh && x.slot != pivotHigh
	}
	return m.lessRows(x.slot, y.slot)
}

func (m *Multiset) lessRows(a, b uint32) bool {
	for _, o := range m.order {
		if c := m.compare(o, a, b); c != 0 {
			return c < 0
		}
	}
	for c := 1; c < m.tab.nkey; c++ {
		if x := m.compare(SortCol{Col: c - 1}, a, b); x != 0 {
			return x < 0
		}
	}
	for c := 1; c < m.tab.nkey; c++ {
		col := &m.tab.Cols[c]
		if x := CompareImages(col, int(a), col, int(b), m.tab.ts[c]); x != 0 {
			return x < 0
		}
	}
	return false
}

func (m *Multiset) compare(o SortCol, a, b uint32) int {
	col := &m.tab.Cols[o.Col+1]
	if an, bn := col.IsNull(int(a)), col.IsNull(int(b)); an || bn {
		c := boolOrder(an, bn)
		if o.NullsFirst {
			return -c
		}
		return c
	}
	c := vec.Compare(col, int(a), col, int(b), m.tab.ts[o.Col+1])
	if o.Desc {
		return -c
	}
	return c
}

// rebuild makes the tree anew from the rows.
func (m *Multiset) rebuild() error {
	if err := m.tab.rehash(); err != nil {
		return err
	}
	m.tree.Clear(false)
	m.tab.Each(func(slot uint32) { m.tree.ReplaceOrInsert(m.item(slot)) })
	return nil
}

// treeItem is the memory the tree takes per row, about: 16 bytes in nodes that
// are two thirds full, and their share of pointers.
const treeItem = 26

// Bytes is the memory in use.
func (m *Multiset) Bytes() int64 { return m.tab.Bytes() + int64(treeItem*m.tree.Len()) }

// SameOrder tells whether two rows are equal in the columns the set is ordered by.
func (m *Multiset) SameOrder(a, b uint32) bool {
	for _, o := range m.order {
		if m.compare(o, a, b) != 0 {
			return false
		}
	}
	return true
}
