package geometry

// Length is that of a segment.
func (c *Calc) Length(s lseg) float64 { return c.Distance(s[0], s[1]) }

// Middle is the middle of a segment.
func (c *Calc) Middle(s lseg) point { return c.middle(s[0], s[1]) }

// LsegSlope is the slope of a segment.
func (c *Calc) LsegSlope(s lseg) float64 { return c.Slope(s[0], s[1]) }

// LsegParallel tells segments of one slope.
func (c *Calc) LsegParallel(s, t lseg) bool { return eq(c.LsegSlope(s), c.LsegSlope(t)) }

// LsegPerpendicular tells segments at a right angle.
func (c *Calc) LsegPerpendicular(s, t lseg) bool {
	return eq(c.LsegSlope(s), c.acrossSlope(t[0], t[1]))
}

// SameLseg tells equal segments.
func SameLseg(s, t lseg) bool { return same(s[0], t[0]) && same(s[1], t[1]) }

// OnLseg tells whether a point lies on a segment.
func (c *Calc) OnLseg(p point, s lseg) bool {
	return eq(c.add(c.Distance(p, s[0]), c.Distance(p, s[1])), c.Distance(s[0], s[1]))
}

// LsegCrossing is where two segments meet.
func (c *Calc) LsegCrossing(s, t lseg) (p point, ok bool) {
	p, ok = c.LsegLine(s, c.lineAt(t[0], c.LsegSlope(t)))
	if !ok || !c.OnLseg(p, t) {
		return p, false
	}
	return p, true
}

// LsegLine is where a segment meets a line.
func (c *Calc) LsegLine(s lseg, l line) (p point, ok bool) {
	p, ok = c.Crossing(c.lineAt(s[0], c.LsegSlope(s)), l)
	if !ok || !c.OnLseg(p, s) {
		return p, false
	}
	switch { // an end is given as it is
	case same(s[0], p):
		p = s[0]
	case same(s[1], p):
		p = s[1]
	}
	return p, true
}

// ClosestToPoint is the point of a segment that is closest to p, and how far it is
// from it.
func (c *Calc) ClosestToPoint(s lseg, p point) (point, float64) {
	q, _ := c.ClosestToLine(s, c.lineAt(p, c.acrossSlope(s[0], s[1])))
	return q, c.Distance(q, p)
}

// ClosestToLine is the point of a segment that is closest to a line, and how far
// it is from it.
func (c *Calc) ClosestToLine(s lseg, l line) (point, float64) {
	if p, ok := c.LsegLine(s, l); ok {
		return p, 0
	}
	_, a := c.ClosestOnLine(l, s[0])
	_, b := c.ClosestOnLine(l, s[1])
	if a < b {
		return s[0], a
	}
	return s[1], b
}

// ClosestToLseg is the point of s that is closest to t, and how far it is from it.
func (c *Calc) ClosestToLseg(s, t lseg) (point, float64) {
	if p, ok := c.LsegCrossing(s, t); ok {
		return p, 0
	}
	best, dist := c.ClosestToPoint(s, t[0])
	if p, d := c.ClosestToPoint(s, t[1]); less(d, dist) {
		best, dist = p, d
	}
	for _, end := range s {
		if _, d := c.ClosestToPoint(t, end); less(d, dist) {
			best, dist = end, d
		}
	}
	return best, dist
}
