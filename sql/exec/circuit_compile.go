package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// CompileCircuit compiles a plan into what keeps its result up to date. Result
// columns are n.Out(). What cannot be maintained is 0A000, naming the construct.
//
// The environment is the view's own: what it was created under. Functions that
// depend on more than their arguments and these settings are refused.
func CompileCircuit(n plan.Node, env *funcs.Env) (*Circuit, error) {
	c := &circuitCompiler{
		env: env, cc: &expr.CompileCtx{Env: env}, types: map[plan.ColID]*types.Type{}, props: plan.NewDeriver(env.Zone),
		out: &Circuit{errs: newErrorSet()}, inputs: map[catalog.OID]int{}, finals: map[*plan.Aggregate]int{},
		aggs: map[*plan.Aggregate]*Aggregate{}, shared: map[int]*sharedCTE{},
	}
	if err := checkMaintainable(n); err != nil {
		return nil, err
	}
	root, err := c.whole(n, n.Out())
	if err != nil {
		return nil, err
	}
	c.out.root, c.out.outTypes, c.out.print = root, c.typesOf(n.Out()), fingerprint(n)
	return c.out, nil
}

// circuitCompiler compiles one plan. As in a batch compile, what nobody above
// reads is left out.
type circuitCompiler struct {
	env    *funcs.Env
	cc     *expr.CompileCtx
	types  map[plan.ColID]*types.Type
	props  *plan.Deriver
	out    *Circuit
	inputs map[catalog.OID]int
	// finals are the aggregates that emit on window close, with the position of the
	// group column that closes them.
	finals map[*plan.Aggregate]int
	aggs   map[*plan.Aggregate]*Aggregate
	shared map[int]*sharedCTE
}

// flow is a compiled part of a plan: a stage and the columns it gives.
type flow struct {
	stage
	cols []plan.ColID
}

func (c *circuitCompiler) typesOf(cols []plan.ColID) []*types.Type {
	out := make([]*types.Type, len(cols))
	for i, id := range cols {
		out[i] = c.types[id]
	}
	return out
}

func (c *circuitCompiler) rowEval() rowEval { return rowEval{env: c.env, report: c.out.errs.add} }

// whole compiles a node so that it gives exactly the given columns.
func (c *circuitCompiler) whole(n plan.Node, cols []plan.ColID) (stage, error) {
	f, err := c.flow(n, plan.SetOf(cols...))
	if err != nil {
		return nil, err
	}
	f, err = f.pick(cols)
	return f.stage, err
}

// pick gives the columns of a flow in another order.
func (f flow) pick(cols []plan.ColID) (flow, error) {
	if slices.Equal(f.cols, cols) {
		return f, nil
	}
	pos, err := positions(cols, f.cols)
	return flow{&pickStage{in: f.stage, pos: pos}, cols}, err
}

func (c *circuitCompiler) flow(n plan.Node, want plan.ColSet) (flow, error) {
	switch n := n.(type) {
	case *plan.Scan:
		return c.scan(n, want)
	case *plan.Values:
		return c.values(n)
	case *plan.Filter:
		return c.filter(n, want)
	case *plan.Project:
		return c.project(n, want)
	case *plan.FlatMap:
		return c.flatMap(n, want)
	case *plan.Order: // a view has no order
		return c.flow(n.In, want)
	case *plan.Aggregate:
		return c.aggregate(n, want)
	case *plan.DistinctRows:
		if n.On != nil {
			return c.distinctOn(n, want)
		}
		return c.distinct(n)
	case *plan.Limit:
		return c.limit(n, want)
	case *plan.Over:
		return c.over(n, want)
	case *plan.SetOp:
		return c.setOp(n, want)
	case *plan.Join:
		return c.join(n, want)
	case *plan.TimeFilter:
		return c.timeFilter(n, want)
	case *plan.Session:
		return c.session(n, want)
	case *plan.MaxOne:
		in, err := c.flow(n.In, want)
		return flow{c.node(n, NewDeltaMaxOne(c.out.errs.add), nil, in.stage), in.cols}, err
	case *plan.With:
		return c.with(n, want)
	case *plan.CTEScan:
		return c.cteScan(n)
	}
	return flow{}, pgerr.New(pgerr.InternalError, "plan node %T cannot be maintained", n)
}

// node adds a stateful node to the circuit, which computes (part of) a node of the
// plan. The bounds are those it forgets by.
func (c *circuitCompiler) node(n plan.Node, s Stateful, bounds []*plan.Bound, ins ...stage) *nodeStage {
	st := &nodeStage{ins: ins, node: s, plan: n}
	for _, b := range bounds {
		if b != nil {
			st.closedBy = append(st.closedBy, b.Rels()...)
		}
	}
	slices.Sort(st.closedBy)
	st.closedBy = slices.Compact(st.closedBy)
	c.out.nodes = append(c.out.nodes, st)
	return st
}

func (c *circuitCompiler) scan(n *plan.Scan, want plan.ColSet) (flow, error) {
	n = pruned(n, want)
	ts := scanTypes(n)
	for i, id := range n.Cols {
		c.types[id] = ts[i]
	}
	k, ok := c.inputs[n.Rel.OID]
	if !ok {
		k = len(c.out.inputs)
		c.inputs[n.Rel.OID] = k
		c.out.inputs = append(c.out.inputs, CircuitInput{Rel: n.Rel.OID})
	}
	in := &c.out.inputs[k]
	s := &scanStage{input: k}
	for i, a := range n.Attrs {
		pos := slices.Index(in.Attrs, a)
		if pos < 0 {
			pos = len(in.Attrs)
			in.Attrs, in.Types = append(in.Attrs, a), append(in.Types, ts[i])
		}
		s.pos = append(s.pos, pos)
	}
	return flow{s, n.Cols}, nil
}

func (c *circuitCompiler) values(n *plan.Values) (flow, error) {
	s := &valuesStage{bad: c.out.errs.add, env: c.env, kinds: make([]types.Kind, len(n.Cols))}
	if len(n.Rows) == 0 {
		for k, id := range n.Cols {
			c.types[id], s.kinds[k] = n.Types[k], n.Types[k].Kind
		}
	}
	for i, r := range n.Rows {
		for k, e := range r {
			if i == 0 {
				c.types[n.Cols[k]], s.kinds[k] = e.Type(), e.Type().Kind
			}
		}
		p, err := expr.CompileAll(r, expr.Layout{}, c.cc)
		if err != nil {
			return flow{}, err
		}
		s.rows = append(s.rows, p)
	}
	return flow{s, n.Cols}, nil
}

func (c *circuitCompiler) filter(n *plan.Filter, want plan.ColSet) (flow, error) {
	in, err := c.flow(n.In, reading(want, n.Preds...))
	if err != nil {
		return flow{}, err
	}
	pred, err := expr.CompilePred(n.Preds, expr.LayoutOf(in.cols), c.cc)
	return flow{&filterStage{rowEval: c.rowEval(), in: in.stage, pred: pred}, in.cols}, err
}

func (c *circuitCompiler) project(n *plan.Project, want plan.ColSet) (flow, error) {
	var vals []plan.Expr
	var cols, pure []plan.ColID
	for i, e := range n.Vals {
		c.types[n.Cols[i]] = e.Type()
		if !want.Has(n.Cols[i]) {
			continue
		}
		vals, cols = append(vals, e), append(cols, n.Cols[i])
		if x, ok := e.(*plan.Col); ok {
			pure = append(pure, x.ID)
		}
	}
	in, err := c.flow(n.In, reading(nil, vals...))
	if err != nil {
		return flow{}, err
	}
	if len(pure) == len(vals) {
		f, err := in.pick(pure)
		return flow{f.stage, cols}, err
	}
	s, err := c.compute(in, vals, false)
	return flow{s, cols}, err
}

// compute computes expressions over a flow; keep keeps its columns before them.
func (c *circuitCompiler) compute(in flow, vals []plan.Expr, keep bool) (stage, error) {
	layout := expr.LayoutOf(in.cols)
	prog, err := expr.CompileAll(vals, layout, c.cc)
	if err != nil {
		return nil, err
	}
	need := needs(vals, layout)
	if keep {
		need = nil
		for i := range in.cols {
			need = append(need, i)
		}
	}
	return &computeStage{
		rowEval: c.rowEval(), in: in.stage, prog: program{Prog: prog, need: need}, keep: keep, dense: denser{need: need}, vals: make([]vec.Vec, len(vals)),
	}, nil
}

func (c *circuitCompiler) aggregate(n *plan.Aggregate, want plan.ColSet) (flow, error) {
	reads := plan.SetOf(n.Groups...)
	for i := range n.Aggs {
		if want.Has(n.Aggs[i].Col) {
			one := plan.Aggregate{In: n.In, Aggs: n.Aggs[i : i+1]}
			reads = reading(reads, one.Exprs()...)
		}
	}
	in, err := c.flow(n.In, reads)
	if err != nil {
		return flow{}, err
	}
	p, err := planAggregate(n, want, in.cols, func(id plan.ColID) *types.Type { return c.types[id] }, c.env)
	if err != nil {
		return flow{}, err
	}
	if len(p.extra) > 0 {
		if in.stage, err = c.compute(in, p.extra, true); err != nil {
			return flow{}, err
		}
	}
	if p.sets != nil {
		in.stage = &setsStage{in: in.stage, keys: p.keys, sets: p.sets}
	}
	bound := c.closing(n, p)
	p.spec.Bad = c.out.errs.add
	a, err := NewAggregate(p.spec)
	if err != nil {
		return flow{}, err
	}
	c.aggs[n] = a
	ts := a.OutTypes()
	for i, id := range p.out {
		c.types[id] = ts[i]
	}
	if bound != nil {
		if err := c.advance(bound, a.Advance); err != nil {
			return flow{}, err
		}
	}
	st := c.node(n, a, []*plan.Bound{bound}, in.stage)
	if _, ok := c.finals[n]; ok {
		st.closedBy = c.props.Of(n).Bounds[n.GroupOut[p.spec.Time]].Rels()
	}
	return flow{st, p.out}, nil
}

// closing chooses the mode of an aggregate, and the group column whose bound
// closes groups; it gives that bound.
func (c *circuitCompiler) closing(n *plan.Aggregate, p *aggPlan) *plan.Bound {
	in := c.props.Of(n.In)
	if in.AppendOnly {
		p.spec.Mode = AggAppend
	}
	if key, ok := c.finals[n]; ok {
		p.spec.Mode, p.spec.Time = AggFinal, key
		return nil // the clock closes it
	}
	out := c.props.Of(n)
	for i, id := range n.GroupOut {
		if b := out.Bounds[id]; b != nil {
			p.spec.Time = i
			return b
		}
	}
	return nil
}

func (c *circuitCompiler) session(n *plan.Session, want plan.ColSet) (flow, error) {
	reads := reading(want)
	reads.Add(n.Time)
	reads.Add(n.Partition...)
	in, err := c.flow(n.In, reads)
	if err != nil {
		return flow{}, err
	}
	layout := expr.LayoutOf(in.cols)
	below := c.props.Of(n.In)
	bound := below.Bounds[n.Time]
	if !below.AppendOnly {
		bound = nil
	}
	spec := SessionSpec{Types: c.typesOf(in.cols), Time: layout[n.Time], Gap: n.Gap, Forgets: bound != nil}
	for _, id := range n.Partition {
		spec.Parts = append(spec.Parts, layout[id])
	}
	s := NewDeltaSession(spec)
	if spec.Forgets {
		if err := c.advance(bound, s.Advance); err != nil {
			return flow{}, err
		}
	}
	c.types[n.Start], c.types[n.End] = c.types[n.Time], c.types[n.Time]
	return flow{c.node(n, s, []*plan.Bound{bound}, in.stage), append(slices.Clone(in.cols), n.Start, n.End)}, nil
}

func (c *circuitCompiler) distinct(n *plan.DistinctRows) (flow, error) {
	cols := n.Out()
	agg := &plan.Aggregate{In: n.In, Groups: cols, GroupOut: cols}
	return c.aggregate(agg, plan.SetOf(cols...))
}

func (c *circuitCompiler) setOp(n *plan.SetOp, want plan.ColSet) (flow, error) {
	union := n.Kind == plan.Union && n.All
	var cols []plan.ColID
	var at []int
	for i, id := range n.Cols {
		if !union || want.Has(id) {
			cols, at = append(cols, id), append(at, i)
		}
	}
	u := &unionStage{}
	for k, in := range n.Ins {
		src := make([]plan.ColID, len(at))
		for i, p := range at {
			src[i] = n.InCols[k][p]
		}
		f, err := c.flow(in, plan.SetOf(src...))
		if err != nil {
			return flow{}, err
		}
		pos, err := positions(src, f.cols)
		if err != nil {
			return flow{}, err
		}
		u.ins, u.pos = append(u.ins, f.stage), append(u.pos, pos)
		for i, id := range cols {
			c.types[id] = c.types[src[i]]
		}
	}
	switch {
	case union:
		return flow{u, cols}, nil
	case n.Kind == plan.Union:
		return c.unionDistinct(n, u, cols)
	}
	ins := make([]stage, len(u.ins))
	for i := range ins {
		ins[i] = &pickStage{in: u.ins[i], pos: u.pos[i]}
	}
	return flow{c.node(n, NewDeltaSetOp(n.Kind, n.All, c.typesOf(cols)), nil, ins...), cols}, nil
}

// unionDistinct removes duplicates from a union: it groups by all columns.
func (c *circuitCompiler) unionDistinct(n *plan.SetOp, in stage, cols []plan.ColID) (flow, error) {
	p := c.props.Of(n)
	spec := AggSpec{KeyTypes: c.typesOf(cols), Time: -1, Env: c.env, Bad: c.out.errs.add}
	if p.AppendOnly {
		spec.Mode = AggAppend
	}
	var bound *plan.Bound
	for i, id := range cols {
		spec.Keys = append(spec.Keys, i)
		if b := p.Bounds[id]; b != nil && bound == nil {
			spec.Time, bound = i, b
		}
	}
	a, err := NewAggregate(spec)
	if err != nil {
		return flow{}, err
	}
	if bound != nil {
		err = c.advance(bound, a.Advance)
	}
	return flow{c.node(n, a, []*plan.Bound{bound}, in), cols}, err
}
