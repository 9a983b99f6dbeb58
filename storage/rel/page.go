package rel

import (
	"math/bits"

	"github.com/streamsqld/streamsqld/sql/types"
)

// A page holds up to pageSlots rows of a view's contents by column. Pages and
// their columns are shared between versions and copied when they change.
//
// P1: a page, or a column of it, is changed in place only by the writer, and
// only if its generation is the writer's current one.
const (
	pageBits  = 8
	pageSlots = 1 << pageBits
	firstSlot = 16 // the room of a fresh page
)

type page struct {
	gen  uint64
	room int // slots that the columns have memory for
	n    int // slots in use
	used [pageSlots / 64]uint64
	// empty marks slots in use whose row counts zero times for the moment, within
	// a step. No published page has any.
	empty [pageSlots / 64]uint64
	// counts says how often each row counts; nil when each counts once.
	counts []int64
	// accounted is what the contents' byte count holds for the page.
	accounted int64
	// The columns: the first few lie in the page itself, as every pointer that is
	// followed to a page out of the cache costs.
	first [firstCols]pageCol
	rest  []pageCol
}

const firstCols = 4

func newPage(gen uint64, ts []*types.Type) *page {
	p := &page{gen: gen}
	if len(ts) > firstCols {
		p.rest = make([]pageCol, len(ts)-firstCols)
	}
	for k, t := range ts {
		p.col(k).kind = t.Kind
	}
	return p
}

func (p *page) col(k int) *pageCol {
	if k < firstCols {
		return &p.first[k]
	}
	return &p.rest[k-firstCols]
}

func (p *page) has(s int) bool { return p.used[s>>6]>>(s&63)&1 != 0 }

func (p *page) isEmpty(s int) bool { return p.empty[s>>6]>>(s&63)&1 != 0 }

// count is how often the row in slot s counts.
func (p *page) count(s int) int64 {
	switch {
	case p.counts != nil:
		return p.counts[s]
	case p.isEmpty(s) || !p.has(s):
		return 0
	}
	return 1
}

// setCount changes the count of a slot in use; the page is the writer's.
func (p *page) setCount(s int, n int64) {
	if n == 0 {
		p.empty[s>>6] |= 1 << (s & 63)
	} else {
		p.empty[s>>6] &^= 1 << (s & 63)
	}
	if p.counts == nil {
		if n == 0 || n == 1 {
			return
		}
		counts := make([]int64, pageSlots)
		for i := range counts {
			counts[i] = p.count(i)
		}
		p.counts = counts
	}
	p.counts[s] = n
}

// clone is a copy that the writer of a generation may change. Columns are still
// shared.
func (p *page) clone(gen uint64) *page {
	c := *p
	c.gen = gen
	c.rest = append([]pageCol(nil), p.rest...)
	if p.counts != nil {
		c.counts = append([]int64(nil), p.counts...)
	}
	return &c
}

// freeSlot gives the lowest slot that is not in use; there is one.
func (p *page) freeSlot() int {
	for i, w := range p.used {
		if w != ^uint64(0) {
			return i<<6 + bits.TrailingZeros64(^w)
		}
	}
	panic("rel: no slot is free")
}

// once drops the counts if each row counts once (C2a).
func (p *page) once() {
	for s, n := range p.counts {
		if n != 1 && p.has(s) {
			return
		}
	}
	p.counts = nil
}
