package sqltests

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sqltests/harness"
	"github.com/streamsqld/streamsqld/sqltests/slt"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// TestFiles runs every file of testdata against PostgreSQL (where there is one),
// and against this server by the simple and by the extended protocol. With
// REWRITE=1 the expected results become PostgreSQL's, and nothing else is run.
func TestFiles(t *testing.T) {
	for _, path := range files(t, "testdata") {
		t.Run(title(path), func(t *testing.T) {
			t.Parallel()
			if os.Getenv("REWRITE") != "" {
				rewrite(t, path)
				return
			}
			t.Run("postgresql", func(t *testing.T) { play(t, path, &judge{dsn: harness.Postgres(t)}, slt.Simple) })
			t.Run("simple", func(t *testing.T) { play(t, path, startDaemon(t), slt.Simple) })
			t.Run("extended", func(t *testing.T) { play(t, path, startDaemon(t), slt.Extended) })
		})
	}
}

// files lists the files below a directory.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) == ".slt" {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// title makes a test's name of a file's path.
func title(path string) string {
	path = filepath.ToSlash(path)
	return strings.TrimSuffix(path[strings.Index(path, "/")+1:], ".slt")
}

func play(t *testing.T, path string, server slt.Server, protocol slt.Protocol) {
	f, err := slt.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rn := slt.Runner{Server: server, Protocol: protocol}
	failures, n := rn.Run(context.Background(), f)
	report(t, failures, n)
}

// report fails the test with what has failed.
func report(t *testing.T, failures []slt.Failure, n int) {
	t.Helper()
	for _, f := range failures {
		t.Errorf("%s", f)
	}
	if len(failures) > 0 {
		t.Logf("%d of %d records failed", len(failures), n)
	}
}

// rewrite makes PostgreSQL's results the file's.
func rewrite(t *testing.T, path string) {
	f, err := slt.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rn := slt.Runner{Server: &judge{dsn: harness.Postgres(t)}, Rewrite: true}
	failures, n := rn.Run(context.Background(), f)
	report(t, failures, n)
	if t.Failed() {
		return
	}
	if err := os.WriteFile(path, []byte(f.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// judge is PostgreSQL as a server of files.
type judge struct{ dsn string }

func (j *judge) Name() string       { return slt.PostgreSQL }
func (j *judge) DSN() string        { return j.dsn }
func (j *judge) Restart(bool) error { return nil }

// daemon is streamsqld as a server of files.
type daemon struct{ *harness.Server }

func startDaemon(t *testing.T) *daemon {
	t.Helper()
	return &daemon{harness.Start(t, harness.Options{Args: []string{"--synchronous-commit", "off"}})}
}

func (d *daemon) Name() string { return slt.StreamSQLD }

func (d *daemon) Restart(kill bool) error {
	if kill {
		d.Kill()
	} else if err := d.Stop(); err != nil {
		return err
	}
	return d.Start()
}
