package segment

import (
	"sync"

	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/ckpt"
)

// Cache keeps pages and other pieces of blobs that were read one at a time, by
// row id or by key: checked, in the form they are stored in, within a budget of
// bytes. Scans do not go through it. It never holds anything stale: blobs do not
// change, and their ids are not used again.
//
// It is a set of clocks: an entry that was used since the hand last passed it is
// passed once more, another one is dropped.
type Cache struct {
	store  Store
	shards []cacheShard // a power of two of them
}

// A cache has up to maxShards parts, of shardBytes at least: what is larger than
// a part is not kept, and the filter of an index run may take a megabyte.
const (
	maxShards  = 16
	shardBytes = 4 << 20
)

type cacheKey struct {
	blob ckpt.BlobID
	part uint32
	off  int32
}

type cacheEntry struct {
	key  cacheKey
	val  any
	size int64
	used bool
}

type cacheShard struct {
	mu    sync.Mutex
	limit int64
	size  int64
	at    map[cacheKey]int
	ring  []cacheEntry
	free  []int
	hand  int
}

// entryOverhead is what an entry costs besides its bytes.
const entryOverhead = 128

// NewCache makes a cache of blobs of a store.
func NewCache(store Store, bytes int64) *Cache {
	n := int64(1)
	for n < maxShards && bytes/(2*n) >= shardBytes {
		n *= 2
	}
	c := &Cache{store: store, shards: make([]cacheShard, n)}
	for i := range c.shards {
		c.shards[i] = cacheShard{limit: bytes / n, at: map[cacheKey]int{}}
	}
	return c
}

// Largest is the size in bytes of the largest piece that is kept.
func (c *Cache) Largest() int64 { return c.shards[0].limit }

func (c *Cache) shard(k cacheKey) *cacheShard {
	h := uint64(k.blob)*0x9e3779b97f4a7c15 ^ uint64(k.part)*0xd6e8feb86659fd93 ^ uint64(uint32(k.off))*0xff51afd7ed558ccd
	return &c.shards[h>>60&uint64(len(c.shards)-1)]
}

// fetch gives what is kept under a key, or loads it. Two callers may load the
// same thing at once.
func (c *Cache) fetch(k cacheKey, load func() (val any, size int, err error)) (any, error) {
	s := c.shard(k)
	if val, ok := s.get(k); ok {
		return val, nil
	}
	val, size, err := load()
	if err != nil {
		return nil, err
	}
	s.put(k, val, int64(size)+entryOverhead)
	return val, nil
}

func (s *cacheShard) get(k cacheKey) (any, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.at[k]
	if !ok {
		return nil, false
	}
	s.ring[i].used = true
	return s.ring[i].val, true
}

func (s *cacheShard) put(k cacheKey, val any, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.at[k]; ok || size > s.limit {
		return
	}
	for s.size+size > s.limit {
		s.evict()
	}
	e := cacheEntry{key: k, val: val, size: size}
	if n := len(s.free); n > 0 {
		s.at[k] = s.free[n-1]
		s.ring[s.free[n-1]] = e
		s.free = s.free[:n-1]
	} else {
		s.at[k] = len(s.ring)
		s.ring = append(s.ring, e)
	}
	s.size += size
}

// evict drops one entry; there is one.
func (s *cacheShard) evict() {
	for {
		i := s.hand
		s.hand = (s.hand + 1) % len(s.ring)
		e := &s.ring[i]
		switch {
		case e.val == nil:
		case e.used:
			e.used = false
		default:
			s.size -= e.size
			delete(s.at, e.key)
			*e = cacheEntry{}
			s.free = append(s.free, i)
			return
		}
	}
}

// Bytes is how much is kept.
func (c *Cache) Bytes() int64 {
	n := int64(0)
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		n += s.size
		s.mu.Unlock()
	}
	return n
}

// Page gives the checked page of a block of a column that the segment has.
func (c *Cache) Page(s *Segment, slot, block int) (*vec.Page, error) {
	_, part := s.column(slot)
	val, err := c.fetch(cacheKey{s.Blob, part, int32(block)}, func() (any, int, error) {
		p, err := s.ReadPage(c.store, slot, block)
		return &p, len(p.Bytes()), err
	})
	if err != nil {
		return nil, err
	}
	return val.(*vec.Page), nil
}
