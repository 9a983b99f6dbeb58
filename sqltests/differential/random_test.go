package differential

import (
	"context"
	"flag"
	"fmt"
	"io"
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
	countFlag  = flag.Int("n", 0, "statements to try; 0: as many as -budget allows, without it a fixed number")
	budgetFlag = flag.Duration("budget", 0, "time for random statements; 0: as long as -n takes, without it at most a minute")
	scriptFlag = flag.String("script", "", "file to write the statements to, to play them again by hand")
	seedFlag   = flag.Uint64("seed", fixedSeed, "of the random choices; 0: another one each time")
)

// What a plain run tries is the same on each machine and each day, so that it
// says the same: a seed, and a number of statements that a slow machine gets
// through as well. Its longest time only cuts it short.
const (
	fixedSeed       = 15
	fixedCount      = 3000
	fixedCountShort = 600
	longest         = time.Minute
)

// statementsOfASchema is how many statements one schema with its data serves.
const statementsOfASchema = 150

// settings are those of each session. Over tables without statistics PostgreSQL
// would compile most of the statements, which takes it longer than all the rest.
var settings = []string{"set search_path to d", "set client_min_messages to error", "set jit to off"}

// zones are time zones that schemas are tried in.
var zones = []string{"UTC", "UTC", "America/New_York", "Asia/Kolkata", "Europe/Berlin"}

// mostFailures bounds what is reported.
const mostFailures = 12

func TestRandom(t *testing.T) {
	seed, budget, count := *seedFlag, *budgetFlag, *countFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	if budget == 0 && count == 0 {
		if budget, count = longest, fixedCount; testing.Short() {
			count = fixedCountShort
		}
	}
	server := harness.Start(t, harness.Options{Args: []string{"--synchronous-commit", "off"}})
	r := &random{
		t: t, rnd: rand.New(rand.NewPCG(seed, 0)),
		pair: &duel.Pair{JudgeDSN: harness.Postgres(t), OursDSN: server.DSN(), Timeout: 20 * time.Second},
	}
	if *scriptFlag != "" {
		f, err := os.Create(*scriptFlag)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r.script = f
	}
	t.Logf("seed %d", seed)
	began := time.Now()
	r.more = func() bool {
		return (count == 0 || r.n < count) && (budget == 0 || time.Since(began) < budget) && r.report.Len() < mostFailures
	}
	for r.more() {
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
	script io.Writer // nil: none

	more   func() bool // whether another statement is to be tried
	params []string    // of the statement at hand
	n, let int
}

// schema makes tables with data and runs statements over them.
func (r *random) schema() {
	g := &generator{rnd: r.rnd}
	setup := []string{"drop schema if exists d cascade", "create schema d"}
	setup = append(setup, settings...)
	setup = append(setup, "set timezone to '"+zones[r.rnd.IntN(len(zones))]+"'")
	for i := range 3 {
		t := randomTable(r.rnd, i)
		g.tables = append(g.tables, t)
		schema, data := t.define(r.rnd, i == 0)
		setup = append(append(setup, schema...), data...)
	}
	setup = append(setup, functionsOfSchema...)
	for _, sql := range setup {
		r.try(sql, nil)
	}
	for i := 0; i < statementsOfASchema && r.more(); i++ {
		if r.rnd.IntN(6) == 0 {
			if !r.try(g.change(), nil) {
				return // the data differ from here on
			}
			continue
		}
		if g.params = nil; r.rnd.IntN(5) == 0 {
			g.params = []string{}
		}
		q := g.selectStatement()
		r.params = g.params
		r.try(q.String(), q)
		g.params, r.params = nil, nil
	}
}

// try runs a statement and notes a difference, made as small as can be. It tells
// whether there was none.
func (r *random) try(sql string, q *query) bool {
	r.n++
	if r.script != nil {
		fmt.Fprintf(r.script, "%s; -- %d\n", sql, r.n)
	}
	d := r.differ(sql)
	if d == nil {
		return true
	}
	if isAllowed(d) {
		r.let++
		return false
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
		if isAllowed(d) { // made small it shows what was open
			r.let++
			return false
		}
	}
	r.report.Add(fmt.Sprintf("statement %d", r.n), d)
	return false
}

func (r *random) differ(sql string) *duel.Difference {
	d, err := r.pair.Run(context.Background(), r.record(sql))
	if err != nil {
		r.t.Logf("%s: %v", sql, err)
		return nil
	}
	if d != nil && strings.HasPrefix(d.Group, "the connection failed") {
		r.reconnect()
	}
	return d
}

func (r *random) record(sql string) *slt.Record {
	rec := &slt.Record{Kind: slt.Query, SQL: sql, Sort: slt.RowSort}
	for _, text := range r.params {
		rec.Params = append(rec.Params, slt.Cell(text))
	}
	return rec
}

// reconnect gives new connections the schema.
func (r *random) reconnect() {
	for _, sql := range settings {
		if _, err := r.pair.Run(context.Background(), &slt.Record{Kind: slt.Query, SQL: sql}); err != nil {
			r.t.Log(err)
		}
	}
}
