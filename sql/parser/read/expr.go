package read

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// expr is an expression that was read.
type expr struct {
	canon.Piece
	pos ast.Pos // of its first token
	// simple is set for gram.y's c_expr: an expression that no operator ends.
	simple bool
}

// Expression is an expression that was read, for the statements that TiDB has
// no form of. It becomes a tree by Fill.
type Expression = expr

// Fill makes an expression a slot of the statement: its tree will go to to.
func (r *Reader) Fill(to *ast.Expr, e Expression) { r.Slot(canon.Arg{Piece: e.Piece, To: to}) }

// Expr reads gram.y's a_expr.
func (r *Reader) Expr() expr { return r.binary(modeAny, precLowest) }

// bExpr reads gram.y's b_expr, which has no AND, OR, NOT, IN, LIKE, BETWEEN,
// IS NULL and their kin.
func (r *Reader) bExpr() expr { return r.binary(modeB, precLowest) }

// BExpr is bExpr.
func (r *Reader) BExpr() Expression { return r.bExpr() }

// exprMode says where an expression stands.
type exprMode uint8

const (
	modeAny    exprMode = iota // a_expr
	modeB                      // b_expr
	modeTarget                 // a_expr of a target list: a label may follow
)

// prec is the precedence of an operator token, as declared in gram.y.
type prec uint8

const (
	precNone prec = iota
	precLowest
	precOr
	precAnd
	precNot
	precIs      // nonassoc
	precCompare // nonassoc
	precPattern // BETWEEN IN LIKE ILIKE SIMILAR, nonassoc
	precOp      // user-defined and other operators
	precAdd
	precMul
	precPow
	precAt
	precCollate
	precUnary
	precCast
)

// binary reads operators of at least the precedence low and their operands.
func (r *Reader) binary(mode exprMode, low prec) expr {
	r.enter()
	e := r.infix(r.prefix(mode), mode, low)
	r.leave()
	return e
}

// infix reads the operators that follow the operand left.
func (r *Reader) infix(left expr, mode exprMode, low prec) expr {
	operand := mode
	if mode == modeTarget {
		operand = modeAny
	}
	// last is the precedence of the non-associative operator whose right
	// operand has just ended: another one of it is an error.
	last := precNone
	for {
		p := r.precedence(mode)
		if p < low || p == precNone || mode == modeTarget && r.isLabelNotOperator() {
			return left
		}
		if p == last {
			panic(r.Unexpected())
		}
		left, last = r.operator(left, operand, p)
		left.simple = false
	}
}

// precedence is the precedence of the current token as an operator behind an
// operand, precNone if it is none.
func (r *Reader) precedence(mode exprMode) prec {
	switch r.tok.Kind {
	case lex.Op:
		return precOp
	case '+', '-':
		return precAdd
	case '*', '/', '%':
		return precMul
	case '^':
		return precPow
	case '<', '>', '=', lex.LessEquals, lex.GreaterEquals, lex.NotEquals:
		return precCompare
	case lex.Typecast:
		return precCast
	case lex.Keyword:
		return r.wordPrecedence(mode)
	}
	return precNone
}

func (r *Reader) wordPrecedence(mode exprMode) prec {
	switch r.tok.Keyword {
	case keyword.Operator:
		if mode != modeTarget || r.Peek(1).Kind == '(' {
			return precOp
		}
		return precNone
	case keyword.Is:
		return precIs
	}
	if mode == modeB {
		return precNone
	}
	switch r.tok.Keyword {
	case keyword.And:
		return precAnd
	case keyword.Or:
		return precOr
	case keyword.Isnull, keyword.Notnull:
		return precIs
	case keyword.Between, keyword.In, keyword.Like, keyword.Ilike:
		return precPattern
	case keyword.Similar:
		if !r.similar || r.Peek(1).Is(keyword.To) {
			return precPattern
		}
	case keyword.Not:
		if r.isNotLA() {
			return precPattern
		}
	case keyword.At:
		return precAt
	case keyword.Collate:
		return precCollate
	}
	return precNone
}

// isLabelNotOperator tells whether the current word, an operator, is the label
// of a target: what follows cannot be an operand of it.
func (r *Reader) isLabelNotOperator() bool {
	if r.tok.Kind != lex.Keyword || !r.tok.Keyword.BareLabel() {
		return false
	}
	next := r.Peek(1)
	switch next.Kind {
	case lex.EOF, ',', ')', ';':
		return true
	case lex.Keyword:
		switch next.Keyword {
		case keyword.From, keyword.Into, keyword.Where, keyword.Group, keyword.Having, keyword.Window,
			keyword.Union, keyword.Intersect, keyword.Except, keyword.Order, keyword.Limit, keyword.Offset,
			keyword.Fetch, keyword.For, keyword.With, keyword.Returning:
			return true
		case keyword.On:
			return true
		}
	}
	return false
}

// operator reads the operator at the cursor, of precedence p, and what belongs
// to it behind it. nonassoc is the operator's precedence if it is not
// associative and its last part is an operand.
func (r *Reader) operator(left expr, mode exprMode, p prec) (e expr, nonassoc prec) {
	switch p {
	case precOr:
		return r.nativeBinary(left, mode, " OR ", canon.LevelOr, precAnd), precNone
	case precAnd:
		return r.nativeBinary(left, mode, " AND ", canon.LevelAnd, precNot), precNone
	case precIs:
		return r.is(left, mode)
	case precPattern:
		return r.pattern(left)
	case precAt:
		return r.atTimeZone(left), precNone
	case precCollate:
		return r.collate(left), precNone
	case precCast:
		return r.cast(left), precNone
	case precCompare:
		if r.isSubTypeNext(mode) {
			return r.quantified(left), precNone
		}
		return r.comparison(left, mode), precCompare
	}
	if r.isSubTypeNext(mode) {
		return r.quantified(left), precNone
	}
	return r.arithmetic(left, mode, p), precNone
}

// nativeBinary reads a left-associative operator that TiDB has too; the right
// operand has at least the precedence next, and binds tighter than level.
func (r *Reader) nativeBinary(left expr, mode exprMode, text string, level canon.Level, next prec) expr {
	op := r.b.TextAt(text, r.tok.Pos)
	r.Next()
	right := r.binary(mode, next)
	return r.native(left, op, right, level, level, level+1)
}

// native joins operands around an operator of TiDB's with the levels that
// TiDB's grammar wants there.
func (r *Reader) native(left expr, op canon.Piece, right expr, level, needLeft, needRight canon.Level) expr {
	p := r.b.Append(r.b.Paren(left.Piece, needLeft), op)
	p = r.b.Append(p, r.b.Paren(right.Piece, needRight))
	p.Level = level
	return expr{Piece: p, pos: left.pos}
}

func (r *Reader) comparison(left expr, mode exprMode) expr {
	op := r.b.TextAt(comparisonText(r.tok.Kind), r.tok.Pos)
	r.Next()
	right := r.binary(mode, precCompare+1)
	return r.native(left, op, right, canon.LevelBool, canon.LevelPred, canon.LevelPred)
}

func comparisonText(k lex.Kind) string {
	switch k {
	case '<':
		return " < "
	case '>':
		return " > "
	case '=':
		return " = "
	case lex.LessEquals:
		return " <= "
	case lex.GreaterEquals:
		return " >= "
	}
	return " <> "
}

// arithmetic reads + - * / %, which TiDB has too, and all other operators.
func (r *Reader) arithmetic(left expr, mode exprMode, p prec) expr {
	pos := r.tok.Pos
	switch r.tok.Kind {
	case '+':
		return r.nativeBinary(left, mode, " + ", canon.LevelAdd, precAdd+1)
	case '-':
		return r.nativeBinary(left, mode, " - ", canon.LevelAdd, precAdd+1)
	case '*':
		return r.nativeBinary(left, mode, " * ", canon.LevelMul, precMul+1)
	case '/':
		return r.nativeBinary(left, mode, " / ", canon.LevelMul, precMul+1)
	case '%':
		return r.nativeBinary(left, mode, " % ", canon.LevelMul, precMul+1)
	}
	op := &ast.BinaryOp{Pos: pos}
	op.Schema, op.Op = r.qualifiedOperator()
	right := r.binary(mode, p+1)
	return r.node(left.pos, op, canon.Arg{Piece: left.Piece, To: &op.L}, canon.Arg{Piece: right.Piece, To: &op.R})
}

// qualifiedOperator reads an operator, or OPERATOR(schema.op).
func (r *Reader) qualifiedOperator() (schema, op string) {
	if r.Is(keyword.Operator) {
		r.Next()
		r.ExpectChar('(')
		schema, op = r.AnyOperator()
		r.ExpectChar(')')
		return schema, op
	}
	op = r.tok.Operator()
	if op == "" {
		panic(r.Unexpected())
	}
	r.Next()
	return "", op
}

// AnyOperator reads gram.y's any_operator: an operator with an optional
// schema.
func (r *Reader) AnyOperator() (schema, op string) {
	for r.tok.Operator() == "" {
		if schema != "" {
			schema += "."
		}
		schema += r.ColID().Name
		r.ExpectChar('.')
	}
	op = r.tok.Operator()
	r.Next()
	return schema, op
}

// node makes an expression of a node with holes.
func (r *Reader) node(pos ast.Pos, value ast.Expr, holes ...canon.Arg) expr {
	return expr{Piece: r.b.Node(value, holes...), pos: pos}
}

// leaf makes an expression of a complete node.
func (r *Reader) leaf(value ast.Expr) expr {
	return expr{Piece: r.b.Node(value), pos: value.Position(), simple: true}
}

// cast reads ::type.
func (r *Reader) cast(left expr) expr {
	c := &ast.TypeCast{Pos: r.tok.Pos}
	r.Next()
	holes := args{{Piece: left.Piece, To: &c.X}}
	c.Type = r.typeName(&holes)
	return r.node(left.pos, c, holes...)
}

func (r *Reader) collate(left expr) expr {
	c := &ast.CollateClause{Pos: r.tok.Pos}
	r.Next()
	c.Collation = r.AnyName()
	return r.node(left.pos, c, canon.Arg{Piece: left.Piece, To: &c.X})
}

func (r *Reader) atTimeZone(left expr) expr {
	f := systemCall("timezone", ast.FuncAtTimeZone, r.tok.Pos, 2)
	r.Next()
	r.Expect(keyword.Time, keyword.Zone)
	zone := r.binary(modeAny, precAt+1)
	return r.node(left.pos, f, canon.Arg{Piece: zone.Piece, To: &f.Args[0]}, canon.Arg{Piece: left.Piece, To: &f.Args[1]})
}

// systemCall makes a call of a function of pg_catalog with n arguments.
func systemCall(name string, form ast.FuncForm, pos ast.Pos, n int) *ast.FuncCall {
	return &ast.FuncCall{
		Name: ast.Name{Schema: "pg_catalog", Object: name, Pos: pos}, Args: make([]ast.Expr, n), Form: form, Pos: pos,
	}
}

// prefix reads a prefix operator with its operand, or an operand.
func (r *Reader) prefix(mode exprMode) expr {
	pos := r.tok.Pos
	switch r.tok.Kind {
	case '-', '+':
		return r.sign(mode)
	case lex.Op:
		return r.prefixOperator(mode)
	case lex.Keyword:
		switch {
		case r.Is(keyword.Operator) && r.Peek(1).Kind == '(':
			return r.prefixOperator(mode)
		case mode == modeB:
		case r.Is(keyword.Not):
			return r.not(mode)
		case r.Is(keyword.Default):
			r.Next()
			return r.leaf(&ast.DefaultExpr{Pos: pos})
		case r.Is(keyword.Unique):
			return r.unique()
		}
	}
	e := r.primary(mode)
	e.simple = true
	return e
}

func operandMode(mode exprMode) exprMode {
	if mode == modeTarget {
		return modeAny
	}
	return mode
}

// sign reads a sign with its operand. That a minus before a number is part of
// the number is seen to in the lowering.
func (r *Reader) sign(mode exprMode) expr {
	pos := r.tok.Pos
	text := "- "
	if r.IsChar('+') {
		text = "+ "
	}
	op := r.b.TextAt(text, pos)
	r.Next()
	x := r.binary(operandMode(mode), precUnary)
	p := r.b.Append(op, r.b.Paren(x.Piece, canon.LevelPrimary))
	p.Level = canon.LevelMul // so that no two signs meet
	return expr{Piece: p, pos: pos}
}

func (r *Reader) prefixOperator(mode exprMode) expr {
	op := &ast.UnaryOp{Pos: r.tok.Pos}
	op.Schema, op.Op = r.qualifiedOperator()
	x := r.binary(operandMode(mode), precOp+1)
	return r.node(op.Pos, op, canon.Arg{Piece: x.Piece, To: &op.X})
}

func (r *Reader) not(mode exprMode) expr {
	pos := r.tok.Pos
	op := r.b.TextAt("NOT ", pos)
	r.Next()
	x := r.binary(operandMode(mode), precNot)
	p := r.b.Append(op, r.b.Paren(x.Piece, canon.LevelPrimary))
	p.Level = canon.LevelNot
	return expr{Piece: p, pos: pos}
}

// unique reads the UNIQUE predicate, which PostgreSQL knows but does not have.
func (r *Reader) unique() expr {
	pos := r.tok.Pos
	r.Next()
	if r.Accept(keyword.Nulls) {
		r.Accept(keyword.Not)
		r.Expect(keyword.Distinct)
	}
	r.selectWithParens()
	r.Fail(notImplemented("UNIQUE predicate is not yet implemented", pos))
	return expr{}
}
