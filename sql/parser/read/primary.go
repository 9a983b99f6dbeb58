package read

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// primary reads gram.y's c_expr, and "row OVERLAPS row".
func (r *Reader) primary(mode exprMode) expr {
	switch r.tok.Kind {
	case lex.Ident:
		return r.nameExpr()
	case lex.Int, lex.Float, lex.String, lex.Bits, lex.Hex:
		return r.literal()
	case lex.Param:
		return r.param()
	case '(':
		return r.paren(mode)
	case lex.Keyword:
		return r.wordExpr(mode)
	}
	panic(r.Unexpected())
}

// literal reads a number, string or bit string.
func (r *Reader) literal() expr {
	t, pos := r.tok, r.tok.Pos
	switch t.Kind {
	case lex.String:
		r.Next()
		return expr{Piece: r.b.String(t.Str, pos), pos: pos}
	case lex.Int:
		r.Next()
		return expr{Piece: r.b.TextAt(t.Str, pos), pos: pos}
	case lex.Float:
		if isPlainNumber(t.Str) {
			r.Next()
			return expr{Piece: r.b.TextAt(t.Str, pos), pos: pos}
		}
	}
	var lit ast.Literal
	r.literalOf(0, &lit)
	r.Next()
	return r.leaf(&lit)
}

// isPlainNumber tells whether TiDB's lexer keeps a number as it is: digits, or
// digits around a point, without leading zeros.
func isPlainNumber(text string) bool {
	whole, fraction, point := strings.Cut(text, ".")
	if point && (whole == "" || fraction == "") || !point && whole[0] == '0' {
		return false
	}
	return strings.Trim(whole, "0123456789") == "" && strings.Trim(fraction, "0123456789") == ""
}

// param reads $n with what is selected from it.
func (r *Reader) param() expr {
	n, err := strconv.Atoi(r.tok.Str)
	if err != nil || n > 1<<30 {
		n = 1 << 30 // far more than there can be; the binder says so
	}
	r.NumParams = max(r.NumParams, n)
	e := r.leaf(&ast.ParamRef{Number: n, Pos: r.tok.Pos})
	r.Next()
	return r.indirection(e)
}

// parenItem is what stood in parentheses: a query, the items of a row, or one
// expression.
type parenItem struct {
	query *query
	row   []expr
	expr  expr
}

// parenItem reads '(' … ')' where it may be a query, an expression or a row.
func (r *Reader) parenItem() parenItem { return r.parens(true) }

// parens is parenItem where there may be rows, or not.
func (r *Reader) parens(rows bool) parenItem {
	r.enter()
	defer r.leave()
	pos := r.tok.Pos
	r.ExpectChar('(')
	if r.isQueryStart() {
		q := r.selectNoParens()
		r.ExpectChar(')')
		return parenItem{query: q}
	}
	first, q := r.parenFirst()
	if q != nil {
		r.ExpectChar(')')
		return parenItem{query: q}
	}
	item := parenItem{expr: expr{Piece: first.Piece, pos: pos}}
	if rows && r.IsChar(',') {
		item.row = []expr{first}
		for r.AcceptChar(',') {
			item.row = append(item.row, r.Expr())
		}
	}
	r.ExpectChar(')')
	return item
}

// parenFirst reads the first expression in parentheses, or, if more
// parentheses turn out to hold a query, the rest of that query.
func (r *Reader) parenFirst() (expr, *query) {
	if !r.IsChar('(') {
		return r.Expr(), nil
	}
	pos := r.tok.Pos
	item := r.parenItem()
	if item.query != nil {
		if r.IsChar(')') || r.isQueryContinued() {
			return expr{}, r.selectRest(item.query)
		}
		return r.infix(r.subquery(item.query, pos), modeAny, precLowest), nil
	}
	return r.infix(r.parenExpr(item, pos, modeAny), modeAny, precLowest), nil
}

// paren reads an operand that begins with a parenthesis.
func (r *Reader) paren(mode exprMode) expr {
	pos := r.tok.Pos
	item := r.parenItem()
	if item.query != nil {
		return r.subquery(item.query, pos)
	}
	return r.parenExpr(item, pos, mode)
}

// parenExpr makes the operand that an item in parentheses at pos is, with what
// is selected from it, or OVERLAPS.
func (r *Reader) parenExpr(item parenItem, pos ast.Pos, mode exprMode) expr {
	if item.row == nil {
		return r.indirection(item.expr)
	}
	if r.Is(keyword.Overlaps) && mode != modeB {
		return r.overlaps(item.row, pos)
	}
	p := r.b.TextAt("(", pos)
	for i, e := range item.row {
		if i > 0 {
			p = r.b.Append(p, r.b.Text(", "))
		}
		p = r.b.Append(p, e.Piece)
	}
	return expr{Piece: r.b.Append(p, r.b.Text(")")), pos: pos}
}

// overlaps reads OVERLAPS and the row behind it.
func (r *Reader) overlaps(left []expr, pos ast.Pos) expr {
	f := systemCall("overlaps", ast.FuncOverlaps, r.tok.Pos, 4)
	r.Next()
	at := r.tok.Pos
	right := r.row()
	if len(left) != 2 {
		r.failAt(pos, "wrong number of parameters on left side of OVERLAPS expression")
	}
	if len(right) != 2 {
		r.failAt(at, "wrong number of parameters on right side of OVERLAPS expression")
	}
	var holes args
	for i, e := range append(left, right...) {
		holes.expr(&f.Args[i], e)
	}
	return r.node(pos, f, holes...)
}

// row reads gram.y's row: ROW(…) or (a, b, …).
func (r *Reader) row() []expr {
	if r.Is(keyword.Row) {
		return r.explicitRow()
	}
	if !r.IsChar('(') {
		panic(r.Unexpected())
	}
	r.ExpectChar('(')
	items := []expr{r.Expr()}
	if !r.IsChar(',') {
		panic(r.Unexpected())
	}
	for r.AcceptChar(',') {
		items = append(items, r.Expr())
	}
	r.ExpectChar(')')
	return items
}

// explicitRow reads ROW(…).
func (r *Reader) explicitRow() []expr {
	r.Expect(keyword.Row)
	items := []expr{}
	r.ExpectChar('(')
	if !r.IsChar(')') {
		r.Commas(func() { items = append(items, r.Expr()) })
	}
	r.ExpectChar(')')
	return items
}

// rowExpr reads an operand ROW(…).
func (r *Reader) rowExpr(mode exprMode) expr {
	pos := r.tok.Pos
	items := r.explicitRow()
	if r.Is(keyword.Overlaps) && mode != modeB {
		return r.overlaps(items, pos)
	}
	row := &ast.RowExpr{Args: make([]ast.Expr, len(items)), Explicit: true, Pos: pos}
	return r.node(pos, row, holesFor(items, row.Args)...)
}

// holesFor pairs expressions with the elements of to.
func holesFor(items []expr, to []ast.Expr) args {
	holes := make(args, 0, len(items))
	for i, e := range items {
		holes.expr(&to[i], e)
	}
	return holes
}

// subquery makes an operand of a query, with what is selected from it.
func (r *Reader) subquery(q *query, pos ast.Pos) expr {
	p := r.b.Join(r.b.TextAt("(", pos), r.finish(q), r.b.Text(")"))
	return r.indirection(expr{Piece: p, pos: pos})
}

// exists reads EXISTS (query). It binds loosely, as TiDB folds NOT EXISTS.
func (r *Reader) exists() expr {
	pos := r.tok.Pos
	r.Next()
	p := r.b.Join(r.b.TextAt("EXISTS (", pos), r.finish(r.selectWithParens()), r.b.Text(")"))
	p.Level = canon.LevelMul
	return expr{Piece: p, pos: pos}
}

// array reads ARRAY(query) and ARRAY[…].
func (r *Reader) array() expr {
	pos := r.tok.Pos
	r.Next()
	if r.IsChar('(') {
		s := &ast.SubLink{Kind: ast.SubArray, Query: &ast.Select{}, Pos: pos}
		return r.node(pos, s, canon.Arg{Piece: r.parenthesised(r.finish(r.selectWithParens())), ToQuery: s.Query})
	}
	if !r.IsChar('[') {
		panic(r.Unexpected())
	}
	return r.arrayElements(pos)
}

// arrayElements reads […]; the elements are expressions, or arrays again.
func (r *Reader) arrayElements(pos ast.Pos) expr {
	r.enter()
	defer r.leave()
	r.ExpectChar('[')
	a := &ast.ArrayExpr{Pos: pos}
	var items []expr
	switch {
	case r.IsChar(']'):
	case r.IsChar('['):
		r.Commas(func() {
			if !r.IsChar('[') {
				panic(r.Unexpected())
			}
			items = append(items, r.arrayElements(r.tok.Pos))
		})
	default:
		r.Commas(func() { items = append(items, r.Expr()) })
	}
	r.ExpectChar(']')
	a.Elems = make([]ast.Expr, len(items))
	return r.node(pos, a, holesFor(items, a.Elems)...)
}

// caseExpr reads CASE, which TiDB has too.
func (r *Reader) caseExpr() expr {
	pos := r.tok.Pos
	r.Next()
	p := r.b.TextAt("CASE", pos)
	if !r.Is(keyword.When) {
		p = r.b.Append(p, r.b.Text(" "))
		p = r.b.Append(p, r.Expr().Piece)
	}
	for first := true; first || r.Is(keyword.When); first = false {
		p = r.b.Append(p, r.b.TextAt(" WHEN ", r.tok.Pos))
		r.Expect(keyword.When)
		p = r.b.Append(p, r.Expr().Piece)
		r.Expect(keyword.Then)
		p = r.b.Append(p, r.b.Text(" THEN "))
		p = r.b.Append(p, r.Expr().Piece)
	}
	if r.Accept(keyword.Else) {
		p = r.b.Append(p, r.b.Text(" ELSE "))
		p = r.b.Append(p, r.Expr().Piece)
	}
	r.Expect(keyword.End)
	return expr{Piece: r.b.Append(p, r.b.Text(" END")), pos: pos}
}

// wordExpr reads an operand that begins with a key word.
func (r *Reader) wordExpr(mode exprMode) expr {
	if r.isConstType() {
		return r.constType()
	}
	switch r.tok.Keyword.Category() {
	case keyword.Unreserved:
		if r.lookahead(0) {
			panic(r.Unexpected())
		}
		return r.nameExpr()
	case keyword.TypeFuncName:
		return r.typeFuncExpr()
	case keyword.ColName:
		return r.colNameExpr(mode)
	}
	return r.reservedExpr()
}

func (r *Reader) typeFuncExpr() expr {
	switch {
	case r.Is(keyword.Collation) && r.Peek(1).Is(keyword.For):
		return r.collationFor()
	case r.Is(keyword.CurrentSchema) && r.Peek(1).Kind != '(' && r.Peek(1).Kind != lex.String:
		return r.sqlValue()
	}
	return r.nameExpr()
}

// colNameExpr reads an operand that begins with a word that is a column's name
// unless a parenthesis follows.
func (r *Reader) colNameExpr(mode exprMode) expr {
	next := r.Peek(1).Kind
	switch {
	case r.Is(keyword.Exists) && next == '(':
		return r.exists()
	case r.Is(keyword.Row) && next == '(':
		return r.rowExpr(mode)
	case next == '(':
		return r.functionalExpr()
	}
	return r.nameExpr()
}

func (r *Reader) reservedExpr() expr {
	pos := r.tok.Pos
	switch r.tok.Keyword {
	case keyword.Null:
		return r.constant("NULL")
	case keyword.True:
		return r.constant("TRUE")
	case keyword.False:
		return r.constant("FALSE")
	case keyword.Case:
		return r.caseExpr()
	case keyword.Array:
		return r.array()
	case keyword.Cast:
		return r.castCall(pos)
	case keyword.CurrentDate, keyword.CurrentTime, keyword.CurrentTimestamp, keyword.Localtime,
		keyword.Localtimestamp, keyword.CurrentRole, keyword.CurrentUser, keyword.User,
		keyword.SessionUser, keyword.CurrentCatalog:
		return r.sqlValue()
	}
	panic(r.Unexpected())
}

func (r *Reader) constant(text string) expr {
	pos := r.tok.Pos
	r.Next()
	return expr{Piece: r.b.TextAt(text, pos), pos: pos}
}

// castCall reads CAST(x AS type).
func (r *Reader) castCall(pos ast.Pos) expr {
	c := &ast.TypeCast{Pos: pos}
	r.Next()
	r.ExpectChar('(')
	var holes args
	holes.expr(&c.X, r.Expr())
	r.Expect(keyword.As)
	c.Type = r.typeName(&holes)
	r.ExpectChar(')')
	return r.node(pos, c, holes...)
}

var valueFuncs = map[keyword.ID]ast.ValueFunc{
	keyword.CurrentDate: ast.CurrentDate, keyword.CurrentTime: ast.CurrentTime,
	keyword.CurrentTimestamp: ast.CurrentTimestamp, keyword.Localtime: ast.LocalTime,
	keyword.Localtimestamp: ast.LocalTimestamp, keyword.CurrentRole: ast.CurrentRole,
	keyword.CurrentUser: ast.CurrentUser, keyword.User: ast.User, keyword.SessionUser: ast.SessionUser,
	keyword.CurrentCatalog: ast.CurrentCatalog, keyword.CurrentSchema: ast.CurrentSchema,
}

// sqlValue reads CURRENT_TIMESTAMP(p) and its kin.
func (r *Reader) sqlValue() expr {
	v := &ast.SQLValue{Func: valueFuncs[r.tok.Keyword], Precision: -1, Pos: r.tok.Pos}
	r.Next()
	switch v.Func {
	case ast.CurrentTime, ast.CurrentTimestamp, ast.LocalTime, ast.LocalTimestamp:
		if r.AcceptChar('(') {
			v.Precision = r.IntConst()
			r.ExpectChar(')')
		}
	}
	return r.leaf(v)
}
