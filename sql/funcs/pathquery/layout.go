package pathquery

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// PostgreSQL's .keyvalue() identifies an object by its place in the binary form
// of the whole, so that form's offsets are computed here: a container is a
// header of 4 bytes, an entry of 4 bytes for each key and value, and the data,
// in which numbers and containers are aligned to 4 bytes.

// children are the elements of an array or the values of an object, with their
// places.
func (v item) children() []item {
	var out []item
	switch v.Kind() {
	case types.JSONArray:
		at := int64(4 + 4*v.Len())
		for e := range v.Elems() {
			at = aligned(at, e)
			out = append(out, item{JSONB: e, base: v.base, offset: v.offset + at})
			at += storedSize(e)
		}
	case types.JSONObject:
		at := valuesOffset(v.JSONB)
		for _, x := range v.Pairs() {
			at = aligned(at, x)
			out = append(out, item{JSONB: x, base: v.base, offset: v.offset + at})
			at += storedSize(x)
		}
	}
	return out
}

// valuesOffset is where the values of an object begin, after its keys.
func valuesOffset(j types.JSONB) int64 {
	at := int64(4 + 8*j.Len())
	for k := range j.Pairs() {
		at += int64(len(k))
	}
	return at
}

// fieldOffset is the place of the value of a key.
func fieldOffset(j types.JSONB, key string) int64 {
	at := valuesOffset(j)
	for k, x := range j.Pairs() {
		at = aligned(at, x)
		if k == key {
			break
		}
		at += storedSize(x)
	}
	return at
}

// aligned is the place of a value that is stored at or after a place.
func aligned(at int64, j types.JSONB) int64 {
	if k := j.Kind(); k == types.JSONNumber || !j.IsScalar() {
		return (at + 3) &^ 3
	}
	return at
}

func storedSize(j types.JSONB) int64 {
	switch j.Kind() {
	case types.JSONString:
		return int64(len(j.Str()))
	case types.JSONNumber:
		return numericSize(j.Number())
	case types.JSONArray, types.JSONObject:
		v := item{JSONB: j}
		end := int64(4 + 4*j.Len())
		if j.Kind() == types.JSONObject {
			end = valuesOffset(j)
		}
		for _, c := range v.children() {
			end = c.offset + storedSize(c.JSONB)
		}
		return end
	}
	return 0
}

// numericSize is the size of a numeric: two headers of 6 bytes together and two
// bytes for each digit to base 10000 that is not a leading or trailing zero.
func numericSize(n types.Numeric) int64 {
	s := types.NumericAbs(n).String()
	point := len(s)
	for i := range len(s) {
		if s[i] == '.' {
			point = i
		}
	}
	first, last := int64(0), int64(-1)
	seen := false
	for i := range len(s) {
		if s[i] == '.' {
			continue
		}
		// The place of a decimal digit counted from the point.
		place := i - point
		if i > point {
			place--
		}
		group := int64(floorDiv4(place))
		if s[i] != '0' {
			if !seen {
				first, seen = group, true
			}
			last = group
		}
	}
	if !seen {
		return 6
	}
	return 6 + 2*(last-first+1)
}

func floorDiv4(n int) int {
	if n < 0 {
		return -((3 - n) / 4)
	}
	return n / 4
}
