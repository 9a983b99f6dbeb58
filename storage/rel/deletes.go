package rel

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// deleteSet is the set of row ids that are gone: deleted, or never to be seen
// again. It is a tree of containers of 2^16 ids, 2^8 containers to a leaf, whose
// parts are shared between versions and copied when they change.
//
// D1: a part is changed in place only by the writer, and only if its generation
// is the writer's current one; publishing begins a new generation. What a
// published version can reach never changes.
//
// D2: a set is never shrunk: an id that is gone stays gone, also after its row
// has been dropped by compaction. Full containers and leaves take no memory.
type deleteSet struct {
	// floor is an id below which everything is gone.
	floor  uint64
	leaves []*deleteLeaf // by id >> 24; nil is empty
	count  uint64        // ids at or above floor that are gone
}

const (
	containerBits = 16
	containerSize = 1 << containerBits
	leafBits      = 8
	leafSize      = 1 << leafBits
	// maxSparse is the most ids that a container lists; above, it is a bitmap.
	maxSparse = 1024
)

type deleteLeaf struct {
	gen  uint64
	sets [leafSize]*container
}

// container holds ids by their lower 16 bits. It is full, or lists them in
// order, or is a bitmap.
type container struct {
	gen  uint64
	n    int
	list []uint16
	bits *[containerSize / 64]uint64
}

// fullContainer is every container with all ids in it.
var fullContainer = &container{n: containerSize}

func (c *container) full() bool { return c.n == containerSize }

func (c *container) has(low uint16) bool {
	switch {
	case c == nil:
		return false
	case c.full():
		return true
	case c.bits != nil:
		return c.bits[low>>6]>>(low&63)&1 != 0
	}
	_, found := slices.BinarySearch(c.list, low)
	return found
}

// clone is a copy that the writer of generation gen may change. It is never
// called on a full container.
func (c *container) clone(gen uint64) *container {
	out := &container{gen: gen, n: c.n}
	if c.bits != nil {
		b := *c.bits
		out.bits = &b
	} else {
		out.list = append(make([]uint16, 0, len(c.list)+8), c.list...)
	}
	return out
}

// add adds an id that is not there.
func (c *container) add(low uint16) {
	if c.bits == nil && len(c.list) == maxSparse {
		c.bits = new([containerSize / 64]uint64)
		for _, x := range c.list {
			c.bits[x>>6] |= 1 << (x & 63)
		}
		c.list = nil
	}
	c.n++
	if c.bits != nil {
		c.bits[low>>6] |= 1 << (low & 63)
		return
	}
	at, _ := slices.BinarySearch(c.list, low)
	c.list = slices.Insert(c.list, at, low)
}

func (d *deleteSet) container(id uint64) *container {
	l := id >> (containerBits + leafBits)
	if l >= uint64(len(d.leaves)) || d.leaves[l] == nil {
		return nil
	}
	return d.leaves[l].sets[id>>containerBits&(leafSize-1)]
}

// has tells whether an id is gone.
func (d *deleteSet) has(id uint64) bool {
	return id < d.floor || d.container(id).has(uint16(id))
}

// add adds an id in generation gen; false when it is there already.
func (d *deleteSet) add(id, gen uint64) bool {
	if d.has(id) {
		return false
	}
	leaf := d.ownLeaf(id, gen)
	slot := &leaf.sets[id>>containerBits&(leafSize-1)]
	switch {
	case *slot == nil:
		*slot = &container{gen: gen}
	case (*slot).gen != gen:
		*slot = (*slot).clone(gen)
	}
	(*slot).add(uint16(id))
	if (*slot).full() {
		*slot = fullContainer
	}
	d.count++
	return true
}

// addRange adds the ids lo … hi-1 in generation gen.
func (d *deleteSet) addRange(lo, hi, gen uint64) {
	for lo = max(lo, d.floor); lo < hi; {
		if lo&(containerSize-1) == 0 && hi-lo >= containerSize {
			slot := &d.ownLeaf(lo, gen).sets[lo>>containerBits&(leafSize-1)]
			if *slot != nil {
				d.count -= uint64((*slot).n)
			}
			*slot = fullContainer
			d.count += containerSize
			lo += containerSize
			continue
		}
		d.add(lo, gen)
		lo++
	}
}

// ownLeaf gives the leaf of an id, which the writer may change.
func (d *deleteSet) ownLeaf(id, gen uint64) *deleteLeaf {
	l := int(id >> (containerBits + leafBits))
	if l < len(d.leaves) && d.leaves[l] != nil && d.leaves[l].gen == gen {
		return d.leaves[l]
	}
	leaves := make([]*deleteLeaf, max(len(d.leaves), l+1))
	copy(leaves, d.leaves)
	leaf := &deleteLeaf{gen: gen}
	if leaves[l] != nil {
		leaf.sets = leaves[l].sets
	}
	leaves[l] = leaf
	d.leaves = leaves
	return leaf
}

// raise makes everything below floor gone.
func (d *deleteSet) raise(floor uint64) {
	if floor <= d.floor {
		return
	}
	d.count -= d.countIn(d.floor, floor)
	d.floor = floor
	leaves := slices.Clone(d.leaves)
	clear(leaves[:min(len(leaves), int(floor>>(containerBits+leafBits)))])
	d.leaves = leaves
}

// countIn counts the ids from lo (at or above the floor) to hi-1 that are gone.
func (d *deleteSet) countIn(lo, hi uint64) uint64 {
	n := uint64(0)
	for lo < hi {
		end := min(hi, (lo>>containerBits+1)<<containerBits)
		if c := d.container(lo); c != nil {
			if end-lo == containerSize {
				n += uint64(c.n)
			} else {
				n += c.countIn(uint32(lo&(containerSize-1)), uint32(end-lo))
			}
		}
		lo = end
	}
	return n
}

func (c *container) countIn(from, n uint32) uint64 {
	switch {
	case c.full():
		return uint64(n)
	case c.bits == nil:
		lo, _ := slices.BinarySearch(c.list, uint16(from))
		k := uint64(0)
		for lo < len(c.list) && uint32(c.list[lo]) < from+n {
			lo++
			k++
		}
		return k
	}
	k := uint64(0)
	for i := from; i < from+n; {
		if i&63 == 0 && i+64 <= from+n {
			k += uint64(bits.OnesCount64(c.bits[i>>6]))
			i += 64
			continue
		}
		k += c.bits[i>>6] >> (i & 63) & 1
		i++
	}
	return k
}

// live makes sel the positions 0 … n-1 whose ids, base + position, are not gone.
// all is set, and sel is empty, when none is gone.
func (d *deleteSet) live(sel []int32, base uint64, n int) (_ []int32, all bool) {
	sel = sel[:0]
	if base >= d.floor && d.untouched(base, n) {
		return sel, true
	}
	for id, end := base, base+uint64(n); id < end; {
		stop := min(end, (id>>containerBits+1)<<containerBits)
		if from := max(id, d.floor); from < stop {
			low := uint32(from & (containerSize - 1))
			sel = d.container(from).appendLive(sel, low, low+uint32(stop-from), int32(from-base)-int32(low))
		}
		id = stop
	}
	return sel, len(sel) == n
}

// appendLive appends the ids lo … hi-1 that are not in c, shifted.
func (c *container) appendLive(sel []int32, lo, hi uint32, shift int32) []int32 {
	switch {
	case c == nil:
		for ; lo < hi; lo++ {
			sel = append(sel, int32(lo)+shift)
		}
	case c.full():
	case c.bits != nil:
		for lo < hi {
			w := ^c.bits[lo>>6] >> (lo & 63) << (lo & 63)
			word := lo &^ 63
			if hi-word < 64 {
				w &= 1<<(hi-word) - 1
			}
			for ; w != 0; w &= w - 1 {
				sel = append(sel, int32(word)+int32(bits.TrailingZeros64(w))+shift)
			}
			lo = word + 64
		}
	default:
		at, _ := slices.BinarySearch(c.list, uint16(lo))
		for ; lo < hi; lo++ {
			if at < len(c.list) && uint32(c.list[at]) == lo {
				at++
				continue
			}
			sel = append(sel, int32(lo)+shift)
		}
	}
	return sel
}

// liveIDs is live for ids that are listed, in order.
func (d *deleteSet) liveIDs(sel []int32, ids []int64) (_ []int32, all bool) {
	sel = sel[:0]
	if n := len(ids); n > 0 && uint64(ids[0]) >= d.floor && d.untouched(uint64(ids[0]), int(ids[n-1]-ids[0])+1) {
		return sel, true
	}
	for i, id := range ids {
		if !d.has(uint64(id)) {
			sel = append(sel, int32(i))
		}
	}
	return sel, len(sel) == len(ids)
}

// untouched tells that there is nothing at all in the containers of a range.
func (d *deleteSet) untouched(base uint64, n int) bool {
	for id := base &^ (containerSize - 1); id < base+uint64(n); id += containerSize {
		if d.container(id) != nil {
			return false
		}
	}
	return true
}

// Encoded containers: nothing for a full one; 2 bytes per id of a list, of which
// there are at most maxSparse; or the bitmap.

func (c *container) encode() []byte {
	switch {
	case c.full():
		return nil
	case c.bits == nil:
		b := make([]byte, 0, 2*len(c.list))
		for _, x := range c.list {
			b = binary.LittleEndian.AppendUint16(b, x)
		}
		return b
	}
	b := make([]byte, 0, containerSize/8)
	for _, w := range c.bits {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}

func decodeContainer(b []byte) (*container, bool) {
	switch {
	case len(b) == 0:
		return fullContainer, true
	case len(b) == containerSize/8:
		c := &container{bits: new([containerSize / 64]uint64)}
		for i := range c.bits {
			c.bits[i] = binary.LittleEndian.Uint64(b[8*i:])
			c.n += bits.OnesCount64(c.bits[i])
		}
		return c, c.n < containerSize
	case len(b)%2 != 0 || len(b) > 2*maxSparse:
		return nil, false
	}
	c := &container{n: len(b) / 2}
	for i := 0; i < len(b); i += 2 {
		c.list = append(c.list, binary.LittleEndian.Uint16(b[i:]))
	}
	return c, slices.IsSorted(c.list)
}

// diff visits the containers that d has and old, an earlier state of it, has
// not, or has otherwise; nil containers are those that the floor swallowed.
func (d *deleteSet) diff(old *deleteSet, fn func(number uint64, c *container) error) error {
	for l := range max(len(d.leaves), len(old.leaves)) {
		now, then := leafAt(d.leaves, l), leafAt(old.leaves, l)
		if now == then {
			continue
		}
		for i := range leafSize {
			a, b := now.set(i), then.set(i)
			if a == b {
				continue
			}
			if err := fn(uint64(l)<<leafBits|uint64(i), a); err != nil {
				return err
			}
		}
	}
	return nil
}

func leafAt(leaves []*deleteLeaf, i int) *deleteLeaf {
	if i < len(leaves) {
		return leaves[i]
	}
	return nil
}

func (l *deleteLeaf) set(i int) *container {
	if l == nil {
		return nil
	}
	return l.sets[i]
}

// load puts a container that was saved into its place.
func (d *deleteSet) load(number uint64, c *container) {
	leaf := d.ownLeaf(number<<containerBits, 0)
	leaf.sets[number&(leafSize-1)] = c
	lo := number << containerBits
	d.count += d.countIn(max(lo, d.floor), max(lo+containerSize, d.floor))
}
