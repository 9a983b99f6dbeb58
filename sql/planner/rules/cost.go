package rules

import (
	"math"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Costs are in PostgreSQL's unit, a page of 8 KiB read in sequence, with its
// defaults for the parts: what is compared, and shown by EXPLAIN, is of a familiar
// size. Only the columns that a scan reads are counted, being stored apart.
const (
	costPage    = 1.0
	costSeek    = 2   // a look-up in an index, whose upper levels are in memory
	costFetch   = 0.5 // a row fetched by its id, against costTuple for the next of a scan
	costTuple   = 0.01
	costOp      = 0.0025
	pageBytes   = 8192
	defaultText = 32 // bytes of a value without a fixed length or a limit
)

// cost is what it takes until a node's first row, and until its last.
type cost struct{ startup, total float64 }

// Cost guesses what it costs to run n once: until its first row, and until its
// last. The costs of its inputs are part of it.
func (e *Estimator) Cost(n plan.Node) (startup, total float64) {
	c := e.cost(n)
	return c.startup, c.total
}

// Width guesses the bytes of one of n's rows.
func (e *Estimator) Width(n plan.Node) int { return e.widthOf(n.Out()) }

func (e *Estimator) widthOf(cols []plan.ColID) int {
	w := 0
	for _, id := range cols {
		c := e.meta.Col(id)
		w += width(c.Type, c.Mod)
	}
	return w
}

// width guesses the bytes of a value, as PostgreSQL does without statistics.
func width(t *types.Type, mod int32) int {
	t = t.Underlying()
	if t.Len > 0 {
		return int(t.Len)
	}
	if mod > 4 {
		switch n := int(mod) - 4; t.OID {
		case types.BpcharOID:
			return n
		case types.VarcharOID:
			if n <= 2*defaultText {
				return max(n/2, 1)
			}
		}
	}
	return defaultText
}

func (e *Estimator) cost(n plan.Node) cost {
	if c, ok := e.costs[n]; ok {
		return c
	}
	c := e.price(n)
	c.startup = finite(c.startup)
	c.total = math.Max(finite(c.total), c.startup)
	e.costs[n] = c
	return c
}

func finite(x float64) float64 {
	if math.IsNaN(x) || x > 1e18 {
		return 1e18
	}
	return x
}

func (e *Estimator) price(n plan.Node) cost {
	switch n := n.(type) {
	case *plan.Scan:
		return e.scanCost(n)
	case *plan.Values:
		rows := float64(len(n.Rows))
		return cost{0, rows*costTuple + rows*float64(len(n.Cols))*costOp}
	case *plan.Filter:
		return e.cost(n.In).each(e.Rows(n.In), e.ops(n.Preds))
	case *plan.Project:
		return e.cost(n.In).each(e.Rows(n.In), e.ops(n.Vals))
	case *plan.FlatMap:
		c := e.cost(n.In).each(e.Rows(n.In), e.ops(n.Exprs()))
		return c.each(e.Rows(n), costTuple)
	case *plan.Join:
		return e.joinCost(n)
	case *plan.Apply:
		l, r := e.cost(n.L), e.cost(n.R)
		return cost{l.startup + r.startup, l.total + e.Rows(n.L)*r.total + e.Rows(n)*costTuple}
	case *plan.Aggregate:
		in := e.cost(n.In)
		work := costOp*float64(len(n.Groups)+len(n.Aggs)) + e.ops(n.Exprs())
		start := in.total + e.Rows(n.In)*work*math.Max(1, float64(len(n.Sets)))
		return cost{start, start + e.Rows(n)*costTuple}
	case *plan.DistinctRows:
		return e.cost(n.In).each(e.Rows(n.In), costOp*float64(len(n.Out())))
	case *plan.SetOp:
		return e.setCost(n)
	case *plan.Order:
		return e.sortCost(n.In, e.Rows(n.In))
	case *plan.Limit:
		return e.limitCost(n)
	case *plan.Over:
		c := e.cost(n.In)
		if len(n.Partition)+len(n.OrderBy) > 0 {
			c = e.sortCost(n.In, e.Rows(n.In))
		}
		return c.each(e.Rows(n.In), costTuple+float64(len(n.Calls))*costOp)
	case *plan.Recursive:
		b, s := e.cost(n.Base), e.cost(n.Step)
		return cost{b.startup, b.total + 10*s.total + e.Rows(n)*costTuple}
	case *plan.With:
		d := e.cost(n.Def)
		e.Rows(n)
		b := e.cost(n.Body)
		return cost{d.startup + b.startup, d.total + b.total}
	case *plan.CTEScan, *plan.WorkScan:
		return cost{0, e.Rows(n) * costTuple}
	}
	if in := n.Inputs(); len(in) > 0 {
		return e.cost(in[0]).each(e.Rows(in[0]), costOp)
	}
	return cost{0, costTuple}
}

// each adds work for every one of some rows as they pass.
func (c cost) each(rows, work float64) cost { return cost{c.startup, c.total + rows*work} }

// ops prices the evaluation of expressions.
func (e *Estimator) ops(list []plan.Expr) float64 {
	sum := 0.0
	for _, x := range list {
		plan.Visit(x, func(x plan.Expr) bool {
			switch x := x.(type) {
			case *plan.Col, *plan.Const, *plan.Param, *plan.Relabel:
			case *plan.ArrayCmp:
				sum += costOp * arrayLength(x.R)
			case *plan.Subquery:
				sum += e.subplan(x)
			default:
				sum += costOp
			}
			return true
		})
	}
	return sum
}

// subplan prices one evaluation of a subquery; one that reads nothing from outside
// is run once and looked up.
func (e *Estimator) subplan(s *plan.Subquery) float64 {
	if len(plan.Outer(s.Plan)) == 0 {
		return costOp
	}
	c := e.cost(s.Plan)
	if s.Kind == plan.SubExists {
		return c.startup + (c.total-c.startup)/math.Max(1, e.Rows(s.Plan))
	}
	return c.total
}

func arrayLength(x plan.Expr) float64 {
	if a, ok := x.(*plan.MakeArray); ok {
		return float64(len(a.Elems))
	}
	return 10
}

// scanCost prices a scan: of the columns it reads, or of what the index says.
func (e *Estimator) scanCost(n *plan.Scan) cost {
	if n.Index == nil {
		rows := e.tableRows(n)
		return cost{0, rows*float64(e.widthOf(n.Cols))/pageBytes*costPage + rows*costTuple}
	}
	seeks := 1.0
	if n.Index.In != nil {
		seeks = arrayLength(n.Index.In)
	}
	return cost{costSeek, seeks*costSeek + e.Rows(n)*(costFetch+costTuple)}
}

func (e *Estimator) joinCost(n *plan.Join) cost {
	l, r := e.cost(n.L), e.cost(n.R)
	lr, rr := e.Rows(n.L), e.Rows(n.R)
	out := e.Rows(n) * costTuple
	ops := e.ops(n.On)
	if n.Method == plan.JoinIndex {
		return cost{l.startup + costSeek, l.total + lr*(costSeek+e.lookedUp(n.R)*(costFetch+ops)) + out}
	}
	if n.Method == plan.JoinMerge {
		return cost{l.startup + r.startup, l.total + r.total + (lr+rr)*(costTuple+costOp*float64(len(n.Merge))) + e.matches(n)*ops + out}
	}
	keys := equalities(n)
	if keys == 0 || n.Method == plan.JoinLoop {
		return cost{l.startup + r.total, l.total + r.total + lr*rr*math.Max(ops, costOp) + out}
	}
	probe, build, pr, br := l, r, lr, rr
	if n.BuildLeft {
		probe, build, pr, br = r, l, rr, lr
	}
	start := build.total + br*(costTuple+costOp*float64(keys)) + probe.startup
	return cost{start, start + probe.total - probe.startup + pr*costOp*float64(keys) + e.matches(n)*ops + out}
}

// matches guesses the pairs of rows whose keys agree.
func (e *Estimator) matches(n *plan.Join) float64 {
	sel := 1.0
	for _, p := range n.On {
		if c, ok := p.(*plan.Call); ok && c.Op == "=" {
			sel *= e.Selectivity(p)
		}
	}
	return e.Rows(n.L) * e.Rows(n.R) * sel
}

// equalities counts the conditions that a hash table can be keyed by.
func equalities(n *plan.Join) int {
	l, r := plan.SetOf(n.L.Out()...), plan.SetOf(n.R.Out()...)
	k := 0
	for _, p := range n.On {
		var a, b plan.Expr
		switch p := p.(type) {
		case *plan.Call:
			if p.Op == "=" && len(p.Args) == 2 {
				a, b = p.Args[0], p.Args[1]
			}
		case *plan.Distinct:
			if p.Not {
				a, b = p.L, p.R
			}
		}
		if a == nil {
			continue
		}
		x, y := plan.ReadsOf(a), plan.ReadsOf(b)
		if l.Intersects(x) && r.Intersects(y) && !r.Intersects(x) && !l.Intersects(y) ||
			r.Intersects(x) && l.Intersects(y) && !l.Intersects(x) && !r.Intersects(y) {
			k++
		}
	}
	return k
}

func (e *Estimator) setCost(n *plan.SetOp) cost {
	var sum cost
	rows := 0.0
	for i, in := range n.Ins {
		c := e.cost(in)
		if i == 0 {
			sum.startup = c.startup
		}
		sum.total += c.total
		rows += e.Rows(in)
	}
	if n.Kind == plan.Union && n.All {
		return sum
	}
	sum.total += rows * costOp * float64(len(n.Cols))
	return sum
}

// sortCost prices sorting the rows of in, of which the first keep are wanted.
func (e *Estimator) sortCost(in plan.Node, keep float64) cost {
	rows := math.Max(e.Rows(in), 2)
	keep = math.Max(math.Min(keep, rows), 1)
	start := e.cost(in).total + 2*costOp*rows*math.Log2(math.Min(rows, 2*keep))
	return cost{start, start + costOp*keep}
}

// limitCost prices the part of the input that is read; a sort below keeps no more
// rows than are wanted.
func (e *Estimator) limitCost(n *plan.Limit) cost {
	out, all := e.Rows(n), math.Max(e.Rows(n.In), 1)
	if k, ok := n.Offset.(*plan.Const); ok && !k.Val.IsNull() {
		out += float64(k.Val.Int())
	}
	if o, ok := n.In.(*plan.Order); ok {
		return e.sortCost(o.In, out)
	}
	c := e.cost(n.In)
	return cost{c.startup, c.startup + (c.total-c.startup)*math.Min(1, out/all)}
}
