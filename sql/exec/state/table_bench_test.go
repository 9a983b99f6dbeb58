package state

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// sensorKeys makes batches of (minute, sensor) keys: minutes advance slowly, the
// sensors are random.
func sensorKeys(batches, sensors int) [][]vec.Vec {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([][]vec.Vec, batches)
	for b := range out {
		w, k := vec.New(types.Int, vec.Size), vec.New(types.Int, vec.Size)
		for i := range vec.Size {
			w.Ints[i] = int64(b*vec.Size+i) / 500_000 * 60_000_000
			k.Ints[i] = int64(r.IntN(sensors))
		}
		out[b] = []vec.Vec{w, k}
	}
	return out
}

func BenchmarkTableGroups(b *testing.B) {
	ts := []*types.Type{types.TTimestamp, types.TInt4}
	for _, sensors := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("sensors=%d", sensors), func(b *testing.B) {
			keys := sensorKeys(256, sensors)
			t := NewTable(ts, 2, SQL)
			out := make([]uint32, vec.Size)
			for _, k := range keys {
				t.Groups(k, vec.Size, out)
			}
			b.ResetTimer()
			for i := range b.N {
				t.Groups(keys[i%len(keys)], vec.Size, out)
			}
			b.ReportMetric(float64(b.N)*vec.Size/b.Elapsed().Seconds()/1e6, "Mrows/s")
			b.ReportMetric(float64(t.Bytes())/float64(t.Len()), "B/group")
		})
	}
}

func BenchmarkTableInsert(b *testing.B) {
	ts := []*types.Type{types.TTimestamp, types.TInt4}
	keys := sensorKeys(256, 1<<40)
	out := make([]uint32, vec.Size)
	for i := 0; b.Loop(); i++ {
		t := NewTable(ts, 2, SQL)
		for _, k := range keys {
			t.Groups(k, vec.Size, out)
		}
	}
	b.ReportMetric(float64(b.N)*256*vec.Size/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
