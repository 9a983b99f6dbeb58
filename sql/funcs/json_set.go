package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for _, text := range []bool{false, true} {
		suffix := map[bool]string{true: "_text"}[text]
		register("json_each"+suffix, setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
			return eachText(jsonText(a[0].Str()), text)
		}))
		register("jsonb_each"+suffix, setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
			return eachJSONB(types.JSONB(a[0].Str()), text, "jsonb_each"+suffix)
		}))
		register("json_array_elements"+suffix, setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
			return elementsText(jsonText(a[0].Str()), text, "json_array_elements"+suffix)
		}))
		register("jsonb_array_elements"+suffix, setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
			return elementsJSONB(types.JSONB(a[0].Str()), text)
		}))
	}
	register("json_object_keys", setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) { return keysText(jsonText(a[0].Str())) }))
	register("jsonb_object_keys", setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) { return keysJSONB(types.JSONB(a[0].Str())) }))
}

// valueType is the type of the values that such a function gives.
func valueType(text bool, t *types.Type) *types.Type {
	if text {
		return types.TText
	}
	return t
}

// textValue is a piece of JSON text as a value of type text or json.
func textValue(v jsonText, text bool) (types.Datum, error) {
	if !text {
		return types.NewString(string(v)), nil
	}
	s, ok, err := v.scalar()
	return textOrNull(s, ok), err
}

func jsonbValue(v types.JSONB, text bool) types.Datum {
	if !text {
		return types.NewString(string(v))
	}
	return textOrNull(jsonbText(v))
}

func eachText(j jsonText, text bool) (vec.Source, error) {
	switch j.kind() {
	case types.JSONObject:
	case types.JSONArray:
		return nil, errInvalid("cannot deconstruct an array as an object")
	default:
		return nil, errInvalid("cannot deconstruct a scalar")
	}
	var out [][]types.Datum
	err := j.fields(func(key string, v jsonText) error {
		d, err := textValue(v, text)
		out = append(out, []types.Datum{types.NewString(key), d})
		return err
	})
	return tableSource([]*types.Type{types.TText, valueType(text, types.TJSON)}, out), err
}

func eachJSONB(j types.JSONB, text bool, function string) (vec.Source, error) {
	if j.Kind() != types.JSONObject {
		return nil, errInvalid("cannot call %s on a non-object", function)
	}
	var out [][]types.Datum
	for k, v := range j.Pairs() {
		out = append(out, []types.Datum{types.NewString(k), jsonbValue(v, text)})
	}
	return tableSource([]*types.Type{types.TText, valueType(text, types.TJSONB)}, out), nil
}

func elementsText(j jsonText, text bool, function string) (vec.Source, error) {
	switch j.kind() {
	case types.JSONArray:
	case types.JSONObject:
		return nil, errInvalid("cannot call %s on a non-array", function)
	default:
		return nil, errInvalid("cannot call %s on a scalar", function)
	}
	var out []types.Datum
	err := j.elems(func(_ int, v jsonText) error {
		d, err := textValue(v, text)
		out = append(out, d)
		return err
	})
	return listSource(valueType(text, types.TJSON), out), err
}

func elementsJSONB(j types.JSONB, text bool) (vec.Source, error) {
	switch j.Kind() {
	case types.JSONArray:
	case types.JSONObject:
		return nil, errInvalid("cannot extract elements from an object")
	default:
		return nil, errInvalid("cannot extract elements from a scalar")
	}
	var out []types.Datum
	for e := range j.Elems() {
		out = append(out, jsonbValue(e, text))
	}
	return listSource(valueType(text, types.TJSONB), out), nil
}

func errKeys(k types.JSONKind, function string) error {
	switch k {
	case types.JSONObject:
		return nil
	case types.JSONArray:
		return errInvalid("cannot call %s on an array", function)
	}
	return errInvalid("cannot call %s on a scalar", function)
}

func keysText(j jsonText) (vec.Source, error) {
	if err := errKeys(j.kind(), "json_object_keys"); err != nil {
		return nil, err
	}
	var out []types.Datum
	err := j.fields(func(key string, _ jsonText) error {
		out = append(out, types.NewString(key))
		return nil
	})
	return listSource(types.TText, out), err
}

func keysJSONB(j types.JSONB) (vec.Source, error) {
	if err := errKeys(j.Kind(), "jsonb_object_keys"); err != nil {
		return nil, err
	}
	var out []types.Datum
	for k := range j.Pairs() {
		out = append(out, types.NewString(k))
	}
	return listSource(types.TText, out), nil
}
