package engine

import (
	"sync"

	"github.com/streamsqld/streamsqld/storage"
)

// moves remembers where the updated rows of a table went, for writers that read
// an older version and find a row gone: READ COMMITTED goes on with the row's
// newest version (semantics §21). The commit line adds, and forgets what no
// transaction can ask for any more; sessions look up.
type moves struct {
	mu   sync.Mutex
	to   map[uint64]uint64
	fifo []moveSpan
}

// moveSpan is the moves of one commit.
type moveSpan struct {
	seq storage.Seq
	ids []uint64
}

func newMoves() *moves { return &moves{to: map[uint64]uint64{}} }

// add notes that ids[i] became row first+rows[i].
func (m *moves) add(seq storage.Seq, ids []uint64, rows []uint32, first uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, id := range ids {
		m.to[id] = first + uint64(rows[i])
	}
	m.fifo = append(m.fifo, moveSpan{seq, ids})
}

// follow gives the newest id of a row that was updated; ok is false when it was
// not, or was deleted (perhaps after an update: then id is the last one).
func (m *moves) follow(id uint64) (newest uint64, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		next, moved := m.to[id]
		if !moved {
			return id, ok
		}
		id, ok = next, true
	}
}

// next gives what a row became by its first update. Who holds the row's lock knows that
// this update is published, which cannot be said of those after it.
func (m *moves) next(id uint64) (became uint64, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	became, ok = m.to[id]
	return became, ok
}

// forget drops the moves of commits up to seq: every transaction reads a later
// version.
func (m *moves) forget(seq storage.Seq) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for n < len(m.fifo) && m.fifo[n].seq <= seq {
		for _, id := range m.fifo[n].ids {
			delete(m.to, id)
		}
		n++
	}
	m.fifo = m.fifo[n:]
	if len(m.fifo) == 0 {
		m.fifo = nil
	}
}

// pending tells whether anything is remembered.
func (m *moves) pending() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.fifo) > 0
}
