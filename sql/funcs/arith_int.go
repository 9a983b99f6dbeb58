package funcs

import (
	"math"
	"math/bits"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The errors of arithmetic; errors are immutable, so one of each will do.
var (
	errInt2Range = pgerr.New(pgerr.NumericValueOutOfRange, "smallint out of range")
	errInt4Range = pgerr.New(pgerr.NumericValueOutOfRange, "integer out of range")
	errInt8Range = pgerr.New(pgerr.NumericValueOutOfRange, "bigint out of range")
	errDivZero   = pgerr.New(pgerr.DivisionByZero, "division by zero")
)

// intWidth is an integer type's range.
type intWidth struct {
	bits uint
	err  error
}

var (
	width2 = intWidth{16, errInt2Range}
	width4 = intWidth{32, errInt4Range}
	width8 = intWidth{64, errInt8Range}
)

// fits tells whether x, exact in 64 bits, is in range.
func (w intWidth) fits(x int64) bool { return x == x<<(64-w.bits)>>(64-w.bits) }

// check reports the rows of r that are out of range; it is called when the loop
// has seen that there are some.
func (w intWidth) check(c *Ctx, r []int64) {
	for i, x := range r {
		if !c.skip(i) && !w.fits(x) {
			c.Bad.Set(i, w.err)
		}
	}
}

// narrowBinary makes the kernel of + - * on integers below 64 bits, whose exact
// result fits 64 bits. Overflow is gathered in one word and looked at once per
// batch; values under NULLs may set it, which costs a second look and no more.
func narrowBinary(w intWidth, op byte) Kernel {
	half := int64(1) << (w.bits - 1)
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, b, r := args[0].Ints[:n], args[1].Ints[:n], Out[int64](out, n)[:n]
		var over uint64
		switch op {
		case '+':
			for i, x := range a {
				x += b[i]
				r[i] = x
				over |= uint64(x+half) >> w.bits
			}
		case '-':
			for i, x := range a {
				x -= b[i]
				r[i] = x
				over |= uint64(x+half) >> w.bits
			}
		case '*':
			for i, x := range a {
				x *= b[i]
				r[i] = x
				over |= uint64(x+half) >> w.bits
			}
		}
		if over != 0 {
			w.check(c, r)
		}
	}
}

// wideBinary makes the kernel of + - * on bigint.
func wideBinary(op byte) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, b, r := args[0].Ints[:n], args[1].Ints[:n], Out[int64](out, n)[:n]
		var over int64
		switch op {
		case '+':
			for i, x := range a {
				y := b[i]
				s := x + y
				r[i] = s
				over |= (s ^ x) & (s ^ y)
			}
		case '-':
			for i, x := range a {
				y := b[i]
				s := x - y
				r[i] = s
				over |= (x ^ y) & (s ^ x)
			}
		case '*':
			for i, x := range a {
				h, l := bits.Mul64(uint64(x), uint64(b[i]))
				hi := int64(h) - (x>>63)&b[i] - (b[i]>>63)&x
				r[i] = int64(l)
				over |= hi ^ int64(l)>>63
			}
		}
		if over < 0 || op == '*' && over != 0 { // for + and - only the sign counts
			reportWide(c, op, a, b)
		}
	}
}

// reportWide finds the rows of which wideBinary has seen that some overflow.
func reportWide(c *Ctx, op byte, a, b []int64) {
	for i, x := range a {
		if c.skip(i) {
			continue
		}
		ok := false
		switch op {
		case '+':
			_, ok = addInt8(x, b[i])
		case '-':
			_, ok = subInt8(x, b[i])
		case '*':
			_, ok = mulInt8(x, b[i])
		}
		if !ok {
			c.Bad.Set(i, errInt8Range)
		}
	}
}

func addInt8(a, b int64) (int64, bool) { s := a + b; return s, (s^a)&(s^b) >= 0 }
func subInt8(a, b int64) (int64, bool) { s := a - b; return s, (a^b)&(s^a) >= 0 }
func mulInt8(a, b int64) (int64, bool) {
	hi, lo := mul128(a, b)
	return int64(lo), hi == int64(lo)>>63
}

// divKernel makes the kernel of integer division.
func divKernel(w intWidth) Kernel {
	least := int64(-1) << (w.bits - 1)
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, b, r := args[0].Ints[:n], args[1].Ints[:n], Out[int64](out, n)[:n]
		for i, x := range a {
			switch y := b[i]; {
			case y > 0:
				r[i] = x / y
			case c.skip(i):
			case y == 0:
				c.Bad.Set(i, errDivZero)
			case y == -1 && x == least:
				c.Bad.Set(i, w.err)
			default:
				r[i] = x / y
			}
		}
	}
}

// modInt is the kernel of %, which cannot overflow: the least integer modulo
// -1 is 0.
func modInt(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
	a, b, r := args[0].Ints[:n], args[1].Ints[:n], Out[int64](out, n)[:n]
	for i, x := range a {
		switch y := b[i]; {
		case y > 0:
			r[i] = x % y
		case c.skip(i):
		case y == 0:
			c.Bad.Set(i, errDivZero)
		case y == -1:
			r[i] = 0
		default:
			r[i] = x % y
		}
	}
}

// checked makes the kernel of a function of one integer whose exact result may
// be out of range (negation, abs, narrowing); the least bigint is caught by
// ok.
func checked(w intWidth, f func(int64) (int64, bool)) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, r := args[0].Ints[:n], Out[int64](out, n)[:n]
		for i, x := range a {
			y, ok := f(x)
			r[i] = y
			if (!ok || !w.fits(y)) && !c.skip(i) {
				c.Bad.Set(i, w.err)
			}
		}
	}
}

func negInt(x int64) (int64, bool) { return -x, x != math.MinInt64 }

func absInt(x int64) (int64, bool) {
	if x < 0 {
		return -x, x != math.MinInt64
	}
	return x, true
}

// narrowInt is the kernel of a cast to a smaller integer type.
func narrowInt(w intWidth) Kernel {
	return checked(w, func(x int64) (int64, bool) { return x, true })
}

// sameInts is the kernel of a cast that keeps the number.
func sameInts(_ *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
	copy(Out[int64](out, n), args[0].Ints[:n])
}

func init() {
	for _, t := range []struct {
		names []string // the function prefixes of the type as result
		w     intWidth
	}{
		{[]string{"int2"}, width2},
		{[]string{"int4", "int24", "int42"}, width4},
		{[]string{"int8", "int28", "int82", "int48", "int84"}, width8},
	} {
		for _, p := range t.names {
			for op, s := range map[byte]string{'+': "pl", '-': "mi", '*': "mul"} {
				k := wideBinary(op)
				if t.w.bits < 64 {
					k = narrowBinary(t.w, op)
				}
				register(p+s, &Impl{Kernel: k})
			}
			register(p+"div", &Impl{Kernel: divKernel(t.w)})
		}
		registerIntUnary(t.names[0], t.w)
	}
	register("int4inc", &Impl{Kernel: checked(width4, func(x int64) (int64, bool) { return x + 1, true })})
	register("int8inc", &Impl{Kernel: checked(width8, func(x int64) (int64, bool) { return addInt8(x, 1) })})
	register("int8dec", &Impl{Kernel: checked(width8, func(x int64) (int64, bool) { return subInt8(x, 1) })})
}

func registerIntUnary(p string, w intWidth) {
	register(p+"mod", &Impl{Kernel: modInt})
	register(p+"um", &Impl{Kernel: checked(w, negInt)})
	register(p+"abs", &Impl{Kernel: checked(w, absInt)})
	register(p+"up", &Impl{Kernel: sameInts})
	register(p+"and", &Impl{Kernel: fn2(func(a, b int64) int64 { return a & b })})
	register(p+"or", &Impl{Kernel: fn2(func(a, b int64) int64 { return a | b })})
	register(p+"xor", &Impl{Kernel: fn2(func(a, b int64) int64 { return a ^ b })})
	register(p+"not", &Impl{Kernel: fn1(func(a int64) int64 { return ^a })})
	register(p+"shl", &Impl{Kernel: shiftInt(w, true)})
	register(p+"shr", &Impl{Kernel: shiftInt(w, false)})
	if w.bits == 16 {
		return // smallint has no gcd and lcm of its own
	}
	register(p+"gcd", &Impl{Kernel: fn2e(func(a, b int64) (int64, error) { return types.GCDInt(a, b, int(w.bits)) })})
	register(p+"lcm", &Impl{Kernel: fn2e(func(a, b int64) (int64, error) { return types.LCMInt(a, b, int(w.bits)) })})
}

// shiftInt shifts as the machine does under PostgreSQL: the count modulo 32, for
// bigint modulo 64; smallint is shifted as an integer and cut.
func shiftInt(w intWidth, left bool) Kernel {
	mask, cut := int64(31), 64-w.bits
	if w.bits == 64 {
		mask = 63
	}
	return fn2(func(a, b int64) int64 {
		if left {
			return a << uint(b&mask) << cut >> cut
		}
		return a >> uint(b&mask)
	})
}
