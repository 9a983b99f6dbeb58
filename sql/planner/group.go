package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// grouping is a query's GROUP BY: its expressions and, where there are grouping
// sets, which of them each set has.
type grouping struct {
	exprs []plan.Expr
	keys  map[string]int // Key of an expression → its position
	sets  [][]int        // nil: one set, all expressions
	// out are the columns that hold the expressions after grouping.
	out     []plan.ColID
	hasSets bool
	// targets are the entries of the select list that GROUP BY names, with the
	// positions of their expressions.
	targets map[int]int
	// dependent are columns that follow from a grouped primary key.
	dependent plan.ColSet
}

// groupBy binds GROUP BY.
func (b *binder) groupBy(s *ast.Select, sel *selectList) error {
	q := sel.q
	g := &grouping{keys: map[string]int{}, targets: map[int]int{}, dependent: plan.ColSet{}}
	q.groups = g
	if len(s.GroupBy) == 0 {
		return nil
	}
	q.grouped = true
	for i := range s.GroupBy {
		g.hasSets = g.hasSets || s.GroupBy[i].Kind != ast.GroupExpr
	}
	lists := make([][][]int, 0, len(s.GroupBy)) // per item, its sets
	for i := range s.GroupBy {
		it := &s.GroupBy[i]
		sets, err := b.groupItem(it, sel, g)
		if err != nil {
			return err
		}
		lists = append(lists, sets)
	}
	if !g.hasSets {
		return nil
	}
	sets, err := crossSets(lists, s.Pos)
	if err != nil {
		return err
	}
	if s.GroupDistinct {
		sets = uniqueSets(sets)
	}
	g.sets = sets
	return nil
}

const maxGroupingSets = 4096

// crossSets combines the sets of the items: one of each, united.
func crossSets(lists [][][]int, pos int32) ([][]int, error) {
	out := [][]int{{}}
	for _, sets := range lists {
		if len(out)*len(sets) > maxGroupingSets {
			return nil, pgerr.New(pgerr.StatementTooComplex, "too many grouping sets present (maximum %d)", maxGroupingSets).At(pos)
		}
		var next [][]int
		for _, a := range out {
			for _, s := range sets {
				next = append(next, union(a, s))
			}
		}
		out = next
	}
	return out, nil
}

func union(a, s []int) []int {
	out := append([]int(nil), a...)
	for _, x := range s {
		found := false
		for _, y := range out {
			found = found || x == y
		}
		if !found {
			out = append(out, x)
		}
	}
	return out
}

func uniqueSets(sets [][]int) [][]int {
	var out [][]int
	for _, s := range sets {
		dup := false
		for _, o := range out {
			if len(o) == len(s) && len(union(o, s)) == len(o) {
				dup = true
			}
		}
		if !dup {
			out = append(out, s)
		}
	}
	return out
}

// groupItem gives the grouping sets that one item of GROUP BY stands for.
func (b *binder) groupItem(it *ast.GroupItem, sel *selectList, g *grouping) ([][]int, error) {
	switch it.Kind {
	case ast.GroupEmpty:
		return [][]int{{}}, nil
	case ast.GroupExpr:
		s, err := b.groupElement(it.X, sel, g)
		return [][]int{s}, err
	case ast.GroupSets:
		var out [][]int
		for i := range it.Sets {
			sets, err := b.groupItem(&it.Sets[i], sel, g)
			if err != nil {
				return nil, err
			}
			out = append(out, sets...)
		}
		return out, nil
	}
	var elems [][]int
	for i := range it.Sets {
		s, err := b.groupElement(it.Sets[i].X, sel, g)
		if err != nil {
			return nil, err
		}
		elems = append(elems, s)
	}
	if it.Kind == ast.GroupCube && len(elems) > 12 {
		return nil, pgerr.New(pgerr.TooManyColumns, "CUBE is limited to 12 elements").At(it.Pos)
	}
	return expandSets(it.Kind, elems), nil
}

// expandSets spells ROLLUP and CUBE out, in PostgreSQL's order.
func expandSets(kind ast.GroupKind, elems [][]int) [][]int {
	var out [][]int
	if kind == ast.GroupRollup {
		for n := len(elems); n >= 0; n-- {
			var s []int
			for _, e := range elems[:n] {
				s = union(s, e)
			}
			out = append(out, s)
		}
		return out
	}
	for mask := 1<<len(elems) - 1; mask >= 0; mask-- {
		var s []int
		for i, e := range elems {
			if mask&(1<<(len(elems)-1-i)) != 0 {
				s = union(s, e)
			}
		}
		out = append(out, s)
	}
	return out
}

// groupElement binds one expression, or several in a row constructor.
func (b *binder) groupElement(e ast.Expr, sel *selectList, g *grouping) ([]int, error) {
	if r, ok := e.(*ast.RowExpr); ok && !r.Explicit {
		var out []int
		for _, a := range r.Args {
			s, err := b.groupElement(a, sel, g)
			if err != nil {
				return nil, err
			}
			out = union(out, s)
		}
		return out, nil
	}
	at, err := sel.find92(e, inGroupBy)
	if err != nil {
		return nil, err
	}
	if err := sel.known(at); err != nil {
		return nil, err
	}
	t := &sel.targets[at]
	x := t.x
	reads := plan.ReadsOf(x)
	for _, id := range reads.List() {
		switch {
		case sel.q.aggCols.Has(id):
			return nil, pgerr.New(pgerr.GroupingError, "aggregate functions are not allowed in GROUP BY").At(t.posOf(e))
		case sel.q.winCols.Has(id):
			return nil, pgerr.New(pgerr.WindowingError, "window functions are not allowed in GROUP BY").At(t.posOf(e))
		}
	}
	if !hashable(x.Type()) {
		return nil, noEquality(x.Type()).At(ast.Leftmost(e))
	}
	key := sel.q.setKey(x)
	if n, ok := g.targets[at]; ok {
		return []int{n}, nil
	}
	n, ok := g.keys[key]
	if ok && !g.hasSets {
		g.targets[at] = n
		return []int{n}, nil
	}
	if !ok {
		g.keys[key] = len(g.exprs)
	}
	g.targets[at] = len(g.exprs) // with sets, equal entries of the select list are grouped by apart
	g.exprs = append(g.exprs, x)
	return []int{len(g.exprs) - 1}, nil
}

// dependOnKey admits columns of relations whose whole primary key is grouped.
func (b *binder) dependOnKey(q *query, id plan.ColID) bool {
	c := b.meta.Col(id)
	if c.Rel == 0 || q.groups == nil {
		return false
	}
	for _, it := range q.scope.items {
		if it.rel == nil || it.scan == nil || it.rel.OID != c.Rel || !hasCol(it.scan.Cols, id) {
			continue
		}
		pk := it.rel.PrimaryKey()
		if pk == nil {
			return false
		}
		for _, attr := range pk.Columns {
			if !b.groupsBy(q.groups, it, attr) {
				return false
			}
		}
		b.depend(pk.OID, 0)
		return true
	}
	return false
}

func hasCol(cols []plan.ColID, id plan.ColID) bool {
	for _, c := range cols {
		if c == id {
			return true
		}
	}
	return false
}

func (b *binder) groupsBy(g *grouping, it *item, attr int16) bool {
	for i, x := range g.exprs {
		if col, ok := x.(*plan.Col); ok && hasCol(it.scan.Cols, col.ID) && b.meta.Col(col.ID).Attr == attr && g.common(i) {
			return true
		}
	}
	return false
}

// common reports whether every grouping set has the expression: only then does it
// decide what depends on it.
func (g *grouping) common(i int) bool {
	for _, s := range g.sets {
		if !slices.Contains(s, i) {
			return false
		}
	}
	return true
}

// regroup rewrites an expression of a grouped query: what is grouped by becomes
// the group's column; another column of the query's own is an error.
type regroup struct {
	b     *binder
	q     *query
	err   error
	inSub bool
}

func (r *regroup) expr(e plan.Expr) plan.Expr {
	if r.err != nil {
		return e
	}
	g := r.q.groups
	_, isCol := e.(*plan.Col)
	if n, ok := g.keys[r.b.key(e)]; ok && !isConst(e) && (isCol || !r.inSub) { // in a subquery only columns are looked for
		return r.b.meta.Ref(g.out[n])
	}
	switch x := e.(type) {
	case *plan.Col:
		return r.column(x)
	case *plan.Subquery:
		sub := *r
		sub.inSub = true
		mapPlan(x.Plan, sub.expr)
		r.err = sub.err
	}
	old := e.Children()
	if len(old) == 0 {
		return e
	}
	kids := make([]plan.Expr, len(old))
	for i, k := range old {
		kids[i] = r.expr(k)
	}
	return e.WithChildren(kids)
}

func (r *regroup) column(c *plan.Col) plan.Expr {
	q, g := r.q, r.q.groups
	if r.b.owner[c.ID] != q || q.aggCols.Has(c.ID) || q.winCols.Has(c.ID) || hasCol(g.out, c.ID) {
		return c
	}
	if _, ok := q.setCols[c.ID]; ok {
		return c
	}
	if g.dependent.Has(c.ID) {
		return c
	}
	if r.b.dependOnKey(q, c.ID) || r.b.windowEnd(q, c.ID) {
		g.dependent.Add(c.ID)
		return c
	}
	if x := q.merged(c.ID); x != nil { // USING's column: an expression of the joined ones
		sub := *r
		if out := sub.expr(x); sub.err == nil {
			return out
		}
	}
	name := r.b.meta.Col(c.ID).Name
	if it := q.itemOf(c.ID); it != nil && it.alias != "" {
		name = it.alias + "." + it.nameOf(c.ID)
	}
	if r.inSub {
		r.err = pgerr.New(pgerr.GroupingError, "subquery uses ungrouped column \"%s\" from outer query", name).At(c.Pos)
	} else {
		r.err = pgerr.New(pgerr.GroupingError, "column \"%s\" must appear in the GROUP BY clause or be used in an aggregate function", name).At(c.Pos)
	}
	return c
}

// merged gives the expression that FROM computes for a column, nil if it does not.
func (q *query) merged(id plan.ColID) plan.Expr {
	for _, p := range q.passes {
		if i := slices.Index(p.Cols, id); i >= 0 {
			if c, ok := p.Vals[i].(*plan.Col); !ok || c.ID != id {
				return p.Vals[i]
			}
		}
	}
	return nil
}

func (q *query) itemOf(id plan.ColID) *item {
	for _, it := range q.scope.items {
		if !it.relVisible {
			continue
		}
		for _, c := range it.cols {
			if c.id == id {
				return it
			}
		}
	}
	return nil
}

// nameOf is what the item calls one of its columns.
func (it *item) nameOf(id plan.ColID) string {
	i := slices.IndexFunc(it.cols, func(c itemCol) bool { return c.id == id })
	return it.cols[i].name
}

// windowEnd admits window_end where window_start of the same window function is
// grouped (semantics §8).
func (b *binder) windowEnd(q *query, id plan.ColID) bool {
	for _, it := range q.scope.items {
		if it.window == nil || it.window.end != id {
			continue
		}
		for i, x := range q.groups.exprs {
			if c, ok := x.(*plan.Col); ok && c.ID == it.window.start && q.groups.common(i) {
				return true
			}
		}
	}
	return false
}

// mapPlan applies fn to the expressions of every node of a subquery's plan.
func mapPlan(n plan.Node, fn func(plan.Expr) plan.Expr) {
	plan.VisitNodes(n, func(n plan.Node) { n.MapExprs(fn) })
}

// groupName keeps the name and origin of a grouped column.
func (b *binder) groupColumn(q *query, x plan.Expr) plan.ColInfo {
	if c, ok := x.(*plan.Col); ok {
		info := *b.meta.Col(c.ID)
		return info
	}
	return plan.ColInfo{Name: "?column?", Type: x.Type(), Mod: x.Mod()}
}
