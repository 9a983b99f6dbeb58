// Package geometry computes with the geometric types as PostgreSQL does: numbers
// that differ by no more than types.GeoEpsilon count as the same where PostgreSQL
// takes them so, and what leaves the range of float8 is an error.
package geometry

import (
	"math"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Calc computes a result and keeps the first error met on the way (22003, 22012);
// the result then means nothing.
type Calc struct{ Err error }

// Short names of the types.
type (
	point   = types.Point
	lseg    = types.Lseg
	box     = types.Box
	line    = types.Line
	circle  = types.Circle
	path    = types.GeoPath
	polygon = types.Polygon
)

func (c *Calc) fail(err error) {
	if c.Err == nil {
		c.Err = err
	}
}

func infinite(r float64, from ...float64) bool {
	if !math.IsInf(r, 0) {
		return false
	}
	for _, f := range from {
		if math.IsInf(f, 0) {
			return false
		}
	}
	return true
}

func (c *Calc) add(a, b float64) float64 {
	r := a + b
	if infinite(r, a, b) {
		c.fail(types.ErrFloatOverflow())
	}
	return r
}

func (c *Calc) sub(a, b float64) float64 { return c.add(a, -b) }

func (c *Calc) mul(a, b float64) float64 {
	r := a * b
	switch {
	case infinite(r, a, b):
		c.fail(types.ErrFloatOverflow())
	case r == 0 && a != 0 && b != 0:
		c.fail(types.ErrFloatUnderflow())
	}
	return r
}

func (c *Calc) div(a, b float64) float64 {
	r := a / b
	switch {
	case b == 0 && !math.IsNaN(a):
		c.fail(types.ErrDivisionByZero())
	case infinite(r, a):
		c.fail(types.ErrFloatOverflow())
	case r == 0 && a != 0 && !math.IsInf(b, 0):
		c.fail(types.ErrFloatUnderflow())
	}
	return r
}

// hypot is the length of the hypotenuse.
func (c *Calc) hypot(x, y float64) float64 {
	switch {
	case math.IsInf(x, 0) || math.IsInf(y, 0):
		return math.Inf(1)
	case math.IsNaN(x) || math.IsNaN(y):
		return math.NaN()
	}
	if x, y = math.Abs(x), math.Abs(y); x < y {
		x, y = y, x
	}
	if y == 0 {
		return x
	}
	q := y / x
	r := x * math.Sqrt(1+float64(q*q))
	switch {
	case math.IsInf(r, 0):
		c.fail(types.ErrFloatOverflow())
	case r == 0:
		c.fail(types.ErrFloatUnderflow())
	}
	return r
}

func zero(a float64) bool  { return math.Abs(a) <= types.GeoEpsilon }
func eq(a, b float64) bool { return types.GeoEqual(a, b) }
func lt(a, b float64) bool { return a+types.GeoEpsilon < b }
func le(a, b float64) bool { return a <= b+types.GeoEpsilon }
func gt(a, b float64) bool { return a > b+types.GeoEpsilon }
func ge(a, b float64) bool { return a+types.GeoEpsilon >= b }

// less orders floats as float8 sorts: NaN last.
func less(a, b float64) bool { return types.CmpFloat(a, b) < 0 }

func smaller(a, b float64) float64 {
	if less(a, b) {
		return a
	}
	return b
}

func larger(a, b float64) float64 {
	if less(b, a) {
		return a
	}
	return b
}

// Compare is one of the relations of numbers that count small differences as none,
// by the name PostgreSQL's operators have for it.
func Compare(relation string, a, b float64) bool {
	switch relation {
	case "eq":
		return eq(a, b)
	case "ne":
		return a != b && math.Abs(a-b) > types.GeoEpsilon
	case "lt":
		return lt(a, b)
	case "le":
		return le(a, b)
	case "gt":
		return gt(a, b)
	}
	return ge(a, b)
}
