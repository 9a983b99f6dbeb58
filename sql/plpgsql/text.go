package plpgsql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// What is SQL within a body: the tokens up to what ends it, checked by SQL's parser.

// skipTo goes over tokens up to one of the given ones outside parentheses.
func (p *reader) skipTo(ends ...string) (from, to int32) {
	from = p.tok().Pos
	depth := 0
	for {
		t := p.tok()
		if t.Kind == lex.Invalid && p.lexErr != nil {
			panic(p.lexErr)
		}
		if depth == 0 && p.ends(t, ends) {
			break
		}
		switch t.Kind {
		case '(', '[':
			depth++
		case ')', ']':
			if depth--; depth < 0 {
				panic(fail(t.Pos, "mismatched parentheses at or near \"%s\"", p.src[t.Pos:t.End]))
			}
		case ';', lex.EOF:
			if depth > 0 {
				panic(p.near("mismatched parentheses"))
			}
			panic(p.missing(ends))
		}
		p.next()
	}
	to = p.tok().Pos
	if p.at > 0 && p.tok().Pos > from {
		to = p.tokens[p.at-1].End
	}
	return from, to
}

// missing is the error of a construct that nothing ends.
func (p *reader) missing(ends []string) *pgerr.Error {
	what := map[string]string{"then": "missing \"THEN\" at end of SQL expression", "loop": "missing \"LOOP\" at end of SQL expression"}[ends[0]]
	if what == "" {
		return p.unexpected()
	}
	return p.near(what)
}

func (p *reader) ends(t *lex.Token, ends []string) bool {
	w := word(t)
	for _, e := range ends {
		switch {
		case e == "..":
			if t.Kind == lex.DotDot {
				return true
			}
		case e == ":=":
			if t.Kind == lex.ColonEquals || t.Kind == '=' {
				return true
			}
		case len(e) == 1:
			if t.Kind == lex.Kind(e[0]) {
				return true
			}
		case w == e:
			return true
		}
	}
	return false
}

// newExpr makes an expression of a text of the body.
func (p *reader) newExpr(prefix, text string, pos int32) *Expr {
	p.exprs++
	return &Expr{Text: prefix + text, Prefix: len(prefix), Pos: pos, Scope: p.scope, seen: len(p.scope.names), ID: p.exprs - 1}
}

// expr reads an expression up to what ends it, which stays.
func (p *reader) expr(ends ...string) *Expr {
	from, to := p.skipTo(ends...)
	if to <= from {
		if ends[0] == ";" || p.tok().Kind == lex.EOF {
			panic(p.near("syntax error"))
		}
		panic(p.near("missing expression"))
	}
	e := p.newExpr("SELECT ", p.src[from:to], from)
	p.check(e)
	return e
}

// sql reads a statement of SQL up to what ends it, which stays.
func (p *reader) sql(ends ...string) *Expr {
	from, to := p.skipTo(ends...)
	if to <= from {
		panic(p.near("missing SQL statement"))
	}
	e := p.newExpr("", p.src[from:to], from)
	p.check(e)
	return e
}

// check has SQL's parser look at a text.
func (p *reader) check(e *Expr) {
	list, err := parser.Parse(e.Text)
	if err != nil {
		panic(e.placed(err))
	}
	if len(list) != 1 {
		panic(fail(e.Pos, "syntax error at or near \"%s\"", e.Source()))
	}
}

// placed moves the place of an error in the text into the body.
func (e *Expr) placed(err error) *pgerr.Error {
	c := *pgerr.From(err)
	if c.Pos > 0 {
		c.Pos += e.Pos - int32(e.Prefix)
	}
	return &c
}

// lexSource is the text of the tokens from one on up to the next one.
func (p *reader) source(from int32) string {
	if p.at == 0 {
		return ""
	}
	return p.src[from:p.tokens[p.at-1].End]
}

// target reads what a value is assigned to.
func (p *reader) target() Target {
	first := p.tok()
	parts := []string{p.targetName()}
	for p.isChar('.') {
		p.next()
		parts = append(parts, p.field())
	}
	v, used := p.scope.Find(parts)
	if v == nil {
		panic(fail(first.Pos, "\"%s\" is not a known variable", strings.Join(parts, ".")))
	}
	t := Target{Var: v.Number, Field: parts[used:], Pos: first.Pos}
	if v.Const {
		panic(pgerr.New(pgerr.ErrorInAssignment, "variable \"%s\" is declared CONSTANT", v.Name).At(first.Pos))
	}
	for p.acceptChar('[') {
		t.Subs = append(t.Subs, p.subscript())
	}
	t.Text = p.source(first.Pos)
	return t
}

func (p *reader) subscript() Subscript {
	var s Subscript
	if !p.isChar(':') {
		s.At = p.expr("]", ":")
	}
	if p.acceptChar(':') {
		s.Slice = true
		if !p.isChar(']') {
			s.To = p.expr("]")
		}
	}
	p.expectChar(']')
	return s
}

// targetName reads a variable's name, $1 among them.
func (p *reader) targetName() string {
	if t := p.tok(); t.Kind == lex.Param {
		p.next()
		return "$" + t.Str
	}
	return p.name()
}

// field reads a name behind a dot: any word.
func (p *reader) field() string {
	t := p.tok()
	if t.Kind != lex.Ident && t.Kind != lex.Keyword {
		panic(p.unexpected())
	}
	p.next()
	return t.Str
}

// intoTargets reads what INTO fills.
func (p *reader) intoTargets() (list []Target, strict bool) {
	strict = p.accept("strict")
	for {
		t := p.tok()
		if t.Kind != lex.Ident && t.Kind != lex.Keyword && t.Kind != lex.Param {
			panic(p.unexpected())
		}
		list = append(list, p.target())
		if !p.acceptChar(',') {
			return list, strict
		}
	}
}

// sqlStatement reads a statement of SQL, whose INTO is PL/pgSQL's.
func (p *reader) sqlStatement(line Line) Stmt {
	s := &SQL{Line: line, Word: word(p.tok())}
	from := p.tok().Pos
	depth := 0
	var prev string
	var cut [][2]int32
	for {
		t := p.tok()
		w := word(t)
		switch {
		case t.Kind == lex.Invalid && p.lexErr != nil:
			panic(p.lexErr)
		case t.Kind == ';' && depth == 0:
			p.finishSQL(s, from, cut)
			return s
		case t.Kind == lex.EOF, t.Kind == ';':
			panic(p.unexpected())
		case t.Kind == '(' || t.Kind == '[':
			depth++
		case t.Kind == ')' || t.Kind == ']':
			depth--
		case w == "into" && depth == 0 && intoIsOurs(s.Word, prev):
			if s.HasInto {
				panic(p.near("INTO specified more than once"))
			}
			start := t.Pos
			p.next()
			s.HasInto = true
			s.Into, s.Strict = p.intoTargets()
			cut = append(cut, [2]int32{start, p.tokens[p.at-1].End})
			prev = ""
			continue
		}
		prev = w
		p.next()
	}
}

// intoIsOurs tells PL/pgSQL's INTO from SQL's.
func intoIsOurs(first, prev string) bool {
	return prev != "insert" && prev != "merge" && first != "import" && first != "create"
}

// finishSQL makes the statement's text, with blanks in place of INTO.
func (p *reader) finishSQL(s *SQL, from int32, cut [][2]int32) {
	text := []byte(p.src[from:p.tokens[p.at-1].End])
	for _, c := range cut {
		for i := c[0]; i < c[1]; i++ {
			if text[i-from] != '\n' {
				text[i-from] = ' '
			}
		}
	}
	s.Stmt = p.newExpr("", strings.TrimRight(string(text), " \n"), from)
	list, err := parser.Parse(s.Stmt.Text)
	if err != nil {
		panic(s.Stmt.placed(err))
	}
	if s.HasInto && len(list) == 1 && !givesRows(list[0].Stmt) {
		panic(fail(cut[0][0], "INTO used with a command that cannot return data"))
	}
	p.expectChar(';')
}

// givesRows tells statements that can give rows.
func givesRows(st ast.Stmt) bool {
	switch st.(type) {
	case *ast.CreateTable, *ast.CreateFunction:
		return false
	}
	return true
}

// isAssignment tells whether an assignment begins here.
func (p *reader) isAssignment() bool {
	n := 0
	t := p.peek(0)
	if t.Kind != lex.Ident && t.Kind != lex.Keyword && t.Kind != lex.Param {
		return false
	}
	for {
		n++
		switch t := p.peek(n); {
		case t.Kind == '.':
			n++
		case t.Kind == '[':
			if n = p.closing(n); n < 0 {
				return false
			}
		default:
			return t.Kind == lex.ColonEquals || t.Kind == '='
		}
	}
}

// closing finds the bracket that closes the one at token n.
func (p *reader) closing(n int) int {
	depth := 0
	for ; ; n++ {
		switch p.peek(n).Kind {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return n
			}
		case lex.EOF, ';', lex.Invalid:
			return -1
		}
	}
}

// exprs reads a list of expressions.
func (p *reader) exprList(ends ...string) []*Expr {
	var list []*Expr
	for {
		list = append(list, p.expr(slices.Concat([]string{","}, ends)...))
		if !p.acceptChar(',') {
			return list
		}
	}
}
