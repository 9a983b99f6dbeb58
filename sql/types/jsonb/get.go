// Package jsonb holds the operations on jsonb values and on json texts, with
// PostgreSQL's results and errors, and the conversions of SQL values to JSON.
//
// The functions on jsonb take and give types.JSONB; parts that are taken out
// share memory with the whole. Those on json texts have names with Text.
package jsonb

import (
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// JSONB is a value of type jsonb.
type JSONB = types.JSONB

func errValue(format string, args ...any) *pgerr.Error {
	return pgerr.New(pgerr.InvalidParameterValue, format, args...)
}

// Typeof is jsonb_typeof.
func Typeof(j JSONB) string {
	return [...]string{types.JSONNull: "null", types.JSONString: "string", types.JSONNumber: "number", types.JSONFalse: "boolean",
		types.JSONTrue: "boolean", types.JSONArray: "array", types.JSONObject: "object"}[j.Kind()]
}

// Text is what ->> makes of a value: a string's characters, the JSON text of
// others; ok is false (NULL) for null.
func Text(j JSONB) (s string, ok bool) {
	switch j.Kind() {
	case types.JSONNull:
		return "", false
	case types.JSONString:
		return j.Str(), true
	}
	return j.Text(), true
}

// Get is j -> path, applied to each step of the path: keys of objects, numbers
// of elements of arrays (#>).
func Get(j JSONB, path []string) (v JSONB, ok bool) {
	for _, step := range path {
		switch j.Kind() {
		case types.JSONObject:
			j, ok = j.Field(step)
		case types.JSONArray:
			var i int
			if i, ok = pathIndex(step); ok {
				j, ok = j.Elem(i)
			}
		default:
			ok = false
		}
		if !ok {
			return "", false
		}
	}
	return j, true
}

// Field is j -> key of an object, Index j -> i of an array. As in PostgreSQL a
// scalar is the only element of itself.
func Field(j JSONB, key string) (v JSONB, ok bool) { return j.Field(key) }

// Index: see Field.
func Index(j JSONB, i int) (v JSONB, ok bool) {
	if j.IsScalar() {
		return j, i == 0 || i == -1
	}
	return j.Elem(i)
}

// pathIndex reads a path element as the number of an array element.
func pathIndex(s string) (int, bool) {
	t := s
	for t != "" && (t[0] == ' ' || t[0] >= '\t' && t[0] <= '\r') { // as strtol does
		t = t[1:]
	}
	n, err := strconv.ParseInt(t, 10, 32)
	return int(n), err == nil
}

// Path takes the steps out of a text[] value; ok is false if one is NULL.
func Path(a string) (path []string, ok bool) {
	it := types.IterArray(types.TText, a)
	for {
		d, more := it.Next()
		if !more {
			return path, true
		}
		if d.IsNull() {
			return nil, false
		}
		path = append(path, d.Str())
	}
}

// Exists is j ? key: a key of an object, a string in an array, or that string.
func Exists(j JSONB, key string) bool {
	switch j.Kind() {
	case types.JSONObject:
		_, ok := j.Field(key)
		return ok
	case types.JSONArray:
		for e := range j.Elems() {
			if e.Kind() == types.JSONString && e.Str() == key {
				return true
			}
		}
	case types.JSONString:
		return j.Str() == key
	}
	return false
}

// ExistsAny is j ?| keys, ExistsAll j ?& keys; NULL keys do not count.
func ExistsAny(j JSONB, keys []types.Datum) bool {
	for _, k := range keys {
		if !k.IsNull() && Exists(j, k.Str()) {
			return true
		}
	}
	return false
}

// ExistsAll: see ExistsAny.
func ExistsAll(j JSONB, keys []types.Datum) bool {
	for _, k := range keys {
		if !k.IsNull() && !Exists(j, k.Str()) {
			return false
		}
	}
	return true
}

// Contains is a @> b: the structure of b is found in a, at the same depth, from
// the top. An array also contains a scalar that is one of its elements.
func Contains(a, b JSONB) bool {
	if a.IsScalar() && b.IsScalar() {
		return a.Equal(b)
	}
	if b.IsScalar() {
		return a.Kind() == types.JSONArray && hasElement(a, b)
	}
	return contains(a, b)
}

func hasElement(a, scalar JSONB) bool {
	for e := range a.Elems() {
		if e.IsScalar() && e.Equal(scalar) {
			return true
		}
	}
	return false
}

func contains(a, b JSONB) bool {
	switch {
	case b.IsScalar():
		return a.IsScalar() && a.Equal(b)
	case a.Kind() != b.Kind():
		return false
	case b.Kind() == types.JSONObject:
		if a.Len() < b.Len() {
			return false
		}
		for k, v := range b.Pairs() {
			if w, ok := a.Field(k); !ok || !contains(w, v) {
				return false
			}
		}
		return true
	}
	for v := range b.Elems() {
		if v.IsScalar() {
			if !hasElement(a, v) {
				return false
			}
		} else if !hasContainer(a, v) {
			return false
		}
	}
	return true
}

func hasContainer(a, v JSONB) bool {
	for e := range a.Elems() {
		if !e.IsScalar() && contains(e, v) {
			return true
		}
	}
	return false
}

// ArrayLength is jsonb_array_length.
func ArrayLength(j JSONB) (int, error) {
	switch {
	case j.IsScalar():
		return 0, errValue("cannot get array length of a scalar")
	case j.Kind() != types.JSONArray:
		return 0, errValue("cannot get array length of a non-array")
	}
	return j.Len(), nil
}

// CheckObject is the error of fn (jsonb_each, jsonb_each_text) on a value that
// is no object.
func CheckObject(j JSONB, fn string) error {
	if j.Kind() != types.JSONObject {
		return errValue("cannot call %s on a non-object", fn)
	}
	return nil
}

// CheckKeys is the error of jsonb_object_keys on a value that is no object.
func CheckKeys(j JSONB, fn string) error {
	switch {
	case j.IsScalar():
		return errValue("cannot call %s on a scalar", fn)
	case j.Kind() == types.JSONArray:
		return errValue("cannot call %s on an array", fn)
	}
	return nil
}

// CheckArray is the error of jsonb_array_elements on a value that is no array.
func CheckArray(j JSONB) error {
	switch {
	case j.IsScalar():
		return errValue("cannot extract elements from a scalar")
	case j.Kind() == types.JSONObject:
		return errValue("cannot extract elements from an object")
	}
	return nil
}
