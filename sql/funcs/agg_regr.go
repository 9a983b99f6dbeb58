package funcs

import (
	"math"

	"github.com/streamsqld/streamsqld/sql/funcs/fmath"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for name, f := range map[string]func(*moments) (float64, bool){
		"regr_sxx":   func(m *moments) (float64, bool) { return m.xx, m.n >= 1 },
		"regr_syy":   func(m *moments) (float64, bool) { return m.yy, m.n >= 1 },
		"regr_sxy":   func(m *moments) (float64, bool) { return m.xy, m.n >= 1 },
		"regr_avgx":  func(m *moments) (float64, bool) { return m.x / m.n, m.n >= 1 },
		"regr_avgy":  func(m *moments) (float64, bool) { return m.y / m.n, m.n >= 1 },
		"covar_pop":  func(m *moments) (float64, bool) { return m.xy / m.n, m.n >= 1 },
		"covar_samp": func(m *moments) (float64, bool) { return m.xy / (m.n - 1), m.n >= 2 },
		"corr":       (*moments).corr, "regr_r2": (*moments).r2, "regr_slope": (*moments).slope, "regr_intercept": (*moments).intercept,
	} {
		register(name+"(float8,float8)", accOf(rounding, func() Acc { return &regrAcc{value: f} }))
	}
}

// moments are what the statistics of pairs are computed from: the number of
// pairs, the sums of x and y, and the sums of products of deviations.
type moments struct{ n, x, y, xx, yy, xy float64 }

func (m *moments) corr() (float64, bool) {
	if m.n < 1 || m.xx == 0 || m.yy == 0 {
		return 0, false
	}
	return m.xy / math.Sqrt(m.xx*m.yy), true
}

func (m *moments) r2() (float64, bool) {
	switch {
	case m.n < 1 || m.xx == 0:
		return 0, false
	case m.yy == 0:
		return 1, true
	}
	return float64(m.xy*m.xy) / float64(m.xx*m.yy), true
}

func (m *moments) slope() (float64, bool) { return m.xy / m.xx, m.n >= 1 && m.xx != 0 }

func (m *moments) intercept() (float64, bool) {
	return (m.y - m.x*m.xy/m.xx) / m.n, m.n >= 1 && m.xx != 0
}

// regr is the state of pairs (y, x): sums by column as in floatSums, and of
// products; run is PostgreSQL's float8_regr_accum.
type regr struct {
	x, y       floatSums
	run        moments
	xx, yy, xy fmath.DD
}

// regrAcc is the aggregates over pairs of floats, of which the first is the
// dependent variable.
type regrAcc struct {
	states[regr]
	value func(*moments) (float64, bool)
}

// Add implements Acc.
func (a *regrAcc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	y, x, nulls := args[0].Floats, args[1].Floats, nullsOf(args)
	for i, g := range groups {
		if nulls != nil && nulls[i] {
			continue
		}
		s := &a.st[g]
		if k := weightOf(w, i); k == 1 {
			s.run.add(x[i], y[i])
			s.add(x[i], y[i], 1)
		} else {
			s.x.mixed = true
			s.add(x[i], y[i], k)
		}
		if s.x.n == 0 {
			*s = regr{}
		}
	}
}

// add is float8_regr_accum, without its checks: an overflow shows at the end.
func (m *moments) add(x, y float64) {
	m.n++
	m.x += x
	m.y += y
	if m.n > 1 {
		dx, dy := float64(x*m.n)-m.x, float64(y*m.n)-m.y
		scale := 1 / (m.n * (m.n - 1))
		m.xx += float64(dx * dx * scale)
		m.yy += float64(dy * dy * scale)
		m.xy += float64(dx * dy * scale)
		return
	}
	if x-x != 0 {
		m.xx, m.xy = math.NaN(), math.NaN()
	}
	if y-y != 0 {
		m.yy, m.xy = math.NaN(), math.NaN()
	}
}

// add takes a pair in w times.
func (s *regr) add(x, y float64, w int64) {
	s.x.n += w
	s.x.keep(x, w)
	s.y.keep(y, w)
	px, py := plain(x), plain(y)
	prod := func(d *fmath.DD, a, b float64) { *d = d.Add(fmath.Product(a, b).MulF(float64(w))) }
	if px {
		prod(&s.xx, x, x)
	}
	if py {
		prod(&s.yy, y, y)
	}
	if px && py {
		prod(&s.xy, x, y)
	}
}

// moments gives the moments, from the running ones while they hold. Pairs with
// values too large for their squares (see apart) make them NaN then.
func (s *regr) moments() moments {
	if !s.x.mixed {
		return s.run
	}
	s.y.mixed = true
	n := s.x.n
	m := moments{n: float64(n)}
	m.x, _ = s.x.total()
	m.y, _ = s.y.total()
	m.xx, m.yy, m.xy = centered(s.xx, s.x.exact, s.x.exact, n), centered(s.yy, s.y.exact, s.y.exact, n), centered(s.xy, s.x.exact, s.y.exact, n)
	if s.x.rare.count() != 0 {
		m.xx, m.xy = math.NaN(), math.NaN()
	}
	if s.y.rare.count() != 0 {
		m.yy, m.xy = math.NaN(), math.NaN()
	}
	return m
}

// Result implements Acc.
func (a *regrAcc) Result(c *Ctx, groups []uint32, out *vec.Vec) {
	r := resultFloats(out, len(groups))
	for i, g := range groups {
		s := &a.st[g]
		m := s.moments()
		v, ok := a.value(&m)
		r[i] = v
		if !ok {
			out.SetNull(i)
			continue
		}
		_, special1 := s.x.rare.special()
		_, special2 := s.y.rare.special()
		if !special1 && !special2 && v-v != 0 {
			c.Bad.Set(i, errOverflow)
		}
	}
}

// StateKinds implements Acc.
func (a *regrAcc) StateKinds() []types.Kind {
	return append(kindsOf(types.Int, 2*floatStateInts), kindsOf(types.Float, 2*floatStateFloats+12)...)
}

// Save implements Acc.
func (a *regrAcc) Save(groups []uint32, out []vec.Vec) {
	ints, floats := out[:2*floatStateInts], out[2*floatStateInts:]
	for _, g := range groups {
		s, m := &a.st[g], a.st[g].run
		s.x.save(ints, floats)
		s.y.save(ints[floatStateInts:], floats[floatStateFloats:])
		appendFloats(floats[2*floatStateFloats:], m.n, m.x, m.y, m.xx, m.yy, m.xy, s.xx.Hi, s.xx.Lo, s.yy.Hi, s.yy.Lo, s.xy.Hi, s.xy.Lo)
	}
}

// Merge implements Acc.
func (a *regrAcc) Merge(_ *Ctx, groups []uint32, state []vec.Vec) {
	ints, floats := state[:2*floatStateInts], state[2*floatStateInts:]
	for i, g := range groups {
		f := func(k int) float64 { return floats[2*floatStateFloats+k].Floats[i] }
		b := regr{
			x: loadFloatSums(ints, floats, i), y: loadFloatSums(ints[floatStateInts:], floats[floatStateFloats:], i),
			run: moments{f(0), f(1), f(2), f(3), f(4), f(5)},
			xx:  fmath.DD{Hi: f(6), Lo: f(7)}, yy: fmath.DD{Hi: f(8), Lo: f(9)}, xy: fmath.DD{Hi: f(10), Lo: f(11)},
		}
		s := &a.st[g]
		if *s == (regr{}) {
			*s = b
			continue
		}
		s.x.mergeSums(&b.x)
		s.y.mergeSums(&b.y)
		s.xx = s.xx.Add(b.xx)
		s.yy = s.yy.Add(b.yy)
		s.xy = s.xy.Add(b.xy)
	}
}
