package vec

import (
	"encoding/binary"
	"math/big"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Bools, and the marks of NULLs, are bitmaps, lowest bit first.

func countTrue(v []bool) int {
	n := 0
	for _, b := range v {
		if b {
			n++
		}
	}
	return n
}

func packBools(dst []byte, v []bool) []byte {
	for i := 0; i < len(v); i += 8 {
		var x byte
		for k, b := range v[i:min(i+8, len(v))] {
			if b {
				x |= 1 << k
			}
		}
		dst = append(dst, x)
	}
	return dst
}

func unpackBools(out []bool, src []byte) {
	for i := range out {
		out[i] = src[i>>3]>>(i&7)&1 != 0
	}
}

func appendBits(dst []byte, v []bool) ([]byte, byte) {
	switch countTrue(v) {
	case 0:
		return append(dst, 0), formConst
	case len(v):
		return append(dst, 1), formConst
	}
	return packBools(dst, v), formBits
}

func decodeBits(out []bool, body []byte) bool {
	if len(body) != (len(out)+7)/8 {
		return false
	}
	unpackBools(out, body)
	return true
}

// Wide numerics follow each other: a uvarint of the scale × 4 + a tag; then for
// a small value its coefficient as a zig-zag varint, for a big one a uvarint of
// its length × 2 + 1 if it is negative, and its magnitude, big-endian; for a
// special one nothing: the scale says which.
const (
	numSmall = iota
	numBig
	numSpecial
)

func appendNumerics(dst []byte, v []types.Numeric) []byte {
	for _, x := range v {
		scale := uint64(uint32(x.Scale())) << 2
		c, small := x.Small()
		switch {
		case x.Form() != types.NumFinite:
			dst = binary.AppendUvarint(dst, uint64(x.Form())<<2|numSpecial)
		case small:
			dst = binary.AppendUvarint(dst, scale|numSmall)
			dst = binary.AppendVarint(dst, c)
		default:
			dst = appendBig(binary.AppendUvarint(dst, scale|numBig), x.Coef())
		}
	}
	return dst
}

func appendBig(dst []byte, c *big.Int) []byte {
	k := uint64(c.BitLen()+7) / 8
	sign := uint64(0)
	if c.Sign() < 0 {
		sign = 1
	}
	dst = binary.AppendUvarint(dst, k<<1|sign)
	at := len(dst)
	dst = append(dst, make([]byte, k)...)
	c.FillBytes(dst[at:])
	return dst
}

// maxScale is numeric's greatest display scale.
const maxScale = 16383

func decodeNumerics(out []types.Numeric, src []byte) bool {
	for i := range out {
		tag, k := binary.Uvarint(src)
		if k <= 0 || tag>>2 > maxScale {
			return false
		}
		src = src[k:]
		scale := int32(tag >> 2)
		switch tag & 3 {
		case numSmall:
			c, k := binary.Varint(src)
			if k <= 0 {
				return false
			}
			out[i], src = types.NumericScaled(c, scale), src[k:]
		case numBig:
			head, k := binary.Uvarint(src)
			if k <= 0 || head>>1 > uint64(len(src)-k) {
				return false
			}
			end := k + int(head>>1)
			c := new(big.Int).SetBytes(src[k:end])
			if head&1 != 0 {
				c.Neg(c)
			}
			out[i], src = types.NumericBig(c, scale), src[end:]
		case numSpecial:
			if scale < int32(types.NumNaN) || scale > int32(types.NumNegInf) {
				return false
			}
			out[i] = types.NumericSpecial(types.NumForm(scale))
		default:
			return false
		}
	}
	return len(src) == 0
}

// Intervals are three streams of integers.

func (e *Encoder) appendIntervals(dst []byte, v []types.Interval) ([]byte, byte) {
	same := true
	for _, x := range v {
		same = same && x == v[0]
	}
	if same {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(v[0].Months))
		dst = binary.LittleEndian.AppendUint32(dst, uint32(v[0].Days))
		return binary.LittleEndian.AppendUint64(dst, uint64(v[0].Micros)), formConst
	}
	e.ints = resize(e.ints, len(v))
	for part := range 3 {
		for i, x := range v {
			e.ints[i] = [...]int64{int64(x.Months), int64(x.Days), x.Micros}[part]
		}
		lo, hi := bounds(e.ints)
		dst = appendInts(dst, e.ints, lo, hi)
	}
	return dst, formInter
}

func decodeIntervals(out []types.Interval, body []byte) bool {
	n := len(out)
	months, rest, ok := readInts(body, n)
	if !ok {
		return false
	}
	days, rest, ok := readInts(rest, n)
	if !ok {
		return false
	}
	micros, rest, ok := readInts(rest, n)
	if !ok || len(rest) != 0 {
		return false
	}
	for i := range out {
		out[i] = types.Interval{Months: int32(months.at(i)), Days: int32(days.at(i)), Micros: micros.at(i)}
	}
	return true
}
