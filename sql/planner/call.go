package planner

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// boundCall is a call whose function is chosen and whose arguments are coerced.
type boundCall struct {
	fn       *funcs.Func
	args     []plan.Expr
	ret      *types.Type
	variadic bool
}

// call binds a function, aggregate or window function call.
func (b *binder) call(e *ast.FuncCall, c *ectx) (plan.Expr, error) {
	if c.agg && e.Over != nil {
		return nil, pgerr.New(pgerr.GroupingError, "aggregate function calls cannot contain window function calls").At(e.Pos)
	}
	inner := *c
	isAgg := b.namesAggregate(e)
	if isAgg && e.Over == nil {
		inner.agg = true
	}
	if e.Over != nil {
		inner.win = true
	}
	args, argNames, err := b.callArgs(e, &inner)
	if err != nil {
		return nil, err
	}
	e, args = groupWindow(e, args, argNames)
	var order []plan.Expr
	if e.WithinGroup {
		if order, err = b.exprs(sortExprs(e.OrderBy), &inner); err != nil {
			return nil, err
		}
	}
	// (x).f and f(x) mean the same where x is a row with a column f.
	if x := b.columnCall(e, args); x != nil {
		return x, nil
	}
	bc, cast, err := b.resolveCall(e, append(append([]plan.Expr(nil), args...), order...), argNames)
	if err != nil {
		return nil, err
	}
	if cast != nil {
		return cast, nil
	}
	return b.finishCall(e, bc, c, len(args))
}

func sortExprs(items []ast.SortItem) []ast.Expr {
	out := make([]ast.Expr, len(items))
	for i := range items {
		out[i] = items[i].X
	}
	return out
}

// namesAggregate tells whether any function of that name is an aggregate.
func (b *binder) namesAggregate(e *ast.FuncCall) bool {
	for _, f := range b.allFunctions(e.Name.Schema, e.Name.Object) {
		if f.Kind == funcs.Aggregate {
			return true
		}
	}
	return false
}

// callArgs binds the arguments; the names of named ones come second.
func (b *binder) callArgs(e *ast.FuncCall, c *ectx) ([]plan.Expr, []string, error) {
	const maxArgs = 100
	if len(e.Args) > maxArgs {
		return nil, nil, pgerr.New(pgerr.TooManyArguments, "cannot pass more than %d arguments to a function", maxArgs).At(e.Pos)
	}
	var out []plan.Expr
	var names []string
	for _, a := range e.Args {
		if n, ok := a.(*ast.NamedArg); ok {
			for _, have := range names {
				if have == n.Name {
					return nil, nil, pgerr.New(pgerr.SyntaxError, "argument name \"%s\" used more than once", n.Name).At(n.Pos)
				}
			}
			names = append(names, n.Name)
			a = n.X
		} else if len(names) > 0 {
			return nil, nil, pgerr.New(pgerr.SyntaxError, "positional argument cannot follow named argument").At(ast.Leftmost(a))
		}
		x, err := b.expr(a, c)
		if err != nil {
			return nil, nil, err
		}
		if p, ok := x.(*plan.Param); ok && p.Typ.OID == types.VoidOID && len(names) == 0 && !e.WithinGroup {
			continue // JDBC's way to pass a parameter that is for output only
		}
		out = append(out, x)
	}
	return out, names, nil
}

// columnCall is f(row) where the row has a column f and no function fits.
func (b *binder) columnCall(e *ast.FuncCall, args []plan.Expr) plan.Expr {
	if len(args) != 1 || e.Name.Schema != "" || !plainCall(e) || !isRow(args[0].Type()) {
		return nil
	}
	return b.field(args[0], e.Name.Object)
}

func plainCall(e *ast.FuncCall) bool {
	return !e.Star && !e.Distinct && !e.Variadic && e.OrderBy == nil && e.Filter == nil && e.Over == nil
}

// namedCall is x.f as f(x), for functional notation; nil when there is no such
// function of a row.
func (b *binder) namedCall(name string, x plan.Expr, pos int32) (plan.Expr, error) {
	if !isRow(x.Type()) {
		return nil, nil
	}
	cands := matching(b.funcCandidates("", name, 1, nil, false), []*types.Type{x.Type()})
	if len(cands) == 0 {
		return nil, nil
	}
	best := bestOf(cands, []*types.Type{x.Type()})
	if best == nil || best.fn.Kind != funcs.Scalar {
		return nil, nil
	}
	bc, err := b.coerceCall(best, []plan.Expr{x}, false, pos)
	if err != nil {
		return nil, err
	}
	return b.scalarCall(bc, pos), nil
}

// rowFunction is alias.f as f(alias).
func (b *binder) rowFunction(it *item, name string, pos int32) (plan.Expr, error) {
	if it.scalar {
		return nil, nil
	}
	return b.namedCall(name, b.wholeRow(it), pos)
}

// resolveCall chooses the function. A call that is really a cast, int4(x), gives
// that expression instead.
func (b *binder) resolveCall(e *ast.FuncCall, args []plan.Expr, argNames []string) (*boundCall, plan.Expr, error) {
	bc, cast, err := b.chooseCall(e, args, argNames)
	b.Names.call(e, bc)
	return bc, cast, err
}

func (b *binder) chooseCall(e *ast.FuncCall, args []plan.Expr, argNames []string) (*boundCall, plan.Expr, error) {
	ts := make([]*types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type()
	}
	if e.Name.Catalog != "" && b.Env.Session != nil && e.Name.Catalog != b.Env.Session.Database() {
		return nil, nil, pgerr.New(pgerr.FeatureNotSupported, "cross-database references are not implemented: %s", dotted([]string{e.Name.Catalog, e.Name.Schema, e.Name.Object})).At(e.Pos)
	}
	if e.Name.Schema != "" && b.Catalog.Schema(e.Name.Schema) == nil {
		return nil, nil, pgerr.New(pgerr.InvalidSchemaName, "schema \"%s\" does not exist", e.Name.Schema).At(e.Pos)
	}
	cands := b.funcCandidates(e.Name.Schema, e.Name.Object, len(args), argNames, e.Variadic)
	for _, cand := range cands {
		if sameTypes(cand.args[:len(ts)], ts) {
			if ambiguousDefaults(cand, cands) {
				return nil, nil, notUnique(e, ts, argNames)
			}
			bc, err := b.coerceNamed(cand, args, e)
			return bc, nil, err
		}
	}
	if len(args) == 1 && argNames == nil && plainCall(e) {
		if x, err := b.callAsCast(e, args[0]); x != nil || err != nil {
			return nil, x, err
		}
	}
	fit := matching(cands, ts)
	best := bestOf(fit, ts)
	switch {
	case best == nil && len(fit) > 1, best != nil && ambiguousDefaults(best, cands):
		return nil, nil, notUnique(e, ts, argNames)
	case best == nil:
		return nil, nil, b.noSuchCall(e, ts, argNames)
	}
	bc, err := b.coerceNamed(best, args, e)
	return bc, nil, err
}

func notUnique(e *ast.FuncCall, ts []*types.Type, argNames []string) error {
	return pgerr.New(pgerr.AmbiguousFunction, "function %s is not unique", callSignature(e.Name.String(), ts, argNames)).
		WithHint("Could not choose a best candidate function. You might need to add explicit type casts.").At(e.Pos)
}

// ambiguousDefaults tells whether another function is called alike, with defaults for
// what is not given.
func ambiguousDefaults(c *candidate, cands []*candidate) bool {
	return c.defaults > 0 && slices.ContainsFunc(cands, func(d *candidate) bool {
		return d != c && d.defaults > 0 && sameArgs(c, d)
	})
}

// noSuchCall words the failure to find a function as PostgreSQL does.
func (b *binder) noSuchCall(e *ast.FuncCall, ts []*types.Type, argNames []string) error {
	name := e.Name.String()
	if !e.WithinGroup && e.OrderBy != nil && b.namesAggregate(e) {
		return pgerr.New(pgerr.UndefinedFunction, "function %s does not exist", callSignature(name, ts, argNames)).
			WithHint("No aggregate function matches the given name and argument types. Perhaps you misplaced ORDER BY; ORDER BY must appear after all regular arguments of the aggregate.").At(e.Pos)
	}
	return noFunction(name, ts, argNames, e.Pos)
}

func sameTypes(a, b []*types.Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !types.Same(a[i], b[i]) {
			return false
		}
	}
	return true
}

// callAsCast is typename(x): a cast when the name is a type's and the cast needs
// no function of its own.
func (b *binder) callAsCast(e *ast.FuncCall, x plan.Expr) (plan.Expr, error) {
	t := lookupType(b.Context, e.Name)
	if t == nil || t.Class == types.Composite {
		return nil, nil
	}
	src := x.Type()
	ok := src.OID == types.UnknownOID
	if !ok {
		switch kind, _ := pathway(t, src, explicit); kind {
		case pathRelabel:
			ok = true
		case pathIO:
			ok = !(isRow(src) && t.Category == 'S')
		}
	}
	if !ok {
		return nil, nil
	}
	return b.explicitCast(x, t, types.NoMod, ast.Leftmost(e.Args[0]), e.Pos)
}

// coerceNamed is coerceCall for a call as written. VARIADIC "any" says nothing of
// its argument's type, which has to be an array.
func (b *binder) coerceNamed(cand *candidate, args []plan.Expr, e *ast.FuncCall) (*boundCall, error) {
	last := len(args) - 1
	if e.Variadic && cand.fn.Variadic.OID == types.AnyOID && !args[last].Type().Underlying().IsArray() {
		return nil, pgerr.New(pgerr.DatatypeMismatch, "VARIADIC argument must be an array").At(ast.Leftmost(e.Args[last]))
	}
	return b.coerceCall(cand, args, e.Variadic, e.Pos)
}

// coerceCall resolves polymorphic types and coerces the arguments, filling in
// defaults and gathering variadic ones into an array.
func (b *binder) coerceCall(cand *candidate, args []plan.Expr, variadic bool, pos int32) (*boundCall, error) {
	f := cand.fn
	actual := make([]*types.Type, len(args))
	for i, a := range args {
		actual[i] = a.Type()
	}
	want, ret, err := resolveGenerics(actual, cand.args[:len(args)], f.Ret)
	if err != nil {
		return nil, err
	}
	out := make([]plan.Expr, len(args))
	for i, a := range args {
		t := want[i]
		if t.OID == types.AnyOID || t.IsPolymorphic() {
			out[i] = a
			continue
		}
		if out[i], err = b.coerceArg(a, t, pos); err != nil {
			return nil, err
		}
	}
	if cand.order != nil || cand.defaults > 0 {
		if out, err = b.fillDefaults(cand, out, pos); err != nil {
			return nil, err
		}
	}
	bc := &boundCall{fn: f, args: out, ret: ret, variadic: variadic}
	if cand.expanded >= 0 && f.Variadic.OID != types.AnyOID {
		gatherVariadic(bc, cand.expanded)
	}
	return bc, nil
}

// gatherVariadic makes an array of the trailing n arguments.
func gatherVariadic(bc *boundCall, n int) {
	fixed := len(bc.args) - n
	elems := bc.args[fixed:]
	at := bc.fn.Args[len(bc.fn.Args)-1]
	if len(elems) > 0 && elems[0].Type().Array != nil {
		at = elems[0].Type().Array
	}
	bc.args = append(bc.args[:fixed:fixed], &plan.MakeArray{Elems: append([]plan.Expr(nil), elems...), Typ: at})
	bc.variadic = true
}

// fillDefaults puts named arguments in order and binds the defaults of those
// that are missing.
func (b *binder) fillDefaults(cand *candidate, args []plan.Expr, pos int32) ([]plan.Expr, error) {
	f := cand.fn
	out := make([]plan.Expr, len(f.Args))
	for i, a := range args {
		at := i
		if cand.order != nil {
			at = cand.order[i]
		}
		out[at] = a
	}
	first := len(f.Args) - f.NumDefaults
	for i := range out {
		if out[i] != nil {
			continue
		}
		e, err := b.ParseExpr(f.Defaults[i-first])
		if err != nil {
			return nil, err
		}
		x, err := b.expr(e, &ectx{place: inDefault})
		if err != nil {
			return nil, err
		}
		if out[i], err = b.coerceDefault(cand, args, x, i, pos); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// coerceDefault coerces the default of argument i, as an assignment; that of a
// polymorphic argument to what the given ones make of it.
func (b *binder) coerceDefault(cand *candidate, given []plan.Expr, x plan.Expr, i int, pos int32) (plan.Expr, error) {
	t := cand.fn.Args[i]
	if !isUsers(cand.fn) {
		return b.coerceArg(x, t, pos)
	}
	if t.IsPolymorphic() {
		actual, declared := argTypes(given), cand.args[:len(given)]
		_, known, err := resolveGenerics(actual, declared, t)
		if err != nil || known.IsPolymorphic() {
			known = x.Type()
			if known.OID == types.UnknownOID {
				return nil, pgerr.New(pgerr.DatatypeMismatch, "could not determine polymorphic type because input has type unknown").At(pos)
			}
		}
		t = known
	}
	return b.mustCoerce(x, t, types.NoMod, assignment, pos, func() *pgerr.Error {
		return pgerr.New(pgerr.CannotCoerce, "cannot cast type %s to %s", formatType(x.Type(), types.NoMod), formatType(t, types.NoMod))
	})
}

// scalarCall makes the expression of a plain function call.
func (b *binder) scalarCall(bc *boundCall, pos int32) plan.Expr {
	b.noteVolatile(bc.fn)
	return &plan.Call{Fn: bc.fn, Args: bc.args, Ret: bc.ret, RetMod: types.NoMod, Variadic: bc.variadic, Pos: pos}
}

// finishCall makes a scalar, set-returning, aggregate or window call. direct is
// the number of arguments before WITHIN GROUP.
func (b *binder) finishCall(e *ast.FuncCall, bc *boundCall, c *ectx, direct int) (plan.Expr, error) {
	name := e.Name.String()
	if bc.fn.Kind == funcs.Scalar {
		if err := plainOnly(e, name); err != nil {
			return nil, err
		}
		if isUsers(bc.fn) {
			if bc.fn.RetSet {
				return b.sqlSet(bc, c, e.Pos)
			}
			return b.sqlCall(bc, c, e.Pos)
		}
		if err := b.routine(bc, c, e.Pos); err != nil {
			return nil, err
		}
		if b.View {
			if err := refuseInView(bc.fn, e.Pos); err != nil {
				return nil, err
			}
		}
		if bc.fn.RetSet {
			return b.setCall(bc, c, e.Pos)
		}
		if im := bc.fn.Impl(); im != nil && im.Set != nil && im.Kernel == nil && im.Bind == nil {
			return b.recordCall(bc, c, e.Pos)
		}
		return b.scalarCall(bc, e.Pos), nil
	}
	if bc.fn.Kind == funcs.Procedure {
		return nil, pgerr.New(pgerr.WrongObjectType, "%s is a procedure", callSignature(name, argTypes(bc.args), nil)).WithHint("To call a procedure, use CALL.").At(e.Pos)
	}
	if e.Over != nil {
		return b.windowCall(e, bc, c)
	}
	if bc.fn.Kind == funcs.Window {
		return nil, pgerr.New(pgerr.WrongObjectType, "window function %s requires an OVER clause", name).At(e.Pos)
	}
	return b.aggregate(e, bc, c, direct)
}

// plainOnly refuses aggregate and window syntax on a plain function.
func plainOnly(e *ast.FuncCall, name string) error {
	bad := func(what string) error {
		return pgerr.New(pgerr.WrongObjectType, "%s specified, but %s is not an aggregate function", what, name).At(e.Pos)
	}
	switch {
	case e.Star:
		return pgerr.New(pgerr.WrongObjectType, "%s(*) specified, but %s is not an aggregate function", name, name).At(e.Pos)
	case e.Distinct:
		return bad("DISTINCT")
	case e.WithinGroup:
		return bad("WITHIN GROUP")
	case e.OrderBy != nil:
		return bad("ORDER BY")
	case e.Filter != nil:
		return bad("FILTER")
	case e.Over != nil:
		return pgerr.New(pgerr.WrongObjectType, "OVER specified, but %s is not a window function nor an aggregate function", name).At(e.Pos)
	}
	return nil
}

// refuseInView refuses what a materialized view cannot be maintained with.
func refuseInView(f *funcs.Func, pos int32) error {
	switch {
	case f.Volatility == funcs.Volatile:
		return pgerr.New(pgerr.FeatureNotSupported, "volatile function %s cannot be used in a materialized view", f.Name).
			WithHint("Its value would change without a change of the view's input.").At(pos)
	case sessionFuncs[f.Name], f.OfSystem(), strings.HasPrefix(f.Name, "to_reg"):
		return pgerr.New(pgerr.FeatureNotSupported, "function %s cannot be used in a materialized view", f.Name).
			WithHint("Its value depends on the session, the catalog or the time of the query.").At(pos)
	}
	return nil
}

// sessionFuncs are the stable functions whose value is the session's or the
// moment's, not the data's (semantics §9).
var sessionFuncs = map[string]bool{
	"now": true, "transaction_timestamp": true, "statement_timestamp": true, "current_user": true, "session_user": true,
	"current_setting": true, "current_database": true, "current_schema": true, "current_schemas": true, "current_query": true,
	"inet_client_addr": true, "inet_client_port": true, "inet_server_addr": true, "inet_server_port": true, "pg_backend_pid": true,
	"version": true, "pg_my_temp_schema": true, "txid_current_if_assigned": true, "pg_current_xact_id_if_assigned": true,
	"has_table_privilege": true, "has_schema_privilege": true, "has_column_privilege": true, "has_database_privilege": true,
	"pg_has_role": true, "pg_table_is_visible": true, "pg_get_viewdef": true, "pg_is_in_recovery": true, "pg_postmaster_start_time": true,
	"pg_conf_load_time": true, "pg_current_snapshot": true,
}

// recordCall is a function that gives one row, and is made as those are that give
// many: a generator in FROM, elsewhere a subquery of it.
func (b *binder) recordCall(bc *boundCall, c *ectx, pos int32) (plan.Expr, error) {
	b.noteVolatile(bc.fn)
	if c.place == inFromFunc && c.q != nil {
		return c.q.addSet(b, bc, pos)
	}
	q := b.newQuery(c.s)
	g := plan.Gen{Fn: bc.fn, Args: bc.args, Variadic: bc.variadic, Pos: pos}
	x, err := b.genColumns(q, &g, bc)
	if err != nil {
		return nil, err
	}
	fm := &plan.FlatMap{In: oneRow(), Gens: []plan.Gen{g}, Ordinal: -1}
	id := b.newCol(q, plan.ColInfo{Name: bc.fn.Name, Type: x.Type(), Mod: x.Mod()})
	b.recordFields[id] = b.rowFields(x)
	p := &plan.Project{In: fm, Vals: []plan.Expr{x}, Cols: []plan.ColID{id}}
	return &plan.Subquery{Kind: plan.SubScalar, Plan: p, Typ: x.Type(), TypMod: x.Mod()}, nil
}

// setCall is a set-returning function in an expression: its rows come from a
// FlatMap under the query's projection.
func (b *binder) setCall(bc *boundCall, c *ectx, pos int32) (plan.Expr, error) {
	const what = "set-returning functions"
	switch {
	case c.agg:
		return nil, pgerr.New(pgerr.FeatureNotSupported, "aggregate function calls cannot contain set-returning function calls").
			WithHint("You might be able to move the set-returning function into a LATERAL FROM item.").At(pos)
	case c.win:
		return nil, pgerr.New(pgerr.FeatureNotSupported, "window function calls cannot contain set-returning function calls").
			WithHint("You might be able to move the set-returning function into a LATERAL FROM item.").At(pos)
	case c.cond != "":
		return nil, pgerr.New(pgerr.FeatureNotSupported, "set-returning functions are not allowed in %s", c.cond).
			WithHint("You might be able to move the set-returning function into a LATERAL FROM item.").At(pos)
	case !c.place.sets || c.q == nil:
		return nil, notAllowed(what, pgerr.FeatureNotSupported, c.place, pos)
	}
	b.noteVolatile(bc.fn)
	if b.View {
		if err := refuseInView(bc.fn, pos); err != nil {
			return nil, err
		}
	}
	return c.q.addSet(b, bc, pos)
}
