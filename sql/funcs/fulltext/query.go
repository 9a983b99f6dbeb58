package fulltext

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Query makes a query of a text whose operands are texts of their own: each becomes its
// lexemes, joined by op with the stop words between them counted. Texts that are no
// queries are 42601.
func Query(c *Config, text string, mode types.TSParse, op types.TSOp) (*types.TSQuery, error) {
	return types.ParseTSQuery(text, mode, func(word string, weights byte, prefix bool) (*types.TSQuery, error) {
		t := Text{Config: c}
		if err := t.Add(word); err != nil {
			return nil, err
		}
		var q *types.TSQuery
		last := 0
		for _, w := range t.Words {
			if len(w.Word) >= types.MaxLexeme {
				return nil, types.ErrTSWord(text)
			}
			n := &types.TSQuery{Word: w.Word, Weights: weights, Prefix: prefix}
			if q != nil {
				dist := w.Pos - last
				if op != types.TSPhrase {
					dist = 0
				}
				n = &types.TSQuery{Op: op, Left: q, Right: n, Distance: dist}
			}
			q, last = n, w.Pos
		}
		return q, nil
	})
}

// Join makes a query of two with an operator, of one when the other has no lexemes.
func Join(op types.TSOp, l, r *types.TSQuery, distance int) *types.TSQuery {
	switch {
	case l == nil:
		return r
	case r == nil:
		return l
	}
	return &types.TSQuery{Op: op, Left: l, Right: r, Distance: distance}
}

// Not negates a query.
func Not(q *types.TSQuery) *types.TSQuery {
	if q == nil {
		return nil
	}
	return &types.TSQuery{Op: types.TSNot, Right: q}
}

// Contains tells whether a query has all lexemes of another one.
func Contains(q, part *types.TSQuery) bool {
	have := words(q)
	return part.Words(func(w *types.TSQuery) bool { return slices.Contains(have, w.Word) })
}

// words are the lexemes of a query, in order of their bytes, each once.
func words(q *types.TSQuery) (out []string) {
	q.Words(func(w *types.TSQuery) bool { out = append(out, w.Word); return true })
	slices.Sort(out)
	return slices.Compact(out)
}
