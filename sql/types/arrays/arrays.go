// Package arrays holds the operations on SQL arrays, with PostgreSQL's results
// and errors. Arrays are in their physical form (types.Array); elem is the type
// of their elements.
package arrays

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// empty is the array without elements.
var empty = (&types.Array{}).Encode()

func errSubscript(msg string) *pgerr.Error { return pgerr.New(pgerr.ArraySubscriptError, "%s", msg) }

// NDims is array_ndims; ok is false (NULL) for an empty array.
func NDims(a string) (n int32, ok bool) {
	h := types.HeadOfArray(a)
	return int32(h.NDim), h.NDim > 0
}

// Dims is array_dims; ok is false (NULL) for an empty array.
func Dims(a string) (dims string, ok bool) {
	h := types.HeadOfArray(a)
	var b []byte
	for i := 0; i < h.NDim; i++ {
		b = append(types.AppendInt(append(b, '['), int64(h.Lower[i])), ':')
		b = append(types.AppendInt(b, int64(h.Lower[i])+int64(h.Dims[i])-1), ']')
	}
	return string(b), h.NDim > 0
}

// Lower is array_lower, Upper array_upper and Length array_length of dimension
// dim, counted from 1; ok is false (NULL) when there is no such dimension.
func Lower(a string, dim int32) (n int32, ok bool) {
	h := types.HeadOfArray(a)
	if dim < 1 || int(dim) > h.NDim {
		return 0, false
	}
	return h.Lower[dim-1], true
}

// Upper: see Lower.
func Upper(a string, dim int32) (n int32, ok bool) {
	h := types.HeadOfArray(a)
	if dim < 1 || int(dim) > h.NDim {
		return 0, false
	}
	return h.Lower[dim-1] + h.Dims[dim-1] - 1, true
}

// Length: see Lower.
func Length(a string, dim int32) (n int32, ok bool) {
	h := types.HeadOfArray(a)
	if dim < 1 || int(dim) > h.NDim {
		return 0, false
	}
	return h.Dims[dim-1], true
}

// Cardinality is the number of elements.
func Cardinality(a string) int32 {
	h := types.HeadOfArray(a)
	return int32(h.N)
}

// Subscript gives the element at the subscripts, NULL when there is none.
func Subscript(elem *types.Type, a string, index ...int32) types.Datum {
	h := types.HeadOfArray(a)
	at, ok := offset(h.Dims[:h.NDim], h.Lower[:h.NDim], index)
	if !ok {
		return types.Null
	}
	return h.Elem(elem, at)
}

// offset is the position of an element in row-major order.
func offset(dims, lower, index []int32) (at int, ok bool) {
	if len(dims) != len(index) || len(dims) == 0 {
		return 0, false
	}
	for i, x := range index {
		if x < lower[i] || int64(x) >= int64(lower[i])+int64(dims[i]) {
			return 0, false
		}
		at = at*int(dims[i]) + int(x-lower[i])
	}
	return at, true
}

// Bound is a pair of subscripts of a slice; either may be left out.
type Bound struct {
	Lower, Upper       int32
	HasLower, HasUpper bool
}

// Slice gives the part of an array within the bounds, with lower bounds of 1;
// what is beyond the array is ignored.
func Slice(elem *types.Type, a string, bounds []Bound) string {
	h := types.HeadOfArray(a)
	if h.NDim < len(bounds) || h.NDim == 0 {
		return empty
	}
	src := decode(elem, a)
	from, to := make([]int32, h.NDim), make([]int32, h.NDim)
	out := types.Array{Elem: elem}
	for i := range from {
		from[i], to[i] = h.Lower[i], h.Lower[i]+h.Dims[i]-1
		if i < len(bounds) {
			if b := bounds[i]; b.HasLower {
				from[i] = max(from[i], b.Lower)
			}
			if b := bounds[i]; b.HasUpper {
				to[i] = min(to[i], b.Upper)
			}
		}
		if from[i] > to[i] {
			return empty
		}
		out.Dims, out.Lower = append(out.Dims, to[i]-from[i]+1), append(out.Lower, 1)
	}
	eachIn(from, to, func(index []int32) {
		at, _ := offset(src.Dims, src.Lower, index)
		out.Vals = append(out.Vals, src.Vals[at])
	})
	return out.Encode()
}

// eachIn calls f for all subscripts from … to, in row-major order.
func eachIn(from, to []int32, f func(index []int32)) {
	index := append([]int32(nil), from...)
	for {
		f(index)
		i := len(index) - 1
		for ; i >= 0; i-- {
			if index[i] < to[i] {
				index[i]++
				break
			}
			index[i] = from[i]
		}
		if i < 0 {
			return
		}
	}
}

// decode takes an array apart by its element type.
func decode(elem *types.Type, a string) types.Array {
	it := types.IterArray(elem, a)
	out := types.Array{Elem: elem, Dims: append([]int32(nil), it.Dims[:it.NDim]...), Lower: append([]int32(nil), it.Lower[:it.NDim]...)}
	if it.NDim == 0 {
		return out
	}
	out.Vals = make([]types.Datum, 0, it.N)
	for {
		d, ok := it.Next()
		if !ok {
			return out
		}
		out.Vals = append(out.Vals, d)
	}
}

// grow makes a one-dimensional array cover the subscripts from … to, with NULLs
// where there was nothing.
func grow(arr *types.Array, from, to int32) error {
	low, high := arr.Lower[0], int64(arr.Lower[0])+int64(arr.Dims[0])-1
	first, last := min(low, from), max(high, int64(to))
	if n := last - int64(first) + 1; n > math.MaxInt32 {
		return errSize()
	} else if arr.Dims[0] = int32(n); first < low {
		arr.Lower[0] = first
	}
	n, err := types.CheckShape(arr.Dims, arr.Lower)
	if err != nil {
		return err
	}
	vals := make([]types.Datum, n)
	copy(vals[low-first:], arr.Vals)
	arr.Vals = vals
	return nil
}

func errSize() error {
	return pgerr.New(pgerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", 134217727)
}

// SetElement gives the array with the element at the subscripts replaced. A
// one-dimensional array grows as needed, an empty one gets the subscripts as
// its bounds.
func SetElement(elem *types.Type, a string, index []int32, d types.Datum) (string, error) {
	arr := decode(elem, a)
	if len(arr.Dims) == 0 {
		arr.Lower = append([]int32(nil), index...)
		for range index {
			arr.Dims = append(arr.Dims, 1)
		}
		arr.Vals = []types.Datum{d}
		if _, err := types.CheckShape(arr.Dims, arr.Lower); err != nil {
			return "", err
		}
		return arr.Encode(), nil
	}
	if len(arr.Dims) != len(index) {
		return "", errSubscript("wrong number of array subscripts")
	}
	at, ok := offset(arr.Dims, arr.Lower, index)
	if !ok {
		if len(index) > 1 {
			return "", errSubscript("array subscript out of range")
		}
		if err := grow(&arr, index[0], index[0]); err != nil {
			return "", err
		}
		at, _ = offset(arr.Dims, arr.Lower, index)
	}
	arr.Vals[at] = d
	return arr.Encode(), nil
}

// SetSlice gives the array with the part within the bounds replaced by the
// elements of src, whatever its shape.
func SetSlice(elem *types.Type, a string, bounds []Bound, src string) (string, error) {
	arr, from := decode(elem, a), decode(elem, src)
	if len(arr.Dims) == 0 {
		return newSlice(elem, bounds, from.Vals)
	}
	if len(arr.Dims) < len(bounds) {
		return "", errSubscript("wrong number of array subscripts")
	}
	low, high := make([]int32, len(arr.Dims)), make([]int32, len(arr.Dims))
	need := 1
	for i := range low {
		low[i], high[i] = arr.Lower[i], arr.Lower[i]+arr.Dims[i]-1
		if i < len(bounds) {
			if bounds[i].HasLower {
				low[i] = bounds[i].Lower
			}
			if bounds[i].HasUpper {
				high[i] = bounds[i].Upper
			}
		}
		if low[i] > high[i] {
			return "", errSubscript("upper bound cannot be less than lower bound")
		}
		if len(low) > 1 && (low[i] < arr.Lower[i] || int64(high[i]) >= int64(arr.Lower[i])+int64(arr.Dims[i])) {
			return "", errSubscript("array subscript out of range")
		}
		need *= int(high[i]-low[i]) + 1
	}
	if len(low) == 1 {
		if err := grow(&arr, low[0], high[0]); err != nil {
			return "", err
		}
	}
	if need > len(from.Vals) {
		return "", errSubscript("source array too small")
	}
	k := 0
	eachIn(low, high, func(index []int32) {
		at, _ := offset(arr.Dims, arr.Lower, index)
		arr.Vals[at] = from.Vals[k]
		k++
	})
	return arr.Encode(), nil
}

// newSlice makes an array of a slice that is assigned to an empty one.
func newSlice(elem *types.Type, bounds []Bound, vals []types.Datum) (string, error) {
	arr := types.Array{Elem: elem}
	for _, b := range bounds {
		if !b.HasLower || !b.HasUpper {
			return "", errSubscript("array slice subscript must provide both boundaries").
				WithDetail("When assigning to a slice of an empty array value, slice boundaries must be fully specified.")
		}
		n := int64(b.Upper) - int64(b.Lower) + 1
		if n > math.MaxInt32 {
			return "", errSize()
		}
		arr.Dims, arr.Lower = append(arr.Dims, int32(n)), append(arr.Lower, b.Lower)
	}
	n, err := types.CheckShape(arr.Dims, arr.Lower)
	if err != nil {
		return "", err
	}
	if n > len(vals) {
		return "", errSubscript("source array too small")
	}
	if n == 0 {
		return empty, nil
	}
	arr.Vals = vals[:n]
	return arr.Encode(), nil
}

// Trim is trim_array: the array without its last n elements.
func Trim(elem *types.Type, a string, n int32) (string, error) {
	h := types.HeadOfArray(a)
	length := int32(0)
	if h.NDim > 0 {
		length = h.Dims[0]
	}
	if n < 0 || n > length {
		return "", pgerr.New(pgerr.ArrayElementError, "number of elements to trim must be between 0 and %d", length)
	}
	if h.NDim == 0 {
		return empty, nil
	}
	return Slice(elem, a, []Bound{{Upper: h.Lower[0] + length - n - 1, HasUpper: true}}), nil
}
