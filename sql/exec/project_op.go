package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// projectOp computes columns.
type projectOp struct {
	evaluator
	in    operator
	prog  program
	dense denser
	batch vec.Batch
	cols  []vec.Vec
}

// pickOp passes columns on in another order; selections stay.
type pickOp struct {
	in   operator
	pos  []int
	cols []vec.Vec
}

func (c *compiler) project(n *plan.Project, want plan.ColSet) (rel, error) {
	var vals []plan.Expr
	var cols, pure []plan.ColID
	made := plan.SetOf(n.In.Out()...)
	for i, e := range n.Vals {
		c.types[n.Cols[i]] = e.Type()
		if !want.Has(n.Cols[i]) && !volatile(e) {
			continue
		}
		vals, cols = append(vals, e), append(cols, n.Cols[i])
		if x, ok := e.(*plan.Col); ok && made.Has(x.ID) {
			pure = append(pure, x.ID)
		}
	}
	in, err := c.rel(n.In, reading(nil, vals...))
	if err != nil {
		return rel{}, err
	}
	if len(pure) == len(vals) {
		p, err := c.pick(in, pure)
		return rel{p.operator, cols}, err
	}
	p, err := c.exprs(vals, in.cols)
	o := &projectOp{evaluator: evaluator{rt: c.rt}, in: in, prog: p, dense: denser{need: p.need}, cols: make([]vec.Vec, len(vals))}
	return rel{o, cols}, err
}

// pick gives the columns of in in the order of cols.
func (c *compiler) pick(in rel, cols []plan.ColID) (rel, error) {
	pos, err := positions(cols, in.cols)
	if err != nil {
		return rel{}, err
	}
	return rel{&pickOp{in: in, pos: pos, cols: make([]vec.Vec, len(pos))}, cols}, nil
}

// Next implements vec.Source.
func (o *projectOp) Next(ctx context.Context, out *vec.Batch) error {
	if o.late != nil {
		return o.late
	}
	if err := o.in.Next(ctx, out); err != nil || out.N == 0 {
		return err
	}
	o.batch = o.dense.dense(out)
	o.prog.EvalAll(o.start(ctx), &o.batch, o.cols)
	n := o.cut(o.batch.N)
	if n == 0 {
		return o.late
	}
	if n < o.batch.N {
		for i := range o.cols {
			o.cols[i].Truncate(n)
		}
	}
	*out = vec.Batch{Cols: o.cols, N: n}
	return nil
}

// Close implements vec.Source.
func (o *projectOp) Close() error { return o.in.Close() }

func (o *projectOp) rewind(why restart) {
	o.evaluator.reset()
	o.in.rewind(why)
}

func (o *projectOp) hint(limit int64) { hint(o.in, limit) }

// Next implements vec.Source.
func (o *pickOp) Next(ctx context.Context, out *vec.Batch) error {
	if err := o.in.Next(ctx, out); err != nil || out.N == 0 {
		return err
	}
	for i, p := range o.pos {
		o.cols[i] = out.Cols[p]
	}
	out.Cols = o.cols
	if len(o.cols) == 0 {
		out.Sel = nil // rows without columns have no places to select
	}
	return nil
}

// Close implements vec.Source.
func (o *pickOp) Close() error { return o.in.Close() }

func (o *pickOp) rewind(why restart) { o.in.rewind(why) }

func (o *pickOp) hint(limit int64) { hint(o.in, limit) }
