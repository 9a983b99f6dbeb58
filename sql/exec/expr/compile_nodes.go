package expr

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// pure are the traits of a node that cannot fail and costs little.
var pure = traits{rowFree: true, safe: true, cost: 1}

// partial are the traits of a node that may fail or cost a lot.
var partial = traits{rowFree: true, cost: 10}

func (b *builder) grouping(e *plan.Grouping) (*cell, error) {
	set, err := b.compile(&plan.Col{ID: e.Set, Typ: types.TInt4, TypMod: types.NoMod})
	if err != nil {
		return nil, err
	}
	return b.interior("", types.Int, pure, []*cell{set}, func(a []*cell) (node, error) {
		return &groupingNode{set: a[0], masks: e.Masks}, nil
	})
}

// callTraits tells what is known of a call of fn.
func callTraits(fn *funcs.Func) traits {
	tr := traits{rowFree: true, cost: 10, safe: fn.Leakproof, volatile: fn.Volatility == funcs.Volatile}
	switch fn.Src {
	case "numeric_eq", "numeric_ne", "numeric_lt", "numeric_le", "numeric_gt", "numeric_ge":
		tr.safe = true // PostgreSQL does not say so, but they cannot fail
	}
	if tr.safe && len(fn.Args) == 2 && fn.Ret == types.TBool {
		tr.cost = 1
		if fn.Args[0].Kind == types.Bytes {
			tr.cost = 4
		}
	}
	return tr
}

func (b *builder) call(e *plan.Call) (*cell, error) {
	args, err := b.compileAll(e.Args)
	if err != nil {
		return nil, err
	}
	k := b.begin('f').num(int64(e.Fn.OID)).num(int64(e.Ret.OID)).flag(e.Variadic).types(e.Args).cells(args).done()
	if e.Fn.OID == 0 || e.Columns != nil {
		k = "" // nothing that two calls could be told equal by
	}
	return b.interior(k, e.Ret.Kind, callTraits(e.Fn), args, func(a []*cell) (node, error) {
		site := callSite(e.Fn, e.Args, e.Ret, b.cc.Env)
		site.Variadic, site.Columns = e.Variadic, e.Columns
		n, err := bind(site, a)
		return n, pgerr.AtPos(err, e.Pos)
	})
}

// callSite describes a call for the function's Bind.
func callSite(fn *funcs.Func, args []plan.Expr, ret *types.Type, env *funcs.Env) *funcs.Call {
	c := &funcs.Call{Func: fn, Ret: ret, Env: env}
	for _, a := range args {
		c.Args = append(c.Args, a.Type())
		c.Mods = append(c.Mods, a.Mod())
		var d *types.Datum
		if k, ok := a.(*plan.Const); ok {
			d = &k.Val
		}
		c.Const = append(c.Const, d)
	}
	return c
}

func bind(site *funcs.Call, args []*cell) (*callNode, error) {
	k, err := site.Bind()
	if err != nil {
		return nil, err
	}
	return newCall(k, site.Func.Strict, site.Ret.Kind, args), nil
}

func (b *builder) junction(list []plan.Expr, or bool) (*cell, error) {
	args, err := b.compileAll(list)
	if err != nil {
		return nil, err
	}
	k := b.begin('j').flag(or).cells(args).done()
	return b.interior(k, types.Bool, pure, args, func(a []*cell) (node, error) {
		return &junctionNode{or: or, args: a}, nil
	})
}

// boolean compiles the tests of one operand.
func (b *builder) boolean(e plan.Expr) (*cell, error) {
	x, err := b.compile(e.Children()[0])
	if err != nil {
		return nil, err
	}
	var k string
	var mk func(x *cell) node
	switch e := e.(type) {
	case *plan.Not:
		k, mk = b.begin('!').num(int64(x.id)).done(), func(x *cell) node { return &notNode{x: x} }
	case *plan.IsNull:
		k, mk = b.begin('n').flag(e.Not).num(int64(x.id)).done(), func(x *cell) node { return &isNullNode{x: x, not: e.Not} }
	case *plan.BoolTest:
		k = b.begin('t').flag(e.Not).flag(e.Want).num(int64(x.id)).done()
		mk = func(x *cell) node { return &boolTestNode{x: x, want: e.Want, not: e.Not} }
	default:
		return nil, pgerr.New(pgerr.InternalError, "expression %T cannot be compiled", e)
	}
	return b.interior(k, types.Bool, pure, []*cell{x}, func(a []*cell) (node, error) { return mk(a[0]), nil })
}

// equality makes the call of an equality function on two operands.
func (b *builder) equality(fn *funcs.Func, l, r plan.Expr, args []*cell) (callNode, error) {
	n, err := bind(callSite(fn, []plan.Expr{l, r}, types.TBool, b.cc.Env), args)
	if err != nil {
		return callNode{}, err
	}
	return *n, nil
}

func (b *builder) distinct(e *plan.Distinct) (*cell, error) {
	args, err := b.compileAll([]plan.Expr{e.L, e.R})
	if err != nil {
		return nil, err
	}
	k := b.begin('d').flag(e.Not).num(int64(e.Eq.OID)).cells(args).done()
	return b.interior(k, types.Bool, callTraits(e.Eq), args, func(a []*cell) (node, error) {
		eq, err := b.equality(e.Eq, e.L, e.R, a)
		return &distinctNode{eq: eq, not: e.Not}, err
	})
}

func (b *builder) caseOf(e *plan.Case) (*cell, error) {
	var args []*cell
	if e.Arg != nil {
		x, err := b.compile(e.Arg)
		if err != nil {
			return nil, err
		}
		x = b.operand(x, false)
		b.share(x)
		args = append(args, x)
		b.caseArg = append(b.caseArg, x)
	}
	for _, w := range e.Whens {
		c, err := b.compile(w.Cond)
		if err != nil {
			return nil, err
		}
		args = append(args, c)
	}
	if e.Arg != nil {
		b.caseArg = b.caseArg[:len(b.caseArg)-1]
	}
	for _, w := range append(e.Whens[:len(e.Whens):len(e.Whens)], plan.When{Then: e.Else}) {
		t, err := b.compile(w.Then)
		if err != nil {
			return nil, err
		}
		args = append(args, t)
	}
	k := b.begin('w').flag(e.Arg != nil).num(int64(len(e.Whens))).cells(args).done()
	return b.interior(k, e.Typ.Kind, pure, args, func(a []*cell) (node, error) {
		n := &caseNode{arms: mosaic{kind: e.Typ.Kind}}
		if e.Arg != nil {
			n.arg, a = a[0], a[1:]
		}
		n.conds, n.thens = a[:len(e.Whens)], a[len(e.Whens):]
		return n, nil
	})
}

func (b *builder) coalesce(e *plan.Coalesce) (*cell, error) {
	args, err := b.compileAll(e.Args)
	if err != nil {
		return nil, err
	}
	return b.interior(b.begin('o').cells(args).done(), e.Typ.Kind, pure, args, func(a []*cell) (node, error) {
		return &coalesceNode{args: a, out: mosaic{kind: e.Typ.Kind}}, nil
	})
}

func (b *builder) minMax(e *plan.MinMax) (*cell, error) {
	args, err := b.compileAll(e.Args)
	if err != nil {
		return nil, err
	}
	sign := 1
	if e.Least {
		sign = -1
	}
	k := b.begin('m').num(int64(sign)).num(int64(e.Typ.OID)).cells(args).done()
	return b.interior(k, e.Typ.Kind, pure, args, func(a []*cell) (node, error) {
		return &minMaxNode{sign: sign, typ: e.Typ, args: a, out: mosaic{kind: e.Typ.Kind}}, nil
	})
}

func (b *builder) nullIf(e *plan.NullIf) (*cell, error) {
	args, err := b.compileAll([]plan.Expr{e.L, e.R, e.X})
	if err != nil {
		return nil, err
	}
	k := b.begin('u').num(int64(e.Eq.OID)).cells(args).done()
	return b.interior(k, e.X.Type().Kind, callTraits(e.Eq), args, func(a []*cell) (node, error) {
		eq, err := b.equality(e.Eq, e.L, e.R, a[:2])
		return &nullIfNode{eq: eq, x: a[2]}, err
	})
}
