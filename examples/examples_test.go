// Package examples tests the examples: what a view holds after the load is what
// its query gives in batch, and what PostgreSQL says of the same rows.
package examples

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/streamsqld/streamsqld/sqltests/harness"
)

// envData names the variable with the directory of the real data, laid out as
// the examples below say.
const envData = "STREAMSQLD_TEST_DATA"

// rewrite makes PostgreSQL's answers over the samples the expected ones.
var rewrite = os.Getenv("REWRITE") != ""

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

var examples = []struct {
	name, table string
	real        string // the real data, under envData
}{
	{"flights", "flights", "flights.csv.gz"},
	{"machine_temperature", "temperature", "nab/machine_temperature_system_failure.csv"},
}

// TestSamples loads the samples; PostgreSQL's answers are on file.
func TestSamples(t *testing.T) {
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			sample := filepath.Join(e.name, "sample.csv")
			if rewrite {
				writeExpected(t, e.name, judge(t, e.name, e.table, sample))
			}
			compare(t, load(t, e.name, e.table, sample), readExpected(t, e.name))
		})
	}
}

// TestRealData loads the real data, and compares with a PostgreSQL if there
// is one.
func TestRealData(t *testing.T) {
	dir := os.Getenv(envData)
	if dir == "" {
		t.Skipf("SKIPPED: no real data; set %s to their directory", envData)
	}
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			path := filepath.Join(dir, e.real)
			ours := load(t, e.name, e.table, path)
			t.Run("postgresql", func(t *testing.T) { compare(t, ours, judge(t, e.name, e.table, path)) })
		})
	}
}

// view is the rows of a view, sorted.
type view struct {
	name string
	rows []string // cells parted by bars
}

// script is an example's file: what comes before the load, the views and
// their queries, and what comes after.
type script struct {
	before, after string
	views         [][2]string // name, query
}

var viewPattern = regexp.MustCompile(`(?s)CREATE MATERIALIZED VIEW (\w+) AS\s+(.*?);`)

func readScript(t *testing.T, name string) script {
	text, err := os.ReadFile(filepath.Join(name, name+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := strings.Cut(string(text), "\n:load\n")
	if !found {
		t.Fatal("the script loads nothing")
	}
	s := script{before: withoutPsql(before), after: withoutPsql(after)}
	for _, m := range viewPattern.FindAllStringSubmatch(s.before, -1) {
		s.views = append(s.views, [2]string{m[1], m[2]})
	}
	return s
}

// withoutPsql leaves out psql's own commands, which stand on lines of their own.
func withoutPsql(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, `\`) }), "\n")
}

// load runs an example on a server of its own and returns its views, each
// compared with its query in batch.
func load(t *testing.T, name, table, data string) []view {
	ctx := context.Background()
	server := harness.Start(t, harness.Options{})
	c, err := server.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	s := readScript(t, name)
	exec(t, c, s.before)
	copyFile(t, c, table, data)
	var views []view
	for _, v := range s.views {
		have := read(t, c, v[0], "SELECT * FROM "+v[0])
		if len(have.rows) == 0 {
			t.Errorf("view %s is empty", v[0])
		}
		compareView(t, "its query in batch", have, read(t, c, v[0], v[1]))
		views = append(views, have)
	}
	exec(t, c, s.after)
	return views
}

// judge gives PostgreSQL's rows for the same views.
func judge(t *testing.T, name, table, data string) []view {
	ctx := context.Background()
	c, err := pgconn.Connect(ctx, harness.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	text, err := os.ReadFile(filepath.Join(name, "postgresql.sql"))
	if err != nil {
		t.Fatal(err)
	}
	exec(t, c, string(text))
	copyFile(t, c, table, data)
	var views []view
	for _, v := range readScript(t, name).views {
		views = append(views, read(t, c, v[0], "SELECT * FROM "+v[0]))
	}
	return views
}

func exec(t *testing.T, c *pgconn.PgConn, sql string) {
	t.Helper()
	if _, err := c.Exec(context.Background(), sql).ReadAll(); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, c *pgconn.PgConn, table, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.CopyFrom(context.Background(), r, "COPY "+table+" FROM STDIN WITH (FORMAT csv, HEADER)"); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, c *pgconn.PgConn, name, sql string) view {
	t.Helper()
	v := view{name: name}
	results, err := c.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	for _, row := range results[0].Rows {
		v.rows = append(v.rows, strings.ReplaceAll(string(bytes.Join(row, []byte("|"))), "\n", " "))
	}
	slices.Sort(v.rows)
	return v
}

func expectedFile(name, view string) string {
	return filepath.Join(name, "testdata", view+".expected")
}

func writeExpected(t *testing.T, name string, views []view) {
	for _, v := range views {
		path := expectedFile(name, v.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Join(v.rows, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readExpected(t *testing.T, name string) []view {
	var views []view
	for _, v := range readScript(t, name).views {
		text, err := os.ReadFile(expectedFile(name, v[0]))
		if err != nil {
			t.Fatal(err)
		}
		views = append(views, view{v[0], strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")})
	}
	return views
}

func compare(t *testing.T, ours, theirs []view) {
	t.Helper()
	for i := range ours {
		compareView(t, "PostgreSQL", ours[i], theirs[i])
	}
}

// compareView compares rows in order: each view's rows begin with what makes
// them different, so that sorting by text puts the same ones side by side.
func compareView(t *testing.T, other string, have, want view) {
	t.Helper()
	if len(have.rows) != len(want.rows) {
		t.Errorf("view %s has %d rows, %s %d", have.name, len(have.rows), other, len(want.rows))
		return
	}
	for i := range have.rows {
		if err := sameRow(have.rows[i], want.rows[i]); err != nil {
			t.Errorf("view %s against %s: %v", have.name, other, err)
			return
		}
	}
}

func sameRow(have, want string) error {
	a, b := strings.Split(have, "|"), strings.Split(want, "|")
	same := len(a) == len(b)
	for i := 0; same && i < len(a); i++ {
		same = a[i] == b[i] || sameFloat(a[i], b[i])
	}
	if !same {
		return fmt.Errorf("%s\nwant %s", have, want)
	}
	return nil
}

// sameFloat compares with the tolerance that sums of floats have.
func sameFloat(a, b string) bool {
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && math.Abs(x-y) <= 1e-12*math.Max(math.Abs(x), math.Abs(y))
}
