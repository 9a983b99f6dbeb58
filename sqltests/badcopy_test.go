package sqltests

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/streamsqld/streamsqld/sqltests/harness"
)

// lines is a CSV file of n rows, of which one is other.
func lines(n, odd int, other string) io.Reader {
	r, w := io.Pipe()
	go func() { // ends with the reader
		for i := range n {
			line := fmt.Sprintf("2020-01-01 00:00:%02d+00,%d,%d.5\n", i/1000%60, i, i%100)
			if i+1 == odd {
				line = other
			}
			if _, err := io.WriteString(w, line); err != nil {
				return
			}
		}
		w.Close()
	}()
	return r
}

// TestCopyFailsInTheMiddle loads many rows, one of which is bad: the error tells
// its line, and neither the stream nor the view over it has changed.
func TestCopyFailsInTheMiddle(t *testing.T) {
	n := 120000
	if testing.Short() {
		n = 50000
	}
	s := harness.Start(t, harness.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c, err := s.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	must(t, c, `CREATE STREAM s (ts timestamptz, n int, v numeric(4,1), WATERMARK FOR ts);
		CREATE TABLE k (ts timestamptz, n int PRIMARY KEY, v numeric(4,1));
		CREATE MATERIALIZED VIEW w AS SELECT window_start, count(*) AS n, sum(v) AS v FROM TUMBLE(s, ts, INTERVAL '1 second') GROUP BY window_start;
		CREATE MATERIALIZED VIEW kw AS SELECT count(*) AS n FROM k`)
	odd := n / 2
	for _, bad := range []struct{ name, line, code, where string }{
		{"a missing column", "2020-01-01 00:00:00+00,5\n", "22P04", "line %d: "},
		{"a column too many", "2020-01-01 00:00:00+00,5,6,7\n", "22P04", "line %d: "},
		{"a bad number", "2020-01-01 00:00:00+00,five,6\n", "22P02", "line %d, column n: "},
		{"a number out of range", "2020-01-01 00:00:00+00,99999999999,6\n", "22003", "line %d, column n: "},
		{"a numeric out of range", "2020-01-01 00:00:00+00,5,6000\n", "22003", "line %d, column v: "},
		{"a bad time", "2020-13-01 00:00:00+00,5,6\n", "22008", "line %d, column ts: "},
		{"broken UTF-8", "2020-01-01 00:00:00+00,5\xc3,6\n", "22021", "line %d"},
		{"an unterminated quote", "\"2020-01-01 00:00:00+00,5,6\n", "22P04", "line"},
	} {
		for _, relation := range []string{"s", "k"} {
			t.Run(bad.name+" in "+relation, func(t *testing.T) {
				_, err := c.CopyFrom(ctx, lines(n, odd, bad.line), "COPY "+relation+" FROM STDIN WITH (FORMAT csv)")
				var pg *pgconn.PgError
				if !errors.As(err, &pg) {
					t.Fatalf("no error of the server: %v", err)
				}
				where := bad.where
				if strings.Contains(where, "%d") {
					where = fmt.Sprintf(where, odd)
				}
				if pg.Code != bad.code || !strings.Contains(pg.Where, where) {
					t.Errorf("want %s with %q, got %s %s (%.200s)", bad.code, where, pg.Code, pg.Message, pg.Where)
				}
				for _, r := range []string{"s", "w", "k"} {
					if got := one(t, c, "SELECT count(*) FROM "+r); got != "0" {
						t.Errorf("%s has %s rows", r, got)
					}
				}
			})
		}
	}
	t.Run("and the good file", func(t *testing.T) {
		if _, err := c.CopyFrom(ctx, lines(n, 0, ""), "COPY s FROM STDIN WITH (FORMAT csv)"); err != nil {
			t.Fatal(err)
		}
		if got := one(t, c, "SELECT sum(n) FROM w"); got != fmt.Sprint(n) {
			t.Errorf("the view has %s rows of %d", got, n)
		}
	})
}

// TestCopyIsGivenUp ends COPY by CopyFail and by going away.
func TestCopyIsGivenUp(t *testing.T) {
	s := harness.Start(t, harness.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := s.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	must(t, c, "CREATE TABLE t (ts timestamptz, n int, v numeric)")
	_, err = c.CopyFrom(ctx, io.MultiReader(lines(50000, 0, ""), failing{}), "COPY t FROM STDIN WITH (FORMAT csv)")
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "57014" {
		t.Errorf("want 57014, got %v", err)
	}
	other, err := s.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	go func() { // ends when the connection is closed under it
		other.CopyFrom(ctx, lines(100000000, 0, ""), "COPY t FROM STDIN WITH (FORMAT csv)")
	}()
	time.Sleep(300 * time.Millisecond)
	other.Conn().Close()
	if got := one(t, c, "SELECT count(*) FROM t"); got != "0" {
		t.Errorf("%s rows of what was given up", got)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the client has had enough") }

// must runs statements that have to work.
func must(t *testing.T, c *pgconn.PgConn, sql string) {
	t.Helper()
	if _, err := c.Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// one gives the first cell of a query's result.
func one(t *testing.T, c *pgconn.PgConn, sql string) string {
	t.Helper()
	results, err := c.Exec(t.Context(), sql).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if len(results) == 0 || len(results[0].Rows) == 0 {
		t.Fatalf("%s: no rows", sql)
	}
	return string(results[0].Rows[0][0])
}

// TestCopyTellsEarly copies in a wrong row and then others, slowly: the error comes
// while they do.
func TestCopyTellsEarly(t *testing.T) {
	s := harness.Start(t, harness.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	c, err := s.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	must(t, c, `CREATE TABLE b (a int NOT NULL)`)
	// A row of one column that is NULL, then 7, again and again.
	header := "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	r, w := io.Pipe()
	go func() {
		io.WriteString(w, header+"\x00\x01\xff\xff\xff\xff")
		for range 100 {
			time.Sleep(100 * time.Millisecond)
			io.WriteString(w, "\x00\x01\x00\x00\x00\x04\x00\x00\x00\x07")
		}
		w.Close()
	}()
	defer r.Close() // its writer goes on without effect
	began := time.Now()
	_, err = c.CopyFrom(ctx, r, `COPY b FROM STDIN (FORMAT binary)`)
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "23502" {
		t.Errorf("the row is answered by %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the error has taken %v", took)
	}
}
