package rel

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// openBatch is the batch in memory that small commits are appended to. It is
// shared by the writer and all versions: a version knows the columns as they
// were (cols, of the full capacity) and how many rows are its own; the writer
// fills the rows behind them in place. Columns that have to change their form
// (more room, NULLs for the first time, a wide numeric) are made anew.
type openBatch struct {
	base  uint64 // the id of the first row
	cols  []vec.Vec
	n     int
	room  int // rows that cols have room for
	keys  []*skipList
	bytes int64
	// listed counts the rows in keys, gone those of them that were deleted.
	listed, gone int
}

const firstRoom = 64

// newOpenBatch makes an empty batch.
func newOpenBatch(s *Schema, base uint64) *openBatch {
	o := &openBatch{base: base, cols: make([]vec.Vec, len(s.Cols)), keys: make([]*skipList, len(s.Indexes)), bytes: chunkOverhead}
	for i, c := range s.Cols {
		o.cols[i].Kind = c.Kind
	}
	for i, x := range s.Indexes {
		if !x.Dropped {
			o.keys[i] = new(skipList)
		}
	}
	return o
}

// append adds the rows of b that count, with their keys. Missing columns, at
// b's end, have the schema's missing value.
func (o *openBatch) append(s *Schema, b *vec.Batch, keys []*Keys) {
	o.reserve(o.n + b.N)
	idx := make([]int32, b.N)
	for i := range idx {
		idx[i] = int32(o.n + i)
	}
	owned := false
	for i := range o.cols {
		src := o.source(s, b, i)
		if !owned && !inPlace(&o.cols[i], &src) {
			o.cols, owned = slices.Clone(o.cols), true
		}
		o.set(i, &src, idx)
	}
	for i, k := range keys {
		if k == nil || i >= len(o.keys) || o.keys[i] == nil {
			continue
		}
		for r := range k.Len() {
			if key := k.Key(r); len(key) > 0 {
				o.keys[i].add(key, int32(o.n+r))
			}
		}
		o.bytes += int64(k.bytes() + 64*k.Len())
	}
	o.n += b.N
	o.listed += b.N
}

// source gives column i of the rows that are appended, dense.
func (o *openBatch) source(s *Schema, b *vec.Batch, i int) vec.Vec {
	if i >= len(b.Cols) {
		var v vec.Vec
		v.Const(s.Cols[i].Kind, s.Cols[i].Missing, b.N)
		return v
	}
	if b.Sel != nil {
		var v vec.Vec
		v.Gather(&b.Cols[i], b.Sel)
		return v
	}
	return b.Cols[i].Slice(0, b.N)
}

// inPlace tells whether values of src can be put into dst without changing its
// form.
func inPlace(dst, src *vec.Vec) bool {
	if src.Nulls != nil && dst.Nulls == nil {
		return false
	}
	return dst.Kind != types.Numer || !dst.Narrow || src.Narrow && src.Scale == dst.Scale
}

// set puts src into the rows idx of column i. The header of the column is
// changed only if the writer owns cols, see append.
func (o *openBatch) set(i int, src *vec.Vec, idx []int32) {
	dst := &o.cols[i]
	if dst.Kind == types.Numer && o.n == 0 && src.Narrow && !dst.Narrow {
		// The first rows choose the form. No version knows the column yet.
		dst.ResetNarrow(src.Scale, o.room)
	}
	if src.Nulls != nil && dst.Nulls == nil {
		dst.Nulls = make([]bool, o.room)
	}
	dst.Scatter(src, idx)
	o.bytes += int64(9 * len(idx))
	for _, str := range src.Strs {
		o.bytes += int64(16 + len(str))
	}
}

// reserve makes room for n rows.
func (o *openBatch) reserve(n int) {
	if n <= o.room {
		return
	}
	room := max(firstRoom, o.room)
	for room < n {
		room *= 4
	}
	room = min(room, vec.Size)
	cols := make([]vec.Vec, len(o.cols))
	for i := range cols {
		old := o.cols[i].Slice(0, o.n)
		if old.Kind == types.Numer && old.Narrow {
			cols[i].ResetNarrow(old.Scale, room)
		} else {
			cols[i].Reset(old.Kind, room)
		}
		if old.Nulls != nil {
			cols[i].Nulls = make([]bool, room)
		}
		copyRows(&cols[i], &old)
	}
	o.cols, o.room = cols, room
}

// copyRows copies src, which is of the same form, to the beginning of dst.
func copyRows(dst, src *vec.Vec) {
	copy(dst.Bools, src.Bools)
	copy(dst.Ints, src.Ints)
	copy(dst.Floats, src.Floats)
	copy(dst.Strs, src.Strs)
	copy(dst.Nums, src.Nums)
	copy(dst.Inters, src.Inters)
	copy(dst.Nulls, src.Nulls)
}

// pruneRows is how many rows are gone before it is worth while to prune the keys.
const pruneRows = 64

// prune makes key lists without the rows that are gone, for the versions to come. A
// row that is updated again and again would otherwise leave thousands of entries of
// one key, which every look-up walks. Copying is paid for by the deletions before it.
func (o *openBatch) prune(gone *deleteSet) {
	if o.gone < pruneRows || o.gone*4 < o.listed-o.gone {
		return
	}
	o.listed, o.gone = o.listed-o.gone, 0
	kept := func(row int32) bool { return !gone.has(o.base + uint64(row)) }
	o.keys = slices.Clone(o.keys)
	for i, l := range o.keys {
		if l != nil {
			o.keys[i] = l.only(kept)
		}
	}
}

// openView is the part of an open batch that a version sees.
type openView struct {
	base uint64
	cols []vec.Vec
	n    int
	keys []*skipList
}

func (o *openBatch) view() openView {
	if o.n == 0 { // nothing to see; the columns may still change their form
		return openView{base: o.base}
	}
	return openView{base: o.base, cols: o.cols, n: o.n, keys: o.keys}
}

// bytes is how much room the values take.
func (v *openView) bytes() (n int64) {
	for i := range v.cols {
		c := v.column(i)
		n += int64(8*len(c.Ints) + 8*len(c.Floats) + 16*len(c.Inters) + len(c.Nulls))
		for _, s := range c.Strs {
			n += int64(len(s))
		}
	}
	return n
}

func (v *openView) end() uint64 { return v.base + uint64(v.n) }

// column gives rows 0 … n-1 of a column; it is lent.
func (v *openView) column(slot int) vec.Vec { return v.cols[slot].Slice(0, v.n) }

// encode makes a chunk of the rows. Those that are gone are left out of its indexes:
// no version that holds the chunk sees them.
func (v *openView) encode(gone *deleteSet) (*Chunk, error) {
	b := vec.Batch{Cols: make([]vec.Vec, len(v.cols)), N: v.n}
	for i := range b.Cols {
		b.Cols[i] = v.column(i)
	}
	return EncodeChunk(&b, v.rowKeys(gone)...)
}

// rowKeys lists the keys of the rows that are not gone, by index slot.
func (v *openView) rowKeys(gone *deleteSet) []*Keys {
	out := make([]*Keys, len(v.keys))
	for i, l := range v.keys {
		if l == nil {
			continue
		}
		byRow := make([][]byte, v.n)
		for n := l.first(nil, 0); n != nil; n = n.next[0].Load() {
			if int(n.row) < v.n && !gone.has(v.base+uint64(n.row)) {
				byRow[n.row] = n.key
			}
		}
		k := new(Keys)
		for _, key := range byRow {
			k.Append(key)
		}
		out[i] = k
	}
	return out
}
