package read

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// notImplemented is PostgreSQL's report of what its own grammar knows but it
// does not have.
func notImplemented(message string, pos ast.Pos) *pgerr.Error {
	return pgerr.New(pgerr.FeatureNotSupported, "%s", message).At(pos)
}

// is reads IS …, ISNULL and NOTNULL.
func (r *Reader) is(left expr, mode exprMode) (e expr, nonassoc prec) {
	pos := r.tok.Pos
	switch {
	case r.Accept(keyword.Isnull):
		return r.nullTest(left, pos, false), precNone
	case r.Accept(keyword.Notnull):
		return r.nullTest(left, pos, true), precNone
	}
	r.Next() // IS
	not := r.Accept(keyword.Not)
	switch {
	case r.Is(keyword.Distinct):
		r.Next()
		r.Expect(keyword.From)
		d := &ast.DistinctExpr{Not: not, Pos: pos}
		right := r.binary(operandMode(mode), precIs+1)
		return r.node(left.pos, d, canon.Arg{Piece: left.Piece, To: &d.L}, canon.Arg{Piece: right.Piece, To: &d.R}), precIs
	case r.Accept(keyword.Document):
		r.Refuse(pos, "IS DOCUMENT")
		return left, precNone
	case mode == modeB:
		panic(r.Unexpected())
	}
	return r.isTest(left, pos, not), precNone
}

// nullTest is a marker although TiDB has IS NULL, because TiDB does not say
// where it stood.
func (r *Reader) nullTest(left expr, pos ast.Pos, not bool) expr {
	t := &ast.NullTest{Not: not, Pos: pos}
	return r.node(left.pos, t, canon.Arg{Piece: left.Piece, To: &t.X})
}

// isTest reads what is tested behind IS [NOT], in an a_expr.
func (r *Reader) isTest(left expr, pos ast.Pos, not bool) expr {
	switch {
	case r.Accept(keyword.Null):
		return r.nullTest(left, pos, not)
	case r.Is(keyword.True), r.Is(keyword.False), r.Is(keyword.Unknown):
		t := &ast.BooleanTest{Kind: boolTest(r.tok.Keyword, not), Pos: pos}
		r.Next()
		return r.node(left.pos, t, canon.Arg{Piece: left.Piece, To: &t.X})
	}
	return r.isNormalized(left, pos, not)
}

func boolTest(k keyword.ID, not bool) ast.BoolTestKind {
	kind := ast.IsTrue
	switch k {
	case keyword.False:
		kind = ast.IsFalse
	case keyword.Unknown:
		kind = ast.IsUnknown
	}
	if not {
		kind++
	}
	return kind
}

// isNormalized reads [NFC] NORMALIZED.
func (r *Reader) isNormalized(left expr, pos ast.Pos, not bool) expr {
	form := r.normalForm()
	r.Expect(keyword.Normalized)
	f := systemCall("is_normalized", ast.FuncNormalize, pos, 1)
	if form != nil {
		f.Args = append(f.Args, form)
	}
	var e ast.Expr = f
	if not {
		e = &ast.BoolExpr{Op: ast.BoolNot, Args: []ast.Expr{f}, Pos: pos}
	}
	return r.node(left.pos, e, canon.Arg{Piece: left.Piece, To: &f.Args[0]})
}

// normalForm reads NFC, NFD, NFKC or NFKD if one follows.
func (r *Reader) normalForm() ast.Expr {
	switch r.tok.Keyword {
	case keyword.Nfc, keyword.Nfd, keyword.Nfkc, keyword.Nfkd:
		lit := &ast.Literal{Kind: ast.LitString, Text: strings.ToUpper(r.tok.Str), Pos: r.tok.Pos}
		r.Next()
		return lit
	}
	return nil
}

// pattern reads [NOT] BETWEEN, IN, LIKE, ILIKE and SIMILAR TO.
func (r *Reader) pattern(left expr) (e expr, nonassoc prec) {
	pos := r.tok.Pos
	if r.isLikeSubType() {
		return r.quantified(left), precNone
	}
	not := r.Accept(keyword.Not)
	switch {
	case r.Accept(keyword.Between):
		return r.between(left, pos, not), precPattern
	case r.Accept(keyword.In):
		return r.in(left, pos, not), precNone
	}
	return r.like(left, pos, not), precPattern
}

func (r *Reader) between(left expr, pos ast.Pos, not bool) expr {
	symmetric := r.Accept(keyword.Symmetric)
	if !symmetric {
		r.Accept(keyword.Asymmetric)
	}
	lo := r.bExpr()
	r.Expect(keyword.And)
	hi := r.binary(modeAny, precPattern+1)
	if symmetric {
		b := &ast.BetweenExpr{Not: not, Symmetric: true, Pos: pos}
		return r.node(left.pos, b, canon.Arg{Piece: left.Piece, To: &b.X},
			canon.Arg{Piece: lo.Piece, To: &b.Lo}, canon.Arg{Piece: hi.Piece, To: &b.Hi})
	}
	op := " BETWEEN "
	if not {
		op = " NOT BETWEEN "
	}
	p := r.b.Append(r.b.Paren(left.Piece, canon.LevelAdd), r.b.TextAt(op, pos))
	p = r.b.Append(p, r.b.Paren(lo.Piece, canon.LevelAdd))
	p = r.b.Append(p, r.b.Text(" AND "))
	p = r.b.Append(p, r.b.Paren(hi.Piece, canon.LevelAdd))
	p.Level = canon.LevelPred
	return expr{Piece: p, pos: left.pos}
}

// in reads the right side of IN: a list or a query.
func (r *Reader) in(left expr, pos ast.Pos, not bool) expr {
	op := " IN ("
	if not {
		op = " NOT IN ("
	}
	p := r.b.Append(r.b.Paren(left.Piece, canon.LevelAdd), r.b.TextAt(op, pos))
	item := r.parenItem()
	switch {
	case item.query != nil:
		p = r.b.Append(p, r.finish(item.query))
	case item.row != nil:
		for i, e := range item.row {
			if i > 0 {
				p = r.b.Append(p, r.b.Text(", "))
			}
			p = r.b.Append(p, e.Piece)
		}
	default:
		p = r.b.Append(p, item.expr.Piece)
	}
	p = r.b.Append(p, r.b.Text(")"))
	p.Level = canon.LevelPred
	return expr{Piece: p, pos: left.pos}
}

func (r *Reader) like(left expr, pos ast.Pos, not bool) expr {
	l := &ast.LikeExpr{Not: not, Pos: pos}
	op := " LIKE "
	switch {
	case r.Accept(keyword.Like):
	case r.Accept(keyword.Ilike):
		l.Kind, op = ast.ILike, " ILIKE "
	default:
		r.Expect(keyword.Similar, keyword.To)
		l.Kind = ast.SimilarTo
	}
	right := r.binary(modeAny, precPattern+1)
	if l.Kind == ast.SimilarTo || r.Is(keyword.Escape) {
		holes := args{{Piece: left.Piece, To: &l.X}, {Piece: right.Piece, To: &l.Pattern}}
		if r.Accept(keyword.Escape) {
			holes.expr(&l.Escape, r.binary(modeAny, precPattern+1))
		}
		return r.node(left.pos, l, holes...)
	}
	if not {
		op = " NOT" + op
	}
	return r.native(left, r.b.TextAt(op, pos), right, canon.LevelPred, canon.LevelAdd, canon.LevelPrimary)
}

// isSubTypeNext tells whether the current operator is one of "op ANY (…)".
func (r *Reader) isSubTypeNext(mode exprMode) bool {
	if mode == modeB {
		return false
	}
	n := 1
	if r.Is(keyword.Operator) {
		for k := r.Peek(n).Kind; k != ')' && k != lex.EOF && k != lex.Invalid; k = r.Peek(n).Kind {
			n++
		}
		n++
	}
	return isSubType(r.Peek(n))
}

// isLikeSubType is isSubTypeNext for [NOT] LIKE ANY (…).
func (r *Reader) isLikeSubType() bool {
	n := 0
	if r.Is(keyword.Not) {
		n = 1
	}
	return (r.Peek(n).Is(keyword.Like) || r.Peek(n).Is(keyword.Ilike)) && isSubType(r.Peek(n+1))
}

func isSubType(t *lex.Token) bool {
	return t.Is(keyword.Any) || t.Is(keyword.Some) || t.Is(keyword.All)
}

// subqueryOperator reads the operator of "x op ANY (…)".
func (r *Reader) subqueryOperator() (schema, op string, like bool) {
	not := r.Accept(keyword.Not)
	switch {
	case r.Accept(keyword.Like):
		op, like = "~~", true
	case r.Accept(keyword.Ilike):
		op, like = "~~*", true
	default:
		schema, op = r.qualifiedOperator()
	}
	if not {
		op = "!" + op
	}
	return schema, op, like
}

// quantified reads op ANY | SOME | ALL with a query or an array.
func (r *Reader) quantified(left expr) expr {
	pos := r.tok.Pos
	schema, op, like := r.subqueryOperator()
	all := r.Is(keyword.All)
	r.Next()
	if !r.IsChar('(') {
		panic(r.Unexpected())
	}
	item := r.parens(false)
	if item.query != nil {
		kind := ast.SubAny
		if all {
			kind = ast.SubAll
		}
		s := &ast.SubLink{Kind: kind, Schema: schema, Op: op, Query: &ast.Select{}, Pos: pos}
		return r.node(left.pos, s, canon.Arg{Piece: left.Piece, To: &s.Test},
			canon.Arg{Piece: r.parenthesised(r.finish(item.query)), ToQuery: s.Query})
	}
	a := &ast.AnyExpr{Schema: schema, Op: op, All: all, Like: like, Pos: pos}
	return r.node(left.pos, a, canon.Arg{Piece: left.Piece, To: &a.L}, canon.Arg{Piece: item.expr.Piece, To: &a.R})
}
