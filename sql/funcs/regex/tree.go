package regex

import "slices"

// flags of a subre: which match it prefers, and what is inside it (regguts.h).
type flags uint8

const (
	longer  flags = 1 << iota // prefers the longest match
	shorter                   // prefers the shortest
	mixed                     // has parts with different preferences
	captures
	backrefs
)

const preferences = longer | shorter

// up is what a part's flags say about the whole.
func (f flags) up() flags {
	out := f &^ preferences
	if f&preferences == preferences {
		out |= mixed
	}
	return out
}

// messy tells whether dissection needs the parts.
func (f flags) messy() bool { return f&(mixed|captures|backrefs) != 0 }

// combine joins the flags of two parts, of which the first one's preference
// wins.
func combine(a, b flags) flags {
	p := a & preferences
	if p == 0 {
		p = b & preferences
	}
	return (a | b).up() | p
}

// shape is what a subre consists of.
type shape uint8

const (
	plainNFA  shape = iota // nothing but its automaton
	concat                 // two parts
	alternate              // one of its parts
	iterate                // its part, min to max times
	reference              // what a group matched, min to max times
	wrapper                // its part, captured once more
)

// subre is a part of a pattern whose extent dissection determines. expr is
// what its automaton is made of.
type subre struct {
	shape    shape
	flags    flags
	group    int // captured as, 0 for none
	ref      int // of a reference
	min, max int
	kids     []*subre
	expr     *node
	id       int
}

// builder divides a pattern, as regcomp.c's parse functions do.
type builder struct {
	groups []*node
	bare   map[int]*node // what back references stand for in automata
	count  int
}

func (b *builder) add(s *subre) *subre {
	s.id = b.count
	b.count++
	return s
}

// tree divides a pattern or the inside of a group.
func (b *builder) tree(n *node) *subre {
	if n.op != opAlt {
		return b.branch(items(n))
	}
	t := b.add(&subre{shape: alternate, flags: longer, expr: b.stripped(n)})
	for _, k := range n.kids {
		kid := b.branch(items(k))
		t.flags |= (t.flags | kid.flags).up()
		t.kids = append(t.kids, kid)
	}
	if !t.flags.messy() {
		t.shape, t.kids = plainNFA, nil
	}
	return t
}

// items are the quantified atoms and constraints of a branch.
func items(n *node) []*node {
	if n.op == opCat {
		return n.kids
	}
	return []*node{n}
}

// branch divides a branch: atoms go into one automaton until there is one that
// is messy.
func (b *builder) branch(list []*node) *subre {
	top := b.add(&subre{shape: plainNFA})
	var done []*node
	for i, n := range list {
		q := n
		if n.op != opRepeat {
			q = &node{op: opRepeat, kids: []*node{n}, min: 1, max: 1}
		}
		atom, f := q.kids[0], q.prefer
		if q.min == 0 && q.max == 0 {
			continue
		}
		var sub *subre
		if atom.op == opGroup || atom.op == opPlain {
			sub = b.group(atom)
			f |= sub.flags
		}
		f |= top.flags
		if atom.op != opGroup && atom.op != opBackref && !f.up().messy() {
			top.flags = f
			done = append(done, b.stripped(n))
			continue
		}
		top.expr = cat(done)
		return b.messyBranch(top, sub, q, list[i+1:])
	}
	top.expr = cat(done)
	return top
}

func cat(list []*node) *node { return &node{op: opCat, kids: slices.Clone(list)} }

// group divides the inside of parentheses.
func (b *builder) group(n *node) *subre {
	sub := b.tree(n.kids[0])
	if n.op != opGroup {
		return sub
	}
	if sub.group == 0 {
		sub.flags |= captures
		sub.group = n.n
		return sub
	}
	return b.add(&subre{shape: wrapper, flags: sub.flags | captures, group: n.n, kids: []*subre{sub}, expr: sub.expr})
}

// messyBranch makes a branch that begins with what top matches, goes on with a
// messy atom and ends with rest.
func (b *builder) messyBranch(top, atom *subre, q *node, rest []*node) *subre {
	if atom == nil {
		atom = b.add(&subre{shape: plainNFA, expr: b.stripped(q.kids[0])})
		if ref := q.kids[0]; ref.op == opBackref {
			atom.shape, atom.flags, atom.ref = reference, backrefs, ref.n
			atom.expr = b.bareGroup(ref.n)
		}
	}
	own := combine(q.prefer, atom.flags)
	body := b.repeated(atom, q)
	empty := top.expr.isEmpty()
	if len(rest) == 0 {
		if empty {
			return body
		}
		return b.add(&subre{shape: concat, flags: top.flags | combine(top.flags, body.flags), kids: []*subre{top, body}, expr: cat([]*node{top.expr, body.expr})})
	}
	tail := b.branch(rest)
	own |= combine(own, tail.flags)
	t := b.add(&subre{shape: concat, flags: own, kids: []*subre{body, tail}, expr: cat([]*node{body.expr, tail.expr})})
	if !empty && body.shape == plainNFA && tail.shape == plainNFA && !(body.flags | tail.flags).up().messy() {
		t.shape, t.kids, t.flags = plainNFA, nil, combine(body.flags, tail.flags)
	}
	if empty {
		t.flags = top.flags | combine(top.flags, own)
		return t
	}
	return b.add(&subre{shape: concat, flags: top.flags | combine(top.flags, own), kids: []*subre{top, t}, expr: cat([]*node{top.expr, t.expr})})
}

// repeated applies a quantifier to a messy atom.
func (b *builder) repeated(atom *subre, q *node) *subre {
	f := combine(q.prefer, atom.flags)
	whole := &node{op: opRepeat, kids: []*node{atom.expr}, min: q.min, max: q.max}
	pref := atom.flags & (longer | shorter | mixed)
	switch {
	case atom.shape == reference:
		atom.min, atom.max = q.min, q.max
		atom.flags |= f
		atom.expr = whole
		return atom
	case q.min == 1 && q.max == 1 && (q.prefer == 0 || pref == 0 || q.prefer == pref):
		return atom
	case atom.flags&(captures|backrefs) == 0:
		return b.add(&subre{shape: plainNFA, flags: f, expr: whole})
	case q.min > 0 && atom.flags&backrefs == 0:
		// x{m,n} is x{m-1,n-1}x, as only the last round captures.
		more := q.max
		if more != infinite {
			more--
		}
		first := b.add(&subre{shape: plainNFA, flags: f & preferences, expr: &node{op: opRepeat, kids: []*node{atom.expr}, min: q.min - 1, max: more}})
		return b.add(&subre{shape: concat, flags: f, kids: []*subre{first, atom}, expr: cat([]*node{first.expr, atom.expr})})
	}
	return b.add(&subre{shape: iterate, flags: f, min: q.min, max: q.max, kids: []*subre{atom}, expr: whole})
}

func (n *node) isEmpty() bool { return n.op == opEmpty || n.op == opCat && len(n.kids) == 0 }

// stripped is the pattern as automata need it: without its groups, and with a
// back reference replaced by what it might match.
func (b *builder) stripped(n *node) *node {
	switch n.op {
	case opGroup, opPlain:
		return b.stripped(n.kids[0])
	case opBackref:
		return b.bareGroup(n.n)
	}
	return mapKids(n, b.stripped)
}

// bareGroup is the inside of a group as a back reference stands for it: without
// constraints, as it need not match where the group did.
func (b *builder) bareGroup(group int) *node {
	if b.bare[group] == nil {
		b.bare[group] = unconstrained(b.stripped(b.groups[group].kids[0]))
	}
	return b.bare[group]
}

func unconstrained(n *node) *node {
	if n.op == opAssert || n.op == opLook {
		return &node{op: opEmpty}
	}
	return mapKids(n, unconstrained)
}

// mapKids is n with f of its kids; n itself when that changes nothing.
func mapKids(n *node, f func(*node) *node) *node {
	c := *n
	same := true
	c.kids = make([]*node, len(n.kids))
	for i, k := range n.kids {
		c.kids[i] = f(k)
		same = same && c.kids[i] == k
	}
	if same {
		return n
	}
	return &c
}
