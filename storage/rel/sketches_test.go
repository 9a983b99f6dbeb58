package rel

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// What is fresh in lists, taken together, is what is in them, and what lies in the span
// is so once.
func TestKnownInts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		var k knownInts
		var buf onceBuf
		want, got := map[int64]int{}, map[int64]int{}
		width := int64(1) << (1 + round%20)
		for range 1 + rnd.IntN(8) {
			list := make([]int64, rnd.IntN(300))
			for i := range list {
				list[i] = rnd.Int64N(width) - width/3*int64(round%3)
				want[list[i]]++
			}
			for _, x := range k.fresh(list, &buf) {
				got[x]++
			}
		}
		if a, b := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(a, b) {
			t.Fatalf("round %d: %d values, not %d", round, len(a), len(b))
		}
		for x, n := range got {
			if n > 1 && uint64(x)-uint64(k.from) < knownSpan {
				t.Fatalf("round %d: %d came %d times", round, x, n)
			}
		}
	}
}
