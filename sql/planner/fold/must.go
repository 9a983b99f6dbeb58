package fold

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/arrays"
)

// Must evaluates e, whose operands are evaluated, if it is immutable and constant;
// where that fails the error is told.
func Must(e plan.Expr, env *funcs.Env) (plan.Expr, error) {
	out := foldNode(e, env)
	if out != e {
		return out, nil
	}
	switch x := e.(type) {
	case *plan.Call:
		if evaluable(x) {
			_, _, err := evalCall(x, env)
			return e, err
		}
	case *plan.ViaIO:
		if c, ok := x.X.(*plan.Const); ok && !c.Val.IsNull() && immutableText(c.Typ) && immutableText(x.Typ) {
			_, err := x.Typ.In(&env.Env, c.Typ.Text(&env.Env, c.Val), x.TypMod)
			return e, err
		}
	case *plan.MakeArray:
		return mustArray(x)
	case *plan.MinMax:
		return extreme(x), nil
	case *plan.NullIf:
		return mustNullIf(x, env)
	case *plan.Distinct:
		return mustDistinct(x, env)
	}
	return e, nil
}

// extreme is GREATEST or LEAST of constants.
func extreme(x *plan.MinMax) plan.Expr {
	best := &plan.Const{Typ: x.Typ, TypMod: x.TypMod}
	for _, a := range x.Args {
		c, ok := a.(*plan.Const)
		if !ok {
			return x
		}
		if c.Val.IsNull() {
			continue
		}
		if sign := x.Typ.Compare(c.Val, best.Val); best.Val.IsNull() || x.Least && sign < 0 || !x.Least && sign > 0 {
			best = &plan.Const{Val: c.Val, Typ: x.Typ, TypMod: x.TypMod}
		}
	}
	return best
}

func mustNullIf(x *plan.NullIf, env *funcs.Env) (plan.Expr, error) {
	result, ok := x.X.(*plan.Const)
	equal, known, err := constEqual(x.Eq, x.L, x.R, env)
	if !ok || !known || err != nil {
		return x, err
	}
	if equal {
		return &plan.Const{Typ: result.Typ, TypMod: result.TypMod}, nil
	}
	return result, nil
}

func mustDistinct(x *plan.Distinct, env *funcs.Env) (plan.Expr, error) {
	l, ok := x.L.(*plan.Const)
	r, also := x.R.(*plan.Const)
	if !ok || !also {
		return x, nil
	}
	if l.Val.IsNull() || r.Val.IsNull() {
		return boolConst((l.Val.IsNull() != r.Val.IsNull()) != x.Not), nil
	}
	equal, known, err := constEqual(x.Eq, l, r, env)
	if !known || err != nil {
		return x, err
	}
	return boolConst(equal == x.Not), nil
}

// constEqual compares constants; known is false where they are none, or one is NULL.
func constEqual(eq *funcs.Func, l, r plan.Expr, env *funcs.Env) (equal, known bool, err error) {
	call := &plan.Call{Fn: eq, Args: []plan.Expr{l, r}, Ret: types.TBool, RetMod: types.NoMod}
	if isNull(l) || isNull(r) || !evaluable(call) {
		return false, false, nil
	}
	d, ok, err := evalCall(call, env)
	return ok && err == nil && d.Bool(), ok, err
}

// evaluable tells whether a call is immutable and of constants.
func evaluable(c *plan.Call) bool {
	if c.Fn.RetSet || !c.Fn.Supported() || c.Fn.Volatility != funcs.Immutable || c.Ret.OID == types.RecordOID {
		return false
	}
	for _, a := range c.Args {
		if _, ok := a.(*plan.Const); !ok {
			return false
		}
	}
	return true
}

// mustArray is ARRAY[…]: the dimensions of arrays in it have to match.
func mustArray(x *plan.MakeArray) (plan.Expr, error) {
	if len(x.Elems) == 0 {
		return x, nil
	}
	parts := make([]types.Datum, len(x.Elems))
	for i, e := range x.Elems {
		c, ok := e.(*plan.Const)
		if !ok {
			return x, nil
		}
		parts[i] = c.Val
	}
	if !x.Multi {
		one := types.Array{Elem: x.Typ.Elem, Dims: []int32{int32(len(parts))}, Lower: []int32{1}, Vals: parts}
		return &plan.Const{Val: types.NewString(one.Encode()), Typ: x.Typ, TypMod: types.NoMod}, nil
	}
	a, err := arrays.Construct(x.Typ.Elem, parts)
	if err != nil {
		return nil, err
	}
	return &plan.Const{Val: types.NewString(a), Typ: x.Typ, TypMod: types.NoMod}, nil
}
