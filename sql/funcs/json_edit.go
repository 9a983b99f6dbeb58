package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	register("jsonb_set", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		op := pathReplace
		if a[3].Bool() {
			op |= pathCreate
		}
		return setPath(a[0], a[1], types.JSONB(a[2].Str()), op)
	}))
	register("jsonb_insert", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		op := pathInsertBefore
		if a[3].Bool() {
			op = pathInsertAfter
		}
		return setPath(a[0], a[1], types.JSONB(a[2].Str()), op)
	}))
	register("jsonb_set_lax", rowImpl(types.Bytes, setLax))
	register("jsonb_delete_path", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return setPath(a[0], a[1], "", pathDelete) }))
	register("jsonb_delete", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		return deleteKeys(types.JSONB(a[0].Str()), map[string]bool{a[1].Str(): true})
	}))
	register("jsonb_delete_array", rowImpl(types.Bytes, deleteArray))
	register("jsonb_delete_idx", rowImpl(types.Bytes, deleteIndex))
	register("jsonb_concat", rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		return types.NewString(string(concatJSONB(types.JSONB(a[0].Str()), types.JSONB(a[1].Str())))), nil
	}))
}

// elemsOf and pairsOf collect the parts of a container.
func elemsOf(j types.JSONB) (out []types.JSONB) {
	for e := range j.Elems() {
		out = append(out, e)
	}
	return out
}

func pairsOf(j types.JSONB) (out []types.JSONPair) {
	for k, v := range j.Pairs() {
		out = append(out, types.JSONPair{Key: k, Value: v})
	}
	return out
}

// pathOp is what setPath does at the end of a path.
type pathOp uint8

const (
	pathReplace pathOp = 1 << iota
	pathCreate
	pathDelete
	pathInsertBefore
	pathInsertAfter
)

const pathInserts = pathInsertBefore | pathInsertAfter

var errScalarSet = errInvalid("cannot set path in scalar")

// setPath changes what lies at a path, given as text[].
func setPath(target, path types.Datum, v types.JSONB, op pathOp) (types.Datum, error) {
	a := types.DecodeArray(types.TText.Array, path.Str())
	j := types.JSONB(target.Str())
	switch {
	case len(a.Dims) > 1:
		return types.Null, errSubscriptCount
	case j.IsScalar() && op == pathDelete:
		return types.Null, errInvalid("cannot delete path in scalar")
	case j.IsScalar():
		return types.Null, errScalarSet
	case len(a.Vals) == 0, j.Len() == 0 && op&(pathCreate|pathInserts) == 0:
		return target, nil
	}
	r, err := pathSetter{a.Vals, v, op}.set(j, 0)
	return types.NewString(string(r)), err
}

type pathSetter struct {
	path []types.Datum
	v    types.JSONB
	op   pathOp
}

// set gives j with the change made below it, for the step at a level.
func (p pathSetter) set(j types.JSONB, level int) (types.JSONB, error) {
	if p.path[level].IsNull() {
		return "", pgerr.New(pgerr.NullValueNotAllowed, "path element at position %d is null", level+1)
	}
	switch j.Kind() {
	case types.JSONObject:
		return p.setObject(j, level)
	case types.JSONArray:
		return p.setArray(j, level)
	}
	return j, nil
}

func (p pathSetter) last(level int) bool { return level == len(p.path)-1 }

func (p pathSetter) setObject(j types.JSONB, level int) (types.JSONB, error) {
	key := p.path[level].Str()
	pairs := pairsOf(j)
	for i, x := range pairs {
		if x.Key != key {
			continue
		}
		if !p.last(level) {
			v, err := p.set(x.Value, level+1)
			if err != nil {
				return "", err
			}
			pairs[i].Value = v
			return types.JSONBObject(pairs), nil
		}
		switch {
		case p.op&pathInserts != 0:
			return "", pgerr.New(pgerr.InvalidParameterValue, "cannot replace existing key").
				WithHint("Try using the function jsonb_set to replace key value.")
		case p.op == pathDelete:
			return types.JSONBObject(append(pairs[:i], pairs[i+1:]...)), nil
		}
		pairs[i].Value = p.v
		return types.JSONBObject(pairs), nil
	}
	if p.last(level) && p.op&(pathCreate|pathInserts) != 0 {
		pairs = append(pairs, types.JSONPair{Key: key, Value: p.v})
	}
	return types.JSONBObject(pairs), nil
}

func (p pathSetter) setArray(j types.JSONB, level int) (types.JSONB, error) {
	step := p.path[level].Str()
	at, ok := pathIndex(step)
	if !ok {
		return "", pgerr.New(pgerr.InvalidTextRepresentation, "path element at position %d is not an integer: \"%s\"", level+1, step)
	}
	elems := elemsOf(j)
	n := int64(len(elems))
	outside := at < 0 && -at > n || at >= n
	switch {
	case at < 0 && -at > n:
		at = -1 // before all
	case at < 0:
		at += n
	case at > n:
		at = n
	}
	if outside {
		if !p.last(level) || p.op&(pathCreate|pathInserts) == 0 {
			return j, nil
		}
		if at < 0 {
			return types.JSONBArray(append([]types.JSONB{p.v}, elems...)), nil
		}
		return types.JSONBArray(append(elems, p.v)), nil
	}
	if !p.last(level) {
		v, err := p.set(elems[at], level+1)
		if err != nil {
			return "", err
		}
		elems[at] = v
		return types.JSONBArray(elems), nil
	}
	return types.JSONBArray(p.changeElem(elems, int(at))), nil
}

func (p pathSetter) changeElem(elems []types.JSONB, at int) []types.JSONB {
	var mid []types.JSONB
	switch {
	case p.op == pathInsertBefore:
		mid = []types.JSONB{p.v, elems[at]}
	case p.op == pathInsertAfter:
		mid = []types.JSONB{elems[at], p.v}
	case p.op&pathReplace != 0:
		mid = []types.JSONB{p.v}
	}
	out := append([]types.JSONB{}, elems[:at]...)
	return append(append(out, mid...), elems[at+1:]...)
}

// setLax is jsonb_set where a NULL as the new value means what the last argument
// says.
func setLax(_ *Ctx, a []types.Datum) (types.Datum, error) {
	if a[0].IsNull() || a[1].IsNull() || a[3].IsNull() {
		return types.Null, nil
	}
	if a[4].IsNull() {
		return types.Null, errInvalid("null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"")
	}
	op := pathReplace
	if a[3].Bool() {
		op |= pathCreate
	}
	if !a[2].IsNull() {
		return setPath(a[0], a[1], types.JSONB(a[2].Str()), op)
	}
	switch a[4].Str() {
	case "raise_exception":
		return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "JSON value must not be null").
			WithDetail("Exception was raised because null_value_treatment is \"raise_exception\".").
			WithHint("To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.")
	case "use_json_null":
		return setPath(a[0], a[1], types.JSONBNull, op)
	case "delete_key":
		return setPath(a[0], a[1], "", pathDelete)
	case "return_target":
		return a[0], nil
	}
	return types.Null, errInvalid("null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"")
}

var errScalarDelete = errInvalid("cannot delete from scalar")

// deleteKeys takes keys out of an object, or strings out of an array.
func deleteKeys(j types.JSONB, keys map[string]bool) (types.Datum, error) {
	switch j.Kind() {
	case types.JSONObject:
		var kept []types.JSONPair
		for k, v := range j.Pairs() {
			if !keys[k] {
				kept = append(kept, types.JSONPair{Key: k, Value: v})
			}
		}
		return types.NewString(string(types.JSONBObject(kept))), nil
	case types.JSONArray:
		var kept []types.JSONB
		for e := range j.Elems() {
			if e.Kind() != types.JSONString || !keys[e.Str()] {
				kept = append(kept, e)
			}
		}
		return types.NewString(string(types.JSONBArray(kept))), nil
	}
	return types.Null, errScalarDelete
}

func deleteArray(_ *Ctx, a []types.Datum) (types.Datum, error) {
	arr := types.DecodeArray(types.TText.Array, a[1].Str())
	if len(arr.Dims) > 1 {
		return types.Null, errSubscriptCount
	}
	keys := map[string]bool{}
	for _, v := range arr.Vals {
		if !v.IsNull() {
			keys[v.Str()] = true
		}
	}
	return deleteKeys(types.JSONB(a[0].Str()), keys)
}

func deleteIndex(_ *Ctx, a []types.Datum) (types.Datum, error) {
	j := types.JSONB(a[0].Str())
	switch j.Kind() {
	case types.JSONArray:
	case types.JSONObject:
		return types.Null, errInvalid("cannot delete from object using integer index")
	default:
		return types.Null, errScalarDelete
	}
	elems, i := elemsOf(j), a[1].Int()
	if i < 0 {
		i += int64(len(elems))
	}
	if i < 0 || i >= int64(len(elems)) {
		return a[0], nil
	}
	return types.NewString(string(types.JSONBArray(append(elems[:i], elems[i+1:]...)))), nil
}

// concatJSONB merges two objects; everything else is put in one array, into
// which arrays go with their elements.
func concatJSONB(a, b types.JSONB) types.JSONB {
	if a.Kind() == types.JSONObject && b.Kind() == types.JSONObject {
		return types.JSONBObject(append(pairsOf(a), pairsOf(b)...))
	}
	list := func(j types.JSONB) []types.JSONB {
		if j.Kind() == types.JSONArray {
			return elemsOf(j)
		}
		return []types.JSONB{j}
	}
	return types.JSONBArray(append(list(a), list(b)...))
}
