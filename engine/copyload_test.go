package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// directRows are lines of COPY for ids lo … hi-1, so many that they go to segments at
// once where little is kept in memory.
func directRows(lo, hi int) string {
	var b strings.Builder
	for i := lo; i < hi; i++ {
		fmt.Fprintf(&b, "%d\t%d\trow %d\n", i, i%97, i)
	}
	return b.String()
}

const directSetup = `
CREATE TABLE w (id int NOT NULL CHECK (id >= 0), grp int, b text);
CREATE MATERIALIZED VIEW w_group AS SELECT grp, count(*) AS n, sum(id) AS total FROM w GROUP BY grp;`

// A COPY that goes to segments at once is part of its transaction as any other: it
// sees what came before, goes with a savepoint, and is there after a crash.
func TestDirectCopy(t *testing.T) {
	for _, crash := range []bool{true, false} {
		t.Run(fmt.Sprint("crash=", crash), func(t *testing.T) {
			d := openSpilling(t)
			s := d.session()
			s.exec(directSetup)
			s.exec("INSERT INTO w VALUES (0, 0, 'first')")
			s.exec("BEGIN; INSERT INTO w SELECT g, 0, 'own' FROM generate_series(1, 9) g; DELETE FROM w WHERE id = 5")
			s.exec("SAVEPOINT a")
			s.exec("COPY w FROM STDIN", directRows(1000, 61_000))
			s.hasSpilled("w")
			s.want("SELECT count(*), sum(id) FROM w", "60009|1859970040")
			s.exec("ROLLBACK TO a")
			s.want("SELECT count(*), sum(id) FROM w", "9|40")
			s.exec("COPY w FROM STDIN", directRows(10, 50_001))
			s.exec("DELETE FROM w WHERE id IN (3, 20, 50000)")
			s.exec("COPY w FROM STDIN", directRows(50_001, 90_001))
			s.exec("SAVEPOINT b")
			if _, err := s.try("COPY w FROM STDIN", directRows(0, 40_000)+"-1\t0\tbad\n"); pgerr.CodeOf(err) != pgerr.CheckViolation {
				t.Fatal(err)
			}
			s.exec("ROLLBACK TO b")
			s.exec("INSERT INTO w VALUES (90001, 1, 'last')")
			s.exec("COMMIT")
			// 0 … 90001 without 3, 5, 20 and 50000
			want := "89998|4050084973|90001"
			s.want("SELECT count(*), sum(id), max(id) FROM w", want)
			s.wantViews("w_group")
			d.restart(crash)
			s = d.session()
			s.want("SELECT count(*), sum(id), max(id) FROM w", want)
			s.want("SELECT b FROM w WHERE id IN (2, 45678, 90001) ORDER BY id", "own\nrow 45678\nlast")
			s.wantViews("w_group")
		})
	}
}

// What a COPY that fails has moved to the store is gone again.
func TestDirectCopyFails(t *testing.T) {
	d := openSpilling(t)
	s := d.session()
	s.exec(directSetup)
	before := d.blobs()
	for range 3 {
		if _, err := s.try("COPY w FROM STDIN", directRows(0, 150_000)+"x\n"); pgerr.CodeOf(err) != pgerr.InvalidTextRepresentation {
			t.Fatal(err)
		}
	}
	s.want("SELECT count(*) FROM w", "0")
	if n := d.blobs(); n != before {
		t.Errorf("%d blobs, before it were %d", n, before)
	}
}
