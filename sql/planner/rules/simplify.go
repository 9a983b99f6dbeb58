package rules

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/fold"
	"github.com/streamsqld/streamsqld/sql/types"
)

// simplify folds constants, splits conditions at their ANDs, drops those that
// are true, and empties what a false one filters.
func simplify(c *Ctx, n plan.Node) plan.Node {
	return each(n, func(n plan.Node) plan.Node {
		n.MapExprs(func(e plan.Expr) plan.Expr { return plan.Map(fold.Expr(e, c.Env), narrowConst) })
		switch n := n.(type) {
		case *plan.Filter:
			return simplifyFilter(c, n)
		case *plan.Join:
			if n.Kind != plan.NullAnti && n.Kind != plan.Mark {
				n.On = conditions(n.On)
			}
			if n.On = conjuncts(n.On); n.Kind == plan.Inner {
				n.On = disjunctions(n.On)
			}
			if slices.ContainsFunc(n.On, never) {
				return simplifyUnmatched(c, n)
			}
		case *plan.Apply:
			n.On = conjuncts(n.On)
		case *plan.Project:
			return mergeProjects(n)
		}
		return n
	})
}

// conditions puts false for a constant NULL in what only has to be true or not: what
// stands beside it in an AND is then never computed.
func conditions(preds []plan.Expr) []plan.Expr {
	out := make([]plan.Expr, len(preds))
	for i, p := range preds {
		out[i] = condition(p)
	}
	return out
}

func condition(e plan.Expr) plan.Expr {
	switch x := e.(type) {
	case *plan.Const:
		if x.Val.IsNull() {
			return &plan.Const{Val: types.NewBool(false), Typ: types.TBool, TypMod: types.NoMod}
		}
	case *plan.BoolTest:
		if x.Want && !x.Not { // NULL is no more true than false is
			return condition(x.X)
		}
	case *plan.And:
		return fold.Logic(&plan.And{Args: conditions(x.Args)})
	case *plan.Or:
		return fold.Logic(&plan.Or{Args: conditions(x.Args)})
	}
	return e
}

// conjuncts splits conditions and drops the true ones.
func conjuncts(preds []plan.Expr) []plan.Expr {
	var out []plan.Expr
	for _, p := range preds {
		for _, c := range plan.Conjuncts(p) {
			if k, ok := c.(*plan.Const); ok && !k.Val.IsNull() && k.Val.Bool() {
				continue
			}
			out = append(out, c)
		}
	}
	return out
}

func simplifyFilter(c *Ctx, f *plan.Filter) plan.Node {
	f.Preds = disjunctions(conjuncts(conditions(f.Preds)))
	if len(f.Preds) == 0 {
		return f.In
	}
	for _, p := range f.Preds {
		if never(p) {
			return noRows(c, f.In.Out())
		}
	}
	if in, ok := f.In.(*plan.Filter); ok {
		in.Preds = append(in.Preds, f.Preds...)
		return in
	}
	return f
}

// never tells whether a condition is one that no row meets.
func never(p plan.Expr) bool {
	k, ok := p.(*plan.Const)
	return ok && (k.Val.IsNull() || !k.Val.Bool())
}

// simplifyUnmatched gives a join that matches nothing without the side whose rows
// it would drop: that is not read, and so does not fail.
func simplifyUnmatched(c *Ctx, j *plan.Join) plan.Node {
	switch j.Kind {
	case plan.Inner, plan.Semi:
		return noRows(c, j.Out())
	case plan.Left:
		j.R, j.On = noRows(c, j.R.Out()), nil
	case plan.Right:
		j.L, j.On = noRows(c, j.L.Out()), nil
	case plan.Anti:
		return j.L
	}
	return j
}

// noRows gives no rows of these columns.
func noRows(c *Ctx, cols []plan.ColID) plan.Node {
	n := &plan.Values{Cols: cols}
	for _, id := range cols {
		n.Types = append(n.Types, c.Meta.Col(id).Type)
	}
	return n
}

// mergeProjects drops a projection that changes nothing, and makes one of two
// where no expression is computed twice.
func mergeProjects(p *plan.Project) plan.Node {
	if identity(p) {
		return p.In
	}
	in, ok := p.In.(*plan.Project)
	if !ok {
		return p
	}
	uses := map[plan.ColID]int{}
	for _, v := range p.Vals {
		plan.Visit(v, func(e plan.Expr) bool {
			switch e := e.(type) {
			case *plan.Col:
				uses[e.ID]++
			case *plan.Subquery: // a column used in a subquery may be read many times
				for id := range plan.ReadsOf(e) {
					uses[id] += 2
				}
				return false
			}
			return true
		})
	}
	vals := map[plan.ColID]plan.Expr{}
	for i, id := range in.Cols {
		v := in.Vals[i]
		if uses[id] > 1 && !cheap(v) || uses[id] > 0 && plan.IsVolatile(v) || uses[id] > 0 && plan.HasSubquery(v) {
			return p
		}
		vals[id] = v
	}
	for i, v := range p.Vals {
		p.Vals[i] = substitute(v, vals)
	}
	p.In, p.Barrier = in.In, p.Barrier || in.Barrier
	return p
}

func identity(p *plan.Project) bool {
	out := p.In.Out()
	if p.Barrier || len(out) != len(p.Cols) {
		return false
	}
	for i, id := range p.Cols {
		c, ok := p.Vals[i].(*plan.Col)
		if !ok || c.ID != id || out[i] != id {
			return false
		}
	}
	return true
}

// cheap tells the expressions that may as well be computed twice.
func cheap(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Col, *plan.Const, *plan.Param:
		return true
	case *plan.Relabel:
		return cheap(e.X)
	}
	return false
}

// substitute replaces columns by expressions, in plans of subqueries too.
func substitute(e plan.Expr, vals map[plan.ColID]plan.Expr) plan.Expr {
	return plan.Map(e, func(x plan.Expr) plan.Expr {
		switch x := x.(type) {
		case *plan.Col:
			if v, ok := vals[x.ID]; ok {
				return v
			}
		case *plan.Subquery:
			substitutePlan(x.Plan, vals)
		}
		return x
	})
}

func substitutePlan(n plan.Node, vals map[plan.ColID]plan.Expr) {
	plan.VisitNodes(n, func(n plan.Node) {
		n.MapExprs(func(e plan.Expr) plan.Expr { return substitute(e, vals) })
	})
}

func trueConst() *plan.Const {
	return &plan.Const{Val: types.NewBool(true), Typ: types.TBool, TypMod: types.NoMod}
}
