package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("sum(interval)", accOf(linear, func() Acc { return &intervalAcc{} }))
	register("avg(interval)", accOf(linear, func() Acc { return &intervalAcc{avg: true} }))
}

// intervalSum is a sum of intervals, part by part.
type intervalSum struct {
	n, months, days int64
	micros          int128
}

// intervalAcc is sum and avg of intervals.
type intervalAcc struct {
	states[intervalSum]
	avg bool
}

// Add implements Acc.
func (a *intervalAcc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	x, nulls := args[0].Inters, args[0].Nulls
	for i, g := range groups {
		if nulls != nil && nulls[i] {
			continue
		}
		s, k := &a.st[g], weightOf(w, i)
		s.n += k
		s.months += k * int64(x[i].Months)
		s.days += k * int64(x[i].Days)
		s.micros.add128(mul128(x[i].Micros, k))
	}
}

// Result implements Acc.
func (a *intervalAcc) Result(c *Ctx, groups []uint32, out *vec.Vec) {
	r := Out[types.Interval](out, len(groups))
	for i, g := range groups {
		s := &a.st[g]
		if s.n == 0 {
			r[i] = types.Interval{}
			out.SetNull(i)
			continue
		}
		v, err := s.interval()
		if err == nil && a.avg {
			v, err = types.IntervalDiv(v, float64(s.n))
		}
		if err != nil {
			c.Bad.Set(i, err)
		}
		r[i] = v
	}
}

func (s *intervalSum) interval() (types.Interval, error) {
	micros := int64(s.micros.lo)
	if s.micros.hi != micros>>63 || !width4.fits(s.months) || !width4.fits(s.days) {
		return types.Interval{}, pgerr.New(pgerr.DatetimeValueOutOfRange, "interval out of range")
	}
	return types.Interval{Months: int32(s.months), Days: int32(s.days), Micros: micros}, nil
}

// StateKinds implements Acc.
func (a *intervalAcc) StateKinds() []types.Kind { return kindsOf(types.Int, 5) }

// Save implements Acc.
func (a *intervalAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		s := &a.st[g]
		appendInts(out, s.n, s.months, s.days, s.micros.hi, int64(s.micros.lo))
	}
}

// Merge implements Acc.
func (a *intervalAcc) Merge(_ *Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		s := &a.st[g]
		s.n += state[0].Ints[i]
		s.months += state[1].Ints[i]
		s.days += state[2].Ints[i]
		s.micros.add128(state[3].Ints[i], uint64(state[4].Ints[i]))
	}
}
