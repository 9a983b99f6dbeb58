package vec_test

import (
	"math/rand"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// BenchmarkAppendText writes rows of (timestamptz, int4, float8) as a DataRow
// holds them.
func BenchmarkAppendText(b *testing.B) {
	cols, ts := sensorRows(vec.Size)
	var dst []byte
	b.ReportAllocs()
	for n := 0; n < b.N; n += vec.Size {
		dst = dst[:0]
		for i := 0; i < vec.Size; i++ {
			for c := range cols {
				dst = append(dst, 0, 0, 0, 0)
				dst = vec.AppendText(dst, &cols[c], i, ts[c], types.DefaultEnv)
			}
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func BenchmarkAppendBinary(b *testing.B) {
	cols, ts := sensorRows(vec.Size)
	var dst []byte
	for n := 0; n < b.N; n += vec.Size {
		dst = dst[:0]
		for i := 0; i < vec.Size; i++ {
			for c := range cols {
				dst = append(dst, 0, 0, 0, 0)
				dst = vec.AppendBinary(dst, &cols[c], i, ts[c], types.DefaultEnv)
			}
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func sensorRows(n int) ([]vec.Vec, []*types.Type) {
	r := rand.New(rand.NewSource(1))
	cols := []vec.Vec{vec.New(types.Int, n), vec.New(types.Int, n), vec.New(types.Float, n)}
	for i := 0; i < n; i++ {
		cols[0].Ints[i] = 800000000000000 + int64(i)*137123
		cols[1].Ints[i] = int64(r.Intn(10000))
		cols[2].Floats[i] = float64(r.Intn(100000)) / 100
	}
	return cols, []*types.Type{types.TTimestamptz, types.TInt4, types.TFloat8}
}
