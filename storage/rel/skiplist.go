package rel

import (
	"bytes"
	"math/bits"
	"sync/atomic"
)

// skipList is the index of the open batch: entries (key, row) in order, added by
// one writer and read by anybody without locks. Entries are never removed or
// changed; a reader of an older version leaves out the rows that it does not
// know. When many rows are gone, later versions get another list (openBatch.prune).
type skipList struct {
	head [skipHeight]atomic.Pointer[skipNode]
	n    int
	seed uint64
}

const skipHeight = 12

type skipNode struct {
	key  []byte
	row  int32
	next []atomic.Pointer[skipNode]
}

// below tells whether the node comes before (key, row).
func (n *skipNode) below(key []byte, row int32) bool {
	c := bytes.Compare(n.key, key)
	return c < 0 || c == 0 && n.row < row
}

// seek gives, per level, the links that lead past all entries below (key, row).
func (l *skipList) seek(key []byte, row int32, links *[skipHeight]*atomic.Pointer[skipNode]) {
	var at *skipNode
	for level := skipHeight - 1; level >= 0; level-- {
		link := &l.head[level]
		if at != nil {
			link = &at.next[level]
		}
		for n := link.Load(); n != nil && n.below(key, row); n = link.Load() {
			at, link = n, &n.next[level]
		}
		links[level] = link
	}
}

// add adds an entry that is not there; the key is kept.
func (l *skipList) add(key []byte, row int32) {
	var links [skipHeight]*atomic.Pointer[skipNode]
	l.seek(key, row, &links)
	// Heights follow from the number of entries alone: replay builds the same.
	l.n++
	l.seed = (uint64(l.n) * 0x9e3779b97f4a7c15) ^ l.seed>>7
	height := min(skipHeight, 1+bits.TrailingZeros64(l.seed*0xd6e8feb86659fd93>>20|1<<43)/2)
	n := &skipNode{key: key, row: row, next: make([]atomic.Pointer[skipNode], height)}
	for level := range height {
		n.next[level].Store(links[level].Load())
		links[level].Store(n)
	}
}

// only makes the list of the entries whose rows are to be kept.
func (l *skipList) only(kept func(row int32) bool) *skipList {
	out := new(skipList)
	for n := l.first(nil, 0); n != nil; n = n.next[0].Load() {
		if kept(n.row) {
			out.add(n.key, n.row)
		}
	}
	return out
}

// first gives the first entry that is not below (key, row), nil at the end.
func (l *skipList) first(key []byte, row int32) *skipNode {
	var links [skipHeight]*atomic.Pointer[skipNode]
	l.seek(key, row, &links)
	return links[0].Load()
}

// last gives the last entry below (key, row), nil when there is none.
func (l *skipList) last(key []byte, row int32) *skipNode {
	var at *skipNode
	for level := skipHeight - 1; level >= 0; level-- {
		link := &l.head[level]
		if at != nil {
			link = &at.next[level]
		}
		for n := link.Load(); n != nil && n.below(key, row); n = link.Load() {
			at, link = n, &n.next[level]
		}
	}
	return at
}

// end gives the last entry of all.
func (l *skipList) end() *skipNode {
	var at *skipNode
	for level := skipHeight - 1; level >= 0; level-- {
		link := &l.head[level]
		if at != nil {
			link = &at.next[level]
		}
		for n := link.Load(); n != nil; n = link.Load() {
			at, link = n, &n.next[level]
		}
	}
	return at
}
