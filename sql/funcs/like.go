package funcs

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for _, p := range []string{"text", "name"} {
		register(p+"like", likeImpl(likeMode{}, true))
		register(p+"nlike", likeImpl(likeMode{}, false))
		register(p+"iclike", likeImpl(likeMode{fold: true}, true))
		register(p+"icnlike", likeImpl(likeMode{fold: true}, false))
	}
	register("bytealike", likeImpl(likeMode{bytes: true}, true))
	register("byteanlike", likeImpl(likeMode{bytes: true}, false))
	register("like_escape", &Impl{Kernel: fn2e(func(p, esc string) (string, error) { return likeEscape(p, esc, false) })})
	register("like_escape_bytea", &Impl{Kernel: fn2e(func(p, esc string) (string, error) { return likeEscape(p, esc, true) })})
}

// likeMode says what _ stands for (a character or a byte) and whether case
// counts. Without case both sides are compared in lower case, as PostgreSQL
// does.
type likeMode struct{ bytes, fold bool }

var errLikeEnd = pgerr.New(pgerr.InvalidEscapeSequence, "LIKE pattern must not end with escape character")

// likeImpl makes LIKE (want) or NOT LIKE. A constant pattern is taken apart
// once.
func likeImpl(m likeMode, want bool) *Impl {
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		if d := constArg(call, 1); d != nil {
			pattern := d.Str()
			if m.fold {
				pattern = strings.ToLower(pattern)
			}
			if p, ok := compileLike(pattern, m.bytes); ok {
				return likeConst(p, m, want), nil
			}
		}
		return fn2e(func(s, pattern string) (bool, error) {
			if m.fold {
				s, pattern = strings.ToLower(s), strings.ToLower(pattern)
			}
			r, err := m.match(s, pattern)
			return (r == likeTrue) == want, err
		}), nil
	}}
}

func likeConst(p *likePattern, m likeMode, want bool) Kernel {
	match := p.matcher()
	return func(_ *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, r := args[0].Strs[:n], Out[bool](out, n)[:n]
		if m.fold {
			var low folder
			for i, s := range a {
				r[i] = match(low.lower(s)) == want
			}
			return
		}
		for i, s := range a {
			r[i] = match(s) == want
		}
	}
}

// likePattern is a pattern cut at its % signs: it matches a string that begins
// with the first part, ends with the last, and has the others between them in
// order.
type likePattern struct {
	parts []likePart
	bytes bool
}

// likePart is the text between two % signs: literal, or with gaps (_), when
// units are its characters and -1 is a gap.
type likePart struct {
	text  string
	gaps  bool
	units []rune
}

// compileLike takes a pattern apart; ok is false when it ends in an escape,
// which is an error only when the match gets there.
func compileLike(p string, bytes bool) (_ *likePattern, ok bool) {
	out := &likePattern{bytes: bytes}
	var text strings.Builder
	var units []rune
	gaps := false
	flush := func() {
		out.parts = append(out.parts, likePart{text.String(), gaps, units})
		text.Reset()
		units, gaps = nil, false
	}
	for i := 0; i < len(p); {
		switch p[i] {
		case '%':
			flush()
			i++
			continue
		case '_':
			gaps = true
			units = append(units, -1)
			i++
			continue
		case '\\':
			if i++; i == len(p) {
				return nil, false
			}
		}
		r, w := rune(p[i]), 1
		if !bytes {
			r, w = utf8.DecodeRuneInString(p[i:])
		}
		text.WriteString(p[i : i+w])
		units = append(units, r)
		i += w
	}
	flush()
	return out, true
}

// matcher gives the test, special-cased for the frequent shapes.
func (p *likePattern) matcher() func(string) bool {
	n := len(p.parts)
	for _, x := range p.parts {
		if x.gaps {
			return p.match
		}
	}
	first, last := p.parts[0].text, p.parts[n-1].text
	switch {
	case n == 1:
		return func(s string) bool { return s == first }
	case n == 2 && last == "":
		return func(s string) bool { return strings.HasPrefix(s, first) }
	case n == 2 && first == "":
		return func(s string) bool { return strings.HasSuffix(s, last) }
	case n == 3 && first == "" && last == "":
		mid := p.parts[1].text
		return func(s string) bool { return strings.Contains(s, mid) }
	}
	return p.match
}

// match is the general case: the first and last part where they must be, each
// other part at its leftmost place after the one before.
func (p *likePattern) match(s string) bool {
	n := len(p.parts)
	at, ok := p.parts[0].at(s, p.bytes)
	if !ok {
		return false
	}
	if n == 1 {
		return at == len(s)
	}
	s = s[at:]
	for _, part := range p.parts[1 : n-1] {
		i, w := part.index(s, p.bytes)
		if i < 0 {
			return false
		}
		s = s[i+w:]
	}
	return p.parts[n-1].endsWith(s, p.bytes)
}

// at tells whether s begins with the part, and where the part ends.
func (x likePart) at(s string, bytes bool) (end int, ok bool) {
	if !x.gaps {
		return len(x.text), strings.HasPrefix(s, x.text)
	}
	i := 0
	for _, u := range x.units {
		if i >= len(s) {
			return 0, false
		}
		if s[i] < utf8.RuneSelf {
			if u >= 0 && u != rune(s[i]) {
				return 0, false
			}
			i++
			continue
		}
		r, w := rune(s[i]), 1
		if !bytes {
			r, w = utf8.DecodeRuneInString(s[i:])
		}
		if u >= 0 && u != r {
			return 0, false
		}
		i += w
	}
	return i, true
}

// index finds the part's leftmost place and its width there.
func (x likePart) index(s string, bytes bool) (at, width int) {
	if !x.gaps {
		return strings.Index(s, x.text), len(x.text)
	}
	lead := x.units[0]
	for i := 0; i <= len(s); {
		if lead >= 0 && lead < utf8.RuneSelf { // go where the first character is
			k := strings.IndexByte(s[i:], byte(lead))
			if k < 0 {
				break
			}
			i += k
		}
		if w, ok := x.at(s[i:], bytes); ok {
			return i, w
		}
		if i == len(s) {
			break
		}
		w := 1
		if !bytes {
			_, w = utf8.DecodeRuneInString(s[i:])
		}
		i += w
	}
	return -1, 0
}

func (x likePart) endsWith(s string, bytes bool) bool {
	if !x.gaps {
		return strings.HasSuffix(s, x.text)
	}
	i := len(s)
	for range x.units {
		if i == 0 {
			return false
		}
		w := 1
		if !bytes {
			_, w = utf8.DecodeLastRuneInString(s[:i])
		}
		i -= w
	}
	_, ok := x.at(s[i:], bytes)
	return ok
}

// likeResult is PostgreSQL's MatchText's: abort says that no later start can
// match either, as the text has run out.
type likeResult uint8

const (
	likeFalse likeResult = iota
	likeTrue
	likeAbort
)

// match interprets a pattern; it finds a bad escape when it gets there, as
// PostgreSQL does.
func (m likeMode) match(s, p string) (likeResult, error) {
	if p == "%" {
		return likeTrue, nil
	}
	for s != "" && p != "" {
		switch p[0] {
		case '\\':
			if p = p[1:]; p == "" {
				return likeFalse, errLikeEnd
			}
			if p[0] != s[0] {
				return likeFalse, nil
			}
		case '%':
			return m.matchRest(s, p[1:])
		case '_':
			s, p = s[m.width(s):], p[1:]
			continue
		default:
			if p[0] != s[0] {
				return likeFalse, nil
			}
		}
		s, p = s[1:], p[1:]
	}
	if s != "" {
		return likeFalse, nil
	}
	if strings.Trim(p, "%") == "" {
		return likeTrue, nil
	}
	return likeAbort, nil
}

// width is the length of what _ matches at the start of s.
func (m likeMode) width(s string) int {
	if m.bytes || s[0] < utf8.RuneSelf {
		return 1
	}
	_, w := utf8.DecodeRuneInString(s)
	return w
}

// matchRest matches what follows a %.
func (m likeMode) matchRest(s, p string) (likeResult, error) {
	for p != "" && (p[0] == '%' || p[0] == '_') {
		if p[0] == '_' {
			if s == "" {
				return likeAbort, nil
			}
			s = s[m.width(s):]
		}
		p = p[1:]
	}
	if p == "" {
		return likeTrue, nil
	}
	first := p[0]
	if first == '\\' {
		if len(p) < 2 {
			return likeFalse, errLikeEnd
		}
		first = p[1]
	}
	for s != "" {
		if s[0] == first {
			if r, err := m.match(s, p); r != likeFalse || err != nil {
				return r, err
			}
		}
		s = s[m.width(s):]
	}
	return likeAbort, nil
}

// likeEscape turns a pattern with another escape character (or none, when esc
// is empty) into one with backslashes.
func likeEscape(p, esc string, bytes bool) (string, error) {
	var b strings.Builder
	if esc == "" {
		return strings.ReplaceAll(p, `\`, `\\`), nil
	}
	if w := (likeMode{bytes: bytes}).width(esc); w != len(esc) {
		return "", pgerr.New(pgerr.InvalidEscapeSequence, "invalid escape string").
			WithHint("Escape string must be empty or one character.")
	}
	if esc == `\` {
		return p, nil
	}
	after := false
	for i := 0; i < len(p); {
		w := (likeMode{bytes: bytes}).width(p[i:])
		switch c := p[i : i+w]; {
		case c == esc && !after:
			b.WriteByte('\\')
			after = true
		case c == `\`:
			b.WriteByte('\\')
			if !after {
				b.WriteByte('\\')
			}
			after = false
		default:
			b.WriteString(c)
			after = false
		}
		i += w
	}
	return b.String(), nil
}
