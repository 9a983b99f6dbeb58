package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// zone is the session's time zone.
func (c *Ctx) zone() *types.Zone {
	if c.Env.Zone != nil {
		return c.Env.Zone
	}
	return types.UTC
}

func init() {
	for name, f := range map[string]func(a, b int64) (int64, error){
		"date_pli": types.DateAdd, "date_mii": types.DateSub, "date_mi": types.DateDiff,
		"datetime_timestamp": types.DatePlusTime, "datetimetz_timestamptz": types.DatePlusTimetz,
	} {
		register(name, &Impl{Kernel: fn2e(f)})
	}
	for name, f := range map[string]func(a int64, b types.Interval) (int64, error){
		"date_pl_interval": types.DatePlusInterval, "date_mi_interval": types.DateMinusInterval,
		"timestamp_pl_interval": types.TimestampPlus, "timestamp_mi_interval": types.TimestampMinus,
	} {
		register(name, &Impl{Kernel: fn2e(f)})
	}
	for name, f := range map[string]func(a int64, b types.Interval) int64{
		"time_pl_interval": types.TimePlus, "time_mi_interval": types.TimeMinus,
		"timetz_pl_interval": types.TimetzPlus, "timetz_mi_interval": types.TimetzMinus,
	} {
		register(name, &Impl{Kernel: fn2(f)})
	}
	register("timestamptz_pl_interval", zoned2(types.TimestamptzPlus))
	register("timestamptz_mi_interval", zoned2(types.TimestamptzMinus))
	register("timestamp_mi", &Impl{Kernel: fn2e(types.TimestampDiff)})
	register("time_mi_time", &Impl{Kernel: fn2(types.TimeDiff)})
	registerSwapped()
	registerIntervals()
	registerDateCasts()
	registerAges()
}

// zoned1 and zoned2 make the Impl of a function that works on the session's
// local clock.
func zoned1[A, R Value](f func(z *types.Zone, a A) (R, error)) *Impl {
	return &Impl{Kernel: func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		z := c.zone()
		fn1e(func(a A) (R, error) { return f(z, a) })(c, args, n, out)
	}}
}

func zoned2[A, B, R Value](f func(z *types.Zone, a A, b B) (R, error)) *Impl {
	return &Impl{Kernel: func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		z := c.zone()
		fn2e(func(a A, b B) (R, error) { return f(z, a, b) })(c, args, n, out)
	}}
}

// swapped is a kernel with its two arguments in the other order.
func swapped(k Kernel) *Impl {
	return &Impl{Kernel: func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		k(c, []*vec.Vec{args[1], args[0]}, n, out)
	}}
}

// registerSwapped registers what PostgreSQL writes in SQL as an operator with
// its operands exchanged.
func registerSwapped() {
	register("integer_pl_date(int4,date)", swapped(fn2e(types.DateAdd)))
	register("timedate_pl(time,date)", swapped(fn2e(types.DatePlusTime)))
	register("timetzdate_pl(timetz,date)", swapped(fn2e(types.DatePlusTimetz)))
	register("interval_pl_date(interval,date)", swapped(fn2e(types.DatePlusInterval)))
	register("interval_pl_time(interval,time)", swapped(fn2(types.TimePlus)))
	register("interval_pl_timetz(interval,timetz)", swapped(fn2(types.TimetzPlus)))
	register("interval_pl_timestamp(interval,timestamp)", swapped(fn2e(types.TimestampPlus)))
	register("interval_pl_timestamptz(interval,timestamptz)", swapped(zoned2(types.TimestamptzPlus).Kernel))
}

func registerIntervals() {
	register("interval_pl", &Impl{Kernel: fn2e(types.IntervalAdd)})
	register("interval_mi", &Impl{Kernel: fn2e(types.IntervalSub)})
	register("interval_um", &Impl{Kernel: fn1e(types.IntervalNeg)})
	register("interval_mul", &Impl{Kernel: fn2e(types.IntervalMul)})
	register("mul_d_interval", swapped(fn2e(types.IntervalMul)))
	register("interval_div", &Impl{Kernel: fn2e(types.IntervalDiv)})
	register("interval_justify_hours", &Impl{Kernel: fn1e(types.JustifyHours)})
	register("interval_justify_days", &Impl{Kernel: fn1e(types.JustifyDays)})
	register("interval_justify_interval", &Impl{Kernel: fn1e(types.JustifyInterval)})
	register("interval_finite", &Impl{Kernel: fn1(func(types.Interval) bool { return true })})
	register("date_finite", &Impl{Kernel: fn1(types.DateFinite)})
	register("timestamp_finite", &Impl{Kernel: fn1(types.TimestampFinite)})
	register("interval_scale", &Impl{Kernel: fn2e(func(v types.Interval, mod int64) (types.Interval, error) { return types.IntervalTypmod(v, int32(mod)) })})
	for name, f := range map[string]func(int64, int32) int64{
		"time_scale": types.RoundTime, "timetz_scale": types.RoundTimetz,
	} {
		register(name, &Impl{Kernel: fn2(func(t, mod int64) int64 { return f(t, int32(mod)) })})
	}
	for _, name := range []string{"timestamp_scale", "timestamptz_scale"} {
		register(name, &Impl{Kernel: fn2e(scaleTimestamp)})
	}
}

// scaleTimestamp is timestamp(ts, precision).
func scaleTimestamp(ts, mod int64) (int64, error) {
	if types.TimestampFinite(ts) && mod != int64(types.NoMod) && (mod < 0 || mod > 6) {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "timestamp(%d) precision must be between %d and %d", mod, 0, 6)
	}
	return types.RoundTimestamp(ts, int32(mod)), nil
}

func registerDateCasts() {
	register("date_timestamp", &Impl{Kernel: fn1e(types.DateTimestamp)})
	register("date_timestamptz", zoned1(types.DateTimestamptz))
	register("timestamp_date", &Impl{Kernel: fn1e(types.TimestampDate)})
	register("timestamptz_date", zoned1(types.TimestamptzDate))
	register("timestamp_timestamptz", &Impl{Kernel: env1e(func(e *Env, t int64) (int64, error) { return types.TimestampTimestamptz(&e.Env, t) })})
	register("timestamptz_timestamp", &Impl{Kernel: env1e(func(e *Env, t int64) (int64, error) { return types.TimestamptzTimestamp(&e.Env, t) })})
	register("timestamp_time", partial(func(_ *Ctx, ts int64) (int64, bool) { return types.TimestampTime(ts) }))
	register("timestamptz_time", partial(func(c *Ctx, ts int64) (int64, bool) { return types.TimestamptzTime(c.zone(), ts) }))
	register("timestamptz_timetz", partial(func(c *Ctx, ts int64) (int64, bool) { return types.TimestamptzTimetz(c.zone(), ts) }))
	register("time_timetz", &Impl{Kernel: env1e(func(e *Env, t int64) (int64, error) { return types.TimeTimetz(&e.Env, t), nil })})
	register("timetz_time", &Impl{Kernel: fn1(types.TimetzTime)})
	register("time_interval", &Impl{Kernel: fn1(types.TimeInterval)})
	register("interval_time", &Impl{Kernel: fn1(types.IntervalTime)})
	register("timestamptz(date,time)", &Impl{Kernel: func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		fn2e(func(d, t int64) (int64, error) {
			ts, err := types.DatePlusTime(d, t)
			if err != nil {
				return 0, err
			}
			return types.TimestampTimestamptz(&c.Env.Env, ts)
		})(c, args, n, out)
	}})
}

// partial makes the Impl of a function of one number that is NULL for some.
func partial(f func(c *Ctx, x int64) (int64, bool)) *Impl {
	return &Impl{Kernel: func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, r := args[0].Ints, Out[int64](out, n)
		for i := range n {
			if c.skip(i) {
				continue
			}
			var ok bool
			if r[i], ok = f(c, a[i]); !ok {
				out.SetNull(i)
			}
		}
	}}
}

func registerAges() {
	register("timestamp_age", &Impl{Kernel: fn2e(types.TimestampAge)})
	register("timestamptz_age", zoned2(types.TimestamptzAge))
	register("age(timestamp)", &Impl{Kernel: env1e(func(e *Env, ts int64) (types.Interval, error) { return types.DateAge(&e.Env, ts) })})
	register("age(timestamptz)", &Impl{Kernel: env1e(func(e *Env, ts int64) (types.Interval, error) { return types.DateAgeTZ(&e.Env, ts) })})
}
