package engine

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

var (
	rounds = flag.Int("rounds", 60, "statements of TestViewsEqualTheirQueries")
	seed   = flag.Uint64("seed", 1, "its seed")
)

const maintainSetup = `
CREATE TABLE items (id int PRIMARY KEY, grp text, price numeric(10,2), qty int, rate float8);
CREATE TABLE groups (grp text PRIMARY KEY, label text NOT NULL);
CREATE STREAM events (ts timestamptz, grp text, v int, WATERMARK FOR ts AS ts - INTERVAL '10 seconds');
CREATE MATERIALIZED VIEW v_filter AS SELECT id, price * qty AS total FROM items WHERE qty > 3;
CREATE MATERIALIZED VIEW v_group AS SELECT grp, count(*) AS n, sum(price) AS total, min(qty) AS lo, max(qty) AS hi, avg(rate) AS mean FROM items GROUP BY grp;
CREATE MATERIALIZED VIEW v_having AS SELECT grp, count(DISTINCT qty) AS kinds FROM items GROUP BY grp HAVING count(*) > 2;
CREATE MATERIALIZED VIEW v_global AS SELECT count(*) AS n, sum(qty) AS q, bool_and(qty > 0) AS pos FROM items;
CREATE MATERIALIZED VIEW v_distinct AS SELECT DISTINCT grp, qty % 3 AS m FROM items;
CREATE MATERIALIZED VIEW v_join AS SELECT i.id, g.label FROM items i JOIN groups g ON i.grp = g.grp;
CREATE MATERIALIZED VIEW v_left AS SELECT i.id, i.qty, g.label FROM items i LEFT JOIN groups g ON i.grp = g.grp AND i.qty > 2;
CREATE MATERIALIZED VIEW v_union AS SELECT grp FROM items UNION ALL SELECT grp FROM groups;
CREATE MATERIALIZED VIEW v_above AS SELECT n, count(*) AS groups FROM v_group GROUP BY n;
CREATE MATERIALIZED VIEW v_window AS SELECT window_start, grp, count(*) AS n, sum(v) AS s, max(v) AS hi FROM TUMBLE(events, ts, INTERVAL '1 minute') GROUP BY window_start, grp;
CREATE MATERIALIZED VIEW v_hop AS SELECT window_start, window_end, count(*) AS n FROM HOP(events, ts, INTERVAL '30 seconds', INTERVAL '1 minute') GROUP BY window_start, window_end;
CREATE MATERIALIZED VIEW v_closed AS SELECT window_start, window_end, grp, sum(v) AS s FROM TUMBLE(events, ts, INTERVAL '1 minute') GROUP BY window_start, window_end, grp EMIT ON WINDOW CLOSE;
CREATE MATERIALIZED VIEW v_minutes AS SELECT date_trunc('minute', ts) AS m, string_agg(grp, ',' ORDER BY grp, v) AS all_groups FROM events GROUP BY 1;
CREATE MATERIALIZED VIEW v_named AS SELECT e.ts, e.v, g.label FROM events e LEFT JOIN groups g ON g.grp = e.grp;
CREATE MATERIALIZED VIEW v_late AS SELECT grp, count(*) AS n FROM events_late GROUP BY grp;
`

var maintained = []string{
	"v_filter", "v_group", "v_having", "v_global", "v_distinct", "v_join", "v_left", "v_union", "v_above", "v_window", "v_hop", "v_closed", "v_minutes",
	"v_named", "v_late",
}

// workload makes random statements over the relations of maintainSetup.
type workload struct {
	rng  *rand.Rand
	next int
	at   int // seconds of event time
}

func (w *workload) group() string {
	if w.rng.IntN(12) == 0 {
		return "NULL"
	}
	return fmt.Sprintf("'g%d'", w.rng.IntN(5))
}

func (w *workload) values(n int, row func() string) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = row()
	}
	return strings.Join(rows, ", ")
}

func (w *workload) statement() string {
	r := w.rng
	switch r.IntN(12) {
	case 0, 1, 2:
		return "INSERT INTO items VALUES " + w.values(1+r.IntN(6), func() string {
			w.next++
			return fmt.Sprintf("(%d, %s, %d.%02d, %d, %g)", w.next, w.group(), r.IntN(100), r.IntN(100), r.IntN(8), r.Float64()*1e6)
		})
	case 3:
		return fmt.Sprintf("UPDATE items SET qty = qty + %d, price = price * 1.1 WHERE id %% 7 = %d", r.IntN(5)-2, r.IntN(7))
	case 4:
		return fmt.Sprintf("UPDATE items SET grp = %s WHERE id %% 11 = %d", w.group(), r.IntN(11))
	case 5:
		return fmt.Sprintf("DELETE FROM items WHERE id %% 13 = %d", r.IntN(13))
	case 6:
		return fmt.Sprintf("INSERT INTO groups VALUES ('g%d', 'label %d') ON CONFLICT (grp) DO UPDATE SET label = EXCLUDED.label || '!'", r.IntN(5), r.IntN(100))
	case 7:
		return fmt.Sprintf("DELETE FROM groups WHERE grp = 'g%d'", r.IntN(5))
	case 8:
		if r.IntN(6) == 0 {
			return "TRUNCATE items"
		}
	}
	return "INSERT INTO events VALUES " + w.values(1+r.IntN(8), func() string {
		w.at += r.IntN(6)
		return fmt.Sprintf("(TIMESTAMPTZ '2026-01-01 00:00:00Z' + INTERVAL '%d seconds', %s, %d)", w.at-r.IntN(20), w.group(), r.IntN(100)-50)
	})
}

// checkViews compares every view with its query (invariant V).
func checkViews(t *testing.T, s *testSession, after string) {
	t.Helper()
	for _, v := range maintained {
		if got := s.exec("CHECK MATERIALIZED VIEW " + v).rows[0]; got[0] != "t" {
			t.Fatalf("after %s: %s lacks %s rows and has %s too many", after, v, got[1], got[2])
		}
	}
}

// Views equal their queries after every commit, also when transactions roll back,
// and after a restart with or without a checkpoint; what was committed stays.
func TestViewsEqualTheirQueries(t *testing.T) { maintainViews(t, openDatabase(t)) }

// The same when every statement moves what it inserts to the store.
func TestViewsEqualTheirQueriesOverSpilledRows(t *testing.T) {
	d := openDatabase(t)
	d.close()
	d.cfg.StagedMemory = 1
	d.open()
	maintainViews(t, d)
}

func maintainViews(t *testing.T, d *database) {
	t.Helper()
	s := d.session()
	s.exec(maintainSetup)
	w := &workload{rng: rand.New(rand.NewPCG(*seed, 2))}
	content := func() string {
		return s.text("SELECT * FROM items ORDER BY id") + s.text("SELECT * FROM events ORDER BY 1, 2, 3") + s.text("SELECT * FROM events_late ORDER BY 1, 2, 3, 4")
	}
	for range *rounds {
		sql := w.statement()
		switch w.rng.IntN(6) {
		case 0:
			s.exec("BEGIN")
			s.exec(sql)
			s.exec(w.statement())
			before := ""
			if w.rng.IntN(2) == 0 {
				s.exec("SAVEPOINT a")
				before = content()
				s.exec(w.statement())
				s.exec("ROLLBACK TO a")
				if got := content(); got != before {
					t.Fatalf("ROLLBACK TO leaves\n%s\nwant\n%s", got, before)
				}
			}
			s.exec("COMMIT")
		case 1:
			before := content()
			s.exec("BEGIN")
			s.exec(sql)
			s.exec("ROLLBACK")
			if got := content(); got != before {
				t.Fatalf("ROLLBACK leaves\n%s\nwant\n%s", got, before)
			}
		default:
			s.exec(sql)
		}
		checkViews(t, s, sql)
		if w.rng.IntN(8) == 0 {
			before := content()
			if w.rng.IntN(2) == 0 {
				s.exec("CHECKPOINT")
			}
			s.close()
			if w.rng.IntN(3) == 0 {
				d.close()
				d.open()
			} else {
				d.abandon()
			}
			s = d.session()
			if got := content(); got != before {
				t.Fatalf("after a restart\n%s\nwant\n%s", got, before)
			}
			checkViews(t, s, "a restart")
		}
	}
	s.close()
}
