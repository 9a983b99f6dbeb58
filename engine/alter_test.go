package engine

import "testing"

// A column that the same transaction has added keeps its value when its type
// changes: the rewrite reads the rows by the former definition.
func TestRetypeAddedColumn(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	s.text("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2); BEGIN; ALTER TABLE t ADD COLUMN e int NOT NULL DEFAULT 5; ALTER TABLE t ALTER COLUMN e TYPE text")
	if got := s.text("SELECT e || '!' FROM t"); got != "5!\n5!" {
		t.Fatalf("got %s", got)
	}
	s.fails("23505", "ALTER TABLE t ADD UNIQUE (e)")
}
