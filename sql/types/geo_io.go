package types

import (
	"math"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

var (
	pointCodec = &codec{in: geoIn("point", readPoint), out: pointOut, recv: floatsRecv(2, nil), send: textOut}
	lsegCodec  = &codec{in: geoIn("lseg", readLseg), out: lsegOut, recv: floatsRecv(4, nil), send: textOut}
	boxCodec   = &codec{in: geoIn("box", readBox), out: boxOut, recv: floatsRecv(4, boxRecv), send: textOut}
	lineCodec  = &codec{in: geoIn("line", readLine), out: lineOut, recv: floatsRecv(3, lineRecv), send: textOut}

	circleCodec  = &codec{in: geoIn("circle", readCircle), out: circleOut, recv: floatsRecv(3, circleRecv), send: textOut}
	pathCodec    = &codec{in: geoIn("path", readPath), out: pathOut, recv: pathRecv, send: textOut}
	polygonCodec = &codec{in: geoIn("polygon", readPolygon), out: polygonOut, recv: polygonRecv, send: textOut}
)

// GeoEqual tells whether two numbers of geometry are taken as the same.
func GeoEqual(a, b float64) bool { return a == b || math.Abs(a-b) <= GeoEpsilon }

// GeoEpsilon is how far two numbers may be apart to be taken as the same.
const GeoEpsilon = 1e-6

// SamePoint tells whether two points are taken as the same.
func SamePoint(p, q Point) bool {
	if math.IsNaN(p.X) || math.IsNaN(p.Y) || math.IsNaN(q.X) || math.IsNaN(q.Y) {
		return CmpFloat(p.X, q.X) == 0 && CmpFloat(p.Y, q.Y) == 0
	}
	return GeoEqual(p.X, q.X) && GeoEqual(p.Y, q.Y)
}

// geoText is the text of a geometric value while it is read. The first error
// ends the reading.
type geoText struct {
	whole, rest, typ string
	err              error
}

func (t *geoText) fail() {
	if t.err == nil {
		t.err = errSyntaxFor(t.typ, t.whole)
	}
}

func (t *geoText) spaces() { t.rest = strings.TrimLeft(t.rest, spaces) }

// accept takes a byte if it comes next.
func (t *geoText) accept(b byte) bool {
	if t.rest == "" || t.rest[0] != b {
		return false
	}
	t.rest = t.rest[1:]
	return true
}

func (t *geoText) expect(b byte) {
	if !t.accept(b) {
		t.fail()
	}
}

func (t *geoText) end() {
	if t.rest != "" {
		t.fail()
	}
}

// number reads a float with the blanks around it.
func (t *geoText) number() float64 {
	if t.err != nil {
		return 0
	}
	t.spaces()
	n := floatPrefix(t.rest)
	if n == 0 {
		n = namedFloat(t.rest)
	}
	if n == 0 {
		t.fail()
		return 0
	}
	f, err := ParseFloatText(t.rest[:n], 64)
	if err != nil {
		t.err = err
	}
	t.rest = t.rest[n:]
	t.spaces()
	return f
}

// namedFloat is the length of an infinity or NaN at the start of s.
func namedFloat(s string) int {
	sign := 0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign = 1
	}
	for _, name := range []string{"infinity", "inf", "nan"} {
		if t := s[sign:]; len(t) >= len(name) && strings.EqualFold(t[:len(name)], name) {
			return sign + len(name)
		}
	}
	return 0
}

// pair reads x,y, in parentheses or not.
func (t *geoText) pair() (p Point) {
	t.spaces()
	paren := t.accept('(')
	p.X = t.number()
	t.expect(',')
	p.Y = t.number()
	if paren {
		t.expect(')')
		t.spaces()
	}
	return p
}

// points reads n points; open tells those in brackets.
func (t *geoText) points(n int, mayOpen bool) (ps []Point, open bool) {
	depth := 0
	t.spaces()
	if strings.HasPrefix(t.rest, "[") {
		if open = true; !mayOpen {
			t.fail()
			return nil, false
		}
		t.rest = t.rest[1:]
		depth++
	} else if strings.HasPrefix(t.rest, "(") {
		inner := strings.TrimLeft(t.rest[1:], spaces)
		if strings.HasPrefix(inner, "(") || strings.LastIndexByte(t.rest, '(') == 0 {
			t.rest = inner
			depth++
		}
	}
	ps = make([]Point, n)
	for i := range ps {
		ps[i] = t.pair()
		t.accept(',')
	}
	t.close(depth, func(depth int) bool { return open && depth == 1 && t.accept(']') })
	return ps, open
}

// close reads as many closing parentheses, or what other takes for one.
func (t *geoText) close(depth int, other func(depth int) bool) {
	for ; depth > 0 && t.err == nil; depth-- {
		if !t.accept(')') && !other(depth) {
			t.fail()
		}
		t.spaces()
	}
}

// count is the number of points in a text; it fails when commas are not between
// pairs.
func (t *geoText) count() int {
	n := strings.Count(t.whole, ",")
	if n%2 == 0 {
		t.fail()
		return 0
	}
	return (n + 1) / 2
}

func geoIn(typ string, read func(t *geoText) string) func(*Env, *Type, string, int32) (Datum, error) {
	return func(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
		t := &geoText{whole: s, rest: s, typ: typ}
		v := read(t)
		if t.err != nil {
			return Null, t.err
		}
		return NewString(v), nil
	}
}

func readPoint(t *geoText) string {
	p := t.pair()
	t.end()
	return p.Encode()
}

func readLseg(t *geoText) string {
	ps, _ := t.points(2, true)
	t.end()
	if t.err != nil {
		return ""
	}
	return Lseg{ps[0], ps[1]}.Encode()
}

func readBox(t *geoText) string {
	ps, _ := t.points(2, false)
	t.end()
	if t.err != nil {
		return ""
	}
	return BoxOf(ps[0], ps[1]).Encode()
}

func errLine(code pgerr.Code, why string) error {
	return pgerr.New(code, "invalid line specification: %s", why)
}

// ErrSamePoints says that a line needs two points.
func ErrSamePoints(code pgerr.Code) error { return errLine(code, "must be two distinct points") }

func readLine(t *geoText) string {
	t.spaces()
	if !t.accept('{') {
		ps, _ := t.points(2, true)
		t.end()
		if t.err == nil && SamePoint(ps[0], ps[1]) {
			t.err = ErrSamePoints(pgerr.InvalidTextRepresentation)
		}
		if t.err != nil {
			return ""
		}
		l, err := LineThrough(ps[0], ps[1])
		t.err = err
		return l.Encode()
	}
	l := Line{A: t.number()}
	t.expect(',')
	l.B = t.number()
	t.expect(',')
	l.C = t.number()
	t.expect('}')
	t.spaces()
	t.end()
	if t.err == nil && l.degenerate() {
		t.err = errLine(pgerr.InvalidTextRepresentation, "A and B cannot both be zero")
	}
	return l.Encode()
}

func (l Line) degenerate() bool { return math.Abs(l.A) <= GeoEpsilon && math.Abs(l.B) <= GeoEpsilon }

// LineThrough is the line through two points, which are not the same; 22003 when
// its slope is out of range.
func LineThrough(p, q Point) (Line, error) {
	switch {
	case GeoEqual(p.X, q.X):
		return LineAt(p, math.Inf(1))
	case GeoEqual(p.Y, q.Y):
		return LineAt(p, 0)
	}
	dy, dx := p.Y-q.Y, p.X-q.X
	m := dy / dx
	switch {
	case infinite(dy, p.Y, q.Y), infinite(dx, p.X, q.X), infinite(m, dy):
		return Line{}, ErrFloatOverflow()
	case m == 0 && dy != 0 && !math.IsInf(dx, 0):
		return Line{}, ErrFloatUnderflow()
	}
	return LineAt(p, m)
}

// infinite tells whether r became infinite from numbers that are not.
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

// LineAt is the line through a point with a slope; 22003 when it is out of range.
func LineAt(p Point, slope float64) (Line, error) {
	switch {
	case math.IsInf(slope, 0):
		return Line{-1, 0, p.X}, nil
	case slope == 0:
		return Line{0, -1, p.Y}, nil
	}
	rise := slope * p.X
	c := p.Y - rise
	switch {
	case infinite(rise, slope, p.X), infinite(c, p.Y, rise):
		return Line{}, ErrFloatOverflow()
	case rise == 0 && p.X != 0:
		return Line{}, ErrFloatUnderflow()
	case c == 0:
		c = 0 // not -0
	}
	return Line{slope, -1, c}, nil
}

func readCircle(t *geoText) string {
	depth := 0
	t.spaces()
	if t.accept('<') {
		depth++
	} else if strings.HasPrefix(t.rest, "(") {
		if inner := strings.TrimLeft(t.rest[1:], spaces); strings.HasPrefix(inner, "(") {
			t.rest = inner
			depth++
		}
	}
	c := Circle{Center: t.pair()}
	t.accept(',')
	if c.Radius = t.number(); c.Radius < 0 {
		t.fail()
	}
	t.close(depth, func(depth int) bool { return depth == 1 && t.accept('>') })
	t.end()
	return c.Encode()
}

func readPath(t *geoText) string {
	n := t.count()
	t.spaces()
	depth := 0
	if strings.HasPrefix(t.rest, "(") && strings.LastIndexByte(t.rest, '(') == 0 {
		t.rest = t.rest[1:]
		depth++
	}
	ps, open := t.points(n, true)
	t.close(depth, func(int) bool { return false })
	t.end()
	return GeoPath{ps, !open}.Encode()
}

func readPolygon(t *geoText) string {
	ps, _ := t.points(t.count(), false)
	t.end()
	return Polygon(ps).Encode()
}

func appendPair(env *Env, dst []byte, p Point) []byte {
	dst = append(dst, '(')
	dst = float8Out(env, nil, dst, NewFloat(p.X))
	dst = append(dst, ',')
	dst = float8Out(env, nil, dst, NewFloat(p.Y))
	return append(dst, ')')
}

func appendPairs(env *Env, dst []byte, ps ...Point) []byte {
	for i, p := range ps {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPair(env, dst, p)
	}
	return dst
}

func pointOut(env *Env, _ *Type, dst []byte, d Datum) []byte {
	return appendPair(env, dst, DecodePoint(d.Str()))
}

func lsegOut(env *Env, _ *Type, dst []byte, d Datum) []byte {
	l := DecodeLseg(d.Str())
	return append(appendPairs(env, append(dst, '['), l[0], l[1]), ']')
}

func boxOut(env *Env, _ *Type, dst []byte, d Datum) []byte {
	b := DecodeBox(d.Str())
	return appendPairs(env, dst, b.High, b.Low)
}

func lineOut(env *Env, _ *Type, dst []byte, d Datum) []byte {
	l := DecodeLine(d.Str())
	dst = append(dst, '{')
	for i, f := range []float64{l.A, l.B, l.C} {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = float8Out(env, nil, dst, NewFloat(f))
	}
	return append(dst, '}')
}

func circleOut(env *Env, _ *Type, dst []byte, d Datum) []byte {
	c := DecodeCircle(d.Str())
	dst = append(appendPair(env, append(dst, '<'), c.Center), ',')
	return append(float8Out(env, nil, dst, NewFloat(c.Radius)), '>')
}

func pathOut(env *Env, _ *Type, dst []byte, d Datum) []byte {
	p := DecodePath(d.Str())
	if !p.Closed {
		return append(appendPairs(env, append(dst, '['), p.Points...), ']')
	}
	return append(appendPairs(env, append(dst, '('), p.Points...), ')')
}

func polygonOut(env *Env, _ *Type, dst []byte, d Datum) []byte {
	return append(appendPairs(env, append(dst, '('), DecodePolygon(d.Str())...), ')')
}

// floatsRecv reads the binary form of n floats, and lets fix change or refuse it.
func floatsRecv(n int, fix func(s string) (string, error)) func(*Env, *Type, *reader, int32) (Datum, error) {
	return func(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
		s := string(r.take(8 * n))
		if len(s) < 8*n || fix == nil {
			return NewString(s), nil
		}
		s, err := fix(s)
		return NewString(s), err
	}
}

func boxRecv(s string) (string, error) {
	b := DecodeBox(s)
	return BoxOf(b.High, b.Low).Encode(), nil
}

func lineRecv(s string) (string, error) {
	if DecodeLine(s).degenerate() {
		return "", errLine(pgerr.InvalidBinaryRepresentation, "A and B cannot both be zero")
	}
	return s, nil
}

func circleRecv(s string) (string, error) {
	if DecodeCircle(s).Radius < 0 {
		return "", pgerr.New(pgerr.InvalidBinaryRepresentation, "invalid radius in external \"circle\" value")
	}
	return s, nil
}

func pathRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	closed := r.u8() != 0
	ps, err := pointsRecv(r, "path")
	return NewString(GeoPath{ps, closed}.Encode()), err
}

func polygonRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	ps, err := pointsRecv(r, "polygon")
	return NewString(Polygon(ps).Encode()), err
}

func pointsRecv(r *reader, typ string) ([]Point, error) {
	n := r.i32()
	if n <= 0 || n > (1<<30-16)/16 {
		return nil, pgerr.New(pgerr.InvalidBinaryRepresentation, "invalid number of points in external \"%s\" value", typ)
	}
	b := string(r.take(16 * int(n)))
	if len(b) < 16*int(n) {
		return nil, nil // the reader knows
	}
	ps := make([]Point, n)
	for i := range ps {
		ps[i] = pointOf(b, i)
	}
	return ps, nil
}
