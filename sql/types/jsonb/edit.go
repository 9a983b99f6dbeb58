package jsonb

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func pairs(j JSONB) []types.JSONPair {
	out := make([]types.JSONPair, 0, j.Len()+1)
	for k, v := range j.Pairs() {
		out = append(out, types.JSONPair{Key: k, Value: v})
	}
	return out
}

func elems(j JSONB) []JSONB {
	out := make([]JSONB, 0, j.Len()+1)
	for e := range j.Elems() {
		out = append(out, e)
	}
	return out
}

// asElems is an array's elements, or the value as the only one.
func asElems(j JSONB) []JSONB {
	if j.Kind() == types.JSONArray {
		return elems(j)
	}
	return []JSONB{j}
}

// Concat is a || b: objects are merged, anything else is put into one array.
func Concat(a, b JSONB) JSONB {
	if a.Kind() == types.JSONObject && b.Kind() == types.JSONObject {
		if a.Len() == 0 {
			return b
		}
		return types.JSONBObject(append(pairs(a), pairs(b)...))
	}
	return types.JSONBArray(append(asElems(a), asElems(b)...))
}

// Delete is j - key: without the pair of that key, or the strings of an array
// that are it.
func Delete(j JSONB, keys ...string) (JSONB, error) {
	if j.IsScalar() {
		return "", errValue("cannot delete from scalar")
	}
	if j.Kind() == types.JSONObject {
		return types.JSONBObject(slices.DeleteFunc(pairs(j), func(p types.JSONPair) bool { return slices.Contains(keys, p.Key) })), nil
	}
	return types.JSONBArray(slices.DeleteFunc(elems(j), func(e JSONB) bool {
		return e.Kind() == types.JSONString && slices.Contains(keys, e.Str())
	})), nil
}

// DeleteIndex is j - i: without an element of an array; a negative number
// counts from the end.
func DeleteIndex(j JSONB, i int) (JSONB, error) {
	switch {
	case j.IsScalar():
		return "", errValue("cannot delete from scalar")
	case j.Kind() == types.JSONObject:
		return "", errValue("cannot delete from object using integer index")
	}
	n := j.Len()
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		return j, nil
	}
	return types.JSONBArray(slices.Delete(elems(j), i, i+1)), nil
}

// pathOp is what is done at the end of a path.
type pathOp uint8

const (
	opReplace pathOp = 1 << iota
	opCreate
	opDelete
	opBefore
	opAfter
	opFill // make what is missing on the way: assignment to a subscript

	opAdds = opCreate | opBefore | opAfter
)

// DeletePath is j #- path.
func DeletePath(j JSONB, path []types.Datum) (JSONB, error) {
	if j.IsScalar() {
		return "", errValue("cannot delete path in scalar")
	}
	if j.Len() == 0 {
		return j, nil
	}
	return editPath(j, path, "", opDelete)
}

// Set is jsonb_set: with create, a last step that is missing is added.
func Set(j JSONB, path []types.Datum, v JSONB, create bool) (JSONB, error) {
	if j.IsScalar() {
		return "", errValue("cannot set path in scalar")
	}
	if j.Len() == 0 && !create {
		return j, nil
	}
	if create {
		return editPath(j, path, v, opCreate)
	}
	return editPath(j, path, v, opReplace)
}

// Insert is jsonb_insert.
func Insert(j JSONB, path []types.Datum, v JSONB, after bool) (JSONB, error) {
	if j.IsScalar() {
		return "", errValue("cannot set path in scalar")
	}
	if after {
		return editPath(j, path, v, opAfter)
	}
	return editPath(j, path, v, opBefore)
}

// Assign is the value of j after an assignment to the subscripts.
func Assign(j JSONB, path []types.Datum, v JSONB) (JSONB, error) {
	if j.IsScalar() && len(path) > 0 {
		return "", errScalarOnPath()
	}
	return editPath(j, path, v, opCreate|opFill)
}

func errScalarOnPath() error {
	return errValue("cannot replace existing key").
		WithDetail("The path assumes key is a composite object, but it is a scalar value.")
}

func editPath(j JSONB, path []types.Datum, v JSONB, op pathOp) (JSONB, error) {
	if len(path) == 0 {
		return j, nil
	}
	e := editor{path: path, value: v, op: op}
	return e.edit(j, 0)
}

// editor rebuilds what lies on a path.
type editor struct {
	path  []types.Datum
	value JSONB
	op    pathOp
}

func (e *editor) last(level int) bool { return level == len(e.path)-1 }

// edit gives j, which step level of the path leads into, edited.
func (e *editor) edit(j JSONB, level int) (JSONB, error) {
	if e.path[level].IsNull() {
		return "", pgerr.New(pgerr.NullValueNotAllowed, "path element at position %d is null", level+1)
	}
	switch j.Kind() {
	case types.JSONObject:
		return e.object(j, level)
	case types.JSONArray:
		return e.array(j, level)
	}
	if e.op&opFill != 0 {
		return "", errScalarOnPath()
	}
	return j, nil
}

func (e *editor) object(j JSONB, level int) (JSONB, error) {
	key, list := e.path[level].Str(), pairs(j)
	i := slices.IndexFunc(list, func(p types.JSONPair) bool { return p.Key == key })
	switch {
	case i < 0 && e.last(level) && e.op&opAdds != 0:
		list = append(list, types.JSONPair{Key: key, Value: e.value})
	case i < 0 && !e.last(level) && e.op&opFill != 0:
		list = append(list, types.JSONPair{Key: key, Value: e.chain(level + 1)})
	case i < 0:
		return j, nil
	case !e.last(level):
		v, err := e.edit(list[i].Value, level+1)
		if err != nil {
			return "", err
		}
		list[i].Value = v
	case e.op&(opBefore|opAfter) != 0:
		return "", errValue("cannot replace existing key").WithHint("Try using the function jsonb_set to replace key value.")
	case e.op == opDelete:
		list = slices.Delete(list, i, i+1)
	default:
		list[i].Value = e.value
	}
	return types.JSONBObject(list), nil
}

func (e *editor) array(j JSONB, level int) (JSONB, error) {
	step := e.path[level].Str()
	i, ok := pathIndex(step)
	if !ok {
		return "", pgerr.New(pgerr.InvalidTextRepresentation, "path element at position %d is not an integer: \"%s\"", level+1, step)
	}
	list := elems(j)
	n := len(list)
	before := false
	if i < 0 {
		if i += n; i < 0 {
			if e.op&opFill != 0 {
				return "", errValue("path element at position %d is out of range: %d", level+1, i-n)
			}
			before = true
		}
	}
	switch {
	case !before && i < n && !e.last(level):
		v, err := e.edit(list[i], level+1)
		if err != nil {
			return "", err
		}
		list[i] = v
	case !before && i < n:
		switch {
		case e.op&opBefore != 0:
			list = slices.Insert(list, i, e.value)
		case e.op&opAfter != 0:
			list = slices.Insert(list, i+1, e.value)
		case e.op == opDelete:
			list = slices.Delete(list, i, i+1)
		default:
			list[i] = e.value
		}
	case e.last(level) && e.op&opAdds != 0:
		if before {
			list = slices.Insert(list, 0, e.value)
			break
		}
		list = append(e.padded(list, i), e.value)
	case !e.last(level) && e.op&opFill != 0:
		list = append(e.padded(list, i), e.chain(level+1))
	default:
		return j, nil
	}
	return types.JSONBArray(list), nil
}

// padded adds nulls up to element i, in an assignment.
func (e *editor) padded(list []JSONB, i int) []JSONB {
	for e.op&opFill != 0 && len(list) < i {
		list = append(list, types.JSONBNull)
	}
	return list
}

// chain makes the containers that the path needs from a level on, around the
// value.
func (e *editor) chain(level int) JSONB {
	if level >= len(e.path) || e.path[level].IsNull() {
		return e.value
	}
	inner := e.chain(level + 1)
	step := e.path[level].Str()
	if i, ok := pathIndex(step); ok {
		return types.JSONBArray(append(e.padded(nil, i), inner))
	}
	return types.JSONBObject([]types.JSONPair{{Key: step, Value: inner}})
}

// StripNulls is jsonb_strip_nulls: without the pairs whose value is null, at
// any depth.
func StripNulls(j JSONB) JSONB {
	switch j.Kind() {
	case types.JSONObject:
		list := slices.DeleteFunc(pairs(j), func(p types.JSONPair) bool { return p.Value.Kind() == types.JSONNull })
		for i := range list {
			list[i].Value = StripNulls(list[i].Value)
		}
		return types.JSONBObject(list)
	case types.JSONArray:
		list := elems(j)
		for i := range list {
			list[i] = StripNulls(list[i])
		}
		return types.JSONBArray(list)
	}
	return j
}

// Pretty is jsonb_pretty.
func Pretty(j JSONB) string { return string(appendPretty(nil, j, 1)) }

func appendPretty(dst []byte, j JSONB, depth int) []byte {
	indent := func(n int) {
		dst = append(dst, '\n')
		for range n {
			dst = append(dst, "    "...)
		}
	}
	switch j.Kind() {
	case types.JSONArray:
		dst = append(dst, '[')
		first := true
		for e := range j.Elems() {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			indent(depth)
			dst = appendPretty(dst, e, depth+1)
		}
		indent(depth - 1)
		return append(dst, ']')
	case types.JSONObject:
		dst = append(dst, '{')
		first := true
		for k, v := range j.Pairs() {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			indent(depth)
			dst = append(types.AppendJSONString(dst, k), ": "...)
			dst = appendPretty(dst, v, depth+1)
		}
		indent(depth - 1)
		return append(dst, '}')
	}
	return j.Append(dst)
}
