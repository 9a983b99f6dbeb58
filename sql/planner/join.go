package planner

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

var joinKinds = map[ast.JoinKind]plan.JoinKind{
	ast.JoinInner: plan.Inner, ast.JoinCross: plan.Inner, ast.JoinLeft: plan.Left, ast.JoinRight: plan.Right, ast.JoinFull: plan.Full,
}

// join binds l JOIN r. Its items are those of both sides, and where columns are
// merged (USING, NATURAL) one that holds the join's own columns.
func (b *binder) join(j *ast.JoinExpr, q *query) (*fromItem, error) {
	kind, ok := joinKinds[j.Kind]
	if !ok {
		return nil, pgerr.NotSupported("ASOF JOIN").At(j.Pos)
	}
	l, err := b.tableExpr(j.L, q)
	if err != nil {
		return nil, err
	}
	// The left side is visible to LATERAL items on the right.
	saved := q.scope.items
	lateralOK := kind == plan.Inner || kind == plan.Left
	for _, it := range l.items {
		it.lateralOnly, it.lateralOK = true, lateralOK
	}
	q.scope.items = append(append([]*item(nil), saved...), l.items...)
	r, err := b.tableExpr(j.R, q)
	q.scope.items = saved
	for _, it := range l.items {
		it.lateralOnly, it.lateralOK = false, false
	}
	if err != nil {
		return nil, err
	}
	if err := checkJoinNames(l, r, j.Pos); err != nil {
		return nil, err
	}
	using := j.Using
	if j.Natural {
		using = naturalColumns(l, r)
		b.Names.natural(j, using)
	}
	out := &fromItem{items: append(append([]*item(nil), l.items...), r.items...)}
	defer padItems(kind, l.items, r.items) // once the condition is bound
	switch {
	case j.Natural || len(using) > 0:
		return b.joinUsing(j, kind, l, r, using, out, q)
	case j.On != nil:
		on, err := b.joinCondition(j.On, out.items, q)
		if err != nil {
			return nil, err
		}
		out.node = joinNode(kind, l.node, r.node, plan.Conjuncts(on))
	default:
		out.node = joinNode(kind, l.node, r.node, nil)
	}
	return b.joinAlias(j, out, nil, q)
}

// padItems notes which items an outer join may pad.
func padItems(kind plan.JoinKind, l, r []*item) {
	pad := func(items []*item) {
		for _, it := range items {
			it.padded = true
		}
	}
	if kind == plan.Left || kind == plan.Full {
		pad(r)
	}
	if kind == plan.Right || kind == plan.Full {
		pad(l)
	}
}

func joinNode(kind plan.JoinKind, l, r plan.Node, on []plan.Expr) plan.Node {
	if dependsOn(r, l) {
		return &plan.Apply{Kind: kind, L: l, R: r, On: on, MarkCol: -1}
	}
	return &plan.Join{Kind: kind, L: l, R: r, On: on, MarkCol: -1}
}

// checkJoinNames refuses the same alias on both sides.
func checkJoinNames(l, r *fromItem, pos int32) error {
	for _, a := range l.items {
		for _, c := range r.items {
			if a.relVisible && c.relVisible && a.alias != "" && a.alias == c.alias && (a.schema == "" || c.schema == "" || a.schema == c.schema) {
				return pgerr.New(pgerr.DuplicateAlias, "table name \"%s\" specified more than once", a.alias)
			}
		}
	}
	return nil
}

// joinCondition binds ON: both sides are visible, and what is outside.
func (b *binder) joinCondition(e ast.Expr, items []*item, q *query) (plan.Expr, error) {
	saved := q.scope.items
	defer func() { q.scope.items = saved }()
	// Items to the left of this join are not part of it, but of the same level:
	// they may not be referenced.
	var visible []*item
	for _, it := range saved {
		c := *it
		c.hiddenHere = true
		visible = append(visible, &c)
	}
	q.scope.items = append(visible, items...)
	x, err := b.expr(e, q.at(inJoin))
	if err != nil {
		return nil, err
	}
	return b.toBoolean(x, "JOIN/ON", ast.Leftmost(e))
}

// columnsOf gives the columns that a side offers by their bare names.
func columnsOf(f *fromItem) []itemCol {
	var out []itemCol
	for _, it := range f.items {
		if it.colsVisible {
			out = append(out, it.cols...)
		}
	}
	return out
}

func naturalColumns(l, r *fromItem) []ast.Ident {
	var out []ast.Ident
	for _, a := range columnsOf(l) {
		for _, c := range columnsOf(r) {
			if a.name == c.name {
				out = append(out, ast.Ident{Name: a.name, Pos: -1})
				break
			}
		}
	}
	return out
}

// findUsing finds a USING column on one side.
func findUsing(f *fromItem, id ast.Ident, side string) (plan.ColID, error) {
	found := plan.ColID(-1)
	for _, c := range columnsOf(f) {
		if c.name != id.Name {
			continue
		}
		if found >= 0 {
			return 0, pgerr.New(pgerr.AmbiguousColumn, "common column name \"%s\" appears more than once in %s table", id.Name, side).At(id.Pos)
		}
		found = c.id
	}
	if found < 0 {
		return 0, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" specified in USING clause does not exist in %s table", id.Name, side)
	}
	return found, nil
}

// joinUsing joins on equal columns, each of which the result has once.
func (b *binder) joinUsing(j *ast.JoinExpr, kind plan.JoinKind, l, r *fromItem, using []ast.Ident, out *fromItem, q *query) (*fromItem, error) {
	type merge struct {
		name string
		x    plan.Expr
		l, r plan.ColID
	}
	var merges []merge
	var on []plan.Expr
	for i, id := range using {
		for _, prev := range using[:i] {
			if prev.Name == id.Name {
				return nil, pgerr.New(pgerr.DuplicateColumn, "column name \"%s\" appears more than once in USING clause", id.Name).At(id.Pos)
			}
		}
		lc, err := findUsing(l, id, "left")
		if err != nil {
			return nil, err
		}
		rc, err := findUsing(r, id, "right")
		if err != nil {
			return nil, err
		}
		lx, rx := plan.Expr(b.meta.Ref(lc)), plan.Expr(b.meta.Ref(rc))
		m := merge{name: id.Name, l: lc, r: rc}
		t, err := commonType([]plan.Expr{lx, rx}, "JOIN/USING", []int32{-1, -1})
		if err != nil {
			return nil, err
		}
		eq, err := b.op("", "=", lx, rx, j.Pos)
		if err != nil {
			return nil, err
		}
		on = append(on, eq)
		mod := commonMod([]plan.Expr{lx, rx}, t)
		if lx, err = b.toCommon(lx, t, "JOIN/USING", j.Pos); err != nil {
			return nil, err
		}
		if rx, err = b.toCommon(rx, t, "JOIN/USING", j.Pos); err != nil {
			return nil, err
		}
		switch kind {
		case plan.Full:
			m.x = &plan.Coalesce{Args: []plan.Expr{lx, rx}, Typ: t, TypMod: mod}
		case plan.Right:
			m.x = rx
		default:
			m.x = lx
			if _, plain := lx.(*plan.Col); !plain && kind == plan.Inner { // either will do: the one that is not converted
				m.x = rx
			}
		}
		merges = append(merges, m)
	}
	out.node = joinNode(kind, l.node, r.node, on)
	it := &item{owner: q, colsVisible: true, joined: true}
	var p *plan.Project
	hide := plan.ColSet{}
	for _, m := range merges {
		hide.Add(m.l, m.r)
		if c, ok := m.x.(*plan.Col); ok {
			it.cols = append(it.cols, itemCol{m.name, c.ID})
			continue
		}
		if p == nil {
			p = passThrough(b.meta, out.node)
			out.node = p
			q.passes = append(q.passes, p)
		}
		id := b.newCol(q, plan.ColInfo{Name: m.name, Type: m.x.Type(), Mod: m.x.Mod()})
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, m.x)
		it.cols = append(it.cols, itemCol{m.name, id})
	}
	merged := len(it.cols)
	for _, side := range []*fromItem{l, r} {
		for _, c := range columnsOf(side) {
			if !hide.Has(c.id) || !usingName(using, c.name) {
				it.cols = append(it.cols, c)
			}
		}
	}
	for _, o := range out.items { // their columns are now the join's; t.x stays possible
		o.colsVisible = false
	}
	if j.UsingAlias != "" {
		out.items = append(out.items, &item{owner: q, alias: j.UsingAlias, relVisible: true, joined: true, cols: it.cols[:merged:merged]})
	}
	return b.joinAlias(j, out, it, q)
}

func usingName(using []ast.Ident, name string) bool {
	for _, u := range using {
		if u.Name == name {
			return true
		}
	}
	return false
}

// joinAlias adds the item of the join itself; with an alias it hides what is
// inside.
func (b *binder) joinAlias(j *ast.JoinExpr, out *fromItem, it *item, q *query) (*fromItem, error) {
	if j.Alias.Name == "" {
		if it != nil {
			out.items = append(out.items, it)
		}
		return out, nil
	}
	if it == nil {
		it = &item{owner: q, colsVisible: true, joined: true, cols: columnsOf(out)}
	}
	it.cols = append([]itemCol(nil), it.cols...)
	it.alias, it.relVisible = j.Alias.Name, true
	for _, o := range out.items {
		o.colsVisible, o.relVisible = false, false
	}
	if err := it.renameColumns(&j.Alias); err != nil {
		return nil, err
	}
	out.items = append(out.items, it)
	return out, nil
}

// rowID gives the column of an item's row ids, which it adds to the scan.
func (b *binder) rowID(it *item) plan.ColID {
	if it.tree != nil {
		return b.treeRowID(it)
	}
	for i, a := range it.scan.Attrs {
		if a == plan.AttrRowID {
			return it.scan.Cols[i]
		}
	}
	id := b.newCol(it.owner, plan.ColInfo{Name: "rowid", Type: types.TInt8, Mod: types.NoMod, NotNull: true})
	b.addToScan(it, id, plan.AttrRowID)
	return id
}

// addToScan adds a column to an item's scan, which what stands around it passes on.
func (b *binder) addToScan(it *item, id plan.ColID, attr int16) {
	it.scan.Cols, it.scan.Attrs = append(it.scan.Cols, id), append(it.scan.Attrs, attr)
	if p := it.pass; p != nil {
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, b.meta.Ref(id))
	}
}
