package types

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// PostgreSQL keeps numerics in base 10000 and chooses the scale of many results
// by the weight and the value of the leading digit in that base. This file
// gives these for our decimal coefficients, and holds the format's limits.

const (
	numMaxPrecision    = 1000
	numMaxDisplayScale = 1000   // of computed results
	numMinSigDigits    = 16     // that division and the transcendental functions give
	numMaxResultScale  = 2000   // bound of exp's argument, and of exponents
	numMaxIntDigits    = 131072 // before the point
	numMaxScale        = 16383  // after the point
)

func errNumericOverflow() error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "value overflows numeric format")
}

// checked gives n, or 22003 when it is beyond the limits of the format.
func (n Numeric) checked() (Numeric, error) {
	if n.scale > numMaxScale {
		return Numeric{}, errNumericOverflow()
	}
	if n.big != nil && n.big.BitLen() > 435000 && n.exponent() >= numMaxIntDigits {
		return Numeric{}, errNumericOverflow()
	}
	return n, nil
}

// digitCount64 is the number of decimal digits of u, 1 for 0.
func digitCount64(u uint64) int {
	if u == 0 {
		return 1
	}
	t := bits.Len64(u) * 1233 >> 12
	if t < 19 && u >= uint64(pow10tab[t]) || t >= 19 && u >= 1e19 {
		t++
	}
	return t
}

// digitCount is the number of decimal digits of |c|, 1 for 0.
func digitCount(c *big.Int) int {
	if c.IsInt64() {
		return digitCount64(magnitude(c.Int64()))
	}
	n := int(float64(c.BitLen()-1) * math.Log10(2))
	if c.CmpAbs(bigPow10(int32(n))) >= 0 {
		n++
	}
	if c.CmpAbs(bigPow10(int32(n))) >= 0 {
		n++
	}
	return n
}

// digits is the number of decimal digits of the coefficient.
func (n Numeric) digits() int {
	if n.big == nil {
		return digitCount64(magnitude(n.coef))
	}
	return digitCount(n.big)
}

// exponent is the power of ten of the leading digit of a finite number that is
// not 0.
func (n Numeric) exponent() int { return n.digits() - 1 - int(n.scale) }

// weight is the power of 10000 of the leading base-10000 digit, and that digit;
// 0 and 0 for zero.
func (n Numeric) weight() (weight int, first int64) {
	if n.Sign() == 0 {
		return 0, 0
	}
	weight = floorDiv(n.exponent(), 4)
	return weight, n.leading(4 * weight)
}

// leading is |n| / 10^exp without the fraction, which must fit.
func (n Numeric) leading(exp int) int64 {
	shift := int(n.scale) + exp
	if n.big == nil {
		u := magnitude(n.coef)
		switch {
		case shift > 19:
			return 0
		case shift == 19:
			return int64(u / 1e19)
		case shift >= 0:
			return int64(u / uint64(pow10tab[shift]))
		}
		return int64(u * uint64(pow10tab[-shift]))
	}
	c := new(big.Int).Abs(n.big)
	if shift >= 0 {
		return c.Quo(c, bigPow10(int32(shift))).Int64()
	}
	return c.Mul(c, bigPow10(int32(-shift))).Int64()
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// float approximates a finite number, infinite when it is too large.
func (n Numeric) float() float64 {
	if n.big == nil && magnitude(n.coef) < 1<<53 && n.scale <= 22 {
		return float64(n.coef) / pow10f[n.scale]
	}
	f, _ := parseFloatLoose(n.String())
	return f
}

// zeroScaled is 0 showing scale digits.
func zeroScaled(scale int32) Numeric { return Numeric{scale: scale} }

// rescale gives n with exactly scale ≥ 0 digits after the point, rounding half
// away from zero.
func (n Numeric) rescale(scale int32) Numeric {
	switch d := scale - n.scale; {
	case d == 0 || n.form != NumFinite:
		return n
	case d > 0:
		return n.scaleUp(d)
	default:
		return n.dropDigits(-d, roundHalf)
	}
}

// scaleUp multiplies the coefficient by 10^d and adds d to the scale.
func (n Numeric) scaleUp(d int32) Numeric {
	if n.big == nil && d <= 18 {
		if hi, lo := bits.Mul64(magnitude(n.coef), uint64(pow10tab[d])); hi == 0 && lo <= math.MaxInt64 {
			return Numeric{coef: n.coef * pow10tab[d], scale: n.scale + d}
		}
	}
	if n.big == nil && n.coef == 0 {
		return Numeric{scale: n.scale + d}
	}
	return NumericBig(new(big.Int).Mul(n.Coef(), bigPow10(d)), n.scale+d)
}

// rounding is how digits are dropped.
type rounding uint8

const (
	roundHalf  rounding = iota // to nearest, halves away from zero
	roundTrunc                 // towards zero
	roundCeil
	roundFloor
)

// dropDigits drops the last d digits of the coefficient and takes d off the
// scale, which may become negative here.
func (n Numeric) dropDigits(d int32, r rounding) Numeric {
	if n.big == nil {
		if d > 18 {
			return n.dropAll(d, r)
		}
		p := pow10tab[d]
		q, rem := n.coef/p, n.coef%p
		return Numeric{coef: q + adjust(rem, p, r), scale: n.scale - d}
	}
	p := bigPow10(d)
	q, rem := new(big.Int).QuoRem(n.big, p, new(big.Int))
	up := int64(0)
	switch s := rem.Sign(); {
	case s == 0:
	case r == roundHalf:
		if rem.Lsh(rem, 1).CmpAbs(p) >= 0 {
			up = int64(s)
		}
	case r == roundCeil && s > 0, r == roundFloor && s < 0:
		up = int64(s)
	}
	if up != 0 {
		q.Add(q, big.NewInt(up))
	}
	return NumericBig(q, n.scale-d)
}

// dropAll drops more digits than an int64 coefficient has, or just as many.
func (n Numeric) dropAll(d int32, r rounding) Numeric {
	q := int64(0)
	switch {
	case r == roundHalf && d == 19 && magnitude(n.coef) >= 5e18, r == roundCeil && n.coef > 0, r == roundFloor && n.coef < 0:
		q = int64(n.Sign())
	}
	return Numeric{coef: q, scale: n.scale - d}
}

// adjust is what rounding adds to a quotient with remainder rem by p.
func adjust(rem, p int64, r rounding) int64 {
	switch r {
	case roundHalf:
		if rem >= p-rem {
			return 1
		}
		if -rem >= p+rem {
			return -1
		}
	case roundCeil:
		if rem > 0 {
			return 1
		}
	case roundFloor:
		if rem < 0 {
			return -1
		}
	}
	return 0
}

// fromUint128 makes ±(hi·2^64 + lo) × 10^-scale.
func fromUint128(hi, lo uint64, neg bool, scale int32) Numeric {
	if hi == 0 && lo <= math.MaxInt64 {
		c := int64(lo)
		if neg {
			c = -c
		}
		return Numeric{coef: c, scale: scale}
	}
	return NumericBig(bigFromUint128(hi, lo, neg), scale)
}
