package copy

import "encoding/binary"

// seen remembers some of a column's short texts: columns of codes, names and states
// hold the same few again and again, which then share their memory. Where they turn out
// to be nearly all different it is given up.
type seen struct {
	texts        [64]seenText
	again        [64]seenField
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

// seenField is a field that was read twice, with the byte that ended it: it is known
// again without looking for its end.
type seenField struct {
	words, masks [3]uint64
	n            int // bytes; 0: none
	text         string
}

// field finds the field at the front of src among those that came again, and gives its
// text and its length with what ends it; 0 when it is not there.
func (s *seen) field(src []byte) (string, int) {
	if len(src) < seenBytes || s.givenUp() {
		return "", 0
	}
	w := word(src)
	f := &s.again[fieldAt(w)]
	if (w^f.words[0])&f.masks[0]|(word(src[8:])^f.words[1])&f.masks[1]|(word(src[16:])^f.words[2])&f.masks[2] != 0 {
		return "", 0
	}
	if s.looks < seenLooks && f.n > 0 {
		s.looks++
		s.found++
	}
	return f.text, f.n
}

// cameAgain remembers the field of n bytes, the one that ended it included, at the front
// of src, and its text.
func (s *seen) cameAgain(src []byte, n int, text string) {
	if len(src) < seenBytes || n > seenBytes {
		return
	}
	f := &s.again[fieldAt(word(src))]
	f.n, f.text = n, text
	for i := range f.words {
		f.words[i], f.masks[i] = word(src[8*i:]), 0
		if left := n - 8*i; left > 0 {
			f.masks[i] = ^uint64(0) >> (64 - 8*min(left, 8))
		}
	}
}

// fieldAt gives the place of a field that begins with w: by its first four bytes. A
// shorter one has as many places as there are bytes that come behind it.
func fieldAt(w uint64) uint64 { return w << 32 * spread >> 58 }

// givenUp tells that a column's texts are nearly all different.
func (s *seen) givenUp() bool { return s.looks == seenLooks && s.found < seenLooks/seenPart }

// spread is the golden ratio: Fibonacci hashing.
const spread = 0x9e3779b97f4a7c15

// seenBytes is how long a text can be that is worth looking for.
const seenBytes = 24

// letters are the ASCII characters as strings.
var letters = func() (out [utf8Byte]string) {
	for i := range out {
		out[i] = string(rune(i))
	}
	return out
}()

// text gives b as a string of n bytes, padded with blanks, and whether it came again.
func (s *seen) text(a *arena, b []byte, n int) (_ string, again bool) {
	if n == 1 && len(b) == 1 && b[0] < utf8Byte {
		return letters[b[0]], false
	}
	if len(b) == 0 || len(b) > seenBytes || s == nil || s.givenUp() {
		return a.padded(b, n), false
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
		return a.padded(b, n), false
	}
	if s.looks < seenLooks {
		s.looks++
	}
	e := &s.texts[(t.first^t.last*31^uint64(len(b)))*spread>>58]
	if e.first == t.first && e.last == t.last && e.middle == t.middle && e.n == t.n && len(e.padded) == n {
		if s.looks < seenLooks {
			s.found++
		}
		return e.padded, true
	}
	t.padded = a.padded(b, n)
	*e = t
	return t.padded, false
}

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
