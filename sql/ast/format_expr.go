package ast

import "strings"

// bind is how tightly an expression binds, by gram.y's precedences.
type bind uint8

const (
	bindOr bind = iota + 1
	bindAnd
	bindNot
	bindIs
	bindCompare
	bindPattern
	bindOp
	bindAdd
	bindMul
	bindPow
	bindAt
	bindCollate
	bindUnary
	bindCast
	bindPrimary
)

// operatorBind is the precedence of a binary operator.
func operatorBind(schema, op string) bind {
	if schema != "" {
		return bindOp
	}
	switch op {
	case "<", ">", "=", "<=", ">=", "<>":
		return bindCompare
	case "+", "-":
		return bindAdd
	case "*", "/", "%":
		return bindMul
	case "^":
		return bindPow
	}
	return bindOp
}

// bindOf is how tightly an expression binds as it is written.
func bindOf(e Expr) bind {
	switch e := e.(type) {
	case *BoolExpr:
		return [...]bind{bindAnd, bindOr, bindNot}[e.Op]
	case *NullTest, *BooleanTest, *DistinctExpr:
		return bindIs
	case *BetweenExpr, *InExpr, *LikeExpr:
		return bindPattern
	case *BinaryOp:
		return operatorBind(e.Schema, e.Op)
	case *AnyExpr:
		if e.Like {
			return bindPattern
		}
		return operatorBind(e.Schema, e.Op)
	case *SubLink:
		switch {
		case e.Kind != SubAny && e.Kind != SubAll:
			return bindPrimary
		case e.IsIn:
			return bindPattern
		}
		return operatorBind(e.Schema, e.Op)
	case *UnaryOp:
		if e.Schema == "" && (e.Op == "-" || e.Op == "+") {
			return bindUnary
		}
		return bindOp
	case *CollateClause:
		return bindCollate
	case *TypeCast:
		return bindCast
	case *Literal:
		if strings.HasPrefix(e.Text, "-") && (e.Kind == LitInteger || e.Kind == LitNumeric) {
			return bindUnary
		}
	case *FuncCall:
		switch {
		case e.Form == FuncAtTimeZone:
			return bindAt
		case e.Form == FuncNormalize && e.Name.Object == "is_normalized", e.Form == FuncOverlaps:
			return bindIs
		}
	case *DefaultExpr:
		return bindOr
	}
	return bindPrimary
}

// operand writes e, in parentheses if it binds less tightly than least.
func (p *printer) operand(e Expr, least bind) {
	if bindOf(e) < least {
		p.inParens(e)
		return
	}
	p.expr(e)
}

func (p *printer) inParens(e Expr) {
	p.text("(")
	p.expr(e)
	p.text(")")
}

// restricted writes e where gram.y has a b_expr, or less.
func (p *printer) restricted(e Expr) {
	switch e := e.(type) {
	case *TypeCast:
		if bindOf(e.X) == bindPrimary {
			p.expr(e)
			return
		}
	case *Literal:
		p.expr(e)
		return
	default:
		if bindOf(e) == bindPrimary {
			p.expr(e)
			return
		}
	}
	p.inParens(e)
}

func (p *printer) exprs(list []Expr) { p.list(len(list), func(i int) { p.expr(list[i]) }) }

// expr writes an expression.
func (p *printer) expr(e Expr) {
	switch e := e.(type) {
	case *ColumnRef:
		p.columnRef(e)
	case *ParamRef:
		p.text("$")
		p.int(int64(e.Number))
	case *Literal:
		p.constant(e)
	case *TypeCast:
		p.operand(e.X, bindCast)
		p.text("::")
		p.typeName(e.Type)
	case *CollateClause:
		p.operand(e.X, bindCollate)
		p.text(" COLLATE ")
		p.name(e.Collation)
	case *BinaryOp:
		p.binary(e)
	case *UnaryOp:
		p.unary(e)
	case *BoolExpr:
		p.boolean(e)
	case *NullTest:
		p.operand(e.X, bindIs+1)
		p.text(" IS ")
		p.when(e.Not, "NOT ")
		p.text("NULL")
	case *BooleanTest:
		p.operand(e.X, bindIs+1)
		p.text(" IS ", [...]string{"TRUE", "NOT TRUE", "FALSE", "NOT FALSE", "UNKNOWN", "NOT UNKNOWN"}[e.Kind])
	case *DistinctExpr:
		p.operand(e.L, bindIs+1)
		p.text(" IS ")
		p.when(e.Not, "NOT ")
		p.text("DISTINCT FROM ")
		p.operand(e.R, bindIs+1)
	default:
		p.expr2(e)
	}
}

// expr2 writes the other expressions.
func (p *printer) expr2(e Expr) {
	switch e := e.(type) {
	case *BetweenExpr:
		p.between(e)
	case *InExpr:
		p.operand(e.X, bindPattern+1)
		p.when(e.Not, " NOT")
		p.text(" IN (")
		p.exprs(e.List)
		p.text(")")
	case *LikeExpr:
		p.like(e)
	case *AnyExpr:
		p.any(e)
	case *SubLink:
		p.subLink(e)
	case *CaseExpr:
		p.caseExpr(e)
	case *CoalesceExpr:
		p.call("COALESCE", e.Args...)
	case *MinMaxExpr:
		if e.Least {
			p.call("LEAST", e.Args...)
		} else {
			p.call("GREATEST", e.Args...)
		}
	case *NullIfExpr:
		p.call("NULLIF", e.L, e.R)
	case *GroupingFunc:
		p.call("GROUPING", e.Args...)
	case *RowExpr:
		p.when(e.Explicit || len(e.Args) < 2, "ROW")
		p.parens(len(e.Args), func(i int) { p.expr(e.Args[i]) })
	case *ArrayExpr:
		p.text("ARRAY[")
		p.exprs(e.Elems)
		p.text("]")
	case *SubscriptExpr:
		p.subscript(e)
	case *FieldSelect:
		p.field(e)
	case *NamedArg:
		p.ident(e.Name)
		p.text(" => ")
		p.expr(e.X)
	case *FuncCall:
		p.funcCall(e)
	case *SQLValue:
		p.sqlValue(e)
	case *DefaultExpr:
		p.text("DEFAULT")
	}
}

func (p *printer) columnRef(c *ColumnRef) {
	p.dotted(c.Parts)
	if c.Star {
		p.when(len(c.Parts) > 0, ".")
		p.text("*")
	}
}

func (p *printer) constant(l *Literal) {
	switch l.Kind {
	case LitNull:
		p.text("NULL")
	case LitBool:
		if l.Bool {
			p.text("TRUE")
		} else {
			p.text("FALSE")
		}
	case LitInteger, LitNumeric:
		p.text(l.Text)
	case LitString:
		p.literal(l.Text)
	case LitBit:
		p.text(l.Text[:1])
		p.literal(l.Text[1:])
	}
}

// operator writes an operator's name.
func (p *printer) operator(schema, op string) {
	if schema == "" {
		p.text(op)
		return
	}
	p.text("OPERATOR(")
	p.ident(schema)
	p.text(".", op, ")")
}

// binary writes a chain of operators that leans to the left in a loop.
func (p *printer) binary(e *BinaryOp) {
	chain := []*BinaryOp{e}
	for {
		last := chain[len(chain)-1]
		left, ok := last.L.(*BinaryOp)
		if !ok || bindOf(left) < leftBind(last) {
			p.operand(last.L, leftBind(last))
			break
		}
		chain = append(chain, left)
	}
	for i := len(chain) - 1; i >= 0; i-- {
		b := chain[i]
		p.text(" ")
		p.operator(b.Schema, b.Op)
		p.text(" ")
		p.operand(b.R, bindOf(b)+1)
	}
}

// leftBind is what the left operand must bind at least; comparisons are not
// associative.
func leftBind(b *BinaryOp) bind {
	least := bindOf(b)
	if least == bindCompare {
		least++
	}
	return least
}

func (p *printer) unary(e *UnaryOp) {
	p.operator(e.Schema, e.Op)
	p.text(" ")
	least := bindOf(e)
	if least == bindOp {
		least++
	}
	p.operand(e.X, least)
}

func (p *printer) boolean(e *BoolExpr) {
	if e.Op == BoolNot {
		p.text("NOT ")
		p.operand(e.Args[0], bindNot)
		return
	}
	op := " AND "
	if e.Op == BoolOr {
		op = " OR "
	}
	for i, x := range e.Args {
		if i > 0 {
			p.text(op)
		}
		p.operand(x, bindOf(e)+1)
	}
}

func (p *printer) between(e *BetweenExpr) {
	p.operand(e.X, bindPattern+1)
	p.when(e.Not, " NOT")
	p.text(" BETWEEN ")
	p.when(e.Symmetric, "SYMMETRIC ")
	p.restricted(e.Lo)
	p.text(" AND ")
	p.operand(e.Hi, bindPattern+1)
}

func (p *printer) like(e *LikeExpr) {
	p.operand(e.X, bindPattern+1)
	p.when(e.Not, " NOT")
	p.text([...]string{" LIKE ", " ILIKE ", " SIMILAR TO "}[e.Kind])
	p.operand(e.Pattern, bindPattern+1)
	if e.Escape != nil {
		p.text(" ESCAPE ")
		p.operand(e.Escape, bindPattern+1)
	}
}

var likeOperators = map[string]string{"~~": "LIKE", "!~~": "NOT LIKE", "~~*": "ILIKE", "!~~*": "NOT ILIKE"}

func (p *printer) any(e *AnyExpr) {
	p.operand(e.L, bindOf(e)+1)
	p.text(" ")
	if e.Like {
		p.text(likeOperators[e.Op])
	} else {
		p.operator(e.Schema, e.Op)
	}
	p.quantifier(e.All)
	p.text(" ")
	p.inParens(e.R)
}

func (p *printer) quantifier(all bool) {
	if all {
		p.text(" ALL")
	} else {
		p.text(" ANY")
	}
}

func (p *printer) subLink(e *SubLink) {
	switch e.Kind {
	case SubExists:
		p.text("EXISTS ")
	case SubArray:
		p.text("ARRAY")
	case SubAny, SubAll:
		p.operand(e.Test, bindOf(e)+1)
		p.text(" ")
		if e.IsIn {
			p.text("IN ")
			break
		}
		p.operator(e.Schema, e.Op)
		p.quantifier(e.Kind == SubAll)
		p.text(" ")
	}
	p.text("(")
	p.query(e.Query)
	p.text(")")
}

func (p *printer) caseExpr(e *CaseExpr) {
	p.text("CASE")
	if e.Arg != nil {
		p.text(" ")
		p.expr(e.Arg)
	}
	for _, w := range e.Whens {
		p.text(" WHEN ")
		p.expr(w.Cond)
		p.text(" THEN ")
		p.expr(w.Result)
	}
	if e.Else != nil {
		p.text(" ELSE ")
		p.expr(e.Else)
	}
	p.text(" END")
}

// call writes a call of a key word.
func (p *printer) call(name string, args ...Expr) {
	p.text(name, "(")
	p.exprs(args)
	p.text(")")
}

// base writes what a field or subscript is taken of.
func (p *printer) base(e Expr, bare bool) {
	if bare {
		p.expr(e)
		return
	}
	p.inParens(e)
}

func (p *printer) subscript(e *SubscriptExpr) {
	bare := false
	switch e.X.(type) {
	case *ColumnRef, *ParamRef, *FieldSelect:
		bare = true
	}
	p.base(e.X, bare)
	for _, s := range e.Subs {
		p.subscriptBounds(s)
	}
}

func (p *printer) subscriptBounds(s Subscript) {
	p.text("[")
	if s.Lo != nil {
		p.expr(s.Lo)
	}
	p.when(s.Slice, ":")
	if s.Hi != nil {
		p.expr(s.Hi)
	}
	p.text("]")
}

func (p *printer) field(e *FieldSelect) {
	bare := false
	switch e.X.(type) {
	case *SubscriptExpr, *FieldSelect, *ParamRef:
		bare = true
	}
	p.base(e.X, bare)
	p.text(".")
	if e.Name == "" {
		p.text("*")
	} else {
		p.ident(e.Name)
	}
}

var valueFuncNames = [...]string{
	"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP", "CURRENT_ROLE",
	"CURRENT_USER", "USER", "SESSION_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA",
}

func (p *printer) sqlValue(e *SQLValue) {
	p.text(valueFuncNames[e.Func])
	if e.Precision >= 0 {
		p.text("(")
		p.int(int64(e.Precision))
		p.text(")")
	}
}
