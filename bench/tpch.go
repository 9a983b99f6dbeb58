package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/streamsqld/streamsqld/bench/peer"
	"github.com/streamsqld/streamsqld/bench/tpch"
	"github.com/streamsqld/streamsqld/bench/wire"
)

var tpchParts = []part{
	{"queries", "load the eight tables and run the 22 queries on all systems, answers compared", tpchPart},
}

const (
	tpchOverPostgres = 5
	tpchOverDuckDB   = 4
	loadOverPostgres = 5
	tpchTimeout      = "2min" // of a query
)

// tpchRun is a run over one database on all systems.
type tpchRun struct {
	b       *bench
	dir     string
	rows    map[string]int64
	servers []server
	duck    bool
	queries []tpch.Query
	// times and answers are by query number, then system.
	times   map[int]map[string][]float64
	answers map[int]map[string]*tpch.Answer
}

func tpchPart(b *bench) error {
	t := &tpchRun{b: b, dir: filepath.Join(b.dir, "tpch"), rows: map[string]int64{}, queries: tpch.Queries(b.opt.scale),
		times: map[int]map[string][]float64{}, answers: map[int]map[string]*tpch.Answer{}}
	if err := t.generate(); err != nil {
		return err
	}
	var err error
	if t.servers, err = b.servers(); err != nil {
		return err
	}
	for _, s := range t.servers {
		if err := t.load(s); err != nil {
			return err
		}
	}
	if err := t.loadDuckDB(); err != nil {
		return err
	}
	ratio, ok := b.report.ratio("COPY of lineitem", "rows_per_s", postgres)
	b.report.atLeast("COPY of lineitem, times PostgreSQL", ratio, ok, loadOverPostgres)
	var failed []error
	for _, q := range t.queries {
		if err := t.query(q); err != nil {
			b.say("query %d: %v", q.Number, err)
			failed = append(failed, err)
		}
	}
	t.report()
	return errors.Join(failed...)
}

// generate writes the tables' files.
func (t *tpchRun) generate() error {
	if err := os.MkdirAll(t.dir, 0o755); err != nil {
		return err
	}
	g := tpch.Generator{Scale: t.b.opt.scale, Seed: t.b.opt.seed}
	begin := time.Now()
	files := map[string]*os.File{}
	for _, table := range tpch.Tables {
		f, err := os.Create(t.file(table.Name))
		if err != nil {
			return err
		}
		defer f.Close()
		files[table.Name] = f
		if table.Name == "orders" || table.Name == "lineitem" {
			continue
		}
		if t.rows[table.Name], err = g.Write(table.Name, f); err != nil {
			return err
		}
	}
	var err error
	if t.rows["orders"], t.rows["lineitem"], err = g.WriteOrders(files["orders"], files["lineitem"]); err != nil {
		return err
	}
	t.b.say("generated scale %g in %.1f s, %d lineitems", g.Scale, time.Since(begin).Seconds(), t.rows["lineitem"])
	return nil
}

func (t *tpchRun) file(table string) string { return filepath.Join(t.dir, table+".tbl") }

// load makes the tables, loads them without constraints, and then adds keys,
// indexes and statistics.
func (t *tpchRun) load(s server) error {
	for _, table := range tpch.Tables {
		if err := t.b.exec(s, "CREATE TABLE "+table.Name+" ("+table.Columns+")"); err != nil {
			return err
		}
		settle(s)
		c, err := spend(s, func() error {
			return t.b.copyFile(s, "COPY "+table.Name+" FROM STDIN WITH (DELIMITER '|')", t.file(table.Name), t.rows[table.Name])
		})
		if err != nil {
			return err
		}
		if table.Name == "lineitem" {
			t.b.reportLoad("COPY of lineitem", s.name, t.rows[table.Name], c, settle(s))
		}
		t.b.say("%s: %s loaded in %.2f s", s.name, table.Name, c.wall)
	}
	begin := time.Now()
	for _, table := range tpch.Tables {
		if err := t.b.exec(s, "ALTER TABLE "+table.Name+" ADD PRIMARY KEY ("+table.Key+")"); err != nil {
			// The queries run without keys as well, if not as fast.
			t.b.report.note("%s has no primary key: %v", table.Name, err)
		}
		var statements []string
		// Secondary indexes are PostgreSQL's way to these queries; streamsqld
		// scans.
		if s.name == postgres {
			for _, index := range table.Indexes {
				statements = append(statements, "CREATE INDEX ON "+table.Name+" ("+index+")")
			}
		}
		if err := t.b.exec(s, append(statements, "ANALYZE "+table.Name)...); err != nil {
			return err
		}
	}
	t.b.say("%s: keys and statistics in %.1f s", s.name, time.Since(begin).Seconds())
	settle(s)
	return nil
}

func (t *tpchRun) loadDuckDB() error {
	duck, err := t.b.startDuckDB()
	if err != nil {
		return nil // said already
	}
	t.duck = true
	s := server{name: duckdb, pid: duck.Pid()}
	for _, table := range tpch.Tables {
		if err := duck.Exec("CREATE TABLE " + table.Name + " (" + table.Columns + ")"); err != nil {
			return err
		}
		c, err := spend(s, func() error {
			return duck.Exec(fmt.Sprintf("COPY %s FROM '%s' (DELIMITER '|', HEADER false, QUOTE '', ESCAPE '')", table.Name, t.file(table.Name)))
		})
		if err != nil {
			return err
		}
		if table.Name == "lineitem" {
			t.b.reportLoad("COPY of lineitem", duckdb, t.rows[table.Name], c, 0)
		}
	}
	return duck.Exec("CHECKPOINT")
}

// query runs one query on all systems in turns and compares the answers. The
// first round warms up.
func (t *tpchRun) query(q tpch.Query) error {
	t.times[q.Number], t.answers[q.Number] = map[string][]float64{}, map[string]*tpch.Answer{}
	var errs []error
	for round := range t.b.opt.rounds + 1 {
		for _, s := range t.servers {
			seconds, answer, err := t.ask(s, q)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: query %d: %w", s.name, q.Number, err))
				continue
			}
			t.note(q, s.name, round, seconds, answer)
		}
		if len(errs) > 0 {
			break
		}
		if t.duck {
			r, err := t.b.duck.Run(q.SQL, true)
			if err != nil {
				return fmt.Errorf("query %d: %w", q.Number, err)
			}
			t.note(q, duckdb, round, r.Seconds, tpch.FromText(r.Rows))
		}
	}
	ours, theirs := t.answers[q.Number][streamsqld], t.answers[q.Number][postgres]
	if ours != nil && theirs != nil {
		if err := ours.Same(theirs, q.Order, 0); err != nil {
			errs = append(errs, fmt.Errorf("query %d: streamsqld and PostgreSQL differ: %w", q.Number, err))
		}
	}
	if duck := t.answers[q.Number][duckdb]; duck != nil && theirs != nil {
		// DuckDB computes averages and quotients in binary floating point.
		if err := duck.Same(theirs, q.Order, 1e-9); err != nil {
			t.b.report.note("query %d: DuckDB and PostgreSQL differ: %v", q.Number, err)
		}
	}
	t.b.say("query %d: %s", q.Number, t.line(q))
	return errors.Join(errs...)
}

func (t *tpchRun) note(q tpch.Query, system string, round int, seconds float64, answer *tpch.Answer) {
	if round == 0 {
		t.answers[q.Number][system] = answer
		return
	}
	t.times[q.Number][system] = append(t.times[q.Number][system], seconds)
}

func (t *tpchRun) line(q tpch.Query) string {
	out := ""
	for _, system := range []string{streamsqld, postgres, duckdb} {
		if times := t.times[q.Number][system]; len(times) > 0 {
			out += fmt.Sprintf(" %s %.3f s", system, median(times))
		}
	}
	return out
}

func (t *tpchRun) ask(s server, q tpch.Query) (float64, *tpch.Answer, error) {
	c, err := wire.Connect(t.b.ctx, s.dsn)
	if err != nil {
		return 0, nil, err
	}
	defer c.Close()
	// The memory that PostgreSQL is given in its configuration.
	if _, err := c.Exec("SET statement_timeout = '" + tpchTimeout + "'; SET work_mem = '" + peer.WorkMem + "'"); err != nil {
		return 0, nil, err
	}
	begin := time.Now()
	r, err := c.Query(q.SQL)
	seconds := time.Since(begin).Seconds()
	if err != nil {
		return 0, nil, err
	}
	return seconds, tpch.FromWire(r.Rows), nil
}

// report notes the times, their geometric means and the gates.
func (t *tpchRun) report() {
	r := t.b.report
	logs := map[string]float64{}
	counts := map[string]int{}
	slower := 0.0
	for _, q := range t.queries {
		var metrics []metric
		middles := map[string]float64{}
		for _, system := range []string{streamsqld, postgres, duckdb} {
			if times := t.times[q.Number][system]; len(times) > 0 {
				middles[system] = median(times)
				metrics = append(metrics, metric{system, middles[system], "s"})
			}
		}
		ours := middles[streamsqld]
		for _, system := range []string{postgres, duckdb} {
			if middles[system] > 0 && ours > 0 {
				metrics = append(metrics, metric{system + " / streamsqld", middles[system] / ours, ""})
				logs[system] += math.Log(middles[system] / ours)
				counts[system]++
			}
		}
		if middles[postgres] > 0 {
			slower = max(slower, ours/middles[postgres])
		}
		r.add("seconds", fmt.Sprintf("Q%d", q.Number), metrics...)
	}
	// The means count when all 22 ran: a query that fails is not a fast one.
	mean := func(system string) (float64, bool) {
		return math.Exp(logs[system] / float64(counts[system])), counts[system] == len(t.queries)
	}
	pg, ok := mean(postgres)
	r.atLeast("TPC-H, geometric mean, times faster than PostgreSQL", pg, ok, tpchOverPostgres)
	r.atMost("TPC-H, the worst query, times PostgreSQL's time", slower, ok, 1)
	duck, ok := mean(duckdb)
	r.atMost("TPC-H, geometric mean, times DuckDB's time", 1/duck, ok, tpchOverDuckDB)
}
