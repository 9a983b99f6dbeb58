package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("numeric_add", &Impl{Kernel: numericOp{'+', types.NumericAdd}.kernel})
	register("numeric_sub", &Impl{Kernel: numericOp{'-', types.NumericSub}.kernel})
	register("numeric_mul", &Impl{Kernel: numericOp{'*', types.NumericMul}.kernel})
	register("numeric_div", &Impl{Kernel: numericDiv})
	register("numeric_mod", &Impl{Kernel: numericMod})
	register("numeric_uminus", &Impl{Kernel: narrowMap(negInt, types.NumericNeg)})
	register("numeric_abs", &Impl{Kernel: narrowMap(absInt, types.NumericAbs)})
	register("numeric_uplus", &Impl{Kernel: func(_ *Ctx, args []*vec.Vec, n int, out *vec.Vec) { copyNumeric(args[0], n, out) }})
	for name, f := range map[string]func(a, b types.Numeric) (types.Numeric, error){
		"numeric_div_trunc": types.NumericDivTrunc, "numeric_power": types.NumericPower, "numeric_log": types.NumericLog,
		"numeric_lcm": types.NumericLcm,
	} {
		register(name, &Impl{Kernel: fn2e(f)})
	}
	register("numeric_gcd", &Impl{Kernel: fn2(types.NumericGcd)})
	register("numeric_sign", &Impl{Kernel: fn1(types.NumericSign)})
	register("numeric_trim_scale", &Impl{Kernel: fn1(types.NumericTrimScale)})
	for name, f := range map[string]func(types.Numeric) (types.Numeric, error){
		"numeric_sqrt": types.NumericSqrt, "numeric_exp": types.NumericExp, "numeric_ln": types.NumericLn, "log(numeric)": types.NumericLog10,
		"log10(numeric)": types.NumericLog10, "numeric_ceil": types.NumericCeil, "numeric_floor": types.NumericFloor, "numeric_inc": types.NumericInc,
		"round(numeric)": func(n types.Numeric) (types.Numeric, error) { return types.NumericRound(n, 0) },
		"trunc(numeric)": func(n types.Numeric) (types.Numeric, error) { return types.NumericTrunc(n, 0) },
	} {
		register(name, &Impl{Kernel: fn1e(f)})
	}
	register("numeric_round", &Impl{Bind: func(c *Call) (Kernel, error) { return roundKernel(c, types.NumericRound, true), nil }})
	register("numeric_trunc", &Impl{Bind: func(c *Call) (Kernel, error) { return roundKernel(c, types.NumericTrunc, false), nil }})
	register("numeric_fac", &Impl{Kernel: fn1e(types.NumericFac)})
	register("numeric_scale", &Impl{Kernel: scaleKernel(types.NumericScale)})
	register("numeric_min_scale", &Impl{Kernel: scaleKernel(types.NumericMinScale)})
	register("width_bucket_numeric", &Impl{Kernel: fn4e(func(x, lo, hi types.Numeric, count int64) (int64, error) {
		return types.WidthBucketNumeric(x, lo, hi, int32(count))
	})})
	registerNumericCasts()
}

func copyNumeric(a *vec.Vec, n int, out *vec.Vec) {
	if a.Narrow {
		out.ResetNarrow(a.Scale, n)
		copy(out.Ints, a.Ints[:n])
		return
	}
	out.Reset(types.Numer, n)
	copy(out.Nums, a.Nums[:n])
}

// scaleKernel is scale or min_scale: NULL for NaN and infinities.
func scaleKernel(f func(types.Numeric) (int32, bool)) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		r := Out[int64](out, n)
		for i := range n {
			if c.skip(i) {
				continue
			}
			s, ok := f(args[0].Numeric(i))
			r[i] = int64(s)
			if !ok {
				out.SetNull(i)
			}
		}
	}
}

// roundKernel is round or trunc to a number of digits. A narrow column and a
// constant number of digits give a narrow column.
func roundKernel(call *Call, one func(types.Numeric, int32) (types.Numeric, error), half bool) Kernel {
	slow := fn2e(func(a types.Numeric, digits int64) (types.Numeric, error) {
		return one(a, int32(min(digits, maxDisplayScale)))
	})
	d := constArg(call, 1)
	if d == nil {
		return slow
	}
	digits := d.Int()
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a := args[0]
		if a.Narrow && digits >= 0 && digits <= int64(a.Scale) && int64(a.Scale)-digits <= 18 {
			out.ResetNarrow(int32(digits), n)
			cutDigits(a.Ints[:n], out.Ints[:n], a.Scale-int32(digits), half)
			return
		}
		slow(c, args, n, out)
	}
}

// cutDigits drops the last d digits; half rounds, halves away from zero.
func cutDigits(a, r []int64, d int32, half bool) {
	m := types.Pow10(d)
	for i, x := range a {
		q := x / m
		if rest := x - q*m; half && d > 0 {
			switch {
			case rest >= m/2 && rest > 0:
				q++
			case -rest >= m/2 && rest < 0:
				q--
			}
		}
		r[i] = q
	}
}

func registerNumericCasts() {
	for _, p := range []string{"int2", "int4", "int8"} {
		register(p+"_numeric", &Impl{Kernel: func(_ *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
			out.ResetNarrow(0, n)
			copy(out.Ints, args[0].Ints[:n])
		}})
	}
	for p, bits := range map[string]int{"int2": 16, "int4": 32, "int8": 64} {
		register("numeric_"+p, &Impl{Kernel: fn1e(func(n types.Numeric) (int64, error) { return types.NumericInt(n, bits) })})
	}
	register("numeric_float4", &Impl{Kernel: fn1e(func(n types.Numeric) (float64, error) { return types.NumericFloat(n, 32) })})
	register("numeric_float8", &Impl{Kernel: numericToFloat})
	for p, bits := range map[string]int{"float4": 32, "float8": 64} {
		register(p+"_numeric", &Impl{Kernel: func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
			fn1e(func(x float64) (types.Numeric, error) { return types.FloatNumeric(x, bits) })(c, args, n, out)
			narrowDown(c, out)
		}})
	}
	register("numeric", &Impl{Kernel: func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		fn2e(func(x types.Numeric, mod int64) (types.Numeric, error) { return types.NumericTypmod(x, int32(mod)) })(c, args, n, out)
		narrowDown(c, out)
	}})
}

// numericToFloat divides coefficients that a double holds exactly by a power of
// ten that it holds exactly, which rounds once.
func numericToFloat(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
	a := args[0]
	slow := fn1e(func(n types.Numeric) (float64, error) { return types.NumericFloat(n, 64) })
	if !a.Narrow || a.Scale > 18 {
		slow(c, args, n, out)
		return
	}
	const exact = 1 << 53
	r, div := Out[float64](out, n), float64(types.Pow10(a.Scale))
	for i, x := range a.Ints[:n] {
		if x > exact || x < -exact {
			slow(c, args, n, out)
			return
		}
		r[i] = float64(x) / div
	}
}
