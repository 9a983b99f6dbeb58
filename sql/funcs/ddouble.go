package funcs

import "math"

// ddouble is an unevaluated sum of two doubles, about 106 bits. Sums kept in it
// are restored when a value is added and taken away again (Dekker, Knuth).
type ddouble struct{ hi, lo float64 }

// twoSum gives a+b and its rounding error.
func twoSum(a, b float64) (s, e float64) {
	s = a + b
	t := s - a
	return s, (a - (s - t)) + (b - t)
}

// twoProd gives a×b and its rounding error.
func twoProd(a, b float64) (p, e float64) {
	p = a * b
	return p, math.FMA(a, b, -p)
}

// add adds x.
func (d *ddouble) add(x float64) {
	s, e := twoSum(d.hi, x)
	e += d.lo
	d.hi = s + e
	d.lo = e - (d.hi - s)
}

// addDD adds y.
func (d *ddouble) addDD(y ddouble) {
	s, e := twoSum(d.hi, y.hi)
	t, f := twoSum(d.lo, y.lo)
	s, e = quickSum(s, e+t)
	d.hi, d.lo = quickSum(s, e+f)
}

// quickSum is twoSum for |a| ≥ |b|.
func quickSum(a, b float64) (s, e float64) {
	s = a + b
	return s, b - (s - a)
}

// addProd adds a×b.
func (d *ddouble) addProd(a, b float64) {
	p, e := twoProd(a, b)
	d.addDD(ddouble{p, e})
}

func (d ddouble) mul(y ddouble) ddouble {
	p, e := twoProd(d.hi, y.hi)
	hi, lo := quickSum(p, e+(d.hi*y.lo+d.lo*y.hi))
	return ddouble{hi, lo}
}

func (d ddouble) neg() ddouble { return ddouble{-d.hi, -d.lo} }

// scale multiplies by a power of two.
func (d ddouble) scale(p float64) ddouble { return ddouble{d.hi * p, d.lo * p} }

func (d ddouble) value() float64 { return d.hi + d.lo }
