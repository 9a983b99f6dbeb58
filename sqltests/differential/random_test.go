package differential

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/sqltests/duel"
	"github.com/streamsqld/streamsqld/sqltests/harness"
	"github.com/streamsqld/streamsqld/sqltests/slt"
)

var (
	countFlag  = flag.Int("n", 0, "statements to try; 0: as many as the budget allows")
	budgetFlag = flag.Duration("budget", 0, "time for random statements; 0 and no -n: 20 s, in short tests 5 s")
	seedFlag   = flag.Uint64("seed", 0, "of the random choices; 0: another one each time")
)

// allowed are the differences that are none, each with its reason.
var allowed = []struct{ group, reason string }{
	{"no error 0A000: FULL JOIN is only supported", "FULL JOIN on any condition is wanted here"},
	{"no error 0A000: cannot convert NaN", "PostgreSQL computes constants that no row asks for"},
	{"no error 22", "likewise"},
	{"error 0A000: cannot convert NaN", "whether a row that a later condition drops is converted depends on the order of evaluation"},
	{"error 22008", "whether a row that a later condition drops overflows a timestamp depends on the order of evaluation"},
	{"error 22003", "whether a row that a later condition drops overflows depends on the order of evaluation"},
	{"error 22003, not 22008", "which of two errors comes first depends on the order of evaluation"},
	{"error 22008, not 22003", "likewise"},
}

// statementsOfASchema is how many statements one schema with its data serves.
const statementsOfASchema = 150

// mostFailures bounds what is reported.
const mostFailures = 12

func TestRandom(t *testing.T) {
	seed, budget := *seedFlag, *budgetFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	if budget == 0 && *countFlag == 0 {
		if budget = 20 * time.Second; testing.Short() {
			budget = 5 * time.Second
		}
	}
	server := harness.Start(t, harness.Options{Args: []string{"--synchronous-commit", "off"}})
	r := &random{
		t: t, rnd: rand.New(rand.NewPCG(seed, 0)),
		pair: &duel.Pair{JudgeDSN: harness.Postgres(t), OursDSN: server.DSN(), Timeout: 20 * time.Second},
	}
	t.Logf("seed %d", seed)
	began := time.Now()
	for (*countFlag == 0 || r.n < *countFlag) && (budget == 0 || time.Since(began) < budget) && r.report.Len() < mostFailures {
		r.schema()
	}
	t.Logf("%d statements in %s, %d differences allowed", r.n, time.Since(began).Round(time.Second), r.let)
	if r.report.Len() > 0 {
		r.report.Statements = r.n
		r.report.Write(os.Stdout, 5)
		t.Errorf("%d differences; seed %d", r.report.Len(), seed)
	}
}

type random struct {
	t      *testing.T
	rnd    *rand.Rand
	pair   *duel.Pair
	report duel.Report

	n, let int
}

// schema makes tables with data and runs statements over them.
func (r *random) schema() {
	g := &generator{rnd: r.rnd}
	setup := []string{"drop schema if exists d cascade", "create schema d", "set search_path to d", "set client_min_messages to error"}
	for i := range 3 {
		t := table{name: fmt.Sprintf("d%d", i)}
		t.cols = append(t.cols, column{"id", "int4"})
		for j := range 3 + r.rnd.IntN(5) {
			t.cols = append(t.cols, column{fmt.Sprintf("k%d", j), typeNames[r.rnd.IntN(len(typeNames))]})
		}
		g.tables = append(g.tables, t)
		setup = append(setup, t.define(r.rnd)...)
	}
	for _, sql := range setup {
		r.try(sql, nil)
	}
	for range statementsOfASchema {
		if r.rnd.IntN(6) == 0 {
			r.try(g.change(), nil)
			continue
		}
		q := g.selectStatement()
		r.try(q.String(), q)
	}
}

// define makes a table with rows, some of them twice.
func (t table) define(rnd *rand.Rand) []string {
	var cols, rows []string
	for _, c := range t.cols {
		cols = append(cols, c.name+" "+sqlTypes[c.typ])
	}
	for i := range 4 + rnd.IntN(16) {
		vals := []string{fmt.Sprint(i)}
		for _, c := range t.cols[1:] {
			vals = append(vals, literal(rnd, c.typ).String())
		}
		rows = append(rows, "("+strings.Join(vals, ", ")+")")
	}
	out := []string{fmt.Sprintf("create table %s (%s)", t.name, strings.Join(cols, ", ")), fmt.Sprintf("insert into %s values %s", t.name, strings.Join(rows, ", "))}
	if rnd.IntN(2) == 0 {
		out = append(out, fmt.Sprintf("create index on %s (%s)", t.name, t.cols[1].name))
	}
	return out
}

// try runs a statement and notes a difference, made as small as can be.
func (r *random) try(sql string, q *query) {
	r.n++
	d := r.differ(sql)
	if d == nil {
		return
	}
	for _, a := range allowed {
		if strings.HasPrefix(d.Group, a.group) {
			r.let++
			return
		}
	}
	if q != nil {
		group := d.Group
		small := shrink(q, func(sql string) bool {
			d := r.differ(sql)
			return d != nil && d.Group == group
		})
		if s := r.differ(small.String()); s != nil {
			d = s
		}
	}
	r.report.Add(fmt.Sprintf("statement %d", r.n), d)
}

func (r *random) differ(sql string) *duel.Difference {
	d, err := r.pair.Run(context.Background(), &slt.Record{Kind: slt.Query, SQL: sql, Sort: slt.RowSort})
	if err != nil {
		r.t.Logf("%s: %v", sql, err)
		return nil
	}
	if d != nil && strings.HasPrefix(d.Group, "the connection failed") {
		r.reconnect()
	}
	return d
}

// reconnect gives new connections the schema.
func (r *random) reconnect() {
	for _, sql := range []string{"set search_path to d", "set client_min_messages to error"} {
		if _, err := r.pair.Run(context.Background(), &slt.Record{Kind: slt.Query, SQL: sql}); err != nil {
			r.t.Log(err)
		}
	}
}
