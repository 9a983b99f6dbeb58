package harness

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// EnvRequire names a variable with the tools that have to be there, separated by
// commas: "postgres", "psql", "pgbench", "pg_dump", "psycopg2". Without one of them a test that needs it fails
// instead of being skipped.
const EnvRequire = "STREAMSQLD_TEST_REQUIRE"

// Missing ends a test for want of a tool: it is skipped, and says so, or fails
// when the tool is required. how tells what would provide it.
func Missing(tb testing.TB, tool, how string) {
	tb.Helper()
	if slices.Contains(strings.Split(os.Getenv(EnvRequire), ","), tool) {
		tb.Fatalf("%s is required by %s, but is not there: %s", tool, EnvRequire, how)
	}
	tb.Skipf("SKIPPED: no %s: %s", tool, how)
}

// Tool gives the path of a program of that name, which is also the name that
// EnvRequire knows it by.
func Tool(tb testing.TB, name, how string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(tb, name, how)
	}
	return path
}
