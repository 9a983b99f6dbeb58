package geometry

import (
	"math"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Distance is how far two points are apart.
func (c *Calc) Distance(p, q point) float64 { return c.hypot(c.sub(p.X, q.X), c.sub(p.Y, q.Y)) }

// Slope is that of the line through two points.
func (c *Calc) Slope(p, q point) float64 {
	switch {
	case eq(p.X, q.X):
		return math.Inf(1)
	case eq(p.Y, q.Y):
		return 0
	}
	return c.div(c.sub(p.Y, q.Y), c.sub(p.X, q.X))
}

// acrossSlope is the slope of the lines that are perpendicular to that through two
// points.
func (c *Calc) acrossSlope(p, q point) float64 {
	switch {
	case eq(p.X, q.X):
		return 0
	case eq(p.Y, q.Y):
		return math.Inf(1)
	}
	return c.div(c.sub(p.X, q.X), c.sub(q.Y, p.Y))
}

// Plus moves a point by another one.
func (c *Calc) Plus(p, q point) point { return point{X: c.add(p.X, q.X), Y: c.add(p.Y, q.Y)} }

// Minus moves a point back by another one.
func (c *Calc) Minus(p, q point) point { return point{X: c.sub(p.X, q.X), Y: c.sub(p.Y, q.Y)} }

// Times turns and stretches a point: the points are multiplied as complex numbers.
func (c *Calc) Times(p, q point) point {
	return point{
		X: c.sub(c.mul(p.X, q.X), c.mul(p.Y, q.Y)),
		Y: c.add(c.mul(p.X, q.Y), c.mul(p.Y, q.X)),
	}
}

// Over undoes Times.
func (c *Calc) Over(p, q point) point {
	d := c.add(c.mul(q.X, q.X), c.mul(q.Y, q.Y))
	return point{
		X: c.div(c.add(c.mul(p.X, q.X), c.mul(p.Y, q.Y)), d),
		Y: c.div(c.sub(c.mul(p.Y, q.X), c.mul(p.X, q.Y)), d),
	}
}

func (c *Calc) middle(p, q point) point {
	return point{X: c.div(c.add(p.X, q.X), 2), Y: c.div(c.add(p.Y, q.Y), 2)}
}

// Left, Right, Above, Below, Vertical and Horizontal tell where p lies as seen from q.
func Left(p, q point) bool { return lt(p.X, q.X) }

// Right: see Left.
func Right(p, q point) bool { return gt(p.X, q.X) }

// Above: see Left.
func Above(p, q point) bool { return gt(p.Y, q.Y) }

// Below: see Left.
func Below(p, q point) bool { return lt(p.Y, q.Y) }

// Vertical: see Left.
func Vertical(p, q point) bool { return eq(p.X, q.X) }

// Horizontal: see Left.
func Horizontal(p, q point) bool { return eq(p.Y, q.Y) }

func same(p, q point) bool { return types.SamePoint(p, q) }
