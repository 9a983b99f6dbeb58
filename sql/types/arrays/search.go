package arrays

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// same tells whether two elements are equal, or both NULL.
func same(elem *types.Type, a, b types.Datum) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() && b.IsNull()
	}
	return elem.Compare(a, b) == 0
}

// Positions is array_positions: the subscripts of the elements that are d.
func Positions(elem *types.Type, a string, d types.Datum) ([]int32, error) {
	var out []int32
	err := eachPosition(elem, a, d, func(at int32) bool { out = append(out, at); return true })
	return out, err
}

// Position is array_position: the first subscript, from start on if that is not
// nil, of an element that is d; ok is false (NULL) when there is none.
func Position(elem *types.Type, a string, d types.Datum, start *int32) (at int32, ok bool, err error) {
	err = eachPosition(elem, a, d, func(i int32) bool {
		if start != nil && i < *start {
			return true
		}
		at, ok = i, true
		return false
	})
	return at, ok, err
}

func eachPosition(elem *types.Type, a string, d types.Datum, f func(at int32) bool) error {
	it := types.IterArray(elem, a)
	if it.NDim > 1 {
		return pgerr.New(pgerr.FeatureNotSupported, "searching for elements in multidimensional arrays is not supported")
	}
	for at := it.Lower[0]; ; at++ {
		e, ok := it.Next()
		if !ok || same(elem, d, e) && !f(at) {
			return nil
		}
	}
}

// Remove is array_remove: the array without the elements that are d.
func Remove(elem *types.Type, a string, d types.Datum) (string, error) {
	arr := decode(elem, a)
	if len(arr.Dims) > 1 {
		return "", pgerr.New(pgerr.FeatureNotSupported, "removing elements from multidimensional arrays is not supported")
	}
	keep := arr.Vals[:0]
	for _, e := range arr.Vals {
		if !same(elem, d, e) {
			keep = append(keep, e)
		}
	}
	if len(keep) == 0 {
		return empty, nil
	}
	arr.Vals, arr.Dims[0] = keep, int32(len(keep))
	return arr.Encode(), nil
}

// Replace is array_replace: the array with to for every element that is from.
func Replace(elem *types.Type, a string, from, to types.Datum) string {
	arr := decode(elem, a)
	for i, e := range arr.Vals {
		if same(elem, from, e) {
			arr.Vals[i] = to
		}
	}
	return arr.Encode()
}

// Contains is a @> b: every element of b is in a. A NULL is in nothing.
func Contains(elem *types.Type, a, b string) bool {
	all := true
	match(elem, b, a, func(found bool) bool { all = found; return found })
	return all
}

// Overlap is a && b: some element of a is in b.
func Overlap(elem *types.Type, a, b string) bool {
	any := false
	match(elem, a, b, func(found bool) bool { any = found; return !found })
	return any
}

// match tells f, for every element of a, whether it is in b; f says whether to
// go on.
func match(elem *types.Type, a, b string, f func(found bool) bool) {
	x := types.IterArray(elem, a)
	set := map[string]struct{}(nil)
	var key []byte
	for {
		d, ok := x.Next()
		if !ok {
			return
		}
		found := false
		switch {
		case d.IsNull():
		case x.N > 8:
			if set == nil {
				set = keySet(elem, b)
			}
			key = types.AppendKey(key[:0], elem, d)
			_, found = set[string(key)]
		default:
			found = contains(elem, b, d)
		}
		if !f(found) {
			return
		}
	}
}

func contains(elem *types.Type, a string, d types.Datum) bool {
	it := types.IterArray(elem, a)
	for {
		e, ok := it.Next()
		if !ok {
			return false
		}
		if !e.IsNull() && elem.Compare(d, e) == 0 {
			return true
		}
	}
}

func keySet(elem *types.Type, a string) map[string]struct{} {
	it := types.IterArray(elem, a)
	set := make(map[string]struct{}, it.N)
	for {
		d, ok := it.Next()
		if !ok {
			return set
		}
		if !d.IsNull() {
			set[string(types.AppendKey(nil, elem, d))] = struct{}{}
		}
	}
}

// ToString is array_to_string; NULLs are shown as null, or left out if that is
// nil.
func ToString(env *types.Env, elem *types.Type, a, sep string, null *string) string {
	it := types.IterArray(elem, a)
	var b []byte
	for first := true; ; {
		d, ok := it.Next()
		if !ok {
			return string(b)
		}
		if d.IsNull() && null == nil {
			continue
		}
		if !first {
			b = append(b, sep...)
		}
		first = false
		if d.IsNull() {
			b = append(b, *null...)
		} else {
			b = elem.Out(env, b, d)
		}
	}
}

// Split cuts a text at a separator, between all characters if that is nil:
// string_to_array and string_to_table. Pieces equal to null are NULL.
func Split(s string, sep, null *string) []types.Datum {
	var out []types.Datum
	add := func(piece string) {
		if null != nil && piece == *null {
			out = append(out, types.Null)
			return
		}
		out = append(out, types.NewString(piece))
	}
	switch {
	case s == "":
	case sep == nil:
		for s != "" {
			_, n := utf8.DecodeRuneInString(s)
			add(s[:n])
			s = s[n:]
		}
	case *sep == "":
		add(s)
	default:
		for _, piece := range strings.Split(s, *sep) {
			add(piece)
		}
	}
	return out
}

// FromString is string_to_array.
func FromString(s string, sep, null *string) string {
	a := types.NewArray(types.TText, Split(s, sep, null))
	return a.Encode()
}
