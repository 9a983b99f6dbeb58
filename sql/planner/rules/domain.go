package rules

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// untieDomain is the general way: the right side is computed for all distinct
// values (the domain) of the left columns it reads, which are joined into it where
// it reads them, and then joined with the left side on these columns. The left
// side is computed once and shared.
func (u *unnester) untieDomain(a *plan.Apply) plan.Node {
	ties := u.ties(a)
	d := &domain{u: u, ties: ties, outer: plan.SetOf(a.L.Out()...)}
	for _, id := range ties {
		if !hashable(u.Meta.Col(id).Type) {
			return nil
		}
	}
	if a.Kind == plan.Full || a.Kind == plan.Right || !d.can(a.R) {
		return nil
	}
	u.NextID++
	d.with = &plan.With{ID: -u.NextID, Name: "outer", Def: a.L, DefCols: a.L.Out()}
	r, m := d.push(a.R)
	on := append([]plan.Expr(nil), a.On...)
	for _, id := range ties {
		on = append(on, u.same(u.Meta.Ref(id), u.Meta.Ref(m[id])))
	}
	left := &plan.CTEScan{ID: d.with.ID, Name: d.with.Name, Cols: a.L.Out(), Def: d.with}
	d.with.Body = &plan.Join{Kind: a.Kind, L: left, R: r, On: on, MarkCol: a.MarkCol}
	// The definition gets columns of its own: those of the left side now come from
	// the scan.
	return d.with
}

func hashable(t *types.Type) bool {
	switch t.Underlying().OID {
	case types.JSONOID, types.XMLOID:
		return false
	}
	return true
}

// same is l IS NOT DISTINCT FROM r for columns of one type.
func (u *unnester) same(l, r plan.Expr) plan.Expr {
	return &plan.Distinct{L: l, R: r, Eq: equality(l.Type()), Not: true}
}

// equality finds the function behind a type's =.
func equality(t *types.Type) *funcs.Func {
	t = t.Underlying()
	if o := funcs.FindOperator("=", t.OID, t.OID); o != nil {
		return o.Func
	}
	switch {
	case t.IsArray():
		return funcs.FindOperator("=", types.AnyArrayOID, types.AnyArrayOID).Func
	case t.Class == types.Enum:
		return funcs.FindOperator("=", types.AnyEnumOID, types.AnyEnumOID).Func
	case t.Class == types.Composite || t.OID == types.RecordOID:
		return funcs.FindOperator("=", types.RecordOID, types.RecordOID).Func
	}
	return funcs.FindOperator("=", types.TextOID, types.TextOID).Func
}

// domain pushes the distinct values of the tied columns into a plan.
type domain struct {
	u     *unnester
	ties  []plan.ColID
	outer plan.ColSet
	with  *plan.With
}

// colMap says which column stands for a tied one.
type colMap map[plan.ColID]plan.ColID

func (d *domain) tied(n plan.Node) bool { return d.outer.Intersects(plan.Outer(n)) }

// can tells whether push would succeed. It changes nothing.
func (d *domain) can(n plan.Node) bool {
	if !d.tied(n) {
		return true
	}
	switch n := n.(type) {
	case *plan.Filter, *plan.Project, *plan.DistinctRows, *plan.Order, *plan.Over, *plan.FlatMap:
		return d.can(n.Inputs()[0])
	case *plan.Aggregate:
		return n.Sets == nil && d.can(n.In)
	case *plan.Limit:
		return !n.IsTies && constCount(n.Count) && constCount(n.Offset) && d.can(n.In)
	case *plan.Join:
		return n.Kind != plan.Full && n.Kind != plan.Right && d.can(n.L) && d.can(n.R)
	case *plan.SetOp:
		for _, in := range n.Ins {
			if !d.can(in) {
				return false
			}
		}
		return true
	case *plan.Values:
		return true
	}
	return false
}

// scan gives the domain: the distinct values of the tied columns.
func (d *domain) scan() (plan.Node, colMap) {
	m := colMap{}
	s := &plan.CTEScan{ID: d.with.ID, Name: d.with.Name, Def: d.with}
	p := &plan.Project{In: s}
	for _, id := range d.with.DefCols {
		c := d.u.Meta.Add(*d.u.Meta.Col(id))
		s.Cols = append(s.Cols, c)
		if hasCol(d.ties, id) {
			m[id] = c
			p.Cols, p.Vals = append(p.Cols, c), append(p.Vals, d.u.Meta.Ref(c))
		}
	}
	return &plan.DistinctRows{In: p}, m
}

func (d *domain) exprs(m colMap) map[plan.ColID]plan.Expr {
	out := map[plan.ColID]plan.Expr{}
	for id, c := range m {
		out[id] = d.u.Meta.Ref(c)
	}
	return out
}

// cols gives the domain's columns in order.
func (d *domain) cols(m colMap) []plan.ColID {
	out := make([]plan.ColID, len(d.ties))
	for i, id := range d.ties {
		out[i] = m[id]
	}
	return out
}

// push gives n joined with the domain, and the columns that hold it.
func (d *domain) push(n plan.Node) (plan.Node, colMap) {
	if !d.tied(n) {
		s, m := d.scan()
		return &plan.Join{Kind: plan.Inner, L: s, R: n, MarkCol: -1}, m
	}
	switch n := n.(type) {
	case *plan.Filter, *plan.Order, *plan.FlatMap:
		in, m := d.push(n.Inputs()[0])
		n.SetInput(0, in)
		n.MapExprs(func(e plan.Expr) plan.Expr { return substitute(e, d.exprs(m)) })
		return n, m
	case *plan.Project:
		in, m := d.push(n.In)
		n.In = in
		n.MapExprs(func(e plan.Expr) plan.Expr { return substitute(e, d.exprs(m)) })
		for _, c := range d.cols(m) {
			n.Cols, n.Vals = append(n.Cols, c), append(n.Vals, d.u.Meta.Ref(c))
		}
		return n, m
	case *plan.DistinctRows:
		in, m := d.push(n.In)
		n.In = in
		d.u.distinctPer(n, d.cols(m))
		return n, m
	case *plan.Over:
		in, m := d.push(n.In)
		n.In = in
		n.MapExprs(func(e plan.Expr) plan.Expr { return substitute(e, d.exprs(m)) })
		n.Partition = append(n.Partition, d.cols(m)...)
		return n, m
	case *plan.Aggregate:
		return d.aggregate(n)
	case *plan.Limit:
		in, m := d.push(n.In)
		return d.u.limitPer(n, in, d.cols(m)), m
	case *plan.Join:
		return d.join(n)
	case *plan.SetOp:
		return d.setOp(n)
	case *plan.Values:
		return d.values(n)
	}
	panic("rules: push of a node that the domain cannot be pushed into")
}

// aggregate groups by the domain too; a scalar one has a row for every value of
// the domain.
func (d *domain) aggregate(n *plan.Aggregate) (plan.Node, colMap) {
	scalar := len(n.Groups) == 0
	in, m := d.push(n.In)
	n.In = in
	n.MapExprs(func(e plan.Expr) plan.Expr { return substitute(e, d.exprs(m)) })
	n.Groups = append(n.Groups, d.cols(m)...)
	n.GroupOut = n.Groups
	if !scalar {
		return n, m
	}
	s, all := d.scan()
	var on []plan.Expr
	for _, id := range d.ties {
		on = append(on, d.u.same(d.u.Meta.Ref(all[id]), d.u.Meta.Ref(m[id])))
	}
	return d.u.emptyAggs(&plan.Join{Kind: plan.Left, L: s, R: n, On: on, MarkCol: -1}, n.Aggs), all
}

func (d *domain) join(n *plan.Join) (plan.Node, colMap) {
	leftTied, rightTied := d.tied(n.L), d.tied(n.R)
	if n.Kind == plan.Inner && rightTied && !leftTied {
		r, m := d.push(n.R)
		n.R = r
		n.MapExprs(func(e plan.Expr) plan.Expr { return substitute(e, d.exprs(m)) })
		return n, m
	}
	l, m := d.push(n.L)
	n.L = l
	n.MapExprs(func(e plan.Expr) plan.Expr { return substitute(e, d.exprs(m)) })
	if rightTied {
		r, rm := d.push(n.R)
		n.R = r
		for _, id := range d.ties {
			n.On = append(n.On, sure(n.Kind, []plan.Expr{d.u.same(d.u.Meta.Ref(m[id]), d.u.Meta.Ref(rm[id]))})...)
		}
	}
	return n, m
}

func (d *domain) setOp(n *plan.SetOp) (plan.Node, colMap) {
	out := colMap{}
	for _, id := range d.ties {
		c := d.u.Meta.Add(*d.u.Meta.Col(id))
		out[id] = c
		n.Cols = append(n.Cols, c)
	}
	for i := range n.Ins {
		in, m := d.push(n.Ins[i])
		n.Ins[i] = in
		n.InCols[i] = append(append([]plan.ColID(nil), n.InCols[i]...), d.cols(m)...)
	}
	return n, out
}

// values computes constant rows per value of the domain: a projection for each
// row.
func (d *domain) values(n *plan.Values) (plan.Node, colMap) {
	u := &plan.SetOp{Kind: plan.Union, All: true, Cols: append([]plan.ColID(nil), n.Cols...)}
	out := colMap{}
	for _, id := range d.ties {
		out[id] = d.u.Meta.Add(*d.u.Meta.Col(id))
		u.Cols = append(u.Cols, out[id])
	}
	for _, row := range n.Rows {
		s, m := d.scan()
		p := &plan.Project{In: s}
		var cols []plan.ColID
		for j, x := range row {
			c := d.u.Meta.Add(*d.u.Meta.Col(n.Cols[j]))
			p.Cols, p.Vals = append(p.Cols, c), append(p.Vals, substitute(x, d.exprs(m)))
			cols = append(cols, c)
		}
		for _, c := range d.cols(m) {
			p.Cols, p.Vals = append(p.Cols, c), append(p.Vals, d.u.Meta.Ref(c))
			cols = append(cols, c)
		}
		u.Ins, u.InCols = append(u.Ins, p), append(u.InCols, cols)
	}
	return u, out
}
