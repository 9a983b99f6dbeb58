package rel

import (
	"context"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// TestUnder: rows that were written before a column was added have its missing
// value, sealed or not, while the definition is not committed yet.
func TestUnder(t *testing.T) {
	one := []Column{{Kind: types.Int}}
	two := append(one, Column{Kind: types.Int, Missing: types.NewInt(7)})
	r := New(testEnv(t), &Schema{Cols: one})
	w := NewWriter(r)
	b := &vec.Batch{Cols: []vec.Vec{vec.New(types.Int, 2)}, N: 2}
	b.Cols[0].Ints[0], b.Cols[0].Ints[1] = 1, 2
	if _, err := w.AppendRows(b); err != nil {
		t.Fatal(err)
	}
	r = w.Publish()
	if r.Under(one) != r {
		t.Error("a definition that is no wider gives another version")
	}
	src := r.Under(two).Scan(ScanSpec{Cols: []int{0, 1}})
	defer src.Close()
	var out vec.Batch
	if err := src.Next(context.Background(), &out); err != nil || out.N != 2 {
		t.Fatalf("%d rows, %v", out.N, err)
	}
	for i := range out.N {
		row := out.Row(i)
		if got := out.Cols[1].Datum(row).Int(); got != 7 || out.Cols[0].Datum(row).Int() != int64(i+1) {
			t.Errorf("row %d: %d, %d", i, out.Cols[0].Datum(row).Int(), got)
		}
	}
}
