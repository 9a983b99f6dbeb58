package vec

import (
	"encoding/binary"
	"math/bits"
)

// An integer stream is n integers as
//
//	base   zig-zag varint, the least of them
//	width  1 byte, 0 … 56 or 64
//	bits   (n × width + 7) / 8 bytes, the differences to base, lowest bit first
//
// Widths of 57 … 63 do not occur: they are rounded up to 64, so that every
// value can be cut from one 8-byte load.

// maxPacked is the widest packing that one 8-byte load at a byte boundary can
// always serve.
const maxPacked = 56

// widthFor gives the width for differences up to span.
func widthFor(span uint64) int {
	w := bits.Len64(span)
	if w > maxPacked {
		return 64
	}
	return w
}

// packedLen is the length in bytes of n packed values.
func packedLen(n, width int) int { return (n*width + 7) / 8 }

// appendInts appends the stream of v, whose least and greatest are lo and hi.
func appendInts(dst []byte, v []int64, lo, hi int64) []byte {
	w := widthFor(uint64(hi) - uint64(lo))
	dst = binary.AppendVarint(dst, lo)
	dst = append(dst, byte(w))
	return appendPacked(dst, v, lo, w)
}

// appendPacked appends the differences of v to base, each of width bits.
func appendPacked(dst []byte, v []int64, base int64, width int) []byte {
	n := packedLen(len(v), width)
	at := len(dst)
	dst = grow(dst, n+8) // the last word may be written whole
	out := dst[at:]
	switch width {
	case 0:
	case 8:
		for i, x := range v {
			out[i] = byte(x - base)
		}
	case 16:
		for i, x := range v {
			binary.LittleEndian.PutUint16(out[2*i:], uint16(x-base))
		}
	case 32:
		for i, x := range v {
			binary.LittleEndian.PutUint32(out[4*i:], uint32(x-base))
		}
	case 64:
		for i, x := range v {
			binary.LittleEndian.PutUint64(out[8*i:], uint64(x-base))
		}
	default:
		packBits(out, v, base, uint(width))
	}
	return dst[:at+n]
}

// packBits packs any width below 64. Eight bytes are written at a time.
func packBits(out []byte, v []int64, base int64, width uint) {
	var acc uint64
	var filled uint
	at := 0
	for _, x := range v {
		d := uint64(x - base)
		acc |= d << (filled & 63)
		filled += width
		if filled >= 64 {
			binary.LittleEndian.PutUint64(out[at:], acc)
			at += 8
			filled -= 64
			acc = d >> ((width - filled) & 63)
		}
	}
	if filled > 0 {
		binary.LittleEndian.PutUint64(out[at:], acc)
	}
}

// intStream is the head of an integer stream whose body is all there.
type intStream struct {
	base  int64
	width int
	bits  []byte
}

// readInts reads the head of a stream of n integers and gives what follows it.
// ok is false when the bytes are not a stream.
func readInts(src []byte, n int) (s intStream, rest []byte, ok bool) {
	base, k := binary.Varint(src)
	if k <= 0 || k >= len(src) {
		return s, nil, false
	}
	w := int(src[k])
	src = src[k+1:]
	if w > maxPacked && w != 64 || len(src) < packedLen(n, w) {
		return s, nil, false
	}
	size := packedLen(n, w)
	return intStream{base: base, width: w, bits: src[:size:size]}, src[size:], true
}

// at gives value i.
func (s *intStream) at(i int) int64 {
	if s.width == 64 {
		return s.base + int64(binary.LittleEndian.Uint64(s.bits[8*i:]))
	}
	return s.base + int64(cut(s.bits, i*s.width, s.width))
}

// cut gives the width ≤ 56 bits at bit position pos.
func cut(src []byte, pos, width int) uint64 {
	mask := uint64(1)<<uint(width) - 1
	off := pos >> 3
	if off+8 <= len(src) {
		return binary.LittleEndian.Uint64(src[off:]) >> uint(pos&7) & mask
	}
	var last [8]byte
	copy(last[:], src[min(off, len(src)):])
	return binary.LittleEndian.Uint64(last[:]) >> uint(pos&7) & mask
}

// unpack writes the first len(out) values.
func (s *intStream) unpack(out []int64) {
	src, base := s.bits, s.base
	switch s.width {
	case 0:
		fill(out, base)
	case 8:
		for i := range out {
			out[i] = base + int64(src[i])
		}
	case 16:
		for i := range out {
			out[i] = base + int64(binary.LittleEndian.Uint16(src[2*i:]))
		}
	case 32:
		for i := range out {
			out[i] = base + int64(binary.LittleEndian.Uint32(src[4*i:]))
		}
	case 64:
		for i := range out {
			out[i] = base + int64(binary.LittleEndian.Uint64(src[8*i:]))
		}
	default:
		unpackBits(out, src, base, s.width)
	}
}

// unpackBits unpacks any width up to maxPacked.
func unpackBits(out []int64, src []byte, base int64, width int) {
	mask := uint64(1)<<uint(width) - 1
	// Below whole, the 8-byte load stays inside src.
	whole := 0
	if len(src) >= 8 {
		whole = min(len(out), (len(src)-8)*8/width+1)
	}
	pos := uint(0)
	for i := range out[:whole] {
		w := binary.LittleEndian.Uint64(src[pos>>3:])
		out[i] = base + int64(w>>(pos&7)&mask)
		pos += uint(width)
	}
	for i := whole; i < len(out); i++ {
		out[i] = base + int64(cut(src, i*width, width))
	}
}

// bounds gives the least and the greatest of v, which is not empty.
func bounds(v []int64) (lo, hi int64) {
	lo, hi = v[0], v[0]
	for _, x := range v {
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

// deltaBounds gives the least and the greatest step between neighbours of v,
// which has at least two. Steps wrap around.
func deltaBounds(v []int64) (lo, hi int64) {
	prev := v[0]
	lo = v[1] - v[0]
	hi = lo
	for _, x := range v[1:] {
		d := x - prev
		lo, hi = min(lo, d), max(hi, d)
		prev = x
	}
	return lo, hi
}

// deltaProbe is how many neighbours are looked at before delta packing is
// considered at all.
const deltaProbe = 16

// mayBeSorted tells, from a few neighbours, whether v could be ascending.
func mayBeSorted(v []int64) bool {
	step := max(1, (len(v)-1)/deltaProbe)
	for i := step; i < len(v); i += step {
		if v[i] < v[i-1] {
			return false
		}
	}
	return true
}

// appendDeltas appends the first value and the stream of the steps of v, whose
// bounds are lo and hi. scratch has room for len(v) values.
func appendDeltas(dst []byte, v, scratch []int64, lo, hi int64) []byte {
	steps := scratch[:len(v)-1]
	prev := v[0]
	for i, x := range v[1:] {
		steps[i] = x - prev
		prev = x
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(v[0]))
	return appendInts(dst, steps, lo, hi)
}

// undelta reads what appendDeltas wrote into all of out.
func undelta(out []int64, src []byte) bool {
	if len(src) < 8 || len(out) == 0 {
		return false
	}
	s, rest, ok := readInts(src[8:], len(out)-1)
	if !ok || len(rest) != 0 {
		return false
	}
	out[0] = int64(binary.LittleEndian.Uint64(src))
	s.unpack(out[1:])
	x := out[0]
	for i, d := range out[1:] {
		x += d
		out[i+1] = x
	}
	return true
}
