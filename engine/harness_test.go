package engine

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// database is an engine under test.
type database struct {
	t   testing.TB
	cfg Config
	e   *Engine
	// clock is the time that the engine sees, in microseconds.
	clock atomic.Int64
}

// testEpoch is 2026-01-01 in microseconds since 2000-01-01.
const testEpoch = 820_540_800_000_000

// openDatabase opens an engine in a directory of its own. Its clock stands still.
func openDatabase(t testing.TB) *database {
	t.Helper()
	d := &database{t: t}
	d.clock.Store(testEpoch)
	d.cfg = Config{
		DataDir: t.TempDir(), TempDir: t.TempDir(), Now: d.clock.Load, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Settings: map[string]string{"synchronous_commit": "off"},
	}
	d.open()
	t.Cleanup(func() { d.close() })
	return d
}

func (d *database) open() {
	d.t.Helper()
	e, err := Open(context.Background(), d.cfg)
	if err != nil {
		d.t.Fatal(err)
	}
	d.e = e
}

func (d *database) close() {
	if d.e != nil {
		// Sessions that a failed test has left open are not waited for.
		ctx, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		if err := d.e.Close(ctx); err != nil {
			d.t.Error(err)
		}
		d.e = nil
	}
}

// abandon ends the engine without a checkpoint, as a crash would, and opens it
// again over what is on disk.
func (d *database) abandon() {
	d.t.Helper()
	d.e.keeper.end()
	if err := d.e.checkpoint.stop(false); err != nil {
		d.t.Fatal(err)
	}
	d.e.line.stop()
	if err := d.e.closeFiles(); err != nil {
		d.t.Fatal(err)
	}
	d.open()
}

// session begins a session.
func (d *database) session() *testSession {
	d.t.Helper()
	s, err := d.e.Open(context.Background(), map[string]string{"user": "postgres"}, port.ClientInfo{})
	if err != nil {
		d.t.Fatal(err)
	}
	return &testSession{t: d.t, s: s}
}

// testSession is a session that is spoken to in SQL.
type testSession struct {
	t testing.TB
	s port.Session
}

func (s *testSession) close() { s.s.Close() }

// answer is what a simple query gave.
type answer struct {
	env     *types.Env
	cols    []port.Column
	rows    [][]string
	tags    []string
	notices []string
	input   []byte // for COPY FROM STDIN
	piece   int    // how much of it comes at once; 0: all
	output  strings.Builder
}

var _ port.Sink = (*answer)(nil)

func (a *answer) Flush() error                          { return nil }
func (a *answer) Complete(tag string) error             { a.tags = append(a.tags, tag); return nil }
func (a *answer) Empty() error                          { return nil }
func (a *answer) Notice(n *pgerr.Error)                 { a.notices = append(a.notices, n.Message) }
func (a *answer) Parameter(string, string)              {}
func (a *answer) CopyOutDone() error                    { return nil }
func (a *answer) Write(p []byte) (int, error)           { return a.output.Write(p) }
func (a *answer) CopyOut(int16, int) (io.Writer, error) { return a, nil }
func (a *answer) CopyIn(int16, int) (port.CopyReader, error) {
	return a, nil
}

// Next implements port.CopyReader.
func (a *answer) Next(context.Context) ([]byte, error) {
	if len(a.input) == 0 {
		return nil, io.EOF
	}
	n := len(a.input)
	if a.piece > 0 {
		n = min(n, a.piece)
	}
	b := a.input[:n:n]
	a.input = a.input[n:]
	return b, nil
}

// Columns implements port.Sink.
func (a *answer) Columns(cols []port.Column) error {
	a.cols, a.rows = slices.Clone(cols), nil
	return nil
}

// Rows implements port.Sink.
func (a *answer) Rows(b *vec.Batch) error {
	for i := range b.N {
		row := i
		if b.Sel != nil {
			row = int(b.Sel[i])
		}
		out := make([]string, len(b.Cols))
		for j := range b.Cols {
			out[j] = "∅"
			if d := b.Cols[j].Datum(row); !d.IsNull() {
				out[j] = a.cols[j].Type.Text(a.env, d)
			}
		}
		a.rows = append(a.rows, out)
	}
	return nil
}

// try runs a simple query.
func (s *testSession) try(sql string, input ...string) (*answer, error) {
	return s.tryPieces(0, sql, input...)
}

// tryPieces is try with the input coming in pieces of a size.
func (s *testSession) tryPieces(size int, sql string, input ...string) (*answer, error) {
	a := &answer{env: s.s.Env(), input: []byte(strings.Join(input, "")), piece: size}
	err := s.s.Simple(context.Background(), sql, a)
	if err != nil {
		s.s.Fail(err)
	}
	if p, serr := s.s.Sync(context.Background()); serr != nil && err == nil {
		err = serr
	} else if p != nil {
		<-p.Done()
		if err == nil {
			err = p.Err()
		}
	}
	return a, err
}

// exec runs a simple query that has to succeed.
func (s *testSession) exec(sql string, input ...string) *answer {
	s.t.Helper()
	a, err := s.try(sql, input...)
	if err != nil {
		s.t.Fatalf("%s\n%v", sql, err)
	}
	return a
}

// text gives the rows of a query, columns divided by |, rows by newlines.
func (s *testSession) text(sql string) string {
	s.t.Helper()
	var lines []string
	for _, r := range s.exec(sql).rows {
		lines = append(lines, strings.Join(r, "|"))
	}
	return strings.Join(lines, "\n")
}

// fails runs a simple query that has to fail with a SQLSTATE.
func (s *testSession) fails(code pgerr.Code, sql string) {
	s.t.Helper()
	_, err := s.try(sql)
	var e *pgerr.Error
	if !errors.As(err, &e) || e.Code != code {
		s.t.Fatalf("%s\ngives %v, want SQLSTATE %s", sql, err, code)
	}
}
