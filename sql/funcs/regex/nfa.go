package regex

// state is a state of an NFA.
type state struct {
	kind stateKind
	in   []bool // of a consumer: the colors it takes
	out  []int32
	a    assertion
	look *lookaround
}

type stateKind uint8

const (
	stateSplit stateKind = iota // goes on to all of out
	stateConsume
	stateAssert
	stateLook
	stateMatch
)

// program is an NFA (Thompson's construction). State 0 is where it starts.
type program struct {
	states  []state
	asserts bool // there are assertions
	looks   bool // there are lookarounds
}

// lookaround is the condition of a lookaround constraint.
type lookaround struct {
	kind lookKind
	prog *program
	id   int
}

// maxStates bounds what repetition counts can blow a pattern up to.
const maxStates = 100000

// compiler makes the automata of one pattern.
type compiler struct {
	colors map[*node][]bool // of opSet nodes
	looks  int
	size   int
}

// program makes the automaton of an expression without groups.
func (c *compiler) program(n *node) *program {
	p := &program{states: []state{{}}}
	end := c.emit(p, n, 0)
	p.states[end].kind = stateMatch
	return p
}

// new makes a state, a split that leads nowhere yet.
func (c *compiler) new(p *program) int32 {
	if c.size++; c.size > maxStates {
		fail(tooBig)
	}
	p.states = append(p.states, state{})
	return int32(len(p.states) - 1)
}

func (p *program) link(from, to int32) { p.states[from].out = append(p.states[from].out, to) }

// emit adds the automaton of n from state at, and gives its end: a split
// without successors.
func (c *compiler) emit(p *program, n *node, at int32) int32 {
	switch n.op {
	case opSet:
		s := c.new(p)
		end := c.new(p)
		p.states[s] = state{kind: stateConsume, in: c.colors[n], out: []int32{end}}
		p.link(at, s)
		return end
	case opCat:
		for _, k := range n.kids {
			at = c.emit(p, k, at)
		}
		return at
	case opAlt:
		end := c.new(p)
		for _, k := range n.kids {
			start := c.new(p)
			p.link(at, start)
			p.link(c.emit(p, k, start), end)
		}
		return end
	case opRepeat:
		return c.repeat(p, n, at)
	case opAssert:
		return c.constraint(p, state{kind: stateAssert, a: n.assert}, at)
	case opLook:
		p.looks = true
		l := &lookaround{kind: n.look, prog: c.program(n.kids[0]), id: c.looks}
		c.looks++
		return c.constraint(p, state{kind: stateLook, look: l}, at)
	}
	return at
}

func (c *compiler) constraint(p *program, s state, at int32) int32 {
	p.asserts = true
	i, end := c.new(p), c.new(p)
	s.out = []int32{end}
	p.states[i] = s
	p.link(at, i)
	return end
}

func (c *compiler) repeat(p *program, n *node, at int32) int32 {
	kid := n.kids[0]
	for range n.min {
		at = c.emit(p, kid, at)
	}
	if n.max == infinite {
		loop := c.new(p)
		p.link(at, loop)
		body, end := c.new(p), c.new(p)
		p.link(loop, body)
		p.link(loop, end)
		p.link(c.emit(p, kid, body), loop)
		return end
	}
	end := c.new(p)
	for range n.max - n.min {
		p.link(at, end)
		body := c.new(p)
		p.link(at, body)
		at = c.emit(p, kid, body)
	}
	p.link(at, end)
	return end
}
