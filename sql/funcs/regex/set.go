package regex

import (
	"slices"
	"sync"
	"unicode"

	"github.com/streamsqld/streamsqld/sql/funcs/ctype"
)

// runeSet is a set of characters: pairs of first and last code points, sorted,
// disjoint and not adjacent.
type runeSet []rune

// normalize sorts pairs that were collected in any order.
func normalize(pairs []rune) runeSet {
	type span struct{ lo, hi rune }
	spans := make([]span, len(pairs)/2)
	for i := range spans {
		spans[i] = span{pairs[2*i], pairs[2*i+1]}
	}
	slices.SortFunc(spans, func(a, b span) int { return int(a.lo - b.lo) })
	var out runeSet
	for _, s := range spans {
		if n := len(out); n > 0 && s.lo <= out[n-1]+1 {
			out[n-1] = max(out[n-1], s.hi)
		} else {
			out = append(out, s.lo, s.hi)
		}
	}
	return out
}

// complement is everything else.
func (s runeSet) complement() runeSet {
	var out runeSet
	next := rune(0)
	for i := 0; i < len(s); i += 2 {
		if s[i] > next {
			out = append(out, next, s[i]-1)
		}
		next = s[i+1] + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, next, unicode.MaxRune)
	}
	return out
}

func (s runeSet) without(r rune) runeSet { return normalize(append(s.complement(), r, r)).complement() }

// has tells membership.
func (s runeSet) has(r rune) bool {
	i, found := slices.BinarySearch(s, r)
	return found || i%2 == 1
}

// cased lists the characters that have another case, with both their cases.
var cased = sync.OnceValue(func() (out [][3]rune) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r == 0x3000 { // no case in the ideographs and Hangul
			r = 0xa000
		}
		if l, u := unicode.ToLower(r), unicode.ToUpper(r); l != r || u != r {
			out = append(out, [3]rune{r, l, u})
		}
		if r == 0x1ffff {
			break
		}
	}
	return out
})

// bothCases adds the lower and upper case of every character.
func (s runeSet) bothCases() runeSet {
	pairs := slices.Clone(s)
	for _, c := range cased() {
		if s.has(c[0]) {
			pairs = append(pairs, c[1], c[1], c[2], c[2])
		}
	}
	return normalize(pairs)
}

// class gives a character class by name; nil when there is none.
func class(name string) runeSet {
	table := func(n string) runeSet { return ctype.Ranges(n) }
	switch name {
	case "alpha", "upper", "lower", "space", "print":
		return table(name)
	case "alnum":
		return union(table("alpha"), runeSet{'0', '9'})
	case "word":
		return union(table("alpha"), runeSet{'0', '9', '_', '_'})
	case "digit":
		return runeSet{'0', '9'}
	case "xdigit":
		return runeSet{'0', '9', 'A', 'F', 'a', 'f'}
	case "ascii":
		return runeSet{0, 0x7f}
	case "blank":
		return runeSet{'\t', '\t', ' ', ' '}
	case "cntrl":
		return runeSet{1, 0x1f, 0x7f, 0x9f}
	case "graph":
		return minus(table("print"), table("space"))
	case "punct":
		return minus(minus(table("print"), table("space")), class("alnum"))
	}
	return nil
}

func union(a, b runeSet) runeSet { return normalize(append(slices.Clone(a), b...)) }

func minus(a, b runeSet) runeSet { return union(a.complement(), b).complement() }
