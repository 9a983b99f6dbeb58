package parser

import (
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
	"github.com/streamsqld/streamsqld/sql/parser/read"
)

// The statements of the table in the study of the dialect.
var benchStatements = []struct{ name, sql string }{
	{"select1", "SELECT 1"},
	{"insert192", "INSERT INTO readings (id, sensor_id, ts, value, status, note) VALUES (1, 42, '2024-01-01 00:00:00+00', 21.5, 'ok', 'first reading of the day, taken at the north gate by the new sensor array, rev 2')"},
	{"insert1000", insertRows(1000, false)},
	{"insert1000mixed", insertRows(1000, true)},
	{"analytic", analytic},
	{"dt", psqlDt},
}

func insertRows(n int, call bool) string {
	var b strings.Builder
	b.WriteString("INSERT INTO readings (id, sensor_id, ts, value) VALUES ")
	for i := 0; i < n; i++ {
		if i > 0 {
			b.WriteString(", ")
		}
		if call {
			b.WriteString("(123456, 42, now(), 21.5)")
		} else {
			b.WriteString("(123456, 42, '2024-01-01 00:00:00+00', 21.5)")
		}
	}
	return b.String()
}

const analytic = `WITH monthly AS (
  SELECT date_trunc('month', o.created_at) AS month, c.region, sum(o.amount) AS total, count(*) AS n,
         avg(o.amount) FILTER (WHERE o.status = 'paid') AS paid_avg
  FROM orders o JOIN customers c ON c.id = o.customer_id
  WHERE o.created_at >= now() - interval '1 year' AND o.status IN ('paid', 'shipped', 'done') AND c.deleted_at IS NULL
  GROUP BY 1, 2
), ranked AS (
  SELECT m.*, row_number() OVER (PARTITION BY region ORDER BY total DESC NULLS LAST) AS rn,
         lag(total) OVER (PARTITION BY region ORDER BY month) AS prev
  FROM monthly m
)
SELECT r.region, r.month::date, r.total, CASE WHEN r.prev IS NULL THEN NULL ELSE round((r.total - r.prev) / r.prev * 100, 2) END AS growth,
       coalesce(x.label, 'none') AS label, r.total > ALL (SELECT t.total FROM monthly t WHERE t.region <> r.region) AS best
FROM ranked r LEFT JOIN LATERAL (SELECT string_agg(l.name, ', ' ORDER BY l.name) AS label FROM labels l WHERE l.region = r.region) x ON true
WHERE r.rn <= 10 AND NOT EXISTS (SELECT 1 FROM excluded e WHERE e.region = r.region)
ORDER BY r.region, r.total DESC LIMIT 100`

const psqlDt = `SELECT n.nspname as "Schema",
  c.relname as "Name",
  CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 't' THEN 'TOAST table' WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' WHEN 'I' THEN 'partitioned index' END as "Type",
  pg_catalog.pg_get_userbyid(c.relowner) as "Owner"
FROM pg_catalog.pg_class c
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
WHERE c.relkind IN ('r','p','')
      AND n.nspname <> 'pg_catalog'
      AND n.nspname !~ '^pg_toast'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_table_is_visible(c.oid)
ORDER BY 1,2;`

// BenchmarkStages measures the tokens alone, the tokens and the grammar up to
// the text for TiDB, and all of it.
func BenchmarkStages(b *testing.B) {
	for _, s := range benchStatements {
		b.Run(s.name+"/lex", func(b *testing.B) {
			var buf []lex.Token
			b.ReportAllocs()
			for b.Loop() {
				buf = lex.Scan(s.sql, buf[:0]).Tokens
			}
		})
		b.Run(s.name+"/read", func(b *testing.B) {
			var buf []lex.Token
			var r read.Reader
			b.ReportAllocs()
			for b.Loop() {
				res := lex.Scan(s.sql, buf[:0])
				buf = res.Tokens
				r.Init(s.sql, res)
				if _, err := r.Statement(func() { r.Preparable() }); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(s.name+"/parse", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(s.sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFormat measures how a tree is written again.
func BenchmarkFormat(b *testing.B) {
	list, err := Parse(analytic)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		ast.FormatStmt(list[0].Stmt)
	}
}
