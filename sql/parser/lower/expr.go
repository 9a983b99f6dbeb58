package lower

import (
	"strconv"
	"strings"

	tidb "github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/opcode"

	"github.com/streamsqld/streamsqld/sql/ast"
	driver "github.com/streamsqld/streamsqld/sql/parser/tidb"
)

// expr lowers an expression.
func (l *lowering) expr(e tidb.ExprNode) ast.Expr {
	switch e := e.(type) {
	case *tidb.ColumnNameExpr:
		return l.column(e)
	case *driver.Value:
		return l.literal(e)
	case *tidb.FuncCallExpr:
		return l.call(e)
	case *tidb.BinaryOperationExpr:
		return l.binary(e)
	case *tidb.UnaryOperationExpr:
		return l.unary(e)
	case *tidb.ParenthesesExpr:
		return l.expr(e.Expr)
	case *tidb.PatternInExpr:
		return l.in(e)
	case *tidb.BetweenExpr:
		return &ast.BetweenExpr{X: l.expr(e.Expr), Lo: l.expr(e.Left), Hi: l.expr(e.Right), Not: e.Not, Pos: l.before(e.Left)}
	case *tidb.PatternLikeOrIlikeExpr:
		return l.like(e)
	case *tidb.CaseExpr:
		return l.caseExpr(e)
	case *tidb.RowExpr:
		return &ast.RowExpr{Args: l.exprs(e.Values), Pos: l.pos(e)}
	case *tidb.SubqueryExpr:
		return &ast.SubLink{Kind: ast.SubExpr, Query: l.query(e.Query), Pos: l.pos(e)}
	case *tidb.ExistsSubqueryExpr:
		return &ast.SubLink{Kind: ast.SubExists, Query: l.query(e.Sel.(*tidb.SubqueryExpr).Query), Pos: l.pos(e)}
	}
	l.bug("expression %T", e)
	return nil
}

func (l *lowering) exprs(list []tidb.ExprNode) []ast.Expr {
	out := make([]ast.Expr, len(list))
	for i, e := range list {
		out[i] = l.expr(e)
	}
	return out
}

// column lowers a column's name, or a marker without arguments.
func (l *lowering) column(e *tidb.ColumnNameExpr) ast.Expr {
	if x, ok := marked[ast.Expr](l, e); ok {
		return x
	}
	n := e.Name
	c := &ast.ColumnRef{Pos: l.pos(e)}
	switch {
	case n.Schema.O != "":
		c.Parts = []string{l.user(n.Schema), l.user(n.Table), l.user(n.Name)}
	case n.Table.O != "":
		c.Parts = []string{l.user(n.Table), l.user(n.Name)}
	default:
		c.Parts = []string{l.user(n.Name)}
	}
	return c
}

// call lowers a plain call, or a marker with arguments.
func (l *lowering) call(e *tidb.FuncCallExpr) ast.Expr {
	if x, ok := marked[ast.Expr](l, e); ok {
		return x
	}
	f := &ast.FuncCall{Args: l.exprs(e.Args), Pos: l.pos(e)}
	f.Name = ast.Name{Object: l.user(e.FnName), Pos: f.Pos}
	if e.Schema.O != "" {
		f.Name.Schema = l.user(e.Schema)
	}
	return f
}

func (l *lowering) literal(v *driver.Value) ast.Expr {
	lit := &ast.Literal{Pos: l.pos(v)}
	switch x := v.V.(type) {
	case nil:
		lit.Kind = ast.LitNull
	case bool:
		lit.Kind, lit.Bool = ast.LitBool, x
	case int64:
		lit.Kind, lit.Text = ast.LitInteger, strconv.FormatInt(x, 10)
	case uint64:
		lit.Kind, lit.Text = ast.LitInteger, strconv.FormatUint(x, 10)
	case driver.Decimal:
		lit.Kind, lit.Text = ast.LitInteger, string(x)
		if strings.Contains(lit.Text, ".") {
			lit.Kind = ast.LitNumeric
		}
	case string:
		lit.Kind, lit.Text = ast.LitString, x
	default:
		l.bug("literal %T", v.V)
	}
	return lit
}

var operators = map[opcode.Op]string{
	opcode.Plus: "+", opcode.Minus: "-", opcode.Mul: "*", opcode.Div: "/", opcode.Mod: "%",
	opcode.EQ: "=", opcode.NE: "<>", opcode.LT: "<", opcode.LE: "<=", opcode.GT: ">", opcode.GE: ">=",
}

// binary lowers an operator. Chains lean to the left and may be very long, so
// the left side is walked in a loop.
func (l *lowering) binary(e *tidb.BinaryOperationExpr) ast.Expr {
	chain := []*tidb.BinaryOperationExpr{e}
	for {
		left, ok := chain[len(chain)-1].L.(*tidb.BinaryOperationExpr)
		if !ok {
			break
		}
		chain = append(chain, left)
	}
	x := l.expr(chain[len(chain)-1].L)
	for i := len(chain) - 1; i >= 0; i-- {
		x = l.binaryOver(x, chain[i])
	}
	return x
}

// binaryOver puts the operator of e over its left operand x.
func (l *lowering) binaryOver(x ast.Expr, e *tidb.BinaryOperationExpr) ast.Expr {
	switch e.Op {
	case opcode.LogicAnd:
		return l.boolean(ast.BoolAnd, x, e)
	case opcode.LogicOr:
		return l.boolean(ast.BoolOr, x, e)
	}
	op, ok := operators[e.Op]
	if !ok {
		l.bug("operator %v", e.Op)
	}
	return &ast.BinaryOp{Op: op, L: x, R: l.expr(e.R), Pos: l.before(e.R)}
}

// boolean puts AND or OR over x. As in PostgreSQL, an operand on the left that
// is the same operator grows, in parentheses or not.
func (l *lowering) boolean(op ast.BoolOp, x ast.Expr, e *tidb.BinaryOperationExpr) ast.Expr {
	right := l.expr(e.R)
	if b, ok := x.(*ast.BoolExpr); ok && b.Op == op {
		b.Args = append(b.Args, right)
		return b
	}
	return &ast.BoolExpr{Op: op, Args: []ast.Expr{x, right}, Pos: l.before(e.R)}
}

func (l *lowering) unary(e *tidb.UnaryOperationExpr) ast.Expr {
	x, pos := l.expr(e.V), l.pos(e)
	switch e.Op {
	case opcode.Not:
		return &ast.BoolExpr{Op: ast.BoolNot, Args: []ast.Expr{x}, Pos: pos}
	case opcode.Plus:
		return &ast.UnaryOp{Op: "+", X: x, Pos: pos}
	case opcode.Minus:
		return negate(x, pos)
	}
	l.bug("operator %v", e.Op)
	return nil
}

// negate is gram.y's doNegate: the minus of a number is part of it.
func negate(x ast.Expr, pos ast.Pos) ast.Expr {
	lit, ok := x.(*ast.Literal)
	if !ok || lit.Kind != ast.LitInteger && lit.Kind != ast.LitNumeric {
		return &ast.UnaryOp{Op: "-", X: x, Pos: pos}
	}
	lit.Pos = pos
	switch {
	case strings.HasPrefix(lit.Text, "-"):
		lit.Text = lit.Text[1:]
	case lit.Text != "0":
		lit.Text = "-" + lit.Text
	}
	return lit
}

// in lowers IN with a list or a query.
func (l *lowering) in(e *tidb.PatternInExpr) ast.Expr {
	if e.Sel == nil {
		return &ast.InExpr{X: l.expr(e.Expr), List: l.exprs(e.List), Not: e.Not, Pos: l.before(e.List[0])}
	}
	pos := l.pos(e.Sel)
	var x ast.Expr = &ast.SubLink{
		Kind: ast.SubAny, Test: l.expr(e.Expr), Op: "=", IsIn: true,
		Query: l.query(e.Sel.(*tidb.SubqueryExpr).Query), Pos: pos,
	}
	if e.Not {
		x = &ast.BoolExpr{Op: ast.BoolNot, Args: []ast.Expr{x}, Pos: pos}
	}
	return x
}

func (l *lowering) like(e *tidb.PatternLikeOrIlikeExpr) ast.Expr {
	x := &ast.LikeExpr{X: l.expr(e.Expr), Pattern: l.expr(e.Pattern), Not: e.Not, Pos: l.before(e.Pattern)}
	if !e.IsLike {
		x.Kind = ast.ILike
	}
	return x
}

func (l *lowering) caseExpr(e *tidb.CaseExpr) ast.Expr {
	c := &ast.CaseExpr{Pos: l.pos(e), Whens: make([]ast.When, len(e.WhenClauses))}
	if e.Value != nil {
		c.Arg = l.expr(e.Value)
	}
	for i, w := range e.WhenClauses {
		c.Whens[i] = ast.When{Cond: l.expr(w.Expr), Result: l.expr(w.Result), Pos: l.before(w.Expr)}
	}
	if e.ElseClause != nil {
		c.Else = l.expr(e.ElseClause)
	}
	return c
}
