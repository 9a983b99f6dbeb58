package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestIntStreams(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for width := 0; width <= 64; width++ {
		for _, n := range []int{1, 2, 7, 8, 9, 63, 64, 65, 1000, Size} {
			v := make([]int64, n)
			base := int64(rng.Uint64())
			for i := range v {
				v[i] = base
				if width > 0 {
					v[i] += int64(rng.Uint64() >> uint(64-width))
				}
			}
			lo, hi := bounds(v)
			enc := appendInts([]byte{1, 2, 3}, v, lo, hi)
			s, rest, ok := readInts(append(enc[3:len(enc):len(enc)], 9), n)
			if !ok || len(rest) != 1 {
				t.Fatalf("width %d, n %d: ok %v, %d bytes left", width, n, ok, len(rest))
			}
			got := make([]int64, n)
			s.unpack(got)
			for i := range v {
				if got[i] != v[i] || s.at(i) != v[i] {
					t.Fatalf("width %d, n %d, i %d: %d and %d, want %d", width, n, i, got[i], s.at(i), v[i])
				}
			}
			for cut := range min(len(enc)-3, 40) {
				if _, _, ok := readInts(enc[3:3+cut], n); ok {
					t.Fatalf("width %d, n %d: %d of %d bytes are taken", width, n, cut, len(enc)-3)
				}
			}
		}
	}
}

func TestDeltas(t *testing.T) {
	for _, v := range [][]int64{{5}, {1, 2, 3, 4}, {-1 << 63, 1<<63 - 1, 0}, {7, 7, 7}} {
		var lo, hi int64
		if len(v) > 1 {
			lo, hi = deltaBounds(v)
		}
		enc := appendDeltas(nil, v, make([]int64, len(v)), lo, hi)
		got := make([]int64, len(v))
		if !undelta(got, enc) {
			t.Fatal("not read back")
		}
		if fmt.Sprint(got) != fmt.Sprint(v) {
			t.Fatalf("%v, want %v", got, v)
		}
	}
}

func BenchmarkPack(b *testing.B) {
	for _, width := range []int{5, 8, 14, 22, 32, 40, 64} {
		v := make([]int64, Size)
		rng := rand.New(rand.NewPCG(1, 2))
		for i := range v {
			v[i] = int64(rng.Uint64() >> uint(64-width))
		}
		buf := make([]byte, 0, 9*Size)
		enc := appendPacked(buf, v, 0, width)
		b.Run(fmt.Sprintf("pack%d", width), func(b *testing.B) {
			for b.Loop() {
				appendPacked(buf, v, 0, width)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/Size, "ns/row")
		})
		b.Run(fmt.Sprintf("unpack%d", width), func(b *testing.B) {
			s := intStream{width: width, bits: enc}
			for b.Loop() {
				s.unpack(v)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/Size, "ns/row")
		})
	}
}
