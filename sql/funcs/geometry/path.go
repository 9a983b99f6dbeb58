package geometry

import "math"

// lsegs gives the segments of a path.
func lsegs(p path) []lseg {
	var out []lseg
	if p.Closed {
		out = append(out, lseg{p.Points[len(p.Points)-1], p.Points[0]})
	}
	for i := 1; i < len(p.Points); i++ {
		out = append(out, lseg{p.Points[i-1], p.Points[i]})
	}
	return out
}

// PathArea is the area within a closed path; ok is false for an open one.
func (c *Calc) PathArea(p path) (area float64, ok bool) {
	if !p.Closed {
		return 0, false
	}
	for i, a := range p.Points {
		b := p.Points[(i+1)%len(p.Points)]
		area = c.add(area, c.mul(a.X, b.Y))
		area = c.sub(area, c.mul(a.Y, b.X))
	}
	return c.div(math.Abs(area), 2), true
}

// PathLength is the length of a path.
func (c *Calc) PathLength(p path) (length float64) {
	for _, s := range lsegs(p) {
		length = c.add(length, c.Length(s))
	}
	return length
}

// PathsMeet tells whether paths have a point in common.
func (c *Calc) PathsMeet(p, q path) bool {
	if !overlap(BoundOf(p.Points), BoundOf(q.Points)) {
		return false
	}
	for _, s := range lsegs(p) {
		for _, t := range lsegs(q) {
			if _, ok := c.LsegCrossing(s, t); ok {
				return true
			}
		}
	}
	return false
}

// PathDistance is how far paths are apart; ok is false when one has no segment.
func (c *Calc) PathDistance(p, q path) (dist float64, ok bool) { return c.between(p, q) }

func (c *Calc) between(p, q path) (dist float64, ok bool) {
	for _, s := range lsegs(p) {
		for _, t := range lsegs(q) {
			if _, d := c.ClosestToLseg(s, t); !ok || less(d, dist) {
				dist, ok = d, true
			}
		}
	}
	return dist, ok
}

// PathToPoint is how far a point is from a path.
func (c *Calc) PathToPoint(p path, at point) (dist float64) {
	for i, s := range lsegs(p) {
		if _, d := c.ClosestToPoint(s, at); i == 0 || less(d, dist) {
			dist = d
		}
	}
	return dist
}

// OnPath tells whether a point lies on an open path, or within a closed one.
func (c *Calc) OnPath(at point, p path) bool {
	if p.Closed {
		return c.Inside(at, p.Points)
	}
	for _, s := range lsegs(p) {
		if c.OnLseg(at, s) {
			return true
		}
	}
	return false
}

// Each moves all points of a path.
func Each(p path, move func(point) point) path {
	out := path{Points: make([]point, len(p.Points)), Closed: p.Closed}
	for i, q := range p.Points {
		out.Points[i] = move(q)
	}
	return out
}
