package pathquery

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/jsonpath"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// typeName is what .type() gives.
func typeName(v item) string {
	if v.time != nil {
		return v.time.typ.SQLName(types.NoMod)
	}
	switch v.Kind() {
	case types.JSONNull:
		return "null"
	case types.JSONString:
		return "string"
	case types.JSONNumber:
		return "number"
	case types.JSONTrue, types.JSONFalse:
		return "boolean"
	case types.JSONArray:
		return "array"
	}
	return "object"
}

// method applies a method that wants no array.
func (r *run) method(p *jsonpath.Item, v item, out *list) outcome {
	switch p.Kind {
	case jsonpath.Abs:
		return r.numeric(p, v, out, "abs", func(n types.Numeric) (types.Numeric, error) { return types.NumericAbs(n), nil })
	case jsonpath.Floor:
		return r.numeric(p, v, out, "floor", types.NumericFloor)
	case jsonpath.Ceiling:
		return r.numeric(p, v, out, "ceiling", types.NumericCeil)
	case jsonpath.Double:
		return r.double(p, v, out)
	case jsonpath.Datetime:
		return r.datetime(p, v, out)
	}
	return r.keyvalue(p, v, out)
}

func (r *run) numeric(p *jsonpath.Item, v item, out *list, name string, f func(types.Numeric) (types.Numeric, error)) outcome {
	if v.Kind() != types.JSONNumber {
		return r.fail(pgerr.NonNumericSQLJSONItem, "jsonpath item method .%s() can only be applied to a numeric value", name)
	}
	n, err := f(v.Number())
	if err != nil {
		return r.fatal(err)
	}
	if p.Next == nil && out == nil {
		return found
	}
	return r.next(p, number(n), out)
}

// double is .double(): numbers stay as they are if they are in the range of
// double precision, strings are read.
func (r *run) double(p *jsonpath.Item, v item, out *list) outcome {
	switch {
	case v.Kind() == types.JSONNumber:
		f, err := types.ParseFloatText(v.Number().String(), 64)
		if err != nil {
			return r.fail(pgerr.NonNumericSQLJSONItem, "numeric argument of jsonpath item method .%s() is out of range for type double precision", "double")
		}
		if f-f != 0 {
			return r.fail(pgerr.NonNumericSQLJSONItem, "NaN or Infinity is not allowed for jsonpath item method .%s()", "double")
		}
	case v.Kind() == types.JSONString && v.time == nil:
		f, err := types.ParseFloatText(v.Str(), 64)
		if err != nil {
			return r.fail(pgerr.NonNumericSQLJSONItem, "string argument of jsonpath item method .%s() is not a valid representation of a double precision number", "double")
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return r.fail(pgerr.NonNumericSQLJSONItem, "NaN or Infinity is not allowed for jsonpath item method .%s()", "double")
		}
		n, err := types.FloatNumeric(f, 64)
		if err != nil {
			return r.fatal(err)
		}
		v = number(n)
	default:
		return r.fail(pgerr.NonNumericSQLJSONItem, "jsonpath item method .%s() can only be applied to a string or numeric value", "double")
	}
	return r.next(p, v, out)
}

// keyvalue gives an object for every pair. Its id tells the object it is from:
// which base object it lies in, and where PostgreSQL would store it there.
func (r *run) keyvalue(p *jsonpath.Item, v item, out *list) outcome {
	if v.Kind() != types.JSONObject {
		return r.fail(pgerr.SQLJSONObjectNotFound, "jsonpath item method .%s() can only be applied to an object", "keyvalue")
	}
	if v.Len() == 0 {
		return notFound
	}
	if p.Next == nil && out == nil {
		return found
	}
	id := number(types.NumericFromInt(v.base*10_000_000_000 + v.offset))
	res := notFound
	for k, x := range v.Pairs() {
		o := item{JSONB: types.JSONBObject([]types.JSONPair{
			{Key: "key", Value: types.JSONBString(k)}, {Key: "value", Value: x}, {Key: "id", Value: id.JSONB},
		}), base: r.objects}
		r.objects++
		res = r.next(p, o, out)
		if res == failed || res == found && out == nil {
			return res
		}
	}
	return res
}
