package rel

import (
	"encoding/binary"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// A row that is updated again and again leaves few index entries behind, and versions
// that were published before still find theirs.
func TestHotRowIsPruned(t *testing.T) {
	env := testEnv(t)
	w := NewWriter(New(env, &Schema{Cols: []Column{{Kind: types.Int}}, Indexes: []Index{{}}}))
	var hot [8]byte
	add := func(key uint64, v int64) uint64 {
		binary.BigEndian.PutUint64(hot[:], key)
		k := new(Keys)
		k.Append(hot[:])
		b := &vec.Batch{Cols: []vec.Vec{vec.New(types.Int, 1)}, N: 1}
		b.Cols[0].Ints[0] = v
		id, err := w.AppendRows(b, k)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	find := func(r *Relation, key uint64) (ids []uint64) {
		var k [8]byte
		binary.BigEndian.PutUint64(k[:], key)
		if err := r.Lookup(0, k[:], func(id uint64) bool { ids = append(ids, id); return true }); err != nil {
			t.Fatal(err)
		}
		return ids
	}
	for i := range uint64(100) {
		add(1000+i, 0)
	}
	last := add(7, 0)
	type seen struct {
		r  *Relation
		id uint64
	}
	var old []seen
	for i := range int64(3 * vec.Size) {
		if i%1000 == 0 {
			old = append(old, seen{w.Publish(), last})
		}
		w.Delete([]uint64{last})
		last = add(7, i)
	}
	old = append(old, seen{w.Publish(), last})
	for _, x := range old {
		if ids := find(x.r, 7); len(ids) != 1 || ids[0] != x.id {
			t.Errorf("version of %d rows: found %v, want %d", x.r.NextID(), ids, x.id)
		}
		if ids := find(x.r, 1042); len(ids) != 1 {
			t.Errorf("version of %d rows: found %v of a row that stays", x.r.NextID(), ids)
		}
	}
	entries := 0
	r := old[len(old)-1].r
	for n := r.open.keys[0].first(nil, 0); n != nil; n = n.next[0].Load() {
		entries++
	}
	for i := range r.chunks {
		entries += len(r.chunks[i].run(0).order)
	}
	// 100 rows that stay, one hot row, one that was alive when each chunk was closed,
	// and what is not pruned yet.
	if limit := 101 + len(r.chunks) + pruneRows; entries > limit {
		t.Errorf("%d index entries, want %d at most", entries, limit)
	}
}
