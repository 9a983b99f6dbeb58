package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// copy reads COPY in any direction and either spelling of its options.
func (r cmd) copy() ast.Stmt {
	c := &ast.Copy{Pos: r.Pos()}
	r.Next()
	if r.IsChar('(') {
		r.copyQuery(c)
		return orUnsupported(c.Query, c)
	}
	if pos := r.Pos(); r.Is(keyword.Binary) {
		r.Next()
		c.Options = append(c.Options, formatOption("binary", pos))
	}
	name := r.QualifiedName()
	c.Table, c.Columns = &name, r.OptColumnList()
	if c.From = r.Accept(keyword.From); !c.From {
		r.Expect(keyword.To)
	}
	r.copyFile(c)
	r.copyDelimiter(c)
	r.copyOptions(c)
	if at := r.Pos(); r.Accept(keyword.Where) {
		where := r.Expr()
		if !c.From {
			r.failAt(at, "WHERE clause not allowed with COPY TO")
		}
		r.Fill(&c.Where, where)
	}
	return c
}

// copyQuery reads COPY (query) TO ….
func (r cmd) copyQuery(c *ast.Copy) {
	r.ExpectChar('(')
	if r.IsWord("subscribe") {
		c.Query = r.subscribe()
	} else {
		c.Query = r.Preparable()
	}
	r.ExpectChar(')')
	r.Expect(keyword.To)
	r.copyFile(c)
	r.copyOptions(c)
}

// copyFile reads a file, a program, STDIN or STDOUT.
func (r cmd) copyFile(c *ast.Copy) {
	c.Program = r.Accept(keyword.Program)
	if r.Tok().Kind == lex.String {
		c.Filename = r.StringConst()
		return
	}
	if !r.Accept(keyword.Stdin) {
		r.Expect(keyword.Stdout)
	}
	if c.Program {
		r.failAt(ast.NoPos, "STDIN/STDOUT not allowed with PROGRAM")
	}
}

// copyDelimiter reads the [USING] DELIMITERS of old.
func (r cmd) copyDelimiter(c *ast.Copy) {
	pos := r.Pos()
	switch {
	case r.Accept(keyword.Using):
		r.Expect(keyword.Delimiters)
	case !r.Accept(keyword.Delimiters):
		return
	}
	c.Options = append(c.Options, option("delimiter", r.stringLiteral(), pos))
}

func (r cmd) copyOptions(c *ast.Copy) {
	r.Accept(keyword.With)
	if r.IsChar('(') {
		r.Parens(func() { c.Options = append(c.Options, r.copyOption()) })
		return
	}
	for {
		o, ok := r.oldCopyOption()
		if !ok {
			return
		}
		c.Options = append(c.Options, o)
	}
}

// copyOption reads one option of the list in parentheses.
func (r cmd) copyOption() ast.Option {
	id := r.ColLabel()
	o := ast.Option{Name: id.Name, Pos: id.Pos}
	switch {
	case r.IsChar(','), r.IsChar(')'):
	case r.AcceptChar('*'):
		o.Star = true
	case r.IsChar('('):
		r.Parens(func() { o.List = append(o.List, r.copyWord()) })
	default:
		o.Value = r.varValue()
	}
	return o
}

// copyWord reads an element of an option's list.
func (r cmd) copyWord() string {
	switch {
	case r.Is(keyword.True), r.Is(keyword.False), r.Is(keyword.On):
		word := r.Tok().Str
		r.Next()
		return word
	}
	return r.NonReservedOrString()
}

func formatOption(format string, pos ast.Pos) ast.Option {
	return option("format", &ast.ColumnRef{Parts: []string{format}, Pos: pos}, pos)
}

// oldCopyOption reads one option in the spelling of before version 9; ok is
// false if none follows.
func (r cmd) oldCopyOption() (o ast.Option, ok bool) {
	pos := r.Pos()
	switch {
	case r.Accept(keyword.Binary):
		return formatOption("binary", pos), true
	case r.Accept(keyword.Csv):
		return formatOption("csv", pos), true
	case r.Accept(keyword.Freeze):
		return option("freeze", nil, pos), true
	case r.Accept(keyword.Header):
		return option("header", nil, pos), true
	case r.Is(keyword.Delimiter), r.Is(keyword.Null), r.Is(keyword.Quote), r.Is(keyword.Escape):
		name := r.Tok().Str
		r.Next()
		r.Accept(keyword.As)
		return option(name, r.stringLiteral(), pos), true
	case r.Accept(keyword.Encoding):
		return option("encoding", r.stringLiteral(), pos), true
	case r.Accept(keyword.Force):
		return r.forceOption(pos), true
	}
	return o, false
}

// forceOption reads FORCE QUOTE, FORCE NOT NULL and FORCE NULL.
func (r cmd) forceOption(pos ast.Pos) ast.Option {
	o := ast.Option{Name: "force_null", Pos: pos}
	switch {
	case r.Accept(keyword.Quote):
		o.Name = "force_quote"
		if o.Star = r.AcceptChar('*'); o.Star {
			return o
		}
	case r.Accept(keyword.Not):
		r.Expect(keyword.Null)
		o.Name = "force_not_null"
	default:
		r.Expect(keyword.Null)
	}
	for _, id := range r.Names() {
		o.List = append(o.List, id.Name)
	}
	return o
}
