package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// AT TIME ZONE: timezone(zone, value). A constant zone is looked up once.
func init() {
	register("timestamptz_zone", zoneNamed(types.TimestamptzAtZoneName, noEnv(types.TimestamptzAtZone)))
	register("timestamp_zone", zoneNamed(types.TimestampAtZoneName, noEnv(types.TimestampAtZone)))
	register("timetz_zone", &Impl{Kernel: env2e(func(e *Env, name string, t int64) (int64, error) {
		z, err := types.LoadZone(name)
		if err != nil {
			return 0, err
		}
		return types.TimetzAtZone(&e.Env, z, t)
	})})
	register("timestamptz_izone", zoneInterval(noEnv(types.TimestamptzAtZone)))
	register("timestamp_izone", zoneInterval(noEnv(types.TimestampAtZone)))
	register("timetz_izone", zoneInterval(types.TimetzAtZone))
}

type atZone func(e *types.Env, z *types.Zone, t int64) (int64, error)

func noEnv(f func(z *types.Zone, t int64) (int64, error)) atZone {
	return func(_ *types.Env, z *types.Zone, t int64) (int64, error) { return f(z, t) }
}

func zoneNamed(byName func(name string, t int64) (int64, error), at atZone) *Impl {
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		if d := constArg(call, 0); d != nil {
			if z, err := types.LoadZone(d.Str()); err == nil {
				return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
					fn1e(func(t int64) (int64, error) { return at(&c.Env.Env, z, t) })(c, args[1:], n, out)
				}, nil
			}
		}
		return fn2e(byName), nil
	}}
}

func zoneInterval(at atZone) *Impl {
	return &Impl{Kernel: env2e(func(e *Env, v types.Interval, t int64) (int64, error) {
		if v.Months == 0 && v.Days == 0 || types.TimestampFinite(t) {
			z, err := types.IntervalZone(&e.Env, v)
			if err != nil {
				return 0, err
			}
			return at(&e.Env, z, t)
		}
		return t, nil
	})}
}
