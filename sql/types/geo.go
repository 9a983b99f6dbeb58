package types

import (
	"encoding/binary"
	"math"
)

// Geometric types. Their physical form is PostgreSQL's binary one: big-endian
// floats, of a path a byte that tells closed ones and the number of points before
// them, of a polygon the number of points.
type (
	// Point is a place in the plane.
	Point struct{ X, Y float64 }
	// Lseg is the segment between two points.
	Lseg [2]Point
	// Box is a rectangle by its upper right and lower left corner.
	Box struct{ High, Low Point }
	// Line is the points with A x + B y + C = 0.
	Line struct{ A, B, C float64 }
	// Circle has a center and a radius.
	Circle struct {
		Center Point
		Radius float64
	}
	// GeoPath is a way from point to point, and back to the first one when it is closed.
	GeoPath struct {
		Points []Point
		Closed bool
	}
	// Polygon is the area within its points.
	Polygon []Point
)

func appendFloats(dst []byte, fs ...float64) []byte {
	for _, f := range fs {
		dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(f))
	}
	return dst
}

func appendPoints(dst []byte, ps []Point) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(ps)))
	for _, p := range ps {
		dst = appendFloats(dst, p.X, p.Y)
	}
	return dst
}

// floatOf gives number i; "", which stands for NULL, has zeros.
func floatOf(s string, i int) float64 {
	if s == "" {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64([]byte(s[8*i : 8*i+8])))
}

func pointOf(s string, i int) Point { return Point{floatOf(s, 2*i), floatOf(s, 2*i+1)} }

func pointsOf(s string) []Point {
	if s == "" {
		return nil
	}
	ps := make([]Point, binary.BigEndian.Uint32([]byte(s[:4])))
	for i := range ps {
		ps[i] = pointOf(s[4:], i)
	}
	return ps
}

// Encode gives the physical form, as do the methods of the other types.
func (p Point) Encode() string { return string(appendFloats(nil, p.X, p.Y)) }

// Encode gives the physical form.
func (l Lseg) Encode() string { return string(appendFloats(nil, l[0].X, l[0].Y, l[1].X, l[1].Y)) }

// Encode gives the physical form.
func (b Box) Encode() string {
	return string(appendFloats(nil, b.High.X, b.High.Y, b.Low.X, b.Low.Y))
}

// Encode gives the physical form.
func (l Line) Encode() string { return string(appendFloats(nil, l.A, l.B, l.C)) }

// Encode gives the physical form.
func (c Circle) Encode() string { return string(appendFloats(nil, c.Center.X, c.Center.Y, c.Radius)) }

// Encode gives the physical form.
func (p GeoPath) Encode() string {
	closed := byte(0)
	if p.Closed {
		closed = 1
	}
	return string(appendPoints([]byte{closed}, p.Points))
}

// Encode gives the physical form.
func (p Polygon) Encode() string { return string(appendPoints(nil, p)) }

// DecodePoint reads the physical form, as do the functions of the other types.
func DecodePoint(s string) Point { return pointOf(s, 0) }

// DecodeLseg reads the physical form.
func DecodeLseg(s string) Lseg { return Lseg{pointOf(s, 0), pointOf(s, 1)} }

// DecodeBox reads the physical form.
func DecodeBox(s string) Box { return Box{pointOf(s, 0), pointOf(s, 1)} }

// DecodeLine reads the physical form.
func DecodeLine(s string) Line { return Line{floatOf(s, 0), floatOf(s, 1), floatOf(s, 2)} }

// DecodeCircle reads the physical form.
func DecodeCircle(s string) Circle { return Circle{pointOf(s, 0), floatOf(s, 2)} }

// DecodePath reads the physical form.
func DecodePath(s string) GeoPath {
	if s == "" {
		return GeoPath{}
	}
	return GeoPath{pointsOf(s[1:]), s[0] != 0}
}

// DecodePolygon reads the physical form.
func DecodePolygon(s string) Polygon { return pointsOf(s) }

// BoxOf is the box with two opposite corners.
func BoxOf(p, q Point) Box {
	b := Box{p, q}
	if !CmpFloatGreater(p.X, q.X) {
		b.High.X, b.Low.X = q.X, p.X
	}
	if !CmpFloatGreater(p.Y, q.Y) {
		b.High.Y, b.Low.Y = q.Y, p.Y
	}
	return b
}

// CmpFloatGreater tells whether a sorts behind b: NaN does behind all others.
func CmpFloatGreater(a, b float64) bool { return CmpFloat(a, b) > 0 }

// FixedArray gives the elements that a type of fixed length is made of, which can be
// told apart by subscripts from 0 on: their type and number; nil for other types.
func (t *Type) FixedArray() (elem *Type, n int) {
	switch t.OID {
	case PointOID:
		return TFloat8, 2
	case LineOID:
		return TFloat8, 3
	case LsegOID, BoxOID:
		return builtinByOID[PointOID], 2
	}
	return nil, 0
}

// FixedElem gives element i of a value of a type with FixedArray.
func (t *Type) FixedElem(s string, i int) Datum {
	if elem, _ := t.FixedArray(); elem == TFloat8 {
		return NewFloat(floatOf(s, i))
	}
	return NewString(s[16*i : 16*i+16])
}

// WithFixedElem gives the value with element i replaced.
func (t *Type) WithFixedElem(s string, i int, d Datum) string {
	if elem, _ := t.FixedArray(); elem == TFloat8 {
		return s[:8*i] + string(appendFloats(nil, d.Float())) + s[8*i+8:]
	}
	return s[:16*i] + d.Str() + s[16*i+16:]
}
