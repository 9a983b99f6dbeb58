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
	if slices.Equal(r.viewPath(v), c.Path) {
		return v.View.SQL, nil
	}
	t, err := r.readView(v)
	if err != nil {
		return "", err
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
