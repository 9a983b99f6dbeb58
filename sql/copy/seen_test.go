package copy

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Whatever texts were seen before, a text is what it is.
func TestSeen(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var s seen
	var a arena
	src := make([]byte, 64)
	for range 200_000 {
		for i := range src {
			src[i] = "ab"[rnd.IntN(8)/7]
		}
		n := rnd.IntN(27)
		at := rnd.IntN(len(src) - n + 1)
		b, width := src[at:at+n], n+rnd.IntN(2)
		if rnd.IntN(2) == 0 {
			b = b[:n:n] // nothing is behind it
		}
		if got, want := s.text(&a, b, width), string(b)+strings.Repeat(" ", width-n); got != want {
			t.Fatalf("%q, not %q", got, want)
		}
	}
}
