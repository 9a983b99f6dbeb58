package copy

import "encoding/binary"

// seen remembers some of a column's short texts: columns of codes, names and states
// hold the same few again and again, which then share their memory. Where they turn out
// to be nearly all different it is given up.
type seen struct {
	texts        [64]seenText
	looks, found int
}

// A column's texts are given up after so many looks, unless a part of them was found.
const (
	seenLooks = 4096
	seenPart  = 8
)

// seenText is a text as it was read, in three words that its bytes are all in, with
// the string that it became.
type seenText struct {
	first, middle, last uint64
	n                   int
	padded              string // with blanks
}

// seenBytes is how long a text can be that is worth looking for.
const seenBytes = 24

// letters are the ASCII characters as strings.
var letters = func() (out [utf8Byte]string) {
	for i := range out {
		out[i] = string(rune(i))
	}
	return out
}()

// text gives b as a string of n bytes, padded with blanks.
func (s *seen) text(a *arena, b []byte, n int) string {
	if n == 1 && len(b) == 1 && b[0] < utf8Byte {
		return letters[b[0]]
	}
	if len(b) == 0 || len(b) > seenBytes || s == nil || s.looks == seenLooks && s.found < seenLooks/seenPart {
		return a.padded(b, n)
	}
	t := seenText{n: len(b)}
	switch {
	case len(b) >= 16:
		t.first, t.middle, t.last = word(b), word(b[8:]), word(b[len(b)-8:])
	case len(b) >= 8:
		t.first, t.last = word(b), word(b[len(b)-8:])
	case cap(b) >= 8:
		t.first = word(b[:8]) << (64 - 8*len(b)) // what is behind it falls out
	default:
		return a.padded(b, n)
	}
	const spread = 0x9e3779b97f4a7c15 // the golden ratio: Fibonacci hashing
	if s.looks < seenLooks {
		s.looks++
	}
	e := &s.texts[(t.first^t.last*31^uint64(len(b)))*spread>>58]
	if e.first == t.first && e.last == t.last && e.middle == t.middle && e.n == t.n && len(e.padded) == n {
		if s.looks < seenLooks {
			s.found++
		}
		return e.padded
	}
	t.padded = a.padded(b, n)
	*e = t
	return t.padded
}

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
