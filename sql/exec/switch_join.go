package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// switchJoin begins as an index join and goes on as a hash join when the left side
// turns out longer than it was thought to be: what looking rows up has cost by then is
// what the hash table will cost, so that a wrong guess never makes it much dearer than
// the better of the two. Both give the rows in the order of the left side.
type switchJoin struct {
	left *gateOp
	look *loopJoin
	hash *hashJoin
	on   bool // to the hash join
}

// gateOp hands a join's left side to the look-ups until these are too many, and then
// to the hash table.
type gateOp struct {
	in    operator
	limit int64
	given int64
	shut  bool // the look-ups' part of the rows is over
	all   bool // the rest is the hash join's
}

// switchedJoin compiles an index join that may become a hash join, given the former.
func (c *compiler) switchedJoin(n *plan.Join, want plan.ColSet, l rel, index *loopJoin, cols []plan.ColID) (rel, error) {
	h := &plan.Join{Kind: n.Kind, L: n.L, R: unindexed(n.R), On: n.On, MarkCol: n.MarkCol}
	if keys, _ := keysOf(h, l.cols, h.R.Out()); len(keys) == 0 {
		return rel{index, cols}, nil
	}
	r, err := c.under(h.R, reading(want, n.On...), nil)
	if err != nil {
		return rel{}, err
	}
	s, hashed, err := c.joinSpec(h, l, r, want)
	if err != nil {
		return rel{}, err
	}
	s.stats = index.stats
	at, err := positions(cols, hashed)
	if err != nil {
		return rel{}, err
	}
	s.outs = pickAt(s.outs, at)
	gate := &gateOp{in: index.in, limit: int64(n.Lookups)}
	index.in = gate
	o := newHashJoin(s, borrowed{gate}, &joinBuild{spec: s, in: r})
	o.owns = true
	return rel{&switchJoin{left: gate, look: index, hash: o}, cols}, nil
}

// unindexed is the right side of an index join as a plain scan.
func unindexed(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		f := *n
		f.In = unindexed(n.In)
		return &f
	case *plan.Scan:
		s := *n
		s.Index = nil
		return &s
	}
	return n
}

// Next implements vec.Source.
func (o *switchJoin) Next(ctx context.Context, out *vec.Batch) error {
	if !o.on {
		if err := o.look.Next(ctx, out); err != nil || out.N > 0 {
			return err
		}
		if !o.left.shut {
			return nil
		}
		o.on, o.left.all = true, true
	}
	return o.hash.Next(ctx, out)
}

// Close implements vec.Source.
func (o *switchJoin) Close() error {
	err := o.look.Close()
	if e := o.hash.Close(); err == nil {
		err = e
	}
	return err
}

func (o *switchJoin) rewind(why restart) {
	o.on = false
	o.look.rewind(why)
	o.hash.rewind(why)
}

// Next implements vec.Source.
func (g *gateOp) Next(ctx context.Context, out *vec.Batch) error {
	if !g.all && g.given >= g.limit {
		g.shut, out.N = true, 0
		return ctx.Err()
	}
	err := g.in.Next(ctx, out)
	g.given += int64(out.N)
	return err
}

// Close implements vec.Source.
func (g *gateOp) Close() error { return g.in.Close() }

func (g *gateOp) rewind(why restart) {
	g.given, g.shut, g.all = 0, false, false
	g.in.rewind(why)
}
