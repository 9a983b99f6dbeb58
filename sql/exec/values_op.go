package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// valuesOp gives rows of expressions. A single row is computed straight into the
// batch; several are put together, constants without a program.
type valuesOp struct {
	evaluator
	rows  []valuesRow
	kinds []types.Kind
	at    int
	out   vec.Batch
	cell  []vec.Vec
}

type valuesRow struct {
	prog   *expr.Prog // of what is not constant; nil: nothing
	consts []plan.Expr
}

var oneRow = vec.Batch{N: 1}

func (c *compiler) values(n *plan.Values) (rel, error) {
	o := &valuesOp{evaluator: evaluator{rt: c.rt}}
	ts := make([]*types.Type, len(n.Cols))
	for i := range ts {
		if len(n.Rows) > 0 {
			ts[i] = n.Rows[0][i].Type()
		} else {
			ts[i] = n.Types[i]
		}
		o.kinds = append(o.kinds, ts[i].Kind)
	}
	c.define(n.Cols, ts)
	for _, r := range n.Rows {
		row := valuesRow{consts: r}
		var list []plan.Expr
		for _, e := range r {
			if _, ok := e.(*plan.Const); !ok || len(n.Rows) == 1 {
				list = append(list, e)
			}
		}
		if len(list) > 0 {
			var err error
			if row.prog, err = expr.CompileAll(list, nil, c.cc); err != nil {
				return rel{}, err
			}
		}
		o.rows = append(o.rows, row)
	}
	o.out.Cols = make([]vec.Vec, len(n.Cols))
	o.cell = make([]vec.Vec, len(n.Cols))
	return rel{o, n.Cols}, nil
}

// Next implements vec.Source.
func (o *valuesOp) Next(ctx context.Context, out *vec.Batch) error {
	if o.late != nil {
		return o.late
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if o.at == len(o.rows) {
		out.N = 0
		return nil
	}
	if len(o.rows) == 1 {
		return o.single(ctx, out)
	}
	o.out.Reset(o.kinds)
	for o.at < len(o.rows) && o.out.N < vec.Size {
		if err := o.row(ctx, &o.rows[o.at]); err != nil {
			if o.out.N == 0 {
				return err
			}
			o.late = err
			break
		}
		o.at++
		o.out.N++
	}
	*out = o.out
	return nil
}

func (o *valuesOp) single(ctx context.Context, out *vec.Batch) error {
	o.at = 1
	if p := o.rows[0].prog; p != nil {
		p.EvalAll(o.start(ctx), &oneRow, o.cell)
		if err := o.bad.First(); err != nil {
			return err
		}
	}
	*out = vec.Batch{Cols: o.cell, N: 1}
	return nil
}

// row appends one row.
func (o *valuesOp) row(ctx context.Context, r *valuesRow) error {
	if r.prog != nil {
		r.prog.EvalAll(o.start(ctx), &oneRow, o.cell)
		if err := o.bad.First(); err != nil {
			return err
		}
	}
	k := 0
	for i, e := range r.consts {
		if x, ok := e.(*plan.Const); ok {
			o.out.Cols[i].AppendDatum(x.Val)
		} else {
			o.out.Cols[i].AppendRow(&o.cell[k], 0)
			k++
		}
	}
	return nil
}

// Close implements vec.Source.
func (o *valuesOp) Close() error { return nil }

func (o *valuesOp) rewind(restart) {
	o.at = 0
	o.evaluator.reset()
}
