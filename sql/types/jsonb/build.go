package jsonb

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// The functions that build JSON: of arguments (json_build_*), of arrays of text
// (json_object), and piece by piece for the aggregates.

// Arg is an argument with its type.
type Arg struct {
	Type  *types.Type
	Value types.Datum
}

func errEven(fn string) error {
	return errValue("argument list must have even number of elements").
		WithHint("The arguments of %s must consist of alternating keys and values.", fn+"()")
}

// BuildObjectText is json_build_object.
func BuildObjectText(env *types.Env, args []Arg) (string, error) {
	if len(args)%2 != 0 {
		return "", errEven("json_build_object")
	}
	dst := []byte{'{'}
	for i := 0; i < len(args); i += 2 {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if args[i].Value.IsNull() {
			return "", errValue("argument %d cannot be null", i+1).WithHint("Object keys should be text.")
		}
		key, err := Key(env, args[i].Type, args[i].Value)
		if err != nil {
			return "", err
		}
		dst = append(types.AppendJSONString(dst, key), " : "...)
		dst = AppendJSON(dst, env, args[i+1].Type, args[i+1].Value)
	}
	return string(append(dst, '}')), nil
}

// BuildArrayText is json_build_array.
func BuildArrayText(env *types.Env, args []Arg) string {
	dst := []byte{'['}
	for i, a := range args {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = AppendJSON(dst, env, a.Type, a.Value)
	}
	return string(append(dst, ']'))
}

// BuildObject is jsonb_build_object.
func BuildObject(env *types.Env, args []Arg) (JSONB, error) {
	if len(args)%2 != 0 {
		return "", errEven("jsonb_build_object")
	}
	list := make([]types.JSONPair, len(args)/2)
	for i := range list {
		k, v := args[2*i], args[2*i+1]
		if k.Value.IsNull() {
			return "", errValue("argument %d: key must not be null", 2*i+1)
		}
		var err error
		if list[i].Key, err = Key(env, k.Type, k.Value); err != nil {
			return "", err
		}
		if list[i].Value, err = ToJSONB(env, v.Type, v.Value); err != nil {
			return "", err
		}
	}
	return types.JSONBObject(list), nil
}

// BuildArray is jsonb_build_array.
func BuildArray(env *types.Env, args []Arg) (JSONB, error) {
	list := make([]JSONB, len(args))
	for i, a := range args {
		var err error
		if list[i], err = ToJSONB(env, a.Type, a.Value); err != nil {
			return "", err
		}
	}
	return types.JSONBArray(list), nil
}

// textPairs takes keys and values out of one text[] (alternating, or pairs in a
// second dimension) or of two.
func textPairs(keys string, values *string) (k, v []types.Datum, err error) {
	h := types.HeadOfArray(keys)
	list := types.DecodeArray(types.TText.Array, keys).Vals
	if values != nil {
		w := types.HeadOfArray(*values)
		switch {
		case h.NDim > 1 || h.NDim != w.NDim:
			return nil, nil, pgerr.New(pgerr.ArraySubscriptError, "wrong number of array subscripts")
		case h.N != w.N:
			return nil, nil, pgerr.New(pgerr.ArraySubscriptError, "mismatched array dimensions")
		}
		return list, types.DecodeArray(types.TText.Array, *values).Vals, nil
	}
	switch {
	case h.NDim == 0:
	case h.NDim == 1 && h.N%2 != 0:
		return nil, nil, pgerr.New(pgerr.ArraySubscriptError, "array must have even number of elements")
	case h.NDim == 2 && h.Dims[1] != 2:
		return nil, nil, pgerr.New(pgerr.ArraySubscriptError, "array must have two columns")
	case h.NDim > 2:
		return nil, nil, pgerr.New(pgerr.ArraySubscriptError, "wrong number of array subscripts")
	}
	for i := 0; i+1 < len(list); i += 2 {
		k, v = append(k, list[i]), append(v, list[i+1])
	}
	return k, v, nil
}

func errNullKey() error {
	return pgerr.New(pgerr.NullValueNotAllowed, "null value not allowed for object key")
}

// ObjectText is json_object of one text[] or, with values, of two.
func ObjectText(keys string, values *string) (string, error) {
	k, v, err := textPairs(keys, values)
	if err != nil {
		return "", err
	}
	dst := []byte{'{'}
	for i := range k {
		if k[i].IsNull() {
			return "", errNullKey()
		}
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(types.AppendJSONString(dst, k[i].Str()), " : "...)
		if v[i].IsNull() {
			dst = append(dst, "null"...)
		} else {
			dst = types.AppendJSONString(dst, v[i].Str())
		}
	}
	return string(append(dst, '}')), nil
}

// Object is jsonb_object.
func Object(keys string, values *string) (JSONB, error) {
	k, v, err := textPairs(keys, values)
	if err != nil {
		return "", err
	}
	list := make([]types.JSONPair, len(k))
	for i := range k {
		if k[i].IsNull() {
			return "", errNullKey()
		}
		list[i] = types.JSONPair{Key: k[i].Str(), Value: types.JSONBNull}
		if !v[i].IsNull() {
			list[i].Value = types.JSONBString(v[i].Str())
		}
	}
	return types.JSONBObject(list), nil
}

// AppendAggElem appends the next element of json_agg to its state, which is
// empty before the first; EndAgg gives the result.
func AppendAggElem(state []byte, env *types.Env, t *types.Type, d types.Datum) []byte {
	if len(state) == 0 {
		return AppendJSON(append(state, '['), env, t, d)
	}
	state = append(state, ", "...)
	if c := categoryOf(t.Underlying()); !d.IsNull() && (c == asArray || c == asObject) {
		state = append(state, "\n "...)
	}
	return AppendJSON(state, env, t, d)
}

// EndAgg: see AppendAggElem.
func EndAgg(state []byte) string { return string(state) + "]" }

// AppendObjectAgg appends the next pair of json_object_agg to its state, which
// is empty before the first; EndObjectAgg gives the result.
func AppendObjectAgg(state []byte, env *types.Env, key, value Arg) ([]byte, error) {
	if key.Value.IsNull() {
		return nil, errValue("field name must not be null")
	}
	k, err := Key(env, key.Type, key.Value)
	if err != nil {
		return nil, err
	}
	if len(state) == 0 {
		state = append(state, "{ "...)
	} else {
		state = append(state, ", "...)
	}
	state = append(types.AppendJSONString(state, k), " : "...)
	return AppendJSON(state, env, value.Type, value.Value), nil
}

// EndObjectAgg: see AppendObjectAgg.
func EndObjectAgg(state []byte) string { return string(state) + " }" }

// AggPair makes a pair of jsonb_object_agg.
func AggPair(env *types.Env, key, value Arg) (p types.JSONPair, err error) {
	if key.Value.IsNull() {
		return p, errValue("field name must not be null")
	}
	if p.Key, err = Key(env, key.Type, key.Value); err != nil {
		return p, err
	}
	p.Value, err = ToJSONB(env, value.Type, value.Value)
	return p, err
}
