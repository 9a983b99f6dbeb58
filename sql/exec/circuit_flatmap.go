package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/window"
)

// flatMapStage gives for every row of its input the rows that its generators make
// of it, in lock-step.
type flatMapStage struct {
	rowEval
	in      stage
	prog    program // the arguments of all generators
	gens    []deltaGen
	ordinal bool
	outer   bool

	dense denser
	args  []vec.Vec
	rows  []int32 // by output row: the input row it came from
	lens  []int   // of the current input row, by deltaGen
	out   vec.Batch
	ord   vec.Vec
	w     []int64
}

// deltaGen makes the rows of one function, window assigner or expression.
type deltaGen struct {
	set    funcs.SetFunc
	hop    window.Assigner
	strict bool
	apart  bool // the set is of rows, each one value, which is taken apart
	spans  []window.Span
	args   []int // among the computed arguments
	kinds  []types.Kind
	cols   []vec.Vec
}

func (c *circuitCompiler) flatMap(n *plan.FlatMap, want plan.ColSet) (flow, error) {
	reads := reading(want, n.Exprs()...)
	in, err := c.flow(n.In, reads)
	if err != nil {
		return flow{}, err
	}
	s := &flatMapStage{rowEval: c.rowEval(), in: in.stage, ordinal: n.Ordinal >= 0, outer: n.Outer}
	cols := append([]plan.ColID{}, in.cols...)
	var args []plan.Expr
	for i := range n.Gens {
		g, a, err := c.generator(&n.Gens[i], len(args))
		if err != nil {
			return flow{}, err
		}
		s.gens, args, cols = append(s.gens, g), append(args, a...), append(cols, n.Gens[i].Cols...)
	}
	if s.ordinal {
		c.types[n.Ordinal] = types.TInt8
		cols = append(cols, n.Ordinal)
	}
	layout := expr.LayoutOf(in.cols)
	prog, err := expr.CompileAll(args, layout, c.cc)
	var need []int
	for i := range in.cols {
		need = append(need, i)
	}
	s.prog, s.args, s.dense = program{Prog: prog, need: need}, make([]vec.Vec, len(args)), denser{need: need}
	return flow{s, cols}, err
}

// generator compiles a generator whose arguments are computed from position first
// on, and gives these.
func (c *circuitCompiler) generator(n *plan.Gen, first int) (deltaGen, []plan.Expr, error) {
	g := deltaGen{hop: n.Hop}
	args := n.Args
	if n.Scalar != nil {
		args = []plan.Expr{n.Scalar}
	}
	for i := range args {
		g.args = append(g.args, first+i)
	}
	ts, err := g.bind(n, c.env)
	if err != nil {
		return g, nil, pgerr.AtPos(err, n.Pos)
	}
	for i, id := range n.Cols {
		c.types[id] = ts[i]
		g.kinds = append(g.kinds, ts[i].Kind)
	}
	g.cols = make([]vec.Vec, len(n.Cols))
	return g, args, nil
}

// bind prepares the function, if it is one, and gives the types of the columns.
func (g *deltaGen) bind(n *plan.Gen, env *funcs.Env) ([]*types.Type, error) {
	switch {
	case n.Hop != nil && n.Types == nil:
		return []*types.Type{n.Args[0].Type(), n.Args[0].Type()}, nil
	case n.Hop != nil:
		return n.Types, nil
	case n.Fn == nil:
		return []*types.Type{n.Scalar.Type()}, nil
	}
	ts, call := n.Types, setSite(n, n.Types, env)
	if ts == nil {
		ts = makerTypes(n, call)
	}
	var err error
	g.set, err = call.BindSet()
	g.strict = n.Fn.Strict && n.Fn.RetSet
	g.apart = takesApart(n, call)
	return ts, err
}

func (s *flatMapStage) run(ctx context.Context, st *step, emit Emit) error {
	return s.in.run(ctx, st, func(b *vec.Batch) error {
		in := s.dense.dense(b)
		weight := func(row int) int64 { return b.Weight(b.Row(row)) }
		s.prog.EvalAll(s.start(ctx), &in, s.args)
		bad := s.failed(weight)
		s.begin()
		for row := range in.N {
			if len(bad) > 0 && int(bad[0].at) == row {
				bad = bad[1:]
				continue
			}
			if err := s.expand(ctx, row, weight(row)); err != nil {
				return err
			}
			if len(s.rows) >= vec.Size/2 {
				if err := s.send(&in, weight, emit); err != nil {
					return err
				}
			}
		}
		return s.send(&in, weight, emit)
	})
}

func (s *flatMapStage) begin() {
	s.rows = s.rows[:0]
	s.ord.Reset(types.Int, 0)
	for i := range s.gens {
		g := &s.gens[i]
		for c, k := range g.kinds {
			g.cols[c].Reset(k, 0)
		}
	}
}

// expand appends the rows of one input row. A row that fails has none.
func (s *flatMapStage) expand(ctx context.Context, row int, w int64) error {
	at, longest := len(s.rows), 0
	s.lens = s.lens[:0]
	for i := range s.gens {
		n, err := s.gens[i].generate(ctx, s, row)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.report(err, w)
			s.truncate(at)
			return nil
		}
		s.lens = append(s.lens, n)
		longest = max(longest, n)
	}
	if longest == 0 && s.outer {
		s.rows = append(s.rows, int32(row))
		s.ord.AppendDatum(types.Null)
		s.pad(1)
		return nil
	}
	s.pad(longest)
	for k := range longest {
		s.rows = append(s.rows, int32(row))
		s.ord.AppendDatum(types.NewInt(int64(k + 1)))
	}
	return nil
}

// pad makes the rows of all generators as many as n.
func (s *flatMapStage) pad(n int) {
	for i := range s.gens {
		for range n - s.lens[i] {
			for c := range s.gens[i].cols {
				s.gens[i].cols[c].AppendDatum(types.Null)
			}
		}
	}
}

// truncate takes back what generators have made of a row that failed.
func (s *flatMapStage) truncate(n int) {
	for i := range s.gens {
		for c := range s.gens[i].cols {
			if col := &s.gens[i].cols[c]; col.Len() > n {
				col.Truncate(n)
			}
		}
	}
}

// generate appends the rows of one generator and gives their number.
func (g *deltaGen) generate(ctx context.Context, s *flatMapStage, row int) (int, error) {
	switch {
	case g.hop != nil:
		return g.windows(&s.args[g.args[0]], row)
	case g.set == nil:
		g.cols[0].AppendDatum(s.args[g.args[0]].Datum(row))
		return 1, nil
	}
	args := make([]types.Datum, len(g.args))
	for i, a := range g.args {
		if args[i] = s.args[a].Datum(row); args[i].IsNull() && g.strict {
			return 0, nil
		}
	}
	src, err := g.set(&funcs.Ctx{Context: ctx, Env: s.env}, args)
	if err != nil || src == nil {
		return 0, err
	}
	n := 0
	var b vec.Batch
	for {
		if err = src.Next(ctx, &b); err != nil || b.N == 0 {
			break
		}
		g.take(&b)
		n += b.N
	}
	if e := src.Close(); err == nil {
		err = e
	}
	return n, err
}

// take appends the rows of a batch of the function.
func (g *deltaGen) take(b *vec.Batch) {
	if g.apart {
		for i := range b.N {
			appendFields(g.cols, b.Cols[0].Datum(b.Row(i)))
		}
		return
	}
	for c := range g.cols {
		if b.Sel != nil {
			g.cols[c].AppendRows(&b.Cols[c], b.Sel)
		} else {
			g.cols[c].AppendRange(&b.Cols[c], 0, b.N)
		}
	}
}

// windows appends the windows of a time; NULL has one of NULL bounds.
func (g *deltaGen) windows(t *vec.Vec, row int) (int, error) {
	if t.IsNull(row) {
		g.cols[0].AppendDatum(types.Null)
		g.cols[1].AppendDatum(types.Null)
		return 1, nil
	}
	var ok bool
	if g.spans, ok = g.hop.Append(g.spans[:0], t.Ints[row]); !ok {
		return 0, errTimeRange
	}
	for _, w := range g.spans {
		g.cols[0].AppendDatum(types.NewInt(w.Start))
		g.cols[1].AppendDatum(types.NewInt(w.End))
	}
	return len(g.spans), nil
}

// send emits what has been gathered, in batches of at most vec.Size rows.
func (s *flatMapStage) send(in *vec.Batch, weight func(int) int64, emit Emit) error {
	for lo := 0; lo < len(s.rows); lo += vec.Size {
		hi := min(lo+vec.Size, len(s.rows))
		for len(s.out.Cols) < len(in.Cols) {
			s.out.Cols = append(s.out.Cols, vec.Vec{})
		}
		out := vec.Batch{N: hi - lo, Cols: make([]vec.Vec, 0, cap(s.out.Cols)+8)}
		for c := range in.Cols {
			s.out.Cols[c].Gather(&in.Cols[c], s.rows[lo:hi])
			out.Cols = append(out.Cols, s.out.Cols[c])
		}
		for i := range s.gens {
			for c := range s.gens[i].cols {
				out.Cols = append(out.Cols, s.gens[i].cols[c].Slice(lo, hi))
			}
		}
		if s.ordinal {
			out.Cols = append(out.Cols, s.ord.Slice(lo, hi))
		}
		s.w = s.w[:0]
		for _, r := range s.rows[lo:hi] {
			s.w = append(s.w, weight(int(r)))
		}
		out.Weights = s.w
		if err := emit(&out); err != nil {
			return err
		}
	}
	s.begin()
	return nil
}
