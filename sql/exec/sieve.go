package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// A sieve is, while a plan is compiled downwards, what the joins above say of
// columns: rows whose value does not pass will be dropped up there, and nothing in
// between would notice if they did not come at all.
type sieve map[plan.ColID][]*keySift

func (s sieve) add(id plan.ColID, of ...*keySift) sieve {
	if len(of) == 0 {
		return s
	}
	if s == nil {
		s = sieve{}
	}
	for _, x := range of {
		if !slices.Contains(s[id], x) {
			s[id] = append(s[id][:len(s[id]):len(s[id])], x)
		}
	}
	return s
}

// only gives what s says of some columns.
func (s sieve) only(cols []plan.ColID) (out sieve) {
	for _, id := range cols {
		out = out.add(id, s[id]...)
	}
	return out
}

// below gives what holds for the input of a node. Nodes that look at several rows
// at once stop it, unless they look at rows with the same value only.
func (s sieve) below(n plan.Node) sieve {
	if len(s) == 0 {
		return nil
	}
	switch n := n.(type) {
	case *plan.Scan, *plan.Filter, *plan.FlatMap, *plan.Order, *plan.Join, *plan.With:
		return s
	case *plan.Apply:
		return s.only(n.L.Out())
	case *plan.Project:
		var in sieve
		for i, id := range n.Cols {
			if x, ok := n.Vals[i].(*plan.Col); ok {
				in = in.add(x.ID, s[id]...)
			}
		}
		return in
	case *plan.Aggregate:
		if n.Sets == nil {
			return s.only(n.Groups)
		}
	case *plan.DistinctRows:
		if n.On == nil {
			return s
		}
		return s.only(n.On)
	}
	return nil
}

// joinSieves is what the inputs of a join are told.
type joinSieves struct {
	left, right sieve
	// keys are the join's own, by key; nil where it has none.
	keys []*keySift
}

// joinSieves finds what the inputs of a join are told: what the join was told
// itself, for the other side's columns that equal it too; and what the join will
// know of its keys, own when that is known already.
func (c *compiler) joinSieves(n *plan.Join, own []*keySift) joinSieves {
	left, right := n.L.Out(), n.R.Out()
	var j joinSieves
	if n.Kind != plan.Right && n.Kind != plan.Full {
		j.left = c.sieve.only(left)
	}
	if n.Kind == plan.Inner || n.Kind == plan.Right {
		j.right = c.sieve.only(right)
	}
	if n.Method == plan.JoinLoop {
		return j
	}
	keys, _ := keysOf(n, left, right)
	j.keys = make([]*keySift, len(keys))
	copy(j.keys, own)
	fromLeft, fromRight := j.left, j.right
	swapped := n.BuildLeft && swappable(n.Kind)
	for i, k := range keys {
		if !siftable(k) {
			continue
		}
		l, _ := k.l.(*plan.Col)
		r, _ := k.r.(*plan.Col)
		if l != nil && r != nil && n.Kind != plan.Mark && n.Kind != plan.NullAnti {
			j.right, j.left = j.right.add(r.ID, fromLeft[l.ID]...), j.left.add(l.ID, fromRight[r.ID]...)
		}
		probe, into := l, &j.left
		if swapped {
			probe, into = r, &j.right
		}
		if probe == nil || c.again || !siftedProbe(n.Kind, swapped) {
			continue
		}
		if j.keys[i] == nil {
			j.keys[i] = newKeySift()
		}
		*into = into.add(probe.ID, j.keys[i])
	}
	return j
}

// under compiles an input of a join with what it is told.
func (c *compiler) under(n plan.Node, want plan.ColSet, s sieve) (rel, error) {
	saved := c.sieve
	c.sieve = s
	r, err := c.rel(n, want)
	c.sieve = saved
	return r, err
}
