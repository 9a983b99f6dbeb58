package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// startTime bounds a start, recovery included, on a slow machine.
const startTime = 2 * time.Minute

// stopTime bounds an end in good order.
const stopTime = time.Minute

// Options say how a server is started.
type Options struct {
	// Dir is the data directory; empty: a directory of the test.
	Dir string
	// Env is added to the environment, as "NAME=value".
	Env []string
	// Args are added to the flags.
	Args []string
}

// Server is one streamsqld process after another over one data directory. Its
// methods are for one goroutine, but for Log, Config and Connect.
type Server struct {
	tb   testing.TB
	opts Options
	log  *output

	// Every start uses the same ports, so that clients can come back.
	addr, web string

	cmd    *exec.Cmd
	exited chan struct{} // closed when the process is gone
	status error         // of the process, once it is gone
}

// Start starts a server and waits until it is ready. It is killed when the
// test ends, if it still runs then.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	s := Prepare(tb, o)
	if err := s.Start(); err != nil {
		tb.Fatal(err)
	}
	return s
}

// Prepare gives a server that is not started.
func Prepare(tb testing.TB, o Options) *Server {
	tb.Helper()
	if o.Dir == "" {
		o.Dir = tb.TempDir()
	}
	s := &Server{tb: tb, opts: o, log: &output{}, addr: freePorts.take(tb), web: freePorts.take(tb)}
	binary := Binary(tb)
	s.cmd = &exec.Cmd{Path: binary}
	tb.Cleanup(s.close)
	return s
}

// Start starts the process, again after it has ended, and waits until it is
// ready. env is added to the environment of this one process.
func (s *Server) Start(env ...string) error {
	seen := s.log.len()
	cmd := exec.Command(s.cmd.Path, s.args()...)
	cmd.Env = append(append(os.Environ(), s.opts.Env...), env...)
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	s.cmd, s.exited = cmd, make(chan struct{})
	go func(done chan struct{}) { // ends with the process
		s.status = cmd.Wait()
		close(done)
	}(s.exited)
	return s.await(seen)
}

func (s *Server) args() []string {
	return append([]string{"--listen", s.addr, "--http", s.web, "--data-dir", s.opts.Dir}, s.opts.Args...)
}

// await waits for the banner, which tells that the ports are this process's,
// and for /readyz.
func (s *Server) await(seen int) error {
	deadline := time.After(startTime)
	for {
		select {
		case <-s.exited:
			return fmt.Errorf("the server ended at its start: %w\n%s", errOr(s.status, "exit code 0"), s.log.since(seen))
		case <-deadline:
			return fmt.Errorf("the server is not ready after %s\n%s", startTime, s.log.since(seen))
		case <-time.After(5 * time.Millisecond):
		}
		if strings.Contains(s.log.since(seen), "http://"+s.web+"/ has") && s.ready() {
			return nil
		}
	}
}

func errOr(err error, otherwise string) error {
	if err == nil {
		return errors.New(otherwise)
	}
	return err
}

func (s *Server) ready() bool {
	resp, err := http.Get(s.URL("/readyz"))
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// URL gives the address of a page of the HTTP side.
func (s *Server) URL(path string) string { return "http://" + s.web + path }

// Addr gives host and port for PostgreSQL clients.
func (s *Server) Addr() string { return s.addr }

// Dir gives the data directory.
func (s *Server) Dir() string { return s.opts.Dir }

// PID gives the process's id.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// DSN gives the address as a connection string.
func (s *Server) DSN() string {
	return "postgres://postgres@" + s.addr + "/postgres?sslmode=disable"
}

// Connect opens a connection.
func (s *Server) Connect(ctx context.Context) (*pgconn.PgConn, error) {
	return pgconn.Connect(ctx, s.DSN())
}

// Stop ends the process in good order; an exit code other than 0 is an error.
func (s *Server) Stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-s.exited:
	case <-time.After(stopTime):
		s.Kill()
		return fmt.Errorf("the server has not stopped within %s", stopTime)
	}
	if s.status != nil {
		return fmt.Errorf("the server stopped with %w", s.status)
	}
	return nil
}

// Kill ends the process as kill -9 does, and waits until it is gone.
func (s *Server) Kill() {
	s.cmd.Process.Kill()
	<-s.exited
}

// Exited is closed when the process is gone.
func (s *Server) Exited() <-chan struct{} { return s.exited }

// Status tells how the process ended, after Exited: nil for exit code 0.
func (s *Server) Status() error { return s.status }

// Log gives what the server has written so far.
func (s *Server) Log() string { return s.log.since(0) }

// Panics gives the lines of the log that tell of a panic.
func (s *Server) Panics() []string {
	var found []string
	for line := range strings.Lines(s.Log()) {
		if strings.Contains(line, `msg="panic`) || strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") ||
			strings.Contains(line, "WARNING: DATA RACE") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// close is the end of the test.
func (s *Server) close() {
	if s.exited != nil {
		s.Kill()
	}
	freePorts.give(s.addr, s.web)
	if p := s.Panics(); len(p) > 0 {
		s.tb.Errorf("the server's log tells of %d panics, the first:\n%s", len(p), clip(unescape(p[0]), 4000))
	}
}

// unescape makes a stack in a log line readable.
func unescape(line string) string {
	return strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(line)
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + " …"
}

func fields(s string) []string { return strings.Fields(s) }

// output collects what a process writes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Len()
}

func (o *output) since(n int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.buf.Bytes()[n:])
}
