package types

import (
	"math/big"
	"math/rand"
	"testing"
)

// Sums, differences and products of numbers of all widths around 64 and 128
// bits are those of math/big.
func TestWideArithmetic(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	number := func() Numeric {
		n := new(big.Int).Rand(r, new(big.Int).Lsh(big.NewInt(1), uint(1+r.Intn(140))))
		if r.Intn(8) == 0 {
			n.Sub(new(big.Int).Lsh(big.NewInt(1), uint(63+r.Intn(2)*64)), big.NewInt(int64(r.Intn(3))))
		}
		if r.Intn(2) == 0 {
			n.Neg(n)
		}
		return NumericBig(n, int32(r.Intn(25)))
	}
	rat := func(n Numeric) *big.Rat { return new(big.Rat).SetFrac(n.Coef(), bigPow10(n.scale)) }
	for range 20_000 {
		a, b := number(), number()
		for name, op := range map[string]struct {
			got  func(a, b Numeric) (Numeric, error)
			want func(z *big.Rat, a, b *big.Rat) *big.Rat
		}{"+": {NumericAdd, (*big.Rat).Add}, "-": {NumericSub, (*big.Rat).Sub}, "*": {NumericMul, (*big.Rat).Mul}} {
			got, err := op.got(a, b)
			if err != nil || rat(got).Cmp(op.want(new(big.Rat), rat(a), rat(b))) != 0 {
				t.Fatalf("%v %s %v = %v, %v", rat(a), name, rat(b), got, err)
			}
			if _, small := got.Small(); !small && got.big.IsInt64() {
				t.Fatalf("%v %s %v is not in its small form", rat(a), name, rat(b))
			}
		}
	}
}
