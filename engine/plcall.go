package engine

import (
	"context"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/engine/ddl"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plpgsql"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// maxPLDepth bounds functions in PL/pgSQL that call each other.
const maxPLDepth = 1200

// CallRoutine implements funcs.Routines.
func (s *Session) CallRoutine(ctx context.Context, c *funcs.Call, args []types.Datum) (types.Datum, error) {
	if c.Func.Src == funcs.TSRewriteQuery {
		return s.tsRewrite(ctx, args)
	}
	a, err := s.runRoutine(ctx, c, args)
	if err != nil || a == nil {
		return types.Null, err
	}
	return a.result()
}

// RoutineRows implements funcs.Routines.
func (s *Session) RoutineRows(ctx context.Context, c *funcs.Call, args []types.Datum) ([]*types.Type, [][]types.Datum, error) {
	switch c.Func.Src {
	case funcs.TSRewriteQuery:
		d, err := s.tsRewrite(ctx, args)
		return []*types.Type{c.Func.Ret}, [][]types.Datum{{d}}, err
	case funcs.TSStat, funcs.TSStatWeights:
		return s.tsStat(ctx, c, args)
	}
	a, err := s.runRoutine(ctx, c, args)
	if err != nil {
		return nil, nil, err
	}
	fields := a.columns(c)
	ts := make([]*types.Type, len(fields))
	for i := range fields {
		ts[i] = fields[i].Type
	}
	if a.returnedNothing() {
		return ts, nil, nil
	}
	if c.Func.RetSet {
		if t := a.f.ret; len(c.Func.Out) == 0 && c.Columns == nil && t.Underlying().Class == types.Composite { // rows are taken apart by who asks
			for i, row := range a.rows {
				a.rows[i] = []types.Datum{rowDatum(fields, row)}
			}
			return []*types.Type{t}, a.rows, nil
		}
		return ts, a.rows, nil
	}
	row, err := a.resultRow(fields)
	return ts, [][]types.Datum{row}, err
}

// returnedNothing tells a strict function that was not called at all.
func (a *plRun) returnedNothing() bool { return a.vals == nil }

// runRoutine runs a function for a call in a query.
func (s *Session) runRoutine(ctx context.Context, c *funcs.Call, args []types.Datum) (*plRun, error) {
	f := s.systemContext().FunctionByOID(c.Func.OID)
	if f == nil {
		return nil, pgerr.New(pgerr.UndefinedFunction, "function with OID %d does not exist", c.Func.OID)
	}
	if f.Ret == types.TriggerOID {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "trigger functions can only be called as triggers").
			WithWhere("compilation of PL/pgSQL function \"%s\" near line 1", f.Name)
	}
	ret := c.Ret
	if ret == nil {
		ret = c.Func.Ret
	}
	p, err := s.plFunction(f, c.Args, ret, 0)
	if err != nil {
		return nil, err
	}
	a := &plRun{s: s, f: p, atomic: true}
	if len(c.Columns) > 0 {
		a.asked(c.Columns)
	}
	if f.Strict {
		for _, d := range args {
			if d.IsNull() {
				return a, nil
			}
		}
	}
	return a, a.start(ctx, args)
}

// asked notes the columns that a query asks of a function that returns record.
func (a *plRun) asked(cols []funcs.OutColumn) {
	f := *a.f
	f.rows = nil
	for _, c := range cols {
		f.rows = append(f.rows, types.Field{Name: c.Name, Type: c.Type, Mod: types.NoMod})
	}
	a.f = &f
}

// columns are those of the function's rows.
func (a *plRun) columns(*funcs.Call) []types.Field {
	if a.f.rows != nil {
		return a.f.rows
	}
	t := a.f.ret
	if len(a.f.out) == 1 {
		t = a.f.fieldType(a.f.out[0])
	}
	return []types.Field{{Name: a.f.def.Name, Type: t, Mod: types.NoMod}}
}

// start runs the body from its beginning.
func (a *plRun) start(ctx context.Context, args []types.Datum) error {
	s := a.s
	if s.plDepth >= maxPLDepth {
		return pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded").
			WithHint("Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the platform's stack depth limit is adequate.")
	}
	s.plDepth++
	s.plStack = append(s.plStack, a)
	cascading := s.cascading
	s.cascading = false // its statements have AFTER triggers of their own
	defer func() {
		s.cascading = cascading
		s.plDepth--
		s.plStack = s.plStack[:len(s.plStack)-1]
	}()
	if a.f.def.SecDef {
		defer s.actAs(a.f.def.Owner)()
	}
	back, err := s.functionSettings(a.f.def)
	if err != nil {
		return err
	}
	defer back()
	t := s.tx
	was := t.read
	defer func() {
		if s.tx == t && t.read != was && t.iso == readCommitted {
			t.read = was
			t.rebase()
		}
		s.systemContext()
	}()
	if ctx == nil { // the planner computes a constant
		if ctx = s.inner; ctx == nil {
			ctx = context.Background()
		}
	}
	a.ctx = ctx
	a.fctx = funcs.Ctx{Context: ctx, Env: s.env}
	a.vals = make([]plValue, len(a.f.tree.Vars))
	a.setFound(false)
	if a.trigger != nil {
		a.trigger.variables(a.vals)
	} else if err := a.arguments(args); err != nil {
		a.during = "while storing call arguments into local variables"
		return a.mark(err, nil)
	}
	return a.finish(a.body())
}

// functionSettings makes the SETs of a function, until back is called.
func (s *Session) functionSettings(f *catalog.Function) (back func(), err error) {
	if len(f.Config) == 0 {
		return func() {}, nil
	}
	mark := s.settings.Mark()
	back = func() {
		s.settings.Rollback(mark)
		s.settingsChanged()
		s.systemContext()
	}
	for _, c := range f.Config {
		k, v, _ := strings.Cut(c, "=")
		if err := s.settings.Set(k, v, true, true); err != nil {
			back()
			return nil, err
		}
	}
	s.settingsChanged()
	s.systemContext()
	return back, nil
}

func (a *plRun) body() (plJump, error) {
	j, err := a.block(a.f.tree.Body)
	if err != nil {
		err = a.mark(err, a.f.tree.Body)
	}
	return j, err
}

// arguments stores the arguments.
func (a *plRun) arguments(args []types.Datum) error {
	for i, v := range a.f.in {
		if i >= len(args) {
			break
		}
		if a.f.vars[v].rec {
			t := a.f.vars[v].typ
			if t == nil {
				t = types.TRecord
			}
			if err := a.setRow(v, args[i], t); err != nil {
				return err
			}
			continue
		}
		a.vals[v].d = args[i]
	}
	for _, v := range a.f.out {
		if a.f.vars[v].rec && a.vals[v].rec.fields == nil {
			a.vals[v].rec = a.emptyRow(v)
		}
	}
	return nil
}

// finish checks that the function has returned what it should.
func (a *plRun) finish(j plJump, err error) error {
	f := a.f.def
	if err != nil || j.flow == plReturn {
		return err
	}
	if len(a.f.out) == 0 && !f.RetSet && !f.Procedure && f.Ret != types.VoidOID {
		what := "function"
		if a.trigger != nil {
			what = "trigger procedure"
		}
		e := pgerr.New(pgerr.SREFunctionExecutedNoReturnStatement, "control reached end of %s without RETURN", what)
		return a.mark(e, nil)
	}
	return nil
}

// returns runs RETURN.
func (a *plRun) returns(st *plpgsql.Return) error {
	if st.Value == nil {
		return nil
	}
	d, t, err := a.eval(st.Value)
	if err != nil {
		return err
	}
	if a.trigger != nil && !d.IsNull() && !isRowType(t) {
		return pgerr.New(pgerr.DatatypeMismatch, "cannot return non-composite value from function returning composite type")
	}
	a.value, a.typ, a.returned = d, t, true
	return nil
}

// outRow are the values of the OUT parameters.
func (a *plRun) outRow() []types.Datum {
	row := make([]types.Datum, len(a.f.out))
	for i, v := range a.f.out {
		row[i] = a.vals[v].d
		if a.f.vars[v].rec {
			row[i] = a.vals[v].rec.datum()
		}
	}
	return row
}

// result is the function's result as one value.
func (a *plRun) result() (types.Datum, error) {
	f := a.f
	switch {
	case a.returnedNothing():
		return types.Null, nil
	case f.def.Ret == types.VoidOID:
		return types.NewString(""), nil
	case len(f.out) == 1 && f.rows == nil:
		return a.outRow()[0], nil
	case len(f.out) > 0:
		return rowDatum(f.rows, a.outRow()), nil
	}
	return a.castResult(f.ret)
}

// castResult makes the returned value one of the result's type.
func (a *plRun) castResult(t *types.Type) (types.Datum, error) {
	if isRowType(t) && !isRowType(a.typ) && !a.value.IsNull() {
		return types.Null, a.mark(pgerr.New(pgerr.DatatypeMismatch, "cannot return non-composite value from function returning composite type"), nil)
	}
	if a.typ.OID == types.RecordOID && t.Class == types.Composite && !a.value.IsNull() {
		r := recordOf(a.value, a.typ)
		if err := a.sameShape(&r, liveFields(t.Fields)); err != nil {
			a.during = "while casting return value to function's return type"
			return types.Null, a.mark(err, nil)
		}
	}
	d, err := a.cast(a.value, a.typ, t, types.NoMod)
	if err != nil {
		a.during = "while casting return value to function's return type"
		return types.Null, a.mark(err, nil)
	}
	return d, nil
}

// sameShape checks that a row has the fields that are wanted (convert_tuples_by_position).
func (a *plRun) sameShape(r *plRecord, want []types.Field) error {
	bad := pgerr.New(pgerr.DatatypeMismatch, "returned record type does not match expected record type")
	if len(r.fields) != len(want) {
		return bad.WithDetail("Number of returned columns (%d) does not match expected column count (%d).", len(r.fields), len(want))
	}
	for i := range want {
		if got := r.fields[i].Type; got.OID != want[i].Type.OID {
			return bad.WithDetail("Returned type %s does not match expected type %s in column %d.", got.SQLName(r.fields[i].Mod), want[i].Type.SQLName(want[i].Mod), i+1)
		}
	}
	return nil
}

// resultRow is the function's result as a row.
func (a *plRun) resultRow(fields []types.Field) ([]types.Datum, error) {
	f := a.f
	switch {
	case len(f.out) > 0:
		return a.outRow(), nil
	case f.rows == nil:
		d, err := a.result()
		return []types.Datum{d}, err
	case a.value.IsNull():
		return make([]types.Datum, len(fields)), nil
	case !isRowType(a.typ):
		return nil, a.mark(pgerr.New(pgerr.DatatypeMismatch, "cannot return non-composite value from function returning composite type"), nil)
	}
	r := recordOf(a.value, a.typ)
	if a.typ.Class != types.Composite || f.ret.Class != types.Composite || a.typ.OID != f.ret.OID {
		if err := a.sameShape(&r, fields); err != nil {
			a.during = "while casting return value to function's return type"
			return nil, a.mark(err, nil)
		}
	}
	return a.fit(&r, fields)
}

// returnNext runs RETURN NEXT.
func (a *plRun) returnNext(st *plpgsql.ReturnNext) error {
	if st.Value == nil {
		a.rows = append(a.rows, a.outRow())
		return nil
	}
	d, t, err := a.eval(st.Value)
	if err != nil {
		return err
	}
	fields := a.columns(nil)
	if a.f.rows == nil {
		if d, err = a.cast(d, t, fields[0].Type, types.NoMod); err != nil {
			return err
		}
		a.rows = append(a.rows, []types.Datum{d})
		return nil
	}
	if !isRowType(t) {
		if d.IsNull() {
			a.rows = append(a.rows, make([]types.Datum, len(fields)))
			return nil
		}
		return pgerr.New(pgerr.DatatypeMismatch, "cannot return non-composite value from function returning composite type")
	}
	r := recordOf(d, t)
	if d.IsNull() {
		a.rows = append(a.rows, make([]types.Datum, len(fields)))
		return nil
	}
	if len(r.fields) != len(fields) {
		return pgerr.New(pgerr.DatatypeMismatch, "wrong record type supplied in RETURN NEXT").
			WithDetail("Number of returned columns (%d) does not match expected column count (%d).", len(r.fields), len(fields))
	}
	row, err := a.fit(&r, fields)
	a.rows = append(a.rows, row)
	return err
}

// returnQuery runs RETURN QUERY.
func (a *plRun) returnQuery(st *plpgsql.ReturnQuery) error {
	var rows *plRows
	var err error
	if st.Execute {
		_, rows, _, err = a.runDynamic(st.Query, st.Using)
	} else {
		rows, err = a.queryRows(st.Query)
	}
	if err != nil {
		return err
	}
	want := a.columns(nil)
	if rows.at != nil {
		r := plRecord{fields: rows.fields}
		if err := a.queryShape(&r, want); err != nil {
			return err
		}
	}
	n := rows.count()
	for {
		row, ok := rows.next()
		if !ok {
			break
		}
		for i := range want {
			if want[i].Mod != types.NoMod {
				if row[i], err = a.cast(row[i], rows.fields[i].Type, want[i].Type, want[i].Mod); err != nil {
					return err
				}
			}
		}
		a.rows = append(a.rows, row)
	}
	a.rowCount = n
	a.setFound(n > 0)
	return nil
}

func (a *plRun) queryShape(r *plRecord, want []types.Field) error {
	err := a.sameShape(r, want)
	if e, ok := err.(*pgerr.Error); ok {
		e.Message = "structure of query does not match function result type"
	}
	return err
}

// runPL runs a procedure, or a function that a query's part calls, and gives the
// rows of its result.
func (s *Session) runPL(ctx context.Context, f *catalog.Function, args []types.Datum, want []*types.Type, atomic bool) ([]*vec.Batch, error) {
	var ts []*types.Type
	for _, oid := range f.Inputs() {
		ts = append(ts, s.systemContext().TypeByOID(oid))
	}
	p, err := s.plFunction(f, ts, s.systemContext().TypeByOID(f.Ret), 0)
	if err != nil {
		return nil, err
	}
	a := &plRun{s: s, f: p, atomic: atomic}
	if err := a.start(ctx, args); err != nil {
		return nil, err
	}
	if len(want) == 0 {
		return nil, nil
	}
	b := &vec.Batch{N: 1, Cols: make([]vec.Vec, len(want))}
	row := a.outRow()
	for i, t := range want {
		b.Cols[i].Kind = t.Kind
		b.Cols[i].AppendDatum(row[i])
	}
	return []*vec.Batch{b}, nil
}

// do runs DO.
func (s *Session) do(ctx context.Context, st *ast.Do) (*result, error) {
	f, err := ddl.InlineFunction(st, s.role)
	if err != nil {
		return nil, err
	}
	if _, err := ddl.ParsePLpgSQL(f); err != nil {
		return nil, inlinePlace(st, err)
	}
	p, err := s.compilePL(f, nil, types.TVoid)
	if err != nil {
		return nil, err
	}
	a := &plRun{s: s, f: p, atomic: s.atomic()}
	if err := a.start(ctx, nil); err != nil {
		return nil, err
	}
	return tagged("DO"), nil
}

// atomic tells whether a procedure may not end the transaction: it is called within a
// block, or by a function.
func (s *Session) atomic() bool {
	if n := len(s.plStack); n > 0 {
		top := s.plStack[n-1]
		return top.atomic || top.subs > 0 || top.calling == 0
	}
	return s.tx.block || s.tx.many
}

// call runs CALL and DO.
func (a *plRun) call(st *plpgsql.Call) error {
	x, err := a.expr(st.Stmt)
	if err != nil {
		return err
	}
	a.snapshot()
	a.s.systemContext()
	a.calling++
	defer func() { a.calling-- }()
	call, isCall := x.p.st.Stmt.(*ast.Call)
	if !isCall {
		_, err := a.s.execute(a.ctx, x.p, nil, a.s.sink)
		return a.inText(st.Stmt, err, true)
	}
	if err := a.s.analyzeCall(x.p); err != nil {
		return a.inText(st.Stmt, err, true)
	}
	r, err := a.s.execute(a.ctx, x.p, x.vars.values(a, nil), a.s.sink)
	if err != nil {
		return a.inText(st.Stmt, err, true)
	}
	if r.src == nil {
		return nil
	}
	defer r.close()
	rows, err := readAll(a.ctx, r.src)
	if err != nil {
		return err
	}
	return a.storeOut(x, call, rows)
}

// storeOut stores what a procedure's OUT parameters give in the variables that are
// its arguments.
func (a *plRun) storeOut(x *plExpr, call *ast.Call, rows []*vec.Batch) error {
	n := 0
	for i, arg := range x.p.call.Proc.Args {
		if !arg.Output() {
			continue
		}
		at := argumentAt(call.Func.Args, i, arg.Name)
		if at == nil {
			n++
			continue
		}
		ref, ok := at.(*ast.ColumnRef)
		var v *plpgsql.Var
		used := 0
		if ok {
			v, used = x.src.Find(ref.Parts)
		}
		if v == nil {
			return pgerr.New(pgerr.SyntaxError, "procedure parameter \"%s\" is an output parameter but corresponding argument is not writable", arg.Name)
		}
		to := plpgsql.Target{Var: v.Number, Field: ref.Parts[used:]}
		if err := a.assign(&to, rows[0].Cols[n].Datum(0), x.p.call.Out[n].Type); err != nil {
			return err
		}
		n++
	}
	return nil
}

func argumentAt(args []ast.Expr, i int, name string) ast.Expr {
	for k, e := range args {
		if n, ok := e.(*ast.NamedArg); ok {
			if n.Name == name {
				return n.X
			}
			continue
		}
		if k == i {
			return e
		}
	}
	return nil
}

// endTransaction runs COMMIT and ROLLBACK.
func (a *plRun) endTransaction(st *plpgsql.End) error {
	s := a.s
	switch {
	case a.atomic:
		return pgerr.New(pgerr.InvalidTransactionTermination, "invalid transaction termination")
	case a.subs > 0:
		if st.Commit {
			return pgerr.New(pgerr.InvalidTransactionTermination, "cannot commit while a subtransaction is active")
		}
		return pgerr.New(pgerr.InvalidTransactionTermination, "cannot roll back while a subtransaction is active")
	}
	iso, readOnly := s.tx.iso, s.tx.readOnly
	if st.Commit {
		if err := s.commit(a.ctx); err != nil {
			s.begin(false)
			s.tx.statement()
			s.systemContext()
			return err
		}
	} else {
		s.rollback()
	}
	s.begin(false)
	if st.Chain {
		s.tx.iso = iso
		s.tx.setReadOnly(readOnly)
	}
	s.tx.statement()
	s.systemContext()
	return nil
}

// inlinePlace moves the place of an error in DO's body into the statement, if the body
// is written there as it is.
func inlinePlace(st *ast.Do, err error) error {
	e, ok := err.(*pgerr.Error)
	if !ok || e.Pos == 0 {
		return err
	}
	c := *e
	c.Pos = 0
	if at := strings.Index(st.Text, st.Body); at >= 0 {
		return c.At(st.Pos + int32(at) + e.Pos - 1)
	}
	return &c
}
