package consts

import (
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/fold"
	"github.com/streamsqld/streamsqld/sql/types"
)

// expr gives e with its constant parts evaluated, or the error of one of them. Parts
// that a constant before them makes needless are not looked at.
func (c *checker) expr(e plan.Expr) (plan.Expr, error) {
	switch x := e.(type) {
	case *plan.Const:
		return e, nil
	case *plan.Col:
		return c.column(x.ID, e)
	case *plan.CaseArg:
		if c.arg != nil {
			return &plan.Const{Val: c.arg.Val, Typ: x.Typ, TypMod: x.TypMod}, nil
		}
		return e, nil
	case *plan.And:
		return c.logic(e, x.Args, false)
	case *plan.Or:
		return c.logic(e, x.Args, true)
	case *plan.Case:
		return c.caseExpr(x)
	case *plan.Coalesce:
		return c.coalesce(x)
	case *plan.Subquery:
		return c.subquery(x)
	case *plan.ArrayCast:
		return c.arrayCast(x)
	}
	kids, err := c.list(e.Children())
	if err != nil {
		return nil, err
	}
	if kids != nil {
		e = e.WithChildren(kids)
	}
	return fold.Must(e, c.env)
}

// list evaluates operands; nil when none has changed.
func (c *checker) list(old []plan.Expr) ([]plan.Expr, error) {
	var kids []plan.Expr
	for i, k := range old {
		x, err := c.expr(k)
		if err != nil {
			return nil, err
		}
		if x != k && kids == nil {
			kids = append([]plan.Expr(nil), old...)
		}
		if kids != nil {
			kids[i] = x
		}
	}
	return kids, nil
}

// column gives what a column is, as far as that is known where it is read; e is what
// it is read by.
func (c *checker) column(id plan.ColID, e plan.Expr) (plan.Expr, error) {
	col := c.cols[id]
	if col == nil {
		c.used.Add(id)
		return e, nil
	}
	if col.done == nil {
		arg := c.arg
		c.arg = nil
		x, err := c.expr(col.x)
		c.arg = arg
		if err != nil {
			return nil, err
		}
		col.done = x
	}
	if _, ok := col.done.(*plan.Const); ok && !col.opaque && e != nil {
		return col.done, nil
	}
	return e, nil
}

// logic is AND (stop false) or OR (stop true): a constant that decides ends it.
func (c *checker) logic(e plan.Expr, args []plan.Expr, stop bool) (plan.Expr, error) {
	kids := make([]plan.Expr, 0, len(args))
	for _, a := range args {
		x, err := c.expr(a)
		if err != nil {
			return nil, err
		}
		if k, ok := x.(*plan.Const); ok && !k.Val.IsNull() && k.Val.Bool() == stop {
			return x, nil
		}
		kids = append(kids, x)
	}
	return fold.Logic(e.WithChildren(kids)), nil
}

// caseExpr: arms behind a condition that is constantly true are not looked at, nor
// the results of those that are never.
func (c *checker) caseExpr(x *plan.Case) (plan.Expr, error) {
	out := &plan.Case{Typ: x.Typ, TypMod: x.TypMod, Arg: x.Arg}
	var arg *plan.Const
	if x.Arg != nil {
		a, err := c.expr(x.Arg)
		if err != nil {
			return nil, err
		}
		arg, _ = a.(*plan.Const)
		if out.Arg = a; arg != nil {
			out.Arg = nil
		}
	}
	for _, w := range x.Whens {
		cond, err := c.condition(w.Cond, x.Arg != nil, arg)
		if err != nil {
			return nil, err
		}
		k, constant := cond.(*plan.Const)
		if constant && (k.Val.IsNull() || !k.Val.Bool()) {
			continue
		}
		then, err := c.expr(w.Then)
		if err != nil {
			return nil, err
		}
		if constant {
			out.Else = then
			break
		}
		out.Whens = append(out.Whens, plan.When{Cond: cond, Then: then})
	}
	if out.Else == nil {
		var err error
		if out.Else, err = c.expr(x.Else); err != nil {
			return nil, err
		}
	}
	if len(out.Whens) == 0 {
		return out.Else, nil
	}
	return out, nil
}

// condition evaluates the condition of an arm; in a simple CASE it compares with arg,
// which is nil when the operand is not constant.
func (c *checker) condition(e plan.Expr, simple bool, arg *plan.Const) (plan.Expr, error) {
	if !simple {
		return c.expr(e)
	}
	outer := c.arg
	c.arg = arg
	defer func() { c.arg = outer }()
	return c.expr(e)
}

// coalesce: what is behind a constant that is not NULL is not looked at.
func (c *checker) coalesce(x *plan.Coalesce) (plan.Expr, error) {
	var rest []plan.Expr
	for _, a := range x.Args {
		v, err := c.expr(a)
		if err != nil {
			return nil, err
		}
		k, constant := v.(*plan.Const)
		if constant && k.Val.IsNull() {
			continue
		}
		if rest = append(rest, v); constant {
			break
		}
	}
	switch len(rest) {
	case 0:
		return &plan.Const{Typ: x.Typ, TypMod: x.TypMod}, nil
	case 1:
		return rest[0], nil
	}
	return x.WithChildren(rest), nil
}

// arrayCast converts the elements of a constant array; what they become is not kept.
func (c *checker) arrayCast(x *plan.ArrayCast) (plan.Expr, error) {
	arg, err := c.expr(x.X)
	if err != nil {
		return nil, err
	}
	if k, ok := arg.(*plan.Const); ok && !k.Val.IsNull() {
		elem := k.Typ.Underlying().Elem
		for _, v := range types.DecodeArray(k.Typ, k.Val.Str()).Vals {
			if _, err := c.condition(x.Elem, true, &plan.Const{Val: v, Typ: elem, TypMod: types.NoMod}); err != nil {
				return nil, err
			}
		}
	}
	return x.WithChildren([]plan.Expr{arg}), nil
}

// subquery: it is planned by itself. What EXISTS would return is not computed.
func (c *checker) subquery(s *plan.Subquery) (plan.Expr, error) {
	var e plan.Expr = s
	kids, err := c.list(s.Children())
	if err != nil {
		return nil, err
	}
	if kids != nil {
		e = s.WithChildren(kids)
	}
	need := s.Plan.Out()
	if s.Kind == plan.SubExists {
		need = nil
	}
	arg := c.arg
	c.arg = nil
	err = c.level(s.Plan, need, nil)
	c.arg = arg
	return e, err
}
