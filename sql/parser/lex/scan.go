package lex

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Result is what Scan found.
type Result struct {
	// Tokens end with an EOF token, or with an Invalid one, at which Err is to
	// be reported if the grammar gets that far.
	Tokens  []Token
	Err     *pgerr.Error
	Notices []Notice
}

// Notice is a report that does not stop the statement it lies in.
type Notice struct {
	Pos    int32
	Report *pgerr.Error
}

// Scan splits sql, which must be valid UTF-8 without NUL, into tokens. They
// are appended to buf. Token strings are parts of sql where nothing had to be
// unescaped or folded.
func Scan(sql string, buf []Token) Result {
	s := scanner{src: sql, tokens: buf}
	for s.next() {
	}
	return Result{Tokens: s.tokens, Err: s.err, Notices: s.notices}
}

// Near is PostgreSQL's wording of an error at the text [pos, end) of sql:
// "message at or near …", or "… at end of input" where nothing is left.
func Near(sql, message string, pos, end int32) *pgerr.Error {
	if int(pos) >= len(sql) {
		return pgerr.New(pgerr.SyntaxError, "%s at end of input", message).At(int32(len(sql)))
	}
	return pgerr.New(pgerr.SyntaxError, "%s at or near \"%s\"", message, sql[pos:end]).At(pos)
}

type scanner struct {
	src     string
	pos     int
	tokens  []Token
	err     *pgerr.Error
	notices []Notice
}

// class is what a byte can begin.
type class uint8

const (
	other class = iota
	space
	letter
	digit
	self     // a token of its own, never part of an operator
	operator // an operator character
	quote
	dquote
	dollar
	dot
	colon
)

var classes [256]class

func init() {
	for c := 0; c < 256; c++ {
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			classes[c] = space
		case c == '_' || c >= 0x80 || isLetter(byte(c)):
			classes[c] = letter
		case '0' <= c && c <= '9':
			classes[c] = digit
		}
	}
	for _, c := range []byte(",()[];") {
		classes[c] = self
	}
	for _, c := range []byte("~!@#^&|`?+-*/%<>=") {
		classes[c] = operator
	}
	classes['\''], classes['"'], classes['$'], classes['.'], classes[':'] = quote, dquote, dollar, dot, colon
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isIdentCont tells whether c continues an identifier.
func isIdentCont(c byte) bool {
	k := classes[c]
	return k == letter || k == digit || k == dollar
}

// at is the byte at i, 0 past the end.
func (s *scanner) at(i int) byte {
	if i < len(s.src) {
		return s.src[i]
	}
	return 0
}

// emit appends the token [start, end) and moves behind it.
func (s *scanner) emit(k Kind, start, end int, str string) {
	s.tokens = append(s.tokens, Token{Kind: k, Str: str, Pos: int32(start), End: int32(end)})
	s.pos = end
}

// fail ends the scan with an Invalid token at start.
func (s *scanner) fail(start int, err *pgerr.Error) bool {
	s.err = err
	s.tokens = append(s.tokens, Token{Kind: Invalid, Pos: int32(start), End: int32(len(s.src))})
	return false
}

// failNear ends the scan with message "… at or near" the text [start, end).
func (s *scanner) failNear(message string, start, end int) bool {
	return s.fail(start, Near(s.src, message, int32(start), int32(end)))
}

// next scans one token and tells whether there may be more.
func (s *scanner) next() bool {
	for s.pos < len(s.src) && classes[s.src[s.pos]] == space {
		s.pos++
	}
	if s.pos >= len(s.src) {
		s.emit(EOF, len(s.src), len(s.src), "")
		return false
	}
	start, c := s.pos, s.src[s.pos]
	switch classes[c] {
	case letter:
		return s.word(start)
	case digit:
		return s.number(start)
	case self:
		s.emit(Kind(c), start, start+1, "")
	case operator:
		return s.operatorOrComment(start)
	case quote:
		return s.plainString(start)
	case dquote:
		return s.quotedIdent(start)
	case dollar:
		return s.dollar(start)
	case dot:
		return s.dot(start)
	case colon:
		s.colon(start)
	default:
		s.emit(Kind(c&0x7f), start, start+1, "")
	}
	return true
}

func (s *scanner) dot(start int) bool {
	switch {
	case isDigit(s.at(start + 1)):
		return s.number(start)
	case s.at(start+1) == '.':
		s.emit(DotDot, start, start+2, "")
	default:
		s.emit('.', start, start+1, "")
	}
	return true
}

func (s *scanner) colon(start int) {
	switch s.at(start + 1) {
	case ':':
		s.emit(Typecast, start, start+2, "")
	case '=':
		s.emit(ColonEquals, start, start+2, "")
	default:
		s.emit(':', start, start+1, "")
	}
}

// dollar scans $n, $tag$…$tag$, or a lone $.
func (s *scanner) dollar(start int) bool {
	i := start + 1
	if isDigit(s.at(i)) {
		for isDigit(s.at(i)) {
			i++
		}
		if i < len(s.src) && classes[s.src[i]] == letter {
			return s.failNear("trailing junk after parameter", start, s.identEnd(i))
		}
		s.emit(Param, start, i, s.src[start+1:i])
		return true
	}
	if i < len(s.src) && classes[s.src[i]] == letter {
		for i < len(s.src) && (classes[s.src[i]] == letter || isDigit(s.src[i])) {
			i++
		}
	}
	if s.at(i) == '$' {
		return s.dollarString(start, i+1)
	}
	s.emit('$', start, start+1, "")
	return true
}

func (s *scanner) identEnd(i int) int {
	for i < len(s.src) && isIdentCont(s.src[i]) {
		i++
	}
	return i
}
