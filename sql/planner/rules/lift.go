package rules

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// lifter takes equalities between the left side of an Apply and its right side
// out of the right side: what groups, orders or numbers rows on the way does so
// per value of the equalities' inner sides.
type lifter struct {
	u     *unnester
	outer plan.ColSet // columns of the left side
	// free are all columns that the right side reads from outside: of the left side,
	// and of queries around it.
	free plan.ColSet
	ties []tie
}

// tie is one equality: cond is it, with its inner side replaced by the column
// inner.
type tie struct {
	cond  plan.Expr
	inner plan.ColID
}

func (u *unnester) lifter(a *plan.Apply) *lifter {
	return &lifter{u: u, outer: plan.SetOf(a.L.Out()...), free: plan.Outer(a.R)}
}

func (l *lifter) tied(n plan.Node) bool { return l.outer.Intersects(plan.Outer(n)) }

func (l *lifter) reads(e plan.Expr) bool { return l.outer.Intersects(plan.ReadsOf(e)) }

// conditions gives the equalities for the join.
func (l *lifter) conditions(kind plan.JoinKind) []plan.Expr {
	out := make([]plan.Expr, len(l.ties))
	for i, t := range l.ties {
		out[i] = t.cond
	}
	return sure(kind, out)
}

// can tells whether lift would succeed: every tie below n is an equality that may
// move up to it. It changes nothing.
func (l *lifter) can(n plan.Node) bool {
	if !l.tied(n) {
		return true
	}
	switch n := n.(type) {
	case *plan.Filter:
		return l.canPreds(n.Preds) && l.can(n.In)
	case *plan.Project:
		return l.clean(n) && l.can(n.In)
	case *plan.Join:
		switch n.Kind {
		case plan.Inner:
			return l.canPreds(n.On) && l.can(n.L) && l.can(n.R)
		case plan.Left, plan.Semi, plan.Anti, plan.NullAnti, plan.Single, plan.Mark:
			return l.clean(n) && l.can(n.L) && !l.tied(n.R)
		}
	case *plan.Aggregate:
		return len(n.Groups) > 0 && n.Sets == nil && l.clean(n) && l.can(n.In)
	case *plan.DistinctRows:
		return l.can(n.In)
	case *plan.Order:
		return l.clean(n) && l.can(n.In)
	case *plan.Limit:
		return !n.IsTies && constCount(n.Count) && constCount(n.Offset) && l.can(n.In)
	case *plan.Over, *plan.FlatMap:
		return l.clean(n) && l.can(n.Inputs()[0])
	}
	return false
}

func constCount(e plan.Expr) bool {
	if e == nil {
		return true
	}
	k, ok := e.(*plan.Const)
	return ok && !k.Val.IsNull()
}

// clean tells whether the node's own expressions read nothing of the left.
func (l *lifter) clean(n plan.Node) bool {
	for _, e := range n.Exprs() {
		if l.reads(e) {
			return false
		}
	}
	return true
}

func (l *lifter) canPreds(preds []plan.Expr) bool {
	for _, p := range conjuncts(preds) {
		if l.reads(p) {
			if _, _, ok := l.equality(p); !ok {
				return false
			}
		}
	}
	return true
}

// equality splits outer = inner: the call and which argument is the inner one.
func (l *lifter) equality(p plan.Expr) (c *plan.Call, inner int, ok bool) {
	c, isCall := p.(*plan.Call)
	if !isCall || c.Op != "=" || len(c.Args) != 2 || plan.HasSubquery(p) {
		return nil, 0, false
	}
	for i, x := range c.Args {
		in, out := plan.ReadsOf(x), plan.ReadsOf(c.Args[1-i])
		if len(in) > 0 && !l.free.Intersects(in) && len(out) > 0 && l.outer.ContainsAll(out) {
			return c, i, true
		}
	}
	return nil, 0, false
}

// lift takes the ties out of n; can(n) holds.
func (l *lifter) lift(n plan.Node) plan.Node {
	if !l.tied(n) {
		return n
	}
	before := len(l.ties)
	switch n := n.(type) {
	case *plan.Filter:
		in := l.lift(n.In)
		return l.take(in, n.Preds, func(in plan.Node, rest []plan.Expr) plan.Node {
			if len(rest) == 0 {
				return in
			}
			return &plan.Filter{In: in, Preds: rest}
		})
	case *plan.Project:
		n.In = l.lift(n.In)
		for _, id := range l.inner(before) {
			if !hasCol(n.Cols, id) {
				n.Cols, n.Vals = append(n.Cols, id), append(n.Vals, l.u.Meta.Ref(id))
			}
		}
		return n
	case *plan.Join:
		return l.liftJoin(n)
	case *plan.Aggregate:
		n.In = l.lift(n.In)
		for _, t := range l.ties[before:] {
			if !hasCol(n.Groups, t.inner) {
				n.Groups = append(n.Groups, t.inner)
			}
		}
		n.GroupOut = n.Groups
		return n
	case *plan.DistinctRows:
		n.In = l.lift(n.In)
		l.u.distinctPer(n, l.inner(before))
		return n
	case *plan.Order:
		n.In = l.lift(n.In)
		return n
	case *plan.Limit:
		return l.liftLimit(n)
	case *plan.Over:
		n.In = l.lift(n.In)
		n.Partition = append(n.Partition, l.inner(before)...)
		return n
	case *plan.FlatMap:
		n.In = l.lift(n.In)
		return n
	}
	panic("rules: lift of a node that cannot be lifted")
}

func hasCol(cols []plan.ColID, id plan.ColID) bool {
	for _, c := range cols {
		if c == id {
			return true
		}
	}
	return false
}

// inner gives the inner columns of the ties from the given one on.
func (l *lifter) inner(from int) []plan.ColID {
	var out []plan.ColID
	for _, t := range l.ties[from:] {
		if !hasCol(out, t.inner) {
			out = append(out, t.inner)
		}
	}
	return out
}

// take turns the tied ones of preds, all equalities, into ties over in.
func (l *lifter) take(in plan.Node, preds []plan.Expr, build func(plan.Node, []plan.Expr) plan.Node) plan.Node {
	var rest []plan.Expr
	var p *plan.Project
	for _, e := range conjuncts(preds) {
		c, i, ok := l.equality(e)
		if !ok {
			rest = append(rest, e)
			continue
		}
		id := plan.ColID(-1)
		if col, isCol := c.Args[i].(*plan.Col); isCol {
			id = col.ID
		} else {
			if p == nil {
				p = &plan.Project{In: in}
				for _, o := range in.Out() {
					p.Cols, p.Vals = append(p.Cols, o), append(p.Vals, l.u.Meta.Ref(o))
				}
				in = p
			}
			x := c.Args[i]
			id = l.u.Meta.Add(plan.ColInfo{Name: "tie", Type: x.Type(), Mod: x.Mod()})
			p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, x)
		}
		args := append([]plan.Expr(nil), c.Args...)
		args[i] = l.u.Meta.Ref(id)
		l.ties = append(l.ties, tie{c.WithChildren(args), id})
	}
	return build(in, rest)
}

func (l *lifter) liftJoin(n *plan.Join) plan.Node {
	n.L = l.lift(n.L)
	if n.Kind != plan.Inner {
		return n
	}
	n.R = l.lift(n.R)
	on := n.On
	n.On = nil
	return l.take(n, on, func(in plan.Node, rest []plan.Expr) plan.Node {
		n.On = rest
		return in
	})
}

// liftLimit numbers the rows per value of the ties, and keeps the first ones.
func (l *lifter) liftLimit(n *plan.Limit) plan.Node {
	before := len(l.ties)
	in := l.lift(n.In)
	return l.u.limitPer(n, in, l.inner(before))
}

// distinctPer makes DISTINCT ON keep a row per value of cols too; its input is then
// ordered by these first.
func (u *unnester) distinctPer(n *plan.DistinctRows, cols []plan.ColID) {
	if n.On == nil || len(cols) == 0 {
		return
	}
	var keys []plan.SortKey
	for _, id := range cols {
		keys = append(keys, plan.SortKey{X: u.Meta.Ref(id)})
	}
	n.On = append(n.On, cols...)
	if o, ok := n.In.(*plan.Order); ok {
		o.Keys = append(keys, o.Keys...)
		return
	}
	n.In = &plan.Order{In: n.In, Keys: keys}
}

// limitPer is LIMIT and OFFSET within each partition; in may be an Order.
func (u *unnester) limitPer(n *plan.Limit, in plan.Node, partition []plan.ColID) plan.Node {
	rn := u.Meta.Add(plan.ColInfo{Name: "row_number", Type: types.TInt8, Mod: types.NoMod, NotNull: true})
	fn := funcs.FindFunc("row_number")
	over := &plan.Over{In: in, Partition: partition, Calls: []plan.WinCall{{
		Fn: fn, Col: rn, Ret: types.TInt8, Pos: -1, Frame: plan.Frame{Mode: plan.FrameRange, Start: plan.UnboundedPreceding, End: plan.CurrentRow},
	}}}
	if o, ok := in.(*plan.Order); ok {
		over.In, over.OrderBy = o.In, o.Keys
	}
	offset := int64(0)
	if n.Offset != nil {
		offset = n.Offset.(*plan.Const).Val.Int()
	}
	var preds []plan.Expr
	cmp := func(op string, v int64) plan.Expr {
		f := funcs.FindOperator(op, types.Int8OID, types.Int8OID)
		return &plan.Call{Fn: f.Func, Op: op, Ret: types.TBool, RetMod: types.NoMod, Pos: -1,
			Args: []plan.Expr{u.Meta.Ref(rn), &plan.Const{Val: types.NewInt(v), Typ: types.TInt8, TypMod: types.NoMod}}}
	}
	if offset > 0 {
		preds = append(preds, cmp(">", offset))
	}
	if n.Count != nil {
		preds = append(preds, cmp("<=", offset+n.Count.(*plan.Const).Val.Int()))
	}
	if len(preds) == 0 {
		return over.In
	}
	return &plan.Filter{In: over, Preds: preds}
}
