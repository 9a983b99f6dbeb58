package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// keepRowOrder makes what depends on the order of rows the same in a view as in
// its query, where the rows are of one relation: a batch query takes rows that
// its keys leave equal in the order of their ids (semantics §12), and a view has
// to, however they came and went. The row id becomes the last sort key of
// aggregates such as array_agg, of top-N, of DISTINCT ON and of row_number and
// its kin. An updated row is a new one, at the end, in both.
//
// It stands behind the rewrite rules, so that they see the query as it was
// written. Over joins there is no such order to keep.
func (b *binder) keepRowOrder(n plan.Node) plan.Node {
	for i, in := range n.Inputs() {
		n.SetInput(i, b.keepRowOrder(in))
	}
	switch x := n.(type) {
	case *plan.Aggregate:
		b.orderAggs(x)
	case *plan.Limit:
		if !x.IsTies {
			return b.orderInput(x, x.In)
		}
	case *plan.DistinctRows:
		if len(x.On) > 0 {
			return b.orderInput(x, x.In)
		}
	case *plan.Over:
		return b.orderOver(x)
	case *plan.Filter:
		return overUnderFilter(x)
	}
	return n
}

func (b *binder) orderAggs(a *plan.Aggregate) {
	if !slices.ContainsFunc(a.Aggs, takesRowOrder) {
		return
	}
	id, ok := b.rowIDBelow(a.In)
	if !ok {
		return
	}
	for i := range a.Aggs {
		if takesRowOrder(a.Aggs[i]) {
			a.Aggs[i].OrderBy = append(slices.Clip(a.Aggs[i].OrderBy), plan.SortKey{X: b.meta.Ref(id)})
		}
	}
}

// orderInput adds the row id to the order that n takes its first rows of.
func (b *binder) orderInput(n, in plan.Node) plan.Node {
	switch x := in.(type) {
	case *plan.Project:
		b.orderInput(n, x.In)
	case *plan.Order:
		out := n.Out()
		if id, ok := b.rowIDBelow(x.In); ok {
			x.Keys = append(slices.Clip(x.Keys), plan.SortKey{X: b.meta.Ref(id)})
			return b.only(n, out)
		}
	}
	return n
}

// orderOver adds the row id to the order of window functions that number rows or
// look at a neighbour; to others it would tell peers apart.
func (b *binder) orderOver(o *plan.Over) plan.Node {
	for _, c := range o.Calls {
		switch c.Fn.Name {
		case "row_number", "lag", "lead", "ntile":
		default:
			return o
		}
	}
	out := o.Out()
	id, ok := b.rowIDBelow(o.In)
	if !ok {
		return o
	}
	o.OrderBy = append(slices.Clip(o.OrderBy), plan.SortKey{X: b.meta.Ref(id)})
	return b.only(o, out)
}

// overUnderFilter puts the projection that hides the row id of window functions
// on top of the filter: a filter right above them may be a top-N.
func overUnderFilter(f *plan.Filter) plan.Node {
	p, ok := f.In.(*plan.Project)
	if !ok || len(p.Cols) == 0 {
		return f
	}
	if _, ok := p.In.(*plan.Over); !ok || !renamesNothing(p) {
		return f
	}
	f.In, p.In = p.In, f
	return p
}

// renamesNothing tells whether a projection only leaves columns out.
func renamesNothing(p *plan.Project) bool {
	for i, v := range p.Vals {
		if c, ok := v.(*plan.Col); !ok || c.ID != p.Cols[i] {
			return false
		}
	}
	return true
}

// only keeps the columns of a node that it had before.
func (b *binder) only(n plan.Node, cols []plan.ColID) plan.Node {
	p := &plan.Project{In: n}
	for _, id := range cols {
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, b.meta.Ref(id))
	}
	return p
}

// takesRowOrder tells whether rows that its ORDER BY, if it has one, leaves equal
// have an order in the aggregate. DISTINCT sorts by the arguments.
func takesRowOrder(a plan.Agg) bool {
	return !a.Distinct && a.Fn.AggKind == 'n' && a.Fn.Impl().Agg.Ordered
}

// rowIDBelow gives a column of the node that has the row id of the one relation
// its rows are of, and adds it where it is missing. A semi-join leaves rows out.
func (b *binder) rowIDBelow(n plan.Node) (plan.ColID, bool) {
	switch x := n.(type) {
	case *plan.Scan:
		return b.scanRowID(x)
	case *plan.Filter:
		return b.rowIDBelow(x.In)
	case *plan.FlatMap:
		return b.rowIDBelow(x.In)
	case *plan.Join:
		if x.Kind == plan.Semi || x.Kind == plan.Anti {
			return b.rowIDBelow(x.L)
		}
	case *plan.Project:
		id, ok := b.rowIDBelow(x.In)
		if ok && !slices.Contains(x.Cols, id) {
			x.Cols, x.Vals = append(x.Cols, id), append(x.Vals, b.meta.Ref(id))
		}
		return id, ok
	}
	return 0, false
}

func (b *binder) scanRowID(s *plan.Scan) (plan.ColID, bool) {
	if s.Rel.Kind != catalog.Table && s.Rel.Kind != catalog.Stream {
		return 0, false
	}
	if i := slices.Index(s.Attrs, plan.AttrRowID); i >= 0 {
		return s.Cols[i], true
	}
	id := b.meta.Add(plan.ColInfo{Name: "rowid", Type: types.TInt8, Mod: types.NoMod, NotNull: true})
	s.Cols, s.Attrs = append(slices.Clip(s.Cols), id), append(slices.Clip(s.Attrs), plan.AttrRowID)
	return id, true
}
