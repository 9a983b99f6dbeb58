// Package jsonlex splits JSON text into tokens and reports what is wrong with it
// in PostgreSQL's words.
//
// A Lexer holds one token at a time: Next reads the next one, Kind tells what it
// is. After the last token Kind is End. The grammar is its user's business, who
// calls Fail with what was expected.
package jsonlex

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Kind is the kind of a token.
type Kind uint8

// The kinds of token.
const (
	none Kind = iota // before the first token
	End
	String
	Number
	ObjectStart
	ObjectEnd
	ArrayStart
	ArrayEnd
	Comma
	Colon
	True
	False
	Null
)

// Lexer reads the tokens of a JSON text.
type Lexer struct {
	Kind Kind
	// Start and Stop are where the token is.
	Start, Stop int

	in        string
	unescape  bool
	str       string // a string token's value, if unescape
	line      int
	lineStart int
}

// New makes a Lexer. With unescape, string tokens have a Str and escapes are
// checked for whether they make characters.
func New(text string, unescape bool) Lexer { return Lexer{in: text, unescape: unescape, line: 1} }

// Str is the value of a string token.
func (l *Lexer) Str() string { return l.str }

// Text is the token as it is written.
func (l *Lexer) Text() string { return l.in[l.Start:l.Stop] }

// Next reads the next token.
func (l *Lexer) Next() error {
	i := l.Stop
	for ; i < len(l.in); i++ {
		c := l.in[i]
		if c == '\n' {
			l.line++
			l.lineStart = i + 1
		} else if c != ' ' && c != '\t' && c != '\r' {
			break
		}
	}
	l.Start = i
	if i >= len(l.in) {
		l.Kind, l.Stop = End, i
		return nil
	}
	switch c := l.in[i]; c {
	case '{':
		return l.single(ObjectStart)
	case '}':
		return l.single(ObjectEnd)
	case '[':
		return l.single(ArrayStart)
	case ']':
		return l.single(ArrayEnd)
	case ',':
		return l.single(Comma)
	case ':':
		return l.single(Colon)
	case '"':
		l.Kind = String
		return l.string(i + 1)
	case '-':
		l.Kind = Number
		return l.number(i + 1)
	default:
		if c >= '0' && c <= '9' {
			l.Kind = Number
			return l.number(i)
		}
	}
	return l.word(i)
}

func (l *Lexer) single(k Kind) error {
	l.Kind, l.Stop = k, l.Start+1
	return nil
}

// isWord tells the bytes that belong to one word in messages.
func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
}

func (l *Lexer) word(i int) error {
	j := i
	for j < len(l.in) && isWord(l.in[j]) {
		j++
	}
	if j == i {
		l.Stop = i + 1
		return l.invalidToken()
	}
	l.Stop = j
	switch l.in[i:j] {
	case "true":
		l.Kind = True
	case "false":
		l.Kind = False
	case "null":
		l.Kind = Null
	default:
		return l.invalidToken()
	}
	return nil
}

func (l *Lexer) digits(i int) int {
	for i < len(l.in) && l.in[i] >= '0' && l.in[i] <= '9' {
		i++
	}
	return i
}

// number reads a number from behind its sign.
func (l *Lexer) number(i int) error {
	bad := false
	run := func(from int) int {
		to := l.digits(from)
		bad = bad || to == from
		return to
	}
	if i < len(l.in) && l.in[i] == '0' {
		i++
	} else {
		i = run(i)
	}
	if i < len(l.in) && l.in[i] == '.' {
		i = run(i + 1)
	}
	if i < len(l.in) && (l.in[i] == 'e' || l.in[i] == 'E') {
		i++
		if i < len(l.in) && (l.in[i] == '+' || l.in[i] == '-') {
			i++
		}
		i = run(i)
	}
	for ; i < len(l.in) && isWord(l.in[i]); i++ {
		bad = true
	}
	if l.Stop = i; bad {
		return l.invalidToken()
	}
	return nil
}

// string reads a string from behind its opening quote.
func (l *Lexer) string(i int) error {
	from := i
	for ; i < len(l.in); i++ {
		switch c := l.in[i]; {
		case c == '"':
			l.str, l.Stop = l.in[from:i], i+1
			return nil
		case c == '\\':
			return l.escaped(from, i)
		case c < 0x20:
			return l.unescapedControl(i)
		}
	}
	l.Stop = i
	return l.invalidToken()
}

func (l *Lexer) unescapedControl(i int) error {
	l.Stop = i
	return l.fail(pgerr.InvalidTextRepresentation, invalidInput, "Character with value 0x%02x must be escaped.", l.in[i])
}

// escaped reads the rest of a string from its first backslash on.
func (l *Lexer) escaped(from, i int) error {
	var b strings.Builder
	if l.unescape {
		b.Grow(i - from + 16)
		b.WriteString(l.in[from:i])
	}
	high := rune(-1)
	for i < len(l.in) {
		c := l.in[i]
		switch {
		case c == '"':
			if high >= 0 {
				return l.loneSurrogate(i)
			}
			l.str, l.Stop = b.String(), i+1
			return nil
		case c < 0x20:
			return l.unescapedControl(i)
		case c != '\\':
			if high >= 0 {
				return l.loneSurrogate(i)
			}
			j := i
			for j < len(l.in) && l.in[j] != '"' && l.in[j] != '\\' && l.in[j] >= 0x20 {
				j++
			}
			if l.unescape {
				b.WriteString(l.in[i:j])
			}
			i = j
		case i+1 >= len(l.in):
			l.Stop = len(l.in)
			return l.invalidToken()
		case l.in[i+1] == 'u':
			var err error
			if high, err = l.unicode(i+2, high, &b); err != nil {
				return err
			}
			i += 6
		default:
			if high >= 0 {
				return l.loneSurrogate(i + 1)
			}
			plain := strings.IndexByte(`"\/bfnrt`, l.in[i+1])
			if plain < 0 {
				l.Start = i + 1
				l.Stop = l.charEnd(i + 1)
				return l.fail(pgerr.InvalidTextRepresentation, invalidInput, "Escape sequence \"\\%s\" is invalid.", l.Text())
			}
			if l.unescape {
				b.WriteByte("\"\\/\b\f\n\r\t"[plain])
			}
			i += 2
		}
	}
	l.Stop = len(l.in)
	return l.invalidToken()
}

// unicode reads four hexadecimal digits at i. A first surrogate is given back
// to wait for its second one.
func (l *Lexer) unicode(i int, high rune, b *strings.Builder) (rune, error) {
	ch := rune(0)
	for k := i; k < i+4; k++ {
		if k >= len(l.in) {
			l.Stop = len(l.in)
			return 0, l.invalidToken()
		}
		v := strings.IndexByte("0123456789abcdef", l.in[k]|0x20)
		if v < 0 || l.in[k] < '0' {
			l.Stop = l.charEnd(k)
			return 0, l.fail(pgerr.InvalidTextRepresentation, invalidInput, "\"\\u\" must be followed by four hexadecimal digits.")
		}
		ch = ch<<4 | rune(v)
	}
	if !l.unescape {
		return -1, nil
	}
	last := i + 3
	switch {
	case ch >= 0xd800 && ch < 0xdc00:
		if high >= 0 {
			l.Stop = last + 1
			return 0, l.fail(pgerr.InvalidTextRepresentation, invalidInput, "Unicode high surrogate must not follow a high surrogate.")
		}
		return ch, nil
	case ch >= 0xdc00 && ch < 0xe000:
		if high < 0 {
			return 0, l.loneSurrogate(last)
		}
		ch = (high&0x3ff)<<10 + (ch & 0x3ff) + 0x10000
	case high >= 0:
		return 0, l.loneSurrogate(last)
	case ch == 0:
		l.Stop = last + 1
		return 0, l.fail(pgerr.UntranslatableCharacter, "unsupported Unicode escape sequence", "\\u0000 cannot be converted to text.")
	}
	b.WriteRune(ch)
	return -1, nil
}

func (l *Lexer) loneSurrogate(i int) error {
	l.Stop = l.charEnd(i)
	return l.fail(pgerr.InvalidTextRepresentation, invalidInput, "Unicode low surrogate must follow a high surrogate.")
}

// charEnd is the end of the character at i.
func (l *Lexer) charEnd(i int) int {
	_, n := utf8.DecodeRuneInString(l.in[i:])
	return min(i+n, len(l.in))
}

const invalidInput = "invalid input syntax for type json"

func (l *Lexer) invalidToken() error {
	return l.fail(pgerr.InvalidTextRepresentation, invalidInput, "Token \"%s\" is invalid.", l.Text())
}

// Fail is the error of a token that is not what was expected, such as
// `":"`, `"," or "]"` or `JSON value`.
func (l *Lexer) Fail(expected string) error {
	if l.Kind == End {
		return l.fail(pgerr.InvalidTextRepresentation, invalidInput, "The input string ended unexpectedly.")
	}
	return l.fail(pgerr.InvalidTextRepresentation, invalidInput, "Expected %s, but found \"%s\".", expected, l.Text())
}

func (l *Lexer) fail(code pgerr.Code, msg, detail string, args ...any) error {
	return pgerr.New(code, "%s", msg).WithDetail(detail, args...).WithWhere("%s", l.context())
}

// context shows the line up to the token, the last 50 bytes of it.
func (l *Lexer) context() string {
	start, end := l.lineStart, l.Stop
	for end-start >= 50 {
		_, n := utf8.DecodeRuneInString(l.in[start:])
		start += n
	}
	prefix, suffix := "", ""
	if start-l.lineStart <= 3 {
		start = l.lineStart
	} else {
		prefix = "..."
	}
	if l.Kind != End && end < len(l.in) && l.in[end] != '\n' && l.in[end] != '\r' {
		suffix = "..."
	}
	return "JSON data, line " + itoa(l.line) + ": " + prefix + l.in[start:end] + suffix
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// MaxDepth bounds how deep values may be nested.
const MaxDepth = 6400

// TooDeep is the error of text that is nested deeper than MaxDepth.
func TooDeep() error {
	return pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded").
		WithHint("Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the platform's stack depth limit is adequate.")
}

// Check reads one JSON value to the end of the text and tells what is wrong.
func Check(text string) error {
	l := New(text, false)
	if err := l.Next(); err != nil {
		return err
	}
	if err := l.Skip(0); err != nil {
		return err
	}
	if l.Kind != End {
		return l.Fail("end of input")
	}
	return nil
}

// Skip passes the value whose first token is the current one.
func (l *Lexer) Skip(depth int) error {
	switch l.Kind {
	case String, Number, True, False, Null:
		return l.Next()
	case ObjectStart:
		return l.Object(depth, func(string) error { return l.Skip(depth + 1) })
	case ArrayStart:
		return l.Array(depth, func(int) error { return l.Skip(depth + 1) })
	}
	return l.Fail("JSON value")
}

// Object reads the object whose brace is the current token. It calls field with
// each key when the first token of its value is current; field passes the value.
func (l *Lexer) Object(depth int, field func(key string) error) error {
	if depth > MaxDepth {
		return TooDeep()
	}
	if err := l.Next(); err != nil {
		return err
	}
	if l.Kind != ObjectEnd && l.Kind != String {
		return l.Fail("string or \"}\"")
	}
	for l.Kind != ObjectEnd {
		if l.Kind != String {
			return l.Fail("string")
		}
		key := l.str
		if err := l.Next(); err != nil {
			return err
		}
		if l.Kind != Colon {
			return l.Fail("\":\"")
		}
		if err := l.Next(); err != nil {
			return err
		}
		if err := field(key); err != nil {
			return err
		}
		if l.Kind == Comma {
			if err := l.Next(); err != nil {
				return err
			}
			if l.Kind == ObjectEnd {
				return l.Fail("string")
			}
			continue
		}
		if l.Kind != ObjectEnd {
			return l.Fail("\",\" or \"}\"")
		}
	}
	return l.Next()
}

// Array reads the array whose bracket is the current token, as Object does.
func (l *Lexer) Array(depth int, elem func(i int) error) error {
	if depth > MaxDepth {
		return TooDeep()
	}
	if err := l.Next(); err != nil {
		return err
	}
	for i := 0; l.Kind != ArrayEnd; i++ {
		if err := elem(i); err != nil {
			return err
		}
		if l.Kind == Comma {
			if err := l.Next(); err != nil {
				return err
			}
			if l.Kind == ArrayEnd {
				return l.Fail("JSON value")
			}
			continue
		}
		if l.Kind != ArrayEnd {
			return l.Fail("\",\" or \"]\"")
		}
	}
	return l.Next()
}
