package differential

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/sqltests/duel"
	"github.com/streamsqld/streamsqld/sqltests/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// EnvDirectory names a directory of SQL scripts to play on both servers.
const EnvDirectory = "STREAMSQLD_TEST_SQL"

// TestDirectory plays scripts, such as PostgreSQL's regression tests (which are
// not in this repository), statement by statement on both servers and prints
// where they part. It fails for internal errors and lost connections alone.
func TestDirectory(t *testing.T) {
	dir := os.Getenv(EnvDirectory)
	if dir == "" {
		t.Skipf("set %s to a directory of .sql files", EnvDirectory)
	}
	names, err := duel.Schedule(dir)
	if err != nil {
		t.Fatal(err)
	}
	abs, _ := filepath.Abs(filepath.Join(dir, ".."))
	server := harness.Start(t, harness.Options{Args: []string{"--synchronous-commit", "off"}})
	pair := &duel.Pair{JudgeDSN: harness.Postgres(t), OursDSN: server.DSN(), Timeout: 10 * time.Second}
	var all duel.Report
	for _, name := range names {
		if only := os.Getenv(EnvDirectory + "_ONLY"); only != "" && !strings.Contains(" "+only+" test_setup.sql ", " "+name+" ") {
			continue
		}
		records, err := duel.Script(filepath.Join(dir, name), map[string]string{"PG_ABS_SRCDIR": abs, "PG_LIBDIR": "", "PG_DLSUFFIX": ""})
		if err != nil {
			t.Fatal(err)
		}
		before := all.Len()
		for _, r := range records {
			if skipped(r.SQL) {
				continue
			}
			d, err := pair.Run(t.Context(), r)
			if err != nil {
				t.Logf("%s:%d: %v", name, r.Line, err)
				continue
			}
			all.Statements++
			if d != nil {
				all.Add(name, d)
			}
			select {
			case <-server.Exited():
				t.Errorf("%s:%d: %s\nthe server has ended: %v", name, r.Line, r.SQL, server.Status())
				if err := server.Start(); err != nil {
					t.Fatal(err)
				}
			default:
			}
		}
		pair.Close(t.Context())
		t.Logf("%-30s %5d statements, %5d differences", name, len(records), all.Len()-before)
	}
	out := os.Stdout
	if path := os.Getenv(EnvDirectory + "_REPORT"); path != "" {
		if out, err = os.Create(path); err != nil {
			t.Fatal(err)
		}
		defer out.Close()
	}
	examples, err := strconv.Atoi(os.Getenv(EnvDirectory + "_EXAMPLES"))
	if err != nil {
		examples = 6
	}
	all.Write(out, examples)
}

// skipped tells what makes no sense to compare: what EXPLAIN shows is each
// server's own.
func skipped(sql string) bool {
	verb, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(sql)), " ")
	switch strings.Trim(verb, "( \n") {
	case "explain", "vacuum", "cluster", "reindex", "load", "checkpoint":
		return true
	}
	return false
}
