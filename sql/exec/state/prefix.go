package state

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// prefix maps a value to a number that sorts as the value does, or ties: values
// with different prefixes need not be compared. What it gives for equal values
// (1.0 and 1.00) is equal.
func prefix(col *vec.Vec, i int, o SortCol, t *types.Type) uint64 {
	if col.IsNull(i) {
		if o.NullsFirst {
			return 0
		}
		return math.MaxUint64
	}
	p := valuePrefix(col, i, t)
	if o.Desc {
		return ^p
	}
	return p
}

func valuePrefix(col *vec.Vec, i int, t *types.Type) uint64 {
	switch col.Kind {
	case types.Bool:
		if col.Bools[i] {
			return 2
		}
		return 1
	case types.Int:
		return ascending(col.Ints[i])
	case types.Float:
		return floatPrefix(col.Floats[i])
	case types.Numer:
		return numericPrefix(col.Numeric(i))
	case types.Inter:
		v := col.Inters[i]
		return ascending(int64(v.Months)*30 + int64(v.Days) + floorDiv(v.Micros, 86400_000_000))
	}
	if !t.PlainBytes() {
		return 0
	}
	return stringPrefix(col.Strs[i])
}

// ascending maps signed order to unsigned order.
func ascending(x int64) uint64 { return uint64(x) ^ 1<<63 }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floatPrefix(f float64) uint64 {
	switch {
	case f != f:
		return math.MaxUint64
	case f == 0:
		return 1 << 63
	}
	b := math.Float64bits(f)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

// numericShift is how many binary digits behind the point a prefix keeps.
const numericShift = 20

// numericPrefix is the value × 2^numericShift, rounded down and cut to 63 bits.
func numericPrefix(n types.Numeric) uint64 {
	coef, small := n.Small()
	switch {
	case n.Form() == types.NumNegInf:
		return 0
	case n.Form() != types.NumFinite:
		return math.MaxUint64
	case !small || n.Scale() > 18:
		return bigPrefix(n)
	}
	den := uint64(types.Pow10(n.Scale()))
	mag := uint64(coef)
	if coef < 0 {
		mag = -mag
	}
	hi, lo := bits.Mul64(mag, 1<<numericShift)
	if hi >= den {
		return cut(coef > 0)
	}
	q, r := bits.Div64(hi, lo, den)
	if q >= 1<<62 {
		return cut(coef > 0)
	}
	x := int64(q)
	if coef < 0 {
		if x = -x; r > 0 {
			x--
		}
	}
	return ascending(x)
}

// cut is the prefix of values too large to tell apart.
func cut(positive bool) uint64 {
	if positive {
		return ascending(1 << 62)
	}
	return ascending(-1 << 62)
}

func bigPrefix(n types.Numeric) uint64 {
	x := new(big.Int).Lsh(n.Coef(), numericShift)
	den := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n.Scale())), nil)
	x.Div(x, den) // Euclidean: rounds down, as den > 0
	if x.BitLen() > 62 {
		return cut(x.Sign() > 0)
	}
	return ascending(x.Int64())
}

func stringPrefix(s string) uint64 {
	var p uint64
	for i := range 8 {
		p <<= 8
		if i < len(s) {
			p |= uint64(s[i])
		}
	}
	return p
}
