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
		if got, _ := s.text(&a, b, width); got != string(b)+strings.Repeat(" ", width-n) {
			t.Fatalf("%q, not %q", got, string(b))
		}
	}
}

// A field is known again by its bytes and the one that ended it, whatever comes behind.
func TestSeenFields(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	var s seen
	src := make([]byte, 80)
	known := 0
	for range 200_000 {
		for i := range src {
			src[i] = "ab|"[rnd.IntN(24)/11]
		}
		src[60] = '|' // the last field ends before the words behind it do
		p := rnd.IntN(40)
		n := strings.IndexByte(string(src[p:]), '|')
		want := string(src[p:p+n]) + "."
		if got, have := s.field(src[p:]); have > 0 {
			known++
			if got != want || have != n+1 {
				t.Fatalf("%q of %d bytes, not %q of %d", got, have, want, n+1)
			}
		} else if s.givenUp() {
			s.looks = 0
		}
		s.cameAgain(src[p:], n+1, want)
	}
	if known < 1000 {
		t.Fatalf("%d fields were known again", known)
	}
}
