package engine

import (
	"github.com/streamsqld/streamsqld/storage"
	"github.com/streamsqld/streamsqld/storage/log"
)

// reading notes which version a transaction reads.
func (e *Engine) reading(t *tx, seq storage.Seq) {
	e.mu.Lock()
	e.active[t] = seq
	e.mu.Unlock()
}

// readingEnds forgets a transaction.
func (e *Engine) readingEnds(t *tx) {
	e.mu.Lock()
	delete(e.active, t)
	e.mu.Unlock()
}

// oldestRead is the oldest commit that a transaction reads, or may be about to read:
// at most the one that is published.
func (e *Engine) oldestRead() storage.Seq {
	e.mu.Lock()
	defer e.mu.Unlock()
	oldest := storage.Seq(0)
	if v := e.cur.Load(); v != nil {
		oldest = v.Seq
	}
	for _, seq := range e.active {
		oldest = min(oldest, seq)
	}
	return oldest
}

// staging notes where a transaction's first staged block is: the log from there on
// is needed until the transaction has ended.
func (e *Engine) staging(tx uint64, at log.Pos) {
	e.mu.Lock()
	e.staged[tx] = at
	e.mu.Unlock()
}

// stagingEnds forgets it: the transaction is rolled back, or its commit is applied.
func (e *Engine) stagingEnds(tx uint64) {
	e.mu.Lock()
	delete(e.staged, tx)
	e.mu.Unlock()
}

// oldestStaged is where the oldest staged block of an open transaction is, or
// before if there is none.
func (e *Engine) oldestStaged(before log.Pos) log.Pos {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, at := range e.staged {
		before = min(before, at)
	}
	return before
}
