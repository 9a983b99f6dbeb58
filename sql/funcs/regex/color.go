package regex

import (
	"slices"
	"sort"
	"unicode/utf8"
)

// A color is a class of characters that no part of a pattern tells apart.
type color = uint16

// kind is what constraints want to know of the character before or after a
// position.
type kind uint8

const (
	kindOther kind = iota
	kindWord
	kindNewline
	kindEdge // there is none: the start or end of the text
	kinds
)

// colorMap gives the color of every character.
type colorMap struct {
	ascii [utf8.RuneSelf]color
	// starts are the first characters of the runs of equal color, of which
	// colors are the colors.
	starts []rune
	colors []color
	kinds  []kind // by color
	count  int
}

func (m *colorMap) of(r rune) color {
	i := sort.Search(len(m.starts), func(i int) bool { return m.starts[i] > r })
	return m.colors[i-1]
}

// newColors makes the map for the sets, and the colors each of them has.
func newColors(sets []runeSet) (*colorMap, [][]bool) {
	var starts []rune
	for _, s := range sets {
		for i := 0; i < len(s); i += 2 {
			starts = append(starts, s[i], s[i+1]+1)
		}
	}
	starts = append(starts, 0)
	slices.Sort(starts)
	starts = slices.Compact(starts)
	m := &colorMap{starts: starts, colors: make([]color, len(starts))}
	bySign := map[string]color{}
	next := make([]int, len(sets)) // the range of each set that r is in or before
	sign := make([]byte, len(sets))
	var members [][]byte
	for i, r := range starts {
		for j, s := range sets {
			for next[j] < len(s) && s[next[j]+1] < r {
				next[j] += 2
			}
			sign[j] = 0
			if next[j] < len(s) && s[next[j]] <= r {
				sign[j] = 1
			}
		}
		c, ok := bySign[string(sign)]
		if !ok {
			c = color(len(bySign))
			bySign[string(sign)] = c
			members = append(members, slices.Clone(sign))
		}
		m.colors[i] = c
	}
	m.count = len(members)
	for r := range m.ascii {
		m.ascii[r] = m.of(rune(r))
	}
	in := make([][]bool, len(sets))
	for j := range sets {
		in[j] = make([]bool, m.count)
		for c := range in[j] {
			in[j][c] = members[c][j] == 1
		}
	}
	return m, in
}
