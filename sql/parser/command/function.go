package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// createFunction reads CREATE [OR REPLACE] FUNCTION and PROCEDURE from that word on.
func (r cmd) createFunction(c created) ast.Stmt {
	f := &ast.CreateFunction{OrReplace: c.orReplace, Procedure: r.Is(keyword.Procedure), Pos: c.pos}
	r.Next()
	f.Name = r.functionName()
	r.ExpectChar('(')
	if !r.IsChar(')') {
		r.Commas(func() { f.Params = append(f.Params, r.funcParam()) })
	}
	r.ExpectChar(')')
	if !f.Procedure && r.Accept(keyword.Returns) {
		r.returns(f)
	}
	for i := range f.Params {
		r.fillDefault(&f.Params[i])
	}
	for r.functionOption(&f.Options, f) {
	}
	if !r.AtEnd() {
		r.routineBody(f)
	}
	return f
}

// defaultValue is the expression of a default while its parameter may still move.
type defaultValue struct {
	ast.Expr
	fill func(to *ast.Expr)
}

// funcParam reads a parameter with its default.
func (r cmd) funcParam() ast.FuncParam {
	p := r.argType()
	if r.Accept(keyword.Default) || r.AcceptChar('=') {
		e := r.Expr()
		p.Default = defaultValue{fill: func(to *ast.Expr) { r.Fill(to, e) }}
	}
	return p
}

func (r cmd) fillDefault(p *ast.FuncParam) {
	if d, ok := p.Default.(defaultValue); ok {
		p.Default = nil
		d.fill(&p.Default)
	}
}

// returns reads what follows RETURNS.
func (r cmd) returns(f *ast.CreateFunction) {
	if !r.Is(keyword.Table) || r.Peek(1).Kind != '(' {
		t := r.FuncType()
		f.Returns = &t
		return
	}
	r.Next()
	f.Table = true
	r.Parens(func() {
		p := ast.FuncParam{Mode: 't', Pos: r.Pos(), Name: r.name()}
		p.Type = r.FuncType()
		f.Params = append(f.Params, p)
	})
}

// name reads gram.y's param_name.
func (r cmd) name() string {
	if !r.IsTypeFuncName() {
		panic(r.Unexpected())
	}
	return r.NonReserved().Name
}

// functionOption reads an attribute of a function; false means that there is none.
// f is the function being made, nil for ALTER.
func (r cmd) functionOption(list *[]ast.FuncOption, f *ast.CreateFunction) bool {
	o := ast.FuncOption{Pos: r.Pos()}
	switch {
	case f != nil && r.Accept(keyword.As):
		o.Name = "as"
		at := r.Pos()
		as := []string{r.StringConst()}
		f.AsPos, f.AsText = at, r.Source(at)
		if r.AcceptChar(',') {
			as = append(as, r.StringConst())
		}
		if f.As != nil {
			r.failAt(o.Pos, "conflicting or redundant options")
		}
		f.As = as
		return true
	case f != nil && r.Accept(keyword.Language):
		o.Name, o.Value = "language", r.NonReservedOrString()
	case f != nil && r.Accept(keyword.Window):
		o.Name, o.Value = "window", "WINDOW"
	case f != nil && r.Accept(keyword.Transform):
		o.Name = "transform"
		r.Commas(func() {
			r.Expect(keyword.For, keyword.Type)
			o.Value = "FOR TYPE " + r.TypeName().Name.Object
		})
	default:
		if !r.commonOption(&o) {
			return false
		}
	}
	*list = append(*list, o)
	return true
}

// commonOption reads gram.y's common_func_opt_item.
func (r cmd) commonOption(o *ast.FuncOption) bool {
	flag := func(name, value string) { o.Name, o.Value = name, value }
	switch {
	case r.Accept(keyword.Called):
		r.Expect(keyword.On, keyword.Null, keyword.Input)
		flag("strict", "false")
	case r.Is(keyword.Returns) && r.Peek(1).Is(keyword.Null):
		r.Skip(2)
		r.Expect(keyword.On, keyword.Null, keyword.Input)
		flag("strict", "true")
	case r.Accept(keyword.Strict):
		flag("strict", "true")
	case r.Accept(keyword.Immutable):
		flag("volatility", "IMMUTABLE")
	case r.Accept(keyword.Stable):
		flag("volatility", "STABLE")
	case r.Accept(keyword.Volatile):
		flag("volatility", "VOLATILE")
	case r.Is(keyword.External), r.Is(keyword.Security):
		r.Accept(keyword.External)
		r.Expect(keyword.Security)
		flag("security", "INVOKER")
		if r.Accept(keyword.Definer) {
			o.Value = "DEFINER"
		} else {
			r.Expect(keyword.Invoker)
		}
	case r.Accept(keyword.Leakproof):
		flag("leakproof", "true")
	case r.Is(keyword.Not) && r.Peek(1).Is(keyword.Leakproof):
		r.Skip(2)
		flag("leakproof", "false")
	case r.Accept(keyword.Cost):
		flag("cost", r.numberText())
	case r.Accept(keyword.Rows):
		flag("rows", r.numberText())
	case r.Accept(keyword.Support):
		flag("support", r.AnyName().String())
	case r.Accept(keyword.Parallel):
		flag("parallel", r.ColID().Name)
	case r.Accept(keyword.Set):
		set, ok := r.setRest(o.Pos, false).(*ast.SetVar)
		if !ok {
			panic(r.Unexpected())
		}
		o.Name, o.Set = "set", set
	case r.Accept(keyword.Reset):
		o.Name, o.Value = "reset", "ALL"
		if !r.Accept(keyword.All) {
			o.Value = r.varName()
		}
	default:
		return false
	}
	return true
}

// numberText reads a number with its sign.
func (r cmd) numberText() string {
	return r.Number().Text
}

// routineBody reads a body that is no string: RETURN x, or BEGIN ATOMIC … END.
func (r cmd) routineBody(f *ast.CreateFunction) {
	pos := r.Pos()
	if r.Accept(keyword.Return) {
		from := r.Pos()
		var value ast.Expr
		r.Fill(&value, r.Expr())
		text := r.Source(from)
		f.Body, f.Statements = "RETURN "+text, []string{"SELECT " + text}
		return
	}
	if !r.Is(keyword.Begin) || !r.Peek(1).Is(keyword.Atomic) {
		panic(r.Unexpected())
	}
	r.Skip(2)
	f.Statements = []string{}
	for !r.Accept(keyword.End) {
		verb := ""
		if r.Accept(keyword.Return) {
			verb = "SELECT "
		}
		from := r.Pos()
		cases := 0
		for cases > 0 || !r.IsChar(';') {
			switch {
			case r.IsChar(lex.EOF), r.IsChar(lex.Invalid):
				panic(r.Unexpected())
			case r.Is(keyword.Case):
				cases++
			case r.Is(keyword.End):
				cases--
			}
			r.Next()
		}
		if text := r.Source(from); r.Pos() > from {
			f.Statements = append(f.Statements, verb+text)
		}
		r.Next()
	}
	f.Body = r.Source(pos)
}

// alterFunction reads the attributes of ALTER FUNCTION.
func (r cmd) alterFunction(pos ast.Pos, kind ast.ObjectKind, name ast.Name) ast.Stmt {
	s := &ast.AlterFunction{Kind: kind, Name: name, Pos: pos}
	for r.functionOption(&s.Options, nil) {
	}
	if len(s.Options) == 0 {
		panic(r.Unexpected())
	}
	r.Accept(keyword.Restrict)
	return s
}
