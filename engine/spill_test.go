package engine

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage/ckpt"
)

// openSpilling opens an engine whose transactions keep little in memory.
func openSpilling(t testing.TB) *database {
	t.Helper()
	d := openDatabase(t)
	d.close()
	d.cfg.StagedMemory, d.cfg.TailMemory = 16<<10, 256<<10
	d.open()
	return d
}

// restart opens the database again: after a crash, or an ordinary stop.
func (d *database) restart(crash bool) {
	d.t.Helper()
	if crash {
		d.abandon()
		return
	}
	d.close()
	d.open()
}

// blobs counts the blobs in the store.
func (d *database) blobs() int {
	d.t.Helper()
	seen := map[ckpt.BlobID]bool{}
	if _, err := d.e.store.RetainBlobs(func(id ckpt.BlobID) bool { seen[id] = true; return true }); err != nil {
		d.t.Fatal(err)
	}
	return len(seen)
}

// hasSpilled fails the test unless the session's transaction has rows in the store.
func (s *testSession) hasSpilled(rel string) {
	s.t.Helper()
	tx := s.s.(*Session).tx
	for _, w := range tx.writes {
		if w.rel.Name == rel && w.spilledRows() > 0 {
			return
		}
	}
	s.t.Fatalf("nothing of %q was moved to the store", rel)
}

func (s *testSession) want(sql, want string) {
	s.t.Helper()
	if got := s.text(sql); got != want {
		s.t.Fatalf("%s\ngives %s, want %s", sql, got, want)
	}
}

func (s *testSession) wantViews(names ...string) {
	s.t.Helper()
	for _, v := range names {
		if got := s.exec("CHECK MATERIALIZED VIEW " + v).rows[0]; got[0] != "t" {
			s.t.Fatalf("%s lacks %s rows and has %s too many", v, got[1], got[2])
		}
	}
}

const spillSetup = `
CREATE TABLE t (id int PRIMARY KEY, grp int, b text);
CREATE INDEX t_grp ON t (grp);
CREATE STREAM s (ts timestamptz, grp int, v int, WATERMARK FOR ts AS ts - INTERVAL '10 seconds');
CREATE MATERIALIZED VIEW v_group AS SELECT grp, count(*) AS n, sum(id) AS total, max(b) AS hi FROM t GROUP BY grp;
CREATE MATERIALIZED VIEW v_rows AS SELECT id, b FROM t WHERE id % 1000 = 7;
CREATE MATERIALIZED VIEW v_above AS SELECT n, count(*) AS groups FROM v_group GROUP BY n;
CREATE MATERIALIZED VIEW v_self AS SELECT a.id, b.grp FROM t a JOIN t b ON a.id = b.id + 1 WHERE a.id % 500 = 0;
CREATE MATERIALIZED VIEW v_window AS SELECT window_start, grp, count(*) AS n, sum(v) AS total FROM TUMBLE(s, ts, INTERVAL '1 minute') GROUP BY window_start, grp;
CREATE MATERIALIZED VIEW v_closed AS SELECT window_start, window_end, sum(v) AS total FROM TUMBLE(s, ts, INTERVAL '1 minute') GROUP BY window_start, window_end EMIT ON WINDOW CLOSE;
CREATE MATERIALIZED VIEW v_late AS SELECT grp, count(*) AS n FROM s_late GROUP BY grp;
`

var spillViews = []string{"v_group", "v_rows", "v_above", "v_self", "v_window", "v_closed", "v_late"}

const (
	manyRows   = "INSERT INTO t SELECT g, g %% 97, 'row ' || g FROM generate_series(%d, %d) g"
	manyEvents = "INSERT INTO s SELECT TIMESTAMPTZ '2026-01-01 00:00:00Z' + g * INTERVAL '10 ms', g %% 5, g FROM generate_series(%d, %d) g"
)

// A transaction that is larger than its memory commits as any other does: its rows,
// its keys, what the views make of it, after a crash and after a stop.
func TestSpilledCommit(t *testing.T) {
	for _, crash := range []bool{true, false} {
		t.Run(fmt.Sprint("crash=", crash), func(t *testing.T) {
			d := openSpilling(t)
			s := d.session()
			s.exec(spillSetup)
			s.exec(fmt.Sprintf(manyRows, 1, 3000))
			s.exec("BEGIN")
			s.exec(fmt.Sprintf(manyRows, 100_001, 160_000))
			s.exec(fmt.Sprintf(manyEvents, 1, 60_000))
			s.hasSpilled("t")
			s.hasSpilled("s")
			s.exec("INSERT INTO t VALUES (200001, 1, 'last')")
			s.exec("COMMIT")
			s.exec(fmt.Sprintf(manyRows, 300_001, 302_000))
			s.exec("DELETE FROM t WHERE id = 100005")
			check := func() {
				t.Helper()
				// 1…3000, 100001…160000 without 100005, 200001, 300001…302000
				s.want("SELECT count(*), sum(id), min(b), count(DISTINCT b) FROM t", "65000|8406632496|last|65000")
				s.want("SELECT b FROM t WHERE id = 123456", "row 123456")
				s.want("SELECT count(*) FROM t WHERE grp = 11", s.text("SELECT count(*) FROM t WHERE grp + 0 = 11"))
				s.want("SELECT count(*), sum(v) FROM s", "60000|1800030000")
				s.wantViews(spillViews...)
			}
			check()
			s.fails(pgerr.UniqueViolation, "INSERT INTO t VALUES (133333, 0, 'again')")
			for range 2 {
				s.close()
				d.restart(crash)
				s = d.session()
				check()
				s.fails(pgerr.UniqueViolation, "INSERT INTO t VALUES (133333, 0, 'again')")
			}
			s.exec("UPDATE t SET grp = 3 WHERE id = 133333")
			s.wantViews(spillViews...)
			s.close()
		})
	}
}

// COPY goes the same way.
func TestSpilledCopy(t *testing.T) {
	d := openSpilling(t)
	s := d.session()
	s.exec(spillSetup)
	var in strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&in, "%d\t%d\tcopied row %d\n", i, i%10, i)
	}
	s.exec("COPY t FROM STDIN", in.String())
	s.want("SELECT count(*), sum(id) FROM t", "50000|1249975000")
	s.wantViews(spillViews...)
	if _, err := s.try("COPY t FROM STDIN", in.String()); pgerr.CodeOf(err) != pgerr.UniqueViolation {
		t.Fatal(err)
	}
	if _, err := s.try("COPY t FROM STDIN", strings.ReplaceAll(in.String(), "\n", "\n1")); pgerr.CodeOf(err) != pgerr.UniqueViolation {
		t.Fatal(err)
	}
	s.want("SELECT count(*), sum(id) FROM t", "50000|1249975000")
	s.close()
	d.restart(true)
	s = d.session()
	s.want("SELECT count(*), sum(id) FROM t", "50000|1249975000")
	s.wantViews(spillViews...)
	s.close()
}

// A transaction sees what it has moved to the store, and may change it again.
func TestSpilledRowsAreItsOwn(t *testing.T) {
	d := openSpilling(t)
	s, other := d.session(), d.session()
	s.exec(spillSetup)
	s.exec("BEGIN")
	s.exec(fmt.Sprintf(manyRows, 1, 30_000))
	s.hasSpilled("t")
	s.want("SELECT count(*), sum(id) FROM t", "30000|450015000")
	s.want("SELECT b FROM t WHERE id = 17", "row 17")
	s.want("SELECT count(*) FROM t WHERE grp = 5", "310")
	other.want("SELECT count(*) FROM t", "0")
	s.exec("SAVEPOINT a")
	s.fails(pgerr.UniqueViolation, "INSERT INTO t VALUES (17, 0, '')")
	s.exec("ROLLBACK TO a")
	s.exec("INSERT INTO t VALUES (17, 0, 'x') ON CONFLICT DO NOTHING")
	s.exec("INSERT INTO t VALUES (18, 0, 'x') ON CONFLICT (id) DO UPDATE SET b = 'replaced'")
	s.exec("DELETE FROM t WHERE id % 3 = 0")
	s.exec("UPDATE t SET b = 'changed' WHERE id = 25000")
	s.exec(fmt.Sprintf(manyRows, 30_001, 60_000))
	s.exec("DELETE FROM t WHERE id = 20 OR id = 59999")
	check := func() {
		t.Helper()
		// 18 is a multiple of 3, so it is gone; 20000 + 30000 − 2 rows are left
		s.want("SELECT count(*), sum(id), min(id), max(id) FROM t", fmt.Sprintf("49998|%d|1|60000", 60_000*60_001/2-3*(10_000*10_001/2)-20-59_999))
		s.want("SELECT id, b FROM t WHERE id IN (17, 18, 19, 20, 25000) ORDER BY 1", "17|row 17\n19|row 19\n25000|changed")
		s.want("SELECT b FROM t WHERE b !~ '^row '", "changed")
	}
	check()
	s.exec("COMMIT")
	check()
	s.wantViews(spillViews...)
	s.close()
	other.close()
	d.restart(true)
	s = d.session()
	check()
	s.wantViews(spillViews...)
	s.close()
}

// ROLLBACK TO takes back what was staged since, wherever it is.
func TestSpilledSavepoints(t *testing.T) {
	d := openSpilling(t)
	s := d.session()
	s.exec(spillSetup)
	rng := rand.New(rand.NewPCG(7, 7))
	next := 0
	for range 4 {
		s.exec("BEGIN")
		var marks []int
		var added []int
		for range 12 {
			switch k := rng.IntN(4); {
			case k == 0 && len(marks) > 0:
				i := rng.IntN(len(marks))
				s.exec(fmt.Sprintf("ROLLBACK TO p%d", i))
				marks = marks[:i+1]
				added = added[:marks[i]]
			case k == 1:
				s.exec(fmt.Sprintf("SAVEPOINT p%d", len(marks)))
				marks = append(marks, len(added))
			default:
				n := []int{1, 700, 5000, 20_000}[rng.IntN(4)]
				s.exec(fmt.Sprintf(manyRows, next+1, next+n))
				for range n {
					next++
					added = append(added, next)
				}
			}
			sum := 0
			for _, id := range added {
				sum += id
			}
			s.want("SELECT count(*), coalesce(sum(id), 0) FROM t WHERE b IS NOT NULL", fmt.Sprintf("%d|%d", len(added), sum))
		}
		s.exec("COMMIT")
		s.wantViews(spillViews...)
		before := s.text("SELECT count(*), sum(id), sum(grp) FROM t")
		s.close()
		d.restart(true)
		s = d.session()
		s.want("SELECT count(*), sum(id), sum(grp) FROM t", before)
		s.wantViews(spillViews...)
		s.exec("TRUNCATE t")
	}
	s.close()
}

// Late rows of a large commit go to the late relation, one by one.
func TestSpilledLateRows(t *testing.T) {
	d := openSpilling(t)
	s := d.session()
	s.exec(spillSetup)
	s.exec(fmt.Sprintf(manyEvents, 20_000, 20_000)) // the watermark is 190 s: event 19000
	s.exec(fmt.Sprintf(manyEvents, 1, 60_000))
	check := func() {
		t.Helper()
		s.want("SELECT count(*), min(v), max(v) FROM s", "41002|19000|60000")
		s.want("SELECT count(*), min(v), max(v) FROM s_late", "18999|1|18999")
		s.wantViews(spillViews...)
	}
	check()
	s.close()
	d.restart(true)
	s = d.session()
	check()
	s.close()
}

// A transaction may change the definition of what it has moved to the store.
func TestSpilledRedefined(t *testing.T) {
	d := openSpilling(t)
	s := d.session()
	s.exec("BEGIN")
	s.exec("CREATE TABLE t (id int, grp int, b text)")
	s.exec(fmt.Sprintf(manyRows, 1, 30_000))
	s.exec("SAVEPOINT a")
	s.exec("ALTER TABLE t ADD COLUMN c int DEFAULT 5")
	s.exec("CREATE UNIQUE INDEX ON t (id)")
	s.exec("INSERT INTO t SELECT g, 1, 'new', 6 FROM generate_series(30001, 60000) g")
	s.want("SELECT count(*), sum(id), sum(c) FROM t", fmt.Sprintf("60000|%d|330000", 60_000*60_001/2))
	s.exec("ROLLBACK TO a")
	s.want("SELECT count(*), sum(id) FROM t", "30000|450015000")
	s.exec("ALTER TABLE t ADD COLUMN d int DEFAULT 7")
	s.exec("CREATE UNIQUE INDEX ON t (id)")
	s.exec("INSERT INTO t SELECT g, 1, 'new', 8 FROM generate_series(30001, 50000) g")
	s.exec("CREATE MATERIALIZED VIEW v AS SELECT d, count(*) AS n, sum(id) AS total FROM t GROUP BY d")
	s.exec("COMMIT")
	check := func() {
		t.Helper()
		s.want("SELECT count(*), sum(id), sum(d) FROM t", fmt.Sprintf("50000|%d|370000", 50_000*50_001/2))
		s.want("SELECT b, d FROM t WHERE id IN (29999, 30001) ORDER BY id", "row 29999|7\nnew|8")
		s.fails(pgerr.UniqueViolation, "INSERT INTO t VALUES (77)")
		s.wantViews("v")
	}
	check()
	s.close()
	d.restart(true)
	s = d.session()
	check()
	s.close()
}

// What a transaction that does not commit has in the store is deleted: at its
// rollback, or at the next start.
func TestSpilledAndAbandoned(t *testing.T) {
	d := openSpilling(t)
	s := d.session()
	s.exec(spillSetup)
	before := d.blobs()
	s.exec("BEGIN")
	s.exec(fmt.Sprintf(manyRows, 1, 40_000))
	s.hasSpilled("t")
	if d.blobs() <= before {
		t.Fatal("there are no blobs")
	}
	s.exec("ROLLBACK")
	for try := 0; d.blobs() > before; try++ {
		if try == 100 {
			t.Fatalf("%d blobs are left of %d", d.blobs(), before)
		}
		runtime.GC() // parts that were merged are buried when they are collected
		time.Sleep(20 * time.Millisecond)
		if err := d.e.env.Sweep()(); err != nil {
			t.Fatal(err)
		}
	}
	s.want("SELECT count(*) FROM t", "0")
	s.exec("BEGIN")
	s.exec(fmt.Sprintf(manyRows, 1, 40_000))
	s.hasSpilled("t")
	d.restart(true)
	s = d.session()
	s.want("SELECT count(*) FROM t", "0")
	if n := d.blobs(); n > before {
		t.Errorf("%d blobs are left of %d", n, before)
	}
	s.wantViews(spillViews...)
	s.close()
}

// Rows that were committed and are gone again before the next checkpoint are asked
// for by the replay all the same, as often as it takes.
func TestSpilledAndTruncated(t *testing.T) {
	d := openSpilling(t)
	s := d.session()
	s.exec(spillSetup)
	s.exec(fmt.Sprintf(manyRows, 1, 40_000))
	s.exec("TRUNCATE t")
	s.exec(fmt.Sprintf(manyEvents, 20_000, 20_000))
	s.exec(fmt.Sprintf(manyEvents, 1, 40_000))
	for range 3 {
		s.close()
		d.restart(true)
		s = d.session()
		s.want("SELECT count(*) FROM t", "0")
		s.want("SELECT count(*) FROM s", "21002")
		s.wantViews(spillViews...)
	}
	s.close()
}

// A transaction that has moved its rows to the store does not hold the log.
func TestSpilledDoesNotPinTheLog(t *testing.T) {
	d := openSpilling(t)
	s := d.session()
	s.exec(spillSetup)
	s.exec("BEGIN")
	s.exec(fmt.Sprintf(manyRows, 1, 40_000))
	s.hasSpilled("t")
	if at, end := d.e.oldestStaged(d.e.log.Tail()), d.e.log.Tail(); at != end {
		t.Errorf("the log is needed from %d to %d", at, end)
	}
	s.exec("COMMIT")
	s.close()
}

// Without room in the store the transaction fails, and only it.
func TestSpillWithoutRoom(t *testing.T) {
	d := openSpilling(t)
	s := d.session()
	s.exec(spillSetup)
	s.exec("BEGIN")
	d.e.store.SetReserve(1 << 62)
	s.fails(pgerr.DiskFull, fmt.Sprintf(manyRows, 1, 40_000))
	s.exec("ROLLBACK")
	d.e.store.SetReserve(1)
	s.want("SELECT count(*) FROM t", "0")
	s.exec(fmt.Sprintf(manyRows, 1, 40_000))
	s.want("SELECT count(*) FROM t", "40000")
	s.wantViews(spillViews...)
	// The same at COMMIT, where the tail of the table has to be sealed.
	s.exec("INSERT INTO t VALUES (500001, 1, 'open')")
	s.exec("BEGIN")
	s.exec(fmt.Sprintf(manyRows, 50_001, 90_000))
	d.e.store.SetReserve(1 << 62)
	s.fails(pgerr.DiskFull, "COMMIT")
	d.e.store.SetReserve(1)
	s.exec("INSERT INTO t VALUES (500002, 1, 'after')")
	s.want("SELECT count(*) FROM t", "40002")
	s.exec(fmt.Sprintf(manyRows, 50_001, 90_000))
	s.want("SELECT count(*) FROM t", "80002")
	s.wantViews(spillViews...)
	s.close()
}

// A cursor reads the rows that were there when it was opened, whatever its
// transaction deletes meanwhile.
func TestCursorBeforeDeletes(t *testing.T) {
	d := openSpilling(t)
	s := d.session()
	s.exec(spillSetup)
	s.exec(fmt.Sprintf(manyRows, 1, 3000))
	s.exec("BEGIN")
	s.exec("DELETE FROM t WHERE id <= 10")
	s.exec("DECLARE c CURSOR FOR SELECT id FROM t")
	s.want("FETCH 2 FROM c", "11\n12")
	s.exec("DELETE FROM t WHERE id > 20")
	s.want("SELECT count(*) FROM t", "10")
	if got := len(s.exec("FETCH ALL FROM c").rows); got != 2988 {
		t.Errorf("the cursor gives %d further rows", got)
	}
	s.exec("SAVEPOINT a")
	s.exec("DELETE FROM t WHERE id = 15")
	s.exec("ROLLBACK TO a")
	s.want("SELECT count(*), sum(id) FROM t", "10|155")
	s.exec("COMMIT")
	s.want("SELECT count(*), sum(id) FROM t", "10|155")
	s.wantViews(spillViews...)
	s.close()
}
