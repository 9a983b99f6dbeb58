package lex

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// maxIdent is the longest identifier in bytes, PostgreSQL's NAMEDATALEN - 1.
const maxIdent = 63

// word scans a key word, an identifier, or a literal with a letter before its
// quote.
func (s *scanner) word(start int) bool {
	switch next := s.at(start + 1); next {
	case '\'':
		switch s.src[start] | 0x20 {
		case 'b':
			return s.bitString(start, Bits, "unterminated bit string literal")
		case 'x':
			return s.bitString(start, Hex, "unterminated hexadecimal string literal")
		case 'e':
			return s.escapeString(start)
		case 'n':
			s.tokens = append(s.tokens, Token{
				Kind: Keyword, Keyword: keyword.Nchar, Str: keyword.Nchar.Word(), Pos: int32(start), End: int32(start + 1),
			})
			s.pos = start + 1
			return true
		}
	case '&':
		if s.src[start]|0x20 == 'u' {
			switch s.at(start + 2) {
			case '\'':
				return s.unicodeString(start)
			case '"':
				return s.unicodeIdent(start)
			}
		}
	}
	end := s.identEnd(start + 1)
	text := s.src[start:end]
	if id := keyword.Lookup(text); id != keyword.NotKeyword {
		s.emit(Keyword, start, end, id.Word())
		s.tokens[len(s.tokens)-1].Keyword = id
		return true
	}
	s.emit(Ident, start, end, s.truncate(Fold(text), start))
	return true
}

// Fold lowers the ASCII letters of an unquoted identifier.
func Fold(text string) string {
	for i := 0; i < len(text); i++ {
		if 'A' <= text[i] && text[i] <= 'Z' {
			return foldFrom(text, i)
		}
	}
	return text
}

func foldFrom(text string, i int) string {
	b := []byte(text)
	for ; i < len(b); i++ {
		if 'A' <= b[i] && b[i] <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

// Truncate cuts a name to the longest identifier, between characters.
func Truncate(name string) string {
	if len(name) <= maxIdent {
		return name
	}
	n := maxIdent
	for n > 0 && !utf8.RuneStart(name[n]) {
		n--
	}
	return name[:n]
}

// truncate cuts a name to the longest identifier and leaves a notice.
func (s *scanner) truncate(name string, start int) string {
	if len(name) <= maxIdent {
		return name
	}
	cut := Truncate(name)
	s.notices = append(s.notices, Notice{
		Pos:    int32(start),
		Report: pgerr.Notice(pgerr.NameTooLong, "identifier \"%s\" will be truncated to \"%s\"", name, cut),
	})
	return cut
}

// quotedIdent scans "…".
func (s *scanner) quotedIdent(start int) bool {
	name, end, ok := s.identBody(start, start+1)
	if !ok {
		return false
	}
	s.emit(Ident, start, end, s.truncate(name, start))
	s.tokens[len(s.tokens)-1].Quoted = true
	return true
}

// unicodeIdent scans U&"…" [UESCAPE 'c'].
func (s *scanner) unicodeIdent(start int) bool {
	raw, end, ok := s.identBody(start, start+3)
	if !ok {
		return false
	}
	name, end, ok := s.uescape(raw, start, end)
	if !ok {
		return false
	}
	s.emit(Ident, start, end, s.truncate(name, start))
	s.tokens[len(s.tokens)-1].Quoted = true
	return true
}

// identBody reads a quoted identifier whose first character is at i.
func (s *scanner) identBody(start, i int) (name string, end int, ok bool) {
	n := strings.IndexByte(s.src[i:], '"')
	if n >= 0 && s.at(i+n+1) != '"' { // no doubled quote
		name, end = s.src[i:i+n], i+n+1
	} else {
		var b strings.Builder
		for {
			n := strings.IndexByte(s.src[i:], '"')
			if n < 0 {
				return "", 0, s.failNear("unterminated quoted identifier", start, len(s.src))
			}
			b.WriteString(s.src[i : i+n])
			i += n + 1
			if s.at(i) != '"' {
				break
			}
			b.WriteByte('"')
			i++
		}
		name, end = b.String(), i
	}
	if name == "" {
		return "", 0, s.failNear("zero-length delimited identifier", start, end)
	}
	return name, end, true
}
