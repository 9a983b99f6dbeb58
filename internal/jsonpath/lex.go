package jsonpath

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// token is a token of a path.
type token struct {
	kind tokenKind
	text string // what messages show of it
	str  string // the value of a string, identifier, word or variable
	name string // a word as it is written
}

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokString
	tokIdent
	tokVariable
	tokInt
	tokDecimal
	tokWord  // a keyword: str in lower case
	tokPunct // str is the operator or character
)

// keywords are in any case but for the last three, which are lower case.
var keywords = map[string]bool{
	"is": true, "to": true, "abs": true, "lax": true, "flag": true, "last": true, "size": true, "type": true, "with": true, "floor": true,
	"double": true, "exists": true, "starts": true, "strict": true, "ceiling": true, "datetime": true, "keyvalue": true, "unknown": true,
	"like_regex": true, "null": false, "true": false, "false": false,
}

// punctuation, longest first.
var punctuation = []string{"**", "&&", "||", "==", "!=", "<>", "<=", ">=", "<", ">", "!", "$", "@", ".", "*", "[", "]", "(", ")", "{", "}", ",", "?", "+", "-", "/", "%", "|", "&", "=", "#", ":"}

const special = `?%$.[]{}()|&!=<>@#,*:-+/\"`

func isSpecial(c byte) bool { return strings.IndexByte(special, c) >= 0 || isBlank(c) }

func isBlank(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

type lexer struct {
	in  string
	pos int
}

func errAt(near, format string, args ...any) error {
	e := pgerr.New(pgerr.SyntaxError, format, args...)
	if near == "" {
		e.Message += " at end of jsonpath input"
	} else {
		e.Message += " at or near \"" + near + "\" of jsonpath input"
	}
	return e
}

// next reads a token.
func (l *lexer) next() (token, error) {
	if err := l.skip(); err != nil {
		return token{}, err
	}
	if l.pos >= len(l.in) {
		return token{}, nil
	}
	start := l.pos
	switch c := l.in[start]; {
	case c == '"':
		l.pos++
		s, err := l.quoted()
		return token{tokString, `"`, s, s}, err
	case c == '$' && start+1 < len(l.in) && l.in[start+1] == '"':
		l.pos += 2
		s, err := l.quoted()
		return token{tokVariable, `"`, s, s}, err
	case c == '$' && start+1 < len(l.in) && (!isSpecial(l.in[start+1]) || l.in[start+1] == '\\'):
		l.pos++
		s, err := l.ident()
		return token{tokVariable, l.in[start:l.pos], s, s}, err
	case isDigit(c), c == '.' && start+1 < len(l.in) && isDigit(l.in[start+1]):
		return l.number()
	case !isSpecial(c) || c == '\\':
		s, err := l.ident()
		shown := "" // PostgreSQL's scanner is past a word when it tells where it is
		if l.pos < len(l.in) && isBlank(l.in[l.pos]) {
			shown = l.in[l.pos : l.pos+1]
		}
		if any, ok := keywords[strings.ToLower(s)]; ok && !strings.Contains(l.in[start:l.pos], `\`) && (any || s == strings.ToLower(s)) {
			return token{tokWord, shown, strings.ToLower(s), s}, err
		}
		return token{tokIdent, shown, s, s}, err
	}
	for _, p := range punctuation {
		if strings.HasPrefix(l.in[start:], p) {
			l.pos += len(p)
			return token{tokPunct, p, p, p}, nil
		}
	}
	l.pos++
	return token{tokPunct, l.in[start:l.pos], l.in[start:l.pos], ""}, nil
}

// skip passes blanks and comments.
func (l *lexer) skip() error {
	for l.pos < len(l.in) {
		switch {
		case isBlank(l.in[l.pos]):
			l.pos++
		case strings.HasPrefix(l.in[l.pos:], "/*"):
			end := strings.Index(l.in[l.pos+2:], "*/")
			if end < 0 {
				return errAt("", "unexpected end of comment")
			}
			l.pos += end + 4
		default:
			return nil
		}
	}
	return nil
}

// number reads an integer or decimal number.
func (l *lexer) number() (token, error) {
	start := l.pos
	digits := func() (n int) {
		for l.pos < len(l.in) && isDigit(l.in[l.pos]) {
			l.pos++
			n++
		}
		return n
	}
	kind := tokInt
	if l.in[l.pos] == '0' { // no other digit follows a zero
		l.pos++
	} else {
		digits()
	}
	if l.pos < len(l.in) && l.in[l.pos] == '.' {
		kind = tokDecimal
		l.pos++
		digits()
	}
	if l.pos < len(l.in) && (l.in[l.pos] == 'e' || l.in[l.pos] == 'E') {
		mark := l.pos
		l.pos++
		if l.pos < len(l.in) && (l.in[l.pos] == '+' || l.in[l.pos] == '-') {
			l.pos++
		}
		if digits() == 0 {
			if l.pos > mark+1 {
				return token{}, errAt(l.in[start:l.pos], "trailing junk after numeric literal")
			}
			l.pos = mark
		} else {
			kind = tokDecimal
		}
	}
	if l.pos < len(l.in) && (!isSpecial(l.in[l.pos]) || l.in[l.pos] == '\\') {
		_, w := utf8.DecodeRuneInString(l.in[l.pos:])
		return token{}, errAt(l.in[start:l.pos+w], "trailing junk after numeric literal")
	}
	return token{kind, l.in[start:l.pos], l.in[start:l.pos], ""}, nil
}

// ident reads an identifier, with escapes.
func (l *lexer) ident() (string, error) {
	var b strings.Builder
	for l.pos < len(l.in) {
		switch c := l.in[l.pos]; {
		case c == '\\':
			if err := l.escape(&b); err != nil {
				return "", err
			}
		case isSpecial(c):
			return b.String(), nil
		default:
			b.WriteByte(c)
			l.pos++
		}
	}
	return b.String(), nil
}

// quoted reads a string after its opening quote.
func (l *lexer) quoted() (string, error) {
	var b strings.Builder
	for l.pos < len(l.in) {
		switch c := l.in[l.pos]; c {
		case '"':
			l.pos++
			return b.String(), nil
		case '\\':
			if err := l.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			l.pos++
		}
	}
	return "", errAt("", "unexpected end of quoted string")
}

var errNul = pgerr.New(pgerr.UntranslatableCharacter, "unsupported Unicode escape sequence").WithDetail("\\u0000 cannot be converted to text.")

// escape reads an escape: \b and its kin, \xHH, \uHHHH, \u{H…}, or any other
// character itself.
func (l *lexer) escape(b *strings.Builder) error {
	start := l.pos
	l.pos++
	if l.pos >= len(l.in) {
		return errAt("\\", "unexpected end after backslash")
	}
	c := l.in[l.pos]
	if i := strings.IndexByte("bfnrtv", c); i >= 0 {
		b.WriteByte("\b\f\n\r\t\v"[i])
		l.pos++
		return nil
	}
	switch c {
	case 'x':
		r, ok := l.hex(2)
		if !ok {
			return errAt(l.in[start:l.pos], "invalid hex character sequence")
		}
		if r == 0 {
			return errNul
		}
		b.WriteRune(r)
		return nil
	case 'u':
		return l.unicode(b)
	}
	_, w := utf8.DecodeRuneInString(l.in[l.pos:])
	b.WriteString(l.in[l.pos : l.pos+w])
	l.pos += w
	return nil
}

// hex reads n hexadecimal digits after the letter at pos.
func (l *lexer) hex(n int) (rune, bool) {
	l.pos++
	end := min(l.pos+n, len(l.in))
	v, err := strconv.ParseUint(l.in[l.pos:end], 16, 32)
	if err != nil || end-l.pos < n {
		return 0, false
	}
	l.pos = end
	return rune(v), true
}

// unicode reads one \u escape, or a pair of surrogates.
func (l *lexer) unicode(b *strings.Builder) error {
	r, err := l.codePoint()
	if err != nil {
		return err
	}
	if r >= 0xd800 && r < 0xdc00 {
		low := rune(0)
		if strings.HasPrefix(l.in[l.pos:], `\u`) {
			l.pos++
			if low, err = l.codePoint(); err != nil {
				return err
			}
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return errSurrogate("Unicode low surrogate must follow a high surrogate.")
		}
	} else if utf16.IsSurrogate(r) {
		return errSurrogate("Unicode low surrogate must follow a high surrogate.")
	}
	if r == 0 {
		return errNul
	}
	b.WriteRune(r)
	return nil
}

func errSurrogate(detail string) error {
	return pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type %s", "jsonpath").WithDetail("%s", detail)
}

// codePoint reads HHHH or {H…} after the u at pos.
func (l *lexer) codePoint() (rune, error) {
	start := l.pos - 1
	if l.pos+1 < len(l.in) && l.in[l.pos+1] == '{' {
		end := strings.IndexByte(l.in[l.pos:], '}')
		if end > 2 && end <= 8 {
			if v, err := strconv.ParseUint(l.in[l.pos+2:l.pos+end], 16, 32); err == nil && v <= utf8.MaxRune {
				l.pos += end + 1
				return rune(v), nil
			}
		}
		return 0, errAt(l.in[start:min(l.pos+2, len(l.in))], "invalid Unicode escape sequence")
	}
	r, ok := l.hex(4)
	if !ok {
		return 0, errAt(l.in[start:l.pos], "invalid Unicode escape sequence")
	}
	return r, nil
}
