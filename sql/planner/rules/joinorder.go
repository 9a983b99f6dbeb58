package rules

import (
	"math"
	"math/bits"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// orderJoins orders trees of inner joins by the least sum of intermediate rows:
// exhaustively up to maxExact inputs, greedily beyond. Semi and anti joins first
// sink to the input that they read. Every join then builds on its smaller side.
func orderJoins(c *Ctx, n plan.Node) plan.Node {
	if c.View {
		return n // a circuit pushes from every side
	}
	n = each(n, sinkSemi)
	o := &orderer{Ctx: c, est: NewEstimator(c.Meta, c.Stats)}
	return o.node(n)
}

const maxExact = 11

type orderer struct {
	*Ctx
	est *Estimator
}

// sinkSemi moves a semi or anti join below an inner join on its left when it
// reads one side of that only.
func sinkSemi(n plan.Node) plan.Node {
	j, ok := n.(*plan.Join)
	if !ok || j.Kind != plan.Semi && j.Kind != plan.Anti {
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

func (o *orderer) node(n plan.Node) plan.Node {
	if w, ok := n.(*plan.With); ok {
		w.Def = o.node(w.Def)
		o.est.Rows(w) // the scans of it know its size
		w.Body = o.node(w.Body)
		return w
	}
	j, ok := n.(*plan.Join)
	if !ok || j.Kind != plan.Inner {
		for i, in := range n.Inputs() {
			n.SetInput(i, o.node(in))
		}
		if ok {
			o.build(j)
		}
		return n
	}
	var leaves []plan.Node
	var preds []plan.Expr
	flatten(j, &leaves, &preds)
	for i := range leaves {
		leaves[i] = o.node(leaves[i])
	}
	if len(leaves) == 2 {
		j = &plan.Join{Kind: plan.Inner, L: leaves[0], R: leaves[1], On: preds, MarkCol: -1}
		o.build(j)
		return j
	}
	g := o.graph(leaves, preds)
	if len(leaves) <= maxExact {
		return g.exact()
	}
	return g.greedy()
}

// flatten takes a tree of inner joins apart.
func flatten(j *plan.Join, leaves *[]plan.Node, preds *[]plan.Expr) {
	for _, in := range []plan.Node{j.L, j.R} {
		if k, ok := in.(*plan.Join); ok && k.Kind == plan.Inner {
			flatten(k, leaves, preds)
		} else {
			*leaves = append(*leaves, in)
		}
	}
	*preds = append(*preds, j.On...)
}

// build chooses the side a hash table is made of.
func (o *orderer) build(j *plan.Join) {
	l, r := o.est.Rows(j.L), o.est.Rows(j.R)
	j.BuildLeft = l < r
	switch j.Kind {
	case plan.Mark, plan.Single, plan.NullAnti:
		j.BuildLeft = false
	}
}

// joinGraph is a set of inputs with the conditions between them.
type joinGraph struct {
	o      *orderer
	leaves []plan.Node
	preds  []plan.Expr
	masks  []uint64 // the inputs that each condition reads
	rows   []float64
	sel    []float64
}

func (o *orderer) graph(leaves []plan.Node, preds []plan.Expr) *joinGraph {
	g := &joinGraph{o: o, leaves: leaves, preds: preds}
	sets := make([]plan.ColSet, len(leaves))
	for i, l := range leaves {
		sets[i] = plan.SetOf(l.Out()...)
		g.rows = append(g.rows, math.Max(1, o.est.Rows(l)))
	}
	for _, p := range preds {
		mask := uint64(0)
		reads := plan.ReadsOf(p)
		for i := range leaves {
			if sets[i].Intersects(reads) {
				mask |= 1 << i
			}
		}
		g.masks = append(g.masks, mask)
	}
	g.selectivities()
	return g
}

// selectivities guesses what the conditions leave: those between the same inputs
// together, for the first of them, so that the others take nothing away.
func (g *joinGraph) selectivities() {
	g.sel = make([]float64, len(g.preds))
	done := map[uint64]bool{}
	for i, m := range g.masks {
		g.sel[i] = 1
		if done[m] {
			continue
		}
		done[m] = true
		var same []plan.Expr
		for k := i; k < len(g.masks); k++ {
			if g.masks[k] == m {
				same = append(same, g.preds[k])
			}
		}
		g.sel[i] = g.o.est.matching(same)
	}
}

// partial is a join of some of the inputs.
type partial struct {
	set  uint64
	rows float64
	cost float64
	l, r *partial
}

// size guesses the rows of a set of inputs: it does not depend on the order.
func (g *joinGraph) size(set uint64) float64 {
	rows := 1.0
	for s := set; s != 0; s &= s - 1 {
		rows *= g.rows[bits.TrailingZeros64(s)]
	}
	for i, m := range g.masks {
		if m&^set == 0 && bits.OnesCount64(m) > 1 {
			rows *= g.sel[i]
		}
	}
	return math.Max(rows, 1)
}

// connected tells whether a condition goes between the two sets.
func (g *joinGraph) connected(a, b uint64) bool {
	for _, m := range g.masks {
		if m&a != 0 && m&b != 0 && m&^(a|b) == 0 {
			return true
		}
	}
	return false
}

// exact finds the cheapest order by dynamic programming over sets of inputs;
// pairs that no condition connects are joined only where nothing else is left.
func (g *joinGraph) exact() plan.Node {
	n := len(g.leaves)
	best := make(map[uint64]*partial, 1<<n)
	for i := range g.leaves {
		best[1<<i] = &partial{set: 1 << i, rows: g.rows[i]}
	}
	full := uint64(1)<<n - 1
	for set := uint64(1); set <= full; set++ {
		if bits.OnesCount64(set) < 2 {
			continue
		}
		var found *partial
		try := func(cross bool) {
			rows := g.size(set)
			for a := (set - 1) & set; a > 0; a = (a - 1) & set {
				b := set &^ a
				if a < b {
					continue
				}
				l, r := best[a], best[b]
				if l == nil || r == nil || !cross && !g.connected(a, b) {
					continue
				}
				cost := l.cost + r.cost + rows + 0.5*math.Min(l.rows, r.rows)
				if found == nil || cost < found.cost {
					found = &partial{set: set, rows: rows, cost: cost, l: l, r: r}
				}
			}
		}
		try(false)
		if found == nil && (set == full || !g.reachable(set)) {
			try(true)
		}
		if found != nil {
			best[set] = found
		}
	}
	if best[full] == nil { // a condition reads three inputs that nothing else connects
		return g.greedy()
	}
	return g.plan(best[full])
}

// reachable tells whether the set is connected by conditions within it or could
// be by a larger set: a set of inputs that are not is joined by product only.
func (g *joinGraph) reachable(set uint64) bool {
	for _, m := range g.masks {
		if m&set != 0 && m&^set != 0 {
			return true
		}
	}
	return false
}

// greedy joins the pair with the fewest rows again and again.
func (g *joinGraph) greedy() plan.Node {
	var parts []*partial
	for i := range g.leaves {
		parts = append(parts, &partial{set: 1 << i, rows: g.rows[i]})
	}
	for len(parts) > 1 {
		bi, bj, best := -1, -1, math.Inf(1)
		for _, cross := range []bool{false, true} {
			for i := range parts {
				for j := i + 1; j < len(parts); j++ {
					if !cross && !g.connected(parts[i].set, parts[j].set) {
						continue
					}
					if rows := g.size(parts[i].set | parts[j].set); rows < best {
						bi, bj, best = i, j, rows
					}
				}
			}
			if bi >= 0 {
				break
			}
		}
		p := &partial{set: parts[bi].set | parts[bj].set, rows: best, l: parts[bi], r: parts[bj]}
		parts[bi] = p
		parts = append(parts[:bj], parts[bj+1:]...)
	}
	return g.plan(parts[0])
}

// plan makes the nodes, each condition at the lowest join that has all it reads.
func (g *joinGraph) plan(p *partial) plan.Node {
	if p.l == nil {
		return g.leaves[bits.TrailingZeros64(p.set)]
	}
	l, r := p.l, p.r
	if l.rows < r.rows { // the larger side on the left, which probes
		l, r = r, l
	}
	j := &plan.Join{Kind: plan.Inner, L: g.plan(l), R: g.plan(r), MarkCol: -1}
	for i, m := range g.masks {
		if m&^p.set == 0 && m&^p.l.set != 0 && m&^p.r.set != 0 || m == 0 && p.set == uint64(1)<<len(g.leaves)-1 {
			j.On = append(j.On, g.preds[i])
		}
	}
	g.o.est.rows[j] = p.rows
	return j
}
