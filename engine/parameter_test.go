package engine

import (
	"context"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
)

// A parameter of type void is no argument: JDBC's CallableStatement sends one for
// each OUT parameter.
func TestVoidParameter(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	ctx := context.Background()
	if err := s.s.Parse(ctx, "", "SELECT * FROM upper($1, $2) AS result", []uint32{uint32(types.VoidOID), uint32(types.TextOID)}); err != nil {
		t.Fatal(err)
	}
	if err := s.s.Bind(ctx, "", "", nil, [][]byte{nil, []byte("abc")}, nil); err != nil {
		t.Fatal(err)
	}
	a := &answer{}
	if _, err := s.s.Execute(ctx, "", 0, a); err != nil || len(a.rows) != 1 || a.rows[0][0] != "ABC" {
		t.Fatalf("got %v, %v", a.rows, err)
	}
}
