package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/streamsqld/streamsqld/bench/sensor"
	"github.com/streamsqld/streamsqld/bench/wire"
)

var viewsParts = []part{
	{"commit", "a one-row INSERT under a view over 10 M rows, against one over 10 thousand", commitPart},
	{"update", "a one-row UPDATE of a table of 10 M rows under a view, against one of 10 thousand", updatePart},
	{"backfill", "CREATE MATERIALIZED VIEW over 10 M stored rows", backfillPart},
}

const (
	bigRows, smallRows = 10_000_000, 10_000
	viewCommits        = 25_000 // of each side, in lots by turns
	viewLots           = 5
	viewTolerance      = 0.3
)

// side is one of two histories that are compared.
type side struct {
	name string
	rows int64
	c    *wire.Conn
	rng  *rand.Rand
	last int64 // time of the row inserted last
	cpu  float64
	wall float64
}

// sides are a long history and a short one.
func (b *bench) sides() []*side {
	return []*side{{name: "big", rows: b.opt.rows(bigRows)}, {name: "small", rows: smallRows}}
}

// commitPart inserts into two streams that differ in nothing but the length
// of their history.
func commitPart(b *bench) error {
	return b.compareSides("one-row INSERT", true, func(s server, x *side) error {
		if err := b.exec(s,
			"CREATE STREAM "+x.name+" ("+readingColumns+", WATERMARK FOR ts AS ts - INTERVAL '5 seconds')",
			"CREATE MATERIALIZED VIEW "+x.name+"_view AS SELECT sensor_id, count(*) AS n, sum(value) AS total, min(value) AS least, max(value) AS most FROM "+
				x.name+" GROUP BY sensor_id"); err != nil {
			return err
		}
		cfg := b.sensors(x.rows)
		x.last = sensor.DefaultStart.Add(cfg.Span).UnixMicro()
		return b.copyFrom(s, "COPY "+x.name+" FROM STDIN WITH (FORMAT csv)", sensor.NewReader(cfg, sensor.CSV, nil), x.rows)
	}, func(x *side) (string, []uint32) {
		return "INSERT INTO " + x.name + " VALUES ($1, $2, $3)", readingOIDs
	}, func(x *side, params []byte) (int, []byte) {
		x.last++
		params = wire.AppendInt8(params, x.last-wire.Epoch.UnixMicro())
		params = wire.AppendInt4(params, x.rng.Int32N(10_000))
		return 3, wire.AppendFloat8(params, float64(x.rng.IntN(10_000))/100)
	}, func(s server, x *side) error {
		return b.sameAnswer(s, "SELECT sum(n) FROM "+x.name+"_view", fmt.Sprint(x.rows+viewCommits))
	})
}

// updatePart changes rows of two tables that differ in their size.
func updatePart(b *bench) error {
	return b.compareSides("one-row UPDATE", false, func(s server, x *side) error {
		if err := b.exec(s,
			"CREATE TABLE "+x.name+" (id bigint PRIMARY KEY, reading bigint NOT NULL, label text)",
			"CREATE MATERIALIZED VIEW "+x.name+"_view AS SELECT id % 10000 AS part, count(*) AS n, sum(reading) AS total, max(reading) AS most FROM "+
				x.name+" GROUP BY id % 10000"); err != nil {
			return err
		}
		for gcd(x.rows, itemStep) != 1 {
			x.rows++
		}
		return b.copyFrom(s, "COPY "+x.name+" FROM STDIN", &items{rows: x.rows}, x.rows)
	}, func(x *side) (string, []uint32) {
		return "UPDATE " + x.name + " SET reading = reading + 1 WHERE id = $1", []uint32{20}
	}, func(x *side, params []byte) (int, []byte) {
		return 1, wire.AppendInt8(params, x.rng.Int64N(x.rows))
	}, func(s server, x *side) error {
		n := x.rows
		return b.sameAnswer(s, "SELECT sum(total) FROM "+x.name+"_view", fmt.Sprint(n*(n-1)/2*31+7*n+viewCommits))
	})
}

// compareSides commits on both sides by turns and compares the server's CPU
// time per commit.
func (b *bench) compareSides(name string, gated bool, fill func(server, *side) error, statement func(*side) (string, []uint32),
	params func(*side, []byte) (int, []byte), check func(server, *side) error) (err error) {
	ours, err := b.startOurs()
	if err != nil {
		return err
	}
	s := server{streamsqld, ours.DSN(), ours.Pid()}
	sides := b.sides()
	for _, x := range sides {
		if err := fill(s, x); err != nil {
			return err
		}
		if x.c, err = wire.Connect(b.ctx, s.dsn); err != nil {
			return err
		}
		defer x.c.Close()
		if _, err := x.c.Exec("SET synchronous_commit = off"); err != nil {
			return err
		}
		sql, oids := statement(x)
		if err := x.c.Prepare("one", sql, oids...); err != nil {
			return err
		}
		x.rng = rand.New(rand.NewPCG(b.opt.seed, uint64(x.rows)))
	}
	for range viewLots {
		for _, x := range sides {
			settle(s)
			if err := x.commits(s, viewCommits/viewLots, params); err != nil {
				return err
			}
		}
	}
	for _, x := range sides {
		if err := check(s, x); err != nil {
			return err
		}
		b.report.add(name+" under a view", fmt.Sprintf("over %s rows", number(float64(x.rows))),
			metric{"server_cpu", x.cpu / viewCommits * 1e6, "us/commit"}, metric{"wall", x.wall / viewCommits * 1e6, "us/commit"})
	}
	ratio := sides[0].cpu / sides[1].cpu
	b.report.add(name+", big / small", streamsqld, metric{"ratio", ratio, ""})
	if gated {
		b.report.atMost(name+" under a view over 10 M rows, times 10 k", ratio, true, 1+viewTolerance)
	}
	return nil
}

// commits makes n one-row commits, one after another.
func (x *side) commits(s server, n int, params func(*side, []byte) (int, []byte)) error {
	var buf []byte
	c, err := spend(s, func() error {
		for range n {
			count, values := params(x, buf[:0])
			buf = values
			x.c.Execute("one", count, values)
			x.c.Sync()
			if err := x.c.Send(); err != nil {
				return err
			}
			if _, err := x.c.Wait(nil); err != nil {
				return err
			}
		}
		return nil
	})
	x.cpu += c.server
	x.wall += c.wall
	return err
}

// sameAnswer checks a query of one row and column.
func (b *bench) sameAnswer(s server, sql, want string) error {
	answer := ""
	if _, err := b.one(s, sql, &answer); err != nil {
		return err
	}
	if answer != want {
		return fmt.Errorf("%s: %s instead of %s from %s", s.name, answer, want, sql)
	}
	return nil
}

// backfillPart makes the window view over rows that are stored already.
func backfillPart(b *bench) error {
	d, err := b.dataset(b.sensors(b.opt.rows(bigRows)), sensor.CSV)
	if err != nil {
		return err
	}
	defer d.remove()
	servers, err := b.loadReadings(d)
	if err != nil {
		return err
	}
	for _, s := range servers {
		create, query := createView, selectView
		if s.name == postgres {
			create = "CREATE MATERIALIZED VIEW per_minute (window_start, sensor_id, n, total, least, most) AS " + batchQuery
		}
		var rounds []cost
		for range b.opt.rounds {
			if err := b.exec(s, "DROP MATERIALIZED VIEW IF EXISTS per_minute"); err != nil {
				return err
			}
			settle(s)
			c, err := spend(s, func() error { return b.exec(s, create) })
			if err != nil {
				return err
			}
			rounds = append(rounds, c)
		}
		c := middle(rounds)
		n := float64(d.cfg.Rows)
		b.report.add("CREATE MATERIALIZED VIEW over "+number(n)+" rows", s.name, metric{"wall", c.wall, "s"}, metric{"server_cpu", c.server, "s"},
			metric{"rows_per_s", n / c.wall, ""}, metric{"peak", c.peak, "MiB"})
		read, err := b.viewReads(s)
		if err != nil {
			return err
		}
		b.report.add("one sensor's windows from the view", s.name, metric{"p50", read * 1000, "us"})
		if err := b.checkGroups(s, query, d.tally); err != nil {
			return err
		}
		if s.name == postgres {
			if err := b.exec(s, "DROP MATERIALIZED VIEW per_minute"); err != nil {
				return err
			}
		}
	}
	return nil
}

// viewReads is the median time, in milliseconds, to read a sensor's windows.
func (b *bench) viewReads(s server) (float64, error) {
	c, err := wire.Connect(b.ctx, s.dsn)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	var times []float64
	for i := range 200 {
		start := time.Now()
		_, rows, _, err := c.Drain(fmt.Sprintf("SELECT * FROM per_minute WHERE sensor_id = %d", i*47))
		if err != nil {
			return 0, err
		}
		if rows == 0 {
			return 0, errors.New("a sensor has no windows")
		}
		times = append(times, time.Since(start).Seconds()*1000)
	}
	return median(times), nil
}
