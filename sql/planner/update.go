package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// changing is the target of UPDATE or DELETE, the first FROM item of the statement.
type changing struct {
	*written
	it    *item
	scan  *plan.Scan
	node  plan.Node // the rows that the statement sees
	rowID plan.ColID
	old   []plan.ColID // the live columns of the stored relation
}

// targetRows binds the target of UPDATE or DELETE with its row ids.
func (b *binder) targetRows(t *ast.TableRef, verb string, q *query) (*changing, error) {
	w, err := b.writeTarget(t, verb)
	if err != nil {
		return nil, err
	}
	if !w.asRows {
		if err := b.leafTarget(w, t.Only, verb, q.scope.parent != nil); err != nil {
			return nil, err
		}
	}
	c := &changing{written: w}
	if len(w.views) == 0 {
		f, err := b.relationItem(w.rel, t, q)
		if err != nil {
			return nil, err
		}
		c.it, c.scan, c.node = f.items[0], f.items[0].scan, f.node
		for _, col := range c.it.cols {
			c.old = append(c.old, col.id)
		}
		if c.rowID = -1; !w.instead() {
			c.rowID = b.rowID(c.it)
		}
	} else if err := b.viewTarget(t, c, verb, q); err != nil {
		return nil, err
	}
	if !w.instead() {
		c.scan.Lock = plan.LockUpdate
	}
	return c, q.scope.addItem(c.it, t.Pos)
}

// viewTarget is targetRows of a view.
func (b *binder) viewTarget(t *ast.TableRef, c *changing, verb string, q *query) error {
	below, err := b.belowViews(c, q)
	if err != nil {
		return err
	}
	if below, err = b.securedBase(c, below, verb); err != nil {
		return err
	}
	in, err := b.viewRows(c.written, below, c.old)
	if err != nil {
		return err
	}
	if c.it, c.node, err = b.writtenItem(c.written, t.Alias.Name, in, c.old, q); err != nil {
		return err
	}
	return c.it.renameColumns(&t.Alias)
}

// belowViews gives the rows of what is below the views of a target.
func (b *binder) belowViews(c *changing, q *query) (plan.Node, error) {
	if !c.instead() {
		c.scan = b.scan(c.rel, q)
		c.scan.Alias = c.rel.Name
		c.old = append([]plan.ColID(nil), c.scan.Cols...)
		c.rowID = b.rowID(&item{owner: q, scan: c.scan})
		return c.scan, nil
	}
	c.rowID = -1
	as := b.acc.as
	b.acc.as = c.views[len(c.views)-1].rel.ReadsAs()
	f, err := b.relationItem(c.rel, &ast.TableRef{Name: ast.Name{Object: c.rel.Name, Pos: -1}, Pos: -1}, q)
	b.acc.as = as
	if err != nil {
		return nil, err
	}
	for _, col := range f.items[0].cols {
		c.old = append(c.old, col.id)
	}
	return f.node, nil
}

// kept are the columns of the target's rows that the statement's source gives.
func (c *changing) kept() []plan.ColID {
	if c.rowID < 0 {
		return append([]plan.ColID(nil), c.old...)
	}
	return append([]plan.ColID{c.rowID}, c.old...)
}

// modifyFrom binds the further FROM items of UPDATE … FROM and DELETE … USING.
func (b *binder) modifyFrom(list []ast.TableExpr, q *query) (plan.Node, []*item, error) {
	var node plan.Node
	var items []*item
	for _, te := range list {
		saved := make([][2]bool, len(q.scope.items))
		for i, it := range q.scope.items {
			saved[i] = [2]bool{it.lateralOnly, it.lateralOK}
			it.lateralOnly, it.lateralOK = true, i > 0
		}
		f, err := b.tableExpr(te, q)
		for i := range saved {
			q.scope.items[i].lateralOnly, q.scope.items[i].lateralOK = saved[i][0], saved[i][1]
		}
		if err != nil {
			return nil, nil, err
		}
		for _, it := range f.items {
			if err := q.scope.addItem(it, exprPos(te)); err != nil {
				return nil, nil, err
			}
		}
		items = append(items, f.items...)
		node = cross(node, f.node)
	}
	return node, items, nil
}

// update binds UPDATE; parent is what stands around it, for one in WITH.
func (b *binder) update(s *ast.Update, parent *scope) (*Modify, error) {
	q := b.newQuery(parent)
	wrap, err := b.with(s.With, q, s)
	if err != nil {
		return nil, err
	}
	to, err := b.targetRows(&s.Target, "UPDATE", q)
	if err != nil {
		return nil, err
	}
	rel := to.rel
	others, items, err := b.modifyFrom(s.From, q)
	if err != nil {
		return nil, err
	}
	m := &Modify{Kind: UpdateRows, Rel: rel, Root: to.root, RowID: to.rowID, Old: to.old, CurrentOf: s.CurrentOf, Instead: to.instead()}
	vals, changed, err := b.setList(s.Set, to.written, m.Old, q)
	if err != nil {
		return nil, err
	}
	m.Changed = changed
	var where plan.Expr
	if s.Where != nil {
		if where, err = b.condition(s.Where, "WHERE", q.at(inWhere)); err != nil {
			return nil, err
		}
	}
	if m.Returning, err = b.returning(s.Returning, to.written, to.it.alias, items, q); err != nil {
		return nil, err
	}
	keep := to.kept()
	if m.Returning != nil {
		keep = append(keep, m.Returning.Extra...)
	}
	build := func(target plan.Node) (plan.Node, []plan.ColID, error) {
		node := target
		if others != nil {
			node = cross(target, others)
		}
		if where != nil {
			node = filter(node, where)
		}
		return b.rowNode(rel, node, append([]plan.Expr(nil), vals...), q, keep)
	}
	node, err := b.securedTarget(to, 'w')
	if err != nil {
		return nil, err
	}
	if m.Source, m.New, err = build(node); err != nil {
		return nil, err
	}
	m.Source = wrap(m.Source)
	b.nextID++
	m.RecheckID = b.nextID
	if m.Checks, err = b.checks(rel, m.New); err != nil {
		return nil, err
	}
	options, err := b.checkOptions(to.written, m.New)
	if err != nil {
		return nil, err
	}
	m.Checks = append(m.Checks, options...)
	if err := b.secureNew(to.written, m, 'w'); err != nil {
		return nil, err
	}
	if !m.Instead {
		m.Recheck = recheck(m.Source, to.scan, m.RecheckID)
	}
	if m.CurrentOf != "" && (m.Instead || len(to.views) > 0) {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "WHERE CURRENT OF on a view is not implemented")
	}
	return m, nil
}

// recheck copies a plan with the target's scan replaced by the rows at hand.
func recheck(n plan.Node, target *plan.Scan, id int) plan.Node {
	return plan.Copy(n, func(x plan.Node) plan.Node {
		if x == plan.Node(target) {
			return &plan.WorkScan{ID: id, Cols: append([]plan.ColID(nil), target.Cols...)}
		}
		return nil
	})
}

// setList binds SET: a value per live column (the old one where nothing is
// assigned, nil for generated columns) and the attributes that change.
func (b *binder) setList(set []ast.SetClause, to *written, old []plan.ColID, q *query) ([]plan.Expr, []int16, error) {
	rel := to.rel
	assigned := map[int16]plan.Expr{}
	var changed []int16
	put := func(tc *ast.InsertColumn, x plan.Expr, pos int32) error {
		attr, err := to.column(tc.Name, "UPDATE")
		if err != nil {
			return err
		}
		prev, again := assigned[attr]
		if again && (len(tc.Path) == 0 || prev == nil) {
			return pgerr.New(pgerr.SyntaxError, "multiple assignments to same column \"%s\"", tc.Name.Name)
		}
		if x, err = b.setValue(tc, x, prev, rel, attr, old, q, pos); err != nil {
			return err
		}
		if !again {
			changed = append(changed, attr)
			if len(to.views) == 0 {
				b.depend(rel.OID, attr)
			}
			_, named := to.shown().Column(tc.Name.Name)
			if a := b.access(to.shown().OID, "w"); a != nil {
				a.Update = with(a.Update, named)
			}
		}
		assigned[attr] = x
		return nil
	}
	for i := range set {
		if err := b.setClause(&set[i], q, put); err != nil {
			return nil, nil, err
		}
	}
	if err := b.noteBelow(to, changed, "w"); err != nil {
		return nil, nil, err
	}
	attrs := live(rel)
	vals := make([]plan.Expr, len(attrs))
	for j, attr := range attrs {
		switch {
		case rel.Columns[attr-1].Generated != "":
			changed = append(changed, attr)
		case assigned[attr] != nil:
			vals[j] = assigned[attr]
		default:
			vals[j] = b.meta.Ref(old[j])
		}
	}
	return vals, changed, nil
}

// setValue coerces one assigned value; a nil x is DEFAULT.
func (b *binder) setValue(tc *ast.InsertColumn, x, prev plan.Expr, rel *catalog.Relation, attr int16, old []plan.ColID, q *query, pos int32) (plan.Expr, error) {
	c := &rel.Columns[attr-1]
	if x == nil && len(tc.Path) > 0 {
		return nil, partDefault(tc)
	}
	if x == nil {
		return b.defaultOf(rel, attr)
	}
	if c.Generated != "" || c.Identity == 'a' {
		e := pgerr.New(pgerr.GeneratedAlways, "column \"%s\" can only be updated to DEFAULT", c.Name)
		if c.Generated != "" {
			return nil, e.WithDetail("Column \"%s\" is a generated column.", c.Name)
		}
		return nil, e.WithDetail("Column \"%s\" is an identity column defined as GENERATED ALWAYS.", c.Name)
	}
	if len(tc.Path) == 0 {
		return b.assign(x, rel, attr, pos)
	}
	base := prev
	if base == nil {
		for j, a := range live(rel) {
			if a == attr {
				base = b.meta.Ref(old[j])
			}
		}
	}
	x, err := b.assignPath(base, tc.Path, x, c, q.at(inUpdate), pos)
	return x, pgerr.AtPos(err, tc.Name.Pos)
}

// setClause binds col = x, (a, b) = (x, y) and (a, b) = (SELECT …).
func (b *binder) setClause(sc *ast.SetClause, q *query, put func(*ast.InsertColumn, plan.Expr, int32) error) error {
	c := q.at(inUpdate)
	bind := func(tc *ast.InsertColumn, e ast.Expr) error {
		if d, ok := e.(*ast.DefaultExpr); ok {
			return put(tc, nil, d.Pos)
		}
		x, err := b.expr(e, c)
		if err != nil {
			return err
		}
		return put(tc, x, ast.Leftmost(e))
	}
	if !sc.Multi {
		return bind(&sc.Targets[0], sc.Value)
	}
	wrong := func() error {
		return pgerr.New(pgerr.SyntaxError, "number of columns does not match number of values").At(sc.Value.Position())
	}
	switch v := sc.Value.(type) {
	case *ast.RowExpr:
		if slices.ContainsFunc(v.Args, isStar) {
			return b.setStars(sc, v, c, put, wrong)
		}
		if len(v.Args) != len(sc.Targets) {
			return wrong()
		}
		for i := range sc.Targets {
			if err := bind(&sc.Targets[i], v.Args[i]); err != nil {
				return err
			}
		}
		return nil
	case *ast.SubLink:
		r, err := b.selectStmt(v.Query, c.s, selOptions{})
		if err != nil {
			return err
		}
		if len(r.cols) != len(sc.Targets) {
			return wrong()
		}
		row := &plan.Subquery{Kind: plan.SubRow, Plan: onlyCols(b, r), Typ: types.TRecord, TypMod: types.NoMod}
		for i, col := range r.cols {
			f := &plan.Field{X: row, I: i, Name: col.Name, Typ: col.Type, TypMod: col.Mod}
			if err := put(&sc.Targets[i], f, v.Pos); err != nil {
				return err
			}
		}
		return nil
	}
	return pgerr.New(pgerr.FeatureNotSupported, "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression").At(sc.Pos)
}

func isStar(e ast.Expr) bool {
	ref, ok := e.(*ast.ColumnRef)
	return ok && ref.Star
}

// setStars binds (a, b) = ROW(v.*).
func (b *binder) setStars(sc *ast.SetClause, v *ast.RowExpr, c *ectx, put func(*ast.InsertColumn, plan.Expr, int32) error, wrong func() error) error {
	xs, err := b.rowArgs(v, c)
	if err != nil {
		return err
	}
	if len(xs) != len(sc.Targets) {
		return wrong()
	}
	for i, x := range xs {
		if err := put(&sc.Targets[i], x, v.Pos); err != nil {
			return err
		}
	}
	return nil
}

// delete binds DELETE; parent is what stands around it, for one in WITH.
func (b *binder) delete(s *ast.Delete, parent *scope) (*Modify, error) {
	q := b.newQuery(parent)
	wrap, err := b.with(s.With, q, s)
	if err != nil {
		return nil, err
	}
	to, err := b.targetRows(&s.Target, "DELETE", q)
	if err != nil {
		return nil, err
	}
	others, items, err := b.modifyFrom(s.Using, q)
	if err != nil {
		return nil, err
	}
	m := &Modify{Kind: DeleteRows, Rel: to.rel, Root: to.root, RowID: to.rowID, Old: to.old, CurrentOf: s.CurrentOf, Instead: to.instead()}
	var where plan.Expr
	if s.Where != nil {
		if where, err = b.condition(s.Where, "WHERE", q.at(inWhere)); err != nil {
			return nil, err
		}
	}
	if m.Returning, err = b.returning(s.Returning, to.written, to.it.alias, items, q); err != nil {
		return nil, err
	}
	node, err := b.securedTarget(to, 'd')
	if err != nil {
		return nil, err
	}
	if others != nil {
		node = cross(node, others)
	}
	if where != nil {
		node = filter(node, where)
	}
	p := &plan.Project{In: node}
	keep := to.kept()
	if m.Returning != nil {
		keep = append(keep, m.Returning.Extra...)
	}
	for _, id := range keep {
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, b.meta.Ref(id))
	}
	m.Source = wrap(p)
	b.nextID++
	m.RecheckID = b.nextID
	if !m.Instead {
		m.Recheck = recheck(m.Source, to.scan, m.RecheckID)
	}
	if m.CurrentOf != "" && (m.Instead || len(to.views) > 0) {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "WHERE CURRENT OF on a view is not implemented")
	}
	return m, nil
}
