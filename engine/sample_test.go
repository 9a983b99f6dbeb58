package engine

import (
	"math"
	"regexp"
	"strconv"
	"testing"
)

// guessed is the number of rows that a plan is thought to give.
func guessed(t *testing.T, s *testSession, sql string) float64 {
	t.Helper()
	m := regexp.MustCompile(`rows=(\d+)`).FindStringSubmatch(s.text("EXPLAIN " + sql))
	if m == nil {
		t.Fatalf("no guess for %s", sql)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Frequent values, conditions that go together, and what no bounds tell of are guessed
// by trying: within a quarter of the truth, and the guess follows the rows.
func TestGuessesBySample(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	s.exec("CREATE TABLE skewed (id int PRIMARY KEY, s text, a int, b int, n int)")
	s.exec(`INSERT INTO skewed SELECT i, CASE WHEN i % 10 < 4 THEN 'often' ELSE 'seldom ' || i END, i % 10, i % 10, CASE WHEN i % 100 = 0 THEN i * 1000 ELSE i % 7 END
		FROM generate_series(1, 10000) i`)
	for sql, want := range map[string]float64{
		"SELECT * FROM skewed WHERE s = 'often'":                  4000,
		"SELECT * FROM skewed WHERE s LIKE '%eldo%'":              6000,
		"SELECT * FROM skewed WHERE a = 3 AND b = 3":              1000,
		"SELECT * FROM skewed WHERE n < 10":                       9900,
		"SELECT * FROM skewed WHERE s IN ('often', 'never')":      4000,
		"SELECT * FROM skewed WHERE a = 1 AND s <> 'often'":       156, // none: as much as may be missing
		"SELECT * FROM skewed WHERE id = 77 AND s = 'seldom 77'":  1,
		"SELECT * FROM skewed WHERE upper(s) = 'OFTEN' AND a < 2": 2000,
	} {
		if got := guessed(t, s, sql); math.Abs(got-want) > want/4 {
			t.Errorf("%s: guessed at %v rows, not about %v", sql, got, want)
		}
	}
	s.exec("UPDATE skewed SET s = 'often'")
	s.exec("INSERT INTO skewed SELECT i, 'often', 0, 0, 0 FROM generate_series(10001, 20000) i")
	if got := guessed(t, s, "SELECT * FROM skewed WHERE s = 'often'"); got < 15000 {
		t.Errorf("guessed at %v rows of 20000 that are all alike", got)
	}
}
