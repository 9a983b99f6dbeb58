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

// gateOp hands a join's left side to the look-ups until these have cost too much, and
// then to the hash table.
type gateOp struct {
	in    operator
	limit int64
	given int64
	side  *lookupSide
	shut  bool      // the look-ups' part of the rows is over
	all   bool      // the rest is the hash join's
	batch vec.Batch // of which rows before at are given
	at    int
}

// gateRows is how many rows are looked up before it is asked again whether to go on: a
// batch of them may find very many.
const gateRows = 256

// foundPerSeek is how many rows are fetched at the cost of one look-up.
const foundPerSeek = 4

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
	gate := &gateOp{in: index.in, limit: int64(n.Lookups), side: index.lookup}
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
	if !g.all && g.spent() {
		g.shut, out.N = true, 0
		return ctx.Err()
	}
	if g.at == g.batch.N {
		g.at = 0
		if err := g.in.Next(ctx, &g.batch); err != nil || g.batch.N == 0 {
			g.batch, out.N = vec.Batch{}, 0
			return err
		}
	}
	hi := g.batch.N
	if !g.all {
		hi = min(hi, g.at+gateRows)
	}
	g.batch.Slice(out, g.at, hi)
	g.given += int64(hi - g.at)
	g.at = hi
	return nil
}

// spent tells whether looking up has cost what may be spent on it.
func (g *gateOp) spent() bool { return g.given+g.side.count/foundPerSeek >= g.limit }

// Close implements vec.Source.
func (g *gateOp) Close() error { return g.in.Close() }

func (g *gateOp) rewind(why restart) {
	g.given, g.side.count, g.shut, g.all, g.batch, g.at = 0, 0, false, false, vec.Batch{}, 0
	g.in.rewind(why)
}
