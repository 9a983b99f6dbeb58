package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	for _, p := range []string{"json_build_array", "json_build_array_noargs"} {
		register(p, buildImpl(func(c *Ctx, vals []anyValue) (types.Datum, error) { return jsonArrayOf(&c.Env.Env, vals), nil }))
		register("jsonb"+p[4:], buildImpl(jsonbArrayOf))
	}
	for _, p := range []string{"json_build_object", "json_build_object_noargs"} {
		register(p, buildImpl(jsonObjectOf))
		register("jsonb"+p[4:], buildImpl(jsonbObjectOf))
	}
	register("json_object", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return objectOfTexts(a, writeTextObject) }))
	register("json_object_two_arg", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return objectOfTexts(a, writeTextObject) }))
	register("jsonb_object", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return objectOfTexts(a, buildTextObject) }))
	register("jsonb_object_two_arg", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return objectOfTexts(a, buildTextObject) }))
}

// buildImpl makes the Impl of a function of any number of values.
func buildImpl(f func(c *Ctx, vals []anyValue) (types.Datum, error)) *Impl {
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		return rows(types.Bytes, func(c *Ctx, row []types.Datum) (types.Datum, error) {
			vals, ok := call.anyArgs(0, row)
			if !ok {
				return types.Null, nil
			}
			return f(c, vals)
		}), nil
	}}
}

func jsonArrayOf(env *types.Env, vals []anyValue) types.Datum {
	w := jsonWriter{env: env}
	w.buf = append(w.buf, '[')
	for i, v := range vals {
		if i > 0 {
			w.buf = append(w.buf, ", "...)
		}
		w.value(v.t, v.d)
	}
	return types.NewString(string(append(w.buf, ']')))
}

func jsonbArrayOf(c *Ctx, vals []anyValue) (types.Datum, error) {
	out := make([]types.JSONB, len(vals))
	for i, v := range vals {
		var err error
		if out[i], err = toJSONB(&c.Env.Env, v.t, v.d); err != nil {
			return types.Null, err
		}
	}
	return types.NewString(string(types.JSONBArray(out))), nil
}

// evenArgs checks that there is a value for every key.
func evenArgs(vals []anyValue, function string) error {
	if len(vals)%2 == 0 {
		return nil
	}
	return pgerr.New(pgerr.InvalidParameterValue, "argument list must have even number of elements").
		WithHint("The arguments of %s must consist of alternating keys and values.", function)
}

func jsonObjectOf(c *Ctx, vals []anyValue) (types.Datum, error) {
	if err := evenArgs(vals, "json_build_object()"); err != nil {
		return types.Null, err
	}
	w := jsonWriter{env: &c.Env.Env}
	w.buf = append(w.buf, '{')
	for i := 0; i < len(vals); i += 2 {
		if i > 0 {
			w.buf = append(w.buf, ", "...)
		}
		if vals[i].d.IsNull() {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "argument %d cannot be null", i+1).
				WithHint("Object keys should be text.")
		}
		key, err := jsonKey(w.env, vals[i].t, vals[i].d)
		if err != nil {
			return types.Null, err
		}
		w.buf = append(types.AppendJSONString(w.buf, key), " : "...)
		w.value(vals[i+1].t, vals[i+1].d)
	}
	return types.NewString(string(append(w.buf, '}'))), nil
}

func jsonbObjectOf(c *Ctx, vals []anyValue) (types.Datum, error) {
	if err := evenArgs(vals, "jsonb_build_object()"); err != nil {
		return types.Null, err
	}
	pairs := make([]types.JSONPair, 0, len(vals)/2)
	for i := 0; i < len(vals); i += 2 {
		if vals[i].d.IsNull() {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "argument %d: key must not be null", i+1)
		}
		key, err := jsonKey(&c.Env.Env, vals[i].t, vals[i].d)
		if err != nil {
			return types.Null, err
		}
		v, err := toJSONB(&c.Env.Env, vals[i+1].t, vals[i+1].d)
		if err != nil {
			return types.Null, err
		}
		pairs = append(pairs, types.JSONPair{Key: key, Value: v})
	}
	return types.NewString(string(types.JSONBObject(pairs))), nil
}

// objectOfTexts is json_object: pairs in one array (flat, or of two columns), or
// keys and values in two.
func objectOfTexts(args []types.Datum, write func(keys, vals []types.Datum) types.Datum) (types.Datum, error) {
	a := types.DecodeArray(types.TText.Array, args[0].Str())
	keys, vals := a.Vals, a.Vals
	if len(args) == 2 {
		b := types.DecodeArray(types.TText.Array, args[1].Str())
		if len(a.Dims) > 1 || len(a.Dims) != len(b.Dims) {
			return types.Null, errSubscriptCount
		}
		if vals = b.Vals; len(keys) != len(vals) {
			return types.Null, pgerr.New(pgerr.ArraySubscriptError, "mismatched array dimensions")
		}
	} else {
		switch {
		case len(a.Dims) == 1 && a.Dims[0]%2 != 0:
			return types.Null, pgerr.New(pgerr.ArraySubscriptError, "array must have even number of elements")
		case len(a.Dims) == 2 && a.Dims[1] != 2:
			return types.Null, pgerr.New(pgerr.ArraySubscriptError, "array must have two columns")
		case len(a.Dims) > 2:
			return types.Null, errSubscriptCount
		}
		keys, vals = make([]types.Datum, len(a.Vals)/2), make([]types.Datum, len(a.Vals)/2)
		for i := range keys {
			keys[i], vals[i] = a.Vals[2*i], a.Vals[2*i+1]
		}
	}
	for _, k := range keys {
		if k.IsNull() {
			return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "null value not allowed for object key")
		}
	}
	return write(keys, vals), nil
}

var errSubscriptCount = pgerr.New(pgerr.ArraySubscriptError, "wrong number of array subscripts")

func writeTextObject(keys, vals []types.Datum) types.Datum {
	b := []byte{'{'}
	for i, k := range keys {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(types.AppendJSONString(b, k.Str()), " : "...)
		if vals[i].IsNull() {
			b = append(b, "null"...)
		} else {
			b = types.AppendJSONString(b, vals[i].Str())
		}
	}
	return types.NewString(string(append(b, '}')))
}

func buildTextObject(keys, vals []types.Datum) types.Datum {
	pairs := make([]types.JSONPair, len(keys))
	for i, k := range keys {
		pairs[i] = types.JSONPair{Key: k.Str(), Value: types.JSONBNull}
		if !vals[i].IsNull() {
			pairs[i].Value = types.JSONBString(vals[i].Str())
		}
	}
	return types.NewString(string(types.JSONBObject(pairs)))
}
