package exec

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// rowSet is rows that are kept, as columns. It owns its memory, the bytes of
// strings included.
type rowSet struct {
	cols  []vec.Vec
	n     int
	bytes int64
	strs  arena
}

func newRowSet(kinds []types.Kind) *rowSet {
	r := &rowSet{cols: make([]vec.Vec, len(kinds))}
	for i, k := range kinds {
		r.cols[i].Reset(k, 0)
	}
	return r
}

// add appends the rows of b that count.
func (r *rowSet) add(b *vec.Batch) {
	for i := range r.cols {
		r.addCol(i, &b.Cols[i], b.Sel, b.N)
	}
	r.n += b.N
}

// addRows appends rows idx of src.
func (r *rowSet) addRows(src []vec.Vec, idx []int32) {
	for i := range r.cols {
		r.addCol(i, &src[i], idx, len(idx))
	}
	r.n += len(idx)
}

// addCol appends n values to column i: those that sel lists, or the first ones.
// All columns are to be extended alike; n is counted by the caller.
func (r *rowSet) addCol(i int, src *vec.Vec, sel []int32, n int) {
	v := &r.cols[i]
	reserve(v, src, n)
	if sel != nil {
		v.AppendRows(src, sel)
	} else {
		v.AppendRange(src, 0, n)
	}
	if v.Kind == types.Bytes {
		r.strs.keepAll(v.Strs[r.n:])
	}
	r.bytes += vecBytes(v, r.n, r.n+n)
}

// reserve makes room for n more values, doubling the memory when there is none:
// columns grow large here.
func reserve(v, src *vec.Vec, n int) {
	v.Ints = room(v.Ints, len(src.Ints), n)
	v.Floats = room(v.Floats, len(src.Floats), n)
	v.Strs = room(v.Strs, len(src.Strs), n)
	v.Nums = room(v.Nums, len(src.Nums), n)
	v.Inters = room(v.Inters, len(src.Inters), n)
	v.Bools = room(v.Bools, len(src.Bools), n)
	if v.Nulls != nil {
		v.Nulls = room(v.Nulls, 1, n)
	}
}

func room[T any](s []T, used, n int) []T {
	if used == 0 || len(s)+n <= cap(s) {
		return s
	}
	grown := make([]T, len(s), max(2*cap(s), len(s)+n))
	copy(grown, s)
	return grown
}

// batch gives rows lo … hi-1 as a view.
func (r *rowSet) batch(out *vec.Batch, lo, hi int) {
	b := vec.Batch{Cols: r.cols, N: r.n}
	b.Slice(out, lo, hi)
}

// reset empties the set and lets go of its memory.
func (r *rowSet) reset() {
	for i := range r.cols {
		r.cols[i] = vec.New(r.cols[i].Kind, 0)
	}
	r.n, r.bytes, r.strs = 0, 0, arena{}
}

// clear empties the set, keeping its memory for more rows; views of it are void,
// but strings stay.
func (r *rowSet) clear() {
	for i := range r.cols {
		r.cols[i].Reset(r.cols[i].Kind, 0)
	}
	r.n, r.bytes, r.strs = 0, 0, arena{}
}
