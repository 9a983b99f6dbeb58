package funcs

import "testing"

// What PostgreSQL 15 gives after setseed.
func TestPrng(t *testing.T) {
	for seed, want := range map[float64][2]float64{
		0.5: {0.9851677175347999, 0.825301858027981},
		-1:  {0.725656831544149},
	} {
		p := SeedPrng(seed)
		for _, w := range want {
			if got := p.Float64(); w != 0 && got != w {
				t.Errorf("seed %v: got %v, want %v", seed, got, w)
			}
		}
	}
}
