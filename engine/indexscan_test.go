package engine

import (
	"runtime"
	"strings"
	"testing"
)

// A range of an index is read as far as it is wanted, and nothing stays behind of a
// scan that is left early.
func TestIndexRangeIsReadInPieces(t *testing.T) {
	d := openDatabase(t)
	s := d.session()
	defer s.close()
	s.exec("CREATE TABLE t (id int PRIMARY KEY, g int, x text); INSERT INTO t SELECT i, i % 7, 'x' || i FROM generate_series(1, 50000) i; ANALYZE t")
	plan := s.text("EXPLAIN ANALYZE SELECT id FROM t WHERE g <> 3 ORDER BY id DESC LIMIT 5")
	if !strings.Contains(plan, "Index Scan Backward") || !strings.Contains(plan, "rows=64 ") {
		t.Errorf("the scan reads more than its first piece:\n%s", plan)
	}
	s.exec("BEGIN; DELETE FROM t WHERE id BETWEEN 49000 AND 49990; INSERT INTO t VALUES (49500, 1, 'own'), (60000, 1, 'own')")
	for _, q := range []struct{ sql, want string }{
		{"SELECT id FROM t WHERE g <> 3 ORDER BY id DESC LIMIT 3", "60000 50000 49999"},
		{"SELECT id FROM t WHERE g < 9 ORDER BY id DESC LIMIT 4 OFFSET 9", "49992 49991 49500 48999"},
		{"SELECT count(*), min(id), max(id) FROM t WHERE id BETWEEN 100 AND 49999", "48910|100|49999"},
		{"SELECT count(*) FROM (SELECT id FROM t WHERE id >= 7 AND g <> 9 ORDER BY id LIMIT 40000) q", "40000"},
	} {
		if got := strings.Join(strings.Fields(s.text(q.sql)), " "); got != q.want {
			t.Errorf("%s gives %q, want %q", q.sql, got, q.want)
		}
	}
	s.exec("ROLLBACK")
	before := runtime.NumGoroutine()
	for range 50 {
		s.text("SELECT id FROM t WHERE g <> 3 ORDER BY id DESC LIMIT 5")
	}
	if after := runtime.NumGoroutine(); after > before+20 {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}
