package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Config is what a Server is told. The zero value of every field but Engine
// is usable.
type Config struct {
	// TLS holds the certificate; nil: SSLRequest is refused.
	TLS *tls.Config
	// Cleartext asks clients over TLS for the password itself instead of
	// SCRAM-SHA-256, for clients that know no SCRAM.
	Cleartext bool
	// MaxConnections bounds the sessions; 0 is 100, PostgreSQL's default.
	MaxConnections int
	// MaxMessage bounds a message in bytes; 0 is 256 MiB. No more is ever
	// accepted than PostgreSQL does (1 GiB - 1).
	MaxMessage int
	// AuthTimeout is what a client has to get through the start-up; 0 is a minute.
	AuthTimeout time.Duration
	// WriteTimeout ends connections whose client takes no bytes for that long; 0 is
	// ten minutes, negative is never.
	WriteTimeout time.Duration
	// Logger takes what the server has to say; nil: slog's default.
	Logger *slog.Logger
	// Registry takes the server's metrics; nil: they are counted and not shown.
	Registry prometheus.Registerer
}

const (
	defaultConnections = 100
	defaultMessage     = 256 << 20
	maxMessage         = 1<<30 - 2
	// goneCheck is how often the clients of long statements are looked after.
	goneCheck = 2 * time.Second
	// stuck is what connections get to end after they have been told to.
	stuck = 5 * time.Second
)

// Server serves an Engine to PostgreSQL's clients. Its goroutines are one per
// listener, one per connection (more while its commits are on their way or
// while it can be notified), and one that looks after clients that vanish.
type Server struct {
	cfg     Config
	log     *slog.Logger
	metrics *metrics
	engine  atomic.Pointer[Engine]

	draining atomic.Bool
	sessions atomic.Int64 // connections past their start-up packet

	mu        sync.Mutex
	conns     map[*conn]struct{}
	listeners map[net.Listener]struct{}
	closed    bool
	empty     chan struct{}  // closed when conns becomes empty; nil when nobody waits
	work      sync.WaitGroup // listeners' goroutines and connections
	stop      chan struct{}  // closed by the end of Shutdown
	mock      mockSecret
}

// New makes a server that refuses connections with 57P03 until Attach.
func New(cfg Config) *Server {
	if cfg.MaxConnections == 0 {
		cfg.MaxConnections = defaultConnections
	}
	if cfg.MaxMessage == 0 {
		cfg.MaxMessage = defaultMessage
	}
	cfg.MaxMessage = min(cfg.MaxMessage, maxMessage)
	if cfg.AuthTimeout == 0 {
		cfg.AuthTimeout = time.Minute
	}
	switch {
	case cfg.WriteTimeout == 0:
		cfg.WriteTimeout = 10 * time.Minute
	case cfg.WriteTimeout < 0:
		cfg.WriteTimeout = 0
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	s := &Server{
		cfg: cfg, log: cfg.Logger,
		conns: map[*conn]struct{}{}, listeners: map[net.Listener]struct{}{}, stop: make(chan struct{}),
		mock: newMockSecret(),
	}
	s.metrics = newMetrics(cfg.Registry, func() float64 { return float64(s.sessions.Load()) })
	s.work.Go(s.watchGone)
	return s
}

// Attach gives the server its engine: connections are accepted from now on.
func (s *Server) Attach(e Engine) { s.engine.Store(&e) }

// Ready tells whether clients are served: an engine is there, it is ready, and
// the server is not shutting down.
func (s *Server) Ready() error {
	switch e := s.engine.Load(); {
	case s.draining.Load():
		return errShuttingDown()
	case e == nil:
		return errStartingUp()
	default:
		return (*e).Ready()
	}
}

func errStartingUp() *pgerr.Error {
	return fatal(pgerr.CannotConnectNow, "the database system is starting up")
}

func errShuttingDown() *pgerr.Error {
	return fatal(pgerr.CannotConnectNow, "the database system is shutting down")
}

func errAdminShutdown() *pgerr.Error {
	return fatal(pgerr.AdminShutdown, "terminating connection due to administrator command")
}

// Serve accepts connections until the listener is closed, by Shutdown or
// otherwise; after Shutdown it gives nil.
func (s *Server) Serve(ln net.Listener) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		ln.Close()
		return nil
	}
	s.listeners[ln] = struct{}{}
	s.work.Add(1)
	s.mu.Unlock()
	defer s.work.Done()
	pause := time.Duration(0)
	for {
		nc, err := ln.Accept()
		if err == nil {
			pause = 0
			s.accept(nc)
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		// Out of file descriptors, most likely: wait for some to come back.
		pause = min(max(2*pause, 5*time.Millisecond), time.Second)
		s.log.Warn("accept failed", "err", err, "retry_in", pause)
		select {
		case <-time.After(pause):
		case <-s.stop:
			return nil
		}
	}
}

// accept starts a connection. There may be twice as many as there may be
// sessions: cancel requests have to get through, and so has the report that
// there are too many.
func (s *Server) accept(nc net.Conn) {
	c := newConn(s, nc)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.conns) >= 2*s.cfg.MaxConnections+8 {
		s.metrics.refused.Inc()
		c.cancel(nil)
		nc.Close()
		return
	}
	s.conns[c] = struct{}{}
	s.metrics.accepted.Inc()
	s.work.Go(c.serve)
}

func (s *Server) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if len(s.conns) == 0 && s.empty != nil {
		close(s.empty)
		s.empty = nil
	}
}

func (s *Server) each(f func(*conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		f(c)
	}
}

// awaitEmpty waits until there are no connections; false says that ctx was
// done first.
func (s *Server) awaitEmpty(ctx context.Context) bool {
	s.mu.Lock()
	if len(s.conns) == 0 {
		s.mu.Unlock()
		return true
	}
	if s.empty == nil {
		s.empty = make(chan struct{})
	}
	empty := s.empty
	s.mu.Unlock()
	select {
	case <-empty:
		return true
	case <-ctx.Done():
		return false
	}
}

// Shutdown ends the server: new connections are refused (57P03), idle ones end
// (57P01), and what runs may end by itself until ctx is done; then it is
// cancelled. The engine is not touched. It gives ctx's error when something
// had to be cancelled.
func (s *Server) Shutdown(ctx context.Context) error {
	s.draining.Store(true)
	s.each((*conn).poke)
	var err error
	if !s.awaitEmpty(ctx) {
		err = context.Cause(ctx)
		s.each(func(c *conn) { c.cancel(errAdminShutdown()) })
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), stuck)
		defer cancel()
		if !s.awaitEmpty(late) {
			s.each(func(c *conn) { c.raw.Close() })
		}
	}
	return errors.Join(err, s.close())
}

// close ends listeners and whatever connection came last, and waits for the
// server's goroutines, but not for ever.
func (s *Server) close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.stop)
		for ln := range s.listeners {
			ln.Close()
		}
		for c := range s.conns {
			c.cancel(errAdminShutdown())
		}
	}
	s.mu.Unlock()
	all := make(chan struct{})
	go func() { s.work.Wait(); close(all) }()
	late := time.NewTimer(stuck)
	defer late.Stop()
	select {
	case <-all:
		return nil
	case <-late.C:
		return errors.New("some connections do not end")
	}
}

// watchGone ends the statements of clients that have gone away: nobody reads
// from a connection while its statement runs.
func (s *Server) watchGone() {
	tick := time.NewTicker(goneCheck)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.each((*conn).checkGone)
		case <-s.stop:
			return
		}
	}
}
