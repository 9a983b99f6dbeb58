package funcs

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// in_range(value, base, offset, sub, less) tells whether value is at or before
// (less), or at or after, the bound base + offset, or base - offset (sub): the
// bound of a RANGE frame. An addition that overflows compares as beyond
// everything.

var errInRange = pgerr.New(pgerr.InvalidPrecedingOrFollowingSize, "invalid preceding or following size in window function")

func init() {
	for _, p := range []string{"int2_int2", "int2_int4", "int2_int8", "int4_int2", "int4_int4", "int4_int8", "int8_int8"} {
		register("in_range_"+p, rangeImpl(inRangeInt))
	}
	register("in_range_float8_float8", rangeImpl(inRangeFloat))
	register("in_range_float4_float8", rangeImpl(inRangeFloat))
	register("in_range_numeric_numeric", rangeImpl(inRangeNumeric))
	register("in_range_timestamp_interval", rangeImpl(func(_ *Ctx, v, base int64, off types.Interval, sub, less bool) (bool, error) {
		return inRangeTime(v, base, off, sub, less, types.TimestampPlus, types.TimestampMinus)
	}))
	register("in_range_timestamptz_interval", rangeImpl(func(c *Ctx, v, base int64, off types.Interval, sub, less bool) (bool, error) {
		z := c.zone()
		return inRangeTime(v, base, off, sub, less,
			func(t int64, v types.Interval) (int64, error) { return types.TimestamptzPlus(z, t, v) },
			func(t int64, v types.Interval) (int64, error) { return types.TimestamptzMinus(z, t, v) })
	}))
	register("in_range_date_interval", rangeImpl(func(_ *Ctx, v, base int64, off types.Interval, sub, less bool) (bool, error) {
		x, err := types.DateTimestamp(v)
		if err != nil {
			return false, err
		}
		y, err := types.DateTimestamp(base)
		if err != nil {
			return false, err
		}
		return inRangeTime(x, y, off, sub, less, types.TimestampPlus, types.TimestampMinus)
	}))
	register("in_range_interval_interval", rangeImpl(inRangeInterval))
	register("in_range_time_interval", rangeImpl(func(_ *Ctx, v, base int64, off types.Interval, sub, less bool) (bool, error) {
		return inRangeClock(v, base, off, sub, less, func(t, d int64) int64 { return t + d })
	}))
	register("in_range_timetz_interval", rangeImpl(func(_ *Ctx, v, base int64, off types.Interval, sub, less bool) (bool, error) {
		return inRangeClock(v, base, off, sub, less, func(t, d int64) int64 {
			micros, west := types.UnpackTimeTZ(t)
			return types.PackTimeTZ(micros+d, west)
		})
	}))
}

func rangeImpl[T, O Value](f func(c *Ctx, v, base T, off O, sub, less bool) (bool, error)) *Impl {
	return &Impl{Kernel: func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		v, base, off, sub, less := In[T](args[0]), In[T](args[1]), In[O](args[2]), args[3].Bools, args[4].Bools
		r := Out[bool](out, n)
		for i := range n {
			if c.skip(i) {
				continue
			}
			var err error
			if r[i], err = f(c, v[i], base[i], off[i], sub[i], less[i]); err != nil {
				c.Bad.Set(i, err)
			}
		}
	}}
}

func inRangeInt(_ *Ctx, v, base, off int64, sub, less bool) (bool, error) {
	if off < 0 {
		return false, errInRange
	}
	if sub {
		off = -off
	}
	bound, ok := addInt8(base, off)
	if !ok {
		return sub != less, nil
	}
	if less {
		return v <= bound, nil
	}
	return v >= bound, nil
}

func inRangeFloat(_ *Ctx, v, base, off float64, sub, less bool) (bool, error) {
	switch {
	case off < 0 || off != off:
		return false, errInRange
	case v != v:
		return base != base || !less, nil
	case base != base:
		return less, nil
	case math.IsInf(off, 1) && math.IsInf(base, map[bool]int{true: 1, false: -1}[sub]):
		return true, nil // the bound is all of one end, whichever
	}
	bound := base + off
	if sub {
		bound = base - off
	}
	if less {
		return v <= bound, nil
	}
	return v >= bound, nil
}

func inRangeNumeric(_ *Ctx, v, base, off types.Numeric, sub, less bool) (bool, error) {
	if off.Form() == types.NumNaN || off.Sign() < 0 {
		return false, errInRange
	}
	switch {
	case v.Form() == types.NumNaN:
		return base.Form() == types.NumNaN || !less, nil
	case base.Form() == types.NumNaN:
		return less, nil
	case off.Form() == types.NumPosInf:
		switch {
		case sub && base.Form() == types.NumPosInf, !sub && base.Form() == types.NumNegInf:
			return true, nil
		case sub:
			return !less || v.Form() == types.NumNegInf, nil
		}
		return less || v.Form() == types.NumPosInf, nil
	}
	f := types.NumericAdd
	if sub {
		f = types.NumericSub
	}
	bound, err := f(base, off)
	if err != nil {
		return false, err
	}
	if less {
		return v.Cmp(bound) <= 0, nil
	}
	return v.Cmp(bound) >= 0, nil
}

func inRangeTime(v, base int64, off types.Interval, sub, less bool, plus, minus func(int64, types.Interval) (int64, error)) (bool, error) {
	if off.Cmp(types.Interval{}) < 0 {
		return false, errInRange
	}
	if sub {
		plus = minus
	}
	bound, err := plus(base, off)
	if err != nil {
		return false, err
	}
	if less {
		return v <= bound, nil
	}
	return v >= bound, nil
}

func inRangeInterval(_ *Ctx, v, base, off types.Interval, sub, less bool) (bool, error) {
	if off.Cmp(types.Interval{}) < 0 {
		return false, errInRange
	}
	f := types.IntervalAdd
	if sub {
		f = types.IntervalSub
	}
	bound, err := f(base, off)
	if err != nil {
		return false, err
	}
	if less {
		return v.Cmp(bound) <= 0, nil
	}
	return v.Cmp(bound) >= 0, nil
}

// inRangeClock looks at the time part of the offset only, and lets the bound go
// beyond midnight.
func inRangeClock(v, base int64, off types.Interval, sub, less bool, plus func(t, d int64) int64) (bool, error) {
	d := off.Micros
	if d < 0 {
		return false, errInRange
	}
	if sub {
		d = -d
	}
	if _, ok := addInt8(base, d); !ok {
		return less, nil
	}
	bound := plus(base, d)
	if less {
		return v <= bound, nil
	}
	return v >= bound, nil
}
