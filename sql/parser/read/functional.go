package read

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// functionalExpr reads the calls that have a grammar of their own: COALESCE,
// EXTRACT and their kin. The current word is followed by a parenthesis.
func (r *Reader) functionalExpr() expr {
	pos := r.tok.Pos
	switch r.tok.Keyword {
	case keyword.Coalesce:
		c := &ast.CoalesceExpr{Pos: pos}
		return r.listCall(c, pos, &c.Args)
	case keyword.Greatest, keyword.Least:
		m := &ast.MinMaxExpr{Least: r.Is(keyword.Least), Pos: pos}
		return r.listCall(m, pos, &m.Args)
	case keyword.Grouping:
		g := &ast.GroupingFunc{Pos: pos}
		return r.listCall(g, pos, &g.Args)
	case keyword.Nullif:
		return r.nullIf(pos)
	case keyword.Extract:
		return r.extract(pos)
	case keyword.Overlay:
		return r.overlay(pos)
	case keyword.Position:
		return r.position(pos)
	case keyword.Substring:
		return r.substring(pos)
	case keyword.Trim:
		return r.trim(pos)
	case keyword.Normalize:
		return r.normalize(pos)
	case keyword.Treat:
		return r.treat(pos)
	case keyword.Xmlconcat, keyword.Xmlelement, keyword.Xmlexists, keyword.Xmlforest, keyword.Xmlparse,
		keyword.Xmlpi, keyword.Xmlroot, keyword.Xmlserialize:
		return r.refusedCall(pos)
	}
	r.Next() // a column's name; the parenthesis is wrong
	panic(r.Unexpected())
}

// refusedCall skips a call of what streamsqld has not.
func (r *Reader) refusedCall(pos ast.Pos) expr {
	r.Refuse(pos, strings.ToUpper(r.tok.Str))
	r.Next()
	r.SkipParens()
	return r.leaf(&ast.Literal{Kind: ast.LitNull, Pos: pos})
}

// SkipParens moves behind the parenthesis that closes the one that must be the
// current token.
func (r *Reader) SkipParens() {
	if !r.IsChar('(') {
		panic(r.Unexpected())
	}
	depth := 0
	for {
		switch r.tok.Kind {
		case '(':
			depth++
		case ')':
			depth--
		case lex.EOF, lex.Invalid, ';':
			panic(r.Unexpected())
		}
		r.Next()
		if depth == 0 {
			return
		}
	}
}

// listCall reads a call whose arguments are a list of expressions.
func (r *Reader) listCall(value ast.Expr, pos ast.Pos, to *[]ast.Expr) expr {
	r.Next()
	var items []expr
	r.Parens(func() { items = append(items, r.Expr()) })
	*to = make([]ast.Expr, len(items))
	return r.node(pos, value, holesFor(items, *to)...)
}

func (r *Reader) nullIf(pos ast.Pos) expr {
	n := &ast.NullIfExpr{Pos: pos}
	r.Next()
	r.ExpectChar('(')
	var holes args
	holes.expr(&n.L, r.Expr())
	r.ExpectChar(',')
	holes.expr(&n.R, r.Expr())
	r.ExpectChar(')')
	return r.node(pos, n, holes...)
}

// system makes a call of a pg_catalog function with these arguments.
func (r *Reader) system(name string, form ast.FuncForm, pos ast.Pos, items ...expr) expr {
	f := systemCall(name, form, pos, len(items))
	return r.node(pos, f, holesFor(items, f.Args)...)
}

// extract reads EXTRACT(field FROM x).
func (r *Reader) extract(pos ast.Pos) expr {
	r.Next()
	r.ExpectChar('(')
	switch {
	case r.tok.Kind == lex.Ident, r.tok.Kind == lex.String:
	case intervalField[r.tok.Keyword] != 0:
	default:
		panic(r.Unexpected())
	}
	field := r.leaf(&ast.Literal{Kind: ast.LitString, Text: r.tok.Str, Pos: r.tok.Pos})
	r.Next()
	r.Expect(keyword.From)
	x := r.Expr()
	r.ExpectChar(')')
	return r.system("extract", ast.FuncExtract, pos, field, x)
}

// plainArgs reads the arguments of a call with a grammar of its own that is
// written like any other call. first was read already if it is not nil.
func (r *Reader) plainArgs(name string, pos ast.Pos, first *expr) expr {
	c := &call{parts: []string{name}, pos: pos}
	if first != nil {
		c.args = append(c.args, callArg{expr: *first})
		for r.AcceptChar(',') {
			c.args = append(c.args, r.callArg())
		}
	} else if !r.IsChar(')') {
		r.Commas(func() { c.args = append(c.args, r.callArg()) })
	}
	r.ExpectChar(')')
	return r.callExpr(c, false)
}

// isNamedArg tells whether an argument in named notation follows.
func (r *Reader) isNamedArg() bool {
	next := r.Peek(1).Kind
	return r.isTypeFunc() && (next == lex.ColonEquals || next == lex.EqualsGreater)
}

// overlay reads OVERLAY(x PLACING y FROM a [FOR b]), or plain arguments.
func (r *Reader) overlay(pos ast.Pos) expr {
	r.Next()
	r.ExpectChar('(')
	if r.IsChar(')') || r.isNamedArg() {
		return r.plainArgs("overlay", pos, nil)
	}
	x := r.Expr()
	if !r.Accept(keyword.Placing) {
		return r.plainArgs("overlay", pos, &x)
	}
	items := []expr{x, r.Expr()}
	r.Expect(keyword.From)
	items = append(items, r.Expr())
	if r.Accept(keyword.For) {
		items = append(items, r.Expr())
	}
	r.ExpectChar(')')
	return r.system("overlay", ast.FuncOverlay, pos, items...)
}

// position reads POSITION(a IN b), whose arguments change places.
func (r *Reader) position(pos ast.Pos) expr {
	r.Next()
	r.ExpectChar('(')
	a := r.bExpr()
	r.Expect(keyword.In)
	b := r.bExpr()
	r.ExpectChar(')')
	return r.system("position", ast.FuncPosition, pos, b, a)
}

// substring reads SUBSTRING(x FROM a FOR b), in any order,
// SUBSTRING(x SIMILAR p ESCAPE e), or plain arguments.
func (r *Reader) substring(pos ast.Pos) expr {
	r.Next()
	r.ExpectChar('(')
	if r.IsChar(')') || r.isNamedArg() {
		return r.plainArgs("substring", pos, nil)
	}
	outer := r.similar
	r.similar = true
	items := []expr{r.Expr()}
	r.similar = outer
	switch {
	case r.Accept(keyword.From):
		items = append(items, r.Expr())
		if r.Accept(keyword.For) {
			items = append(items, r.Expr())
		}
	case r.Accept(keyword.For):
		length := r.Expr()
		if r.Accept(keyword.From) {
			items = append(items, r.Expr(), length)
			break
		}
		// Not in the standard; PostgreSQL takes it as FROM 1, and casts.
		c := &ast.TypeCast{Type: systemType("int4", ast.NoPos), Pos: ast.NoPos}
		items = append(items, r.leaf(intLiteral(1, ast.NoPos)),
			r.node(length.pos, c, canon.Arg{Piece: length.Piece, To: &c.X}))
	case r.Accept(keyword.Similar):
		items = append(items, r.Expr())
		r.Expect(keyword.Escape)
		items = append(items, r.Expr())
	default:
		return r.plainArgs("substring", pos, &items[0])
	}
	r.ExpectChar(')')
	return r.system("substring", ast.FuncSubstring, pos, items...)
}

// trim reads TRIM([BOTH|LEADING|TRAILING] [x] FROM y).
func (r *Reader) trim(pos ast.Pos) expr {
	r.Next()
	r.ExpectChar('(')
	name := "btrim"
	switch {
	case r.Accept(keyword.Both):
	case r.Accept(keyword.Leading):
		name = "ltrim"
	case r.Accept(keyword.Trailing):
		name = "rtrim"
	}
	var items, chars []expr
	if !r.Accept(keyword.From) {
		e := r.Expr()
		if r.Accept(keyword.From) {
			chars = []expr{e}
		} else {
			items = append(items, e)
		}
	}
	if items == nil {
		items = append(items, r.Expr())
	}
	for r.AcceptChar(',') {
		items = append(items, r.Expr())
	}
	r.ExpectChar(')')
	return r.system(name, ast.FuncTrim, pos, append(items, chars...)...)
}

// normalize reads NORMALIZE(x [, form]).
func (r *Reader) normalize(pos ast.Pos) expr {
	r.Next()
	r.ExpectChar('(')
	items := []expr{r.Expr()}
	if r.AcceptChar(',') {
		form := r.normalForm()
		if form == nil {
			panic(r.Unexpected())
		}
		items = append(items, r.leaf(form))
	}
	r.ExpectChar(')')
	return r.system("normalize", ast.FuncNormalize, pos, items...)
}

// treat reads TREAT(x AS type), which PostgreSQL takes for a call of the
// function named like the type.
func (r *Reader) treat(pos ast.Pos) expr {
	r.Next()
	r.ExpectChar('(')
	x := r.Expr()
	r.Expect(keyword.As)
	var holes args
	t := r.typeName(&holes)
	r.ExpectChar(')')
	return r.system(t.Name.Object, ast.FuncTreat, pos, x)
}

// collationFor reads COLLATION FOR (x).
func (r *Reader) collationFor() expr {
	pos := r.tok.Pos
	r.Skip(2)
	r.ExpectChar('(')
	x := r.Expr()
	r.ExpectChar(')')
	return r.system("pg_collation_for", ast.FuncCollationFor, pos, x)
}

// funcExprWindowless reads a call that has no OVER or FILTER clause: in FROM,
// and as the key of an index.
func (r *Reader) funcExprWindowless() expr {
	switch {
	case r.tok.Kind == lex.Keyword && r.Is(keyword.Cast):
		return r.castCall(r.tok.Pos)
	case r.tok.Kind == lex.Keyword && r.tok.Keyword.Category() == keyword.Reserved:
		if _, ok := valueFuncs[r.tok.Keyword]; ok {
			return r.sqlValue()
		}
		panic(r.Unexpected())
	case r.Is(keyword.CurrentSchema) && r.Peek(1).Kind != '(':
		return r.sqlValue()
	case r.Is(keyword.Collation) && r.Peek(1).Is(keyword.For):
		return r.collationFor()
	case r.tok.Kind == lex.Keyword && r.tok.Keyword.Category() == keyword.ColName && r.Peek(1).Kind == '(':
		if r.Is(keyword.Grouping) { // no func_expr
			panic(r.Unexpected())
		}
		return r.functionalExpr()
	}
	pos, qualifiable := r.tok.Pos, r.IsColID()
	parts := []string{r.name(classColName | classTypeFunc).Name}
	for qualifiable && r.AcceptChar('.') {
		parts = append(parts, r.ColLabel().Name)
	}
	if !r.IsChar('(') {
		panic(r.Unexpected())
	}
	return r.callExpr(r.application(parts, pos), false)
}
