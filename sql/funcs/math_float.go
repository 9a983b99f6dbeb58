package funcs

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs/fmath"
	"github.com/streamsqld/streamsqld/sql/types"
)

var (
	errSqrtNegative = pgerr.New(pgerr.InvalidArgumentForPowerFunction, "cannot take square root of a negative number")
	errLogZero      = pgerr.New(pgerr.InvalidArgumentForLog, "cannot take logarithm of zero")
	errLogNegative  = pgerr.New(pgerr.InvalidArgumentForLog, "cannot take logarithm of a negative number")
	errPowZero      = pgerr.New(pgerr.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined")
	errPowComplex   = pgerr.New(pgerr.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result")
	errInputRange   = pgerr.New(pgerr.NumericValueOutOfRange, "input is out of range")
)

func init() {
	for name, f := range map[string]func(float64) float64{
		"dround": math.RoundToEven, "dtrunc": math.Trunc, "dceil": math.Ceil, "dfloor": math.Floor,
		"dcbrt": fmath.Cbrt, "datan": fmath.Atan, "dasinh": fmath.Asinh, "dtanh": fmath.Tanh, "dsign": signFloat,
	} {
		register(name, &Impl{Kernel: fn1(f)})
	}
	for name, f := range map[string]func(float64) (float64, error){
		"dsqrt": sqrtFloat, "dexp": expFloat, "dlog1": lnFloat, "dlog10": log10Float, "degrees": degrees, "radians": radians,
		"dsin": circular(fmath.Sin), "dcos": circular(fmath.Cos), "dtan": circular(fmath.Tan), "dcot": circular(func(x float64) float64 { return 1 / fmath.Tan(x) }),
		"dasin": arc(fmath.Asin), "dacos": arc(fmath.Acos), "dsinh": sinhFloat, "dcosh": coshFloat,
		"dacosh": acoshFloat, "datanh": atanhFloat,
		"dsind": sind, "dcosd": cosd, "dtand": tand, "dcotd": cotd, "dasind": arc(asind), "dacosd": arc(acosd),
	} {
		register(name, &Impl{Kernel: fn1e(f)})
	}
	register("datand", &Impl{Kernel: fn1(atand)})
	register("datan2", &Impl{Kernel: fn2(fmath.Atan2)})
	register("datan2d", &Impl{Kernel: fn2(func(y, x float64) float64 { return fmath.Atan2(y, x) / atan1 * 45 })})
	register("dpow", &Impl{Kernel: fn2e(powFloat)})
	register("width_bucket_float8", &Impl{Kernel: fn4e(func(x, lo, hi float64, count int64) (int64, error) {
		return types.WidthBucketFloat(x, lo, hi, int32(count))
	})})
}

func signFloat(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func sqrtFloat(x float64) (float64, error) {
	if x < 0 {
		return 0, errSqrtNegative
	}
	return math.Sqrt(x), nil
}

func expFloat(x float64) (float64, error) {
	r := fmath.Exp(x)
	switch {
	case math.IsInf(x, 0) || x != x:
		return r, nil
	case math.IsInf(r, 0):
		return 0, errOverflow
	case r == 0:
		return 0, errUnderflow
	}
	return r, nil
}

func logDomain(x float64) error {
	switch {
	case x == 0:
		return errLogZero
	case x < 0:
		return errLogNegative
	}
	return nil
}

func lnFloat(x float64) (float64, error)    { return fmath.Log(x), logDomain(x) }
func log10Float(x float64) (float64, error) { return fmath.Log10(x), logDomain(x) }

// powFloat follows PostgreSQL's dpow, which follows POSIX with errors for the
// cases that have no real result.
func powFloat(x, y float64) (float64, error) {
	switch {
	case x != x:
		if y == 0 {
			return 1, nil
		}
		return math.NaN(), nil
	case y != y:
		if x == 1 {
			return 1, nil
		}
		return math.NaN(), nil
	case x == 0 && y < 0:
		return 0, errPowZero
	case x < 0 && math.Floor(y) != y:
		return 0, errPowComplex
	}
	r := fmath.Pow(x, y)
	switch {
	case math.IsInf(x, 0) || math.IsInf(y, 0):
		return r, nil
	case math.IsInf(r, 0):
		return 0, errOverflow
	case r == 0 && x != 0:
		return 0, errUnderflow
	}
	return r, nil
}

// circular wraps a function that is not defined at infinity.
func circular(f func(float64) float64) func(float64) (float64, error) {
	return func(x float64) (float64, error) {
		if math.IsInf(x, 0) {
			return 0, errInputRange
		}
		r := f(x)
		return r, nil
	}
}

// arc wraps a function that is defined from -1 to 1.
func arc(f func(float64) float64) func(float64) (float64, error) {
	return func(x float64) (float64, error) {
		if x < -1 || x > 1 {
			return 0, errInputRange
		}
		return f(x), nil
	}
}

func sinhFloat(x float64) (float64, error) { return fmath.Sinh(x), nil }

func coshFloat(x float64) (float64, error) {
	r := fmath.Cosh(x)
	if r == 0 {
		return 0, errUnderflow
	}
	return r, nil
}

func acoshFloat(x float64) (float64, error) {
	if x < 1 {
		return 0, errInputRange
	}
	return fmath.Acosh(x), nil
}

func atanhFloat(x float64) (float64, error) {
	switch {
	case x < -1 || x > 1:
		return 0, errInputRange
	case x == -1 || x == 1:
		return math.Inf(int(x)), nil
	}
	return fmath.Atanh(x), nil
}

const radiansPerDegree = 0.0174532925199432957692

func degrees(x float64) (float64, error) {
	r := x / radiansPerDegree
	return r, scaled(x, r)
}

func radians(x float64) (float64, error) {
	r := x * radiansPerDegree
	return r, scaled(x, r)
}

func scaled(x, r float64) error {
	switch {
	case math.IsInf(r, 0) && !math.IsInf(x, 0):
		return errOverflow
	case r == 0 && x != 0:
		return errUnderflow
	}
	return nil
}
