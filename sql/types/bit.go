package types

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Bits is a value of bit or bit varying in its physical form: the number of
// unused bits of the last byte (0 to 7), then the bits, eight to a byte from the
// highest one; unused bits are 0. "" is the bit string of no bits, too.
//
// Bit strings sort as their bytes do and then by length.
type Bits string

var (
	bitCodec    = &codec{in: bitIn, out: bitOut, recv: bitRecv, send: bitSend, cmp: bitCmp}
	varbitCodec = &codec{in: bitIn, out: bitOut, recv: bitRecv, send: bitSend, cmp: bitCmp}
)

// maxBitLen is the number of bits there can be at most.
const maxBitLen = 0x7ffffff8

// Len is the number of bits.
func (b Bits) Len() int {
	if b == "" {
		return 0
	}
	return (len(b)-1)*8 - int(b[0])
}

// Data gives the bytes.
func (b Bits) Data() string {
	if b == "" {
		return ""
	}
	return string(b[1:])
}

// At gives bit i: 0 or 1.
func (b Bits) At(i int) int { return int(b[1+i/8]>>(7-i%8)) & 1 }

// Cmp compares two bit strings.
func (b Bits) Cmp(c Bits) int {
	x, y := b.Data(), c.Data()
	n := min(len(x), len(y))
	if d := strings.Compare(x[:n], y[:n]); d != 0 {
		return d
	}
	return cmpInt(int64(b.Len()), int64(c.Len()))
}

// MakeBits makes n zero bits to be set; see Finish.
func MakeBits(n int) []byte {
	b := make([]byte, 1+(n+7)/8)
	b[0] = byte(-n & 7)
	return b
}

// FinishBits makes a bit string of what MakeBits gave, clearing unused bits.
func FinishBits(b []byte) Bits {
	if len(b) > 1 {
		b[len(b)-1] &= 0xff << b[0]
	}
	return Bits(b)
}

// Slice gives n bits from bit i on (both within the bit string).
func (b Bits) Slice(i, n int) Bits {
	if n <= 0 {
		return Bits(MakeBits(0))
	}
	out, data := MakeBits(n), b[1+i/8:]
	s := i % 8
	for k := range out[1:] {
		v := data[k] << s
		if s > 0 && k+1 < len(data) {
			v |= data[k+1] >> (8 - s)
		}
		out[1+k] = v
	}
	return FinishBits(out)
}

// Concat puts c behind b; 54000 when that is too long.
func (b Bits) Concat(c Bits) (Bits, error) {
	n, m := b.Len(), c.Len()
	if n+m > maxBitLen {
		return "", errBitsTooMany()
	}
	out := MakeBits(n + m)
	copy(out[1:], b.Data())
	s, at := n%8, 1+n/8
	for i, v := range []byte(c.Data()) {
		out[at+i] |= v >> s
		if s > 0 && at+i+1 < len(out) {
			out[at+i+1] = v << (8 - s)
		}
	}
	return FinishBits(out), nil
}

// Resize cuts the bit string to n bits or fills it up with zeros.
func (b Bits) Resize(n int) Bits {
	if n <= b.Len() {
		return b.Slice(0, n)
	}
	out := MakeBits(n)
	copy(out[1:], b.Data())
	return FinishBits(out)
}

func errBitsTooMany() error {
	return pgerr.New(pgerr.ProgramLimitExceeded, "bit string length exceeds the maximum allowed (%d)", maxBitLen)
}

func errBitLength(n, mod int) error {
	return pgerr.New(pgerr.StringDataLengthMismatch, "bit string length %d does not match type bit(%d)", n, mod)
}

func errVarbitLength(mod int) error {
	return pgerr.New(pgerr.StringDataRightTruncation, "bit string too long for type bit varying(%d)", mod)
}

// CoerceBit applies a bit modifier: an explicit cast cuts or fills up, others
// fail with 22026 unless the length is right.
func CoerceBit(s string, mod int32, explicit bool) (string, error) {
	b, n := Bits(s), int(mod)
	switch {
	case n <= 0 || n > maxBitLen || n == b.Len():
		return s, nil
	case !explicit:
		return "", errBitLength(b.Len(), n)
	}
	return string(b.Resize(n)), nil
}

// CoerceVarbit applies a bit varying modifier: an explicit cast cuts, others fail
// with 22001 when the bit string is too long.
func CoerceVarbit(s string, mod int32, explicit bool) (string, error) {
	b, n := Bits(s), int(mod)
	switch {
	case n <= 0 || n >= b.Len():
		return s, nil
	case !explicit:
		return "", errVarbitLength(n)
	}
	return string(b.Slice(0, n)), nil
}

// checkBits is the length check of input functions.
func checkBits(t *Type, n int, mod int32) error {
	switch {
	case mod <= 0:
	case t.OID == BitOID && n != int(mod):
		return errBitLength(n, int(mod))
	case t.OID == VarbitOID && n > int(mod):
		return errVarbitLength(int(mod))
	}
	return nil
}

// bitIn reads binary digits, perhaps behind a b, or hexadecimal ones behind an x.
func bitIn(_ *Env, t *Type, s string, mod int32) (Datum, error) {
	width, digits := 1, s
	if s != "" {
		switch s[0] {
		case 'b', 'B':
			digits = s[1:]
		case 'x', 'X':
			width, digits = 4, s[1:]
		}
	}
	n := len(digits) * width
	if n > maxBitLen {
		return Null, errBitsTooMany()
	}
	if err := checkBits(t, n, mod); err != nil {
		return Null, err
	}
	out := MakeBits(n)
	for i := range len(digits) {
		v := hexVal(digits[i])
		if v < 0 || v >= 1<<width {
			kind := map[int]string{1: "binary", 4: "hexadecimal"}[width]
			rest := digits[i:]
			return Null, pgerr.New(pgerr.InvalidTextRepresentation, "\"%s\" is not a valid %s digit", rest[:charOffset(rest, 1)], kind)
		}
		at := i * width
		out[1+at/8] |= byte(v) << (8 - width - at%8)
	}
	return NewString(string(out)), nil
}

func bitOut(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	b := Bits(d.s)
	for i := range b.Len() {
		dst = append(dst, '0'+byte(b.At(i)))
	}
	return dst
}

// bitRecv reads the number of bits and the bytes.
func bitRecv(_ *Env, t *Type, r *reader, mod int32) (Datum, error) {
	n := int(r.i32())
	if n < 0 || n > maxBitLen {
		return Null, errBinary("invalid length in external bit string")
	}
	if err := checkBits(t, n, mod); err != nil {
		return Null, err
	}
	data := r.take((n + 7) / 8)
	if r.short {
		return Null, errShort()
	}
	out := MakeBits(n)
	copy(out[1:], data)
	return NewString(string(FinishBits(out))), nil
}

func bitSend(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	b := Bits(d.s)
	return append(appendU32(dst, uint32(b.Len())), b.Data()...)
}

func bitCmp(_ *Type, a, b string) int { return Bits(a).Cmp(Bits(b)) }
