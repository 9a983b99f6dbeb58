package engine

import (
	"fmt"
	"testing"
)

// Blocks that a transaction has staged and then rolled back to a savepoint are not
// those of its commit, in replay either.
func TestStagedBlocksAfterRollbackToSavepoint(t *testing.T) {
	d := openDatabase(t)
	s := d.session()
	s.exec("CREATE TABLE t (a int, b text)")
	insert := func(from, to int) {
		s.exec(fmt.Sprintf("INSERT INTO t SELECT g, 'row ' || g FROM generate_series(%d, %d) g", from, to))
	}
	s.exec("BEGIN")
	insert(1, 5000)
	s.exec("SAVEPOINT a")
	insert(10_001, 30_000)
	s.exec("ROLLBACK TO a")
	insert(50_001, 54_000)
	s.exec("TRUNCATE t")
	insert(70_001, 73_000)
	s.exec("COMMIT")
	check := func(when string) {
		t.Helper()
		if got := s.text("SELECT count(*), min(a), max(a), sum(a), count(DISTINCT b) FROM t"); got != "3000|70001|73000|214501500|3000" {
			t.Errorf("%s: %s", when, got)
		}
	}
	check("live")
	s.exec("BEGIN")
	insert(80_001, 82_000)
	s.exec("SAVEPOINT a")
	insert(10_001, 30_000)
	s.exec("ROLLBACK TO a")
	insert(82_001, 84_000)
	s.exec("COMMIT")
	s.exec("DELETE FROM t WHERE a > 80000 AND a <= 84000")
	check("after more")
	s.close()
	d.abandon()
	s = d.session()
	check("after replay")
	s.close()
}
