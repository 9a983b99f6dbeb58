package funcs

import (
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The values of a piece of a narrow column are as many as the piece has, however long
// the column is that it is cut from: window functions read long ones row by row.
func TestInTakesThePieceAlone(t *testing.T) {
	v := vec.Vec{Kind: types.Numer, Narrow: true, Scale: 2, Ints: make([]int64, 1<<16)}
	piece := v.Slice(7, 9)
	if x := In[types.Numeric](&piece); len(x) != 2 || cap(x) > 16 {
		t.Errorf("%d values with room for %d, of a piece of 2", len(x), cap(x))
	}
}
