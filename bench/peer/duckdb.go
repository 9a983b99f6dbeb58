package peer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// DuckDB is a DuckDB in a child process of its own, built from bench/duckdb.
type DuckDB struct {
	child *child
	in    io.WriteCloser
	out   *bufio.Reader
}

// DuckResult is the answer to a statement; rows are text, nil is NULL.
type DuckResult struct {
	Seconds float64     `json:"seconds"`
	Count   int64       `json:"count"`
	Rows    [][]*string `json:"rows"`
	Error   string      `json:"error"`
}

// BuildDuckDB builds the child into dir. It needs a C compiler, and the
// module's downloads where they are not there yet.
func BuildDuckDB(ctx context.Context, dir string) (string, error) {
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "cc"
	}
	if _, err := exec.LookPath(strings.Fields(cc)[0]); err != nil {
		return "", fmt.Errorf("no C compiler (%s)", cc)
	}
	module, err := ModuleDir()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "duckdb")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	build.Dir = filepath.Join(module, "bench", "duckdb")
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		return "", fmt.Errorf("go build in bench/duckdb: %w: %s", err, first)
	}
	return binary, nil
}

// StartDuckDB starts the child on a database file under dir.
func StartDuckDB(binary, dir string) (*DuckDB, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(binary, filepath.Join(dir, "duck.db"))
	cmd.Stderr = log
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	d := &DuckDB{
		child: &child{name: "duckdb", cmd: cmd, log: log.Name(), done: make(chan error, 1)},
		in:    in, out: bufio.NewReaderSize(out, 1<<20),
	}
	if err := d.Exec("SET TimeZone = 'UTC'"); err != nil {
		return nil, errors.Join(err, d.Stop())
	}
	return d, nil
}

// Run runs a statement; without rows they are computed and counted only.
func (d *DuckDB) Run(sql string, rows bool) (*DuckResult, error) {
	line, err := json.Marshal(map[string]any{"sql": sql, "rows": rows})
	if err != nil {
		return nil, err
	}
	if _, err := d.in.Write(append(line, '\n')); err != nil {
		return nil, fmt.Errorf("duckdb: %w\n%s", err, tail(d.child.log))
	}
	answer, err := d.out.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("duckdb: %w\n%s", err, tail(d.child.log))
	}
	r := &DuckResult{}
	if err := json.Unmarshal(answer, r); err != nil {
		return nil, err
	}
	if r.Error != "" {
		return nil, errors.New("duckdb: " + r.Error)
	}
	return r, nil
}

// Exec runs a statement for its effect.
func (d *DuckDB) Exec(sql string) error {
	_, err := d.Run(sql, false)
	return err
}

// Pid is the child's process.
func (d *DuckDB) Pid() int { return d.child.cmd.Process.Pid }

// Stop lets the child end.
func (d *DuckDB) Stop() error {
	done := make(chan error, 1)
	go func() {
		_, _ = io.Copy(io.Discard, d.out)
		done <- d.child.cmd.Wait()
	}()
	if err := d.in.Close(); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-time.After(time.Minute):
		return errors.Join(errors.New("duckdb did not stop"), d.child.cmd.Process.Signal(syscall.SIGKILL))
	}
}
