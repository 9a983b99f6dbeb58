package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/format"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	date := func(s string) (*format.DateTemplate, error) { return format.CompileDate(s), nil }
	type dateT = *format.DateTemplate
	type numT = *format.NumberTemplate
	register("timestamp_to_char", templated(date, func(_ *Ctx, t dateT, ts int64) (string, bool, error) { return t.Timestamp(ts) }))
	register("timestamptz_to_char", templated(date, func(c *Ctx, t dateT, ts int64) (string, bool, error) { return t.Timestamptz(&c.Env.Env, ts) }))
	register("interval_to_char", templated(date, func(_ *Ctx, t dateT, v types.Interval) (string, bool, error) { return t.Interval(v) }))
	register("to_timestamp", templated(date, func(c *Ctx, t dateT, s string) (int64, bool, error) { return some(t.ToTimestamp(&c.Env.Env, s)) }))
	register("to_date", templated(date, func(_ *Ctx, t dateT, s string) (int64, bool, error) { return some(t.ToDate(s)) }))
	register("numeric_to_char", templated(format.CompileNumber, func(_ *Ctx, t numT, n types.Numeric) (string, bool, error) { return some(t.Numeric(n)) }))
	register("int4_to_char", templated(format.CompileNumber, func(_ *Ctx, t numT, n int64) (string, bool, error) { return some(t.Int(n, 32)) }))
	register("int8_to_char", templated(format.CompileNumber, func(_ *Ctx, t numT, n int64) (string, bool, error) { return some(t.Int(n, 64)) }))
	register("float4_to_char", templated(format.CompileNumber, func(_ *Ctx, t numT, f float64) (string, bool, error) { return some(t.Float(f, 32)) }))
	register("float8_to_char", templated(format.CompileNumber, func(_ *Ctx, t numT, f float64) (string, bool, error) { return some(t.Float(f, 64)) }))
	register("numeric_to_number", templated(format.CompileNumber, func(_ *Ctx, t numT, s string) (types.Numeric, bool, error) { return t.ToNumber(s) }))
	register("timeofday", rowImpl(types.Bytes, func(c *Ctx, _ []types.Datum) (types.Datum, error) {
		s, ok, err := format.CompileDate("Dy Mon DD HH24:MI:SS.US YYYY TZ").Timestamptz(&c.Env.Env, c.Env.Clock())
		return textOrNull(s, ok), err
	}))
}

// templated makes the Impl of a function whose second argument is a template.
// Templates are compiled once; a call site keeps the last one.
func templated[T any, A, R Value](compile func(string) (T, error), f func(c *Ctx, t T, a A) (R, bool, error)) *Impl {
	return &Impl{Bind: func(*Call) (Kernel, error) {
		var last T
		text, known := "", false
		return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
			a, ts, r := In[A](args[0]), args[1].Strs, Out[R](out, n)
			for i := range n {
				if c.skip(i) {
					continue
				}
				if !known || ts[i] != text {
					t, err := compile(ts[i])
					if err != nil {
						c.Bad.Set(i, err)
						continue
					}
					last, text, known = t, ts[i], true
				}
				v, ok, err := f(c, last, a[i])
				r[i] = v
				switch {
				case err != nil:
					c.Bad.Set(i, err)
				case !ok:
					out.SetNull(i)
				}
			}
		}, nil
	}}
}
