package engine

import (
	"flag"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"testing"
	"time"
)

var memory = flag.Bool("memory", false, "run the tests that measure memory")

// heapHeld gives how much more memory was in use while fn ran than before, garbage
// left out: the median of many looks, since on a busy machine a collection takes so
// long that what is allocated meanwhile makes the largest one meaningless.
func heapHeld(fn func()) uint64 {
	live := func() uint64 {
		runtime.GC()
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	before, done := live(), make(chan struct{})
	var looks []uint64
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
				looks = append(looks, live())
			}
		}
	})
	fn()
	close(done)
	wait.Wait()
	looks = append(looks, live())
	slices.Sort(looks)
	return max(looks[len(looks)/2], before) - before
}

// Memory is bounded by the budgets, not by the transaction: 130 MB of rows in a
// table with a view, half of them again in a stream where some are late, live and in
// replay.
//
// What it measures depends on how often the collector gets to run: it wants a quiet
// machine.
func TestSpilledMemory(t *testing.T) {
	if !*memory {
		t.Skip("SKIPPED: it measures memory; go test ./engine -run SpilledMemory -memory")
	}
	if testing.Short() {
		t.Skip("SKIPPED in short tests: it inserts a million rows")
	}
	d := openDatabase(t)
	d.close()
	d.cfg.StagedMemory, d.cfg.TailMemory, d.cfg.CacheMemory = 4<<20, 4<<20, 4<<20
	d.cfg.CheckpointEvery, d.cfg.CheckpointBytes = time.Hour, 1<<40
	d.open()
	s := d.session()
	s.exec(`
		CREATE TABLE t (id int PRIMARY KEY, b text);
		CREATE STREAM s (ts timestamptz, b text, WATERMARK FOR ts);
		CREATE MATERIALIZED VIEW v_t AS SELECT id % 10 AS k, count(*) AS n, sum(length(b)) AS chars FROM t GROUP BY 1;
		CREATE MATERIALIZED VIEW v_s AS SELECT window_start, count(*) AS n, max(b) AS hi FROM TUMBLE(s, ts, INTERVAL '1 hour') GROUP BY 1;
		CREATE MATERIALIZED VIEW v_late AS SELECT count(*) AS n, max(b) AS hi FROM s_late;
		INSERT INTO s VALUES ('2026-01-01 01:00:00Z', 'first')`)
	const limit = 64 << 20
	held := func(what string, fn func()) {
		t.Helper()
		size := heapHeld(fn)
		t.Logf("%s: %d MiB", what, size>>20)
		if size > limit {
			t.Errorf("%s takes %d MiB", what, size>>20)
		}
	}
	text := "md5(g::text) || md5((g + 1)::text) || md5((g + 2)::text) || md5((g + 3)::text)"
	held("the table", func() { s.exec("INSERT INTO t SELECT g, " + text + " FROM generate_series(1, 1000000) g") })
	held("the stream", func() {
		s.exec("INSERT INTO s SELECT TIMESTAMPTZ '2026-01-01 00:00:00Z' + g * INTERVAL '20 ms', " + text + " FROM generate_series(1, 500000) g")
	})
	check := func() {
		t.Helper()
		s.want("SELECT count(*), sum(id) FROM t", "1000000|500000500000")
		s.want("SELECT (SELECT count(*) FROM s), (SELECT count(*) FROM s_late)", "320002|179999")
		s.wantViews("v_t", "v_s", "v_late")
	}
	check()
	s.close()
	held("the replay", func() { d.abandon() })
	s = d.session()
	check()
	s.close()
}
