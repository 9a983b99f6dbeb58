package exec

import (
	"context"
	"math/bits"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// joinTable finds, for a key, the rows of a join's build side. Rows with the same
// key form a chain in row order. It is immutable once made, and read by many.
//
// There are three forms, by key:
//
//   - one integer from a range not much larger than the number of rows: the heads
//     of chains are indexed by the key itself;
//   - one integer: open addressing over (key, head);
//   - anything else: open addressing over (part of the hash, head). A chain may then
//     hold rows of several keys, and who follows it compares the keys (exact is
//     false).
//
// Heads and links are row numbers plus one; 0 is the end.
type joinTable struct {
	next   []int32 // nil when every chain has one row
	direct []int32
	min    int64
	ints   []intSlot
	hashes []hashSlot
	shift  uint8
	exact  bool
	empty  bool
}

type intSlot struct {
	key  int64
	head int32
}

type hashSlot struct {
	hash uint32
	head int32
}

// joinKey is what a table is made of: a key column's type, and whether NULL
// matches NULL.
type joinKey struct {
	typ   *types.Type
	nulls bool
}

// newJoinTable makes the table of n rows with the given key columns. Rows with a
// NULL key that matches nothing are in no chain. Of rows with equal keys one may do
// where it is asked only whether there is any: few leaves the others out where they
// would make a chain long that mixes keys.
func newJoinTable(ctx context.Context, keys []vec.Vec, ks []joinKey, n int, few bool) (*joinTable, error) {
	t := &joinTable{empty: n == 0}
	if n == 0 {
		return t, nil
	}
	if len(keys) == 1 && keys[0].Kind == types.Int && !(ks[0].nulls && keys[0].HasNulls()) {
		t.exact = true
		return t, t.buildInts(ctx, &keys[0], n)
	}
	return t, t.buildHashes(ctx, keys, ks, n, few)
}

// everyRows is how many rows are worked on between looks at the context.
const everyRows = 1 << 16

// descend calls fn for ranges of rows from the last to the first, so that chains
// come out in row order.
func descend(ctx context.Context, n int, fn func(lo, hi int)) error {
	for hi := n; hi > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		lo := max(0, hi-everyRows)
		fn(lo, hi)
		hi = lo
	}
	return nil
}

func (t *joinTable) link(row int, head int32, n int) {
	if t.next == nil {
		t.next = make([]int32, n)
	}
	t.next[row] = head
}

func (t *joinTable) buildInts(ctx context.Context, key *vec.Vec, n int) error {
	lo, hi, some := intRange(key, n)
	if !some {
		t.empty = true
		return nil
	}
	size := 1 << bits.Len(uint(2*n-1))
	if spread := uint64(hi) - uint64(lo); spread < uint64(4*size) {
		t.min, t.direct = lo, make([]int32, spread+1)
		return descend(ctx, n, func(lo, hi int) { t.addDirect(key, lo, hi, n) })
	}
	t.ints, t.shift = make([]intSlot, size), uint8(64-bits.TrailingZeros(uint(size)))
	return descend(ctx, n, func(lo, hi int) { t.addInts(key, lo, hi, n) })
}

// intRange gives the least and the greatest of the values that are not NULL.
func intRange(v *vec.Vec, n int) (lo, hi int64, some bool) {
	for i, x := range v.Ints[:n] {
		switch {
		case v.Nulls != nil && v.Nulls[i]:
		case !some:
			lo, hi, some = x, x, true
		default:
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	return lo, hi, some
}

func (t *joinTable) addDirect(key *vec.Vec, lo, hi, n int) {
	for i := hi - 1; i >= lo; i-- {
		if key.Nulls != nil && key.Nulls[i] {
			continue
		}
		at := uint64(key.Ints[i]) - uint64(t.min)
		if head := t.direct[at]; head != 0 {
			t.link(i, head, n)
		}
		t.direct[at] = int32(i + 1)
	}
}

// spreadInt is Fibonacci hashing: the high bits of the product.
func spreadInt(x int64, shift uint8) uint64 { return uint64(x) * 0x9e3779b97f4a7c15 >> shift }

func (t *joinTable) addInts(key *vec.Vec, lo, hi, n int) {
	mask := uint64(len(t.ints) - 1)
	for i := hi - 1; i >= lo; i-- {
		if key.Nulls != nil && key.Nulls[i] {
			continue
		}
		x := key.Ints[i]
		at := spreadInt(x, t.shift)
		for t.ints[at].head != 0 && t.ints[at].key != x {
			at = (at + 1) & mask
		}
		if head := t.ints[at].head; head != 0 {
			t.link(i, head, n)
		}
		t.ints[at] = intSlot{x, int32(i + 1)}
	}
}

func (t *joinTable) buildHashes(ctx context.Context, keys []vec.Vec, ks []joinKey, n int, few bool) error {
	size := 1 << bits.Len(uint(2*n-1))
	t.hashes, t.shift = make([]hashSlot, size), uint8(64-bits.TrailingZeros(uint(size)))
	h := hasher{ks: ks}
	var alike func(i, k int32) bool
	if few {
		alike = func(i, k int32) bool { return equalRows(keys, ks, i, k) }
	}
	return descend(ctx, n, func(lo, hi int) {
		part := make([]vec.Vec, len(keys))
		for i := range keys {
			part[i] = keys[i].Slice(lo, hi)
		}
		hash := h.hash(part, hi-lo)
		t.addHashes(hash, h.null, lo, hi, n, alike)
	})
}

// equalRows tells whether rows i and k have the same key.
func equalRows(keys []vec.Vec, ks []joinKey, i, k int32) bool {
	for c := range keys {
		if !vec.Equal(&keys[c], int(i), &keys[c], int(k), ks[c].typ) {
			return false
		}
	}
	return true
}

// addHashes puts rows before those that are there; one that is like the first of its
// chain takes its place. alike may be nil: none are.
func (t *joinTable) addHashes(hash []uint64, null []bool, lo, hi, n int, alike func(i, k int32) bool) {
	mask := uint64(len(t.hashes) - 1)
	for i := hi - 1; i >= lo; i-- {
		if null != nil && null[i-lo] {
			continue
		}
		x := hash[i-lo]
		at, tag := x>>t.shift, uint32(x)
		for t.hashes[at].head != 0 && t.hashes[at].hash != tag {
			at = (at + 1) & mask
		}
		head := t.hashes[at].head
		if head != 0 && alike != nil && alike(int32(i), head-1) {
			if head = 0; t.next != nil {
				head = t.next[t.hashes[at].head-1]
			}
		}
		if head != 0 {
			t.link(i, head, n)
		}
		t.hashes[at] = hashSlot{tag, int32(i + 1)}
	}
}

// hasher hashes rows of key columns and finds those with a NULL key that matches
// nothing.
type hasher struct {
	ks    []joinKey
	types []*types.Type
	out   []uint64
	null  []bool // of the last call; nil: none
	memo  []bool
}

func (h *hasher) hash(keys []vec.Vec, n int) []uint64 {
	if h.types == nil {
		for _, k := range h.ks {
			h.types = append(h.types, k.typ)
		}
	}
	if cap(h.out) < n {
		h.out = make([]uint64, n)
	}
	vec.Hash(h.out, keys, h.types, n)
	h.null = h.nulls(keys, n)
	return h.out[:n]
}

func (h *hasher) nulls(keys []vec.Vec, n int) []bool {
	var null []bool
	for i := range keys {
		if h.ks[i].nulls || keys[i].Nulls == nil {
			continue
		}
		if null == nil {
			h.memo = append(h.memo[:0], keys[i].Nulls[:n]...)
			null = h.memo
			continue
		}
		for j, x := range keys[i].Nulls[:n] {
			null[j] = null[j] || x
		}
	}
	return null
}

// heads writes to dst[0 … n-1] the heads of the chains for n rows of keys. It
// tells how many are not 0.
func (t *joinTable) heads(dst []int32, keys []vec.Vec, h *hasher, n int) int {
	dst = dst[:n]
	switch {
	case t.empty:
		clear(dst)
		return 0
	case t.direct != nil:
		t.headsDirect(dst, keys[0].Ints[:n])
	case t.ints != nil:
		t.headsInts(dst, keys[0].Ints[:n])
	default:
		hash := h.hash(keys, n)
		t.headsHashes(dst, hash)
		return clearNulls(dst, h.null)
	}
	return clearNulls(dst, keys[0].Nulls)
}

func clearNulls(dst []int32, null []bool) int {
	found := 0
	if null != nil {
		for i, x := range null[:len(dst)] {
			if x {
				dst[i] = 0
			}
		}
	}
	for _, x := range dst {
		if x != 0 {
			found++
		}
	}
	return found
}

func (t *joinTable) headsDirect(dst []int32, keys []int64) {
	base, table := uint64(t.min), t.direct
	for i, x := range keys {
		if at := uint64(x) - base; at < uint64(len(table)) {
			dst[i] = table[at]
		} else {
			dst[i] = 0
		}
	}
}

func (t *joinTable) headsInts(dst []int32, keys []int64) {
	slots, mask := t.ints, uint64(len(t.ints)-1)
	for i, x := range keys {
		at := spreadInt(x, t.shift)
		for slots[at].head != 0 && slots[at].key != x {
			at = (at + 1) & mask
		}
		dst[i] = slots[at].head
	}
}

func (t *joinTable) headsHashes(dst []int32, hash []uint64) {
	slots, mask := t.hashes, uint64(len(t.hashes)-1)
	for i, x := range hash {
		at, tag := x>>t.shift, uint32(x)
		for slots[at].head != 0 && slots[at].hash != tag {
			at = (at + 1) & mask
		}
		dst[i] = slots[at].head
	}
}

// bytesOf estimates the memory of the table of n rows.
func tableBytes(n int) int64 { return int64(n) * 40 }
