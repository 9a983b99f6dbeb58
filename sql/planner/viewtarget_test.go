package planner_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/planner/plantest"
)

// TestViewTargets runs testdata/viewtargets.txt: a statement through a view of
// viewtargets.sql, ---- and what PostgreSQL 15 says of it: the error with its
// detail, or the columns of RETURNING and the number of parameters.
func TestViewTargets(t *testing.T) {
	setup, err := os.ReadFile("testdata/viewtargets.sql")
	if err != nil {
		t.Fatal(err)
	}
	db := plantest.New()
	if err := db.Exec(string(setup)); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("testdata/viewtargets.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, c := range strings.Split(strings.TrimSpace(string(data)), "\n\n") {
		sql, want, _ := strings.Cut(c, "\n----\n")
		got := written(t, db, sql)
		if got != want {
			t.Errorf("%s\ngot:  %s\nwant: %s", sql, got, want)
		}
		fmt.Fprintf(&out, "%s\n----\n%s\n\n", sql, got)
	}
	if os.Getenv("REWRITE") != "" {
		if err := os.WriteFile("testdata/viewtargets.txt", []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func written(t *testing.T, db *plantest.DB, sql string) string {
	t.Helper()
	st, err := parser.Parse(sql)
	if err != nil {
		t.Fatal(err)
	}
	var m *planner.Modify
	switch s := st[0].Stmt.(type) {
	case *ast.Insert:
		m, err = planner.Insert(db.Context(), s)
	case *ast.Update:
		m, err = planner.Update(db.Context(), s)
	case *ast.Delete:
		m, err = planner.Delete(db.Context(), s)
	}
	if err != nil {
		e := pgerr.From(err)
		return strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Code, e.Message, e.Detail))
	}
	var cols []string
	if m.Returning != nil {
		for _, c := range m.Returning.Cols {
			cols = append(cols, c.Name+" "+c.Type.SQLName(c.Mod))
		}
	}
	return fmt.Sprintf("(%s) %d", strings.Join(cols, ", "), len(m.Params))
}
