// Package fmath is the elementary functions of double precision as the C library
// under PostgreSQL computes them, so that exp(1.5) shows the same last digit.
//
// glibc's exp, log, pow, sin, cos, tan, asin, acos, atan and atan2 are within
// hair's breadth of correct rounding; here they are computed in pairs of
// doubles, some 100 bits, and rounded once. sinh, cosh, tanh, their inverses,
// cbrt and log10 are not: theirs are Sun's algorithms with errors of their own,
// which are followed step by step (hyperbolic.go).
//
// Go's own package math is off by several units in the last place for some of
// these (and by much more for pow), which is why it is only the first guess.
package fmath

import "math"

// DD is an unevaluated sum of two doubles, some 106 bits, |Lo| being at most half
// a unit of Hi (Dekker, Knuth). Sums kept in it are restored when a value is
// added and taken away again.
type DD struct{ Hi, Lo float64 }

func twoSum(a, b float64) DD {
	s := a + b
	t := s - a
	return DD{s, (a - (s - t)) + (b - t)}
}

// quick is twoSum for |a| ≥ |b|.
func quick(a, b float64) DD {
	s := a + b
	return DD{s, b - (s - a)}
}

// Product is a·b, exactly.
func Product(a, b float64) DD {
	p := a * b
	return DD{p, math.FMA(a, b, -p)}
}

// Add is a + b.
func (a DD) Add(b DD) DD {
	s, t := twoSum(a.Hi, b.Hi), twoSum(a.Lo, b.Lo)
	s = quick(s.Hi, s.Lo+t.Hi)
	return quick(s.Hi, s.Lo+t.Lo)
}

// AddF is a + b.
func (a DD) AddF(b float64) DD {
	s := twoSum(a.Hi, b)
	return quick(s.Hi, s.Lo+a.Lo)
}

// Neg is -a.
func (a DD) Neg() DD { return DD{-a.Hi, -a.Lo} }

// Sub is a − b.
func (a DD) Sub(b DD) DD { return a.Add(b.Neg()) }

// Scale is a·p for a power of two.
func (a DD) Scale(p float64) DD { return DD{a.Hi * p, a.Lo * p} }

// Mul is a·b.
func (a DD) Mul(b DD) DD {
	p := Product(a.Hi, b.Hi)
	return quick(p.Hi, p.Lo+(a.Hi*b.Lo+a.Lo*b.Hi))
}

// MulF is a·b.
func (a DD) MulF(b float64) DD {
	p := Product(a.Hi, b)
	return quick(p.Hi, p.Lo+a.Lo*b)
}

// Div is a / b.
func (a DD) Div(b DD) DD {
	q := a.Hi / b.Hi
	r := a.Sub(b.MulF(q))
	q2 := r.Hi / b.Hi
	r = r.Sub(b.MulF(q2))
	return quick(q, q2).AddF(r.Hi / b.Hi)
}

// Sqrt is √a, 0 for negative ones.
func (a DD) Sqrt() DD {
	if a.Hi <= 0 {
		return DD{}
	}
	x := math.Sqrt(a.Hi)
	return quick(x, a.Sub(Product(x, x)).Hi/(2*x))
}

// ldexp multiplies by 2^n, exactly unless the result is subnormal.
func (a DD) ldexp(n int) DD { return DD{math.Ldexp(a.Hi, n), math.Ldexp(a.Lo, n)} }

// Value is the nearest double.
func (a DD) Value() float64 { return a.Hi + a.Lo }

// horner evaluates Σ c[i]·xⁱ.
func horner(x DD, c []DD) DD {
	s := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		s = s.Mul(x).Add(c[i])
	}
	return s
}

// inverseFactorials are 1/n! for n below 28.
var inverseFactorials = func() (out [28]DD) {
	out[0] = DD{1, 0}
	for i := 1; i < len(out); i++ {
		out[i] = out[i-1].Div(DD{float64(i), 0})
	}
	return out
}()
