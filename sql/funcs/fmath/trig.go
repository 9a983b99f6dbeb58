package fmath

import "math"

// The Taylor series of sine and cosine: coefficients of the powers of -r².
var sinSeries, cosSeries = func() (s, c []dd) {
	for i := range 13 {
		c = append(c, inverseFactorials[2*i])
		s = append(s, inverseFactorials[2*i+1])
	}
	return s, c
}()

// terms is how many terms matter for |r|.
func terms(r dd) int {
	switch x := math.Abs(r.hi); {
	case x < 0.05:
		return 7
	case x < 0.3:
		return 10
	}
	return 13
}

// sinDD and cosDD are the functions for |r| ≤ π/4.
func sinDD(r dd) dd { return horner(r.mul(r).neg(), sinSeries[:terms(r)]).mul(r) }
func cosDD(r dd) dd { return horner(r.mul(r).neg(), cosSeries[:terms(r)]) }

// circle gives sine and cosine of any finite x.
func circle(x float64) (sin, cos dd) {
	r, q := reduce(x)
	s, c := sinDD(r), cosDD(r)
	switch q {
	case 1:
		return c, s.neg()
	case 2:
		return s.neg(), c.neg()
	case 3:
		return c.neg(), s
	}
	return s, c
}

// Sin, Cos and Tan are the circular functions.
func Sin(x float64) float64 {
	if x == 0 || x-x != 0 {
		return math.Sin(x)
	}
	return quarter(reduce(x))
}

// quarter is the sine of r + q·π/2.
func quarter(r dd, q int) float64 {
	var v dd
	if q&1 == 0 {
		v = sinDD(r)
	} else {
		v = cosDD(r)
	}
	if q&2 != 0 {
		return -v.value()
	}
	return v.value()
}

// Cos: see Sin.
func Cos(x float64) float64 {
	if x-x != 0 {
		return math.NaN()
	}
	r, q := reduce(x)
	return quarter(r, q+1)
}

// Tan: see Sin.
func Tan(x float64) float64 {
	if x == 0 || x-x != 0 {
		return math.Tan(x)
	}
	s, c := circle(x)
	return s.div(c).value()
}

// atan2DD is the angle of the point (x, y), of which not both are 0; their sizes
// are near 1.
func atan2DD(y, x dd) dd {
	a := math.Atan2(y.hi, x.hi)
	s, c := circle(a)
	// The angle that is left is small: its tangent, less a third of its cube.
	t := y.mul(c).sub(x.mul(s)).div(x.mul(c).add(y.mul(s)))
	return dd{a, 0}.add(t)
}

// Atan is the arc tangent.
func Atan(x float64) float64 {
	if x == 0 || x-x != 0 || math.Abs(x) < 0x1p-30 {
		return math.Atan(x)
	}
	return Atan2(x, 1)
}

// Atan2 is the angle of the point (x, y).
func Atan2(y, x float64) float64 {
	if x == 0 || y == 0 || x-x != 0 || y-y != 0 {
		return math.Atan2(y, x)
	}
	_, e := math.Frexp(math.Abs(x))
	if _, f := math.Frexp(math.Abs(y)); f > e {
		e = f
	}
	sx, sy := math.Ldexp(x, -e), math.Ldexp(y, -e)
	if math.Abs(sx) < 0x1p-500 || math.Abs(sy) < 0x1p-500 {
		return math.Atan2(y, x)
	}
	return atan2DD(dd{sy, 0}, dd{sx, 0}).value()
}

// Asin and Acos are defined from -1 to 1.
func Asin(x float64) float64 {
	if x == 0 || !(x >= -1 && x <= 1) || math.Abs(x) < 0x1p-26 {
		return math.Asin(x)
	}
	return atan2DD(dd{x, 0}, other(x)).value()
}

// Acos: see Asin.
func Acos(x float64) float64 {
	if x == 1 || !(x >= -1 && x <= 1) {
		return math.Acos(x)
	}
	return atan2DD(other(x), dd{x, 0}).value()
}

// other is √(1 − x²), the other side of the triangle.
func other(x float64) dd { return twoSum(1, -x).mul(twoSum(1, x)).sqrt() }
