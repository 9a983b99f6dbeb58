package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// numericOp is + - or * on numerics. Narrow columns (one scale, 64-bit
// coefficients) are computed as integers and give a narrow column; when one
// result does not fit, the whole batch is computed again the long way.
type numericOp struct {
	op  byte
	one func(a, b types.Numeric) (types.Numeric, error)
}

func (o numericOp) kernel(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
	a, b := args[0], args[1]
	if a.Narrow && b.Narrow && o.narrow(a, b, n, out) {
		return
	}
	out.Reset(types.Numer, n)
	for i := range n {
		if c.skip(i) {
			continue
		}
		r, err := o.one(a.Numeric(i), b.Numeric(i))
		if err != nil {
			c.Bad.Set(i, err)
		}
		out.Nums[i] = r
	}
}

// narrow computes narrow columns; false means that something did not fit. Rows
// that are NULL are computed like others, and may send the batch the long way.
func (o numericOp) narrow(a, b *vec.Vec, n int, out *vec.Vec) bool {
	if o.op == '*' {
		if a.Scale+b.Scale > maxDisplayScale {
			return false
		}
		out.ResetNarrow(a.Scale+b.Scale, n)
		return mulInts(a.Ints[:n], b.Ints[:n], out.Ints[:n])
	}
	scale := max(a.Scale, b.Scale)
	x, ok1 := rescaled(a, n, scale)
	y, ok2 := rescaled(b, n, scale)
	if !ok1 || !ok2 {
		return false
	}
	out.ResetNarrow(scale, n)
	if o.op == '+' {
		return addInts(x, y, out.Ints[:n])
	}
	return subInts(x, y, out.Ints[:n])
}

// rescaled gives the coefficients of a narrow column at a scale not below its
// own.
func rescaled(v *vec.Vec, n int, scale int32) ([]int64, bool) {
	d := scale - v.Scale
	switch {
	case d == 0:
		return v.Ints[:n], true
	case d > 18:
		return nil, false
	}
	out := make([]int64, n)
	m := types.Pow10(d)
	var over int64
	for i, x := range v.Ints[:n] {
		hi, lo := mul128(x, m)
		out[i] = int64(lo)
		over |= hi ^ int64(lo)>>63
	}
	return out, over == 0
}

// addInts and its kin compute r and tell whether no row overflowed.
func addInts(a, b, r []int64) bool {
	var over int64
	for i, x := range a {
		y := b[i]
		s := x + y
		r[i] = s
		over |= (s ^ x) & (s ^ y)
	}
	return over >= 0
}

func subInts(a, b, r []int64) bool {
	var over int64
	for i, x := range a {
		y := b[i]
		s := x - y
		r[i] = s
		over |= (x ^ y) & (s ^ x)
	}
	return over >= 0
}

func mulInts(a, b, r []int64) bool {
	var over int64
	for i, x := range a {
		hi, lo := mul128(x, b[i])
		r[i] = int64(lo)
		over |= hi ^ int64(lo)>>63
	}
	return over == 0
}

// numericDiv divides row by row, as each quotient has a scale of its own; if
// all agree the result is narrow.
func numericDiv(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
	fn2e(types.NumericDiv)(c, args, n, out)
	narrowDown(c, out)
}

// narrowDown makes a wide column narrow where its values allow it.
func narrowDown(c *Ctx, v *vec.Vec) {
	n := len(v.Nums)
	scale := int32(-1)
	for i := range n {
		if c.skip(i) || v.IsNull(i) {
			continue
		}
		if _, ok := v.Nums[i].Small(); !ok || scale >= 0 && v.Nums[i].Scale() != scale {
			return
		}
		scale = v.Nums[i].Scale()
	}
	if scale < 0 {
		return
	}
	nulls := v.Nulls
	nums := v.Nums
	v.ResetNarrow(scale, n)
	v.Nulls = nulls
	for i := range n {
		v.Ints[i] = 0
		if !c.skip(i) {
			v.Ints[i], _ = nums[i].Small()
		}
	}
}

// narrowMap makes the kernel of a function that keeps the scale: whole narrow
// columns through f where its result fits, others value by value.
func narrowMap(f func(int64) (int64, bool), one func(types.Numeric) types.Numeric) Kernel {
	wide := fn1(one)
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a := args[0]
		if a.Narrow {
			out.ResetNarrow(a.Scale, n)
			ok := true
			for i, x := range a.Ints[:n] {
				y, fits := f(x)
				out.Ints[i] = y
				ok = ok && fits
			}
			if ok {
				return
			}
		}
		wide(c, args, n, out)
	}
}

// numericMod is %, with the sign of the dividend.
func numericMod(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
	a, b := args[0], args[1]
	if a.Narrow && b.Narrow && a.Scale == b.Scale {
		out.ResetNarrow(a.Scale, n)
		for i, x := range a.Ints[:n] {
			switch y := b.Ints[i]; {
			case y == 0:
				if out.Ints[i] = 0; !c.skip(i) {
					c.Bad.Set(i, errDivZero)
				}
			case y == -1:
				out.Ints[i] = 0
			default:
				out.Ints[i] = x % y
			}
		}
		return
	}
	fn2e(types.NumericMod)(c, args, n, out)
}

// maxDisplayScale is the most digits after the point that a numeric shows
// (NUMERIC_DSCALE_MAX).
const maxDisplayScale = 16383
