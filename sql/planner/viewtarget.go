package planner

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// written is what INSERT, UPDATE or DELETE changes: a stored relation, as itself or
// through views over it that show its rows one by one.
type written struct {
	rel *catalog.Relation // the stored relation
	// views are those between the statement and rel, the one that is named first.
	views []*viewLevel
	// attrs says, for each column of the view that is named, which attribute of rel
	// it is; 0: none. why then says what it is.
	attrs []int16
	why   []string
	// excluded: ON CONFLICT DO UPDATE has named the proposed row, which RETURNING may
	// not read.
	excluded bool
	// root is the partitioned table that rel is a partition of, and the statement names.
	root *catalog.Relation
	// asRows: only the rows are asked for, as if rel were a view with INSTEAD OF triggers.
	asRows bool
}

// instead tells that rel is a view whose INSTEAD OF triggers get the rows, or that a rule
// does.
func (w *written) instead() bool { return w.rel.Kind == catalog.View || w.asRows }

// viewLevel is a view whose rows are those of one relation.
type viewLevel struct {
	rel *catalog.Relation
	sel *ast.Select
	ref *ast.TableRef // its FROM
	// part: it is a partitioned table, of which the relation holds rows.
	part bool
}

// shown is the relation that the statement names.
func (w *written) shown() *catalog.Relation {
	if len(w.views) > 0 {
		return w.views[0].rel
	}
	return w.rel
}

// column finds a column to be assigned and gives its attribute in the stored
// relation; verb is for the error.
func (w *written) column(id ast.Ident, verb string) (int16, error) {
	attr, err := targetColumn(w.shown(), id)
	if err != nil || len(w.views) == 0 {
		return attr, err
	}
	return w.attr(int(attr)-1, verb, id.Pos)
}

// attr gives the attribute of the stored relation that column i is.
func (w *written) attr(i int, verb string, pos int32) (int16, error) {
	if w.attrs[i] > 0 {
		return w.attrs[i], nil
	}
	view := w.shown()
	return 0, pgerr.New(pgerr.FeatureNotSupported, "cannot %s column \"%s\" of view \"%s\"",
		map[string]string{"INSERT": "insert into", "UPDATE": "update"}[verb], view.Columns[i].Name, view.Name).WithDetail("%s", w.why[i])
}

// privilegeOf are the letters of the privileges that statements need.
var privilegeOf = map[string]string{"INSERT": "a", "UPDATE": "w", "DELETE": "d"}

// writeTarget finds what a statement writes, and refuses what cannot be written.
func (b *binder) writeTarget(t *ast.TableRef, verb string) (*written, error) {
	rel, err := b.relation(t.Name)
	if err != nil {
		return nil, err
	}
	b.access(rel.OID, privilegeOf[verb])
	b.Names.table(t, rel)
	return b.writtenView(rel, t, verb)
}

// writtenView follows views down to the stored relation.
func (b *binder) writtenView(rel *catalog.Relation, t *ast.TableRef, verb string) (*written, error) {
	priv := privilegeOf[verb]
	w := &written{rel: rel}
	as := b.acc.as
	defer func() { b.acc.as = as }()
	for w.rel.Kind == catalog.View && !w.rel.HasInstead(verb) && w.rel.OID != b.asRows {
		if len(w.views) > maxViewDepth {
			return nil, pgerr.New(pgerr.InvalidObjectDefinition, "infinite recursion detected in rules for relation \"%s\"", rel.Name)
		}
		l, err := b.viewLevel(w.rel, verb)
		if err != nil {
			return nil, err
		}
		w.views = append(w.views, l)
		ctx := b.Context
		inner := *ctx
		inner.Follow(b.viewPath(l.rel))
		b.Context, b.acc.as = &inner, l.rel.ReadsAs()
		w.rel, err = b.relation(l.ref.Name)
		b.Context = ctx
		if err != nil {
			return nil, stripPos(err)
		}
		b.access(w.rel.OID, priv)
	}
	w.asRows = w.rel.OID == b.asRows
	if w.instead() {
		if len(w.views) == 0 {
			return w, nil
		}
	} else if err := CheckWritable(w.rel, verb, t.Pos); err != nil || len(w.views) == 0 {
		return w, err
	}
	return w, b.mapColumns(w, verb)
}

// viewLevel reads a view's query and checks that its rows can be written.
func (b *binder) viewLevel(rel *catalog.Relation, verb string) (*viewLevel, error) {
	sel, err := b.ParseSQL(rel.View.SQL)
	if err != nil {
		return nil, err
	}
	l := &viewLevel{rel: rel, sel: sel}
	why := ""
	switch {
	case sel.Distinct:
		why = "Views containing DISTINCT are not automatically updatable."
	case len(sel.GroupBy) > 0:
		why = "Views containing GROUP BY are not automatically updatable."
	case sel.Having != nil:
		why = "Views containing HAVING are not automatically updatable."
	case sel.SetOp != ast.SetNone:
		why = "Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable."
	case sel.With != nil:
		why = "Views containing WITH are not automatically updatable."
	case sel.Limit != nil || sel.Offset != nil:
		why = "Views containing LIMIT or OFFSET are not automatically updatable."
	case len(sel.From) != 1:
		why = viewNotSingle
	default:
		ref, ok := sel.From[0].(*ast.TableRef)
		if ok && ref.Sample != nil {
			why = "Views containing TABLESAMPLE are not automatically updatable."
		} else if !ok {
			why = viewNotSingle
		}
		l.ref = ref
	}
	if why != "" {
		return nil, notUpdatable(rel, verb, why)
	}
	return l, nil
}

const viewNotSingle = "Views that do not select from a single table or view are not automatically updatable."

func notUpdatable(rel *catalog.Relation, verb, why string) error {
	what, event := map[string]string{"INSERT": "insert into", "UPDATE": "update", "DELETE": "delete from"}[verb], verb
	doing := map[string]string{"INSERT": "inserting into", "UPDATE": "updating", "DELETE": "deleting from"}[verb]
	return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "cannot %s view \"%s\"", what, rel.Name).WithDetail("%s", why).
		WithHint("To enable %s the view, provide an INSTEAD OF %s trigger or an unconditional ON %s DO INSTEAD rule.", doing, event, event)
}

// mapColumns finds out which columns of the view are columns of the relation.
func (b *binder) mapColumns(w *written, verb string) error {
	attrs := live(w.rel)
	q := b.newQuery(nil)
	base := b.rowColumns(w.rel, q)
	row, err := b.viewRow(w, base, verb)
	if err != nil {
		return err
	}
	w.attrs, w.why = make([]int16, len(row.vals)), make([]string, len(row.vals))
	some := false
	for i, x := range row.vals {
		w.why[i] = "View columns that are not columns of their base relation are not updatable."
		if c, ok := x.(*plan.Col); ok {
			if at := slices.Index(base, c.ID); at >= 0 {
				w.attrs[i], some = attrs[at], true
			}
		}
		if r, ok := x.(*plan.MakeRow); ok && w.rel.RowType != 0 && r.Typ.OID == w.rel.RowType {
			w.why[i] = "View columns that return whole-row references are not updatable."
		}
	}
	if !some && verb != "DELETE" {
		return notUpdatable(w.shown(), verb, "Views that have no updatable columns are not automatically updatable.")
	}
	return nil
}

// rowColumns makes columns for the live columns of a relation.
func (b *binder) rowColumns(rel *catalog.Relation, q *query) []plan.ColID {
	var out []plan.ColID
	for _, attr := range live(rel) {
		c := &rel.Columns[attr-1]
		out = append(out, b.newCol(q, plan.ColInfo{Name: c.Name, Type: b.columnType(c), Mod: c.Mod, Rel: rel.OID, Attr: attr, NotNull: c.NotNull}))
	}
	return out
}

// shownRow is a row of the stored relation as a view shows it.
type shownRow struct {
	vals []plan.Expr // the view's columns, over those of the stored relation
	// where are the conditions of the levels, the one that is named first; nil: none.
	where []plan.Expr
}

// viewRow binds the views of a target over a row of the stored relation.
func (b *binder) viewRow(w *written, base []plan.ColID, verb string) (*shownRow, error) {
	out := &shownRow{where: make([]plan.Expr, len(w.views))}
	for i := range base {
		out.vals = append(out.vals, b.meta.Ref(base[i]))
	}
	as := b.acc.as
	defer func() { b.acc.as = as }()
	from := w.rel
	for i := len(w.views) - 1; i >= 0; i-- {
		if !w.views[i].part {
			b.acc.as = w.views[i].rel.ReadsAs()
		}
		if err := b.levelRow(w.views[i], from, out, i, verb); err != nil {
			return nil, stripPos(err)
		}
		from = w.views[i].rel
	}
	return out, nil
}

// levelRow replaces row, a row of from, by what the view over it shows of it.
func (b *binder) levelRow(l *viewLevel, from *catalog.Relation, row *shownRow, i int, verb string) error {
	ctx := b.Context
	inner := *ctx
	inner.Follow(b.viewPath(l.rel))
	b.Context = &inner
	defer func() { b.Context = ctx }()
	if l.part {
		b.acc.off++
		defer func() { b.acc.off-- }()
	}

	q := b.newQuery(nil)
	it := b.tableItem(from, l.ref.Alias.Name, q)
	vals := map[plan.ColID]plan.Expr{}
	for k, id := range b.rowColumns(from, q) {
		it.cols = append(it.cols, itemCol{b.meta.Col(id).Name, id})
		vals[id] = row.vals[k]
	}
	if err := it.renameColumns(&l.ref.Alias); err != nil {
		return err
	}
	q.scope.items = []*item{it}
	targets, err := b.targets(l.sel.Targets, q.at(inSelect), selOptions{})
	if err != nil {
		return err
	}
	if l.sel.Where != nil {
		x, err := b.condition(l.sel.Where, "WHERE", q.at(inWhere))
		if err != nil {
			return err
		}
		row.where[i] = inTermsOf(x, vals)
	}
	switch {
	case len(q.aggs) > 0 || len(q.groupings) > 0:
		return notUpdatable(l.rel, verb, "Views that return aggregate functions are not automatically updatable.")
	case len(q.wins) > 0:
		return notUpdatable(l.rel, verb, "Views that return window functions are not automatically updatable.")
	case len(q.sets) > 0:
		return notUpdatable(l.rel, verb, "Views that return set-returning functions are not automatically updatable.")
	}
	row.vals = row.vals[:0:0]
	for _, t := range targets {
		x, err := b.knownType(t.x, t.pos)
		if err != nil {
			return err
		}
		row.vals = append(row.vals, inTermsOf(x, vals))
	}
	return nil
}

// inTermsOf replaces columns by expressions, in subqueries too.
func inTermsOf(e plan.Expr, vals map[plan.ColID]plan.Expr) plan.Expr {
	return plan.Map(e, func(x plan.Expr) plan.Expr {
		switch x := x.(type) {
		case *plan.Col:
			if v, ok := vals[x.ID]; ok {
				return v
			}
		case *plan.Subquery:
			mapPlan(x.Plan, func(e plan.Expr) plan.Expr { return inTermsOf(e, vals) })
		}
		return x
	})
}

// writtenItem makes an item of the target's rows over in, whose columns base are those of
// the stored relation: for a view, a projection computes its columns.
func (b *binder) writtenItem(w *written, alias string, in plan.Node, base []plan.ColID, q *query) (*item, plan.Node, error) {
	rel := w.shown()
	if alias == rel.Name {
		alias = ""
	}
	it := b.tableItem(rel, alias, q)
	if len(w.views) == 0 {
		for _, id := range base {
			it.cols = append(it.cols, itemCol{b.meta.Col(id).Name, id})
		}
		return it, in, nil
	}
	row, err := b.viewRow(w, base, "UPDATE")
	if err != nil {
		return nil, nil, err
	}
	if w.root != nil {
		it.oid = leafOID(w.rel)
	}
	p := passThrough(b.meta, in)
	for i, attr := range live(rel) {
		c := &rel.Columns[attr-1]
		id := b.newCol(q, plan.ColInfo{Name: c.Name, Type: row.vals[i].Type(), Mod: row.vals[i].Mod(), Rel: rel.OID, Attr: attr})
		it.cols = append(it.cols, itemCol{c.Name, id})
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, row.vals[i])
	}
	return it, p, nil
}

// viewRows gives those of the target's rows, which n gives, that its views show.
func (b *binder) viewRows(w *written, n plan.Node, base []plan.ColID) (plan.Node, error) {
	if len(w.views) == 0 {
		return n, nil
	}
	row, err := b.viewRow(w, base, "UPDATE")
	if err != nil {
		return nil, err
	}
	for i, x := range slices.Backward(row.where) {
		if x == nil {
			continue
		}
		if n = filter(n, x); w.views[i].rel.View.SecurityBarrier {
			p := passThrough(b.meta, n)
			p.Barrier, n = true, p
		}
	}
	return n, nil
}

// checkOptions are the conditions of WITH CHECK OPTION on new rows, whose columns
// are cols: a view's own and, cascaded, those of the views below it.
func (b *binder) checkOptions(w *written, cols []plan.ColID) ([]Check, error) {
	var out []Check
	row := (*shownRow)(nil)
	cascaded := false
	for i, l := range w.views {
		option := checkOption(l.rel)
		cascaded = cascaded || option == "cascaded"
		if option == "" && !cascaded {
			continue
		}
		if row == nil {
			var err error
			if row, err = b.viewRow(w, cols, "UPDATE"); err != nil {
				return nil, err
			}
		}
		if row.where[i] == nil {
			continue
		}
		if plan.HasSubquery(row.where[i]) {
			return nil, pgerr.NotSupported("WITH CHECK OPTION of a view with a subquery in its WHERE")
		}
		c := Check{Name: l.rel.Name, Cond: &plan.BoolTest{X: row.where[i], Want: true}, View: true}
		out = append([]Check{c}, out...) // those of the views below come first
	}
	return out, nil
}

func checkOption(rel *catalog.Relation) string {
	for _, o := range rel.Options {
		if v, ok := strings.CutPrefix(o, "check_option="); ok {
			return v
		}
	}
	return ""
}

// viewDefault gives the default that a column of the view itself has; nil when it
// has none.
func (b *binder) viewDefault(w *written, attr int16) (plan.Expr, error) {
	for i, a := range w.attrs {
		c := &w.shown().Columns[i]
		if a != attr || c.Default == "" {
			continue
		}
		return unasked(b, func() (plan.Expr, error) {
			e, err := b.ParseExpr(c.Default)
			if err != nil {
				return nil, err
			}
			x, err := b.expr(e, &ectx{place: inDefault})
			if err != nil {
				return nil, stripPos(err)
			}
			return b.assign(x, w.rel, attr, -1)
		})
	}
	return nil, nil
}

// NotUpdatable tells why rows cannot be inserted through a view; "" when they can.
func NotUpdatable(c *Context, view *catalog.Relation) (why string, err error) {
	b := newBinder(c)
	_, err = b.writtenView(view, &ast.TableRef{Name: ast.Name{Object: view.Name, Pos: -1}, Pos: -1}, "INSERT")
	if e, ok := err.(*pgerr.Error); ok && e.Code == pgerr.ObjectNotInPrerequisiteState {
		return e.Detail, nil
	}
	return "", err
}
