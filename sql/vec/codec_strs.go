package vec

import (
	"encoding/binary"
	"math/bits"
	"unsafe"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/zeebo/xxh3"
)

// The body of formPlain is the stream of lengths, then the bytes. The body of
// formDict is the number of distinct strings (u16), the stream of their
// lengths, the stream of codes, then the bytes. Decoded strings are cut from
// the body, not copied (O2).

const (
	maxDict   = 1024
	dictProbe = 256
)

// strDict finds distinct strings: open addressing over the entries' numbers.
type strDict struct {
	slots   [2 * maxDict]int16 // entry + 1
	hashes  []uint64
	entries []string
	codes   []int64
	lens    []int64
	// near finds strings that share their memory, as a decoder's do, without looking
	// at them.
	near [64]nearString
}

type nearString struct {
	at   *byte
	n    int
	code int64
}

func (d *strDict) reset() {
	clear(d.slots[:])
	fill(d.near[:], nearString{code: -1})
	d.hashes, d.entries, d.codes = d.hashes[:0], d.entries[:0], d.codes[:0]
}

// code gives the number of s, entering it if there is room; else -1.
func (d *strDict) code(s string, room int) int64 {
	h := xxh3.HashString(s)
	for at := h; ; at++ {
		k := d.slots[at%uint64(len(d.slots))]
		if k == 0 {
			if len(d.entries) == room {
				return -1
			}
			d.entries = append(d.entries, s)
			d.hashes = append(d.hashes, h)
			d.slots[at%uint64(len(d.slots))] = int16(len(d.entries))
			return int64(len(d.entries) - 1)
		}
		if d.hashes[k-1] == h && d.entries[k-1] == s {
			return int64(k - 1)
		}
	}
}

// build codes all of v; false when there are more than room distinct strings.
func (d *strDict) build(v []string, room int) bool {
	d.reset()
	for _, s := range v {
		at := unsafe.StringData(s)
		near := &d.near[(uintptr(unsafe.Pointer(at))>>3^uintptr(unsafe.Pointer(at))>>9)%uintptr(len(d.near))]
		if near.at != at || near.n != len(s) || near.code < 0 {
			code := d.code(s, room)
			if code < 0 {
				return false
			}
			*near = nearString{at, len(s), code}
		}
		d.codes = append(d.codes, near.code)
	}
	return true
}

// worthDict tells, from a few strings, whether coding may pay.
func (d *strDict) worthDict(v []string) bool {
	if len(v) < 16 {
		return false
	}
	d.reset()
	step := max(1, len(v)/dictProbe)
	tried := 0
	for i := 0; i < len(v); i += step {
		tried++
		d.code(v[i], maxDict)
	}
	return len(d.entries)*10 <= tried*9
}

// appendStrs appends strings: one for all if they are the same, or coded by the
// dictionary, if it was built for them.
func (e *Encoder) appendStrs(dst []byte, v []string, same, coded bool) ([]byte, byte) {
	d := &e.dict
	defer d.forget()
	if same {
		return append(dst, v[0]...), formConst
	}
	if coded {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(len(d.entries)))
		dst = d.appendLens(dst, d.entries)
		dst = appendInts(dst, d.codes, 0, int64(len(d.entries)-1))
		for _, s := range d.entries {
			dst = append(dst, s...)
		}
		return dst, formDict
	}
	dst = d.appendLens(dst, v)
	for _, s := range v {
		dst = append(dst, s...)
	}
	return dst, formPlain
}

// Samples makes v some values of the page among which each distinct one is, NULL left
// out: of a column that is coded by a dictionary its entries. It gives false, and
// leaves v, where that would be all values anyway.
func (p *Page) Samples(v *Vec) bool {
	if p.Kind() != types.Bytes || p.form() != formDict || p.flag(pageZstd) {
		return false
	}
	count, lens, _, text, ok := openDict(p.body, p.Rows())
	if !ok {
		return false
	}
	p.reset(v, count)
	v.Nulls = nil
	return cutStrs(v.Strs, &lens, text)
}

// gatherPlain cuts out the strings at positions idx only. The lengths are added
// up to the last of them.
func gatherPlain(out []string, idx []int32, n int, body []byte) bool {
	lens, text, ok := readInts(body, n)
	if !ok {
		return false
	}
	var part [decimalStep]int64
	end, next := uint64(0), 0
	for at := 0; at < n && next < len(idx); at += decimalStep {
		step := part[:min(decimalStep, n-at)]
		s := lens
		s.bits = s.bits[at*s.width/8:]
		s.unpack(step)
		for i, k := range step {
			if uint64(k) > uint64(len(text))-end {
				return false
			}
			start := end
			end += uint64(k)
			for next < len(idx) && int(idx[next]) == at+i {
				out[next] = aliasString(text[start:end])
				next++
			}
		}
	}
	return true
}

// openDict reads the parts of a body of formDict.
func openDict(body []byte, n int) (count int, lens, codes intStream, text []byte, ok bool) {
	if len(body) < 2 {
		return
	}
	count = int(binary.LittleEndian.Uint16(body))
	if count == 0 || count > maxDict {
		return
	}
	lens, rest, ok := readInts(body[2:], count)
	if !ok {
		return
	}
	codes, text, ok = readInts(rest, n)
	return count, lens, codes, text, ok && codes.base == 0 && codes.width == bits.Len(uint(count-1))
}

// forget drops the strings, so that an idle encoder holds nobody's memory.
func (d *strDict) forget() {
	clear(d.entries[:cap(d.entries)])
	fill(d.near[:], nearString{code: -1})
}

func (d *strDict) appendLens(dst []byte, v []string) []byte {
	d.lens = resize(d.lens, len(v))
	for i, s := range v {
		d.lens[i] = int64(len(s))
	}
	lo, hi := bounds(d.lens)
	return appendInts(dst, d.lens, lo, hi)
}

// aliasString is b as a string without copying.
func aliasString(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(&b[0], len(b))
}

func decodeStrs(out []string, form byte, body []byte) bool {
	switch form {
	case formPlain:
		lens, text, ok := readInts(body, len(out))
		return ok && cutStrs(out, &lens, text)
	case formDict:
		return decodeDict(out, body)
	}
	return false
}

// cutStrs cuts text into strings of the given lengths, to its end.
func cutStrs(out []string, lens *intStream, text []byte) bool {
	all := aliasString(text)
	var part [decimalStep]int64
	for at := 0; at < len(out); at += decimalStep {
		dst := out[at:min(at+decimalStep, len(out))]
		s := *lens
		s.bits = s.bits[at*s.width/8:]
		s.unpack(part[:len(dst)])
		for i := range dst {
			k := uint64(part[i])
			if k > uint64(len(all)) {
				return false
			}
			dst[i], all = all[:k], all[k:]
		}
	}
	return len(all) == 0
}

func decodeDict(out []string, body []byte) bool {
	count, lens, codes, text, ok := openDict(body, len(out))
	if !ok {
		return false
	}
	var entries [maxDict]string
	if !cutStrs(entries[:count], &lens, text) {
		return false
	}
	var part [decimalStep]int64
	for at := 0; at < len(out); at += decimalStep {
		dst := out[at:min(at+decimalStep, len(out))]
		s := codes
		s.bits = s.bits[at*s.width/8:]
		s.unpack(part[:len(dst)])
		for i := range dst {
			k := uint(part[i])
			if k >= uint(count) {
				return false
			}
			dst[i] = entries[k]
		}
	}
	return true
}

func gatherDict(out []string, idx []int32, n int, body []byte) bool {
	count, lens, codes, text, ok := openDict(body, n)
	if !ok {
		return false
	}
	var entries [maxDict]string
	if !cutStrs(entries[:count], &lens, text) {
		return false
	}
	for i, j := range idx {
		k := uint64(codes.at(int(j)))
		if k >= uint64(count) {
			return false
		}
		out[i] = entries[k]
	}
	return true
}
