package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/window"
)

func init() {
	register("timestamp_trunc", &Impl{Bind: func(call *Call) (Kernel, error) {
		return truncKernel(call, func(*Ctx) *types.Zone { return types.UTC }, func(_ *Ctx, u types.Unit, ts int64) (int64, error) { return u.TruncTimestamp(ts) }), nil
	}})
	register("timestamptz_trunc", &Impl{Bind: func(call *Call) (Kernel, error) {
		return truncKernel(call, (*Ctx).zone, func(c *Ctx, u types.Unit, ts int64) (int64, error) { return u.TruncTimestamptz(c.zone(), ts) }), nil
	}})
	register("timestamptz_trunc_zone", &Impl{Bind: truncZone})
	register("interval_trunc", &Impl{Kernel: fn2e(func(unit string, v types.Interval) (types.Interval, error) {
		return types.ParseUnit(unit).TruncInterval(v)
	})})
	register("timestamp_bin", &Impl{Bind: binKernel})
	register("timestamptz_bin", &Impl{Bind: binKernel})
}

// truncKernel is date_trunc. With a constant unit of one length, and a zone of
// one offset, whole columns are cut as a tumbling window is.
func truncKernel(call *Call, zone func(*Ctx) *types.Zone, one func(c *Ctx, u types.Unit, ts int64) (int64, error)) Kernel {
	slow := func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		fn2e(func(unit string, ts int64) (int64, error) { return one(c, types.ParseUnit(unit), ts) })(c, args, n, out)
	}
	d := constArg(call, 0)
	if d == nil {
		return slow
	}
	u := types.ParseUnit(d.Str())
	width := u.Width()
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		if east, ok := zone(c).Fixed(); ok && width != 0 && cutTimes(args[1].Ints[:n], Out[int64](out, n), width, int64(east)*1_000_000) {
			return
		}
		fn1e(func(ts int64) (int64, error) { return one(c, u, ts) })(c, args[1:], n, out)
	}
}

// mondayEpoch is a Monday's midnight near the epoch, where weeks begin; shorter
// units begin there too.
const mondayEpoch = 2 * 24 * 60 * 60 * 1_000_000

// cutTimes cuts times to multiples of a unit on a clock that is east of UTC by
// some microseconds. It gives up when one is so far out that the result might
// be no timestamp, or infinite.
func cutTimes(a, r []int64, width, east int64) bool {
	const far = 1 << 57 // some 4500 years
	phase := mondayEpoch - east
	ok := true
	for i, x := range a {
		back := (x - phase) % width
		back += width & (back >> 63)
		r[i] = x - back
		ok = ok && x < far && x > -far
	}
	return ok
}

// truncZone is date_trunc with a zone of its own.
func truncZone(call *Call) (Kernel, error) {
	one := func(_ *Ctx, u types.Unit, z *types.Zone, ts int64) (int64, error) { return u.TruncTimestamptz(z, ts) }
	if d := constArg(call, 2); d != nil {
		if z, err := types.LoadZone(d.Str()); err == nil {
			k := truncKernel(call, func(*Ctx) *types.Zone { return z }, func(c *Ctx, u types.Unit, ts int64) (int64, error) { return one(c, u, z, ts) })
			return k, nil
		}
	}
	return fn3e(func(unit string, ts int64, zone string) (int64, error) {
		if !types.TimestampFinite(ts) {
			return ts, nil
		}
		z, err := types.LoadZone(zone)
		if err != nil {
			return 0, err
		}
		return types.ParseUnit(unit).TruncTimestamptz(z, ts)
	}), nil
}

// binKernel is date_bin(stride, ts, origin); constant stride and origin are a
// tumbling window.
func binKernel(call *Call) (Kernel, error) {
	slow := fn3e(types.DateBin)
	stride, origin := constArg(call, 0), constArg(call, 2)
	if stride == nil || origin == nil || !nearTimes([]int64{origin.Int(), stride.Interval().Micros}) {
		return slow, nil
	}
	if _, err := types.DateBin(stride.Interval(), 0, origin.Int()); err != nil {
		return slow, nil
	}
	// The origin of windows is the Unix epoch, that of times 2000-01-01.
	const epochShift = 946_684_800_000_000
	w, err := window.NewTumble(stride.Interval(), types.Interval{Micros: origin.Int()%stridesMicros(stride.Interval()) + epochShift})
	if err != nil {
		return slow, nil
	}
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a := args[1].Ints[:n]
		if !nearTimes(a) || !w.Starts(Out[int64](out, n), a) {
			slow(c, args, n, out)
		}
	}, nil
}

func stridesMicros(v types.Interval) int64 { return int64(v.Days)*86_400_000_000 + v.Micros }

// nearTimes tells that no time is infinite or near the ends of what timestamps
// hold.
func nearTimes(a []int64) bool {
	const far = 1 << 57
	for _, x := range a {
		if x >= far || x <= -far {
			return false
		}
	}
	return true
}
