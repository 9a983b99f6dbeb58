package rel

import (
	"bytes"
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// Building an index over rows that are there goes like this. Beside the commit line:
// a version is scanned, the caller makes the keys of its rows, and an IndexBuilder
// sorts them into runs. At the commit line: AddIndex, from which on rows bring keys for
// it; the keys of rows that came meanwhile are added (Extend); FinishIndex. Rows that
// went meanwhile do no harm: look-ups leave out what is not visible.

// AddIndex adds an index slot and gives its number. Rows that are appended from
// now on need keys for it; it is Building until FinishIndex. An index of an
// empty relation is finished at once.
func (w *Writer) AddIndex() (slot int, err error) {
	slot = len(w.r.schema.Indexes)
	empty := w.r.Rows() == 0
	return slot, w.alter(func(s *Schema) { s.Indexes = append(s.Indexes, Index{Building: !empty, From: w.r.next}) })
}

// DropIndex drops an index slot.
func (w *Writer) DropIndex(slot int) error {
	return w.alter(func(s *Schema) { s.Indexes[slot] = Index{Dropped: true} })
}

// FinishIndex puts the keys of the rows that were there into an index that is
// being built. It gives false, and deletes what was built, if the index was
// dropped meanwhile.
func (w *Writer) FinishIndex(slot int, built *Replacement) (bool, error) {
	if x := w.r.schema.Indexes[slot]; x.Dropped || !x.Building {
		built.Discard()
		return false, nil
	}
	if err := w.alter(func(s *Schema) { s.Indexes[slot].Building = false }); err != nil {
		return false, err
	}
	return w.Replace(built), nil
}

// IndexBuilder sorts keys into runs of an index, with bounded memory. It serves
// one goroutine.
type IndexBuilder struct {
	r     *Relation
	index int
	// from is the first row that is none of the builder's.
	from  uint64
	p     *Replacement
	items []segment.Entry
	arena []byte
	bytes int
}

// maxBuild bounds the keys that are sorted at a time.
const (
	maxBuildBytes = 64 << 20
)

// NewIndexBuilder begins to build an index over the rows of the version: those that have
// not brought keys of their own, or all if it does not have the index yet.
func (r *Relation) NewIndexBuilder(index int) *IndexBuilder {
	n, from := len(r.schema.Indexes), r.next
	if index < n {
		from = r.schema.Indexes[index].From
	}
	n = max(n, index+1)
	return &IndexBuilder{r: r, index: index, from: from, p: &Replacement{env: r.env, runs: make([][]*heldRun, n), oldRuns: make([][]*heldRun, n)}}
}

// Rows is the id behind those of the rows that were there when the building began.
func (b *IndexBuilder) Rows() uint64 { return b.from }

// Extend has the builder take the rows up to from, the first that has brought a key.
func (b *IndexBuilder) Extend(from uint64) { b.from = from }

// Add adds the keys of rows with the given ids, in any order; empty keys are left
// out, and so are rows that have brought their keys. Keys are copied. An error is 54000 (a key is too long), or what the store
// reports.
func (b *IndexBuilder) Add(ids []int64, keys *Keys) error {
	if err := keys.Check(len(ids)); err != nil {
		return err
	}
	for i, id := range ids {
		key := keys.Key(i)
		if len(key) == 0 || uint64(id) >= b.from {
			continue
		}
		if len(b.items) == max(b.r.env.limits.runEntries, segment.MaxRows) || b.bytes+len(key) > maxBuildBytes {
			if err := b.flush(); err != nil {
				return err
			}
		}
		if cap(b.arena)-len(b.arena) < len(key) {
			b.arena = make([]byte, 0, 1<<20)
		}
		at := len(b.arena)
		b.arena = append(b.arena, key...)
		b.items = append(b.items, segment.Entry{Key: b.arena[at:len(b.arena):len(b.arena)], ID: uint64(id)})
		b.bytes += len(key)
	}
	return nil
}

func (b *IndexBuilder) flush() error {
	slices.SortFunc(b.items, func(x, y segment.Entry) int {
		if c := bytes.Compare(x.Key, y.Key); c != 0 {
			return c
		}
		if x.ID < y.ID {
			return -1
		}
		return 1
	})
	rb := segment.NewRunBuilder(b.r.env.Store, 0, b.from, len(b.items))
	for _, e := range b.items {
		if err := rb.Add(e.Key, e.ID); err != nil {
			rb.Discard()
			return err
		}
	}
	run, err := rb.Finish()
	if err != nil {
		return err
	}
	b.p.addRun(b.index, run)
	b.items, b.arena, b.bytes = b.items[:0], nil, 0
	return nil
}

// Duplicate gives a key that two rows of the version have, and their ids, if
// there is one: the index cannot be unique then. It is called after all rows were
// added, before Finish. Rows that came after the version are the caller's to
// check.
func (b *IndexBuilder) Duplicate() (key []byte, first, second uint64, found bool, err error) {
	if err := b.flushRest(); err != nil {
		return nil, 0, 0, false, err
	}
	part := *b.r
	part.runs = slices.Clone(part.runs)
	part.runs[b.index] = slices.Concat(part.runs[b.index], b.p.runs[b.index])
	last := uint64(0)
	err = part.Range(b.index, nil, nil, false, func(k []byte, id uint64) bool {
		if key != nil && bytes.Equal(key, k) {
			first, second, found = last, id, true
			return false
		}
		key, last = append(key[:0], k...), id
		return true
	})
	return key, first, second, found, err
}

func (b *IndexBuilder) flushRest() error {
	if len(b.items) == 0 {
		return nil
	}
	return b.flush()
}

// Finish gives what FinishIndex takes. After an error, here or from Add, nothing
// is left of it if Discard is called.
func (b *IndexBuilder) Finish() (*Replacement, error) {
	if err := b.flushRest(); err != nil {
		return nil, err
	}
	return b.p, nil
}

// Discard gives the build up.
func (b *IndexBuilder) Discard() { b.p.Discard() }

// checkIndex refuses an index that is not there.
func (r *Relation) checkIndex(index int) error {
	if index >= len(r.schema.Indexes) || r.schema.Indexes[index].Dropped {
		return pgerr.New(pgerr.InternalError, "there is no index %d", index)
	}
	return nil
}
