package geometry

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func (c *Calc) lineAt(p point, slope float64) line {
	l, err := types.LineAt(p, slope)
	if err != nil {
		c.fail(err)
	}
	return l
}

// Line is the line through two points; 22023 when they are the same.
func (c *Calc) Line(p, q point) line {
	if same(p, q) {
		c.fail(types.ErrSamePoints(pgerr.InvalidParameterValue))
	}
	return c.lineAt(p, c.Slope(p, q))
}

// LineSlope is the slope of a line.
func (c *Calc) LineSlope(l line) float64 {
	switch {
	case zero(l.A):
		return 0
	case zero(l.B):
		return math.Inf(1)
	}
	return c.div(l.A, -l.B)
}

func (c *Calc) lineAcross(l line) float64 {
	switch {
	case zero(l.A):
		return math.Inf(1)
	case zero(l.B):
		return 0
	}
	return c.div(l.B, l.A)
}

// LineVertical tells lines that run up.
func LineVertical(l line) bool { return zero(l.B) }

// LineHorizontal tells lines that run across.
func LineHorizontal(l line) bool { return zero(l.A) }

// Perpendicular tells lines that cross at a right angle.
func (c *Calc) Perpendicular(l, m line) bool {
	switch {
	case zero(l.A):
		return zero(m.B)
	case zero(m.A):
		return zero(l.B)
	case zero(l.B):
		return zero(m.A)
	case zero(m.B):
		return zero(l.A)
	}
	return eq(c.div(c.mul(l.A, m.A), c.mul(l.B, m.B)), -1)
}

// SameLine tells equal lines.
func (c *Calc) SameLine(l, m line) bool {
	for _, f := range []float64{l.A, l.B, l.C, m.A, m.B, m.C} {
		if math.IsNaN(f) {
			return types.CmpFloat(l.A, m.A) == 0 && types.CmpFloat(l.B, m.B) == 0 && types.CmpFloat(l.C, m.C) == 0
		}
	}
	ratio := 1.0
	switch {
	case !zero(m.A):
		ratio = c.div(l.A, m.A)
	case !zero(m.B):
		ratio = c.div(l.B, m.B)
	case !zero(m.C):
		ratio = c.div(l.C, m.C)
	}
	return eq(l.A, c.mul(ratio, m.A)) && eq(l.B, c.mul(ratio, m.B)) && eq(l.C, c.mul(ratio, m.C))
}

// LineDistance is how far two lines are apart, 0 when they cross.
func (c *Calc) LineDistance(l, m line) float64 {
	if _, ok := c.Crossing(l, m); ok {
		return 0
	}
	ratio := 1.0
	switch {
	case !zero(l.A) && !math.IsNaN(l.A) && !zero(m.A) && !math.IsNaN(m.A):
		ratio = c.div(l.A, m.A)
	case !zero(l.B) && !math.IsNaN(l.B) && !zero(m.B) && !math.IsNaN(m.B):
		ratio = c.div(l.B, m.B)
	}
	return c.div(math.Abs(c.sub(l.C, c.mul(ratio, m.C))), c.hypot(l.A, l.B))
}

// Crossing is where two lines meet; ok is false for parallel ones.
func (c *Calc) Crossing(l, m line) (p point, ok bool) {
	switch {
	case !zero(l.B):
	case !zero(m.B):
		l, m = m, l
	default:
		return p, false
	}
	if eq(m.A, c.mul(l.A, c.div(m.B, l.B))) {
		return p, false
	}
	p.X = c.div(c.sub(c.mul(l.B, m.C), c.mul(m.B, l.C)), c.sub(c.mul(l.A, m.B), c.mul(m.A, l.B)))
	p.Y = c.div(-c.add(c.mul(l.A, p.X), l.C), l.B)
	// Not -0.
	p.X, p.Y = p.X+0, p.Y+0
	return p, true
}

// OnLine tells whether a point lies on a line.
func (c *Calc) OnLine(p point, l line) bool {
	return zero(c.add(c.add(c.mul(l.A, p.X), c.mul(l.B, p.Y)), l.C))
}

// ClosestOnLine is the point of a line that is closest to p, and how far it is
// from it: NaN when there is none.
func (c *Calc) ClosestOnLine(l line, p point) (point, float64) {
	q, ok := c.Crossing(c.lineAt(p, c.lineAcross(l)), l)
	if !ok {
		return p, math.NaN()
	}
	return q, c.Distance(q, p)
}
