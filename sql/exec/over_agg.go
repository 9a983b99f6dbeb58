package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/vec"
)

var errRangeSize = pgerr.New(pgerr.InvalidPrecedingOrFollowingSize, "invalid preceding or following size in window function")

// aggregate computes an aggregate over the frames of a partition. Frames move
// forward only, so rows come in at the end; where they also go out at the start,
// that is taken back from the accumulator if it is linear, or else frames are put
// together from the nodes of a tree over the rows. What depends on the order of
// its rows is computed anew for each frame.
func (c *overCall) aggregate(ctx *funcs.Ctx, p *partition, out *vec.Vec) error {
	f := &c.ends
	fixed := true // all frames begin where the first one does
	for _, lo := range f.lo {
		fixed = fixed && lo == f.lo[0]
	}
	switch {
	case c.frame.Exclude != plan.ExcludeNone && c.traits.Ordered:
		c.anew(ctx, p, out)
	case c.frame.Exclude != plan.ExcludeNone:
		c.tree.aggregate(ctx, c, p, out)
	case fixed || c.traits.Linear:
		c.slide.aggregate(ctx, c, p, out)
	case c.traits.Ordered:
		c.anew(ctx, p, out)
	default:
		c.tree.aggregate(ctx, c, p, out)
	}
	return nil
}

// counts gives the rows among lo … hi-1 that the filter passes; nil stands for all
// of them.
func (c *overCall) counts(p *partition, dst []int32, lo, hi int) []int32 {
	if c.filter < 0 {
		return nil
	}
	v := p.col(c.filter)
	dst = dst[:0]
	for i := lo; i < hi; i++ {
		if v.Bools[i] && !v.IsNull(i) {
			dst = append(dst, int32(i))
		}
	}
	return dst
}

// slider keeps one group, to which rows are added and from which they are taken.
type slider struct {
	groups []uint32
	rows   []int32
	cut    []vec.Vec
	args   []*vec.Vec
	w      []int64
	at     []int32 // by row: which of the different results is its
	res    vec.Vec
}

var groupZero = []uint32{0}

func (s *slider) aggregate(ctx *funcs.Ctx, c *overCall, p *partition, out *vec.Vec) {
	c.acc.Grow(1)
	goesOn := p.goesOn && c.running
	if !goesOn {
		c.acc.Clear(groupZero)
	}
	f := &c.ends
	lo, hi := int(f.lo[0]), int(f.lo[0])
	s.res.Reset(c.kind, 0)
	s.at = resize(s.at, p.n)
	results := int32(0)
	for i := range p.n {
		l, h := int(f.lo[i]), int(f.hi[i])
		if i == 0 || l != int(f.lo[i-1]) || h != int(f.hi[i-1]) {
			if l >= hi && !(goesOn && i == 0) { // nothing in common with the frame before
				c.acc.Clear(groupZero)
				lo, hi = l, l
			}
			s.add(ctx, c, p, hi, h, 1)
			s.add(ctx, c, p, lo, l, -1)
			lo, hi = l, max(h, hi)
			c.acc.Result(ctx, groupZero, &c.tmp)
			s.res.Append(&c.tmp)
			results++
		}
		s.at[i] = results - 1
	}
	out.AppendRows(&s.res, s.at)
}

// add adds rows lo … hi-1, or takes them away.
func (s *slider) add(ctx *funcs.Ctx, c *overCall, p *partition, lo, hi int, weight int64) {
	if lo >= hi {
		return
	}
	s.args = s.args[:0]
	n := hi - lo
	if len(s.cut) < len(c.vals) {
		s.cut = make([]vec.Vec, len(c.vals))
	}
	if c.filter >= 0 {
		s.rows = c.counts(p, s.rows, lo, hi)
		n = len(s.rows)
	}
	for k, v := range c.vals {
		if c.filter >= 0 {
			s.cut[k] = vec.Vec{}
			s.cut[k].Gather(v, s.rows)
		} else {
			s.cut[k] = v.Slice(lo, hi)
		}
		s.args = append(s.args, &s.cut[k])
	}
	if n == 0 {
		return
	}
	s.groups = resize(s.groups, n)
	clear(s.groups)
	var w []int64
	if weight != 1 {
		s.w = s.w[:0]
		for range n {
			s.w = append(s.w, weight)
		}
		w = s.w
	}
	c.acc.Add(ctx, s.groups, s.args, w)
}

// anew computes each frame by itself.
func (c *overCall) anew(ctx *funcs.Ctx, p *partition, out *vec.Vec) {
	c.acc.Grow(1)
	for i := range p.n {
		c.acc.Clear(groupZero)
		for _, r := range c.ends.ranges(i) {
			c.slide.add(ctx, c, p, r[0], r[1], 1)
		}
		c.acc.Result(ctx, groupZero, &c.tmp)
		out.Append(&c.tmp)
	}
}

// accTree is a segment tree over the rows of a partition whose nodes are groups of
// the accumulator: leaf i is group size+i, node k merges 2k and 2k+1. A frame is
// the merge of a few nodes, which is made in groups behind those of the tree, for
// many rows at once.
type accTree struct {
	size   int
	groups []uint32
	rows   []int32
	state  []vec.Vec
}

// treeRows is how many rows' frames are merged at once.
const treeRows = 256

func (t *accTree) aggregate(ctx *funcs.Ctx, c *overCall, p *partition, out *vec.Vec) {
	t.build(ctx, c, p)
	first := uint32(2 * t.size)
	var nodes, into []uint32
	for lo := 0; lo < p.n; lo += treeRows {
		hi := min(lo+treeRows, p.n)
		nodes, into = nodes[:0], into[:0]
		res := make([]uint32, hi-lo)
		for i := lo; i < hi; i++ {
			res[i-lo] = first + uint32(i-lo)
			for _, r := range c.ends.ranges(i) {
				before := len(nodes)
				nodes = t.cover(nodes, r[0], r[1])
				for range len(nodes) - before {
					into = append(into, res[i-lo])
				}
			}
		}
		c.acc.Clear(res)
		t.merge(ctx, c, nodes, into)
		c.acc.Result(ctx, res, &c.tmp)
		out.Append(&c.tmp)
	}
}

// merge merges groups into others.
func (t *accTree) merge(ctx *funcs.Ctx, c *overCall, from, into []uint32) {
	if len(from) == 0 {
		return
	}
	kinds := c.acc.StateKinds()
	if len(t.state) != len(kinds) {
		t.state = make([]vec.Vec, len(kinds))
	}
	for i, k := range kinds {
		t.state[i].Reset(k, 0)
	}
	c.acc.Save(from, t.state)
	c.acc.Merge(ctx, into, t.state)
}

// build makes the tree.
func (t *accTree) build(ctx *funcs.Ctx, c *overCall, p *partition) {
	t.size = 1
	for t.size < p.n {
		t.size *= 2
	}
	c.acc.Grow(2*t.size + treeRows)
	all := make([]uint32, 2*t.size)
	for i := range all {
		all[i] = uint32(i)
	}
	c.acc.Clear(all)
	args := c.vals
	leaves := all[t.size : t.size+p.n]
	if c.filter >= 0 {
		t.rows = c.counts(p, t.rows, 0, p.n)
		args = nil
		for _, v := range c.vals {
			x := new(vec.Vec)
			x.Gather(v, t.rows)
			args = append(args, x)
		}
		t.groups = t.groups[:0]
		for _, i := range t.rows {
			t.groups = append(t.groups, uint32(t.size)+uint32(i))
		}
		leaves = t.groups
	}
	if len(leaves) > 0 {
		c.acc.Add(ctx, leaves, args, nil)
	}
	for level := t.size; level > 1; level /= 2 {
		from := all[level : 2*level]
		into := make([]uint32, len(from))
		for i, g := range from {
			into[i] = g / 2
		}
		t.merge(ctx, c, from, into)
	}
}

// cover appends the nodes that together are rows lo … hi-1.
func (t *accTree) cover(dst []uint32, lo, hi int) []uint32 {
	var right []uint32
	for l, r := lo+t.size, hi+t.size; l < r; l, r = l/2, r/2 {
		if l&1 != 0 {
			dst = append(dst, uint32(l))
			l++
		}
		if r&1 != 0 {
			r--
			right = append(right, uint32(r))
		}
	}
	slices.Reverse(right)
	return append(dst, right...)
}
