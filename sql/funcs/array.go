package funcs

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("array_ndims", headImpl(types.Int, func(h *types.ArrayHead) (types.Datum, error) { return types.NewInt(int64(h.NDim)), nil }))
	register("array_dims", headImpl(types.Bytes, func(h *types.ArrayHead) (types.Datum, error) { return types.NewString(dimsText(h)), nil }))
	register("array_lower", dimImpl(func(h *types.ArrayHead, d int) int64 { return int64(h.Lower[d]) }))
	register("array_upper", dimImpl(func(h *types.ArrayHead, d int) int64 { return int64(h.Lower[d]) + int64(h.Dims[d]) - 1 }))
	register("array_length", dimImpl(func(h *types.ArrayHead, d int) int64 { return int64(h.Dims[d]) }))
	register("array_cardinality", &Impl{Kernel: fn1(func(s string) int64 { h := types.HeadOfArray(s); return int64(h.N) })})
	register("array_append", &Impl{Bind: func(c *Call) (Kernel, error) {
		return appendKernel(c, func(row []types.Datum) (arr, elem types.Datum, last bool) { return row[0], row[1], true }), nil
	}})
	register("array_prepend", &Impl{Bind: func(c *Call) (Kernel, error) {
		return appendKernel(c, func(row []types.Datum) (arr, elem types.Datum, last bool) { return row[1], row[0], false }), nil
	}})
	register("array_cat", &Impl{Bind: func(c *Call) (Kernel, error) {
		t := c.Ret
		return rows(types.Bytes, func(_ *Ctx, row []types.Datum) (types.Datum, error) { return arrayCat(t, row[0], row[1]) }), nil
	}})
	register("trim_array", &Impl{Bind: func(c *Call) (Kernel, error) {
		t := c.Args[0]
		return fn2e(func(s string, n int64) (string, error) { return trimArray(t, s, n) }), nil
	}})
}

// headImpl makes the Impl of a function of an array's shape; it is NULL for an
// array without dimensions.
func headImpl(kind types.Kind, f func(h *types.ArrayHead) (types.Datum, error)) *Impl {
	return rowImpl(kind, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		h := types.HeadOfArray(a[0].Str())
		if h.NDim == 0 {
			return types.Null, nil
		}
		return f(&h)
	})
}

// dimImpl makes the Impl of a function of one dimension, numbered from 1; it is
// NULL when there is no such dimension.
func dimImpl(f func(h *types.ArrayHead, d int) int64) *Impl {
	return &Impl{Kernel: func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, d, r := args[0].Strs, args[1].Ints, Out[int64](out, n)
		for i := range n {
			if c.skip(i) {
				continue
			}
			h := types.HeadOfArray(a[i])
			if d[i] < 1 || d[i] > int64(h.NDim) {
				out.SetNull(i)
				continue
			}
			r[i] = f(&h, int(d[i]-1))
		}
	}}
}

func dimsText(h *types.ArrayHead) string {
	var b strings.Builder
	for i := range h.NDim {
		b.WriteByte('[')
		b.WriteString(strconv.Itoa(int(h.Lower[i])))
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(int(h.Lower[i]) + int(h.Dims[i]) - 1))
		b.WriteByte(']')
	}
	return b.String()
}

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

var errNotFlat = pgerr.New(pgerr.DataException, "argument must be empty or one-dimensional array")

// appendKernel is array_append or array_prepend; a NULL array is an empty one.
func appendKernel(c *Call, split func(row []types.Datum) (arr, elem types.Datum, last bool)) Kernel {
	t := c.Ret
	return rows(types.Bytes, func(_ *Ctx, row []types.Datum) (types.Datum, error) {
		arr, elem, last := split(row)
		a := types.Array{Elem: elemOf(t)}
		if !arr.IsNull() {
			a = types.DecodeArray(t, arr.Str())
		}
		switch len(a.Dims) {
		case 0:
			return arrayDatum(a.Elem, []types.Datum{elem}), nil
		case 1:
		default:
			return types.Null, errNotFlat
		}
		if last && int64(a.Lower[0])+int64(a.Dims[0]) > 1<<31-1 || !last && a.Lower[0] == -1<<31 {
			return types.Null, errInt4Range
		}
		a.Dims[0]++
		if last {
			a.Vals = append(a.Vals, elem)
		} else {
			a.Vals = append([]types.Datum{elem}, a.Vals...)
		}
		return encodeArray(&a)
	})
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

func errConcat(detail string, args ...any) error {
	return pgerr.New(pgerr.ArraySubscriptError, "cannot concatenate incompatible arrays").WithDetail(detail, args...)
}

// arrayCat concatenates two arrays, or an array of n dimensions and one of n-1
// as its element.
func arrayCat(t *types.Type, x, y types.Datum) (types.Datum, error) {
	switch {
	case x.IsNull():
		return y, nil
	case y.IsNull():
		return x, nil
	}
	a, b := types.DecodeArray(t, x.Str()), types.DecodeArray(t, y.Str())
	n, m := len(a.Dims), len(b.Dims)
	switch {
	case n == 0 && m > 0:
		return y, nil
	case m == 0:
		return x, nil
	case n-m > 1 || m-n > 1:
		return types.Null, errConcat("Arrays of %d and %d dimensions are not compatible for concatenation.", n, m)
	}
	r := types.Array{Elem: a.Elem, Vals: append(append([]types.Datum{}, a.Vals...), b.Vals...)}
	switch {
	case n == m:
		if !sameShape(&a, &b, 1, 1) {
			return types.Null, errConcat("Arrays with differing element dimensions are not compatible for concatenation.")
		}
		r.Dims, r.Lower = a.Dims, a.Lower
		r.Dims[0] += b.Dims[0]
	case n == m-1:
		if !sameShape(&a, &b, 0, 1) {
			return types.Null, errConcat("Arrays with differing dimensions are not compatible for concatenation.")
		}
		r.Dims, r.Lower = b.Dims, b.Lower
		r.Dims[0]++
	default:
		if !sameShape(&b, &a, 0, 1) {
			return types.Null, errConcat("Arrays with differing dimensions are not compatible for concatenation.")
		}
		r.Dims, r.Lower = a.Dims, a.Lower
		r.Dims[0]++
	}
	return encodeArray(&r)
}

// sameShape compares dimensions from the i-th and j-th on.
func sameShape(a, b *types.Array, i, j int) bool {
	for ; i < len(a.Dims); i, j = i+1, j+1 {
		if a.Dims[i] != b.Dims[j] || a.Lower[i] != b.Lower[j] {
			return false
		}
	}
	return true
}

func trimArray(t *types.Type, s string, n int64) (string, error) {
	a := types.DecodeArray(t, s)
	size := int64(0)
	if len(a.Dims) > 0 {
		size = int64(a.Dims[0])
	}
	if n < 0 || n > size {
		return "", pgerr.New(pgerr.ArraySubscriptError, "number of elements to trim must be between 0 and %d", size)
	}
	if n == size {
		a = types.Array{Elem: a.Elem}
		return a.Encode(), nil
	}
	keep := len(a.Vals) / int(size) * int(size-n)
	a.Dims[0] = int32(size - n)
	for i := range a.Lower {
		a.Lower[i] = 1 // as a slice has it
	}
	a.Vals = a.Vals[:keep]
	return a.Encode(), nil
}
