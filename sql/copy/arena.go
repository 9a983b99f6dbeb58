package copy

import "unsafe"

// blockSize is what texts are cut from. A text keeps its block alive, so blocks
// are not large.
const blockSize = 64 << 10

// arena gives strings their memory, block by block, never used again: what
// vectors hold may be kept (vec's O2).
type arena struct{ free []byte }

// text copies b into a string.
func (a *arena) text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	p := a.room(len(b))
	copy(p, b)
	return unsafe.String(&p[0], len(p))
}

// padded copies b into a string of n bytes, which are at least its own, with blanks
// behind.
func (a *arena) padded(b []byte, n int) string {
	if n == len(b) {
		return a.text(b)
	}
	p := a.room(n)
	for i := copy(p, b); i < n; i++ {
		p[i] = ' '
	}
	return unsafe.String(&p[0], n)
}

// room gives n bytes, to be written once and then only read.
func (a *arena) room(n int) []byte {
	if n > len(a.free) {
		if n > blockSize/4 {
			return make([]byte, n)
		}
		a.free = make([]byte, blockSize)
	}
	p := a.free[:n:n]
	a.free = a.free[n:]
	return p
}
