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
	}
	return e, nil
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
