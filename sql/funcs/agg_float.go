package funcs

import (
	"math"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("sum(float8)", accOf(rounding, func() Acc { return &floatSumAcc{} }))
	register("sum(float4)", accOf(rounding, func() Acc { return &floatSumAcc{single: true} }))
	register("avg(float8)", accOf(rounding, func() Acc { return &floatSumAcc{avg: true} }))
	register("avg(float4)", accOf(rounding, func() Acc { return &floatSumAcc{avg: true} }))
}

// floatSumAcc is sum and avg of floats. single: the running sum is rounded to
// float32 at every step, as sum(real) is.
type floatSumAcc struct {
	states[floatSums]
	avg, single bool
}

// Add implements Acc.
func (a *floatSumAcc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	x, nulls, st := args[0].Floats[:len(groups)], args[0].Nulls, a.st
	if nulls == nil && w == nil && !a.single {
		for i, g := range groups {
			st[g].addOne(x[i])
		}
		return
	}
	for i, g := range groups {
		if nulls != nil && nulls[i] {
			continue
		}
		s := &st[g]
		switch k := weightOf(w, i); {
		case k != 1:
			s.addMany(x[i], k)
		case a.single:
			s.addOne(x[i])
			s.sum = float64(float32(s.sum))
		default:
			s.addOne(x[i])
		}
	}
}

func (s *floatSums) addOne(x float64) {
	if s.n == 0 && !s.mixed {
		s.sum = x // so that the sum of -0 is -0
	} else {
		s.sum += x
	}
	s.n++
	if plain(x) {
		s.exact = s.exact.AddF(x)
	} else {
		s.keep(x, 1)
	}
}

// addMany adds x w times, or takes it away. A group that becomes empty is as
// new.
func (s *floatSums) addMany(x float64, w int64) {
	s.n += w
	s.mixed = true
	s.keep(x, w)
	if s.n == 0 {
		*s = floatSums{}
	}
}

// Result implements Acc.
func (a *floatSumAcc) Result(c *Ctx, groups []uint32, out *vec.Vec) {
	r := resultFloats(out, len(groups))
	for i, g := range groups {
		s := &a.st[g]
		if s.n == 0 {
			r[i] = 0
			out.SetNull(i)
			continue
		}
		v, ok := s.total()
		if a.avg {
			v = (0 + v) / float64(s.n) // there the sum starts from 0: the mean of -0 is 0
		}
		if a.single {
			v = float64(float32(v))
			_, special := s.rare.special()
			ok = ok && (special || !math.IsInf(v, 0))
		}
		if !ok {
			c.Bad.Set(i, errOverflow)
		}
		r[i] = v
	}
}

// StateKinds implements Acc.
func (a *floatSumAcc) StateKinds() []types.Kind {
	return append(kindsOf(types.Int, floatStateInts), kindsOf(types.Float, floatStateFloats)...)
}

// Save implements Acc.
func (a *floatSumAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		a.st[g].save(out[:floatStateInts], out[floatStateInts:])
	}
}

// Merge implements Acc.
func (a *floatSumAcc) Merge(_ *Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		b := loadFloatSums(state[:floatStateInts], state[floatStateInts:], i)
		if s := &a.st[g]; *s == (floatSums{}) {
			*s = b
		} else {
			s.mergeSums(&b)
		}
	}
}
