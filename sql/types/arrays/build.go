package arrays

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func errOneDim() error {
	return pgerr.New(pgerr.DataException, "argument must be empty or one-dimensional array")
}

// Append is array_append.
func Append(elem *types.Type, a string, d types.Datum) (string, error) {
	h := types.HeadOfArray(a)
	switch {
	case h.NDim > 1:
		return "", errOneDim()
	case h.NDim == 0:
		return SetElement(elem, a, []int32{1}, d)
	case int64(h.Lower[0])+int64(h.Dims[0]) > math.MaxInt32:
		return "", types.ErrIntRange(32)
	}
	return SetElement(elem, a, []int32{h.Lower[0] + h.Dims[0]}, d)
}

// Prepend is array_prepend; the lower bound stays.
func Prepend(elem *types.Type, d types.Datum, a string) (string, error) {
	arr := decode(elem, a)
	switch {
	case len(arr.Dims) > 1:
		return "", errOneDim()
	case len(arr.Dims) == 0:
		return SetElement(elem, a, []int32{1}, d)
	case arr.Lower[0] == math.MinInt32:
		return "", types.ErrIntRange(32)
	}
	arr.Dims[0]++
	arr.Vals = append([]types.Datum{d}, arr.Vals...)
	if _, err := types.CheckShape(arr.Dims, []int32{arr.Lower[0] - 1}); err != nil {
		return "", err
	}
	return arr.Encode(), nil
}

func errCat(format string, args ...any) error {
	return errSubscript("cannot concatenate incompatible arrays").WithDetail(format, args...)
}

// Cat is array_cat: two arrays of the same shape but for the first dimension,
// or one that is an element of the other.
func Cat(elem *types.Type, a, b string) (string, error) {
	x, y := decode(elem, a), decode(elem, b)
	n, m := len(x.Dims), len(y.Dims)
	switch {
	case n == 0 && m > 0:
		return b, nil
	case m == 0:
		return a, nil
	case n != m && n != m-1 && n != m+1:
		return "", errCat("Arrays of %d and %d dimensions are not compatible for concatenation.", n, m)
	}
	out := types.Array{Elem: elem, Vals: append(x.Vals, y.Vals...)}
	switch n {
	case m:
		if !sameShape(x.Dims[1:], y.Dims[1:], x.Lower[1:], y.Lower[1:]) {
			return "", errCat("Arrays with differing element dimensions are not compatible for concatenation.")
		}
		out.Dims, out.Lower = x.Dims, x.Lower
		out.Dims[0] += y.Dims[0]
	case m - 1:
		if !sameShape(x.Dims, y.Dims[1:], x.Lower, y.Lower[1:]) {
			return "", errCat("Arrays with differing dimensions are not compatible for concatenation.")
		}
		out.Dims, out.Lower = y.Dims, y.Lower
		out.Dims[0]++
	default:
		if !sameShape(x.Dims[1:], y.Dims, x.Lower[1:], y.Lower) {
			return "", errCat("Arrays with differing dimensions are not compatible for concatenation.")
		}
		out.Dims, out.Lower = x.Dims, x.Lower
		out.Dims[0]++
	}
	if _, err := types.CheckShape(out.Dims, out.Lower); err != nil {
		return "", err
	}
	return out.Encode(), nil
}

func sameShape(d1, d2, l1, l2 []int32) bool {
	for i := range d1 {
		if d1[i] != d2[i] || l1[i] != l2[i] {
			return false
		}
	}
	return true
}

// Construct is ARRAY[…] of arrays: an array with one dimension more. Empty
// arrays and NULLs make an empty one if there is nothing else.
func Construct(elem *types.Type, parts []types.Datum) (string, error) {
	bad := func() (string, error) {
		return "", errSubscript("multidimensional arrays must have array expressions with matching dimensions")
	}
	out, first, missing := types.Array{Elem: elem}, true, false
	for _, p := range parts {
		if p.IsNull() || types.HeadOfArrayDims(p.Str()) == 0 {
			missing = true
			continue
		}
		x := decode(elem, p.Str())
		if first {
			if len(x.Dims)+1 > types.MaxDim {
				return "", pgerr.New(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", len(x.Dims)+1, types.MaxDim)
			}
			out.Dims, out.Lower, first = append([]int32{0}, x.Dims...), append([]int32{1}, x.Lower...), false
		} else if len(x.Dims)+1 != len(out.Dims) || !sameShape(x.Dims, out.Dims[1:], x.Lower, out.Lower[1:]) {
			return bad()
		}
		out.Dims[0]++
		out.Vals = append(out.Vals, x.Vals...)
	}
	if missing {
		if first {
			return empty, nil
		}
		return bad()
	}
	if _, err := types.CheckShape(out.Dims, out.Lower); err != nil {
		return "", err
	}
	return out.Encode(), nil
}

// Aggregate is array_agg of arrays: one more dimension, all of one shape.
func Aggregate(elem *types.Type, parts []types.Datum) (string, error) {
	out := types.Array{Elem: elem}
	for i, p := range parts {
		if p.IsNull() {
			return "", pgerr.New(pgerr.NullValueNotAllowed, "cannot accumulate null arrays")
		}
		x := decode(elem, p.Str())
		switch {
		case i == 0 && len(x.Dims) == 0:
			return "", errSubscript("cannot accumulate empty arrays")
		case i == 0 && len(x.Dims)+1 > types.MaxDim:
			return "", pgerr.New(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", len(x.Dims)+1, types.MaxDim)
		case i == 0:
			out.Dims, out.Lower = append([]int32{0}, x.Dims...), append([]int32{1}, x.Lower...)
		case len(x.Dims)+1 != len(out.Dims) || !sameShape(x.Dims, out.Dims[1:], x.Lower, out.Lower[1:]):
			return "", errSubscript("cannot accumulate arrays of different dimensionality")
		}
		out.Dims[0]++
		out.Vals = append(out.Vals, x.Vals...)
	}
	return out.Encode(), nil
}

func errWrongNumber(detail string) error {
	return errSubscript("wrong number of array subscripts").WithDetail("%s", detail)
}

// Fill is array_fill: an array of copies of d with the dimensions and, unless
// lower is nil, the lower bounds that int4 arrays give.
func Fill(elem *types.Type, d types.Datum, dims string, lower *string) (string, error) {
	out := types.Array{Elem: elem}
	var err error
	if out.Dims, err = fillShape(dims); err != nil {
		return "", err
	}
	if len(out.Dims) > types.MaxDim {
		return "", pgerr.New(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", len(out.Dims), types.MaxDim)
	}
	if lower != nil {
		if out.Lower, err = fillShape(*lower); err != nil {
			return "", err
		}
		if len(out.Lower) != len(out.Dims) {
			return "", errWrongNumber("Low bound array has different size than dimensions array.")
		}
	} else {
		for range out.Dims {
			out.Lower = append(out.Lower, 1)
		}
	}
	n, err := types.CheckShape(out.Dims, out.Lower)
	if err != nil {
		return "", err
	}
	if n == 0 {
		return empty, nil
	}
	out.Vals = make([]types.Datum, n)
	for i := range out.Vals {
		out.Vals[i] = d
	}
	return out.Encode(), nil
}

// fillShape reads an array of dimensions or bounds.
func fillShape(a string) ([]int32, error) {
	x := decode(types.TInt4, a)
	if len(x.Dims) > 1 {
		return nil, errWrongNumber("Dimension array must be one dimensional.")
	}
	var out []int32
	for _, d := range x.Vals {
		if d.IsNull() {
			return nil, pgerr.New(pgerr.NullValueNotAllowed, "dimension values cannot be null")
		}
		out = append(out, int32(d.Int()))
	}
	return out, nil
}
