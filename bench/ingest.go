package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/streamsqld/streamsqld/bench/sensor"
)

var ingestParts = []part{
	{"csv", "COPY CSV into a stream under a one-minute view, against a bare table of PostgreSQL and of DuckDB", func(b *bench) error { return loadPart(b, sensor.CSV) }},
	{"binary", "the same as COPY BINARY", func(b *bench) error { return loadPart(b, sensor.Binary) }},
	{"paced", "60 M rows at a million a second with commit_interval '100 ms'", pacedPart},
	{"large", "50 M rows into a million groups: memory, and ready again after kill -9", largePart},
}

const loadRows = 10_000_000

// The numbers that issue and ceilings set.
const (
	csvOverPostgres      = 3
	csvPerCPUSecond      = 2.5e6
	binaryPerCPUSecond   = 4e6
	pacedWall, pacedCPU  = 61, 48
	memoryMiB, readyTime = 1024, 3
)

// loadPart loads the same file into every system, round after round.
func loadPart(b *bench, format sensor.Format) error {
	d, err := b.dataset(b.sensors(b.opt.rows(loadRows)), format)
	if err != nil {
		return err
	}
	defer d.remove()
	servers, err := b.servers()
	if err != nil {
		return err
	}
	rounds := map[string][]cost{}
	background := map[string][]float64{}
	for range b.opt.rounds {
		for _, s := range servers {
			c, after, err := b.loadRound(s, d, format)
			if err != nil {
				return err
			}
			b.say("%s: %.2f s, %.2f CPU-s", s.name, c.wall, c.server)
			rounds[s.name] = append(rounds[s.name], c)
			background[s.name] = append(background[s.name], after)
		}
		if format == sensor.CSV {
			if err := b.loadDuckDB(d, rounds); err != nil {
				return err
			}
		}
	}
	name := fmt.Sprintf("COPY %s of %s rows", format, number(float64(d.cfg.Rows)))
	for _, system := range []string{streamsqld, postgres, duckdb} {
		if len(rounds[system]) > 0 {
			b.reportLoad(name, system, d.cfg.Rows, middle(rounds[system]), median(background[system]))
		}
	}
	b.loadGates(name, format)
	return nil
}

// loadRound makes the relations anew, loads and checks.
func (b *bench) loadRound(s server, d *dataset, format sensor.Format) (c cost, after float64, err error) {
	setup := []string{"DROP TABLE IF EXISTS readings", createTable}
	query := batchQuery
	if s.name == streamsqld {
		setup = []string{"DROP STREAM IF EXISTS readings CASCADE", createStream, createView}
		query = selectView
	}
	if err := b.exec(s, setup...); err != nil {
		return c, 0, err
	}
	settle(s)
	c, err = spend(s, func() error {
		return b.copyFile(s, fmt.Sprintf("COPY readings FROM STDIN WITH (FORMAT %s)", format), d.files[format], d.cfg.Rows)
	})
	if err != nil {
		return c, 0, err
	}
	after = settle(s)
	return c, after, b.checkGroups(s, query, d.tally)
}

// loadDuckDB loads the file by DuckDB's own reader, in its own process.
func (b *bench) loadDuckDB(d *dataset, rounds map[string][]cost) error {
	duck, err := b.startDuckDB()
	if err != nil {
		return nil // said already
	}
	for _, sql := range []string{
		"DROP TABLE IF EXISTS readings", "CREATE TABLE readings (ts TIMESTAMP NOT NULL, sensor_id INTEGER NOT NULL, value DOUBLE)", "CHECKPOINT",
	} {
		if err := duck.Exec(sql); err != nil {
			return err
		}
	}
	s := server{name: duckdb, pid: duck.Pid()}
	c, err := spend(s, func() error {
		r, err := duck.Run(fmt.Sprintf("COPY readings FROM '%s' (FORMAT csv, HEADER false)", filepath.ToSlash(d.files[sensor.CSV])), true)
		if err == nil && (len(r.Rows) != 1 || r.Rows[0][0] == nil || *r.Rows[0][0] != fmt.Sprint(d.cfg.Rows)) {
			err = errors.New("duckdb: another number of rows")
		}
		return err
	})
	if err != nil {
		return err
	}
	b.say("%s: %.2f s, %.2f CPU-s", duckdb, c.wall, c.server)
	rounds[duckdb] = append(rounds[duckdb], c)
	return nil
}

// reportLoad notes a load; background is the CPU time that the server went on
// to use after its answer.
func (b *bench) reportLoad(name, system string, rows int64, c cost, background float64) {
	n := float64(rows)
	metrics := []metric{
		{"rows_per_s", n / c.wall, ""}, {"wall", c.wall, "s"}, {"server_cpu", c.server, "s"},
		{"rows_per_cpu_s", n / c.server, ""}, {"background_cpu", background, "s"},
		{"rows_per_cpu_s_all", n / (c.server + background), ""},
		{"client_cpu", c.client, "s"}, {"peak", c.peak, "MiB"},
	}
	b.report.add(name, system, metrics...)
}

func (b *bench) loadGates(name string, format sensor.Format) {
	r := b.report
	perCPU, ok := r.get(name, streamsqld, "rows_per_cpu_s")
	if format == sensor.Binary {
		r.atLeast("COPY BINARY, rows per server-CPU-second", perCPU, ok, binaryPerCPUSecond)
		return
	}
	ratio, both := r.ratio(name, "rows_per_s", postgres)
	r.atLeast("COPY CSV with view, times PostgreSQL without", ratio, both, csvOverPostgres)
	r.atLeast("COPY CSV, rows per server-CPU-second", perCPU, ok, csvPerCPUSecond)
}
