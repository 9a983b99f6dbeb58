package rel

import (
	"sync/atomic"

	"github.com/streamsqld/streamsqld/internal/invariant"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Contents are the rows of a view, changed by deltas and published as versions.
// They live in slots of columnar pages, copied on write column by column; a hash
// index leads from a row's key to its slot.
//
// Contents are owned by the commit line and used by one goroutine at a time; the
// versions are immutable and anybody's. A step is any number of calls of Apply
// and then Publish. Within a step the order of the changes does not matter: only
// what they sum up to, row image by row image, counts. A row that counts n times
// is one slot with a count.
//
// With a key (columns that are unique, by SQL equality, at the end of every
// step) −old +new becomes an overwriting of what differs. Without, a row's image
// is its key.
//
// C1: after a step every count is positive, and with a key it is 1 and no two
// rows have equal keys. A step that breaks this is refused by Publish (XX000);
// the contents are then of no more use.
//
// C2: a row goes to the lowest free slot: which slots rows have follows from the
// steps alone, also after a restart.
//
// C2a: the form of a page follows from its rows: there are counts only if some
// row does not count once.
//
// C3: an index entry outlives its row for a while, so that readers of versions
// that are not the latest find their rows. How long follows from the number of
// changes; a reader of an older version notices that it came too late, and scans.
type Contents struct {
	ts     []*types.Type
	key    []int
	keyTs  []*types.Type
	index  *hashIndex
	root   []*pageLeaf
	rootAt uint64 // the generation of root
	gen    uint64
	avail  freePages

	rows    int64 // counts added up
	slots   int   // slots in use
	bytes   int64 // of pages, as of the last Publish
	touched []uint32

	// Of the current step.
	empty []emptied
	over  overflow

	// Scratch.
	dense   vec.Batch
	hashes  []uint64
	keyCols []vec.Vec

	stale staleEntries
}

// pageLeaf is a part of the page table.
type pageLeaf struct {
	gen   uint64
	pages [leafPages]*page
}

const (
	leafPageBits = 7
	leafPages    = 1 << leafPageBits
)

// emptied is a slot whose count fell to 0 or below within the step.
type emptied struct {
	hash uint64
	slot uint32
}

// NewContents makes empty contents with columns of the given types. Key lists
// the columns that are unique, nil if only whole rows tell rows apart.
func NewContents(ts []*types.Type, key []int) *Contents {
	c := &Contents{ts: ts, key: key, index: newHashIndex(), gen: 1}
	for _, k := range key {
		c.keyTs = append(c.keyTs, ts[k])
	}
	if key == nil {
		c.keyTs = ts
	}
	return c
}

// Bytes is the memory that the contents take: pages as of the last Publish, and
// the index.
func (c *Contents) Bytes() int64 { return c.bytes + c.index.bytes() }

// Apply takes a delta: rows that are added (weights above 0) and taken away. It
// keeps nothing of it. An error is 54000: more than a page can hold, or too many
// rows; the contents are then of no more use.
func (c *Contents) Apply(delta *vec.Batch) error {
	b := delta
	if b.Sel != nil {
		b.Dense(&c.dense)
		b = &c.dense
	}
	c.hash(b)
	for i := range b.N {
		w := b.Weight(i)
		if w == 0 {
			continue
		}
		c.rows += w
		if c.key == nil {
			c.add(c.hashes[i], b, i, w)
		} else {
			c.change(c.hashes[i], b, i, w)
		}
		if c.slots >= maxSlots {
			return pgerr.New(pgerr.ProgramLimitExceeded, "a view cannot have more than %d rows", maxSlots)
		}
	}
	return nil
}

// hash hashes the keys of a batch without a selection.
func (c *Contents) hash(b *vec.Batch) {
	if cap(c.hashes) < b.N {
		c.hashes = make([]uint64, max(b.N, vec.Size))
	}
	c.hashes = c.hashes[:b.N]
	cols := b.Cols
	if c.key != nil {
		c.keyCols = c.keyCols[:0]
		for _, k := range c.key {
			c.keyCols = append(c.keyCols, b.Cols[k])
		}
		cols = c.keyCols
	}
	vec.Hash(c.hashes, cols, c.keyTs, b.N)
}

// add changes the count of a row that its image identifies.
func (c *Contents) add(hash uint64, b *vec.Batch, i int, w int64) {
	slot, ok := c.find(hash, b, i)
	if !ok {
		slot = c.insert(hash, b, i)
		c.setCount(hash, slot, w)
		return
	}
	p := c.page(slot)
	c.setCount(hash, slot, p.count(int(slot%pageSlots))+w)
}

// change adds or takes away a row that its key identifies. What does not fit the
// state in the middle of the step is put by.
func (c *Contents) change(hash uint64, b *vec.Batch, i int, w int64) {
	slot, ok := c.find(hash, b, i)
	switch {
	case !ok && w == 1:
		c.insert(hash, b, i)
	case ok && w == 1 && c.isEmpty(slot):
		c.overwrite(slot, b, i)
	case ok && w == -1 && !c.isEmpty(slot) && c.same(slot, b, i):
		c.setCount(hash, slot, 0)
	default:
		c.over.add(c.ts, hash, b, i, w)
	}
}

func (c *Contents) isEmpty(slot uint32) bool { return c.page(slot).isEmpty(int(slot % pageSlots)) }

// find gives the slot in use whose row has the key of row i of b.
func (c *Contents) find(hash uint64, b *vec.Batch, i int) (slot uint32, ok bool) {
	for p := c.index.probe(hash); ; {
		slot, ok := p.next()
		if !ok {
			return 0, false
		}
		pg := c.page(slot)
		if s := int(slot % pageSlots); pg != nil && pg.has(s) && c.matches(pg, s, b, i) {
			return slot, true
		}
	}
}

// matches tells whether the row in slot s of a page has the key of row i of b.
func (c *Contents) matches(pg *page, s int, b *vec.Batch, i int) bool {
	if c.key == nil {
		return c.sameRow(pg, s, b, i)
	}
	for _, k := range c.key {
		if !pg.col(k).equal(s, &b.Cols[k], i, c.ts[k]) {
			return false
		}
	}
	return true
}

func (c *Contents) sameRow(pg *page, s int, b *vec.Batch, i int) bool {
	for k := range c.ts {
		if !pg.col(k).same(s, &b.Cols[k], i) {
			return false
		}
	}
	return true
}

func (c *Contents) same(slot uint32, b *vec.Batch, i int) bool {
	return c.sameRow(c.page(slot), int(slot%pageSlots), b, i)
}

// page gives the page of a slot, nil if there is none.
func (c *Contents) page(slot uint32) *page { return pageAt(c.root, slot/pageSlots) }

func pageAt(root []*pageLeaf, no uint32) *page {
	if l := no >> leafPageBits; l < uint32(len(root)) {
		return root[l].pages[no&(leafPages-1)]
	}
	return nil
}

// own gives a page that the writer may change, made if there is none.
func (c *Contents) own(no uint32) *page {
	l := no >> leafPageBits
	if c.rootAt != c.gen {
		c.root, c.rootAt = append([]*pageLeaf(nil), c.root...), c.gen
	}
	for l >= uint32(len(c.root)) {
		c.root = append(c.root, &pageLeaf{gen: c.gen})
	}
	leaf := c.root[l]
	if leaf.gen != c.gen {
		leaf = &pageLeaf{gen: c.gen, pages: leaf.pages}
		c.root[l] = leaf
	}
	slot := &leaf.pages[no&(leafPages-1)]
	if *slot != nil && (*slot).gen == c.gen {
		return *slot
	}
	if *slot == nil {
		*slot = newPage(c.gen, c.ts)
	} else {
		*slot = (*slot).clone(c.gen)
	}
	c.touched = append(c.touched, no)
	return *slot
}

// insert puts row i of b into the lowest free slot, counting once.
func (c *Contents) insert(hash uint64, b *vec.Batch, i int) uint32 {
	no := c.avail.lowest()
	p := c.own(no)
	s := p.freeSlot()
	if s >= p.room {
		p.room = min(pageSlots, max(firstSlot, 4*p.room))
	}
	p.used[s>>6] |= 1 << (s & 63)
	if p.n++; p.n == pageSlots {
		c.avail.clear(no)
	}
	if p.counts != nil {
		p.counts[s] = 1
	}
	for k := range c.ts {
		c.put(p, s, k, b, i)
	}
	slot := no<<pageBits | uint32(s)
	c.index.add(hash, slot)
	c.slots++
	return slot
}

// overwrite puts row i of b into a slot in use whose row counts no more; the
// keys are equal.
func (c *Contents) overwrite(slot uint32, b *vec.Batch, i int) {
	p, s := c.own(slot/pageSlots), int(slot%pageSlots)
	p.setCount(s, 1)
	for k := range c.ts {
		if !p.col(k).same(s, &b.Cols[k], i) {
			c.put(p, s, k, b, i)
		}
	}
}

// put sets column k of a slot to the value in row i of b; the page is the
// writer's.
func (c *Contents) put(p *page, s, k int, b *vec.Batch, i int) {
	col := p.col(k)
	col.own(c.gen, p.room)
	col.set(s, &b.Cols[k], i)
}

// setCount changes the count of a slot, and takes note of one that may have to
// be freed.
func (c *Contents) setCount(hash uint64, slot uint32, n int64) {
	c.own(slot/pageSlots).setCount(int(slot%pageSlots), n)
	if n <= 0 {
		c.empty = append(c.empty, emptied{hash, slot})
	}
}

// Publish ends the step and gives the version that it has made. It costs what
// has changed. A step that does not add up is XX000 (C1).
func (c *Contents) Publish() (*ContentsVersion, error) {
	if err := c.settle(); err != nil {
		return nil, err
	}
	for _, no := range c.touched {
		p := pageAt(c.root, no)
		if p == nil {
			continue
		}
		p.once()
		n := p.bytes(len(c.ts))
		c.bytes += n - p.accounted
		p.accounted = n
	}
	c.touched = c.touched[:0]
	v := &ContentsVersion{c: c, root: c.root, rows: c.rows, bytes: c.Bytes(), num: c.gen}
	c.gen++
	c.stale.turn(c)
	if invariant.Enabled {
		v.check()
	}
	return v, nil
}

// settle resolves what was put by, and frees the slots that count no more.
func (c *Contents) settle() error {
	if c.over.n() > 0 {
		if err := c.over.resolve(c); err != nil {
			return err
		}
	}
	for _, e := range c.empty {
		p, s := c.page(e.slot), int(e.slot%pageSlots)
		if p == nil || !p.has(s) {
			continue // listed twice
		}
		n := p.count(s)
		if n < 0 {
			return pgerr.New(pgerr.InternalError, "a view's row counts %d times", n)
		}
		if n == 0 {
			c.free(e)
		}
	}
	c.empty = c.empty[:0]
	return nil
}

// free gives a slot back. Its index entry stays for a while (C3).
func (c *Contents) free(e emptied) {
	no := e.slot / pageSlots
	p, s := c.own(no), int(e.slot%pageSlots)
	p.used[s>>6] &^= 1 << (s & 63)
	p.empty[s>>6] &^= 1 << (s & 63)
	if p.counts != nil {
		p.counts[s] = 0
	}
	p.n--
	c.slots--
	c.avail.set(no)
	c.stale.add(e)
	if p.n == 0 {
		c.bytes -= p.accounted
		c.root[no>>leafPageBits].pages[no&(leafPages-1)] = nil
	}
}

// overflow holds the changes of a step that did not fit when they came: mostly
// +new before −old.
type overflow struct {
	rows   vec.Batch
	hashes []uint64
}

func (o *overflow) n() int { return len(o.hashes) }

func (o *overflow) add(ts []*types.Type, hash uint64, b *vec.Batch, i int, w int64) {
	if o.n() == 0 {
		kinds := make([]types.Kind, len(ts))
		for k, t := range ts {
			kinds[k] = t.Kind
		}
		o.rows.Reset(kinds)
		o.rows.Weights = nil
	}
	for k := range o.rows.Cols {
		o.rows.Cols[k].AppendRow(&b.Cols[k], i)
	}
	o.rows.Weights = append(o.rows.Weights, w)
	o.rows.N++
	o.hashes = append(o.hashes, hash)
}

// resolve sums the changes up by row image, and carries out what is left: rows
// that go, then rows that come.
func (o *overflow) resolve(c *Contents) error {
	rows, hashes := o.rows, o.hashes
	o.rows, o.hashes = vec.Batch{}, nil
	o.sum(&rows, hashes)
	for _, sign := range []int64{-1, 1} {
		for i, w := range rows.Weights {
			if w == 0 || w*sign < 0 {
				continue
			}
			if w == sign {
				c.change(hashes[i], &rows, i, w)
			}
			if w != sign || o.n() > 0 { // it did not fit this time either
				o.hashes = nil
				if sign < 0 {
					return pgerr.New(pgerr.InternalError, "a view's row is taken away that is not there")
				}
				return pgerr.New(pgerr.InternalError, "two rows of a view have the same key")
			}
		}
	}
	return nil
}

// sum leaves one entry of each image with a weight.
func (o *overflow) sum(rows *vec.Batch, hashes []uint64) {
	first := map[uint64][]int{}
	for i, h := range hashes {
		found := false
		for _, j := range first[h] {
			if sameRows(rows, i, j) {
				rows.Weights[j] += rows.Weights[i]
				rows.Weights[i] = 0
				found = true
				break
			}
		}
		if !found {
			first[h] = append(first[h], i)
		}
	}
}

func sameRows(b *vec.Batch, i, j int) bool {
	for k := range b.Cols {
		if !vec.SameImage(&b.Cols[k], i, &b.Cols[k], j) {
			return false
		}
	}
	return true
}

// staleEntries are index entries of rows that are gone, of the last two spans of
// versions (C3).
type staleEntries struct {
	young, old []emptied
	oldUntil   uint64        // versions before this one may need the old
	purged     atomic.Uint64 // versions before this one may miss entries
}

// minStale is how many entries a span has at least.
const minStale = 4096

func (s *staleEntries) add(e emptied) { s.young = append(s.young, e) }

// turn begins another span when the young one is large enough, and removes the
// entries of the old one. The version with the number gen - 1 was just made.
func (s *staleEntries) turn(c *Contents) {
	if len(s.young) < max(minStale, c.slots/8) {
		return
	}
	s.purged.Store(s.oldUntil)
	for _, e := range s.old {
		c.index.remove(e.hash, e.slot)
	}
	s.old, s.young, s.oldUntil = s.young, s.old[:0], c.gen-1
}
