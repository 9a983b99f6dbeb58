package engine

import (
	"bytes"
	"context"
	"sort"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// keyed is where rows are found by an index: stored rows, or newIndex.
type keyed interface {
	Lookup(index int, key []byte, fn func(id uint64) (more bool)) error
	LookupMany(index int, keys *rel.Keys, fn func(i int, id uint64)) error
	Range(index int, lo, hi []byte, desc bool, fn func(key []byte, id uint64) (more bool)) error
}

// newIndex is an index that a transaction has created and not committed, over the rows
// stored before: the stored index is built by the commit. It is made when it is first
// looked into.
type newIndex struct {
	rows *rel.Relation
	keys [][]byte // in order, with ids
	ids  []uint64
}

// byIndex gives what finds stored rows by an index.
func (s *Session) byIndex(rows *rel.Relation, def *catalog.Relation, k *indexKey) (keyed, error) {
	if have := rows.Schema().Indexes; k.slot < len(have) && !have[k.slot].Dropped && !have[k.slot].Building {
		return rows, nil
	}
	t := s.tx
	t.mu.Lock()
	defer t.mu.Unlock()
	oid := k.def.OID
	if x := t.newIndexes[oid]; x != nil && x.rows == rows {
		return x, nil
	}
	x, err := buildNewIndex(s.e.def(def, t.catalog()).layout, rows, def, t.catalog(), k)
	if err != nil {
		return nil, err
	}
	if t.newIndexes == nil {
		t.newIndexes = map[OID]*newIndex{}
	}
	t.newIndexes[oid] = x
	return x, nil
}

func buildNewIndex(lay *layout, rows *rel.Relation, def *catalog.Relation, snap *catalog.Snapshot, k *indexKey) (*newIndex, error) {
	schema, err := storageSchema(def, snap)
	if err != nil {
		return nil, err
	}
	x := &newIndex{rows: rows}
	src := rows.Under(schema.Cols).Scan(rel.ScanSpec{Cols: lay.all, WithRowID: true})
	defer src.Close()
	for {
		var lent, b vec.Batch
		if err := src.Next(context.Background(), &lent); err != nil {
			return nil, err
		}
		if lent.N == 0 {
			break
		}
		lent.Dense(&b)
		ids := b.Cols[len(b.Cols)-1].Ints
		b.Cols = b.Cols[:len(b.Cols)-1]
		keys, err := k.of(&b)
		if err != nil {
			return nil, err
		}
		for i := range keys.Len() {
			if key := keys.Key(i); len(key) > 0 {
				x.keys, x.ids = append(x.keys, bytes.Clone(key)), append(x.ids, uint64(ids[i]))
			}
		}
	}
	sort.Stable(x)
	return x, nil
}

// Len, Less and Swap implement sort.Interface.
func (x *newIndex) Len() int           { return len(x.keys) }
func (x *newIndex) Less(i, j int) bool { return bytes.Compare(x.keys[i], x.keys[j]) < 0 }
func (x *newIndex) Swap(i, j int) {
	x.keys[i], x.keys[j] = x.keys[j], x.keys[i]
	x.ids[i], x.ids[j] = x.ids[j], x.ids[i]
}

// from is the place of the first key that is not less.
func (x *newIndex) from(key []byte) int {
	return sort.Search(len(x.keys), func(i int) bool { return bytes.Compare(x.keys[i], key) >= 0 })
}

// Lookup implements keyed.
func (x *newIndex) Lookup(_ int, key []byte, fn func(id uint64) bool) error {
	for i := x.from(key); i < len(x.keys) && bytes.Equal(x.keys[i], key); i++ {
		if !fn(x.ids[i]) {
			break
		}
	}
	return nil
}

// LookupMany implements keyed.
func (x *newIndex) LookupMany(index int, keys *rel.Keys, fn func(i int, id uint64)) error {
	for i := range keys.Len() {
		if key := keys.Key(i); len(key) > 0 {
			if err := x.Lookup(index, key, func(id uint64) bool { fn(i, id); return true }); err != nil {
				return err
			}
		}
	}
	return nil
}

// Range implements keyed: keys from lo to below hi, nil for no bound.
func (x *newIndex) Range(_ int, lo, hi []byte, desc bool, fn func(key []byte, id uint64) bool) error {
	first, end := 0, len(x.keys)
	if lo != nil {
		first = x.from(lo)
	}
	if hi != nil {
		end = x.from(hi)
	}
	for n := range max(end-first, 0) {
		i := first + n
		if desc {
			i = end - 1 - n
		}
		if !fn(x.keys[i], x.ids[i]) {
			break
		}
	}
	return nil
}
