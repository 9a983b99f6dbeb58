package geometry

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs/fmath"
)

// CircleArea is the area of a circle.
func (c *Calc) CircleArea(a circle) float64 { return c.mul(c.mul(a.Radius, a.Radius), math.Pi) }

// CircleRelation tells how two circles lie, by the name of the relation's function.
func (c *Calc) CircleRelation(name string, a, b circle) bool {
	p, q, r, s := a.Center, b.Center, a.Radius, b.Radius
	switch name {
	case "same":
		return (math.IsNaN(r) && math.IsNaN(s) || eq(r, s)) && same(p, q)
	case "overlap":
		return le(c.Distance(p, q), c.add(r, s))
	case "contained":
		return le(c.Distance(p, q), c.sub(s, r))
	case "contain":
		return le(c.Distance(p, q), c.sub(r, s))
	case "left":
		return lt(c.add(p.X, r), c.sub(q.X, s))
	case "overleft":
		return le(c.add(p.X, r), c.add(q.X, s))
	case "right":
		return gt(c.sub(p.X, r), c.add(q.X, s))
	case "overright":
		return ge(c.sub(p.X, r), c.sub(q.X, s))
	case "below":
		return lt(c.add(p.Y, r), c.sub(q.Y, s))
	case "overbelow":
		return le(c.add(p.Y, r), c.add(q.Y, s))
	case "above":
		return gt(c.sub(p.Y, r), c.add(q.Y, s))
	}
	return ge(c.sub(p.Y, r), c.sub(q.Y, s)) // overabove
}

// CircleDistance is how far two circles are apart, 0 when they overlap.
func (c *Calc) CircleDistance(a, b circle) float64 {
	return nonNegative(c.sub(c.Distance(a.Center, b.Center), c.add(a.Radius, b.Radius)))
}

// CircleToPoint is how far a point is from a circle, 0 inside.
func (c *Calc) CircleToPoint(a circle, p point) float64 {
	return nonNegative(c.sub(c.Distance(p, a.Center), a.Radius))
}

// CircleToPolygon is how far a circle and a polygon are apart.
func (c *Calc) CircleToPolygon(a circle, p polygon) float64 {
	return nonNegative(c.sub(c.PolygonToPoint(p, a.Center), a.Radius))
}

func nonNegative(d float64) float64 {
	if d < 0 {
		return 0
	}
	return d
}

// InCircle tells whether a point lies in a circle.
func (c *Calc) InCircle(p point, a circle) bool { return c.Distance(a.Center, p) <= a.Radius }

// CircleTimes turns and stretches a circle, CircleOver undoes it.
func (c *Calc) CircleTimes(a circle, p point) circle {
	return circle{Center: c.Times(a.Center, p), Radius: c.mul(a.Radius, c.hypot(p.X, p.Y))}
}

// CircleOver: see CircleTimes.
func (c *Calc) CircleOver(a circle, p point) circle {
	return circle{Center: c.Over(a.Center, p), Radius: c.div(a.Radius, c.hypot(p.X, p.Y))}
}

// Diameter is that of a circle.
func (c *Calc) Diameter(a circle) float64 { return c.mul(a.Radius, 2) }

// InnerBox is the largest box in a circle.
func (c *Calc) InnerBox(a circle) box {
	d := c.div(a.Radius, math.Sqrt2)
	return box{
		High: point{X: c.add(a.Center.X, d), Y: c.add(a.Center.Y, d)},
		Low:  point{X: c.sub(a.Center.X, d), Y: c.sub(a.Center.Y, d)},
	}
}

// Around is the circle through a box's corners.
func (c *Calc) Around(b box) circle {
	m := c.Center(b)
	return circle{Center: m, Radius: c.Distance(m, b.High)}
}

// InnerPolygon has n points on a circle: 22023 for too few, 54000 for too many, and
// 0A000 for a circle without a radius.
func (c *Calc) InnerPolygon(n int64, a circle) polygon {
	switch {
	case zero(a.Radius):
		c.fail(pgerr.New(pgerr.FeatureNotSupported, "cannot convert circle with radius zero to polygon"))
		return nil
	case n < 2:
		c.fail(pgerr.New(pgerr.InvalidParameterValue, "must request at least 2 points"))
		return nil
	case n > maxPoints:
		c.fail(pgerr.New(pgerr.ProgramLimitExceeded, "too many points requested"))
		return nil
	}
	ps := make(polygon, n)
	step := c.div(2*math.Pi, float64(n))
	for i := range ps {
		angle := c.mul(step, float64(i))
		ps[i] = point{
			X: c.sub(a.Center.X, c.mul(a.Radius, fmath.Cos(angle))),
			Y: c.add(a.Center.Y, c.mul(a.Radius, fmath.Sin(angle))),
		}
	}
	return ps
}

// maxPoints is how many points a value can have.
const maxPoints = 1 << 26
