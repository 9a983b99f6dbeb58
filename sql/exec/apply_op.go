package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// applySide is the right side of a dependent join: it is run for every left row,
// with the values of the columns it reads from outside. What it gave is remembered
// by these values.
type applySide struct {
	rt    *Runtime
	op    operator
	bind  *expr.Binding
	up    *expr.Binding
	ids   []plan.ColID // the columns it reads from outside
	at    []int        // where they are in the left row, -1: outside of this plan too
	kinds []types.Kind
	keep  bool // runs may be remembered
	fixed bool // and over rewinds that change outer columns only

	used  bool
	vals  []types.Datum
	key   []byte
	known map[string]*rowSet
	bytes int64
	// of the current row: the rows that are known, or those that are being learnt.
	memo   *rowSet
	past   int
	record *rowSet
}

// apply compiles a dependent join: a loop join whose build side is run anew for
// each probe row.
func (c *compiler) apply(n *plan.Apply, want plan.ColSet) (rel, error) {
	reads := reading(want, n.On...)
	outer := outerOf(plan.Outer(n.R))
	leftWant := reading(reads)
	leftWant.Add(outer...)
	l, err := c.rel(n.L, leftWant)
	if err != nil {
		return rel{}, err
	}
	in := c.inner(outer)
	r, err := in.rel(n.R, reads)
	if err != nil {
		return rel{}, err
	}
	s, cols, err := c.joinSpec(&plan.Join{Kind: n.Kind, L: n.L, R: n.R, On: n.On, MarkCol: n.MarkCol, Method: plan.JoinLoop}, l, r, want)
	if err != nil {
		return rel{}, err
	}
	if c.rt.Stats != nil {
		s.stats = c.rt.Stats.of(n)
	}
	side := &applySide{rt: c.rt, op: r.operator, bind: in.bind, up: c.bind, ids: outer, kinds: s.buildKinds, keep: !volatilePlan(n.R), fixed: !c.usesWork(n.R)}
	layout := expr.LayoutOf(l.cols)
	for _, id := range outer {
		at, ok := layout[id]
		if !ok {
			at = -1
		}
		side.at = append(side.at, at)
	}
	side.vals = make([]types.Datum, len(outer))
	o := newLoopJoin(s, l, side)
	o.apply = side
	return rel{o, cols}, nil
}

// bindRow begins the run for the row of b at place p.
func (s *applySide) bindRow(b *vec.Batch, p int) {
	s.key = s.key[:0]
	for i, at := range s.at {
		if at >= 0 {
			s.vals[i] = b.Cols[at].Datum(p)
		} else {
			s.vals[i], _ = s.up.Outer(s.ids[i])
		}
		s.key = appendImage(s.key, s.vals[i])
	}
	s.past, s.record = 0, nil
	if s.memo = s.known[string(s.key)]; s.memo != nil {
		return
	}
	s.bind.SetOuter(s.vals)
	if s.used {
		s.op.rewind(newOuter)
	}
	s.used = true
	if s.keep {
		s.record = newRowSet(s.kinds)
	}
}

// memoMost is how many bytes of rows are remembered for one run at most.
const memoMost = 1 << 20

// Next implements vec.Source: the rows of the current run.
func (s *applySide) Next(ctx context.Context, out *vec.Batch) error {
	if s.memo != nil {
		hi := min(s.past+vec.Size, s.memo.n)
		s.memo.batch(out, s.past, hi)
		s.past = hi
		return ctx.Err()
	}
	if err := s.op.Next(ctx, out); err != nil {
		return err
	}
	switch {
	case s.record == nil:
	case out.N == 0:
		s.learn()
	case s.record.bytes > min(memoMost, s.rt.workMem()/8):
		s.record = nil
	default:
		s.record.add(out)
	}
	return nil
}

// learn remembers the rows of a run that came to its end.
func (s *applySide) learn() {
	if s.known == nil || s.bytes > s.rt.workMem()/2 {
		s.known, s.bytes = map[string]*rowSet{}, 0
	}
	s.known[string(s.key)] = s.record
	s.bytes += s.record.bytes + int64(len(s.key)) + 200
	s.record = nil
}

// Close implements vec.Source.
func (s *applySide) Close() error { return s.op.Close() }

func (s *applySide) rewind(why restart) {
	s.memo, s.record = nil, nil
	if why == newRun || !s.fixed {
		s.known, s.bytes = nil, 0
	}
	s.op.rewind(why)
	s.used = false
}
