package exec

import (
	"context"
	"encoding/binary"
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// subplan runs a subquery that is part of an expression. One that reads nothing
// from outside runs once; else results are remembered by the values it reads.
type subplan struct {
	evaluator
	kind  plan.SubqueryKind
	op    operator
	up    *expr.Binding
	bind  *expr.Binding
	test  *expr.Prog // of ANY and ALL
	types []*types.Type
	ret   *types.Type
	keep  bool // results may be remembered

	used  bool
	run   uint64
	known map[string]types.Datum
	bytes int64
	key   []byte
}

// inner makes a compiler for a plan that reads the given columns from outside.
func (c *compiler) inner(outer []plan.ColID) *compiler {
	in := *c
	in.bind = c.bind.Sub(outer)
	in.parts, in.serial, in.again, in.sieve, in.conds = nil, true, true, nil, nil
	in.cc = &expr.CompileCtx{Env: c.rt.Env, Bind: in.bind}
	in.cc.Subplan = in.subplan
	return &in
}

// readsVarying tells whether a plan reads a working table, or a shared result that
// is made anew for other values of columns from outside: such reads do not show
// among the columns that the plan itself reads.
func readsVarying(n plan.Node) bool {
	found := false
	plan.VisitNodes(n, func(n plan.Node) {
		switch n := n.(type) {
		case *plan.WorkScan:
			found = true
		case *plan.CTEScan:
			found = found || n.Def != nil && (len(plan.Outer(n.Def.Def)) > 0 || readsVarying(n.Def.Def))
		}
		for _, e := range n.Exprs() {
			plan.Visit(e, func(e plan.Expr) bool {
				if q, ok := e.(*plan.Subquery); ok && !found {
					found = readsVarying(q.Plan)
				}
				return !found
			})
		}
	})
	return found
}

// outerOf lists columns in a fixed order.
func outerOf(s plan.ColSet) []plan.ColID {
	out := make([]plan.ColID, 0, len(s))
	for id := range s {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// subplan compiles a subquery that the planner left in an expression.
func (c *compiler) subplan(q *plan.Subquery) (expr.Subplan, []*plan.Col, error) {
	reads := plan.ColSet{}
	plan.Reads(q, reads)
	outer := outerOf(reads)
	in := c.inner(outer)
	cols := q.Plan.Out()
	op, err := in.whole(q.Plan, cols)
	if err != nil {
		return nil, nil, err
	}
	s := &subplan{
		evaluator: evaluator{rt: c.rt}, kind: q.Kind, op: op, up: c.bind, bind: in.bind, types: in.typesOf(cols), ret: q.Typ,
		keep: (len(outer) == 0 || !volatilePlan(q.Plan) && (q.Test == nil || !volatile(q.Test))) && !readsVarying(q.Plan),
	}
	if q.Test != nil {
		if s.test, err = expr.Compile(q.Test, expr.LayoutOf(cols), in.cc); err != nil {
			return nil, nil, err
		}
	}
	*c.owned = append(*c.owned, op)
	args := make([]*plan.Col, len(outer))
	for i, id := range outer {
		if c.types[id] == nil {
			return nil, nil, pgerr.New(pgerr.InternalError, "column %d is not available", id)
		}
		args[i] = &plan.Col{ID: id, Typ: c.types[id], TypMod: types.NoMod}
	}
	return s, args, nil
}

// Value implements expr.Subplan.
func (s *subplan) Value(ctx context.Context, outer []types.Datum) (types.Datum, error) {
	if run := s.up.Runs(); s.known == nil || s.run != run {
		s.run, s.known, s.bytes = run, map[string]types.Datum{}, 0
		if s.used {
			s.op.rewind(newRun)
			s.used = false
		}
	}
	s.key = s.key[:0]
	for _, d := range outer {
		s.key = appendImage(s.key, d)
	}
	if d, ok := s.known[string(s.key)]; ok && s.keep {
		return d, nil
	}
	s.bind.SetOuter(outer)
	if s.used {
		s.op.rewind(newOuter)
	}
	s.used = true
	d, err := s.value(ctx)
	if err == nil && s.keep {
		s.remember(d)
	}
	return d, err
}

// remember keeps a result, as many as fit into a part of the memory.
func (s *subplan) remember(d types.Datum) {
	if s.bytes > s.rt.workMem()/8 {
		s.known, s.bytes = map[string]types.Datum{}, 0
	}
	s.known[string(s.key)] = d
	s.bytes += int64(len(s.key)+len(d.Str())) + 100
}

// appendImage spells a value so that equal images spell alike.
func appendImage(dst []byte, d types.Datum) []byte {
	dst = append(dst, byte(d.Kind()))
	switch d.Kind() {
	case types.KindNone:
		return dst
	case types.Bytes:
		dst = binary.AppendUvarint(dst, uint64(len(d.Str())))
		return append(dst, d.Str()...)
	case types.Numer:
		n := d.Numeric()
		dst = append(binary.AppendVarint(append(dst, byte(n.Form())), int64(n.Scale())), 0)
		if n.Form() == types.NumFinite {
			dst = n.Coef().Append(dst, 62)
		}
		return append(dst, 0)
	case types.Inter:
		v := d.Interval()
		dst = binary.AppendVarint(binary.AppendVarint(dst, int64(v.Months)), int64(v.Days))
		return binary.AppendVarint(dst, v.Micros)
	}
	return binary.AppendVarint(dst, d.Int())
}

// value runs the subquery.
func (s *subplan) value(ctx context.Context) (types.Datum, error) {
	switch s.kind {
	case plan.SubExists:
		var b vec.Batch
		err := s.op.Next(ctx, &b)
		return types.NewBool(b.N > 0), err
	case plan.SubScalar, plan.SubRow:
		return s.single(ctx)
	case plan.SubArray:
		return s.array(ctx)
	}
	return s.quantified(ctx, s.kind == plan.SubAll)
}

// single gives the one row, or NULL.
func (s *subplan) single(ctx context.Context) (types.Datum, error) {
	var b vec.Batch
	if err := s.op.Next(ctx, &b); err != nil || b.N == 0 {
		return types.Null, err
	}
	if b.N > 1 {
		return types.Null, errSecondRow
	}
	d := b.Cols[0].Datum(b.Row(0))
	if s.kind == plan.SubRow {
		vals := make([]types.Datum, len(b.Cols))
		for i := range vals {
			vals[i] = b.Cols[i].Datum(b.Row(0))
		}
		r := types.Record{Types: s.types, Vals: vals}
		d = types.NewString(r.Encode())
	}
	if err := s.op.Next(ctx, &b); err != nil {
		return types.Null, err
	}
	if b.N > 0 {
		return types.Null, errSecondRow
	}
	return d, nil
}

// quantified tests the rows: ANY is true if the test is for some row, ALL false if
// it is for some row; NULLs count when nothing decides.
func (s *subplan) quantified(ctx context.Context, all bool) (types.Datum, error) {
	out := types.NewBool(all)
	var b, dense vec.Batch
	var v vec.Vec
	for {
		if err := s.op.Next(ctx, &b); err != nil || b.N == 0 {
			return out, err
		}
		b.Dense(&dense)
		s.test.Eval(s.start(ctx), &dense, &v)
		n := s.cut(b.N)
		for i := range n {
			switch {
			case v.IsNull(i):
				out = types.Null
			case v.Bools[i] != all:
				return types.NewBool(!all), nil
			}
		}
		if n < b.N {
			return types.Null, s.late
		}
	}
}

// array collects the rows' column as array_agg does; no rows are an empty array.
func (s *subplan) array(ctx context.Context) (types.Datum, error) {
	arg := types.ByName("anynonarray")
	if s.types[0].Underlying().IsArray() {
		arg = types.TAnyArray
	}
	fn := funcs.FindFunc("array_agg", arg)
	call := funcs.Call{Func: fn, Args: s.types[:1], Mods: []int32{types.NoMod}, Ret: s.ret, Const: make([]*types.Datum, 1), Env: s.rt.Env}
	acc, err := call.BindAcc()
	if err != nil {
		return types.Null, err
	}
	acc.Grow(1)
	var b, dense vec.Batch
	rows := 0
	for {
		if err := s.op.Next(ctx, &b); err != nil {
			return types.Null, err
		}
		if b.N == 0 {
			break
		}
		rows += b.N
		b.Dense(&dense)
		acc.Add(s.start(ctx), make([]uint32, b.N), []*vec.Vec{&dense.Cols[0]}, nil)
		if err := s.bad.First(); err != nil {
			return types.Null, err
		}
	}
	if rows == 0 {
		empty := types.Array{Elem: s.ret.Underlying().Elem}
		return types.NewString(empty.Encode()), nil
	}
	var out vec.Vec
	acc.Result(s.start(ctx), []uint32{0}, &out)
	return out.Datum(0), s.bad.First()
}
