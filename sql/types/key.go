package types

import (
	"encoding/binary"
	"math"
	"strings"
)

// Keys are order-preserving byte forms of values, for sorting and for indexes:
//
//	K1: the bytes of two keys of one type compare as the values do in SQL; keys
//	    are the same bytes exactly when the values are equal.
//	K2: no key is a prefix of another one of its type, so that keys of several
//	    columns may be put one after the other, and the bytes of a key inverted
//	    sort the other way round.
//
// NULL has no key; the caller marks it (vec.AppendSortKey).
//
// Forms: bool one byte; int2, int4, date, oid and kin 2 or 4 bytes, other
// integers and enums 8, big-endian with the sign inverted; float4 and float8 4
// and 8 bytes of the bits, inverted for negative ones; numeric: class, exponent
// and base-100 digits; interval: days and microseconds; characters and bytea: 0
// as 0 255, ended by 0 1; inet and macaddr so, too; bit strings so, and the bits
// used of the last byte; uuid: its bytes; arrays, records and jsonb: see below.

// AppendKey appends the key of a value of type t that is not NULL.
func AppendKey(dst []byte, t *Type, d Datum) []byte {
	t = t.Underlying()
	switch t.Kind {
	case Bool:
		return append(dst, byte(d.i))
	case Int:
		return AppendIntKey(dst, elemWidth(t), t, d.i)
	case Float:
		if t.Len == 4 {
			return AppendFloat4Key(dst, d.Float())
		}
		return AppendFloatKey(dst, d.Float())
	case Numer:
		return AppendNumericKey(dst, d.Numeric())
	case Inter:
		return AppendIntervalKey(dst, d.Interval())
	}
	return appendStrKey(dst, t, d.s)
}

// KeyWidth is the number of bytes that every key of the type has, 0 when they
// differ.
func KeyWidth(t *Type) int {
	t = t.Underlying()
	switch t.Kind {
	case Inter:
		return intervalKeyWidth
	case Bytes:
		if t.OID == UUIDOID {
			return 16
		}
		return 0
	}
	return elemWidth(t)
}

// AppendIntKey appends the key of an integer whose keys have width bytes
// (KeyWidth of t).
func AppendIntKey(dst []byte, width int, t *Type, n int64) []byte {
	switch width {
	case 4:
		u := uint32(n)
		if !unsigned4(t) {
			u ^= 1 << 31
		}
		return binary.BigEndian.AppendUint32(dst, u)
	case 2:
		return binary.BigEndian.AppendUint16(dst, uint16(n)^1<<15)
	}
	return binary.BigEndian.AppendUint64(dst, uint64(n)^1<<63)
}

// AppendFloatKey appends the key of a float8; 0 and -0 have one, and NaNs.
func AppendFloatKey(dst []byte, f float64) []byte {
	b := math.Float64bits(f)
	switch {
	case f != f:
		b = math.MaxUint64
	case f == 0:
		b = 1 << 63
	case b>>63 != 0:
		b = ^b
	default:
		b |= 1 << 63
	}
	return binary.BigEndian.AppendUint64(dst, b)
}

// AppendFloat4Key appends the key of a float4.
func AppendFloat4Key(dst []byte, f float64) []byte {
	b := math.Float32bits(float32(f))
	switch {
	case f != f:
		b = math.MaxUint32
	case f == 0:
		b = 1 << 31
	case b>>31 != 0:
		b = ^b
	default:
		b |= 1 << 31
	}
	return binary.BigEndian.AppendUint32(dst, b)
}

const intervalKeyWidth = 11

// AppendIntervalKey appends the key of an interval's length.
func AppendIntervalKey(dst []byte, v Interval) []byte {
	days, micros := v.spanned()
	u := uint64(days) ^ 1<<47
	dst = append(dst, byte(u>>40), byte(u>>32), byte(u>>24), byte(u>>16), byte(u>>8), byte(u))
	return append(dst, byte(micros>>32), byte(micros>>24), byte(micros>>16), byte(micros>>8), byte(micros))
}

// The classes of numbers, in order.
const (
	numKeyNegInf = iota
	numKeyNegative
	numKeyZero
	numKeyPositive
	numKeyPosInf
	numKeyNaN
)

// AppendNumericKey appends the key of a numeric: its class and, unless that
// says all, three bytes of exponent (of the number written as 0.ddd·10^e) and
// the digits in pairs, each one more than it is, up to the last that is not 0,
// and a 0. All but the class is inverted for negative numbers.
func AppendNumericKey(dst []byte, n Numeric) []byte {
	switch {
	case n.form != NumFinite:
		return append(dst, [...]byte{NumNaN: numKeyNaN, NumPosInf: numKeyPosInf, NumNegInf: numKeyNegInf}[n.form])
	case n.big != nil:
		return appendBigKey(dst, n)
	case n.coef == 0:
		return append(dst, numKeyZero)
	}
	u := magnitude(n.coef)
	digits := digitCount64(u)
	// All 20 digits left-aligned are at most ten pairs.
	var pairs [10]byte
	if digits%2 != 0 {
		pairs[digits/2] = byte(u%10)*10 + 1
		u /= 10
	}
	last := (digits+1)/2 - 1
	for i := digits/2 - 1; i >= 0; i-- {
		pairs[i] = byte(u%100) + 1
		u /= 100
	}
	for last > 0 && pairs[last] == 1 {
		last--
	}
	return appendDigitsKey(dst, pairs[:last+1], digits-int(n.scale), n.coef < 0)
}

func appendDigitsKey(dst []byte, pairs []byte, exp int, neg bool) []byte {
	class := byte(numKeyPositive)
	if neg {
		class = numKeyNegative
	}
	e := uint32(exp + 1<<20)
	dst = append(dst, class)
	from := len(dst)
	dst = append(dst, byte(e>>16), byte(e>>8), byte(e))
	dst = append(append(dst, pairs...), 0)
	if neg {
		invert(dst[from:])
	}
	return dst
}

func invert(b []byte) {
	for i := range b {
		b[i] = ^b[i]
	}
}

func appendBigKey(dst []byte, n Numeric) []byte {
	text := strings.TrimPrefix(n.big.Text(10), "-")
	exp := len(text) - int(n.scale)
	text = strings.TrimRight(text, "0")
	pairs := make([]byte, 0, len(text)/2+1)
	for i := 0; i < len(text); i += 2 {
		p := (text[i] - '0') * 10
		if i+1 < len(text) {
			p += text[i+1] - '0'
		}
		pairs = append(pairs, p+1)
	}
	return appendDigitsKey(dst, pairs, exp, n.big.Sign() < 0)
}

// AppendTextKey appends the key of characters or bytes that sort as their
// bytes do.
func AppendTextKey(dst []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, 0)
		if i < 0 {
			return append(append(dst, s...), 0, 1)
		}
		dst = append(append(dst, s[:i]...), 0, 255)
		s = s[i+1:]
	}
}

func appendStrKey(dst []byte, t *Type, s string) []byte {
	switch {
	case t.OID == BpcharOID:
		return AppendTextKey(dst, TrimBpchar(s))
	case t.OID == UUIDOID && len(s) == 16:
		return append(dst, s...)
	case t.OID == BitOID || t.OID == VarbitOID:
		b := Bits(s)
		return append(AppendTextKey(dst, b.Data()), byte(8-(-b.Len()&7)))
	case t.OID == JSONBOID:
		return JSONB(s).appendTopKey(dst)
	case t.OID == TSVectorOID:
		return appendTSVectorKey(dst, s)
	case t.OID == TSQueryOID:
		return appendTSQueryKey(dst, s)
	case t.IsVector:
		h := HeadOfArray(s)
		return appendArrayKey(binary.BigEndian.AppendUint32(dst, uint32(h.N)), t, s)
	case t.IsArray():
		return appendArrayKey(dst, t, s)
	case t.Class == Range:
		return appendRangeKey(dst, t, DecodeRange(t, s))
	case t.Class == Multirange:
		return appendMultirangeKey(dst, t, s)
	case t.Class == Composite || t.OID == RecordOID:
		return appendRecordKey(dst, s)
	}
	return AppendTextKey(dst, s)
}

// What stands in front of each item of an array or a record, and behind the
// last one: shorter ones sort first, NULLs last.
const (
	keyEnd = iota
	keyItem
	keyNull
)

// appendArrayKey appends the elements, then what makes arrays with the same
// elements differ: dimensions and lower bounds.
func appendArrayKey(dst []byte, t *Type, s string) []byte {
	it := IterArray(t.Elem, s)
	for {
		d, ok := it.Next()
		if !ok {
			break
		}
		if d.IsNull() {
			dst = append(dst, keyNull)
			continue
		}
		dst = AppendKey(append(dst, keyItem), t.Elem, d)
	}
	dst = append(dst, keyEnd, byte(it.NDim))
	for _, d := range it.Dims[:it.NDim] {
		dst = binary.BigEndian.AppendUint32(dst, uint32(d))
	}
	for _, l := range it.Lower[:it.NDim] {
		dst = binary.BigEndian.AppendUint32(dst, uint32(l)^1<<31)
	}
	return dst
}

func appendRecordKey(dst []byte, s string) []byte {
	it := IterRecord(s)
	for {
		t, d, ok := it.Next()
		if !ok {
			return append(dst, keyEnd)
		}
		if d.IsNull() {
			dst = append(dst, keyNull)
			continue
		}
		dst = AppendKey(append(dst, keyItem), t, d)
	}
}

// appendTopKey is appendKey, but an empty array sorts below everything.
func (j JSONB) appendTopKey(dst []byte) []byte {
	if j.emptyArray() {
		return append(dst, 0)
	}
	return j.appendKey(dst)
}

// appendKey appends the kind and the value; of containers the number of items
// and the items.
func (j JSONB) appendKey(dst []byte) []byte {
	dst = append(dst, byte(j.Kind())+1)
	switch j.Kind() {
	case JSONString:
		return AppendTextKey(dst, j.Str())
	case JSONNumber:
		return AppendNumericKey(dst, j.Number())
	case JSONArray:
		dst = binary.BigEndian.AppendUint32(dst, uint32(j.Len()))
		for e := range j.Elems() {
			dst = e.appendKey(dst)
		}
	case JSONObject:
		dst = binary.BigEndian.AppendUint32(dst, uint32(j.Len()))
		for k, v := range j.Pairs() {
			dst = v.appendKey(AppendTextKey(dst, k))
		}
	}
	return dst
}
