package rules

import (
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// pushFilters moves conditions as far down as they can be decided, and on the
// way makes outer joins inner whose padded rows a condition above would drop.
func pushFilters(c *Ctx, n plan.Node) plan.Node {
	p := &pusher{c}
	return p.push(n, nil)
}

type pusher struct{ *Ctx }

// push gives n with the conditions preds applied.
func (p *pusher) push(n plan.Node, preds []plan.Expr) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		return p.filter(n, preds)
	case *plan.Project:
		return p.project(n, preds)
	case *plan.Join:
		return p.join(n, preds)
	case *plan.Apply:
		return p.apply(n, preds)
	case *plan.Aggregate:
		return p.through(n, preds, p.groupOnly(n))
	case *plan.DistinctRows:
		if n.On == nil {
			return p.through(n, preds, plan.SetOf(n.In.Out()...))
		}
		return p.through(n, preds, plan.SetOf(n.On...))
	case *plan.Over:
		return p.through(n, preds, plan.SetOf(n.Partition...))
	case *plan.Order:
		return p.through(n, preds, plan.SetOf(n.In.Out()...))
	case *plan.FlatMap:
		if n.Outer {
			return p.through(n, preds, nil)
		}
		return p.through(n, preds, plan.SetOf(n.In.Out()...))
	case *plan.SetOp:
		return p.setOp(n, preds)
	case *plan.With:
		n.Def = p.push(n.Def, nil)
		n.Body = p.push(n.Body, preds)
		return n
	}
	for i, in := range n.Inputs() {
		n.SetInput(i, p.push(in, nil))
	}
	return over(n, preds)
}

// over puts a filter on n if there is something to filter.
func over(n plan.Node, preds []plan.Expr) plan.Node {
	if len(preds) == 0 {
		return n
	}
	return &plan.Filter{In: n, Preds: preds}
}

func markOf(kind plan.JoinKind, mark plan.ColID) plan.ColID {
	if kind == plan.Mark {
		return mark
	}
	return -1
}

// movable tells the conditions that may be decided elsewhere: volatile ones and
// those with a subquery stay.
func movable(e plan.Expr) bool { return !plan.IsVolatile(e) && !plan.HasSubquery(e) }

func (p *pusher) filter(f *plan.Filter, preds []plan.Expr) plan.Node {
	var stay []plan.Expr
	down := append([]plan.Expr(nil), preds...)
	mine := conjuncts(f.Preds)
	for _, e := range mine {
		if !movable(e) {
			stay = append(stay, e)
		}
	}
	if len(stay) > 0 { // what is decided above a condition that stays must not run before it
		return over(&plan.Filter{In: p.push(f.In, movables(mine)), Preds: stay}, preds)
	}
	return p.push(f.In, append(mine, down...))
}

func movables(preds []plan.Expr) []plan.Expr {
	var out []plan.Expr
	for _, e := range preds {
		if movable(e) {
			out = append(out, e)
		}
	}
	return out
}

// project pushes conditions below a projection, its columns spelled out.
func (p *pusher) project(n *plan.Project, preds []plan.Expr) plan.Node {
	vals := map[plan.ColID]plan.Expr{}
	fixed := plan.ColSet{}
	for i, id := range n.Cols {
		vals[id] = n.Vals[i]
		if plan.IsVolatile(n.Vals[i]) || plan.HasSubquery(n.Vals[i]) {
			fixed.Add(id)
		}
	}
	var down, stay []plan.Expr
	for _, e := range preds {
		if below := substitute(e, vals); movable(e) && !fixed.Intersects(plan.ReadsOf(e)) && (!n.Barrier || plan.Leakproof(below)) {
			down = append(down, conjuncts([]plan.Expr{below})...)
		} else {
			stay = append(stay, e)
		}
	}
	n.In = p.push(n.In, down)
	return over(n, stay)
}

// through pushes the conditions that read only these columns below a node with
// one input, which passes them on unchanged.
func (p *pusher) through(n plan.Node, preds []plan.Expr, cols plan.ColSet) plan.Node {
	outer := plan.SetOf(n.Out()...)
	var down, stay []plan.Expr
	for _, e := range preds {
		ok := movable(e)
		some := false
		for id := range plan.ReadsOf(e) {
			if outer.Has(id) { // columns of an enclosing query count as constants
				some = true
				ok = ok && cols.Has(id)
			}
		}
		if ok && some {
			down = append(down, e)
		} else {
			stay = append(stay, e)
		}
	}
	n.SetInput(0, p.push(n.Inputs()[0], down))
	return over(n, stay)
}

// groupOnly gives the columns of an Aggregate that conditions on may be decided
// before grouping. Without groups there is a row even of no input.
func (p *pusher) groupOnly(n *plan.Aggregate) plan.ColSet {
	if n.Sets != nil {
		return nil
	}
	return plan.SetOf(n.Groups...)
}

// setOp pushes conditions into every input.
func (p *pusher) setOp(n *plan.SetOp, preds []plan.Expr) plan.Node {
	down, stay := movables(preds), []plan.Expr(nil)
	for _, e := range preds {
		if !movable(e) {
			stay = append(stay, e)
		}
	}
	for i := range n.Ins {
		vals := map[plan.ColID]plan.Expr{}
		for j, id := range n.Cols {
			vals[id] = p.Meta.Ref(n.InCols[i][j])
		}
		mine := make([]plan.Expr, len(down))
		for k, e := range down {
			mine[k] = substitute(e, vals)
		}
		n.Ins[i] = p.push(n.Ins[i], mine)
	}
	return over(n, stay)
}

// sides sorts conditions by which inputs they read.
type sides struct{ left, right, both, none []plan.Expr }

func split(preds []plan.Expr, l, r plan.Node) sides {
	return splitMarked(preds, l, r, -1)
}

// splitMarked does so above a join: its mark counts as a column of the right.
func splitMarked(preds []plan.Expr, l, r plan.Node, mark plan.ColID) sides {
	lc, rc := plan.SetOf(l.Out()...), plan.SetOf(r.Out()...)
	rc.Add(mark)
	var s sides
	for _, e := range preds {
		reads := plan.ReadsOf(e)
		inL, inR := lc.Intersects(reads), rc.Intersects(reads)
		switch {
		case !movable(e) || inL && inR:
			s.both = append(s.both, e)
		case inL:
			s.left = append(s.left, e)
		case inR:
			s.right = append(s.right, e)
		default:
			s.none = append(s.none, e)
		}
	}
	return s
}

func (p *pusher) join(j *plan.Join, preds []plan.Expr) plan.Node {
	j.On = conjuncts(j.On)
	p.reduce(j, preds)
	switch j.Kind {
	case plan.Inner:
		s := split(append(append([]plan.Expr(nil), j.On...), preds...), j.L, j.R)
		s.infer(p.Ctx, j.L, j.R)
		s.inferArms(j.L, j.R)
		j.On = s.both
		j.L = p.push(j.L, append(s.left, s.none...))
		j.R = p.push(j.R, s.right)
		return j
	case plan.Full:
		j.L, j.R = p.push(j.L, nil), p.push(j.R, nil)
		return over(j, preds)
	case plan.Right:
		above, on := split(preds, j.L, j.R), split(j.On, j.L, j.R)
		j.On = concat(on.both, on.right, on.none)
		j.L = p.push(j.L, on.left)
		j.R = p.push(j.R, above.right)
		return over(j, concat(above.left, above.both, above.none))
	}
	// Left, Single, Semi, Anti, NullAnti, Mark: what reads only the left is decided
	// there; what the condition says of the right alone too.
	above, on := splitMarked(preds, j.L, j.R, markOf(j.Kind, j.MarkCol)), split(j.On, j.L, j.R)
	if j.Kind == plan.Semi {
		above.left = append(above.left, on.left...)
		on.left = nil
	}
	if threeValued(j.Kind) { // a condition on the right that is NULL is not the same as false
		keep, push := notSure(on.right)
		on.both, on.right = append(on.both, keep...), push
	}
	j.On = concat(on.both, on.left, on.none)
	j.L = p.push(j.L, above.left)
	j.R = p.push(j.R, on.right)
	return over(j, concat(above.right, above.both, above.none))
}

func concat(lists ...[]plan.Expr) []plan.Expr {
	var out []plan.Expr
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// notSure splits conditions into those that may be NULL and those that are not; of
// these, it gives what a filter has to ask.
func notSure(preds []plan.Expr) (may, never []plan.Expr) {
	for _, e := range preds {
		switch e.(type) {
		case *plan.BoolTest, *plan.IsNull, *plan.Distinct, *plan.RowNull:
			never = append(never, condition(e))
		default:
			may = append(may, e)
		}
	}
	return may, never
}

// reduce makes an outer join inner (or a full one one-sided) where a condition
// above rejects the rows it pads.
func (p *pusher) reduce(j *plan.Join, preds []plan.Expr) {
	rejects := func(side plan.Node) bool {
		cols := plan.SetOf(side.Out()...)
		for _, e := range preds {
			if rejectsNull(e, cols) {
				return true
			}
		}
		return false
	}
	switch j.Kind {
	case plan.Left:
		if rejects(j.R) {
			j.Kind = plan.Inner
		}
	case plan.Right:
		if rejects(j.L) {
			j.Kind = plan.Inner
		}
	case plan.Full:
		l, r := rejects(j.L), rejects(j.R)
		switch {
		case l && r:
			j.Kind = plan.Inner
		case l:
			j.Kind = plan.Left
		case r:
			j.Kind = plan.Right
		}
	}
}

// rejectsNull tells whether e cannot be true when all of cols are NULL.
func rejectsNull(e plan.Expr, cols plan.ColSet) bool {
	switch x := e.(type) {
	case *plan.And:
		for _, a := range x.Args {
			if rejectsNull(a, cols) {
				return true
			}
		}
		return false
	case *plan.Or:
		for _, a := range x.Args {
			if !rejectsNull(a, cols) {
				return false
			}
		}
		return true
	case *plan.IsNull:
		return x.Not && nullWith(x.X, cols)
	case *plan.BoolTest:
		return !x.Not && nullWith(x.X, cols)
	}
	return nullWith(e, cols)
}

// nullWith tells whether e is NULL when all of cols are: strict all the way down
// to one of them.
func nullWith(e plan.Expr, cols plan.ColSet) bool {
	switch x := e.(type) {
	case *plan.Col:
		return cols.Has(x.ID)
	case *plan.Call:
		if !x.Fn.Strict {
			return false
		}
	case *plan.Not, *plan.Relabel, *plan.ViaIO:
	case *plan.ArrayCmp:
		return x.Fn.Strict && nullWith(x.L, cols) && nonEmpty(x.R)
	default:
		return false
	}
	for _, c := range e.Children() {
		if nullWith(c, cols) {
			return true
		}
	}
	return false
}

// nonEmpty tells an array that certainly has an element.
func nonEmpty(e plan.Expr) bool {
	a, ok := e.(*plan.MakeArray)
	return ok && len(a.Elems) > 0
}

func (p *pusher) apply(a *plan.Apply, preds []plan.Expr) plan.Node {
	s := splitMarked(preds, a.L, a.R, markOf(a.Kind, a.MarkCol))
	if a.Kind == plan.Full || a.Kind == plan.Right {
		s.both, s.left = append(s.both, s.left...), nil
	}
	a.L = p.push(a.L, s.left)
	a.R = p.push(a.R, nil)
	return over(a, concat(s.both, s.right, s.none))
}

// infer adds to each side what the other side's constants and the equalities
// between the sides imply: a = b and a = 1 give b = 1.
func (s *sides) infer(c *Ctx, l, r plan.Node) {
	for _, e := range s.both {
		call, ok := e.(*plan.Call)
		if !ok || call.Op != "=" || len(call.Args) != 2 {
			continue
		}
		a, okA := call.Args[0].(*plan.Col)
		b, okB := call.Args[1].(*plan.Col)
		if !okA || !okB || !types.Same(a.Typ, b.Typ) {
			continue
		}
		if plan.SetOf(r.Out()...).Has(a.ID) {
			a, b = b, a
		}
		s.right = append(s.right, implied(s.left, a, b, s.right)...)
		s.left = append(s.left, implied(s.right, b, a, s.left)...)
	}
}

// implied gives the conditions col OP constant of from, said of to.
func implied(list []plan.Expr, from, to *plan.Col, have []plan.Expr) []plan.Expr {
	var out []plan.Expr
	for _, e := range list {
		c, ok := e.(*plan.Call)
		if !ok || len(c.Args) != 2 {
			continue
		}
		switch c.Op {
		case "=", "<", "<=", ">", ">=":
		default:
			continue
		}
		x, isCol := c.Args[0].(*plan.Col)
		switch c.Args[1].(type) {
		case *plan.Const, *plan.Param:
		default:
			continue
		}
		if !isCol || x.ID != from.ID {
			continue
		}
		n := c.WithChildren([]plan.Expr{to, c.Args[1]})
		dup := false
		for _, h := range have {
			dup = dup || plan.Equal(h, n)
		}
		if !dup {
			out = append(out, n)
		}
	}
	return out
}
