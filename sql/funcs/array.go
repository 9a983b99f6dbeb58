package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/arrays"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("array_ndims", arrayNumber(func(s string, _ int32) (int32, bool) { return arrays.NDims(s) }))
	register("array_lower", arrayNumber(arrays.Lower))
	register("array_upper", arrayNumber(arrays.Upper))
	register("array_length", arrayNumber(arrays.Length))
	register("array_cardinality", &Impl{Kernel: fn1(func(s string) int64 { return int64(arrays.Cardinality(s)) })})
	register("array_dims", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		return textOrNull(arrays.Dims(a[0].Str())), nil
	}))
	register("array_append", elemImpl(types.Bytes, -1, func(elem *types.Type, a []types.Datum) (types.Datum, error) {
		return strDatum(arrays.Append(elem, a[0].Str(), a[1]))
	}))
	register("array_prepend", elemImpl(types.Bytes, -1, func(elem *types.Type, a []types.Datum) (types.Datum, error) {
		return strDatum(arrays.Prepend(elem, a[0], a[1].Str()))
	}))
	register("array_cat", elemImpl(types.Bytes, -1, func(elem *types.Type, a []types.Datum) (types.Datum, error) {
		switch {
		case a[0].IsNull():
			return a[1], nil
		case a[1].IsNull():
			return a[0], nil
		}
		return strDatum(arrays.Cat(elem, a[0].Str(), a[1].Str()))
	}))
	register("trim_array", elemImpl(types.Bytes, 0, func(elem *types.Type, a []types.Datum) (types.Datum, error) {
		return strDatum(arrays.Trim(elem, a[0].Str(), i32(a[1])))
	}))
	for _, p := range []string{"array_fill", "array_fill_with_lower_bounds"} {
		register(p, elemImpl(types.Bytes, -1, arrayFill))
	}
	registerArraySearch()
	registerArrayText()
}

func strDatum(s string, err error) (types.Datum, error) { return types.NewString(s), err }

// elemOf is the element type of an array type.
func elemOf(t *types.Type) *types.Type { return t.Underlying().Elem }

// arrayElems gives the elements of an array of type t.
func arrayElems(t *types.Type, d types.Datum) []types.Datum {
	return types.DecodeArray(t, d.Str()).Vals
}

// arrayDatum encodes a one-dimensional array.
func arrayDatum(elem *types.Type, vals []types.Datum) types.Datum {
	a := types.NewArray(elem, vals)
	return types.NewString(a.Encode())
}

// textArray makes a text[].
func textArray(vals []string) types.Datum {
	ds := make([]types.Datum, len(vals))
	for i, s := range vals {
		ds[i] = types.NewString(s)
	}
	return arrayDatum(types.TText, ds)
}

// arrayNumber makes the Impl of a function of an array, and perhaps one of its
// dimensions, that is NULL where there is none.
func arrayNumber(f func(s string, dim int32) (int32, bool)) *Impl {
	return &Impl{Kernel: func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, r := args[0].Strs, Out[int64](out, n)
		for i := range n {
			if c.skip(i) {
				continue
			}
			dim := int32(0)
			if len(args) > 1 {
				dim = int32(args[1].Ints[i])
			}
			x, ok := f(a[i], dim)
			r[i] = int64(x)
			if !ok {
				out.SetNull(i)
			}
		}
	}}
}

// elemImpl makes the Impl of a function that needs to know the element type of
// the array that argument arg, or for -1 the result, is.
func elemImpl(kind types.Kind, arg int, f func(elem *types.Type, args []types.Datum) (types.Datum, error)) *Impl {
	return &Impl{Bind: func(c *Call) (Kernel, error) {
		t := c.Ret
		if arg >= 0 {
			t = c.Args[arg]
		}
		elem := elemOf(t)
		return rows(kind, func(_ *Ctx, args []types.Datum) (types.Datum, error) { return f(elem, args) }), nil
	}}
}

func arrayFill(elem *types.Type, a []types.Datum) (types.Datum, error) {
	for _, x := range a[1:] {
		if x.IsNull() {
			return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "dimension array or low bound array cannot be null")
		}
	}
	var lower *string
	if len(a) > 2 {
		s := a[2].Str()
		lower = &s
	}
	return strDatum(arrays.Fill(elem, a[0], a[1].Str(), lower))
}

// maxArrayElems is the most elements that an array has.
const maxArrayElems = 134217727

// encodeArray encodes an array whose size is not known to be allowed.
func encodeArray(a *types.Array) (types.Datum, error) {
	if len(a.Vals) > maxArrayElems {
		return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", maxArrayElems)
	}
	s := a.Encode()
	if len(s) > maxString {
		return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", maxString)
	}
	return types.NewString(s), nil
}
