package state

import (
	"slices"

	"github.com/google/btree"
)

// Buckets lists slots by a time, so that those behind a bound are found. Slots of
// one time share a bucket.
//
// A slot that goes before its time is told (Remove) and forgotten later, when
// half of its bucket has gone.
type Buckets struct {
	tree *btree.BTreeG[*bucket]
	last *bucket
	size int
	// alive tells whether a slot is in use and has that time; what a bucket lists
	// beyond that is stale.
	alive func(slot uint32, at int64) bool
}

type bucket struct {
	at    int64
	slots []uint32
	gone  int
}

// NewBuckets makes empty buckets. alive tells whether a slot is in use and has
// the given time.
func NewBuckets(alive func(slot uint32, at int64) bool) *Buckets {
	return &Buckets{tree: btree.NewG(16, func(a, b *bucket) bool { return a.at < b.at }), alive: alive}
}

// Add enters a slot under a time.
func (b *Buckets) Add(slot uint32, at int64) {
	if b.last == nil || b.last.at != at {
		k, ok := b.tree.Get(&bucket{at: at})
		if !ok {
			k = &bucket{at: at}
			b.tree.ReplaceOrInsert(k)
		}
		b.last = k
	}
	b.last.slots = append(b.last.slots, slot)
	b.size++
}

// Remove says that a slot that was entered under a time has gone.
func (b *Buckets) Remove(at int64) {
	k, ok := b.tree.Get(&bucket{at: at})
	if !ok {
		return
	}
	if k.gone++; 2*k.gone < len(k.slots) {
		return
	}
	b.size -= len(k.slots)
	if k.slots = b.living(k); len(k.slots) == 0 {
		b.delete(k)
	}
	b.size += len(k.slots)
	k.gone = 0
}

// living gives the slots of a bucket that are still its own, in order.
func (b *Buckets) living(k *bucket) []uint32 {
	slices.Sort(k.slots)
	return slices.DeleteFunc(slices.Compact(k.slots), func(s uint32) bool { return !b.alive(s, k.at) })
}

func (b *Buckets) delete(k *bucket) {
	b.tree.Delete(k)
	if b.last == k {
		b.last = nil
	}
}

// Before takes out the buckets with times below bound, earliest first, and calls
// fn with the slots of each in order. The slots are fn's to change.
func (b *Buckets) Before(bound int64, fn func(at int64, slots []uint32) error) error {
	for {
		k, ok := b.tree.Min()
		if !ok || k.at >= bound {
			return nil
		}
		b.delete(k)
		b.size -= len(k.slots)
		if slots := b.living(k); len(slots) > 0 {
			if err := fn(k.at, slots); err != nil {
				return err
			}
		}
	}
}

// Min is the earliest time that is listed.
func (b *Buckets) Min() (at int64, ok bool) {
	k, ok := b.tree.Min()
	if !ok {
		return 0, false
	}
	return k.at, true
}

// Each calls fn with the times that are listed, in order.
func (b *Buckets) Each(fn func(at int64)) {
	b.tree.Ascend(func(k *bucket) bool {
		if k.gone < len(k.slots) {
			fn(k.at)
		}
		return true
	})
}

// Len is the number of buckets.
func (b *Buckets) Len() int { return b.tree.Len() }

// Clear forgets everything.
func (b *Buckets) Clear() {
	b.tree.Clear(false)
	b.last, b.size = nil, 0
}

// Bytes is the memory in use, about.
func (b *Buckets) Bytes() int64 { return int64(b.size*5 + b.tree.Len()*80) }
