package read

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// numberLiteral reads an unsigned number; it is nil if none follows.
func (r *Reader) numberLiteral() *ast.Literal {
	kind, text, ok := numberOf(r.tok)
	if !ok {
		return nil
	}
	lit := &ast.Literal{Kind: kind, Text: text, Pos: r.tok.Pos}
	r.Next()
	return lit
}

// numberOf is the literal of a number token. An integer that fits an int4
// loses its leading zeros, as it does in PostgreSQL; others stay as written.
func numberOf(t *lex.Token) (kind ast.LitKind, text string, ok bool) {
	switch t.Kind {
	case lex.Int:
		if len(t.Str) > 1 && t.Str[0] == '0' {
			n, _ := strconv.Atoi(t.Str)
			return ast.LitInteger, strconv.Itoa(n), true
		}
		return ast.LitInteger, t.Str, true
	case lex.Float:
		if strings.ContainsAny(t.Str, ".eE") {
			return ast.LitNumeric, t.Str, true
		}
		return ast.LitInteger, t.Str, true
	}
	return 0, "", false
}

// literalOf fills lit with the literal that begins at the token n places
// ahead, and gives the number of its tokens; 0 means that there is none. The
// literal may go on into an expression.
func (r *Reader) literalOf(n int, lit *ast.Literal) int {
	t := r.Peek(n)
	lit.Pos = t.Pos
	switch t.Kind {
	case lex.String:
		lit.Kind, lit.Text = ast.LitString, t.Str
		return 1
	case lex.Int, lex.Float:
		lit.Kind, lit.Text, _ = numberOf(t)
		return 1
	case lex.Bits, lex.Hex:
		lit.Kind, lit.Text = ast.LitBit, t.Str
		return 1
	case '-':
		kind, text, ok := numberOf(r.Peek(n + 1))
		if !ok {
			return 0
		}
		lit.Kind, lit.Text = kind, negated("-", text)
		return 2
	case lex.Keyword:
		switch t.Keyword {
		case keyword.Null:
			lit.Kind = ast.LitNull
			return 1
		case keyword.True, keyword.False:
			lit.Kind, lit.Bool = ast.LitBool, t.Keyword == keyword.True
			return 1
		}
	}
	return 0
}

// loneLiteral reads a literal that is followed by a comma or a closing
// parenthesis; it is nil, and nothing is read, if there is none.
func (r *Reader) loneLiteral() *ast.Literal {
	var lit ast.Literal
	n := r.literalOf(0, &lit)
	if n == 0 {
		return nil
	}
	if k := r.Peek(n).Kind; k != ',' && k != ')' {
		return nil
	}
	r.Skip(n)
	return &lit
}
