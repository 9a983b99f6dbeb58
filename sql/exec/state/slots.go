package state

import "math/bits"

// slotSet gives out slot numbers, always the lowest that is free (S1).
//
// lv[0] has a bit per slot, set while it is in use; a bit of lv[k+1] is set when
// the word of lv[k] under it is full. A search descends from the top, so it costs
// as many steps as there are levels, each dividing by 64.
type slotSet struct {
	lv   [4][]uint64
	live int
	// high is one above the highest slot ever in use.
	high uint32
}

// alloc takes the lowest free slot.
func (s *slotSet) alloc() uint32 {
	if s.live == int(s.high) {
		slot := s.high
		s.take(slot)
		return slot
	}
	top := len(s.lv) - 1
	at := 0
	for at < len(s.lv[top]) && s.lv[top][at] == ^uint64(0) {
		at++
	}
	for k := top; k >= 0; k-- {
		if at >= len(s.lv[k]) { // a word that does not exist yet is free
			at *= 64
			continue
		}
		at = at*64 + bits.TrailingZeros64(^s.lv[k][at])
	}
	s.take(uint32(at))
	return uint32(at)
}

// take marks a free slot as in use.
func (s *slotSet) take(slot uint32) {
	s.live++
	s.high = max(s.high, slot+1)
	at := int(slot)
	for k := range s.lv {
		w := at >> 6
		for w >= len(s.lv[k]) {
			s.lv[k] = append(s.lv[k], 0)
		}
		s.lv[k][w] |= 1 << (at & 63)
		if s.lv[k][w] != ^uint64(0) {
			return
		}
		at = w
	}
}

// free gives a slot back.
func (s *slotSet) free(slot uint32) {
	s.live--
	at := int(slot)
	for k := range s.lv {
		w := at >> 6
		if w >= len(s.lv[k]) {
			return
		}
		full := s.lv[k][w] == ^uint64(0)
		s.lv[k][w] &^= 1 << (at & 63)
		if !full {
			return
		}
		at = w
	}
}

// has tells whether the slot is in use.
func (s *slotSet) has(slot uint32) bool {
	w := int(slot >> 6)
	return w < len(s.lv[0]) && s.lv[0][w]>>(slot&63)&1 != 0
}

// each calls fn for the slots in use in [lo, hi), in order.
func (s *slotSet) each(lo, hi uint32, fn func(slot uint32)) {
	hi = min(hi, s.high)
	for w := lo >> 6; w<<6 < hi; w++ {
		word := s.lv[0][w]
		if w == lo>>6 {
			word &= ^uint64(0) << (lo & 63)
		}
		for ; word != 0; word &= word - 1 {
			slot := w<<6 + uint32(bits.TrailingZeros64(word))
			if slot >= hi {
				return
			}
			fn(slot)
		}
	}
}

func (s *slotSet) bytes() int64 {
	n := 0
	for _, l := range s.lv {
		n += 8 * cap(l)
	}
	return int64(n)
}

// Bitset is a growing set of small numbers.
type Bitset []uint64

// Add puts i into the set.
func (b *Bitset) Add(i uint32) {
	w := int(i >> 6)
	for w >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[w] |= 1 << (i & 63)
}

// Has tells whether i is in the set.
func (b Bitset) Has(i uint32) bool {
	w := int(i >> 6)
	return w < len(b) && b[w]>>(i&63)&1 != 0
}

// Remove takes i out of the set.
func (b Bitset) Remove(i uint32) {
	if w := int(i >> 6); w < len(b) {
		b[w] &^= 1 << (i & 63)
	}
}

// Each calls fn for the members in order.
func (b Bitset) Each(fn func(i uint32) error) error {
	for w, word := range b {
		for ; word != 0; word &= word - 1 {
			if err := fn(uint32(w<<6 + bits.TrailingZeros64(word))); err != nil {
				return err
			}
		}
	}
	return nil
}
