package geometry

import (
	"math"
)

// BoundOf is the smallest box around points.
func BoundOf(ps []point) box {
	b := box{High: ps[0], Low: ps[0]}
	for _, p := range ps[1:] {
		b = Bound(b, box{High: p, Low: p})
	}
	return b
}

// BoxPolygon is the polygon of a box's corners.
func BoxPolygon(b box) polygon {
	return polygon{b.Low, {X: b.Low.X, Y: b.High.Y}, b.High, {X: b.High.X, Y: b.Low.Y}}
}

// PolygonRelations are the relations of polygons that their bounds tell, by the name
// of the function.
var PolygonRelations = map[string]func(a, b box) bool{
	"left":      func(a, b box) bool { return a.High.X < b.Low.X },
	"overleft":  func(a, b box) bool { return a.High.X <= b.High.X },
	"right":     func(a, b box) bool { return a.Low.X > b.High.X },
	"overright": func(a, b box) bool { return a.Low.X >= b.Low.X },
	"below":     func(a, b box) bool { return a.High.Y < b.Low.Y },
	"overbelow": func(a, b box) bool { return a.High.Y <= b.High.Y },
	"above":     func(a, b box) bool { return a.Low.Y > b.High.Y },
	"overabove": func(a, b box) bool { return a.Low.Y >= b.Low.Y },
}

// SamePolygon tells polygons with the same points in the same order, wherever they
// begin and whichever way round.
func SamePolygon(a, b polygon) bool {
	n := len(a)
	if n != len(b) {
		return false
	}
	for i := range b {
		if !same(b[i], a[0]) {
			continue
		}
		for _, step := range []int{1, n - 1} {
			k := 1
			for j := (i + step) % n; k < n && same(b[j], a[k]); j = (j + step) % n {
				k++
			}
			if k == n {
				return true
			}
		}
	}
	return false
}

// sides calls f with the sides of a ring of points, until it says stop.
func sides(ps []point, f func(lseg) (stop bool)) {
	prev := ps[len(ps)-1]
	for _, p := range ps {
		if f(lseg{prev, p}) {
			return
		}
		prev = p
	}
}

// Overlap tells whether polygons have a point in common.
func (c *Calc) Overlap(a, b polygon) bool {
	if !overlap(BoundOf(a), BoundOf(b)) {
		return false
	}
	found := false
	sides(a, func(s lseg) bool {
		sides(b, func(t lseg) bool {
			_, found = c.LsegCrossing(s, t)
			return found
		})
		return found
	})
	return found || c.Inside(a[0], b) || c.Inside(b[0], a)
}

// Contains tells whether all of b lies in a.
func (c *Calc) Contains(a, b polygon) bool {
	if !contains(BoundOf(a), BoundOf(b)) {
		return false
	}
	all := true
	sides(b, func(s lseg) bool {
		all = c.lsegInside(s[0], s[1], a, 0)
		return !all
	})
	return all
}

// lsegInside tells whether the segment from p to q lies in a polygon; sides before
// start are known not to cut it.
func (c *Calc) lsegInside(p, q point, a polygon, start int) bool {
	t, crossed := lseg{p, q}, false
	prev := a[(start+len(a)-1)%len(a)]
	for i := start; i < len(a); i++ {
		s := lseg{prev, a[i]}
		prev = a[i]
		on0, on1, inside := c.OnLseg(t[0], s), c.OnLseg(t[1], s), true
		switch {
		case on0 && on1:
			return true
		case on0:
			inside = c.touching(t[0], t[1], s, a, i+1)
		case on1:
			inside = c.touching(t[1], t[0], s, a, i+1)
		default:
			if at, ok := c.LsegCrossing(t, s); ok { // both parts have to lie inside
				crossed = true
				inside = c.lsegInside(t[0], at, a, i+1) && c.lsegInside(t[1], at, a, i+1)
			}
		}
		if !inside {
			return false
		}
	}
	return crossed || c.Inside(c.middle(t[0], t[1]), a)
}

// touching tells of the segment from p, which lies on s, to q whether it lies in a
// polygon, as far as s tells.
func (c *Calc) touching(p, q point, s lseg, a polygon, start int) bool {
	t := lseg{p, q}
	switch {
	case same(p, s[0]):
		return !c.OnLseg(s[1], t) || c.lsegInside(q, s[1], a, start)
	case same(p, s[1]):
		return !c.OnLseg(s[0], t) || c.lsegInside(q, s[0], a, start)
	case c.OnLseg(s[0], t):
		return c.lsegInside(q, s[0], a, start)
	case c.OnLseg(s[1], t):
		return c.lsegInside(q, s[1], a, start)
	}
	return true
}

// onEdge is what crossings counts for a point on the polygon's edge.
const onEdge = math.MaxInt

// Inside tells whether a point lies in a polygon or on its edge.
func (c *Calc) Inside(p point, ps []point) bool {
	first := c.Minus(ps[0], p)
	total, prev := 0, first
	for _, q := range append(ps[1:len(ps):len(ps)], ps[0]) {
		r := c.Minus(q, p)
		n := c.crossings(r, prev)
		if n == onEdge {
			return true
		}
		total, prev = total+n, r
	}
	return total != 0
}

// crossings counts how the side from prev to p crosses the positive x axis: twice
// the number, negative downwards, 1 where an end lies on the axis.
func (c *Calc) crossings(p, prev point) int {
	if zero(p.Y) {
		return onAxis(p, prev)
	}
	sign := -1
	if gt(p.Y, 0) {
		sign = 1
	}
	switch {
	case zero(prev.Y):
		if lt(prev.X, 0) {
			return 0
		}
		return sign
	case sign < 0 && lt(prev.Y, 0), sign > 0 && gt(prev.Y, 0):
		return 0
	case ge(p.X, 0) && gt(prev.X, 0):
		return 2 * sign
	case lt(p.X, 0) && le(prev.X, 0):
		return 0
	}
	z := c.sub(c.mul(c.sub(p.X, prev.X), p.Y), c.mul(c.sub(p.Y, prev.Y), p.X))
	switch {
	case zero(z):
		return onEdge
	case sign < 0 && lt(z, 0), sign > 0 && gt(z, 0):
		return 0
	}
	return 2 * sign
}

// onAxis is crossings for a p on the x axis.
func onAxis(p, prev point) int {
	switch {
	case zero(p.X):
		return onEdge
	case gt(p.X, 0):
		if zero(prev.Y) {
			if gt(prev.X, 0) {
				return 0
			}
			return onEdge
		}
		if lt(prev.Y, 0) {
			return 1
		}
		return -1
	case zero(prev.Y) && !lt(prev.X, 0):
		return onEdge
	}
	return 0
}

// PolygonToPoint is how far a point is from a polygon, 0 inside.
func (c *Calc) PolygonToPoint(a polygon, p point) float64 {
	if c.Inside(p, a) {
		return 0
	}
	dist, first := 0.0, true
	sides(a, func(s lseg) bool {
		if _, d := c.ClosestToPoint(s, p); first || less(d, dist) {
			dist, first = d, false
		}
		return false
	})
	return dist
}

// PolygonDistance is how far polygons are apart, 0 when they overlap.
func (c *Calc) PolygonDistance(a, b polygon) float64 {
	if c.Overlap(a, b) {
		return 0
	}
	dist, _ := c.between(path{Points: a, Closed: true}, path{Points: b, Closed: true})
	return dist
}

// PolygonCircle is the circle around the mean of a polygon's points with the mean of
// their distances.
func (c *Calc) PolygonCircle(a polygon) circle {
	var out circle
	for _, p := range a {
		out.Center = c.Plus(out.Center, p)
	}
	n := float64(len(a))
	out.Center = point{X: c.div(out.Center.X, n), Y: c.div(out.Center.Y, n)}
	for _, p := range a {
		out.Radius = c.add(out.Radius, c.Distance(p, out.Center))
	}
	out.Radius = c.div(out.Radius, n)
	return out
}
