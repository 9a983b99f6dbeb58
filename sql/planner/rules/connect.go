package rules

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// connectJoins orders the inner joins of a view so that each input meets one that a
// condition connects it with. A circuit pushes from every side and keeps what each
// join gives, so costs do not order it; but FROM a, b, c WHERE a.x = c.x AND b.y = c.y
// as it is written would keep the product of a and b. The order depends on nothing
// but the query: a view is planned again when the server starts. Where the order of
// FROM has no product that could be avoided, it stays.
func connectJoins(n plan.Node) plan.Node {
	j, ok := n.(*plan.Join)
	if !ok || j.Kind != plan.Inner {
		for i, in := range n.Inputs() {
			n.SetInput(i, connectJoins(in))
		}
		return n
	}
	if !hasProduct(j) {
		j.L, j.R = connectJoins(j.L), connectJoins(j.R)
		return j
	}
	var leaves []plan.Node
	var preds []plan.Expr
	flatten(j, &leaves, &preds)
	for i := range leaves {
		leaves[i] = connectJoins(leaves[i])
	}
	return newChain(leaves, preds).join()
}

// hasProduct tells whether a join without a condition is among the inner joins at the
// top of a plan.
func hasProduct(n plan.Node) bool {
	j, ok := n.(*plan.Join)
	return ok && j.Kind == plan.Inner && (len(j.On) == 0 || hasProduct(j.L) || hasProduct(j.R))
}

// chain is a set of inputs with the conditions between them.
type chain struct {
	leaves []plan.Node
	cols   []plan.ColSet // of each input
	preds  []plan.Expr
	reads  []plan.ColSet // of each condition
	used   []bool        // the inputs that are joined
	placed []bool        // the conditions that stand at a join
}

func newChain(leaves []plan.Node, preds []plan.Expr) *chain {
	c := &chain{leaves: leaves, preds: preds, used: make([]bool, len(leaves)), placed: make([]bool, len(preds))}
	for _, l := range leaves {
		c.cols = append(c.cols, plan.SetOf(l.Out()...))
	}
	for _, p := range preds {
		c.reads = append(c.reads, plan.ReadsOf(p))
	}
	return c
}

// join joins what is connected, and the products of that.
func (c *chain) join() plan.Node {
	var out plan.Node
	var outCols plan.ColSet
	for {
		i := slices.Index(c.used, false)
		if i < 0 {
			break
		}
		n, cols := c.connected(i)
		if out == nil {
			out, outCols = n, cols
			continue
		}
		out, outCols = c.pair(out, outCols, n, cols)
	}
	if j, ok := out.(*plan.Join); ok { // what reads one input or none
		for i, p := range c.preds {
			if !c.placed[i] {
				j.On = append(j.On, p)
			}
		}
	}
	return out
}

// connected joins the first input with all that conditions connect it with, each next
// one the first of FROM that there is an equality with, or else any condition.
func (c *chain) connected(first int) (plan.Node, plan.ColSet) {
	n, cols := c.leaves[first], plan.SetOf(c.leaves[first].Out()...)
	c.used[first] = true
	for {
		next := c.next(cols, true)
		if next < 0 {
			next = c.next(cols, false)
		}
		if next < 0 {
			return n, cols
		}
		c.used[next] = true
		n, cols = c.pair(n, cols, c.leaves[next], c.cols[next])
	}
}

// next finds an input that a condition connects with what is joined.
func (c *chain) next(cols plan.ColSet, equal bool) int {
	for i, leaf := range c.cols {
		if c.used[i] {
			continue
		}
		for k, reads := range c.reads {
			if equal && !isEquality(c.preds[k]) || !reads.Intersects(cols) || !reads.Intersects(leaf) {
				continue
			}
			if !slices.ContainsFunc(reads.List(), func(id plan.ColID) bool { return !cols.Has(id) && !leaf.Has(id) }) {
				return i
			}
		}
	}
	return -1
}

func isEquality(e plan.Expr) bool {
	switch x := e.(type) {
	case *plan.Call:
		return x.Op == "="
	case *plan.Distinct:
		return x.Not
	}
	return false
}

// pair joins two plans on all conditions that need both and nothing else.
func (c *chain) pair(l plan.Node, lcols plan.ColSet, r plan.Node, rcols plan.ColSet) (plan.Node, plan.ColSet) {
	j := &plan.Join{Kind: plan.Inner, L: l, R: r, MarkCol: -1}
	cols := plan.ColSet{}
	for _, set := range []plan.ColSet{lcols, rcols} {
		for id := range set {
			cols.Add(id)
		}
	}
	for i, reads := range c.reads {
		if !c.placed[i] && reads.Intersects(lcols) && reads.Intersects(rcols) && cols.ContainsAll(reads) {
			c.placed[i] = true
			j.On = append(j.On, c.preds[i])
		}
	}
	return j, cols
}
