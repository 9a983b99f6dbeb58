package geometry

import "github.com/streamsqld/streamsqld/sql/types"

// Width is that of a box.
func (c *Calc) Width(b box) float64 { return c.sub(b.High.X, b.Low.X) }

// Height is that of a box.
func (c *Calc) Height(b box) float64 { return c.sub(b.High.Y, b.Low.Y) }

// BoxArea is the area of a box.
func (c *Calc) BoxArea(b box) float64 { return c.mul(c.Width(b), c.Height(b)) }

// Center is that of a box.
func (c *Calc) Center(b box) point { return c.middle(b.High, b.Low) }

// BoxRelations are the relations of boxes by the name of the function that tells
// them.
var BoxRelations = map[string]func(a, b box) bool{
	"same":      func(a, b box) bool { return same(a.High, b.High) && same(a.Low, b.Low) },
	"overlap":   overlap,
	"left":      func(a, b box) bool { return lt(a.High.X, b.Low.X) },
	"overleft":  func(a, b box) bool { return le(a.High.X, b.High.X) },
	"right":     func(a, b box) bool { return gt(a.Low.X, b.High.X) },
	"overright": func(a, b box) bool { return ge(a.Low.X, b.Low.X) },
	"below":     func(a, b box) bool { return lt(a.High.Y, b.Low.Y) },
	"overbelow": func(a, b box) bool { return le(a.High.Y, b.High.Y) },
	"above":     func(a, b box) bool { return gt(a.Low.Y, b.High.Y) },
	"overabove": func(a, b box) bool { return ge(a.Low.Y, b.Low.Y) },
	"below_eq":  func(a, b box) bool { return le(a.High.Y, b.Low.Y) },
	"above_eq":  func(a, b box) bool { return ge(a.Low.Y, b.High.Y) },
	"contain":   contains,
	"contained": func(a, b box) bool { return contains(b, a) },
}

func overlap(a, b box) bool {
	return le(a.Low.X, b.High.X) && le(b.Low.X, a.High.X) && le(a.Low.Y, b.High.Y) && le(b.Low.Y, a.High.Y)
}

func contains(a, b box) bool {
	return ge(a.High.X, b.High.X) && le(a.Low.X, b.Low.X) && ge(a.High.Y, b.High.Y) && le(a.Low.Y, b.Low.Y)
}

// InBox tells whether a point lies in a box.
func InBox(p point, b box) bool {
	return b.High.X >= p.X && b.Low.X <= p.X && b.High.Y >= p.Y && b.Low.Y <= p.Y
}

// LsegInBox tells whether a segment lies in a box.
func LsegInBox(s lseg, b box) bool { return InBox(s[0], b) && InBox(s[1], b) }

// Common is what two boxes have in common; ok is false when that is nothing.
func Common(a, b box) (out box, ok bool) {
	if !overlap(a, b) {
		return out, false
	}
	return box{
		High: point{X: smaller(a.High.X, b.High.X), Y: smaller(a.High.Y, b.High.Y)},
		Low:  point{X: larger(a.Low.X, b.Low.X), Y: larger(a.Low.Y, b.Low.Y)},
	}, true
}

// Bound is the smallest box with both.
func Bound(a, b box) box {
	return box{
		High: point{X: larger(a.High.X, b.High.X), Y: larger(a.High.Y, b.High.Y)},
		Low:  point{X: smaller(a.Low.X, b.Low.X), Y: smaller(a.Low.Y, b.Low.Y)},
	}
}

// Corners moves both corners, and orders them again.
func Corners(b box, move func(point) point) box { return types.BoxOf(move(b.High), move(b.Low)) }

// edges are the four sides of a box.
func edges(b box) [4]lseg {
	upper, lower := point{X: b.Low.X, Y: b.High.Y}, point{X: b.High.X, Y: b.Low.Y}
	return [4]lseg{{b.Low, upper}, {b.High, upper}, {b.Low, lower}, {b.High, lower}}
}

// LsegMeetsBox tells whether a segment and a box have a point in common.
func (c *Calc) LsegMeetsBox(s lseg, b box) bool {
	around := box{
		High: point{X: larger(s[0].X, s[1].X), Y: larger(s[0].Y, s[1].Y)},
		Low:  point{X: smaller(s[0].X, s[1].X), Y: smaller(s[0].Y, s[1].Y)},
	}
	if !overlap(around, b) {
		return false
	}
	if InBox(s[0], b) || InBox(s[1], b) {
		return true
	}
	for _, e := range edges(b) {
		if _, ok := c.LsegCrossing(e, s); ok {
			return true
		}
	}
	return false
}

// LineMeetsBox tells whether a line and a box have a point in common.
func (c *Calc) LineMeetsBox(l line, b box) bool {
	for _, e := range edges(b) {
		if _, ok := c.LsegLine(e, l); ok {
			return true
		}
	}
	return false
}

// BoxToPoint is the point of a box that is closest to p, and how far it is from it.
func (c *Calc) BoxToPoint(b box, p point) (best point, dist float64) {
	if InBox(p, b) {
		return p, 0
	}
	for i, e := range edges(b) {
		if q, d := c.ClosestToPoint(e, p); i == 0 || less(d, dist) {
			best, dist = q, d
		}
	}
	return best, dist
}

// BoxToLseg is the point of a box that is closest to a segment, and how far it is
// from it.
func (c *Calc) BoxToLseg(b box, s lseg) (best point, dist float64) {
	if c.LsegMeetsBox(s, b) {
		best, _ = c.ClosestToPoint(s, c.Center(b))
		return best, 0
	}
	for i, e := range edges(b) {
		if q, d := c.ClosestToLseg(e, s); i == 0 || less(d, dist) {
			best, dist = q, d
		}
	}
	return best, dist
}
