package rules

import (
	"math"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// tableRows is the number of rows of a scan's relation.
func (e *Estimator) tableRows(n *plan.Scan) float64 {
	if e.stats == nil {
		return defaultRows
	}
	return e.stats.Rows(n.Rel.OID)
}

// indexed guesses the part of a relation's rows that a scan's index gives; 1
// without an index.
func (e *Estimator) indexed(n *plan.Scan) float64 {
	x := n.Index
	if x == nil {
		return 1
	}
	all := math.Max(e.tableRows(n), 1)
	keys := x.Index.Index.Keys
	sel := 1.0
	if x.In != nil {
		sel = arrayLength(x.In) * e.keyEqual(n, keys[0].Column)
		keys = keys[1:]
	}
	for i := range x.Eq {
		sel *= e.keyEqual(n, keys[i].Column)
	}
	if x.Index.Index.Unique && len(x.Eq) == x.Index.Index.NKeys {
		sel = 1 / all
	}
	if x.Lo != nil || x.Hi != nil {
		sel *= e.between(n, keys[len(x.Eq)].Column, x.Lo, x.Hi)
	}
	return math.Min(1, math.Max(sel, 1/all))
}

// keyEqual guesses the part of the rows that has one value in a key.
func (e *Estimator) keyEqual(n *plan.Scan, attr int16) float64 {
	if e.stats != nil && attr > 0 {
		if c, ok := e.stats.Column(n.Rel.OID, attr); ok && c.Distinct > 0 {
			return 1 / c.Distinct
		}
	}
	return defaultEq
}

// between guesses the part of the rows whose key lies within bounds.
func (e *Estimator) between(n *plan.Scan, attr int16, lo, hi plan.Expr) float64 {
	for i, a := range n.Attrs {
		if a == attr {
			return e.rangeSel(n.Cols[i], lo, hi)
		}
	}
	return defaultRange
}

// rangeSel guesses the part of the rows with a column between lo and hi, which may
// be nil.
func (e *Estimator) rangeSel(id plan.ColID, lo, hi plan.Expr) float64 {
	ref := e.meta.Ref(id)
	side := func(op string, v plan.Expr) float64 {
		if v == nil {
			return 1
		}
		if o := funcs.FindOperator(op, ref.Typ.Underlying().OID, v.Type().Underlying().OID); o != nil {
			return e.Selectivity(&plan.Call{Fn: o.Func, Op: op, Args: []plan.Expr{ref, v}, Ret: types.TBool})
		}
		return defaultRange
	}
	return within(side(">=", lo), side("<=", hi))
}

// unlooked guesses the rows of the right side of an index join as if its index were
// not there: what the join's condition leaves of them is counted by the join.
func (e *Estimator) unlooked(n plan.Node) float64 {
	switch n := n.(type) {
	case *plan.Filter:
		return e.unlooked(n.In) * e.all(n.Preds)
	case *plan.Scan:
		return e.tableRows(n)
	}
	return e.Rows(n)
}

// lookedUp guesses the rows that a look-up of an index join gives.
func (e *Estimator) lookedUp(n plan.Node) float64 {
	for {
		f, ok := n.(*plan.Filter)
		if !ok {
			break
		}
		n = f.In
	}
	if s, ok := n.(*plan.Scan); ok {
		return e.tableRows(s) * e.indexed(s)
	}
	return e.Rows(n)
}
