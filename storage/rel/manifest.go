package rel

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// A version is saved as keys under a prefix, so that saving the next one costs
// what has changed. Rows that are not sealed are saved with it: a checkpoint
// needs no sealing.
//
//	h              next id, floor, number of columns, state of the indexes
//	s blob         a segment
//	x index blob   an index run
//	c base         a chunk: its block, then per index slot 0, or 1 and the keys
//	o              the open batch, as a chunk behind its base
//	d number       a container of the delete set
//	t slot         a column's sketch of distinct values
const (
	headKey      = 'h'
	segmentKey   = 's'
	runKey       = 'x'
	chunkKey     = 'c'
	openKey      = 'o'
	containerKey = 'd'
	sketchKey    = 't'
)

func numberKey(space byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{space}, n)
}

func (x *heldRun) key(index int) []byte {
	k := binary.BigEndian.AppendUint16([]byte{runKey}, uint16(index))
	return binary.BigEndian.AppendUint64(k, uint64(x.Blob))
}

// saver writes keys under a prefix and keeps the first error.
type saver struct {
	kv     KV
	prefix []byte
	err    error
}

func (s *saver) key(k []byte) []byte { return append(slices.Clone(s.prefix), k...) }

func (s *saver) put(k, val []byte) {
	if s.err == nil {
		s.err = s.kv.Put(s.key(k), val)
	}
}

func (s *saver) delete(k []byte) {
	if s.err == nil {
		s.err = s.kv.Delete(s.key(k))
	}
}

// Save writes what the version differs in from prev, an earlier one that was
// saved under the same prefix; nil when nothing was. It may run beside the
// writer.
func (r *Relation) Save(kv KV, prefix []byte, prev *Relation) error {
	if prev == nil {
		prev = &Relation{schema: &Schema{}}
	}
	s := &saver{kv: kv, prefix: prefix}
	s.put([]byte{headKey}, r.head())
	r.saveSegments(s, prev)
	for x := range max(len(r.runs), len(prev.runs)) {
		saveRuns(s, x, runsOf(r, x), runsOf(prev, x))
	}
	r.saveChunks(s, prev)
	r.saveOpen(s, prev)
	err := r.gone.diff(&prev.gone, func(n uint64, c *container) error {
		if c == nil {
			s.delete(numberKey(containerKey, n))
		} else {
			s.put(numberKey(containerKey, n), c.encode())
		}
		return s.err
	})
	if s.err == nil {
		s.err = err
	}
	for i, sk := range r.sealed.sketches {
		if i < len(prev.sealed.sketches) && prev.sealed.sketches[i] == sk {
			continue
		}
		if sk != nil && sk.regs != nil {
			s.put(numberKey(sketchKey, uint64(i)), sk.regs)
		}
	}
	return s.err
}

func (r *Relation) head() []byte {
	b := binary.AppendUvarint(nil, r.next)
	b = binary.AppendUvarint(b, r.gone.floor)
	b = binary.AppendUvarint(b, uint64(len(r.schema.Cols)))
	b = binary.AppendUvarint(b, uint64(len(r.schema.Indexes)))
	for _, x := range r.schema.Indexes {
		state := uint64(0)
		if x.Dropped {
			state = 1
		} else if x.Building {
			state = 2
		}
		b = binary.AppendUvarint(binary.AppendUvarint(b, state), x.From)
	}
	return b
}

func runsOf(r *Relation, index int) []*heldRun {
	if index < len(r.runs) {
		return r.runs[index]
	}
	return nil
}

// sameSlice tells that two slices are the same memory.
func sameSlice[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

func (r *Relation) saveSegments(s *saver, prev *Relation) {
	if sameSlice(r.segs, prev.segs) {
		return
	}
	old := make(map[*held]bool, len(prev.segs))
	for _, x := range prev.segs {
		old[x] = true
	}
	for _, x := range r.segs {
		if !old[x] {
			s.put(numberKey(segmentKey, uint64(x.Blob)), x.AppendMeta(nil))
		}
		delete(old, x)
	}
	for _, x := range prev.segs {
		if old[x] {
			s.delete(numberKey(segmentKey, uint64(x.Blob)))
		}
	}
}

func saveRuns(s *saver, index int, runs, prev []*heldRun) {
	if sameSlice(runs, prev) {
		return
	}
	for _, x := range runs {
		if !slices.Contains(prev, x) {
			s.put(x.key(index), x.AppendMeta(nil))
		}
	}
	for _, x := range prev {
		if !slices.Contains(runs, x) {
			s.delete(x.key(index))
		}
	}
}

func (r *Relation) saveChunks(s *saver, prev *Relation) {
	old := make(map[uint64]*Chunk, len(prev.chunks))
	for i := range prev.chunks {
		if c := &prev.chunks[i]; c.Chunk != prev.fromOpen {
			old[c.base] = c.Chunk
		}
	}
	for i := range r.chunks {
		c := &r.chunks[i]
		if old[c.base] != c.Chunk {
			val, err := c.Encode(nil)
			if err != nil && s.err == nil {
				s.err = err
			}
			s.put(numberKey(chunkKey, c.base), val)
		}
		delete(old, c.base)
	}
	for i := range prev.chunks {
		if _, gone := old[prev.chunks[i].base]; gone {
			s.delete(numberKey(chunkKey, prev.chunks[i].base))
		}
	}
}

func (r *Relation) saveOpen(s *saver, prev *Relation) {
	if r.open.n == 0 {
		if prev.open.n > 0 || prev.fromOpen != nil {
			s.delete([]byte{openKey})
		}
		return
	}
	if r.open.base == prev.open.base && r.open.n == prev.open.n {
		return
	}
	c, err := r.open.encode(&r.gone)
	if err == nil {
		var val []byte
		if val, err = c.Encode(binary.AppendUvarint(nil, r.open.base)); err == nil {
			s.put([]byte{openKey}, val)
		}
	}
	if err != nil && s.err == nil {
		s.err = err
	}
}

// Load makes the version that was saved; scan gives what is under its prefix,
// keys without it. The schema is that of the version, which its owner keeps; the
// states of indexes are taken from what was saved. The version is the one to save
// the next against. Damage is XX001.
func Load(env *Env, schema *Schema, scan func(fn func(key, val []byte) error) error) (*Relation, error) {
	l := &loader{r: New(env, schema)}
	if err := scan(l.take); err != nil {
		return nil, err
	}
	return l.finish()
}

type loader struct {
	r    *Relation
	head bool
	open *placed
	gone []savedContainer
}

type savedContainer struct {
	number uint64
	c      *container
}

func damagedVersion(what string) error {
	return pgerr.New(pgerr.DataCorrupted, "the saved version of a relation is damaged: %s", what)
}

// take takes one key.
func (l *loader) take(key, val []byte) error {
	if len(key) == 0 || len(key) != keyLength(key[0]) {
		return damagedVersion("a key is not known")
	}
	number := uint64(0)
	if len(key) >= 9 {
		number = binary.BigEndian.Uint64(key[len(key)-8:])
	}
	switch key[0] {
	case headKey:
		return l.takeHead(val)
	case segmentKey:
		s, err := segment.ReadMeta(val)
		if err != nil {
			return err
		}
		l.r.segs = append(l.r.segs, l.r.env.hold(s))
	case runKey:
		x, err := segment.ReadRunMeta(val)
		if err != nil {
			return err
		}
		index := int(binary.BigEndian.Uint16(key[1:]))
		if index >= len(l.r.runs) {
			return damagedVersion("an index is not in the schema")
		}
		l.r.runs[index] = append(l.r.runs[index], l.r.env.holdRun(x))
	case chunkKey:
		c, err := DecodeChunk(val)
		if err != nil {
			return err
		}
		l.r.chunks = append(l.r.chunks, placed{Chunk: c, base: number})
	case openKey:
		base, n := binary.Uvarint(val)
		if n <= 0 {
			return damagedVersion("the open batch has no id")
		}
		c, err := DecodeChunk(bytes.Clone(val[n:]))
		if err != nil {
			return err
		}
		l.open = &placed{Chunk: c, base: base}
	case containerKey:
		c, ok := decodeContainer(val)
		if !ok {
			return damagedVersion("a set of deleted rows")
		}
		l.gone = append(l.gone, savedContainer{number, c})
	case sketchKey:
		return l.takeSketch(number, val)
	}
	return nil
}

// keyLength is the length of the keys of a space, 0 when there is none.
func keyLength(space byte) int {
	switch space {
	case headKey, openKey:
		return 1
	case segmentKey, chunkKey, containerKey, sketchKey:
		return 9
	case runKey:
		return 11
	}
	return 0
}

func (l *loader) takeHead(val []byte) error {
	bad := false
	next := func() uint64 {
		v, n := binary.Uvarint(val)
		bad = bad || n <= 0
		val = val[max(n, 0):]
		return v
	}
	s := &Schema{Cols: l.r.schema.Cols, Indexes: make([]Index, len(l.r.schema.Indexes))}
	l.r.next, l.r.gone.floor, l.head = next(), next(), true
	if next() != uint64(len(s.Cols)) || next() != uint64(len(s.Indexes)) {
		return damagedVersion("it was saved under another schema")
	}
	for i := range s.Indexes {
		state := next()
		s.Indexes[i] = Index{Dropped: state == 1, Building: state == 2, From: next()}
	}
	if bad || len(val) != 0 {
		return damagedVersion("its head")
	}
	l.r.schema = s
	return nil
}

func (l *loader) takeSketch(slot uint64, regs []byte) error {
	if slot >= uint64(len(l.r.schema.Cols)) || len(regs) != 1<<sketchBits {
		return damagedVersion("a sketch")
	}
	for uint64(len(l.r.sealed.sketches)) <= slot {
		l.r.sealed.sketches = append(l.r.sealed.sketches, nil)
	}
	l.r.sealed.sketches[slot] = &sketch{regs: bytes.Clone(regs)}
	return nil
}

// finish puts the parts into order and checks that they fit.
func (l *loader) finish() (*Relation, error) {
	r := l.r
	if !l.head {
		return nil, damagedVersion("it has no head")
	}
	slices.SortFunc(r.segs, func(a, b *held) int { return cmp.Compare(a.Lo, b.Lo) })
	for x := range r.runs {
		slices.SortFunc(r.runs[x], func(a, b *heldRun) int {
			return cmp.Or(cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Blob, b.Blob))
		})
	}
	if l.open != nil {
		r.chunks = append(r.chunks, *l.open)
		r.fromOpen = l.open.Chunk
	}
	for _, g := range l.gone {
		r.gone.load(g.number, g.c)
	}
	if !r.sound() {
		return nil, damagedVersion("its parts do not fit")
	}
	return r, nil
}

// sound tells whether the parts are in order and hold every visible row (R5).
func (r *Relation) sound() bool {
	at, last := r.gone.floor, uint64(0)
	fits := func(lo, hi uint64) bool {
		if lo < last || hi <= lo || hi > r.next {
			return false
		}
		complete := lo <= at || r.gone.countIn(at, lo) == lo-at
		at, last = max(at, hi), hi
		return complete
	}
	for _, s := range r.segs {
		if !fits(s.Lo, s.Hi) {
			return false
		}
	}
	for i := range r.chunks {
		if !fits(r.chunks[i].base, r.chunks[i].end()) {
			return false
		}
	}
	return at >= r.next || r.gone.countIn(at, r.next) == r.next-at
}
