package state

import (
	"slices"
	"strings"
	"unsafe"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Rows keeps rows in slots, as columns.
type Rows struct {
	// Cols are the columns, indexed by slot and at least as long as the highest
	// slot in use. What stands in a free slot means nothing.
	Cols []vec.Vec

	ts    []*types.Type
	slots slotSet
	room  int
	dirty Bitset
	strs  int64 // bytes of the strings that are held
	row   []uint32
}

// NewRows makes an empty store of rows of columns of the given types.
func NewRows(ts []*types.Type) *Rows {
	r := &Rows{ts: ts, Cols: make([]vec.Vec, len(ts))}
	for i, t := range ts {
		r.Cols[i].Reset(t.Kind, 0)
	}
	return r
}

// Types are the types of the columns.
func (r *Rows) Types() []*types.Type { return r.ts }

// Len is the number of rows.
func (r *Rows) Len() int { return r.slots.live }

// High is one above the highest slot ever in use: what arrays indexed by slot
// need as length.
func (r *Rows) High() int { return int(r.slots.high) }

// Live tells whether a slot is in use.
func (r *Rows) Live(slot uint32) bool { return r.slots.has(slot) }

// Each calls fn for every slot in use, in order.
func (r *Rows) Each(fn func(slot uint32)) { r.slots.each(0, r.slots.high, fn) }

// EachFrom calls fn for up to most slots in use at or above from, in order, and
// gives where to go on; done is true when there are no more.
func (r *Rows) EachFrom(from uint32, most int, fn func(slot uint32)) (next uint32, done bool) {
	for ; from < r.slots.high && most > 0; from += 64 {
		// whole words of the live set: from stays a multiple of 64
		r.slots.each(from, from+64, func(slot uint32) { fn(slot); most-- })
	}
	return from, from >= r.slots.high
}

// Touch marks the page of a slot as changed.
func (r *Rows) Touch(slot uint32) { r.dirty.Add(slot / PageSlots) }

// TouchAll marks the pages of slots as changed.
func (r *Rows) TouchAll(slots []uint32) {
	last := ^uint32(0)
	for _, s := range slots {
		if p := s / PageSlots; p != last {
			r.dirty.Add(p)
			last = p
		}
	}
}

// Alloc takes a slot, whose values are to be set (Set, SetRows).
func (r *Rows) Alloc() uint32 {
	slot := r.slots.alloc()
	r.dirty.Add(slot / PageSlots)
	if int(slot) >= r.room {
		r.reserve(int(slot) + 1)
	}
	return slot
}

// reserve makes all columns at least n long.
func (r *Rows) reserve(n int) {
	n = roomFor(n, r.room)
	for i := range r.Cols {
		growVec(&r.Cols[i], n)
	}
	r.room = n
}

// roomFor is the length to grow to when n are needed: a quarter more than there
// were, so that growing costs a constant per row.
func roomFor(n, room int) int {
	grown := max(n, 64, room+room/4)
	if room < 1<<16 {
		grown = max(grown, 2*room)
	}
	return (grown + 63) &^ 63
}

// Set stores row i of src, which are as many columns, under a slot.
func (r *Rows) Set(slot uint32, src []vec.Vec, i int) {
	for c := range r.Cols {
		r.SetValue(c, slot, &src[c], i)
	}
}

// SetValue stores value i of src in a column of a slot that holds none yet.
func (r *Rows) SetValue(c int, slot uint32, src *vec.Vec, i int) {
	col := &r.Cols[c]
	if col.Kind == types.Int && src.Nulls == nil && col.Nulls == nil {
		col.Ints[slot] = src.Ints[i]
		return
	}
	r.fitNumeric(col, src, 1)
	if col.Kind == types.Bytes && !src.IsNull(i) {
		s := strings.Clone(src.Strs[i])
		r.strs += int64(len(s))
		col.Strs[slot] = s
		if col.Nulls != nil {
			col.Nulls[slot] = false
		}
		return
	}
	col.Set(int(slot), src.Datum(i))
}

// SetRows stores rows idx[k] of src under slots[k].
func (r *Rows) SetRows(slots []uint32, src []vec.Vec, idx []int32) {
	for c := range r.Cols {
		r.setColumn(c, slots, &src[c], idx)
	}
}

func (r *Rows) setColumn(c int, slots []uint32, src *vec.Vec, idx []int32) {
	col := &r.Cols[c]
	r.fitNumeric(col, src, len(slots))
	plain := col.Nulls == nil && src.Nulls == nil
	switch {
	case plain && col.Kind == types.Int:
		for k, slot := range slots {
			col.Ints[slot] = src.Ints[idx[k]]
		}
	case plain && col.Kind == types.Float:
		for k, slot := range slots {
			col.Floats[slot] = src.Floats[idx[k]]
		}
	case plain && col.Kind == types.Bytes:
		for k, slot := range slots {
			s := strings.Clone(src.Strs[idx[k]])
			r.strs += int64(len(s))
			col.Strs[slot] = s
		}
	default:
		for k, slot := range slots {
			r.SetValue(c, slot, src, int(idx[k]))
		}
	}
}

// fitNumeric gives a numeric column the form of what comes, if the n slots that
// are being set are all there are.
func (r *Rows) fitNumeric(col, src *vec.Vec, n int) {
	if col.Kind != types.Numer || !src.Narrow || r.slots.live > n || col.Narrow && col.Scale == src.Scale {
		return
	}
	nulls := col.Nulls
	col.ResetNarrow(src.Scale, col.Len())
	clear(col.Ints)
	col.Nulls, col.Nums = nulls, nil
}

// Free gives up a slot and what it holds.
func (r *Rows) Free(slot uint32) {
	r.dirty.Add(slot / PageSlots)
	r.slots.free(slot)
	for c := range r.Cols {
		col := &r.Cols[c]
		switch {
		case col.Kind == types.Bytes:
			if !col.IsNull(int(slot)) {
				r.strs -= int64(len(col.Strs[slot]))
			}
			col.Strs[slot] = ""
		case col.Kind == types.Numer && !col.Narrow:
			col.Nums[slot] = types.Numeric{}
		}
		if col.Nulls != nil {
			col.Nulls[slot] = false
		}
	}
}

// Gather makes out the values of a column in slots.
func Gather(out, col *vec.Vec, slots []uint32) { out.Gather(col, asRows(slots)) }

// AppendSlots appends the values of a column in slots.
func AppendSlots(out, col *vec.Vec, slots []uint32) { out.AppendRows(col, asRows(slots)) }

// GatherColumn makes out the values of a column in the slots.
func (r *Rows) GatherColumn(out *vec.Vec, col int, slots []uint32) {
	out.Gather(&r.Cols[col], asRows(slots))
}

// Bytes is the memory in use.
func (r *Rows) Bytes() int64 {
	n := r.strs + r.slots.bytes() + int64(8*cap(r.dirty))
	for i := range r.Cols {
		n += VecBytes(&r.Cols[i])
	}
	return n
}

// growVec makes the column n values long; the new ones are zero.
func growVec(v *vec.Vec, n int) {
	switch v.Kind {
	case types.Bool:
		v.Bools = growSlice(v.Bools, n)
	case types.Int:
		v.Ints = growSlice(v.Ints, n)
	case types.Float:
		v.Floats = growSlice(v.Floats, n)
	case types.Numer:
		if v.Narrow {
			v.Ints = growSlice(v.Ints, n)
		} else {
			v.Nums = growSlice(v.Nums, n)
		}
	case types.Inter:
		v.Inters = growSlice(v.Inters, n)
	default:
		v.Strs = growSlice(v.Strs, n)
	}
	if v.Nulls != nil {
		v.Nulls = growSlice(v.Nulls, n)
	}
}

func growSlice[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	grown := make([]T, n)
	copy(grown, s)
	return grown
}

// VecBytes is the memory of a column without what its strings point to.
func VecBytes(v *vec.Vec) int64 {
	return int64(cap(v.Bools) + 8*cap(v.Ints) + 8*cap(v.Floats) + 16*cap(v.Strs) + 24*cap(v.Nums) + 16*cap(v.Inters) + cap(v.Nulls))
}

// asRows gives slots as row numbers; there are fewer than 2³¹.
func asRows(slots []uint32) []int32 { return *(*[]int32)(unsafe.Pointer(&slots)) }

// All calls fn with the slots in use, in order and in runs of at most most.
func (r *Rows) All(most int, fn func(slots []uint32) error) error {
	run := slices.Grow(r.row[:0], most)
	var err error
	r.Each(func(slot uint32) {
		if run = append(run, slot); len(run) == most && err == nil {
			err = fn(run)
			run = run[:0]
		}
	})
	r.row = run
	if len(run) > 0 && err == nil {
		err = fn(run)
	}
	return err
}
