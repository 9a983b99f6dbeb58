package regex

// bracket reads a bracket expression after its [.
func (p *parser) bracket() *node {
	negated := p.eat("^")
	b := bracketReader{parser: p, first: true}
	for !b.done() {
		b.part()
		b.first = false
	}
	set := normalize(b.pairs)
	if p.IgnoreCase {
		set = union(set, normalize(b.letters).bothCases())
	} else {
		set = union(set, normalize(b.letters))
	}
	if negated {
		set = set.complement()
		if p.newlineStop {
			set = set.without('\n')
		}
		set = set.without(0)
	}
	return &node{op: opSet, set: set}
}

// bracketReader collects the members of a bracket expression: letters, which
// stand for both their cases where case does not count, and classes.
type bracketReader struct {
	*parser
	pairs, letters []rune
	first          bool
}

// done passes the ] at the end. One that comes first is a member.
func (b *bracketReader) done() bool {
	if !b.more() {
		fail(badBracket)
	}
	return !b.first && b.eat("]")
}

// part reads one member.
func (b *bracketReader) part() {
	switch {
	case b.see("-") && !b.first && !b.see("-]"):
		fail(badRange)
	case b.eat("[="):
		r := b.element("=]", badCollate)
		b.letters = append(b.letters, r, r)
		return
	case b.eat("[:"):
		b.class(b.plain(":]", badClass))
		return
	case b.see(`\`) && b.advanced():
		b.pos++
		if b.escapedClass() {
			return
		}
		b.pos--
	}
	lo := b.start()
	hi := lo
	if b.see("-") && !b.see("-]") {
		b.pos++
		hi = b.end()
	}
	if lo > hi {
		fail(badRange)
	}
	b.letters = append(b.letters, lo, hi)
}

// escapedClass reads \d and its kin after the backslash.
func (b *bracketReader) escapedClass() bool {
	if !b.more() {
		fail(badEscape)
	}
	name, negated, ok := shorthand(b.in[b.pos])
	if !ok {
		return false
	}
	b.pos++
	s := class(name)
	if negated {
		s = s.complement()
	}
	b.pairs = append(b.pairs, s...)
	return true
}

// start reads the character that is a member or begins a range.
func (b *bracketReader) start() rune {
	if b.eat("[.") {
		return b.element(".]", badCollate)
	}
	return b.member()
}

// end reads the character that ends a range.
func (b *bracketReader) end() rune {
	switch {
	case !b.more():
		fail(badBracket)
	case b.eat("[."):
		return b.element(".]", badCollate)
	case b.see("[=") || b.see("[:"):
		fail(badRange)
	}
	return b.member()
}

func (b *bracketReader) member() rune {
	if b.see(`\`) && b.advanced() {
		b.pos++
		if !b.more() {
			fail(badEscape)
		}
		if _, _, ok := shorthand(b.in[b.pos]); ok {
			fail(badRange)
		}
		r, ok := b.escapedChar()
		if !ok {
			fail(badEscape)
		}
		return r
	}
	r := b.in[b.pos]
	b.pos++
	return r
}

// plain reads text up to a closing delimiter.
func (b *bracketReader) plain(end, reason string) string {
	start := b.pos
	for !b.see(end) {
		if !b.more() {
			fail(badBracket)
		}
		b.pos++
	}
	s := string(b.in[start:b.pos])
	b.pos += len(end)
	if s == "" {
		fail(reason)
	}
	return s
}

// element reads a collating element: a character or the name of one.
func (b *bracketReader) element(end, reason string) rune {
	s := []rune(b.plain(end, reason))
	if len(s) == 1 {
		return s[0]
	}
	r, ok := charNames[string(s)]
	if !ok {
		fail(badCollate)
	}
	return r
}

func (b *bracketReader) class(name string) {
	if b.IgnoreCase && (name == "upper" || name == "lower") {
		name = "alpha"
	}
	s := class(name)
	if s == nil {
		fail(badClass)
	}
	b.pairs = append(b.pairs, s...)
}
