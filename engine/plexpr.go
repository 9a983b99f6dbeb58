package engine

import (
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/plpgsql"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// plExpr is an expression or statement of a function as a session has planned it.
type plExpr struct {
	src *plpgsql.Expr
	p   *prepared
	// simple is the value of an expression that reads no table; progs compute it.
	simple plan.Expr
	progs  []*plProg
	typ    *types.Type
	vars   plVars
	// What simple was planned under.
	snap     *catalog.Snapshot
	edits    uint64
	settings uint64
	args     []types.Datum
}

// plRef is a parameter of a plan: a variable, or field number field of its row (-1:
// all of it). shape is the type the row had.
type plRef struct {
	v, field int
	typ      *types.Type
	fields   *types.Field
}

// plVars resolves names to variables. It implements planner.Variables.
type plVars struct {
	run  *plRun
	expr *plpgsql.Expr
	refs []plRef
}

// Prefers implements planner.Variables.
func (x *plVars) Prefers() planner.Preference {
	switch x.run.f.tree.Conflict {
	case plpgsql.UseVariable:
		return planner.PreferVariable
	case plpgsql.UseColumn:
		return planner.PreferColumn
	}
	return planner.PreferNone
}

// Variable implements planner.Variables.
func (x *plVars) Variable(parts []string) (planner.Variable, int, error) {
	v, used := x.expr.Find(parts)
	if v == nil {
		return planner.Variable{}, 0, nil
	}
	vt := x.run.f.vars[v.Number]
	if !vt.rec {
		return x.ref(plRef{v: v.Number, field: -1, typ: vt.typ}, vt.mod), used, nil
	}
	r := &x.run.vals[v.Number].rec
	if r.fields == nil && used == len(parts) { // all of it is NULL
		return x.ref(plRef{v: v.Number, field: -1, typ: types.TRecord}, types.NoMod), used, nil
	}
	if r.fields == nil {
		return planner.Variable{}, 0, notAssigned(v.Name)
	}
	if used == len(parts) {
		return x.ref(plRef{v: v.Number, field: -1, typ: r.typ}, types.NoMod), used, nil
	}
	at := r.field(parts[used])
	if at < 0 {
		return planner.Variable{}, 0, pgerr.New(pgerr.UndefinedColumn, "record \"%s\" has no field \"%s\"", v.Name, parts[used])
	}
	return x.ref(plRef{v: v.Number, field: at, typ: r.fields[at].Type, fields: &r.fields[at]}, r.fields[at].Mod), used + 1, nil
}

func (x *plVars) ref(r plRef, mod int32) planner.Variable {
	for i := range x.refs {
		if x.refs[i].v == r.v && x.refs[i].field == r.field {
			return planner.Variable{N: i + 1, Type: r.typ, Mod: mod}
		}
	}
	x.refs = append(x.refs, r)
	return planner.Variable{N: len(x.refs), Type: r.typ, Mod: mod}
}

// reshaped tells whether a row has another shape than when it was planned for.
func (x *plVars) reshaped(a *plRun) bool {
	for i := range x.refs {
		r := &x.refs[i]
		if !a.f.vars[r.v].rec && a.f.vars[r.v].typ != r.typ {
			return true
		}
		if !a.f.vars[r.v].rec || a.f.vars[r.v].typ != nil {
			continue
		}
		rec := &a.vals[r.v].rec
		if r.field < 0 {
			if rec.typ == nil && r.typ.OID == types.RecordOID {
				continue
			}
			if rec.typ != r.typ && (rec.typ == nil || rec.typ.OID != r.typ.OID || !sameFields(rec.typ.Fields, r.typ.Fields)) {
				return true
			}
			continue
		}
		if r.field >= len(rec.fields) || rec.fields[r.field].Name != r.fields.Name || !types.Same(rec.fields[r.field].Type, r.typ) {
			return true
		}
	}
	return false
}

// values are the values of the parameters.
func (x *plVars) values(a *plRun, out []types.Datum) []types.Datum {
	out = out[:0]
	for i := range x.refs {
		r := &x.refs[i]
		v := &a.vals[r.v]
		switch {
		case !a.f.vars[r.v].rec:
			out = append(out, v.d)
		case r.field < 0:
			out = append(out, v.rec.datum())
		case v.rec.vals == nil:
			out = append(out, types.Null)
		default:
			out = append(out, v.rec.vals[r.field])
		}
	}
	return out
}

// expr gives a text of the function parsed.
func (a *plRun) expr(e *plpgsql.Expr) (*plExpr, error) {
	if x := a.f.exprs[e.ID]; x != nil {
		x.vars.run = a
		return x, nil
	}
	list, err := parser.Parse(e.Text)
	if err != nil {
		return nil, a.inText(e, err, false)
	}
	if len(list) != 1 {
		return nil, pgerr.New(pgerr.SyntaxError, "syntax error in \"%s\"", e.Source())
	}
	x := &plExpr{src: e, vars: plVars{run: a, expr: e}}
	x.p = &prepared{st: &list[0], sql: list[0].Text, at: a.s.e.now(), vars: &x.vars}
	a.f.exprs[e.ID] = x
	return x, nil
}

// prepare plans a text, unless its plan holds.
func (a *plRun) prepare(x *plExpr) error {
	if x.vars.reshaped(a) {
		x.p.plan.discard()
		x.p.plan = nil
	}
	switch x.p.st.Stmt.(type) {
	case *ast.Select:
		return a.s.analyzeQuery(x.p)
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		return a.s.analyzeModify(x.p)
	}
	return nil
}

// eval evaluates an expression.
func (a *plRun) eval(e *plpgsql.Expr) (types.Datum, *types.Type, error) {
	x, err := a.expr(e)
	if err != nil {
		return types.Null, nil, err
	}
	if x.simple == nil || x.snap != a.s.sys.Snapshot || x.edits != a.s.edits() || x.settings != a.s.settings.Version() || x.vars.reshaped(a) {
		if err := a.plan(x); err != nil {
			return types.Null, nil, err
		}
	}
	if x.simple == nil {
		return a.evalQuery(x)
	}
	switch s := x.simple.(type) {
	case *plan.Param:
		x.args = x.vars.values(a, x.args)
		return x.args[s.N-1], x.typ, nil
	case *plan.Const:
		return s.Val, x.typ, nil
	}
	var p *plProg
	if n := len(x.progs); n > 0 {
		p, x.progs = x.progs[n-1], x.progs[:n-1]
	} else if p, err = a.s.newPLProg(x.simple); err != nil {
		return types.Null, nil, err
	}
	args := x.args
	x.args = nil
	args = x.vars.values(a, args)
	d, err := p.eval(&a.fctx, args)
	if err != nil {
		return types.Null, nil, err
	}
	x.args, x.progs = args, append(x.progs, p)
	return d, x.typ, nil
}

// plan plans an expression.
func (a *plRun) plan(x *plExpr) error {
	x.simple, x.progs = nil, nil
	a.snapshot()
	a.s.systemContext()
	if err := a.prepare(x); err != nil {
		return a.inText(x.src, err, false)
	}
	q := x.p.plan.query
	if q == nil {
		return nil
	}
	if len(q.Cols) != 1 {
		return pgerr.New(pgerr.SyntaxError, "query \"%s\" returned %d columns", x.src.Source(), len(q.Cols))
	}
	x.typ = q.Cols[0].Type
	if fields := q.Fields(); fields != nil && x.typ.OID == types.RecordOID {
		x.typ = types.RecordOf(fields)
	}
	if q.Fails != nil {
		return a.inText(x.src, q.Fails, true)
	}
	x.simple = q.Simple()
	x.snap, x.edits, x.settings = a.s.sys.Snapshot, a.s.edits(), a.s.settings.Version()
	return nil
}

// evalQuery evaluates an expression that reads tables.
func (a *plRun) evalQuery(x *plExpr) (types.Datum, *types.Type, error) {
	a.snapshot()
	args := x.vars.values(a, nil)
	r, err := a.s.execute(a.ctx, x.p, args, a.s.sink)
	if err != nil {
		return types.Null, nil, a.inText(x.src, err, true)
	}
	defer r.close()
	rows, err := readAll(a.ctx, r.src)
	if err != nil {
		return types.Null, nil, a.inText(x.src, err, true)
	}
	at := resultColumns(x.p)[0]
	out, n := types.Null, 0
	for _, b := range rows {
		if b.N > 0 && n == 0 {
			out = b.Cols[at].Datum(0)
		}
		n += b.N
	}
	if n > 1 {
		return types.Null, nil, a.inText(x.src, pgerr.New(pgerr.CardinalityViolation, "query returned more than one row"), true)
	}
	return out, x.typ, nil
}

// evalBool evaluates a condition.
func (a *plRun) evalBool(e *plpgsql.Expr) (bool, error) {
	d, t, err := a.eval(e)
	if err != nil {
		return false, err
	}
	if t.OID != types.BoolOID {
		if d, err = a.cast(d, t, types.TBool, types.NoMod); err != nil {
			return false, err
		}
	}
	return !d.IsNull() && d.Bool(), nil
}

// evalText evaluates an expression to text, false when it is NULL.
func (a *plRun) evalText(e *plpgsql.Expr) (string, bool, error) {
	d, t, err := a.eval(e)
	if err != nil || d.IsNull() {
		return "", false, err
	}
	return t.Text(&a.s.env.Env, d), true, nil
}

// inText says in which text an error is: where it stands, or what was run.
func (a *plRun) inText(e *plpgsql.Expr, err error, running bool) error {
	pe, ok := err.(*pgerr.Error)
	if !ok {
		return err
	}
	c := *pe
	text, skip := e.Text, 0
	what := "SQL statement"
	if e.Prefix > 0 && e.Prefix != len("SELECT ") {
		skip = 0
		what = "SQL expression"
	}
	switch {
	case e.Shown != "":
		text, skip, what = e.Shown, e.Prefix-e.ShownAt, "PL/pgSQL assignment"
	case e.Prefix == len("SELECT ") && !e.Perform:
		text, skip, what = e.Source(), e.Prefix, "SQL expression"
	}
	if c.Pos > 0 && c.InternalQuery == "" {
		c.InternalPos, c.InternalQuery, c.Pos = c.Pos-int32(skip), text, 0
		return &c
	}
	c.Pos = 0
	if running {
		c.Where = joinLines(c.Where, what+" \""+text+"\"")
	}
	return &c
}

func joinLines(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n" + b
}

func itoa(n int) string { return strconv.Itoa(n) }

// plRows are the rows of a query that was run, with their columns.
type plRows struct {
	fields []types.Field
	list   []*vec.Batch
	at     []int
	batch  int
	row    int
}

// next gives the next row, false behind the last.
func (r *plRows) next() ([]types.Datum, bool) {
	for r.batch < len(r.list) {
		b := r.list[r.batch]
		if r.row < b.N {
			out := make([]types.Datum, len(r.at))
			for i, c := range r.at {
				out[i] = b.Cols[c].Datum(r.row)
			}
			r.row++
			return out, true
		}
		r.batch, r.row = r.batch+1, 0
	}
	return nil, false
}

// count is how many rows there are.
func (r *plRows) count() int64 {
	n := 0
	for _, b := range r.list {
		n += b.N
	}
	return int64(n)
}

// isConstant tells an expression that the planner has computed.
func (a *plRun) isConstant(e *plpgsql.Expr) bool {
	x := a.f.exprs[e.ID]
	if x == nil {
		return false
	}
	c, ok := x.simple.(*plan.Const)
	return ok && !c.Val.IsNull()
}
