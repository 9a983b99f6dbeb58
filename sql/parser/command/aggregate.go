package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// aggregateTypes are the options of CREATE AGGREGATE that name a type.
var aggregateTypes = map[string]bool{"basetype": true, "stype": true, "stype1": true, "mstype": true}

// createAggregate reads CREATE [OR REPLACE] AGGREGATE from there on.
func (r cmd) createAggregate(c created) ast.Stmt {
	r.Expect(keyword.Aggregate)
	s := &ast.CreateAggregate{OrReplace: c.orReplace, Pos: c.pos}
	s.Name = r.functionName()
	if s.Old = r.IsChar('(') && r.Peek(2).Kind == '='; !s.Old {
		r.ExpectChar('(')
		s.Args = r.argTypes(true)
		r.ExpectChar(')')
	}
	r.Parens(func() { s.Options = append(s.Options, r.aggregateOption()) })
	return s
}

func (r cmd) aggregateOption() ast.AggOption {
	o := ast.AggOption{Pos: r.Pos(), Name: r.ColLabel().Name}
	if !r.AcceptChar('=') {
		return o
	}
	if aggregateTypes[o.Name] && r.Tok().Kind != lex.String {
		t := r.FuncType()
		o.Type = &t
		return o
	}
	o.Value = r.defArg()
	if lit, ok := o.Value.(*ast.Literal); ok && aggregateTypes[o.Name] {
		o.Type = &ast.TypeName{Name: ast.Name{Object: lit.Text, Pos: o.Pos}, Pos: o.Pos}
	}
	return o
}
