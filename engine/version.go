package engine

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/storage"
	"github.com/streamsqld/streamsqld/storage/rel"
	"github.com/streamsqld/streamsqld/window"
)

// OID is short for the catalogue's.
type OID = catalog.OID

// Version is the state of everything at one commit. It is immutable (E2).
type Version struct {
	Seq storage.Seq
	// Clock is the time of the last log record, in microseconds since 2000-01-01.
	Clock int64
	Cat   *catalog.Snapshot
	rels  relMap
}

// relState is one relation in a Version.
type relState struct {
	rows *rel.Relation        // of a table or stream
	view *rel.ContentsVersion // of a materialized view
	mark window.Mark          // of a stream, and of a view that hands a watermark on
	// err is why a view cannot be read; nil when it can.
	err error
	// moves tells where updated rows went, for transactions that read older versions.
	moves    *moves
	stats    streamCounters
	counters *counters // of a view
	// changed is the commit that last changed the rows.
	changed storage.Seq
}

// streamCounters count what came to a stream since it was made.
type streamCounters struct {
	Rows          int64 // that came in time
	Late, Dropped int64
	LastSeq       storage.Seq
	LastRow       int64
	First, Last   int64 // least and greatest event time stored
}

// relation gives a relation's state, nil when it has none.
func (v *Version) relation(oid OID) *relState { return v.rels.get(oid) }

// relChunk is how many relations share one copied block of a relMap.
const relChunk = 32

// relMap is an immutable map from relations to their states, of which a changed
// copy costs what changes.
type relMap struct {
	slots  map[OID]int // shared between versions; replaced when relations come or go
	chunks []*[relChunk]*relState
}

func (m relMap) get(oid OID) *relState {
	if i, ok := m.slots[oid]; ok {
		return m.chunks[i/relChunk][i%relChunk]
	}
	return nil
}

// relEdit makes the next relMap.
type relEdit struct {
	relMap
	owned     []bool // chunks that are this edit's own
	ownTop    bool
	ownSlots  bool
	freeSlots []int
}

func (m relMap) edit() *relEdit { return &relEdit{relMap: m} }

func (e *relEdit) set(oid OID, s *relState) {
	i, ok := e.slots[oid]
	if !ok {
		i = e.newSlot(oid)
	}
	e.own(i / relChunk)
	e.chunks[i/relChunk][i%relChunk] = s
}

// own makes a chunk private to the edit.
func (e *relEdit) own(c int) {
	if !e.ownTop {
		e.chunks = append(make([]*[relChunk]*relState, 0, len(e.chunks)+1), e.chunks...)
		e.owned = make([]bool, len(e.chunks))
		e.ownTop = true
	}
	for c >= len(e.chunks) {
		e.chunks, e.owned = append(e.chunks, new([relChunk]*relState)), append(e.owned, true)
	}
	if !e.owned[c] {
		copied := *e.chunks[c]
		e.chunks[c], e.owned[c] = &copied, true
	}
}

func (e *relEdit) copySlots() {
	if e.ownSlots {
		return
	}
	slots := make(map[OID]int, len(e.slots)+1)
	used := make([]bool, len(e.chunks)*relChunk)
	for oid, i := range e.slots {
		slots[oid] = i
		used[i] = true
	}
	e.slots, e.ownSlots = slots, true
	for i := len(used) - 1; i >= 0; i-- {
		if !used[i] {
			e.freeSlots = append(e.freeSlots, i)
		}
	}
}

func (e *relEdit) newSlot(oid OID) int {
	e.copySlots()
	i := len(e.chunks) * relChunk
	if n := len(e.freeSlots); n > 0 {
		i, e.freeSlots = e.freeSlots[n-1], e.freeSlots[:n-1]
	} else {
		for j := 1; j < relChunk; j++ {
			e.freeSlots = append(e.freeSlots, i+relChunk-j)
		}
	}
	e.own(i / relChunk)
	e.slots[oid] = i
	return i
}

func (e *relEdit) remove(oid OID) {
	i, ok := e.slots[oid]
	if !ok {
		return
	}
	e.copySlots()
	e.own(i / relChunk)
	e.chunks[i/relChunk][i%relChunk] = nil
	delete(e.slots, oid)
	e.freeSlots = append(e.freeSlots, i)
}
