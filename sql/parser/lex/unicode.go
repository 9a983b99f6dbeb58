package lex

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

const badSurrogate = "invalid Unicode surrogate pair"

func isHighSurrogate(r rune) bool { return 0xd800 <= r && r <= 0xdbff }

func isLowSurrogate(r rune) bool { return 0xdc00 <= r && r <= 0xdfff }

func joinSurrogates(high, low rune) rune { return 0x10000 + (high&0x3ff)<<10 + low&0x3ff }

// unicodeEscape decodes \uXXXX or \UXXXXXXXX at i, with its second half if it
// is a surrogate.
func (s *scanner) unicodeEscape(b *strings.Builder, i int) (next int, ok bool) {
	r, next, ok := s.codePoint(i)
	if !ok {
		return 0, false
	}
	if isLowSurrogate(r) {
		return 0, s.failNear(badSurrogate, i, next)
	}
	first := i
	if isHighSurrogate(r) {
		first = next
		if next >= len(s.src) || s.src[next] != '\\' || s.at(next+1)|0x20 != 'u' {
			_, n := utf8.DecodeRuneInString(s.src[next:])
			return 0, s.failNear(badSurrogate, next, next+n)
		}
		low, end, ok := s.codePoint(next)
		if !ok {
			return 0, false
		}
		if !isLowSurrogate(low) {
			return 0, s.failNear(badSurrogate, next, end)
		}
		r, next = joinSurrogates(r, low), end
	}
	if r <= 0 || r > utf8.MaxRune {
		return 0, s.failNear("invalid Unicode escape value", first, next)
	}
	b.WriteRune(r)
	return next, true
}

// codePoint reads the digits of the escape \u or \U at i.
func (s *scanner) codePoint(i int) (r rune, next int, ok bool) {
	n := 4
	if s.src[i+1] == 'U' {
		n = 8
	}
	var v uint32
	for j := i + 2; j < i+2+n; j++ {
		if !isHex(s.at(j)) {
			return 0, 0, s.fail(i, pgerr.New(pgerr.InvalidEscapeSequence, "invalid Unicode escape").At(int32(i)).
				WithHint(`Unicode escapes must be \uXXXX or \UXXXXXXXX.`))
		}
		v = v<<4 | uint32(hexValue(s.src[j]))
	}
	if v > utf8.MaxRune {
		v = utf8.MaxRune + 1
	}
	return rune(v), i + 2 + n, true
}

// unicodeString scans U&'…' [UESCAPE 'c'].
func (s *scanner) unicodeString(start int) bool {
	raw, end, ok := s.plainBody(start, start+3)
	if !ok {
		return s.failNear(unterminatedString, start, len(s.src))
	}
	value, end, ok := s.uescape(raw, start, end)
	if !ok {
		return false
	}
	s.emit(String, start, end, value)
	return true
}

// uescape decodes the U& literal at start, whose raw text ends at end, with
// the escape character of a UESCAPE clause if one follows.
func (s *scanner) uescape(raw string, start, end int) (value string, next int, ok bool) {
	c, next, ok := s.uescapeClause(end)
	if !ok {
		return "", 0, false
	}
	value, at, err := decodeUnicode(raw, c)
	if err != nil {
		return "", 0, s.fail(start, err.At(int32(start+3+at)))
	}
	return value, next, true
}

// uescapeClause reads UESCAPE 'c' behind a literal that ended at end. Without
// one, the character is a backslash and next is end.
func (s *scanner) uescapeClause(end int) (c byte, next int, ok bool) {
	ahead := scanner{src: s.src, pos: end}
	if ahead.oneToken(); len(ahead.tokens) == 0 || !ahead.tokens[0].Is(keyword.Uescape) {
		return '\\', end, true
	}
	if ahead.oneToken(); ahead.err != nil {
		return 0, 0, s.fail(end, ahead.err)
	}
	t := ahead.tokens[len(ahead.tokens)-1]
	if t.Kind != String {
		return 0, 0, s.failNear("UESCAPE must be followed by a simple string literal", int(t.Pos), int(t.End))
	}
	if len(t.Str) != 1 || !isEscapeChar(t.Str[0]) {
		return 0, 0, s.failNear("invalid Unicode escape character", int(t.Pos), int(t.End))
	}
	return t.Str[0], int(t.End), true
}

// oneToken scans up to and including the next token.
func (s *scanner) oneToken() {
	for n := len(s.tokens); len(s.tokens) == n && s.next(); {
	}
}

func isEscapeChar(c byte) bool {
	return !isHex(c) && c != '+' && c != '\'' && c != '"' && classes[c] != space
}

// decodeUnicode replaces the escapes of a U& literal. On an error, at is where
// in raw it lies.
func decodeUnicode(raw string, escape byte) (value string, at int, err *pgerr.Error) {
	if strings.IndexByte(raw, escape) < 0 {
		return raw, 0, nil
	}
	var b strings.Builder
	var high rune
	pairError := func(at int) (string, int, *pgerr.Error) {
		return "", at, pgerr.New(pgerr.SyntaxError, badSurrogate)
	}
	for i := 0; i < len(raw); {
		if raw[i] != escape {
			if high != 0 {
				return pairError(i)
			}
			b.WriteByte(raw[i])
			i++
			continue
		}
		if i+1 < len(raw) && raw[i+1] == escape {
			if high != 0 {
				return pairError(i)
			}
			b.WriteByte(escape)
			i += 2
			continue
		}
		r, n, err := escapedRune(raw[i:])
		switch {
		case err != nil:
			return "", i, err
		case high != 0 && !isLowSurrogate(r), high == 0 && isLowSurrogate(r):
			return pairError(i)
		case high != 0:
			b.WriteRune(joinSurrogates(high, r))
			high = 0
		case isHighSurrogate(r):
			high = r
		default:
			b.WriteRune(r)
		}
		i += n
	}
	if high != 0 {
		return pairError(len(raw))
	}
	return b.String(), 0, nil
}

// escapedRune decodes \XXXX or \+XXXXXX at the start of text, whatever the
// escape character is, and gives its length.
func escapedRune(text string) (r rune, n int, err *pgerr.Error) {
	digits, n := text[1:], 5
	if strings.HasPrefix(digits, "+") {
		digits, n = digits[1:], 8
	}
	count := n - (len(text) - len(digits))
	if len(digits) < count {
		return 0, 0, badUnicodeEscape()
	}
	for i := 0; i < count; i++ {
		if !isHex(digits[i]) {
			return 0, 0, badUnicodeEscape()
		}
		r = r<<4 | rune(hexValue(digits[i]))
	}
	if r == 0 || r > utf8.MaxRune {
		return 0, 0, pgerr.New(pgerr.SyntaxError, "invalid Unicode escape value")
	}
	return r, n, nil
}

func badUnicodeEscape() *pgerr.Error {
	return pgerr.New(pgerr.SyntaxError, "invalid Unicode escape").
		WithHint(`Unicode escapes must be \XXXX or \+XXXXXX.`)
}
