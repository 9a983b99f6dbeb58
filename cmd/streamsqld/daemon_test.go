package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/streamsqld/streamsqld/server"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The tests run the daemon as a process of its own, over a fake engine, which
// this variable asks the test binary to be.
const asDaemon = "TEST_AS_DAEMON"

func TestMain(m *testing.M) {
	if os.Getenv(asDaemon) != "" {
		openEngine = openFake
		main()
	}
	os.Exit(m.Run())
}

// openFake opens an engine that knows two statements. Files in its directory
// make it fail as a real one would.
func openFake(ctx context.Context, cfg engineConfig) (database, error) {
	if _, err := os.Stat(filepath.Join(cfg.Dir, "newer")); err == nil {
		return nil, errors.New("the data directory has version 9, this streamsqld knows versions up to 1")
	}
	if _, err := os.Stat(filepath.Join(cfg.Dir, "slow")); err == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	lock, err := os.OpenFile(filepath.Join(cfg.Dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.New("the data directory is in use by another process")
	}
	return &fakeDB{lock: lock, dir: cfg.Dir}, nil
}

type fakeDB struct {
	lock *os.File
	dir  string
}

func (f *fakeDB) Authentication(string) server.Authenticator { return nil }
func (f *fakeDB) Cancel(int32, uint32)                       {}
func (f *fakeDB) Ready() error                               { return nil }
func (f *fakeDB) Close(context.Context) error {
	return os.WriteFile(filepath.Join(f.dir, "closed"), nil, 0o600)
}

func (f *fakeDB) Open(context.Context, map[string]string, server.ClientInfo) (server.Session, error) {
	return &fakeSession{}, nil
}

type fakeSession struct{ server.Session }

func (*fakeSession) PID() int32                           { return 1 }
func (*fakeSession) Secret() uint32                       { return 2 }
func (*fakeSession) TxStatus() byte                       { return 'I' }
func (*fakeSession) Env() *types.Env                      { return types.DefaultEnv }
func (*fakeSession) Parameters() []server.Parameter       { return nil }
func (*fakeSession) Notifications() []server.Notification { return nil }
func (*fakeSession) Wake() <-chan struct{}                { return nil }
func (*fakeSession) Close()                               {}

func (*fakeSession) Simple(ctx context.Context, sql string, sink server.Sink) error {
	one := &vec.Batch{Cols: []vec.Vec{{Kind: types.Int, Ints: []int64{1}}}, N: 1}
	err := errors.Join(sink.Columns([]server.Column{{Name: "n", Type: types.TInt4, Mod: -1}}), sink.Rows(one))
	if strings.HasPrefix(sql, "wait") {
		if err := errors.Join(err, sink.Flush()); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}
	return errors.Join(err, sink.Complete("SELECT 1"))
}

// process is a running daemon.
type process struct {
	*exec.Cmd
	t        *testing.T
	stderr   *bufio.Reader
	pg, http string
}

// start starts a daemon on ports of its own.
func start(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	p := &process{t: t, Cmd: exec.Command(os.Args[0], append([]string{"--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data-dir", dir}, args...)...)}
	p.Env = append(os.Environ(), asDaemon+"=1")
	pipe, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill(); p.Wait() })
	p.stderr = bufio.NewReader(pipe)
	return p
}

var (
	psqlLine = regexp.MustCompile(`psql -h (\S+) -p (\d+) -U (\S+)`)
	httpLine = regexp.MustCompile(`(http://\S+/)`)
)

// ready waits for the banner.
func (p *process) ready() *process {
	p.t.Helper()
	for p.http == "" {
		line, err := p.stderr.ReadString('\n')
		if err != nil {
			p.t.Fatal("no banner: ", err)
		}
		if m := psqlLine.FindStringSubmatch(line); m != nil {
			p.pg = "postgres://" + m[3] + "@" + m[1] + ":" + m[2] + "/db?sslmode=disable"
		}
		if m := httpLine.FindStringSubmatch(line); m != nil {
			p.http = m[1]
		}
	}
	return p
}

// end waits for the end and gives the exit code and what was still said.
func (p *process) end() (code int, said string) {
	p.t.Helper()
	rest, _ := io.ReadAll(p.stderr)
	err := p.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.ProcessState.ExitCode(), string(rest)
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) status(path string) int {
	p.t.Helper()
	r, err := http.Get(p.http + path)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Body.Close()
	return r.StatusCode
}

func TestServesAndStops(t *testing.T) {
	for _, s := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		dir := filepath.Join(t.TempDir(), "data")
		p := start(t, dir).ready()
		conn, err := pgx.Connect(context.Background(), p.pg+"&default_query_exec_mode=simple_protocol")
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := conn.QueryRow(context.Background(), "select 1").Scan(&n); err != nil || n != 1 {
			t.Error(n, err)
		}
		if p.status("readyz") != 200 || p.status("metrics") != 200 || p.status("debug/pprof/") != 404 {
			t.Error("HTTP")
		}
		p.signal(s)
		code, said := p.end()
		if code != 0 || !strings.Contains(said, "stopped") {
			t.Errorf("%v: exit code %d, %s", s, code, said)
		}
		if _, err := os.Stat(filepath.Join(dir, "closed")); err != nil {
			t.Error("the engine was not closed")
		}
		if err := conn.Ping(context.Background()); err == nil {
			t.Error("the connection lives on")
		}
	}
}

// waiting runs a statement that does not end, and gives its outcome when it
// does.
func waiting(t *testing.T, p *process) <-chan error {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, p.pg)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(ctx, "wait", pgx.QueryExecModeSimpleProtocol)
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		for rows.Next() {
		}
		done <- rows.Err()
	}()
	return done
}

func TestGrace(t *testing.T) {
	p := start(t, t.TempDir(), "--shutdown-grace", "50ms").ready()
	done := waiting(t, p)
	p.signal(syscall.SIGTERM)
	if err := <-done; err == nil || !strings.Contains(err.Error(), "57P01") {
		t.Error(err)
	}
	if code, said := p.end(); code != 0 {
		t.Errorf("exit code %d, %s", code, said)
	}
}

func TestSecondSignal(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, "--shutdown-grace", "1h").ready()
	done := waiting(t, p)
	p.signal(syscall.SIGTERM)
	line := ""
	for !strings.Contains(line, "stopping") {
		var err error
		if line, err = p.stderr.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	p.signal(syscall.SIGINT)
	if code, said := p.end(); code != 1 {
		t.Errorf("exit code %d, %s", code, said)
	}
	if err := <-done; err == nil {
		t.Error("the statement ended well")
	}
	if _, err := os.Stat(filepath.Join(dir, "closed")); err == nil {
		t.Error("the engine was closed")
	}
}

// Until the engine is there, clients and readyz are told to wait; a signal ends
// the start.
func TestSignalWhileStarting(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "slow"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	p := start(t, dir, "--listen", addr)
	var conn *pgx.Conn
	for err = errors.New("refused"); !strings.Contains(err.Error(), "57P03"); {
		if conn, err = pgx.Connect(context.Background(), "postgres://u@"+addr+"/db?sslmode=disable"); err == nil {
			conn.Close(context.Background())
			t.Fatal("served without an engine")
		}
	}
	p.signal(syscall.SIGTERM)
	if code, said := p.end(); code != 0 {
		t.Errorf("exit code %d, %s", code, said)
	}
}

func TestCannotStart(t *testing.T) {
	inUse := t.TempDir()
	other := start(t, inUse).ready()
	newer := t.TempDir()
	if err := os.WriteFile(filepath.Join(newer, "newer"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	port := strings.TrimSuffix(strings.TrimPrefix(other.http, "http://"), "/")
	for _, tc := range []struct {
		name, dir string
		args      []string
		code      int
		said      string
	}{
		{"directory in use", inUse, nil, 1, "streamsqld: the data directory is in use by another process\n"},
		{"port taken", t.TempDir(), []string{"--listen", port}, 1, "streamsqld: cannot listen on " + port + ": address already in use\n"},
		{"HTTP port taken", t.TempDir(), []string{"--http", port}, 1, "streamsqld: cannot listen on " + port + ": address already in use\n"},
		{"newer directory", newer, nil, 1, "streamsqld: the data directory has version 9, this streamsqld knows versions up to 1\n"},
		{"a file", file, nil, 1, "streamsqld: cannot make the data directory: mkdir " + file + ": not a directory\n"},
		{"not writable", "/proc/self", nil, 1, "streamsqld: cannot write to the data directory /proc/self: "},
		{"no certificate", t.TempDir(), []string{"--tls-cert", "nope", "--tls-key", "nope"}, 1, "streamsqld: cannot use the certificate nope: open nope: no such file or directory\n"},
		{"half a certificate", t.TempDir(), []string{"--tls-cert", "nope"}, 2, "streamsqld: --tls-cert and --tls-key belong together (streamsqld --help shows what there is)\n"},
		{"unknown flag", t.TempDir(), []string{"--nope"}, 2, "streamsqld: flag provided but not defined: -nope (streamsqld --help shows what there is)\n"},
		{"an argument", t.TempDir(), []string{"serve"}, 2, "streamsqld: unexpected argument \"serve\" (streamsqld --help shows what there is)\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, said := start(t, tc.dir, tc.args...).end()
			if code != tc.code || !strings.HasPrefix(said, tc.said) || strings.Count(said, "\n") != 1 {
				t.Errorf("exit code %d, %q", code, said)
			}
		})
	}
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	rawKey, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if err := errors.Join(
		os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: rawKey}), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	p := start(t, filepath.Join(dir, "data"), "--tls-cert", cert, "--tls-key", keyFile).ready()
	conn, err := pgx.Connect(context.Background(), strings.Replace(p.pg, "sslmode=disable", "sslmode=require", 1))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close(context.Background())
}
