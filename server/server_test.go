package server_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/server"
)

// testServer is a server on a port of its own, over a fake engine.
type testServer struct {
	*server.Server
	engine *fakeEngine
	addr   string
}

// startServer starts one, which ends with the test and has then no connections
// and no sessions left.
func startServer(t testing.TB, configure func(*server.Config, *fakeEngine)) *testServer {
	t.Helper()
	e := newFakeEngine()
	cfg := server.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if configure != nil {
		configure(&cfg, e)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &testServer{Server: server.New(cfg), engine: e, addr: ln.Addr().String()}
	s.Attach(e)
	served := make(chan error, 1)
	go func() { served <- s.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		if n := e.open.Load(); n != 0 {
			t.Errorf("%d sessions left open", n)
		}
		left := goroutines()
		for ; left != "" && ctx.Err() == nil; left = goroutines() {
			runtime.Gosched()
		}
		if left != "" {
			t.Errorf("goroutines left behind:\n%s", left)
		}
	})
	return s
}

// goroutines gives the stacks of a server's goroutines. All of them have ended
// when Shutdown returns, but for what a context that has ended starts (context.AfterFunc),
// which then finds nothing to do.
func goroutines() string {
	buf := make([]byte, 1<<20)
	var left []string
	for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(g, "/server.(*conn).") || strings.Contains(g, "/server.(*output).") {
			left = append(left, g)
		}
	}
	return strings.Join(left, "\n\n")
}
