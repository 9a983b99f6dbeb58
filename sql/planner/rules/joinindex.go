package rules

import (
	"math"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// lookup is a way to find the rows of a scan that join with a row of the left side:
// by an index whose leading keys conditions make equal to values of that side.
type lookup struct {
	index *plan.IndexScan
	rows  float64 // found for each left row
}

// cost prices looking rows up for so many left rows.
func (l *lookup) cost(left float64) float64 {
	return left * (costSeek + l.rows*(costFetch+costTuple))
}

// lookupFor finds the best index to look the rows of r up by, given the conditions
// between it and the columns of the left side; nil when there is none.
func (o *orderer) lookupFor(r plan.Node, on []plan.Expr, left plan.ColSet) *lookup {
	s := lookedAt(r)
	if s == nil || o.Stats == nil || s.Rel.Kind != catalog.Table || o.NoIndexScan || o.NoNestLoop {
		return nil
	}
	var filters []plan.Expr
	for n := r; n != plan.Node(s); n = n.(*plan.Filter).In {
		filters = append(filters, n.(*plan.Filter).Preds...)
	}
	own := plan.SetOf(s.Cols...)
	var best *lookup
	for _, ix := range o.acc.indexes(s) {
		e := o.acc.exprs(s, ix)
		if e == nil || !follows(filters, e.pred) {
			continue
		}
		x := &plan.IndexScan{Index: ix}
		joined := false
		for _, k := range e.keys {
			v, fromLeft := equalTo(k, on, filters, own, left)
			if v == nil {
				break
			}
			x.Eq, joined = append(x.Eq, v), joined || fromLeft
		}
		if !joined {
			continue
		}
		t := *s
		t.Index = x
		l := &lookup{index: x, rows: o.est.tableRows(s) * o.est.indexed(&t)}
		if best == nil || l.rows < best.rows {
			best = l
		}
	}
	return best
}

// equalTo finds what a key is equal to: an expression over the left side, or a
// value that a filter compares it with.
func equalTo(key plan.Expr, on, filters []plan.Expr, own, left plan.ColSet) (v plan.Expr, fromLeft bool) {
	if key == nil {
		return nil, false
	}
	for _, p := range on {
		c, ok := p.(*plan.Call)
		if !ok || c.Op != "=" || len(c.Args) != 2 || c.Fn.Schema != catalog.PgCatalogOID || !sameOrder(c.Args[0].Type(), c.Args[1].Type()) {
			continue
		}
		for i, x := range c.Args {
			y := c.Args[1-i]
			if plan.Equal(x, key) && mine(y, left) {
				return y, true
			}
		}
	}
	for _, p := range filters {
		if x, op, val := comparisonOf(p, own); val != nil && op == "=" && plan.Equal(x, key) && len(plan.ReadsOf(val)) == 0 {
			return val, false
		}
	}
	return nil, false
}

// byIndex makes j an index join if that costs less than a hash table.
func (o *orderer) byIndex(j *plan.Join) {
	switch j.Kind {
	case plan.Inner, plan.Left, plan.Semi, plan.Anti, plan.Single:
	default:
		return
	}
	l := o.lookupFor(j.R, j.On, plan.SetOf(j.L.Out()...))
	if l == nil {
		return
	}
	left := o.est.Rows(j.L)
	if o.NoHashJoin {
		o.look(j, l)
		return
	}
	if o.est.cost(j.L).total+l.cost(left) < o.est.joinCost(j).total-o.est.Rows(j)*costTuple {
		o.lookOrHash(j, l)
	}
}

// lookOrHash makes j a join by the look-up as long as that costs less than reading all
// of the right side into a hash table.
func (o *orderer) lookOrHash(j *plan.Join, l *lookup) {
	table := o.est.cost(j.R).total + o.est.Rows(j.R)*(costTuple+costOp)
	o.look(j, l)
	if !o.NoHashJoin {
		j.Lookups = math.Max(fewLookups, math.Ceil(table/l.cost(1)))
	}
}

// fewLookups are done in any case: they take no longer than a hash table is worth.
const fewLookups = 1000

// look makes j a join by the look-up.
func (o *orderer) look(j *plan.Join, l *lookup) {
	s := lookedAt(j.R)
	s.Index, s.Ranges = l.index, nil
	j.Method, j.BuildLeft, j.Lookups = plan.JoinIndex, false, 0
	for n := j.R; ; n = n.(*plan.Filter).In {
		delete(o.est.rows, n)
		delete(o.est.costs, n)
		if n == plan.Node(s) {
			break
		}
	}
	delete(o.est.costs, j)
}

// hashCost prices a hash join beyond its inputs.
func hashCost(l, r, out float64) float64 {
	return math.Min(l, r)*(costTuple+costOp) + math.Max(l, r)*costOp + out*costTuple
}
