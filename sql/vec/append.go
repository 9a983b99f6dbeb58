package vec

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// Append appends all of src, which is of the same kind.
func (v *Vec) Append(src *Vec) { v.AppendRange(src, 0, src.Len()) }

// AppendRange appends rows lo … hi-1 of src, which is of the same kind.
func (v *Vec) AppendRange(src *Vec, lo, hi int) {
	n := v.Len()
	if hi == lo {
		return
	}
	v.fitNumeric(src, n)
	switch v.Kind {
	case types.Bool:
		v.Bools = append(v.Bools, src.Bools[lo:hi]...)
	case types.Int:
		v.Ints = append(v.Ints, src.Ints[lo:hi]...)
	case types.Float:
		v.Floats = append(v.Floats, src.Floats[lo:hi]...)
	case types.Numer:
		switch {
		case v.Narrow:
			v.Ints = append(v.Ints, src.Ints[lo:hi]...)
		case src.Narrow:
			for _, c := range src.Ints[lo:hi] {
				v.Nums = append(v.Nums, types.NumericScaled(c, src.Scale))
			}
		default:
			v.Nums = append(v.Nums, src.Nums[lo:hi]...)
		}
	case types.Inter:
		v.Inters = append(v.Inters, src.Inters[lo:hi]...)
	default:
		v.Strs = append(v.Strs, src.Strs[lo:hi]...)
	}
	switch {
	case src.Nulls != nil:
		v.padNulls(n)
		v.Nulls = append(v.Nulls, src.Nulls[lo:hi]...)
	case v.Nulls != nil:
		v.Nulls = append(v.Nulls, make([]bool, hi-lo)...)
	}
}

// AppendRow appends row i of src, which is of the same kind.
func (v *Vec) AppendRow(src *Vec, i int) { v.AppendRange(src, i, i+1) }

// AppendRows appends the rows of src that idx lists.
func (v *Vec) AppendRows(src *Vec, idx []int32) {
	n := v.Len()
	if len(idx) == 0 {
		return
	}
	v.fitNumeric(src, n)
	switch v.Kind {
	case types.Bool:
		v.Bools = appendRows(v.Bools, src.Bools, idx)
	case types.Int:
		v.Ints = appendRows(v.Ints, src.Ints, idx)
	case types.Float:
		v.Floats = appendRows(v.Floats, src.Floats, idx)
	case types.Numer:
		switch {
		case v.Narrow:
			v.Ints = appendRows(v.Ints, src.Ints, idx)
		case src.Narrow:
			for _, j := range idx {
				v.Nums = append(v.Nums, types.NumericScaled(src.Ints[j], src.Scale))
			}
		default:
			v.Nums = appendRows(v.Nums, src.Nums, idx)
		}
	case types.Inter:
		v.Inters = appendRows(v.Inters, src.Inters, idx)
	default:
		v.Strs = appendRows(v.Strs, src.Strs, idx)
	}
	switch {
	case src.Nulls != nil:
		v.padNulls(n)
		v.Nulls = appendRows(v.Nulls, src.Nulls, idx)
	case v.Nulls != nil:
		v.Nulls = append(v.Nulls, make([]bool, len(idx))...)
	}
}

func appendRows[T any](dst, src []T, idx []int32) []T {
	n := len(dst)
	dst = grow(dst, len(idx))
	out := dst[n:]
	for i, j := range idx {
		out[i] = src[j]
	}
	return dst
}

func grow[T any](s []T, n int) []T {
	if len(s)+n <= cap(s) {
		return s[: len(s)+n : cap(s)]
	}
	return append(s, make([]T, n)...)
}

// AppendDatum appends d, which is of the column's kind or NULL.
func (v *Vec) AppendDatum(d types.Datum) {
	n := v.Len()
	switch v.Kind {
	case types.Bool:
		v.Bools = append(v.Bools, d.Bool())
	case types.Int:
		v.Ints = append(v.Ints, d.Int())
	case types.Float:
		v.Floats = append(v.Floats, d.Float())
	case types.Numer:
		v.appendNumeric(d, n)
	case types.Inter:
		v.Inters = append(v.Inters, d.Interval())
	default:
		v.Strs = append(v.Strs, d.Str())
	}
	switch {
	case d.IsNull():
		v.padNulls(n)
		v.Nulls = append(v.Nulls, true)
	case v.Nulls != nil:
		v.Nulls = append(v.Nulls, false)
	}
}

func (v *Vec) appendNumeric(d types.Datum, n int) {
	num := d.Numeric()
	if n == 0 && !v.Narrow {
		if _, ok := num.Small(); ok && !d.IsNull() {
			v.ResetNarrow(num.Scale(), 0)
		}
	}
	if v.Narrow {
		c, ok := num.Small()
		if d.IsNull() || ok && num.Scale() == v.Scale {
			v.Ints = append(v.Ints, c)
			return
		}
		v.Widen()
	}
	v.Nums = append(v.Nums, num)
}

// padNulls makes the marks of the first n values explicit.
func (v *Vec) padNulls(n int) {
	if v.Nulls == nil {
		v.Nulls = make([]bool, n, max(n, 16))
	}
}

// fitNumeric gives an empty numeric column the form of src, and widens one
// that holds n values of another form.
func (v *Vec) fitNumeric(src *Vec, n int) {
	if v.Kind != types.Numer {
		return
	}
	switch {
	case n == 0 && src.Narrow:
		v.ResetNarrow(src.Scale, 0)
	case v.Narrow && (!src.Narrow || src.Scale != v.Scale):
		v.Widen()
	}
}

// Gather makes v the rows of src that idx lists. v and src are different.
func (v *Vec) Gather(src *Vec, idx []int32) {
	n := len(idx)
	if src.Kind == types.Numer && src.Narrow {
		v.ResetNarrow(src.Scale, n)
	} else {
		v.Reset(src.Kind, n)
	}
	switch src.Kind {
	case types.Bool:
		gather(v.Bools, src.Bools, idx)
	case types.Int:
		gather(v.Ints, src.Ints, idx)
	case types.Float:
		gather(v.Floats, src.Floats, idx)
	case types.Numer:
		if src.Narrow {
			gather(v.Ints, src.Ints, idx)
		} else {
			gather(v.Nums, src.Nums, idx)
		}
	case types.Inter:
		gather(v.Inters, src.Inters, idx)
	default:
		gather(v.Strs, src.Strs, idx)
	}
	if src.Nulls != nil {
		v.Nulls = make([]bool, n)
		gather(v.Nulls, src.Nulls, idx)
	}
}

// GatherOuter is Gather where an index below 0 gives NULL.
func (v *Vec) GatherOuter(src *Vec, idx []int32) {
	missing := false
	safe := make([]int32, len(idx))
	for i, j := range idx {
		if j < 0 {
			missing = true
		} else {
			safe[i] = j
		}
	}
	if !missing {
		v.Gather(src, idx)
		return
	}
	if src.Len() == 0 {
		v.AllNull(src.Kind, len(idx))
		return
	}
	v.Gather(src, safe)
	v.needNulls()
	for i, j := range idx {
		if j < 0 {
			v.Nulls[i] = true
		}
	}
}

func gather[T any](dst, src []T, idx []int32) {
	dst = dst[:len(idx)]
	for i, j := range idx {
		dst[i] = src[j]
	}
}

// Scatter copies value i of src, which is of the same kind, to row idx[i] of v.
func (v *Vec) Scatter(src *Vec, idx []int32) {
	if v.Kind == types.Numer {
		if v.Narrow && (!src.Narrow || src.Scale != v.Scale) {
			v.Widen()
		}
		if !v.Narrow && src.Narrow {
			c := *src
			c.Widen()
			src = &c
		}
	}
	switch v.Kind {
	case types.Bool:
		scatter(v.Bools, src.Bools, idx)
	case types.Int:
		scatter(v.Ints, src.Ints, idx)
	case types.Float:
		scatter(v.Floats, src.Floats, idx)
	case types.Numer:
		if v.Narrow {
			scatter(v.Ints, src.Ints, idx)
		} else {
			scatter(v.Nums, src.Nums, idx)
		}
	case types.Inter:
		scatter(v.Inters, src.Inters, idx)
	default:
		scatter(v.Strs, src.Strs, idx)
	}
	if src.Nulls != nil {
		v.needNulls()
		scatter(v.Nulls, src.Nulls, idx)
	} else if v.Nulls != nil {
		for _, j := range idx {
			v.Nulls[j] = false
		}
	}
}

func scatter[T any](dst, src []T, idx []int32) {
	for i, j := range idx {
		dst[j] = src[i]
	}
}
