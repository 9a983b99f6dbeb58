package vec

import (
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
)

// A key column that is always NULL must leave the hash of the others alone.
func TestHashKeepsOtherColumnsUnderNulls(t *testing.T) {
	const n = 1000
	a, b := New(types.Int, n), New(types.Bytes, 0)
	b.AllNull(types.Bytes, n)
	for i := range a.Ints {
		a.Ints[i] = int64(i)
	}
	h := make([]uint64, n)
	Hash(h, []Vec{a, b}, []*types.Type{types.TInt8, types.TText}, n)
	seen := map[uint64]bool{}
	for _, x := range h {
		seen[x] = true
	}
	if len(seen) != n {
		t.Fatalf("%d distinct hashes of %d keys", len(seen), n)
	}
}

// What lies under a NULL does not show in the hash.
func TestHashIgnoresTheValueUnderANull(t *testing.T) {
	a, b := New(types.Int, 1), New(types.Int, 1)
	a.Ints[0], b.Ints[0] = 1, 2
	a.SetNull(0)
	b.SetNull(0)
	h := make([]uint64, 2)
	Hash(h[:1], []Vec{a}, []*types.Type{types.TInt8}, 1)
	Hash(h[1:], []Vec{b}, []*types.Type{types.TInt8}, 1)
	if h[0] != h[1] {
		t.Fatal("NULLs hash apart")
	}
}
