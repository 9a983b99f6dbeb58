package engine

import "testing"

// A statement without tables goes all the way.
func TestSelect(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	if got := s.text("SELECT 1 + 1, 'a' || NULL, ARRAY[1, 2]"); got != "2|∅|{1,2}" {
		t.Fatalf("got %s", got)
	}
	s.fails("22012", "SELECT 1 / 0")
	s.fails("42P01", "SELECT * FROM nothing")
}

// An index that a transaction has created is used by it before it commits: for
// look-ups, ranges and uniqueness, over old rows and new ones.
func TestNewIndexInTransaction(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	s.exec("CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i * 2 FROM generate_series(1, 5000) i")
	s.exec("BEGIN; CREATE UNIQUE INDEX t_a ON t (a); INSERT INTO t VALUES (6000, 1)")
	if got := s.text("SELECT b FROM t WHERE a = 77"); got != "154" {
		t.Fatalf("got %s", got)
	}
	if got := s.text("SELECT count(*), min(a), max(a) FROM t WHERE a BETWEEN 10 AND 19 OR a = 6000"); got != "11|10|6000" {
		t.Fatalf("got %s", got)
	}
	if got := s.text("SELECT a FROM t ORDER BY a DESC LIMIT 2"); got != "6000\n5000" {
		t.Fatalf("got %s", got)
	}
	s.exec("SAVEPOINT x")
	s.fails("23505", "INSERT INTO t VALUES (77, 0)")
	s.exec("ROLLBACK TO x; UPDATE t SET a = 7000 WHERE a = 78; COMMIT")
	if got := s.text("SELECT b FROM t WHERE a IN (77, 78, 7000) ORDER BY a"); got != "154\n156" {
		t.Fatalf("got %s", got)
	}
	s.fails("23505", "INSERT INTO t VALUES (7000, 0)")
}
