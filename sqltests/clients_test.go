package sqltests

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/sqltests/harness"
)

// TestRealClients has psql itself talk to both servers and compares what it
// prints, command by command.
func TestRealClients(t *testing.T) {
	psql := harness.Tool(t, "psql", "install postgresql-client")
	t.Run("commands", func(t *testing.T) {
		judge := harness.Postgres(t)
		ours := harness.Start(t, harness.Options{}).DSN()
		want, got := psqlAll(t, psql, judge), psqlAll(t, psql, ours)
		for i := range want {
			if i < len(got) && want[i] != got[i] {
				t.Errorf("want\n%s\ngot\n%s", want[i], got[i])
			}
		}
		if len(want) != len(got) {
			t.Errorf("%d commands were run, not %d", len(got), len(want))
		}
	})
	t.Run("watch", func(t *testing.T) { watch(t, psql) })
	t.Run("stream", func(t *testing.T) { describeStream(t, psql) })
	t.Run("database named after the user", func(t *testing.T) {
		s := harness.Start(t, harness.Options{})
		out := runPSQL(t, psql, strings.Replace(s.DSN(), "postgres@", "someone@", 1), "-c", `\l`, "-c", `\timing`, "-c", "select current_user, current_database()")
		for _, part := range []string{"postgres", "Timing is on.", "someone", "Time: "} {
			if !strings.Contains(out, part) {
				t.Errorf("no %q in\n%s", part, out)
			}
		}
	})
}

var location = regexp.MustCompile(`(?m)^LOCATION: .*\n`)

// psqlAll runs the commands of testdata/psql and gives the output of each.
func psqlAll(t *testing.T, psql, dsn string) []string {
	t.Helper()
	setup := runPSQL(t, psql, dsn, "-q", "-f", filepath.Join("testdata", "psql", "setup.sql"))
	if setup != "" {
		t.Fatalf("setup: %s", setup)
	}
	text, err := os.ReadFile(filepath.Join("testdata", "psql", "commands.sql"))
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	data := false
	for line := range strings.Lines(string(text)) {
		if !data {
			fmt.Fprintf(&script, "\\echo ====\n\\echo '%s'\n", strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(line), "'", "''"), `\`, `\\`))
		}
		script.WriteString(line)
		data = strings.Contains(line, "from stdin") || data && !strings.HasPrefix(line, `\.`)
	}
	path := filepath.Join(t.TempDir(), "commands.sql")
	if err := os.WriteFile(path, []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out := runPSQL(t, psql, dsn, "-f", path)
	out = strings.ReplaceAll(out, path, "commands.sql")
	out = location.ReplaceAllString(out, "") // names PostgreSQL's source
	return strings.Split(out, "====\n")
}

// runPSQL runs psql and gives what it prints, errors among it.
func runPSQL(t *testing.T, psql, dsn string, args ...string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args = append([]string{"-X", "-h", u.Hostname(), "-p", u.Port(), "-U", u.User.Username(), "-d", strings.TrimPrefix(u.Path, "/")}, args...)
	cmd := exec.CommandContext(ctx, psql, args...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "PG") }), "LC_ALL=C.UTF-8", "PAGER=", "TZ=UTC")
	out, err := cmd.CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	return string(out)
}

// watch lets \watch run for a while.
func watch(t *testing.T, psql string) {
	s := harness.Start(t, harness.Options{})
	host, port, _ := strings.Cut(s.Addr(), ":")
	cmd := exec.Command(psql, "-X", "-h", host, "-p", port, "-U", "postgres")
	cmd.Stdin = strings.NewReader("select 'seen' \\watch 0.05\n")
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	cmd.Process.Kill()
	cmd.Wait()
	if n := strings.Count(out.String(), "seen"); n < 3 {
		t.Errorf("\\watch has shown %d results:\n%s", n, out.String())
	}
	alive(t, s)
}

// describeStream looks how a stream and its views show in psql.
func describeStream(t *testing.T, psql string) {
	s := harness.Start(t, harness.Options{})
	out := runPSQL(t, psql, s.DSN(), "-q",
		"-c", "create stream s (ts timestamptz not null, v int, watermark for ts as ts - interval '5 seconds')",
		"-c", "create materialized view w as select window_start, count(*) as n from tumble(s, ts, interval '1 minute') group by window_start",
		"-c", `\d+ s`, "-c", `\dt`, "-c", `\dm`, "-c", `\d w`)
	for _, part := range []string{"Access method: stream", "public | s      | table", "public | w    | materialized view", "window_start | timestamp with time zone", "not null"} {
		if !strings.Contains(out, part) {
			t.Errorf("no %q in\n%s", part, out)
		}
	}
}
