package engine

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/explain.txt anew; read the difference")

// explained are the statements whose plans testdata/explain.txt has.
var explainedStatements = []string{
	"EXPLAIN CREATE MATERIALIZED VIEW x AS SELECT window_start, grp, count(*), sum(v), max(v) FROM TUMBLE(events, ts, INTERVAL '1 minute') GROUP BY window_start, grp",
	"EXPLAIN CREATE MATERIALIZED VIEW x AS SELECT window_start, window_end, count(*) FROM HOP(events, ts, INTERVAL '30 seconds', INTERVAL '1 minute') GROUP BY window_start, window_end EMIT ON WINDOW CLOSE",
	"EXPLAIN CREATE MATERIALIZED VIEW x AS SELECT date_trunc('hour', ts), count(*) FROM events GROUP BY 1",
	"EXPLAIN CREATE MATERIALIZED VIEW x AS SELECT grp, count(DISTINCT v) FROM events GROUP BY grp",
	"EXPLAIN CREATE MATERIALIZED VIEW x AS SELECT i.id, g.label FROM items i LEFT JOIN groups g ON i.grp = g.grp WHERE i.qty > 2",
	"EXPLAIN (COSTS OFF) SELECT g.label, sum(i.price) FROM items i JOIN groups g ON i.grp = g.grp GROUP BY g.label ORDER BY 2 DESC LIMIT 3",
	"EXPLAIN (COSTS OFF) SELECT * FROM items WHERE id = 5",
	"EXPLAIN (COSTS OFF, FORMAT JSON) SELECT count(*) FROM items",
	"EXPLAIN (COSTS OFF) UPDATE items SET qty = 1 WHERE id = 5",
}

// EXPLAIN shows which operators of a view keep state, and what lets them forget. The
// file was read and found right when it was written.
func TestExplain(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	s.exec(maintainSetup)
	s.exec("INSERT INTO items SELECT i, 'g' || i % 5, i, i % 8, i FROM generate_series(1, 2000) i")
	var b strings.Builder
	for _, sql := range explainedStatements {
		b.WriteString(sql + "\n----\n" + s.text(sql) + "\n\n")
	}
	const file = "testdata/explain.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("EXPLAIN gives\n%s\nwant\n%s", b.String(), want)
	}
}

// Keys, conditions and filters are written as PostgreSQL 15 writes them: columns by what
// they are computed by, with the alias when there are several relations.
func TestExplainShowsKeys(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	s.exec("CREATE TABLE ee (a int, b int, c text)")
	s.exec("INSERT INTO ee SELECT i, i % 7, 'x' || i % 3 FROM generate_series(1, 2000) i")
	for query, want := range map[string][]string{
		"SELECT b + 1, count(*) FROM ee GROUP BY b + 1":                                {"Group Key: (b + 1)"},
		"SELECT b, count(*) FROM ee e GROUP BY b":                                      {"Group Key: b"},
		"SELECT e.b, f.c, count(*) FROM ee e JOIN ee f ON e.a = f.a GROUP BY e.b, f.c": {"Group Key: e.b, f.c", "Hash Cond: (e.a = f.a)"},
		"SELECT lower(c), sum(a) FROM ee GROUP BY 1 HAVING sum(a) > 10":                {"Group Key: lower(c)", "Filter: (sum(a) > 10)"},
		"SELECT b FROM ee ORDER BY b + 1, c DESC":                                      {"Sort Key: ((b + 1)), c DESC"},
	} {
		got := s.text("EXPLAIN (COSTS OFF) " + query)
		for _, line := range want {
			if !strings.Contains(got, line) {
				t.Errorf("%s\n%s\nhas no %q", query, got, line)
			}
		}
	}
}
