package regex

// basicAlternatives reads a BRE, up to the end or the \) that closes a group.
// It has no alternatives: the name says its place beside those of the others.
func (p *parser) basicAlternatives(inside bool) *node {
	if p.depth++; p.depth > maxDepth {
		fail(tooBig)
	}
	n := &node{op: opCat}
	for p.more() && !(inside && p.see(`\)`)) {
		switch first := len(n.kids) == 0; {
		case p.see("^") && first, p.see("$") && p.basicEnd():
			n.kids = append(n.kids, p.constraint())
			continue
		case p.eat(`\<`):
			n.kids = append(n.kids, &node{op: opAssert, assert: atWordStart})
			continue
		case p.eat(`\>`):
			n.kids = append(n.kids, &node{op: opAssert, assert: atWordEnd})
			continue
		}
		if c := p.wordBracket(); c != nil {
			n.kids = append(n.kids, c)
			continue
		}
		n.kids = append(n.kids, p.basicQuantified(p.basicAtom(n)))
	}
	p.depth--
	return n
}

// basicEnd tells whether a $ ends the expression or a group.
func (p *parser) basicEnd() bool {
	return p.pos+1 == len(p.in) || p.pos+2 < len(p.in) && p.in[p.pos+1] == '\\' && p.in[p.pos+2] == ')'
}

func (p *parser) wordBracket() *node {
	if p.see("[[:<:]]") || p.see("[[:>:]]") {
		return p.constraint()
	}
	return nil
}

// basicAtom reads an atom; a * at the start of an expression is literal.
func (p *parser) basicAtom(before *node) *node {
	r := p.in[p.pos]
	p.pos++
	switch {
	case r == '[':
		return p.bracket()
	case r == '.':
		return p.anyChar()
	case r == '*' && !onlyAnchors(before):
		fail(badRepeat)
	case r == '\\':
		return p.basicEscape()
	}
	return p.char(r)
}

func onlyAnchors(n *node) bool {
	for _, k := range n.kids {
		if k.op != opAssert {
			return false
		}
	}
	return true
}

func (p *parser) basicEscape() *node {
	if !p.more() {
		fail(badEscape)
	}
	r := p.in[p.pos]
	p.pos++
	switch {
	case r == '(':
		n := len(p.groups)
		p.groups = append(p.groups, nil)
		kid := p.basicAlternatives(true)
		if !p.eat(`\)`) {
			fail(badParen)
		}
		p.groups[n] = &node{op: opGroup, n: n, kids: []*node{kid}}
		return p.groups[n]
	case r == ')':
		fail(badParen)
	case r == '{':
		fail(badRepeat)
	case '1' <= r && r <= '9':
		n := int(r - '0')
		if n >= len(p.groups) || p.groups[n] == nil {
			fail(badBackref)
		}
		return &node{op: opBackref, n: n}
	}
	return p.char(r)
}

func (p *parser) basicQuantified(atom *node) *node {
	n := &node{op: opRepeat, kids: []*node{atom}, max: infinite, prefer: longer}
	switch {
	case p.eat("*"):
		return n
	case p.eat(`\{`):
		n.min = p.count()
		if n.max = n.min; p.eat(",") {
			n.max = infinite
			if p.more() && isDigit(p.in[p.pos]) {
				n.max = p.count()
			}
		} else {
			n.prefer = 0
		}
		if n.max != infinite && n.min > n.max || !p.more() {
			fail(badCount)
		}
		if !p.eat(`\}`) {
			fail(badCount)
		}
		return n
	}
	return atom
}
