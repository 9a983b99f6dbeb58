package exec

import (
	"context"
	"math"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// appendOp gives the rows of its inputs one after another.
type appendOp struct {
	ins []operator
	at  int
}

// setOp compiles set operations. UNION is an append, with duplicates removed.
// INTERSECT and EXCEPT are semi and anti joins on all columns, NULLs alike; with
// ALL equal rows are numbered on both sides and the numbers joined too.
func (c *compiler) setOp(n *plan.SetOp, want plan.ColSet) (rel, error) {
	for i, id := range n.InCols[0] {
		defer func() { c.types[n.Cols[i]] = c.types[id] }()
	}
	if n.Kind == plan.Union && n.All {
		return c.append(n, want)
	}
	if n.Kind == plan.Union {
		in, err := c.append(n, plan.SetOf(n.Cols...))
		if err != nil {
			return rel{}, err
		}
		return rel{c.dedupe(in, false, c.stats(n)), in.cols}, nil
	}
	l, err := c.setInput(n, 0)
	if err != nil {
		return rel{}, err
	}
	r, err := c.setInput(n, 1)
	if err != nil {
		return rel{}, err
	}
	if !n.All {
		r.operator = c.dedupe(r, false, c.stats(n)) // one of equal rows says as much as all
	}
	kind := plan.Semi
	if n.Kind == plan.Except {
		kind = plan.Anti
	}
	j, err := c.equalJoin(kind, l, r, c.stats(n), !c.varies(n.Ins[1]))
	if err != nil {
		return rel{}, err
	}
	if !n.All {
		return rel{c.dedupe(rel{j, l.cols}, false, c.stats(n)), n.Cols}, nil
	}
	out, err := c.pick(rel{j, l.cols}, l.cols[:len(n.Cols)])
	return rel{out.operator, n.Cols}, err
}

// append compiles UNION ALL, giving the wanted columns.
func (c *compiler) append(n *plan.SetOp, want plan.ColSet) (rel, error) {
	var cols []plan.ColID
	var at []int
	for i, id := range n.Cols {
		if want.Has(id) {
			cols, at = append(cols, id), append(at, i)
		}
	}
	o := &appendOp{}
	for k, in := range n.Ins {
		pick := make([]plan.ColID, len(at))
		for i, p := range at {
			pick[i] = n.InCols[k][p]
		}
		x, err := c.whole(in, pick)
		if err != nil {
			return rel{}, err
		}
		o.ins = append(o.ins, x)
	}
	for i, p := range at {
		c.types[cols[i]] = c.types[n.InCols[0][p]]
	}
	return rel{o, cols}, nil
}

// setInput compiles an input of INTERSECT or EXCEPT, with numbers for ALL.
func (c *compiler) setInput(n *plan.SetOp, k int) (rel, error) {
	op, err := c.whole(n.Ins[k], n.InCols[k])
	in := rel{op, n.InCols[k]}
	if err != nil || !n.All {
		return in, err
	}
	num := c.freshCol(types.TInt8)
	return rel{c.dedupe(in, true, c.stats(n)), append(in.cols[:len(in.cols):len(in.cols)], num)}, nil
}

// freshCol makes a column that no plan knows.
func (c *compiler) freshCol(t *types.Type) plan.ColID {
	id := plan.ColID(math.MinInt32)
	for c.types[id] != nil {
		id++
	}
	c.types[id] = t
	return id
}

// equalJoin joins on all columns of two inputs, NULL equal to NULL. It has no
// condition as an expression: keys are columns.
func (c *compiler) equalJoin(kind plan.JoinKind, l, r rel, stats *NodeStats, static bool) (operator, error) {
	s := &joinSpec{
		runtime: c.rt, kind: kind, left: l.cols, right: r.cols, probe: l.cols, build: r.cols,
		probeKinds: c.kinds(l.cols), buildKinds: c.kinds(r.cols), stats: stats, static: static,
	}
	var keys []equiKey
	for i, id := range l.cols {
		t := c.types[id]
		keys = append(keys, equiKey{
			l: &plan.Col{ID: id, Typ: t, TypMod: types.NoMod}, r: &plan.Col{ID: r.cols[i], Typ: t, TypMod: types.NoMod}, typ: t.Underlying(), nulls: true,
		})
	}
	if err := c.joinConditions(s, keys, nil, nil); err != nil {
		return nil, err
	}
	s.output(plan.SetOf(l.cols...))
	if len(keys) == 0 {
		return newLoopJoin(s, l, r), nil
	}
	o := newHashJoin(s, l, &joinBuild{spec: s, in: r})
	o.owns = true
	return o, nil
}

// Next implements vec.Source.
func (o *appendOp) Next(ctx context.Context, out *vec.Batch) error {
	for o.at < len(o.ins) {
		if err := o.ins[o.at].Next(ctx, out); err != nil || out.N > 0 {
			return err
		}
		o.at++
	}
	out.N = 0
	return ctx.Err()
}

// Close implements vec.Source.
func (o *appendOp) Close() (err error) {
	for _, in := range o.ins {
		if e := in.Close(); err == nil {
			err = e
		}
	}
	return err
}

func (o *appendOp) rewind(why restart) {
	o.at = 0
	for _, in := range o.ins {
		in.rewind(why)
	}
}

func (o *appendOp) hint(limit int64) {
	for _, in := range o.ins {
		hint(in, limit)
	}
}
