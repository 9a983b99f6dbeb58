package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/streamsqld/streamsqld/sqltests/harness"
)

// TestPsycopg2 runs testdata/people.py; people.out is what it prints with
// PostgreSQL 15.18. With a PostgreSQL at hand, that is checked, too.
func TestPsycopg2(t *testing.T) {
	python := pythonWith(t)
	want, err := os.ReadFile(filepath.Join("testdata", "people.out"))
	if err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, dsn string) {
		if got := run(t, python, filepath.Join("testdata", "people.py"), dsn); got != string(want) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	t.Run("streamsqld", func(t *testing.T) { check(t, harness.Start(t, harness.Options{}).DSN()) })
	t.Run("postgresql", func(t *testing.T) { check(t, harness.Postgres(t)) })
}

// pythonWith finds a Python that has psycopg2. Debian's package is for its own
// Python, which need not be the first on the path.
func pythonWith(t *testing.T) string {
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import psycopg2.extras").Run() == nil {
			return name
		}
	}
	harness.Missing(t, "psycopg2", "install python3-psycopg2")
	return ""
}
