package slt

import "strings"

// token is a piece of SQL that means something: a word (in lower case), or one
// other character. Literals, quoted names and comments are passed over.
type token struct {
	text     string
	from, to int
	depth    int // of parentheses
}

// scan cuts SQL into tokens. It knows PostgreSQL's quoting, not its grammar.
func scan(sql string) []token {
	s := scanner{sql: sql}
	for s.at < len(sql) {
		s.next()
	}
	return s.out
}

type scanner struct {
	sql   string
	at    int
	depth int
	out   []token
}

func (s *scanner) next() {
	rest := s.sql[s.at:]
	c := rest[0]
	switch {
	case strings.HasPrefix(rest, "--"):
		s.skipTo("\n", 2)
	case strings.HasPrefix(rest, "/*"):
		s.blockComment()
	case c == '\'':
		s.quoted('\'', s.escapes())
	case c == '"':
		s.quoted('"', false)
	case c == '$' && s.dollar() != "":
		tag := s.dollar()
		s.skipTo(tag, len(tag))
	case wordByte(c):
		s.word()
	case c <= ' ':
		s.at++
	default:
		s.symbol(c)
	}
}

func wordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

func (s *scanner) word() {
	from := s.at
	for s.at < len(s.sql) && (wordByte(s.sql[s.at]) || s.sql[s.at] == '$') {
		s.at++
	}
	s.out = append(s.out, token{strings.ToLower(s.sql[from:s.at]), from, s.at, s.depth})
}

func (s *scanner) symbol(c byte) {
	if c == ')' || c == ']' {
		s.depth--
	}
	s.out = append(s.out, token{string(c), s.at, s.at + 1, s.depth})
	if c == '(' || c == '[' {
		s.depth++
	}
	s.at++
}

// escapes tells whether the quote at hand opens a string with
// backslash escapes.
func (s *scanner) escapes() bool {
	n := len(s.out)
	return n > 0 && s.out[n-1].text == "e" && s.out[n-1].to == s.at
}

func (s *scanner) quoted(q byte, backslash bool) {
	for s.at++; s.at < len(s.sql); s.at++ {
		switch {
		case backslash && s.sql[s.at] == '\\':
			s.at++
		case s.sql[s.at] == q:
			s.at++
			return
		}
	}
}

// dollar gives the tag of a dollar-quoted string that begins here.
func (s *scanner) dollar() string {
	end := strings.IndexByte(s.sql[s.at+1:], '$')
	if end < 0 {
		return ""
	}
	tag := s.sql[s.at+1 : s.at+1+end]
	for i := range len(tag) {
		if !wordByte(tag[i]) || i == 0 && tag[0] >= '0' && tag[0] <= '9' {
			return ""
		}
	}
	return "$" + tag + "$"
}

func (s *scanner) skipTo(end string, skip int) {
	i := strings.Index(s.sql[s.at+skip:], end)
	if i < 0 {
		s.at = len(s.sql)
		return
	}
	s.at += skip + i + len(end)
}

func (s *scanner) blockComment() {
	level := 0
	for s.at < len(s.sql) {
		switch rest := s.sql[s.at:]; {
		case strings.HasPrefix(rest, "/*"):
			level++
			s.at += 2
		case strings.HasPrefix(rest, "*/"):
			level--
			s.at += 2
		default:
			s.at++
		}
		if level == 0 {
			return
		}
	}
}

// Split cuts a text at the semicolons between statements; the pieces have no
// semicolon at their end. BEGIN ATOMIC bodies are not known.
func Split(sql string) []string {
	var out []string
	start, some := 0, false
	for _, t := range scan(sql) {
		if t.text == ";" && t.depth == 0 {
			if some {
				out = append(out, strings.TrimSpace(sql[start:t.from]))
			}
			start, some = t.to, false
			continue
		}
		some = true
	}
	if tail := strings.TrimSpace(sql[start:]); some {
		out = append(out, tail)
	}
	return out
}

// single tells whether SQL is one statement.
func single(sql string) bool {
	ts := scan(sql)
	for i, t := range ts {
		if t.text == ";" && t.depth == 0 && i < len(ts)-1 {
			return false
		}
	}
	return len(ts) > 0
}

// ordered tells whether SQL has an ORDER BY outside parentheses.
func ordered(sql string) bool {
	ts := scan(sql)
	for i := 1; i < len(ts); i++ {
		if ts[i].text == "by" && ts[i].depth == 0 && ts[i-1].text == "order" {
			return true
		}
	}
	return false
}

// verb gives the first word of a statement.
func verb(sql string) string {
	for _, t := range scan(sql) {
		if t.text != "(" {
			return t.text
		}
	}
	return ""
}
