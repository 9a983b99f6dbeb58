package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// operator is a Source that can run again. After rewind it begins anew; rewind
// may be called at any time before Close, also before the first Next.
type operator interface {
	vec.Source
	rewind(why restart)
}

// restart says what may have changed since the last run.
type restart uint8

const (
	// newRun: everything, the stored data and the parameters included.
	newRun restart = iota
	// newOuter: nothing but the values of outer columns and the rows of working
	// tables, so that what does not depend on these may be kept (compiler.varies).
	newOuter
)

// evaluator is how an operator runs its expressions: the context of functions,
// and the error that waits for its row's turn (B2).
type evaluator struct {
	rt   *Runtime
	ctx  funcs.Ctx
	bad  vec.RowErrors
	late error
}

// start prepares for one batch.
func (e *evaluator) start(ctx context.Context) *funcs.Ctx {
	e.bad.Reset()
	e.ctx.Context, e.ctx.Env, e.ctx.Null, e.ctx.Bad = ctx, e.rt.Env, nil, &e.bad
	return &e.ctx
}

// cut gives the number of leading rows, of n, that may be passed on, and keeps
// the error of the one behind them.
func (e *evaluator) cut(n int) int {
	if len(e.bad.Rows) == 0 {
		return n
	}
	e.late = e.bad.First()
	first := e.bad.Rows[0]
	for _, r := range e.bad.Rows {
		first = min(first, r)
	}
	return int(first)
}

// cutSel is cut for rows that a selection lists.
func (e *evaluator) cutSel(sel []int32) []int32 {
	if len(e.bad.Rows) == 0 {
		return sel
	}
	first := int32(e.cut(0))
	n := len(sel)
	for n > 0 && sel[n-1] >= first {
		n--
	}
	return sel[:n]
}

func (e *evaluator) reset() { e.late = nil }

// program is a compiled list of expressions with the columns they read.
type program struct {
	*expr.Prog
	need []int // positions in the input
	// direct gives for each expression the position of the column it is, -1 when it
	// is computed.
	direct []int
}

// denser makes batches dense, gathering only the columns that are wanted.
type denser struct {
	need []int
	cols []vec.Vec
	own  []vec.Vec
}

// dense gives in without its selection; columns that are not wanted are absent
// (of no kind).
func (d *denser) dense(in *vec.Batch) vec.Batch {
	if in.Sel == nil {
		return vec.Batch{Cols: in.Cols, N: in.N}
	}
	if len(d.cols) != len(in.Cols) {
		d.cols, d.own = make([]vec.Vec, len(in.Cols)), make([]vec.Vec, len(in.Cols))
	}
	for _, c := range d.need {
		d.own[c].Gather(&in.Cols[c], in.Sel)
		d.cols[c] = d.own[c]
	}
	return vec.Batch{Cols: d.cols, N: in.N}
}
