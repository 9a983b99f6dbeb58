package lex

import "strings"

// operatorOrComment scans what begins with an operator character.
func (s *scanner) operatorOrComment(start int) bool {
	c, d := s.src[start], s.at(start+1)
	switch {
	case c == '-' && d == '-':
		s.lineComment(start)
		return true
	case c == '/' && d == '*':
		return s.blockComment(start)
	}
	s.operator(start)
	if last := &s.tokens[len(s.tokens)-1]; last.Kind == Op && last.End-last.Pos >= maxIdent+1 {
		s.tokens = s.tokens[:len(s.tokens)-1]
		return s.failNear("operator too long", start, int(last.End))
	}
	return true
}

func (s *scanner) lineComment(start int) {
	end := strings.IndexAny(s.src[start:], "\n\r")
	if end < 0 {
		s.pos = len(s.src)
		return
	}
	s.pos = start + end
}

// blockComment skips a comment, which may hold others.
func (s *scanner) blockComment(start int) bool {
	depth, i := 1, start+2
	for depth > 0 {
		n := strings.IndexAny(s.src[i:], "*/")
		if n < 0 {
			return s.failNear("unterminated /* comment", start, len(s.src))
		}
		i += n
		switch {
		case s.src[i] == '/' && s.at(i+1) == '*':
			depth++
			i += 2
		case s.src[i] == '*' && s.at(i+1) == '/':
			depth--
			i += 2
		default:
			i++
		}
	}
	s.pos = i
	return true
}

// operator scans an operator. It ends before a comment, and an operator of
// several characters may end in + or - only if it holds a character that SQL's
// own operators do not have.
func (s *scanner) operator(start int) {
	end := start
	extended := false
	for end < len(s.src) && classes[s.src[end]] == operator {
		c, d := s.src[end], s.at(end+1)
		if c == '-' && d == '-' || c == '/' && d == '*' {
			break
		}
		if strings.IndexByte("~!@#^&|`?%", c) >= 0 {
			extended = true
		}
		end++
	}
	if !extended {
		for end > start+1 && (s.src[end-1] == '+' || s.src[end-1] == '-') {
			end--
		}
	}
	text := s.src[start:end]
	s.emit(operatorKind(text), start, end, text)
}

func operatorKind(text string) Kind {
	if len(text) == 1 && strings.IndexByte("+-*/%^<>=", text[0]) >= 0 {
		return Kind(text[0])
	}
	switch text {
	case "=>":
		return EqualsGreater
	case ">=":
		return GreaterEquals
	case "<=":
		return LessEquals
	case "<>", "!=":
		return NotEquals
	}
	return Op
}
