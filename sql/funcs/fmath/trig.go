package fmath

import "math"

// The Taylor series of sine and cosine: coefficients of the powers of -r².
var sinSeries, cosSeries = func() (s, c []DD) {
	for i := range 13 {
		c = append(c, inverseFactorials[2*i])
		s = append(s, inverseFactorials[2*i+1])
	}
	return s, c
}()

// terms is how many terms matter for |r|.
func terms(r DD) int {
	switch x := math.Abs(r.Hi); {
	case x < 0.05:
		return 7
	case x < 0.3:
		return 10
	}
	return 13
}

// sinDD and cosDD are the functions for |r| ≤ π/4.
func sinDD(r DD) DD { return horner(r.Mul(r).Neg(), sinSeries[:terms(r)]).Mul(r) }
func cosDD(r DD) DD { return horner(r.Mul(r).Neg(), cosSeries[:terms(r)]) }

// circle gives sine and cosine of any finite x.
func circle(x float64) (sin, cos DD) {
	r, q := reduce(x)
	s, c := sinDD(r), cosDD(r)
	switch q {
	case 1:
		return c, s.Neg()
	case 2:
		return s.Neg(), c.Neg()
	case 3:
		return c.Neg(), s
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
func quarter(r DD, q int) float64 {
	var v DD
	if q&1 == 0 {
		v = sinDD(r)
	} else {
		v = cosDD(r)
	}
	if q&2 != 0 {
		return -v.Value()
	}
	return v.Value()
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
	return s.Div(c).Value()
}

// atan2DD is the angle of the point (x, y), of which not both are 0; their sizes
// are near 1.
func atan2DD(y, x DD) DD {
	a := math.Atan2(y.Hi, x.Hi)
	s, c := circle(a)
	// The angle that is left is small: its tangent, less a third of its cube.
	t := y.Mul(c).Sub(x.Mul(s)).Div(x.Mul(c).Add(y.Mul(s)))
	return DD{a, 0}.Add(t)
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
	return atan2DD(DD{sy, 0}, DD{sx, 0}).Value()
}

// Asin and Acos are defined from -1 to 1.
func Asin(x float64) float64 {
	if x == 0 || !(x >= -1 && x <= 1) || math.Abs(x) < 0x1p-26 {
		return math.Asin(x)
	}
	return atan2DD(DD{x, 0}, other(x)).Value()
}

// Acos: see Asin.
func Acos(x float64) float64 {
	if x == 1 || !(x >= -1 && x <= 1) {
		return math.Acos(x)
	}
	return atan2DD(other(x), DD{x, 0}).Value()
}

// other is √(1 − x²), the other side of the triangle.
func other(x float64) DD { return twoSum(1, -x).Mul(twoSum(1, x)).Sqrt() }
