package funcs

import (
	"math"

	"github.com/streamsqld/streamsqld/sql/funcs/fmath"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Sums over floats are kept twice. The running sums are PostgreSQL's own
// (Youngs and Cramer for squares), to the bit, for as long as rows only came and
// came one by one. The compensated ones are exact enough that a row that goes
// leaves no trace; they are what counts once a row has gone or partial states
// were merged.
//
// Values that are not finite, and values so large that their sum might leave the
// range of a double and not come back, are kept apart.

// hugeFloat is where a value is kept apart: squares below it, and sums of
// millions of them, are finite.
const hugeFloat = 0x1p490

// hugeScale is what values kept apart are multiplied by, so that sums of their
// squares are finite too.
const hugeScale = 0x1p-560

// apart are the values of one group that are kept apart.
type apart struct {
	nan, posInf, negInf int64
	huge                int64
	sum, squares        fmath.DD // of the huge ones, scaled
}

// add takes x in w times; it tells whether x is one to be kept apart.
func (a *apart) add(x float64, w int64) {
	switch {
	case x != x:
		a.nan += w
	case math.IsInf(x, 1):
		a.posInf += w
	case math.IsInf(x, -1):
		a.negInf += w
	default:
		y := x * hugeScale
		a.huge += w
		a.sum = a.sum.Add(fmath.Product(y, float64(w)))
		a.squares = a.squares.Add(fmath.Product(y, y).MulF(float64(w)))
	}
}

func (a *apart) merge(b *apart) {
	a.nan += b.nan
	a.posInf += b.posInf
	a.negInf += b.negInf
	a.huge += b.huge
	a.sum = a.sum.Add(b.sum)
	a.squares = a.squares.Add(b.squares)
}

// count is the number of values kept apart.
func (a *apart) count() int64 {
	if a == nil {
		return 0
	}
	return a.nan + a.posInf + a.negInf + a.huge
}

// special gives the sum when values that are not finite are in it.
func (a *apart) special() (float64, bool) {
	switch {
	case a == nil || a.nan == 0 && a.posInf == 0 && a.negInf == 0:
		return 0, false
	case a.nan != 0 || a.posInf != 0 && a.negInf != 0:
		return math.NaN(), true
	case a.posInf != 0:
		return math.Inf(1), true
	}
	return math.Inf(-1), true
}

// floatSums is what the state of one group says about one column.
type floatSums struct {
	n     int64   // values
	sum   float64 // running
	exact fmath.DD
	// mixed says that the running sums do not hold: rows have gone, or states
	// were merged.
	mixed bool
	rare  *apart
}

// plain tells a value that is not kept apart.
func plain(x float64) bool { return x > -hugeFloat && x < hugeFloat }

// keep takes x in w times, apart from the running sum.
func (s *floatSums) keep(x float64, w int64) {
	switch {
	case !plain(x):
		if s.rare == nil {
			s.rare = &apart{}
		}
		s.rare.add(x, w)
	case w == 1:
		s.exact = s.exact.AddF(x)
	default:
		s.exact = s.exact.Add(fmath.Product(x, float64(w)))
	}
}

// total is the sum of all values; ok is false when it overflows.
func (s *floatSums) total() (v float64, ok bool) {
	special, found := s.rare.special()
	switch {
	case found:
		return special, true
	case !s.mixed:
		return s.sum, !math.IsInf(s.sum, 0)
	case s.rare == nil || s.rare.huge == 0:
		return s.exact.Value(), true
	}
	d := s.exact.Scale(hugeScale)
	d = d.Add(s.rare.sum)
	v = d.Value() / hugeScale
	return v, !math.IsInf(v, 0)
}

// mergeSums adds another group's sums. Into an empty group they come as they
// are; otherwise the running sums are lost.
func (s *floatSums) mergeSums(b *floatSums) {
	s.n += b.n
	s.mixed = true
	s.exact = s.exact.Add(b.exact)
	if b.rare != nil {
		if s.rare == nil {
			s.rare = &apart{}
		}
		s.rare.merge(b.rare)
	}
}

// floatStateInts and floatStateFloats are the widths of a saved floatSums.
const (
	floatStateInts   = 6
	floatStateFloats = 7
)

func (s *floatSums) save(ints, floats []vec.Vec) {
	var r apart
	if s.rare != nil {
		r = *s.rare
	}
	mixed := int64(0)
	if s.mixed {
		mixed = 1
	}
	appendInts(ints, s.n, mixed, r.nan, r.posInf, r.negInf, r.huge)
	appendFloats(floats, s.sum, s.exact.Hi, s.exact.Lo, r.sum.Hi, r.sum.Lo, r.squares.Hi, r.squares.Lo)
}

func loadFloatSums(ints, floats []vec.Vec, i int) (s floatSums) {
	s.n, s.mixed = ints[0].Ints[i], ints[1].Ints[i] != 0
	s.sum, s.exact = floats[0].Floats[i], fmath.DD{Hi: floats[1].Floats[i], Lo: floats[2].Floats[i]}
	r := apart{
		nan: ints[2].Ints[i], posInf: ints[3].Ints[i], negInf: ints[4].Ints[i], huge: ints[5].Ints[i],
		sum: fmath.DD{Hi: floats[3].Floats[i], Lo: floats[4].Floats[i]}, squares: fmath.DD{Hi: floats[5].Floats[i], Lo: floats[6].Floats[i]},
	}
	if r != (apart{}) {
		s.rare = &r
	}
	return s
}

func appendFloats(out []vec.Vec, xs ...float64) {
	for i, x := range xs {
		out[i].Floats = append(out[i].Floats, x)
	}
}
