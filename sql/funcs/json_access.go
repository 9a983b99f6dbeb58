package funcs

import (
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	for _, text := range []bool{false, true} {
		suffix := map[bool]string{true: "_text"}[text]
		register("json_object_field"+suffix, jsonGet(text, func(j jsonText, d types.Datum) (jsonText, bool, error) { return j.field(d.Str()) }))
		register("json_array_element"+suffix, jsonGet(text, func(j jsonText, d types.Datum) (jsonText, bool, error) { return j.elem(d.Int()) }))
		register("json_extract_path"+suffix, jsonGet(text, jsonTextPath))
		register("jsonb_object_field"+suffix, jsonbGet(text, func(j types.JSONB, d types.Datum) (types.JSONB, bool) { return j.Field(d.Str()) }))
		register("jsonb_array_element"+suffix, jsonbGet(text, func(j types.JSONB, d types.Datum) (types.JSONB, bool) {
			if i := d.Int(); j.IsScalar() { // as if it were an array of one
				return j, i == 0 || i == -1
			}
			return j.Elem(int(d.Int()))
		}))
		register("jsonb_extract_path"+suffix, jsonbGet(text, jsonbPath))
	}
	register("json_array_length", &Impl{Kernel: fn1e(jsonLength)})
	register("jsonb_array_length", &Impl{Kernel: fn1e(func(s string) (int64, error) {
		switch j := types.JSONB(s); {
		case j.Kind() == types.JSONArray:
			return int64(j.Len()), nil
		case j.Kind() == types.JSONObject:
			return 0, errNonArray
		}
		return 0, errScalarLength
	})})
	register("json_typeof", &Impl{Kernel: fn1(func(s string) string { return kindName(jsonText(s).kind()) })})
	register("jsonb_typeof", &Impl{Kernel: fn1(func(s string) string { return kindName(types.JSONB(s).Kind()) })})
	for _, p := range []string{"bool", "numeric", "int2", "int4", "int8", "float4", "float8"} {
		register("jsonb_"+p, &Impl{Bind: func(c *Call) (Kernel, error) {
			t := c.Ret
			return rows(t.Kind, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return jsonbCast(types.JSONB(a[0].Str()), t) }), nil
		}})
	}
}

func errInvalid(format string, args ...any) error {
	return pgerr.New(pgerr.InvalidParameterValue, format, args...)
}

var (
	errNonArray     = errInvalid("cannot get array length of a non-array")
	errScalarLength = errInvalid("cannot get array length of a scalar")
)

func kindName(k types.JSONKind) string {
	switch k {
	case types.JSONNull:
		return "null"
	case types.JSONString:
		return "string"
	case types.JSONNumber:
		return "number"
	case types.JSONFalse, types.JSONTrue:
		return "boolean"
	case types.JSONArray:
		return "array"
	}
	return "object"
}

// jsonGet makes -> or, as text, ->> of json.
func jsonGet(text bool, get func(jsonText, types.Datum) (jsonText, bool, error)) *Impl {
	return rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		v, ok, err := get(jsonText(a[0].Str()), a[1])
		if err != nil || !ok {
			return types.Null, err
		}
		if !text {
			return types.NewString(string(v)), nil
		}
		s, ok, err := v.scalar()
		if err != nil || !ok {
			return types.Null, err
		}
		return types.NewString(s), nil
	})
}

// jsonbGet makes -> or, as text, ->> of jsonb.
func jsonbGet(text bool, get func(types.JSONB, types.Datum) (types.JSONB, bool)) *Impl {
	return rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		v, ok := get(types.JSONB(a[0].Str()), a[1])
		switch {
		case !ok:
			return types.Null, nil
		case !text:
			return types.NewString(string(v)), nil
		}
		return textOrNull(jsonbText(v)), nil
	})
}

// jsonbText is a value as a text: of a string its characters; ok is false for
// null.
func jsonbText(j types.JSONB) (s string, ok bool) {
	switch j.Kind() {
	case types.JSONNull:
		return "", false
	case types.JSONString:
		return j.Str(), true
	}
	return j.Text(), true
}

// pathSteps gives the steps of a text[]; ok is false when one is NULL.
func pathSteps(d types.Datum) (steps []string, ok bool) {
	for _, v := range types.DecodeArray(types.TText.Array, d.Str()).Vals {
		if v.IsNull() {
			return nil, false
		}
		steps = append(steps, v.Str())
	}
	return steps, true
}

// pathIndex reads a step as the index of an element.
func pathIndex(step string) (int64, bool) {
	i := 0
	for i < len(step) && isSpace(step[i]) { // as strtoint does
		i++
	}
	n, err := strconv.ParseInt(step[i:], 10, 32)
	if err != nil || i == len(step) {
		return 0, false
	}
	return n, true
}

func jsonTextPath(j jsonText, path types.Datum) (jsonText, bool, error) {
	steps, ok := pathSteps(path)
	if !ok {
		return "", false, nil
	}
	if len(steps) == 0 {
		return j.trimmed(), true, nil
	}
	for _, step := range steps {
		var err error
		switch j.kind() {
		case types.JSONObject:
			j, ok, err = j.field(step)
		case types.JSONArray:
			i, number := pathIndex(step)
			if !number {
				return "", false, nil
			}
			j, ok, err = j.elem(i)
		default:
			return "", false, nil
		}
		if err != nil || !ok {
			return "", false, err
		}
	}
	return j, true, nil
}

func jsonbPath(j types.JSONB, path types.Datum) (types.JSONB, bool) {
	steps, ok := pathSteps(path)
	if !ok {
		return "", false
	}
	for _, step := range steps {
		switch j.Kind() {
		case types.JSONObject:
			j, ok = j.Field(step)
		case types.JSONArray:
			i, number := pathIndex(step)
			if !number {
				return "", false
			}
			j, ok = j.Elem(int(i))
		default:
			return "", false
		}
		if !ok {
			return "", false
		}
	}
	return j, true
}

func jsonLength(s string) (int64, error) {
	j, n := jsonText(s), int64(0)
	switch j.kind() {
	case types.JSONArray:
	case types.JSONObject:
		return 0, errNonArray
	default:
		return 0, errScalarLength
	}
	err := j.elems(func(int, jsonText) error { n++; return nil })
	return n, err
}

// jsonbCast is the cast of a jsonb scalar to a number or truth value.
func jsonbCast(j types.JSONB, t *types.Type) (types.Datum, error) {
	k := j.Kind()
	if t.OID == types.BoolOID {
		if k == types.JSONTrue || k == types.JSONFalse {
			return types.NewBool(k == types.JSONTrue), nil
		}
		return types.Null, errJSONCast(k, t)
	}
	if k != types.JSONNumber {
		return types.Null, errJSONCast(k, t)
	}
	n := j.Number()
	switch t.OID {
	case types.NumericOID:
		return types.NewNumeric(n), nil
	case types.Float4OID, types.Float8OID:
		f, err := types.NumericFloat(n, int(t.Len)*8)
		return types.NewFloat(f), err
	}
	return intDatum(types.NumericInt(n, int(t.Len)*8))
}

func errJSONCast(k types.JSONKind, t *types.Type) error {
	what := map[types.JSONKind]string{types.JSONNull: "null", types.JSONString: "string", types.JSONNumber: "numeric", types.JSONTrue: "boolean",
		types.JSONFalse: "boolean", types.JSONArray: "array", types.JSONObject: "object"}[k]
	return pgerr.New(pgerr.InvalidParameterValue, "cannot cast jsonb %s to type %s", what, t.SQLName(types.NoMod))
}
