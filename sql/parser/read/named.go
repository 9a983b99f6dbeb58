package read

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// nameExpr reads what begins with a name: a column, a call, or a literal of a
// named type.
func (r *Reader) nameExpr() expr {
	pos := r.tok.Pos
	first := r.tok
	parts := append(make([]string, 0, 4), first.Str)
	callable := first.Kind == lex.Ident || first.Keyword.Category() != keyword.ColName
	columnar := first.Kind == lex.Ident || first.Keyword.Category() != keyword.TypeFuncName
	r.Next()
	for columnar && r.IsChar('.') && r.Peek(1).Kind != '*' {
		r.Next()
		parts = append(parts, r.ColLabel().Name)
		callable = true
	}
	switch {
	case callable && r.IsChar('('):
		return r.callOrLiteral(parts, pos)
	case callable && r.IsChar(lex.String):
		return r.typedLiteral(ast.TypeName{Name: r.toName(parts, pos), Pos: pos})
	case !columnar:
		panic(r.Unexpected())
	}
	return r.column(parts, pos)
}

// column makes a column reference with what is selected from it.
func (r *Reader) column(parts []string, pos ast.Pos) expr {
	if r.IsChar('.') { // the star that ended the names
		r.Skip(2)
		if r.isIndirection() {
			r.badStar()
		}
		return r.leaf(&ast.ColumnRef{Parts: parts, Star: true, Pos: pos})
	}
	if len(parts) > 3 {
		return r.indirection(r.leaf(&ast.ColumnRef{Parts: parts, Pos: pos}))
	}
	p := r.b.Ident(parts[0], pos)
	for _, part := range parts[1:] {
		p = r.b.Append(p, r.b.Text("."))
		p = r.b.Append(p, r.b.Ident(part, ast.NoPos))
	}
	return r.indirection(expr{Piece: p, pos: pos})
}

// typedLiteral reads the string of a literal of type t.
func (r *Reader) typedLiteral(t ast.TypeName) expr {
	lit := &ast.Literal{Kind: ast.LitString, Text: r.tok.Str, Pos: r.tok.Pos}
	r.ExpectChar(lex.String)
	return r.leaf(&ast.TypeCast{X: lit, Type: t, Pos: t.Pos})
}

// constType reads a literal of a type with its own grammar.
func (r *Reader) constType() expr {
	var holes args
	t, _ := r.keywordType(&holes, true)
	lit := &ast.Literal{Kind: ast.LitString, Text: r.tok.Str, Pos: r.tok.Pos}
	r.ExpectChar(lex.String)
	if t.Name.Object == "interval" && t.Mods == nil {
		t.Mods = r.intervalFields()
	}
	return r.node(t.Pos, &ast.TypeCast{X: lit, Type: t, Pos: t.Pos}, holes...)
}

// isConstType tells whether a literal of a type with its own grammar begins
// here, and not a column of that name.
func (r *Reader) isConstType() bool {
	next := r.Peek(1)
	switch r.tok.Keyword {
	case keyword.Double:
		return next.Is(keyword.Precision)
	case keyword.National:
		return next.Is(keyword.Character) || next.Is(keyword.Char)
	case keyword.Bit, keyword.Character, keyword.Char, keyword.Nchar:
		return next.Kind == lex.String || next.Kind == '(' || next.Is(keyword.Varying)
	case keyword.Time, keyword.Timestamp:
		with := (next.Is(keyword.With) || next.Is(keyword.Without)) && r.Peek(2).Is(keyword.Time)
		return next.Kind == lex.String || next.Kind == '(' || with
	case keyword.Float, keyword.Decimal, keyword.Dec, keyword.Numeric, keyword.Varchar, keyword.Interval:
		return next.Kind == lex.String || next.Kind == '('
	}
	return next.Kind == lex.String && plainType(r.tok.Keyword) != ""
}
