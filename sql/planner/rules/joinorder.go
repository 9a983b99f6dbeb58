package rules

import (
	"math"
	"math/bits"
	"slices"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// orderJoins orders trees of inner joins by cost: exhaustively up to maxExact
// inputs, greedily beyond. Semi and anti joins sink to the input that they read if
// that costs less. A join builds on its smaller side, or looks its right side up by an index.
func orderJoins(c *Ctx, n plan.Node) plan.Node {
	if c.View {
		return connectJoins(n)
	}
	acc := newAccess(c)
	o := &orderer{Ctx: c, est: acc.est, acc: acc}
	return o.node(n)
}

const (
	maxExact  = 11
	maxInputs = 64 // of which sets are words
)

type orderer struct {
	*Ctx
	est *Estimator
	acc *access
}

func (o *orderer) node(n plan.Node) plan.Node {
	if w, ok := n.(*plan.With); ok {
		w.Def = o.node(w.Def)
		o.est.Rows(w) // the scans of it know its size
		w.Body = o.node(w.Body)
		return w
	}
	j, ok := n.(*plan.Join)
	switch {
	case ok && j.Kind == plan.Inner:
		return o.inner(j)
	case ok && isSemi(j):
		if out := o.placeSemis(j); out != nil {
			return out
		}
	}
	return o.inputs(n)
}

// inputs orders the joins below a node that is not an inner join itself.
func (o *orderer) inputs(n plan.Node) plan.Node {
	for i, in := range n.Inputs() {
		n.SetInput(i, o.node(in))
	}
	if j, ok := n.(*plan.Join); ok {
		o.build(j)
	}
	return n
}

// inner orders a tree of inner joins.
func (o *orderer) inner(j *plan.Join) plan.Node {
	var leaves []plan.Node
	var preds []plan.Expr
	flatten(j, &leaves, &preds)
	for i := range leaves {
		leaves[i] = o.node(leaves[i])
	}
	if len(leaves) > maxInputs {
		out := newChain(leaves, preds).join()
		o.buildChain(out, leaves)
		return out
	}
	g := o.graph(leaves, preds)
	if len(leaves) <= maxExact {
		return g.exact()
	}
	return g.greedy()
}

// buildChain chooses how each join between the leaves is done, lowest first.
func (o *orderer) buildChain(n plan.Node, leaves []plan.Node) {
	if j, ok := n.(*plan.Join); ok && !slices.Contains(leaves, n) {
		o.buildChain(j.L, leaves)
		o.buildChain(j.R, leaves)
		o.build(j)
	}
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
	if j.Kind == plan.Single && o.unique(j) {
		j.Kind = plan.Left
	}
	l, r := o.est.Rows(j.L), o.est.Rows(j.R)
	j.BuildLeft = l < r
	if l, r := listsColumns(j.L), listsColumns(j.R); l != r {
		j.BuildLeft = r
	}
	switch j.Kind {
	case plan.Mark, plan.Single, plan.NullAnti:
		j.BuildLeft = false
	}
	o.byIndex(j)
	o.byMerge(j)
}

// pgAttribute is the OID of pg_attribute.
const pgAttribute = 1249

// listsColumns tells whether a plan's rows come in the order in which pg_attribute has
// them. Clients that ask the catalogue or information_schema for a table's columns
// without ORDER BY rely on getting them in the order of the table, as PostgreSQL's
// plans happen to give them: a join of catalogues therefore does not build its hash
// table of that side.
func listsColumns(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Scan:
		return n.Rel.OID == pgAttribute
	case *plan.Filter:
		return listsColumns(n.In)
	case *plan.Project:
		return listsColumns(n.In)
	case *plan.Join:
		if n.BuildLeft {
			return listsColumns(n.R)
		}
		return listsColumns(n.L)
	}
	return false
}

// unique tells whether a left row has at most one match: a key of the right side is
// among the columns that equalities fix.
func (o *orderer) unique(j *plan.Join) bool {
	right, left := plan.SetOf(j.R.Out()...), plan.SetOf(j.L.Out()...)
	fixed := plan.ColSet{}
	for _, p := range j.On {
		c, ok := p.(*plan.Call)
		if !ok || c.Op != "=" || len(c.Args) != 2 {
			continue
		}
		for i, x := range c.Args {
			if col, ok := x.(*plan.Col); ok && right.Has(col.ID) && !right.Intersects(plan.ReadsOf(c.Args[1-i])) && left.ContainsAll(plan.ReadsOf(c.Args[1-i])) {
				fixed.Add(col.ID)
			}
		}
	}
	return plan.NewDeriver(nil).Of(j.R).HasKey(fixed)
}

// joinGraph is a set of inputs with the conditions between them.
type joinGraph struct {
	o      *orderer
	leaves []plan.Node
	preds  []plan.Expr
	masks  []uint64 // the inputs that each condition reads
	rows   []float64
	sel    []float64
	cols   []plan.ColSet
}

func (o *orderer) graph(leaves []plan.Node, preds []plan.Expr) *joinGraph {
	sets := make([]plan.ColSet, len(leaves))
	g := &joinGraph{o: o, leaves: leaves, preds: preds, cols: sets}
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
		g.sel = append(g.sel, o.est.armSelectivity(p, sets))
	}
	g.together()
	return g
}

// together corrects the selectivities of several equalities between the same two
// inputs, which are anything but independent: the first one makes up for
// what their product takes away too much.
func (g *joinGraph) together() {
	for i, m := range g.masks {
		if bits.OnesCount64(m) != 2 || slices.Index(g.masks, m) != i {
			continue
		}
		var same []plan.Expr
		product := 1.0
		for k := i; k < len(g.masks); k++ {
			if g.masks[k] == m {
				same = append(same, g.preds[k])
				product *= g.o.est.Selectivity(g.preds[k])
			}
		}
		if len(same) > 1 {
			g.sel[i] *= math.Max(1, g.o.est.matching(same)/product)
		}
	}
}

// partial is a join of some of the inputs.
type partial struct {
	set  uint64
	rows float64
	cost float64
	l, r *partial
	// look is how the input r is looked up; nil: it is hashed.
	look *lookup
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
		best[1<<i] = g.leaf(i)
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
				if p := g.join(l, r, rows, cross); found == nil || p.cost < found.cost {
					found = p
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

func (g *joinGraph) leaf(i int) *partial {
	return &partial{set: 1 << i, rows: g.rows[i], cost: g.o.est.cost(g.leaves[i]).total}
}

// join prices the join of two partial ones, in the cheapest way.
func (g *joinGraph) join(l, r *partial, rows float64, cross bool) *partial {
	p := &partial{set: l.set | r.set, rows: rows, l: l, r: r, cost: l.cost + r.cost + hashCost(l.rows, r.rows, rows)}
	if g.o.NoHashJoin && !g.o.NoNestLoop {
		p.cost += costOff
	}
	if cross {
		p.cost += l.rows * r.rows * costOp
		return p
	}
	if !g.keyed(l.set, r.set) {
		p.cost += l.rows * r.rows * costOp
	}
	g.tryLookup(p, l, r)
	g.tryLookup(p, r, l)
	return p
}

// keyed tells whether an equality goes between the two sets, for a hash table.
func (g *joinGraph) keyed(a, b uint64) bool {
	for i, m := range g.masks {
		if m&a == 0 || m&b == 0 || m&^(a|b) != 0 {
			continue
		}
		switch p := g.preds[i].(type) {
		case *plan.Call:
			if p.Op == "=" {
				return true
			}
		case *plan.Distinct:
			if p.Not {
				return true
			}
		}
	}
	return false
}

// tryLookup has p look its input r up by an index if that costs less.
func (g *joinGraph) tryLookup(p, l, r *partial) {
	if r.l != nil || l.cost >= p.cost || l.rows*costSeek >= p.cost {
		return
	}
	leaf := g.leaves[bits.TrailingZeros64(r.set)]
	if lookedAt(leaf) == nil {
		return
	}
	var on []plan.Expr
	left := plan.ColSet{}
	for i, m := range g.masks {
		if m&^p.set == 0 && m&r.set != 0 {
			on = append(on, g.preds[i])
		}
	}
	for s := l.set; s != 0; s &= s - 1 {
		for id := range g.cols[bits.TrailingZeros64(s)] {
			left.Add(id)
		}
	}
	x := g.o.lookupFor(leaf, on, left)
	if x == nil {
		return
	}
	if c := l.cost + x.cost(l.rows) + p.rows*costTuple; c < p.cost {
		p.cost, p.l, p.r, p.look = c, l, r, x
	}
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
		parts = append(parts, g.leaf(i))
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
		p := g.join(parts[bi], parts[bj], best, !g.connected(parts[bi].set, parts[bj].set))
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
	if p.look == nil && l.rows < r.rows { // the larger side on the left, which probes
		l, r = r, l
	}
	j := &plan.Join{Kind: plan.Inner, L: g.plan(l), R: g.plan(r), MarkCol: -1}
	if p.look == nil && listsColumns(j.R) && !listsColumns(j.L) {
		j.L, j.R = j.R, j.L
	}
	for i, m := range g.masks {
		whole := p.set == uint64(1)<<len(g.leaves)-1
		if m&^p.set == 0 && m&^p.l.set != 0 && m&^p.r.set != 0 || bits.OnesCount64(m) < 2 && whole {
			j.On = append(j.On, g.preds[i])
		}
	}
	g.o.est.rows[j] = p.rows
	if p.look != nil {
		g.o.lookOrHash(j, p.look)
	}
	g.o.byMerge(j)
	return j
}
