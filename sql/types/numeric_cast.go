package types

import (
	"math"
	"math/bits"
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Casts among the number types, named after PostgreSQL's functions. Integers
// are int64 whatever their SQL width; results fit the width or are 22003.

// IntNarrow checks that a value fits 16 or 32 bits: the casts int42, int82,
// int84.
func IntNarrow(n int64, bits int) (int64, error) {
	if !fitsBits(n, bits) {
		return 0, ErrIntRange(bits)
	}
	return n, nil
}

// Int8ToOid is the cast of bigint to oid and the reg* types.
func Int8ToOid(n int64) (int64, error) {
	if n != int64(uint32(n)) {
		return 0, pgerr.New(pgerr.NumericValueOutOfRange, "OID out of range")
	}
	return n, nil
}

// Int4ToOid is the cast of integer to oid, which keeps the bits; OidToInt4 is
// its reverse.
func Int4ToOid(n int64) int64 { return int64(uint32(n)) }

// OidToInt4: see Int4ToOid.
func OidToInt4(n int64) int64 { return int64(int32(n)) }

// FloatInt rounds a float to an integer of the given width, halves to even:
// dtoi2, dtoi4, dtoi8 and the ftoi ones.
func FloatInt(f float64, bits int) (int64, error) {
	r := math.RoundToEven(f)
	limit := float64(uint64(1) << (bits - 1))
	if r != r || r < -limit || r >= limit {
		return 0, ErrIntRange(bits)
	}
	return int64(r), nil
}

// FloatFloat4 is the cast dtof.
func FloatFloat4(f float64) (float64, error) {
	g := float64(float32(f))
	if math.IsInf(g, 0) && !math.IsInf(f, 0) {
		return 0, ErrFloatOverflow()
	}
	if g == 0 && f != 0 {
		return 0, ErrFloatUnderflow()
	}
	return g, nil
}

// IntFloat4 is the cast of an integer to real, rounded once.
func IntFloat4(n int64) float64 { return float64(float32(n)) }

// NumericInt is the cast numeric_int2, _int4, _int8: rounded, halves away from
// zero.
func NumericInt(n Numeric, width int) (int64, error) {
	switch n.form {
	case NumFinite:
	case NumNaN:
		return 0, pgerr.New(pgerr.FeatureNotSupported, "cannot convert NaN to %s", IntTypeName(width))
	default:
		return 0, pgerr.New(pgerr.FeatureNotSupported, "cannot convert infinity to %s", IntTypeName(width))
	}
	if r := n.integral(roundHalf); r.big == nil && fitsBits(r.coef, width) {
		return r.coef, nil
	}
	return 0, ErrIntRange(width)
}

// NumericFloat is the cast of numeric to float8 (64 bits) or float4 (32).
func NumericFloat(n Numeric, width int) (float64, error) {
	switch n.form {
	case NumNaN:
		return math.NaN(), nil
	case NumPosInf:
		return math.Inf(1), nil
	case NumNegInf:
		return math.Inf(-1), nil
	}
	if n.big == nil && n.scale <= 22 && magnitude(n.coef) < 1<<53 && width == 64 {
		return float64(n.coef) / pow10f[n.scale], nil
	}
	return ParseFloatText(n.String(), width)
}

// FloatNumeric is the cast of a float of the given width to numeric: 15 (6)
// significant digits.
func FloatNumeric(f float64, width int) (Numeric, error) {
	switch {
	case f != f:
		return numNaN, nil
	case math.IsInf(f, 1):
		return numPosInf, nil
	case math.IsInf(f, -1):
		return numNegInf, nil
	}
	if i := int64(f); float64(i) == f && magnitude(i) < 1e15 && width == 64 {
		return Numeric{coef: i}, nil
	}
	var buf [40]byte
	prec := 15
	if width == 32 {
		prec = 6
	}
	return ParseNumeric(string(strconv.AppendFloat(buf[:0], f, 'g', prec, 64)))
}

// NumericUint64 is an integral numeric as pg_lsn arithmetic takes it; ok is
// false when it does not fit.
func NumericUint64(n Numeric) (u uint64, ok bool) {
	r := n.integral(roundHalf)
	if r.form != NumFinite || r.Sign() < 0 {
		return 0, false
	}
	if c := r.Coef(); c.IsUint64() {
		return c.Uint64(), true
	}
	return 0, false
}

// NumericFromUint64 makes u with scale 0.
func NumericFromUint64(u uint64) Numeric { return fromUint128(0, u, false, 0) }

// NumericFromInt128 makes hi·2^64 + lo in two's complement, times 10^-scale.
func NumericFromInt128(hi int64, lo uint64, scale int32) Numeric {
	if hi >= 0 {
		return fromUint128(uint64(hi), lo, false, scale)
	}
	lo, borrow := bits.Sub64(0, lo, 0)
	uhi, _ := bits.Sub64(0, uint64(hi), borrow)
	return fromUint128(uhi, lo, true, scale)
}
