package exec

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// limit compiles LIMIT and OFFSET over an order. A projection between the two goes
// above both: it works row by row.
func (c *circuitCompiler) limit(n *plan.Limit, want plan.ColSet) (flow, error) {
	switch in := n.In.(type) {
	case *plan.Order:
		return c.ordered(n, in, want)
	case *plan.Project:
		below := *n
		below.In = in.In
		above := *in
		above.In = &below
		return c.project(&above, want)
	}
	if !c.props.Of(n.In).HasKey(plan.ColSet{}) {
		return flow{}, notMaintained("LIMIT without ORDER BY").WithHint("Which rows it passes would depend on the order in which they came.")
	}
	return c.ordered(n, &plan.Order{In: n.In}, want)
}

func (c *circuitCompiler) ordered(n *plan.Limit, o *plan.Order, want plan.ColSet) (flow, error) {
	spec := TopSpec{Count: NoLimit, Ties: n.IsTies, Time: -1}
	for _, x := range []struct {
		e   plan.Expr
		to  *int64
		bad *pgerr.Error
	}{
		{n.Count, &spec.Count, pgerr.New(pgerr.InvalidRowCountInLimitClause, "LIMIT must not be negative")},
		{n.Offset, &spec.Offset, pgerr.New(pgerr.InvalidRowCountInResultOffsetClause, "OFFSET must not be negative")},
	} {
		if x.e == nil {
			continue
		}
		p, err := expr.Compile(x.e, expr.Layout{}, c.cc)
		if err != nil {
			return flow{}, err
		}
		v, err := p.Datums(&funcs.Ctx{Context: context.Background(), Env: c.env})
		if err != nil {
			return flow{}, err
		}
		if v[0].IsNull() {
			continue
		}
		if *x.to = v[0].Int(); *x.to < 0 {
			return flow{}, x.bad
		}
	}
	return c.top(n, spec, o, nil, want)
}

// distinctOn compiles DISTINCT ON: the first row of each partition.
func (c *circuitCompiler) distinctOn(n *plan.DistinctRows, want plan.ColSet) (flow, error) {
	o, ok := n.In.(*plan.Order)
	if !ok {
		o = &plan.Order{In: n.In}
	}
	return c.top(n, TopSpec{Count: 1, Time: -1}, o, n.On, want)
}

// top compiles the first rows of partitions of an ordered input.
func (c *circuitCompiler) top(n plan.Node, spec TopSpec, o *plan.Order, parts []plan.ColID, want plan.ColSet) (flow, error) {
	reads := reading(want, o.Exprs()...)
	reads.Add(parts...)
	in, err := c.flow(o.In, reads)
	if err != nil {
		return flow{}, err
	}
	layout := expr.LayoutOf(in.cols)
	spec.Types = c.typesOf(in.cols)
	bounds := c.props.Of(o.In).Bounds
	var bound *plan.Bound
	for i, id := range parts {
		spec.Parts = append(spec.Parts, layout[id])
		if b := bounds[id]; b != nil && bound == nil {
			spec.Time, bound = i, b
		}
	}
	for _, k := range o.Keys {
		x, ok := k.X.(*plan.Col)
		if !ok {
			return flow{}, pgerr.New(pgerr.InternalError, "sort key of a LIMIT is no column")
		}
		if col := layout[x.ID]; !slices.Contains(spec.Parts, col) {
			spec.Order = append(spec.Order, state.SortCol{Col: col, Desc: k.Desc, NullsFirst: k.NullsFirst})
		}
	}
	t := NewDeltaTop(spec)
	if bound != nil {
		if err := c.advance(bound, t.Advance); err != nil {
			return flow{}, err
		}
	}
	return flow{c.node(n, t, []*plan.Bound{bound}, in.stage), in.cols}, nil
}

// over compiles window functions.
func (c *circuitCompiler) over(n *plan.Over, want plan.ColSet) (flow, error) {
	pruned := *n
	pruned.Calls = nil
	for _, call := range n.Calls {
		if want.Has(call.Col) {
			pruned.Calls = append(pruned.Calls, call)
			c.types[call.Col] = call.Ret
		}
	}
	if len(pruned.Calls) == 0 {
		return c.flow(n.In, want)
	}
	reads := reading(want, pruned.Exprs()...)
	reads.Add(n.Partition...)
	in, err := c.flow(n.In, reads)
	if err != nil {
		return flow{}, err
	}
	layout := expr.LayoutOf(in.cols)
	bounds := c.props.Of(n.In).Bounds
	time := -1
	var bound *plan.Bound
	var at []int
	for i, id := range n.Partition {
		at = append(at, layout[id])
		if b := bounds[id]; b != nil && bound == nil {
			time, bound = i, b
		}
	}
	var order []state.SortCol
	for _, k := range n.OrderBy {
		x, ok := k.X.(*plan.Col)
		if !ok {
			return flow{}, pgerr.New(pgerr.InternalError, "sort key of a window is no column")
		}
		order = append(order, state.SortCol{Col: layout[x.ID], Desc: k.Desc, NullsFirst: k.NullsFirst})
	}
	ts := c.typesOf(in.cols)
	run, err := newOverRun(&pruned, in.cols, ts, c.env)
	if err != nil {
		return flow{}, err
	}
	cols := slices.Clone(in.cols)
	for _, call := range pruned.Calls {
		cols = append(cols, call.Col)
	}
	o := NewDeltaOver(run, ts, c.typesOf(cols), at, order, time, c.out.errs.add)
	if bound != nil {
		if err := c.advance(bound, o.Advance); err != nil {
			return flow{}, err
		}
	}
	return flow{c.node(n, o, []*plan.Bound{bound}, in.stage), cols}, nil
}
