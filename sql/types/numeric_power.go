package types

import (
	"math"
	"math/big"
)

// NumericPower is base to the power of exp.
func NumericPower(base, exp Numeric) (Numeric, error) {
	if base.form|exp.form != NumFinite {
		return infPower(base, exp)
	}
	if base.Sign() == 0 && exp.Sign() < 0 {
		return Numeric{}, errPower("zero raised to a negative power is undefined")
	}
	if k, ok := exp.exactInt(); ok && k >= math.MinInt32 && k <= math.MaxInt32 {
		return powerInt(base, k)
	}
	if base.Sign() == 0 {
		return zeroScaled(numMinSigDigits), nil
	}
	neg := false
	if base.Sign() < 0 {
		if !exp.isIntegral() {
			return Numeric{}, errPower("a negative number raised to a non-integer power yields a complex result")
		}
		neg, base = exp.isOdd(), NumericNeg(base)
	}
	n, err := powerReal(base, exp)
	if neg {
		n = NumericNeg(n)
	}
	return n, err
}

// powerReal is base^exp = e^(exp·ln(base)) for base > 0.
func powerReal(base, exp Numeric) (Numeric, error) {
	w := lnWeight(base)
	rough := lnScaled(base, int32(max(8-w, 0)))
	prod := NumericBig(new(big.Int).Mul(rough.Coef(), exp.Coef()), rough.scale+exp.scale).rescale(rough.scale)
	val := prod.float()
	if math.Abs(val) > numMaxResultScale*3.01 {
		if val > 0 {
			return Numeric{}, errNumericOverflow()
		}
		return zeroScaled(numMaxDisplayScale), nil
	}
	val *= 0.434294481903252
	scale := clampScale(numMinSigDigits-int(val), base.scale, exp.scale)
	sig := max(int(scale)+int(val), 0)
	ln := lnScaled(base, int32(max(sig-w+8, 0)))
	prod = NumericBig(new(big.Int).Mul(ln.Coef(), exp.Coef()), ln.scale+exp.scale).rescale(ln.scale)
	return expScaled(prod, scale)
}

// exactInt gives an integral value that fits.
func (n Numeric) exactInt() (int64, bool) {
	m := n.normalized()
	return m.coef, m.form == NumFinite && m.scale == 0 && m.big == nil
}

func (n Numeric) isIntegral() bool { return n.form != NumFinite || n.normalized().scale == 0 }

func (n Numeric) isOdd() bool {
	m := n.normalized()
	return m.form == NumFinite && m.scale == 0 && m.Coef().Bit(0) == 1
}

// log10Estimate is log10|n| from the leading 16 digits.
func (n Numeric) log10Estimate() float64 {
	e := n.exponent() - 15
	return math.Log10(float64(n.leading(e))) + float64(e)
}

// powerInt is base^k. Powers in between are cut to the significant digits that
// the result needs, as exact ones could have millions.
func powerInt(base Numeric, k int64) (Numeric, error) {
	scale := clampScale(numMinSigDigits, base.scale)
	switch k {
	case 0:
		return NumericFromInt(1).rescale(scale), nil
	case 1:
		return base.rescale(scale).checked()
	case -1:
		return quotient(NumericFromInt(1), base, scale, roundHalf).checked()
	case 2:
		return NumericBig(new(big.Int).Mul(base.Coef(), base.Coef()), 2*base.scale).rescale(scale).checked()
	}
	if base.Sign() == 0 {
		return zeroScaled(scale), nil
	}
	f := float64(k) * base.log10Estimate()
	if f > 3*numMaxIntDigits {
		return Numeric{}, errNumericOverflow()
	}
	if f+1 < -float64(scale) {
		return zeroScaled(scale), nil
	}
	sig := 1 + int(scale) + int(f) + int(math.Log(math.Abs(float64(k)))) + 8
	n, ok := powSignificant(base, k, max(sig, 1)+8)
	if !ok {
		if k > 0 {
			return Numeric{}, errNumericOverflow()
		}
		return zeroScaled(scale), nil
	}
	if k < 0 {
		return quotient(NumericFromInt(1), n, scale, roundHalf).checked()
	}
	return n.toScale(scale, roundHalf).checked()
}

// powSignificant is base^|k| to about sig significant digits; ok is false when
// it is beyond any limit.
func powSignificant(base Numeric, k int64, sig int) (Numeric, bool) {
	if k < 0 {
		k = -k
	}
	prod, result := base, NumericFromInt(1)
	if k&1 == 1 {
		result = base
	}
	for k >>= 1; k > 0; k >>= 1 {
		prod = mulSignificant(prod, prod, sig)
		if k&1 == 1 {
			result = mulSignificant(prod, result, sig)
		}
		if prod.exponent() >= numMaxIntDigits || result.exponent() >= numMaxIntDigits {
			return Numeric{}, false
		}
	}
	return result, true
}

// mulSignificant is a·b, digits after the point cut so that about sig
// significant ones remain.
func mulSignificant(a, b Numeric, sig int) Numeric {
	p := NumericBig(new(big.Int).Mul(a.Coef(), b.Coef()), a.scale+b.scale)
	if p.Sign() == 0 {
		return p
	}
	if keep := int32(max(sig-p.exponent(), 0)); keep < p.scale {
		return p.dropDigits(p.scale-keep, roundHalf)
	}
	return p
}

// infPower follows POSIX's pow for operands that are NaN or infinite.
func infPower(x, y Numeric) (Numeric, error) {
	one := NumericFromInt(1)
	isOne := func(n Numeric) bool { return n.form == NumFinite && n.Cmp(one) == 0 }
	switch {
	case x.form == NumNaN:
		if y.form == NumFinite && y.Sign() == 0 {
			return one, nil
		}
		return numNaN, nil
	case y.form == NumNaN:
		if isOne(x) {
			return one, nil
		}
		return numNaN, nil
	case x.Sign() == 0 && y.Sign() < 0:
		return Numeric{}, errPower("zero raised to a negative power is undefined")
	case x.Sign() < 0 && !y.isIntegral():
		return Numeric{}, errPower("a negative number raised to a non-integer power yields a complex result")
	case isOne(x), y.Sign() == 0:
		return one, nil
	case x.Sign() == 0:
		return Numeric{}, nil
	case y.form != NumFinite:
		if x.form == NumFinite && x.Cmp(NumericFromInt(-1)) == 0 {
			return one, nil
		}
		if big := x.form != NumFinite || NumericAbs(x).Cmp(one) > 0; big == (y.Sign() > 0) {
			return numPosInf, nil
		}
		return Numeric{}, nil
	case y.Sign() < 0:
		return Numeric{}, nil
	case x.form == NumNegInf && y.isOdd():
		return numNegInf, nil
	}
	return numPosInf, nil
}
