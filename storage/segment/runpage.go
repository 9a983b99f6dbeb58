package segment

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"sort"
)

// A run page holds entries (key, row id) in order, for search in place:
//
//	 0  crc32c of everything behind it    u32
//	 4  number of entries                 u16
//	 6  length of the common prefix       u16
//	 8  width of an id in bytes           u16
//	10  length of all suffixes            u32
//	14  least id                          u64
//	22  the common prefix
//	    where each suffix ends            u32 each
//	    the suffixes
//	    the ids, above the least, of width bytes each
type runPage []byte

const (
	runPageHead  = 22
	runPageBytes = 4096
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Entry is a key and the id of its row.
type Entry struct {
	Key []byte
	ID  uint64
}

// appendRunPage appends the page of some entries, of which there are at least
// one and at most 65,535.
func appendRunPage(dst []byte, entries []Entry) []byte {
	prefix := commonPrefix(entries[0].Key, entries[len(entries)-1].Key)
	lo, hi, size := entries[0].ID, entries[0].ID, 0
	for _, e := range entries {
		lo, hi = min(lo, e.ID), max(hi, e.ID)
		size += len(e.Key) - prefix
	}
	width := (bits.Len64(hi-lo) + 7) / 8
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(entries)))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(prefix))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(width))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(size))
	dst = binary.LittleEndian.AppendUint64(dst, lo)
	dst = append(dst, entries[0].Key[:prefix]...)
	end := 0
	for _, e := range entries {
		end += len(e.Key) - prefix
		dst = binary.LittleEndian.AppendUint32(dst, uint32(end))
	}
	for _, e := range entries {
		dst = append(dst, e.Key[prefix:]...)
	}
	for _, e := range entries {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], e.ID-lo)
		dst = append(dst, b[:width]...)
	}
	binary.LittleEndian.PutUint32(dst[at:], crc32.Checksum(dst[at+4:], castagnoli))
	return dst
}

func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// openRunPage checks a page.
func openRunPage(b []byte) (runPage, bool) {
	if len(b) < runPageHead || crc32.Checksum(b[4:], castagnoli) != binary.LittleEndian.Uint32(b) {
		return nil, false
	}
	p := runPage(b)
	return p, p.entries() > 0 && p.width() <= 8 && len(b) == p.idsAt()+p.entries()*p.width() && p.endsAscend()
}

func (p runPage) entries() int { return int(binary.LittleEndian.Uint16(p[4:])) }
func (p runPage) prefix() int  { return int(binary.LittleEndian.Uint16(p[6:])) }
func (p runPage) width() int   { return int(binary.LittleEndian.Uint16(p[8:])) }
func (p runPage) size() int    { return int(binary.LittleEndian.Uint32(p[10:])) }
func (p runPage) endsAt() int  { return runPageHead + p.prefix() }
func (p runPage) idsAt() int   { return p.endsAt() + 4*p.entries() + p.size() }

// end gives where suffix i ends.
func (p runPage) end(i int) int {
	if i < 0 {
		return 0
	}
	return int(binary.LittleEndian.Uint32(p[p.endsAt()+4*i:]))
}

func (p runPage) endsAscend() bool {
	last := 0
	for i := range p.entries() {
		e := p.end(i)
		if e < last {
			return false
		}
		last = e
	}
	return last == p.size()
}

func (p runPage) suffix(i int) []byte {
	text := p.endsAt() + 4*p.entries()
	return p[text+p.end(i-1) : text+p.end(i)]
}

// key appends key i to dst.
func (p runPage) key(dst []byte, i int) []byte {
	dst = append(dst, p[runPageHead:p.endsAt()]...)
	return append(dst, p.suffix(i)...)
}

func (p runPage) id(i int) uint64 {
	w := p.width()
	var b [8]byte
	at := p.idsAt() + i*w
	copy(b[:w], p[at:at+w])
	return binary.LittleEndian.Uint64(p[14:]) + binary.LittleEndian.Uint64(b[:])
}

// search gives the first entry whose key is not below key.
func (p runPage) search(key []byte) int {
	prefix := p[runPageHead:p.endsAt()]
	if len(key) < len(prefix) || !bytes.Equal(key[:len(prefix)], prefix) {
		if bytes.Compare(key, prefix) < 0 {
			return 0
		}
		return p.entries()
	}
	rest := key[len(prefix):]
	return sort.Search(p.entries(), func(i int) bool { return bytes.Compare(p.suffix(i), rest) >= 0 })
}

// match tells whether key i is key.
func (p runPage) match(i int, key []byte) bool {
	n := p.prefix()
	return len(key) >= n && bytes.Equal(key[:n], p[runPageHead:p.endsAt()]) && bytes.Equal(key[n:], p.suffix(i))
}
