package fulltext

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Truth is whether a query matches; Maybe says that it does but for positions that are
// not known.
type Truth int8

// The truths.
const (
	No Truth = iota
	Yes
	Maybe
)

// places are where a part of a query matches: at the positions, or with but everywhere
// else. A match that spans several words stands at its last one; width is how many
// positions it spans before that one.
type places struct {
	pos   []int
	but   bool
	width int
}

// lookup tells whether a lexeme of the query is there and, when at is not nil, where.
type lookup func(word *types.TSQuery, at *places) Truth

// Match tells whether a text has what a query asks for. A query without lexemes matches
// nothing.
func Match(v types.TSVector, q *types.TSQuery) bool {
	return q != nil && execute(q, inVector(v)) != No
}

// execute evaluates a query that has lexemes.
func execute(q *types.TSQuery, find lookup) Truth {
	switch q.Op {
	case types.TSValue:
		return find(q, nil)
	case types.TSNot:
		switch execute(q.Right, find) {
		case No:
			return Yes
		case Yes:
			return No
		}
		return Maybe
	case types.TSAnd:
		l := execute(q.Left, find)
		if l == No {
			return No
		}
		if r := execute(q.Right, find); r != Yes {
			return r
		}
		return l
	case types.TSOr:
		l := execute(q.Left, find)
		if l == Yes {
			return Yes
		}
		if r := execute(q.Right, find); r != No {
			return r
		}
		return l
	}
	if phrase(q, find, nil) == Yes {
		return Yes
	}
	return No // without positions there is no phrase
}

// phrase evaluates a part of a phrase. It puts where it matches into at, if that is not
// nil.
func phrase(q *types.TSQuery, find lookup, at *places) Truth {
	switch q.Op {
	case types.TSValue:
		return find(q, at)
	case types.TSNot:
		return phraseNot(q, find, at)
	}
	var l, r places
	lt := phrase(q.Left, find, &l)
	if lt == No && q.Op != types.TSOr {
		return No
	}
	rt := phrase(q.Right, find, &r)
	switch {
	case rt == No && (q.Op != types.TSOr || lt == No):
		return No
	case lt == Maybe || rt == Maybe:
		return Maybe
	case lt == No:
		l.width = 0
	case rt == No:
		r.width = 0
	}
	if q.Op == types.TSPhrase {
		if at != nil {
			at.width = q.Distance + l.width + r.width
		}
		return phraseAnd(&l, &r, q.Distance+r.width, 0, at)
	}
	width := max(l.width, r.width)
	if at != nil {
		at.width = width
	}
	if q.Op == types.TSAnd {
		return phraseAnd(&l, &r, width-l.width, width-r.width, at)
	}
	return phraseOr(&l, &r, width-l.width, width-r.width, at)
}

func phraseNot(q *types.TSQuery, find lookup, at *places) Truth {
	var own places
	if at == nil {
		at = &own
	}
	switch phrase(q.Right, find, at) {
	case No:
		at.but = true
		return Yes
	case Maybe:
		return Maybe
	}
	if len(at.pos) > 0 {
		at.but = !at.but
		return Yes
	}
	at.but = false
	return No
}

// phraseAnd puts the places of two parts together of which both must match. lmove and
// rmove are how far their places move.
func phraseAnd(l, r *places, lmove, rmove int, at *places) Truth {
	switch {
	case l.but && r.but:
		join(l, r, inBoth|inLeft|inRight, lmove, rmove, at)
		return everywhereBut(at)
	case l.but:
		return join(l, r, inRight, lmove, rmove, at)
	case r.but:
		return join(l, r, inLeft, lmove, rmove, at)
	}
	return join(l, r, inBoth, lmove, rmove, at)
}

// phraseOr is phraseAnd for two parts of which one must match.
func phraseOr(l, r *places, lmove, rmove int, at *places) Truth {
	switch {
	case l.but && r.but:
		join(l, r, inBoth, lmove, rmove, at)
	case l.but:
		join(l, r, inLeft, lmove, rmove, at)
	case r.but:
		join(l, r, inRight, lmove, rmove, at)
	default:
		return join(l, r, inBoth|inLeft|inRight, lmove, rmove, at)
	}
	return everywhereBut(at)
}

func everywhereBut(at *places) Truth {
	if at != nil {
		at.but = true
	}
	return Yes
}

// Which positions of two lists a result has.
const (
	inLeft = 1 << iota
	inRight
	inBoth
)

// join puts positions of two lists, which are in order, into at, as many as keep says.
func join(l, r *places, keep, lmove, rmove int, at *places) Truth {
	any := No
	i, j := 0, 0
	for i < len(l.pos) || j < len(r.pos) {
		const none = int(^uint(0) >> 1)
		lp, rp := none, none
		if i < len(l.pos) {
			lp = l.pos[i] + lmove
		} else if keep&inRight == 0 {
			break
		}
		if j < len(r.pos) {
			rp = r.pos[j] + rmove
		} else if keep&inLeft == 0 {
			break
		}
		in := inBoth
		switch {
		case lp < rp:
			in = inLeft
		case lp > rp:
			in = inRight
		}
		if in != inRight {
			i++
		}
		if in != inLeft {
			j++
		}
		if keep&in == 0 {
			continue
		}
		any = Yes
		if at == nil {
			return Yes
		}
		at.pos = append(at.pos, min(lp, rp))
	}
	return any
}

// inVector looks lexemes up in a text.
func inVector(v types.TSVector) lookup {
	return func(w *types.TSQuery, at *places) Truth {
		i, ok := v.Find(w.Word)
		t := No
		if ok {
			t = lexemeAt(v[i], w, at)
		}
		if !w.Prefix || t == Yes && at == nil {
			return t
		}
		t = No
		if at != nil {
			at.pos = nil
		}
		for ; i < len(v) && strings.HasPrefix(v[i].Word, w.Word); i++ {
			switch lexemeAt(v[i], w, at) {
			case Maybe:
				if at != nil {
					at.pos = nil
					return Maybe
				}
			case Yes:
				if t = Yes; at == nil {
					return Yes
				}
			}
		}
		if at != nil {
			slices.Sort(at.pos)
			at.pos = slices.Compact(at.pos)
		}
		return t
	}
}

// lexemeAt tells whether a lexeme of a text has a weight that the query asks for, and adds
// its positions. Lexemes without positions are of any weight.
func lexemeAt(l types.Lexeme, w *types.TSQuery, at *places) Truth {
	if len(l.Pos) == 0 {
		if at != nil {
			return Maybe
		}
		return Yes
	}
	t := No
	for _, p := range l.Pos {
		if w.Weights != 0 && w.Weights>>p.Weight()&1 == 0 {
			continue
		}
		if t = Yes; at == nil {
			return t
		}
		at.pos = append(at.pos, p.Pos())
	}
	return t
}
