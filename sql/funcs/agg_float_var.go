package funcs

import (
	"math"

	"github.com/streamsqld/streamsqld/sql/funcs/fmath"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for _, t := range []string{"float4", "float8"} {
		for name, k := range spreads {
			register(name+"("+t+")", accOf(rounding, func() Acc { return &floatVarAcc{kind: k} }))
		}
	}
}

// spreads are the aggregates for variance and standard deviation.
var spreads = map[string]types.Spread{
	"var_pop": types.VarPop, "var_samp": types.VarSamp, "variance": types.VarSamp,
	"stddev_pop": types.StddevPop, "stddev_samp": types.StddevSamp, "stddev": types.StddevSamp,
}

// floatVar is the state of variance: besides the sums of the values, those of
// their squares; running, as the sum of squared deviations.
type floatVar struct {
	floatSums
	dev     float64
	squares fmath.DD
}

// floatVarAcc is variance and standard deviation of floats.
type floatVarAcc struct {
	states[floatVar]
	kind types.Spread
}

// Add implements Acc.
func (a *floatVarAcc) Add(c *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	x, nulls := args[0].Floats[:len(groups)], args[0].Nulls
	for i, g := range groups {
		if nulls != nil && nulls[i] {
			continue
		}
		if k := weightOf(w, i); k == 1 {
			a.st[g].addOne(x[i])
		} else {
			a.st[g].addMany(x[i], k)
		}
	}
}

// addOne is PostgreSQL's float8_accum, and the compensated sums beside it. An
// overflow is told at the end.
func (s *floatVar) addOne(x float64) {
	s.n++
	n := float64(s.n)
	s.sum += x
	if s.n > 1 {
		t := float64(x*n) - s.sum
		s.dev += t * t / (n * (n - 1))
	}
	s.keep(x, 1)
	if plain(x) {
		s.squares = s.squares.Add(fmath.Product(x, x))
	}
}

func (s *floatVar) addMany(x float64, w int64) {
	s.n += w
	s.mixed = true
	s.keep(x, w)
	if plain(x) {
		s.squares = s.squares.Add(fmath.Product(x, x).MulF(float64(w)))
	}
	if s.n == 0 {
		*s = floatVar{}
	}
}

// deviation is the sum of squared deviations from the mean, in units of
// 1/unit²; unit is 1 unless values are huge.
func (s *floatVar) deviation() (dev, unit float64) {
	if _, special := s.rare.special(); special {
		return math.NaN(), 1
	}
	if !s.mixed {
		return s.dev, 1
	}
	sum, squares, unit := s.exact, s.squares, 1.0
	if s.rare != nil && s.rare.huge != 0 {
		unit = hugeScale
		sum, squares = sum.Scale(unit), squares.Scale(unit).Scale(unit)
		sum = sum.Add(s.rare.sum)
		squares = squares.Add(s.rare.squares)
	}
	return max(centered(squares, sum, sum, s.n), 0), unit
}

// centered is Σxy − Σx·Σy/n. What is left of two terms that agree to 95 bits is
// the noise of the sums, not a deviation.
func centered(xy, x, y fmath.DD, n int64) float64 {
	d := xy.MulF(float64(n))
	t := x.Mul(y)
	size := max(math.Abs(d.Hi), math.Abs(t.Hi))
	d = d.Add(t.Neg())
	if math.Abs(d.Hi) < size*0x1p-95 {
		return 0
	}
	return d.Value() / float64(n)
}

// Result implements Acc.
func (a *floatVarAcc) Result(c *Ctx, groups []uint32, out *vec.Vec) {
	r := resultFloats(out, len(groups))
	for i, g := range groups {
		s := &a.st[g]
		div := float64(s.n)
		if a.kind == types.VarSamp || a.kind == types.StddevSamp {
			div--
		}
		if s.n == 0 || div == 0 {
			r[i] = 0
			out.SetNull(i)
			continue
		}
		dev, unit := s.deviation()
		v := dev / div
		if a.kind == types.StddevPop || a.kind == types.StddevSamp {
			v = math.Sqrt(v) / unit
		} else {
			v = v / unit / unit
		}
		if _, special := s.rare.special(); !special && v-v != 0 {
			c.Bad.Set(i, errOverflow)
		}
		r[i] = v
	}
}

// StateKinds implements Acc.
func (a *floatVarAcc) StateKinds() []types.Kind {
	return append(kindsOf(types.Int, floatStateInts), kindsOf(types.Float, floatStateFloats+3)...)
}

// Save implements Acc.
func (a *floatVarAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		s := &a.st[g]
		s.save(out[:floatStateInts], out[floatStateInts:])
		appendFloats(out[floatStateInts+floatStateFloats:], s.dev, s.squares.Hi, s.squares.Lo)
	}
}

// Merge implements Acc.
func (a *floatVarAcc) Merge(_ *Ctx, groups []uint32, state []vec.Vec) {
	more := state[floatStateInts+floatStateFloats:]
	for i, g := range groups {
		b := floatVar{
			floatSums: loadFloatSums(state[:floatStateInts], state[floatStateInts:], i),
			dev:       more[0].Floats[i], squares: fmath.DD{Hi: more[1].Floats[i], Lo: more[2].Floats[i]},
		}
		s := &a.st[g]
		if *s == (floatVar{}) {
			*s = b
			continue
		}
		s.mergeSums(&b.floatSums)
		s.squares = s.squares.Add(b.squares)
	}
}
