package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/bench/peer"
	"github.com/streamsqld/streamsqld/bench/sensor"
	"github.com/streamsqld/streamsqld/bench/wire"
)

var scanParts = []part{
	{"group", "queries over 5 M stored rows: group by minute and key, by minute, filter and count", groupPart},
	{"rows", "all rows out as text", rowsPart},
	{"spill", "a sort, a join and a group-by that need more than ten times work_mem", spillPart},
}

const (
	scanRows          = 5_000_000
	groupOverDuckDB   = 4
	groupOverPostgres = 5
	rowsOverPostgres  = 1.5
)

// scanQueries are the queries of groupPart.
var scanQueries = []struct{ name, sql string }{
	{"group by minute, key", batchQuery},
	{"group by minute", `SELECT date_trunc('minute', ts) AS minute, count(*), sum(value), min(value), max(value) FROM readings GROUP BY 1`},
	{"filter and count", `SELECT count(*) FROM readings WHERE value > 50 AND sensor_id < 2000`},
}

// loadReadings puts the same rows into all systems that take part.
func (b *bench) loadReadings(d *dataset) ([]server, error) {
	servers, err := b.servers()
	if err != nil {
		return nil, err
	}
	for _, s := range servers {
		create := createTable
		if s.name == streamsqld {
			create = createStream
		} else if err := b.exec(s, "DROP TABLE IF EXISTS readings"); err != nil {
			return nil, err
		}
		if err := b.exec(s, create); err != nil {
			return nil, err
		}
		if err := b.copyFile(s, "COPY readings FROM STDIN WITH (FORMAT csv)", d.files[sensor.CSV], d.cfg.Rows); err != nil {
			return nil, err
		}
		if err := b.exec(s, "ANALYZE readings"); err != nil {
			return nil, err
		}
		settle(s)
	}
	return servers, nil
}

// groupPart runs the queries on every system in turns. The rows are read by
// the client, but not looked into while the clock runs; they are checked once
// afterwards.
func groupPart(b *bench) error {
	d, err := b.dataset(b.sensors(b.opt.rows(scanRows)), sensor.CSV)
	if err != nil {
		return err
	}
	defer d.remove()
	servers, err := b.loadReadings(d)
	if err != nil {
		return err
	}
	for _, q := range scanQueries {
		if err := b.scanQuery(servers, d, q.name, q.sql); err != nil {
			return err
		}
	}
	for _, s := range servers {
		if err := b.checkGroups(s, batchQuery, d.tally); err != nil {
			return err
		}
	}
	name := scanQueries[0].name
	duck, ok := b.report.ratio(name, "wall", duckdb)
	b.report.atMost("group by minute and key, times DuckDB's time", duck, ok, groupOverDuckDB)
	pg, ok := b.report.ratio(name, "wall", postgres)
	b.report.atLeast("group by minute and key, times faster than PostgreSQL", 1/pg, ok, groupOverPostgres)
	return nil
}

func (b *bench) scanQuery(servers []server, d *dataset, name, sql string) error {
	duck, err := b.startDuckDB()
	if err == nil && name == scanQueries[0].name {
		if err := b.loadDuckDB(d, map[string][]cost{}); err != nil {
			return err
		}
	}
	rounds, counts := map[string][]cost{}, map[string]int64{}
	for range b.opt.rounds + 1 { // the first warms up
		for _, s := range servers {
			c, rows, err := b.drain(s, sql, "SET work_mem = '"+peer.WorkMem+"'")
			if err != nil {
				return err
			}
			rounds[s.name], counts[s.name] = append(rounds[s.name], c), rows
		}
		if duck != nil {
			s := server{name: duckdb, pid: duck.Pid()}
			var count int64
			c, err := spend(s, func() error {
				r, err := duck.Run(sql, false)
				if err == nil {
					count = r.Count
				}
				return err
			})
			if err != nil {
				return err
			}
			rounds[duckdb], counts[duckdb] = append(rounds[duckdb], c), count
		}
	}
	for _, system := range []string{streamsqld, postgres, duckdb} {
		if len(rounds[system]) == 0 {
			continue
		}
		c := middle(rounds[system][1:])
		n := float64(d.cfg.Rows)
		b.report.add(name, system, metric{"wall", c.wall, "s"}, metric{"server_cpu", c.server, "s"},
			metric{"rows_per_cpu_s", n / c.server, ""}, metric{"result_rows", float64(counts[system]), ""})
	}
	return nil
}

// drain runs a query on a connection of its own and counts its rows.
func (b *bench) drain(s server, sql string, setup ...string) (c cost, rows int64, err error) {
	conn, err := wire.Connect(b.ctx, s.dsn)
	if err != nil {
		return c, 0, err
	}
	defer conn.Close()
	for _, statement := range setup {
		if _, err := conn.Exec(statement); err != nil {
			return c, 0, fmt.Errorf("%s: %w in %s", s.name, err, statement)
		}
	}
	c, err = spend(s, func() error {
		_, rows, _, err = conn.Drain(sql)
		return err
	})
	if err != nil {
		return c, rows, fmt.Errorf("%s: %w in %s", s.name, err, sql)
	}
	return c, rows, nil
}

// rowsPart reads all rows as text.
func rowsPart(b *bench) error {
	d, err := b.dataset(b.sensors(b.opt.rows(scanRows)), sensor.CSV)
	if err != nil {
		return err
	}
	defer d.remove()
	servers, err := b.loadReadings(d)
	if err != nil {
		return err
	}
	rounds := map[string][]cost{}
	for range b.opt.rounds {
		for _, s := range servers {
			c, rows, err := b.drain(s, "SELECT * FROM readings")
			if err != nil {
				return err
			}
			if rows != d.cfg.Rows {
				return fmt.Errorf("%s gives %d rows instead of %d", s.name, rows, d.cfg.Rows)
			}
			rounds[s.name] = append(rounds[s.name], c)
		}
	}
	const name = "SELECT * as text"
	for _, s := range servers {
		c := middle(rounds[s.name])
		n := float64(d.cfg.Rows)
		b.report.add(name, s.name, metric{"rows_per_s", n / c.wall, ""}, metric{"server_cpu", c.server, "s"},
			metric{"rows_per_cpu_s", n / c.server, ""}, metric{"client_cpu", c.client, "s"})
		if err := b.checkRows(s, d); err != nil {
			return err
		}
	}
	ratio, ok := b.report.ratio(name, "rows_per_s", postgres)
	b.report.atLeast("rows out as text, times PostgreSQL", ratio, ok, rowsOverPostgres)
	return nil
}

// checkRows reads all rows again and compares count and sums with the arithmetic.
func (b *bench) checkRows(s server, d *dataset) error {
	conn, err := wire.Connect(b.ctx, s.dsn)
	if err != nil {
		return err
	}
	defer conn.Close()
	sum := sensor.NewTally(d.cfg)
	err = conn.Each("SELECT * FROM readings", func(row [][]byte) error {
		ts, err := sensor.ParseTime(row[0])
		if err != nil {
			return err
		}
		id, err := strconv.Atoi(string(row[1]))
		if err != nil {
			return err
		}
		value, err := strconv.ParseFloat(string(row[2]), 64)
		sum.Add(sensor.Reading{Micros: ts, Sensor: int32(id), Cents: int32(math.Round(value * 100))})
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	if !sum.Equal(d.tally) {
		return fmt.Errorf("%s: other rows than those loaded", s.name)
	}
	return nil
}

// spillQueries need, over 5 M rows of at least 24 bytes, a few hundred
// megabytes; work_mem is 4 MB. Each gives one row, which both servers agree
// on, and which cannot be had without the whole.
var spillQueries = []struct{ name, sql string }{
	{"sort", `SELECT count(*), sum(rn * sensor_id), min(value), max(value)
		FROM (SELECT row_number() OVER (ORDER BY value, sensor_id, ts) % 1000 AS rn, sensor_id, value FROM readings) q`},
	{"join", `SELECT count(*), sum(a.sensor_id), min(b.value), max(a.value) FROM readings a JOIN readings b ON a.ts = b.ts AND a.sensor_id = b.sensor_id`},
	{"group by", `SELECT count(*), sum(n), sum(n * n), min(least), max(most)
		FROM (SELECT ts, sensor_id, count(*) AS n, min(value) AS least, max(value) AS most FROM readings GROUP BY ts, sensor_id) q`},
}

const (
	spillWorkMem = "4MB"
	// spillMemory is how much more memory a server may hold at its peak than
	// before: some workers times work_mem, buffers of files, and what the
	// runtime keeps. The inputs are ten times work_mem and more.
	spillMemory = 128 // MiB
)

func spillPart(b *bench) error {
	d, err := b.dataset(b.sensors(b.opt.rows(scanRows)), sensor.CSV)
	if err != nil {
		return err
	}
	defer d.remove()
	servers, err := b.loadReadings(d)
	if err != nil {
		return err
	}
	for _, q := range spillQueries {
		answers := map[string]string{}
		for _, s := range servers {
			before := rss(s)
			answer := ""
			c, err := b.one(s, q.sql, &answer, "SET work_mem = '"+spillWorkMem+"'")
			if err != nil {
				return err
			}
			answers[s.name] = answer
			b.report.add(q.name+", work_mem "+spillWorkMem, s.name, metric{"wall", c.wall, "s"}, metric{"server_cpu", c.server, "s"},
				metric{"more_memory", c.peak - before, "MiB"})
			if s.name == streamsqld {
				b.report.atMost(q.name+" beyond work_mem: more memory [MiB]", c.peak-before, true, spillMemory)
			}
		}
		if ours, theirs := answers[streamsqld], answers[postgres]; ours != "" && theirs != "" && ours != theirs {
			return fmt.Errorf("%s: %s answers %s, %s %s", q.name, streamsqld, ours, postgres, theirs)
		}
	}
	return nil
}

// one runs a query that gives one row.
func (b *bench) one(s server, sql string, answer *string, setup ...string) (cost, error) {
	conn, err := wire.Connect(b.ctx, s.dsn)
	if err != nil {
		return cost{}, err
	}
	defer conn.Close()
	for _, statement := range setup {
		if _, err := conn.Exec(statement); err != nil {
			return cost{}, fmt.Errorf("%s: %w in %s", s.name, err, statement)
		}
	}
	c, err := spend(s, func() error {
		return conn.Each(sql, func(row [][]byte) error {
			values := make([]string, len(row))
			for i, v := range row {
				values[i] = string(v)
			}
			*answer = strings.Join(values, " ")
			return nil
		})
	})
	if err != nil {
		return c, fmt.Errorf("%s: %w in %s", s.name, err, sql)
	}
	return c, nil
}
