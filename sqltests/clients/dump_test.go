package clients

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sqltests/harness"
)

// TestDump has pg_dump write a database, psql read it into an empty server, and
// pg_dump write that: both dumps are equal. The two forms of data are COPY and INSERT.
func TestDump(t *testing.T) {
	dump := harness.Tool(t, "pg_dump", "install postgresql-client")
	psql := harness.Tool(t, "psql", "install postgresql-client")
	first := harness.Start(t, harness.Options{})
	run(t, psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", first.DSN(), "-f", filepath.Join("testdata", "dump.sql"))
	for _, form := range []string{"", "--column-inserts"} {
		t.Run("data"+form, func(t *testing.T) {
			args := []string{"-d", first.DSN()}
			if form != "" {
				args = append(args, form)
			}
			text := run(t, dump, args...)
			file := filepath.Join(t.TempDir(), "dump.sql")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			second := harness.Start(t, harness.Options{})
			run(t, psql, "-X", "-q", "-o", os.DevNull, "-v", "ON_ERROR_STOP=1", "-d", second.DSN(), "-f", file)
			args[1] = second.DSN()
			if want, got := lasting(text), lasting(run(t, dump, args...)); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// lasting takes the lines out of a dump that are another in each: the keys of
// \restrict.
func lasting(dump string) string {
	var out []string
	for _, line := range strings.Split(dump, "\n") {
		if !strings.HasPrefix(line, `\restrict `) && !strings.HasPrefix(line, `\unrestrict `) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}
