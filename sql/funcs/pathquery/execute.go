package pathquery

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/jsonpath"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// execute applies a step to a value; in lax mode an array is taken apart where
// the step does not want one.
func (r *run) execute(p *jsonpath.Item, v item, out *list) outcome { return r.step(p, v, out, r.lax) }

// next hands a value to the step after p, or puts it into the list.
func (r *run) next(p *jsonpath.Item, v item, out *list) outcome {
	if p != nil && p.Next != nil {
		return r.execute(p.Next, v, out)
	}
	if out != nil {
		*out = append(*out, v)
	}
	return found
}

// step is execute where unwrap says whether arrays are taken apart.
func (r *run) step(p *jsonpath.Item, v item, out *list, unwrap bool) outcome {
	switch p.Kind {
	case jsonpath.Null, jsonpath.String, jsonpath.Number, jsonpath.True, jsonpath.False, jsonpath.Variable:
		return r.literal(p, out)
	case jsonpath.And, jsonpath.Or, jsonpath.Not, jsonpath.IsUnknown, jsonpath.Equal, jsonpath.NotEqual, jsonpath.Less, jsonpath.LessOrEqual,
		jsonpath.Greater, jsonpath.GreaterOrEqual, jsonpath.StartsWith, jsonpath.LikeRegex, jsonpath.Exists:
		return r.boolResult(p, r.predicate(p, v), out)
	case jsonpath.Add, jsonpath.Sub, jsonpath.Mul, jsonpath.Div, jsonpath.Mod:
		return r.binary(p, v, out)
	case jsonpath.Plus, jsonpath.Minus:
		return r.unary(p, v, out)
	case jsonpath.Root:
		return r.next(p, r.root, out)
	case jsonpath.Current:
		return r.next(p, r.current, out)
	case jsonpath.Last:
		return r.next(p, number(types.NumericFromInt(int64(r.array-1))), out)
	case jsonpath.AnyArray:
		return r.anyArray(p, v, out)
	case jsonpath.IndexArray:
		return r.indexArray(p, v, out)
	case jsonpath.Any:
		return r.anyLevel(p, v, out)
	case jsonpath.Type:
		return r.next(p, item{JSONB: types.JSONBString(typeName(v))}, out)
	case jsonpath.Size:
		return r.size(p, v, out)
	}
	if unwrap && v.Kind() == types.JSONArray {
		return r.elements(p, v, out, false)
	}
	switch p.Kind {
	case jsonpath.AnyKey:
		return r.anyKey(p, v, out)
	case jsonpath.Key:
		return r.key(p, v, out)
	case jsonpath.Filter:
		return r.filter(p, v, out)
	}
	return r.method(p, v, out)
}

func number(n types.Numeric) item { return item{JSONB: types.JSONBNumber(n)} }

func (r *run) literal(p *jsonpath.Item, out *list) outcome {
	if p.Next == nil && out == nil && p.Kind != jsonpath.Variable {
		return found
	}
	var v item
	switch p.Kind {
	case jsonpath.Null:
		v.JSONB = types.JSONBNull
	case jsonpath.True:
		v.JSONB = types.JSONBTrue
	case jsonpath.False:
		v.JSONB = types.JSONBFalse
	case jsonpath.String:
		v.JSONB = types.JSONBString(p.Str)
	case jsonpath.Number:
		n, err := types.ParseNumeric(p.Str)
		if err != nil {
			return r.fatal(err)
		}
		v = number(n)
	default:
		if !r.hasVars { // the operators have no variables, and take them for null
			v.JSONB = types.JSONBNull
			break
		}
		j, ok := r.vars.Field(p.Str)
		if !ok {
			return r.fatal(pgerr.New(pgerr.UndefinedObject, "could not find jsonpath variable \"%s\"", p.Str))
		}
		v = item{JSONB: j, base: 1, offset: fieldOffset(r.vars, p.Str)}
	}
	return r.next(p, v, out)
}

// elements applies a step to the elements of an array.
func (r *run) elements(p *jsonpath.Item, v item, out *list, unwrap bool) outcome {
	return r.below(p, v, out, 1, 1, 1, false, unwrap)
}

// unbounded is a level that is never reached.
const unbounded = math.MaxInt32

// below applies a step to the values in a container, from one level to another;
// p is nil to collect them. Levels that are both unbounded ask for leaves.
func (r *run) below(p *jsonpath.Item, v item, out *list, level, first, last int, ignore, unwrap bool) outcome {
	res := notFound
	if level > last {
		return res
	}
	for _, c := range v.children() {
		leaf := c.IsScalar()
		if level >= first || first == unbounded && last == unbounded && leaf {
			switch {
			case p != nil:
				saved := r.ignore
				r.ignore = r.ignore || ignore
				res = r.step(p, c, out, unwrap)
				r.ignore = saved
				if res == failed || res == found && out == nil {
					return res
				}
			case out != nil:
				*out = append(*out, c)
			default:
				return found
			}
		}
		if level < last && !leaf {
			res = r.below(p, c, out, level+1, first, last, ignore, unwrap)
			if res == failed || res == found && out == nil {
				return res
			}
		}
	}
	return res
}

func (r *run) anyArray(p *jsonpath.Item, v item, out *list) outcome {
	switch {
	case v.Kind() == types.JSONArray:
		return r.elements(p.Next, v, out, r.lax)
	case r.lax:
		return r.next(p, v, out)
	case !r.ignore:
		return r.fail(pgerr.SQLJSONArrayNotFound, "jsonpath wildcard array accessor can only be applied to an array")
	}
	return notFound
}

func (r *run) anyKey(p *jsonpath.Item, v item, out *list) outcome {
	switch {
	case v.Kind() == types.JSONObject:
		return r.below(p.Next, v, out, 1, 1, 1, false, r.lax)
	case !r.ignore:
		return r.fail(pgerr.SQLJSONObjectNotFound, "jsonpath wildcard member accessor can only be applied to an object")
	}
	return notFound
}

func (r *run) key(p *jsonpath.Item, v item, out *list) outcome {
	if v.Kind() != types.JSONObject {
		if r.ignore {
			return notFound
		}
		return r.fail(pgerr.SQLJSONMemberNotFound, "jsonpath member accessor can only be applied to an object")
	}
	j, ok := v.Field(p.Str)
	if ok {
		return r.next(p, item{JSONB: j, base: v.base, offset: v.offset + fieldOffset(v.JSONB, p.Str)}, out)
	}
	if r.ignore {
		return notFound
	}
	return r.fail(pgerr.SQLJSONMemberNotFound, "JSON object does not contain key \"%s\"", p.Str)
}

func (r *run) filter(p *jsonpath.Item, v item, out *list) outcome {
	saved := r.current
	r.current = v
	t := r.predicate(p.Left, v)
	r.current = saved
	switch {
	case r.err != nil:
		return failed
	case t != isTrue:
		return notFound
	}
	return r.next(p, v, out)
}

// anyLevel is .** with its levels.
func (r *run) anyLevel(p *jsonpath.Item, v item, out *list) outcome {
	first, last := p.First, p.Last
	if first == jsonpath.Unbounded {
		first = unbounded
	}
	if last == jsonpath.Unbounded {
		last = unbounded
	}
	res := notFound
	if first == 0 {
		saved := r.ignore
		r.ignore = true
		res = r.next(p, v, out)
		r.ignore = saved
		if res == failed || res == found && out == nil {
			return res
		}
	}
	if !v.IsScalar() {
		res = r.below(p.Next, v, out, 1, first, last, true, r.lax)
	}
	return res
}

func (r *run) size(p *jsonpath.Item, v item, out *list) outcome {
	n := int64(1)
	switch {
	case v.Kind() == types.JSONArray:
		n = int64(v.Len())
	case !r.lax:
		if r.ignore {
			return notFound
		}
		return r.fail(pgerr.SQLJSONArrayNotFound, "jsonpath item method .%s() can only be applied to an array", "size")
	}
	return r.next(p, number(types.NumericFromInt(n)), out)
}

func (r *run) indexArray(p *jsonpath.Item, v item, out *list) outcome {
	array := v.Kind() == types.JSONArray
	switch {
	case array || r.lax:
	case r.ignore:
		return notFound
	default:
		return r.fail(pgerr.SQLJSONArrayNotFound, "jsonpath array accessor can only be applied to an array")
	}
	elems := []item{v}
	if array {
		elems = v.children()
	}
	saved := r.array
	r.array = len(elems)
	defer func() { r.array = saved }()
	res := notFound
	for _, s := range p.Subscripts {
		from, ok := r.subscript(s.From, v)
		if !ok {
			return failed
		}
		to := from
		if s.To != nil {
			if to, ok = r.subscript(s.To, v); !ok {
				return failed
			}
		}
		if !r.ignore && (from < 0 || from > to || to >= len(elems)) {
			return r.fail(pgerr.InvalidSQLJSONSubscript, "jsonpath array subscript is out of bounds")
		}
		for i := max(from, 0); i <= min(to, len(elems)-1); i++ {
			if p.Next == nil && out == nil {
				return found
			}
			res = r.next(p, elems[i], out)
			if res == failed || res == found && out == nil {
				return res
			}
		}
	}
	return res
}

// subscript computes a subscript.
func (r *run) subscript(p *jsonpath.Item, v item) (int, bool) {
	var l list
	if r.execute(p, v, &l) == failed {
		return 0, false
	}
	if len(l) != 1 || l[0].Kind() != types.JSONNumber {
		r.fail(pgerr.InvalidSQLJSONSubscript, "jsonpath array subscript is not a single numeric value")
		return 0, false
	}
	n, err := types.NumericTrunc(l[0].Number(), 0)
	if err == nil {
		var i int64
		if i, err = types.NumericInt(n, 32); err == nil {
			return int(i), true
		}
	}
	r.fail(pgerr.InvalidSQLJSONSubscript, "jsonpath array subscript is out of integer range")
	return 0, false
}
