package funcs

import (
	"math/bits"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for _, t := range []string{"int2", "int4"} {
		register("sum("+t+")", accOf(linear, func() Acc { return &sum64Acc{} }))
	}
	register("sum(int8)", accOf(linear, func() Acc { return &sum128Acc{} }))
	for _, t := range []string{"int2", "int4", "int8"} {
		register("avg("+t+")", accOf(linear, func() Acc { return &sum128Acc{avg: true} }))
	}
}

// sum64 is a sum that, as PostgreSQL's int4_sum, is not checked: it would take
// 2^32 rows to overflow.
type sum64 struct{ n, sum int64 }

// sum64Acc is sum of smallint and integer.
type sum64Acc struct{ states[sum64] }

// Add implements Acc.
func (a *sum64Acc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	x, nulls, st := args[0].Ints[:len(groups)], args[0].Nulls, a.st
	switch {
	case nulls == nil && w == nil:
		for i, g := range groups {
			s := &st[g]
			s.n++
			s.sum += x[i]
		}
	default:
		for i, g := range groups {
			if nulls == nil || !nulls[i] {
				k := weightOf(w, i)
				s := &st[g]
				s.n += k
				s.sum += k * x[i]
			}
		}
	}
}

// Result implements Acc.
func (a *sum64Acc) Result(_ *Ctx, groups []uint32, out *vec.Vec) {
	r := resultInts(out, len(groups))
	for i, g := range groups {
		r[i] = a.st[g].sum
		if a.st[g].n == 0 {
			out.SetNull(i)
		}
	}
}

// StateKinds implements Acc.
func (a *sum64Acc) StateKinds() []types.Kind { return kindsOf(types.Int, 2) }

// Save implements Acc.
func (a *sum64Acc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		appendInts(out, a.st[g].n, a.st[g].sum)
	}
}

// Merge implements Acc.
func (a *sum64Acc) Merge(_ *Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		a.st[g].n += state[0].Ints[i]
		a.st[g].sum += state[1].Ints[i]
	}
}

// int128 is a signed sum of 128 bits.
type int128 struct {
	hi int64
	lo uint64
}

func (s *int128) add(x int64) {
	lo, c := bits.Add64(s.lo, uint64(x), 0)
	s.lo = lo
	s.hi += x>>63 + int64(c)
}

func (s *int128) add128(hi int64, lo uint64) {
	l, c := bits.Add64(s.lo, lo, 0)
	s.lo = l
	s.hi += hi + int64(c)
}

// numeric gives the sum times 10^-scale.
func (s int128) numeric(scale int32) types.Numeric { return types.NumericFromInt128(s.hi, s.lo, scale) }

type sum128 struct {
	n   int64
	sum int128
}

// sum128Acc is sum(bigint), and avg of all integers; both are numeric.
type sum128Acc struct {
	states[sum128]
	avg bool
}

// Add implements Acc.
func (a *sum128Acc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	x, nulls, st := args[0].Ints[:len(groups)], args[0].Nulls, a.st
	switch {
	case nulls == nil && w == nil:
		for i, g := range groups {
			s := &st[g]
			s.n++
			s.sum.add(x[i])
		}
	default:
		for i, g := range groups {
			if nulls == nil || !nulls[i] {
				k := weightOf(w, i)
				s := &st[g]
				s.n += k
				s.sum.add128(mul128(x[i], k))
			}
		}
	}
}

// Result implements Acc.
func (a *sum128Acc) Result(c *Ctx, groups []uint32, out *vec.Vec) {
	out.Reset(types.Numer, len(groups))
	for i, g := range groups {
		s := &a.st[g]
		if s.n == 0 {
			out.SetNull(i)
			out.Nums[i] = types.Numeric{}
			continue
		}
		v := s.sum.numeric(0)
		if a.avg {
			var err error
			if v, err = types.NumericAvg(v, s.n); err != nil {
				c.Bad.Set(i, err)
			}
		}
		out.Nums[i] = v
	}
}

// StateKinds implements Acc.
func (a *sum128Acc) StateKinds() []types.Kind { return kindsOf(types.Int, 3) }

// Save implements Acc.
func (a *sum128Acc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		s := &a.st[g]
		appendInts(out, s.n, s.sum.hi, int64(s.sum.lo))
	}
}

// Merge implements Acc.
func (a *sum128Acc) Merge(_ *Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		s := &a.st[g]
		s.n += state[0].Ints[i]
		s.sum.add128(state[1].Ints[i], uint64(state[2].Ints[i]))
	}
}
