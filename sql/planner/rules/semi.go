package rules

import "github.com/streamsqld/streamsqld/sql/plan"

func isSemi(j *plan.Join) bool { return j.Kind == plan.Semi || j.Kind == plan.Anti }

// maxSemis is how many semi and anti joins above a join tree are placed by cost.
const maxSemis = 5

// placeSemis orders a stack of semi and anti joins over inner joins: each is done
// above them, or sinks to the input that it reads, whichever costs less. They
// commute, as all drop rows of one input. nil: j is no such stack.
func (o *orderer) placeSemis(j *plan.Join) plan.Node {
	var stack []*plan.Join
	var base plan.Node = j
	for {
		s, ok := base.(*plan.Join)
		if !ok || !isSemi(s) {
			break
		}
		stack, base = append(stack, s), s.L
	}
	if in, ok := base.(*plan.Join); !ok || in.Kind != plan.Inner || len(stack) > maxSemis {
		return nil
	}
	low := make([]bool, len(stack))
	best := o.stacked(stack, base, low)
	for i := len(stack) - 1; i >= 0; i-- {
		low[i] = true
		n := o.stacked(stack, base, low)
		if n != nil && o.est.cost(n).total <= o.est.cost(best).total {
			best = n
			continue
		}
		low[i] = false
	}
	return best
}

// stacked orders copies of the joins, the low ones sunk; nil when one of these
// cannot sink.
func (o *orderer) stacked(stack []*plan.Join, base plan.Node, low []bool) plan.Node {
	n := plan.Copy(base, nil)
	again := func(s *plan.Join) *plan.Join {
		c := *s
		c.On = append([]plan.Expr(nil), s.On...)
		c.L, c.R = n, plan.Copy(s.R, nil)
		return &c
	}
	for i := len(stack) - 1; i >= 0; i-- {
		if !low[i] {
			continue
		}
		s := again(stack[i])
		if n = sinkSemi(s); n == plan.Node(s) {
			return nil
		}
	}
	n = o.node(n)
	for i := len(stack) - 1; i >= 0; i-- {
		if low[i] {
			continue
		}
		s := again(stack[i])
		s.R = o.node(s.R)
		o.build(s)
		n = s
	}
	return n
}

// sinkSemi moves a semi or anti join below an inner join on its left when it
// reads one side of that only.
func sinkSemi(n plan.Node) plan.Node {
	j, ok := n.(*plan.Join)
	if !ok || !isSemi(j) {
		return n
	}
	in, ok := j.L.(*plan.Join)
	if !ok || in.Kind != plan.Inner {
		return n
	}
	reads := plan.ColSet{}
	for _, e := range j.On {
		plan.Reads(e, reads)
	}
	l, r := plan.SetOf(in.L.Out()...), plan.SetOf(in.R.Out()...)
	switch {
	case l.Intersects(reads) && !r.Intersects(reads):
		j.L, in.L = in.L, j
		in.L = sinkSemi(j)
		return in
	case r.Intersects(reads) && !l.Intersects(reads):
		j.L, in.R = in.R, j
		in.R = sinkSemi(j)
		return in
	}
	return n
}
