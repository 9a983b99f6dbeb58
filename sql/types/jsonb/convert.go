package jsonb

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Conversions between SQL values and JSON.

// errCast is the error of a cast of a value of the wrong kind.
func errCast(j JSONB, to string) error {
	kind := [...]string{types.JSONNull: "null", types.JSONString: "string", types.JSONNumber: "numeric", types.JSONFalse: "boolean",
		types.JSONTrue: "boolean", types.JSONArray: "array", types.JSONObject: "object"}[j.Kind()]
	return errValue("cannot cast jsonb %s to type %s", kind, to)
}

// ToBool is the cast of jsonb to boolean.
func ToBool(j JSONB) (bool, error) {
	if k := j.Kind(); k != types.JSONTrue && k != types.JSONFalse {
		return false, errCast(j, "boolean")
	}
	return j.Kind() == types.JSONTrue, nil
}

// ToNumeric is the cast of jsonb to numeric.
func ToNumeric(j JSONB) (types.Numeric, error) {
	if j.Kind() != types.JSONNumber {
		return types.Numeric{}, errCast(j, "numeric")
	}
	return j.Number(), nil
}

// ToInt is the cast of jsonb to an integer of the given width.
func ToInt(j JSONB, bits int) (int64, error) {
	if j.Kind() != types.JSONNumber {
		return 0, errCast(j, types.IntTypeName(bits))
	}
	return types.NumericInt(j.Number(), bits)
}

// ToFloat is the cast of jsonb to real or double precision.
func ToFloat(j JSONB, bits int) (float64, error) {
	if j.Kind() != types.JSONNumber {
		return 0, errCast(j, map[int]string{32: "real", 64: "double precision"}[bits])
	}
	return types.NumericFloat(j.Number(), bits)
}

// category is how a type's values become JSON.
type category uint8

const (
	asString category = iota
	asBool
	asNumber
	asDate
	asTimestamp
	asTimestamptz
	asJSON
	asJSONB
	asArray
	asObject
)

func categoryOf(t *types.Type) category {
	switch t.OID {
	case types.BoolOID:
		return asBool
	case types.Int2OID, types.Int4OID, types.Int8OID, types.Float4OID, types.Float8OID, types.NumericOID:
		return asNumber
	case types.DateOID:
		return asDate
	case types.TimestampOID:
		return asTimestamp
	case types.TimestamptzOID:
		return asTimestamptz
	case types.JSONOID:
		return asJSON
	case types.JSONBOID:
		return asJSONB
	}
	switch {
	case t.IsArray():
		return asArray
	case t.Class == types.Composite, t.OID == types.RecordOID:
		return asObject
	}
	return asString
}

// AppendJSON appends a value as to_json has it. A composite value's fields have
// the names that the type gives, else f1, f2 ….
func AppendJSON(dst []byte, env *types.Env, t *types.Type, d types.Datum) []byte {
	if d.IsNull() {
		return append(dst, "null"...)
	}
	t = t.Underlying()
	switch categoryOf(t) {
	case asBool:
		if d.Bool() {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case asNumber:
		n := len(dst)
		if dst = t.Out(env, dst, d); isNumber(dst[n:]) {
			return dst
		}
		return types.AppendJSONString(dst[:n], string(dst[n:]))
	case asDate, asTimestamp, asTimestamptz:
		return append(appendDate(append(dst, '"'), env, t, d.Int()), '"')
	case asJSON, asJSONB:
		return t.Out(env, dst, d)
	case asArray:
		return AppendArray(dst, env, t, d, ",")
	case asObject:
		return AppendObject(dst, env, t, d, ",")
	}
	return types.AppendJSONString(dst, t.Text(env, d))
}

// isNumber tells what a number type shows from NaN and Infinity.
func isNumber(s []byte) bool {
	c := s[len(s)-1]
	return c >= '0' && c <= '9'
}

// appendDate appends a date or timestamp as ISO 8601 has it.
func appendDate(dst []byte, env *types.Env, t *types.Type, n int64) []byte {
	switch t.OID {
	case types.DateOID:
		return types.AppendDate(dst, types.DefaultEnv, n)
	case types.TimestamptzOID:
		if !types.TimestampFinite(n) {
			break
		}
		east, local := types.LocalClock(env, n)
		return types.AppendTimestampISO(dst, local, &east)
	}
	return types.AppendTimestampISO(dst, n, nil)
}

// AppendArray appends an array as array_to_json does; sep stands between the
// elements of the outermost dimension: "," or ",\n ".
func AppendArray(dst []byte, env *types.Env, t *types.Type, d types.Datum, sep string) []byte {
	it := types.IterArray(t.Elem, d.Str())
	if it.N == 0 {
		return append(dst, "[]"...)
	}
	return appendDim(dst, env, t.Elem, &it, 0, sep)
}

func appendDim(dst []byte, env *types.Env, elem *types.Type, it *types.ArrayIter, dim int, sep string) []byte {
	dst = append(dst, '[')
	for i := int32(0); i < it.Dims[dim]; i++ {
		if i > 0 {
			dst = append(dst, sep...)
		}
		if dim+1 < it.NDim {
			dst = appendDim(dst, env, elem, it, dim+1, ",")
			continue
		}
		d, _ := it.Next()
		dst = AppendJSON(dst, env, elem, d)
	}
	return append(dst, ']')
}

// field gives name and type of field i of a row: what the row type says, else
// f1, f2 … and what the value itself says.
func field(t *types.Type, i int, own *types.Type) (string, *types.Type) {
	live := 0
	for _, f := range t.Fields {
		if f.Dropped {
			continue
		}
		if live == i {
			return f.Name, f.Type
		}
		live++
	}
	return "f" + string(types.AppendInt(nil, int64(i)+1)), own
}

// AppendObject appends a row as row_to_json does; sep stands between the pairs:
// "," or ",\n ".
func AppendObject(dst []byte, env *types.Env, t *types.Type, d types.Datum, sep string) []byte {
	it := types.IterRecord(d.Str())
	dst = append(dst, '{')
	for i := 0; ; i++ {
		ft, v, ok := it.Next()
		if !ok {
			return append(dst, '}')
		}
		if i > 0 {
			dst = append(dst, sep...)
		}
		name, ft := field(t, i, ft)
		dst = append(types.AppendJSONString(dst, name), ':')
		dst = AppendJSON(dst, env, ft, v)
	}
}

// ToJSONB is to_jsonb. The error is of a json value that jsonb cannot hold.
func ToJSONB(env *types.Env, t *types.Type, d types.Datum) (JSONB, error) {
	if d.IsNull() {
		return types.JSONBNull, nil
	}
	t = t.Underlying()
	switch categoryOf(t) {
	case asBool:
		return types.JSONBBool(d.Bool()), nil
	case asNumber:
		return numberToJSONB(env, t, d)
	case asDate, asTimestamp, asTimestamptz:
		return types.JSONBString(string(appendDate(nil, env, t, d.Int()))), nil
	case asJSON:
		return types.ParseJSONB(d.Str())
	case asJSONB:
		return JSONB(d.Str()), nil
	case asArray:
		it := types.IterArray(t.Elem, d.Str())
		if it.N == 0 {
			return types.JSONBArray(nil), nil
		}
		return dimToJSONB(env, t.Elem, &it, 0)
	case asObject:
		return rowToJSONB(env, t, d)
	}
	return types.JSONBString(t.Text(env, d)), nil
}

func numberToJSONB(env *types.Env, t *types.Type, d types.Datum) (JSONB, error) {
	if t.Kind == types.Int {
		return types.JSONBNumber(types.NumericFromInt(d.Int())), nil
	}
	text := t.Text(env, d)
	if strings.ContainsAny(text, "nN") {
		return types.JSONBString(text), nil
	}
	n, err := types.ParseNumeric(text)
	return types.JSONBNumber(n), err
}

func dimToJSONB(env *types.Env, elem *types.Type, it *types.ArrayIter, dim int) (JSONB, error) {
	list := make([]JSONB, it.Dims[dim])
	for i := range list {
		var err error
		if dim+1 < it.NDim {
			list[i], err = dimToJSONB(env, elem, it, dim+1)
		} else {
			d, _ := it.Next()
			list[i], err = ToJSONB(env, elem, d)
		}
		if err != nil {
			return "", err
		}
	}
	return types.JSONBArray(list), nil
}

func rowToJSONB(env *types.Env, t *types.Type, d types.Datum) (JSONB, error) {
	it := types.IterRecord(d.Str())
	var list []types.JSONPair
	for i := 0; ; i++ {
		ft, v, ok := it.Next()
		if !ok {
			return types.JSONBObject(list), nil
		}
		name, ft := field(t, i, ft)
		j, err := ToJSONB(env, ft, v)
		if err != nil {
			return "", err
		}
		list = append(list, types.JSONPair{Key: name, Value: j})
	}
}

// Key gives the text that a value makes as a key of an object.
func Key(env *types.Env, t *types.Type, d types.Datum) (string, error) {
	t = t.Underlying()
	switch categoryOf(t) {
	case asArray, asObject, asJSON, asJSONB:
		return "", errValue("key value must be scalar, not array, composite, or json")
	case asBool:
		if d.Bool() {
			return "true", nil
		}
		return "false", nil
	case asDate, asTimestamp, asTimestamptz:
		return string(appendDate(nil, env, t, d.Int())), nil
	}
	return t.Text(env, d), nil
}
