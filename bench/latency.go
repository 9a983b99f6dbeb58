package main

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamsqld/streamsqld/bench/machine"
	"github.com/streamsqld/streamsqld/bench/sensor"
	"github.com/streamsqld/streamsqld/bench/wire"
)

var latencyParts = []part{
	{"single", "one-row INSERTs, prepared, one connection: acknowledged, durable, visible in the view", singlePart},
	{"many", "the same from 64 connections", manyPart},
	{"pipeline", "the same from one connection, 64 in flight, each with a Sync of its own", pipelinePart},
	{"select1", "SELECT 1 on one connection, against a bare pgproto3 loop", selectOnePart},
	{"lookup", "look-up by primary key in 10 M rows", lookupPart},
}

const (
	insertTime   = 5 * time.Second // of a round of inserts
	connections  = 64
	inFlight     = 64
	insertSQL    = `INSERT INTO readings VALUES ($1, $2, $3)`
	fsyncTimes   = 4
	insertP99    = 5 // ms, and in a run whose fdatasync is slow 5 times its p99
	overPostgres = 1.5
	insertRate   = 30_000
)

// readingOIDs are the types of a reading's columns.
var readingOIDs = []uint32{1184, 23, 701}

// inserter is a connection that inserts readings, and what it has inserted.
type inserter struct {
	c    *wire.Conn
	src  *sensor.Source
	buf  []byte
	sent sensor.Group
	last sensor.Reading
}

func (b *bench) newInserter(s server, seed uint64) (*inserter, error) {
	c, err := wire.Connect(b.ctx, s.dsn)
	if err != nil {
		return nil, err
	}
	if err := c.Prepare("ins", insertSQL, readingOIDs...); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	// Event time stands nearly still, so that no row is ever late.
	cfg := sensor.Config{Rows: 1 << 40, Keys: 10_000, Span: time.Minute, Start: sensor.DefaultStart.Add(10 * time.Second), Seed: seed}
	return &inserter{c: c, src: sensor.NewSource(cfg)}, nil
}

// append puts one INSERT with its Sync behind those waiting to be sent.
func (i *inserter) append() {
	r, _ := i.src.Next()
	i.last = r
	i.sent.Count++
	i.sent.Cents += int64(r.Cents)
	i.buf = wire.AppendInt8(i.buf[:0], r.Micros-wire.Epoch.UnixMicro())
	i.buf = wire.AppendInt4(i.buf, r.Sensor)
	i.buf = wire.AppendFloat8(i.buf, r.Value())
	i.c.Execute("ins", 3, i.buf)
	i.c.Sync()
}

func (i *inserter) one() error {
	i.append()
	if err := i.c.Send(); err != nil {
		return err
	}
	_, err := i.c.Wait(nil)
	return err
}

// emptyReadings makes the relations anew.
func (b *bench) emptyReadings(s server) error {
	if s.name == streamsqld {
		return b.exec(s, "DROP STREAM IF EXISTS readings CASCADE", createStream, createView)
	}
	return b.exec(s, "DROP TABLE IF EXISTS readings", createTable)
}

// checkTotal compares count and sum with what was sent.
func (b *bench) checkTotal(s server, sent sensor.Group) error {
	sql := "SELECT count(*), round(sum(value)::numeric, 2) FROM readings"
	if s.name == streamsqld {
		sql = "SELECT sum(n), round(sum(total)::numeric, 2) FROM per_minute"
	}
	c, err := wire.Connect(b.ctx, s.dsn)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := c.Query(sql)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	want := fmt.Sprintf("%d %d.%02d", sent.Count, sent.Cents/100, sent.Cents%100)
	if have := fmt.Sprintf("%s %s", r.Rows[0][0], r.Rows[0][1]); have != want {
		return fmt.Errorf("%s: count and sum are %s instead of %s", s.name, have, want)
	}
	return nil
}

// singlePart inserts one row after another; every sixteenth is looked for in
// the view by another connection as soon as it is acknowledged.
func singlePart(b *bench) error {
	fsync, err := machine.MeasureFsync(b.dir)
	if err != nil {
		return err
	}
	b.report.add("4 KiB fdatasync", "disk", metric{"p50", fsync.P50, "ms"}, metric{"p99", fsync.P99, "ms"})
	servers, err := b.servers()
	if err != nil {
		return err
	}
	const name = "one-row INSERT, one connection"
	for _, s := range servers {
		var p50, p99, rate, cpu []float64
		for round := range b.opt.rounds {
			if err := b.emptyReadings(s); err != nil {
				return err
			}
			settle(s)
			times, c, err := b.insertOneByOne(s, uint64(round)+b.opt.seed)
			if err != nil {
				return err
			}
			rate = append(rate, float64(len(times))/c.wall)
			cpu = append(cpu, c.server/float64(len(times))*1e6)
			p50 = append(p50, machine.Percentile(times, 0.5))
			p99 = append(p99, machine.Percentile(times, 0.99))
		}
		b.report.add(name, s.name, metric{"p50", median(p50), "ms"}, metric{"p99", median(p99), "ms"},
			metric{"rows_per_s", median(rate), ""}, metric{"server_cpu", median(cpu), "us/row"})
	}
	p50, ok := b.report.get(name, streamsqld, "p50")
	b.report.atMost("INSERT p50, times fdatasync p50", p50/fsync.P50, ok, fsyncTimes)
	b.report.atMost("INSERT p50 [ms]", p50, ok, 1)
	b.report.quietly()
	p99, ok := b.report.get(name, streamsqld, "p99")
	b.report.atMost("INSERT p99 [ms] (5 ms, or 5 fdatasync p99)", p99, ok, max(insertP99, 5*fsync.P99))
	return nil
}

func (b *bench) insertOneByOne(s server, seed uint64) (times []time.Duration, c cost, err error) {
	in, err := b.newInserter(s, seed)
	if err != nil {
		return nil, c, err
	}
	defer in.c.Close()
	look, err := wire.Connect(b.ctx, s.dsn)
	if err != nil {
		return nil, c, err
	}
	defer look.Close()
	c, err = spend(s, func() error {
		for end := time.Now().Add(insertTime); time.Now().Before(end); {
			start := time.Now()
			if err := in.one(); err != nil {
				return err
			}
			times = append(times, time.Since(start))
			if s.name == streamsqld && len(times)%16 == 0 {
				if err := visible(look, in); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, c, err
	}
	return times, c, b.checkTotal(s, in.sent)
}

// visible checks that the view counts all rows that were acknowledged.
func visible(c *wire.Conn, in *inserter) error {
	r, err := c.Query("SELECT sum(n) FROM per_minute")
	if err != nil {
		return err
	}
	if have := string(r.Rows[0][0]); have != fmt.Sprint(in.sent.Count) {
		return fmt.Errorf("the view counts %s of %d acknowledged rows", have, in.sent.Count)
	}
	return nil
}

// manyPart lets 64 connections insert at once.
func manyPart(b *bench) error {
	return b.rates("one-row INSERT, 64 connections", "64 connections", func(s server, seed uint64) (int64, cost, error) {
		ins := make([]*inserter, connections)
		for i := range ins {
			in, err := b.newInserter(s, seed*connections+uint64(i))
			if err != nil {
				return 0, cost{}, err
			}
			defer in.c.Close()
			ins[i] = in
		}
		c, err := spend(s, func() error {
			var wg sync.WaitGroup
			var failed atomic.Pointer[error]
			end := time.Now().Add(insertTime)
			for _, in := range ins {
				wg.Go(func() {
					for time.Now().Before(end) && failed.Load() == nil {
						if err := in.one(); err != nil {
							failed.Store(&err)
						}
					}
				})
			}
			wg.Wait()
			if err := failed.Load(); err != nil {
				return *err
			}
			return nil
		})
		var sent sensor.Group
		for _, in := range ins {
			sent.Count += in.sent.Count
			sent.Cents += in.sent.Cents
		}
		return sent.Count, c, errors.Join(err, b.checkTotal(s, sent))
	})
}

// pipelinePart keeps 64 commits of one connection in flight.
func pipelinePart(b *bench) error {
	return b.rates("one-row INSERT, pipelined", "pipelined", func(s server, seed uint64) (int64, cost, error) {
		in, err := b.newInserter(s, seed)
		if err != nil {
			return 0, cost{}, err
		}
		defer in.c.Close()
		c, err := spend(s, func() error {
			flying := 0
			for end := time.Now().Add(insertTime); time.Now().Before(end); {
				// Half of the window is sent at once, so that the client's own
				// system calls are not what is measured.
				for ; flying < inFlight; flying++ {
					in.append()
				}
				if err := in.c.Send(); err != nil {
					return err
				}
				for ; flying > inFlight/2; flying-- {
					if _, err := in.c.Wait(nil); err != nil {
						return err
					}
				}
			}
			for ; flying > 0; flying-- {
				if _, err := in.c.Wait(nil); err != nil {
					return err
				}
			}
			return nil
		})
		return in.sent.Count, c, errors.Join(err, b.checkTotal(s, in.sent))
	})
}

// rates measures how many rows per second come through, on both servers in
// alternating rounds.
func (b *bench) rates(name, short string, round func(s server, seed uint64) (int64, cost, error)) error {
	servers, err := b.servers()
	if err != nil {
		return err
	}
	rates, cpu := map[string][]float64{}, map[string][]float64{}
	for i := range b.opt.rounds {
		for _, s := range servers {
			if err := b.emptyReadings(s); err != nil {
				return err
			}
			settle(s)
			n, c, err := round(s, b.opt.seed+uint64(i))
			if err != nil {
				return err
			}
			b.say("%s: %.0f rows/s", s.name, float64(n)/c.wall)
			rates[s.name] = append(rates[s.name], float64(n)/c.wall)
			cpu[s.name] = append(cpu[s.name], c.server/float64(n)*1e6)
		}
	}
	for _, s := range servers {
		b.report.add(name, s.name, metric{"rows_per_s", median(rates[s.name]), ""}, metric{"server_cpu", median(cpu[s.name]), "us/row"})
	}
	ratio, ok := b.report.ratio(name, "rows_per_s", postgres)
	b.report.atLeast("INSERT, "+short+", times PostgreSQL", ratio, ok, overPostgres)
	rate, ok := b.report.get(name, streamsqld, "rows_per_s")
	b.report.atLeast("INSERT, "+short+" [rows/s]", rate, ok, insertRate)
	b.report.quietly()
	return nil
}
