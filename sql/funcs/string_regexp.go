package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs/regex"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	fold := regex.Options{IgnoreCase: true}
	for _, p := range []string{"text", "name"} {
		register(p+"regexeq", matchImpl(regex.Options{}, true))
		register(p+"regexne", matchImpl(regex.Options{}, false))
		register(p+"icregexeq", matchImpl(fold, true))
		register(p+"icregexne", matchImpl(fold, false))
	}
	for _, p := range []string{"regexp_like_no_flags", "regexp_like"} {
		register(p, regexpImpl(types.Bool, regexpLike))
	}
	for _, p := range []string{"regexp_count", "regexp_count_no_start", "regexp_count_no_flags"} {
		register(p, regexpImpl(types.Int, regexpCount))
	}
	for _, p := range []string{"", "_no_start", "_no_n", "_no_endoption", "_no_flags", "_no_subexpr"} {
		register("regexp_instr"+p, regexpImpl(types.Int, regexpInstr))
	}
	for _, p := range []string{"", "_no_start", "_no_n", "_no_flags", "_no_subexpr"} {
		register("regexp_substr"+p, regexpImpl(types.Bytes, regexpSubstr))
	}
	register("textregexsubstr", regexpImpl(types.Bytes, regexSubstring))
	for _, p := range []string{"_noopt", "", "_extended", "_extended_no_flags", "_extended_no_n"} {
		register("textregexreplace"+p, regexpImpl(types.Bytes, regexpReplace))
	}
}

// matchImpl is ~ and its kin.
func matchImpl(o regex.Options, want bool) *Impl {
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		var known patterns
		fixed := constArg(call, 1)
		return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
			r := Out[bool](out, n)
			var m *regex.Matcher
			for i := range n {
				if c.skip(i) {
					continue
				}
				var err error
				if m == nil || fixed == nil {
					if m, err = known.get(c, args[1].Strs[i], o); err != nil {
						c.Bad.Set(i, err)
						continue
					}
				}
				found, err := m.Match(args[0].Strs[i])
				if err != nil {
					c.Bad.Set(i, err)
				}
				r[i] = found == want
			}
		}, nil
	}}
}

// regexpCall is one row of a regexp_… function: its arguments by their meaning,
// defaults filled in.
type regexpCall struct {
	c       *Ctx
	known   *patterns
	row     []types.Datum
	s       string
	pattern string
}

// int gives argument i, or a default when the call has no such argument; least
// is its lowest value.
func (r *regexpCall) int(i int, def, least int64, name string) (int64, error) {
	if i >= len(r.row) {
		return def, nil
	}
	if v := r.row[i].Int(); v >= least {
		return v, nil
	}
	return 0, errParameter(name, r.row[i].Int())
}

func (r *regexpCall) text(i int) string {
	if i >= len(r.row) {
		return ""
	}
	return r.row[i].Str()
}

// matcher compiles the pattern with the flags in argument i.
func (r *regexpCall) matcher(i int, function string) (*regex.Matcher, error) {
	o, err := singleOptions(r.text(i), function, "")
	if err != nil {
		return nil, err
	}
	return r.known.get(r.c, r.pattern, o)
}

// regexpImpl makes the implementation of a function whose first arguments are a
// text and a pattern. All of them are strict.
func regexpImpl(kind types.Kind, f func(*regexpCall) (types.Datum, error)) *Impl {
	return &Impl{Bind: func(*Call) (Kernel, error) {
		var known patterns
		return rows(kind, func(c *Ctx, row []types.Datum) (types.Datum, error) {
			return f(&regexpCall{c: c, known: &known, row: row, s: row[0].Str(), pattern: row[1].Str()})
		}), nil
	}}
}

func regexpLike(r *regexpCall) (types.Datum, error) {
	m, err := r.matcher(2, "regexp_like()")
	if err != nil {
		return types.Null, err
	}
	found, err := m.Match(r.s)
	return types.NewBool(found), err
}

func regexpCount(r *regexpCall) (types.Datum, error) {
	start, err := r.int(2, 1, 1, "start")
	if err != nil {
		return types.Null, err
	}
	m, err := r.matcher(3, "regexp_count()")
	if err != nil {
		return types.Null, err
	}
	n := int64(0)
	from := r.offset(start)
	err = eachMatch(m, r.s, from, func([]int) bool { n++; return true })
	return types.NewInt(n), err
}

// offset is the byte position of a character position from 1; beyond the text's
// end it is behind its end.
func (r *regexpCall) offset(start int64) int {
	if start-1 > charCount(r.s) {
		return len(r.s) + 1
	}
	return cut(r.s, start-1)
}

// nth finds the n-th match.
func (r *regexpCall) nth(m *regex.Matcher, start, n int64) (loc []int, err error) {
	err = eachMatch(m, r.s, r.offset(start), func(l []int) bool {
		if n--; n == 0 {
			loc = l
		}
		return n > 0
	})
	return loc, err
}

func regexpInstr(r *regexpCall) (types.Datum, error) {
	start, err := r.int(2, 1, 1, "start")
	if err != nil {
		return types.Null, err
	}
	n, err := r.int(3, 1, 1, "n")
	if err != nil {
		return types.Null, err
	}
	end := int64(0)
	if len(r.row) > 4 {
		if end = r.row[4].Int(); end != 0 && end != 1 {
			return types.Null, errParameter("endoption", end)
		}
	}
	sub, err := r.int(6, 0, 0, "subexpr")
	if err != nil {
		return types.Null, err
	}
	m, err := r.matcher(5, "regexp_instr()")
	if err != nil {
		return types.Null, err
	}
	loc, err := r.nth(m, start, n)
	sub, ok := subexpr(m, sub)
	if loc == nil || !ok || loc[2*sub] < 0 {
		return types.NewInt(0), err
	}
	return types.NewInt(charCount(r.s[:loc[2*sub+end]]) + 1), nil
}

func regexpSubstr(r *regexpCall) (types.Datum, error) {
	start, err := r.int(2, 1, 1, "start")
	if err != nil {
		return types.Null, err
	}
	n, err := r.int(3, 1, 1, "n")
	if err != nil {
		return types.Null, err
	}
	sub, err := r.int(5, 0, 0, "subexpr")
	if err != nil {
		return types.Null, err
	}
	m, err := r.matcher(4, "regexp_substr()")
	if err != nil {
		return types.Null, err
	}
	loc, err := r.nth(m, start, n)
	sub, ok := subexpr(m, sub)
	if loc == nil || !ok {
		return types.Null, err
	}
	return textOrNull(group(r.s, loc, int(sub))), nil
}

// subexpr gives the group that an argument names; ok is false when there is
// none. Without any groups the first one is the whole match.
func subexpr(m *regex.Matcher, sub int64) (n int64, ok bool) {
	if sub == 1 && m.NumGroups() == 0 {
		return 0, true
	}
	return sub, sub <= int64(m.NumGroups())
}

// regexSubstring is substring(s from pattern): the first group if there is one.
func regexSubstring(r *regexpCall) (types.Datum, error) {
	m, err := r.known.get(r.c, r.pattern, regex.Options{})
	if err != nil {
		return types.Null, err
	}
	loc, err := m.Find(r.s, 0)
	if loc == nil {
		return types.Null, err
	}
	return textOrNull(group(r.s, loc, min(m.NumGroups(), 1))), nil
}

// regexpReplace is regexp_replace(s, pattern, with [, flags | , start [, n [,
// flags]]]).
func regexpReplace(r *regexpCall) (types.Datum, error) {
	flags, start, n, named := "", int64(1), int64(1), false
	switch {
	case len(r.row) == 4 && r.row[3].Kind() == types.Bytes:
		flags = r.row[3].Str()
		if flags != "" && flags[0] >= '0' && flags[0] <= '9' {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "invalid regular expression option: \"%s\"", flags[:1]).
				WithHint("If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.")
		}
	case len(r.row) >= 4:
		var err error
		if start, err = r.int(3, 1, 1, "start"); err != nil {
			return types.Null, err
		}
		if n, err = r.int(4, 1, 0, "n"); err != nil {
			return types.Null, err
		}
		flags, named = r.text(5), len(r.row) >= 5
	}
	o, err := regex.ParseOptions(flags)
	if err != nil {
		return types.Null, err
	}
	if !named && o.Global {
		n = 0
	}
	m, err := r.known.get(r.c, r.pattern, o)
	if err != nil {
		return types.Null, err
	}
	s, err := replaceRegexp(m, r.s, r.text(2), r.offset(start), n)
	return types.NewString(s), err
}
