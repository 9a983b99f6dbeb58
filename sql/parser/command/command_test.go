package command_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
)

// parse parses one statement.
func parse[T ast.Stmt](t *testing.T, sql string) T {
	t.Helper()
	list, err := parser.Parse(sql)
	if err != nil || len(list) != 1 {
		t.Fatalf("%s: %v", sql, err)
	}
	s, ok := list[0].Stmt.(T)
	if !ok {
		t.Fatalf("%s is a %T", sql, list[0].Stmt)
	}
	return s
}

// equal compares values as JSON, without places.
func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := plain(got), plain(want); g != w {
		t.Errorf("%s\n  got  %s\n  want %s", what, g, w)
	}
}

func plain(v any) string {
	var tree any
	b, _ := json.Marshal(v)
	json.Unmarshal(b, &tree)
	b, _ = json.Marshal(stripped(tree))
	return string(b)
}

// stripped drops places, and what is empty.
func stripped(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = stripped(v[i])
		}
	case map[string]any:
		for k, e := range v {
			e = stripped(e)
			v[k] = e
			rv := reflect.ValueOf(e)
			if strings.HasSuffix(k, "Pos") || !rv.IsValid() || rv.IsZero() || (rv.Kind() == reflect.Map || rv.Kind() == reflect.Slice) && rv.Len() == 0 {
				delete(v, k)
			}
		}
	}
	return v
}

func word(w string) ast.Expr { return &ast.ColumnRef{Parts: []string{w}} }

func str(s string) ast.Expr { return &ast.Literal{Kind: ast.LitString, Text: s} }

func num(s string) ast.Expr { return &ast.Literal{Kind: ast.LitInteger, Text: s} }

func TestCreateStream(t *testing.T) {
	s := parse[*ast.CreateTable](t, `CREATE STREAM IF NOT EXISTS s.r (
		ts timestamptz NOT NULL, id int PRIMARY KEY, WATERMARK FOR ts AS ts - INTERVAL '5 seconds', CHECK (id > 0)
	) WITH (retention = '7 days', a.b.c = 5, flag, mode = drop)`)
	if !s.Stream || !s.IfNotExists || s.Name.Schema != "s" || s.Name.Object != "r" || len(s.Columns) != 2 || len(s.Constraints) != 1 {
		t.Errorf("%s", plain(s))
	}
	if s.Watermark.Column.Name != "ts" || ast.FormatExpr(s.Watermark.Expr) != "ts - '5 seconds'::interval" {
		t.Errorf("watermark %s", plain(s.Watermark))
	}
	equal(t, "options", s.Options, []ast.Option{
		{Name: "retention", Value: str("7 days")}, {Name: "a.b.c", Value: num("5")}, {Name: "flag"}, {Name: "mode", Value: word("drop")},
	})
	if w := parse[*ast.CreateTable](t, "CREATE SOURCE r (ts timestamp, WATERMARK FOR ts)").Watermark; w == nil || w.Expr != nil {
		t.Errorf("watermark %s", plain(w))
	}
}

func TestCreateTable(t *testing.T) {
	s := parse[*ast.CreateTable](t, `CREATE TABLE t (LIKE u INCLUDING ALL EXCLUDING STORAGE, a int DEFAULT 1 + 2 CHECK (a > 0),
		LIKE v, b text COLLATE "C" REFERENCES w (x) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, UNIQUE (a, b))`)
	equal(t, "order", s.Order, []int{-1, 0, -2, 1})
	equal(t, "LIKE", s.Likes[0].Include, []string{
		"comments", "compression", "constraints", "defaults", "generated", "identity", "indexes", "statistics",
	})
	con := s.Columns[0].Constraints
	if len(con) != 2 || ast.FormatExpr(con[0].Expr) != "1 + 2" || ast.FormatExpr(con[1].Expr) != "a > 0" {
		t.Errorf("constraints %s", plain(con))
	}
	fk := s.Columns[1].Constraints[0]
	if fk.Kind != ast.ConForeign || fk.RefTable.Object != "w" || fk.OnDelete != ast.FKSetNull || !fk.Deferrable || !fk.InitiallyDeferred {
		t.Errorf("foreign key %s", plain(fk))
	}
	if s.Columns[1].Collation.Object != "C" || s.Columns[0].Type.Name.Object != "int4" {
		t.Errorf("columns %s", plain(s.Columns))
	}
}

func TestCreateMatView(t *testing.T) {
	for sql, want := range map[string]ast.EmitKind{
		"CREATE MATERIALIZED VIEW v AS SELECT a FROM t ":                                  ast.EmitDefault,
		"CREATE CONTINUOUS VIEW v AS SELECT a FROM t EMIT CHANGES":                        ast.EmitUpdate,
		"CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT a FROM t EMIT ON UPDATE":         ast.EmitUpdate,
		"CREATE MATERIALIZED VIEW IF NOT EXISTS v AS SELECT a FROM t -- x\n EMIT FINAL":   ast.EmitWindowClose,
		"CREATE MATERIALIZED VIEW v WITH (x) AS SELECT a FROM t EMIT ON WINDOW CLOSE":     ast.EmitWindowClose,
		"CREATE MATERIALIZED VIEW v AS SELECT a FROM t EMIT ON WINDOW CLOSE WITH NO DATA": ast.EmitWindowClose,
	} {
		v := parse[*ast.CreateMatView](t, sql)
		if v.Query.Emit != want || !strings.HasPrefix(v.QueryText, "SELECT a FROM t") || strings.Contains(v.QueryText, "EMIT") {
			t.Errorf("%s: emit %d, text %q", sql, v.Query.Emit, v.QueryText)
		}
	}
	for _, sql := range []string{
		"SELECT 1 EMIT CHANGES", "CREATE VIEW v AS SELECT a FROM t EMIT FINAL",
		"CREATE MATERIALIZED VIEW v AS SELECT * FROM (SELECT 1 EMIT CHANGES) x",
	} {
		if _, err := parser.Parse(sql); err == nil || !strings.Contains(err.Error(), "EMIT clause is not allowed here") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestCopy(t *testing.T) {
	c := parse[*ast.Copy](t, "COPY s.t (a, b) FROM STDIN WITH (FORMAT csv, HEADER, DELIMITER ',', FORCE_QUOTE (a, b), FORCE_NULL *, FREEZE false) WHERE a > 0")
	equal(t, "options", c.Options, []ast.Option{
		{Name: "format", Value: word("csv")}, {Name: "header"}, {Name: "delimiter", Value: str(",")},
		{Name: "force_quote", List: []string{"a", "b"}}, {Name: "force_null", Star: true}, {Name: "freeze", Value: word("false")},
	})
	if !c.From || c.Filename != "" || len(c.Columns) != 2 || ast.FormatExpr(c.Where) != "a > 0" {
		t.Errorf("%s", plain(c))
	}
	c = parse[*ast.Copy](t, "COPY BINARY t TO '/x' USING DELIMITERS '|' CSV HEADER QUOTE AS '\"' FORCE NOT NULL a ENCODING 'x'")
	equal(t, "old options", c.Options, []ast.Option{
		{Name: "format", Value: word("binary")}, {Name: "delimiter", Value: str("|")}, {Name: "format", Value: word("csv")},
		{Name: "header"}, {Name: "quote", Value: str("\"")}, {Name: "force_not_null", List: []string{"a"}}, {Name: "encoding", Value: str("x")},
	})
	c = parse[*ast.Copy](t, "COPY (SUBSCRIBE TO v WITH (SNAPSHOT = false, PROGRESS)) TO STDOUT")
	equal(t, "SUBSCRIBE", c.Query.(*ast.Subscribe).Options, []ast.Option{{Name: "snapshot", Value: word("false")}, {Name: "progress"}})
}

func TestVariables(t *testing.T) {
	for _, c := range []struct {
		sql  string
		want ast.SetVar
	}{
		{"SET search_path TO a, 'B', \"C\"", ast.SetVar{Name: "search_path", Values: []ast.Expr{word("a"), str("B"), word("C")}}},
		{"SET LOCAL Work_Mem = 5", ast.SetVar{Name: "work_mem", Local: true, Values: []ast.Expr{num("5")}}},
		{"SET SESSION x.y = on", ast.SetVar{Name: "x.y", Values: []ast.Expr{word("on")}}},
		{"SET a TO DEFAULT", ast.SetVar{Name: "a", Default: true}},
		{"SET TIME ZONE LOCAL", ast.SetVar{Name: "timezone", Default: true}},
		{"SET TIME ZONE -8", ast.SetVar{Name: "timezone", Values: []ast.Expr{num("-8")}}},
		{"SET NAMES 'utf8'", ast.SetVar{Name: "client_encoding", Values: []ast.Expr{str("utf8")}}},
		{"SET SCHEMA 's'", ast.SetVar{Name: "search_path", Values: []ast.Expr{str("s")}}},
		{"SET ROLE none", ast.SetVar{Name: "role", Values: []ast.Expr{word("none")}}},
		{"RESET a.b", ast.SetVar{Name: "a.b", Reset: true}},
		{"RESET ALL", ast.SetVar{All: true}},
		{"RESET TIME ZONE", ast.SetVar{Name: "timezone", Reset: true}},
	} {
		equal(t, c.sql, parse[*ast.SetVar](t, c.sql), c.want)
	}
	equal(t, "SHOW", parse[*ast.ShowVar](t, "SHOW TRANSACTION ISOLATION LEVEL"), ast.ShowVar{Name: "transaction_isolation"})
	zone := parse[*ast.SetVar](t, "SET TIME ZONE INTERVAL '-1:30' HOUR TO MINUTE").Values[0].(*ast.TypeCast)
	equal(t, "zone", zone.Type.Mods, []ast.Expr{num("3072")})
}

func TestTransactions(t *testing.T) {
	yes, no := true, false
	equal(t, "BEGIN", parse[*ast.Transaction](t, "BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY NOT DEFERRABLE").Modes,
		ast.TxModes{Isolation: "read committed", ReadOnly: &yes, Deferrable: &no})
	for sql, want := range map[string]ast.Transaction{
		"START TRANSACTION": {Kind: ast.TxStart}, "END WORK AND CHAIN": {Kind: ast.TxCommit, Chain: true}, "ABORT": {Kind: ast.TxRollback},
		"ROLLBACK TO savepoint": {Kind: ast.TxRollbackTo, Name: "savepoint"}, "RELEASE SAVEPOINT a": {Kind: ast.TxRelease, Name: "a"},
		"PREPARE TRANSACTION 'x'": {Kind: ast.TxPrepare, Name: "x"}, "COMMIT PREPARED 'x'": {Kind: ast.TxCommitPrepared, Name: "x"},
	} {
		equal(t, sql, parse[*ast.Transaction](t, sql), want)
	}
}

func TestFetch(t *testing.T) {
	for sql, want := range map[string]ast.Fetch{
		"FETCH c": {Count: 1, Cursor: "c"}, "FETCH next": {Count: 1, Cursor: "next"}, "FETCH NEXT FROM c": {Count: 1, Cursor: "c"},
		"FETCH -5 c":         {Count: -5, Cursor: "c"},
		"FETCH PRIOR IN c":   {Dir: ast.FetchBackward, Count: 1, Cursor: "c"},
		"FETCH LAST c":       {Dir: ast.FetchAbsolute, Count: -1, Cursor: "c"},
		"FETCH RELATIVE 0 c": {Dir: ast.FetchRelative, Cursor: "c"},
		"FETCH ALL c":        {Count: ast.FetchAll, Cursor: "c"},
		"MOVE BACKWARD 3 c":  {Move: true, Dir: ast.FetchBackward, Count: 3, Cursor: "c"},
		"FETCH FORWARD c":    {Count: 1, Cursor: "c"},
	} {
		equal(t, sql, parse[*ast.Fetch](t, sql), want)
	}
}

func TestTextsOfNestedStatements(t *testing.T) {
	if e := parse[*ast.Explain](t, "EXPLAIN (COSTS off) SELECT  1 "); e.Text != "SELECT  1" {
		t.Errorf("EXPLAIN %q", e.Text)
	}
	if p := parse[*ast.Prepare](t, "PREPARE p (int) AS  INSERT INTO t VALUES ($1) -- x"); p.Text != "INSERT INTO t VALUES ($1)" || len(p.Types) != 1 {
		t.Errorf("PREPARE %q", p.Text)
	}
	if d := parse[*ast.DeclareCursor](t, "DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT 1 ;"); d.Text != "SELECT 1" || !d.Scroll || !d.Hold {
		t.Errorf("DECLARE %s", plain(d))
	}
	if x := parse[*ast.CreateIndex](t, "CREATE INDEX ON t (a, (b + 1)) WHERE a > 0 "); x.WhereText != "a > 0" || ast.FormatExpr(x.Where) != "a > 0" || ast.FormatExpr(x.Keys[1].Expr) != "b + 1" {
		t.Errorf("INDEX %s", plain(x))
	}
}

func TestSchemaElements(t *testing.T) {
	s := parse[*ast.CreateSchema](t, "CREATE SCHEMA s CREATE TABLE t (a int DEFAULT 1) CREATE VIEW v AS SELECT 2 CREATE VIEW w AS SELECT 3 GRANT SELECT ON v TO x")
	if len(s.Elements) != 4 {
		t.Fatalf("%d elements", len(s.Elements))
	}
	if d := s.Elements[0].(*ast.CreateTable).Columns[0].Constraints[0].Expr; ast.FormatExpr(d) != "1" {
		t.Errorf("default %s", ast.FormatExpr(d))
	}
	for i, want := range []string{"SELECT 2", "SELECT 3"} {
		if v := s.Elements[1+i].(*ast.CreateView); ast.FormatStmt(v.Query) != want || v.QueryText != want {
			t.Errorf("view %d is %s", i, ast.FormatStmt(v.Query))
		}
	}
}

func TestAlterTable(t *testing.T) {
	a := parse[*ast.AlterTable](t, `ALTER TABLE IF EXISTS ONLY t ADD a int DEFAULT 1, ALTER b TYPE text USING b || 'x', ALTER c SET DEFAULT 2,
		ADD CHECK (d > 0), ALTER e SET GENERATED ALWAYS SET START 5 RESTART, SET (fillfactor = 3), DISABLE TRIGGER ALL`)
	var kinds []ast.AlterKind
	for _, x := range a.Actions {
		kinds = append(kinds, x.Kind)
	}
	equal(t, "kinds", kinds, []ast.AlterKind{
		ast.AlterAddColumn, ast.AlterColumnType, ast.AlterSetDefault, ast.AlterAddConstraint, ast.AlterSetIdentity, ast.AlterSetOptions, ast.AlterTrigger,
	})
	if !a.IfExists || !a.Table.Only || ast.FormatExpr(a.Actions[1].Using) != "b || 'x'" || ast.FormatExpr(a.Actions[2].Using) != "2" ||
		ast.FormatExpr(a.Actions[3].Constraint.Expr) != "d > 0" || ast.FormatExpr(a.Actions[0].Def.Constraints[0].Expr) != "1" ||
		!*a.Actions[4].Always || len(a.Actions[4].SeqOpts) != 2 || a.Actions[6].Text != "DISABLE" || !a.Actions[6].All {
		t.Errorf("%s", plain(a))
	}
	equal(t, "rename", parse[*ast.Rename](t, "ALTER VIEW v RENAME COLUMN a TO b"),
		ast.Rename{Kind: ast.ObjColumn, Relation: ast.ObjView, Name: ast.Name{Object: "v"}, Sub: "a", NewName: "b"})
	equal(t, "owner", parse[*ast.ChangeOwner](t, "ALTER TABLE t OWNER TO joe"), ast.ChangeOwner{Name: ast.Name{Object: "t"}, Role: "joe"})
}

func TestGrant(t *testing.T) {
	equal(t, "GRANT", parse[*ast.Grant](t, "GRANT SELECT (a, b), INSERT ON t, s.u TO joe, PUBLIC WITH GRANT OPTION"), ast.Grant{
		Privileges: []string{"select", "insert"}, Columns: [][]string{{"a", "b"}, nil}, Kind: ast.ObjTable,
		Objects: []ast.Name{{Object: "t"}, {Schema: "s", Object: "u"}}, Grantees: []string{"joe", "public"}, Option: true,
	})
	equal(t, "GRANT role", parse[*ast.GrantRole](t, "REVOKE ADMIN OPTION FOR a, b FROM c"), ast.GrantRole{
		Revoke: true, Roles: []string{"a", "b"}, Grantees: []string{"c"}, Admin: true,
	})
	equal(t, "CREATE ROLE", parse[*ast.CreateRole](t, "CREATE USER u NOLOGIN PASSWORD 'x' IN ROLE a, b"), ast.CreateRole{
		Name: "u", User: true, Options: []ast.Option{
			{Name: "canlogin", Value: &ast.Literal{Kind: ast.LitBool}}, {Name: "password", Value: str("x")}, {Name: "addroleto", List: []string{"a", "b"}},
		},
	})
}

func TestSequences(t *testing.T) {
	s := parse[*ast.CreateSequence](t, "CREATE SEQUENCE s AS bigint INCREMENT BY -2 NO MINVALUE CYCLE OWNED BY t.a CACHE 5")
	var names []string
	for _, o := range s.Options {
		names = append(names, o.Name)
	}
	equal(t, "options", names, []string{"as", "increment", "minvalue", "cycle", "owned by", "cache"})
	if o := s.Options; o[0].Type.Name.Object != "int8" || o[1].Value.(*ast.Literal).Text != "-2" || o[2].Value != nil || !o[3].Bool || len(o[4].Owner) != 2 {
		t.Errorf("%s", plain(s.Options))
	}
}
