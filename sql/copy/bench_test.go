package copy_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"testing"

	sqlcopy "github.com/streamsqld/streamsqld/sql/copy"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The sensor rows of the design's measurements: ten minutes of event time,
// ten thousand sensors, values with two decimals.
var sensors = []sqlcopy.Column{
	{Name: "ts", Type: types.TTimestamptz, Mod: -1}, {Name: "sensor_id", Type: types.TInt4, Mod: -1}, {Name: "value", Type: types.TFloat8, Mod: -1},
}

func sensorBatch() *vec.Batch {
	b := &vec.Batch{Cols: make([]vec.Vec, 3), N: vec.Size}
	b.Cols[0], b.Cols[1], b.Cols[2] = vec.New(types.Int, vec.Size), vec.New(types.Int, vec.Size), vec.New(types.Float, vec.Size)
	for i := range vec.Size {
		b.Cols[0].Ints[i] = 772_000_000_000_000 + int64(i)*120_007
		b.Cols[1].Ints[i] = int64(i * 7919 % 10000)
		b.Cols[2].Floats[i] = math.Round(float64(i*7919%10007)*37) / 100
	}
	return b
}

// withText adds a text column of n bytes.
func withText(b *vec.Batch, n int) (*vec.Batch, []sqlcopy.Column) {
	v := vec.New(types.Bytes, vec.Size)
	for i := range v.Strs {
		v.Strs[i] = fmt.Sprintf("%0*d", n, i*7919)[:n]
	}
	b.Cols = append(b.Cols, v)
	return b, append(append([]sqlcopy.Column{}, sensors...), sqlcopy.Column{Name: "note", Type: types.TText, Mod: -1})
}

func options(b testing.TB, from bool, list ...sqlcopy.Option) *sqlcopy.Options {
	o, err := sqlcopy.ParseOptions(from, list)
	if err != nil {
		b.Fatal(err)
	}
	return o
}

func format(name string) sqlcopy.Option {
	return sqlcopy.Option{Name: "format", Value: name, HasValue: true}
}

// encoded gives a batch in a format, and without header and trailer.
func encoded(b testing.TB, o *sqlcopy.Options, cols []sqlcopy.Column, batch *vec.Batch) (head, rows []byte) {
	e, err := sqlcopy.NewEncoder(o, "t", cols, nil, types.DefaultEnv)
	if err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	if err := e.Begin(&out); err != nil {
		b.Fatal(err)
	}
	if err := e.Rows(&out, batch); err != nil {
		b.Fatal(err)
	}
	all := out.Bytes()
	if o.Format == sqlcopy.Binary {
		return all[:19], all[19:]
	}
	return nil, all
}

func BenchmarkDecode(b *testing.B) {
	plain, text := sensorBatch(), sensorBatch()
	text, textCols := withText(text, 16)
	for _, tc := range []struct {
		name   string
		format string
		cols   []sqlcopy.Column
		batch  *vec.Batch
		piece  int
		more   []sqlcopy.Option
	}{
		{"csv", "csv", sensors, plain, 64 << 10, nil},
		{"csv_row_by_row", "csv", sensors, plain, 0, nil},
		{"text", "text", sensors, plain, 64 << 10, nil},
		{"binary", "binary", sensors, plain, 64 << 10, nil},
		{"csv_with_text", "csv", textCols, text, 64 << 10, nil},
		{"csv_quoted_text", "csv", textCols, text, 64 << 10, []sqlcopy.Option{{Name: "force_quote", Star: true}}},
		{"binary_with_text", "binary", textCols, text, 64 << 10, nil},
	} {
		b.Run(tc.name, func(b *testing.B) {
			head, rows := encoded(b, options(b, false, append(tc.more, format(tc.format))...), tc.cols, tc.batch)
			d, err := sqlcopy.NewDecoder(options(b, true, format(tc.format)), sqlcopy.Target{Table: "t", Columns: tc.cols}, types.DefaultEnv)
			if err != nil {
				b.Fatal(err)
			}
			batch := &vec.Batch{}
			fill := func(piece []byte) {
				d.Feed(piece)
				for full := true; full; {
					if full, err = d.Fill(batch, nil); err != nil {
						b.Fatal(err)
					}
					if full {
						batch.N = 0
					}
				}
			}
			fill(head)
			b.SetBytes(int64(len(rows)) / vec.Size)
			b.ReportAllocs()
			b.ResetTimer()
			for n := 0; n < b.N; n += vec.Size {
				for at := 0; at < len(rows); {
					end := min(at+tc.piece, len(rows))
					if tc.piece == 0 {
						end = at + bytes.IndexByte(rows[at:], '\n') + 1
					}
					fill(rows[at:end])
					at = end
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	text, textCols := withText(sensorBatch(), 16)
	for _, f := range []string{"csv", "text", "binary"} {
		b.Run(f, func(b *testing.B) {
			e, err := sqlcopy.NewEncoder(options(b, false, format(f)), "t", textCols, nil, types.DefaultEnv)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for n := 0; n < b.N; n += vec.Size {
				if err := e.Rows(io.Discard, text); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
