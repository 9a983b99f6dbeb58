package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/sysfunc"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// fromItem is a bound FROM item: its node and the names it offers.
type fromItem struct {
	node  plan.Node
	items []*item
}

// from binds the FROM list. Without one the query has a single empty row.
func (b *binder) from(list []ast.TableExpr, q *query) (plan.Node, error) {
	var node plan.Node
	for _, te := range list {
		for _, it := range q.scope.items { // LATERAL sees what came before
			it.lateralOnly, it.lateralOK = true, true
		}
		f, err := b.tableExpr(te, q)
		if err != nil {
			return nil, err
		}
		for _, it := range f.items {
			if err := q.scope.addItem(it, exprPos(te)); err != nil {
				return nil, err
			}
		}
		node = cross(node, f.node)
	}
	for _, it := range q.scope.items {
		it.lateralOnly, it.lateralOK = false, false
	}
	if node == nil {
		return oneRow(), nil
	}
	return node, nil
}

// oneRow is a single row without columns.
func oneRow() *plan.Values { return &plan.Values{Rows: [][]plan.Expr{{}}} }

func cross(l, r plan.Node) plan.Node {
	switch {
	case l == nil:
		return r
	case r == nil:
		return l
	case dependsOn(r, l):
		return &plan.Apply{Kind: plan.Inner, L: l, R: r, MarkCol: -1}
	}
	return &plan.Join{Kind: plan.Inner, L: l, R: r, MarkCol: -1}
}

// dependsOn tells whether r reads columns of l.
func dependsOn(r, l plan.Node) bool {
	return plan.SetOf(l.Out()...).Intersects(plan.Outer(r))
}

func exprPos(te ast.TableExpr) int32 {
	switch t := te.(type) {
	case *ast.TableRef:
		return t.Pos
	case *ast.SubqueryRef:
		return t.Pos
	case *ast.FuncRef:
		return t.Pos
	case *ast.WindowRef:
		return t.Pos
	case *ast.JoinExpr:
		return t.Pos
	}
	return -1
}

func (b *binder) tableExpr(te ast.TableExpr, q *query) (*fromItem, error) {
	switch t := te.(type) {
	case *ast.TableRef:
		return b.tableRef(t, q)
	case *ast.SubqueryRef:
		return b.subqueryRef(t, q)
	case *ast.FuncRef:
		return b.funcRef(t, q)
	case *ast.WindowRef:
		return b.windowRef(t, q)
	case *ast.JoinExpr:
		return b.join(t, q)
	}
	return nil, pgerr.NotSupported("FROM item %T", te)
}

// tableRef binds a relation or a WITH name.
func (b *binder) tableRef(t *ast.TableRef, q *query) (*fromItem, error) {
	switch {
	case t.Temporal != nil:
		return nil, pgerr.NotSupported("FOR SYSTEM_TIME AS OF").At(t.Pos)
	case t.AsOf != nil:
		return nil, pgerr.NotSupported("AS OF").At(t.Pos)
	}
	if src := b.ruleRefs[t]; src != nil {
		return b.ruleItems(src, q), nil
	}
	if t.Name.Schema == "" {
		if c := q.scope.findCTE(t.Name.Object); c != nil {
			if t.Sample != nil {
				return nil, notSampled(t)
			}
			r, err := b.cteRef(c, q, t.Pos)
			if err != nil {
				return nil, err
			}
			f, err := b.derived(r, t.Name.Object, &t.Alias, q)
			switch {
			case err != nil:
			case c.rec != nil:
				f.items[0].hidden = c.rec.hidden
			case q.scope.ctes[t.Name.Object] != c: // as in PostgreSQL, where it is of an outer level
				f.items[0].hidden = c.tracked
			}
			return f, err
		}
		if r := b.given(t.Name.Object, q); r != nil {
			if t.Sample != nil {
				return nil, notSampled(t)
			}
			return b.derived(r, t.Name.Object, &t.Alias, q)
		}
	}
	rel, err := b.relation(t.Name)
	if err != nil && t.Name.Schema == "" {
		err = q.scope.forwardRef(t.Name.Object, err)
	}
	if err != nil {
		return nil, err
	}
	b.access(rel.OID, "r")
	b.Names.table(t, rel)
	if t.Sample != nil && rel.Kind == catalog.View {
		return nil, notSampled(t)
	}
	f, err := b.relationItem(rel, t, q)
	if err == nil && t.Sample != nil {
		f, err = b.sampled(rel, f, t, q)
	}
	if err != nil {
		return nil, err
	}
	return f, b.securedItem(rel, f)
}

// relation finds a relation that can be read.
func (b *binder) relation(n ast.Name) (*catalog.Relation, error) {
	if n.Catalog != "" && b.Env.Session != nil && n.Catalog != b.Env.Session.Database() {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cross-database references are not implemented: \"%s.%s.%s\"", n.Catalog, n.Schema, n.Object).At(n.Pos)
	}
	rel, err := b.Catalog.LookupRelation(b.Path, n.Schema, n.Object, b.Temp)
	if err != nil {
		return nil, pgerr.AtPos(err, n.Pos)
	}
	switch rel.Kind {
	case catalog.Index:
		return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is an index", rel.Name).At(n.Pos)
	case catalog.Composite:
		return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is a composite type", rel.Name).At(n.Pos)
	}
	b.depend(rel.OID, 0)
	return rel, nil
}

// tableItem makes an item of a relation, its columns not yet in it. Without an alias
// it may be named with its schema, too.
func (b *binder) tableItem(rel *catalog.Relation, alias string, q *query) *item {
	it := &item{alias: alias, rel: rel, owner: q, relVisible: true, colsVisible: true}
	if alias == "" {
		it.alias = rel.Name
		if sc := b.Catalog.SchemaByOID(rel.Schema); sc != nil {
			it.schema = sc.Name
		}
	}
	if rel.RowType != 0 {
		it.row = b.Catalog.TypeByOID(rel.RowType)
	}
	return it
}

func (b *binder) relationItem(rel *catalog.Relation, t *ast.TableRef, q *query) (*fromItem, error) {
	if rel.Kind == catalog.View {
		return b.viewItem(rel, t, q)
	}
	if b.spread(rel, t.Only) {
		return b.partitionedItem(rel, t, q)
	}
	scan := b.scan(rel, q)
	it := b.tableItem(rel, t.Alias.Name, q)
	it.scan = scan
	scan.Alias = it.alias
	for _, id := range scan.Cols {
		it.cols = append(it.cols, itemCol{b.meta.Col(id).Name, id})
	}
	return &fromItem{scan, []*item{it}}, it.renameColumns(&t.Alias)
}

// scan reads all live columns of a relation.
func (b *binder) scan(rel *catalog.Relation, q *query) *plan.Scan {
	n := &plan.Scan{Rel: rel}
	for i := range rel.Columns {
		c := &rel.Columns[i]
		if c.Dropped {
			continue
		}
		id := b.newCol(q, plan.ColInfo{Name: c.Name, Type: b.columnType(c), Mod: c.Mod, Rel: rel.OID, Attr: int16(i + 1), NotNull: c.NotNull})
		n.Cols, n.Attrs = append(n.Cols, id), append(n.Attrs, int16(i+1))
	}
	return n
}

// columnType is the column's type as the snapshot has it now.
func (b *binder) columnType(c *catalog.Column) *types.Type {
	if t := b.Catalog.TypeByOID(c.TypeOID); t != nil {
		return t
	}
	return c.Type
}

// renameColumns applies an alias's column list.
func (it *item) renameColumns(a *ast.Alias) error {
	if len(a.Columns) > len(it.cols) {
		return pgerr.New(pgerr.InvalidColumnReference, "table \"%s\" has %d columns available but %d columns specified",
			it.alias, len(it.cols), len(a.Columns))
	}
	for i, c := range a.Columns {
		it.cols[i].name = c.Name
	}
	return nil
}

// maxViewDepth bounds views over views.
const maxViewDepth = 200

// viewItem expands a view: its query is bound as a subquery, under the settings
// it was made with.
func (b *binder) viewItem(rel *catalog.Relation, t *ast.TableRef, q *query) (*fromItem, error) {
	if b.viewDepth++; b.viewDepth > maxViewDepth {
		return nil, pgerr.New(pgerr.InvalidObjectDefinition, "infinite recursion detected in rules for relation \"%s\"", rel.Name)
	}
	defer func() { b.viewDepth-- }()
	sel, err := b.ParseSQL(rel.View.SQL)
	if err != nil {
		return nil, err
	}
	outer := b.Context
	inner := *outer
	inner.Names = nil
	inner.Follow(b.viewPath(rel))
	deps, as := b.deps, b.acc.as
	fn := b.fn
	b.Context, b.deps, b.acc.as, b.fn = &inner, map[catalog.Dep]struct{}{}, rel.ReadsAs(), nil
	r, err := b.selectStmt(sel, nil, selOptions{})
	b.Context, b.deps, b.acc.as, b.fn = outer, deps, as, fn
	if err != nil {
		return nil, stripPos(err)
	}
	for i := range r.cols {
		if i < len(rel.Columns) {
			r.cols[i].Name = rel.Columns[i].Name
		}
	}
	f, err := b.derived(r, rel.Name, &t.Alias, q)
	if err != nil {
		return nil, err
	}
	it := f.items[0]
	it.rel = rel
	if t.Alias.Name == "" {
		if sc := b.Catalog.SchemaByOID(rel.Schema); sc != nil {
			it.schema = sc.Name
		}
	}
	if rel.RowType != 0 {
		it.row = b.Catalog.TypeByOID(rel.RowType)
	}
	if rel.View.SecurityBarrier {
		p := passThrough(b.meta, f.node)
		p.Barrier, f.node = true, p
	}
	for i, c := range it.cols { // as far as clients are told, these are the view's columns
		info := b.meta.Col(c.id)
		info.Rel, info.Attr, info.NotNull = rel.OID, int16(i+1), false
	}
	return f, nil
}

// stripPos drops the position of an error in a text the user did not send.
func stripPos(err error) error {
	if e, ok := err.(*pgerr.Error); ok && e.Pos != 0 {
		c := *e
		c.Pos = 0
		return &c
	}
	return err
}

// Follow makes names be looked up along a path, those in literals of the reg* types
// too.
func (c *Context) Follow(path catalog.Path) {
	c.Path = path
	if c.Env == nil || c.Env.Names == nil {
		return
	}
	env := *c.Env
	env.Names = sysfunc.Functions{Context: &catalog.Context{Snapshot: c.Catalog, Path: path, Env: &env.Env}}
	c.Env = &env
}

// viewPath is the search path that a view's names are looked up along.
func (b *binder) viewPath(rel *catalog.Relation) catalog.Path {
	if rel.View == nil {
		return b.Path
	}
	if p, ok := rel.View.Settings["search_path"]; ok {
		return b.Catalog.ResolvePath(catalog.SplitPath(p), "", 0)
	}
	if sc := b.Catalog.SchemaByOID(rel.Schema); sc != nil && sc.System() {
		return catalog.Path{catalog.PgCatalogOID, rel.Schema}
	}
	return b.Path
}

// derived makes an item of a query's result.
func (b *binder) derived(r *result, name string, a *ast.Alias, q *query) (*fromItem, error) {
	it := &item{alias: name, cols: itemCols(r.cols), owner: q, relVisible: true, colsVisible: true}
	if a.Name != "" {
		it.alias = a.Name
	}
	node := r.node
	// Each reference has columns of its own, so that a result that is joined with
	// itself keeps them apart, and so that the level they belong to is this one.
	seen := plan.ColSet{}
	for _, c := range it.cols {
		if seen.Has(c.id) {
			node = nil
		}
		seen.Add(c.id)
	}
	if node == nil {
		p := &plan.Project{In: r.node}
		for i := range it.cols {
			info := *b.meta.Col(it.cols[i].id)
			p.Vals = append(p.Vals, b.meta.Ref(it.cols[i].id))
			it.cols[i].id = b.meta.Add(info)
			p.Cols = append(p.Cols, it.cols[i].id)
		}
		node = p
	}
	for _, c := range it.cols {
		b.owner[c.id] = q
	}
	return &fromItem{b.wrapped(it, node), []*item{it}}, it.renameColumns(a)
}

// subqueryRef is (SELECT …) AS alias.
func (b *binder) subqueryRef(t *ast.SubqueryRef, q *query) (*fromItem, error) {
	parent := q.scope
	if !t.Lateral {
		parent = q.scope.hidden()
	}
	q.place = inFromSub
	r, err := b.selectStmt(t.Query, parent, selOptions{})
	if err != nil {
		return nil, err
	}
	f, err := b.derived(r, t.Alias.Name, &t.Alias, q)
	if err != nil {
		return nil, err
	}
	if t.Alias.Name == "" {
		if t.Query.Values != nil {
			return nil, pgerr.New(pgerr.SyntaxError, "VALUES in FROM must have an alias").
				WithHint("For example, FROM (VALUES ...) [AS] foo.").At(t.Pos)
		}
		return nil, pgerr.New(pgerr.SyntaxError, "subquery in FROM must have an alias").
			WithHint("For example, FROM (SELECT ...) [AS] foo.").At(t.Pos)
	}
	return f, nil
}

var inFromSub = &place{name: "FROM clause of their own query level"}

// hidden is the scope without this level's items: what a FROM item that is not
// LATERAL sees. The items stay known, for the error that says so.
func (s *scope) hidden() *scope {
	h := &scope{parent: s.parent, query: s.query, ctes: s.ctes}
	for _, it := range s.items {
		c := *it
		c.lateralOnly, c.lateralOK, c.hiddenHere = true, false, true
		h.items = append(h.items, &c)
	}
	return h
}
