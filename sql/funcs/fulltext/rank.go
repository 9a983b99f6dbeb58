package fulltext

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// DefaultWeights are what places count by their weight, D to A.
var DefaultWeights = [4]float32{0.1, 0.2, 0.4, 1}

// How ranks are divided, a bit each.
const (
	byLogLength = 1 << iota
	byLength
	byDistance
	byWords
	byLogWords
	byItself
)

// noPlace stands for the places of a lexeme that has none.
var noPlace = []types.TSPos{types.NewTSPos(types.MaxTextPos-1, 0)}

// operands are the lexemes of a query in order, of equal ones the first.
func operands(q *types.TSQuery) (out []*types.TSQuery) {
	q.Words(func(w *types.TSQuery) bool { out = append(out, w); return true })
	slices.SortStableFunc(out, func(a, b *types.TSQuery) int { return strings.Compare(a.Word, b.Word) })
	return slices.CompactFunc(out, func(a, b *types.TSQuery) bool { return a.Word == b.Word })
}

// entries are the lexemes of a text that one of a query stands for.
func entries(v types.TSVector, w *types.TSQuery) types.TSVector {
	i, ok := v.Find(w.Word)
	if !w.Prefix {
		if ok {
			return v[i : i+1]
		}
		return nil
	}
	j := i
	for j < len(v) && strings.HasPrefix(v[j].Word, w.Word) {
		j++
	}
	return v[i:j]
}

// Rank tells how well a text fits a query, by how often and where its lexemes stand.
// method says what it is divided by. The arithmetic is PostgreSQL's, in float4 with
// intermediate results in float8.
func Rank(weights [4]float32, v types.TSVector, q *types.TSQuery, method int) float32 {
	if len(v) == 0 || q == nil {
		return 0
	}
	var res float32
	if q.Op == types.TSAnd || q.Op == types.TSPhrase {
		res = rankAnd(weights, v, q)
	} else {
		res = rankOr(weights, v, q)
	}
	if res < 0 {
		res = 1e-20
	}
	if method&byLogLength != 0 {
		res = float32(float64(res) / (math.Log(float64(Length(v)+1)) / math.Log(2)))
	}
	if method&byLength != 0 {
		res /= float32(Length(v))
	}
	if method&byWords != 0 {
		res /= float32(len(v))
	}
	if method&byLogWords != 0 {
		res = float32(float64(res) / (math.Log(float64(len(v)+1)) / math.Log(2)))
	}
	if method&byItself != 0 {
		res /= res + 1
	}
	return res
}

// nearness is what two lexemes so far apart count.
func nearness(distance int) float32 {
	if distance > 100 {
		return 1e-30
	}
	return float32(1 / (1.005 + 0.05*math.Exp(float64(float32(distance))/1.5-2)))
}

// rankAnd counts how near lexemes stand to each other.
func rankAnd(weights [4]float32, v types.TSVector, q *types.TSQuery) float32 {
	ops := operands(q)
	if len(ops) < 2 {
		return rankOr(weights, v, q)
	}
	res := float32(-1)
	at := make([][]types.TSPos, len(ops)) // of the last entry of each
	for i, w := range ops {
		for _, e := range entries(v, w) {
			at[i] = noPlace
			if len(e.Pos) > 0 {
				at[i] = e.Pos
			}
			for k := range i {
				res = rankPair(weights, at[i], at[k], res)
			}
		}
	}
	return res
}

// rankPair adds the places of two lexemes to a rank.
func rankPair(weights [4]float32, a, b []types.TSPos, res float32) float32 {
	unknown := len(a) > 0 && &a[0] == &noPlace[0] || len(b) > 0 && &b[0] == &noPlace[0]
	for _, p := range a {
		for _, r := range b {
			dist := p.Pos() - r.Pos()
			if dist < 0 {
				dist = -dist
			}
			if dist == 0 {
				if !unknown {
					continue
				}
				dist = types.MaxTextPos
			}
			w := float32(math.Sqrt(float64(weights[p.Weight()] * weights[r.Weight()] * nearness(dist))))
			if res < 0 {
				res = w
			} else {
				res = float32(1 - (1-float64(res))*(1-float64(w)))
			}
		}
	}
	return res
}

// rankOr counts how often lexemes stand there.
func rankOr(weights [4]float32, v types.TSVector, q *types.TSQuery) float32 {
	ops := operands(q)
	res := float32(0)
	for _, w := range ops {
		for _, e := range entries(v, w) {
			ps := e.Pos
			if len(ps) == 0 {
				ps = noPlace
			}
			sum, best, at := float32(0), float32(-1), 0
			for j, p := range ps {
				pw := weights[p.Weight()]
				sum += pw / float32((j+1)*(j+1))
				if pw > best {
					best, at = pw, j
				}
			}
			// The sum of 1/i² is π²/6.
			rest := best + sum - best/float32((at+1)*(at+1))
			res = float32(float64(res) + float64(rest)/1.64493406685)
		}
	}
	if len(ops) > 0 {
		res /= float32(len(ops))
	}
	return res
}

// spot is a place in a text with the lexemes of the query that stand there.
type spot struct {
	pos   types.TSPos
	entry int // of the text's lexemes
	ops   []*types.TSQuery
}

// spots are the places of a query's lexemes in a text, in order.
func spots(v types.TSVector, q *types.TSQuery) []spot {
	var all []spot
	q.Words(func(w *types.TSQuery) bool {
		first, _ := v.Find(w.Word)
		for i, e := range entries(v, w) {
			for _, p := range e.Pos {
				if w.Weights == 0 || w.Weights>>p.Weight()&1 != 0 {
					all = append(all, spot{p, first + i, []*types.TSQuery{w}})
				}
			}
		}
		return true
	})
	slices.SortStableFunc(all, func(a, b spot) int {
		return cmp.Or(a.pos.Pos()-b.pos.Pos(), a.pos.Weight()-b.pos.Weight(), a.entry-b.entry)
	})
	var out []spot
	for _, s := range all {
		if n := len(out); n > 0 && out[n-1].pos == s.pos && out[n-1].entry == s.entry {
			out[n-1].ops = append(out[n-1].ops, s.ops...)
			continue
		}
		out = append(out, s)
	}
	return out
}

// cover finds the next shortest part of the spots from one on that has what the query
// asks for.
func cover(ss []spot, q *types.TSQuery, from int) (first, last int, ok bool) {
	for ; ; from++ {
		have := map[*types.TSQuery][]int{}
		find := func(w *types.TSQuery, at *places) Truth {
			ps, ok := have[w]
			if !ok {
				return No
			}
			if at != nil {
				at.pos = slices.Clone(ps)
				slices.Sort(at.pos)
			}
			return Yes
		}
		fill := func(s spot) {
			for _, w := range s.ops {
				if ps := have[w]; len(ps) == 0 || ps[len(ps)-1] != s.pos.Pos() {
					have[w] = append(ps, s.pos.Pos())
				}
			}
		}
		for last, ok = from, false; last < len(ss); last++ {
			if fill(ss[last]); execute(q, find) != No {
				ok = ss[last].pos.Pos() > 0
				break
			}
		}
		if !ok {
			return 0, 0, false
		}
		clear(have)
		for first = last; first >= from; first-- {
			if fill(ss[first]); execute(q, find) != No {
				return first, last, true
			}
		}
	}
}

// RankCover tells how well a text fits a query by how near all that it asks for stands
// together.
func RankCover(weights [4]float32, v types.TSVector, q *types.TSQuery, method int) float32 {
	if q == nil {
		return 0
	}
	ss := spots(v, q)
	if len(ss) == 0 {
		return 0
	}
	var sum, distances, before float64
	covers := 0
	for first, last, ok := cover(ss, q, 0); ok; first, last, ok = cover(ss, q, first+1) {
		inverse := 0.0
		for _, s := range ss[first : last+1] {
			inverse += 1 / float64(weights[s.pos.Weight()])
		}
		p, r := ss[first].pos.Pos(), ss[last].pos.Pos()
		noise := r - p - (last - first)
		if noise < 0 {
			noise = (last - first) / 2
		}
		sum += float64(last-first+1) / inverse / float64(1+noise)
		middle := float64(r+p) / 2
		if covers > 0 && middle > before {
			distances += 1 / (middle - before)
		}
		before = middle
		covers++
	}
	return float32(normalize(sum, v, method, covers, distances))
}

func normalize(sum float64, v types.TSVector, method, covers int, distances float64) float64 {
	if method&byLogLength != 0 {
		sum /= math.Log(float64(Length(v) + 1))
	}
	if method&byLength != 0 {
		sum /= float64(Length(v))
	}
	if method&byDistance != 0 && covers > 0 && distances > 0 {
		sum /= float64(covers) / distances
	}
	if method&byWords != 0 {
		sum /= float64(len(v))
	}
	if method&byLogWords != 0 {
		sum /= math.Log(float64(len(v)+1)) / math.Log(2)
	}
	if method&byItself != 0 {
		sum /= sum + 1
	}
	return sum
}
