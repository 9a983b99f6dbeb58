package types

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

var (
	float4Codec = &codec{in: float4In, out: float4Out, recv: float4Recv, send: float4Send}
	float8Codec = &codec{in: float8In, out: float8Out, recv: float8Recv, send: float8Send}
)

func floatTypeName(bits int) string {
	if bits == 32 {
		return "real"
	}
	return "double precision"
}

// ErrFloatOverflow and ErrFloatUnderflow are the 22003 of float arithmetic and
// ErrDivisionByZero the 22012 of all arithmetic.
func ErrFloatOverflow() error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: overflow")
}

// ErrFloatUnderflow: see ErrFloatOverflow.
func ErrFloatUnderflow() error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: underflow")
}

// ErrDivisionByZero is 22012.
func ErrDivisionByZero() error { return pgerr.New(pgerr.DivisionByZero, "division by zero") }

func float4In(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	f, err := ParseFloatText(s, 32)
	return NewFloat(f), err
}

func float8In(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	f, err := ParseFloatText(s, 64)
	return NewFloat(f), err
}

// ParseFloatText reads a float of 32 or 64 bits as float8in does, that is as
// C's strtod: decimal or hexadecimal, inf, infinity, nan; 22P02 or 22003.
func ParseFloatText(s string, bits int) (float64, error) {
	if bits == 64 {
		if f, ok := ParseFloat(s); ok {
			return f, nil
		}
	}
	t := trimSpaces(s)
	sign, body := "", t
	if t != "" && (t[0] == '-' || t[0] == '+') {
		sign, body = t[:1], t[1:]
	}
	switch low := strings.ToLower(body); {
	case low == "nan", strings.HasPrefix(low, "nan(") && isNaNTail(low[4:]):
		return math.NaN(), nil
	case low == "inf", low == "infinity":
		if sign == "-" {
			return math.Inf(-1), nil
		}
		return math.Inf(1), nil
	}
	num := t[:floatPrefix(t)]
	if num == "" {
		return 0, errSyntaxFor(floatTypeName(bits), s)
	}
	lit := goFloat(num)
	// As with strtod, a number out of range is found before what follows it.
	f, err := strconv.ParseFloat(lit, bits)
	if err != nil || f == 0 && !isZeroLiteral(lit) {
		if bits == 32 {
			num = s
		}
		return 0, pgerr.New(pgerr.NumericValueOutOfRange, "\"%s\" is out of range for type %s", num, floatTypeName(bits))
	}
	if len(num) != len(t) {
		return 0, errSyntaxFor(floatTypeName(bits), s)
	}
	return f, nil
}

// floatPrefix is the length of the number that strtod reads at the start of
// s, decimal or hexadecimal; 0 when there is none.
func floatPrefix(s string) int {
	isDigit, mark, i := isDigit, byte('e'), 0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		i = 1
	}
	if t := s[i:]; len(t) > 2 && t[0] == '0' && t[1]|0x20 == 'x' && (isHexDigit(t[2]) || t[2] == '.' && len(t) > 3 && isHexDigit(t[3])) {
		isDigit, mark, i = isHexDigit, 'p', i+2
	}
	digits := 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		digits++
	}
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && isDigit(s[i]); i++ {
			digits++
		}
	}
	if digits == 0 {
		return 0
	}
	if i < len(s) && s[i]|0x20 == mark {
		j := i + 1
		if j < len(s) && (s[j] == '-' || s[j] == '+') {
			j++
		}
		if run, _ := digitRun(s[j:]); run != "" {
			i = j + len(run)
		}
	}
	return i
}

// goFloat turns a number that strtod reads into one that strconv reads: Go's
// hexadecimal floats need an exponent, C's do not.
func goFloat(s string) string {
	if strings.ContainsAny(s, "xX") && !strings.ContainsAny(s, "pP") {
		return s + "p0"
	}
	return s
}

func isHexDigit(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// isNaNTail tells what strtod takes between the parentheses of nan(…).
func isNaNTail(s string) bool {
	for i := 0; i < len(s)-1; i++ {
		if c := s[i]; !(c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z') {
			return false
		}
	}
	return s != "" && s[len(s)-1] == ')'
}

// isZeroLiteral tells a literal whose digits are all 0 from one that
// underflowed.
func isZeroLiteral(t string) bool {
	hex := strings.ContainsAny(t, "xX")
	for i := 0; i < len(t); i++ {
		switch c := t[i]; {
		case c >= '1' && c <= '9', hex && c != '0' && isHexDigit(c):
			return false
		case c == 'e' || c == 'E' || c == 'p' || c == 'P':
			return true
		}
	}
	return true
}

var pow10f = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// ParseFloat reads a float8 of the form -123.456 with at most 15 digits, whose
// value is then one correctly rounded division of two exact floats; ok is
// false for any other text, which the type's In has to judge.
func ParseFloat[S ~string | ~[]byte](s S) (f float64, ok bool) {
	i := 0
	if len(s) > 0 && s[0] == '-' {
		i = 1
	}
	if len(s)-i > 16 {
		return 0, false
	}
	m, start, point := uint64(0), i, -1
	for ; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			if s[i] != '.' || point >= 0 {
				return 0, false
			}
			point = i
			continue
		}
		m = m*10 + uint64(c)
	}
	digits, frac := len(s)-start, 0
	if point >= 0 {
		digits--
		frac = len(s) - point - 1
	}
	if digits == 0 || digits > 15 {
		return 0, false
	}
	f = float64(m)
	if frac > 0 {
		f /= pow10f[frac]
	}
	if start == 1 {
		f = -f
	}
	return f, true
}

func float4Out(env *Env, _ *Type, dst []byte, d Datum) []byte {
	return AppendFloat(dst, d.Float(), 32, env.ExtraFloatDigits)
}

func float8Out(env *Env, _ *Type, dst []byte, d Datum) []byte {
	return AppendFloat(dst, d.Float(), 64, env.ExtraFloatDigits)
}

// AppendFloat appends a float of 32 or 64 bits as float8out does:
// extraDigits > 0 gives the shortest text that reads back as the same value,
// otherwise it is %.*g with 15 (6) + extraDigits digits.
func AppendFloat(dst []byte, f float64, bits, extraDigits int) []byte {
	switch {
	case f != f:
		return append(dst, "NaN"...)
	case f > math.MaxFloat64:
		return append(dst, "Infinity"...)
	case f < -math.MaxFloat64:
		return append(dst, "-Infinity"...)
	case extraDigits > 0:
		return appendShortest(dst, f, bits)
	}
	prec := 15
	if bits == 32 {
		prec = 6
	}
	return strconv.AppendFloat(dst, f, 'g', max(prec+extraDigits, 1), 64)
}

// appendShortest writes the shortest digits, positional for decimal exponents
// from -4 to 14 (5 for float4).
func appendShortest(dst []byte, f float64, bits int) []byte {
	if f == 0 {
		if math.Signbit(f) {
			return append(dst, "-0"...)
		}
		return append(dst, '0')
	}
	if bits == 64 {
		if out, ok := appendShortDecimal(dst, f); ok {
			return out
		}
	}
	var buf [32]byte
	s := strconv.AppendFloat(buf[:0], f, 'e', -1, bits)
	if mayBeHalfway(f, bits) {
		s = exclusiveShortest(s, buf[:0], f, bits)
	}
	return layoutShortest(dst, s, bits)
}

// appendShortDecimal writes values that are m / 10^k with m < 10^15 and k ≤ 6.
// Decimals of at most 15 digits are distinct as floats, so when that quotient
// gives back f, its digits are the shortest.
func appendShortDecimal(dst []byte, f float64) ([]byte, bool) {
	a := math.Abs(f)
	if a >= 1e9 || a < 1e-4 {
		return dst, false
	}
	for k, p := 0, 1.0; k <= 6; k, p = k+2, p*100 {
		m := int64(a*p + 0.5)
		if float64(m)/p == a {
			if k > 0 && m%10 == 0 {
				m /= 10
				k--
			}
			if f < 0 {
				dst = append(dst, '-')
			}
			return AppendScaled(dst, m, int32(k)), true
		}
	}
	return dst, false
}

// layoutShortest lays out what strconv wrote as d.ddde±dd.
func layoutShortest(dst, s []byte, bits int) []byte {
	if s[0] == '-' {
		dst, s = append(dst, '-'), s[1:]
	}
	e := len(s) - 1
	for s[e] != 'e' {
		e--
	}
	exp := 0
	for _, c := range s[e+2:] {
		exp = exp*10 + int(c-'0')
	}
	if s[e+1] == '-' {
		exp = -exp
	}
	limit := 15
	if bits == 32 {
		limit = 6
	}
	if exp < -4 || exp >= limit {
		return append(dst, s...)
	}
	var frac []byte
	if e > 2 {
		frac = s[2:e]
	}
	if exp < 0 {
		dst = append(dst, "0.000"[:1-exp]...)
		dst = append(dst, s[0])
		return append(dst, frac...)
	}
	dst = append(dst, s[0])
	if len(frac) <= exp {
		dst = append(dst, frac...)
		return append(dst, "000000000000000"[:exp-len(frac)]...)
	}
	dst = append(dst, frac[:exp]...)
	dst = append(dst, '.')
	return append(dst, frac[exp:]...)
}

// mayBeHalfway tells whether the shortest digits may lie exactly halfway
// between two floats. PostgreSQL never uses such digits, as not every reader
// rounds to even; strconv does. A half is an odd number of one bit more than a
// mantissa times a power of two: for it to be d·10^x with d < 10^17, it must be
// an integer, the mantissa even, and 5^x a divisor of that odd number.
func mayBeHalfway(f float64, bits int) bool {
	if f = math.Abs(f); f >= 1e40 {
		return false
	}
	if bits == 32 {
		return f >= 1<<24 && math.Float32bits(float32(f))&1 == 0
	}
	return f >= 1<<53 && math.Float64bits(f)&1 == 0
}

// exclusiveShortest gives s unless it is exactly half the way to a neighbour,
// then the shortest digits that are not, which have more places.
func exclusiveShortest(s, buf []byte, f float64, bits int) []byte {
	if !isHalfway(s, f, bits) {
		return s
	}
	places := len(s) - len("e+00") - len("d")
	if places > 0 {
		places-- // the point
	}
	if f < 0 {
		places--
	}
	for {
		places++
		s = strconv.AppendFloat(buf, f, 'e', places, bits)
		if readsBack(s, f, bits) && !isHalfway(s, f, bits) {
			return s
		}
	}
}

func readsBack(s []byte, f float64, bits int) bool {
	g, err := strconv.ParseFloat(string(s), bits)
	return err == nil && g == f
}

func isHalfway(s []byte, f float64, bits int) bool {
	dec, _ := new(big.Float).SetPrec(256).SetString(string(s))
	exact := new(big.Float).SetPrec(256).SetFloat64(f)
	if dec.Sub(dec, exact).Sign() == 0 {
		return false
	}
	dir := math.Inf(dec.Sign())
	n := math.Nextafter(f, dir)
	if bits == 32 {
		n = float64(math.Nextafter32(float32(f), float32(dir)))
	}
	gap := new(big.Float).SetPrec(256).SetFloat64(n)
	gap.Abs(gap.Sub(gap, exact)).Mul(gap, big.NewFloat(0.5))
	return gap.Cmp(dec.Abs(dec)) == 0
}

func float4Recv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	return NewFloat(float64(r.f32())), nil
}

func float8Recv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) { return NewFloat(r.f64()), nil }

func float4Send(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	return appendU32(dst, math.Float32bits(float32(d.Float())))
}

func float8Send(_ *Env, _ *Type, dst []byte, d Datum) []byte { return appendU64(dst, uint64(d.i)) }

// parseFloatLoose reads a decimal number, infinite when it is too large, 0
// when it is too small.
func parseFloatLoose(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
