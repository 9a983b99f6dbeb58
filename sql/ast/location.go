package ast

// Leftmost is where an expression begins, which is the place that errors about it
// point to (PostgreSQL's exprLocation); -1 when that is not known.
func Leftmost(e Expr) Pos {
	if e == nil {
		return -1
	}
	switch x := e.(type) {
	case *TypeCast:
		return leftmost(x.Pos, x.X)
	case *CollateClause:
		return leftmost(-1, x.X)
	case *BinaryOp:
		return leftmost(x.Pos, x.L)
	case *BoolExpr:
		return leftmost(x.Pos, x.Args...)
	case *NullTest:
		return leftmost(x.Pos, x.X)
	case *BooleanTest:
		return leftmost(x.Pos, x.X)
	case *DistinctExpr:
		return leftmost(x.Pos, x.L)
	case *BetweenExpr:
		return leftmost(x.Pos, x.X)
	case *InExpr:
		return leftmost(x.Pos, x.X)
	case *LikeExpr:
		return leftmost(x.Pos, x.X)
	case *AnyExpr:
		return leftmost(x.Pos, x.L)
	case *SubLink:
		if x.Test != nil {
			return leftmost(x.Pos, x.Test)
		}
	case *SubscriptExpr:
		return leftmost(-1, x.X)
	case *FieldSelect:
		return leftmost(-1, x.X)
	case *FuncCall:
		return leftmost(x.Pos, x.Args...)
	case *NamedArg:
		return leftmost(x.Pos, x.X)
	}
	return e.Position()
}

// leftmost is the least position known of a node and its parts.
func leftmost(at Pos, parts ...Expr) Pos {
	for _, p := range parts {
		if l := Leftmost(p); l >= 0 && (at < 0 || l < at) {
			at = l
		}
	}
	return at
}
