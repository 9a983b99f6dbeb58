package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	register("jsonb_strip_nulls", &Impl{Kernel: fn1(func(s string) string { return string(stripNulls(types.JSONB(s))) })})
	register("json_strip_nulls", &Impl{Kernel: fn1e(func(s string) (string, error) {
		var b []byte
		b, err := stripText(b, jsonText(s))
		return string(b), err
	})})
	register("jsonb_pretty", &Impl{Kernel: fn1(func(s string) string { return string(prettyJSON(nil, types.JSONB(s), 0)) })})
	register("jsonb_contains", &Impl{Kernel: fn2(func(a, b string) bool { return jsonbContains(types.JSONB(a), types.JSONB(b)) })})
	register("jsonb_contained", &Impl{Kernel: fn2(func(a, b string) bool { return jsonbContains(types.JSONB(b), types.JSONB(a)) })})
	register("jsonb_exists", &Impl{Kernel: fn2(func(s, key string) bool { return jsonbHas(types.JSONB(s), key) })})
	for _, all := range []bool{false, true} {
		register("jsonb_exists_"+map[bool]string{false: "any", true: "all"}[all], rowImpl(types.Bool, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			for _, k := range types.DecodeArray(types.TText.Array, a[1].Str()).Vals {
				if !k.IsNull() && jsonbHas(types.JSONB(a[0].Str()), k.Str()) != all {
					return types.NewBool(!all), nil
				}
			}
			return types.NewBool(all), nil
		}))
	}
}

// stripNulls takes fields that are null out of objects, at any depth.
func stripNulls(j types.JSONB) types.JSONB {
	switch j.Kind() {
	case types.JSONObject:
		var kept []types.JSONPair
		for k, v := range j.Pairs() {
			if v.Kind() != types.JSONNull {
				kept = append(kept, types.JSONPair{Key: k, Value: stripNulls(v)})
			}
		}
		return types.JSONBObject(kept)
	case types.JSONArray:
		var out []types.JSONB
		for e := range j.Elems() {
			out = append(out, stripNulls(e))
		}
		return types.JSONBArray(out)
	}
	return j
}

// stripText is stripNulls of JSON text, which also loses its white space.
func stripText(dst []byte, j jsonText) (_ []byte, err error) {
	first := true
	comma := func() {
		if !first {
			dst = append(dst, ',')
		}
		first = false
	}
	switch j.kind() {
	case types.JSONObject:
		dst = append(dst, '{')
		err = j.fields(func(key string, v jsonText) (err error) {
			if v.kind() == types.JSONNull {
				return nil
			}
			comma()
			dst = append(types.AppendJSONString(dst, key), ':')
			dst, err = stripText(dst, v)
			return err
		})
		return append(dst, '}'), err
	case types.JSONArray:
		dst = append(dst, '[')
		err = j.elems(func(_ int, v jsonText) (err error) {
			comma()
			dst, err = stripText(dst, v)
			return err
		})
		return append(dst, ']'), err
	case types.JSONString:
		s, _, err := j.scalar()
		return types.AppendJSONString(dst, s), err
	}
	return append(dst, j.trimmed()...), nil
}

// prettyJSON writes a value with a line for each part and four blanks for each
// level.
func prettyJSON(dst []byte, j types.JSONB, level int) []byte {
	line := func(level int) { dst = append(append(dst, '\n'), strings.Repeat("    ", level)...) }
	first := true
	comma := func() {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		line(level + 1)
	}
	switch j.Kind() {
	case types.JSONObject:
		dst = append(dst, '{')
		for k, v := range j.Pairs() {
			comma()
			dst = append(types.AppendJSONString(dst, k), ": "...)
			dst = prettyJSON(dst, v, level+1)
		}
		line(level)
		return append(dst, '}')
	case types.JSONArray:
		dst = append(dst, '[')
		for e := range j.Elems() {
			comma()
			dst = prettyJSON(dst, e, level+1)
		}
		line(level)
		return append(dst, ']')
	}
	return j.Append(dst)
}

// jsonbHas tells whether a string is a key of an object, an element of an array,
// or the value itself.
func jsonbHas(j types.JSONB, key string) bool {
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
		return false
	}
	return j.Kind() == types.JSONString && j.Str() == key
}

// jsonbContains is @>. An array also contains a scalar that is an element of it,
// at the top only.
func jsonbContains(a, b types.JSONB) bool {
	if a.Kind() == types.JSONArray && b.IsScalar() {
		return contains(a, types.JSONBArray([]types.JSONB{b}))
	}
	return contains(a, b)
}

func contains(a, b types.JSONB) bool {
	switch {
	case b.IsScalar() || a.IsScalar():
		return a.IsScalar() && b.IsScalar() && a.Equal(b)
	case a.Kind() != b.Kind():
		return false
	case a.Kind() == types.JSONObject:
		for k, v := range b.Pairs() {
			if x, ok := a.Field(k); !ok || !contains(x, v) {
				return false
			}
		}
		return true
	}
	for e := range b.Elems() {
		found := false
		for x := range a.Elems() {
			if contains(x, e) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}
