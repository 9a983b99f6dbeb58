// Package fold evaluates what is constant in expressions.
package fold

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Expr replaces every part of e that is immutable and constant by its value. A
// part that fails is left as it is: it fails when, and only if, it is evaluated.
func Expr(e plan.Expr, env *funcs.Env) plan.Expr {
	return plan.Map(e, func(x plan.Expr) plan.Expr { return foldNode(x, env) })
}

func foldNode(e plan.Expr, env *funcs.Env) plan.Expr {
	switch x := e.(type) {
	case *plan.Call:
		return foldCall(x, env)
	case *plan.Relabel:
		if c, ok := x.X.(*plan.Const); ok {
			return &plan.Const{Val: c.Val, Typ: x.Typ, TypMod: x.TypMod}
		}
	case *plan.ViaIO:
		return foldIO(x, env)
	case *plan.And, *plan.Or:
		return Logic(e)
	case *plan.Not:
		return foldNot(x)
	case *plan.IsNull:
		if c, ok := x.X.(*plan.Const); ok {
			return boolConst(c.Val.IsNull() != x.Not)
		}
	case *plan.BoolTest:
		if c, ok := x.X.(*plan.Const); ok {
			return boolConst((!c.Val.IsNull() && c.Val.Bool() == x.Want) != x.Not)
		}
	case *plan.Case:
		return foldCase(x, env)
	case *plan.Coalesce:
		return foldCoalesce(x)
	case *plan.NullIf:
		if isNull(x.L) || isNull(x.R) { // NULL is equal to nothing
			return x.X
		}
	}
	return e
}

func isNull(e plan.Expr) bool {
	c, ok := e.(*plan.Const)
	return ok && c.Val.IsNull()
}

func boolConst(v bool) *plan.Const {
	return &plan.Const{Val: types.NewBool(v), Typ: types.TBool, TypMod: types.NoMod}
}

// constBool tells a boolean constant: its value, and whether it is NULL.
func constBool(e plan.Expr) (value, null, ok bool) {
	c, isConst := e.(*plan.Const)
	if !isConst {
		return false, false, false
	}
	return c.Val.Bool(), c.Val.IsNull(), true
}

func foldCall(c *plan.Call, env *funcs.Env) plan.Expr {
	if c.Fn.RetSet || !c.Fn.Supported() {
		return c
	}
	constant, null := true, false
	for _, a := range c.Args {
		k, ok := a.(*plan.Const)
		constant = constant && ok
		null = null || ok && k.Val.IsNull()
	}
	if null && c.Fn.Strict && c.Ret.OID != types.RecordOID { // never called, so nothing else of it is computed either, even if that would fail
		return &plan.Const{Typ: c.Ret, TypMod: c.RetMod}
	}
	if !constant || c.Fn.Volatility != funcs.Immutable {
		return c
	}
	d, ok, err := evalCall(c, env)
	if !ok || err != nil {
		return c
	}
	return &plan.Const{Val: d, Typ: c.Ret, TypMod: c.RetMod}
}

// evalCall calls a function of constants; ok is false where it cannot be called.
func evalCall(c *plan.Call, env *funcs.Env) (d types.Datum, ok bool, err error) {
	site := &funcs.Call{Func: c.Fn, Ret: c.Ret, Variadic: c.Variadic, Columns: c.Columns, Env: env}
	args := make([]*vec.Vec, len(c.Args))
	for i, a := range c.Args {
		k := a.(*plan.Const)
		site.Args, site.Mods, site.Const = append(site.Args, k.Typ), append(site.Mods, k.TypMod), append(site.Const, &k.Val)
		args[i] = new(vec.Vec)
		args[i].Const(k.Typ.Kind, k.Val, 1)
	}
	kernel, err := site.Bind()
	if err != nil {
		return types.Null, false, nil
	}
	var bad vec.RowErrors
	var out vec.Vec
	kernel(&funcs.Ctx{Env: env, Bad: &bad}, args, 1, &out)
	if err := bad.First(); err != nil {
		return types.Null, true, err
	}
	return out.Datum(0), true, nil
}

func foldIO(x *plan.ViaIO, env *funcs.Env) plan.Expr {
	c, ok := x.X.(*plan.Const)
	if !ok {
		return x
	}
	if c.Val.IsNull() {
		return &plan.Const{Typ: x.Typ, TypMod: x.TypMod}
	}
	if !immutableText(c.Typ) || !immutableText(x.Typ) {
		return x
	}
	d, err := x.Typ.In(&env.Env, c.Typ.Text(&env.Env, c.Val), x.TypMod)
	if err != nil {
		return x
	}
	return &plan.Const{Val: d, Typ: x.Typ, TypMod: x.TypMod}
}

// immutableText tells the types whose text form depends on no setting.
func immutableText(t *types.Type) bool {
	switch t.Underlying().OID {
	case types.BoolOID, types.Int2OID, types.Int4OID, types.Int8OID, types.OidOID, types.NumericOID, types.TextOID, types.VarcharOID,
		types.BpcharOID, types.NameOID, types.CharOID, types.UUIDOID, types.UnknownOID, types.JSONOID, types.JSONBOID:
		return true
	}
	return false
}

// Logic shortens an AND or OR of which some operands are constants.
func Logic(e plan.Expr) plan.Expr {
	switch x := e.(type) {
	case *plan.And:
		return foldLogic(x.Args, false, e)
	case *plan.Or:
		return foldLogic(x.Args, true, e)
	}
	return e
}

// foldLogic shortens AND (stop false) and OR (stop true): constants that decide,
// or change nothing, go.
func foldLogic(args []plan.Expr, stop bool, e plan.Expr) plan.Expr {
	var rest []plan.Expr
	null := false
	for _, a := range args {
		v, isNull, ok := constBool(a)
		switch {
		case !ok:
			rest = append(rest, a)
		case isNull:
			null = true
		case v == stop:
			return boolConst(stop)
		}
	}
	if null {
		rest = append(rest, &plan.Const{Typ: types.TBool, TypMod: types.NoMod})
	}
	switch {
	case len(rest) == 0:
		return boolConst(!stop)
	case len(rest) == 1:
		return rest[0]
	case len(rest) == len(args):
		return e
	}
	return e.WithChildren(rest)
}

func foldNot(x *plan.Not) plan.Expr {
	if v, null, ok := constBool(x.X); ok {
		if null {
			return x.X
		}
		return boolConst(!v)
	}
	switch inner := x.X.(type) {
	case *plan.Not:
		return inner.X
	case *plan.And:
		args := negated(inner.Args)
		return foldLogic(args, true, &plan.Or{Args: args})
	case *plan.Or:
		args := negated(inner.Args)
		return foldLogic(args, false, &plan.And{Args: args})
	}
	return x
}

// negated moves a NOT into what AND or OR connects, so that a condition is seen as
// the conjunction or disjunction that it is.
func negated(args []plan.Expr) []plan.Expr {
	out := make([]plan.Expr, len(args))
	for i, a := range args {
		out[i] = foldNot(&plan.Not{X: a})
	}
	return out
}

func foldCoalesce(x *plan.Coalesce) plan.Expr {
	var rest []plan.Expr
	for _, a := range x.Args {
		c, ok := a.(*plan.Const)
		if ok && c.Val.IsNull() {
			continue
		}
		rest = append(rest, a)
		if ok {
			break
		}
	}
	switch {
	case len(rest) == 0:
		return x.Args[0]
	case len(rest) == 1:
		return rest[0]
	case len(rest) == len(x.Args):
		return x
	}
	return x.WithChildren(rest)
}
