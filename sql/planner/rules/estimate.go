package rules

import (
	"math"
	"slices"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Estimator guesses numbers of rows. Guesses are kept per node; it is made anew
// when the plan changes.
type Estimator struct {
	meta  *plan.Meta
	stats Stats
	rows  map[plan.Node]float64
	ctes  map[int]float64
	costs map[plan.Node]cost
}

// NewEstimator makes an estimator.
func NewEstimator(m *plan.Meta, s Stats) *Estimator {
	return &Estimator{meta: m, stats: s, rows: map[plan.Node]float64{}, ctes: map[int]float64{}, costs: map[plan.Node]cost{}}
}

// What is assumed where nothing is known.
const (
	defaultRows  = 1000.0
	defaultEq    = 0.005
	defaultRange = 1.0 / 3
	defaultLike  = 0.05
	defaultSel   = 0.5
)

// Rows guesses the number of rows that n gives.
func (e *Estimator) Rows(n plan.Node) float64 {
	if r, ok := e.rows[n]; ok {
		return r
	}
	r := math.Max(e.guess(n), 0)
	if math.IsNaN(r) || math.IsInf(r, 0) {
		r = 1e18
	}
	e.rows[n] = r
	return r
}

func (e *Estimator) guess(n plan.Node) float64 {
	switch n := n.(type) {
	case *plan.Scan:
		return e.tableRows(n) * e.indexed(n)
	case *plan.Values:
		return float64(len(n.Rows))
	case *plan.Filter:
		if s, ok := n.In.(*plan.Scan); ok && s.Index != nil { // no less than what is left of all rows
			return math.Min(e.Rows(s), math.Max(e.tableRows(s)*e.filtered(s, n.Preds), e.Rows(s)*e.all(n.Preds)))
		} else if ok {
			return e.Rows(s) * e.filtered(s, n.Preds)
		}
		return e.Rows(n.In) * e.all(n.Preds)
	case *plan.FlatMap:
		return e.Rows(n.In) * e.fanOut(n)
	case *plan.Join:
		right := e.Rows(n.R)
		if n.Method == plan.JoinIndex {
			right = e.unlooked(n.R)
		}
		return e.join(n.Kind, e.Rows(n.L), right, n.On)
	case *plan.Apply:
		return e.join(n.Kind, e.Rows(n.L), e.Rows(n.R), n.On)
	case *plan.Aggregate:
		return e.groups(n.In, n.Groups) * math.Max(1, float64(len(n.Sets)))
	case *plan.DistinctRows:
		cols := n.On
		if cols == nil {
			cols = n.In.Out()
		}
		return e.groups(n.In, cols)
	case *plan.SetOp:
		return e.setOp(n)
	case *plan.Limit:
		rows := e.Rows(n.In)
		if k, ok := n.Count.(*plan.Const); ok && !k.Val.IsNull() {
			rows = math.Min(rows, float64(k.Val.Int()))
		}
		return rows
	case *plan.Recursive:
		return e.Rows(n.Base) * 10
	case *plan.With:
		e.ctes[n.ID] = e.Rows(n.Def)
		return e.Rows(n.Body)
	case *plan.CTEScan:
		if r, ok := e.ctes[n.ID]; ok {
			return r
		}
		return defaultRows
	case *plan.WorkScan:
		return 10
	case *plan.MaxOne:
		return 1
	}
	if in := n.Inputs(); len(in) > 0 {
		return e.Rows(in[0])
	}
	return 1
}

func (e *Estimator) fanOut(n *plan.FlatMap) float64 {
	f := 1.0
	for _, g := range n.Gens {
		switch {
		case g.Hop != nil:
			f = math.Max(f, float64(g.Hop.Most()))
		case g.Fn != nil && g.Fn.RetSet:
			f = math.Max(f, 10)
		}
	}
	return f
}

func (e *Estimator) setOp(n *plan.SetOp) float64 {
	sum := 0.0
	for _, in := range n.Ins {
		sum += e.Rows(in)
	}
	switch n.Kind {
	case plan.Intersect:
		return e.Rows(n.Ins[0]) / 2
	case plan.Except:
		return e.Rows(n.Ins[0]) * 0.7
	}
	return sum
}

// join guesses the rows of a join of inputs of so many rows.
func (e *Estimator) join(kind plan.JoinKind, lr, rr float64, on []plan.Expr) float64 {
	inner := lr * rr * e.matching(on)
	switch kind {
	case plan.Left, plan.Single:
		return math.Max(lr, inner)
	case plan.Right:
		return math.Max(rr, inner)
	case plan.Full:
		return math.Max(lr+rr, inner)
	case plan.Semi:
		return lr * math.Min(1, math.Max(inner/math.Max(lr, 1), 0.01))
	case plan.Anti, plan.NullAnti:
		return lr * math.Max(0.1, 1-math.Min(1, inner/math.Max(lr, 1)))
	case plan.Mark:
		return lr
	}
	return inner
}

// groups guesses the number of distinct combinations.
func (e *Estimator) groups(in plan.Node, cols []plan.ColID) float64 {
	rows := e.Rows(in)
	if len(cols) == 0 {
		return 1
	}
	n, done := e.together(cols)
	for _, id := range cols {
		if !done.Has(id) {
			n *= e.distinct(id, rows)
		}
	}
	return math.Max(1, math.Min(n, rows))
}

// distinct guesses the number of values of a column among rows.
func (e *Estimator) distinct(id plan.ColID, rows float64) float64 {
	if c, ok := e.column(id); ok && c.Distinct > 0 {
		return math.Max(1, math.Min(c.Distinct, math.Max(rows, 1)))
	}
	return math.Max(1, math.Min(rows, math.Max(rows/10, 200)))
}

func (e *Estimator) column(id plan.ColID) (ColumnStats, bool) {
	info := e.meta.Col(id)
	if e.stats == nil || info.Rel == 0 || info.Attr <= 0 {
		return ColumnStats{}, false
	}
	return e.stats.Column(info.Rel, info.Attr)
}

// all guesses the fraction of rows for which all conditions are true. The two ends
// of a range are taken together, being anything but independent.
func (e *Estimator) all(preds []plan.Expr) float64 {
	s := 1.0
	var ends []*rangeEnds // in the order of the conditions: products of floats depend on it
	for _, p := range preds {
		for _, p := range plan.Conjuncts(p) {
			f := e.Selectivity(p)
			col, upper, ok := rangeEnd(p)
			if !ok {
				s *= f
				continue
			}
			at := slices.IndexFunc(ends, func(r *rangeEnds) bool { return r.col == col })
			if at < 0 {
				at, ends = len(ends), append(ends, &rangeEnds{col: col, lo: 1, hi: 1})
			}
			r := ends[at]
			if upper {
				r.hi = math.Min(r.hi, f)
			} else {
				r.lo = math.Min(r.lo, f)
			}
		}
	}
	for _, r := range ends {
		s *= within(r.lo, r.hi)
	}
	return s
}

// rangeEnds are the selectivities of a column's lower and upper bounds.
type rangeEnds struct {
	col    plan.ColID
	lo, hi float64
}

// within joins the selectivities of the two ends of a range.
func within(lo, hi float64) float64 {
	switch {
	case lo == 1 || hi == 1:
		return lo * hi
	case lo == defaultRange && hi == defaultRange:
		return defaultEq // nothing is known: a range is narrower than an inequality
	}
	return math.Max(lo+hi-1, 0.0001)
}

// rangeEnd tells a bound of a column by a value.
func rangeEnd(p plan.Expr) (col plan.ColID, upper, ok bool) {
	c, isCall := p.(*plan.Call)
	if !isCall || len(c.Args) != 2 {
		return 0, false, false
	}
	switch c.Op {
	case "<", "<=":
		upper = true
	case ">", ">=":
	default:
		return 0, false, false
	}
	value := func(e plan.Expr) bool { return len(plan.ReadsOf(e)) == 0 }
	if id, ok := stripCol(c.Args[0]); ok && value(c.Args[1]) {
		return id, upper, true
	}
	if id, ok := stripCol(c.Args[1]); ok && value(c.Args[0]) {
		return id, !upper, true
	}
	return 0, false, false
}

// Selectivity guesses the fraction of rows for which a condition is true.
func (e *Estimator) Selectivity(p plan.Expr) float64 {
	switch p := p.(type) {
	case *plan.Const:
		if !p.Val.IsNull() && p.Val.Bool() {
			return 1
		}
		return 0
	case *plan.And:
		return e.all(p.Args)
	case *plan.Or:
		none := 1.0
		for _, a := range p.Args {
			none *= 1 - e.Selectivity(a)
		}
		return 1 - none
	case *plan.Not:
		return 1 - e.Selectivity(p.X)
	case *plan.IsNull:
		frac := 0.01
		if c, ok := p.X.(*plan.Col); ok {
			if st, ok := e.column(c.ID); ok {
				frac = st.NullFrac
			}
		}
		if p.Not {
			return 1 - frac
		}
		return frac
	case *plan.BoolTest:
		return e.Selectivity(p.X)
	case *plan.ArrayCmp:
		return e.arrayCmp(p)
	case *plan.Distinct:
		s := e.equal(p.L, p.R)
		if p.Not {
			return s
		}
		return 1 - s
	case *plan.Call:
		return e.call(p)
	}
	return defaultSel
}

func (e *Estimator) arrayCmp(p *plan.ArrayCmp) float64 {
	n := 5.0
	if a, ok := p.R.(*plan.MakeArray); ok {
		n = float64(len(a.Elems))
	}
	switch {
	case p.Op == "=" && !p.All:
		return math.Min(1, n*e.equal(p.L, nil))
	case p.Op == "<>" && p.All:
		return math.Max(0, 1-n*e.equal(p.L, nil))
	}
	return defaultRange
}

func (e *Estimator) call(c *plan.Call) float64 {
	if len(c.Args) != 2 {
		return defaultSel
	}
	switch c.Op {
	case "=":
		return e.equal(c.Args[0], c.Args[1])
	case "<>":
		return 1 - e.equal(c.Args[0], c.Args[1])
	case "<", "<=", ">", ">=":
		return e.inequality(c)
	case "~~", "~~*", "~", "~*":
		return defaultLike
	case "!~~", "!~~*", "!~", "!~*":
		return 1 - defaultLike
	}
	return defaultSel
}

// equal guesses the selectivity of l = r; r may be nil for some constant.
func (e *Estimator) equal(l, r plan.Expr) float64 {
	a, okA := stripCol(l)
	b, okB := stripCol(r)
	s := 1.0
	if okA {
		s = math.Min(s, 1/e.distinctOf(a))
	}
	if okB {
		s = math.Min(s, 1/e.distinctOf(b))
	}
	if !okA && !okB {
		return defaultEq
	}
	return s
}

func stripCol(x plan.Expr) (plan.ColID, bool) {
	switch x := x.(type) {
	case *plan.Col:
		return x.ID, true
	case *plan.Relabel:
		return stripCol(x.X)
	case *plan.Call:
		if x.Cast != 0 && len(x.Args) > 0 {
			return stripCol(x.Args[0])
		}
	}
	return 0, false
}

func (e *Estimator) distinctOf(id plan.ColID) float64 {
	if c, ok := e.column(id); ok && c.Distinct > 0 {
		return c.Distinct
	}
	return 1 / defaultEq
}

// inequality interpolates between a column's least and greatest value.
func (e *Estimator) inequality(c *plan.Call) float64 {
	col, okC := stripCol(c.Args[0])
	k, okK := c.Args[1].(*plan.Const)
	op := c.Op
	if !okC {
		col, okC = stripCol(c.Args[1])
		k, okK = c.Args[0].(*plan.Const)
		op = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op]
	}
	if !okC || !okK || k.Val.IsNull() {
		return defaultRange
	}
	st, ok := e.column(col)
	if !ok || st.Min.IsNull() || st.Max.IsNull() {
		return defaultRange
	}
	t := e.meta.Col(col).Type
	lo, ok1 := scalar(st.Min, t)
	hi, ok2 := scalar(st.Max, t)
	v, ok3 := scalar(k.Val, k.Typ)
	if !ok1 || !ok2 || !ok3 || hi <= lo {
		return defaultRange
	}
	f := math.Max(0.0001, math.Min(1, (v-lo)/(hi-lo)))
	if op == ">" || op == ">=" {
		return math.Max(0.0001, 1-f)
	}
	return f
}

// scalar places a value on a line: times in microseconds, strings by their first
// bytes.
func scalar(d types.Datum, t *types.Type) (float64, bool) {
	const day = 24 * 60 * 60 * 1000000
	switch d.Kind() {
	case types.Int:
		if t.Underlying().OID == types.DateOID {
			return float64(d.Int()) * day, true
		}
		return float64(d.Int()), true
	case types.Float:
		return d.Float(), true
	case types.Numer:
		n := d.Numeric()
		c, ok := n.Small()
		return float64(c) / math.Pow(10, float64(n.Scale())), ok
	case types.Bytes:
		f, s := 0.0, d.Str()
		for i := range 8 {
			f *= 256
			if i < len(s) {
				f += float64(s[i])
			}
		}
		return f, true
	}
	return 0, false
}
