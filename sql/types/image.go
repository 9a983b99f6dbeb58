package types

import (
	"encoding/binary"
	"math/big"
)

// The image of a value is its bytes inside an array or a record. A value has
// one image, so that arrays and records with the same image are the same bytes.

// appendImage appends the image of a value of type t.
func appendImage(dst []byte, t *Type, d Datum) []byte {
	switch t.Underlying().Kind {
	case Bool:
		return append(dst, byte(d.i))
	case Int:
		return binary.AppendVarint(dst, d.i)
	case Float:
		return binary.LittleEndian.AppendUint64(dst, uint64(d.i))
	case Numer:
		return d.Numeric().appendImage(dst)
	case Inter:
		dst = binary.LittleEndian.AppendUint64(dst, uint64(d.i))
		return binary.LittleEndian.AppendUint64(dst, uint64(d.j))
	}
	return append(dst, d.s...)
}

// readImage reads what appendImage wrote. Bytes values share s.
func readImage(t *Type, s string) Datum {
	switch t.Underlying().Kind {
	case Bool:
		return NewBool(len(s) > 0 && s[0] != 0)
	case Int:
		n, _ := stringVarint(s)
		return NewInt(n)
	case Float:
		return Datum{kind: Float, i: int64(le64(s))}
	case Numer:
		return NewNumeric(readNumericImage(s))
	case Inter:
		if len(s) < 16 {
			return NewInterval(Interval{})
		}
		return Datum{kind: Inter, i: int64(le64(s)), j: int64(le64(s[8:]))}
	}
	return NewString(s)
}

func le64(s string) uint64 {
	if len(s) < 8 {
		return 0
	}
	return uint64(le32(s)) | uint64(le32(s[4:]))<<32
}

func le32(s string) uint32 {
	if len(s) < 4 {
		return 0
	}
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// stringUvarint is binary.Uvarint of a string; n is 0 when s is too short.
func stringUvarint(s string) (x uint64, n int) {
	for i := 0; i < len(s) && i < binary.MaxVarintLen64; i++ {
		x |= uint64(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			return x, i + 1
		}
	}
	return 0, 0
}

func stringVarint(s string) (x int64, n int) {
	u, n := stringUvarint(s)
	return int64(u>>1) ^ -int64(u&1), n
}

const (
	numImageForm = 3 // mask
	numImageBig  = 4
	numImageNeg  = 8
)

// appendImage appends form, scale and coefficient.
func (n Numeric) appendImage(dst []byte) []byte {
	head := byte(n.form)
	if n.form != NumFinite {
		return append(dst, head)
	}
	if n.big == nil {
		dst = binary.AppendUvarint(append(dst, head), uint64(n.scale))
		return binary.AppendVarint(dst, n.coef)
	}
	head |= numImageBig
	if n.big.Sign() < 0 {
		head |= numImageNeg
	}
	dst = binary.AppendUvarint(append(dst, head), uint64(n.scale))
	return append(dst, n.big.Bytes()...)
}

func readNumericImage(s string) Numeric {
	if s == "" {
		return Numeric{}
	}
	head := s[0]
	if form := NumForm(head & numImageForm); form != NumFinite {
		return Numeric{form: form}
	}
	scale, k := stringUvarint(s[1:])
	s = s[1+k:]
	if head&numImageBig == 0 {
		coef, _ := stringVarint(s)
		return Numeric{coef: coef, scale: int32(scale)}
	}
	c := new(big.Int).SetBytes([]byte(s))
	if head&numImageNeg != 0 {
		c.Neg(c)
	}
	return NumericBig(c, int32(scale))
}
