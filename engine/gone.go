package engine

import (
	"sync"

	"github.com/streamsqld/streamsqld/sql/vec"
)

// goneSet finds the rows that a transaction has deleted, with their places in the
// order of deletion. It grows while statements that have begun before read it: each
// of them has a view up to the place that it began at. nil is the empty set.
type goneSet struct {
	mu    sync.RWMutex
	place map[uint64]int
}

// goneView is a goneSet as it was when it had a number of rows.
type goneView struct {
	set  *goneSet
	rows int
}

func newGoneSet(ids []uint64) *goneSet {
	g := &goneSet{place: make(map[uint64]int, len(ids))}
	for i, id := range ids {
		g.place[id] = i
	}
	return g
}

// add adds a row at the next place.
func (g *goneSet) add(id uint64, place int) {
	g.mu.Lock()
	g.place[id] = place
	g.mu.Unlock()
}

// remove takes the last rows out again.
func (g *goneSet) remove(ids []uint64) {
	if g == nil {
		return
	}
	g.mu.Lock()
	for _, id := range ids {
		delete(g.place, id)
	}
	g.mu.Unlock()
}

// view is the set up to a place.
func (g *goneSet) view(rows int) goneView { return goneView{g, rows} }

// has tells whether a row is gone.
func (v goneView) has(id uint64) bool {
	if v.rows == 0 {
		return false
	}
	v.set.mu.RLock()
	defer v.set.mu.RUnlock()
	return v.holds(id)
}

// holds is has with the set locked.
func (v goneView) holds(id uint64) bool {
	place, ok := v.set.place[id]
	return ok && place < v.rows
}

// without appends the rows of b that are not gone to sel; ids are by row.
func (v goneView) without(sel []int32, b *vec.Batch, ids []int64) []int32 {
	v.set.mu.RLock()
	defer v.set.mu.RUnlock()
	for i := range b.N {
		if row := b.Row(i); !v.holds(uint64(ids[row])) {
			sel = append(sel, int32(row))
		}
	}
	return sel
}
