package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs/geometry"
	"github.com/streamsqld/streamsqld/sql/types"
)

// The functions of the geometric types.

type (
	calc    = geometry.Calc
	point   = types.Point
	lseg    = types.Lseg
	box     = types.Box
	line    = types.Line
	circle  = types.Circle
	gpath   = types.GeoPath
	polygon = types.Polygon
)

// shape is a geometric value.
type shape interface {
	point | lseg | box | line | circle | gpath | polygon
	Encode() string
}

// decodeShape reads the physical form of a shape.
func decodeShape[S shape](s string) S {
	var z S
	var v any
	switch any(z).(type) {
	case point:
		v = types.DecodePoint(s)
	case lseg:
		v = types.DecodeLseg(s)
	case box:
		v = types.DecodeBox(s)
	case line:
		v = types.DecodeLine(s)
	case circle:
		v = types.DecodeCircle(s)
	case gpath:
		v = types.DecodePath(s)
	case polygon:
		v = types.DecodePolygon(s)
	}
	return v.(S)
}

// geo1 is a function of a shape that gives a plain value.
func geo1[A shape, R Value](f func(c *calc, a A) R) *Impl {
	return &Impl{Kernel: fn1e(func(s string) (R, error) {
		var c calc
		r := f(&c, decodeShape[A](s))
		return r, c.Err
	})}
}

// geo2 is a function of two shapes that gives a plain value.
func geo2[A, B shape, R Value](f func(c *calc, a A, b B) R) *Impl {
	return &Impl{Kernel: fn2e(func(s, t string) (R, error) {
		var c calc
		r := f(&c, decodeShape[A](s), decodeShape[B](t))
		return r, c.Err
	})}
}

// shape1 is a function of a shape that gives a shape.
func shape1[A, R shape](f func(c *calc, a A) R) *Impl {
	return geo1(func(c *calc, a A) string { return encoded(c, f(c, a)) })
}

// shape2 is a function of two shapes that gives a shape.
func shape2[A, B, R shape](f func(c *calc, a A, b B) R) *Impl {
	return geo2(func(c *calc, a A, b B) string { return encoded(c, f(c, a, b)) })
}

func encoded[R shape](c *calc, r R) string {
	if c.Err != nil {
		return ""
	}
	return r.Encode()
}

// may2 is a function of two shapes that gives NULL where f is not ok.
func may2[A, B shape](kind types.Kind, f func(c *calc, a A, b B) (types.Datum, bool)) *Impl {
	return &Impl{Kernel: rows(kind, func(_ *Ctx, args []types.Datum) (types.Datum, error) {
		var c calc
		d, ok := f(&c, decodeShape[A](args[0].Str()), decodeShape[B](args[1].Str()))
		if !ok || c.Err != nil {
			d = types.Null
		}
		return d, c.Err
	})}
}

// place2 is may2 for functions that give a point.
func place2[A, B shape](f func(c *calc, a A, b B) (point, bool)) *Impl {
	return may2(types.Bytes, func(c *calc, a A, b B) (types.Datum, bool) {
		p, ok := f(c, a, b)
		return types.NewString(p.Encode()), ok
	})
}

// distance registers how far shapes are apart, in both orders.
func distance[A, B shape](ab, ba string, f func(c *calc, a A, b B) float64) {
	register(ab, geo2(f))
	register(ba, geo2(func(c *calc, b B, a A) float64 { return f(c, a, b) }))
}

// sized registers the comparisons of shapes by a number.
func sized[A shape](prefix string, relations []string, size func(c *calc, a A) float64) {
	for _, r := range relations {
		register(prefix+r, geo2(func(c *calc, a, b A) bool { return geometry.Compare(r, size(c, a), size(c, b)) }))
	}
}

func init() {
	points()
	lines()
	lsegs()
	boxes()
	circles()
	paths()
	polygons()
	distances()
}

func points() {
	register("construct_point", &Impl{Kernel: fn2(func(x, y float64) string { return point{X: x, Y: y}.Encode() })})
	register("point_add", shape2((*calc).Plus))
	register("point_sub", shape2((*calc).Minus))
	register("point_mul", shape2((*calc).Times))
	register("point_div", shape2((*calc).Over))
	register("point_slope", geo2((*calc).Slope))
	register("point_eq", geo2(func(_ *calc, p, q point) bool { return types.SamePoint(p, q) }))
	register("point_ne", geo2(func(_ *calc, p, q point) bool { return !types.SamePoint(p, q) }))
	for name, f := range map[string]func(p, q point) bool{
		"left": geometry.Left, "right": geometry.Right, "above": geometry.Above, "below": geometry.Below,
		"vert": geometry.Vertical, "horiz": geometry.Horizontal,
	} {
		register("point_"+name, geo2(func(_ *calc, p, q point) bool { return f(p, q) }))
	}
}

func lines() {
	register("line_construct_pp", shape2((*calc).Line))
	register("line_vertical", geo1(func(_ *calc, l line) bool { return geometry.LineVertical(l) }))
	register("line_horizontal", geo1(func(_ *calc, l line) bool { return geometry.LineHorizontal(l) }))
	register("line_perp", geo2((*calc).Perpendicular))
	register("line_eq", geo2((*calc).SameLine))
	meet := func(c *calc, l, m line) bool {
		_, ok := c.Crossing(l, m)
		return ok
	}
	register("line_intersect", geo2(meet))
	register("line_parallel", geo2(func(c *calc, l, m line) bool { return !meet(c, l, m) }))
	register("line_interpt", place2((*calc).Crossing))
}

func lsegs() {
	register("lseg_construct", shape2(func(_ *calc, p, q point) lseg { return lseg{p, q} }))
	register("lseg_length", geo1((*calc).Length))
	register("lseg_center", shape1((*calc).Middle))
	register("lseg_vertical", geo1(func(_ *calc, s lseg) bool { return geometry.Vertical(s[0], s[1]) }))
	register("lseg_horizontal", geo1(func(_ *calc, s lseg) bool { return geometry.Horizontal(s[0], s[1]) }))
	register("lseg_parallel", geo2((*calc).LsegParallel))
	register("lseg_perp", geo2((*calc).LsegPerpendicular))
	register("lseg_eq", geo2(func(_ *calc, s, t lseg) bool { return geometry.SameLseg(s, t) }))
	register("lseg_ne", geo2(func(_ *calc, s, t lseg) bool { return !geometry.SameLseg(s, t) }))
	sized("lseg_", []string{"lt", "le", "gt", "ge"}, (*calc).Length)
	register("lseg_intersect", geo2(func(c *calc, s, t lseg) bool {
		_, ok := c.LsegCrossing(s, t)
		return ok
	}))
	register("lseg_interpt", place2((*calc).LsegCrossing))
	register("on_ps", geo2((*calc).OnLseg))
	register("on_pl", geo2((*calc).OnLine))
	register("on_sl", geo2(func(c *calc, s lseg, l line) bool { return c.OnLine(s[0], l) && c.OnLine(s[1], l) }))
	register("inter_sl", geo2(func(c *calc, s lseg, l line) bool {
		_, ok := c.LsegLine(s, l)
		return ok
	}))
}

func boxes() {
	register("points_box", shape2(func(_ *calc, p, q point) box { return types.BoxOf(p, q) }))
	register("point_box", shape1(func(_ *calc, p point) box { return box{High: p, Low: p} }))
	register("box_width", geo1((*calc).Width))
	register("box_height", geo1((*calc).Height))
	register("box_area", geo1((*calc).BoxArea))
	register("box_center", shape1((*calc).Center))
	register("box_diagonal", shape1(func(_ *calc, b box) lseg { return lseg{b.High, b.Low} }))
	register("box_circle", shape1((*calc).Around))
	register("box_poly", shape1(func(_ *calc, b box) polygon { return geometry.BoxPolygon(b) }))
	for name, f := range geometry.BoxRelations {
		register("box_"+name, geo2(func(_ *calc, a, b box) bool { return f(a, b) }))
	}
	sized("box_", []string{"eq", "lt", "le", "gt", "ge"}, (*calc).BoxArea)
	for name, f := range map[string]func(c *calc, p, q point) point{"add": (*calc).Plus, "sub": (*calc).Minus} {
		register("box_"+name, shape2(func(c *calc, b box, p point) box { return box{High: f(c, b.High, p), Low: f(c, b.Low, p)} }))
	}
	for name, f := range map[string]func(c *calc, p, q point) point{"mul": (*calc).Times, "div": (*calc).Over} {
		register("box_"+name, shape2(func(c *calc, b box, p point) box {
			return geometry.Corners(b, func(q point) point { return f(c, q, p) })
		}))
	}
	register("boxes_bound_box", shape2(func(_ *calc, a, b box) box { return geometry.Bound(a, b) }))
	register("box_intersect", may2(types.Bytes, func(_ *calc, a, b box) (types.Datum, bool) {
		x, ok := geometry.Common(a, b)
		return types.NewString(x.Encode()), ok
	}))
	register("box_contain_pt", geo2(func(_ *calc, b box, p point) bool { return geometry.InBox(p, b) }))
	register("on_pb", geo2(func(_ *calc, p point, b box) bool { return geometry.InBox(p, b) }))
	register("on_sb", geo2(func(_ *calc, s lseg, b box) bool { return geometry.LsegInBox(s, b) }))
	register("inter_sb", geo2((*calc).LsegMeetsBox))
	register("inter_lb", geo2((*calc).LineMeetsBox))
}

func circles() {
	register("cr_circle", &Impl{Kernel: fn2(func(p string, r float64) string {
		return circle{Center: types.DecodePoint(p), Radius: r}.Encode()
	})})
	register("circle_center", shape1(func(_ *calc, a circle) point { return a.Center }))
	register("circle_radius", geo1(func(_ *calc, a circle) float64 { return a.Radius }))
	register("circle_diameter", geo1((*calc).Diameter))
	register("circle_area", geo1((*calc).CircleArea))
	register("circle_box", shape1((*calc).InnerBox))
	for _, r := range []string{"same", "overlap", "contain", "contained", "left", "overleft", "right", "overright", "below", "overbelow", "above", "overabove"} {
		register("circle_"+r, geo2(func(c *calc, a, b circle) bool { return c.CircleRelation(r, a, b) }))
	}
	sized("circle_", []string{"eq", "ne", "lt", "le", "gt", "ge"}, (*calc).CircleArea)
	for name, f := range map[string]func(c *calc, p, q point) point{"add": (*calc).Plus, "sub": (*calc).Minus} {
		register("circle_"+name+"_pt", shape2(func(c *calc, a circle, p point) circle { return circle{Center: f(c, a.Center, p), Radius: a.Radius} }))
	}
	register("circle_mul_pt", shape2((*calc).CircleTimes))
	register("circle_div_pt", shape2((*calc).CircleOver))
	register("circle_contain_pt", geo2(func(c *calc, a circle, p point) bool { return c.InCircle(p, a) }))
	register("pt_contained_circle", geo2((*calc).InCircle))
	inner := func(n int64, s string) (string, error) {
		var c calc
		p := c.InnerPolygon(n, types.DecodeCircle(s))
		return encoded(&c, p), c.Err
	}
	register("circle_poly", &Impl{Kernel: fn2e(inner)})
	register("polygon(circle)", &Impl{Kernel: fn1e(func(s string) (string, error) { return inner(12, s) })})
}

func paths() {
	register("path_isclosed", geo1(func(_ *calc, p gpath) bool { return p.Closed }))
	register("path_isopen", geo1(func(_ *calc, p gpath) bool { return !p.Closed }))
	register("path_npoints", geo1(func(_ *calc, p gpath) int64 { return int64(len(p.Points)) }))
	register("path_close", shape1(func(_ *calc, p gpath) gpath { return gpath{Points: p.Points, Closed: true} }))
	register("path_open", shape1(func(_ *calc, p gpath) gpath { return gpath{Points: p.Points} }))
	register("path_length", geo1((*calc).PathLength))
	register("path_area", &Impl{Kernel: rows(types.Float, func(_ *Ctx, args []types.Datum) (types.Datum, error) {
		var c calc
		area, ok := c.PathArea(types.DecodePath(args[0].Str()))
		if !ok || c.Err != nil {
			return types.Null, c.Err
		}
		return types.NewFloat(area), nil
	})})
	sized("path_n_", []string{"eq", "lt", "le", "gt", "ge"}, func(_ *calc, p gpath) float64 { return float64(len(p.Points)) })
	register("path_inter", geo2((*calc).PathsMeet))
	register("path_add", may2(types.Bytes, func(_ *calc, p, q gpath) (types.Datum, bool) {
		all := gpath{Points: append(p.Points, q.Points...)}
		return types.NewString(all.Encode()), !p.Closed && !q.Closed
	}))
	for name, f := range map[string]func(c *calc, p, q point) point{"add": (*calc).Plus, "sub": (*calc).Minus, "mul": (*calc).Times, "div": (*calc).Over} {
		register("path_"+name+"_pt", shape2(func(c *calc, p gpath, by point) gpath {
			return geometry.Each(p, func(q point) point { return f(c, q, by) })
		}))
	}
	register("path_poly", &Impl{Kernel: fn1e(func(s string) (string, error) {
		p := types.DecodePath(s)
		if !p.Closed {
			return "", pgerr.New(pgerr.InvalidParameterValue, "open path cannot be converted to polygon")
		}
		return polygon(p.Points).Encode(), nil
	})})
	register("on_ppath", geo2((*calc).OnPath))
	register("path_contain_pt(path,point)", geo2(func(c *calc, p gpath, at point) bool { return c.OnPath(at, p) }))
}

func polygons() {
	register("poly_npoints", geo1(func(_ *calc, p polygon) int64 { return int64(len(p)) }))
	register("poly_box", shape1(func(_ *calc, p polygon) box { return geometry.BoundOf(p) }))
	register("spg_poly_quad_compress", shape1(func(_ *calc, p polygon) box { return geometry.BoundOf(p) }))
	register("poly_path", shape1(func(_ *calc, p polygon) gpath { return gpath{Points: p, Closed: true} }))
	register("poly_circle", shape1((*calc).PolygonCircle))
	register("poly_center", shape1(func(c *calc, p polygon) point { return c.PolygonCircle(p).Center }))
	for name, f := range geometry.PolygonRelations {
		register("poly_"+name, geo2(func(_ *calc, a, b polygon) bool { return f(geometry.BoundOf(a), geometry.BoundOf(b)) }))
	}
	register("poly_same", geo2(func(_ *calc, a, b polygon) bool { return geometry.SamePolygon(a, b) }))
	register("poly_overlap", geo2((*calc).Overlap))
	register("poly_contain", geo2((*calc).Contains))
	register("poly_contained", geo2(func(c *calc, a, b polygon) bool { return c.Contains(b, a) }))
	register("poly_contain_pt", geo2(func(c *calc, a polygon, p point) bool { return c.Inside(p, a) }))
	register("pt_contained_poly", geo2(func(c *calc, p point, a polygon) bool { return c.Inside(p, a) }))
}

func distances() {
	register("point_distance", geo2((*calc).Distance))
	register("line_distance", geo2((*calc).LineDistance))
	register("lseg_distance", geo2(func(c *calc, s, t lseg) float64 {
		_, d := c.ClosestToLseg(s, t)
		return d
	}))
	register("box_distance", geo2(func(c *calc, a, b box) float64 { return c.Distance(c.Center(a), c.Center(b)) }))
	register("circle_distance", geo2((*calc).CircleDistance))
	register("poly_distance", geo2((*calc).PolygonDistance))
	register("path_distance", may2(types.Float, func(c *calc, p, q gpath) (types.Datum, bool) {
		d, ok := c.PathDistance(p, q)
		return types.NewFloat(d), ok
	}))
	distance("dist_pl", "dist_lp", func(c *calc, p point, l line) float64 {
		_, d := c.ClosestOnLine(l, p)
		return d
	})
	distance("dist_ps", "dist_sp", func(c *calc, p point, s lseg) float64 {
		_, d := c.ClosestToPoint(s, p)
		return d
	})
	distance("dist_pb", "dist_bp", func(c *calc, p point, b box) float64 {
		_, d := c.BoxToPoint(b, p)
		return d
	})
	distance("dist_sl", "dist_ls", func(c *calc, s lseg, l line) float64 {
		_, d := c.ClosestToLine(s, l)
		return d
	})
	distance("dist_sb", "dist_bs", func(c *calc, s lseg, b box) float64 {
		_, d := c.BoxToLseg(b, s)
		return d
	})
	distance("dist_ppath", "dist_pathp", func(c *calc, p point, q gpath) float64 { return c.PathToPoint(q, p) })
	distance("dist_ppoly", "dist_polyp", func(c *calc, p point, a polygon) float64 { return c.PolygonToPoint(a, p) })
	distance("dist_pc", "dist_cpoint", func(c *calc, p point, a circle) float64 { return c.CircleToPoint(a, p) })
	distance("dist_cpoly", "dist_polyc", (*calc).CircleToPolygon)
	closest()
}

// closest registers the points closest to another shape; there is none where the
// distance is not a number, or the shapes run along each other.
func closest() {
	register("close_pl", place2(func(c *calc, p point, l line) (point, bool) {
		q, d := c.ClosestOnLine(l, p)
		return q, d == d
	}))
	register("close_ps", place2(func(c *calc, p point, s lseg) (point, bool) {
		q, d := c.ClosestToPoint(s, p)
		return q, d == d
	}))
	register("close_lseg", place2(func(c *calc, s, t lseg) (point, bool) {
		if c.LsegSlope(s) == c.LsegSlope(t) {
			return point{}, false
		}
		q, d := c.ClosestToLseg(t, s)
		return q, d == d
	}))
	register("close_ls", place2(func(c *calc, l line, s lseg) (point, bool) {
		if c.LsegSlope(s) == c.LineSlope(l) {
			return point{}, false
		}
		q, d := c.ClosestToLine(s, l)
		return q, d == d
	}))
	register("close_pb", place2(func(c *calc, p point, b box) (point, bool) {
		q, d := c.BoxToPoint(b, p)
		return q, d == d
	}))
	register("close_sb", place2(func(c *calc, s lseg, b box) (point, bool) {
		q, d := c.BoxToLseg(b, s)
		return q, d == d
	}))
}
