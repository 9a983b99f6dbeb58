package funcs

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/vec"
)

var (
	errOverflow  = pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: overflow")
	errUnderflow = pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: underflow")
)

// floatOp is one of + - * / on floats; single rounds every result to float32,
// as arithmetic on real does.
type floatOp struct {
	op     byte
	single bool
}

// kernel computes a whole batch and looks at single rows only when one of the
// results is not finite or (for * and /) zero, the marks of over- and underflow.
func (o floatOp) kernel(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
	a, b, r := args[0].Floats[:n], args[1].Floats[:n], Out[float64](out, n)[:n]
	switch o.op {
	case '+':
		for i, x := range a {
			r[i] = x + b[i]
		}
	case '-':
		for i, x := range a {
			r[i] = x - b[i]
		}
	case '*':
		for i, x := range a {
			r[i] = x * b[i]
		}
	case '/':
		for i, x := range a {
			r[i] = x / b[i]
		}
	}
	if o.single {
		for i, x := range r {
			r[i] = float64(float32(x))
		}
	}
	for i, x := range r {
		if x-x != 0 || x == 0 || b[i] == 0 {
			if err := o.fault(a[i], b[i], x); err != nil && !c.skip(i) {
				c.Bad.Set(i, err)
			}
		}
	}
}

// fault tells what is wrong with x = a op b.
func (o floatOp) fault(a, b, x float64) error {
	switch {
	case o.op == '/' && b == 0 && a == a:
		return errDivZero
	case math.IsInf(x, 0) && !math.IsInf(a, 0) && (o.op == '/' || !math.IsInf(b, 0)):
		return errOverflow
	case x != 0:
		return nil
	case o.op == '*' && a != 0 && b != 0, o.op == '/' && a != 0 && !math.IsInf(b, 0):
		return errUnderflow
	}
	return nil
}

// floatInt32 and its kin round to the nearest integer, halves to even, and
// refuse what does not fit.
func floatToInt(w intWidth) Kernel {
	lo := -math.Ldexp(1, int(w.bits)-1)
	return fn1e(func(x float64) (int64, error) {
		x = math.RoundToEven(x)
		if !(x >= lo && x < -lo) { // NaN too
			return 0, w.err
		}
		return int64(x), nil
	})
}

// toSingle is the cast of double precision to real.
func toSingle(x float64) (float64, error) {
	y := float64(float32(x))
	switch {
	case math.IsInf(y, 0) && !math.IsInf(x, 0):
		return 0, errOverflow
	case y == 0 && x != 0:
		return 0, errUnderflow
	}
	return y, nil
}

// sameFloats is the kernel of a cast that keeps the number.
func sameFloats(_ *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
	copy(Out[float64](out, n), args[0].Floats[:n])
}

func init() {
	for op, s := range map[byte]string{'+': "pl", '-': "mi", '*': "mul", '/': "div"} {
		register("float4"+s, &Impl{Kernel: floatOp{op, true}.kernel})
		for _, p := range []string{"float8", "float48", "float84"} {
			register(p+s, &Impl{Kernel: floatOp{op, false}.kernel})
		}
	}
	for _, p := range []string{"float4", "float8"} {
		register(p+"um", &Impl{Kernel: fn1(func(x float64) float64 { return -x })})
		register(p+"up", &Impl{Kernel: sameFloats})
		register(p+"abs", &Impl{Kernel: fn1(math.Abs)})
	}
	for _, p := range []string{"f", "d"} {
		register(p+"toi2", &Impl{Kernel: floatToInt(width2)})
		register(p+"toi4", &Impl{Kernel: floatToInt(width4)})
		register(p+"toi8", &Impl{Kernel: floatToInt(width8)})
	}
	for _, i := range []string{"i2", "i4", "i8"} {
		register(i+"tod", &Impl{Kernel: fn1(func(x int64) float64 { return float64(x) })})
		register(i+"tof", &Impl{Kernel: fn1(func(x int64) float64 { return float64(float32(x)) })})
	}
	register("ftod", &Impl{Kernel: sameFloats})
	register("dtof", &Impl{Kernel: fn1e(toSingle)})
	registerIntCasts()
}

func registerIntCasts() {
	register("i2toi4", &Impl{Kernel: sameInts})
	register("i4toi2", &Impl{Kernel: narrowInt(width2)})
	register("int48", &Impl{Kernel: sameInts})
	register("int28", &Impl{Kernel: sameInts})
	register("int84", &Impl{Kernel: narrowInt(width4)})
	register("int82", &Impl{Kernel: narrowInt(width2)})
	errOID := pgerr.New(pgerr.NumericValueOutOfRange, "OID out of range")
	register("i8tooid", &Impl{Kernel: fn1e(func(x int64) (int64, error) {
		if x != int64(uint32(x)) {
			return 0, errOID
		}
		return x, nil
	})})
	register("oidtoi8", &Impl{Kernel: sameInts})
	register("int4_bool", &Impl{Kernel: fn1(func(x int64) bool { return x != 0 })})
	register("bool_int4", &Impl{Kernel: fn1(func(x bool) int64 {
		if x {
			return 1
		}
		return 0
	})})
	register("xid8toxid", &Impl{Kernel: fn1(func(x int64) int64 { return int64(uint32(x)) })})
}
