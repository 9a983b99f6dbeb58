package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// filterOp passes the rows for which its conditions are true, as a selection.
type filterOp struct {
	evaluator
	in   operator
	pred *expr.Pred
	sel  []int32
}

func (c *compiler) filter(n *plan.Filter, want plan.ColSet) (rel, error) {
	if _, ok := n.In.(*plan.Scan); ok {
		c.conds = n.Preds
	}
	in, err := c.rel(n.In, reading(want, n.Preds...))
	if err != nil {
		return rel{}, err
	}
	pred, err := expr.CompilePred(n.Preds, expr.LayoutOf(in.cols), c.cc)
	return rel{&filterOp{evaluator: evaluator{rt: c.rt}, in: in, pred: pred}, in.cols}, err
}

// Next implements vec.Source.
func (o *filterOp) Next(ctx context.Context, out *vec.Batch) error {
	for {
		if o.late != nil {
			return o.late
		}
		if err := o.in.Next(ctx, out); err != nil || out.N == 0 {
			return err
		}
		o.sel = o.pred.Select(o.start(ctx), out, o.sel)
		sel := o.cutSel(o.sel)
		if len(sel) == 0 {
			continue
		}
		if len(sel) < out.N {
			out.Sel, out.N = sel, len(sel)
		}
		return nil
	}
}

// Close implements vec.Source.
func (o *filterOp) Close() error { return o.in.Close() }

func (o *filterOp) rewind(why restart) {
	o.evaluator.reset()
	o.in.rewind(why)
}
