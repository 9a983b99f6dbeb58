package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/streamsqld/streamsqld/bench/machine"
	"github.com/streamsqld/streamsqld/bench/peer"
	"github.com/streamsqld/streamsqld/bench/wire"
)

// bench is one run: its directory, its servers, its report.
type bench struct {
	ctx    context.Context
	opt    *options
	dir    string
	begin  time.Time
	report *report

	binary string // streamsqld
	ours   *peer.Streamsqld
	runs   int // of ours: each has its own data

	pg   *peer.Postgres
	duck *peer.DuckDB
	gone map[string]bool // systems that are not to be had
}

func newBench(ctx context.Context, opt *options) (*bench, error) {
	dir, err := os.MkdirTemp(opt.dir, "bench-")
	if err != nil {
		return nil, err
	}
	// A PostgreSQL that runs as somebody else has to pass through.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	b := &bench{ctx: ctx, opt: opt, dir: dir, begin: time.Now(), gone: map[string]bool{}}
	info, err := machine.Describe(dir)
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	b.report = newReport(opt, info)
	b.say("%s", info)
	return b, nil
}

// close stops the servers and removes the directory.
func (b *bench) close() error {
	var errs []error
	if b.ours != nil {
		errs = append(errs, b.ours.Kill())
	}
	if b.pg != nil {
		errs = append(errs, b.pg.Stop())
	}
	if b.duck != nil {
		errs = append(errs, b.duck.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir))...)
}

// say tells on standard error what is going on.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%6.1fs %s\n", time.Since(b.begin).Seconds(), fmt.Sprintf(format, args...))
}

// errSkipped says that a system is left out.
var errSkipped = errors.New("left out")

// startOurs starts a streamsqld on an empty directory, after stopping the one
// that ran before.
func (b *bench) startOurs(args ...string) (*peer.Streamsqld, error) {
	if slices.Contains(b.opt.skip, streamsqld) {
		return nil, errSkipped
	}
	b.stopOurs()
	if b.binary = b.opt.binary; b.binary == "" {
		binary, err := peer.BuildStreamsqld(b.ctx, b.dir)
		if err != nil {
			return nil, err
		}
		b.opt.binary, b.binary = binary, binary
	}
	b.runs++
	dir := filepath.Join(b.dir, fmt.Sprintf("streamsqld-%d", b.runs))
	s, err := peer.StartStreamsqld(b.ctx, b.binary, dir, append(slices.Clone(b.opt.serverArgs), args...)...)
	if err != nil {
		return nil, err
	}
	b.ours = s
	return s, nil
}

// stopOurs ends the streamsqld that runs, if one does, and its data.
func (b *bench) stopOurs() {
	if b.ours == nil {
		return
	}
	if err := b.ours.Stop(); err != nil {
		b.say("streamsqld did not stop well: %v", err)
		b.report.fail(err)
	}
	b.ours = nil
	_ = os.RemoveAll(filepath.Join(b.dir, fmt.Sprintf("streamsqld-%d", b.runs)))
}

// startPostgres gives the PostgreSQL of this run; errSkipped when there is none.
func (b *bench) startPostgres() (*peer.Postgres, error) {
	if b.pg != nil {
		return b.pg, nil
	}
	if b.gone[postgres] || slices.Contains(b.opt.skip, postgres) {
		return nil, errSkipped
	}
	if b.opt.postgres != "" {
		b.pg = peer.RunningPostgres(b.opt.postgres)
		return b.pg, nil
	}
	pg, err := peer.StartPostgres(b.ctx, filepath.Join(b.dir, "postgres"))
	if err != nil {
		b.gone[postgres] = true
		b.report.note("PostgreSQL left out: %v", err)
		b.say("PostgreSQL left out: %v", err)
		return nil, errSkipped
	}
	b.pg = pg
	return pg, nil
}

// startDuckDB gives the DuckDB of this run; errSkipped when there is none.
func (b *bench) startDuckDB() (*peer.DuckDB, error) {
	if b.duck != nil {
		return b.duck, nil
	}
	if b.gone[duckdb] || slices.Contains(b.opt.skip, duckdb) {
		return nil, errSkipped
	}
	binary, err := peer.BuildDuckDB(b.ctx, b.dir)
	if err == nil {
		b.duck, err = peer.StartDuckDB(binary, filepath.Join(b.dir, "duckdb-data"))
	}
	if err != nil {
		b.gone[duckdb] = true
		b.report.note("DuckDB left out: %v", err)
		b.say("DuckDB left out: %v", err)
		return nil, errSkipped
	}
	return b.duck, nil
}

// server is what a measurement sees of streamsqld and of PostgreSQL.
type server struct {
	name string
	dsn  string
	pid  int // 0: unknown
}

// servers gives those of streamsqld and PostgreSQL that take part, streamsqld
// freshly started.
func (b *bench) servers(args ...string) ([]server, error) {
	var out []server
	ours, err := b.startOurs(args...)
	if err == nil {
		out = append(out, server{streamsqld, ours.DSN(), ours.Pid()})
	} else if !errors.Is(err, errSkipped) {
		return nil, err
	}
	if pg, err := b.startPostgres(); err == nil {
		out = append(out, server{postgres, pg.DSN(), pg.Pid()})
	}
	if len(out) == 0 {
		return nil, errors.New("no server takes part")
	}
	return out, nil
}

// exec runs statements on a connection of their own.
func (b *bench) exec(s server, statements ...string) error {
	c, err := wire.Connect(b.ctx, s.dsn)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	defer c.Close()
	for _, sql := range statements {
		if _, err := c.Exec(sql); err != nil {
			return fmt.Errorf("%s: %w in %s", s.name, err, sql)
		}
	}
	return nil
}
