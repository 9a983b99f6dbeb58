package funcs

import (
	"math/bits"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// numericVV compares two numeric columns. Narrow columns of one scale compare
// as integers; of different scales, after bringing the coarser one to the finer
// one's scale in 128 bits.
func numericVV(c *Ctx, r relation, a, b *vec.Vec, out []bool) {
	switch {
	case a.Narrow && b.Narrow && a.Scale == b.Scale:
		orderedVV(r, a.Ints, b.Ints, out)
	case a.Narrow && b.Narrow && a.Scale < b.Scale && b.Scale-a.Scale <= 18:
		narrowVV(r, a.Ints, b.Ints, types.Pow10(b.Scale-a.Scale), out)
	case a.Narrow && b.Narrow && a.Scale > b.Scale && a.Scale-b.Scale <= 18:
		narrowVV(r.flip(), b.Ints, a.Ints, types.Pow10(a.Scale-b.Scale), out)
	default:
		for i := range out {
			if !c.skip(i) {
				out[i] = r.holds(a.Numeric(i).Cmp(b.Numeric(i)))
			}
		}
	}
}

// narrowVV compares a × mul with b.
func narrowVV(r relation, a, b []int64, mul int64, out []bool) {
	a, b = a[:len(out)], b[:len(out)]
	for i, x := range a {
		out[i] = r.holds(cmpScaled(x, mul, b[i]))
	}
}

// cmpScaled compares a × mul, which may need 128 bits, with b; mul > 0.
func cmpScaled(a, mul, b int64) int {
	hi, lo := mul128(a, mul)
	switch {
	case hi != int64(lo)>>63: // beyond 64 bits: the sign decides
		if hi < 0 {
			return -1
		}
		return 1
	case int64(lo) < b:
		return -1
	case int64(lo) > b:
		return 1
	}
	return 0
}

// mul128 is the signed 128-bit product.
func mul128(a, b int64) (hi int64, lo uint64) {
	h, l := bits.Mul64(uint64(a), uint64(b))
	return int64(h) - (a>>63)&b - (b>>63)&a, l
}

// numericVC compares a numeric column with a constant: for a narrow column the
// constant is brought to the column's scale once.
func numericVC(c *Ctx, r relation, a *vec.Vec, d types.Datum, out []bool) {
	y := d.Numeric()
	if a.Narrow {
		if q, exact, ok := atScale(y, a.Scale); ok {
			if exact {
				orderedVC(r, a.Ints, q, out)
			} else {
				betweenVC(r, a.Ints, q, out)
			}
			return
		}
	}
	for i := range out {
		if !c.skip(i) {
			out[i] = r.holds(a.Numeric(i).Cmp(y))
		}
	}
}

// atScale gives floor(y × 10^scale) when it fits; exact tells that nothing was
// cut off.
func atScale(y types.Numeric, scale int32) (q int64, exact, ok bool) {
	k, ok := y.Small()
	if !ok {
		return 0, false, false
	}
	switch d := scale - y.Scale(); {
	case d == 0:
		return k, true, true
	case d > 18 || d < -18:
		return 0, false, false
	case d > 0:
		hi, lo := mul128(k, types.Pow10(d))
		return int64(lo), true, hi == int64(lo)>>63
	default:
		m := types.Pow10(-d)
		q = k / m
		if k%m != 0 && k < 0 {
			q--
		}
		return q, k%m == 0, true
	}
}

// betweenVC compares a column with a value strictly between q and q+1.
func betweenVC(r relation, a []int64, q int64, out []bool) {
	switch r {
	case relEq, relNe:
		for i := range out {
			out[i] = r == relNe
		}
	case relLt, relLe:
		orderedVC(relLe, a, q, out)
	default:
		orderedVC(relGt, a, q, out)
	}
}
