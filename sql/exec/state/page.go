package state

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// PageWriter takes the pages of a node's tables. What it is given is lent for the
// call.
type PageWriter interface {
	Put(table, page uint32, data []byte) error
	// Delete says that a page is empty: there may be one from before.
	Delete(table, page uint32) error
}

// Extra is what others keep per slot and save along with the rows: as many
// columns as Kinds has.
type Extra interface {
	Kinds() []types.Kind
	// Save appends the values of slots to out, Load takes them back. It is Load's
	// task to make room.
	Save(slots []uint32, out []vec.Vec)
	Load(slots []uint32, in []vec.Vec) error
}

// A page is a block (vec.Encode) of its live rows in slot order: their places in
// the page, the columns, the extra columns.

// Save writes the pages that have changed since they were last saved.
func (r *Rows) Save(w PageWriter, table uint32, extra Extra) error {
	var b vec.Batch
	var buf []byte
	err := r.dirty.Each(func(page uint32) error {
		slots := r.pageSlots(page)
		if len(slots) == 0 {
			return w.Delete(table, page)
		}
		r.fillPage(&b, page, slots, extra)
		var err error
		if buf, err = vec.Encode(buf[:0], &b); err != nil {
			return err
		}
		return w.Put(table, page, buf)
	})
	if err == nil {
		clear(r.dirty)
	}
	return err
}

// SaveAll makes the next Save write every page.
func (r *Rows) SaveAll() {
	for p := range (r.slots.high + PageSlots - 1) / PageSlots {
		r.dirty.Add(p)
	}
}

// Dirty is the number of pages that Save would write.
func (r *Rows) Dirty() int {
	n := 0
	_ = r.dirty.Each(func(uint32) error { n++; return nil })
	return n
}

func (r *Rows) pageSlots(page uint32) []uint32 {
	r.row = r.row[:0]
	r.slots.each(page*PageSlots, (page+1)*PageSlots, func(slot uint32) { r.row = append(r.row, slot) })
	return r.row
}

func (r *Rows) pageKinds(extra Extra) []types.Kind {
	kinds := []types.Kind{types.Int}
	for _, t := range r.ts {
		kinds = append(kinds, t.Kind)
	}
	if extra != nil {
		kinds = append(kinds, extra.Kinds()...)
	}
	return kinds
}

func (r *Rows) fillPage(b *vec.Batch, page uint32, slots []uint32, extra Extra) {
	b.Reset(r.pageKinds(extra))
	for _, s := range slots {
		b.Cols[0].Ints = append(b.Cols[0].Ints, int64(s-page*PageSlots))
	}
	for c := range r.Cols {
		r.GatherColumn(&b.Cols[c+1], c, slots)
	}
	if extra != nil {
		extra.Save(slots, b.Cols[1+len(r.Cols):])
	}
	b.N = len(slots)
}

// LoadPage takes back a page that Save wrote. The store was empty before the
// first one, and each page comes once. Damage is XX001. What is built over the
// rows (an index, a tree) is built when all pages are there.
func (r *Rows) LoadPage(page uint32, data []byte, extra Extra) error {
	var b vec.Batch
	if err := vec.Decode(data, &b); err != nil {
		return err
	}
	kinds := r.pageKinds(extra)
	if len(b.Cols) != len(kinds) || page > (1<<31)/PageSlots {
		return badPage(page)
	}
	for c, k := range kinds {
		if b.Cols[c].Kind != k || b.Cols[c].Len() != b.N {
			return badPage(page)
		}
	}
	slots, rows := make([]uint32, b.N), make([]int32, b.N)
	for i, at := range b.Cols[0].Ints {
		if at < 0 || at >= PageSlots || i > 0 && at <= b.Cols[0].Ints[i-1] || r.slots.has(page*PageSlots+uint32(at)) {
			return badPage(page)
		}
		slots[i], rows[i] = page*PageSlots+uint32(at), int32(i)
	}
	for _, s := range slots {
		r.slots.take(s)
	}
	if n := int(r.slots.high); n > r.room {
		r.reserve(n)
	}
	nc := len(r.Cols)
	r.SetRows(slots, b.Cols[1:1+nc], rows)
	if extra != nil {
		return extra.Load(slots, b.Cols[1+nc:])
	}
	return nil
}

func badPage(page uint32) error {
	return pgerr.New(pgerr.DataCorrupted, "damaged page %d of a view's state", page)
}

// Loaded is called when all pages have been loaded: it builds the index.
func (t *Table) Loaded() error { return t.rehash() }

// Save writes the pages that have changed.
func (m *Multiset) Save(w PageWriter, table uint32) error { return m.tab.Save(w, table, nil) }

// SaveAll makes the next Save write every page.
func (m *Multiset) SaveAll() { m.tab.SaveAll() }

// LoadPage takes back a page.
func (m *Multiset) LoadPage(page uint32, data []byte) error { return m.tab.LoadPage(page, data, nil) }

// Loaded is called when all pages have been loaded: it builds index and tree.
func (m *Multiset) Loaded() error { return m.rebuild() }
