package regex

import (
	"unicode"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// maxSteps bounds a match with back references.
const maxSteps = 50_000_000

// tick counts a step of dissection and looks whether to give up.
func (m *Matcher) tick() {
	if m.steps++; m.steps > maxSteps {
		panic(pgerr.New(pgerr.ProgramLimitExceeded, "regular expression match is too complex"))
	}
	if m.steps%4096 == 0 && m.Context != nil && m.Context.Err() != nil {
		panic(pgerr.New(pgerr.QueryCanceled, "canceling statement due to user request"))
	}
}

// dissect determines the groups in t, which is known to match from begin to end
// as far as automata can tell; false when back references say otherwise. It is
// regexec.c's cdissect, and the methods below are its helpers.
func (m *Matcher) dissect(t *subre, begin, end int) bool {
	m.tick()
	ok := true
	switch t.shape {
	case concat:
		ok = m.dissectConcat(t, begin, end)
	case alternate:
		ok = m.dissectAlternate(t, begin, end)
	case iterate:
		if t.kids[0].flags&shorter != 0 {
			ok = m.iterateShortest(t, begin, end)
		} else {
			ok = m.iterateLongest(t, begin, end)
		}
	case reference:
		ok = m.dissectReference(t, begin, end)
	case wrapper:
		ok = m.dissect(t.kids[0], begin, end)
	}
	if ok && t.group > 0 {
		m.caps[2*t.group], m.caps[2*t.group+1] = begin, end
	}
	return ok
}

// forget clears the groups within t.
func (m *Matcher) forget(t *subre) {
	if t.group > 0 {
		m.caps[2*t.group], m.caps[2*t.group+1] = -1, -1
	}
	for _, k := range t.kids {
		m.forget(k)
	}
}

// dissectConcat finds the border between two parts: the one that the left part
// prefers, among those that suit both.
func (m *Matcher) dissectConcat(t *subre, begin, end int) bool {
	left, right := t.kids[0], t.kids[1]
	short := left.flags&shorter != 0
	mid := m.extent(left, begin, begin, end)
	for mid >= 0 {
		if m.longest(right, mid, end) == end {
			if m.dissect(left, begin, mid) && m.dissect(right, mid, end) {
				return true
			}
		}
		if short {
			if mid == end {
				return false
			}
			mid = m.shortest(left, begin, m.after(mid), end)
		} else {
			if mid == begin {
				return false
			}
			mid = m.longest(left, begin, m.before(mid))
		}
		m.forget(left)
		m.forget(right)
		m.tick()
	}
	return false
}

func (m *Matcher) dissectAlternate(t *subre, begin, end int) bool {
	for _, k := range t.kids {
		if m.longest(k, begin, end) == end && m.dissect(k, begin, end) {
			return true
		}
	}
	return false
}

// dissectReference compares with what the group has matched.
func (m *Matcher) dissectReference(t *subre, begin, end int) bool {
	from, to := m.caps[2*t.ref], m.caps[2*t.ref+1]
	switch {
	case from < 0:
		return false
	case from == to:
		return begin == end && (t.max == infinite || t.min <= t.max)
	case begin == end:
		return t.min == 0
	}
	unit := m.text[from:to]
	count := 0
	for pos := begin; pos < end; count++ {
		n := m.equalUnit(unit, pos, end)
		if n < 0 {
			return false
		}
		pos += n
	}
	return count >= t.min && (t.max == infinite || count <= t.max)
}

// equalUnit gives the length of a copy of unit at pos, -1 when there is none.
// Copies that differ in case may differ in length.
func (m *Matcher) equalUnit(unit string, pos, end int) int {
	start := pos
	for _, r := range unit {
		if pos >= end {
			return -1
		}
		x, w := utf8.DecodeRuneInString(m.text[pos:])
		if x != r && !(m.fold && unicode.ToLower(x) == unicode.ToLower(r)) {
			return -1
		}
		pos += w
	}
	return pos - start
}

// rounds are the ends of the rounds of an iteration; ends[0] is its beginning.
type rounds struct {
	m          *Matcher
	t          *subre
	begin, end int
	ends       []int
	verified   int
	min, max   int
}

// newRounds prepares an iteration of at least one round.
func (m *Matcher) newRounds(t *subre, begin, end int) *rounds {
	least := max(t.min, 1)
	most := utf8.RuneCountInString(m.text[begin:end])
	if t.max != infinite {
		most = min(most, t.max)
	}
	return &rounds{m: m, t: t, begin: begin, end: end, ends: []int{begin}, min: least, max: max(most, least)}
}

// set notes the end of round k.
func (r *rounds) set(k, pos int) {
	r.ends = append(r.ends[:k], pos)
	if r.verified >= k {
		r.verified = k - 1
	}
}

// needsEmpty tells whether round k may match nothing, as otherwise the least
// number of rounds would not be reached.
func (r *rounds) needsEmpty(k, pos int) bool {
	return k < r.min && r.min-k >= utf8.RuneCountInString(r.m.text[pos:r.end])
}

// verify dissects the rounds up to k.
func (r *rounds) verify(k int) bool {
	kid := r.t.kids[0]
	for i := r.verified + 1; i <= k; i++ {
		r.m.forget(kid)
		if !r.m.dissect(kid, r.ends[i-1], r.ends[i]) {
			return false
		}
		r.verified = i
	}
	return true
}

// iterateLongest divides an iteration into rounds, each as long as can be.
func (m *Matcher) iterateLongest(t *subre, begin, end int) bool {
	r, kid := m.newRounds(t, begin, end), t.kids[0]
	for k, limit := 1, end; k > 0; {
		m.tick()
		pos := m.longest(kid, r.ends[k-1], limit)
		if pos < 0 {
			k, limit = r.shorten(k - 1)
			continue
		}
		r.set(k, pos)
		if pos != end {
			switch {
			case k >= r.max:
				k, limit = r.shorten(k - 1)
			case pos == r.ends[k-1] && !r.needsEmpty(k, pos):
				k, limit = r.shorten(k)
			default:
				k, limit = k+1, end
			}
			continue
		}
		if k >= r.min && r.verify(k) {
			return true
		}
		k, limit = r.shorten(k)
	}
	return t.min == 0 && begin == end
}

// shorten goes back to the last round up to k that can be shorter, and gives it
// with its new limit.
func (r *rounds) shorten(k int) (round, limit int) {
	for ; k > 0; k-- {
		prev := r.ends[k-1]
		if r.ends[k] > prev {
			limit := r.m.before(r.ends[k])
			if limit > prev || r.needsEmpty(k, prev) {
				return k, limit
			}
		}
	}
	return 0, 0
}

// iterateShortest divides an iteration into rounds, each as short as can be.
// Unlike iterateLongest it prefers no round to an empty one, as regexec.c does.
func (m *Matcher) iterateShortest(t *subre, begin, end int) bool {
	if t.min == 0 && begin == end {
		return true
	}
	r, kid := m.newRounds(t, begin, end), t.kids[0]
	for k, limit := 1, begin; k > 0; {
		m.tick()
		if prev := r.ends[k-1]; limit == prev && limit != end && !r.needsEmpty(k, limit) {
			limit = m.after(limit)
		}
		if k >= r.max {
			limit = end
		}
		pos := m.shortest(kid, r.ends[k-1], limit, end)
		if pos < 0 {
			k, limit = r.lengthen(k - 1)
			continue
		}
		r.set(k, pos)
		switch {
		case pos != end && k >= r.max:
			k, limit = r.lengthen(k - 1)
		case pos != end:
			k, limit = k+1, pos
		case k >= r.min && r.verify(k):
			return true
		default:
			k, limit = r.lengthen(k)
		}
	}
	return false
}

// lengthen goes back to the last round up to k that can be longer.
func (r *rounds) lengthen(k int) (round, limit int) {
	for ; k > 0; k-- {
		if r.ends[k] < r.end {
			return k, r.m.after(r.ends[k])
		}
	}
	return 0, 0
}
