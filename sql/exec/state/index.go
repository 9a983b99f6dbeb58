package state

import "math/bits"

// index is an open-addressing hash table (linear probing) of slots.
//
// An entry is the upper half of the key's hash, and the slot plus one in its
// lower half; 0 is empty. The position follows from that half of the hash alone,
// so the table grows and closes gaps without looking at a key, and a probe looks
// at keys only where 32 bits of hash agree already.
type index struct {
	e     []uint64
	shift uint8
	n     int
}

const minIndex = 16

// tag is the part of a hash that an entry keeps, in its place.
func tag(h uint64) uint64 { return h &^ (1<<32 - 1) }

func entry(h uint64, slot uint32) uint64 { return tag(h) | uint64(slot+1) }

func slotOf(e uint64) uint32 { return uint32(e) - 1 }

// grow makes room for more entries.
func (x *index) grow(more int) {
	if 8*(x.n+more) <= 5*len(x.e) {
		return
	}
	size := minIndex
	for 8*(x.n+more) > 5*size {
		size *= 2
	}
	old := x.e
	x.e = make([]uint64, size)
	x.shift = uint8(64 - bits.TrailingZeros(uint(size)))
	for _, e := range old {
		if e != 0 {
			x.place(e)
		}
	}
}

// place puts an entry into the first free position of its run.
func (x *index) place(e uint64) {
	mask := uint64(len(x.e) - 1)
	p := e >> x.shift
	for x.e[p] != 0 {
		p = (p + 1) & mask
	}
	x.e[p] = e
}

// add enters a slot under a hash; there must be room (grow).
func (x *index) add(h uint64, slot uint32) {
	x.place(entry(h, slot))
	x.n++
}

// find gives the first slot under the hash for which same holds.
func (x *index) find(h uint64, same func(slot uint32) bool) (uint32, bool) {
	if len(x.e) == 0 {
		return 0, false
	}
	mask := uint64(len(x.e) - 1)
	for p := tag(h) >> x.shift; x.e[p] != 0; p = (p + 1) & mask {
		if e := x.e[p]; tag(e) == tag(h) && same(slotOf(e)) {
			return slotOf(e), true
		}
	}
	return 0, false
}

// remove takes out the entry of a slot, and moves the entries behind it that
// could no longer be reached.
func (x *index) remove(h uint64, slot uint32) {
	mask := uint64(len(x.e) - 1)
	p := tag(h) >> x.shift
	for want := entry(h, slot); x.e[p] != want; p = (p + 1) & mask {
		if x.e[p] == 0 {
			return
		}
	}
	gap := p
	for {
		p = (p + 1) & mask
		e := x.e[p]
		if e == 0 {
			break
		}
		// e may move to the gap if its home is not between the gap and p.
		if (p-e>>x.shift)&mask >= (p-gap)&mask {
			x.e[gap] = e
			gap = p
		}
	}
	x.e[gap] = 0
	x.n--
}

func (x *index) bytes() int64 { return int64(8 * cap(x.e)) }
