package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// mismatch is the error of a function whose body gives something else than it
// declares (check_sql_fn_retval).
func mismatch(ret *types.Type) *pgerr.Error {
	return pgerr.New(pgerr.InvalidFunctionDefinition, "return type mismatch in function declared to return %s", formatType(ret, types.NoMod))
}

// shapeResult makes the values of a function's result of what its last query gives.
func (b *binder) shapeResult(f *catalog.Function, x *expanded, r *result) error {
	cols := make([]plan.Expr, len(r.cols))
	for i, c := range r.cols {
		cols[i] = b.meta.Ref(c.ID)
	}
	var err error
	switch {
	case x.typ.OID == types.RecordOID && x.fields == nil:
		if len(cols) == 1 && isRow(cols[0].Type()) {
			x.vals, x.fields = cols, b.rowFields(cols[0])
			return nil
		}
		x.row, x.vals = true, cols
		for _, c := range r.cols {
			x.fields = append(x.fields, types.Field{Name: c.Name, Type: c.Type, Mod: c.Mod})
		}
	case x.fields == nil:
		x.vals, err = b.resultValue(cols, x.typ)
	case len(cols) == 1 && isRow(cols[0].Type()) && (types.Same(cols[0].Type(), x.typ) || len(liveFields(x.fields)) != 1 && x.typ.Class == types.Composite):
		x.vals, err = b.resultValue(cols, x.typ)
	default:
		x.row = true
		x.vals, err = b.resultColumns(cols, x.fields, x.typ)
	}
	return err
}

func liveFields(list []types.Field) []types.Field {
	var out []types.Field
	for _, f := range list {
		if !f.Dropped {
			out = append(out, f)
		}
	}
	return out
}

// resultValue coerces the only column to the declared type.
func (b *binder) resultValue(cols []plan.Expr, t *types.Type) ([]plan.Expr, error) {
	if len(cols) != 1 {
		return nil, mismatch(t).WithDetail("Final statement must return exactly one column.")
	}
	from := cols[0].Type()
	x, err := b.recordTo(cols[0], t)
	if err != nil {
		return nil, err
	}
	x, err = b.mustCoerce(x, t, types.NoMod, assignment, -1, func() *pgerr.Error {
		return mismatch(t).WithDetail("Actual return type is %s.", formatType(from, types.NoMod))
	})
	if err != nil {
		return nil, stripPos(err)
	}
	return []plan.Expr{withoutMod(x, types.NoMod)}, nil
}

// withoutMod takes the modifier from a value of which just the type is declared.
func withoutMod(x plan.Expr, mod int32) plan.Expr {
	if x.Mod() == mod || mod != types.NoMod {
		return x
	}
	return &plan.Relabel{X: x, Typ: x.Type(), TypMod: types.NoMod}
}

// recordTo makes a row of a composite type of a record whose columns are known.
func (b *binder) recordTo(x plan.Expr, t *types.Type) (plan.Expr, error) {
	u := t.Underlying()
	fields := b.rowFields(x)
	if x.Type().OID != types.RecordOID || u.Class != types.Composite || fields == nil {
		return x, nil
	}
	cols := make([]plan.Expr, len(fields))
	for i, f := range fields {
		cols[i] = b.fieldAt(x, i, f)
	}
	vals, err := b.resultColumns(cols, u.Fields, t)
	row := &plan.MakeRow{Typ: u, Args: vals}
	for _, f := range u.Fields {
		if f.Dropped {
			f.Name = ""
		}
		row.Names = append(row.Names, f.Name)
	}
	return row, err
}

// resultColumns coerces the columns to the fields of the declared row; those that
// were dropped are NULL.
func (b *binder) resultColumns(cols []plan.Expr, fields []types.Field, t *types.Type) ([]plan.Expr, error) {
	var out []plan.Expr
	n := 0
	for _, f := range fields {
		if f.Dropped {
			out = append(out, &plan.Const{Typ: types.TInt4, TypMod: types.NoMod})
			continue
		}
		if n >= len(cols) {
			return nil, mismatch(t).WithDetail("Final statement returns too few columns.")
		}
		from := cols[n].Type()
		x, err := b.recordTo(cols[n], f.Type)
		if err != nil {
			return nil, err
		}
		x, err = b.mustCoerce(x, f.Type, f.Mod, assignment, -1, func() *pgerr.Error {
			return mismatch(t).WithDetail("Final statement returns %s instead of %s at column %d.", formatType(from, types.NoMod), formatType(f.Type, types.NoMod), n+1)
		})
		if err != nil {
			return nil, stripPos(err)
		}
		out = append(out, withoutMod(x, f.Mod))
		n++
	}
	if n < len(cols) {
		return nil, mismatch(t).WithDetail("Final statement returns too many columns.")
	}
	return out, nil
}

// CheckFunction binds the body of a function and checks what it gives against what
// is declared; deps are what the body refers to. The place of an error in a body that
// is a string counts in that.
func CheckFunction(c *Context, f *catalog.Function) (deps []catalog.Dep, err error) {
	list, err := functionBody(c, f)
	if err != nil {
		return nil, err
	}
	fn := c.Catalog.Callable(f)
	if fn == nil {
		return nil, pgerr.New(pgerr.InternalError, "function \"%s\" has a type that is not there", f.Name)
	}
	for _, t := range fn.Args {
		if t.IsPolymorphic() { // known when it is called
			return nil, nil
		}
	}
	inner := *c
	inner.Fn, inner.Names, inner.Params = f, nil, fn.Args
	b := newBinder(&inner)
	b.checking = true
	for i := range list {
		cols, known, err := b.checkStatement(list[i].Stmt)
		if err != nil {
			return nil, err
		}
		if i == len(list)-1 && f.Ret != types.VoidOID && !known {
			return nil, inFunction(f, noResult(fn.Ret))
		}
		if i == len(list)-1 && f.Ret != types.VoidOID && (!f.Procedure || f.Ret == types.RecordOID) {
			x := &expanded{typ: fn.Ret, fields: declaredFields(f, c)}
			if err := b.shapeResult(f, x, &result{cols: cols}); err != nil {
				return nil, inFunction(f, err)
			}
		}
	}
	if len(list) == 0 && f.Ret != types.VoidOID {
		return nil, inFunction(f, noResult(fn.Ret))
	}
	return b.depList(), nil
}

// within makes the parameters of a function known, whose body the statement is a
// part of.
func (b *binder) within(f *catalog.Function) {
	inner := *b.Context
	b.followFunction(&inner, f)
	b.Context = &inner
	b.fn = &fnScope{fn: f, names: inputNames(f)}
	for i, t := range b.params {
		b.fn.args = append(b.fn.args, &plan.Param{N: i + 1, Typ: t})
	}
	b.outermost = b.fn
}

// fnResult gives the function's result of what its last statement gives.
func (b *binder) fnResult(r *result) (*result, error) {
	f := b.Fn
	if f.Ret == types.VoidOID {
		return r, nil
	}
	x := &expanded{typ: b.Catalog.TypeByOID(f.Ret), fields: declaredFields(f, b.Context)}
	if err := b.shapeResult(f, x, r); err != nil {
		return nil, inFunction(f, err)
	}
	if !x.row && x.fields != nil { // one row value: its fields
		whole := x.vals[0]
		x.vals = nil
		for i, fd := range x.fields {
			x.vals = append(x.vals, b.fieldAt(whole, i, fd))
		}
	}
	p := &plan.Project{In: r.node}
	out := &result{node: p}
	for i, v := range x.vals {
		n := f.Name
		if i < len(x.fields) {
			n = x.fields[i].Name
		}
		id := b.newCol(b.newQuery(nil), plan.ColInfo{Name: n, Type: v.Type(), Mod: v.Mod()})
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, v)
		out.cols = append(out.cols, OutCol{Name: n, Type: v.Type(), Mod: v.Mod(), ID: id})
	}
	return out, nil
}

func noResult(ret *types.Type) error {
	return mismatch(ret).WithDetail("Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.")
}

// declaredFields are the columns that a function declares: of its composite type,
// or its OUT parameters; nil when it gives one value.
func declaredFields(f *catalog.Function, c *Context) []types.Field {
	var out []types.Field
	for i := range f.Args {
		if a := &f.Args[i]; a.Output() {
			out = append(out, types.Field{Name: a.Name, Type: c.Catalog.TypeByOID(a.Type), Mod: types.NoMod})
		}
	}
	if f.Ret == types.RecordOID {
		return out
	}
	if t := c.Catalog.TypeByOID(f.Ret); t != nil && t.Underlying().Class == types.Composite {
		return t.Underlying().Fields
	}
	return nil
}

// checkStatement binds a statement of a function's body and gives the columns of
// its result; known: it has one.
func (b *binder) checkStatement(s ast.Stmt) (cols []OutCol, known bool, err error) {
	var m *Modify
	switch s := s.(type) {
	case *ast.Select:
		if s.IntoTarget() != nil {
			return nil, false, nil
		}
		r, err := b.selectStmt(s, nil, selOptions{})
		if err != nil {
			return nil, false, err
		}
		return r.cols, true, nil
	case *ast.Insert:
		m, err = b.insert(s, nil)
	case *ast.Update:
		m, err = b.update(s, nil)
	case *ast.Delete:
		m, err = b.delete(s, nil)
	case *ast.Merge:
		m, err = b.merge(s)
	}
	if err != nil || m == nil || m.Returning == nil {
		return nil, false, err
	}
	return m.Returning.Cols, true, nil
}
