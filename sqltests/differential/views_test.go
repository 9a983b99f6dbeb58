package differential

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/sqltests/harness"
	"github.com/streamsqld/streamsqld/sqltests/slt"
)

// viewsOfASchema is how many random queries are kept as views over the same tables.
const viewsOfASchema = 25

// TestRandomViews keeps random queries as materialized views that are made before
// their data, changes these by random statements, and compares each view with its
// query. It needs no judge. Queries that cannot be kept are refused by 0A000.
func TestRandomViews(t *testing.T) {
	seed, count := *seedFlag, *countFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	if count == 0 {
		if count = 300; testing.Short() {
			count = 50
		}
	}
	server := harness.Start(t, harness.Options{Args: []string{"--synchronous-commit", "off"}})
	conn, err := slt.Dial(t.Context(), server.DSN(), slt.Simple)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	v := &randomViews{t: t, conn: conn, rnd: rand.New(rand.NewPCG(seed, 1))}
	t.Logf("seed %d", seed)
	began := time.Now()
	for v.kept+v.refused+v.wrong < count && time.Since(began) < longest && !t.Failed() {
		v.schema()
	}
	t.Logf("%d views kept, %d refused, %d wrong as queries, %d comparisons", v.kept, v.refused, v.wrong, v.compared)
}

type randomViews struct {
	t    *testing.T
	conn *slt.Conn
	rnd  *rand.Rand

	kept, refused, wrong, compared int
}

// refusal is what a refusal says: it names what a view cannot do.
var refusal = regexp.MustCompile(`in a materialized view|is not supported|materialized views`)

// notKept looks at why a view was not made: it is refused by 0A000 and by name, or its
// query is wrong and fails in the same way.
func (v *randomViews) notKept(query string, out *slt.Outcome) {
	switch asQuery := v.run(query); {
	case asQuery.Err != nil && asQuery.Err.Code == out.Err.Code:
		v.wrong++
	case out.Err.Code == "0A000" && refusal.MatchString(out.Err.Message):
		v.refused++
	default:
		v.t.Errorf("%s: the view fails with %s %s", query, out.Err.Code, out.Err.Message)
	}
}

func (v *randomViews) run(sql string) *slt.Outcome {
	ctx, cancel := context.WithTimeout(v.t.Context(), time.Minute)
	defer cancel()
	out, err := v.conn.Run(ctx, &slt.Record{Kind: slt.Query, SQL: sql})
	if err != nil {
		v.t.Fatalf("%s: %v", sql, err)
	}
	if out.Err != nil && strings.HasPrefix(out.Err.Code, "XX") {
		v.t.Errorf("%s: %s", sql, out.Err.Message)
	}
	return out
}

// schema makes tables and views over them, and then changes the tables.
func (v *randomViews) schema() {
	g := &generator{rnd: v.rnd}
	for _, sql := range append([]string{"drop schema if exists d cascade", "create schema d"}, settings...) {
		v.run(sql)
	}
	var data []string
	for i := range 3 {
		t := randomTable(v.rnd, i)
		g.tables = append(g.tables, t)
		define, rows := t.define(v.rnd, i == 0)
		for _, sql := range define {
			v.run(sql)
		}
		data = append(data, rows...)
	}
	for _, sql := range functionsOfSchema {
		v.run(sql)
	}
	queries := map[string]string{}
	var names []string
	for i := range viewsOfASchema {
		q := g.selectStatement()
		q.limit = 0
		name := fmt.Sprintf("v%d", i)
		if out := v.run("create materialized view " + name + " as " + q.String()); out.Err != nil {
			v.notKept(q.String(), out)
			continue
		}
		v.kept++
		queries[name] = q.String()
		names = append(names, name)
	}
	done := data
	for _, sql := range data {
		v.run(sql)
	}
	for range 8 {
		for range 4 {
			sql := g.change()
			v.run(sql)
			done = append(done, sql)
		}
		for _, name := range names {
			v.compare(name, queries[name], done)
		}
	}
}

// compare compares a view with its query. Where one of them fails over the rows of
// the moment, so may the other, or not have asked for what fails.
func (v *randomViews) compare(name, query string, done []string) {
	want, got := v.run(query), v.run("select * from "+name)
	v.compared++
	if want.Err != nil || got.Err != nil || slt.SameValues(want, got) {
		return
	}
	r := &slt.Record{Kind: slt.Query, SQL: query, Sort: slt.RowSort}
	r.Expect = r.Block(want)
	v.t.Errorf("a view is not what its query gives:\n%s\nafter\n%s;\n%s", query, strings.Join(done, ";\n"), r.Compare(got))
}
