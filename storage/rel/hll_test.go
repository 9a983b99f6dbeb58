package rel

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// A column's sketch, however it is made, is that of its values one by one.
func TestSketchOfColumn(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	words := []string{"", "a", "RAIL", "AIR", "REG AIR", "TRUCK"}
	for _, span := range []int64{1, 3, 900, seenSpan, seenSpan + 1, 1 << 40} {
		for _, n := range []int{1, 100, vec.Size} {
			cols := []vec.Vec{{Kind: types.Int}, {Kind: types.Numer, Narrow: true, Scale: 2}, {Kind: types.Bytes}}
			for range n {
				x := rnd.Int64N(span) - span/2
				cols[0].Ints = append(cols[0].Ints, x)
				cols[1].Ints = append(cols[1].Ints, x)
				cols[2].Strs = append(cols[2].Strs, words[rnd.IntN(len(words))])
			}
			c, err := EncodeChunk(&vec.Batch{Cols: cols, N: n})
			if err != nil {
				t.Fatal(err)
			}
			schema := &Schema{Cols: []Column{{Kind: types.Int}, {Kind: types.Numer}, {Kind: types.Bytes}}}
			for i := range cols {
				got, err := c.sketch(schema, i)
				if err != nil {
					t.Fatal(err)
				}
				want := new(sketch)
				for row := range n {
					want.add(hashValue(&cols[i], row))
				}
				if !bytes.Equal(got.regs, want.regs) {
					t.Errorf("column %d of %d rows in a span of %d differs", i, n, span)
				}
			}
		}
	}
}
