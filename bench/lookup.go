package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/streamsqld/streamsqld/bench/machine"
	"github.com/streamsqld/streamsqld/bench/wire"
)

const (
	itemRows   = 10_000_000
	lookupTime = 3 * time.Second
	lookupMost = 100 // microseconds in the server
)

// items is a COPY of rows (id, reading, label): ids are a permutation of
// 0 … rows−1, so that a look-up does not find them where it put the last.
type items struct {
	rows, next int64
	buf        []byte
}

// itemStep is odd and has no small factors in common with the row counts
// used: i·itemStep mod rows goes through all ids.
const itemStep = 7_368_787

func (it *items) id(i int64) int64 { return i * itemStep % it.rows }

// Read makes the rows.
func (it *items) Read(p []byte) (int, error) {
	for len(it.buf) < 64<<10 && it.next < it.rows {
		id := it.id(it.next)
		it.next++
		it.buf = strconv.AppendInt(it.buf, id, 10)
		it.buf = append(it.buf, '\t')
		it.buf = strconv.AppendInt(it.buf, itemReading(id), 10)
		it.buf = append(it.buf, "\titem "...)
		it.buf = strconv.AppendInt(it.buf, id%1000, 10)
		it.buf = append(it.buf, '\n')
	}
	if len(it.buf) == 0 {
		return 0, io.EOF
	}
	n := copy(p, it.buf)
	it.buf = it.buf[:copy(it.buf, it.buf[n:])]
	return n, nil
}

// itemReading is the value that belongs to an id.
func itemReading(id int64) int64 { return id*31 + 7 }

// lookupPart asks for random rows by primary key.
func lookupPart(b *bench) error {
	servers, err := b.servers()
	if err != nil {
		return err
	}
	rows := b.opt.rows(itemRows)
	for gcd(rows, itemStep) != 1 {
		rows++
	}
	loaded := fmt.Sprintf("COPY of %s rows into a table with primary key", number(float64(rows)))
	name := fmt.Sprintf("look-up by primary key in %s rows", number(float64(rows)))
	for _, s := range servers {
		if err := b.exec(s, "DROP TABLE IF EXISTS items", "CREATE TABLE items (id bigint PRIMARY KEY, reading bigint NOT NULL, label text)"); err != nil {
			return err
		}
		c, err := spend(s, func() error { return b.copyFrom(s, "COPY items FROM STDIN", &items{rows: rows}, rows) })
		if err != nil {
			return err
		}
		b.reportLoad(loaded, s.name, rows, c, settle(s))
	}
	for _, s := range servers {
		settle(s)
		times, c, err := b.lookups(s, rows)
		if err != nil {
			return err
		}
		n := float64(len(times))
		b.report.add(name, s.name, metric{"per_s", n / c.wall, ""}, metric{"p50", machine.Percentile(times, 0.5) * 1000, "us"},
			metric{"p99", machine.Percentile(times, 0.99) * 1000, "us"}, metric{"server_cpu", c.server / n * 1e6, "us"})
	}
	cpu, ok := b.report.get(name, streamsqld, "server_cpu")
	b.report.atMost("look-up by primary key, server CPU [us]", cpu, ok, lookupMost)
	p50, ok := b.report.get(name, streamsqld, "p50")
	b.report.atMost("look-up by primary key, p50 with the way there and back [us]", p50, ok, lookupMost)
	b.report.quietly()
	return nil
}

func (b *bench) lookups(s server, rows int64) (times []time.Duration, c cost, err error) {
	conn, err := wire.Connect(b.ctx, s.dsn)
	if err != nil {
		return nil, c, err
	}
	defer conn.Close()
	if err := conn.Prepare("get", "SELECT reading, label FROM items WHERE id = $1", 20); err != nil {
		return nil, c, err
	}
	rng := rand.New(rand.NewPCG(b.opt.seed, 1))
	var params []byte
	c, err = spend(s, func() error {
		for end := time.Now().Add(lookupTime); time.Now().Before(end); {
			id := rng.Int64N(rows)
			params = wire.AppendInt8(params[:0], id)
			start := time.Now()
			conn.Execute("get", 1, params)
			conn.Sync()
			if err := conn.Send(); err != nil {
				return err
			}
			found := 0
			_, err := conn.Wait(func(row [][]byte) error {
				found++
				if string(row[0]) != strconv.FormatInt(itemReading(id), 10) {
					return fmt.Errorf("%s: id %d has reading %s", s.name, id, row[0])
				}
				return nil
			})
			if err != nil {
				return err
			}
			if found != 1 {
				return fmt.Errorf("%s: %d rows with id %d", s.name, found, id)
			}
			times = append(times, time.Since(start))
		}
		return nil
	})
	return times, c, err
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
