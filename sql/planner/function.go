package planner

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// A function written in SQL whose body is one query is bound in place of its call:
// the arguments are columns of a row (each evaluated once), and the body is
// joined to that row. So it runs once, in batch and as a part of a view, by what
// there is for subqueries. A body that is an expression over its arguments becomes
// that expression.

// fnScope is the function whose body is being bound.
type fnScope struct {
	fn    *catalog.Function
	outer *fnScope
	names []string
	args  []plan.Expr
}

// maxFnDepth and maxFnCalls bound functions that call others.
const (
	maxFnDepth = 100
	maxFnCalls = 5000
)

// arg finds an argument by its name.
func (s *fnScope) arg(name string) plan.Expr {
	if s == nil || name == "" {
		return nil
	}
	if i := slices.Index(s.names, name); i >= 0 {
		return s.args[i]
	}
	return nil
}

// argColumn resolves a name of one to three parts to an argument, or a field of
// one; nil when it is none.
func (b *binder) argColumn(parts []string) plan.Expr {
	if b.fn == nil {
		return nil
	}
	if len(parts) > 1 && parts[0] == b.fn.fn.Name {
		if x := b.argPath(parts[1:]); x != nil {
			return x
		}
	}
	return b.argPath(parts)
}

func (b *binder) argPath(parts []string) plan.Expr {
	x := b.fn.arg(parts[0])
	switch {
	case x == nil || len(parts) > 2:
		return nil
	case len(parts) == 2:
		return b.field(x, parts[1])
	}
	return x
}

// inlinable gives the query that a function's body is, nil when the body is
// something else and has to be run.
func (b *binder) inlinable(f *catalog.Function) (*ast.Select, error) {
	list, err := b.body(f)
	if err != nil || len(list) != 1 || f.Ret == types.VoidOID {
		return nil, err
	}
	sel, ok := list[0].Stmt.(*ast.Select)
	if !ok || sel.IntoTarget() != nil || changesRows(sel) {
		return nil, nil
	}
	return sel, nil
}

// changesRows tells whether a query's WITH clause has data-modifying statements, or
// it locks rows.
func changesRows(s *ast.Select) bool {
	if len(s.Locking) > 0 {
		return true
	}
	return s.With != nil && slices.ContainsFunc(s.With.CTEs, func(c ast.CTE) bool { return c.DML != nil })
}

// body parses a function's body.
func (b *binder) body(f *catalog.Function) ([]ast.Statement, error) {
	return FunctionBody(b.Context, f)
}

// FunctionBody parses the statements of a function's body.
func FunctionBody(c *Context, f *catalog.Function) ([]ast.Statement, error) {
	list, err := functionBody(c, f)
	if err != nil {
		err = inFunction(f, err)
	}
	return list, err
}

func functionBody(c *Context, f *catalog.Function) ([]ast.Statement, error) {
	texts := f.Statements
	if f.Body == "" {
		texts = []string{f.Src}
	}
	var out []ast.Statement
	for _, t := range texts {
		list, err := c.ParseBody(t)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// inFunction says in which function an error is; its place is in another text.
func inFunction(f *catalog.Function, err error) error {
	if e, ok := err.(*pgerr.Error); ok {
		c := *e
		c.Pos = 0
		return c.WithWhere("SQL function \"%s\"", f.Name)
	}
	return err
}

// isUsers tells whether a function is one that a user has written.
func isUsers(f *funcs.Func) bool { return f.OID >= types.FirstUserOID && !f.Supported() }

// called notes that a user's function is called.
func (b *binder) called(fn *funcs.Func) *catalog.Function {
	f := b.Catalog.FunctionByOID(fn.OID)
	b.depend(f.OID, 0)
	b.bodyDeps[catalog.Dep{Object: f.OID, Kind: catalog.DepNormal}] = struct{}{}
	b.access(f.OID, "X")
	return f
}

// expanded is the body of a function in place of its call: node gives rows whose
// values are vals.
type expanded struct {
	node plan.Node
	vals []plan.Expr
	// one: exactly one row, which is computed from the arguments alone.
	one bool
	// row: vals are the fields of the result, of type typ; else there is one value.
	row    bool
	fields []types.Field
	typ    *types.Type
}

// expand binds the body of a function that is called with these arguments.
func (b *binder) expand(bc *boundCall, c *ectx, pos int32) (*expanded, error) {
	f := b.called(bc.fn)
	sel, err := b.inlinable(f)
	switch {
	case err != nil:
		return nil, err
	case b.checking && (sel == nil || b.fn.calls(f)):
		return b.unknownResult(bc), nil
	case sel == nil:
		return b.run(f, bc, c, pos)
	}
	if err := b.enterFn(f, pos); err != nil {
		return nil, err
	}
	given, args := b.argColumns(bc)
	r, err := b.bindBody(f, sel, args)
	if err != nil {
		return nil, inFunction(f, err)
	}
	x := &expanded{typ: bc.ret, fields: b.resultFields(bc)}
	if err := b.shapeResult(f, x, r); err != nil {
		return nil, inFunction(f, err)
	}
	if len(f.Config) > 0 && asksPath(r.node) {
		return nil, pgerr.NotSupported("function %s, which has a search_path of its own and asks for it", f.Name).At(pos)
	}
	x.node = r.node
	if p, ok := onlyExpressions(r.node); ok && !(f.SecDef && asksWho(r.node)) && b.substitute(x, p, given, f.Strict && !f.RetSet) {
		x.one, x.node = true, oneRow()
		return x, nil
	}
	if volatileBelow(r.node) || f.SecDef && asksWho(r.node) {
		return b.run(f, bc, c, pos)
	}
	in := plan.Node(given)
	if f.Strict {
		for _, id := range given.Cols {
			in = filter(in, &plan.IsNull{X: b.meta.Ref(id), Not: true})
		}
	}
	if f.Strict || dependsOn(r.node, given) {
		x.node = joinNode(plan.Inner, in, r.node, nil)
	}
	return x, nil
}

// calls tells whether a function's body is being bound.
func (s *fnScope) calls(f *catalog.Function) bool {
	for ; s != nil; s = s.outer {
		if s.fn.OID == f.OID {
			return true
		}
	}
	return false
}

// unknownResult stands for the result of a call in a body that is only checked.
func (b *binder) unknownResult(bc *boundCall) *expanded {
	x := &expanded{node: oneRow(), one: true, typ: bc.ret, fields: b.resultFields(bc)}
	null := func(t *types.Type, mod int32) { x.vals = append(x.vals, &plan.Const{Typ: t, TypMod: mod}) }
	if x.row = x.fields != nil; !x.row {
		null(bc.ret, types.NoMod)
	}
	for _, f := range x.fields {
		null(f.Type, f.Mod)
	}
	return x
}

// enterFn counts the functions that are bound within others.
func (b *binder) enterFn(f *catalog.Function, pos int32) error {
	b.fnCalls++
	depth := 0
	for s := b.fn; s != nil; s = s.outer {
		depth++
	}
	if depth >= maxFnDepth || b.fnCalls > maxFnCalls || b.fn.calls(f) {
		return pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded").
			WithHint("Function %s calls itself, or functions call each other too deeply.", f.Name).At(pos)
	}
	return nil
}

// argColumns makes columns of the arguments.
func (b *binder) argColumns(bc *boundCall) (*plan.Project, []plan.Expr) {
	p := &plan.Project{In: oneRow()}
	q := b.newQuery(nil)
	var refs []plan.Expr
	for _, a := range bc.args {
		id := b.newCol(q, plan.ColInfo{Name: "arg", Type: a.Type(), Mod: a.Mod()})
		delete(b.owner, id) // it belongs to no level: an aggregate over it is the body's
		if fields := b.rowFields(a); fields != nil {
			b.recordFields[id] = fields
		}
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, a)
		refs = append(refs, b.meta.Ref(id))
	}
	return p, refs
}

// inputNames are the names of the parameters that calls give.
func inputNames(f *catalog.Function) []string {
	var names []string
	for i := range f.Args {
		if f.Args[i].Input() {
			names = append(names, f.Args[i].Name)
		}
	}
	return names
}

// bindBody binds a query of a function's body over its arguments.
func (b *binder) bindBody(f *catalog.Function, sel *ast.Select, args []plan.Expr) (*result, error) {
	outer, fn, deps, as := b.Context, b.fn, b.deps, b.acc.as
	inner := *outer
	inner.Names = nil
	b.followFunction(&inner, f)
	b.Context, b.fn, b.deps = &inner, &fnScope{fn: f, outer: fn, names: inputNames(f), args: args}, map[catalog.Dep]struct{}{}
	if f.SecDef {
		b.acc.as = f.Owner
	}
	r, err := b.selectStmt(sel, nil, selOptions{})
	if b.View { // what the body reads, the view depends on
		for d := range b.deps {
			b.bodyDeps[d] = struct{}{}
		}
	}
	b.Context, b.fn, b.deps, b.acc.as = outer, fn, deps, as
	return r, err
}

// followFunction makes names be looked up as a function's body wants it.
func (b *binder) followFunction(c *Context, f *catalog.Function) {
	path, ok := f.Setting("search_path")
	if !ok && f.Body != "" {
		path, ok = f.Path, true
	}
	if ok {
		c.Follow(b.Catalog.ResolvePath(catalog.SplitPath(path), "", 0))
	}
}

// onlyExpressions tells a query that is one row of expressions.
func onlyExpressions(n plan.Node) (*plan.Project, bool) {
	p, ok := n.(*plan.Project)
	if !ok {
		return nil, false
	}
	v, ok := p.In.(*plan.Values)
	return p, ok && len(v.Rows) == 1 && len(v.Cols) == 0
}

// volatileBelow tells whether a plan calls a volatile function.
func volatileBelow(n plan.Node) bool {
	return callsBelow(n, func(f *funcs.Func) bool { return f.Volatility == funcs.Volatile })
}

// asksWho tells whether a plan calls a function whose value is the current role's.
func asksWho(n plan.Node) bool {
	return callsBelow(n, func(f *funcs.Func) bool {
		return f.Name == "current_user" || strings.HasPrefix(f.Name, "has_") || f.Name == "pg_has_role" || f.Name == "row_security_active"
	})
}

// asksPath tells whether a plan calls a function whose value depends on the search
// path.
func asksPath(n plan.Node) bool {
	return callsBelow(n, func(f *funcs.Func) bool {
		return strings.HasPrefix(f.Name, "current_schema") || strings.HasSuffix(f.Name, "_is_visible") || strings.HasPrefix(f.Name, "to_reg") ||
			f.Name == "current_setting"
	})
}

// callsBelow tells whether a plan calls a function of a kind.
func callsBelow(n plan.Node, kind func(*funcs.Func) bool) bool {
	found := false
	plan.VisitNodes(n, func(n plan.Node) {
		if m, ok := n.(*plan.FlatMap); ok {
			for _, g := range m.Gens {
				found = found || g.Fn != nil && kind(g.Fn)
			}
		}
		for _, e := range n.Exprs() {
			plan.Visit(e, func(x plan.Expr) bool {
				switch x := x.(type) {
				case *plan.Subquery:
					found = found || callsBelow(x.Plan, kind)
				case *plan.Call:
					found = found || kind(x.Fn)
				}
				return !found
			})
		}
	})
	return found
}

// substitute puts the arguments into expressions that read nothing else; false:
// an argument would be evaluated again.
func (b *binder) substitute(x *expanded, p *plan.Project, given *plan.Project, strict bool) bool {
	const most = 200
	below := map[plan.ColID]plan.Expr{}
	for i, id := range p.Cols {
		below[id] = p.Vals[i]
	}
	vals := make([]plan.Expr, len(x.vals))
	uses := map[plan.ColID]int{}
	for i, v := range x.vals {
		vals[i] = replaceCols(v, below)
		bad := false
		plan.Visit(vals[i], func(e plan.Expr) bool {
			switch e := e.(type) {
			case *plan.Col:
				uses[e.ID]++
			case *plan.Subquery:
				bad = true
			}
			return !bad
		})
		if bad {
			return false
		}
	}
	args := map[plan.ColID]plan.Expr{}
	for i, id := range given.Cols {
		a := given.Vals[i]
		n := uses[id]
		if strict {
			n++
		}
		if plan.IsVolatile(a) && n != 1 || n > 1 && exprSize(a) > most/n {
			return false
		}
		args[id] = a
	}
	for i, v := range vals {
		v = replaceCols(v, args)
		if strict && len(given.Vals) > 0 {
			v = nullIfAny(v, given.Vals)
		}
		x.vals[i] = v
	}
	return true
}

// nullIfAny is x, or NULL when one of the arguments is.
func nullIfAny(x plan.Expr, args []plan.Expr) plan.Expr {
	var conds []plan.Expr
	for _, a := range args {
		if c, ok := a.(*plan.Const); ok && !c.Val.IsNull() {
			continue
		}
		conds = append(conds, &plan.IsNull{X: a})
	}
	if len(conds) == 0 {
		return x
	}
	cond := conds[0]
	if len(conds) > 1 {
		cond = &plan.Or{Args: conds}
	}
	return &plan.Case{Whens: []plan.When{{Cond: cond, Then: &plan.Const{Typ: x.Type(), TypMod: x.Mod()}}}, Else: x, Typ: x.Type(), TypMod: x.Mod()}
}

func replaceCols(x plan.Expr, by map[plan.ColID]plan.Expr) plan.Expr {
	return plan.Map(x, func(e plan.Expr) plan.Expr {
		if c, ok := e.(*plan.Col); ok && by[c.ID] != nil {
			return by[c.ID]
		}
		return e
	})
}

func exprSize(x plan.Expr) int {
	n := 0
	plan.Visit(x, func(plan.Expr) bool { n++; return true })
	return n
}

// sqlCall is a call of a function written in SQL that gives one value.
func (b *binder) sqlCall(bc *boundCall, c *ectx, pos int32) (plan.Expr, error) {
	e, err := b.expand(bc, c, pos)
	if err != nil {
		return nil, err
	}
	if e.one {
		return b.noteBare(bc, e.value()), nil
	}
	if c.place.noSub {
		return nil, pgerr.NotSupported("calling function %s, whose body is a query, in %s", bc.fn.Name, c.place.name).At(pos)
	}
	once := b.firstRow(e.project(b))
	b.alikeCall(bc, once)
	return b.noteBare(bc, &plan.Subquery{Kind: plan.SubScalar, Plan: once, Typ: bc.ret, TypMod: types.NoMod}), nil
}

// noteBare notes a value of a function that returns record, whose columns have to be
// told in FROM although they are known.
func (b *binder) noteBare(bc *boundCall, x plan.Expr) plan.Expr {
	if bc.ret.OID == types.RecordOID && len(bc.fn.Out) == 0 {
		b.bareRecord = x
	}
	return x
}

// value is the result as one value.
func (e *expanded) value() plan.Expr {
	if !e.row {
		return e.vals[0]
	}
	row := &plan.MakeRow{Args: e.vals, Typ: e.typ}
	for _, f := range e.fields {
		if f.Dropped {
			f.Name = ""
		}
		row.Names = append(row.Names, f.Name)
	}
	if e.typ.OID == types.RecordOID {
		row.Typ = types.RecordOf(e.fields)
	}
	return row
}

// project gives rows of the result as one value.
func (e *expanded) project(b *binder) *plan.Project {
	x := e.value()
	id := b.newCol(b.newQuery(nil), plan.ColInfo{Name: "value", Type: x.Type(), Mod: x.Mod()})
	if f := b.rowFields(x); f != nil {
		b.recordFields[id] = f
	}
	return &plan.Project{In: e.node, Cols: []plan.ColID{id}, Vals: []plan.Expr{x}}
}

// firstRow keeps the first row, unless there is at most one.
func (b *binder) firstRow(n plan.Node) plan.Node {
	for _, k := range plan.NewDeriver(b.Env.Zone).Of(n).Keys {
		if len(k) == 0 {
			return n
		}
	}
	return &plan.Limit{In: n, Count: &plan.Const{Val: types.NewInt(1), Typ: types.TInt8, TypMod: types.NoMod}}
}

// sqlSet is a set-returning function written in SQL in an expression: its rows are
// an array's elements.
func (b *binder) sqlSet(bc *boundCall, c *ectx, pos int32) (plan.Expr, error) {
	e, err := b.expand(bc, c, pos)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(e.fields, func(f types.Field) bool { return f.Dropped }) {
		return nil, pgerr.NotSupported("function %s, whose result type has dropped columns, in an expression", bc.fn.Name).At(pos)
	}
	p := e.project(b)
	at := types.TRecordArray
	if t := p.Vals[0].Type(); t.OID != types.RecordOID {
		if t.Array == nil {
			return nil, pgerr.NotSupported("function %s, which returns a set of %s, in an expression", bc.fn.Name, formatType(t, types.NoMod)).At(pos)
		}
		at = t.Array
	}
	unnest := *funcs.FindFunc("unnest", types.TAnyArray)
	unnest.Name, unnest.Out = bc.fn.Name, bc.fn.Out
	array := &plan.Subquery{Kind: plan.SubArray, Plan: p, Typ: at, TypMod: types.NoMod}
	x, err := b.setCall(&boundCall{fn: &unnest, args: []plan.Expr{array}, ret: p.Vals[0].Type()}, c, pos)
	if err == nil && at == types.TRecordArray && len(bc.fn.Out) > 0 { // its fields are told by nothing else
		g := &c.q.sets[len(c.q.sets)-1].gen
		g.Columns = outColumns(e.fields)
	}
	return x, err
}
