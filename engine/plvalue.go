package engine

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/plpgsql"
	"github.com/streamsqld/streamsqld/sql/types"
)

// plValue is what a variable holds: a value, or a row. A row without a shape is a
// RECORD that nothing was assigned to; one without values is NULL.
type plValue struct {
	d   types.Datum
	rec plRecord
}

// plRecord is a row: typ is the type it is shown as, fields those that vals are of.
type plRecord struct {
	typ    *types.Type
	fields []types.Field
	vals   []types.Datum
}

// datum is the row as one value.
func (r *plRecord) datum() types.Datum {
	if r.vals == nil {
		return types.Null
	}
	return rowDatum(r.fields, r.vals)
}

func rowDatum(fields []types.Field, vals []types.Datum) types.Datum {
	ts := make([]*types.Type, len(fields))
	for i := range fields {
		ts[i] = fields[i].Type
	}
	return types.NewString(string(types.AppendRecord(nil, ts, vals)))
}

// recordOf takes a value of a row type apart; NULL has the shape of its type.
func recordOf(d types.Datum, t *types.Type) plRecord {
	r := plRecord{typ: t, fields: liveFields(t.Underlying().Fields)}
	if d.IsNull() {
		return r
	}
	rec := types.DecodeRecord(d.Str())
	if len(r.fields) == 0 { // an anonymous one
		for i, ft := range rec.Types {
			r.fields = append(r.fields, types.Field{Name: "f" + itoa(i+1), Type: ft, Mod: types.NoMod})
		}
		r.typ = types.RecordOf(r.fields)
	}
	r.vals = make([]types.Datum, len(r.fields))
	copy(r.vals, rec.Vals)
	return r
}

// plCastKey tells casts apart.
type plCastKey struct {
	from, to OID
	mod      int32
}

// plProg computes an expression over its parameters, one run at a time.
type plProg struct {
	prog *expr.Prog
	bind *expr.Binding
	busy bool
}

func (s *Session) newPLProg(x plan.Expr) (*plProg, error) {
	p := &plProg{bind: expr.NewBinding(nil)}
	prog, err := expr.Compile(x, expr.Layout{}, &expr.CompileCtx{Env: s.env, Bind: p.bind})
	p.prog = prog
	return p, err
}

func (p *plProg) eval(c *funcs.Ctx, args []types.Datum) (types.Datum, error) {
	p.busy = true
	defer func() { p.busy = false }()
	p.bind.SetParams(args)
	out, err := p.prog.Datums(c)
	if err != nil {
		return types.Null, err
	}
	return out[0], nil
}

// cast makes a value of one type one of another, as an assignment does.
func (a *plRun) cast(d types.Datum, from, to *types.Type, mod int32) (types.Datum, error) {
	if from == to && mod == types.NoMod && to.Class != types.Domain || to.OID == types.RecordOID {
		return d, nil
	}
	if from.OID == to.OID && mod == types.NoMod && to.Class != types.Domain && to.Class != types.Composite {
		return d, nil
	}
	if d.IsNull() && to.Class != types.Domain {
		return d, nil
	}
	if from.OID == types.RecordOID && to.Class == types.Composite {
		return a.castRecord(d, from, to)
	}
	if from.OID == types.UnknownOID {
		return to.In(&a.s.env.Env, d.Str(), mod)
	}
	key := plCastKey{from.OID, to.OID, mod}
	p := a.s.plCasts[key]
	if p == nil || p.busy {
		x, err := planner.PlanCast(a.s.plannerContext(nil), from, to, mod)
		if err != nil {
			return types.Null, err
		}
		if p, err = a.s.newPLProg(x); err != nil {
			return types.Null, err
		}
		if from.OID < types.FirstUserOID && to.OID < types.FirstUserOID {
			if a.s.plCasts == nil {
				a.s.plCasts = map[plCastKey]*plProg{}
			}
			a.s.plCasts[key] = p
		}
	}
	return p.eval(a.fc(), []types.Datum{d})
}

// castRecord makes an anonymous row one of a composite type, field by field.
func (a *plRun) castRecord(d types.Datum, from, to *types.Type) (types.Datum, error) {
	src := recordOf(d, from)
	out, err := a.fit(&src, liveFields(to.Fields))
	if err != nil {
		return types.Null, err
	}
	return rowDatum(liveFields(to.Fields), out), nil
}

// fit casts a row's values to fields; missing ones are NULL.
func (a *plRun) fit(src *plRecord, fields []types.Field) ([]types.Datum, error) {
	out := make([]types.Datum, len(fields))
	for i := range min(len(fields), len(src.vals)) {
		var err error
		if out[i], err = a.cast(src.vals[i], src.fields[i].Type, fields[i].Type, fields[i].Mod); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// set assigns a value to a whole variable.
func (a *plRun) set(v int, d types.Datum, t *types.Type) error {
	vt := a.f.vars[v]
	if vt.rec {
		return a.setRow(v, d, t)
	}
	d, err := a.cast(d, t, vt.typ, vt.mod)
	if err != nil {
		return err
	}
	return a.put(v, d)
}

// put stores a value of the variable's type.
func (a *plRun) put(v int, d types.Datum) error {
	if d.IsNull() && a.f.tree.Vars[v].NotNull {
		return pgerr.New(pgerr.NullValueNotAllowed, "null value cannot be assigned to variable \"%s\" declared NOT NULL", a.f.tree.Vars[v].Name)
	}
	a.vals[v].d = d
	return nil
}

// setRow assigns a value to a variable that holds a row.
func (a *plRun) setRow(v int, d types.Datum, t *types.Type) error {
	if !isRowType(t) {
		if d.IsNull() {
			return a.nullRow(v)
		}
		return pgerr.New(pgerr.DatatypeMismatch, "cannot assign non-composite value to a record variable")
	}
	r := recordOf(d, t)
	if d.IsNull() && len(r.fields) == 0 {
		return a.nullRow(v)
	}
	return a.setFields(v, &r)
}

func isRowType(t *types.Type) bool {
	return t.OID == types.RecordOID || t.Underlying().Class == types.Composite
}

func (a *plRun) nullRow(v int) error {
	if a.f.tree.Vars[v].NotNull {
		return pgerr.New(pgerr.NullValueNotAllowed, "null value cannot be assigned to variable \"%s\" declared NOT NULL", a.f.tree.Vars[v].Name)
	}
	a.vals[v].rec = a.emptyRow(v)
	return nil
}

// emptyRow is a NULL of the variable's type.
func (a *plRun) emptyRow(v int) plRecord {
	t := a.f.vars[v].typ
	if t == nil {
		return plRecord{}
	}
	return plRecord{typ: t, fields: liveFields(t.Underlying().Fields)}
}

// setFields assigns a row, whose fields a composite type casts.
func (a *plRun) setFields(v int, r *plRecord) error {
	t := a.f.vars[v].typ
	if t == nil {
		a.vals[v].rec = *r
		return nil
	}
	if r.typ != nil && r.typ.OID == t.OID {
		a.vals[v].rec = plRecord{typ: t, fields: r.fields, vals: r.vals}
		return nil
	}
	fields := liveFields(t.Underlying().Fields)
	if r.vals == nil {
		a.vals[v].rec = plRecord{typ: t, fields: fields}
		return nil
	}
	vals, err := a.fit(r, fields)
	if err != nil {
		return err
	}
	a.vals[v].rec = plRecord{typ: t, fields: fields, vals: vals}
	return nil
}

// assign assigns a value to a target.
func (a *plRun) assign(to *plpgsql.Target, d types.Datum, t *types.Type) error {
	if len(to.Field) == 0 && len(to.Subs) == 0 {
		return a.set(to.Var, d, t)
	}
	base, bt := a.vals[to.Var].d, a.f.vars[to.Var].typ
	path := to.Field
	if a.f.vars[to.Var].rec {
		return a.assignField(to, d, t)
	}
	out, err := a.assignPart(base, bt, path, to, d, t)
	if err != nil {
		return err
	}
	return a.put(to.Var, out)
}

// assignField assigns to a field of a row, or to a part of one.
func (a *plRun) assignField(to *plpgsql.Target, d types.Datum, t *types.Type) error {
	r := &a.vals[to.Var].rec
	name := a.f.tree.Vars[to.Var].Name
	if r.fields == nil {
		return notAssigned(name)
	}
	if len(to.Field) == 0 {
		return pgerr.New(pgerr.DatatypeMismatch, "cannot subscript type %s because it does not support subscripting", "record")
	}
	at := r.field(to.Field[0])
	if at < 0 {
		return pgerr.New(pgerr.UndefinedColumn, "record \"%s\" has no field \"%s\"", name, to.Field[0])
	}
	f := r.fields[at]
	cur := types.Null
	if r.vals != nil {
		cur = r.vals[at]
	}
	var err error
	if len(to.Field) == 1 && len(to.Subs) == 0 {
		d, err = a.cast(d, t, f.Type, f.Mod)
	} else {
		d, err = a.assignPart(cur, f.Type, to.Field[1:], to, d, t)
	}
	if err != nil {
		return err
	}
	vals := make([]types.Datum, len(r.fields)) // the old ones may be held elsewhere
	copy(vals, r.vals)
	vals[at] = d
	r.vals = vals
	return nil
}

func (r *plRecord) field(name string) int {
	for i := range r.fields {
		if r.fields[i].Name == name {
			return i
		}
	}
	return -1
}

func notAssigned(name string) error {
	return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "record \"%s\" is not assigned yet", name).
		WithDetail("The tuple structure of a not-yet-assigned record is indeterminate.")
}

// assignPart gives a value with a part of it changed: fields, then subscripts.
func (a *plRun) assignPart(base types.Datum, bt *types.Type, fields []string, to *plpgsql.Target, d types.Datum, t *types.Type) (types.Datum, error) {
	var path []ast.PathStep
	for _, f := range fields {
		path = append(path, ast.PathStep{Field: f})
	}
	args := []types.Datum{base, d}
	sub := func(e *plpgsql.Expr) (ast.Expr, error) {
		if e == nil {
			return nil, nil
		}
		v, vt, err := a.eval(e)
		if err == nil {
			v, err = a.cast(v, vt, types.TInt4, types.NoMod)
		}
		args = append(args, v)
		return &ast.ParamRef{Number: len(args)}, err
	}
	for i := range to.Subs {
		s := &to.Subs[i]
		lo, err := sub(s.At)
		if err != nil {
			return types.Null, err
		}
		step := ast.Subscript{Slice: s.Slice, Hi: lo}
		if s.Slice {
			step.Lo = lo
			if step.Hi, err = sub(s.To); err != nil {
				return types.Null, err
			}
		}
		path = append(path, ast.PathStep{Sub: &step})
	}
	x, err := planner.PlanPart(a.s.plannerContext(nil), bt, path, t, a.f.tree.Vars[to.Var].Name, len(args)-2)
	if err != nil {
		return types.Null, err
	}
	p, err := a.s.newPLProg(x)
	if err != nil {
		return types.Null, err
	}
	return p.eval(a.fc(), args)
}

// fc is what expressions are evaluated in.
func (a *plRun) fc() *funcs.Ctx { return &funcs.Ctx{Context: a.ctx, Env: a.s.env} }
