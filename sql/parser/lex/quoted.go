package lex

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

const unterminatedString = "unterminated quoted string"

// plainString scans '…', joined with what continues it on the next lines.
func (s *scanner) plainString(start int) bool {
	value, end, ok := s.plainBody(start, start+1)
	if !ok {
		return s.failNear(unterminatedString, start, len(s.src))
	}
	s.emit(String, start, end, value)
	return true
}

// plainBody reads a string without escapes whose first character is at i.
func (s *scanner) plainBody(start, i int) (value string, end int, ok bool) {
	n := strings.IndexByte(s.src[i:], '\'')
	if n < 0 {
		return "", 0, false
	}
	end = i + n + 1
	if s.at(end) != '\'' {
		if _, more := s.continued(end); !more {
			return s.src[i : i+n], end, true
		}
	}
	var b strings.Builder
	for {
		n := strings.IndexByte(s.src[i:], '\'')
		if n < 0 {
			return "", 0, false
		}
		b.WriteString(s.src[i : i+n])
		i += n + 1
		if s.at(i) == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		next, more := s.continued(i)
		if !more {
			return b.String(), i, true
		}
		i = next
	}
}

// continued tells whether the string that ended before i goes on after blanks
// with a line break, and where.
func (s *scanner) continued(i int) (next int, more bool) {
	newline := false
	for i < len(s.src) {
		switch c := s.src[i]; {
		case c == '\n' || c == '\r':
			newline = true
			i++
		case classes[c] == space:
			i++
		case c == '-' && s.at(i+1) == '-':
			n := strings.IndexAny(s.src[i:], "\n\r")
			if n < 0 {
				return 0, false
			}
			i += n
		case c == '\'':
			return i + 1, newline
		default:
			return 0, false
		}
	}
	return 0, false
}

// bitString scans B'…' and X'…'; the digits are checked by the type's input.
func (s *scanner) bitString(start int, k Kind, unterminated string) bool {
	var b strings.Builder
	b.WriteByte(s.src[start] | 0x20)
	for i := start + 2; ; {
		n := strings.IndexByte(s.src[i:], '\'')
		if n < 0 {
			return s.failNear(unterminated, start, len(s.src))
		}
		b.WriteString(s.src[i : i+n])
		i += n + 1
		next, more := s.continued(i)
		if !more {
			s.emit(k, start, i, b.String())
			return true
		}
		i = next
	}
}

// dollarString scans $tag$…$tag$ whose text begins at i.
func (s *scanner) dollarString(start, i int) bool {
	tag := s.src[start:i]
	n := strings.Index(s.src[i:], tag)
	if n < 0 {
		return s.failNear("unterminated dollar-quoted string", start, len(s.src))
	}
	s.emit(String, start, i+n+len(tag), s.src[i:i+n])
	return true
}

// escapeString scans E'…'.
func (s *scanner) escapeString(start int) bool {
	var b strings.Builder
	check := false // an escape may have made the value invalid UTF-8
	for i := start + 2; i < len(s.src); {
		switch c := s.src[i]; {
		case c == '\\':
			n, ok := s.escape(&b, start, i, &check)
			if !ok {
				return false
			}
			i = n
		case c == '\'' && s.at(i+1) == '\'':
			b.WriteByte('\'')
			i += 2
		case c == '\'':
			i++
			if next, more := s.continued(i); more {
				i = next
				continue
			}
			return s.emitChecked(start, i, b.String(), check)
		default:
			b.WriteByte(c)
			i++
		}
	}
	return s.failNear(unterminatedString, start, len(s.src))
}

// emitChecked emits a string whose escapes may have made it invalid.
func (s *scanner) emitChecked(start, end int, value string, check bool) bool {
	if check {
		if err := ValidText(value); err != nil {
			return s.fail(start, err)
		}
	}
	s.emit(String, start, end, value)
	return true
}

// escape decodes the escape sequence at i and gives the place behind it.
func (s *scanner) escape(b *strings.Builder, start, i int, check *bool) (next int, ok bool) {
	if i+1 >= len(s.src) {
		return 0, s.failNear(unterminatedString, start, len(s.src))
	}
	c := s.src[i+1]
	switch {
	case '0' <= c && c <= '7':
		v, n := 0, i+1
		for ; n < i+4 && '0' <= s.at(n) && s.at(n) <= '7'; n++ {
			v = v<<3 | int(s.src[n]-'0')
		}
		return n, writeByte(b, byte(v), check)
	case c == 'x' && isHex(s.at(i+2)):
		v, n := 0, i+2
		for ; n < i+4 && isHex(s.at(n)); n++ {
			v = v<<4 | hexValue(s.src[n])
		}
		return n, writeByte(b, byte(v), check)
	case c == 'u' || c == 'U':
		return s.unicodeEscape(b, i)
	}
	return i + 2, writeByte(b, unescaped(c), check)
}

// writeByte writes what an escape stands for; it is always true.
func writeByte(b *strings.Builder, c byte, check *bool) bool {
	if c == 0 || c >= 0x80 {
		*check = true
	}
	b.WriteByte(c)
	return true
}

func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func hexValue(c byte) int {
	if isDigit(c) {
		return int(c - '0')
	}
	return int(c|0x20-'a') + 10
}

// ValidText tells why a text cannot be a value or a query: PostgreSQL's report
// of the first bytes that are no character, or nil.
func ValidText(text string) *pgerr.Error {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == 0 || r == utf8.RuneError && n == 1 {
			return invalidBytes(text[i:])
		}
		i += n
	}
	return nil
}

// invalidBytes is report_invalid_encoding(): the bytes that the first one
// announces, as far as they are there.
func invalidBytes(text string) *pgerr.Error {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for i := 0; i < sequenceLength(text[0]) && i < len(text); i++ {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("0x")
		b.WriteByte(digits[text[i]>>4])
		b.WriteByte(digits[text[i]&15])
	}
	return pgerr.New(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": %s", b.String())
}

// sequenceLength is pg_utf_mblen().
func sequenceLength(c byte) int {
	switch {
	case c&0xe0 == 0xc0:
		return 2
	case c&0xf0 == 0xe0:
		return 3
	case c&0xf8 == 0xf0:
		return 4
	}
	return 1
}
