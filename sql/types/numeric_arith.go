package types

import (
	"math"
	"math/big"
	"math/bits"
)

// Arithmetic of numeric with PostgreSQL's display scales. The functions are
// named after PostgreSQL's; all errors are 22003 or 22012.

func bothSmall(a, b Numeric) bool {
	return a.big == nil && b.big == nil && a.form|b.form == NumFinite
}

var (
	numNaN    = Numeric{form: NumNaN}
	numPosInf = Numeric{form: NumPosInf}
	numNegInf = Numeric{form: NumNegInf}
)

// NumericAdd is a + b.
func NumericAdd(a, b Numeric) (Numeric, error) {
	if a.scale == b.scale && bothSmall(a, b) {
		if s := a.coef + b.coef; (s^a.coef)&(s^b.coef) >= 0 {
			return Numeric{coef: s, scale: a.scale}, nil
		}
	}
	return addSlow(a, b)
}

// NumericSub is a - b.
func NumericSub(a, b Numeric) (Numeric, error) {
	if a.scale == b.scale && bothSmall(a, b) {
		if s := a.coef - b.coef; (a.coef^b.coef)&(s^a.coef) >= 0 {
			return Numeric{coef: s, scale: a.scale}, nil
		}
	}
	return addSlow(a, NumericNeg(b))
}

func addSlow(a, b Numeric) (Numeric, error) {
	if a.form|b.form != NumFinite {
		switch {
		case a.form == NumNaN || b.form == NumNaN, a.form != b.form && a.form != NumFinite && b.form != NumFinite:
			return numNaN, nil
		case a.form != NumFinite:
			return a, nil
		}
		return b, nil
	}
	scale := max(a.scale, b.scale)
	if sum, ok := add128(a, b, scale); ok {
		return sum.checked()
	}
	a, b = a.rescale(scale), b.rescale(scale)
	return NumericBig(new(big.Int).Add(a.Coef(), b.Coef()), scale).checked()
}

// NumericNeg is -n.
func NumericNeg(n Numeric) Numeric {
	switch {
	case n.form == NumPosInf:
		return numNegInf
	case n.form == NumNegInf:
		return numPosInf
	case n.form == NumNaN:
		return n
	case n.big == nil && n.coef != math.MinInt64:
		return Numeric{coef: -n.coef, scale: n.scale}
	}
	return NumericBig(new(big.Int).Neg(n.Coef()), n.scale)
}

// NumericAbs is |n|.
func NumericAbs(n Numeric) Numeric {
	if n.Sign() < 0 {
		return NumericNeg(n)
	}
	return n
}

// NumericSign is -1, 0 or 1, or NaN.
func NumericSign(n Numeric) Numeric {
	if n.form == NumNaN {
		return n
	}
	return Numeric{coef: int64(n.Sign())}
}

// NumericMul is a · b; its scale is the sum of the scales.
func NumericMul(a, b Numeric) (Numeric, error) {
	if bothSmall(a, b) {
		hi, lo := bits.Mul64(magnitude(a.coef), magnitude(b.coef))
		return fromUint128(hi, lo, a.coef < 0 != (b.coef < 0), a.scale+b.scale).capScale()
	}
	if a.form|b.form != NumFinite {
		return infProduct(a, b), nil
	}
	if p, ok := mul128(a, b); ok {
		return p.capScale()
	}
	return NumericBig(new(big.Int).Mul(a.Coef(), b.Coef()), a.scale+b.scale).capScale()
}

// capScale rounds a product to the greatest scale there is.
func (n Numeric) capScale() (Numeric, error) {
	if n.scale > numMaxScale {
		n = n.rescale(numMaxScale)
	}
	return n.checked()
}

func infProduct(a, b Numeric) Numeric {
	if a.form == NumNaN || b.form == NumNaN {
		return numNaN
	}
	switch a.Sign() * b.Sign() {
	case 0:
		return numNaN
	case 1:
		return numPosInf
	}
	return numNegInf
}

// divScale chooses the scale of a quotient: at least 16 significant digits, and
// not less than the scale of either operand.
func divScale(a, b Numeric) int32 {
	w1, f1 := a.weight()
	w2, f2 := b.weight()
	qweight := w1 - w2
	if f1 <= f2 {
		qweight--
	}
	rscale := max(int32(numMinSigDigits-qweight*4), a.scale, b.scale, 0)
	return min(rscale, numMaxDisplayScale)
}

// NumericDiv is a / b.
func NumericDiv(a, b Numeric) (Numeric, error) {
	if a.form|b.form != NumFinite {
		return infQuotient(a, b)
	}
	if b.Sign() == 0 {
		return Numeric{}, ErrDivisionByZero()
	}
	return quotient(a, b, divScale(a, b), roundHalf).checked()
}

func infQuotient(a, b Numeric) (Numeric, error) {
	switch {
	case a.form == NumNaN || b.form == NumNaN:
		return numNaN, nil
	case a.form != NumFinite && b.form != NumFinite:
		return numNaN, nil
	case b.form != NumFinite:
		return Numeric{}, nil
	case b.Sign() == 0:
		return Numeric{}, ErrDivisionByZero()
	case a.Sign() == b.Sign():
		return numPosInf, nil
	}
	return numNegInf, nil
}

// quotient is a / b, finite and b not 0, with the scale given, halves rounded
// away from zero or the rest truncated.
func quotient(a, b Numeric, scale int32, r rounding) Numeric {
	shift := scale + b.scale - a.scale
	neg := a.Sign() < 0 != (b.Sign() < 0)
	if bothSmall(a, b) && shift >= 0 {
		if hi, lo, ok := mulPow10(magnitude(a.coef), shift); ok {
			d := magnitude(b.coef)
			qhi, rem := hi/d, hi%d
			qlo, rem := bits.Div64(rem, lo, d)
			if r == roundHalf && rem >= d-rem {
				var c uint64
				qlo, c = bits.Add64(qlo, 1, 0)
				qhi += c
			}
			return fromUint128(qhi, qlo, neg, scale)
		}
	}
	num, den := new(big.Int).Abs(a.Coef()), new(big.Int).Abs(b.Coef())
	if shift >= 0 {
		num.Mul(num, bigPow10(shift))
	} else {
		den.Mul(den, bigPow10(-shift))
	}
	q, rem := num.QuoRem(num, den, new(big.Int))
	if r == roundHalf && rem.Lsh(rem, 1).Cmp(den) >= 0 {
		q.Add(q, bigPow10tab[0])
	}
	if neg {
		q.Neg(q)
	}
	return NumericBig(q, scale)
}

// mulPow10 is u · 10^n as 128 bits, when it fits.
func mulPow10(u uint64, n int32) (hi, lo uint64, ok bool) {
	if n > 36 {
		return 0, 0, u == 0
	}
	first := min(n, 18)
	hi, lo = bits.Mul64(u, uint64(pow10tab[first]))
	if n -= first; n == 0 {
		return hi, lo, true
	}
	p := uint64(pow10tab[n])
	over, hi2 := bits.Mul64(hi, p)
	c, lo2 := bits.Mul64(lo, p)
	hi2, carry := bits.Add64(hi2, c, 0)
	return hi2, lo2, over == 0 && carry == 0
}

// NumericDivTrunc is the integer quotient of a and b, truncated: div(a, b).
func NumericDivTrunc(a, b Numeric) (Numeric, error) {
	if a.form|b.form != NumFinite {
		return infQuotient(a, b)
	}
	if b.Sign() == 0 {
		return Numeric{}, ErrDivisionByZero()
	}
	return quotient(a, b, 0, roundTrunc).checked()
}

// NumericMod is the remainder of the truncated division; it has a's sign.
func NumericMod(a, b Numeric) (Numeric, error) {
	if a.form|b.form != NumFinite {
		switch {
		case a.form == NumNaN || b.form == NumNaN:
			return numNaN, nil
		case a.form == NumFinite:
			return a, nil
		case b.Sign() == 0:
			return Numeric{}, ErrDivisionByZero()
		}
		return numNaN, nil
	}
	if b.Sign() == 0 {
		return Numeric{}, ErrDivisionByZero()
	}
	scale := max(a.scale, b.scale)
	a, b = a.rescale(scale), b.rescale(scale)
	if bothSmall(a, b) {
		if b.coef == -1 {
			return zeroScaled(scale), nil
		}
		return Numeric{coef: a.coef % b.coef, scale: scale}, nil
	}
	return NumericBig(new(big.Int).Rem(a.Coef(), b.Coef()), scale), nil
}

// NumericRound rounds to scale digits after the point, which may be negative;
// halves go away from zero.
func NumericRound(n Numeric, scale int32) (Numeric, error) {
	return n.toScale(scale, roundHalf).checked()
}

// NumericTrunc cuts off after scale digits after the point.
func NumericTrunc(n Numeric, scale int32) (Numeric, error) {
	return n.toScale(scale, roundTrunc).checked()
}

// NumericCeil is the least integer that is not below n.
func NumericCeil(n Numeric) (Numeric, error) { return n.integral(roundCeil).checked() }

// NumericFloor is the greatest integer that is not above n.
func NumericFloor(n Numeric) (Numeric, error) { return n.integral(roundFloor).checked() }

func (n Numeric) integral(r rounding) Numeric {
	if n.form != NumFinite || n.scale == 0 {
		return n
	}
	return n.dropDigits(n.scale, r)
}

// toScale gives n with scale digits after the point; a negative scale rounds
// before it and shows no digit after it.
func (n Numeric) toScale(scale int32, r rounding) Numeric {
	if n.form != NumFinite {
		return n
	}
	scale = max(min(scale, numMaxScale), -numMaxIntDigits-1)
	if scale >= n.scale {
		return n.rescale(scale)
	}
	if int(n.scale-scale) > n.digits() { // nothing is left
		return zeroScaled(max(scale, 0))
	}
	n = n.dropDigits(n.scale-scale, r)
	if scale < 0 {
		n = n.scaleUp(-scale)
	}
	return n
}
