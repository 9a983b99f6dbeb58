package slt

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"
)

// A file is written as it was read.
func TestRoundTrip(t *testing.T) {
	const text = `# A comment.

statement ok
create table t (a int)
---- tag CREATE TABLE
notice 00000 text

skipif postgresql # for a reason
noview it sleeps
query rowsort label-1
select 1, '----'
----
columns ?column?:int4|?column?:text
1|\----

statement error 42P01 relation .* does not exist
select * from nowhere

query error 22012
select 1/0
----
message division by zero

copy ok escaped
copy t from stdin
<<<<
1

\xff
---- tag COPY 2

params 1|NULL|a\|b
describe
select $1, $2, $3
----
params int4|text|text

connection b

background
statement ok
update t set a = 2

await b

restart

hash-threshold 8

query II nosort
select 1, 2
----
1
2

halt
`
	f, err := Parse("test", text)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.String(); got != text {
		t.Errorf("got\n%s", got)
	}
	if n := len(f.Records); n != 13 {
		t.Errorf("%d records", n)
	}
	if p := f.Records[5].Params; len(p) != 3 || p[1] != nil || string(p[2]) != "a|b" {
		t.Errorf("params %q", p)
	}
	if b, err := f.Records[4].bytes(); err != nil || string(b) != "1\n\n\xff\n" {
		t.Errorf("data %q, %v", b, err)
	}
}

// Every value survives the file.
func TestCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 4).Draw(t, "n")
		row := make([]Cell, n)
		for i := range row {
			if rapid.IntRange(0, 5).Draw(t, "null") > 0 {
				row[i] = append(Cell{}, rapid.OneOf(
					rapid.SliceOf(rapid.Byte()),
					rapid.Map(rapid.SampledFrom([]string{"NULL", "''", "()", "----", `\`, "|", " ", "a b ", "\n", "é"}), func(s string) []byte { return []byte(s) }),
				).Draw(t, "cell")...)
			}
		}
		line := formatRow(row)
		if strings.ContainsAny(line, "\n\r") || strings.TrimSpace(line) != line || line == "" || strings.HasPrefix(line, "----") {
			t.Fatalf("%q as a line: %q", row, line)
		}
		back, err := parseRow(line)
		if err != nil || !slices.EqualFunc(back, row, func(a, b Cell) bool { return string(a) == string(b) && (a == nil) == (b == nil) }) {
			t.Fatalf("%q became %q, %v", row, back, err)
		}
	})
}

func TestSplit(t *testing.T) {
	sql := `select ';' ; -- ; comment
select e'\';' ; /* ; /* ; */ */ select $$;$$, $a$;$$;$a$;; select "a;b", (1;2); `
	want := []string{`select ';'`, "-- ; comment\nselect e'\\';'", `/* ; /* ; */ */ select $$;$$, $a$;$$;$a$`, `select "a;b", (1;2)`}
	if got := Split(sql); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if !ordered("select a from t order by a") || ordered("select (select a from t order by a)") || ordered("select 'order by'") {
		t.Error("ordered is wrong")
	}
}

// The digests of sqllogictest's own files: select1.test begins with one.
func TestClassic(t *testing.T) {
	r := &Record{Kind: Query, Types: "ITR", Sort: RowSort, Expect: []string{"----", "-3", "(empty)", "NULL", "10", "a@b", "1.500"}}
	rows := [][]Cell{{Cell("10"), Cell("a\nb"), Cell("1.5")}, {Cell("-3.0"), Cell{}, nil}}
	if d := r.compareClassic(rows); d != "" {
		t.Error(d)
	}
	r.Expect = []string{"----", "-3 (empty) NULL", "10  a@b\t1.500"}
	if d := r.compareClassic(rows); d != "" {
		t.Error(d)
	}
	r.Expect = []string{"----", "6 values hashing to " + "0"}
	if d := r.compareClassic(rows); d == "" {
		t.Error("a wrong hash passes")
	}
	// printf '1\n2\n' | md5sum
	if got, want := hashed([]string{"1", "2"}), "2 values hashing to 6ddb4095eb719e2a9f0a3f95677d24e0"; got != want {
		t.Error(got)
	}
}

func TestCompare(t *testing.T) {
	f, err := Parse("test", "query\nselect x from t\n----\ncolumns x:float8\n0.1\n2\n\nquery error 42703\nselect y\n----\nmessage m\nposition 8\n")
	if err != nil {
		t.Fatal(err)
	}
	o := &Outcome{Results: []Result{{Columns: []Column{{"x", oidFloat8, "float8"}}, Rows: [][]Cell{{Cell("2")}, {Cell("0.10000000000000001")}}, Tag: "SELECT 2"}}}
	if d := f.Records[0].Compare(o); d != "" {
		t.Error(d)
	}
	o.Results[0].Rows[0][0] = Cell("2.0000001")
	if f.Records[0].Compare(o) == "" {
		t.Error("a wrong float passes")
	}
	o.Results[0].Rows[0][0], o.Results[0].Tag = Cell("2"), "SELECT 3"
	if f.Records[0].Compare(o) == "" {
		t.Error("a wrong tag passes")
	}
	e := &pgconn.PgError{Code: "42703", Message: "m", Position: 8}
	if d := f.Records[1].Compare(&Outcome{Err: e}); d != "" {
		t.Error(d)
	}
	e.Hint = "h"
	if f.Records[1].Compare(&Outcome{Err: e}) == "" {
		t.Error("a hint too many passes")
	}
	if f.Records[0].Compare(&Outcome{Err: e}) == "" || f.Records[1].Compare(o) == "" {
		t.Error("errors and successes are taken for each other")
	}
}

func TestLabels(t *testing.T) {
	text := "query x\nselect 1\n----\ncolumns a:int4\n1\n\nquery x\nselect 2\n----\ncolumns a:int4\n2\n"
	if _, err := Parse("test", text); err == nil {
		t.Error("different rows under one label pass")
	}
	f, err := Parse("test", strings.Replace(text, "\n2\n", "\n1\n", 1))
	if err != nil {
		t.Fatal(err)
	}
	f.Records[0].SkipIf = []string{StreamSQLD}
	f.Records[0].Expect = []string{"----", "columns a:int4", "3"}
	f.Records[1].OnlyIf = []string{StreamSQLD}
	shareLabels(f, PostgreSQL)
	if got := f.Records[1].Expect; got[2] != "3" {
		t.Errorf("%q", got)
	}
}

// What can be done earlier is, what cannot ends an epoch, and transactions are
// left alone.
func TestEpochs(t *testing.T) {
	var b strings.Builder
	for _, sql := range []string{
		"create table t (a int)", "insert into t values (1)", "create view v as select * from t", "set timezone = 'UTC'",
		"begin", "insert into t values (2)", "create table u (a int)", "commit", "delete from t", "create table w as select 1",
	} {
		b.WriteString("statement ok\n" + sql + "\n\n")
	}
	f, err := Parse("test", b.String())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range epochs(f, StreamSQLD) {
		got = append(got, "epoch")
		for _, r := range slices.Concat(e.boundary, e.creates, e.body) {
			if e.opaque[r] {
				got = append(got, "opaque")
			}
			got = append(got, r.SQL)
		}
	}
	want := []string{
		"epoch", "create table t (a int)", "create view v as select * from t", "insert into t values (1)",
		"epoch", "set timezone = 'UTC'", "opaque", "begin", "opaque", "insert into t values (2)", "opaque", "create table u (a int)", "opaque", "commit", "delete from t",
		"epoch", "create table w as select 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

type nowhere struct{}

func (nowhere) Name() string       { return StreamSQLD }
func (nowhere) DSN() string        { return "postgres://x@127.0.0.1:1/x?connect_timeout=1" }
func (nowhere) Restart(bool) error { return nil }

// A server that cannot be reached is a failure of each record, not a hang.
func TestNoServer(t *testing.T) {
	f, err := Parse("test", "statement ok\nselect 1\n\nonlyif postgresql\nstatement ok\nselect 2\n")
	if err != nil {
		t.Fatal(err)
	}
	rn := Runner{Server: nowhere{}}
	if failures, _ := rn.Run(context.Background(), f); len(failures) != 1 {
		t.Errorf("%d failures", len(failures))
	}
}
