package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// TriggerExpr is the condition of a trigger: Old and New are the columns of the two rows
// it may read, one per live attribute.
type TriggerExpr struct {
	X        plan.Expr
	Meta     *plan.Meta
	Old, New []plan.ColID
	Deps     []catalog.Dep
}

var inTriggerWhen = &place{name: "trigger WHEN conditions", noSub: true}

// BindTriggerWhen binds the WHEN of a trigger of this tgtype on rel, in which old and new
// are rows of it.
func BindTriggerWhen(ctx *Context, e ast.Expr, rel *catalog.Relation, typ int16) (*TriggerExpr, error) {
	b := newBinder(ctx)
	q := b.newQuery(nil)
	scans := map[string]*plan.Scan{}
	for _, name := range []string{"old", "new"} {
		scan := b.scan(rel, q)
		it := b.tableItem(rel, name, q)
		it.scan, scans[name] = scan, scan
		for _, id := range scan.Cols {
			it.cols = append(it.cols, itemCol{b.meta.Col(id).Name, id})
		}
		q.scope.items = append(q.scope.items, it)
	}
	x, err := b.expr(e, q.at(inTriggerWhen))
	if err != nil {
		return nil, err
	}
	if x, err = b.toBoolean(x, "WHEN", ast.Leftmost(e)); err != nil {
		return nil, err
	}
	t := &TriggerExpr{X: x, Meta: b.meta, Old: scans["old"].Cols, New: scans["new"].Cols}
	t.Deps = t.columnDeps(rel, b.depList())
	for _, scan := range scans {
		if err := noSystemColumns(scan, RowCheck); err != nil {
			return nil, err
		}
	}
	return t, t.allowed(rel, typ)
}

// WholeRow tells whether an expression is old.* or new.*, and which.
func (t *TriggerExpr) WholeRow(x plan.Expr) (name string, ok bool) {
	row, ok := x.(*plan.MakeRow)
	if !ok {
		return "", false
	}
	of := func(cols []plan.ColID) bool {
		return slices.EqualFunc(row.Args, cols, func(a plan.Expr, id plan.ColID) bool {
			c, ok := a.(*plan.Col)
			return ok && c.ID == id
		})
	}
	switch {
	case of(t.Old):
		return "old", true
	case of(t.New):
		return "new", true
	}
	return "", false
}

// columnDeps leaves out the columns that are read as part of whole rows only: these go on
// without them.
func (t *TriggerExpr) columnDeps(rel *catalog.Relation, deps []catalog.Dep) []catalog.Dep {
	named := plan.ColSet{}
	plan.Visit(t.X, func(x plan.Expr) bool {
		if _, whole := t.WholeRow(x); whole {
			return false
		}
		if c, ok := x.(*plan.Col); ok {
			named.Add(c.ID)
		}
		return true
	})
	return slices.DeleteFunc(deps, func(d catalog.Dep) bool {
		i := slices.Index(live(rel), d.Column)
		return d.Object == rel.OID && i >= 0 && !named.Has(t.Old[i]) && !named.Has(t.New[i])
	})
}

// allowed checks that a trigger of this kind has the rows that its condition reads.
func (t *TriggerExpr) allowed(rel *catalog.Relation, typ int16) error {
	bad := func(text string) *pgerr.Error { return pgerr.New(pgerr.InvalidObjectDefinition, "%s", text) }
	used := plan.ColSet{}
	plan.Reads(t.X, used)
	reads := func(cols []plan.ColID) bool {
		return slices.ContainsFunc(cols, func(id plan.ColID) bool { return used.Has(id) })
	}
	old, now := reads(t.Old), reads(t.New)
	switch {
	case typ&ast.TriggerRow == 0 && (old || now):
		return bad("statement trigger's WHEN condition cannot reference column values")
	case old && typ&ast.TriggerInsert != 0:
		return bad("INSERT trigger's WHEN condition cannot reference OLD values")
	case now && typ&ast.TriggerDelete != 0:
		return bad("DELETE trigger's WHEN condition cannot reference NEW values")
	case !now || typ&ast.TriggerBefore == 0:
		return nil
	}
	for i, attr := range live(rel) {
		if c := &rel.Columns[attr-1]; c.Generated != "" {
			if reads(t.New[i : i+1]) {
				return bad("BEFORE trigger's WHEN condition cannot reference NEW generated columns").WithDetail("Column \"%s\" is a generated column.", c.Name)
			}
		}
	}
	return nil
}

// GeneratedColumns binds the stored generated columns of a relation over a row of it: by
// position among the live columns, nil for those that are not generated.
func GeneratedColumns(ctx *Context, rel *catalog.Relation) (vals []plan.Expr, cols []plan.ColID, err error) {
	b := newBinder(ctx)
	q := b.newQuery(nil)
	cols = b.rowColumns(rel, q)
	vals = make([]plan.Expr, len(cols))
	for i, attr := range live(rel) {
		text := rel.Columns[attr-1].Generated
		if text == "" {
			continue
		}
		x, err := b.overRow(rel, text, cols, inGenerated)
		if err != nil {
			return nil, nil, err
		}
		if vals[i], err = b.assign(x, rel, attr, -1); err != nil {
			return nil, nil, err
		}
	}
	return vals, cols, nil
}

// GivenTable is a table whose rows are the plan.WorkScan of that ID, with the live columns
// of Rel.
type GivenTable struct {
	Name string
	Rel  *catalog.Relation
	ID   int
}

// given finds a table that is there for the statement only; nil: it is none of them.
func (b *binder) given(name string, q *query) *result {
	for _, g := range b.Given {
		if g.Name != name {
			continue
		}
		n := &plan.WorkScan{ID: g.ID, Name: g.Name}
		r := &result{node: n}
		for _, attr := range live(g.Rel) {
			c := &g.Rel.Columns[attr-1]
			t := b.columnType(c)
			id := b.newCol(q, plan.ColInfo{Name: c.Name, Type: t, Mod: c.Mod})
			n.Cols, n.Types = append(n.Cols, id), append(n.Types, t)
			r.cols = append(r.cols, OutCol{Name: c.Name, Type: t, Mod: c.Mod, ID: id})
		}
		return r
	}
	return nil
}
