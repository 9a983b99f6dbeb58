package planner_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// table makes a table of "name type" columns; a type may be followed by !, which
// is NOT NULL. The first key columns are the primary key.
func table(e *catalog.Edit, name string, key int, cols ...string) {
	r := &catalog.Relation{OID: e.NewOID(), Schema: catalog.PublicOID, Name: name, Kind: catalog.Table, Owner: 10, Persistence: 'p'}
	row := &types.Type{OID: e.NewOID(), Name: name, Schema: catalog.PublicOID, Kind: types.Bytes, Class: types.Composite, Category: 'C', Len: -1, Rel: r.OID}
	for i, c := range cols {
		f := strings.Fields(c)
		t := types.ByName(strings.TrimSuffix(f[1], "!"))
		r.Columns = append(r.Columns, catalog.Column{Name: f[0], TypeOID: t.OID, Mod: -1, NotNull: strings.HasSuffix(f[1], "!") || i < key})
		row.Fields = append(row.Fields, types.Field{Name: f[0], Type: t, Mod: -1})
	}
	row.Array = catalog.ArrayType(row, e.NewOID(), "_"+name)
	e.PutType(row)
	r.RowType = row.OID
	if key > 0 {
		con := &catalog.Constraint{OID: e.NewOID(), Name: name + "_pkey", Kind: catalog.Primary}
		for i := range key {
			con.Columns = append(con.Columns, int16(i+1))
		}
		r.Constraints = append(r.Constraints, con)
	}
	e.PutRelation(r)
}

func testContext() *planner.Context {
	next := types.FirstUserOID
	e := catalog.New().Edit(func() catalog.OID { next++; return next })
	table(e, "t", 1, "a int4", "b int4", "c text", "d numeric", "ts timestamptz")
	table(e, "u", 0, "a int4", "x int8", "y text")
	table(e, "v", 1, "id int4", "a int4", "w float8")
	return &planner.Context{
		Catalog: e.Publish(), Path: catalog.Path{catalog.PgCatalogOID, catalog.PublicOID},
		Env: &funcs.Env{Env: *types.DefaultEnv},
		ParseSQL: func(s string) (*ast.Select, error) {
			st, err := parser.Parse(s)
			if err != nil {
				return nil, err
			}
			return st[0].Stmt.(*ast.Select), nil
		},
		ParseExpr: func(s string) (ast.Expr, error) {
			st, err := parser.Parse("select " + s)
			if err != nil {
				return nil, err
			}
			return st[0].Stmt.(*ast.Select).Targets[0].X, nil
		},
	}
}

// TestPlans runs testdata/plans.txt: a query, ---- and its plan or error.
func TestPlans(t *testing.T) {
	const file = "testdata/plans.txt"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, c := range strings.Split(strings.TrimSpace(string(data)), "\n\n\n") {
		query, want, _ := strings.Cut(c, "\n----\n")
		got := planText(query)
		if got != want && os.Getenv("REWRITE") == "" {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", query, got, want)
		}
		fmt.Fprintf(&out, "%s\n----\n%s\n\n\n", query, got)
	}
	if os.Getenv("REWRITE") != "" {
		if err := os.WriteFile(file, []byte(strings.TrimSuffix(out.String(), "\n\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func planText(query string) string {
	st, err := parser.Parse(query)
	if err != nil {
		return "ERROR " + err.Error()
	}
	q, err := planner.Select(testContext(), st[0].Stmt.(*ast.Select))
	if err != nil {
		return "ERROR " + err.Error()
	}
	var cols []string
	for _, c := range q.Cols {
		cols = append(cols, c.Name+" "+c.Type.SQLName(c.Mod))
	}
	return "(" + strings.Join(cols, ", ") + ")\n" + strings.TrimSuffix(plan.Format(q.Root, q.Meta), "\n")
}
