package types

import "math"

// Datum is one value of any type, or NULL (the zero Datum). It says its kind,
// not its type.
type Datum struct {
	kind Kind
	form NumForm
	aux  int32 // numeric scale
	i    int64 // bool, int, float bits, numeric coefficient, interval microseconds
	j    int64 // interval months << 32 | days
	p    *bigInt
	s    string
}

// Null is the NULL value.
var Null = Datum{}

// NewBool makes a Bool value.
func NewBool(b bool) Datum {
	d := Datum{kind: Bool}
	if b {
		d.i = 1
	}
	return d
}

// NewInt makes an Int value.
func NewInt(i int64) Datum { return Datum{kind: Int, i: i} }

// NewFloat makes a Float value.
func NewFloat(f float64) Datum { return Datum{kind: Float, i: int64(math.Float64bits(f))} }

// NewString makes a Bytes value.
func NewString(s string) Datum { return Datum{kind: Bytes, s: s} }

// NewNumeric makes a Numeric value.
func NewNumeric(n Numeric) Datum {
	return Datum{kind: Numer, form: n.form, aux: n.scale, i: n.coef, p: n.big}
}

// NewInterval makes an Interval value.
func NewInterval(v Interval) Datum {
	return Datum{kind: Inter, i: v.Micros, j: int64(v.Months)<<32 | int64(uint32(v.Days))}
}

// IsNull tells NULL.
func (d Datum) IsNull() bool { return d.kind == KindNone }

// Kind is the value's kind, KindNone for NULL.
func (d Datum) Kind() Kind { return d.kind }

// Bool gives a Bool value.
func (d Datum) Bool() bool { return d.i != 0 }

// Int gives an Int value.
func (d Datum) Int() int64 { return d.i }

// Float gives a Float value.
func (d Datum) Float() float64 { return math.Float64frombits(uint64(d.i)) }

// Str gives a Bytes value.
func (d Datum) Str() string { return d.s }

// Numeric gives a Numer value.
func (d Datum) Numeric() Numeric { return Numeric{big: d.p, coef: d.i, scale: d.aux, form: d.form} }

// Interval gives an Inter value.
func (d Datum) Interval() Interval {
	return Interval{Months: int32(d.j >> 32), Days: int32(d.j), Micros: d.i}
}

// SameImage tells whether two values are the same to the last digit: 1.0 and
// 1.00 are not, -0 and 0 are not, though they are equal in SQL. NULL is the
// same as NULL, and any NaN as any other: they have one text form.
func (d Datum) SameImage(e Datum) bool {
	if d.kind == Float && e.kind == Float && d.i != e.i {
		x, y := d.Float(), e.Float()
		return x != x && y != y
	}
	if d.kind != e.kind || d.form != e.form || d.aux != e.aux || d.i != e.i || d.j != e.j || d.s != e.s {
		return false
	}
	if d.p == nil || e.p == nil {
		return d.p == e.p
	}
	return d.p.Cmp(e.p) == 0
}
