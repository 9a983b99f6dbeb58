package expr

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

var (
	errSubCount  = pgerr.New(pgerr.ArraySubscriptError, "wrong number of array subscripts")
	errSubRange  = pgerr.New(pgerr.ArraySubscriptError, "array subscript out of range")
	errSubOrder  = pgerr.New(pgerr.ArraySubscriptError, "upper bound cannot be less than lower bound")
	errSubSource = pgerr.New(pgerr.ArraySubscriptError, "source array too small")
	errSubOpen   = pgerr.New(pgerr.ArraySubscriptError, "array slice subscript must provide both boundaries").
			WithDetail("When assigning to a slice of an empty array value, slice boundaries must be fully specified.")
)

// assigned gives the array with an element or slice replaced. A NULL array is
// taken for an empty one.
func (x *subscriptNode) assigned(arr, val types.Datum) (types.Datum, error) {
	if x.fixed > 0 {
		return x.assignedFixed(arr, val)
	}
	a := types.Array{Elem: x.typ.Elem}
	if !arr.IsNull() {
		a = types.DecodeArray(x.typ, arr.Str())
	}
	var err error
	switch {
	case !x.slice:
		err = setElem(&a, x.hi, val)
	case val.IsNull(): // as in PostgreSQL, nothing happens
		return types.NewString(a.Encode()), nil
	default:
		err = setSlice(&a, x.lo, x.hi, types.DecodeArray(x.typ, val.Str()))
	}
	if err == nil {
		_, err = types.CheckShape(a.Dims, a.Lower)
	}
	if err != nil {
		return types.Null, err
	}
	return types.NewString(a.Encode()), nil
}

var errFixedSlice = pgerr.New(pgerr.FeatureNotSupported, "slices of fixed-length arrays not implemented")

// assignedFixed replaces an element of a type of fixed length; with a NULL on either
// side, as in PostgreSQL, nothing happens.
func (x *subscriptNode) assignedFixed(s, val types.Datum) (types.Datum, error) {
	if s.IsNull() || val.IsNull() {
		return s, nil
	}
	switch at := x.hi[0].val; {
	case x.slice:
		return types.Null, errFixedSlice
	case len(x.hi) != 1:
		return types.Null, errSubCount
	case at < 0 || int(at) >= x.fixed:
		return types.Null, pgerr.New(pgerr.ArraySubscriptError, "array subscript out of range")
	default:
		return types.NewString(x.typ.WithFixedElem(s.Str(), int(at), val)), nil
	}
}

// setElem replaces an element. An array of one dimension grows to hold it, with
// NULLs in between.
func setElem(a *types.Array, at []bound, val types.Datum) error {
	if len(a.Dims) == 0 {
		for _, b := range at {
			a.Dims, a.Lower = append(a.Dims, 1), append(a.Lower, b.val)
		}
		a.Vals = []types.Datum{val}
		return nil
	}
	if len(at) != len(a.Dims) {
		return errSubCount
	}
	if len(at) == 1 {
		if err := extend(a, at[0].val, at[0].val); err != nil {
			return err
		}
	}
	off := 0
	for k, b := range at {
		i := int64(b.val) - int64(a.Lower[k])
		if i < 0 || i >= int64(a.Dims[k]) {
			return errSubRange
		}
		off = off*int(a.Dims[k]) + int(i)
	}
	a.Vals[off] = val
	return nil
}

// extend makes an array of one dimension hold subscripts lo … hi.
func extend(a *types.Array, lo, hi int32) error {
	first, end := int64(a.Lower[0]), int64(a.Lower[0])+int64(a.Dims[0])
	before, after := max(0, first-int64(lo)), max(0, int64(hi)+1-end)
	n := int64(a.Dims[0]) + before + after
	if _, err := types.CheckShape([]int32{int32(min(n, 1<<31-1))}, []int32{min(lo, a.Lower[0])}); err != nil {
		return err
	}
	if before+after == 0 {
		return nil
	}
	vals := make([]types.Datum, n)
	copy(vals[before:], a.Vals)
	a.Vals, a.Dims[0], a.Lower[0] = vals, int32(n), int32(first-before)
	return nil
}

// setSlice replaces a slice by the first elements of src.
func setSlice(a *types.Array, lo, hi []bound, src types.Array) error {
	if len(a.Dims) == 0 {
		return newSlice(a, lo, hi, src)
	}
	if len(lo) > len(a.Dims) {
		return errSubCount
	}
	for k := range lo {
		if !lo[k].given {
			lo[k].val = a.Lower[k]
		}
		if !hi[k].given {
			hi[k].val = a.Lower[k] + a.Dims[k] - 1
		}
		if lo[k].val > hi[k].val {
			return errSubOrder
		}
	}
	if len(a.Dims) == 1 {
		if err := extend(a, lo[0].val, hi[0].val); err != nil {
			return err
		}
	}
	from, to, n := make([]int, len(a.Dims)), make([]int, len(a.Dims)), 1
	for k := range a.Dims {
		to[k] = int(a.Dims[k])
		if k < len(lo) {
			from[k], to[k] = int(int64(lo[k].val)-int64(a.Lower[k])), int(int64(hi[k].val)-int64(a.Lower[k]))+1
			if from[k] < 0 || to[k] > int(a.Dims[k]) {
				return errSubRange
			}
		}
		n *= to[k] - from[k]
	}
	if len(src.Vals) < n {
		return errSubSource
	}
	next := 0
	eachIn(a.Dims, from, to, func(off int) {
		a.Vals[off] = src.Vals[next]
		next++
	})
	return nil
}

// newSlice makes the array that a slice of an empty array becomes.
func newSlice(a *types.Array, lo, hi []bound, src types.Array) error {
	for k := range lo {
		if !lo[k].given || !hi[k].given {
			return errSubOpen
		}
		size := int64(hi[k].val) - int64(lo[k].val) + 1
		a.Dims, a.Lower = append(a.Dims, int32(min(size, 1<<31-1))), append(a.Lower, lo[k].val)
	}
	n, err := types.CheckShape(a.Dims, a.Lower)
	switch {
	case err != nil:
		return err
	case n == 0:
		a.Dims, a.Lower = nil, nil
	case len(src.Vals) < n:
		return errSubSource
	}
	a.Vals = src.Vals[:n]
	return nil
}
