package segment

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// Filter is a Bloom filter over keys, whose bits for one key lie in one 16-byte
// block: a look-up touches one cache line. At filterBits bits per key about one
// in 500 keys that are not there is taken for one that is.
type Filter []uint64

const filterBits = 16

// HashKey hashes a key for filters.
func HashKey(key []byte) uint64 { return xxh3.Hash(key) }

// NewFilter makes a filter for n keys.
func NewFilter(n int) Filter { return make(Filter, 2*max(1, (n*filterBits+127)/128)) }

// spread gives the block of a hash, and its bits in the block's two words.
func (f Filter) spread(h uint64) (at int, a, b uint64) {
	at = 2 * int((h>>32)*uint64(len(f)/2)>>32)
	m := uint64(uint32(h)|1) * 0x9e3779b97f4a7c15
	a = 1<<(m>>58) | 1<<(m>>52&63) | 1<<(m>>46&63)
	b = 1<<(m>>40&63) | 1<<(m>>34&63) | 1<<(m>>28&63)
	return at, a, b
}

// Add enters the key with a hash.
func (f Filter) Add(h uint64) {
	at, a, b := f.spread(h)
	f[at] |= a
	f[at+1] |= b
}

// Has tells whether the key with a hash may be there.
func (f Filter) Has(h uint64) bool {
	at, a, b := f.spread(h)
	return f[at]&a == a && f[at+1]&b == b
}

// Bytes is how much memory the filter takes.
func (f Filter) Bytes() int { return 8 * len(f) }

func (f Filter) append(dst []byte) []byte {
	for _, w := range f {
		dst = binary.LittleEndian.AppendUint64(dst, w)
	}
	return dst
}

func readFilter(src []byte) (Filter, bool) {
	if len(src) == 0 || len(src)%16 != 0 {
		return nil, false
	}
	f := make(Filter, len(src)/8)
	for i := range f {
		f[i] = binary.LittleEndian.Uint64(src[8*i:])
	}
	return f, true
}
