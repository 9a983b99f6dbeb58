package regex

// op is what a node is.
type op uint8

const (
	opEmpty   op = iota // matches the empty string
	opSet               // a character of set
	opCat               // kids in order
	opAlt               // one of kids
	opRepeat            // kids[0], min to max times
	opAssert            // a position: see assertion
	opLook              // a position at which kids[0] matches, or does not
	opGroup             // kids[0], captured as group n
	opPlain             // kids[0] in parentheses that do not capture
	opBackref           // what group n matched
)

// infinite is the upper bound of an unbounded repetition; maxRepeat is the
// highest bound there is (DUPMAX).
const (
	infinite  = -1
	maxRepeat = 255
)

// node is a parsed pattern.
type node struct {
	op       op
	set      runeSet
	kids     []*node
	min, max int
	prefer   flags // of a repetition: longer, shorter, or 0 for {m}
	assert   assertion
	look     lookKind
	n        int
}

// assertion is a condition on a position.
type assertion uint8

const (
	atStart     assertion = iota // of the text
	atEnd                        // of the text
	atLineStart                  // of the text or after a newline
	atLineEnd
	atWordStart
	atWordEnd
	atWordEdge
	notWordEdge
)

// lookKind is the kind of a lookaround constraint.
type lookKind uint8

const (
	lookAhead lookKind = iota
	lookAheadNot
	lookBehind
	lookBehindNot
)

// parser reads a pattern. Its methods panic with a patternError, which parse
// turns into an error: a pattern is wrong in too many places to carry errors
// through by hand.
type parser struct {
	Options
	in     []rune
	pos    int
	groups []*node // by number; nil while open
	look   int     // depth of lookaround
	depth  int
}

// maxDepth bounds the nesting of parentheses, and with it every recursion over
// a pattern.
const maxDepth = 1000

func parse(pattern string, o Options) (root *node, groups []*node, opts Options, err error) {
	p := &parser{Options: o, groups: []*node{nil}}
	if p.in, err = p.prefix([]rune(pattern)); err != nil {
		return nil, nil, o, err
	}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case patternError:
			err = invalid(string(e))
		default:
			panic(e)
		}
	}()
	switch p.syntax {
	case literal:
		root = p.quoted()
	case basic:
		root = p.basicAlternatives(false)
	default:
		root = p.alternatives(false)
	}
	return root, p.groups, p.Options, nil
}

func fail(reason string) { panic(patternError(reason)) }

func (p *parser) more() bool { return p.pos < len(p.in) }

// see tells whether the next characters are s.
func (p *parser) see(s string) bool {
	for i, r := range s {
		if p.pos+i >= len(p.in) || p.in[p.pos+i] != r {
			return false
		}
	}
	return true
}

func (p *parser) eat(s string) bool {
	if p.see(s) {
		p.pos += len(s)
		return true
	}
	return false
}

// quoted takes the whole pattern as literal text.
func (p *parser) quoted() *node {
	n := &node{op: opCat}
	for _, r := range p.in {
		n.kids = append(n.kids, p.char(r))
	}
	return n
}

// char is a node that matches one character.
func (p *parser) char(r rune) *node { return p.setNode(runeSet{r, r}) }

func (p *parser) setNode(s runeSet) *node {
	if p.IgnoreCase {
		s = s.bothCases()
	}
	return &node{op: opSet, set: s}
}

// alternatives reads branches up to the end or, within parentheses, the one that
// closes them.
func (p *parser) alternatives(inside bool) *node {
	if p.depth++; p.depth > maxDepth {
		fail(tooBig)
	}
	alt := &node{op: opAlt}
	for {
		alt.kids = append(alt.kids, p.branch(inside))
		if !p.eat("|") {
			break
		}
	}
	p.depth--
	if len(alt.kids) == 1 {
		return alt.kids[0]
	}
	return alt
}

// branch reads quantified atoms and constraints in a row.
func (p *parser) branch(inside bool) *node {
	n := &node{op: opCat}
	for {
		p.skip()
		if !p.more() || p.see("|") || inside && p.see(")") {
			return n
		}
		if c := p.constraint(); c != nil {
			n.kids = append(n.kids, c)
			continue
		}
		n.kids = append(n.kids, p.quantified(p.atom()))
	}
}

// skip passes white space and comments in expanded syntax.
func (p *parser) skip() {
	for p.advanced() {
		start := p.pos
		if p.see("(?#") {
			for p.more() && !p.see(")") {
				p.pos++
			}
			p.eat(")")
		}
		if p.expanded {
			p.skipSpace()
		}
		if p.pos == start {
			return
		}
	}
	if p.expanded {
		p.skipSpace()
	}
}

func (p *parser) skipSpace() {
	for p.more() {
		switch r := p.in[p.pos]; {
		case class("space").has(r):
			p.pos++
		case r == '#':
			for p.more() && p.in[p.pos] != '\n' {
				p.pos++
			}
		default:
			return
		}
	}
}

func (p *parser) advanced() bool { return p.syntax == advanced }

// constraint reads a constraint, which takes no quantifier; nil when something
// else follows.
func (p *parser) constraint() *node {
	switch {
	case p.eat("^"):
		return p.lineEdge(atStart, atLineStart)
	case p.eat("$"):
		return p.lineEdge(atEnd, atLineEnd)
	case p.eat("[[:<:]]"):
		return &node{op: opAssert, assert: atWordStart}
	case p.eat("[[:>:]]"):
		return &node{op: opAssert, assert: atWordEnd}
	case !p.advanced():
		return nil
	case p.see(`\`) && p.pos+1 < len(p.in):
		a, ok := map[rune]assertion{'A': atStart, 'Z': atEnd, 'm': atWordStart, 'M': atWordEnd, 'y': atWordEdge, 'Y': notWordEdge}[p.in[p.pos+1]]
		if !ok {
			return nil
		}
		p.pos += 2
		return &node{op: opAssert, assert: a}
	case p.see("(?"):
		return p.lookaround()
	}
	return nil
}

func (p *parser) lineEdge(plain, line assertion) *node {
	if p.newlineAnchor {
		plain = line
	}
	return &node{op: opAssert, assert: plain}
}

// lookaround reads (?=…) and its kin; nil when it is another kind of group.
func (p *parser) lookaround() *node {
	var kind lookKind
	switch {
	case p.eat("(?="):
		kind = lookAhead
	case p.eat("(?!"):
		kind = lookAheadNot
	case p.eat("(?<="):
		kind = lookBehind
	case p.eat("(?<!"):
		kind = lookBehindNot
	default:
		return nil
	}
	p.look++
	kid := p.alternatives(true)
	p.look--
	p.closeParen()
	return &node{op: opLook, look: kind, kids: []*node{kid}}
}

func (p *parser) closeParen() {
	if !p.eat(")") {
		fail(badParen)
	}
}

// atom reads an atom.
func (p *parser) atom() *node {
	r := p.in[p.pos]
	p.pos++
	switch r {
	case '*', '+', '?':
		fail(badRepeat)
	case '{':
		if p.boundFollows() {
			fail(badRepeat)
		}
	case '(':
		return p.group()
	case ')':
		if p.advanced() {
			fail(badParen)
		}
	case '[':
		return p.bracket()
	case '.':
		return p.anyChar()
	case '\\':
		if !p.more() {
			fail(badEscape)
		}
		if p.advanced() {
			return p.escapedAtom()
		}
		r = p.in[p.pos]
		p.pos++
	}
	return p.char(r)
}

func (p *parser) anyChar() *node {
	s := runeSet{1, 0x10ffff}
	if p.newlineStop {
		s = s.without('\n')
	}
	return &node{op: opSet, set: s}
}

// group reads the rest of a parenthesis that is no constraint.
func (p *parser) group() *node {
	if p.advanced() && p.eat("?") {
		if !p.eat(":") {
			fail(badRepeat)
		}
		kid := p.alternatives(true)
		p.closeParen()
		return &node{op: opPlain, kids: []*node{kid}}
	}
	if p.look > 0 { // nothing is captured in a lookaround
		kid := p.alternatives(true)
		p.closeParen()
		return &node{op: opPlain, kids: []*node{kid}}
	}
	n := len(p.groups)
	p.groups = append(p.groups, nil)
	kid := p.alternatives(true)
	p.closeParen()
	g := &node{op: opGroup, n: n, kids: []*node{kid}}
	p.groups[n] = g
	return g
}

// boundFollows tells whether what follows { is a bound: a digit.
func (p *parser) boundFollows() bool {
	if p.expanded {
		p.skipSpace()
	}
	return p.more() && isDigit(p.in[p.pos])
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// quantified reads a quantifier after an atom, if there is one.
func (p *parser) quantified(atom *node) *node {
	p.skip()
	if !p.more() {
		return atom
	}
	n := &node{op: opRepeat, kids: []*node{atom}, max: infinite}
	switch {
	case p.eat("*"):
	case p.eat("+"):
		n.min = 1
	case p.eat("?"):
		n.max = 1
	case p.see("{"):
		p.pos++
		if !p.boundFollows() {
			p.pos--
			return atom
		}
		exact := p.bound(n)
		prefer := p.preference()
		if !exact {
			n.prefer = prefer
		}
		return n
	default:
		return atom
	}
	n.prefer = p.preference()
	return n
}

// preference reads the ? that makes a quantifier prefer the shortest match.
func (p *parser) preference() flags {
	if p.advanced() && p.eat("?") {
		return shorter
	}
	return longer
}

// bound reads {m}, {m,} or {m,n} after its {; exact tells the first.
func (p *parser) bound(n *node) (exact bool) {
	n.min = p.count()
	n.max = n.min
	exact = true
	if p.eat(",") {
		exact = false
		n.max = infinite
		if p.more() && isDigit(p.in[p.pos]) {
			n.max = p.count()
			if n.min > n.max {
				fail(badCount)
			}
		}
	}
	if !p.more() {
		fail(badBrace)
	}
	if !p.eat("}") {
		fail(badCount)
	}
	return exact
}

func (p *parser) count() int {
	n := 0
	for p.more() && isDigit(p.in[p.pos]) {
		if n = n*10 + int(p.in[p.pos]-'0'); n > maxRepeat {
			fail(badCount)
		}
		p.pos++
	}
	return n
}
