package rel

import "math/bits"

// freePages is the set of pages that have a free slot: those below a bound that
// are listed, and all from the bound on.
type freePages struct {
	words []uint64 // 1: has a free slot
	bound uint32   // pages from here on have never been full
	hint  int      // words before this one are 0
}

// lowest gives the lowest page with a free slot.
func (f *freePages) lowest() uint32 {
	for ; f.hint < len(f.words); f.hint++ {
		if w := f.words[f.hint]; w != 0 {
			return uint32(f.hint<<6 + bits.TrailingZeros64(w))
		}
	}
	return f.bound
}

// clear says that a page is full.
func (f *freePages) clear(no uint32) {
	for f.bound <= no {
		f.add(f.bound)
		f.bound++
	}
	f.words[no>>6] &^= 1 << (no & 63)
}

func (f *freePages) add(no uint32) {
	for int(no>>6) >= len(f.words) {
		f.words = append(f.words, 0)
	}
	f.words[no>>6] |= 1 << (no & 63)
}

// set says that a page has a free slot.
func (f *freePages) set(no uint32) {
	if no < f.bound {
		f.add(no)
		f.hint = min(f.hint, int(no>>6))
	}
}
