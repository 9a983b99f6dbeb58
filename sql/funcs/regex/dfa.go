package regex

import (
	"slices"
	"unicode/utf8"
	"unsafe"
)

// dfa runs a program over a text as a DFA whose states are made as they are
// needed. An unanchored one looks for a match that begins anywhere.
type dfa struct {
	m          *Matcher
	prog       *program
	unanchored bool

	states []dstate
	index  map[string]int32
	trans  []int32 // state × color → state; unknown and dead below 0
	starts [kinds]int32

	mark                 []uint32 // by NFA state: the round in which it was last reached
	round                uint32
	set, expanded, stack []int32 // scratch
	key                  []byte
}

// dstate is a set of NFA states: those that consume or wait for a constraint,
// and the match.
type dstate struct {
	set  []int32
	prev kind // of the character before; kindOther where nothing asks
	// accept tells, by the kind of the next character, whether a match ends here:
	// 0 unknown, 1 no, 2 yes.
	accept [kinds]uint8
	// idle tells that nothing has been matched yet (unanchored only).
	idle bool
}

const (
	unknown int32 = -1
	dead    int32 = -2
)

// maxDFAStates bounds the memory of a DFA; beyond it starts afresh.
const maxDFAStates = 2000

func newDFA(m *Matcher, p *program, unanchored bool) *dfa {
	d := &dfa{m: m, prog: p, unanchored: unanchored, mark: make([]uint32, len(p.states))}
	d.reset()
	return d
}

func (d *dfa) reset() {
	d.states, d.trans, d.index = d.states[:0], d.trans[:0], map[string]int32{}
	for i := range d.starts {
		d.starts[i] = unknown
	}
}

// begin starts a set.
func (d *dfa) begin() {
	if d.round++; d.round == 0 {
		clear(d.mark)
		d.round = 1
	}
	d.set = d.set[:0]
}

// reach adds NFA state s to the set, and all that follow it without consuming
// or asking.
func (d *dfa) reach(s int32) {
	d.stack = append(d.stack[:0], s)
	for len(d.stack) > 0 {
		s := d.stack[len(d.stack)-1]
		d.stack = d.stack[:len(d.stack)-1]
		if d.mark[s] == d.round {
			continue
		}
		d.mark[s] = d.round
		st := &d.prog.states[s]
		if st.kind != stateSplit {
			d.set = append(d.set, s)
			continue
		}
		for i := len(st.out) - 1; i >= 0; i-- {
			d.stack = append(d.stack, st.out[i])
		}
	}
}

// intern gives the number of the DFA state that the set is, making it if needed.
func (d *dfa) intern(prev kind, idle bool) int32 {
	if len(d.set) == 0 {
		return dead
	}
	if !d.prog.asserts {
		prev = kindOther
	}
	slices.Sort(d.set)
	d.key = append(d.key[:0], byte(prev))
	if idle {
		d.key[0] |= 0x80
	}
	d.key = append(d.key, unsafe.Slice((*byte)(unsafe.Pointer(&d.set[0])), 4*len(d.set))...)
	if i, ok := d.index[string(d.key)]; ok {
		return i
	}
	if len(d.states) >= maxDFAStates {
		d.reset()
	}
	i := int32(len(d.states))
	d.states = append(d.states, dstate{set: slices.Clone(d.set), prev: prev, idle: idle})
	for range d.m.colors.count {
		d.trans = append(d.trans, unknown)
	}
	d.index[string(d.key)] = i
	return i
}

// start gives the state before anything is consumed.
func (d *dfa) start(prev kind) int32 {
	if d.starts[prev] == unknown {
		d.begin()
		d.reach(0)
		s := d.intern(prev, true)
		d.starts[prev] = s
	}
	return d.starts[prev]
}

// expand gives the set of state s with its constraints decided at a position
// between characters of the given kinds.
func (d *dfa) expand(s int32, next kind, pos int) []int32 {
	st := &d.states[s]
	if !d.prog.asserts {
		return st.set
	}
	prev := st.prev
	d.begin()
	for _, x := range st.set {
		d.mark[x] = d.round
		d.set = append(d.set, x)
	}
	for i := 0; i < len(d.set); i++ {
		n := &d.prog.states[d.set[i]]
		if n.kind == stateAssert && n.a.holds(prev, next) || n.kind == stateLook && d.m.looks(n.look, pos) {
			for _, o := range n.out {
				d.reach(o)
			}
		}
	}
	d.expanded = append(d.expanded[:0], d.set...)
	return d.expanded
}

// holds tells whether an assertion is true between two characters.
func (a assertion) holds(prev, next kind) bool {
	pw, nw := prev == kindWord, next == kindWord
	switch a {
	case atStart:
		return prev == kindEdge
	case atEnd:
		return next == kindEdge
	case atLineStart:
		return prev == kindEdge || prev == kindNewline
	case atLineEnd:
		return next == kindEdge || next == kindNewline
	case atWordStart:
		return !pw && nw
	case atWordEnd:
		return pw && !nw
	case atWordEdge:
		return pw != nw
	}
	return pw == nw
}

// accepts tells whether a match ends in state s before a character of the kind.
func (d *dfa) accepts(s int32, next kind, pos int) bool {
	if s < 0 {
		return false
	}
	if !d.prog.asserts {
		next = 0
	}
	if a := d.states[s].accept[next]; a != 0 && !d.prog.looks {
		return a == 2
	}
	found := false
	for _, x := range d.expand(s, next, pos) {
		found = found || d.prog.states[x].kind == stateMatch
	}
	d.states[s].accept[next] = 1
	if found {
		d.states[s].accept[next] = 2
	}
	return found
}

// step gives the state after s has consumed a character of color c at pos.
func (d *dfa) step(s int32, c color, pos int) int32 {
	k := d.m.colors.kinds[c]
	set := d.expand(s, k, pos)
	d.begin()
	for _, x := range set {
		if n := &d.prog.states[x]; n.kind == stateConsume && n.in[c] {
			for _, o := range n.out {
				d.reach(o)
			}
		}
	}
	idle := false
	if d.unanchored {
		idle = len(d.set) == 0
		d.reach(0)
	}
	gen := len(d.states)
	t := d.intern(k, idle)
	if d.prog.looks || len(d.states) < gen { // not to be remembered, or all forgotten
		return t
	}
	d.trans[int(s)*d.m.colors.count+int(c)] = t
	return t
}

// next moves on by the character at pos: the new state, and the position after
// it.
func (d *dfa) next(s int32, pos int) (int32, int) {
	text := d.m.text
	var c color
	w := 1
	if b := text[pos]; b < utf8.RuneSelf {
		c = d.m.colors.ascii[b]
	} else {
		var r rune
		r, w = utf8.DecodeRuneInString(text[pos:])
		c = d.m.colors.of(r)
	}
	t := d.trans[int(s)*d.m.colors.count+int(c)]
	if t == unknown {
		t = d.step(s, c, pos)
	}
	return t, pos + w
}
