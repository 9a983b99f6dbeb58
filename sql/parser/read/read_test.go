package read

import (
	"errors"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// TestCanonicalText shows what TiDB's parser is given. A name of the user's
// begins with $; k and a number is a marker for a node of the annex, whose
// holes its arguments fill.
func TestCanonicalText(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"SELECT 1", "SELECT 1"},
		{"SELECT", "SELECT k0"},
		{`SELECT a, t.b AS x, S.t.c, "Odd name", *, t.* FROM t`, "SELECT $a, $t.$b AS $x, $s.$t.$c, `$Odd name`, k0, k1 FROM k2"},
		{"SELECT DISTINCT a FROM s.t AS x (p, q)", "SELECT DISTINCT $a FROM k0"},
		{"SELECT DISTINCT ON (a, b) c FROM t", "SELECT DISTINCT k1($a, $b), $c FROM k0"},
		{"TABLE t", "SELECT k0 FROM k1"},
		{"SELECT a FROM t WHERE b AND c OR NOT d", "SELECT $a FROM k0 WHERE $b AND $c OR NOT $d"},
		{"SELECT a AND (b AND c), (a AND b) AND c, (a OR b) AND c", "SELECT $a AND ($b AND $c), $a AND $b AND $c, ($a OR $b) AND $c"},
		{"SELECT a + b * c, (a + b) * c, a - (b - c), -a, -5, - -5", "SELECT $a + $b * $c, ($a + $b) * $c, $a - ($b - $c), - $a, - 5, - (- 5)"},
		{"SELECT a || b || c + d, a ^ b * c, @ a, a OPERATOR(s.+) b", "SELECT k1(k0($a, $b), $c + $d), k2($a, $b) * $c, k3($a), k4($a, $b)"},
		{"SELECT a = b, (a = b) = c, a < b + 1, a != b", "SELECT $a = $b, ($a = $b) = $c, $a < $b + 1, $a <> $b"},
		{"SELECT a IN (1, 2), a NOT IN (SELECT b), a IN ((SELECT 1), 2)", "SELECT $a IN (1, 2), $a NOT IN (SELECT $b), $a IN ((SELECT 1), 2)"},
		{"SELECT a BETWEEN 1 AND 2, a NOT BETWEEN (b = c) AND d", "SELECT $a BETWEEN 1 AND 2, $a NOT BETWEEN ($b = $c) AND $d"},
		{"SELECT a LIKE b || c, a NOT ILIKE 'x', a LIKE b ESCAPE c", "SELECT $a LIKE k0($b, $c), $a NOT ILIKE 'x', k1($a, $b, $c)"},
		{"SELECT a IS NULL, a IS TRUE, a IS DISTINCT FROM b, a = ANY (b)", "SELECT k0($a), k1($a), k2($a, $b), k3($a, $b)"},
		{"SELECT EXISTS (SELECT 1), NOT EXISTS (SELECT 1), (SELECT 1), ((SELECT 1))", "SELECT EXISTS (SELECT 1), NOT (EXISTS (SELECT 1)), (SELECT 1), (SELECT 1)"},
		{"SELECT CASE a WHEN 1 THEN 'x' ELSE 'it''s' END, E'\\\\'", `SELECT CASE $a WHEN 1 THEN 'x' ELSE 'it''s' END, '\'`},
		{"SELECT lower(a), s.F(), count(*), sum(DISTINCT a) FILTER (WHERE b) OVER (PARTITION BY c ORDER BY d)", "SELECT $lower($a), $s.$f(), k0, k1($a, $b, $c, $d)"},
		{"SELECT a::int, date '2020-01-01', 1.5, 1e3, $1, NULL, TRUE, 99999999999999999999", "SELECT k0($a), k1, 1.5, k2, k3, NULL, TRUE, 99999999999999999999"},
		{"SELECT a FROM t, u JOIN v ON true LEFT JOIN w USING (x) CROSS JOIN y", "SELECT $a FROM k0, ((k1 JOIN k2 ON TRUE) JOIN k3 ON k5) JOIN k4 ON k6"},
		{"SELECT a FROM (SELECT 1) AS s, f(1) AS g, LATERAL (SELECT 2) l", "SELECT $a FROM (SELECT 1) AS k0, (SELECT $f(1)) AS k1, (SELECT 2) AS k2"},
		{"SELECT a FROM t GROUP BY a, ROLLUP (b, c) HAVING d ORDER BY e DESC, f LIMIT 10 OFFSET 5", "SELECT $a FROM k0 GROUP BY $a, k1($b, $c) HAVING $d ORDER BY $e, $f, k2(10, 5)"},
		{"SELECT a FROM t ORDER BY a, b", "SELECT $a FROM k0 ORDER BY $a, $b"},
		{"SELECT 1 WHERE true", "SELECT 1 FROM k0 WHERE TRUE"},
		{"SELECT 1 UNION SELECT 2 EXCEPT ALL SELECT 3 ORDER BY 1", "SELECT 1 UNION SELECT 2 EXCEPT ALL SELECT 3 ORDER BY 1"},
		{"SELECT 1 UNION (SELECT 2 ORDER BY 1) UNION (SELECT 3 UNION SELECT 4)", "SELECT 1 UNION SELECT k0((SELECT 2 ORDER BY 1)) UNION SELECT k1((SELECT 3 UNION SELECT 4))"},
		{"SELECT 1 UNION SELECT 2 INTERSECT SELECT 3", "SELECT 1 UNION SELECT k0((SELECT 2 INTERSECT SELECT 3))"},
		{"WITH a AS (SELECT 1), b (x) AS MATERIALIZED (TABLE a) SELECT * FROM b", "WITH k0 AS (SELECT 1), k3 AS (SELECT k1 FROM k2) SELECT k4 FROM k5"},
		{"VALUES (1, 'a'), (2, now())", "VALUES ROW(k0($now()))"},
		{"INSERT INTO t VALUES (1, 'a'), (2, -3)", "INSERT INTO k1 VALUES ROW(k0)"},
		{"WITH c AS (SELECT 1) INSERT INTO t (a, b) SELECT 1, 2 ON CONFLICT (a) DO UPDATE SET b = 3 WHERE d RETURNING a",
			"INSERT INTO k1 SELECT 1, 2 ON DUPLICATE KEY UPDATE h = (WITH k0 AS (SELECT 1) SELECT 1), h = 3, h = $d, h = $a"},
		{"INSERT INTO t DEFAULT VALUES", "INSERT INTO k0 VALUES ()"},
		{"WITH c AS (SELECT 1) UPDATE t SET a = 1, (b, c) = (SELECT 2, 3) FROM u WHERE d RETURNING e",
			"WITH k0 AS (SELECT 1) UPDATE k2, k1 SET h = 1, h = (SELECT 2, 3), h = $e WHERE $d"},
		{"DELETE FROM t", "DELETE FROM k0"},
		{"DELETE FROM t USING u WHERE a RETURNING b", "DELETE FROM k1 USING k0 WHERE k2($b, $a)"},
		{"SELECT a FROM TUMBLE((SELECT 1), ts, INTERVAL '1 min')", "SELECT $a FROM (SELECT (SELECT 1), k0) AS k1"},
	} {
		r := New(c.sql, lex.Scan(c.sql, nil))
		res, err := r.Statement(func() { r.Preparable() })
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if got := res.Text.SQL; got != c.want {
			t.Errorf("%s\n  got  %s\n  want %s", c.sql, got, c.want)
		}
	}
}

// TestUserWordsAreNotMarkers wants names that look like markers to stay names.
func TestUserWordsAreNotMarkers(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"SELECT k0, k1() FROM t AS k2", "SELECT $k0, $k1() FROM k0"},
		{"SELECT \"$k0\", \"`k0`\", \"\x01\"", "SELECT `$$k0`, `$``k0```, `$\x01`"},
		{"SELECT \"\u00e9\", select_, \"SELECT\"", "SELECT `$\u00e9`, $select_, $SELECT"},
	} {
		r := New(c.sql, lex.Scan(c.sql, nil))
		res, err := r.Statement(func() { r.Preparable() })
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Text.SQL; got != c.want {
			t.Errorf("%s\n  got  %s\n  want %s", c.sql, got, c.want)
		}
	}
}

// TestErrors has errors that come from the grammar's actions, as PostgreSQL
// 15.18 words and places them.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		sql, code, message string
		pos                int32
	}{
		{"SELECT * FROM (SELECT 1)", "42601", "subquery in FROM must have an alias", 15},
		{"SELECT * FROM (VALUES (1))", "42601", "VALUES in FROM must have an alias", 15},
		{"SELECT * FROM LATERAL (SELECT 1)", "42601", "subquery in FROM must have an alias", 23},
		{"(SELECT 1 ORDER BY 1) ORDER BY 2", "42601", "multiple ORDER BY clauses not allowed", 32},
		{"(SELECT 1 LIMIT 1) LIMIT 2", "42601", "multiple LIMIT clauses not allowed", 26},
		{"(SELECT 1 OFFSET 1) OFFSET 2", "42601", "multiple OFFSET clauses not allowed", 28},
		{"WITH a AS (SELECT 1) (WITH b AS (SELECT 2) SELECT 3)", "42601", "multiple WITH clauses not allowed", 1},
		{"SELECT 1 LIMIT 1, 2", "42601", "LIMIT #,# syntax is not supported", 10},
		{"SELECT 1 FETCH FIRST ROW WITH TIES", "42601", "WITH TIES cannot be specified without ORDER BY clause", 0},
		{"SELECT a FROM t ORDER BY a FETCH FIRST ROW WITH TIES FOR UPDATE SKIP LOCKED", "42601", "SKIP LOCKED and WITH TIES options cannot be used together", 0},
		{"SELECT a.*.b", "42601", "improper use of \"*\" at end of input", 13},
		{"SELECT a.b.c.d.e FROM a.b.c.d", "42601", "improper qualified name (too many dotted names): a.b.c.d", 23},
		{"SELECT a::float(0)", "22023", "precision for type float must be at least 1 bit", 17},
		{"SELECT a::float(54)", "22023", "precision for type float must be less than 54 bits", 17},
		{"SELECT (a) OVERLAPS (b, c)", "42601", "syntax error at or near \"OVERLAPS\"", 12},
		{"SELECT (a, b, c) OVERLAPS (d, e)", "42601", "wrong number of parameters on left side of OVERLAPS expression", 8},
		{"SELECT (a, b) OVERLAPS (c, d, e)", "42601", "wrong number of parameters on right side of OVERLAPS expression", 24},
		{"SELECT f(a ORDER BY b) WITHIN GROUP (ORDER BY c)", "42601", "cannot use multiple ORDER BY clauses with WITHIN GROUP", 24},
		{"SELECT f(DISTINCT a) WITHIN GROUP (ORDER BY c)", "42601", "cannot use DISTINCT with WITHIN GROUP", 22},
		{"SELECT f(VARIADIC a) WITHIN GROUP (ORDER BY c)", "42601", "cannot use VARIADIC with WITHIN GROUP", 22},
		{"SELECT f(x => 1) 'a'", "42601", "type modifier cannot have parameter name", 10},
		{"SELECT f(1 ORDER BY 2) 'a'", "42601", "type modifier cannot have ORDER BY", 12},
		{"SELECT f() OVER (ROWS UNBOUNDED FOLLOWING)", "42P20", "frame start cannot be UNBOUNDED FOLLOWING", 23},
		{"SELECT f() OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING)", "42P20", "frame starting from current row cannot have preceding rows", 47},
		{"SELECT UNIQUE (SELECT 1)", "0A000", "UNIQUE predicate is not yet implemented", 8},
		{"SELECT a < b < c", "42601", "syntax error at or near \"<\"", 14},
		{"SELECT a IS DISTINCT FROM b IS NULL", "42601", "syntax error at or near \"IS\"", 29},
		{"SELECT a BETWEEN 1 AND 2 BETWEEN 3 AND 4", "42601", "syntax error at or near \"BETWEEN\"", 26},
		{"SELECT array[1][1]", "42601", "syntax error at or near \"[\"", 16},
	} {
		r := New(c.sql, lex.Scan(c.sql, nil))
		_, err := r.Statement(func() {
			r.Preparable()
			if !r.AtEnd() {
				panic(r.Unexpected())
			}
		})
		var e *pgerr.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if string(e.Code) != c.code || e.Message != c.message || e.Pos != c.pos {
			t.Errorf("%s\n  got  %s %d %s\n  want %s %d %s", c.sql, e.Code, e.Pos, e.Message, c.code, c.pos, c.message)
		}
	}
}
