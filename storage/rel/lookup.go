package rel

import (
	"bytes"
	"container/heap"
)

// Lookup calls fn with the ids of the visible rows that have a key, until it
// gives false: newest rows first by part, in no order that means something.
func (r *Relation) Lookup(index int, key []byte, fn func(id uint64) (more bool)) error {
	if err := r.checkIndex(index); err != nil {
		return err
	}
	visible := func(id uint64) bool { return !r.Visible(id) || fn(id) }
	if !r.openLookup(index, key, visible) {
		return nil
	}
	hash := keyHash(key)
	chunks := r.chunks
	if r.sieves != nil && !r.sieves[index].has(hash) {
		chunks = nil
	}
	for i := len(chunks) - 1; i >= 0; i-- {
		c := &chunks[i]
		if run := c.run(index); run != nil && !run.find(key, hash, func(row int) bool { return visible(c.base + uint64(row)) }) {
			return nil
		}
	}
	for i := len(r.runs[index]) - 1; i >= 0; i-- {
		if more, err := r.findIn(r.runs[index][i], key, hash, visible); !more || err != nil {
			return err
		}
	}
	return nil
}

// findIn looks a key up in a sealed run.
func (r *Relation) findIn(run *heldRun, key []byte, hash uint64, fn func(id uint64) bool) (more bool, err error) {
	if !run.Covers(key) {
		return true, nil
	}
	if may, err := r.env.Cache.MayHave(run.Run, hash); err != nil || !may {
		return true, err
	}
	return r.env.Cache.Find(run.Run, key, fn)
}

func (r *Relation) openLookup(index int, key []byte, fn func(id uint64) bool) (more bool) {
	if r.open.n == 0 || index >= len(r.open.keys) || r.open.keys[index] == nil {
		return true
	}
	for n := r.open.keys[index].first(key, 0); n != nil && bytes.Equal(n.key, key); n = n.next[0].Load() {
		if int(n.row) < r.open.n && !fn(r.open.base+uint64(n.row)) {
			return false
		}
	}
	return true
}

// LookupMany calls fn with the number of each key and the ids of its visible
// rows, in no particular order; empty keys are in no index. Many keys at once
// are several times cheaper than one by one: part after part is asked for all of
// them.
func (r *Relation) LookupMany(index int, keys *Keys, fn func(i int, id uint64)) error {
	if err := r.checkIndex(index); err != nil {
		return err
	}
	m := newManyKeys(keys)
	if len(m.which) == 0 {
		return nil
	}
	visible := func(i int, id uint64) bool {
		if r.Visible(id) {
			fn(i, id)
		}
		return true
	}
	if r.open.n > 0 {
		for _, i := range m.which {
			r.openLookup(index, keys.Key(int(i)), func(id uint64) bool { return visible(int(i), id) })
		}
	}
	if some := r.sift(index, m); len(some.which) > 0 {
		r.chunksHave(index, some, visible)
	}
	for _, run := range r.runs[index] {
		if !m.overlaps(run.Min, run.Max) {
			continue
		}
		if err := r.findMany(run, m, visible); err != nil {
			return err
		}
	}
	return nil
}

// chunksHave looks keys up in the chunks.
func (r *Relation) chunksHave(index int, m *manyKeys, fn func(i int, id uint64) bool) {
	for c := range r.chunks {
		chunk := &r.chunks[c]
		run := chunk.run(index)
		if run == nil || len(run.order) == 0 || !m.overlaps(run.min, run.max) {
			continue
		}
		for k, i := range m.which {
			if run.filter.Has(m.hashes[k]) {
				run.find(m.keys.Key(int(i)), m.hashes[k], func(row int) bool { return fn(int(i), chunk.base+uint64(row)) })
			}
		}
	}
}

// manyKeys are keys with their hashes and bounds.
type manyKeys struct {
	keys     *Keys
	which    []int32 // the keys that are not empty
	hashes   []uint64
	min, max []byte
}

func newManyKeys(keys *Keys) *manyKeys {
	m := &manyKeys{keys: keys}
	for i := range keys.Len() {
		k := keys.Key(i)
		if len(k) == 0 {
			continue
		}
		m.which = append(m.which, int32(i))
		m.hashes = append(m.hashes, keyHash(k))
		if m.min == nil || bytes.Compare(k, m.min) < 0 {
			m.min = k
		}
		if bytes.Compare(k, m.max) > 0 {
			m.max = k
		}
	}
	return m
}

func (m *manyKeys) overlaps(lo, hi []byte) bool {
	return bytes.Compare(m.max, lo) >= 0 && bytes.Compare(m.min, hi) <= 0
}

func (r *Relation) findMany(run *heldRun, m *manyKeys, fn func(i int, id uint64) bool) error {
	filter, err := r.env.Cache.Filter(run.Run)
	if err != nil {
		return err
	}
	for k, i := range m.which {
		if !filter.Has(m.hashes[k]) {
			continue
		}
		key := m.keys.Key(int(i))
		if !run.Covers(key) {
			continue
		}
		if _, err := r.env.Cache.Find(run.Run, key, func(id uint64) bool { return fn(int(i), id) }); err != nil {
			return err
		}
	}
	return nil
}

// Range calls fn with the visible rows whose keys lie in lo ≤ key < hi (nil: no
// bound), by key, rows of one key by id; backwards if desc. It ends when fn
// gives false. The key is lent until fn returns.
func (r *Relation) Range(index int, lo, hi []byte, desc bool, fn func(key []byte, id uint64) (more bool)) error {
	if err := r.checkIndex(index); err != nil {
		return err
	}
	m := &merge{desc: desc}
	for _, c := range r.cursors(index, lo, hi, desc) {
		if err := m.add(c); err != nil {
			return err
		}
	}
	heap.Init(m)
	for len(m.heads) > 0 {
		h := &m.heads[0]
		if h.lazy { // only a bound is known so far
			if err := m.advance(); err != nil {
				return err
			}
			continue
		}
		if outside(h.key, lo, hi, desc) {
			return nil
		}
		if r.Visible(h.id) && !fn(h.key, h.id) {
			return nil
		}
		if err := m.advance(); err != nil {
			return err
		}
	}
	return nil
}

// outside tells that a key has passed the far end of a range.
func outside(key, lo, hi []byte, desc bool) bool {
	if desc {
		return lo != nil && bytes.Compare(key, lo) < 0
	}
	return hi != nil && bytes.Compare(key, hi) >= 0
}

// cursors gives a cursor for each part of an index that may reach into a range.
func (r *Relation) cursors(index int, lo, hi []byte, desc bool) []keyCursor {
	var out []keyCursor
	for _, run := range r.runs[index] {
		if hi != nil && bytes.Compare(run.Min, hi) >= 0 || lo != nil && bytes.Compare(run.Max, lo) < 0 {
			continue
		}
		out = append(out, &runCursor{cache: r.env.Cache, run: run.Run, lo: lo, hi: hi, desc: desc})
	}
	for i := range r.chunks {
		c := &r.chunks[i]
		run := c.run(index)
		if run == nil || len(run.order) == 0 {
			continue
		}
		k := &chunkCursor{run: run, base: c.base, desc: desc, at: run.search(lo)}
		if desc {
			k.at = len(run.order) - 1
			if hi != nil {
				k.at = run.search(hi) - 1
			}
		}
		out = append(out, k)
	}
	if r.open.n > 0 && index < len(r.open.keys) && r.open.keys[index] != nil {
		out = append(out, newOpenCursor(&r.open, index, lo, hi, desc))
	}
	return out
}
