package slt

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Server is what files run against.
type Server interface {
	// Name is what skipif and onlyif call the server.
	Name() string
	// DSN gives the address of an empty database.
	DSN() string
	// Restart ends the server, as kill -9 does when kill is set, and starts it
	// again over the same data. A server that cannot be restarted does nothing.
	Restart(kill bool) error
}

// Names of servers.
const (
	PostgreSQL = "postgresql"
	StreamSQLD = "streamsqld"
)

// Failure is a record whose outcome is not the expected one.
type Failure struct {
	File   string
	Line   int
	SQL    string
	Reason string
}

// String gives the failure as several lines.
func (f Failure) String() string {
	return fmt.Sprintf("%s:%d\n%s\n%s", f.File, f.Line, indent(strings.Split(f.SQL, "\n")), f.Reason)
}

// recordTime bounds one record. A statement that takes longer hangs.
const recordTime = time.Minute

// blockTime is how long a background statement has to be seen waiting.
const blockTime = 100 * time.Millisecond

// Runner runs files against a server. The zero values of its options are what
// public suites need.
type Runner struct {
	Server   Server
	Protocol Protocol
	// Rewrite puts what the server gives in place of what is expected.
	Rewrite bool
	// Judge gives what is wrong with an outcome; nil: Record.Compare.
	Judge func(r *Record, o *Outcome) string

	conns    map[string]*Conn
	pending  map[string]*pending
	current  string
	halted   bool
	failures []Failure
	file     *File
	// databases are those of the connections that name one.
	databases map[string]string
	count     int
}

// pending is a statement that runs in the background.
type pending struct {
	record *Record
	done   chan struct{}
	out    *Outcome
	err    error
}

// mainConn is the name of the connection that files begin with.
const mainConn = "main"

// Run runs a file and gives what failed, and how many records ran.
func (rn *Runner) Run(ctx context.Context, f *File) ([]Failure, int) {
	rn.begin(f)
	defer rn.closeAll(ctx)
	for _, r := range f.Records {
		if ctx.Err() != nil || rn.halted {
			break
		}
		if r.runsOn(rn.Server.Name()) {
			rn.step(ctx, r)
		}
	}
	for name := range rn.pending {
		rn.await(ctx, name)
	}
	if rn.Rewrite {
		shareLabels(f, rn.Server.Name())
	}
	return rn.failures, rn.count
}

// begin makes the runner ready for a file.
func (rn *Runner) begin(f *File) {
	rn.conns, rn.pending, rn.current = map[string]*Conn{}, map[string]*pending{}, mainConn
	rn.databases = map[string]string{}
	rn.file, rn.failures, rn.count, rn.halted = f, nil, 0, false
}

// step runs one record.
func (rn *Runner) step(ctx context.Context, r *Record) {
	switch r.Kind {
	case Connection:
		name, database, _ := strings.Cut(r.Argument, " ")
		if rn.current = name; database != "" {
			rn.databases[name] = database
		}
	case Await:
		rn.await(ctx, r.Argument)
	case Restart, Kill:
		rn.closeAll(ctx)
		if err := rn.Server.Restart(r.Kind == Kill); err != nil {
			rn.fail(r, err.Error())
			rn.halted = true
		}
	case Halt:
		rn.halted = true
	case Threshold: // hashes are recognised as they come
	case Sleep:
		d, err := time.ParseDuration(r.Argument)
		if err != nil {
			rn.fail(r, err.Error())
		}
		time.Sleep(d)
	default:
		rn.run(ctx, r)
	}
}

// run runs a record that sends something.
func (rn *Runner) run(ctx context.Context, r *Record) {
	rn.await(ctx, rn.current)
	c, err := rn.conn(ctx, rn.current)
	if err != nil {
		rn.fail(r, "cannot connect: "+err.Error())
		return
	}
	p := &pending{record: r, done: make(chan struct{})}
	go func() { // awaited here, by the next record on the connection, or at the end
		defer close(p.done)
		ctx, cancel := context.WithTimeout(ctx, recordTime)
		defer cancel()
		p.out, p.err = c.Run(ctx, r)
	}()
	rn.pending[rn.current] = p
	if !r.Background {
		rn.await(ctx, rn.current)
		return
	}
	select {
	case <-p.done:
		rn.fail(r, "the statement should have waited, but it has ended")
	case <-time.After(blockTime):
	}
}

// await waits for the statement that runs on a connection, if there is one, and
// judges it.
func (rn *Runner) await(ctx context.Context, name string) {
	p := rn.pending[name]
	if p == nil {
		return
	}
	<-p.done
	delete(rn.pending, name)
	rn.count++
	if p.err != nil {
		rn.fail(p.record, "the connection failed: "+p.err.Error())
		rn.conns[name].Close(ctx)
		delete(rn.conns, name)
		return
	}
	if rn.Rewrite {
		p.record.accept(p.out)
		return
	}
	judge := (*Record).Compare
	if rn.Judge != nil {
		judge = rn.Judge
	}
	if d := judge(p.record, p.out); d != "" {
		rn.fail(p.record, d)
	}
}

func (rn *Runner) fail(r *Record, reason string) {
	rn.failures = append(rn.failures, Failure{File: rn.file.Name, Line: r.Line, SQL: r.SQL, Reason: reason})
}

// conn gives the connection of a name, opening it when there is none.
func (rn *Runner) conn(ctx context.Context, name string) (*Conn, error) {
	if c := rn.conns[name]; c != nil {
		return c, nil
	}
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	c, err := dial(ctx, rn.Server.DSN(), rn.databases[name], rn.Protocol)
	if err == nil {
		rn.conns[name] = c
	}
	return c, err
}

func (rn *Runner) closeAll(ctx context.Context) {
	for name := range rn.pending {
		rn.await(ctx, name)
	}
	for name, c := range rn.conns {
		c.Close(ctx)
		delete(rn.conns, name)
	}
}

// accept makes an outcome the record's expectation.
func (r *Record) accept(o *Outcome) {
	r.Fails, r.Message = o.Err != nil, nil
	r.Code = ""
	if o.Err != nil {
		r.Code = o.Err.Code
	}
	r.Expect = r.block(o)
}

// shareLabels gives the records that the server did not run the rows of the
// record with the same label that it did run.
func shareLabels(f *File, server string) {
	ran := map[string]*Record{}
	for _, r := range f.Records {
		if r.Label != "" && r.runsOn(server) {
			ran[r.Label] = r
		}
	}
	for _, r := range f.Records {
		if source := ran[r.Label]; source != nil && !r.runsOn(server) {
			r.Expect, r.Fails, r.Code = source.Expect, source.Fails, source.Code
		}
	}
}
