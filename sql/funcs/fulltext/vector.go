package fulltext

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// unite puts lexemes into order and the places of equal ones together; those of one
// lexeme come in their order. It works in place.
func unite(v types.TSVector) types.TSVector {
	slices.SortStableFunc(v, func(l, m types.Lexeme) int { return strings.Compare(l.Word, m.Word) })
	out := v[:0]
	for _, l := range v {
		n := len(out)
		if n == 0 || out[n-1].Word != l.Word {
			out = append(out, l)
			continue
		}
		last := &out[n-1]
		for _, p := range l.Pos {
			last.Pos = addPlace(last.Pos, p)
		}
	}
	return out
}

// addPlace adds a place behind others, unless there are enough or it is there.
func addPlace(ps []types.TSPos, p types.TSPos) []types.TSPos {
	if n := len(ps); n > 0 {
		if n >= types.MaxPositions-1 || ps[n-1].Pos() == types.MaxTextPos-1 || ps[n-1].Pos() == p.Pos() {
			return ps
		}
	}
	return append(ps, p)
}

// Concat puts a text behind another: the positions of w follow those of v.
func Concat(v, w types.TSVector) (types.TSVector, error) {
	last := 0
	for _, l := range v {
		for _, p := range l.Pos {
			last = max(last, p.Pos())
		}
	}
	out := make(types.TSVector, 0, len(v)+len(w))
	i := 0
	for _, m := range w {
		for ; i < len(v) && v[i].Word < m.Word; i++ {
			out = append(out, v[i])
		}
		l := types.Lexeme{Word: m.Word}
		if i < len(v) && v[i].Word == m.Word {
			l.Pos = slices.Clone(v[i].Pos)
			i++
		}
		l.Pos = behind(l.Pos, m.Pos, last)
		out = append(out, l)
	}
	out = append(out, v[i:]...)
	if n := out.Size(); n > types.MaxLexemes {
		return nil, types.ErrTSVectorSize(n)
	}
	return out, nil
}

// behind adds places, each moved up by last.
func behind(ps, more []types.TSPos, last int) []types.TSPos {
	for _, p := range more {
		if n := len(ps); n >= types.MaxPositions || n > 0 && ps[n-1].Pos() == types.MaxTextPos-1 {
			break
		}
		ps = append(ps, types.NewTSPos(p.Pos()+last, p.Weight()))
	}
	return ps
}

// Strip takes the places away.
func Strip(v types.TSVector) types.TSVector {
	out := make(types.TSVector, len(v))
	for i, l := range v {
		out[i].Word = l.Word
	}
	return out
}

// SetWeight gives all places a weight, or those of the given lexemes.
func SetWeight(v types.TSVector, weight int, only []string) types.TSVector {
	out := slices.Clone(v)
	set := func(l *types.Lexeme) {
		l.Pos = slices.Clone(l.Pos)
		for i, p := range l.Pos {
			l.Pos[i] = types.NewTSPos(p.Pos(), weight)
		}
	}
	if only == nil {
		for i := range out {
			set(&out[i])
		}
	}
	for _, w := range only {
		if i, ok := out.Find(w); ok {
			set(&out[i])
		}
	}
	return out
}

// Filter keeps the places with one of the weights, a bit each, and the lexemes that then
// have any.
func Filter(v types.TSVector, weights int) types.TSVector {
	var out types.TSVector
	for _, l := range v {
		var ps []types.TSPos
		for _, p := range l.Pos {
			if weights>>p.Weight()&1 != 0 {
				ps = append(ps, p)
			}
		}
		if ps != nil {
			out = append(out, types.Lexeme{Word: l.Word, Pos: ps})
		}
	}
	return out
}

// Delete takes lexemes out.
func Delete(v types.TSVector, words ...string) types.TSVector {
	var out types.TSVector
	for _, l := range v {
		if !slices.Contains(words, l.Word) {
			out = append(out, l)
		}
	}
	return out
}

// OfWords makes a tsvector of lexemes without places.
func OfWords(words []string) types.TSVector {
	v := make(types.TSVector, len(words))
	for i, w := range words {
		v[i].Word = w
	}
	return types.SortTSVector(v)
}

// Length is the number of places, counting one for a lexeme that has none.
func Length(v types.TSVector) (n int) {
	for _, l := range v {
		n += max(1, len(l.Pos))
	}
	return n
}
