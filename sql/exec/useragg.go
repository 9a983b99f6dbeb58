package exec

import (
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// userFold runs the functions of an aggregate that a user has made.
type userFold struct {
	def          *plan.UserAgg
	trans, final *rowProg // final: nil for none
}

// newUserAcc makes the accumulator of an aggregate that a user has made.
func newUserAcc(env *funcs.Env, def *plan.UserAgg, site *funcs.Call) (funcs.Acc, error) {
	f := &userFold{def: def}
	cc := &expr.CompileCtx{Env: env}
	var err error
	ts := append([]*types.Type{def.State}, def.Types[def.Direct:]...)
	if f.trans, err = newRowProg(def.Trans, def.TransCols, ts, cc); err != nil {
		return nil, err
	}
	if def.Final != nil {
		ts = append([]*types.Type{def.State}, def.Types[:def.Direct]...)
		if f.final, err = newRowProg(def.Final, def.FinalCols, ts, cc); err != nil {
			return nil, err
		}
	}
	return funcs.NewFold(site, f), nil
}

// Start implements funcs.Folder.
func (f *userFold) Start() types.Datum { return f.def.Init }

// Step implements funcs.Folder (advance_transition_function).
func (f *userFold) Step(c *funcs.Ctx, state types.Datum, first bool, row []types.Datum) (types.Datum, bool, error) {
	args := row[f.def.Direct:]
	if f.def.Strict {
		for _, a := range args {
			if a.IsNull() {
				return state, false, nil
			}
		}
		switch {
		case first && f.def.Init.IsNull() && len(args) > 0:
			return args[0], true, nil
		case state.IsNull():
			return state, true, nil
		}
	}
	next, err := f.trans.eval(c, state, args)
	return next, true, err
}

// Finish implements funcs.Folder.
func (f *userFold) Finish(c *funcs.Ctx, state types.Datum, rows int, last []types.Datum) (types.Datum, error) {
	if f.final == nil || f.def.FinalStrict && state.IsNull() {
		if f.final != nil {
			return types.Null, nil
		}
		return state, nil
	}
	direct := make([]types.Datum, f.def.Direct)
	copy(direct, last)
	if f.def.FinalStrict {
		for _, d := range direct {
			if d.IsNull() {
				return types.Null, nil
			}
		}
	}
	return f.final.eval(c, state, direct)
}

// rowProg is an expression over one row: a state, and arguments.
type rowProg struct {
	prog *expr.Prog
	in   vec.Batch
	bad  vec.RowErrors
	out  vec.Vec
}

func newRowProg(e plan.Expr, cols []plan.ColID, ts []*types.Type, cc *expr.CompileCtx) (*rowProg, error) {
	p, err := expr.Compile(e, expr.LayoutOf(cols), cc)
	if err != nil {
		return nil, err
	}
	r := &rowProg{prog: p, in: vec.Batch{Cols: make([]vec.Vec, len(cols)), N: 1}}
	for i := range cols {
		r.in.Cols[i].Kind = ts[i].Kind
	}
	return r, nil
}

func (r *rowProg) eval(c *funcs.Ctx, state types.Datum, args []types.Datum) (types.Datum, error) {
	for i := range r.in.Cols {
		v := &r.in.Cols[i]
		v.Reset(v.Kind, 0)
		if i == 0 {
			v.AppendDatum(state)
		} else {
			v.AppendDatum(args[i-1])
		}
	}
	cc := *c
	r.bad.Reset()
	cc.Bad = &r.bad
	r.prog.Eval(&cc, &r.in, &r.out)
	if err := r.bad.First(); err != nil {
		return types.Null, err
	}
	return r.out.Datum(0), nil
}
