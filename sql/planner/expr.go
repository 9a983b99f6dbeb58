package planner

import (
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// maxDepth bounds the nesting of expressions and of views.
const maxDepth = 4000

// expr binds an expression. An untyped literal keeps the type unknown until
// something coerces it.
func (b *binder) expr(e ast.Expr, c *ectx) (plan.Expr, error) {
	if b.depth++; b.depth > maxDepth {
		return nil, pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded").At(ast.Leftmost(e))
	}
	defer func() { b.depth-- }()
	switch e := e.(type) {
	case *ast.ColumnRef:
		return b.columnRef(e, c)
	case *ast.ParamRef:
		return b.param(e)
	case *ast.Literal:
		return b.literal(e)
	case *ast.TypeCast:
		return b.typeCast(e, c)
	case *ast.CollateClause:
		return b.collate(e, c)
	case *ast.BinaryOp:
		return b.binaryOp(e, c)
	case *ast.UnaryOp:
		return b.unaryOp(e, c)
	case *ast.BoolExpr:
		return b.boolExpr(e, c)
	case *ast.NullTest:
		return b.nullTest(e, c)
	case *ast.BooleanTest:
		return b.booleanTest(e, c)
	case *ast.DistinctExpr:
		return b.distinctExpr(e, c)
	case *ast.BetweenExpr:
		return b.between(e, c)
	case *ast.InExpr:
		return b.inList(e, c)
	case *ast.LikeExpr:
		return b.like(e, c)
	case *ast.AnyExpr:
		return b.anyArray(e, c)
	case *ast.SubLink:
		return b.subLink(e, c)
	case *ast.CaseExpr:
		return b.caseExpr(e, c)
	case *ast.CoalesceExpr:
		return b.coalesce(e, c)
	case *ast.MinMaxExpr:
		return b.minMax(e, c)
	case *ast.NullIfExpr:
		return b.nullIf(e, c)
	case *ast.RowExpr:
		return b.rowExpr(e, c)
	case *ast.ArrayExpr:
		return b.arrayExpr(e, c, nil, types.NoMod)
	case *ast.SubscriptExpr:
		return b.subscript(e, c)
	case *ast.FieldSelect:
		return b.fieldSelect(e, c)
	case *ast.FuncCall:
		return b.call(e, c)
	case *ast.GroupingFunc:
		return b.groupingFunc(e, c)
	case *ast.SQLValue:
		return b.sqlValue(e, c)
	case *ast.DefaultExpr:
		return nil, pgerr.New(pgerr.SyntaxError, "DEFAULT is not allowed in this context").At(e.Pos)
	case *ast.NamedArg:
		return nil, pgerr.New(pgerr.SyntaxError, "named arguments are not allowed here").At(e.Pos)
	}
	return nil, pgerr.NotSupported("expression %T", e).At(ast.Leftmost(e))
}

func (b *binder) columnRef(e *ast.ColumnRef, c *ectx) (plan.Expr, error) {
	if e.Star {
		if len(e.Parts) == 0 {
			return nil, pgerr.New(pgerr.SyntaxError, "row expansion via \"*\" is not supported here").At(e.Pos)
		}
		return b.itemRow(e, c)
	}
	if c.value != nil && len(e.Parts) == 1 && e.Parts[0] == "value" {
		return c.value, nil
	}
	if b.Vars != nil {
		return b.columnOrVariable(e, c)
	}
	return b.plainColumn(e, c)
}

// plainColumn resolves a name to a column, or to an argument of a function in SQL.
func (b *binder) plainColumn(e *ast.ColumnRef, c *ectx) (plan.Expr, error) {
	if c.s == nil {
		if x := b.argColumn(e.Parts); x != nil {
			return x, nil
		}
		return nil, b.noColumns(e, c)
	}
	x, err := b.column(c.s, e)
	if col, ok := x.(*plan.Col); ok && c.place.noSystem {
		if info := b.meta.Col(col.ID); info.Rel != 0 && info.Attr < 0 && info.Attr != plan.AttrTableOID {
			return nil, pgerr.New(pgerr.InvalidColumnReference, "cannot use system column \"%s\" in MERGE WHEN condition", info.Name).At(e.Pos)
		}
	}
	return x, err
}

func (b *binder) noColumns(e *ast.ColumnRef, c *ectx) error {
	if c.place == inDefault {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot use column reference in DEFAULT expression").At(e.Pos)
	}
	if len(e.Parts) > 1 {
		return pgerr.New(pgerr.UndefinedTable, "missing FROM-clause entry for table \"%s\"", e.Parts[len(e.Parts)-2]).At(e.Pos)
	}
	return pgerr.New(pgerr.UndefinedColumn, "column \"%s\" does not exist", e.Parts[0]).At(e.Pos)
}

// itemRow is t.* where a single value is wanted: the whole row.
func (b *binder) itemRow(e *ast.ColumnRef, c *ectx) (plan.Expr, error) {
	if _, ok, err := b.variableStar(e, c); ok || err != nil {
		if err != nil {
			return nil, err
		}
		return b.variable(e.Parts)
	}
	it, err := b.starItem(e, c)
	if err != nil {
		return nil, err
	}
	return b.wholeRow(it), nil
}

// starItem finds the item that t.* or s.t.* names.
func (b *binder) starItem(e *ast.ColumnRef, c *ectx) (*item, error) {
	schema, table := "", e.Parts[len(e.Parts)-1]
	if len(e.Parts) > 1 {
		schema = e.Parts[len(e.Parts)-2]
	}
	if c.s == nil {
		return nil, pgerr.New(pgerr.UndefinedTable, "missing FROM-clause entry for table \"%s\"", table).At(e.Pos)
	}
	it, err := c.s.table(schema, table, e.Pos)
	if err != nil {
		return nil, err
	}
	if it == nil {
		return nil, b.missingTable(c.s, table, e.Pos)
	}
	return it, nil
}

func (b *binder) param(e *ast.ParamRef) (plan.Expr, error) {
	if b.fn != nil {
		if e.Number < 1 || e.Number > len(b.fn.args) {
			return nil, pgerr.New(pgerr.UndefinedParameter, "there is no parameter $%d", e.Number).At(e.Pos)
		}
		return b.fn.args[e.Number-1], nil
	}
	if b.Vars != nil {
		if x, err := b.variable([]string{"$" + strconv.Itoa(e.Number)}); x != nil || err != nil {
			return x, err
		}
		return nil, pgerr.New(pgerr.UndefinedParameter, "there is no parameter $%d", e.Number).At(e.Pos)
	}
	const maxParams = 65535
	if e.Number < 1 || e.Number > maxParams || b.NoParams {
		return nil, pgerr.New(pgerr.UndefinedParameter, "there is no parameter $%d", e.Number).At(e.Pos)
	}
	for len(b.params) < e.Number {
		b.params = append(b.params, nil)
	}
	t := b.params[e.Number-1]
	if t == nil {
		t = types.TUnknown
	}
	return &plan.Param{N: e.Number, Typ: t}, nil
}

func (b *binder) literal(e *ast.Literal) (plan.Expr, error) {
	c := &plan.Const{Typ: types.TUnknown, TypMod: types.NoMod}
	switch e.Kind {
	case ast.LitNull:
	case ast.LitBool:
		c.Typ, c.Val = types.TBool, types.NewBool(e.Bool)
	case ast.LitString:
		c.Val = types.NewString(e.Text)
		b.literals[c] = e.Pos
		b.Names.literal(e, c)
	case ast.LitInteger:
		if n, err := strconv.ParseInt(e.Text, 10, 64); err == nil {
			c.Val, c.Typ = types.NewInt(n), types.TInt8
			if int64(int32(n)) == n {
				c.Typ = types.TInt4
			}
			return c, nil
		}
		return b.numericLiteral(e)
	case ast.LitNumeric:
		return b.numericLiteral(e)
	case ast.LitBit:
		d, err := types.ByOID(types.BitOID).In(&b.Env.Env, e.Text, types.NoMod)
		if err != nil {
			return nil, pgerr.AtPos(err, e.Pos)
		}
		c.Typ, c.Val = types.ByOID(types.BitOID), d
	}
	return c, nil
}

func (b *binder) numericLiteral(e *ast.Literal) (plan.Expr, error) {
	d, err := types.TNumeric.In(&b.Env.Env, e.Text, types.NoMod)
	if err != nil {
		return nil, pgerr.AtPos(err, e.Pos)
	}
	return &plan.Const{Val: d, Typ: types.TNumeric, TypMod: types.NoMod}, nil
}

func (b *binder) typeCast(e *ast.TypeCast, c *ectx) (plan.Expr, error) {
	t, mod, err := b.typeName(&e.Type)
	if err != nil {
		return nil, err
	}
	var x plan.Expr
	if arr, ok := e.X.(*ast.ArrayExpr); ok && (t.Underlying().IsArray() || t.Underlying().IsVector) {
		x, err = b.arrayExpr(arr, c, t, mod)
	} else {
		x, err = b.expr(e.X, c)
	}
	if err != nil {
		return nil, err
	}
	pos := e.Pos
	if lit, ok := e.X.(*ast.Literal); ok {
		pos = lit.Pos // PostgreSQL points at the literal it could not read
	}
	return b.explicitCast(x, t, mod, pos, e.Pos)
}

// explicitCast is CAST(x AS t). litPos is where a literal that cannot be read is
// pointed at, pos where an impossible cast is.
func (b *binder) explicitCast(x plan.Expr, t *types.Type, mod int32, litPos, pos int32) (plan.Expr, error) {
	if t.Class == types.Pseudo && !castablePseudo(t) {
		if x, err := castToPseudo(x, t); x != nil || err != nil {
			return x, pgerr.AtPos(err, litPos)
		}
		return nil, pgerr.New(pgerr.CannotCoerce, "cannot cast type %s to %s", formatType(x.Type(), types.NoMod), formatType(t, types.NoMod)).At(pos)
	}
	if !t.Underlying().Supported() && t.Underlying().Class != types.Composite {
		return nil, pgerr.NotSupported("type %s", formatType(t, types.NoMod)).At(pos)
	}
	if x.Type().OID == types.UnknownOID {
		pos = litPos
	}
	out, err := b.mustCoerce(x, t, mod, explicit, pos, func() *pgerr.Error { return cannotCast(x.Type(), t) })
	if err == nil && mod < 0 && out.Mod() >= 0 && t.Class != types.Domain {
		out = &plan.Relabel{X: out, Typ: out.Type(), TypMod: mod, Explicit: true} // x::numeric of a numeric(5)
	}
	return out, err
}

func (b *binder) collate(e *ast.CollateClause, c *ectx) (plan.Expr, error) {
	x, err := b.expr(e.X, c)
	if err != nil {
		return nil, err
	}
	t := x.Type().Underlying()
	if t.Collation == 0 && t.OID != types.UnknownOID && !(t.IsArray() && t.Elem.Collation != 0) {
		return nil, pgerr.New(pgerr.DatatypeMismatch, "collations are not supported by type %s", formatType(x.Type(), types.NoMod)).At(e.Pos)
	}
	if n := e.Collation.Schema; n != "" && b.Catalog.Schema(n) == nil {
		return nil, pgerr.New(pgerr.UndefinedSchema, "schema \"%s\" does not exist", n).At(e.Pos)
	}
	switch e.Collation.Object {
	case "default", "C", "POSIX", "ucs_basic", "C.utf8":
		return x, nil
	}
	return nil, pgerr.New(pgerr.UndefinedObject, "collation \"%s\" for encoding \"UTF8\" does not exist", e.Collation.String()).At(e.Pos)
}

func (b *binder) boolExpr(e *ast.BoolExpr, c *ectx) (plan.Expr, error) {
	name := [...]string{ast.BoolAnd: "AND", ast.BoolOr: "OR", ast.BoolNot: "NOT"}[e.Op]
	args, err := b.exprs(e.Args, c)
	if err != nil {
		return nil, err
	}
	for i := range args {
		if args[i], err = b.toBoolean(args[i], name, ast.Leftmost(e.Args[i])); err != nil {
			return nil, err
		}
	}
	switch e.Op {
	case ast.BoolAnd:
		return &plan.And{Args: args}, nil
	case ast.BoolOr:
		return &plan.Or{Args: args}, nil
	}
	return &plan.Not{X: args[0]}, nil
}

func (b *binder) nullTest(e *ast.NullTest, c *ectx) (plan.Expr, error) {
	x, err := b.expr(e.X, c)
	if err != nil {
		return nil, err
	}
	if isRow(x.Type()) {
		return &plan.RowNull{X: x, Not: e.Not}, nil
	}
	return &plan.IsNull{X: x, Not: e.Not}, nil
}

func isRow(t *types.Type) bool {
	t = t.Underlying()
	return t.OID == types.RecordOID || t.Class == types.Composite
}

func (b *binder) booleanTest(e *ast.BooleanTest, c *ectx) (plan.Expr, error) {
	x, err := b.expr(e.X, c)
	if err != nil {
		return nil, err
	}
	name := [...]string{"IS TRUE", "IS NOT TRUE", "IS FALSE", "IS NOT FALSE", "IS UNKNOWN", "IS NOT UNKNOWN"}[e.Kind]
	if x, err = b.toBoolean(x, name, ast.Leftmost(e.X)); err != nil {
		return nil, err
	}
	switch e.Kind {
	case ast.IsUnknown, ast.IsNotUnknown:
		return &plan.IsNull{X: x, Not: e.Kind == ast.IsNotUnknown}, nil
	}
	return &plan.BoolTest{
		X: x, Want: e.Kind == ast.IsTrue || e.Kind == ast.IsNotTrue,
		Not: e.Kind == ast.IsNotTrue || e.Kind == ast.IsNotFalse,
	}, nil
}

func (b *binder) between(e *ast.BetweenExpr, c *ectx) (plan.Expr, error) {
	cmp := func(op string, l, r ast.Expr) ast.Expr { return &ast.BinaryOp{Op: op, L: l, R: r, Pos: e.Pos} }
	and := func(x ...ast.Expr) ast.Expr { return &ast.BoolExpr{Op: ast.BoolAnd, Args: x, Pos: e.Pos} }
	or := func(x ...ast.Expr) ast.Expr { return &ast.BoolExpr{Op: ast.BoolOr, Args: x, Pos: e.Pos} }
	in := func(lo, hi ast.Expr) ast.Expr { return and(cmp(">=", e.X, lo), cmp("<=", e.X, hi)) }
	out := func(lo, hi ast.Expr) ast.Expr { return or(cmp("<", e.X, lo), cmp(">", e.X, hi)) }
	var x ast.Expr
	switch {
	case e.Symmetric && e.Not:
		x = and(out(e.Lo, e.Hi), out(e.Hi, e.Lo))
	case e.Symmetric:
		x = or(in(e.Lo, e.Hi), in(e.Hi, e.Lo))
	case e.Not:
		x = out(e.Lo, e.Hi)
	default:
		x = in(e.Lo, e.Hi)
	}
	return b.expr(x, c)
}

// like is [NOT] LIKE, ILIKE and SIMILAR TO: operators over a pattern, which an
// ESCAPE clause rewrites first.
func (b *binder) like(e *ast.LikeExpr, c *ectx) (plan.Expr, error) {
	op := [...]string{ast.Like: "~~", ast.ILike: "~~*", ast.SimilarTo: "~"}[e.Kind]
	if e.Not {
		op = "!" + op
	}
	pattern := e.Pattern
	fn := ""
	switch {
	case e.Kind == ast.SimilarTo:
		fn = "similar_to_escape"
	case e.Escape != nil:
		fn = "like_escape"
	}
	if fn != "" {
		args := []ast.Expr{pattern}
		if e.Escape != nil {
			args = append(args, e.Escape)
		}
		pattern = &ast.FuncCall{Name: ast.Name{Schema: "pg_catalog", Object: fn, Pos: e.Pos}, Args: args, Pos: e.Pos}
	}
	return b.binaryOp(&ast.BinaryOp{Op: op, L: e.X, R: pattern, Pos: e.Pos}, c)
}

func (b *binder) caseExpr(e *ast.CaseExpr, c *ectx) (plan.Expr, error) {
	cc := *c
	cc.cond = "CASE"
	out := &plan.Case{}
	var arg plan.Expr
	if e.Arg != nil {
		x, err := b.expr(e.Arg, &cc)
		if err != nil {
			return nil, err
		}
		if x.Type().OID == types.UnknownOID {
			if x, err = b.toCommon(x, types.TText, "CASE", ast.Leftmost(e.Arg)); err != nil {
				return nil, err
			}
		}
		out.Arg = x
		arg = &plan.CaseArg{Typ: x.Type(), TypMod: x.Mod()}
	}
	results := make([]plan.Expr, 0, len(e.Whens)+1)
	positions := make([]int32, 0, len(e.Whens)+1)
	var other plan.Expr = &plan.Const{Typ: types.TUnknown, TypMod: types.NoMod}
	otherPos := e.Pos
	for i := range e.Whens {
		w := &e.Whens[i]
		cond, err := b.caseCond(w, arg, &cc)
		if err != nil {
			return nil, err
		}
		then, err := b.expr(w.Result, &cc)
		if err != nil {
			return nil, err
		}
		out.Whens = append(out.Whens, plan.When{Cond: cond})
		results, positions = append(results, then), append(positions, ast.Leftmost(w.Result))
	}
	if e.Else != nil {
		var err error
		if other, err = b.expr(e.Else, &cc); err != nil {
			return nil, err
		}
		otherPos = ast.Leftmost(e.Else)
	}
	// PostgreSQL considers the ELSE first.
	all := append([]plan.Expr{other}, results...)
	t, err := commonType(all, "CASE", append([]int32{otherPos}, positions...))
	if err != nil {
		return nil, err
	}
	if out.Else, err = b.toCommon(other, t, "CASE/ELSE", otherPos); err != nil {
		return nil, err
	}
	all[0] = out.Else
	for i := range results {
		if out.Whens[i].Then, err = b.toCommon(results[i], t, "CASE/WHEN", positions[i]); err != nil {
			return nil, err
		}
		all[i+1] = out.Whens[i].Then
	}
	out.Typ, out.TypMod = t, commonMod(all, t)
	return out, nil
}

func (b *binder) caseCond(w *ast.When, arg plan.Expr, c *ectx) (plan.Expr, error) {
	x, err := b.expr(w.Cond, c)
	if err != nil {
		return nil, err
	}
	if arg != nil {
		if x, err = b.op("", "=", arg, x, w.Pos); err != nil {
			return nil, err
		}
	}
	return b.toBoolean(x, "CASE/WHEN", ast.Leftmost(w.Cond))
}

// commonList binds a list and coerces it to its common type.
func (b *binder) commonList(list []ast.Expr, construct string, c *ectx) ([]plan.Expr, *types.Type, error) {
	cc := *c
	cc.cond = construct
	args, err := b.exprs(list, &cc)
	if err != nil {
		return nil, nil, err
	}
	positions := make([]int32, len(list))
	for i, e := range list {
		positions[i] = ast.Leftmost(e)
	}
	t, err := commonType(args, construct, positions)
	if err != nil {
		return nil, nil, err
	}
	for i := range args {
		if args[i], err = b.toCommon(args[i], t, construct, positions[i]); err != nil {
			return nil, nil, err
		}
	}
	return args, t, nil
}

func (b *binder) coalesce(e *ast.CoalesceExpr, c *ectx) (plan.Expr, error) {
	args, t, err := b.commonList(e.Args, "COALESCE", c)
	if err != nil {
		return nil, err
	}
	return &plan.Coalesce{Args: args, Typ: t, TypMod: commonMod(args, t)}, nil
}

func (b *binder) minMax(e *ast.MinMaxExpr, c *ectx) (plan.Expr, error) {
	name := "GREATEST"
	if e.Least {
		name = "LEAST"
	}
	args, t, err := b.commonList(e.Args, name, &ectx{s: c.s, q: c.q, place: c.place, agg: c.agg, win: c.win, cond: c.cond, value: c.value})
	if err != nil {
		return nil, err
	}
	if !ordered(t) {
		return nil, pgerr.New(pgerr.UndefinedFunction, "could not identify a comparison function for type %s", formatType(t, types.NoMod)).At(e.Pos)
	}
	return &plan.MinMax{Least: e.Least, Args: args, Typ: t, TypMod: commonMod(args, t)}, nil
}

func (b *binder) nullIf(e *ast.NullIfExpr, c *ectx) (plan.Expr, error) {
	l, err := b.expr(e.L, c)
	if err != nil {
		return nil, err
	}
	r, err := b.expr(e.R, c)
	if err != nil {
		return nil, err
	}
	x, err := b.op("", "=", l, r, e.Pos)
	if err != nil {
		return nil, err
	}
	eq, ok := x.(*plan.Call)
	if !ok || eq.Ret.OID != types.BoolOID {
		return nil, pgerr.New(pgerr.DatatypeMismatch, "NULLIF requires = operator to yield boolean").At(e.Pos)
	}
	// The result is the left operand as it was compared, but a row keeps its type.
	out := &plan.NullIf{L: eq.Args[0], R: eq.Args[1], Eq: eq.Fn, X: eq.Args[0]}
	if t := eq.Args[0].Type().OID; t == types.RecordOID || t == types.RecordArrayOID {
		out.X = l
	}
	return out, nil
}

func (b *binder) distinctExpr(e *ast.DistinctExpr, c *ectx) (plan.Expr, error) {
	l, err := b.expr(e.L, c)
	if err != nil {
		return nil, err
	}
	r, err := b.expr(e.R, c)
	if err != nil {
		return nil, err
	}
	// IS DISTINCT FROM NULL, either side, is a NULL test.
	if isNullLiteral(e.R) && !isRow(l.Type()) {
		return &plan.IsNull{X: l, Not: !e.Not}, nil
	}
	if isNullLiteral(e.L) && !isRow(r.Type()) {
		return &plan.IsNull{X: r, Not: !e.Not}, nil
	}
	if lr, ok := l.(*plan.MakeRow); ok {
		if rr, ok := r.(*plan.MakeRow); ok && isSyntacticRow(e.L) && isSyntacticRow(e.R) {
			return b.rowDistinct(lr, rr, e)
		}
	}
	return b.distinctPair(l, r, e.Not, e.Pos)
}

func isNullLiteral(e ast.Expr) bool {
	l, ok := e.(*ast.Literal)
	return ok && l.Kind == ast.LitNull
}

func isSyntacticRow(e ast.Expr) bool { _, ok := e.(*ast.RowExpr); return ok }

func (b *binder) distinctPair(l, r plan.Expr, not bool, pos int32) (plan.Expr, error) {
	x, err := b.op("", "=", l, r, pos)
	if err != nil {
		return nil, err
	}
	eq, ok := x.(*plan.Call)
	if !ok || eq.Ret.OID != types.BoolOID {
		return nil, pgerr.New(pgerr.DatatypeMismatch, "IS DISTINCT FROM requires = operator to yield boolean").At(pos)
	}
	return &plan.Distinct{L: eq.Args[0], R: eq.Args[1], Eq: eq.Fn, Not: not}, nil
}

func (b *binder) rowDistinct(l, r *plan.MakeRow, e *ast.DistinctExpr) (plan.Expr, error) {
	if len(l.Args) != len(r.Args) {
		return nil, pgerr.New(pgerr.SyntaxError, "unequal number of entries in row expressions").At(e.Pos)
	}
	var parts []plan.Expr
	for i := range l.Args {
		x, err := b.distinctPair(l.Args[i], r.Args[i], e.Not, e.Pos)
		if err != nil {
			return nil, err
		}
		parts = append(parts, x)
	}
	if len(parts) == 0 {
		return &plan.Const{Val: types.NewBool(e.Not), Typ: types.TBool, TypMod: types.NoMod}, nil
	}
	if e.Not {
		return plan.Conjunction(parts), nil
	}
	return disjunction(parts), nil
}

func disjunction(list []plan.Expr) plan.Expr {
	if len(list) == 1 {
		return list[0]
	}
	return &plan.Or{Args: list}
}

// sqlValue is CURRENT_DATE and its kin, as calls of functions.
func (b *binder) sqlValue(e *ast.SQLValue, c *ectx) (plan.Expr, error) {
	fn := func(name string) plan.Expr {
		f := funcs.FindFunc(name)
		return &plan.Call{Fn: f, Ret: f.Ret, RetMod: types.NoMod, Pos: e.Pos}
	}
	cast := func(t *types.Type) (plan.Expr, error) {
		mod := e.Precision
		if mod > maxPrecision {
			m, err := timeMod(b.Context, t, int64(mod))
			if err != nil {
				return nil, err
			}
			mod = m
		}
		return b.coerce(fn("now"), t, mod, explicit, e.Pos)
	}
	if b.View {
		return nil, pgerr.NotSupported("%s in a materialized view", sqlValueName(e.Func)).At(e.Pos)
	}
	switch e.Func {
	case ast.CurrentDate:
		return cast(types.TDate)
	case ast.CurrentTime:
		return cast(types.TTimetz)
	case ast.CurrentTimestamp:
		return cast(types.TTimestamptz)
	case ast.LocalTime:
		return cast(types.TTime)
	case ast.LocalTimestamp:
		return cast(types.TTimestamp)
	case ast.SessionUser:
		return fn("session_user"), nil
	case ast.CurrentCatalog:
		return fn("current_database"), nil
	case ast.CurrentSchema:
		return fn("current_schema"), nil
	}
	return fn("current_user"), nil
}

func sqlValueName(f ast.ValueFunc) string {
	return [...]string{
		"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
		"current_role", "current_user", "user", "session_user", "current_catalog", "current_schema",
	}[f]
}
