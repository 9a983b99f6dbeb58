package regex

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Regexp is a compiled pattern. It is immutable; matching goes through a Matcher.
type Regexp struct {
	colors    *colorMap
	sets      map[*node][]bool
	tree      *subre
	search    *program
	subres    int
	groups    int
	literal   string // the text that the pattern is, when isLiteral
	isLiteral bool
	fold      bool   // case does not count
	prefix    string // what every match begins with
	anchored  bool   // a match begins at the start of the text
}

// Compile reads a pattern; 2201B when it is malformed, in PostgreSQL's words.
func Compile(pattern string, o Options) (re *Regexp, err error) {
	root, groups, opts, err := parse(pattern, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case patternError:
			re, err = nil, invalid(string(e))
		default:
			panic(e)
		}
	}()
	b := &builder{groups: groups, bare: map[int]*node{}}
	re = &Regexp{tree: b.tree(root), groups: len(groups) - 1}
	re.subres = b.count
	re.paint(root, groups)
	re.search = (&compiler{colors: re.sets}).program(re.tree.expr)
	re.literal, re.isLiteral = literalText(root, opts)
	re.fold = opts.IgnoreCase
	re.prefix, re.anchored = beginning(root)
	return re, nil
}

// paint makes the colors of all sets in the pattern.
func (re *Regexp) paint(root *node, groups []*node) {
	var nodes []*node
	var sets []runeSet
	asserts := false
	seen := map[*node]bool{}
	var walk func(n *node)
	walk = func(n *node) {
		if seen[n] {
			return
		}
		seen[n] = true
		if n.op == opSet {
			nodes, sets = append(nodes, n), append(sets, n.set)
		}
		asserts = asserts || n.op == opAssert
		for _, k := range n.kids {
			walk(k)
		}
	}
	walk(root)
	for _, g := range groups[1:] {
		walk(g)
	}
	if asserts {
		sets = append(sets, class("word"), runeSet{'\n', '\n'})
	}
	m, in := newColors(sets)
	m.kinds = make([]kind, m.count)
	for c := range m.kinds {
		switch k := len(sets); {
		case asserts && in[k-2][c]:
			m.kinds[c] = kindWord
		case asserts && in[k-1][c]:
			m.kinds[c] = kindNewline
		}
	}
	re.colors, re.sets = m, map[*node][]bool{}
	for i, n := range nodes {
		re.sets[n] = in[i]
	}
}

// beginning gives the literal text that every match begins with, and tells
// whether matches only begin where the text does.
func beginning(n *node) (prefix string, anchored bool) {
	if n.op != opCat {
		return "", false
	}
	var b strings.Builder
	for i, k := range n.kids {
		if i == 0 && k.op == opAssert && k.assert == atStart {
			return "", true
		}
		if k.op != opSet || len(k.set) != 2 || k.set[0] != k.set[1] {
			break
		}
		b.WriteRune(k.set[0])
	}
	return b.String(), false
}

// literalText gives the text of a pattern that is nothing else.
func literalText(n *node, o Options) (string, bool) {
	if n.op != opCat || o.IgnoreCase {
		return "", false
	}
	var b strings.Builder
	for _, k := range n.kids {
		if k.op != opSet || len(k.set) != 2 || k.set[0] != k.set[1] {
			return "", false
		}
		b.WriteRune(k.set[0])
	}
	return b.String(), true
}

// NumGroups is the number of capturing groups.
func (re *Regexp) NumGroups() int { return re.groups }

// Matcher matches a pattern, one text at a time. It is used by one goroutine.
type Matcher struct {
	*Regexp
	// Context ends a match that takes exponential time; nil: nothing does.
	Context context.Context

	text   string
	scan   *dfa
	parts  []*dfa // by subre
	ahead  map[*lookaround]*dfa
	behind map[*lookaround]*backward
	caps   []int
	steps  int
}

// backward is how far the automaton of a lookbehind has come in the text.
type backward struct {
	d     *dfa
	state int32
	pos   int
}

// NewMatcher makes a matcher.
func (re *Regexp) NewMatcher() *Matcher {
	m := &Matcher{Regexp: re, parts: make([]*dfa, re.subres), caps: make([]int, 2*(re.groups+1))}
	m.scan = newDFA(m, re.search, true)
	return m
}

func (m *Matcher) setText(s string) {
	m.text, m.steps = s, 0
	for _, b := range m.behind {
		b.pos, b.state = 0, b.d.start(kindEdge)
	}
}

// Match tells whether the pattern matches anywhere in s.
func (m *Matcher) Match(s string) (bool, error) {
	if m.isLiteral {
		return strings.Contains(s, m.literal), nil
	}
	if m.tree.flags&backrefs != 0 {
		loc, err := m.Find(s, 0)
		return loc != nil, err
	}
	m.setText(s)
	_, end := m.forward(0)
	return end >= 0, nil
}

// Find gives the first match that begins at byte from or later: the bounds of
// the match and of each group, -1 for those that took no part; nil when there
// is none. The result is valid until the next call.
func (m *Matcher) Find(s string, from int) (loc []int, err error) {
	m.setText(s)
	if m.isLiteral {
		i := strings.Index(s[from:], m.literal)
		if i < 0 {
			return nil, nil
		}
		m.caps[0], m.caps[1] = from+i, from+i+len(m.literal)
		return m.caps, nil
	}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *pgerr.Error:
			loc, err = nil, e
		default:
			panic(e)
		}
	}()
	if m.tree.flags&backrefs != 0 {
		return m.findBackrefs(from), nil
	}
	open, end := m.forward(from)
	if end < 0 {
		return nil, nil
	}
	for begin := open; begin <= end; begin = m.after(begin) {
		if to := m.extent(m.tree, begin, begin, len(m.text)); to >= 0 {
			m.clear()
			m.dissect(m.tree, begin, to)
			m.caps[0], m.caps[1] = begin, to
			return m.caps, nil
		}
	}
	return nil, nil
}

// findBackrefs is Find where an extent that the automata allow may yet fail.
func (m *Matcher) findBackrefs(from int) []int {
	short := m.tree.flags&shorter != 0
	for from <= len(m.text) {
		open, end := m.forward(from)
		if end < 0 {
			return nil
		}
		for begin := open; begin <= end; begin = m.after(begin) {
			lo, hi := begin, len(m.text)
			for {
				to := m.extent(m.tree, begin, lo, hi)
				if to < 0 {
					break
				}
				m.clear()
				if m.dissect(m.tree, begin, to) {
					m.caps[0], m.caps[1] = begin, to
					return m.caps
				}
				if short {
					lo = m.after(to)
				} else {
					hi = m.before(to)
				}
				if lo > hi || hi < begin {
					break
				}
			}
		}
		from = m.after(end)
	}
	return nil
}

func (m *Matcher) clear() {
	for i := range m.caps {
		m.caps[i] = -1
	}
}

// after and before give the neighbouring positions between characters; they
// step out of the text by one at its ends.
func (m *Matcher) after(pos int) int {
	if pos >= len(m.text) {
		return pos + 1
	}
	_, w := utf8.DecodeRuneInString(m.text[pos:])
	return pos + w
}

func (m *Matcher) before(pos int) int {
	if pos == 0 {
		return -1
	}
	_, w := utf8.DecodeLastRuneInString(m.text[:pos])
	return pos - w
}

// kindAt is the kind of the character at pos, kindBefore of the one before it.
func (m *Matcher) kindAt(pos int) kind {
	if pos == len(m.text) {
		return kindEdge
	}
	if b := m.text[pos]; b < utf8.RuneSelf {
		return m.colors.kinds[m.colors.ascii[b]]
	}
	r, _ := utf8.DecodeRuneInString(m.text[pos:])
	return m.colors.kinds[m.colors.of(r)]
}

func (m *Matcher) kindBefore(pos int) kind {
	if pos == 0 {
		return kindEdge
	}
	return m.kindAt(m.before(pos))
}

// forward finds the earliest end of any match from a position on, and the
// earliest place where a match that is under way by then may have begun; end is
// -1 when there is none.
func (m *Matcher) forward(from int) (open, end int) {
	if m.anchored && from > 0 {
		return 0, -1
	}
	d, text := m.scan, m.text
	s, pos := d.start(m.kindBefore(from)), from
	open = from
	for s >= 0 {
		st := &d.states[s]
		if st.idle {
			if pos > from && m.anchored {
				break
			}
			if m.prefix != "" { // nothing is under way: go where something can begin
				i := strings.Index(text[pos:], m.prefix)
				if i < 0 {
					break
				}
				if i > 0 {
					pos += i
					s = d.start(m.kindBefore(pos))
					st = &d.states[s]
				}
			}
			open = pos
		}
		if pos >= len(text) {
			if d.accepts(s, m.nextKind(d, pos), pos) {
				return open, pos
			}
			break
		}
		if b := text[pos]; b < utf8.RuneSelf && !d.prog.looks {
			c := m.colors.ascii[b]
			k := kindOther
			if d.prog.asserts {
				k = m.colors.kinds[c]
			}
			if a := st.accept[k]; a == 2 || a == 0 && d.accepts(s, k, pos) {
				return open, pos
			}
			if t := d.trans[int(s)*m.colors.count+int(c)]; t >= 0 {
				s, pos = t, pos+1
				continue
			}
		} else if d.accepts(s, m.nextKind(d, pos), pos) {
			return open, pos
		}
		s, pos = d.next(s, pos)
	}
	return 0, -1
}

// part gives the automaton of a subre.
func (m *Matcher) part(t *subre) *dfa {
	if m.parts[t.id] == nil {
		m.parts[t.id] = newDFA(m, (&compiler{colors: m.sets}).program(t.expr), false)
	}
	return m.parts[t.id]
}

// extent is where the match of t that it prefers ends, among those from begin
// that end between lo and hi; -1 when there is none.
func (m *Matcher) extent(t *subre, begin, lo, hi int) int {
	if t.flags&shorter != 0 {
		return m.shortest(t, begin, lo, hi)
	}
	return m.longest(t, begin, hi)
}

// longest is the last end at or before hi of a match from begin.
func (m *Matcher) longest(t *subre, begin, hi int) int {
	d := m.part(t)
	if hi < begin {
		return -1
	}
	s, pos, end := d.start(m.kindBefore(begin)), begin, -1
	for s >= 0 {
		if d.accepts(s, m.nextKind(d, pos), pos) {
			end = pos
		}
		if pos >= hi {
			break
		}
		s, pos = d.next(s, pos)
	}
	return end
}

// shortest is the first end between lo and hi of a match from begin.
func (m *Matcher) shortest(t *subre, begin, lo, hi int) int {
	d := m.part(t)
	s, pos := d.start(m.kindBefore(begin)), begin
	for s >= 0 {
		if pos >= lo && pos <= hi && d.accepts(s, m.nextKind(d, pos), pos) {
			return pos
		}
		if pos >= hi {
			break
		}
		s, pos = d.next(s, pos)
	}
	return -1
}

func (m *Matcher) nextKind(d *dfa, pos int) kind {
	if !d.prog.asserts {
		return kindOther
	}
	return m.kindAt(pos)
}

// looks decides a lookaround constraint at a position.
func (m *Matcher) looks(l *lookaround, pos int) bool {
	found := false
	if l.kind == lookAhead || l.kind == lookAheadNot {
		if m.ahead == nil {
			m.ahead = map[*lookaround]*dfa{}
		}
		if m.ahead[l] == nil {
			m.ahead[l] = newDFA(m, l.prog, false)
		}
		found = m.matchesFrom(m.ahead[l], pos)
	} else {
		found = m.matchesUntil(l, pos)
	}
	return found == (l.kind == lookAhead || l.kind == lookBehind)
}

func (m *Matcher) matchesFrom(d *dfa, pos int) bool {
	s := d.start(m.kindBefore(pos))
	for s >= 0 {
		if d.accepts(s, m.nextKind(d, pos), pos) {
			return true
		}
		if pos >= len(m.text) {
			break
		}
		s, pos = d.next(s, pos)
	}
	return false
}

// matchesUntil tells whether some match of a lookbehind ends at pos. The
// automaton goes over the text once as long as positions do not fall.
func (m *Matcher) matchesUntil(l *lookaround, pos int) bool {
	if m.behind == nil {
		m.behind = map[*lookaround]*backward{}
	}
	b := m.behind[l]
	if b == nil {
		b = &backward{d: newDFA(m, l.prog, true)}
		m.behind[l] = b
		b.state = b.d.start(kindEdge)
	} else if b.pos > pos {
		b.pos, b.state = 0, b.d.start(kindEdge)
	}
	for b.pos < pos && b.state >= 0 {
		b.state, b.pos = b.d.next(b.state, b.pos)
	}
	return b.d.accepts(b.state, m.nextKind(b.d, pos), pos)
}
