package vec

import (
	"slices"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"pgregory.net/rapid"
)

// The positions that a dictionary's numbers select are those of the strings.
func TestDictSelects(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(rapid.StringN(0, 5, -1), 1, 9, rapid.ID[string]).Draw(t, "words")
		b := &Batch{N: rapid.IntRange(1, Size).Draw(t, "rows"), Cols: make([]Vec, 1)}
		b.Cols[0].Reset(types.Bytes, b.N)
		step := rapid.IntRange(1, 50).Draw(t, "step")
		for i := range b.N {
			b.Cols[0].Strs[i] = words[i*step/7%len(words)]
		}
		if rapid.IntRange(0, 4).Draw(t, "null") == 0 {
			b.Cols[0].SetNull(0)
		}
		wanted := words[0]
		data, err := Encode(nil, b)
		if err != nil {
			t.Fatal(err)
		}
		block, err := OpenBlock(data)
		if err != nil {
			t.Fatal(err)
		}
		p, err := block.Page(0)
		if err != nil {
			t.Fatal(err)
		}
		var dict Vec
		coded, err := p.Dict(&dict)
		if err != nil || coded && p.Nulls() > 0 {
			t.Fatal("dictionary", coded, err)
		}
		if !coded {
			return
		}
		want := make([]bool, dict.Len())
		for i, s := range dict.Strs {
			want[i] = s == wanted
		}
		got, err := p.Coded(want, nil)
		if err != nil {
			t.Fatal(err)
		}
		var rows []int32
		for i, s := range b.Cols[0].Strs {
			if s == wanted {
				rows = append(rows, int32(i))
			}
		}
		if !slices.Equal(got, rows) {
			t.Fatalf("rows %v, want %v", got, rows)
		}
		if _, err := p.Coded(want[1:], nil); err == nil {
			t.Fatal("a list of another length is taken")
		}
	})
}
