package copy

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// Looking at eight bytes together finds what looking at each one finds.
func TestScan(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	alphabets := [][]byte{[]byte("ab \x01\x1f\x7f|"), []byte("a|\n"), []byte("abcdefgh~}{[]\\^"), []byte("é\x80\xffz\t"), []byte("ab\"\r\x00c!")}
	for _, d := range []*Decoder{
		{delim: '|'}, {delim: '\t'}, {csv: true, delim: ',', quote: '"'}, {csv: true, delim: 0x01, quote: '\''},
	} {
		d.prepareFast()
		for range 20000 {
			from := alphabets[rnd.IntN(len(alphabets))]
			src := make([]byte, rnd.IntN(40))
			for i := range src {
				if src[i] = from[0]; rnd.IntN(6) == 0 {
					src[i] = from[rnd.IntN(len(from))]
				}
			}
			p := rnd.IntN(len(src) + 1)
			end, or := p, byte(0)
			for end < len(src) && !d.special[src[end]] {
				or |= src[end]
				end++
			}
			if gotEnd, gotOr := d.scan(src, p); gotEnd != end || gotOr != or {
				t.Fatalf("%q from %d: %d, %x; want %d, %x", src, p, gotEnd, gotOr, end, or)
			}
		}
	}
}

// Every day of four centuries, in an order in which months follow each other.
func TestDate(t *testing.T) {
	var c dateCache
	begin := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for day := 1; day <= 31; day++ {
		for year := 1801; year <= 2200; year += 1 {
			for month := 1; month <= 12; month++ {
				text := fmt.Sprintf("%04d-%02d-%02d", year, month, day)
				want := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
				got, ok := c.date([]byte(text))
				if ok != (want.Day() == day) || ok && got != int64(want.Sub(begin)/(24*time.Hour)) {
					t.Fatalf("%s: %d, %v", text, got, ok)
				}
			}
		}
	}
	for _, bad := range []string{"2000-00-01", "2000-13-01", "2000-01-00", "2000-1-001", "0000-01-01", "20x0-01-01", "2000-01-0x", "2000/01-01"} {
		if got, ok := c.date([]byte(bad)); ok {
			t.Errorf("%s: %d", bad, got)
		}
	}
}
