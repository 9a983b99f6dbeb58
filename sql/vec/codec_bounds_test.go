package vec

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestStrBounds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		part := rapid.SampledFrom([]string{"", "a", "a\x00", "b", "\xff", "abcdefgh", "abcdefghi", "abcdefg\x00"})
		v := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) string { return part.Draw(r, "head") + part.Draw(r, "tail") }), 1, 20).Draw(r, "v")
		if lo, hi := strBounds(v); lo != slices.Min(v) || hi != slices.Max(v) {
			r.Fatalf("%q: %q, %q", v, lo, hi)
		}
	})
}

func BenchmarkStrBounds(b *testing.B) {
	v := make([]string, Size)
	for i := range v {
		v[i] = fmt.Sprintf("%08x carefully final deposits", uint32(i)*2654435761)
	}
	for b.Loop() {
		strBounds(v)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*Size), "ns/value")
}
