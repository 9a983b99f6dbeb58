// Package ctype has the character classes of PostgreSQL's one collation here,
// C.UTF-8: those of the C library, whose tables differ from Go's package
// unicode in what they call a letter. Case mapping is the same as Go's, rune by
// rune.
package ctype

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

//go:embed ctype.txt
var tables string

// set is a set of code points, a bit each.
type set []uint64

func (s set) has(r rune) bool {
	i := uint32(r) >> 6
	return int(i) < len(s) && s[i]>>(uint(r)&63)&1 != 0
}

// load reads the sets; runes from U+D800 to U+DFFF are in none.
var load = sync.OnceValue(func() map[string]set {
	out := map[string]set{}
	for _, line := range strings.Split(tables, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		s := make(set, (unicode.MaxRune+64)/64)
		for _, x := range f[1:] {
			lo, hi, ok := strings.Cut(x, "-")
			if !ok {
				hi = lo
			}
			a, _ := strconv.ParseUint(lo, 16, 32)
			b, _ := strconv.ParseUint(hi, 16, 32)
			for ; a <= b; a++ {
				s[a>>6] |= 1 << (a & 63)
			}
		}
		out[f[0]] = s
	}
	return out
})

// class makes the test of a class.
func class(name string) func(rune) bool {
	all := sync.OnceValue(func() set { return load()[name] })
	return func(r rune) bool { return all().has(r) }
}

// IsAlpha tells a letter, and a digit that is not an ASCII one.
var IsAlpha = class("alpha")

// IsAlnum tells a letter or digit.
func IsAlnum(r rune) bool { return '0' <= r && r <= '9' || IsAlpha(r) }

// Ranges gives a class that is a table (alpha, upper, lower, space, print) as
// pairs of first and last code points, in order. The caller changes nothing in
// it.
func Ranges(class string) []rune {
	rangesMu.Lock()
	defer rangesMu.Unlock()
	if r, ok := ranges[class]; ok {
		return r
	}
	s := load()[class]
	var out []rune
	for c := rune(0); c <= unicode.MaxRune; c++ {
		if c&63 == 0 && s[c>>6] == 0 {
			c += 63
			continue
		}
		if s.has(c) {
			if n := len(out); n > 0 && out[n-1] == c-1 {
				out[n-1] = c
			} else {
				out = append(out, c, c)
			}
		}
	}
	ranges[class] = out
	return out
}

var (
	rangesMu sync.Mutex
	ranges   = map[string][]rune{}
)
