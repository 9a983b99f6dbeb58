package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Sift narrows a scan to the rows of interest by one of its columns, before the
// others are read. It is advice: the scan may give rows that do not pass. It is
// used by the goroutine that reads the scan.
type Sift struct {
	Col int // which of the Scan's columns
	// Select writes to sel[:0] the positions of the values of v, a dense column, that
	// are of interest, ascending. It is a function of the values alone, for as long as
	// the scan is open.
	Select func(ctx context.Context, v *vec.Vec, sel []int32) []int32
}

// condSift is a condition on one column of a scan. The filter above tests it again.
type condSift struct {
	evaluator
	col  int
	pred *expr.Pred
	in   vec.Batch
}

// condSifts compiles those conditions of a filter over a scan that one column
// decides and that cannot fail.
func (c *compiler) condSifts(preds []plan.Expr, n *plan.Scan) ([]*condSift, error) {
	byCol := map[plan.ColID][]plan.Expr{}
	for _, p := range preds {
		for _, x := range plan.Conjuncts(p) {
			if id, ok := c.siftColumn(x, n); ok {
				byCol[id] = append(byCol[id], x)
			}
		}
	}
	var out []*condSift
	for i, id := range n.Cols {
		conds := byCol[id]
		if conds == nil || n.Attrs[i] <= 0 {
			continue
		}
		p, err := expr.CompilePred(conds, expr.LayoutOf([]plan.ColID{id}), c.cc)
		if err != nil {
			return nil, err
		}
		if p.Safe() {
			out = append(out, &condSift{evaluator: evaluator{rt: c.rt}, col: i, pred: p, in: vec.Batch{Cols: make([]vec.Vec, 1)}})
		}
	}
	return out, nil
}

// siftColumn gives the one column that a condition reads.
func (c *compiler) siftColumn(x plan.Expr, n *plan.Scan) (id plan.ColID, ok bool) {
	simple := true
	plan.Visit(x, func(e plan.Expr) bool {
		if _, sub := e.(*plan.Subquery); sub {
			simple = false
		}
		return simple
	})
	if !simple || volatile(x) {
		return 0, false
	}
	reads := reading(nil, x)
	if len(reads) != 1 {
		return 0, false
	}
	for _, own := range n.Cols {
		if reads.Has(own) {
			return own, true
		}
	}
	return 0, false
}

func (s *condSift) sel(ctx context.Context, v *vec.Vec, sel []int32) []int32 {
	s.in.Cols[0], s.in.N = *v, v.Len()
	return s.pred.Select(s.start(ctx), &s.in, sel)
}

// sifts lists what a run of the scan is sifted by.
func (o *scanOp) sifts() []Sift {
	var out []Sift
	for _, s := range o.conds {
		out = append(out, Sift{s.col, s.sel})
	}
	for _, s := range o.joins {
		if s.of.made() {
			out = append(out, Sift{s.col, s.of.sel})
		}
	}
	return out
}

// scanSifts finds the columns of a scan of which joins above know something.
func (c *compiler) scanSifts(n *plan.Scan) []scanSift {
	var out []scanSift
	for i, id := range n.Cols {
		for _, k := range c.sieve[id] {
			if n.Attrs[i] > 0 {
				k.read = true
				out = append(out, scanSift{i, k})
			}
		}
	}
	return out
}
