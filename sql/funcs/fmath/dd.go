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

// dd is an unevaluated sum of two doubles, |lo| at most half a unit of hi.
type dd struct{ hi, lo float64 }

func twoSum(a, b float64) dd {
	s := a + b
	t := s - a
	return dd{s, (a - (s - t)) + (b - t)}
}

// quick is twoSum for |a| ≥ |b|.
func quick(a, b float64) dd {
	s := a + b
	return dd{s, b - (s - a)}
}

func twoProd(a, b float64) dd {
	p := a * b
	return dd{p, math.FMA(a, b, -p)}
}

func (a dd) add(b dd) dd {
	s, t := twoSum(a.hi, b.hi), twoSum(a.lo, b.lo)
	s = quick(s.hi, s.lo+t.hi)
	return quick(s.hi, s.lo+t.lo)
}

func (a dd) addF(b float64) dd {
	s := twoSum(a.hi, b)
	return quick(s.hi, s.lo+a.lo)
}

func (a dd) neg() dd     { return dd{-a.hi, -a.lo} }
func (a dd) sub(b dd) dd { return a.add(b.neg()) }

func (a dd) mul(b dd) dd {
	p := twoProd(a.hi, b.hi)
	return quick(p.hi, p.lo+(a.hi*b.lo+a.lo*b.hi))
}

func (a dd) mulF(b float64) dd {
	p := twoProd(a.hi, b)
	return quick(p.hi, p.lo+a.lo*b)
}

func (a dd) div(b dd) dd {
	q := a.hi / b.hi
	r := a.sub(b.mulF(q))
	q2 := r.hi / b.hi
	r = r.sub(b.mulF(q2))
	return quick(q, q2).addF(r.hi / b.hi)
}

func (a dd) sqrt() dd {
	if a.hi <= 0 {
		return dd{}
	}
	x := math.Sqrt(a.hi)
	return quick(x, a.sub(twoProd(x, x)).hi/(2*x))
}

// scale multiplies by 2^n, exactly unless the result is subnormal.
func (a dd) scale(n int) dd { return dd{math.Ldexp(a.hi, n), math.Ldexp(a.lo, n)} }

func (a dd) value() float64 { return a.hi + a.lo }

// horner evaluates Σ c[i]·xⁱ.
func horner(x dd, c []dd) dd {
	s := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		s = s.mul(x).add(c[i])
	}
	return s
}

// inverseFactorials are 1/n! for n below 28.
var inverseFactorials = func() (out [28]dd) {
	out[0] = dd{1, 0}
	for i := 1; i < len(out); i++ {
		out[i] = out[i-1].div(dd{float64(i), 0})
	}
	return out
}()
