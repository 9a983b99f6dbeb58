package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/window"
)

func init() {
	register("tumble_start", &Impl{Bind: func(c *Call) (Kernel, error) { return tumbleKernel(c, 0), nil }})
	register("tumble_end", &Impl{Bind: func(c *Call) (Kernel, error) { return tumbleKernel(c, 1), nil }})
	register("time_bucket", &Impl{Bind: func(call *Call) (Kernel, error) {
		if len(call.Args) == 3 {
			return binKernel(call)
		}
		// Without an origin buckets begin on a Monday, as TimescaleDB's do, so that
		// weeks do.
		monday := types.NewInt(mondayEpoch)
		with := *call
		with.Const = append(append([]*types.Datum{}, call.Const[:min(len(call.Const), 2)]...), nil)
		for len(with.Const) < 3 {
			with.Const = append(with.Const, nil)
		}
		with.Const[2] = &monday
		k, err := binKernel(&with)
		if err != nil {
			return nil, err
		}
		return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
			var origin vec.Vec
			origin.Const(types.Int, monday, n)
			k(c, []*vec.Vec{args[0], args[1], &origin}, n, out)
		}, nil
	}})
}

// tumbleKernel is tumble_start or, with ends 1, tumble_end: a bound of the
// tumbling window that a time lies in.
func tumbleKernel(call *Call, ends int64) Kernel {
	size, offset := constArg(call, 1), constArg(call, 2)
	fixed := size != nil && (len(call.Args) < 3 || offset != nil)
	var w window.Tumble
	if fixed {
		off := types.Interval{}
		if offset != nil {
			off = offset.Interval()
		}
		var err error
		if w, err = window.NewTumble(size.Interval(), off); err != nil {
			fixed = false // told row by row
		}
	}
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a := args[0].Ints[:n]
		r := Out[int64](out, n)
		if fixed && nearTimes(a) && w.Size() < 1<<57 && w.Starts(r, a) {
			for i := range r {
				r[i] += ends * w.Size()
			}
			return
		}
		for i, ts := range a {
			if c.skip(i) {
				continue
			}
			t := w
			if !fixed {
				off := types.Interval{}
				if len(args) > 2 {
					off = args[2].Inters[i]
				}
				var err error
				if t, err = window.NewTumble(args[1].Inters[i], off); err != nil {
					c.Bad.Set(i, err)
					continue
				}
			}
			var err error
			if r[i], err = tumbleBound(t, ts, ends); err != nil {
				c.Bad.Set(i, err)
			}
		}
	}
}

// tumbleBound gives a bound of the window of one time; infinite times are their
// own bounds.
func tumbleBound(w window.Tumble, ts, ends int64) (int64, error) {
	if !types.TimestampFinite(ts) {
		return ts, nil
	}
	s, ok := w.Window(ts)
	switch {
	case !ok:
		return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "timestamp out of range")
	case ends == 1:
		return s.End, nil
	}
	return s.Start, nil
}
