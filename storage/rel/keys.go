package rel

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sort"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// Keys are the keys of some rows in one index, in the order of the rows: bytes
// that sort as the index does, made by the caller. An empty key leaves its row
// out of the index. Once handed over, Keys are not changed.
type Keys struct {
	Ends []uint32 // where each key ends in Buf
	Buf  []byte
}

// Len is the number of keys.
func (k *Keys) Len() int { return len(k.Ends) }

// Key gives key i.
func (k *Keys) Key(i int) []byte {
	lo := uint32(0)
	if i > 0 {
		lo = k.Ends[i-1]
	}
	return k.Buf[lo:k.Ends[i]:k.Ends[i]]
}

// Append appends a key, which is copied.
func (k *Keys) Append(key []byte) {
	k.Buf = append(k.Buf, key...)
	k.Ends = append(k.Ends, uint32(len(k.Buf)))
}

// End ends the key whose bytes the caller has appended to Buf.
func (k *Keys) End() { k.Ends = append(k.Ends, uint32(len(k.Buf))) }

func (k *Keys) bytes() int { return len(k.Buf) + 4*len(k.Ends) }

// Check refuses keys that are too long, or too few for a number of rows (54000, XX000).
func (k *Keys) Check(rows int) error {
	if k.Len() != rows {
		return pgerr.New(pgerr.InternalError, "%d keys for %d rows", k.Len(), rows)
	}
	lo := uint32(0)
	for _, end := range k.Ends {
		if end-lo > segment.MaxKey {
			return pgerr.New(pgerr.ProgramLimitExceeded, "index key of %d bytes is too long, the limit is %d", end-lo, segment.MaxKey)
		}
		lo = end
	}
	return nil
}

// encode appends the keys as a page of strings.
func (k *Keys) encode(dst []byte) ([]byte, error) {
	v := vec.New(types.Bytes, k.Len())
	for i := range v.Strs {
		v.Strs[i] = string(k.Key(i))
	}
	var e vec.Encoder
	return e.EncodeColumn(dst, &v)
}

// decodeKeys reads what encode wrote and gives what follows it.
func decodeKeys(src []byte) (*Keys, []byte, error) {
	p, err := vec.OpenPage(src)
	if err == nil {
		err = p.Verify()
	}
	var v vec.Vec
	if err == nil {
		err = p.Decode(&v)
	}
	if err == nil && v.Kind != types.Bytes {
		err = pgerr.New(pgerr.DataCorrupted, "saved keys are of kind %s", v.Kind)
	}
	if err != nil {
		return nil, nil, err
	}
	k := &Keys{Ends: make([]uint32, 0, len(v.Strs))}
	for _, s := range v.Strs {
		k.Buf = append(k.Buf, s...)
		k.End()
	}
	return k, src[len(p.Bytes()):], nil
}

// keyRun is the sorted form of a chunk's keys: a run in memory. It is immutable.
type keyRun struct {
	keys     *Keys
	order    []int32 // the rows that have keys, by key, then row
	filter   segment.Filter
	min, max []byte
}

// newKeyRun sorts keys and makes their filter.
func newKeyRun(k *Keys) *keyRun {
	r := &keyRun{keys: k, order: sortKeys(k)}
	r.filter = segment.NewFilter(len(r.order))
	for _, i := range r.order {
		r.filter.Add(segment.HashKey(k.Key(int(i))))
	}
	if n := len(r.order); n > 0 {
		r.min, r.max = k.Key(int(r.order[0])), k.Key(int(r.order[n-1]))
	}
	return r
}

// sortKeys lists the rows that have keys by key, then row. Most comparisons are
// decided by the first eight bytes; keys that ascend already are not sorted.
func sortKeys(k *Keys) []int32 {
	type item struct {
		head uint64
		row  int32
	}
	items := make([]item, 0, k.Len())
	ascending := true
	var last []byte
	for i := range k.Len() {
		key := k.Key(i)
		if len(key) == 0 {
			continue
		}
		ascending = ascending && bytes.Compare(last, key) <= 0
		last = key
		items = append(items, item{keyHead(key), int32(i)})
	}
	if !ascending {
		slices.SortFunc(items, func(a, b item) int {
			switch {
			case a.head < b.head:
				return -1
			case a.head > b.head:
				return 1
			}
			if c := bytes.Compare(k.Key(int(a.row)), k.Key(int(b.row))); c != 0 {
				return c
			}
			return int(a.row - b.row)
		})
	}
	order := make([]int32, len(items))
	for i := range items {
		order[i] = items[i].row
	}
	return order
}

// keyHead is a number that orders as the first eight bytes of a key do.
func keyHead(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var b [8]byte
	copy(b[:], key)
	return binary.BigEndian.Uint64(b[:])
}

// covers tells whether a key lies between the least and the greatest.
func (r *keyRun) covers(key []byte) bool {
	return len(r.order) > 0 && bytes.Compare(key, r.min) >= 0 && bytes.Compare(key, r.max) <= 0
}

// search gives the first place in order whose key is not below key.
func (r *keyRun) search(key []byte) int {
	return sort.Search(len(r.order), func(i int) bool { return bytes.Compare(r.keys.Key(int(r.order[i])), key) >= 0 })
}

// find calls fn with the rows of a key until it gives false.
func (r *keyRun) find(key []byte, hash uint64, fn func(row int) bool) (more bool) {
	if !r.covers(key) || !r.filter.Has(hash) {
		return true
	}
	for i := r.search(key); i < len(r.order) && bytes.Equal(r.keys.Key(int(r.order[i])), key); i++ {
		if !fn(int(r.order[i])) {
			return false
		}
	}
	return true
}
