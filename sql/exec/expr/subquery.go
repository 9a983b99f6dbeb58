package expr

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// subqueryNode runs a subquery per row of the columns it reads; without such
// columns it is row free and runs once per batch at most, which the Subplan
// answers from memory.
type subqueryNode struct {
	kind types.Kind
	sp   Subplan
	args []*cell
	vals []*vec.Vec
	row  []types.Datum
	out  vec.Vec
}

func (b *builder) subquery(e *plan.Subquery) (*cell, error) {
	if b.cc.Subplan == nil {
		return nil, pgerr.NotSupported("a subquery in this expression")
	}
	sp, outer, err := b.cc.Subplan(e)
	if err != nil {
		return nil, err
	}
	args := make([]*cell, len(outer))
	for i, id := range outer {
		if args[i], err = b.col(id); err != nil {
			return nil, err
		}
	}
	own := partial
	own.cost = 10000
	return b.interior("", e.Typ.Kind, own, args, func(a []*cell) (node, error) {
		return &subqueryNode{kind: e.Typ.Kind, sp: sp, args: a, vals: make([]*vec.Vec, len(a)), row: make([]types.Datum, len(a))}, nil
	})
}

func (x *subqueryNode) eval(f *frame) *vec.Vec {
	for i, a := range x.args {
		x.vals[i] = a.eval(f)
	}
	x.out.Reset(x.kind, f.n)
	for i := range f.n {
		for k, v := range x.vals {
			x.row[k] = v.Datum(i)
		}
		d, err := x.sp.Value(f.run.ctx.Context, x.row)
		if err != nil {
			f.bad.Set(i, err)
			d = types.Null
		}
		x.out.Set(i, d)
	}
	return &x.out
}
