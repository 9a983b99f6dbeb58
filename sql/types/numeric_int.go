package types

import (
	"math"
	"math/big"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Functions of numeric about integers and digits: gcd, lcm, factorial,
// width_bucket, scale.

// NumericGcd is the greatest common divisor; NaN for special values.
func NumericGcd(a, b Numeric) Numeric {
	if a.form|b.form != NumFinite {
		return numNaN
	}
	scale := max(a.scale, b.scale)
	x, y := a.rescale(scale).Coef(), b.rescale(scale).Coef()
	g := new(big.Int).GCD(nil, nil, new(big.Int).Abs(x), new(big.Int).Abs(y))
	return NumericBig(g, scale)
}

// NumericLcm is the least common multiple, 0 if either is 0.
func NumericLcm(a, b Numeric) (Numeric, error) {
	if a.form|b.form != NumFinite {
		return numNaN, nil
	}
	scale := max(a.scale, b.scale)
	if a.Sign() == 0 || b.Sign() == 0 {
		return zeroScaled(scale), nil
	}
	x, y := a.rescale(scale).Coef(), b.rescale(scale).Coef()
	g := new(big.Int).GCD(nil, nil, new(big.Int).Abs(x), new(big.Int).Abs(y))
	l := g.Mul(new(big.Int).Quo(x, g), y)
	return NumericBig(l.Abs(l), scale).checked()
}

// NumericFac is n!.
func NumericFac(n int64) (Numeric, error) {
	switch {
	case n < 0:
		return Numeric{}, pgerr.New(pgerr.NumericValueOutOfRange, "factorial of a negative number is undefined")
	case n > 32177:
		return Numeric{}, errNumericOverflow()
	}
	return NumericBig(new(big.Int).MulRange(1, max(n, 1)), 0), nil
}

func errBucket(msg string) error {
	return pgerr.New(pgerr.InvalidArgumentForWidthBucketFunction, msg)
}

// WidthBucketNumeric is width_bucket over count buckets of equal width.
func WidthBucketNumeric(x, lo, hi Numeric, count int32) (int64, error) {
	switch {
	case count <= 0:
		return 0, errBucket("count must be greater than zero")
	case x.form == NumNaN || lo.form == NumNaN || hi.form == NumNaN:
		return 0, errBucket("operand, lower bound, and upper bound cannot be NaN")
	case lo.form != NumFinite || hi.form != NumFinite:
		return 0, errBucket("lower and upper bounds must be finite")
	}
	dir := hi.Cmp(lo)
	switch {
	case dir == 0:
		return 0, errBucket("lower bound cannot equal upper bound")
	case x.Cmp(lo)*dir < 0:
		return 0, nil
	case x.Cmp(hi)*dir >= 0:
		if count == math.MaxInt32 {
			return 0, ErrIntRange(32)
		}
		return int64(count) + 1, nil
	}
	span, _ := NumericSub(hi, lo)
	off, _ := NumericSub(x, lo)
	off, err := NumericMul(NumericAbs(off), NumericFromInt(int64(count)))
	if err != nil {
		return 0, err
	}
	span = NumericAbs(span)
	q := quotient(off, span, divScale(off, span), roundHalf).integral(roundFloor)
	return IntNarrow(q.coef+1, 32)
}

// WidthBucketFloat is width_bucket of floats.
func WidthBucketFloat(x, lo, hi float64, count int32) (int64, error) {
	switch {
	case count <= 0:
		return 0, errBucket("count must be greater than zero")
	case x != x || lo != lo || hi != hi:
		return 0, errBucket("operand, lower bound, and upper bound cannot be NaN")
	case math.IsInf(lo, 0) || math.IsInf(hi, 0):
		return 0, errBucket("lower and upper bounds must be finite")
	case lo == hi:
		return 0, errBucket("lower bound cannot equal upper bound")
	case lo < hi && x < lo, lo > hi && x > lo:
		return 0, nil
	case lo < hi && x >= hi, lo > hi && x <= hi:
		if count == math.MaxInt32 {
			return 0, ErrIntRange(32)
		}
		return int64(count) + 1, nil
	}
	if math.IsInf(hi-lo, 0) {
		x, lo, hi = x/2, lo/2, hi/2
	}
	n := int64(float64(count) * ((x - lo) / (hi - lo)))
	return int64(int32(n + 1)), nil // as there, where the quotient rounds to 1
}

// NumericScale is scale(n): digits after the point; ok is false (NULL) for
// special values.
func NumericScale(n Numeric) (scale int32, ok bool) { return n.scale, n.form == NumFinite }

// NumericMinScale is the least scale that shows n exactly.
func NumericMinScale(n Numeric) (scale int32, ok bool) {
	return n.normalized().scale, n.form == NumFinite
}

// NumericTrimScale drops trailing zeros after the point.
func NumericTrimScale(n Numeric) Numeric { return n.normalized() }

// NumericInc is n + 1.
func NumericInc(n Numeric) (Numeric, error) { return NumericAdd(n, NumericFromInt(1)) }

// GCDInt is gcd of integers of 32 or 64 bits.
func GCDInt(a, b int64, bits int) (int64, error) {
	x, y := magnitude(a), magnitude(b)
	for y != 0 {
		x, y = y, x%y
	}
	if x > math.MaxInt64 || !fitsBits(int64(x), bits) {
		return 0, ErrIntRange(bits)
	}
	return int64(x), nil
}

// LCMInt is lcm of integers of 32 or 64 bits.
func LCMInt(a, b int64, bits int) (int64, error) {
	if a == 0 || b == 0 {
		return 0, nil
	}
	g, err := GCDInt(a, b, bits)
	if err != nil {
		return 0, err
	}
	q := a / g
	p := q * b
	if p/b != q || p == math.MinInt64 {
		return 0, ErrIntRange(bits)
	}
	if p < 0 {
		p = -p
	}
	if !fitsBits(p, bits) {
		return 0, ErrIntRange(bits)
	}
	return p, nil
}
