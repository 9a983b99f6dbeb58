package types

import (
	"math/big"
	"math/bits"
)

type bigInt = big.Int

// NumForm tells finite numbers from the special values.
type NumForm uint8

// The forms of a Numeric.
const (
	NumFinite NumForm = iota
	NumNaN
	NumPosInf
	NumNegInf
)

// Numeric is a value of type numeric: coefficient × 10^-scale, exact, with
// PostgreSQL's display scale; or NaN or ±Infinity. The zero Numeric is 0.
// Numerics are immutable.
//
// N1: big is set if and only if the coefficient does not fit an int64.
type Numeric struct {
	big   *bigInt
	coef  int64
	scale int32 // ≥ 0
	form  NumForm
}

// NumericFromInt makes n with scale 0.
func NumericFromInt(n int64) Numeric { return Numeric{coef: n} }

// NumericScaled makes coef × 10^-scale, showing scale digits.
func NumericScaled(coef int64, scale int32) Numeric { return Numeric{coef: coef, scale: scale} }

// NumericBig makes coef × 10^-scale. It takes over coef.
func NumericBig(coef *big.Int, scale int32) Numeric {
	if coef.IsInt64() {
		return Numeric{coef: coef.Int64(), scale: scale}
	}
	return Numeric{big: coef, scale: scale}
}

// NumericSpecial makes NaN or an infinity.
func NumericSpecial(form NumForm) Numeric { return Numeric{form: form} }

// Form tells finite from special.
func (n Numeric) Form() NumForm { return n.form }

// Scale is the display scale: digits after the point.
func (n Numeric) Scale() int32 { return n.scale }

// Small gives the coefficient when it fits an int64; ok is false for big and
// special values.
func (n Numeric) Small() (coef int64, ok bool) {
	return n.coef, n.big == nil && n.form == NumFinite
}

// Coef gives the coefficient of a finite value; the caller may not change it.
func (n Numeric) Coef() *big.Int {
	if n.big != nil {
		return n.big
	}
	return big.NewInt(n.coef)
}

// Interval is a value of type interval. Its three parts are kept apart, as
// PostgreSQL does.
type Interval struct {
	Months int32
	Days   int32
	Micros int64
}

var pow10tab = func() (t [19]int64) {
	t[0] = 1
	for i := 1; i < len(t); i++ {
		t[i] = t[i-1] * 10
	}
	return t
}()

// Pow10 gives 10^n for 0 ≤ n ≤ 18.
func Pow10(n int32) int64 { return pow10tab[n] }

// bigPow10tab holds the powers of ten that arithmetic on ordinary numbers needs.
var bigPow10tab = func() (t [128]*big.Int) {
	ten := big.NewInt(10)
	t[0] = big.NewInt(1)
	for i := 1; i < len(t); i++ {
		t[i] = new(big.Int).Mul(t[i-1], ten)
	}
	return t
}()

// bigPow10 gives 10^n; the caller may not change it.
func bigPow10(n int32) *big.Int {
	if n < int32(len(bigPow10tab)) {
		return bigPow10tab[n]
	}
	return new(big.Int).Exp(bigPow10tab[1], big.NewInt(int64(n)), nil)
}

// Sign is -1, 0 or +1; NaN counts as positive.
func (n Numeric) Sign() int {
	switch {
	case n.form == NumNegInf:
		return -1
	case n.form != NumFinite:
		return 1
	case n.big != nil:
		return n.big.Sign()
	case n.coef < 0:
		return -1
	case n.coef > 0:
		return 1
	}
	return 0
}

// rank orders the forms: -inf, finite, +inf, NaN.
func (f NumForm) rank() int { return [...]int{NumFinite: 1, NumNaN: 3, NumPosInf: 2, NumNegInf: 0}[f] }

// Cmp compares by value: -1, 0, +1. NaN equals NaN and is above everything.
func (n Numeric) Cmp(m Numeric) int {
	if n.form != NumFinite || m.form != NumFinite {
		return cmpInt(int64(n.form.rank()), int64(m.form.rank()))
	}
	if n.scale == m.scale && n.big == nil && m.big == nil {
		return cmpInt(n.coef, m.coef)
	}
	if s, t := n.Sign(), m.Sign(); s != t {
		return cmpInt(int64(s), int64(t))
	}
	d := n.scale - m.scale
	if n.big == nil && m.big == nil && d >= -18 && d <= 18 {
		return cmpScaled(n.coef, m.coef, d)
	}
	a, b := n.Coef(), m.Coef()
	if d < 0 {
		a = new(big.Int).Mul(a, bigPow10(-d))
	} else if d > 0 {
		b = new(big.Int).Mul(b, bigPow10(d))
	}
	return a.Cmp(b)
}

// cmpScaled compares a·10^-d with b, which have the same sign.
func cmpScaled(a, b int64, d int32) int {
	ua, ub, sign := magnitude(a), magnitude(b), 1
	if a < 0 {
		sign = -1
	}
	var ah, bh uint64
	if d < 0 {
		ah, ua = bits.Mul64(ua, uint64(pow10tab[-d]))
	} else {
		bh, ub = bits.Mul64(ub, uint64(pow10tab[d]))
	}
	switch {
	case ah != bh && ah < bh, ah == bh && ua < ub:
		return -sign
	case ah == bh && ua == ub:
		return 0
	}
	return sign
}

// magnitude is |x|, also of the least integer.
func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// normalized gives the equal value with the fewest digits after the point: no
// trailing zeros in the coefficient unless the scale is 0.
func (n Numeric) normalized() Numeric {
	if n.form != NumFinite {
		return Numeric{form: n.form}
	}
	if n.big == nil {
		for n.scale > 0 && n.coef%10 == 0 {
			n.coef /= 10
			n.scale--
		}
		return n
	}
	c, q, r := new(big.Int).Set(n.big), new(big.Int), new(big.Int)
	s := n.scale
	for ten := big.NewInt(10); s > 0; s-- {
		if q.QuoRem(c, ten, r); r.Sign() != 0 {
			break
		}
		c, q = q, c
	}
	return NumericBig(c, s)
}

// Hash hashes by value: numbers that are equal hash alike whatever their scale.
func (n Numeric) Hash() uint64 {
	n = n.normalized()
	h := Mix(uint64(n.coef) ^ uint64(n.scale)<<56 ^ uint64(n.form)<<48)
	if n.big != nil {
		for _, w := range n.big.Bits() {
			h = Mix(h ^ uint64(w))
		}
	}
	return h
}
