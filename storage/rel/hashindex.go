package rel

import (
	"sync/atomic"
)

// hashIndex finds slots by the hash of their row's key: open addressing, in
// parts, so that growing never takes long. One writer adds and removes entries;
// anybody may look entries up at the same time, without locks: an entry is one
// word, and tables are replaced as a whole.
//
// Whoever looks up gets candidates: other keys may share a hash, and entries may
// lead to slots that hold another row by now. Candidates are compared with the
// row that is wanted.
type hashIndex struct {
	dir   atomic.Pointer[hashDir]
	count int // entries, without the removed ones
	words int // of all tables
}

// hashDir lists the parts; a tag's part is given by its upper bits.
type hashDir struct {
	shift  uint
	tables []atomic.Pointer[hashTable]
}

// hashTable is one open addressing table. A word is the tag, 32 bits of the
// hash, above the slot + 1; 0 is free, and removedSlot in the place of the slot
// is a removed entry. The lower bits of the tag say where to begin.
type hashTable struct {
	words []uint64
	used  int // words that are not free
}

const (
	hashPartBits = 8
	hashSplit    = 1 << 15 // entries at which one part becomes many
	minTable     = 16
	removedSlot  = 1<<32 - 1
	maxSlots     = removedSlot - 1
)

func newHashIndex() *hashIndex {
	x := &hashIndex{words: minTable}
	d := &hashDir{shift: 32, tables: make([]atomic.Pointer[hashTable], 1)}
	d.tables[0].Store(&hashTable{words: make([]uint64, minTable)})
	x.dir.Store(d)
	return x
}

func hashTag(hash uint64) uint64 { return (hash ^ hash>>32) & (1<<32 - 1) }

// probe goes through the candidates for a hash.
type probe struct {
	words []uint64
	tag   uint64
	at    uint64
}

func (x *hashIndex) probe(hash uint64) probe {
	d := x.dir.Load()
	tag := hashTag(hash)
	return probe{d.tables[tag>>d.shift].Load().words, tag, tag}
}

// next gives the next candidate; ok is false when there are no more.
func (p *probe) next() (slot uint32, ok bool) {
	mask := uint64(len(p.words) - 1)
	for {
		w := atomic.LoadUint64(&p.words[p.at&mask])
		p.at++
		if w == 0 {
			return 0, false
		}
		if w>>32 == p.tag && w&removedSlot != removedSlot {
			return uint32(w) - 1, true
		}
	}
}

// add adds an entry.
func (x *hashIndex) add(hash uint64, slot uint32) {
	d := x.dir.Load()
	if x.count++; len(d.tables) == 1 && x.count > hashSplit {
		d = d.split()
		x.dir.Store(d)
		x.words = 0
		for i := range d.tables {
			x.words += len(d.tables[i].Load().words)
		}
	}
	tag := hashTag(hash)
	link := &d.tables[tag>>d.shift]
	t := link.Load()
	if (t.used+1)*4 > len(t.words)*3 {
		x.words -= len(t.words)
		t = t.grown()
		x.words += len(t.words)
		link.Store(t)
	}
	mask := uint64(len(t.words) - 1)
	at := tag
	for t.words[at&mask] != 0 {
		at++
	}
	t.used++
	atomic.StoreUint64(&t.words[at&mask], tag<<32|uint64(slot)+1)
}

func live(w uint64) bool { return w != 0 && w&removedSlot != removedSlot }

// tableFor makes a table for n entries and as many to come.
func tableFor(n int) *hashTable {
	size := minTable
	for size < 2*n {
		size *= 2
	}
	return &hashTable{words: make([]uint64, size)}
}

// put enters a word into a table that nobody else sees yet.
func (t *hashTable) put(w uint64) {
	mask := uint64(len(t.words) - 1)
	at := w >> 32
	for t.words[at&mask] != 0 {
		at++
	}
	t.used++
	t.words[at&mask] = w
}

// grown is a copy with room to grow, without the removed entries.
func (t *hashTable) grown() *hashTable {
	n := 0
	for _, w := range t.words {
		if live(w) {
			n++
		}
	}
	out := tableFor(n + n/2)
	for _, w := range t.words {
		if live(w) {
			out.put(w)
		}
	}
	return out
}

// split makes many parts of the one.
func (d *hashDir) split() *hashDir {
	out := &hashDir{shift: 32 - hashPartBits, tables: make([]atomic.Pointer[hashTable], 1<<hashPartBits)}
	words := d.tables[0].Load().words
	counts := make([]int, len(out.tables))
	for _, w := range words {
		if live(w) {
			counts[w>>32>>out.shift]++
		}
	}
	parts := make([]*hashTable, len(out.tables))
	for i := range parts {
		parts[i] = tableFor(2 * counts[i])
	}
	for _, w := range words {
		if live(w) {
			parts[w>>32>>out.shift].put(w)
		}
	}
	for i := range parts {
		out.tables[i].Store(parts[i])
	}
	return out
}

// remove removes an entry that is there.
func (x *hashIndex) remove(hash uint64, slot uint32) {
	d := x.dir.Load()
	tag := hashTag(hash)
	t := d.tables[tag>>d.shift].Load()
	mask := uint64(len(t.words) - 1)
	want := tag<<32 | uint64(slot) + 1
	for at := tag; t.words[at&mask] != 0; at++ {
		if t.words[at&mask] == want {
			atomic.StoreUint64(&t.words[at&mask], tag<<32|removedSlot)
			x.count--
			return
		}
	}
}

// bytes is the memory that the index takes.
func (x *hashIndex) bytes() int64 { return 8 * int64(x.words) }
