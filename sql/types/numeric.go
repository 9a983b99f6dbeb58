package types

import "math/big"

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
