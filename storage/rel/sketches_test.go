package rel

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Rows sketched while they are at hand give what sketching their chunks gives.
func TestSketches(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var s Sketches
	var want []*sketch
	for chunk := range 5 {
		const n = 3000
		b := &vec.Batch{N: n, Cols: []vec.Vec{
			vec.New(types.Int, n), vec.New(types.Int, n), vec.New(types.Int, n), vec.New(types.Bytes, n), vec.New(types.Bytes, n), {}, vec.New(types.Float, n)}}
		b.Cols[5].ResetNarrow(int32(chunk%2+1), n)
		for i := range n {
			b.Cols[0].Ints[i] = int64(chunk*n+i)/4 + 1<<40
			if i%7 == 0 {
				b.Cols[0].Ints[i] = 0 // far from the others
			}
			b.Cols[1].Ints[i] = int64(rnd.Uint64())
			b.Cols[2].Ints[i] = math.MinInt64 + int64(rnd.IntN(50))
			b.Cols[3].Strs[i] = fmt.Sprint(rnd.IntN(9))
			b.Cols[4].Strs[i] = fmt.Sprint(rnd.Uint64())
			b.Cols[5].Ints[i] = int64(rnd.IntN(1000)) * 10
			b.Cols[6].Floats[i] = rnd.Float64()
			if i%3 == 0 {
				b.Cols[1].SetNull(i)
			}
		}
		c, err := EncodeChunk(b)
		if err != nil {
			t.Fatal(err)
		}
		block := c.Block()
		again, err := NewChunk(block)
		if err != nil {
			t.Fatal(err)
		}
		for slot := range b.Cols {
			sk, err := again.sketch(&Schema{}, slot)
			if err != nil {
				t.Fatal(err)
			}
			if chunk == 0 {
				want = append(want, new(sketch))
			}
			want[slot].merge(sk)
		}
		if err := s.Take(c, b); err != nil {
			t.Fatal(err)
		}
		if sk, err := c.sketch(&Schema{}, 0); err != nil || sk != nil {
			t.Errorf("a chunk that was taken has a sketch: %v, %v", sk, err)
		}
	}
	for slot, w := range want {
		if got := s.cols[slot].estimate(); got != w.estimate() {
			t.Errorf("column %d: %v distinct values, not %v", slot, got, w.estimate())
		}
	}
}

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
