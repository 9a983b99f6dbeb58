package engine

import (
	"context"
	"testing"
)

// An index is built before its commit goes to the line, which goes on with other commits
// meanwhile; rows that come then without a lock (late ones) are in it too.
func TestIndexIsBuiltBesideTheLine(t *testing.T) {
	d := openDatabase(t)
	a, b := d.session(), d.session()
	defer a.close()
	defer b.close()
	a.exec("CREATE STREAM s (ts timestamptz NOT NULL, k int, WATERMARK FOR ts)")
	a.exec("CREATE TABLE other (k int)")
	a.exec("INSERT INTO s VALUES ('2020-01-01 01:00+00', 0)")
	a.exec("INSERT INTO s SELECT '2020-01-01 00:00+00', i FROM generate_series(1, 3000) i")
	a.exec("BEGIN")
	a.exec("CREATE INDEX late_k ON s_late (k, (k + 1))")
	ctx, own := context.Background(), a.s.(*Session)
	c, err := own.tx.commitRequest(ctx)
	if err == nil {
		err = own.buildIndexes(ctx, c)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(c.indexes) != 1 || c.indexes[0].b.Rows() != 3000 {
		t.Fatalf("%d indexes were built", len(c.indexes))
	}
	b.exec("INSERT INTO s SELECT '2020-01-01 00:00+00', i FROM generate_series(3001, 3500) i")
	b.exec("INSERT INTO other VALUES (1)")
	if err := own.e.line.commit(c); err != nil {
		t.Fatal(err)
	}
	if <-c.done; c.err != nil {
		t.Fatal(c.err)
	}
	own.tx.end(true)
	b.exec("INSERT INTO s SELECT '2020-01-01 00:00+00', i FROM generate_series(3501, 4000) i")
	look := func(s *testSession) {
		t.Helper()
		for k, want := range map[string]string{"17": "1", "3300": "1", "3700": "1", "4001": "0"} {
			if got := s.text("SELECT count(*) FROM s_late WHERE k = " + k); got != want {
				t.Errorf("k = %s: %s rows, want %s", k, got, want)
			}
		}
		if got := s.text("SELECT count(*) FROM s_late WHERE k > 2900 AND k <= 3600"); got != "700" {
			t.Errorf("range: %s rows, want 700", got)
		}
	}
	look(b)
	d.abandon()
	s := d.session()
	defer s.close()
	look(s)
}

// What a row does to an index that is being made refuses the statement, not the line.
func TestIndexThatCannotBeBuilt(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	s.exec("CREATE TABLE t (k int)")
	s.exec("INSERT INTO t VALUES (1), (0), (2)")
	s.fails("22012", "CREATE INDEX i ON t ((1 / k))")
	s.exec("DELETE FROM t WHERE k = 0")
	s.exec("CREATE INDEX i ON t ((1 / k))")
	if got := s.text("SELECT k FROM t WHERE 1 / k = 1"); got != "1" {
		t.Errorf("found %q", got)
	}
}
