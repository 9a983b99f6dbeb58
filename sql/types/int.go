package types

import (
	"math"
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Codecs of int2, int4, int8 and of the unsigned numbers oid, xid, cid, xid8,
// pg_lsn, and tid.

var (
	int2Codec = &codec{in: intIn(16), out: intOut, recv: int2Recv, send: int2Send}
	int4Codec = &codec{in: intIn(32), out: intOut, recv: int4Recv, send: int4Send}
	int8Codec = &codec{in: intIn(64), out: intOut, recv: int8Recv, send: int8Send}

	oidCodec  = &codec{in: oidIn, out: intOut, recv: oidRecv, send: int4Send}
	xidCodec  = &codec{in: xidIn, out: intOut, recv: oidRecv, send: int4Send}
	xid8Codec = &codec{in: xid8In, out: uint64Out, recv: uint64Recv, send: uint64Send}
	lsnCodec  = &codec{in: lsnIn, out: lsnOut, recv: uint64Recv, send: uint64Send}
	tidCodec  = &codec{in: tidIn, out: tidOut, recv: tidRecv, send: tidSend}
)

// IntTypeName is the SQL name that messages use for an integer type.
func IntTypeName(bits int) string {
	switch bits {
	case 16:
		return "smallint"
	case 32:
		return "integer"
	}
	return "bigint"
}

// ErrIntRange is the 22003 of a computed integer: "integer out of range".
func ErrIntRange(bits int) error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "%s out of range", IntTypeName(bits))
}

func intIn(bits int) func(*Env, *Type, string, int32) (Datum, error) {
	return func(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
		n, err := ParseIntText(s, bits)
		return NewInt(n), err
	}
}

// isSpace is C's isspace.
func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func trimSpaces(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// ParseIntText reads a decimal integer of 16, 32 or 64 bits as int4in does:
// blanks around it, one sign; 22P02 or 22003.
func ParseIntText(s string, bits int) (int64, error) {
	if n, ok := ParseInt(s); ok && fitsBits(n, bits) {
		return n, nil
	}
	i := 0
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	neg := false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		neg = s[i] == '-'
		i++
	}
	// The number is kept negative, as the least one has no positive. What
	// overflows is out of range even if other characters follow.
	n, start, least := int64(0), i, int64(-1)<<(bits-1)
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		d := int64(s[i] - '0')
		if n < (least+d)/10 {
			return 0, errIntTextRange(s, bits)
		}
		n = n*10 - d
	}
	if i == start || trimSpaces(s[i:]) != "" {
		return 0, errSyntaxFor(IntTypeName(bits), s)
	}
	if neg {
		return n, nil
	}
	if n == least {
		return 0, errIntTextRange(s, bits)
	}
	return -n, nil
}

func errIntTextRange(s string, bits int) error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "value \"%s\" is out of range for type %s", s, IntTypeName(bits))
}

// errSyntaxFor is the usual 22P02 of an input function.
func errSyntaxFor(typ, s string) error {
	return pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type %s: \"%s\"", typ, s)
}

func fitsBits(n int64, bits int) bool {
	switch bits {
	case 16:
		return n == int64(int16(n))
	case 32:
		return n == int64(int32(n))
	}
	return true
}

// ParseInt reads an integer in its plainest form (optional minus, at most 18
// digits, nothing else); ok is false for any other text, which the type's In
// has to judge.
func ParseInt[S ~string | ~[]byte](s S) (n int64, ok bool) {
	i := 0
	if len(s) > 0 && s[0] == '-' {
		i = 1
	}
	if len(s) == i || len(s)-i > 18 {
		return 0, false
	}
	for ; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	if s[0] == '-' {
		n = -n
	}
	return n, true
}

func intOut(_ *Env, _ *Type, dst []byte, d Datum) []byte { return AppendInt(dst, d.i) }

// digitPairs holds "00" … "99".
const digitPairs = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849" +
	"5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"

// AppendInt appends n in decimal.
func AppendInt(dst []byte, n int64) []byte {
	if n < 0 {
		if n == math.MinInt64 {
			return append(dst, "-9223372036854775808"...)
		}
		dst = append(dst, '-')
		n = -n
	}
	if n < 100 {
		if n < 10 {
			return append(dst, byte('0'+n))
		}
		return append(dst, digitPairs[n*2], digitPairs[n*2+1])
	}
	var buf [20]byte
	i := len(buf)
	u := uint64(n)
	for u >= 100 {
		q := u / 100
		p := (u - q*100) * 2
		u = q
		i -= 2
		buf[i], buf[i+1] = digitPairs[p], digitPairs[p+1]
	}
	if u < 10 {
		i--
		buf[i] = byte('0' + u)
	} else {
		i -= 2
		buf[i], buf[i+1] = digitPairs[u*2], digitPairs[u*2+1]
	}
	return append(dst, buf[i:]...)
}

func int2Recv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) { return NewInt(int64(r.i16())), nil }
func int4Recv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) { return NewInt(int64(r.i32())), nil }
func int8Recv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) { return NewInt(r.i64()), nil }
func oidRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error)  { return NewInt(int64(r.u32())), nil }

func int2Send(_ *Env, _ *Type, dst []byte, d Datum) []byte { return appendU16(dst, uint16(d.i)) }
func int4Send(_ *Env, _ *Type, dst []byte, d Datum) []byte { return appendU32(dst, uint32(d.i)) }
func int8Send(_ *Env, _ *Type, dst []byte, d Datum) []byte { return appendU64(dst, uint64(d.i)) }

func oidIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	n, rest, ok, over := strtoul(s, 10)
	if !ok || trimSpaces(rest) != "" {
		return Null, errSyntaxFor("oid", s)
	}
	// A 64-bit strtoul is accepted where a 32-bit one, signed or not, would be.
	if over || n != uint64(uint32(n)) && n != uint64(int64(int32(n))) {
		return Null, pgerr.New(pgerr.NumericValueOutOfRange, "value \"%s\" is out of range for type oid", s)
	}
	return NewInt(int64(uint32(n))), nil
}

// xidIn is strtoul without any complaint.
func xidIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	n, _, _, _ := strtoul(s, 0)
	return NewInt(int64(uint32(n))), nil
}

func xid8In(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	n, _, _, _ := strtoul(s, 0)
	return NewInt(PackUint64(n)), nil
}

// strtoul is C's: blanks, a sign (a negative number wraps), digits in the base
// (0: C's prefixes). ok tells that there was a number, over that it overflowed.
func strtoul(s string, base uint64) (n uint64, rest string, ok, over bool) {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	if base == 0 {
		base = 10
		if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' && hexVal(s[2]) >= 0 {
			base, s = 16, s[2:]
		} else if s != "" && s[0] == '0' {
			base = 8
		}
	}
	i := 0
	for ; i < len(s); i++ {
		v := hexVal(s[i])
		if v < 0 || uint64(v) >= base {
			break
		}
		if n > (math.MaxUint64-uint64(v))/base {
			over = true
		}
		n = n*base + uint64(v)
	}
	if over {
		return math.MaxUint64, s[i:], true, true
	}
	if neg {
		n = -n
	}
	return n, s[i:], i > 0, false
}

func hexVal(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c - 'a' + 10)
	case c >= 'A' && c <= 'F':
		return int(c - 'A' + 10)
	}
	return -1
}

// PackUint64 gives the physical form of an unsigned 64-bit number (xid8,
// pg_lsn): shifted by 2^63, so that it sorts as a signed one does.
func PackUint64(u uint64) int64 { return int64(u ^ 1<<63) }

// UnpackUint64 undoes PackUint64.
func UnpackUint64(i int64) uint64 { return uint64(i) ^ 1<<63 }

func uint64Out(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	return strconv.AppendUint(dst, UnpackUint64(d.i), 10)
}

func uint64Recv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	return NewInt(PackUint64(r.u64())), nil
}

func uint64Send(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	return appendU64(dst, UnpackUint64(d.i))
}

func lsnIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	hi, rest, ok1 := hexRun(s)
	if !ok1 || rest == "" || rest[0] != '/' {
		return Null, errSyntaxFor("pg_lsn", s)
	}
	lo, rest, ok2 := hexRun(rest[1:])
	if !ok2 || rest != "" {
		return Null, errSyntaxFor("pg_lsn", s)
	}
	return NewInt(PackUint64(hi<<32 | lo)), nil
}

// hexRun reads one to eight hexadecimal digits.
func hexRun(s string) (n uint64, rest string, ok bool) {
	i := 0
	for i < len(s) && hexVal(s[i]) >= 0 {
		n = n<<4 | uint64(hexVal(s[i]))
		if i++; i > 8 {
			return 0, s, false
		}
	}
	return n, s[i:], i > 0
}

func lsnOut(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	u := UnpackUint64(d.i)
	dst = appendUpperHex(dst, u>>32)
	dst = append(dst, '/')
	return appendUpperHex(dst, u&math.MaxUint32)
}

func appendUpperHex(dst []byte, u uint64) []byte {
	n := len(dst)
	dst = strconv.AppendUint(dst, u, 16)
	for i := n; i < len(dst); i++ {
		if dst[i] >= 'a' {
			dst[i] -= 'a' - 'A'
		}
	}
	return dst
}

// A tid's physical form is block << 16 | offset.

func tidIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	bad := func() (Datum, error) { return Null, errSyntaxFor("tid", s) }
	if s == "" || s[0] != '(' {
		return bad()
	}
	block, rest, _, over := strtoul(s[1:], 10)
	if over || rest == "" || rest[0] != ',' || block != uint64(uint32(block)) && block != uint64(int64(int32(block))) {
		return bad()
	}
	off, rest, _, over := strtoul(rest[1:], 10)
	if over || rest == "" || rest[0] != ')' || off > math.MaxUint16 {
		return bad()
	}
	return NewInt(int64(uint32(block))<<16 | int64(off)), nil
}

func tidOut(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	dst = append(dst, '(')
	dst = AppendInt(dst, d.i>>16)
	dst = append(dst, ',')
	dst = AppendInt(dst, d.i&math.MaxUint16)
	return append(dst, ')')
}

func tidRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	block := r.u32()
	return NewInt(int64(block)<<16 | int64(r.u16())), nil
}

func tidSend(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	return appendU16(appendU32(dst, uint32(d.i>>16)), uint16(d.i))
}
