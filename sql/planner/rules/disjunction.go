package rules

import (
	"math"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// disjunctions rewrites conditions with OR: what stands in every arm is taken out,
// and x = 1 OR x = 2 becomes x = ANY ('{1,2}'), which an index can look up.
func disjunctions(preds []plan.Expr) []plan.Expr {
	var out []plan.Expr
	for _, p := range preds {
		o, ok := p.(*plan.Or)
		if !ok || plan.IsVolatile(p) || plan.HasSubquery(p) {
			out = append(out, p)
			continue
		}
		common, rest := factor(o)
		out = append(out, common...)
		if rest == nil {
			continue
		}
		if o, ok := rest.(*plan.Or); ok {
			rest = membership(o)
		}
		out = append(out, rest)
	}
	return out
}

// factor takes the conjuncts that all arms share out of an OR: (a AND b) OR (a AND
// c) is a AND (b OR c). An arm that has no more makes the rest true, which is nil.
func factor(o *plan.Or) (common []plan.Expr, rest plan.Expr) {
	arms := make([][]plan.Expr, len(o.Args))
	for i, a := range o.Args {
		arms[i] = plan.Conjuncts(a)
	}
	for _, c := range arms[0] {
		everywhere := true
		for _, arm := range arms[1:] {
			everywhere = everywhere && contains(arm, c)
		}
		if everywhere {
			common = append(common, c)
		}
	}
	if len(common) == 0 {
		return nil, o
	}
	left := make([]plan.Expr, len(arms))
	for i, arm := range arms {
		var keep []plan.Expr
		for _, c := range arm {
			if !contains(common, c) {
				keep = append(keep, c)
			}
		}
		if len(keep) == 0 {
			return common, nil
		}
		left[i] = plan.Conjunction(keep)
	}
	return common, &plan.Or{Args: left}
}

func contains(list []plan.Expr, e plan.Expr) bool {
	for _, x := range list {
		if plan.Equal(x, e) {
			return true
		}
	}
	return false
}

// membership makes = ANY of the arms that compare one expression with constants or
// parameters of one type.
func membership(o *plan.Or) plan.Expr {
	type group struct {
		first *plan.Call
		vals  []plan.Expr
		at    int
	}
	var groups []*group
	var arms []plan.Expr
	for _, a := range o.Args {
		c, ok := a.(*plan.Call)
		if !ok || c.Op != "=" || len(c.Args) != 2 || c.Fn.Schema != catalog.PgCatalogOID || !isValue(c.Args[1]) || c.Args[1].Type().Array == nil {
			arms = append(arms, a)
			continue
		}
		found := false
		for _, g := range groups {
			if g.first.Fn == c.Fn && plan.Equal(g.first.Args[0], c.Args[0]) && g.first.Args[1].Type() == c.Args[1].Type() {
				g.vals, found = append(g.vals, c.Args[1]), true
				break
			}
		}
		if !found {
			groups = append(groups, &group{c, []plan.Expr{c.Args[1]}, len(arms)})
			arms = append(arms, a)
		}
	}
	for _, g := range groups {
		if len(g.vals) < 2 {
			continue
		}
		t := g.first.Args[1].Type()
		arms[g.at] = &plan.ArrayCmp{
			Fn: g.first.Fn, Op: "=", L: g.first.Args[0], R: &plan.MakeArray{Elems: g.vals, Typ: t.Array}, Elem: t, IsIn: true, Pos: g.first.Pos,
		}
	}
	if len(arms) == 1 {
		return arms[0]
	}
	return &plan.Or{Args: arms}
}

func isValue(e plan.Expr) bool {
	switch e.(type) {
	case *plan.Const, *plan.Param:
		return true
	}
	return false
}

// armsOver gives what a condition with OR says of some columns alone: the OR of what
// each arm says of them; nil when an arm says nothing.
func armsOver(p plan.Expr, cols plan.ColSet) plan.Expr {
	o, ok := p.(*plan.Or)
	if !ok {
		return nil
	}
	arms := make([]plan.Expr, len(o.Args))
	for i, a := range o.Args {
		var mine []plan.Expr
		for _, c := range plan.Conjuncts(a) {
			if reads := plan.ReadsOf(c); len(reads) > 0 && cols.ContainsAll(reads) && movable(c) {
				mine = append(mine, c)
			}
		}
		if len(mine) == 0 {
			return nil
		}
		arms[i] = plan.Conjunction(mine)
	}
	if o, ok := membership(&plan.Or{Args: arms}).(*plan.Or); ok {
		if common, rest := factor(o); rest == nil {
			return plan.Conjunction(common)
		}
		return o
	}
	return membership(&plan.Or{Args: arms})
}

// inferArms adds to each side what conditions with OR between the sides imply for
// it.
func (s *sides) inferArms(l, r plan.Node) {
	lc, rc := plan.SetOf(l.Out()...), plan.SetOf(r.Out()...)
	for _, e := range s.both {
		if !movable(e) {
			continue
		}
		if x := armsOver(e, lc); x != nil && !contains(s.left, x) {
			s.left = append(s.left, x)
		}
		if x := armsOver(e, rc); x != nil && !contains(s.right, x) {
			s.right = append(s.right, x)
		}
	}
}

// armSelectivity is the selectivity of a join condition with OR beyond what it
// implies for single inputs, which is applied there already.
func (e *Estimator) armSelectivity(p plan.Expr, inputs []plan.ColSet) float64 {
	s := e.Selectivity(p)
	for _, cols := range inputs {
		if x := armsOver(p, cols); x != nil {
			s /= math.Max(e.Selectivity(x), 1e-6)
		}
	}
	return math.Min(s, 1)
}
