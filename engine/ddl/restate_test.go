package ddl_test

import (
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// TestNamesInViews: what gets another name is written again in the queries of views,
// which go on meaning the same.
func TestNamesInViews(t *testing.T) {
	for _, c := range []struct{ view, change, want string }{
		{"SELECT a, b FROM t", "ALTER TABLE t RENAME TO u", "SELECT a, b FROM u AS t"},
		{"SELECT x.a FROM t x", "ALTER TABLE t RENAME TO u", "SELECT x.a FROM u AS x"},
		{"SELECT public.t.a FROM public.t", "ALTER TABLE t RENAME TO u", "SELECT t.a FROM public.u AS t"},
		{"SELECT a FROM t", "ALTER TABLE t RENAME a TO z", "SELECT a FROM t AS t (a)"},
		{"SELECT * FROM t", "ALTER TABLE t RENAME b TO z", "SELECT * FROM t AS t (a, b)"},
		{"SELECT y FROM t AS x (w, y)", "ALTER TABLE t RENAME a TO z", "SELECT y FROM t AS x (w, y)"},
		{"SELECT * FROM t", "ALTER TABLE t ADD d int", "SELECT t.a, t.b, t.m FROM t"},
		{"SELECT * FROM t NATURAL JOIN o", "ALTER TABLE o ADD b text", "SELECT t.a, t.b, t.m, o.c FROM t JOIN o USING (a)"},
		{"SELECT b, c FROM t JOIN o USING (a)", "ALTER TABLE o ADD b text", "SELECT t.b, o.c FROM t JOIN o USING (a)"},
		{"SELECT a FROM t WHERE m = 'sad'", "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'", "SELECT a FROM t WHERE m = 'blue'"},
		{"SELECT 'sad'::mood AS m", "ALTER TYPE mood RENAME TO feeling", "SELECT 'sad'::public.feeling AS m"},
		{"SELECT a FROM t", "ALTER TABLE t SET SCHEMA s", "SELECT a FROM s.t"},
		{"SELECT a FROM s.p", "ALTER SCHEMA s RENAME TO s2", "SELECT a FROM s2.p"},
		{"SELECT a FROM t", "ALTER TABLE o RENAME TO u", "SELECT a FROM t"},
		{"WITH t AS (SELECT c FROM o) SELECT * FROM t", "ALTER TABLE t RENAME TO u", "WITH t AS (SELECT c FROM o) SELECT * FROM t"},
	} {
		s := newSession()
		for _, sql := range []string{
			"CREATE TYPE mood AS ENUM ('sad', 'ok')", "CREATE TABLE t (a int, b text, m mood)", "CREATE TABLE o (a int, c int)",
			"CREATE SCHEMA s CREATE TABLE p (a int)", "CREATE VIEW v AS " + c.view, c.change,
		} {
			if _, err := s.run(sql); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
		v := s.edit.Relation(catalog.PublicOID, "v")
		if v.View.SQL != c.want {
			t.Errorf("%s\n%s\n got %s\nwant %s", c.view, c.change, v.View.SQL, c.want)
		}
		ctx := s.Planner(nil)
		ctx.Path = s.edit.ResolvePath(catalog.SplitPath(v.View.Settings["search_path"]), "", 0)
		q, err := ctx.ParseSQL(v.View.SQL)
		if err != nil {
			t.Errorf("%s: %v", v.View.SQL, err)
			continue
		}
		p, err := planner.Select(ctx, q)
		if err != nil || len(p.Cols) != len(v.Columns) {
			t.Errorf("%s: %v, %d columns", v.View.SQL, err, len(p.Cols))
		}
	}
}

// TestNamesInExpressions: so are the expressions of tables and their indexes.
func TestNamesInExpressions(t *testing.T) {
	s := newSession()
	for _, sql := range []string{
		"CREATE TYPE mood AS ENUM ('sad', 'ok')",
		"CREATE TABLE t (a int, m mood DEFAULT 'sad', g int GENERATED ALWAYS AS (a + 1) STORED, s serial, CHECK (m <> 'ok' OR a > 0))",
		"CREATE INDEX i ON t ((a * 2)) WHERE a > 5",
		"ALTER TABLE t RENAME a TO \"new name\"", "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'", "ALTER TYPE mood RENAME TO feeling",
		"CREATE SCHEMA s", "ALTER TABLE t SET SCHEMA s", "ALTER SEQUENCE s.t_s_seq RENAME TO q",
	} {
		if _, err := s.run(sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	r := s.edit.Relation(s.edit.Schema("s").OID, "t")
	i := s.edit.Relation(s.edit.Schema("s").OID, "i")
	for _, c := range []struct{ got, want string }{
		{r.Columns[1].Default, "'blue'::public.feeling"},
		{r.Columns[2].Generated, `("new name" + 1)`},
		{r.Columns[3].Default, "nextval('s.q'::regclass)"},
		{r.Constraints[0].Expr, `((m <> 'ok'::public.feeling) OR ("new name" > 0))`},
		{i.Index.Keys[0].Expr, `("new name" * 2)`},
		{i.Index.Predicate, `("new name" > 5)`},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}
