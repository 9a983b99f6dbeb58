package types

import "github.com/streamsqld/streamsqld/internal/pgerr"

// IntBits is the cast of an integer to bit(mod): its low bits, after copies of
// its sign; one bit without a length.
func IntBits(v, mod int64) string {
	if mod <= 0 || mod > maxBitLen {
		mod = 1
	}
	out := MakeBits(int(mod))
	pad := int(-mod & 7)
	for k := range len(out) - 1 {
		b := byte(v << pad)
		if k > 0 {
			b = byte(v >> (8*k - pad))
		}
		out[len(out)-1-k] = b
	}
	return string(FinishBits(out))
}

// BitsInt4 is the cast of a bit string to integer: up to 32 bits, the highest of
// which is the sign; 22003 for more.
func BitsInt4(s string) (int64, error) {
	n, err := bitsInt(Bits(s), 32, "integer")
	return int64(int32(n)), err
}

// BitsInt8 is the cast of a bit string to bigint: up to 64 bits.
func BitsInt8(s string) (int64, error) { return bitsInt(Bits(s), 64, "bigint") }

func bitsInt(b Bits, n int, name string) (int64, error) {
	if b.Len() > n {
		return 0, pgerr.New(pgerr.NumericValueOutOfRange, "%s out of range", name)
	}
	v := uint64(0)
	for i := range b.Len() {
		v = v<<1 | uint64(b.At(i))
	}
	return int64(v), nil
}
