package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// conn is one client's connection. Its goroutine reads messages, runs them on
// the session and appends the answers to out; see output for who else writes.
type conn struct {
	srv    *Server
	raw    net.Conn // the socket
	nc     net.Conn // raw, or TLS over it
	in     input
	out    *output
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelCauseFunc
	engine Engine

	session Session
	idler   Idler // session, if it is one
	sink    sink

	// idle says that the connection waits for a command, with no message of a
	// pipeline since the last ReadyForQuery.
	idle bool
	// skip says that messages are skipped until Sync, after an error.
	skip bool
	// held says that the answers to a pipeline wait for its Sync or Flush, as
	// clients expect that pair them with what they have sent.
	held bool
	// desync says that the client's next message cannot be found.
	desync bool
	// linger says that the client may be sending what will not be read.
	linger bool

	// What interrupts a read: poke sets poked and makes the read deadline pass.
	poked     atomic.Bool
	unpoke    func() bool // takes back the poke at the end of ctx
	deadline  time.Time   // the read's own deadline
	expired   error       // what to say when it passes
	waits     atomic.Int64
	running   atomic.Bool
	began     time.Time       // the first message since ReadyForQuery
	waitCtx   context.Context // ends a wait for copied data, nil while there is none
	lastWaits int64           // waits when checkGone last looked
	watched   <-chan struct{}

	reported map[string]string // parameters as the client knows them
	changed  []Parameter       // to be reported before ReadyForQuery
	stmts    stmtTexts
	bind     bindBuffers
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{srv: s, raw: nc, nc: nc, log: s.log.With("client", nc.RemoteAddr().String())}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	c.unpoke = context.AfterFunc(c.ctx, c.poke)
	c.in = newInput(c, s.cfg.MaxMessage)
	c.out = newOutput(nc, s.cfg.WriteTimeout, c.ctx.Done(), func() { nc.Close() }, s.metrics.sent)
	c.sink.c = c
	return c
}

// serve is the connection's goroutine.
func (c *conn) serve() {
	defer c.end()
	defer c.recover()
	if err := c.startup(); err != nil {
		c.lost(err)
		return
	}
	c.lost(c.loop())
}

// loop runs messages until the connection ends; it gives why.
func (c *conn) loop() error {
	for {
		c.idle = c.idle && !c.skip
		typ, body, err := c.in.next()
		if err != nil {
			return err
		}
		c.running.Store(true)
		if c.skip && typ != 'S' && typ != 'X' {
			continue
		}
		if err := c.message(typ, body); err != nil {
			return err
		}
	}
}

var errTerminate = errors.New("the client ended the connection")

// message runs one message. The error it gives ends the connection.
func (c *conn) message(typ byte, b []byte) error {
	wasIdle := c.idle
	c.idle, c.held = false, extendedQuery(typ)
	if wasIdle {
		c.began = time.Now()
	}
	switch typ {
	case 'Q':
		return c.simpleQuery(b)
	case 'P':
		return c.parse(b)
	case 'B':
		return c.bindMessage(b)
	case 'D':
		return c.describe(b)
	case 'E':
		return c.execute(b)
	case 'C':
		return c.closeMessage(b)
	case 'S':
		return c.sync(b)
	case 'H':
		if c.in.buffered() {
			return c.out.sealReply()
		}
		return nil // Read flushes
	case 'F':
		return c.functionCall()
	case 'X':
		return errTerminate
	case 'd', 'c', 'f':
		// What a client was still sending when its COPY failed.
		c.idle = wasIdle
		return nil
	}
	return errMessageType(typ)
}

// extendedQuery tells the messages whose answers wait for Sync or Flush.
func extendedQuery(typ byte) bool {
	switch typ {
	case 'P', 'B', 'D', 'E', 'C':
		return true
	}
	return false
}

// maxLogged is how much of a query stands in the log.
const maxLogged = 1000

// fail reports an error of the extended protocol: what follows is skipped
// until Sync.
func (c *conn) fail(err error, query string) error {
	c.skip, c.held = true, false // errors go out at once
	return c.report(err, query)
}

// report sends an error to the client; it gives an error when that ends the
// connection.
func (c *conn) report(err error, query string) error {
	if cause := context.Cause(c.ctx); cause != nil {
		return cause // what failed did so because the connection ends
	}
	if errors.Is(err, errDisconnected) {
		return err
	}
	e := pgerr.From(err)
	c.srv.metrics.failed(e.Code)
	if e.Code == pgerr.InternalError {
		c.log.Error("internal error", "err", err, "query", query[:min(len(query), maxLogged)])
	}
	if endsConnection(e) {
		return e
	}
	c.out.buf = appendReport(c.out.buf, e, query, c.client())
	if c.desync {
		return fatal(pgerr.ProtocolViolation, "terminating connection because protocol synchronization was lost")
	}
	return nil
}

// lost ends the connection for a reason, of which the client hears if it is a
// report.
func (c *conn) lost(err error) {
	if cause := context.Cause(c.ctx); cause != nil {
		err = cause
	}
	var e *pgerr.Error
	switch {
	case errors.As(err, &e):
		if !endsConnection(e) {
			f := *e
			f.Severity = pgerr.SevFatal
			e = &f
		}
		c.out.buf = appendReport(c.out.buf, e, "", c.client())
		c.log.Debug("connection ended", "err", e)
		c.linger = e.Code == pgerr.ProtocolViolation || c.in.w > c.in.r
	case errors.Is(err, errTerminate), errors.Is(err, errDisconnected):
	default:
		c.log.Debug("connection lost", "err", err)
	}
}

// recover turns a panic into a report for this client alone.
func (c *conn) recover() {
	v := recover()
	if v == nil {
		return
	}
	c.srv.metrics.panics.Inc()
	c.log.Error("panic in a connection", "panic", v, "stack", string(debug.Stack()))
	c.out.buf = appendReport(c.out.buf, errPanic(v), "", nil)
}

// end closes what the connection holds, in the order in which it was opened
// from the last.
func (c *conn) end() {
	c.out.finish()
	c.closeSession()
	c.unpoke()
	c.cancel(nil)
	if c.linger {
		c.drain()
	}
	c.nc.Close()
	c.srv.remove(c)
}

func (c *conn) closeSession() {
	defer func() {
		if v := recover(); v != nil {
			c.srv.metrics.panics.Inc()
			c.log.Error("panic while a session was closed", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	if c.session != nil {
		c.srv.sessions.Add(-1)
		c.session.Close()
	}
}

// drain reads what a client is still sending, for a moment: closing a socket
// with unread data would reset it, and the client lose the report.
func (c *conn) drain() {
	if tcp, ok := c.raw.(*net.TCPConn); ok {
		tcp.CloseWrite()
	}
	c.raw.SetReadDeadline(time.Now().Add(lingerFor))
	io.Copy(io.Discard, c.raw)
}

const lingerFor = 200 * time.Millisecond

// Read reads from the client for input. Before it may have to wait it sends
// what is buffered, but for answers that are held; while it waits, poke can make
// it look at what has happened.
func (c *conn) Read(p []byte) (int, error) {
	send := c.out.flush
	if c.held {
		send = c.out.sendSealed
	}
	if err := send(); err != nil {
		return 0, err
	}
	c.waits.Add(1)
	c.running.Store(false)
	if c.session != nil {
		c.limitIdle()
	}
	for {
		if c.poked.Swap(false) {
			c.raw.SetReadDeadline(c.deadline)
			if err := c.interrupted(); err != nil {
				return 0, err
			}
			continue
		}
		n, err := c.nc.Read(p)
		if n > 0 || err == nil {
			c.srv.metrics.received(n)
			return n, nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return 0, err
		}
		if !c.deadline.IsZero() && !time.Now().Before(c.deadline) && !c.poked.Load() {
			return 0, c.expired
		}
		c.raw.SetReadDeadline(c.deadline)
	}
}

// poke makes a waiting read look at what has happened. It may be called from
// any goroutine.
//
// No poke is lost: Read sets the deadline after it has taken poked, so either
// it sees poked again or the deadline set here is the later one.
func (c *conn) poke() {
	c.poked.Store(true)
	c.raw.SetReadDeadline(time.Unix(1, 0))
}

// setDeadline limits reads from now on; the zero time: no limit.
func (c *conn) setDeadline(t time.Time, expired error) {
	if t.IsZero() && c.deadline.IsZero() {
		return
	}
	c.deadline, c.expired = t, expired
	c.raw.SetReadDeadline(t)
}

// limitIdle sets how long the client may say nothing.
func (c *conn) limitIdle() {
	var limit time.Duration
	var report error
	if c.idle && c.idler != nil {
		limit, report = c.idler.IdleLimit()
	}
	if limit <= 0 {
		c.setDeadline(time.Time{}, nil)
		return
	}
	c.setDeadline(time.Now().Add(limit), report)
}

// interrupted looks at what a poke may have been for.
func (c *conn) interrupted() error {
	if cause := context.Cause(c.ctx); cause != nil {
		return cause
	}
	if c.waitCtx != nil && c.waitCtx.Err() != nil {
		return errCanceled()
	}
	if c.session == nil {
		return nil
	}
	if c.idler != nil {
		if err := c.idler.Ended(); err != nil {
			return err
		}
	}
	if !c.idle {
		return nil
	}
	if c.srv.draining.Load() {
		return errAdminShutdown()
	}
	if c.session.TxStatus() == 'I' {
		c.notify()
		return c.out.flush()
	}
	return nil
}

// checkGone cancels what the connection runs if its client has gone; it looks
// only at statements that have been running since it looked before.
func (c *conn) checkGone() {
	waits := c.waits.Load()
	busy := c.running.Load() && waits == c.lastWaits
	c.lastWaits = waits
	if busy && hungUp(c.raw) {
		c.cancel(errDisconnected)
	}
}
