package expr

import (
	"slices"
	"sort"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// qual is one of the conditions that are true together.
type qual struct {
	e plan.Expr
	x *cell
	// price is what PostgreSQL takes its evaluation to cost, in calls of functions.
	price float64
	// equal: it is an equality, which PostgreSQL takes out and adds after the others.
	equal bool
}

func newQual(e plan.Expr, x *cell) qual { return qual{e, x, price(e), isEquality(e)} }

// sortQuals puts conditions in PostgreSQL's order (order_qual_clauses): by price, else
// as they are written.
func sortQuals(list []qual) {
	slices.SortStableFunc(list, func(a, b qual) int {
		switch {
		case a.price < b.price:
			return -1
		case a.price > b.price:
			return 1
		case a.equal == b.equal:
			return 0
		case b.equal:
			return -1
		}
		return 1
	})
}

// inOrder gives the order in which conditions are tested: PostgreSQL's, because a
// condition that fails for a row which another one drops fails or not by that order.
// What cannot fail is not bound to it and goes by what it costs here.
func inOrder(list []qual) []*cell {
	sortQuals(list)
	out := make([]*cell, len(list))
	for i := range list {
		out[i] = list[i].x
	}
	for from := 0; from < len(out); {
		to := from
		for to < len(out) && out[to].safe {
			to++
		}
		run := out[from:to]
		sort.SliceStable(run, func(i, j int) bool { return run[i].cost < run[j].cost })
		from = to + 1
	}
	return out
}

// isEquality tells the conditions that PostgreSQL makes equivalence classes of.
func isEquality(e plan.Expr) bool {
	c, ok := e.(*plan.Call)
	return ok && c.Op == "=" && len(c.Args) == 2
}

// price adds up what PostgreSQL's cost_qual_eval counts: the functions called, those
// of branches that may not be taken included.
func price(e plan.Expr) float64 {
	own := 0.0
	switch x := e.(type) {
	case *plan.Call:
		own = 1
	case *plan.Distinct, *plan.NullIf, *plan.MinMax, *plan.ToDomain:
		own = 1
	case *plan.ViaIO:
		own = 2
	case *plan.ArrayCmp:
		own = elements(x.R) / 2
	case *plan.ArrayCast:
		own = elements(x.X) * price(x.Elem)
	case *plan.Subquery:
		own = subqueryPrice
	}
	for _, k := range e.Children() {
		own += price(k)
	}
	return own
}

// subqueryPrice is for a subquery that is run for each row: more than any expression.
const subqueryPrice = 1e6

// elements is how many elements an array has, ten where that is not known
// (estimate_array_length).
func elements(e plan.Expr) float64 {
	switch x := e.(type) {
	case *plan.MakeArray:
		return float64(len(x.Elems))
	case *plan.Const:
		if !x.Val.IsNull() && x.Typ.IsArray() {
			return float64(len(types.DecodeArray(x.Typ, x.Val.Str()).Vals))
		}
	}
	return 10
}
