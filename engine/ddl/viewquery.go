package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// ViewQuery gives a view's query as it has to be written to mean the same under c:
// what c's path does not find, or finds something else for, is named with its
// schema. pg_dump, which sets an empty path, relies on that.
func ViewQuery(c *planner.Context, v *catalog.Relation) (string, error) {
	r := &run{s: reading{c: c}, e: c.Catalog.Edit(nil)}
	t, err := r.readView(v)
	if err != nil {
		return "", err
	}
	t.nameColumns()
	if slices.Equal(r.viewPath(v), c.Path) && !t.changed {
		return v.View.SQL, nil
	}
	t.path = c.Path
	for ref, old := range t.names.Tables {
		t.table(r, ref, old)
	}
	for n, typ := range t.names.Types {
		t.typ(r, n, typ)
	}
	for call, oid := range t.names.Calls {
		t.function(r, call, oid)
	}
	t.constants(r)
	if !t.changed {
		return v.View.SQL, nil
	}
	return ast.FormatStmt(t.query), nil
}

// nameColumns gives the query's columns the names that the view has for them: as
// aliases where its SELECT lists them, else around it.
func (t *viewText) nameColumns() {
	differs := false
	for i, c := range t.view.Columns {
		differs = differs || i < len(t.outputs) && t.outputs[i] != c.Name
	}
	if !differs || len(t.outputs) != len(t.view.Columns) {
		return
	}
	t.changed = true
	q := t.query
	t.selectStars(q)
	if q.SetOp == 0 && len(q.Targets) == len(t.outputs) && !t.sortsByAlias(q) {
		for i := range q.Targets {
			if name := t.view.Columns[i].Name; name != t.outputs[i] {
				q.Targets[i].Alias = name
			}
		}
		return
	}
	names := make([]ast.Ident, len(t.view.Columns))
	targets := make([]ast.Target, len(names))
	for i, c := range t.view.Columns {
		names[i] = ast.Ident{Name: c.Name, Pos: ast.NoPos}
		targets[i] = ast.Target{X: &ast.ColumnRef{Parts: []string{t.view.Name, c.Name}, Pos: ast.NoPos}, Pos: ast.NoPos}
	}
	t.query = &ast.Select{Targets: targets, From: []ast.TableExpr{
		&ast.SubqueryRef{Query: q, Alias: ast.Alias{Name: t.view.Name, Columns: names, Pos: ast.NoPos}, Pos: ast.NoPos},
	}, Pos: ast.NoPos}
}

// sortsByAlias tells whether ORDER BY, GROUP BY or DISTINCT ON may name columns of the
// result, which are about to get other names.
func (t *viewText) sortsByAlias(q *ast.Select) bool {
	bare := func(x ast.Expr) bool {
		ref, ok := x.(*ast.ColumnRef)
		return ok && len(ref.Parts) == 1
	}
	for _, s := range q.OrderBy {
		if bare(s.X) {
			return true
		}
	}
	return len(q.GroupBy) > 0 && slices.ContainsFunc(q.Targets, func(g ast.Target) bool { return g.Alias != "" }) ||
		slices.ContainsFunc(q.DistinctOn, bare)
}

// function qualifies the name of a user's function where the path does not find it.
func (t *viewText) function(r *run, call *ast.FuncCall, oid OID) {
	f := r.e.FunctionByOID(oid)
	if f == nil || call.Name.Schema != "" || slices.Contains(t.path, f.Schema) {
		return
	}
	call.Name.Schema, t.changed = r.e.SchemaByOID(f.Schema).Name, true
}

// reading is a Session of which texts can be read, and nothing more.
type reading struct {
	Session
	c *planner.Context
}

// Planner implements Session.
func (s reading) Planner([]*types.Type) *planner.Context {
	c := *s.c
	c.Notices = func(*pgerr.Error) {}
	return &c
}

// Path implements Session.
func (s reading) Path() catalog.Path { return s.c.Path }

// TempSchema implements Session.
func (s reading) TempSchema(bool) OID { return s.c.Temp }

// Role implements Session.
func (reading) Role() OID { return 0 }
