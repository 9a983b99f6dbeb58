package exec

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The stages without memory. A linear operator does to a change what it does to a
// row; the weights follow.

// scanStage gives the changes of an input.
type scanStage struct {
	input int
	pos   []int // the wanted attributes, among those of the input
	batch vec.Batch
}

func (s *scanStage) run(ctx context.Context, st *step, emit Emit) error {
	d := st.in.Deltas[s.input]
	if d == nil {
		return nil
	}
	return d.Each(ctx, func(b *vec.Batch) error {
		if b.N == 0 {
			return nil
		}
		pickColumns(&s.batch, b, s.pos)
		return emit(&s.batch)
	})
}

// pickColumns makes out some columns of b, lent. A batch without columns has no
// selection.
func pickColumns(out, b *vec.Batch, pos []int) {
	out.Cols = out.Cols[:0]
	for _, p := range pos {
		out.Cols = append(out.Cols, b.Cols[p])
	}
	out.Sel, out.Weights, out.N = b.Sel, b.Weights, b.N
	if len(pos) > 0 || b.Sel == nil {
		return
	}
	out.Sel = nil
	if b.Weights != nil {
		w := make([]int64, 0, b.N)
		for i := range b.N {
			w = append(w, b.Weights[b.Row(i)])
		}
		out.Weights = w
	}
}

// pickStage passes columns on in another order.
type pickStage struct {
	in    stage
	pos   []int
	batch vec.Batch
}

func (s *pickStage) run(ctx context.Context, st *step, emit Emit) error {
	return s.in.run(ctx, st, func(b *vec.Batch) error {
		pickColumns(&s.batch, b, s.pos)
		return emit(&s.batch)
	})
}

// valuesStage gives constant rows in the first step.
type valuesStage struct {
	rows  []*expr.Prog
	kinds []types.Kind
	bad   BadRow
	env   *funcs.Env
}

func (s *valuesStage) run(ctx context.Context, st *step, emit Emit) error {
	if !st.first {
		return ctx.Err()
	}
	var b vec.Batch
	b.Reset(s.kinds)
	for _, p := range s.rows {
		vals, err := p.Datums(&funcs.Ctx{Context: ctx, Env: s.env})
		if err != nil {
			s.bad(err, 1)
			continue
		}
		for i, v := range vals {
			b.Cols[i].AppendDatum(v)
		}
		if b.N++; b.N == vec.Size {
			if err := emit(&b); err != nil {
				return err
			}
			b.Reset(s.kinds)
		}
	}
	if b.N == 0 {
		return nil
	}
	return emit(&b)
}

// rowEval is how a stage runs expressions: rows that fail are reported with their
// weights and left out.
type rowEval struct {
	env    *funcs.Env
	report BadRow
	ctx    funcs.Ctx
	bad    vec.RowErrors
}

func (e *rowEval) start(ctx context.Context) *funcs.Ctx {
	e.bad.Reset()
	e.ctx = funcs.Ctx{Context: ctx, Env: e.env, Bad: &e.bad}
	return &e.ctx
}

// failed reports the rows that failed; weight gives the weight of one by its
// number. It gives the rows, in order.
func (e *rowEval) failed(weight func(row int) int64) []badGroup {
	if len(e.bad.Rows) == 0 {
		return nil
	}
	list := errorList(&e.bad)
	for _, b := range list {
		e.report(b.err, weight(int(b.at)))
	}
	return list
}

// without lists the rows 0 … n-1 that are not in bad.
func without(n int, bad []badGroup) []int32 {
	sel := make([]int32, 0, n)
	for i := range int32(n) {
		if len(bad) > 0 && bad[0].at == i {
			bad = bad[1:]
			continue
		}
		sel = append(sel, i)
	}
	return sel
}

// dropFailed takes rows that failed out of a selection.
func dropFailed(sel []int32, bad []badGroup) []int32 {
	if len(bad) == 0 {
		return sel
	}
	return slices.DeleteFunc(sel, func(row int32) bool { return errorAt(bad, row) != nil })
}

// filterStage passes the rows for which its conditions are true.
type filterStage struct {
	rowEval
	in    stage
	pred  *expr.Pred
	sel   []int32
	batch vec.Batch
}

func (s *filterStage) run(ctx context.Context, st *step, emit Emit) error {
	return s.in.run(ctx, st, func(b *vec.Batch) error {
		s.sel = s.pred.Select(s.start(ctx), b, s.sel)
		s.sel = dropFailed(s.sel, s.failed(b.Weight))
		if len(s.sel) == 0 {
			return nil
		}
		s.batch = *b
		if len(s.sel) < b.N {
			s.batch.Sel, s.batch.N = s.sel, len(s.sel)
		}
		if len(s.batch.Cols) == 0 {
			pickColumns(&s.batch, &vec.Batch{Sel: s.batch.Sel, Weights: b.Weights, N: s.batch.N}, nil)
		}
		return emit(&s.batch)
	})
}

// computeStage computes columns: a projection, or (keep) the input's columns and
// then the computed ones.
type computeStage struct {
	rowEval
	in    stage
	prog  program
	keep  bool
	dense denser
	vals  []vec.Vec
	w     []int64
	out   vec.Batch
}

func (s *computeStage) run(ctx context.Context, st *step, emit Emit) error {
	return s.in.run(ctx, st, func(b *vec.Batch) error {
		in := s.input(b)
		s.prog.EvalAll(s.start(ctx), &in, s.vals)
		s.out.Cols = s.out.Cols[:0]
		if s.keep {
			s.out.Cols = append(s.out.Cols, in.Cols...)
		}
		s.out.Cols = append(s.out.Cols, s.vals...)
		s.out.N, s.out.Sel, s.out.Weights = in.N, nil, in.Weights
		if bad := s.failed(s.out.Weight); bad != nil {
			s.out.Sel = without(in.N, bad)
			if s.out.N = len(s.out.Sel); s.out.N == 0 {
				return nil
			}
			if len(s.out.Cols) == 0 {
				pickColumns(&s.out, &vec.Batch{Sel: s.out.Sel, Weights: s.out.Weights, N: s.out.N}, nil)
			}
		}
		return emit(&s.out)
	})
}

// input gives the batch without its selection: the columns that expressions read,
// or all of them when they are kept.
func (s *computeStage) input(b *vec.Batch) vec.Batch {
	in := s.dense.dense(b)
	in.Weights = b.Weights
	if b.Sel != nil && b.Weights != nil {
		s.w = s.w[:0]
		for _, p := range b.Sel {
			s.w = append(s.w, b.Weights[p])
		}
		in.Weights = s.w
	}
	return in
}

// unionStage gives the changes of all inputs.
type unionStage struct {
	ins []stage
	pos [][]int
	out vec.Batch
}

func (s *unionStage) run(ctx context.Context, st *step, emit Emit) error {
	for i, in := range s.ins {
		err := in.run(ctx, st, func(b *vec.Batch) error {
			pickColumns(&s.out, b, s.pos[i])
			return emit(&s.out)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// negStage turns additions into removals and the reverse.
type negStage struct {
	in  stage
	w   []int64
	out vec.Batch
}

func (s *negStage) run(ctx context.Context, st *step, emit Emit) error {
	return s.in.run(ctx, st, func(b *vec.Batch) error {
		s.w = s.w[:0]
		n := b.N
		if b.Sel != nil {
			n = int(b.Sel[b.N-1]) + 1
		}
		for i := range n {
			s.w = append(s.w, -b.Weight(i))
		}
		s.out = *b
		s.out.Weights = s.w
		return emit(&s.out)
	})
}

// nodeStage runs a node over its inputs.
type nodeStage struct {
	ins          []stage
	node         Stateful
	plan         plan.Node
	closedBy     []catalog.OID
	taken, given int64
}

func (s *nodeStage) run(ctx context.Context, st *step, emit Emit) error {
	count := func(b *vec.Batch) error {
		s.given += int64(b.N)
		return emit(b)
	}
	for port, in := range s.ins {
		err := in.run(ctx, st, func(b *vec.Batch) error {
			s.taken += int64(b.N)
			return s.node.Push(ctx, port, b, count)
		})
		if err != nil {
			return err
		}
	}
	return s.node.Flush(ctx, count)
}

// setsStage gives every row once per grouping set, with the key columns that are
// not in the set made NULL, and the number of the set.
type setsStage struct {
	in   stage
	keys []int // the columns that are grouped by
	sets [][]bool
	out  vec.Batch
	own  vec.Batch
}

func (s *setsStage) run(ctx context.Context, st *step, emit Emit) error {
	return s.in.run(ctx, st, func(b *vec.Batch) error {
		if b.Sel != nil {
			b.Dense(&s.own)
			b = &s.own
		}
		for i, set := range s.sets {
			s.out.Cols = append(s.out.Cols[:0], b.Cols...)
			for k, c := range s.keys {
				col := b.Cols[c]
				if !set[k] {
					col = vec.Vec{}
					col.AllNull(b.Cols[c].Kind, b.N)
				}
				s.out.Cols = append(s.out.Cols, col)
			}
			var number vec.Vec
			number.Const(types.Int, types.NewInt(int64(i)), b.N)
			s.out.Cols = append(s.out.Cols, number)
			s.out.N, s.out.Sel, s.out.Weights = b.N, nil, b.Weights
			if err := emit(&s.out); err != nil {
				return err
			}
		}
		return nil
	})
}
