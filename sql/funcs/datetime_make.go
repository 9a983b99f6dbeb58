package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("make_date", rowImpl(types.Int, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		return intDatum(types.MakeDate(i32(a[0]), i32(a[1]), i32(a[2])))
	}))
	register("make_time", rowImpl(types.Int, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		return intDatum(types.MakeTime(i32(a[0]), i32(a[1]), a[2].Float()))
	}))
	register("make_timestamp", rowImpl(types.Int, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		return intDatum(types.MakeTimestamp(i32(a[0]), i32(a[1]), i32(a[2]), i32(a[3]), i32(a[4]), a[5].Float()))
	}))
	register("make_timestamptz", rowImpl(types.Int, func(c *Ctx, a []types.Datum) (types.Datum, error) {
		return intDatum(types.MakeTimestamptz(c.zone(), i32(a[0]), i32(a[1]), i32(a[2]), i32(a[3]), i32(a[4]), a[5].Float()))
	}))
	register("make_timestamptz_at_timezone", rowImpl(types.Int, makeTimestamptzAt))
	register("make_interval", rowImpl(types.Inter, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		v, err := types.MakeInterval(i32(a[0]), i32(a[1]), i32(a[2]), i32(a[3]), i32(a[4]), i32(a[5]), a[6].Float())
		return types.NewInterval(v), err
	}))
	register("float8_timestamptz", &Impl{Kernel: fn1e(types.ToTimestamp)})
	registerOverlaps()
	registerClocks()
}

func rowImpl(kind types.Kind, f func(c *Ctx, args []types.Datum) (types.Datum, error)) *Impl {
	return &Impl{Kernel: rows(kind, f)}
}

func i32(d types.Datum) int32 { return int32(d.Int()) }

func intDatum(x int64, err error) (types.Datum, error) { return types.NewInt(x), err }

func makeTimestamptzAt(_ *Ctx, a []types.Datum) (types.Datum, error) {
	if _, err := types.MakeTimestamp(i32(a[0]), i32(a[1]), i32(a[2]), i32(a[3]), i32(a[4]), a[5].Float()); err != nil {
		return types.Null, err // the fields are looked at before the zone
	}
	z, err := types.SaneZone(a[6].Str())
	if err != nil {
		return types.Null, err
	}
	return intDatum(types.MakeTimestamptz(z, i32(a[0]), i32(a[1]), i32(a[2]), i32(a[3]), i32(a[4]), a[5].Float()))
}

// registerOverlaps registers OVERLAPS in all its forms: an end may be given as
// an interval after the start.
func registerOverlaps() {
	plus := map[string]func(c *Ctx, t int64, v types.Interval) (int64, error){
		"time":        func(_ *Ctx, t int64, v types.Interval) (int64, error) { return types.TimePlus(t, v), nil },
		"timestamp":   func(_ *Ctx, t int64, v types.Interval) (int64, error) { return types.TimestampPlus(t, v) },
		"timestamptz": func(c *Ctx, t int64, v types.Interval) (int64, error) { return types.TimestamptzPlus(c.zone(), t, v) },
	}
	for _, t := range []string{"time", "timetz", "timestamp"} {
		register("overlaps_"+t, overlapsImpl(nil))
	}
	for t, f := range plus {
		for _, ends := range [][2]string{{t, "interval"}, {"interval", t}, {"interval", "interval"}} {
			register("overlaps("+t+","+ends[0]+","+t+","+ends[1]+")", overlapsImpl(f))
		}
	}
}

func overlapsImpl(plus func(c *Ctx, t int64, v types.Interval) (int64, error)) *Impl {
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		t := call.Args[0]
		return rows(types.Bool, func(c *Ctx, a []types.Datum) (types.Datum, error) {
			for i := 1; i < 4; i += 2 {
				if a[i].Kind() != types.Inter {
					continue
				}
				if a[i-1].IsNull() {
					a[i] = types.Null
					continue
				}
				end, err := plus(c, a[i-1].Int(), a[i].Interval())
				if err != nil {
					return types.Null, err
				}
				a[i] = types.NewInt(end)
			}
			yes, null := types.Overlaps(t, a[0], a[1], a[2], a[3])
			if null {
				return types.Null, nil
			}
			return types.NewBool(yes), nil
		}), nil
	}}
}

// registerClocks registers the functions that tell the time.
func registerClocks() {
	register("now", clockImpl(func(e *Env) int64 { return e.Now }))
	register("statement_timestamp", clockImpl(func(e *Env) int64 { return e.StmtTime }))
	register("clock_timestamp", &Impl{Kernel: func(c *Ctx, _ []*vec.Vec, n int, out *vec.Vec) {
		r := Out[int64](out, n)
		for i := range r {
			r[i] = c.Env.Clock()
		}
	}})
}

func clockImpl(f func(*Env) int64) *Impl {
	return &Impl{Kernel: func(c *Ctx, _ []*vec.Vec, n int, out *vec.Vec) {
		r, t := Out[int64](out, n), f(c.Env)
		for i := range r {
			r[i] = t
		}
	}}
}
