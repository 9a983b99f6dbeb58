package rules

import (
	"math"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// matching guesses the fraction of the pairs of a join's rows for which its
// conditions are true. Several pairing between the same two relations are taken
// together: a relation has no more combinations of values than rows, while the
// product of the columns' distinct values may be far beyond that. Where it is on
// both sides, the smaller relation's combinations are taken for a key, and the
// larger one's for references to it.
func (e *Estimator) matching(on []plan.Expr) float64 {
	var groups []*pairing // in the order of the conditions: products of floats depend on it
	s := 1.0
	var rest []plan.Expr
	for _, p := range on {
		for _, p := range plan.Conjuncts(p) {
			l, r, ok := e.columnsOf(p)
			if !ok {
				rest = append(rest, p)
				continue
			}
			g := e.group(&groups, l, r)
			g.all = append(g.all, p)
			g.l *= e.distinctOf(l)
			g.r *= e.distinctOf(r)
		}
	}
	for _, g := range groups {
		single := e.all(g.all)
		if lr, rr := e.stats.Rows(g.left), e.stats.Rows(g.right); len(g.all) > 1 && g.l > lr && g.r > rr && lr > 0 && rr > 0 {
			single = math.Max(single, 1/math.Min(lr, rr))
		}
		s *= single
	}
	return s * e.all(rest)
}

// pairing is the equalities between the columns of two relations, with the products of
// their distinct values.
type pairing struct {
	left, right catalog.OID
	all         []plan.Expr
	l, r        float64
}

// group finds or makes the group of two columns' relations.
func (e *Estimator) group(groups *[]*pairing, l, r plan.ColID) *pairing {
	left, right := e.meta.Col(l).Rel, e.meta.Col(r).Rel
	for _, g := range *groups {
		if g.left == left && g.right == right {
			return g
		}
	}
	g := &pairing{left: left, right: right, l: 1, r: 1}
	*groups = append(*groups, g)
	return g
}

// columnsOf gives the two columns of stored relations that a condition says are
// equal, the one of the relation with the smaller number first.
func (e *Estimator) columnsOf(p plan.Expr) (l, r plan.ColID, ok bool) {
	c, isCall := p.(*plan.Call)
	if !isCall || c.Op != "=" || len(c.Args) != 2 {
		return 0, 0, false
	}
	l, okL := stripCol(c.Args[0])
	r, okR := stripCol(c.Args[1])
	if !okL || !okR {
		return 0, 0, false
	}
	if _, ok := e.column(l); !ok {
		return 0, 0, false
	}
	if _, ok := e.column(r); !ok {
		return 0, 0, false
	}
	if e.meta.Col(l).Rel > e.meta.Col(r).Rel {
		l, r = r, l
	}
	return l, r, true
}
