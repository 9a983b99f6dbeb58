package copy_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	sqlcopy "github.com/streamsqld/streamsqld/sql/copy"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

var twoColumns = []sqlcopy.Column{{Name: "a", Type: types.TInt4, Mod: -1}, {Name: "b", Type: types.TText, Mod: -1}}

func decoder(t testing.TB, cols []sqlcopy.Column, list ...sqlcopy.Option) *sqlcopy.Decoder {
	d, err := sqlcopy.NewDecoder(options(t, true, list...), sqlcopy.Target{Table: "t", Columns: cols}, types.DefaultEnv)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The line number is exact in the middle of millions of rows, with quoted line
// ends among them.
func TestLineNumbers(t *testing.T) {
	const n = 3_000_000
	var in bytes.Buffer
	lines := 0
	for i := range n {
		lines++
		switch {
		case i == 2_345_678:
			fmt.Fprintf(&in, "%dx,bad\n", i)
		case i%1000 == 7:
			fmt.Fprintf(&in, "%d,\"a\nb\nc\"\n", i)
		default:
			fmt.Fprintf(&in, "%d,x\n", i)
		}
	}
	d := decoder(t, twoColumns, format("csv"))
	batches, err := collect(d, &in, 64<<10)
	want := 2_345_678 + 1 + 2*2346
	if got := pgerr.From(err).Where; got != fmt.Sprintf("COPY t, line %d, column a: \"2345678x\"", want) {
		t.Errorf("%s; expected line %d", got, want)
	}
	rows := 0
	for _, b := range batches {
		rows += b.N
	}
	if rows != 2_345_678 || d.Rows() != 2_345_678 {
		t.Errorf("%d rows before the error", rows)
	}
}

// Lines gives what PostgreSQL says of a row that fails a constraint:
// COPY t, line 3: "3,". It is the same for rows from either way.
func TestLines(t *testing.T) {
	long := strings.Repeat("ä", 60)
	in := "1,x\n2,\"a\nb\"\n3,\n4," + long + "\n5,\"q\"\n"
	for _, eol := range []string{"\n", "\r\n"} {
		for _, piece := range []int{1, 5, 1000} {
			d := decoder(t, twoColumns, format("csv"))
			var b vec.Batch
			var lines sqlcopy.Lines
			text := strings.ReplaceAll(in, "\n", eol)
			for len(text) > 0 {
				n := min(piece, len(text))
				d.Feed([]byte(text[:n]))
				text = text[n:]
				if _, err := d.Fill(&b, &lines); err != nil {
					t.Fatal(err)
				}
			}
			want := []string{
				`COPY t, line 1: "1,x"`, "COPY t, line 3: \"2,\"a" + eol + "b\"\"", `COPY t, line 4: "3,"`,
				`COPY t, line 5: "4,` + strings.Repeat("ä", 49) + `..."`, `COPY t, line 6: "5,"q""`,
			}
			for i, w := range want {
				if got := lines.Where(i); got != w {
					t.Errorf("row %d: %s, expected %s", i, got, w)
				}
			}
			if b.N != 5 || lines.Line(4) != 6 {
				t.Errorf("%d rows, the last in line %d", b.N, lines.Line(4))
			}
			if got := d.Where(); got != "COPY t, line 7" {
				t.Error(got)
			}
		}
	}
}

// A batch that is handed over is not touched again, and one that is used again
// holds only what is new.
func TestBatchesAreTheCallers(t *testing.T) {
	d := decoder(t, twoColumns)
	var in bytes.Buffer
	for i := range 3*vec.Size + 10 {
		if i%3 == 0 {
			fmt.Fprintf(&in, "\\N\tn%d\n", i)
		} else {
			fmt.Fprintf(&in, "%d\tn%d\n", i, i)
		}
	}
	batches, err := collect(d, &in, 1000)
	if err != nil || len(batches) != 4 {
		t.Fatal(len(batches), err)
	}
	i := 0
	for _, b := range batches {
		for r := range b.N {
			if b.Cols[0].IsNull(r) != (i%3 == 0) || i%3 != 0 && b.Cols[0].Ints[r] != int64(i) || b.Cols[1].Strs[r] != fmt.Sprint("n", i) {
				t.Fatalf("row %d: %v %q", i, b.Cols[0].Datum(r), b.Cols[1].Strs[r])
			}
			i++
		}
	}
	if i != 3*vec.Size+10 {
		t.Errorf("%d rows", i)
	}
	again := batches[0]
	again.N = 0
	d = decoder(t, twoColumns)
	d.Feed([]byte("7\tx\n"))
	if full, err := d.Fill(again, nil); full || err != nil || again.N != 1 || again.Cols[0].Len() != 1 || again.Cols[0].IsNull(0) {
		t.Error(full, err, again)
	}
}

// Numerics of one scale stay narrow, and become wide when another comes.
func TestNumericShapes(t *testing.T) {
	cols := []sqlcopy.Column{{Name: "a", Type: types.TNumeric, Mod: -1}, {Name: "b", Type: types.TNumeric, Mod: 10<<16 | 2 + 4}}
	d := decoder(t, cols)
	var b vec.Batch
	for _, step := range []struct {
		in     string
		narrow bool
	}{{"\\N\t1\n1.50\t1.5\n2.25\t2\n", true}, {"3.125\t3\n", false}, {"1e2\t1e2\n", false}} {
		d.Feed([]byte(step.in))
		if _, err := d.Fill(&b, nil); err != nil {
			t.Fatal(err)
		}
		if b.Cols[0].Narrow != step.narrow || !b.Cols[1].Narrow || b.Cols[1].Scale != 2 {
			t.Errorf("after %q: narrow %v, %v with scale %d", step.in, b.Cols[0].Narrow, b.Cols[1].Narrow, b.Cols[1].Scale)
		}
	}
	var got []string
	for i := range b.N {
		for c := range cols {
			if b.Cols[c].IsNull(i) {
				got = append(got, "NULL")
			} else {
				got = append(got, string(vec.AppendText(nil, &b.Cols[c], i, types.TNumeric, types.DefaultEnv)))
			}
		}
	}
	if s := strings.Join(got, " "); s != "NULL 1.00 1.50 1.50 2.25 2.00 3.125 3.00 100 100.00" {
		t.Error(s)
	}
}

func TestLineTooLong(t *testing.T) {
	o := options(t, true, format("csv"))
	o.MaxLine = 1 << 16
	d, err := sqlcopy.NewDecoder(o, sqlcopy.Target{Table: "t", Columns: twoColumns}, types.DefaultEnv)
	if err != nil {
		t.Fatal(err)
	}
	_, err = collect(d, strings.NewReader("1,x\n2,\""+strings.Repeat("x\n", 1<<16)), 4096)
	if e := pgerr.From(err); e.Code != pgerr.ProgramLimitExceeded || !strings.HasPrefix(e.Where, "COPY t, line 3") {
		t.Error(e.Code, e.Where)
	}
}

func TestNoBinaryForm(t *testing.T) {
	cols := []sqlcopy.Column{{Name: "a", Type: types.ByName("aclitem"), Mod: -1}}
	_, err := sqlcopy.NewDecoder(options(t, true, format("binary")), sqlcopy.Target{Table: "t", Columns: cols}, types.DefaultEnv)
	if e := pgerr.From(err); e.Code != pgerr.UndefinedFunction || e.Message != "no binary input function available for type aclitem" {
		t.Error(err)
	}
	_, err = sqlcopy.NewEncoder(options(t, false, format("binary")), "t", cols, nil, types.DefaultEnv)
	if e := pgerr.From(err); e.Code != pgerr.UndefinedFunction || e.Message != "no binary output function available for type aclitem" {
		t.Error(err)
	}
}

func TestForcedColumns(t *testing.T) {
	o := options(t, true, format("csv"), sqlcopy.Option{Name: "force_null", List: []string{"c"}})
	target := sqlcopy.Target{Table: "t", Columns: twoColumns, Exists: func(name string) bool { return name == "c" }}
	_, err := sqlcopy.NewDecoder(o, target, types.DefaultEnv)
	if e := pgerr.From(err); e.Code != pgerr.InvalidColumnReference || e.Message != "FORCE_NULL column \"c\" not referenced by COPY" {
		t.Error(err)
	}
	o = options(t, true, format("csv"), sqlcopy.Option{Name: "force_null", List: []string{"a", "a"}})
	_, err = sqlcopy.NewDecoder(o, target, types.DefaultEnv)
	if e := pgerr.From(err); e.Code != pgerr.DuplicateColumn {
		t.Error(err)
	}
}
