package rules

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// unnest turns subqueries into joins in two steps: a subquery in an expression
// becomes an Apply below the node whose expression it is in (take), and an Apply
// becomes a join by moving it down the right side until that reads nothing of the
// left (untie; after Neumann and Kemper, Unnesting Arbitrary Queries, 2015). What
// cannot be moved stays an Apply, which is run per row.
//
// A subquery that may not be evaluated at all (in an arm of a CASE, behind AND
// or OR outside a filter) and could fail stays where it is.
func unnest(c *Ctx, n plan.Node) plan.Node {
	u := &unnester{Ctx: c}
	return u.node(n)
}

type unnester struct {
	*Ctx
}

func (u *unnester) node(n plan.Node) plan.Node {
	for i, in := range n.Inputs() {
		n.SetInput(i, u.node(in))
	}
	switch n := n.(type) {
	case *plan.Filter:
		return u.filter(n)
	case *plan.Apply:
		return u.untie(n)
	case *plan.Join:
		return u.join(n)
	case *plan.Project, *plan.Aggregate, *plan.FlatMap, *plan.Over:
		u.takeAll(n)
	}
	u.inside(n)
	return n
}

// inside rewrites the plans of the subqueries that stay in expressions.
func (u *unnester) inside(n plan.Node) {
	for _, e := range n.Exprs() {
		u.insideExpr(e)
	}
}

func (u *unnester) insideExpr(e plan.Expr) {
	plan.Visit(e, func(x plan.Expr) bool {
		if s, ok := x.(*plan.Subquery); ok {
			s.Plan = u.node(s.Plan)
		}
		return true
	})
}

// filter turns the conjuncts that are subqueries into semi and anti joins, and
// takes the subqueries out of the others.
func (u *unnester) filter(f *plan.Filter) plan.Node {
	in := f.In
	var plain, rest []plan.Expr
	for _, p := range conjuncts(f.Preds) {
		if plan.HasSubquery(p) {
			rest = append(rest, p)
		} else {
			plain = append(plain, p)
		}
	}
	if len(rest) == 0 {
		return f
	}
	if len(plain) > 0 {
		in = &plan.Filter{In: in, Preds: plain}
	}
	keep := in.Out()
	var left []plan.Expr
	t := &taker{u: u, in: in} // one for all: BETWEEN and IN put one subquery into several conjuncts
	for _, p := range rest {
		if n := u.semi(t.in, p); n != nil {
			t.in = n
			continue
		}
		left = append(left, t.expr(p, false))
	}
	in = t.in
	if len(left) > 0 {
		for _, p := range left {
			u.insideExpr(p)
		}
		in = &plan.Filter{In: in, Preds: left}
	}
	return u.project(in, keep)
}

// project gives just the listed columns of in.
func (u *unnester) project(in plan.Node, cols []plan.ColID) plan.Node {
	if len(in.Out()) == len(cols) {
		return in
	}
	p := &plan.Project{In: in}
	for _, id := range cols {
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, u.Meta.Ref(id))
	}
	return p
}

// semi makes a join of a conjunct that is [NOT] EXISTS or [NOT] IN; nil for
// others.
func (u *unnester) semi(in plan.Node, p plan.Expr) plan.Node {
	not := false
	if n, ok := p.(*plan.Not); ok {
		p, not = n.X, true
	}
	s, ok := p.(*plan.Subquery)
	if !ok || volatilePlan(s.Plan) {
		return nil
	}
	a := &plan.Apply{L: in, R: u.node(s.Plan), MarkCol: -1}
	switch {
	case s.Kind == plan.SubExists:
		a.Kind = plan.Semi
		if not {
			a.Kind = plan.Anti
		}
		a.R = existsOnly(a.R)
	case s.Kind == plan.SubAny && !plan.HasSubquery(s.Test):
		a.Kind, a.On = plan.Semi, conjuncts([]plan.Expr{s.Test})
		if not {
			a.Kind = plan.NullAnti
		}
	default:
		return nil
	}
	return u.untie(a)
}

// existsOnly drops what does not matter to whether there are rows.
func existsOnly(n plan.Node) plan.Node {
	for {
		switch x := n.(type) {
		case *plan.Project:
			n = x.In
		case *plan.Order:
			n = x.In
		case *plan.DistinctRows:
			n = x.In
		case *plan.Limit:
			if x.Offset != nil || x.IsTies || !positive(x.Count) {
				return n
			}
			n = x.In
		default:
			return n
		}
	}
}

func positive(e plan.Expr) bool {
	if e == nil {
		return true
	}
	k, ok := e.(*plan.Const)
	return ok && (k.Val.IsNull() || k.Val.Int() > 0)
}

// join moves the subqueries of an inner join's condition into a filter above it;
// those of outer joins stay.
func (u *unnester) join(j *plan.Join) plan.Node {
	if j.Kind != plan.Inner {
		u.inside(j)
		return j
	}
	var on, above []plan.Expr
	for _, p := range conjuncts(j.On) {
		if plan.HasSubquery(p) {
			above = append(above, p)
		} else {
			on = append(on, p)
		}
	}
	j.On = on
	if len(above) == 0 {
		return j
	}
	return u.filter(&plan.Filter{In: j, Preds: above})
}

// takeAll takes the subqueries out of a node's expressions.
func (u *unnester) takeAll(n plan.Node) {
	any := false
	for _, e := range n.Exprs() {
		any = any || plan.HasSubquery(e)
	}
	if !any {
		return
	}
	// Columns that come to the input pass through FlatMap and Over, and are pruned.
	t := &taker{u: u, in: n.Inputs()[0]}
	frames := map[plan.Expr]bool{} // bounds of frames read no columns, and are computed once
	if o, ok := n.(*plan.Over); ok {
		for _, c := range o.Calls {
			frames[c.Frame.StartX], frames[c.Frame.EndX] = true, true
		}
	}
	n.MapExprs(func(e plan.Expr) plan.Expr {
		if frames[e] {
			return e
		}
		return t.expr(e, false)
	})
	n.SetInput(0, t.in)
}

// taker takes subqueries out of expressions over in.
type taker struct {
	u    *unnester
	in   plan.Node
	done map[*plan.Subquery][]plan.ColID
}

// expr takes the subqueries out of e; lazy says that e may not be evaluated.
func (t *taker) expr(e plan.Expr, lazy bool) plan.Expr {
	switch x := e.(type) {
	case *plan.Subquery:
		return t.subquery(x, lazy)
	case *plan.Field:
		if s, ok := x.X.(*plan.Subquery); ok && s.Kind == plan.SubRow {
			if cols := t.row(s, lazy); cols != nil {
				return t.u.Meta.Ref(cols[x.I])
			}
			return e
		}
	case *plan.Case:
		return t.caseExpr(x, lazy)
	case *plan.Coalesce:
		return t.list(x, x.Args, 1, lazy)
	case *plan.And:
		return t.list(x, x.Args, 1, lazy)
	case *plan.Or:
		return t.list(x, x.Args, 1, lazy)
	}
	old := e.Children()
	if len(old) == 0 {
		return e
	}
	return t.list(e, old, len(old), lazy)
}

// list maps operands; those from eager on may not be evaluated.
func (t *taker) list(e plan.Expr, args []plan.Expr, eager int, lazy bool) plan.Expr {
	out := make([]plan.Expr, len(args))
	same := true
	for i, a := range args {
		out[i] = t.expr(a, lazy || i >= eager)
		same = same && out[i] == a
	}
	if same {
		return e
	}
	return e.WithChildren(out)
}

func (t *taker) caseExpr(x *plan.Case, lazy bool) plan.Expr {
	eager := 1
	if x.Arg != nil {
		eager = 2
	}
	return t.list(x, x.Children(), eager, lazy)
}

// subquery makes a column of a subquery, or leaves it.
func (t *taker) subquery(s *plan.Subquery, lazy bool) plan.Expr {
	if volatilePlan(s.Plan) || s.Test != nil && plan.HasSubquery(s.Test) {
		return s
	}
	if cols, ok := t.done[s]; ok {
		return t.u.Meta.Ref(cols[0])
	}
	switch s.Kind {
	case plan.SubExists, plan.SubAny, plan.SubAll:
		if lazy && mayFail(s.Plan) {
			return s
		}
		return t.mark(s)
	case plan.SubScalar:
		if cols := t.row(s, lazy); cols != nil {
			return t.u.Meta.Ref(cols[0])
		}
	case plan.SubArray:
		if !lazy || !mayFail(s.Plan) {
			return t.array(s)
		}
	}
	return s
}

// mark adds a Mark join: x = ANY is its column, x = ALL the opposite of NOT x ANY.
func (t *taker) mark(s *plan.Subquery) plan.Expr {
	u := t.u
	id := u.Meta.Add(plan.ColInfo{Name: "exists", Type: types.TBool, Mod: types.NoMod})
	a := &plan.Apply{Kind: plan.Mark, L: t.in, R: u.node(s.Plan), MarkCol: id}
	var out plan.Expr = u.Meta.Ref(id)
	switch s.Kind {
	case plan.SubExists:
		a.R = existsOnly(a.R)
	case plan.SubAny:
		a.On = conjuncts([]plan.Expr{s.Test})
	case plan.SubAll:
		a.On = []plan.Expr{&plan.Not{X: s.Test}}
		out = &plan.Not{X: out}
	}
	t.in = u.untie(a)
	t.remember(s, id)
	return out
}

func (t *taker) remember(s *plan.Subquery, cols ...plan.ColID) {
	if s.Kind == plan.SubAll {
		return // its value is not the column itself
	}
	if t.done == nil {
		t.done = map[*plan.Subquery][]plan.ColID{}
	}
	t.done[s] = cols
}

// row adds a join for a scalar or row subquery and gives its columns; nil when it
// has to stay.
func (t *taker) row(s *plan.Subquery, lazy bool) []plan.ColID {
	if cols, ok := t.done[s]; ok {
		return cols
	}
	if volatilePlan(s.Plan) || lazy && (mayFail(s.Plan) || !single(s.Plan)) {
		return nil
	}
	u := t.u
	a := &plan.Apply{Kind: plan.Single, L: t.in, R: u.node(s.Plan), MarkCol: -1}
	if single(a.R) {
		a.Kind = plan.Left
	}
	cols := append([]plan.ColID(nil), a.R.Out()...)
	t.in = u.untie(a)
	t.remember(s, cols...)
	return cols
}

// single tells whether a plan gives at most one row whatever it reads.
func single(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Aggregate:
		return len(n.Groups) == 0 && n.Sets == nil
	case *plan.Project:
		return single(n.In)
	case *plan.Filter:
		return single(n.In)
	case *plan.Order:
		return single(n.In)
	case *plan.Limit:
		k, ok := n.Count.(*plan.Const)
		return single(n.In) || ok && !n.IsTies && !k.Val.IsNull() && k.Val.Int() <= 1
	case *plan.Values:
		return len(n.Rows) <= 1
	}
	return false
}

// array computes ARRAY(SELECT …) by aggregation; an order below becomes the
// aggregate's.
func (t *taker) array(s *plan.Subquery) plan.Expr {
	u := t.u
	in := u.node(s.Plan)
	fn := funcs.FindFunc("array_agg", types.ByOID(types.AnyNonArrayOID))
	col := in.Out()[0]
	if u.Meta.Col(col).Type.IsArray() {
		fn = funcs.FindFunc("array_agg", types.TAnyArray)
	}
	agg := plan.Agg{Fn: fn, Args: []plan.Expr{u.Meta.Ref(col)}, Ret: s.Typ, Pos: -1}
	in, agg.OrderBy = takeOrder(u.Meta, in)
	agg.Col = u.Meta.Add(plan.ColInfo{Name: "array", Type: s.Typ, Mod: s.TypMod})
	r := &plan.Aggregate{In: in, Aggs: []plan.Agg{agg}, SetCol: -1}
	t.in = u.untie(&plan.Apply{Kind: plan.Left, L: t.in, R: r, MarkCol: -1})
	out := u.Meta.Add(plan.ColInfo{Name: "array", Type: s.Typ, Mod: s.TypMod})
	p := &plan.Project{In: t.in}
	for _, id := range t.in.Out() {
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, u.Meta.Ref(id))
	}
	none := types.NewArray(s.Typ.Underlying().Elem, nil)
	empty := &plan.Const{Val: types.NewString(none.Encode()), Typ: s.Typ, TypMod: types.NoMod}
	p.Cols = append(p.Cols, out)
	p.Vals = append(p.Vals, &plan.Coalesce{Args: []plan.Expr{u.Meta.Ref(agg.Col), empty}, Typ: s.Typ, TypMod: s.TypMod})
	t.in = p
	t.remember(s, out)
	return u.Meta.Ref(out)
}

// takeOrder takes an order from the top of a plan and gives its keys; a
// projection above it goes on passing the keys' columns.
func takeOrder(meta *plan.Meta, n plan.Node) (plan.Node, []plan.SortKey) {
	switch x := n.(type) {
	case *plan.Order:
		return x.In, x.Keys
	case *plan.Project:
		o, ok := x.In.(*plan.Order)
		if !ok {
			return n, nil
		}
		have := plan.SetOf(x.Cols...)
		for _, k := range o.Keys {
			for _, id := range plan.ReadsOf(k.X).List() {
				if !have.Has(id) {
					have.Add(id)
					x.Cols = append(x.Cols, id)
					x.Vals = append(x.Vals, meta.Ref(id))
				}
			}
		}
		x.In = o.In
		return x, o.Keys
	}
	return n, nil
}

// volatilePlan tells whether a plan calls volatile functions.
func volatilePlan(n plan.Node) bool {
	found := false
	plan.VisitNodes(n, func(n plan.Node) {
		for _, e := range n.Exprs() {
			found = found || plan.IsVolatile(e)
		}
	})
	return found
}

// mayFail tells whether running a plan could fail for other reasons than its
// input: expressions that can raise an error.
func mayFail(n plan.Node) bool {
	found := false
	plan.VisitNodes(n, func(n plan.Node) {
		if _, ok := n.(*plan.MaxOne); ok {
			found = true
		}
		for _, e := range n.Exprs() {
			plan.Visit(e, func(x plan.Expr) bool {
				found = found || !safe(x)
				return !found
			})
		}
	})
	return found
}

// safe tells the expressions that never fail by themselves: comparisons and the
// like.
func safe(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Call:
		return e.Ret.OID == types.BoolOID && e.Op != "" || e.Cast == 'i'
	case *plan.ViaIO, *plan.ArrayCast, *plan.ToDomain, *plan.Subscript:
		return false
	case *plan.Subquery:
		return e.Kind != plan.SubScalar && e.Kind != plan.SubRow
	}
	return true
}
