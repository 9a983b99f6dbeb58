package fmath

import "math"

var ln2 = DD{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56}

// ln2c is what ln2 leaves.
const ln2c = 0x1.7b57a079a1934p-111

// expDD is e^x, scaled by 2^-n.
func expDD(x DD) (r DD, n int) {
	k := math.RoundToEven(x.Hi / ln2.Hi)
	x = x.Sub(Product(k, ln2.Hi)).Sub(Product(k, ln2.Lo)).AddF(-k * ln2c)
	// e^x = (e^(x/64))^64; the argument is then below 0.006.
	x = x.ldexp(-6)
	r = horner(x, inverseFactorials[:12])
	for range 6 {
		r = r.Mul(r)
	}
	return r, int(k)
}

// unscale gives r · 2^n, rounded once even where the result is subnormal.
func unscale(r DD, n int) float64 {
	if n > -1000 {
		return math.Ldexp(r.Value(), n)
	}
	// Round at the place of the last bit there is: add and take away a number
	// with that unit.
	big := math.Ldexp(1, -1022-n)
	s := twoSum(big, r.Hi)
	return math.Ldexp(s.Hi+(s.Lo+r.Lo)-big, n)
}

// Exp is e^x.
func Exp(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > 709.79:
		return math.Inf(1)
	case x < -745.14:
		return 0
	}
	return unscale(expDD(DD{x, 0}))
}

// logDD is the natural logarithm of a finite x > 0.
func logDD(x DD) DD {
	if math.Abs(x.Hi-1) < 0x1p-10 {
		return logNearOne(x)
	}
	m, e := math.Frexp(x.Hi)
	if m < math.Sqrt2/2 {
		m, e = m*2, e-1
	}
	lo := math.Ldexp(math.Ldexp(x.Lo, -e/2), -(e - e/2))
	y := DD{math.Log(m), 0}
	// One step of Newton's method doubles the digits: y + m·e^-y − 1.
	r, n := expDD(y.Neg())
	y = y.Add(r.ldexp(n).Mul(DD{m, lo}).AddF(-1))
	k := float64(e)
	return Product(k, ln2.Hi).Add(Product(k, ln2.Lo)).Add(y)
}

// logNearOne is logDD where the result is small and must not lose digits to a
// difference from 1: 2·artanh(u/(2+u)) with u = x − 1, by its series.
func logNearOne(x DD) DD {
	u := twoSum(x.Hi-1, x.Lo)
	s := u.Div(u.AddF(2))
	q := s.Mul(s)
	sum := DD{}
	for n := 11.0; n >= 1; n -= 2 {
		sum = sum.Mul(q).Add(DD{1, 0}.Div(DD{n, 0}))
	}
	return s.Mul(sum).ldexp(1)
}

// Log is the natural logarithm.
func Log(x float64) float64 {
	switch {
	case x != x || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	return logDD(DD{x, 0}).Value()
}

// Log10 is Sun's __ieee754_log10, on top of Log.
func Log10(x float64) float64 {
	const (
		ivln10  = 4.34294481903251816668e-01
		log10hi = 3.01029995663611771306e-01
		log10lo = 3.69423907715893078616e-13
	)
	if !(x > 0) || math.IsInf(x, 1) {
		return Log(x)
	}
	m, e := math.Frexp(x)
	k := e - 1 // x = 2m · 2^k
	m *= 2
	if k < 0 {
		k, m = k+1, m/2
	}
	y := float64(k)
	z := float64(y*log10lo) + float64(ivln10*Log(m))
	return z + float64(y*log10hi)
}

// Pow is x^y where neither is NaN or infinite, x is not 0, and y is an integer
// if x is negative; other cases are those of math.Pow.
func Pow(x, y float64) float64 {
	if x == 0 || y == 0 || x == 1 || x-x != 0 || y-y != 0 || x < 0 && math.Floor(y) != y {
		return math.Pow(x, y)
	}
	switch y { // what one operation rounds rightly
	case 2:
		return x * x
	case 1:
		return x
	case -1:
		return 1 / x
	}
	sign := 1.0
	if x < 0 && math.Mod(y, 2) != 0 {
		sign = -1
	}
	l := logDD(DD{math.Abs(x), 0})
	z := l.MulF(y)
	switch w := l.Hi * y; {
	case w > 710:
		return sign * math.Inf(1)
	case w < -746:
		return sign * 0
	}
	return sign * unscale(expDD(z))
}
