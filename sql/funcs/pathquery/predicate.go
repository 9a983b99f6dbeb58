package pathquery

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/jsonpath"
	"github.com/streamsqld/streamsqld/sql/types"
)

// boolResult makes a value of a truth value; unknown is null.
func (r *run) boolResult(p *jsonpath.Item, t truth, out *list) outcome {
	if r.err != nil {
		return failed
	}
	if p.Next == nil && out == nil {
		return found
	}
	v := item{JSONB: types.JSONBNull}
	if t != unknown {
		v.JSONB = types.JSONBBool(t == isTrue)
	}
	return r.next(p, v, out)
}

func truthOf(b bool) truth {
	if b {
		return isTrue
	}
	return isFalse
}

// predicate computes a predicate of a value.
func (r *run) predicate(p *jsonpath.Item, v item) truth {
	switch p.Kind {
	case jsonpath.And:
		a := r.predicate(p.Left, v)
		if a == isFalse {
			return isFalse
		}
		if b := r.predicate(p.Right, v); b != isTrue {
			return b
		}
		return a
	case jsonpath.Or:
		a := r.predicate(p.Left, v)
		if a == isTrue {
			return isTrue
		}
		if b := r.predicate(p.Right, v); b != isFalse {
			return b
		}
		return a
	case jsonpath.Not:
		switch r.predicate(p.Left, v) {
		case isTrue:
			return isFalse
		case isFalse:
			return isTrue
		}
		return unknown
	case jsonpath.IsUnknown:
		return truthOf(r.predicate(p.Left, v) == unknown)
	case jsonpath.StartsWith:
		return r.overPairs(p, v, false, startsWith)
	case jsonpath.LikeRegex:
		return r.overPairs(p, v, false, func(a, _ item) truth { return r.likeRegex(p, a) })
	case jsonpath.Exists:
		return r.exists(p.Left, v)
	}
	return r.overPairs(p, v, true, func(a, b item) truth { return r.compare(p.Kind, a, b) })
}

func (r *run) exists(p *jsonpath.Item, v item) truth {
	if r.lax {
		switch r.quietly(p, v, false, nil) {
		case failed:
			return unknown
		case found:
			return isTrue
		}
		return isFalse
	}
	var l list
	if r.quietly(p, v, false, &l) == failed {
		return unknown
	}
	return truthOf(len(l) > 0)
}

// quietly executes a path without raising errors; unwrap takes the arrays among
// the results apart, in lax mode.
func (r *run) quietly(p *jsonpath.Item, v item, unwrap bool, out *list) outcome {
	saved := r.throw
	r.throw = false
	res := r.results(p, v, unwrap, out)
	r.throw = saved
	return res
}

func (r *run) results(p *jsonpath.Item, v item, unwrap bool, out *list) outcome {
	if !unwrap || !r.lax {
		return r.execute(p, v, out)
	}
	var l list
	if res := r.execute(p, v, &l); res == failed {
		return res
	}
	for _, x := range l {
		if x.Kind() == types.JSONArray {
			r.elements(nil, x, out, false)
		} else {
			*out = append(*out, x)
		}
	}
	return found
}

// overPairs is a predicate of two sequences: true if it is of some pair. In
// strict mode an unknown pair makes the whole unknown, in lax mode only where no
// pair is true.
func (r *run) overPairs(p *jsonpath.Item, v item, unwrapRight bool, f func(a, b item) truth) truth {
	var left list
	right := list{{}}
	if r.quietly(p.Left, v, true, &left) == failed {
		return unknown
	}
	if p.Right != nil {
		right = nil
		if r.quietly(p.Right, v, unwrapRight, &right) == failed {
			return unknown
		}
	}
	yes, unsure := false, false
	for _, a := range left {
		for _, b := range right {
			switch f(a, b) {
			case unknown:
				if !r.lax {
					return unknown
				}
				unsure = true
			case isTrue:
				if r.lax {
					return isTrue
				}
				yes = true
			}
		}
	}
	switch {
	case yes:
		return isTrue
	case unsure:
		return unknown
	}
	return isFalse
}

func startsWith(a, b item) truth {
	if a.Kind() != types.JSONString || b.Kind() != types.JSONString || a.time != nil || b.time != nil {
		return unknown
	}
	return truthOf(strings.HasPrefix(a.Str(), b.Str()))
}

func (r *run) likeRegex(p *jsonpath.Item, a item) truth {
	if a.Kind() != types.JSONString || a.time != nil {
		return unknown
	}
	m := r.matches[p]
	if m == nil {
		re, err := compileRegex(p.Str, p.Flags)
		if err != nil {
			r.fatal(err)
			return unknown
		}
		m = re.NewMatcher()
		r.matches[p] = m
	}
	ok, err := m.Match(a.Str())
	if err != nil {
		r.fatal(err)
		return unknown
	}
	return truthOf(ok)
}

// compare compares two values. Values of different kinds are neither equal nor
// unequal, but for null, which is unequal to everything else.
func (r *run) compare(op jsonpath.Kind, a, b item) truth {
	ka, kb := comparedKind(a), comparedKind(b)
	if ka != kb {
		if ka == types.JSONNull || kb == types.JSONNull {
			return truthOf(op == jsonpath.NotEqual)
		}
		return unknown
	}
	c := 0
	switch {
	case a.time != nil:
		var ok bool
		if c, ok = r.compareTimes(a.time, b.time); !ok {
			return unknown
		}
	case ka == types.JSONNull:
	case ka == types.JSONTrue:
		c = boolRank(a) - boolRank(b)
	case ka == types.JSONNumber:
		c = a.Number().Cmp(b.Number())
	case ka == types.JSONString:
		c = strings.Compare(a.Str(), b.Str())
	default:
		return unknown
	}
	switch op {
	case jsonpath.Equal:
		return truthOf(c == 0)
	case jsonpath.NotEqual:
		return truthOf(c != 0)
	case jsonpath.Less:
		return truthOf(c < 0)
	case jsonpath.LessOrEqual:
		return truthOf(c <= 0)
	case jsonpath.Greater:
		return truthOf(c > 0)
	}
	return truthOf(c >= 0)
}

// kindTime is the kind of datetimes in comparisons.
const kindTime types.JSONKind = 100

// comparedKind is the kind of a value with both truth values alike.
func comparedKind(v item) types.JSONKind {
	switch k := v.Kind(); {
	case v.time != nil:
		return kindTime
	case k == types.JSONFalse:
		return types.JSONTrue
	default:
		return k
	}
}

func boolRank(v item) int {
	if v.Kind() == types.JSONTrue {
		return 1
	}
	return 0
}
