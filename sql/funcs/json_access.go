package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/jsonb"
)

func registerJSONAccess() {
	for _, text := range []bool{false, true} {
		suffix := map[bool]string{true: "_text"}[text]
		register("json_object_field"+suffix, rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			if jsonText(a[0].Str()).kind() != types.JSONObject {
				return types.Null, nil
			}
			return textGet(a[0].Str(), []string{a[1].Str()}, text)
		}))
		register("json_array_element"+suffix, rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			if jsonText(a[0].Str()).kind() != types.JSONArray {
				return types.Null, nil
			}
			return textGet(a[0].Str(), []string{string(types.AppendInt(nil, a[1].Int()))}, text)
		}))
		register("json_extract_path"+suffix, rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			path, ok := jsonb.Path(a[1].Str())
			if !ok {
				return types.Null, nil
			}
			return textGet(a[0].Str(), path, text)
		}))
		register("jsonb_object_field"+suffix, jsonbGet(text, func(j types.JSONB, d types.Datum) (types.JSONB, bool) { return jsonb.Field(j, d.Str()) }))
		register("jsonb_array_element"+suffix, jsonbGet(text, func(j types.JSONB, d types.Datum) (types.JSONB, bool) { return jsonb.Index(j, int(d.Int())) }))
		register("jsonb_extract_path"+suffix, jsonbGet(text, func(j types.JSONB, d types.Datum) (types.JSONB, bool) {
			path, ok := jsonb.Path(d.Str())
			if !ok {
				return "", false
			}
			return jsonb.Get(j, path)
		}))
	}
	registerJSONEdits()
}

func textGet(s string, path []string, text bool) (types.Datum, error) {
	v, ok, err := jsonb.GetText(s, path, text)
	return textOrNull(v, ok), err
}

// jsonbGet makes -> or, as text, ->> of jsonb.
func jsonbGet(text bool, get func(types.JSONB, types.Datum) (types.JSONB, bool)) *Impl {
	return rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		v, ok := get(types.JSONB(a[0].Str()), a[1])
		if !ok {
			return types.Null, nil
		}
		return jsonbValue(v, text), nil
	})
}

func jsonbValue(v types.JSONB, text bool) types.Datum {
	if !text {
		return types.NewString(string(v))
	}
	return textOrNull(jsonb.Text(v))
}

func registerJSONEdits() {
	register("jsonb_set", pathImpl(func(j types.JSONB, path, a []types.Datum) (types.JSONB, error) {
		return jsonb.Set(j, path, types.JSONB(a[2].Str()), a[3].Bool())
	}))
	register("jsonb_insert", pathImpl(func(j types.JSONB, path, a []types.Datum) (types.JSONB, error) {
		return jsonb.Insert(j, path, types.JSONB(a[2].Str()), a[3].Bool())
	}))
	register("jsonb_delete_path", pathImpl(func(j types.JSONB, path, _ []types.Datum) (types.JSONB, error) { return jsonb.DeletePath(j, path) }))
	register("jsonb_set_lax", rowImpl(types.Bytes, setLax))
	register("jsonb_delete", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		return jsonbDatum(jsonb.Delete(types.JSONB(a[0].Str()), a[1].Str()))
	}))
	register("jsonb_delete_array", pathImpl(func(j types.JSONB, keys, _ []types.Datum) (types.JSONB, error) {
		var names []string
		for _, k := range keys {
			if !k.IsNull() {
				names = append(names, k.Str())
			}
		}
		return jsonb.Delete(j, names...)
	}))
	register("jsonb_delete_idx", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		return jsonbDatum(jsonb.DeleteIndex(types.JSONB(a[0].Str()), int(a[1].Int())))
	}))
	register("jsonb_concat", &Impl{Kernel: fn2(func(a, b string) string { return string(jsonb.Concat(types.JSONB(a), types.JSONB(b))) })})
}

// pathImpl makes the Impl of a function whose second argument is a text[] of
// one dimension.
func pathImpl(f func(j types.JSONB, path, args []types.Datum) (types.JSONB, error)) *Impl {
	return rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return onPath(a, f) })
}

func onPath(a []types.Datum, f func(j types.JSONB, path, args []types.Datum) (types.JSONB, error)) (types.Datum, error) {
	arr := types.DecodeArray(types.TText.Array, a[1].Str())
	if len(arr.Dims) > 1 {
		return types.Null, pgerr.New(pgerr.ArraySubscriptError, "wrong number of array subscripts")
	}
	return jsonbDatum(f(types.JSONB(a[0].Str()), arr.Vals, a))
}

var errTreatment = errInvalid("null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"")

// setLax is jsonb_set where a NULL as the new value means what the last argument
// says.
func setLax(_ *Ctx, a []types.Datum) (types.Datum, error) {
	if a[0].IsNull() || a[1].IsNull() || a[3].IsNull() {
		return types.Null, nil
	}
	if a[4].IsNull() {
		return types.Null, errTreatment
	}
	set := func(v types.JSONB) (types.Datum, error) {
		return onPath(a, func(j types.JSONB, path, a []types.Datum) (types.JSONB, error) {
			return jsonb.Set(j, path, v, a[3].Bool())
		})
	}
	if !a[2].IsNull() {
		return set(types.JSONB(a[2].Str()))
	}
	switch a[4].Str() {
	case "raise_exception":
		return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "JSON value must not be null").
			WithDetail("Exception was raised because null_value_treatment is \"raise_exception\".").
			WithHint("To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.")
	case "use_json_null":
		return set(types.JSONBNull)
	case "delete_key":
		return onPath(a, func(j types.JSONB, path, _ []types.Datum) (types.JSONB, error) { return jsonb.DeletePath(j, path) })
	case "return_target":
		return a[0], nil
	}
	return types.Null, errTreatment
}

func registerJSONTests() {
	register("jsonb_contains", &Impl{Kernel: fn2(func(a, b string) bool { return jsonb.Contains(types.JSONB(a), types.JSONB(b)) })})
	register("jsonb_contained", &Impl{Kernel: fn2(func(a, b string) bool { return jsonb.Contains(types.JSONB(b), types.JSONB(a)) })})
	register("jsonb_exists", &Impl{Kernel: fn2(func(s, key string) bool { return jsonb.Exists(types.JSONB(s), key) })})
	for name, f := range map[string]func(types.JSONB, []types.Datum) bool{"any": jsonb.ExistsAny, "all": jsonb.ExistsAll} {
		register("jsonb_exists_"+name, rowImpl(types.Bool, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			return types.NewBool(f(types.JSONB(a[0].Str()), arrayElems(types.TText.Array, a[1]))), nil
		}))
	}
	register("json_array_length", &Impl{Kernel: fn1e(func(s string) (int64, error) { n, err := jsonb.TextArrayLength(s); return int64(n), err })})
	register("jsonb_array_length", &Impl{Kernel: fn1e(func(s string) (int64, error) { n, err := jsonb.ArrayLength(types.JSONB(s)); return int64(n), err })})
	register("json_typeof", &Impl{Kernel: fn1e(jsonb.TextTypeof)})
	register("jsonb_typeof", &Impl{Kernel: fn1(func(s string) string { return jsonb.Typeof(types.JSONB(s)) })})
	register("json_strip_nulls", &Impl{Kernel: fn1e(jsonb.TextStripNulls)})
	register("jsonb_strip_nulls", &Impl{Kernel: fn1(func(s string) string { return string(jsonb.StripNulls(types.JSONB(s))) })})
	register("jsonb_pretty", &Impl{Kernel: fn1(func(s string) string { return jsonb.Pretty(types.JSONB(s)) })})
}
