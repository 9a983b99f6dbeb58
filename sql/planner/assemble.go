package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// assembly stacks the nodes of a plain SELECT once its clauses are bound: FROM,
// WHERE, grouping, HAVING, windows, set-returning calls, projection, DISTINCT,
// ORDER BY, LIMIT.
type assembly struct {
	b             *binder
	q             *query
	sel           *selectList
	node          plan.Node
	where, having plan.Expr
	order         []sortRef
	distinct      bool
	on            []int
	limit         limits
	rowIDs        bool // the result has the row ids of its one table
}

func (a *assembly) build(s *ast.Select) (*result, error) {
	if a.where != nil {
		a.node = filter(a.node, a.where)
	}
	if a.q.grouped {
		if err := a.group(); err != nil {
			return nil, err
		}
	}
	if a.having != nil {
		a.node = filter(a.node, a.having)
	}
	a.overs()
	late := a.postpone()
	if !late.sets {
		a.setCalls()
	}
	locks, err := a.b.bindLocking(s, a.q)
	if err != nil {
		return nil, err
	}
	a.cursorRows(s, locks)
	a.project(locks, late)
	if err := a.dedup(); err != nil {
		return nil, err
	}
	keys := a.sortKeys()
	if len(keys) > 0 {
		a.node = &plan.Order{In: a.node, Keys: keys}
	}
	if a.distinct && a.on != nil {
		a.distinctOn()
	}
	a.projectLate(late, locks)
	if locks != nil {
		locks.In = a.node
		a.node = locks
	}
	a.node = limitNode(a.node, a.limit, keys)
	return a.finish(), nil
}

func filter(in plan.Node, cond plan.Expr) plan.Node {
	return &plan.Filter{In: in, Preds: plan.Conjuncts(cond)}
}

// limitNode adds LIMIT and OFFSET if there are any.
func limitNode(in plan.Node, l limits, keys []plan.SortKey) plan.Node {
	if l.count == nil && l.offset == nil {
		return in
	}
	n := &plan.Limit{In: in, Count: l.count, Offset: l.offset}
	if l.ties {
		n.IsTies, n.Ties = true, keys
	}
	return n
}

// group adds the Aggregate and rewrites everything above it.
func (a *assembly) group() error {
	b, q, g := a.b, a.q, a.q.groups
	a.groupSets()
	cols := a.columns(&g.exprs)
	agg := &plan.Aggregate{Groups: cols, Aggs: q.aggs, SetCol: -1}
	g.out = cols
	if g.sets != nil && !(len(g.sets) == 1 && len(g.sets[0]) == len(g.exprs)) {
		agg.Sets = g.sets
		g.out = make([]plan.ColID, len(cols))
		for i, x := range g.exprs {
			info := b.groupColumn(q, x)
			info.NotNull = false
			g.out[i] = b.newCol(q, info)
		}
		agg.SetCol = b.newCol(q, plan.ColInfo{Name: "grouping_set", Type: types.TInt4, Mod: types.NoMod, NotNull: true})
	} else if g.sets != nil {
		g.sets = nil
	}
	r := &regroup{b: b, q: q}
	for i := range a.sel.targets {
		t := &a.sel.targets[i]
		if n, ok := g.targets[i]; ok && g.sets != nil {
			t.x = b.meta.Ref(g.out[n]) // NULL outside the sets that have it
			continue
		}
		t.x = r.expr(t.x)
	}
	if a.having != nil {
		a.having = r.expr(a.having)
	}
	for i := range q.wins {
		r.window(&q.wins[i])
	}
	for i := range q.sets {
		for j, x := range q.sets[i].gen.Args {
			q.sets[i].gen.Args[j] = r.expr(x)
		}
	}
	direct := r.directArgs()
	if r.err != nil {
		return r.err
	}
	if q.recursive && len(q.aggs) > 0 {
		return pgerr.New(pgerr.InvalidRecursion, "aggregate functions are not allowed in a recursive query's recursive term").At(q.aggs[0].Pos)
	}
	for _, id := range g.dependent.List() { // further group columns that change no group
		for i := range agg.Sets {
			agg.Sets[i] = append(agg.Sets[i], len(agg.Groups))
		}
		agg.Groups = append(agg.Groups, id)
		g.out = append(g.out, id)
	}
	agg.GroupOut = g.out
	if agg.Sets == nil {
		agg.GroupOut = agg.Groups
	}
	agg.In = a.node
	a.node = agg
	if err := a.directBySet(agg, direct); err != nil {
		return err
	}
	return a.groupings(agg)
}

// window rewrites a window call and its window, which calls may share.
func (r *regroup) window(w *boundWindow) {
	for i := range w.call.Args {
		w.call.Args[i] = r.expr(w.call.Args[i])
	}
	if w.call.Filter != nil {
		w.call.Filter = r.expr(w.call.Filter)
	}
	spec := *w.spec
	spec.partition = append([]plan.Expr(nil), spec.partition...)
	spec.order = append([]plan.SortKey(nil), spec.order...)
	for i := range spec.partition {
		spec.partition[i] = r.expr(spec.partition[i])
	}
	for i := range spec.order {
		spec.order[i].X = r.expr(spec.order[i].X)
	}
	w.spec = &spec
}

// groupings adds the values of GROUPING(…) calls.
func (a *assembly) groupings(agg *plan.Aggregate) error {
	if len(a.q.groupings) == 0 {
		return nil
	}
	g := a.q.groups
	p := passThrough(a.b.meta, a.node)
	for _, call := range a.q.groupings {
		x := &plan.Grouping{Set: agg.SetCol}
		var at []int
		for i, arg := range call.args {
			n, ok := g.keys[a.b.key(arg)]
			if !ok {
				return pgerr.New(pgerr.GroupingError, "arguments to GROUPING must be grouping expressions of the associated query level").At(call.pos[i])
			}
			at = append(at, n)
			x.Args = append(x.Args, g.out[n])
		}
		var val plan.Expr = x
		if agg.Sets == nil {
			val = &plan.Const{Val: types.NewInt(0), Typ: types.TInt4, TypMod: types.NoMod}
		}
		for _, set := range agg.Sets {
			x.Masks = append(x.Masks, groupingMask(set, at))
		}
		p.Cols, p.Vals = append(p.Cols, call.id), append(p.Vals, val)
	}
	a.node = p
	return nil
}

func groupingMask(set, args []int) int64 {
	var mask int64
	for _, n := range args {
		mask <<= 1
		in := false
		for _, s := range set {
			in = in || s == n
		}
		if !in {
			mask |= 1
		}
	}
	return mask
}

// passThrough is a projection of all columns of in, to which more are added.
func passThrough(m *plan.Meta, in plan.Node) *plan.Project {
	p := &plan.Project{In: in}
	for _, id := range in.Out() {
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, m.Ref(id))
	}
	return p
}

// columns makes sure that each expression is a column of a.node, projecting
// those that are not, and gives the columns.
func (a *assembly) columns(exprs *[]plan.Expr) []plan.ColID {
	out := make([]plan.ColID, len(*exprs))
	have := plan.SetOf(a.node.Out()...)
	var p *plan.Project
	for i, x := range *exprs {
		if c, ok := x.(*plan.Col); ok && have.Has(c.ID) {
			out[i] = c.ID
			continue
		}
		if p == nil {
			p = passThrough(a.b.meta, a.node)
		}
		out[i] = a.b.newCol(a.q, a.b.groupColumn(a.q, x))
		p.Cols, p.Vals = append(p.Cols, out[i]), append(p.Vals, x)
	}
	if p != nil {
		a.node = p
	}
	return out
}

// overs adds an Over for each distinct window.
func (a *assembly) overs() {
	type group struct {
		key  string
		over *plan.Over
	}
	var groups []group
	for _, w := range a.q.wins {
		key := specKey(w.spec)
		at := -1
		for i := range groups {
			if groups[i].key == key {
				at = i
			}
		}
		if at < 0 {
			o := &plan.Over{Partition: a.columns(&w.spec.partition)}
			xs := make([]plan.Expr, len(w.spec.order))
			for i, k := range w.spec.order {
				xs[i] = k.X
			}
			for i, id := range a.columns(&xs) {
				k := w.spec.order[i]
				k.X = a.b.meta.Ref(id)
				o.OrderBy = append(o.OrderBy, k)
			}
			groups = append(groups, group{key, o})
			at = len(groups) - 1
		}
		groups[at].over.Calls = append(groups[at].over.Calls, w.call)
	}
	for _, g := range groups {
		g.over.In = a.node
		a.node = g.over
	}
}

func specKey(s *windowSpec) string {
	key := ""
	for _, x := range s.partition {
		key += plan.Key(x)
	}
	key += "/"
	for _, k := range s.order {
		key += plan.Key(k.X)
		if k.Desc {
			key += "d"
		}
		if k.NullsFirst {
			key += "n"
		}
	}
	return key
}

// setCalls adds a FlatMap per level of set-returning calls.
func (a *assembly) setCalls() { a.node = flatMaps(a.node, a.q.sets) }

// dedup adds a plain DISTINCT.
func (a *assembly) dedup() error {
	if a.distinct && a.on == nil {
		a.dropJunk()
		a.node = &plan.DistinctRows{In: a.node}
	}
	return nil
}

// dropJunk drops the keys of GROUP BY that are no result: rows that differ in them
// alone are the same to DISTINCT.
func (a *assembly) dropJunk() {
	p := &plan.Project{In: a.node}
	for _, t := range a.sel.targets {
		if !t.junk {
			p.Cols, p.Vals = append(p.Cols, t.id), append(p.Vals, a.b.meta.Ref(t.id))
		}
	}
	if len(p.Cols) < len(a.sel.targets) {
		a.node = p
	}
}

// distinctOn adds DISTINCT ON above the order.
func (a *assembly) distinctOn() {
	d := &plan.DistinctRows{In: a.node, On: []plan.ColID{}}
	for _, at := range a.on {
		d.On = append(d.On, a.sel.targets[at].id)
	}
	a.node = d
}

func (a *assembly) sortKeys() []plan.SortKey {
	var keys []plan.SortKey
	sorted := map[int]bool{}
	for _, o := range a.order {
		keys = append(keys, plan.SortKey{X: a.b.meta.Ref(a.sel.targets[o.at].id), Desc: o.desc, NullsFirst: o.nullsFirst})
		sorted[o.at] = true
	}
	for _, at := range a.on { // DISTINCT ON compares neighbours
		if !sorted[at] {
			keys = append(keys, plan.SortKey{X: a.b.meta.Ref(a.sel.targets[at].id)})
			sorted[at] = true
		}
	}
	return keys
}

// finish drops the junk columns.
func (a *assembly) finish() *result {
	r := &result{}
	p := &plan.Project{In: a.node}
	junk := false
	for _, t := range a.sel.targets {
		if t.junk {
			junk = true
			continue
		}
		c := a.b.meta.Col(t.id)
		r.cols = append(r.cols, OutCol{Name: t.name, Type: c.Type, Mod: c.Mod, Rel: c.Rel, Attr: c.Attr, ID: t.id})
		p.Cols, p.Vals = append(p.Cols, t.id), append(p.Vals, a.b.meta.Ref(t.id))
	}
	if b := a.b; b.RowIDs && a.q.parent == nil && a.q.scope.parent == nil && b.viewDepth == 0 {
		for _, row := range b.cursor {
			p.Cols, p.Vals = append(p.Cols, row.Col), append(p.Vals, b.meta.Ref(row.Col))
		}
	}
	if out := a.node.Out(); len(out) > 0 && (junk || !slices.Equal(out, p.Cols)) {
		a.node = p
	}
	r.node = a.node
	return r
}
