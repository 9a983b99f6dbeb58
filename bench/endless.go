package main

import (
	"fmt"
	"io"
	"time"

	"github.com/streamsqld/streamsqld/bench/sensor"
	"github.com/streamsqld/streamsqld/bench/wire"
)

const (
	pacedRows = 60_000_000
	pacedRate = 1_000_000 // rows per second
	pacedTick = 10 * time.Millisecond
	largeRows = 50_000_000
	largeSpan = 100 * time.Minute // a million groups of 10,000 sensors
)

// pacedPart sends a million rows in each second for a minute.
func pacedPart(b *bench) error {
	ours, err := b.startOurs()
	if err != nil {
		return err
	}
	s := server{streamsqld, ours.DSN(), ours.Pid()}
	if err := b.exec(s, createStream, createView); err != nil {
		return err
	}
	rows := b.opt.rows(pacedRows)
	cfg := b.sensors(rows)
	tally := sensor.NewTally(cfg)
	var late time.Duration
	c, err := spend(s, func() error {
		conn, err := wire.Connect(b.ctx, s.dsn)
		if err != nil {
			return err
		}
		defer conn.Close()
		copying, err := conn.BeginCopy("COPY readings FROM STDIN WITH (FORMAT csv, commit_interval '100 ms')")
		if err != nil {
			return err
		}
		if late, err = pace(copying, cfg, tally); err != nil {
			return err
		}
		tag, err := copying.End()
		if want := fmt.Sprintf("COPY %d", rows); err == nil && tag != want {
			err = fmt.Errorf("%q instead of %q", tag, want)
		}
		return err
	})
	if err != nil {
		return err
	}
	after := settle(s)
	if err := b.checkGroups(s, selectView, tally); err != nil {
		return err
	}
	name := fmt.Sprintf("%s rows at %d rows/s", number(float64(rows)), pacedRate)
	b.report.add(name, streamsqld,
		metric{"wall", c.wall, "s"}, metric{"server_cpu", c.server, "s"}, metric{"background_cpu", after, "s"},
		metric{"client_cpu", c.client, "s"}, metric{"peak", c.peak, "MiB"}, metric{"sender_late", late.Seconds() * 1000, "ms"})
	b.report.atMost("paced: acknowledged after [s]", c.wall, true, pacedWall*b.opt.scale+max(0, 1-b.opt.scale))
	b.report.atMost("paced: server CPU [s]", c.server, true, pacedCPU*b.opt.scale+max(0, 1-b.opt.scale))
	b.report.atMost("paced: RssAnon [MiB]", c.peak, true, memoryMiB)
	return nil
}

// pace writes all readings, in lots, each at its time; it returns how much
// too late a lot was sent, at most.
func pace(w io.Writer, cfg sensor.Config, tally *sensor.Tally) (late time.Duration, err error) {
	src := sensor.NewSource(cfg)
	lot := int64(pacedRate * pacedTick / time.Second)
	var buf []byte
	begin := time.Now()
	for sent := int64(0); sent < cfg.Rows; sent += lot {
		buf = buf[:0]
		for range min(lot, cfg.Rows-sent) {
			r, _ := src.Next()
			tally.Add(r)
			buf = sensor.AppendCSV(buf, r)
		}
		due := begin.Add(time.Duration(float64(sent) / pacedRate * float64(time.Second)))
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		} else {
			late = max(late, -wait)
		}
		if _, err := w.Write(buf); err != nil {
			return late, err
		}
	}
	return late, nil
}

// largePart fills a million groups, kills the server and waits for it.
func largePart(b *bench) error {
	ours, err := b.startOurs()
	if err != nil {
		return err
	}
	s := server{streamsqld, ours.DSN(), ours.Pid()}
	if err := b.exec(s, createStream, createView); err != nil {
		return err
	}
	cfg := b.sensors(b.opt.rows(largeRows))
	cfg.Span = time.Duration(float64(largeSpan) * min(1, b.opt.scale))
	cfg.Span = max(cfg.Span, time.Minute)
	tally := sensor.NewTally(cfg)
	c, err := spend(s, func() error {
		return b.copyFrom(s, "COPY readings FROM STDIN WITH (FORMAT csv)", sensor.NewReader(cfg, sensor.CSV, tally), cfg.Rows)
	})
	if err != nil {
		return err
	}
	if err := ours.Kill(); err != nil {
		return err
	}
	ready, err := ours.Start(b.ctx)
	if err != nil {
		return err
	}
	s = server{streamsqld, ours.DSN(), ours.Pid()}
	check, err := spend(s, func() error { return b.checkGroups(s, selectView, tally) })
	if err != nil {
		return fmt.Errorf("after the restart: %w", err)
	}
	b.report.add(fmt.Sprintf("%s rows, %s groups", number(float64(cfg.Rows)), number(float64(tally.Groups()))), streamsqld,
		metric{"rows_per_s", float64(cfg.Rows) / c.wall, ""}, metric{"server_cpu", c.server, "s"}, metric{"client_cpu", c.client, "s"},
		metric{"peak", c.peak, "MiB"}, metric{"ready", ready.Seconds(), "s"}, metric{"peak_after", check.peak, "MiB"})
	b.report.atMost("large: RssAnon [MiB]", c.peak, true, memoryMiB)
	b.report.atMost("large: ready after kill -9 [s]", ready.Seconds(), true, readyTime)
	return nil
}
