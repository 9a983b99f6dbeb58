package parser

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// TestDeepNesting wants an error, and no crash, where PostgreSQL runs into
// max_stack_depth.
func TestDeepNesting(t *testing.T) {
	const n = 100_000
	for name, sql := range map[string]string{
		"parentheses":      "SELECT " + strings.Repeat("(", n) + "1" + strings.Repeat(")", n),
		"open parentheses": "SELECT " + strings.Repeat("(", n),
		"queries":          strings.Repeat("(", n) + "SELECT 1" + strings.Repeat(")", n),
		"subqueries":       strings.Repeat("SELECT (", n) + "1" + strings.Repeat(")", n),
		"FROM":             strings.Repeat("SELECT * FROM (", n) + "SELECT 1" + strings.Repeat(") x", n),
		"NOT":              "SELECT " + strings.Repeat("NOT ", n) + "true",
		"minus":            "SELECT " + strings.Repeat("- ", n) + "a",
		"operators":        "SELECT " + strings.Repeat("@ ", n) + "a",
		"CASE":             "SELECT " + strings.Repeat("CASE WHEN ", n) + "true",
		"calls":            "SELECT " + strings.Repeat("f(", n) + "1" + strings.Repeat(")", n),
		"arrays":           "SELECT ARRAY" + strings.Repeat("[", n) + "1" + strings.Repeat("]", n),
		"joins":            "SELECT * FROM " + strings.Repeat("(", n) + "a",
		"JOIN without ON":  "SELECT * FROM a" + strings.Repeat(" JOIN a", n),
		"grouping sets":    "SELECT 1 GROUP BY " + strings.Repeat("GROUPING SETS (", n) + "a",
		"subscripts":       "SELECT a" + strings.Repeat("[a", n),
		"set operations":   strings.Repeat("SELECT 1 UNION (", n) + "SELECT 1",
		"WITH":             strings.Repeat("WITH a AS (", n) + "SELECT 1",
		"right powers":     "SELECT " + strings.Repeat("a = ANY (", n),
		"CTE":              strings.Repeat("WITH a AS (SELECT (", n),
		"EXPLAIN":          strings.Repeat("EXPLAIN ", n) + "SELECT 1",
		"types":            "SELECT a::x" + strings.Repeat("(b::x", n),
		"IN":               "SELECT " + strings.Repeat("a IN (", n),
		"BETWEEN":          "SELECT " + strings.Repeat("a BETWEEN b AND (", n),
	} {
		_, err := Parse(sql)
		var e *pgerr.Error
		if !errors.As(err, &e) || e.Code != pgerr.StatementTooComplex && e.Code != pgerr.SyntaxError {
			t.Errorf("%s: %.200v", name, err)
		}
	}
	for _, sql := range []string{
		"SELECT " + strings.Repeat("(", 1000) + "1" + strings.Repeat(")", 1000),
		strings.Repeat("SELECT * FROM (", 500) + "SELECT 1" + strings.Repeat(") x", 500),
		"SELECT " + strings.Repeat("f(", 1000) + "1" + strings.Repeat(")", 1000),
	} {
		if list, err := Parse(sql); err != nil {
			t.Errorf("%.40s: %v", sql, err)
		} else if _, err := Parse(ast.FormatStmt(list[0].Stmt)); err != nil {
			t.Errorf("%.40s, written again: %v", sql, err)
		}
	}
}

// chain joins n items.
func chain(n int, sep string, item func(i int) string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = item(i)
	}
	return strings.Join(items, sep)
}

// TestLongLists wants long flat texts to be taken, quickly.
func TestLongLists(t *testing.T) {
	equal := func(i int) string { return fmt.Sprintf("a = %d", i) }
	number := func(i int) string { return fmt.Sprint(i) }
	for name, sql := range map[string]string{
		"AND":      "SELECT " + chain(20_000, " AND ", equal),
		"OR":       "SELECT * FROM t WHERE " + chain(20_000, " OR ", equal),
		"plus":     "SELECT " + chain(20_000, " + ", number),
		"concat":   "SELECT " + chain(20_000, " || ", func(i int) string { return "a" }),
		"casts":    "SELECT a" + strings.Repeat("::int", 5_000),
		"IN":       "SELECT * FROM t WHERE a IN (" + chain(50_000, ", ", number) + ")",
		"IN words": "SELECT * FROM t WHERE a NOT IN (" + chain(50_000, ", ", func(i int) string { return fmt.Sprintf("'%d'", i) }) + ")",
		"VALUES":   "INSERT INTO t VALUES " + chain(10_000, ", ", func(i int) string { return fmt.Sprintf("(%d, 'x', %d.5, now())", i, i) }),
		"UNION":    chain(5_000, " UNION ALL ", func(i int) string { return "SELECT 1" }),
		"targets":  "SELECT " + chain(20_000, ", ", number),
		"joins":    "SELECT * FROM a" + strings.Repeat(" JOIN a ON true", 2_000),
		"FROM":     "SELECT * FROM " + chain(5_000, ", ", func(i int) string { return "a" }),
		"CASE":     "SELECT CASE " + chain(10_000, " ", func(i int) string { return "WHEN a THEN 1" }) + " END",
		"batch":    strings.Repeat("SELECT 1;", 10_000),
		"string":   "SELECT '" + strings.Repeat("x", 1<<22) + "'",
	} {
		start := time.Now()
		list, err := Parse(sql)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		took := time.Since(start)
		text := ast.FormatStmt(list[0].Stmt)
		if _, err := Parse(text); err != nil {
			t.Errorf("%s, written again: %v", name, err)
		}
		t.Logf("%-8s %7d bytes, %v", name, len(sql), took.Round(time.Millisecond))
		if took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

// TestFlatChains wants one node for a chain of AND or OR.
func TestFlatChains(t *testing.T) {
	e, err := ParseExpr("a AND b AND (c AND d) AND (e OR f OR g)")
	if err != nil {
		t.Fatal(err)
	}
	and := e.(*ast.BoolExpr)
	if len(and.Args) != 4 {
		t.Errorf("AND has %d operands, want 4", len(and.Args))
	}
	if or := and.Args[3].(*ast.BoolExpr); or.Op != ast.BoolOr || len(or.Args) != 3 {
		t.Errorf("OR has %d operands, want 3", len(or.Args))
	}
}
