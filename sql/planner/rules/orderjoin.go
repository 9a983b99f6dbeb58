package rules

import (
	"math"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// driven is a tree of joins as it would be with one of its scans read in the order of
// an index, and everything else looked up for the rows of that scan, in their order.
type driven struct {
	scan  *plan.Scan
	preds []plan.Expr    // that its rows, or what they are joined to, satisfy
	keys  []plan.SortKey // over its columns
	each  float64        // what a row of the scan costs beyond its fetch
	rows  float64        // that come of it
	cols  plan.ColSet    // there so far
	build func() plan.Node
}

// throughJoins reads a join in the order of an index of one of its tables where only
// the first rows are wanted, and looks the others up. The order stands at below.
func (u *indexOrder) throughJoins(n *plan.Limit, o *plan.Order, below *plan.Node) {
	d := u.drive(o.In, o.Keys, nil)
	if d == nil {
		return
	}
	pass := u.est.Rows(o.In)
	found := u.cheapest(n, d.scan, d.preds, d.keys, u.est.cost(n).total, func(x *plan.IndexScan) float64 {
		return u.firstCost(n, d.scan, x, pass, d.each)
	})
	if found == nil {
		return
	}
	*below = d.build()
	d.scan.Index = found
}

// drive finds the scan that the keys are of; nil when there is none, or something
// beside it cannot be looked up.
func (u *indexOrder) drive(n plan.Node, keys []plan.SortKey, preds []plan.Expr) *driven {
	switch n := n.(type) {
	case *plan.Scan:
		if n.Rel.Kind != catalog.Table {
			return nil
		}
		return &driven{scan: n, preds: preds, keys: keys, each: u.est.ops(preds), rows: 1, cols: plan.SetOf(n.Cols...), build: func() plan.Node { return n }}
	case *plan.Filter:
		d := u.drive(n.In, keys, append(slices.Clone(preds), n.Preds...))
		return d.under(func(in plan.Node) plan.Node {
			n.In = in
			return n
		})
	case *plan.Project:
		names := map[plan.ColID]plan.Expr{}
		for i, id := range n.Cols {
			names[id] = n.Vals[i]
		}
		d := u.drive(n.In, renamed(keys, names), preds)
		d = d.under(func(in plan.Node) plan.Node {
			n.In = in
			return n
		})
		if d != nil {
			d.cols = plan.SetOf(n.Cols...)
		}
		return d
	case *plan.Join:
		if n.Kind == plan.Inner {
			return u.driveInner(n, keys, preds)
		}
		return u.driveOuter(n, keys, preds)
	}
	return nil
}

// under puts a node above what is built.
func (d *driven) under(above func(plan.Node) plan.Node) *driven {
	if d == nil {
		return nil
	}
	build := d.build
	d.build = func() plan.Node { return above(build()) }
	return d
}

// driveOuter drives a join whose left rows keep their order.
func (u *indexOrder) driveOuter(n *plan.Join, keys []plan.SortKey, preds []plan.Expr) *driven {
	switch n.Kind {
	case plan.Left, plan.Semi, plan.Anti, plan.Single:
	default:
		return nil
	}
	if !readBy(keys, plan.SetOf(n.L.Out()...)) {
		return nil
	}
	d := u.drive(n.L, keys, preds)
	if d == nil {
		return nil
	}
	l := u.joins.lookupFor(n.R, n.On, plan.SetOf(n.L.Out()...))
	if l == nil {
		return nil
	}
	d.each += l.cost(d.rows)
	if n.Kind == plan.Left {
		d.rows *= math.Max(1, l.rows)
	}
	d.cols = plan.SetOf(n.Out()...)
	return d.under(func(in plan.Node) plan.Node {
		n.L = in
		u.joins.look(n, l)
		return n
	})
}

// driveInner drives a tree of inner joins: from the input that the keys are of, the
// others are looked up one after another.
func (u *indexOrder) driveInner(j *plan.Join, keys []plan.SortKey, preds []plan.Expr) *driven {
	var leaves []plan.Node
	var on []plan.Expr
	flatten(j, &leaves, &on)
	first := slices.IndexFunc(leaves, func(l plan.Node) bool { return readBy(keys, plan.SetOf(l.Out()...)) })
	if first < 0 {
		return nil
	}
	d := u.drive(leaves[first], keys, preds)
	leaves = slices.Delete(leaves, first, first+1)
	for d != nil && len(leaves) > 0 {
		on, leaves = u.driveNext(d, leaves, on)
		if leaves == nil {
			return nil
		}
	}
	if d == nil || len(on) == 0 {
		return d
	}
	return d.under(func(in plan.Node) plan.Node { return &plan.Filter{In: in, Preds: on} })
}

// driveNext joins the input of which the fewest rows are found; it gives the conditions
// and inputs that are left, no inputs at all (nil) when none can be looked up.
func (u *indexOrder) driveNext(d *driven, leaves []plan.Node, on []plan.Expr) ([]plan.Expr, []plan.Node) {
	best := -1
	var look *lookup
	var mine []plan.Expr
	for i, leaf := range leaves {
		cols := plan.SetOf(leaf.Out()...)
		var here []plan.Expr
		for _, p := range on {
			if readsOnly(p, leaves, i) {
				here = append(here, p)
			}
		}
		if l := u.joins.lookupFor(leaf, here, d.cols); l != nil && (look == nil || l.rows < look.rows) && !d.cols.Intersects(cols) {
			best, look, mine = i, l, here
		}
	}
	if look == nil {
		return nil, nil
	}
	leaf, l := leaves[best], look
	d.each += l.cost(d.rows)
	d.rows *= l.rows
	for id := range plan.SetOf(leaf.Out()...) {
		d.cols.Add(id)
	}
	d.under(func(in plan.Node) plan.Node {
		n := &plan.Join{Kind: plan.Inner, L: in, R: leaf, On: mine, MarkCol: -1}
		u.joins.look(n, l)
		return n
	})
	rest := slices.DeleteFunc(slices.Clone(on), func(p plan.Expr) bool { return slices.Contains(mine, p) })
	return rest, slices.Delete(slices.Clone(leaves), best, best+1)
}

// readsOnly tells whether a condition reads, of the inputs that are left, only one.
func readsOnly(p plan.Expr, leaves []plan.Node, only int) bool {
	reads := plan.ReadsOf(p)
	mine := false
	for i, l := range leaves {
		if plan.SetOf(l.Out()...).Intersects(reads) {
			if i != only {
				return false
			}
			mine = true
		}
	}
	return mine
}

// readBy tells whether the keys read some of the columns, and nothing else.
func readBy(keys []plan.SortKey, cols plan.ColSet) bool {
	for _, k := range keys {
		reads := plan.ReadsOf(k.X)
		if len(reads) == 0 || !cols.ContainsAll(reads) {
			return false
		}
	}
	return len(keys) > 0
}
