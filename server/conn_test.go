package server_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/server"
)

func query(sql string) *pgproto3.Query { return &pgproto3.Query{String: sql} }

func TestCancelRequest(t *testing.T) {
	s := startServer(t, nil)
	c := s.connect(t, nil)
	c.send(query("select 1; wait"))
	c.expect("C") // the second statement has begun: it has flushed
	for _, secret := range [][]byte{{0, 0, 0, 0}, c.key.SecretKey} {
		// The request comes after one for encryption, as from libpq.
		other := s.dial(t, nil)
		other.send(&pgproto3.SSLRequest{})
		var answer [1]byte
		if _, err := other.nc.Read(answer[:]); err != nil || answer[0] != 'N' {
			t.Fatal(answer, err)
		}
		other.send(&pgproto3.CancelRequest{ProcessID: c.key.ProcessID, SecretKey: secret})
		other.expectEnd()
	}
	c.expectError("ERROR", "57014")
	c.expect("Z")
	c.send(query("select 1"))
	c.expect("DCZ")
}

func TestCancelWhileCopying(t *testing.T) {
	s := startServer(t, nil)
	c := s.connect(t, nil)
	c.send(query("copy t from stdin"))
	c.expect("G")
	c.send(&pgproto3.CopyData{Data: []byte("1\tx\n")})
	s.engine.Cancel(int32(c.key.ProcessID), binary.BigEndian.Uint32(c.key.SecretKey))
	c.expectError("ERROR", "57014")
	c.expect("Z")
	c.send(&pgproto3.CopyData{Data: []byte("2\tx\n")}, &pgproto3.CopyDone{}, query("select 1"))
	if got := c.expect("CZ"); got != "Z I" {
		t.Error(got)
	}
}

func TestNotificationWhileIdle(t *testing.T) {
	s := startServer(t, nil)
	a, b := s.connect(t, nil), s.connect(t, nil)
	a.send(query("listen c"))
	a.expect("Z")
	for range 3 {
		s.engine.notify(server.Notification{PID: 1, Channel: "c", Payload: "p"})
		if got := a.expect("A"); got != `A "c" "p"` {
			t.Error(got)
		}
	}
	// Not within a block: then at its end.
	a.send(query("begin"))
	a.expect("Z")
	s.engine.notify(server.Notification{PID: 1, Channel: "c", Payload: "late"})
	a.send(query("select 1"), query("commit"))
	if got := a.expect("ZA"); got != `A "c" "late"` {
		t.Error(got)
	}
	a.expect("Z")
	b.send(query("select 1"))
	if got := b.expect("C"); got != `C "SELECT 1"` {
		t.Error(got)
	}
}

func TestSessionEndsFromElsewhere(t *testing.T) {
	s := startServer(t, nil)
	c := s.connect(t, nil)
	s.engine.end(fatalTest())
	c.expectError("FATAL", "57P01")
	c.expectEnd()
}

func TestIdleLimit(t *testing.T) {
	s := startServer(t, func(_ *server.Config, e *fakeEngine) {
		e.idleLimit = func(s *fakeSession) (time.Duration, error) {
			if s.TxStatus() == 'I' {
				return 0, nil
			}
			err := pgerr.New(pgerr.IdleInTransactionSessionTimeout, "terminating connection due to idle-in-transaction timeout")
			err.Severity = pgerr.SevFatal
			return time.Millisecond, err
		}
	})
	c := s.connect(t, nil)
	c.send(query("begin"))
	c.expect("Z")
	c.expectError("FATAL", "25P03")
	c.expectEnd()
}

func TestTooManyConnections(t *testing.T) {
	s := startServer(t, func(cfg *server.Config, _ *fakeEngine) { cfg.MaxConnections = 2 })
	a, _ := s.connect(t, nil), s.connect(t, nil)
	c := s.dial(t, nil)
	c.start()
	c.expectError("FATAL", "53300")
	c.expectEnd()
	a.send(&pgproto3.Terminate{})
	a.expectEnd()
	s.connect(t, nil)
}

func TestNotReady(t *testing.T) {
	s := startServer(t, nil)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	early := &testServer{Server: server.New(server.Config{}), addr: ln.Addr().String()}
	go early.Serve(ln)
	if pgerr.CodeOf(early.Ready()) != "57P03" || s.Ready() != nil {
		t.Error("readiness")
	}
	c := early.dial(t, nil)
	c.start()
	c.expectError("FATAL", "57P03")
	c.expectEnd()
	if err := early.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	s.engine.ready = errors.New("recovering")
	if s.Ready() == nil {
		t.Error("ready though the engine is not")
	}
}

func TestPanicIsOneClientsTrouble(t *testing.T) {
	registry := prometheus.NewRegistry()
	s := startServer(t, func(cfg *server.Config, _ *fakeEngine) { cfg.Registry = registry })
	a, b := s.connect(t, nil), s.connect(t, nil)
	a.send(query("select 1; panic"))
	if got := a.expect("CE"); !strings.Contains(got, `C="XX000"`) || !strings.Contains(got, "told to") {
		t.Error(got)
	}
	a.expectEnd()
	b.run("select 1")
	b.expect("CZ")
	if n := counted(t, registry, "streamsqld_server_panics_total"); n != 1 {
		t.Errorf("%v panics counted", n)
	}
}

// counted gives the value of a counter.
func counted(t *testing.T, g prometheus.Gatherer, name string) float64 {
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	t.Fatal("no such metric")
	return 0
}

func TestErrorWithoutACode(t *testing.T) {
	s := startServer(t, nil)
	c := s.connect(t, nil)
	c.send(query("oops"))
	c.expectError("ERROR", "XX000")
	c.expect("Z")
	c.send(query("die"))
	c.expectError("FATAL", "57P01")
	c.expectEnd()
}

func TestClientVanishes(t *testing.T) {
	s := startServer(t, nil)
	c := s.connect(t, nil)
	c.send(query("select 1; wait"))
	c.expect("C")
	c.nc.Close()
	// It is looked at twice before it is missed; when its end has come in is the
	// network's business.
	for {
		select {
		case <-s.engine.closed:
			return
		default:
			s.CheckGone()
		}
	}
}

func TestClientThatDoesNotRead(t *testing.T) {
	s := startServer(t, func(cfg *server.Config, _ *fakeEngine) { cfg.WriteTimeout = 20 * time.Millisecond })
	c := s.connect(t, nil)
	c.send(query("flood"))
	<-s.engine.closed
}

func TestAuthenticationTimeout(t *testing.T) {
	secret := verifier
	s := startServer(t, func(cfg *server.Config, e *fakeEngine) {
		cfg.AuthTimeout = 20 * time.Millisecond
		e.auth = &secret
	})
	silent := s.dial(t, nil)
	silent.expectEnd()
	c := s.dial(t, nil)
	c.start()
	c.expect("R")
	c.expectError("FATAL", "57014")
	c.expectEnd()
}

func TestLargeMessages(t *testing.T) {
	s := startServer(t, func(cfg *server.Config, _ *fakeEngine) { cfg.MaxMessage = 4 << 20 })
	c := s.connect(t, nil)
	arg := strings.Repeat("ä", 1<<20)
	c.send(&pgproto3.Parse{Query: "select $1::text"}, &pgproto3.Bind{Parameters: [][]byte{[]byte(arg)}}, &pgproto3.Execute{}, &pgproto3.Sync{})
	if got := c.expect("D"); !strings.Contains(got, arg) {
		t.Error("the value came back otherwise")
	}
	c.expect("Z")
	c.fe.Send(query(strings.Repeat(" ", 5<<20)))
	go c.fe.Flush() // nobody reads it to its end
	c.expectError("FATAL", "08P01")
	c.expectEnd()
}

func TestShutdown(t *testing.T) {
	s := startServer(t, nil)
	idle, block, busy := s.connect(t, nil), s.connect(t, nil), s.connect(t, nil)
	block.send(query("begin"))
	block.expect("Z")
	busy.send(query("select 1; wait"))
	busy.expect("C")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(ctx) }()
	idle.expectError("FATAL", "57P01")
	idle.expectEnd()
	block.expectError("FATAL", "57P01")
	block.expectEnd()
	late := s.dial(t, nil)
	late.start()
	late.expectError("FATAL", "57P03")
	late.expectEnd()
	cancel()
	busy.expectError("FATAL", "57P01")
	busy.expectEnd()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", s.addr); err == nil {
		t.Error("the listener is still there")
	}
}

func TestShutdownWaitsForStatements(t *testing.T) {
	s := startServer(t, nil)
	c := s.connect(t, nil)
	c.send(query("select 1; wait"))
	c.expect("C")
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(context.Background()) }()
	// The statement ends by itself, here by a cancel; its own answer is sent first.
	s.engine.Cancel(int32(c.key.ProcessID), binary.BigEndian.Uint32(c.key.SecretKey))
	c.expectError("ERROR", "57014")
	c.expect("Z")
	c.expectError("FATAL", "57P01")
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// The answers to a pipeline come with its Sync or Flush, or with its first error:
// drivers that pair them with what they have sent later than they send it count on it.
func TestPipelineAnswersWait(t *testing.T) {
	s := startServer(t, nil)
	c := s.connect(t, nil)
	quiet := func() {
		t.Helper()
		c.nc.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if n, err := c.nc.Read(make([]byte, 1)); n > 0 || err == nil {
			t.Error("an answer came before it was asked for")
		}
		c.nc.SetReadDeadline(time.Now().Add(patience))
	}
	c.send(&pgproto3.Parse{Query: "select 1"}, &pgproto3.Bind{}, &pgproto3.Execute{})
	quiet()
	c.send(&pgproto3.Flush{})
	c.expect("12DC")
	c.send(&pgproto3.Bind{}, &pgproto3.Execute{})
	quiet()
	c.send(&pgproto3.Bind{DestinationPortal: "p", PreparedStatement: "nowhere"})
	c.expect("2DCE")
	c.send(&pgproto3.Sync{})
	c.expect("Z")
}
