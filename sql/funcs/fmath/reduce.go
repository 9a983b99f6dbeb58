package fmath

import (
	"math"
	"math/big"
	"sync"
)

// piHex is π · 2^1300.
const piHex = "3243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89452821e638d01377be5466cf34e90c6cc0ac29b7c97c5" +
	"0dd3f84d5b5b54709179216d5d98979fb1bd1310ba698dfb5ac2ffd72dbd01adfb7b8e1afed6a267e96ba7c9045f12c7f9924a19947b39" +
	"16cf70801f2e2858efc16636920d871574e69a458fea3f4933d7e0d95748f728eb658718bcd5882154aee7b54a41dc25a59b59c30d"

// halfPi is π · 2^1299, the half of it at the same scale.
var halfPi = sync.OnceValue(func() *big.Int {
	p, _ := new(big.Int).SetString(piHex, 16)
	return p.Rsh(p, 1)
})

const piBits = 1300

// π/2 in three pieces of 53 bits.
const (
	pio2a = 0x1.921fb54442d18p+0
	pio2b = 0x1.1a62633145c07p-54
	pio2c = -0x1.f1976b7ed8fbcp-110
)

// reduce brings x to within ±π/4 by multiples of π/2 and gives their number
// modulo 4.
func reduce(x float64) (r DD, quadrant int) {
	k := math.RoundToEven(x * (2 / math.Pi))
	if math.Abs(k) > 1<<20 {
		return reduceBig(x)
	}
	r = DD{x, 0}.Sub(Product(k, pio2a)).Sub(Product(k, pio2b)).AddF(-k * pio2c)
	return r, int(int64(k) & 3)
}

// reduceBig is reduce in integers, for any x: 1300 bits of π leave a hundred
// after the largest double.
func reduceBig(x float64) (r DD, quadrant int) {
	frac, exp := math.Frexp(math.Abs(x))
	n := new(big.Int).SetInt64(int64(frac * (1 << 53)))
	n.Lsh(n, uint(exp-53+piBits)) // x at the scale of halfPi; exp ≥ 20 here
	q, rem := new(big.Int).QuoRem(n, halfPi(), new(big.Int))
	if rem.Cmp(new(big.Int).Rsh(halfPi(), 1)) > 0 {
		q.Add(q, big.NewInt(1))
		rem.Sub(rem, halfPi())
	}
	f := new(big.Float).SetPrec(200).SetInt(rem)
	f.SetMantExp(f, -piBits)
	hi, _ := f.Float64()
	lo, _ := f.Sub(f, big.NewFloat(hi)).Float64()
	r, quadrant = DD{hi, lo}, int(new(big.Int).And(q, big.NewInt(3)).Int64())
	if x < 0 {
		return r.Neg(), (4 - quadrant) & 3
	}
	return r, quadrant
}
