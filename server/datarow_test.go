package server

import (
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Rows come in the order of the selection, as often as they weigh.
func TestDataRows(t *testing.T) {
	cols := []Column{{Name: "a", Type: types.TInt4, Mod: -1, Format: 1}, {Name: "b", Type: types.TText, Mod: -1}, {Name: "c", Type: types.TNumeric, Mod: -1}}
	b := &vec.Batch{Cols: make([]vec.Vec, 3), Sel: []int32{2, 0, 1}, Weights: []int64{1, -1, 2}, N: 3}
	b.Cols[0] = vec.Vec{Kind: types.Int, Ints: []int64{7, 8, -1}}
	b.Cols[1] = vec.Vec{Kind: types.Bytes, Strs: []string{"x", "y", ""}, Nulls: []bool{false, false, true}}
	b.Cols[2] = vec.Vec{Kind: types.Numer, Narrow: true, Scale: 2, Ints: []int64{150, 0, -5}}
	var w rowWriter
	if err := w.columns(cols, types.DefaultEnv); err != nil {
		t.Fatal(err)
	}
	var out []byte
	if n, err := w.append(&out, b, 0); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	var want []byte
	for _, values := range [][][]byte{
		{{255, 255, 255, 255}, nil, []byte("-0.05")}, {{255, 255, 255, 255}, nil, []byte("-0.05")}, {{0, 0, 0, 7}, []byte("x"), []byte("1.50")},
	} {
		want, _ = (&pgproto3.DataRow{Values: values}).Encode(want)
	}
	if string(out) != string(want) {
		t.Errorf("%q\ninstead of\n%q", out, want)
	}
}

func TestDataRowsStopWhereTheBufferIsFull(t *testing.T) {
	var w rowWriter
	if err := w.columns([]Column{{Name: "a", Type: types.TText, Mod: -1}}, types.DefaultEnv); err != nil {
		t.Fatal(err)
	}
	b := &vec.Batch{Cols: []vec.Vec{vec.New(types.Bytes, 10)}, N: 10}
	for i := range b.Cols[0].Strs {
		b.Cols[0].Strs[i] = string(make([]byte, flushAt/4))
	}
	var out []byte
	if n, err := w.append(&out, b, 0); n != 4 || err != nil {
		t.Error(n, err)
	}
}

func TestNoBinaryForm(t *testing.T) {
	var w rowWriter
	err := w.columns([]Column{{Name: "a", Type: types.ByName("aclitem"), Mod: -1, Format: 1}}, types.DefaultEnv)
	if e := pgerr.From(err); e.Code != pgerr.UndefinedFunction || e.Message != "no binary output function available for type aclitem" {
		t.Error(err)
	}
}
