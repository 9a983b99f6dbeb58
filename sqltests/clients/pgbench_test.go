package clients

import (
	"slices"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sqltests/harness"
)

// TestPgbench makes pgbench's tables with all its steps, and runs its scripts by each
// protocol. Whatever it did, the four sums of money are equal (the TPC-B rule).
func TestPgbench(t *testing.T) {
	pgbench := harness.Tool(t, "pgbench", "install postgresql")
	s := harness.Start(t, harness.Options{})
	run(t, pgbench, "-i", "-I", "dtgvpf", "-s", "2", s.DSN())
	if got := query(t, s, "SELECT count(*), sum(abalance) FROM pgbench_accounts")[0]; !slices.Equal(got, []string{"200000", "0"}) {
		t.Fatalf("accounts: %v", got)
	}
	for _, protocol := range []string{"simple", "extended", "prepared"} {
		for _, script := range []string{"select-only", "simple-update", "tpcb-like"} {
			t.Run(protocol+"/"+script, func(t *testing.T) {
				out := run(t, pgbench, "-n", "-b", script, "-M", protocol, "-c", "4", "-j", "2", "-T", "1", s.DSN())
				if !strings.Contains(out, "number of failed transactions: 0 ") {
					t.Errorf("%s", out)
				}
			})
		}
	}
	run(t, pgbench, "-i", "-I", "G", "-s", "1", s.DSN()) // the data again, made in the server
	run(t, pgbench, "-n", "-T", "1", "-c", "2", s.DSN())
	sums := query(t, s, `SELECT coalesce((SELECT sum(abalance) FROM pgbench_accounts), 0),
		coalesce((SELECT sum(bbalance) FROM pgbench_branches), 0), coalesce((SELECT sum(tbalance) FROM pgbench_tellers), 0),
		coalesce((SELECT sum(delta) FROM pgbench_history), 0)`)[0]
	if len(slices.Compact(slices.Clone(sums))) != 1 {
		t.Errorf("accounts, branches, tellers and history sum up to %v", sums)
	}
}
