package exec

import (
	"context"
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/window"
)

// flatMapOp gives for each row of its input the rows of its generators, in
// lock-step.
type flatMapOp struct {
	evaluator
	in      operator
	prog    program // the generators' arguments, one generator after the other
	gens    []*rowMaker
	pass    []int // the input columns that are passed on
	ordinal bool
	outer   bool

	batch vec.Batch
	dense denser
	vals  []vec.Vec
	row   int // the row that rows are made for; -1: none is begun
	open  bool
	count int64 // rows made for it
	idx   []int32
	cols  []vec.Vec // pass, generators, ordinal
	width int
	n     int
}

// rowMaker is one of a flat map's generators.
type rowMaker struct {
	set    funcs.SetFunc // nil: a scalar
	hop    window.Assigner
	strict bool
	apart  bool  // the set is of rows, each one value, which is taken apart
	args   []int // of the program
	first  int   // the first of its output columns
	kinds  []types.Kind

	row   []types.Datum
	spans []window.Span
	src   vec.Source
	batch vec.Batch
	at    int
	done  bool
}

func (c *compiler) flatMap(n *plan.FlatMap, want plan.ColSet) (rel, error) {
	in, err := c.rel(n.In, reading(want, n.Exprs()...))
	if err != nil {
		return rel{}, err
	}
	o := &flatMapOp{evaluator: evaluator{rt: c.rt}, in: in, ordinal: n.Ordinal >= 0, outer: n.Outer, row: -1}
	var cols []plan.ColID
	for i, id := range in.cols {
		if want.Has(id) {
			o.pass, cols = append(o.pass, i), append(cols, id)
		}
	}
	o.width = len(cols)
	var list []plan.Expr
	for i := range n.Gens {
		g, args, err := c.rowMaker(&n.Gens[i])
		if err != nil {
			return rel{}, err
		}
		for k := range args {
			g.args = append(g.args, len(list)+k)
		}
		g.first = len(cols)
		list, cols, o.gens = append(list, args...), append(cols, n.Gens[i].Cols...), append(o.gens, g)
	}
	if o.ordinal {
		c.types[n.Ordinal] = types.TInt8
		cols = append(cols, n.Ordinal)
	}
	o.cols = make([]vec.Vec, len(cols))
	if o.prog, err = c.exprs(list, in.cols); err != nil {
		return rel{}, err
	}
	o.vals = make([]vec.Vec, len(list))
	o.dense.need = in.positionsOf(o.pass, o.prog.need)
	if len(o.gens) == 1 && o.gens[0].hop != nil && !o.ordinal {
		if most := n.Gens[0].Hop.Most(); most <= vec.Size/8 {
			return rel{&hopOp{flatMapOp: o, most: int(most)}, cols}, nil
		}
	}
	return rel{o, cols}, nil
}

// positionsOf joins lists of positions.
func (r rel) positionsOf(lists ...[]int) []int {
	seen := make([]bool, len(r.cols))
	var out []int
	for _, l := range lists {
		for _, p := range l {
			if !seen[p] {
				seen[p] = true
				out = append(out, p)
			}
		}
	}
	return out
}

// rowMaker compiles a rowMaker and tells the expressions it is called with.
func (c *compiler) rowMaker(g *plan.Gen) (*rowMaker, []plan.Expr, error) {
	out := &rowMaker{}
	ts := g.Types
	args := g.Args
	switch {
	case g.Hop != nil:
		out.hop, out.strict = g.Hop, true
		if ts == nil {
			ts = []*types.Type{g.Args[0].Type(), g.Args[0].Type()}
		}
	case g.Fn == nil:
		args = []plan.Expr{g.Scalar}
		ts = []*types.Type{g.Scalar.Type()}
	default:
		call := setSite(g, ts, c.rt.Env)
		set, err := call.BindSet()
		if err != nil {
			return nil, nil, pgerr.AtPos(err, g.Pos)
		}
		out.set, out.strict = set, g.Fn.Strict && g.Fn.RetSet
		out.apart = takesApart(g, call)
		if ts == nil {
			ts = makerTypes(g, call)
		}
	}
	c.define(g.Cols, ts)
	for _, t := range ts {
		out.kinds = append(out.kinds, t.Kind)
	}
	return out, args, nil
}

// takesApart tells whether the function gives rows as single values, of which the
// generator's columns are the fields.
func takesApart(g *plan.Gen, call *funcs.Call) bool {
	return g.Fn.RetSet && len(g.Fn.Out) == 0 && g.Columns == nil && call.Ret.Underlying().Class == types.Composite
}

// setSite describes the call of a set-returning function.
func setSite(g *plan.Gen, ts []*types.Type, env *funcs.Env) *funcs.Call {
	call := &funcs.Call{Func: g.Fn, Ret: g.Fn.Ret, Variadic: g.Variadic, Columns: g.Columns, Env: env}
	switch {
	case g.Ret != nil:
		call.Ret = g.Ret
	case len(ts) == 1 && len(g.Fn.Out) == 0:
		call.Ret = ts[0]
	}
	for _, a := range g.Args {
		call.Args, call.Mods = append(call.Args, a.Type()), append(call.Mods, a.Mod())
		var d *types.Datum
		if k, ok := a.(*plan.Const); ok {
			d = &k.Val
		}
		call.Const = append(call.Const, d)
	}
	return call
}

// makerTypes gives the types of a generator's columns where the plan does not say:
// of functions that are not polymorphic.
func makerTypes(g *plan.Gen, call *funcs.Call) []*types.Type {
	out := g.Columns
	if out == nil {
		out = g.Fn.Out
	}
	if out == nil {
		return []*types.Type{call.Ret}
	}
	var ts []*types.Type
	for _, o := range out {
		ts = append(ts, o.Type)
	}
	return ts
}

// Next implements vec.Source.
func (o *flatMapOp) Next(ctx context.Context, out *vec.Batch) error {
	o.begin()
	for o.n < vec.Size && o.late == nil {
		if o.row < 0 || o.row == o.batch.N {
			if o.n > 0 && o.row >= 0 {
				break // rows of one batch at a time: its columns are lent
			}
			more, err := o.nextBatch(ctx)
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
		if err := o.makeRows(ctx); err != nil {
			o.late = err
		}
	}
	if o.n == 0 {
		out.N = 0
		return o.late
	}
	o.finish(out)
	return ctx.Err()
}

// begin empties the output columns that generators fill.
func (o *flatMapOp) begin() {
	o.n, o.idx = 0, o.idx[:0]
	for _, g := range o.gens {
		for k, kind := range g.kinds {
			o.cols[g.first+k].Reset(kind, 0)
		}
	}
	if o.ordinal {
		o.cols[len(o.cols)-1].Reset(types.Int, 0)
	}
}

// finish gives the rows made.
func (o *flatMapOp) finish(out *vec.Batch) {
	for i, p := range o.pass {
		o.cols[i].Gather(&o.batch.Cols[p], o.idx)
	}
	*out = vec.Batch{Cols: o.cols, N: o.n}
}

// nextBatch pulls a batch and computes the arguments.
func (o *flatMapOp) nextBatch(ctx context.Context) (more bool, err error) {
	var in vec.Batch
	if err := o.in.Next(ctx, &in); err != nil {
		return false, err
	}
	o.row = -1
	if in.N == 0 {
		return false, nil
	}
	o.batch = o.dense.dense(&in)
	o.prog.EvalAll(o.start(ctx), &o.batch, o.vals)
	o.batch.N = o.cut(o.batch.N)
	o.row, o.open = 0, false
	return true, nil
}

// makeRows makes rows for the current row, up to a full batch.
func (o *flatMapOp) makeRows(ctx context.Context) error {
	if o.row == o.batch.N {
		return nil
	}
	if !o.open {
		o.open, o.count = true, 0
		for _, g := range o.gens {
			if err := g.start(o, o.row); err != nil {
				return err
			}
		}
	}
	for o.n < vec.Size {
		n, err := o.step(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			if o.count == 0 && o.outer {
				o.repeat(1)
				o.take(1)
			}
			o.row, o.open = o.row+1, false
			return nil
		}
	}
	return nil
}

// step adds the rows that are at hand in all generators; 0 when they are done.
func (o *flatMapOp) step(ctx context.Context) (int, error) {
	n := math.MaxInt
	for _, g := range o.gens {
		if err := g.fill(ctx); err != nil {
			return 0, err
		}
		if !g.done {
			n = min(n, g.batch.N-g.at)
		}
	}
	if n == math.MaxInt {
		return 0, nil
	}
	n = min(n, vec.Size-o.n)
	o.repeat(n)
	o.take(n)
	return n, nil
}

// take adds what the generators give, NULLs where they are done.
func (o *flatMapOp) take(n int) {
	for _, g := range o.gens {
		g.take(o.cols[g.first:], n)
	}
}

// repeat adds the current row n times, numbered.
func (o *flatMapOp) repeat(n int) {
	for range n {
		o.idx = append(o.idx, int32(o.row))
		o.count++
		if o.ordinal {
			num := &o.cols[len(o.cols)-1]
			num.Ints = append(num.Ints, o.count)
		}
	}
	o.n += n
}

// Close implements vec.Source.
func (o *flatMapOp) Close() error {
	o.closeGens()
	return o.in.Close()
}

func (o *flatMapOp) closeGens() {
	for _, g := range o.gens {
		g.close()
	}
}

func (o *flatMapOp) rewind(why restart) {
	o.reset()
	o.closeGens()
	o.row, o.open, o.batch = -1, false, vec.Batch{}
	o.in.rewind(why)
}

var errTimeRange = pgerr.New(pgerr.DatetimeValueOutOfRange, "timestamp out of range")
