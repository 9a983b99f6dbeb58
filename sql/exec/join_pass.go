package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// passOne gives the batch's rows with the one build row that each has at most:
// the probe's columns as they are, the build's put beside them.
func (o *hashJoin) passOne(out *vec.Batch) {
	n := o.batch.N
	outer := o.probeOuter()
	o.sel = o.sel[:0]
	misses := false
	for j, h := range o.heads[:n] {
		if h != 0 {
			o.sel = append(o.sel, o.at(j))
		} else {
			misses = true
		}
	}
	o.row = n
	if len(o.sel) == 0 && !outer {
		return
	}
	size := physicalLen(&o.batch)
	for i, c := range o.outs {
		if c.side == probeSide {
			o.cols[i] = o.batch.Cols[c.pos]
			continue
		}
		o.beside(&o.own[i], &o.build.rows.cols[c.pos], size, outer && misses)
		o.cols[i] = o.own[i]
	}
	*out = vec.Batch{Cols: o.cols, N: n, Sel: o.batch.Sel}
	if misses && !outer {
		out.Sel, out.N = o.sel, len(o.sel)
	}
	if len(o.cols) == 0 {
		out.Sel = nil
	}
}

// physicalLen is the number of places in a batch's columns.
func physicalLen(b *vec.Batch) int {
	switch {
	case b.Sel == nil:
		return b.N
	case len(b.Cols) > 0:
		return b.Cols[0].Len()
	case b.N > 0:
		return int(slices.Max(b.Sel[:b.N])) + 1
	}
	return 0
}

// beside makes dst a column of the given size that holds at the place of each row
// of the batch the value of its build row. Places of other rows hold anything;
// with outer, rows without a build row are NULL.
func (o *hashJoin) beside(dst, src *vec.Vec, size int, outer bool) {
	if src.Kind == types.Numer && src.Narrow {
		dst.ResetNarrow(src.Scale, size)
	} else {
		dst.Reset(src.Kind, size)
	}
	heads := o.heads[:o.batch.N]
	if src.Len() == 0 {
		dst.AllNull(src.Kind, size)
		return
	}
	switch src.Kind {
	case types.Bool:
		beside(dst.Bools, src.Bools, heads, o.phys)
	case types.Int:
		beside(dst.Ints, src.Ints, heads, o.phys)
	case types.Float:
		beside(dst.Floats, src.Floats, heads, o.phys)
	case types.Numer:
		if src.Narrow {
			beside(dst.Ints, src.Ints, heads, o.phys)
		} else {
			beside(dst.Nums, src.Nums, heads, o.phys)
		}
	case types.Inter:
		beside(dst.Inters, src.Inters, heads, o.phys)
	default:
		beside(dst.Strs, src.Strs, heads, o.phys)
	}
	if src.Nulls == nil && !outer {
		return
	}
	dst.Nulls = make([]bool, size)
	if src.Nulls != nil {
		beside(dst.Nulls, src.Nulls, heads, o.phys)
	}
	if outer {
		for j, h := range heads {
			if h == 0 {
				dst.Nulls[o.at(j)] = true
			}
		}
	}
}

func beside[T any](dst, src []T, heads, phys []int32) {
	if phys == nil {
		for j, h := range heads {
			if h != 0 {
				dst[j] = src[h-1]
			}
		}
		return
	}
	for j, h := range heads {
		if h != 0 {
			dst[phys[j]] = src[h-1]
		}
	}
}

// hitHeads notes the rows that have a chain, where a chain is a match.
func (o *hashJoin) hitHeads() {
	for j, h := range o.heads[:o.batch.N] {
		if h != 0 {
			o.hit[j] = hitTrue
		}
	}
}

// passHits gives the rows of a semi, anti or mark join by what is known of them.
func (o *hashJoin) passHits(out *vec.Batch) {
	o.row = o.batch.N
	giveHits(&hitRows{spec: o.joinSpec, batch: &o.batch, hit: o.hit, sel: &o.sel, mark: &o.mark, cols: o.cols}, o.batch.N, out)
}

// hitRows is what the joins that give left rows only give them from.
type hitRows struct {
	spec  *joinSpec
	batch *vec.Batch
	hit   []hit
	sel   *[]int32
	mark  *vec.Vec
	cols  []vec.Vec
}

// giveHits gives the first n rows of the batch: those that the kind of join lets
// pass, or all of them with their mark.
func giveHits(r *hitRows, n int, out *vec.Batch) {
	for i, c := range r.spec.outs {
		if c.side == probeSide {
			r.cols[i] = r.batch.Cols[c.pos]
		}
	}
	*out = vec.Batch{Cols: r.cols, Sel: r.batch.Sel, N: n}
	if out.Sel != nil {
		out.Sel = out.Sel[:n]
	}
	if i := len(r.spec.outs) - 1; i >= 0 && r.spec.outs[i].side == markSide {
		r.marks(n)
		r.cols[i] = *r.mark
		return
	}
	keep := (*r.sel)[:0]
	for j, h := range r.hit[:n] {
		if r.spec.lets(h) {
			keep = append(keep, int32(r.batch.Row(j)))
		}
	}
	*r.sel = keep
	if len(keep) < n {
		out.Sel, out.N = keep, len(keep)
	}
	if len(r.cols) == 0 {
		out.Sel = nil
	}
}

// lets tells whether a semi or anti join gives a row of which h is known.
func (s *joinSpec) lets(h hit) bool {
	switch {
	case !s.anti():
		return h == hitTrue
	case s.nullAware():
		return h == hitNone
	}
	return h != hitTrue
}

// marks makes the mark column, at the places of the batch's rows.
func (r *hitRows) marks(n int) {
	size := physicalLen(r.batch)
	r.mark.Reset(types.Bool, size)
	for j, h := range r.hit[:n] {
		p := r.batch.Row(j)
		r.mark.Bools[p] = h == hitTrue
		if h == hitNull {
			r.mark.SetNull(p)
		}
	}
}
