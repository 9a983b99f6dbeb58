package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	for _, p := range []string{"array_to_text", "array_to_text_null"} {
		register(p, &Impl{Bind: func(call *Call) (Kernel, error) {
			t := call.Args[0]
			return rows(types.Bytes, func(c *Ctx, args []types.Datum) (types.Datum, error) { return arrayToText(&c.Env.Env, t, args), nil }), nil
		}})
	}
	for _, p := range []string{"text_to_array", "text_to_array_null"} {
		register(p, rowImpl(types.Bytes, func(_ *Ctx, args []types.Datum) (types.Datum, error) {
			if args[0].IsNull() {
				return types.Null, nil
			}
			return arrayDatum(types.TText, splitText(args)), nil
		}))
	}
	register("array_fill", fillImpl())
	register("array_fill_with_lower_bounds", fillImpl())
}

// arrayToText joins the elements' texts with a delimiter; NULLs are left out, or
// shown as the third argument.
func arrayToText(env *types.Env, t *types.Type, args []types.Datum) types.Datum {
	if args[0].IsNull() || args[1].IsNull() {
		return types.Null
	}
	null := types.Null
	if len(args) == 3 {
		null = args[2]
	}
	elem := elemOf(t)
	it := types.IterArray(elem, args[0].Str())
	var b []byte
	first := true
	for {
		d, ok := it.Next()
		if !ok {
			return types.NewString(string(b))
		}
		if d.IsNull() && null.IsNull() {
			continue
		}
		if !first {
			b = append(b, args[1].Str()...)
		}
		first = false
		if d.IsNull() {
			b = append(b, null.Str()...)
		} else {
			b = elem.Out(env, b, d)
		}
	}
}

// splitText is string_to_array: fields between delimiters, single characters
// for a NULL delimiter; fields equal to the third argument become NULL.
func splitText(args []types.Datum) []types.Datum {
	s := args[0].Str()
	var fields []string
	switch {
	case s == "":
	case args[1].IsNull():
		fields = strings.Split(s, "")
	case args[1].Str() == "":
		fields = []string{s}
	default:
		fields = strings.Split(s, args[1].Str())
	}
	out := make([]types.Datum, len(fields))
	for i, f := range fields {
		if len(args) < 3 || args[2].IsNull() || f != args[2].Str() {
			out[i] = types.NewString(f)
		}
	}
	return out
}

func fillImpl() *Impl {
	return &Impl{Bind: func(c *Call) (Kernel, error) {
		elem := elemOf(c.Ret)
		return rows(types.Bytes, func(_ *Ctx, args []types.Datum) (types.Datum, error) { return arrayFill(elem, args) }), nil
	}}
}

func errSubscripts(detail string) error {
	return pgerr.New(pgerr.ArraySubscriptError, "wrong number of array subscripts").WithDetail("%s", detail)
}

// arrayFill makes an array of one value: value, dimensions, lower bounds.
func arrayFill(elem *types.Type, args []types.Datum) (types.Datum, error) {
	for _, a := range args[1:] {
		if a.IsNull() {
			return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "dimension array or low bound array cannot be null")
		}
	}
	dims, err := fillBounds(args[1], "Dimension array must be one dimensional.")
	if err != nil {
		return types.Null, err
	}
	if len(dims) > types.MaxDim {
		return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", len(dims), types.MaxDim)
	}
	lower := make([]int32, len(dims))
	for i := range lower {
		lower[i] = 1
	}
	if len(args) == 3 {
		if lower, err = fillBounds(args[2], "Low bound array must be one dimensional."); err != nil {
			return types.Null, err
		}
		if len(lower) != len(dims) {
			return types.Null, errSubscripts("Low bound array has different size than dimensions array.")
		}
	}
	n := int64(1)
	for i, d := range dims {
		if n *= int64(d); d < 0 || n > maxArrayElems {
			return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", maxArrayElems)
		}
		if int64(lower[i])+int64(d) > 1<<31-1 {
			return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, "array lower bound is too large: %d", lower[i])
		}
	}
	if n == 0 || len(dims) == 0 {
		return arrayDatum(elem, nil), nil
	}
	a := types.Array{Elem: elem, Dims: dims, Lower: lower, Vals: make([]types.Datum, n)}
	for i := range a.Vals {
		a.Vals[i] = args[0]
	}
	return encodeArray(&a)
}

func fillBounds(d types.Datum, detail string) ([]int32, error) {
	a := types.DecodeArray(types.TInt4.Array, d.Str())
	if len(a.Dims) > 1 {
		return nil, errSubscripts(detail)
	}
	out := make([]int32, len(a.Vals))
	for i, v := range a.Vals {
		if v.IsNull() {
			return nil, pgerr.New(pgerr.NullValueNotAllowed, "dimension values cannot be null")
		}
		out[i] = int32(v.Int())
	}
	return out, nil
}
