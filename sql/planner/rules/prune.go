package rules

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// prune drops the columns that nobody reads, from scans above all.
func prune(c *Ctx, n plan.Node) plan.Node {
	p := &pruner{Ctx: c, ctes: map[int]plan.ColSet{}}
	out := n.Out()
	n = p.node(n, plan.SetOf(out...))
	// The result keeps its columns in their order.
	if !sameCols(n.Out(), out) {
		top := &plan.Project{In: n}
		for _, id := range out {
			top.Cols, top.Vals = append(top.Cols, id), append(top.Vals, c.Meta.Ref(id))
		}
		return top
	}
	return n
}

func sameCols(a, b []plan.ColID) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

type pruner struct {
	*Ctx
	ctes map[int]plan.ColSet // what the scans of a shared plan read of it, by its DefCols
}

// node gives n with at least the columns of need that it makes, and few others.
func (p *pruner) node(n plan.Node, need plan.ColSet) plan.Node {
	if in := unasked(n, need); in != nil {
		return p.node(in, need)
	}
	if a, ok := n.(*plan.Apply); ok { // the right side reads columns of the left
		need = with(need, plan.Outer(a.R))
	}
	own := plan.ColSet{}
	for id := range need {
		own.Add(id)
	}
	switch n := n.(type) {
	case *plan.Scan:
		return p.scan(n, need)
	case *plan.Values:
		return p.values(n, need)
	case *plan.Project:
		return p.project(n, need)
	case *plan.Aggregate:
		return p.aggregate(n, need)
	case *plan.SetOp:
		return p.setOp(n, need)
	case *plan.Over:
		return p.over(n, need)
	case *plan.DistinctRows:
		if n.On == nil {
			own.Add(n.In.Out()...)
		} else {
			own.Add(n.On...)
		}
	case *plan.Recursive:
		n.Base = p.exact(n.Base, n.BaseCols)
		n.Step = p.exact(n.Step, n.StepCols)
		return n
	case *plan.With:
		return p.with(n, need)
	case *plan.CTEScan:
		return p.cteScan(n, need)
	case *plan.TimeFilter:
		own.Add(n.Reads()...)
	case *plan.Session:
		own.Add(append(append([]plan.ColID(nil), n.Partition...), n.Time)...)
	case *plan.LockRows:
		own.Add(n.Reads()...)
	}
	for _, e := range n.Exprs() {
		plan.Reads(e, own)
		p.insidePlans(e)
	}
	for i, in := range n.Inputs() {
		n.SetInput(i, p.node(in, own))
	}
	return n
}

// unasked gives the left side of a join that was made of a subquery whose value
// nobody reads; nil: it is none. Such a join keeps the left rows as they are, and
// what is not asked for does not fail either.
func unasked(n plan.Node, need plan.ColSet) plan.Node {
	var kind plan.JoinKind
	var l, r plan.Node
	var on []plan.Expr
	var mark plan.ColID
	switch n := n.(type) {
	case *plan.Join:
		kind, l, r, on, mark = n.Kind, n.L, n.R, n.On, n.MarkCol
	case *plan.Apply:
		kind, l, r, on, mark = n.Kind, n.L, n.R, n.On, n.MarkCol
	default:
		return nil
	}
	added := r.Out()
	switch kind {
	case plan.Single:
	case plan.Mark:
		added = []plan.ColID{mark}
	default:
		return nil
	}
	if slices.ContainsFunc(added, need.Has) || slices.ContainsFunc(on, plan.IsVolatile) || volatilePlan(r) {
		return nil
	}
	return l
}

func with(a, b plan.ColSet) plan.ColSet {
	out := plan.ColSet{}
	for id := range a {
		out.Add(id)
	}
	for id := range b {
		out.Add(id)
	}
	return out
}

// insidePlans prunes the plans of subqueries that are left in expressions; all
// their columns are read.
func (p *pruner) insidePlans(e plan.Expr) {
	plan.Visit(e, func(x plan.Expr) bool {
		if s, ok := x.(*plan.Subquery); ok {
			s.Plan = p.exact(s.Plan, s.Plan.Out())
		}
		return true
	})
}

// exact prunes n to just these columns.
func (p *pruner) exact(n plan.Node, cols []plan.ColID) plan.Node {
	n = p.node(n, plan.SetOf(cols...))
	if sameCols(n.Out(), cols) {
		return n
	}
	top := &plan.Project{In: n}
	for _, id := range cols {
		top.Cols, top.Vals = append(top.Cols, id), append(top.Vals, p.Meta.Ref(id))
	}
	return top
}

func (p *pruner) scan(n *plan.Scan, need plan.ColSet) plan.Node {
	for _, e := range n.Exprs() {
		plan.Reads(e, need)
	}
	for _, r := range n.Ranges {
		need = with(need, plan.SetOf(r.Col))
	}
	var cols []plan.ColID
	var attrs []int16
	for i, id := range n.Cols {
		if need.Has(id) {
			cols, attrs = append(cols, id), append(attrs, n.Attrs[i])
		}
	}
	n.Cols, n.Attrs = cols, attrs
	return n
}

func (p *pruner) values(n *plan.Values, need plan.ColSet) plan.Node {
	keep := make([]int, 0, len(n.Cols))
	for i, id := range n.Cols {
		volatile := false
		for _, r := range n.Rows {
			volatile = volatile || plan.IsVolatile(r[i])
		}
		if need.Has(id) || volatile {
			keep = append(keep, i)
		}
	}
	if len(keep) < len(n.Cols) {
		cols := make([]plan.ColID, len(keep))
		for j, i := range keep {
			cols[j] = n.Cols[i]
		}
		for r := range n.Rows {
			row := make([]plan.Expr, len(keep))
			for j, i := range keep {
				row[j] = n.Rows[r][i]
			}
			n.Rows[r] = row
		}
		if n.Types != nil {
			ts := make([]*types.Type, len(keep))
			for j, i := range keep {
				ts[j] = n.Types[i]
			}
			n.Types = ts
		}
		n.Cols = cols
	}
	for _, e := range n.Exprs() {
		p.insidePlans(e)
	}
	return n
}

func (p *pruner) project(n *plan.Project, need plan.ColSet) plan.Node {
	own := plan.ColSet{}
	var cols []plan.ColID
	var vals []plan.Expr
	for i, id := range n.Cols {
		if !need.Has(id) && !plan.IsVolatile(n.Vals[i]) {
			continue
		}
		cols, vals = append(cols, id), append(vals, n.Vals[i])
		plan.Reads(n.Vals[i], own)
		p.insidePlans(n.Vals[i])
	}
	n.Cols, n.Vals = cols, vals
	n.In = p.node(n.In, own)
	if identity(n) {
		return n.In
	}
	return n
}

func (p *pruner) aggregate(n *plan.Aggregate, need plan.ColSet) plan.Node {
	own := plan.SetOf(n.Groups...)
	var aggs []plan.Agg
	for i := range n.Aggs {
		a := &n.Aggs[i]
		if !need.Has(a.Col) {
			continue
		}
		aggs = append(aggs, *a)
		for id := range readsAgg(a) {
			own.Add(id)
		}
	}
	n.Aggs = aggs
	if len(aggs) == 0 && len(n.Groups) == 0 && n.Sets == nil && !volatilePlan(n.In) {
		return &plan.Values{Rows: [][]plan.Expr{{}}} // one row, whatever there is
	}
	for _, e := range n.Exprs() {
		p.insidePlans(e)
	}
	n.In = p.node(n.In, own)
	return n
}

func (p *pruner) over(n *plan.Over, need plan.ColSet) plan.Node {
	var calls []plan.WinCall
	for _, c := range n.Calls {
		if need.Has(c.Col) {
			calls = append(calls, c)
		}
	}
	if len(calls) == 0 {
		return p.node(n.In, need)
	}
	n.Calls = calls
	own := with(need, plan.SetOf(n.Partition...))
	for _, e := range n.Exprs() {
		plan.Reads(e, own)
		p.insidePlans(e)
	}
	n.In = p.node(n.In, own)
	return n
}

func (p *pruner) setOp(n *plan.SetOp, need plan.ColSet) plan.Node {
	if n.Kind == plan.Union && n.All {
		var keep []int
		for j, id := range n.Cols {
			if need.Has(id) {
				keep = append(keep, j)
			}
		}
		n.Cols = pick(n.Cols, keep)
		for i := range n.Ins {
			n.InCols[i] = pick(n.InCols[i], keep)
		}
	}
	for i := range n.Ins {
		n.Ins[i] = p.node(n.Ins[i], plan.SetOf(n.InCols[i]...))
	}
	return n
}

func pick(cols []plan.ColID, at []int) []plan.ColID {
	out := make([]plan.ColID, len(at))
	for j, i := range at {
		out[j] = cols[i]
	}
	return out
}

// with prunes the body first, which tells what is read of the definition.
func (p *pruner) with(n *plan.With, need plan.ColSet) plan.Node {
	p.ctes[n.ID] = plan.ColSet{}
	n.Body = p.node(n.Body, need)
	used := p.ctes[n.ID]
	var cols []plan.ColID
	for _, id := range n.DefCols {
		if used.Has(id) {
			cols = append(cols, id)
		}
	}
	old := n.DefCols
	n.DefCols = cols
	n.Def = p.node(n.Def, plan.SetOf(cols...))
	if len(cols) < len(old) {
		narrow(n.Body, n.ID, old, cols)
	}
	return n
}

// narrow gives the scans of a shared plan the columns that are left of it.
func narrow(n plan.Node, id int, old, cols []plan.ColID) {
	plan.VisitNodes(n, func(n plan.Node) {
		if s, ok := n.(*plan.CTEScan); ok && s.ID == id && len(s.Cols) == len(old) {
			var mine []plan.ColID
			for i, c := range old {
				if hasCol(cols, c) {
					mine = append(mine, s.Cols[i])
				}
			}
			s.Cols = mine
		}
		for _, e := range n.Exprs() {
			plan.Visit(e, func(x plan.Expr) bool {
				if s, ok := x.(*plan.Subquery); ok {
					narrow(s.Plan, id, old, cols)
				}
				return true
			})
		}
	})
}

// cteScan notes what is read; the scan keeps all columns until the definition is
// pruned.
func (p *pruner) cteScan(n *plan.CTEScan, need plan.ColSet) plan.Node {
	used := p.ctes[n.ID]
	if used == nil {
		return n
	}
	for i, id := range n.Cols {
		if need.Has(id) && n.Def != nil && i < len(n.Def.DefCols) {
			used.Add(n.Def.DefCols[i])
		}
	}
	return n
}
