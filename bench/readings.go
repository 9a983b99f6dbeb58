package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/streamsqld/streamsqld/bench/sensor"
	"github.com/streamsqld/streamsqld/bench/wire"
)

// Definitions of the readings on every system. streamsqld has a stream with a
// window view on it where PostgreSQL and DuckDB have a bare table.
const (
	readingColumns = `ts timestamptz NOT NULL, sensor_id int NOT NULL, value float8`
	createStream   = `CREATE STREAM readings (` + readingColumns + `, WATERMARK FOR ts AS ts - INTERVAL '5 seconds')`
	createTable    = `CREATE TABLE readings (` + readingColumns + `)`
	createView     = `CREATE MATERIALIZED VIEW per_minute AS
		SELECT window_start, sensor_id, count(*) AS n, sum(value) AS total, min(value) AS least, max(value) AS most
		FROM TUMBLE(readings, ts, INTERVAL '1 minute') GROUP BY window_start, sensor_id`
	selectView = `SELECT window_start, sensor_id, n, total, least, most FROM per_minute`
	// batchQuery is the view's query over a table, for every system.
	batchQuery = `SELECT date_trunc('minute', ts) AS minute, sensor_id, count(*), sum(value), min(value), max(value)
		FROM readings GROUP BY 1, 2`
)

// dataset is the readings in a file per format, and the answers over them.
type dataset struct {
	cfg   sensor.Config
	tally *sensor.Tally
	files map[sensor.Format]string
}

// sensors is the usual configuration: half a million readings of 10,000
// sensors in a minute of event time.
func (b *bench) sensors(rows int64) sensor.Config {
	span := time.Duration(float64(rows) / 500_000 * float64(time.Minute))
	return sensor.Config{Rows: rows, Keys: 10_000, Span: max(span, time.Minute), Seed: b.opt.seed}
}

// dataset writes the readings into files.
func (b *bench) dataset(cfg sensor.Config, formats ...sensor.Format) (*dataset, error) {
	d := &dataset{cfg: cfg, files: map[sensor.Format]string{}}
	for _, format := range formats {
		path := filepath.Join(b.dir, fmt.Sprintf("readings-%d.%s", cfg.Rows, format))
		tally := sensor.NewTally(cfg)
		if err := writeFile(path, sensor.NewReader(cfg, format, tally)); err != nil {
			return nil, err
		}
		d.tally, d.files[format] = tally, path
	}
	return d, nil
}

func (d *dataset) remove() {
	for _, path := range d.files {
		_ = os.Remove(path)
	}
}

func writeFile(path string, r io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := io.CopyBuffer(f, r, make([]byte, 1<<20)); err != nil {
		f.Close()
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// copyFile loads a file by COPY FROM STDIN and checks the command tag.
func (b *bench) copyFile(s server, sql, path string, rows int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return b.copyFrom(s, sql, f, rows)
}

func (b *bench) copyFrom(s server, sql string, r io.Reader, rows int64) error {
	c, err := wire.Connect(b.ctx, s.dsn)
	if err != nil {
		return err
	}
	defer c.Close()
	tag, err := c.CopyIn(sql, r)
	if err != nil {
		return fmt.Errorf("%s: %w in %s", s.name, err, sql)
	}
	if want := fmt.Sprintf("COPY %d", rows); tag != want {
		return fmt.Errorf("%s answers %q instead of %q", s.name, tag, want)
	}
	return nil
}

// checkGroups compares a query's rows (window_start, sensor_id, count, sum,
// min, max) with the arithmetic.
func (b *bench) checkGroups(s server, sql string, tally *sensor.Tally) error {
	c, err := wire.Connect(b.ctx, s.dsn)
	if err != nil {
		return err
	}
	defer c.Close()
	check := tally.Check()
	if err := c.Each(sql, check.Row); err != nil {
		return fmt.Errorf("%s: %w in %s", s.name, err, sql)
	}
	if err := check.End(); err != nil {
		return fmt.Errorf("%s: %w in %s", s.name, err, sql)
	}
	return nil
}
