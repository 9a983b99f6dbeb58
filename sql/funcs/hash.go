package funcs

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// PostgreSQL's hash functions (Bob Jenkins' lookup3), as users call them to
// spread rows: hashtext(x) % 16. Inside, package types has hashes of its own.

// lookup3 is the state of the hash.
type lookup3 struct{ a, b, c uint32 }

func newLookup3(n int, seed uint64) lookup3 {
	x := uint32(0x9e3779b9) + uint32(n) + 3923095
	h := lookup3{x, x, x}
	if seed != 0 {
		h.a += uint32(seed >> 32)
		h.b += uint32(seed)
		h.mix()
	}
	return h
}

func (h *lookup3) mix() {
	a, b, c := h.a, h.b, h.c
	a -= c
	a ^= bits.RotateLeft32(c, 4)
	c += b
	b -= a
	b ^= bits.RotateLeft32(a, 6)
	a += c
	c -= b
	c ^= bits.RotateLeft32(b, 8)
	b += a
	a -= c
	a ^= bits.RotateLeft32(c, 16)
	c += b
	b -= a
	b ^= bits.RotateLeft32(a, 19)
	a += c
	c -= b
	c ^= bits.RotateLeft32(b, 4)
	b += a
	h.a, h.b, h.c = a, b, c
}

// final gives the hash; its low half is the 32-bit one.
func (h *lookup3) final() uint64 {
	a, b, c := h.a, h.b, h.c
	c ^= b
	c -= bits.RotateLeft32(b, 14)
	a ^= c
	a -= bits.RotateLeft32(c, 11)
	b ^= a
	b -= bits.RotateLeft32(a, 25)
	c ^= b
	c -= bits.RotateLeft32(b, 16)
	a ^= c
	a -= bits.RotateLeft32(c, 4)
	b ^= a
	b -= bits.RotateLeft32(a, 14)
	c ^= b
	c -= bits.RotateLeft32(b, 24)
	return uint64(b)<<32 | uint64(c)
}

func hashBytes(s string, seed uint64) uint64 {
	h := newLookup3(len(s), seed)
	word := func(i int) uint32 {
		var b [4]byte
		copy(b[:], s[i:min(i+4, len(s))])
		return binary.LittleEndian.Uint32(b[:])
	}
	i := 0
	for ; len(s)-i >= 12; i += 12 {
		h.a += word(i)
		h.b += word(i + 4)
		h.c += word(i + 8)
		h.mix()
	}
	rest := len(s) - i
	if rest > 0 {
		h.a += word(i)
	}
	if rest > 4 {
		h.b += word(i + 4)
	}
	if rest > 8 {
		h.c += word(i+8) << 8 // the lowest byte of c is for the length
	}
	return h.final()
}

// HashUint32 is PostgreSQL's hash_uint32_extended.
func HashUint32(k uint32, seed uint64) uint64 { return hashUint32(k, seed) }

func hashUint32(k uint32, seed uint64) uint64 {
	h := newLookup3(4, seed)
	h.a += k
	return h.final()
}

// hashInt64 agrees with the hash of narrower integers of the same value.
func hashInt64(x int64, seed uint64) uint64 {
	lo, hi := uint32(x), uint32(x>>32)
	if x < 0 {
		hi = ^hi
	}
	return hashUint32(lo^hi, seed)
}

func hashDouble(f float64, seed uint64) uint64 {
	switch {
	case f == 0:
		return seed // 0 and -0 alike
	case f != f:
		f = math.Float64frombits(0x7ff8000000000000)
	}
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], math.Float64bits(f))
	return hashBytes(string(b[:]), seed)
}

// hashNumeric hashes the digits to base 10000 without zeros at either end, and
// where they stand.
func hashNumeric(n types.Numeric, seed uint64) uint64 {
	if n.Form() != types.NumFinite {
		return seed
	}
	s := strings.TrimPrefix(types.NumericAbs(n).String(), "-")
	whole, frac, _ := strings.Cut(s, ".")
	whole = strings.Repeat("0", (4-len(whole)%4)%4) + whole
	frac += strings.Repeat("0", (4-len(frac)%4)%4)
	all, weight := whole+frac, len(whole)/4-1
	for strings.HasPrefix(all, "0000") {
		all, weight = all[4:], weight-1
	}
	for strings.HasSuffix(all, "0000") {
		all = all[:len(all)-4]
	}
	if all == "" {
		return seed - 1
	}
	var b []byte
	for i := 0; i < len(all); i += 4 {
		d := 0
		for _, c := range all[i : i+4] {
			d = d*10 + int(c-'0')
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(d))
	}
	return hashBytes(string(b), seed) ^ uint64(int64(weight))
}

func hashJSONB(j types.JSONB, seed uint64, extended bool) uint64 {
	h := uint64(0)
	flag := func(f uint64) {
		if extended {
			f |= f << 32
		}
		h ^= f
	}
	scalar := func(x uint64) {
		if extended {
			h = uint64(bits.RotateLeft32(uint32(h>>32), 1))<<32 | uint64(bits.RotateLeft32(uint32(h), 1)) // each half by itself
			h ^= x
		} else {
			h = uint64(bits.RotateLeft32(uint32(h), 1) ^ uint32(x))
		}
	}
	var walk func(j types.JSONB)
	walk = func(j types.JSONB) {
		switch j.Kind() {
		case types.JSONArray:
			flag(0x40000000)
			for e := range j.Elems() {
				walk(e)
			}
		case types.JSONObject:
			flag(0x20000000)
			for k, v := range j.Pairs() {
				scalar(hashBytes(k, seed))
				walk(v)
			}
		case types.JSONNull:
			scalar(seed + 0x01)
		case types.JSONString:
			scalar(hashBytes(j.Str(), seed))
		case types.JSONNumber:
			scalar(hashNumeric(j.Number(), seed))
		default:
			b := uint64(0x04)
			if j.Kind() == types.JSONTrue {
				b = 0x02
			}
			if seed != 0 {
				b = hashUint32(uint32(b>>1&1), seed)
			}
			scalar(b)
		}
	}
	if !j.IsScalar() && j.Len() == 0 {
		return seed
	}
	if j.IsScalar() {
		flag(0x40000000) // a scalar is an array of one
	}
	walk(j)
	return h
}
