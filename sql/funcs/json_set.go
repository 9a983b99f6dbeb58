package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/jsonb"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for _, text := range []bool{false, true} {
		suffix := map[bool]string{true: "_text"}[text]
		register("json_each"+suffix, setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
			var out [][]types.Datum
			err := jsonb.TextEach(a[0].Str(), text, func(key string, v types.Datum) { out = append(out, []types.Datum{types.NewString(key), v}) })
			return tableSource([]*types.Type{types.TText, valueType(text, types.TJSON)}, out), err
		}))
		register("jsonb_each"+suffix, setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
			return eachJSONB(types.JSONB(a[0].Str()), text, "jsonb_each"+suffix)
		}))
		register("json_array_elements"+suffix, setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
			var out []types.Datum
			err := jsonb.TextElements(a[0].Str(), text, func(v types.Datum) { out = append(out, v) })
			return listSource(valueType(text, types.TJSON), out), err
		}))
		register("jsonb_array_elements"+suffix, setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
			return elementsJSONB(types.JSONB(a[0].Str()), text)
		}))
	}
	register("json_object_keys", setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
		var out []types.Datum
		err := jsonb.TextKeys(a[0].Str(), func(key string) { out = append(out, types.NewString(key)) })
		return listSource(types.TText, out), err
	}))
	register("jsonb_object_keys", setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) { return keysJSONB(types.JSONB(a[0].Str())) }))
}

// valueType is the type of the values that such a function gives.
func valueType(text bool, t *types.Type) *types.Type {
	if text {
		return types.TText
	}
	return t
}

func eachJSONB(j types.JSONB, text bool, function string) (vec.Source, error) {
	if err := jsonb.CheckObject(j, function); err != nil {
		return nil, err
	}
	var out [][]types.Datum
	for k, v := range j.Pairs() {
		out = append(out, []types.Datum{types.NewString(k), jsonbValue(v, text)})
	}
	return tableSource([]*types.Type{types.TText, valueType(text, types.TJSONB)}, out), nil
}

func elementsJSONB(j types.JSONB, text bool) (vec.Source, error) {
	if err := jsonb.CheckArray(j); err != nil {
		return nil, err
	}
	var out []types.Datum
	for e := range j.Elems() {
		out = append(out, jsonbValue(e, text))
	}
	return listSource(valueType(text, types.TJSONB), out), nil
}

func keysJSONB(j types.JSONB) (vec.Source, error) {
	if err := jsonb.CheckKeys(j, "jsonb_object_keys"); err != nil {
		return nil, err
	}
	var out []types.Datum
	for k := range j.Pairs() {
		out = append(out, types.NewString(k))
	}
	return listSource(types.TText, out), nil
}
