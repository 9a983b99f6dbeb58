package types

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

var numericCodec = &codec{in: numericIn, out: numericOut, recv: numericRecv, send: numericSend}

func numericIn(_ *Env, _ *Type, s string, mod int32) (Datum, error) {
	n, err := ParseNumeric(s)
	if err != nil {
		return Null, err
	}
	if mod != NoMod {
		if n, err = NumericTypmod(n, mod); err != nil {
			return Null, err
		}
	}
	return NewNumeric(n), nil
}

func numericOut(_ *Env, _ *Type, dst []byte, d Datum) []byte { return d.Numeric().Append(dst) }

// ParseNumeric reads a numeric as numeric_in does: a decimal number with an
// optional exponent, NaN, or an infinity; 22P02 or 22003.
func ParseNumeric(s string) (Numeric, error) {
	if n, ok := ParseNumericFast(s); ok {
		return n, nil
	}
	t := trimSpaces(s)
	if n, ok := specialNumeric(t); ok {
		return n, nil
	}
	d, ok := scanDecimal(t)
	if !ok {
		return Numeric{}, errSyntaxFor("numeric", s)
	}
	return d.numeric()
}

// ParseNumericFast reads a number of the form -123.45 with at most 18 digits;
// ok is false for any other text, which ParseNumeric has to judge.
func ParseNumericFast[S ~string | ~[]byte](s S) (n Numeric, ok bool) {
	i := 0
	if len(s) > 0 && s[0] == '-' {
		i = 1
	}
	if len(s)-i > 19 {
		return n, false
	}
	m, point, start := int64(0), -1, i
	for ; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			if s[i] != '.' || point >= 0 {
				return n, false
			}
			point = i
			continue
		}
		m = m*10 + int64(c)
	}
	digits, scale := len(s)-start, 0
	if point >= 0 {
		digits--
		scale = len(s) - point - 1
	}
	if digits == 0 || digits > 18 {
		return n, false
	}
	if start == 1 {
		m = -m
	}
	return Numeric{coef: m, scale: int32(scale)}, true
}

func specialNumeric(t string) (Numeric, bool) {
	switch strings.ToLower(t) {
	case "nan":
		return numNaN, true
	case "inf", "infinity", "+inf", "+infinity":
		return numPosInf, true
	case "-inf", "-infinity":
		return numNegInf, true
	}
	return Numeric{}, false
}

// decimal is the parts of a decimal literal.
type decimal struct {
	neg       bool
	int, frac string
	exp       int
	huge      bool // the exponent is beyond any limit
}

// scanDecimal takes [+-]digits[.digits][e[+-]digits] apart; at least one digit
// before or after the point.
func scanDecimal(t string) (d decimal, ok bool) {
	if t != "" && (t[0] == '-' || t[0] == '+') {
		d.neg, t = t[0] == '-', t[1:]
	}
	d.int, t = digitRun(t)
	if t != "" && t[0] == '.' {
		d.frac, t = digitRun(t[1:])
	}
	if d.int == "" && d.frac == "" {
		return d, false
	}
	if t != "" && (t[0] == 'e' || t[0] == 'E') {
		// The exponent is what strtol reads, so blanks may precede it, and one
		// out of range is found before what follows it.
		neg := false
		if t = strings.TrimLeft(t[1:], spaces); t != "" && (t[0] == '-' || t[0] == '+') {
			neg, t = t[0] == '-', t[1:]
		}
		var digits string
		if digits, t = digitRun(t); digits == "" {
			return d, false
		}
		n, err := strconv.ParseInt(digits, 10, 32)
		if d.huge = err != nil || n >= math.MaxInt32/2; d.huge {
			return d, true
		}
		if neg {
			n = -n
		}
		d.exp = int(n)
	}
	return d, t == ""
}

func digitRun(s string) (digits, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

// numeric gives the value with the scale that the literal shows.
func (d decimal) numeric() (Numeric, error) {
	if d.huge {
		return Numeric{}, errNumericOverflow()
	}
	digits := strings.TrimLeft(d.int+d.frac, "0")
	scale := len(d.frac) - d.exp
	if len(digits)-scale > numMaxIntDigits && digits != "" || scale > numMaxScale {
		return Numeric{}, errNumericOverflow()
	}
	if digits == "" {
		return zeroScaled(int32(max(scale, 0))), nil
	}
	if scale < 0 {
		digits += strings.Repeat("0", -scale)
		scale = 0
	}
	n := Numeric{scale: int32(scale)}
	if len(digits) <= 18 {
		n.coef, _ = strconv.ParseInt(digits, 10, 64)
	} else {
		c, _ := new(big.Int).SetString(digits, 10)
		n = NumericBig(c, n.scale)
	}
	if d.neg {
		n = NumericNeg(n)
	}
	return n, nil
}

// String is the text form.
func (n Numeric) String() string { return string(n.Append(nil)) }

// Append appends the text form.
func (n Numeric) Append(dst []byte) []byte {
	switch {
	case n.form == NumNaN:
		return append(dst, "NaN"...)
	case n.form == NumPosInf:
		return append(dst, "Infinity"...)
	case n.form == NumNegInf:
		return append(dst, "-Infinity"...)
	case n.big == nil:
		return AppendScaled(dst, n.coef, n.scale)
	}
	s := n.big.Text(10)
	if s[0] == '-' {
		dst, s = append(dst, '-'), s[1:]
	}
	return appendPointed(dst, s, int(n.scale))
}

// appendPointed appends digits with a point before the last scale of them.
func appendPointed[S ~string | ~[]byte](dst []byte, digits S, scale int) []byte {
	if scale == 0 {
		return append(dst, digits...)
	}
	if n := len(digits) - scale; n > 0 {
		dst = append(append(dst, digits[:n]...), '.')
		return append(dst, digits[n:]...)
	}
	dst = append(dst, '0', '.')
	for n := scale - len(digits); n > 0; n-- {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// AppendScaled appends coef × 10^-scale with scale digits after the point.
func AppendScaled(dst []byte, coef int64, scale int32) []byte {
	if scale == 0 {
		return AppendInt(dst, coef)
	}
	u := magnitude(coef)
	if coef < 0 {
		dst = append(dst, '-')
	}
	if scale <= 18 {
		p := uint64(pow10tab[scale])
		dst = AppendInt(dst, int64(u/p))
		return appendPadded(append(dst, '.'), u%p, int(scale))
	}
	var buf [20]byte
	return appendPointed(dst, strconv.AppendUint(buf[:0], u, 10), int(scale))
}

// appendPadded appends u with leading zeros to width digits, at least as many
// as u has.
func appendPadded(dst []byte, u uint64, width int) []byte {
	n := len(dst)
	dst = append(dst, "00000000000000000000"[:width]...)
	for i := n + width; i > n && u > 0; {
		if u < 10 || i-n == 1 {
			dst[i-1] = byte('0' + u%10)
			u /= 10
			i--
			continue
		}
		q := u / 100
		p := (u - q*100) * 2
		dst[i-2], dst[i-1] = digitPairs[p], digitPairs[p+1]
		u = q
		i -= 2
	}
	return dst
}

// NumericTypmodParts takes a numeric modifier apart; ok is false for none.
func NumericTypmodParts(mod int32) (precision, scale int32, ok bool) {
	if mod < varHdrSize {
		return 0, 0, false
	}
	mod -= varHdrSize
	return mod >> 16 & 0xffff, (mod&0x7ff ^ 1024) - 1024, true
}

// NumericTypmod rounds n to a modifier's scale; 22003 when it then has more
// digits than the precision allows.
func NumericTypmod(n Numeric, mod int32) (Numeric, error) {
	precision, scale, ok := NumericTypmodParts(mod)
	if !ok || n.form == NumNaN {
		return n, nil
	}
	if n.form != NumFinite {
		return n, errNumericField("A field with precision %d, scale %d cannot hold an infinite value.", precision, scale)
	}
	maxDigits := precision - scale
	n = n.toScale(scale, roundHalf)
	if n.Sign() != 0 && n.exponent() >= int(maxDigits) {
		limit := "1"
		if maxDigits != 0 {
			limit = "10^" + strconv.Itoa(int(maxDigits))
		}
		return n, errNumericField("A field with precision %d, scale %d must round to an absolute value less than %s.", precision, scale, limit)
	}
	return n, nil
}

func errNumericField(detail string, args ...any) error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "numeric field overflow").WithDetail(detail, args...)
}

// The signs of the binary form.
const (
	numSendNeg    = 0x4000
	numSendNaN    = 0xC000
	numSendPosInf = 0xD000
	numSendNegInf = 0xF000

	numSendInfScale = 0x20 // what PostgreSQL shows as the scale of infinities
)

func numericSend(_ *Env, _ *Type, dst []byte, d Datum) []byte { return d.Numeric().AppendBinary(dst) }

// AppendBinary appends the binary form of numeric_send: counts, then digits in
// base 10000 without zero digits at either end.
func (n Numeric) AppendBinary(dst []byte) []byte {
	switch n.form {
	case NumNaN:
		return appendU64(dst, numSendNaN<<16)
	case NumPosInf:
		return appendU64(dst, numSendPosInf<<16|numSendInfScale)
	case NumNegInf:
		return appendU64(dst, numSendNegInf<<16|numSendInfScale)
	}
	var buf [16]uint16
	digits := n.base10000(buf[:0])
	weight := len(digits) - 1 - (int(n.scale)+3)/4
	for len(digits) > 0 && digits[0] == 0 {
		digits, weight = digits[1:], weight-1
	}
	for len(digits) > 0 && digits[len(digits)-1] == 0 {
		digits = digits[:len(digits)-1]
	}
	if len(digits) == 0 {
		weight = 0
	}
	sign := uint16(0)
	if n.Sign() < 0 {
		sign = numSendNeg
	}
	dst = appendU16(appendU16(dst, uint16(len(digits))), uint16(weight))
	dst = appendU16(appendU16(dst, sign), uint16(n.scale))
	for _, g := range digits {
		dst = appendU16(dst, g)
	}
	return dst
}

// base10000 gives |n| in base 10000, the last digit ending at a multiple of
// four places after the point.
func (n Numeric) base10000(buf []uint16) []uint16 {
	pad := (4 - n.scale%4) % 4
	if hi, lo := uint64(0), uint64(0); n.big == nil {
		if hi, lo, _ = mulPow10(magnitude(n.coef), pad); hi == 0 {
			for ; lo > 0; lo /= 10000 {
				buf = append(buf, uint16(lo%10000))
			}
			for i, j := 0, len(buf)-1; i < j; i, j = i+1, j-1 {
				buf[i], buf[j] = buf[j], buf[i]
			}
			return buf
		}
	}
	s := strings.TrimPrefix(n.Coef().Text(10), "-") + "000"[:pad]
	if r := len(s) % 4; r != 0 {
		s = "0000"[r:] + s
	}
	for i := 0; i < len(s); i += 4 {
		g := uint16(s[i]-'0')*1000 + uint16(s[i+1]-'0')*100 + uint16(s[i+2]-'0')*10 + uint16(s[i+3]-'0')
		buf = append(buf, g)
	}
	return buf
}

func numericRecv(_ *Env, _ *Type, r *reader, mod int32) (Datum, error) {
	n, err := recvNumeric(r)
	if err == nil && mod != NoMod {
		n, err = NumericTypmod(n, mod)
	}
	return NewNumeric(n), err
}

func recvNumeric(r *reader) (Numeric, error) {
	count, weight, sign, scale := int(r.u16()), int(r.i16()), r.u16(), r.u16()
	switch sign {
	case 0, numSendNeg:
	case numSendNaN:
		r.take(2 * count)
		return numNaN, nil
	case numSendPosInf:
		r.take(2 * count)
		return numPosInf, nil
	case numSendNegInf:
		r.take(2 * count)
		return numNegInf, nil
	default:
		return Numeric{}, errBinary("invalid sign in external \"numeric\" value")
	}
	if scale > numMaxScale {
		return Numeric{}, errBinary("invalid scale in external \"numeric\" value")
	}
	raw := r.take(2 * count)
	text := make([]byte, 0, 4*count)
	for i := 0; i+1 < len(raw); i += 2 {
		g := uint64(raw[i])<<8 | uint64(raw[i+1])
		if g >= 10000 {
			return Numeric{}, errBinary("invalid digit in external \"numeric\" value")
		}
		text = appendPadded(text, g, 4)
	}
	// The digits end 4·(count-1-weight) places after the point.
	d := decimal{neg: sign == numSendNeg, int: string(text), exp: 4 * (weight + 1 - count)}
	if len(text) == 0 {
		return zeroScaled(int32(scale)), nil
	}
	end := int32(4 * (count - 1 - weight))
	if end > numMaxScale { // more places than a value can show: cut them first
		if cut := int(end-int32(scale)) / 4 * 4; cut >= len(text) {
			return zeroScaled(int32(scale)), nil
		} else {
			d.int, d.exp = string(text[:len(text)-cut]), d.exp+cut
		}
	}
	n, err := d.numeric()
	if err != nil {
		return Numeric{}, err
	}
	return n.toScale(int32(scale), roundTrunc), nil
}

// Sci writes a finite number as d.ddde±dd with the given digits after the
// point.
func (n Numeric) Sci(places int32) string {
	exp := 0
	if n.Sign() != 0 {
		exp = n.exponent()
	}
	// The digits are rounded after the point is moved, which may give 10.
	m := Numeric{big: n.big, coef: n.coef, scale: n.scale + int32(exp)}
	if m.scale < 0 {
		m = m.scaleUp(-m.scale)
	}
	dst := m.rescale(places).Append(nil)
	dst = append(dst, 'e')
	if exp < 0 {
		dst, exp = append(dst, '-'), -exp
	} else {
		dst = append(dst, '+')
	}
	return string(appendPadded(dst, uint64(exp), max(2, digitCount64(uint64(exp)))))
}
