package rel

import (
	"context"
	"sync"

	"github.com/streamsqld/streamsqld/storage/ckpt"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// Env is what the relations of one server share. It is made once, before any
// relation, and not changed.
type Env struct {
	Store *ckpt.Store
	Cache *segment.Cache
	Tail  *Budget

	graves graveyard
	limits limits
}

// limits are sizes at which jobs begin to be worth while; tests have small ones.
type limits struct {
	// segmentRows is how many rows a segment gets at most.
	segmentRows int
	// mergeCount is how many neighbouring segments are merged into one even if
	// they are not small.
	mergeCount int
	// mergeRuns is how many neighbouring index runs are merged, up to runEntries:
	// their filter and directory have to fit into the cache.
	mergeRuns, runEntries int
}

// NewEnv makes an Env: cacheBytes bounds what is kept of pages read by key or
// row id and of index pages and filters, tailBytes is the size of all tails at
// which appending should wait for sealing.
func NewEnv(store *ckpt.Store, cacheBytes, tailBytes int64) *Env {
	e := &Env{Store: store, Cache: segment.NewCache(store, cacheBytes), Tail: NewBudget(tailBytes)}
	e.graves.dead = map[ckpt.BlobID]struct{}{}
	// A filter has two bytes per entry; no more than a part of the cache each.
	entries := min(1<<20, int(e.Cache.Largest()/8))
	e.limits = limits{segmentRows: segment.MaxRows, mergeCount: 4, mergeRuns: 8, runEntries: entries}
	return e
}

// Budget counts bytes against a limit. It does not refuse any: those who are
// about to add ask Wait first.
type Budget struct {
	limit int64

	mu   sync.Mutex
	used int64
	free chan struct{} // closed when used falls to the limit; nil when nobody waits
}

// NewBudget makes a budget of a number of bytes.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// add adds n bytes, or gives -n back.
func (b *Budget) add(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used += n
	if b.free != nil && b.used <= b.limit {
		close(b.free)
		b.free = nil
	}
}

// Used is the number of bytes in use.
func (b *Budget) Used() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// Over tells whether the limit is exceeded: sealing is due, and appending should
// wait.
func (b *Budget) Over() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used > b.limit
}

// Wait waits until the limit is not exceeded, or ctx ends (its cause is
// returned).
func (b *Budget) Wait(ctx context.Context) error {
	for {
		b.mu.Lock()
		if b.used <= b.limit {
			b.mu.Unlock()
			return nil
		}
		if b.free == nil {
			b.free = make(chan struct{})
		}
		free := b.free
		b.mu.Unlock()
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-free:
		}
	}
}

// graveyard lists blobs that no version can reach any more. The checkpoint on
// disk may still name them.
type graveyard struct {
	mu   sync.Mutex
	dead map[ckpt.BlobID]struct{}
}

func (g *graveyard) bury(id ckpt.BlobID) {
	g.mu.Lock()
	g.dead[id] = struct{}{}
	g.mu.Unlock()
}

// Dead is the number of blobs that wait for a Sweep.
func (e *Env) Dead() int {
	e.graves.mu.Lock()
	defer e.graves.mu.Unlock()
	return len(e.graves.dead)
}

// Sweep begins to delete the blobs that no version reaches any more. It is
// called before the versions for a checkpoint are taken; what it gives is called
// after that checkpoint is committed, which therefore names none of them, and
// deletes them. An error leaves the rest for the next time.
func (e *Env) Sweep() (afterCommit func() error) {
	e.graves.mu.Lock()
	ids := make([]ckpt.BlobID, 0, len(e.graves.dead))
	for id := range e.graves.dead {
		ids = append(ids, id)
	}
	e.graves.mu.Unlock()
	return func() error {
		if err := e.Store.DeleteBlobs(ids...); err != nil {
			return err
		}
		e.graves.mu.Lock()
		for _, id := range ids {
			delete(e.graves.dead, id)
		}
		e.graves.mu.Unlock()
		return nil
	}
}
