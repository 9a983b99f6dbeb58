package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// lookupSide is the right side of an index join: for each batch of left rows the
// rows of a relation that an index has under their keys.
type lookupSide struct {
	evaluator
	node  *plan.Scan
	keys  program // over the left input
	dense denser
	vals  []vec.Vec
	found Found
	// of the current batch of found rows: the left row that each is of.
	of []int32
	// count is how many rows have been found.
	count int64
}

// indexJoin compiles a join that looks the right side up. What an index alone does
// not answer is run as a dependent join.
func (c *compiler) indexJoin(n *plan.Join, want plan.ColSet) (rel, error) {
	scan, on, ok := lookupScan(n)
	if !ok {
		return c.apply(&plan.Apply{Kind: n.Kind, L: n.L, R: n.R, On: n.On, MarkCol: n.MarkCol}, want)
	}
	reads := reading(want, on...)
	l, err := c.rel(n.L, reading(reads, scan.Index.Eq...))
	if err != nil {
		return rel{}, err
	}
	s := pruned(scan, reads)
	c.define(s.Cols, scanTypes(s))
	spec, cols, err := c.joinSpec(&plan.Join{Kind: n.Kind, L: n.L, R: n.R, On: on, Method: plan.JoinLoop}, l, rel{nil, s.Cols}, want)
	if err != nil {
		return rel{}, err
	}
	if c.rt.Stats != nil {
		spec.stats = c.rt.Stats.of(n)
	}
	keys, err := c.exprs(scan.Index.Eq, l.cols)
	if err != nil {
		return rel{}, err
	}
	side := &lookupSide{evaluator: evaluator{rt: c.rt}, node: s, keys: keys, dense: denser{need: keys.need}, vals: make([]vec.Vec, len(scan.Index.Eq))}
	o := newLoopJoin(spec, l, noRows{})
	o.lookup = side
	if n.Lookups > 0 {
		return c.switchedJoin(n, want, l, o, cols)
	}
	return rel{o, cols}, nil
}

// lookupScan finds the scan that is looked up and the conditions that found rows
// are to satisfy, those of filters on the right side included.
func lookupScan(n *plan.Join) (scan *plan.Scan, on []plan.Expr, ok bool) {
	switch n.Kind {
	case plan.Inner, plan.Left, plan.Semi, plan.Anti, plan.Single:
	default:
		return nil, nil, false
	}
	on = append(on, n.On...)
	r := n.R
	for {
		f, filtered := r.(*plan.Filter)
		if !filtered {
			break
		}
		on, r = append(on, f.Preds...), f.In
	}
	scan, ok = r.(*plan.Scan)
	if !ok || scan.Index == nil || len(scan.Index.Eq) == 0 || scan.Index.In != nil || scan.Index.Lo != nil || scan.Index.Hi != nil {
		return nil, nil, false
	}
	return scan, on, true
}

// open begins to look the rows of a batch up.
func (s *lookupSide) open(ctx context.Context, b *vec.Batch) error {
	s.close()
	dense := s.dense.dense(b)
	s.keys.EvalAll(s.start(ctx), &dense, s.vals)
	if err := s.bad.First(); err != nil {
		return err
	}
	var err error
	s.found, err = s.rt.Rels.Lookup(ctx, s.node, s.vals, dense.N)
	return err
}

// Next implements vec.Source: the rows found for the batch.
func (s *lookupSide) Next(ctx context.Context, out *vec.Batch) (err error) {
	if err = ctx.Err(); err != nil {
		return err
	}
	s.of, err = s.found.Next(ctx, out)
	s.count += int64(out.N)
	return err
}

// Close implements vec.Source.
func (s *lookupSide) Close() error {
	s.close()
	return nil
}

func (s *lookupSide) close() {
	if s.found != nil {
		s.found.Close()
		s.found = nil
	}
}

// noRows is an input without rows.
type noRows struct{}

// Next implements vec.Source.
func (noRows) Next(ctx context.Context, out *vec.Batch) error {
	out.N = 0
	return ctx.Err()
}

// Close implements vec.Source.
func (noRows) Close() error { return nil }

func (noRows) rewind(restart) {}
