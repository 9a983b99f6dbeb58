package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// createRule reads CREATE [OR REPLACE] RULE from there on. Its actions are kept as texts.
func (r cmd) createRule(c created) ast.Stmt {
	s := &ast.CreateRule{OrReplace: c.orReplace, Pos: c.pos}
	r.Expect(keyword.Rule)
	s.Name = r.ColID().Name
	r.Expect(keyword.As, keyword.On)
	switch {
	case r.Accept(keyword.Select):
		s.Event = "SELECT"
	case r.Accept(keyword.Insert):
		s.Event = "INSERT"
	case r.Accept(keyword.Update):
		s.Event = "UPDATE"
	default:
		r.Expect(keyword.Delete)
		s.Event = "DELETE"
	}
	r.Expect(keyword.To)
	s.Table = r.QualifiedName()
	if r.Accept(keyword.Where) {
		r.Fill(&s.Where, r.Expr())
	}
	r.Expect(keyword.Do)
	if s.Instead = r.Accept(keyword.Instead); !s.Instead {
		r.Accept(keyword.Also)
	}
	r.ruleActions(s)
	return s
}

// ruleActions reads NOTHING, one statement, or several in parentheses.
func (r cmd) ruleActions(s *ast.CreateRule) {
	switch {
	case r.Accept(keyword.Nothing):
	case r.IsChar('('):
		r.Next()
		for !r.IsChar(')') {
			for r.IsChar(';') {
				r.Next()
			}
			if !r.IsChar(')') {
				s.At = append(s.At, r.Pos())
				s.Actions = append(s.Actions, r.ruleAction(true))
			}
		}
		r.Next()
	default:
		s.At = []ast.Pos{r.Pos()}
		s.Actions = []string{r.ruleAction(false)}
	}
}

// ruleAction reads one statement: inside of parentheses up to a semicolon or their end.
func (r cmd) ruleAction(inside bool) string {
	switch {
	case r.Is(keyword.Select), r.Is(keyword.Insert), r.Is(keyword.Update), r.Is(keyword.Delete), r.Is(keyword.Notify), r.Is(keyword.With),
		r.Is(keyword.Values), r.IsChar('('), r.Is(keyword.Table):
	default:
		panic(r.Unexpected())
	}
	from, depth := r.Pos(), 0
	for {
		switch {
		case depth == 0 && (r.IsChar(';') || inside && r.IsChar(')') || !inside && r.AtEnd()):
			return r.Source(from)
		case r.IsChar(lex.EOF), r.IsChar(lex.Invalid), r.IsChar(')') && depth == 0, r.IsChar(';'):
			panic(r.Unexpected())
		case r.IsChar('('):
			depth++
		case r.IsChar(')'):
			depth--
		}
		r.Next()
	}
}
