package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs/regex"
	"github.com/streamsqld/streamsqld/sql/types"
)

// patterns holds the compiled patterns of one call site: the one, when pattern
// and flags are constant, or the last few.
type patterns struct {
	known map[patternKey]*regex.Matcher
}

type patternKey struct {
	pattern string
	options regex.Options
}

// maxPatterns is how many patterns a call site keeps.
const maxPatterns = 32

// get gives the matcher of a pattern.
func (p *patterns) get(c *Ctx, pattern string, o regex.Options) (*regex.Matcher, error) {
	o.Global = false
	k := patternKey{pattern, o}
	if m := p.known[k]; m != nil {
		m.Context = c.Context
		return m, nil
	}
	re, err := regex.Compile(pattern, o)
	if err != nil {
		return nil, err
	}
	if p.known == nil || len(p.known) >= maxPatterns {
		p.known = map[patternKey]*regex.Matcher{}
	}
	m := re.NewMatcher()
	m.Context = c.Context
	p.known[k] = m
	return m, nil
}

// options reads a flags argument of a function that may not be asked for all
// matches.
func singleOptions(flags, function, instead string) (regex.Options, error) {
	o, err := regex.ParseOptions(flags)
	if err == nil && o.Global {
		e := pgerr.New(pgerr.InvalidParameterValue, "%s does not support the \"global\" option", function)
		if instead != "" {
			e = e.WithHint("Use the %s function instead.", instead)
		}
		return o, e
	}
	return o, err
}

// eachMatch calls f for the matches of m in s from a byte position on, until f
// says stop. After an empty match the search goes on one character later.
func eachMatch(m *regex.Matcher, s string, from int, f func(loc []int) bool) error {
	for from <= len(s) {
		loc, err := m.Find(s, from)
		if err != nil || loc == nil {
			return err
		}
		start, end := loc[0], loc[1]
		if !f(loc) {
			return nil
		}
		if from = end; start == end {
			from += max(cut(s[from:], 1), 1)
		}
	}
	return nil
}

// group gives the text of a group; ok is false when it took no part.
func group(s string, loc []int, n int) (text string, ok bool) {
	if loc[2*n] < 0 {
		return "", false
	}
	return s[loc[2*n]:loc[2*n+1]], true
}

// errParameter is the error of an argument out of range.
func errParameter(name string, value int64) error {
	return pgerr.New(pgerr.InvalidParameterValue, "invalid value for parameter \"%s\": %d", name, value)
}

// replacement is a replacement text taken apart: literal texts, and between
// them the numbers of groups (0 is the whole match).
type replacement struct {
	texts  []string
	groups []int
}

// parseReplacement reads \1 … \9, \& and \\; other backslashes stand for
// themselves.
func parseReplacement(s string) replacement {
	var r replacement
	var text strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			text.WriteByte(s[i])
			continue
		}
		switch c := s[i+1]; {
		case c >= '1' && c <= '9', c == '&':
			n := 0
			if c != '&' {
				n = int(c - '0')
			}
			r.texts, r.groups = append(r.texts, text.String()), append(r.groups, n)
			text.Reset()
			i++
		case c == '\\':
			text.WriteByte('\\')
			i++
		default:
			text.WriteByte('\\')
		}
	}
	r.texts = append(r.texts, text.String())
	return r
}

// appendTo writes the replacement of a match in s.
func (r replacement) appendTo(b *strings.Builder, s string, loc []int) {
	for i, g := range r.groups {
		b.WriteString(r.texts[i])
		if 2*g < len(loc) {
			t, _ := group(s, loc, g)
			b.WriteString(t)
		}
	}
	b.WriteString(r.texts[len(r.texts)-1])
}

// replaceRegexp replaces the n-th match from a byte position on, or all when n
// is 0.
func replaceRegexp(m *regex.Matcher, s, with string, from int, n int64) (string, error) {
	var b strings.Builder
	r := parseReplacement(with)
	at, count := 0, int64(0)
	err := eachMatch(m, s, from, func(loc []int) bool {
		if count++; n > 0 && count != n {
			return true
		}
		b.WriteString(s[at:loc[0]])
		r.appendTo(&b, s, loc)
		at = loc[1]
		return n == 0
	})
	if at == 0 && b.Len() == 0 {
		return s, err
	}
	b.WriteString(s[at:])
	return b.String(), err
}

// textOrNull makes a Datum of a group.
func textOrNull(s string, ok bool) types.Datum {
	if !ok {
		return types.Null
	}
	return types.NewString(s)
}
