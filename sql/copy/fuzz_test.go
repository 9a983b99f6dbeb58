package copy_test

import (
	"bytes"
	"strings"
	"testing"

	sqlcopy "github.com/streamsqld/streamsqld/sql/copy"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

const fuzzColumns = "a int, b text, c float8, d numeric(8,2), e date, f timestamptz, g bool, h varchar(4), i float4, j numeric"

var fuzzOptions = []string{
	"", "format csv", "format csv, quote '''', escape '\\'", "format csv, null 'N', force_null (b,c), force_not_null (h)",
	"null '', delimiter '|'", "format csv, delimiter ';', header", "format csv, header match", "null '-1'",
}

// FuzzDecode holds the ways through the text formats and the cuts of the input
// against each other.
func FuzzDecode(f *testing.F) {
	f.Add("1\tx\t1.5\t2.25\t2024-02-29\t2024-02-29 12:00:00.5+01\tt\tabc\t1.5\t1\n", byte(0), byte(3))
	f.Add("1,\"x\ny\",1.5,2.25,2024-02-29,2024-02-29T12:00:00Z,t,\"a\"\"c\",1.5,1e3\r\n", byte(1), byte(1))
	f.Add("\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n\\.\n", byte(0), byte(5))
	f.Fuzz(func(t *testing.T, in string, which, piece byte) {
		o := fuzzOptions[int(which)%len(fuzzOptions)]
		want := decodeAll(t, fuzzColumns, o, in, 1<<20, true)
		for _, exact := range []bool{false, true} {
			got := decodeAll(t, fuzzColumns, o, in, int(piece)%64+1, exact)
			if sameOutcome(got) != sameOutcome(want) {
				t.Fatalf("pieces of %d, exact %v:\n%s\ninstead of\n%s", int(piece)%64+1, exact, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
		got := decodeAll(t, fuzzColumns, o, in, 1<<20, false)
		if sameOutcome(got) != sameOutcome(want) {
			t.Fatalf("at once:\n%s\ninstead of\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// FuzzDecodeBinary reads any bytes behind a proper header, however they are cut.
func FuzzDecodeBinary(f *testing.F) {
	const head = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	f.Add("\x00\x02\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00\x00\x01x\xff\xff", byte(1))
	f.Fuzz(func(t *testing.T, in string, piece byte) {
		want := decodeAll(t, "a int, b text", "format binary", head+in, 1<<20, false)
		got := decodeAll(t, "a int, b text", "format binary", head+in, int(piece)%64+1, false)
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("pieces of %d:\n%s\ninstead of\n%s", int(piece)%64+1, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// FuzzRoundTrip encodes texts and reads them back.
func FuzzRoundTrip(f *testing.F) {
	f.Add("a\tb\\", "\\.", byte(0))
	f.Add("a\"b", "N", byte(3))
	cols := []sqlcopy.Column{{Name: "a", Type: types.TText, Mod: -1}, {Name: "b", Type: types.TText, Mod: -1}}
	lists := []string{"", "format csv", "format csv, quote '''', escape '\\'", "format csv, null 'N'", "null '', delimiter '|'", "format binary", "format csv, delimiter ';', header"}
	f.Fuzz(func(t *testing.T, a, b string, which byte) {
		if types.CheckUTF8(a) != nil || types.CheckUTF8(b) != nil {
			t.Skip("values are valid UTF-8")
		}
		list := parseOptions(t, lists[int(which)%len(lists)])
		batch := &vec.Batch{Cols: []vec.Vec{vec.New(types.Bytes, 0), vec.New(types.Bytes, 0)}}
		for _, row := range [][2]string{{a, b}, {b, a}, {"", a}} {
			batch.Cols[0].AppendDatum(types.NewString(row[0]))
			batch.Cols[1].AppendDatum(types.NewString(row[1]))
			batch.N++
		}
		batch.Cols[1].SetNull(2)
		e, err := sqlcopy.NewEncoder(options(t, false, list...), "t", cols, nil, types.DefaultEnv)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := writeAll(e, &out, batch); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		back, err := collect(decoder(t, cols, list...), &out, 7)
		if err != nil || back[0].N != 3 {
			t.Fatalf("%q: %d rows, %v", text, back[0].N, err)
		}
		for c := range cols {
			for i := range 3 {
				// An empty text with NULL '' is read as it is written: as NULL.
				if !vec.SameImage(&batch.Cols[c], i, &back[0].Cols[c], i) && !(strings.HasPrefix(lists[int(which)%len(lists)], "null") && batch.Cols[c].Strs[i] == "") {
					t.Fatalf("%q: row %d column %d is %q", text, i, c, back[0].Cols[c].Strs[i])
				}
			}
		}
	})
}
