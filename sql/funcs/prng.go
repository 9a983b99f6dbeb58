package funcs

import "math/bits"

// Prng is PostgreSQL's generator of random numbers (src/common/pg_prng.c:
// xoroshiro128**, seeded through splitmix64), so that what follows setseed is
// what follows it there. The zero Prng is not seeded.
type Prng struct{ s0, s1 uint64 }

// NewPrng makes a generator from a seed of 64 bits.
func NewPrng(seed uint64) *Prng {
	p := &Prng{s0: splitmix64(&seed), s1: splitmix64(&seed)}
	if p.s0 == 0 && p.s1 == 0 { // the one state it would never leave
		p.s0, p.s1 = 0x5851F42D4C957F2D, 0x14057B7EF767814F
	}
	return p
}

// SeedPrng makes a generator as setseed does, from -1 … 1.
func SeedPrng(f float64) *Prng { return NewPrng(uint64(int64((1<<52 - 1) * f))) }

// Float64 gives a number in [0, 1), of 52 bits.
func (p *Prng) Float64() float64 { return float64(p.Uint64()>>12) / (1 << 52) }

// Uint64 gives 64 bits.
func (p *Prng) Uint64() uint64 {
	x := p.s1 ^ p.s0
	v := bits.RotateLeft64(p.s0*5, 7) * 9
	p.s0 = bits.RotateLeft64(p.s0, 24) ^ x ^ x<<16
	p.s1 = bits.RotateLeft64(x, 37)
	return v
}

func splitmix64(state *uint64) uint64 {
	*state += 0x9E3779B97F4A7C15
	v := *state
	v = (v ^ v>>30) * 0xBF58476D1CE4E5B9
	v = (v ^ v>>27) * 0x94D049BB133111EB
	return v ^ v>>31
}
