package peer

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Streamsqld is the built binary, running on ports and a directory of its own.
type Streamsqld struct {
	binary, dir string
	port, http  int
	args        []string
	child       *child
}

// ModuleDir is the directory of the project's module, found from the working
// directory upwards.
func ModuleDir() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("go list -m: %w (run the benchmarks inside the project)", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// BuildStreamsqld builds the server into dir and returns the binary's path.
func BuildStreamsqld(ctx context.Context, dir string) (string, error) {
	module, err := ModuleDir()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "streamsqld")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/streamsqld")
	build.Dir = module
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/streamsqld: %w\n%s", err, out)
	}
	return binary, nil
}

// StartStreamsqld starts the binary on free ports, with its data under dir and
// profiles switched on; args are further flags.
func StartStreamsqld(ctx context.Context, binary, dir string, args ...string) (*Streamsqld, error) {
	s := &Streamsqld{binary: binary, dir: dir, args: args}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	_, err := s.Start(ctx)
	return s, err
}

// Start executes the binary on the data it left and returns the time from the
// execution to the answer of /readyz.
func (s *Streamsqld) Start(ctx context.Context) (time.Duration, error) {
	var err error
	if s.port, err = freePort(); err != nil {
		return 0, err
	}
	if s.http, err = freePort(); err != nil {
		return 0, err
	}
	args := append([]string{
		"--listen", fmt.Sprintf("127.0.0.1:%d", s.port), "--http", fmt.Sprintf("127.0.0.1:%d", s.http),
		"--data-dir", filepath.Join(s.dir, "data"), "--pprof",
	}, s.args...)
	begin := time.Now()
	s.child, err = start("streamsqld", exec.Command(s.binary, args...), filepath.Join(s.dir, "log"))
	if err != nil {
		return 0, err
	}
	client := &http.Client{Timeout: time.Second}
	err = s.child.waitFor(ctx, func() bool {
		response, err := client.Get(s.URL("/readyz"))
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	return time.Since(begin), err
}

// DSN is how to connect.
func (s *Streamsqld) DSN() string {
	return fmt.Sprintf("host=127.0.0.1 port=%d user=postgres dbname=postgres sslmode=disable", s.port)
}

// URL is an address of the HTTP side.
func (s *Streamsqld) URL(path string) string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", s.http, path)
}

// Pid is the server's process.
func (s *Streamsqld) Pid() int { return s.child.cmd.Process.Pid }

// Kill is kill −9.
func (s *Streamsqld) Kill() error { return s.child.end(syscall.SIGKILL) }

// Stop asks the server to stop and waits until it did.
func (s *Streamsqld) Stop() error { return s.child.end(syscall.SIGTERM) }
