package fmath

import "math"

// sincos gives sine and cosine of |r| ≤ π/4.
func sincos(r dd) (sin, cos dd) {
	x := r.mul(r).neg()
	var s, c [13]dd
	for i := range s {
		c[i], s[i] = inverseFactorials[2*i], inverseFactorials[2*i+1]
	}
	return horner(x, s[:]).mul(r), horner(x, c[:])
}

// circle gives sine and cosine of any finite x.
func circle(x float64) (sin, cos dd) {
	r, q := reduce(x)
	s, c := sincos(r)
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
	s, _ := circle(x)
	return s.value()
}

// Cos: see Sin.
func Cos(x float64) float64 {
	if x-x != 0 {
		return math.NaN()
	}
	_, c := circle(x)
	return c.value()
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
