package types

import (
	"math"
	"math/big"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// sqrt, exp, ln, log and power. The scales of the results are PostgreSQL's; the
// digits are computed as fixed-point integers with guard digits, so that a
// result is the true value rounded to that scale.

const guardDigits = 12

func errLogZero() error {
	return pgerr.New(pgerr.InvalidArgumentForLog, "cannot take logarithm of zero")
}
func errLogNegative() error {
	return pgerr.New(pgerr.InvalidArgumentForLog, "cannot take logarithm of a negative number")
}
func errPower(msg string) error { return pgerr.New(pgerr.InvalidArgumentForPowerFunction, msg) }

func clampScale(scale int, atLeast ...int32) int32 {
	for _, s := range atLeast {
		scale = max(scale, int(s))
	}
	return int32(min(max(scale, 0), numMaxDisplayScale))
}

// fixed gives n·10^prec as an integer, truncated.
func (n Numeric) fixed(prec int) *big.Int {
	d := int32(prec) - n.scale
	if d >= 0 {
		return new(big.Int).Mul(n.Coef(), bigPow10(d))
	}
	return new(big.Int).Quo(n.Coef(), bigPow10(-d))
}

// fromFixed rounds x·10^-prec to scale digits after the point.
func fromFixed(x *big.Int, prec int, scale int32) Numeric {
	n := NumericBig(x, int32(prec))
	if int32(prec) > scale {
		return n.dropDigits(int32(prec)-scale, roundHalf)
	}
	return n.rescale(scale)
}

// NumericSqrt is the square root.
func NumericSqrt(n Numeric) (Numeric, error) {
	if n.Sign() < 0 {
		return Numeric{}, errPower("cannot take square root of a negative number")
	}
	if n.form != NumFinite {
		return n, nil
	}
	w, _ := n.weight()
	return sqrtScaled(n, clampScale(numMinSigDigits-(w*2+1), n.scale)), nil
}

// sqrtScaled is the root of n ≥ 0 rounded to scale places. A root is never
// exactly half a unit beyond the places of its square, so one more digit of
// the truncated root decides.
func sqrtScaled(n Numeric, scale int32) Numeric {
	x := n.fixed(2 * (int(scale) + 1))
	return fromFixed(x.Sqrt(x), int(scale)+1, scale)
}

// NumericExp is e to the power of n.
func NumericExp(n Numeric) (Numeric, error) {
	switch n.form {
	case NumNegInf:
		return Numeric{}, nil
	case NumFinite:
	default:
		return n, nil
	}
	val := n.float() * 0.434294481903252
	val = max(min(val, numMaxResultScale), -numMaxResultScale)
	return expScaled(n, clampScale(numMinSigDigits-int(val), n.scale))
}

func expScaled(n Numeric, scale int32) (Numeric, error) {
	val := n.float()
	if math.Abs(val) >= numMaxResultScale*3 {
		if val > 0 {
			return Numeric{}, errNumericOverflow()
		}
		return zeroScaled(scale), nil
	}
	digits := max(int(val*0.434294481903252), 0) // before the point
	prec := int(scale) + digits + guardDigits
	return fromFixed(expFixed(n.fixed(prec), prec), prec, scale).checked()
}

// expFixed is e^(x·10^-prec)·10^prec with an error of a few units times e^x:
// halve the argument until it is small, sum the Taylor series, square back.
func expFixed(x *big.Int, prec int) *big.Int {
	const halvings = 24
	work := prec + 10 // 2^24 < 10^8, and the squarings
	if x.Sign() < 0 {
		one := bigPow10(int32(2 * work))
		inv := expFixed(new(big.Int).Mul(new(big.Int).Neg(x), bigPow10(10)), work)
		inv.Quo(one, inv)
		return inv.Quo(inv, bigPow10(10))
	}
	unit := bigPow10(int32(work))
	y := new(big.Int).Mul(x, bigPow10(10))
	y.Rsh(y, halvings)
	sum, term := new(big.Int).Set(unit), new(big.Int).Set(unit)
	for k := int64(1); term.Sign() != 0; k++ {
		term.Mul(term, y).Quo(term, unit).Quo(term, big.NewInt(k))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum).Quo(sum, unit)
	}
	return sum.Quo(sum, bigPow10(10))
}

// lnWeight estimates the power of ten of the leading digit of ln(n).
func lnWeight(n Numeric) int {
	if n.Sign() <= 0 {
		return 0
	}
	if n.Cmp(NumericScaled(9, 1)) >= 0 && n.Cmp(NumericScaled(11, 1)) <= 0 {
		x, _ := NumericSub(n, NumericFromInt(1))
		if x.Sign() == 0 {
			return 0
		}
		return x.exponent()
	}
	// The two leading base-10000 digits.
	w, digits := n.weight()
	w *= 4
	if n.hasBelow(w) {
		w -= 4
		digits = n.leading(w)
	}
	ln := math.Log(float64(digits)) + float64(w)*2.302585092994046
	return int(math.Log10(math.Abs(ln)))
}

// hasBelow tells whether n has digits other than 0 below 10^w.
func (n Numeric) hasBelow(w int) bool {
	m := n.normalized()
	if int(m.scale) > -w {
		return true
	}
	if w <= 0 || m.big == nil && m.coef == 0 {
		return false
	}
	return new(big.Int).Rem(m.Coef(), bigPow10(int32(w))).Sign() != 0
}

// NumericLn is the natural logarithm.
func NumericLn(n Numeric) (Numeric, error) {
	switch {
	case n.form == NumNaN || n.form == NumPosInf:
		return n, nil
	case n.Sign() < 0:
		return Numeric{}, errLogNegative()
	case n.Sign() == 0:
		return Numeric{}, errLogZero()
	}
	return lnScaled(n, clampScale(numMinSigDigits-lnWeight(n), n.scale)), nil
}

// lnScaled is ln(n), n > 0, rounded to scale places.
func lnScaled(n Numeric, scale int32) Numeric {
	prec := int(scale) + guardDigits
	return fromFixed(lnFixed(n, prec), prec, scale)
}

// lnFixed is ln(n)·10^prec. n = m·10^e with m near 1: square roots bring m
// close to 1, then 2·atanh((m-1)/(m+1)) converges fast; e·ln(10) is added.
func lnFixed(n Numeric, prec int) *big.Int {
	e := n.exponent()
	if n.leading(e) >= 3 { // so that 0.3 ≤ m < 3
		e++
	}
	work := prec + 12
	m := Numeric{coef: n.coef, big: n.big, scale: n.scale + int32(e)}
	var x *big.Int
	if m.scale >= 0 {
		x = m.fixed(work)
	} else {
		x = new(big.Int).Mul(m.Coef(), bigPow10(int32(work)-m.scale))
	}
	sum := atanhLn(x, work)
	if e != 0 {
		ten := new(big.Int).Mul(ln10(work+8), big.NewInt(int64(e)))
		sum.Add(sum, ten.Quo(ten, bigPow10(8)))
	}
	return sum.Quo(sum, bigPow10(12))
}

// atanhLn is ln(x·10^-prec)·10^prec for x·10^-prec near 1.
func atanhLn(x *big.Int, prec int) *big.Int {
	unit := bigPow10(int32(prec))
	roots := uint(0)
	for limit := new(big.Int).Quo(unit, big.NewInt(50)); ; roots++ {
		if d := new(big.Int).Sub(x, unit); d.CmpAbs(limit) <= 0 || roots >= 20 {
			break
		}
		x = new(big.Int).Mul(x, unit)
		x.Sqrt(x)
	}
	z := new(big.Int).Mul(new(big.Int).Sub(x, unit), unit)
	z.Quo(z, new(big.Int).Add(x, unit))
	zz := new(big.Int).Mul(z, z)
	zz.Quo(zz, unit)
	sum, term, part := new(big.Int).Set(z), z, new(big.Int)
	for k := int64(3); term.Sign() != 0; k += 2 {
		term.Mul(term, zz).Quo(term, unit)
		sum.Add(sum, part.Quo(term, big.NewInt(k)))
	}
	return sum.Lsh(sum, roots+1)
}

// ln10 is ln(10)·10^prec: 10 = 1.25·2^3 and 2 = 1 / (1 - 1/2) by ln2 = 2·atanh(1/3).
func ln10(prec int) *big.Int {
	if prec <= ln10Digits {
		return new(big.Int).Quo(ln10Fixed, bigPow10(int32(ln10Digits-prec)))
	}
	return computeLn10(prec)
}

const ln10Digits = 120

var ln10Fixed = computeLn10(ln10Digits)

func computeLn10(prec int) *big.Int {
	work := prec + 6
	ln2 := atanhInverse(3, work)
	ln2.Lsh(ln2, 1) // 2·atanh(1/3)
	ln54 := atanhInverse(9, work)
	ln54.Lsh(ln54, 1) // ln(5/4) = 2·atanh(1/9)
	ln2.Mul(ln2, big.NewInt(3)).Add(ln2, ln54)
	return ln2.Quo(ln2, bigPow10(6))
}

// atanhInverse is atanh(1/n)·10^prec.
func atanhInverse(n int64, prec int) *big.Int {
	term := new(big.Int).Quo(bigPow10(int32(prec)), big.NewInt(n))
	sum, part, nn := new(big.Int).Set(term), new(big.Int), big.NewInt(n*n)
	for k := int64(3); term.Sign() != 0; k += 2 {
		term.Quo(term, nn)
		sum.Add(sum, part.Quo(term, big.NewInt(k)))
	}
	return sum
}

// NumericLog is the logarithm of num to the base.
func NumericLog(base, num Numeric) (Numeric, error) {
	if base.form == NumNaN || num.form == NumNaN {
		return numNaN, nil
	}
	if err := logArgs(base, num); err != nil {
		return Numeric{}, err
	}
	switch {
	case base.form == NumPosInf && num.form == NumPosInf:
		return numNaN, nil
	case base.form == NumPosInf:
		return Numeric{}, nil
	case num.form == NumPosInf:
		return num, nil
	}
	wb, wn := lnWeight(base), lnWeight(num)
	scale := clampScale(numMinSigDigits-(wn-wb), base.scale, num.scale)
	lnBase := lnScaled(base, int32(max(int(scale)+wn-wb-wb+8, 0)))
	lnNum := lnScaled(num, int32(max(int(scale)-wb+8, 0)))
	if lnBase.Sign() == 0 {
		return Numeric{}, ErrDivisionByZero()
	}
	return quotient(lnNum, lnBase, scale, roundHalf).checked()
}

// logArgs is the error of arguments that have no logarithm. With an infinite
// argument a negative one is noticed first, else what is wrong with the base.
func logArgs(base, num Numeric) error {
	infinite := base.form|num.form != NumFinite
	switch {
	case base.Sign() < 0, num.Sign() < 0 && infinite:
		return errLogNegative()
	case base.Sign() == 0:
		return errLogZero()
	case num.Sign() < 0:
		return errLogNegative()
	case num.Sign() == 0:
		return errLogZero()
	}
	return nil
}

// NumericLog10 is the logarithm to the base 10.
func NumericLog10(n Numeric) (Numeric, error) { return NumericLog(NumericFromInt(10), n) }
