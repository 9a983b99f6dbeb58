package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// relOptions reads gram.y's reloptions: (name [= value], …). Names may have
// several parts.
func (r cmd) relOptions() []ast.Option {
	var list []ast.Option
	r.Parens(func() {
		o := ast.Option{Pos: r.Pos()}
		o.Name = r.optionName()
		if r.AcceptChar('=') {
			o.Value = r.defArg()
		}
		list = append(list, o)
	})
	return list
}

// optionName reads a.b.c; for the sake of Flink's users also 'a.b.c'.
func (r cmd) optionName() string {
	if r.Tok().Kind == lex.String && r.Peek(1).Kind == '=' {
		return r.StringConst()
	}
	name := r.ColLabel().Name
	for r.AcceptChar('.') {
		name += "." + r.ColLabel().Name
	}
	return name
}

// optWith reads WITH (…) if it follows.
func (r cmd) optWith() []ast.Option {
	if !r.Accept(keyword.With) {
		return nil
	}
	return r.relOptions()
}

// defArg reads gram.y's def_arg: a string, a number, an operator, or a word,
// which may be a type.
func (r cmd) defArg() ast.Expr {
	t := r.Tok()
	switch {
	case t.Kind == lex.String:
		return r.stringLiteral()
	case r.IsNumber():
		return r.Number()
	case t.Kind == lex.Keyword && t.Keyword.Category() == keyword.Reserved, t.Is(keyword.None):
		return r.word()
	case t.Operator() != "" || t.Is(keyword.Operator) && r.Peek(1).Kind == '(':
		return r.operatorWord()
	}
	return r.typeWord()
}

// operatorWord reads an operator as a bare word.
func (r cmd) operatorWord() ast.Expr {
	w := &ast.ColumnRef{Pos: r.Pos()}
	if r.Accept(keyword.Operator) {
		r.ExpectChar('(')
		schema, op := r.AnyOperator()
		r.ExpectChar(')')
		if schema != "" {
			w.Parts = append(w.Parts, schema)
		}
		w.Parts = append(w.Parts, op)
		return w
	}
	w.Parts = []string{r.Tok().Operator()}
	r.Next()
	return w
}

// typeWord reads a type as a bare word. A single word stays as written, as
// most of them are no types.
func (r cmd) typeWord() ast.Expr {
	if r.IsNonReserved() {
		switch r.Peek(1).Kind {
		case ',', ')', lex.EOF, ';':
			return r.word()
		}
	}
	pos := r.Pos()
	name := r.FuncType().Name
	w := &ast.ColumnRef{Pos: pos}
	for _, part := range []string{name.Catalog, name.Schema, name.Object} {
		if part != "" && part != "pg_catalog" {
			w.Parts = append(w.Parts, part)
		}
	}
	return w
}

// definition reads gram.y's definition: (name [= value], …).
func (r cmd) definition() []ast.Option {
	var list []ast.Option
	r.Parens(func() {
		o := ast.Option{Pos: r.Pos(), Name: r.ColLabel().Name}
		if r.AcceptChar('=') {
			o.Value = r.defArg()
		}
		list = append(list, o)
	})
	return list
}

// utilityOptions reads the options of EXPLAIN, VACUUM and ANALYZE: (name
// [value], …).
func (r cmd) utilityOptions() []ast.Option {
	var list []ast.Option
	r.Parens(func() {
		o := ast.Option{Pos: r.Pos()}
		if r.Is(keyword.Analyze) || r.Is(keyword.Analyse) {
			r.Next()
			o.Name = "analyze"
		} else {
			o.Name = r.NonReserved().Name
		}
		if !r.IsChar(',') && !r.IsChar(')') {
			o.Value = r.varValue()
		}
		list = append(list, o)
	})
	return list
}

// option makes an option of a key word that stands alone.
func option(name string, value ast.Expr, pos ast.Pos) ast.Option {
	return ast.Option{Name: name, Value: value, Pos: pos}
}
