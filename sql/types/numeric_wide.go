package types

import (
	"math/big"
	"math/bits"
)

// Coefficients that do not fit an int64 mostly fit 128 bits. These are computed
// with here, so that a result costs one piece of memory and no other.

// wideInt is a big.Int together with the words it points to.
type wideInt struct {
	big.Int
	words [2]big.Word
}

func bigFromUint128(hi, lo uint64, neg bool) *big.Int {
	if bits.UintSize != 64 {
		c := new(big.Int).SetUint64(hi)
		c.Or(c.Lsh(c, 64), new(big.Int).SetUint64(lo))
		if neg {
			c.Neg(c)
		}
		return c
	}
	w := &wideInt{words: [2]big.Word{big.Word(lo), big.Word(hi)}}
	w.SetBits(w.words[:])
	if neg {
		w.Neg(&w.Int)
	}
	return &w.Int
}

// magnitude128 is the absolute value of a finite coefficient, when it fits.
func (n Numeric) magnitude128() (hi, lo uint64, ok bool) {
	if n.big == nil {
		return 0, magnitude(n.coef), true
	}
	switch w := n.big.Bits(); {
	case bits.UintSize != 64 || len(w) > 2:
		return 0, 0, false
	case len(w) == 2:
		return uint64(w[1]), uint64(w[0]), true
	default:
		return 0, uint64(w[0]), true
	}
}

// scaled128 is the absolute value of the coefficient at a scale that is not
// below n's, when it fits.
func (n Numeric) scaled128(scale int32) (hi, lo uint64, ok bool) {
	hi, lo, ok = n.magnitude128()
	for d := scale - n.scale; ok && d > 0; {
		step := min(d, 18)
		d -= step
		p := uint64(pow10tab[step])
		over, hi2 := bits.Mul64(hi, p)
		c, lo2 := bits.Mul64(lo, p)
		var carry uint64
		hi, carry = bits.Add64(hi2, c, 0)
		lo, ok = lo2, over == 0 && carry == 0
	}
	return hi, lo, ok
}

// add128 is a + b of finite numbers, when all of it fits.
func add128(a, b Numeric, scale int32) (sum Numeric, ok bool) {
	ahi, alo, aok := a.scaled128(scale)
	bhi, blo, bok := b.scaled128(scale)
	if !aok || !bok {
		return sum, false
	}
	neg := a.Sign() < 0
	if neg == (b.Sign() < 0) {
		lo, c := bits.Add64(alo, blo, 0)
		hi, c := bits.Add64(ahi, bhi, c)
		return fromUint128(hi, lo, neg, scale), c == 0
	}
	lo, c := bits.Sub64(alo, blo, 0)
	hi, c := bits.Sub64(ahi, bhi, c)
	if c != 0 { // b is the greater one
		lo, c = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, c)
		neg = !neg
	}
	return fromUint128(hi, lo, neg, scale), true
}

// mul128 is the product of the coefficients, when it fits.
func mul128(a, b Numeric) (p Numeric, ok bool) {
	ahi, alo, aok := a.magnitude128()
	bhi, blo, bok := b.magnitude128()
	if !aok || !bok || ahi != 0 && bhi != 0 {
		return p, false
	}
	over1, x := bits.Mul64(ahi, blo)
	over2, y := bits.Mul64(alo, bhi)
	hi, lo := bits.Mul64(alo, blo)
	hi, c1 := bits.Add64(hi, x, 0)
	hi, c2 := bits.Add64(hi, y, 0)
	if over1|over2|c1|c2 != 0 {
		return p, false
	}
	return fromUint128(hi, lo, a.Sign() < 0 != (b.Sign() < 0), a.scale+b.scale), true
}
