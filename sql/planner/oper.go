package planner

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Operators as PostgreSQL's parse_oper.c resolves them.

func (b *binder) binaryOp(e *ast.BinaryOp, c *ectx) (plan.Expr, error) {
	// A comparison of two row constructors is done field by field, and one of a row
	// constructor with a subquery row against row.
	if lr, ok := e.L.(*ast.RowExpr); ok {
		switch r := e.R.(type) {
		case *ast.RowExpr:
			return b.rowComparison(lr, r, e, c)
		case *ast.SubLink:
			if r.Kind == ast.SubExpr {
				return b.rowSubquery(lr, r, e, c)
			}
		}
	}
	// x = NULL stays x = NULL (transform_null_equals is off).
	l, err := b.expr(e.L, c)
	if err != nil {
		return nil, err
	}
	r, err := b.expr(e.R, c)
	if err != nil {
		return nil, err
	}
	return b.op(e.Schema, e.Op, l, r, e.Pos)
}

func (b *binder) unaryOp(e *ast.UnaryOp, c *ectx) (plan.Expr, error) {
	x, err := b.expr(e.X, c)
	if err != nil {
		return nil, err
	}
	return b.op(e.Schema, e.Op, nil, x, e.Pos)
}

// op makes an operator expression; l is nil for a prefix operator.
func (b *binder) op(schema, name string, l, r plan.Expr, pos int32) (plan.Expr, error) {
	var lt *types.Type
	if l != nil {
		lt = l.Type()
	}
	o, err := b.operator(schema, name, lt, r.Type(), pos)
	if err != nil {
		return nil, err
	}
	args, actual, declared := []plan.Expr{r}, []*types.Type{r.Type()}, []*types.Type{o.Right}
	if l != nil {
		args, actual, declared = []plan.Expr{l, r}, []*types.Type{lt, r.Type()}, []*types.Type{o.Left, o.Right}
	}
	want, ret, err := resolveGenerics(actual, declared, o.Ret)
	if err != nil {
		return nil, err
	}
	for i := range args {
		if args[i], err = b.coerceArg(args[i], want[i], pos); err != nil {
			return nil, err
		}
	}
	b.noteVolatile(o.Func)
	return &plan.Call{Fn: o.Func, Args: args, Ret: ret, RetMod: types.NoMod, Op: name, Pos: pos}, nil
}

// coerceArg converts an argument to its parameter's type, which is known to be
// possible.
func (b *binder) coerceArg(e plan.Expr, t *types.Type, pos int32) (plan.Expr, error) {
	if types.Same(e.Type(), t) {
		return e, nil
	}
	return b.coerceType(e, t, types.NoMod, implicit, pos)
}

// operator finds the operator for operand types; l is nil for a prefix one.
func (b *binder) operator(schema, name string, l, r *types.Type, pos int32) (*funcs.Operator, error) {
	if schema == "" || schema == "pg_catalog" {
		if o := exactOperator(name, l, r); o != nil {
			return o, nil
		}
		args := []*types.Type{r}
		if l != nil {
			args = []*types.Type{l, r}
		}
		var cands []*candidate
		for _, o := range funcs.Operators(name) {
			if (o.Left == nil) != (l == nil) {
				continue
			}
			ca := []*types.Type{o.Right}
			if l != nil {
				ca = []*types.Type{o.Left, o.Right}
			}
			cands = append(cands, &candidate{args: ca, op: o, expanded: -1})
		}
		cands = matching(cands, args)
		switch {
		case len(cands) == 1:
			return cands[0].op, nil
		case len(cands) > 1:
			if best := selectCandidate(cands, args); best != nil {
				return best.op, nil
			}
			return nil, pgerr.New(pgerr.AmbiguousFunction, "operator is not unique: %s", opSignature(schema, name, l, r)).
				WithHint("Could not choose a best candidate operator. You might need to add explicit type casts.").At(pos)
		}
	}
	if schema != "" && b.Catalog.Schema(schema) == nil {
		if strings.Contains(schema, ".") {
			return nil, pgerr.New(pgerr.FeatureNotSupported, "cross-database references are not implemented: %s.%s", schema, name)
		}
		return nil, pgerr.New(pgerr.UndefinedSchema, "schema \"%s\" does not exist", schema).At(pos)
	}
	e := pgerr.New(pgerr.UndefinedFunction, "operator does not exist: %s", opSignature(schema, name, l, r))
	if l == nil {
		e.WithHint("No operator matches the given name and argument type. You might need to add an explicit type cast.")
	} else {
		e.WithHint("No operator matches the given name and argument types. You might need to add explicit type casts.")
	}
	return nil, e.At(pos)
}

func opSignature(schema, name string, l, r *types.Type) string {
	if schema != "" {
		name = schema + "." + name
	}
	s := name + " " + formatType(r, types.NoMod)
	if l != nil {
		s = formatType(l, types.NoMod) + " " + s
	}
	return s
}

// exactOperator finds the operator with just these operands; an untyped literal
// is first taken to be of the other operand's type.
func exactOperator(name string, l, r *types.Type) *funcs.Operator {
	if l == nil {
		return funcs.FindOperator(name, 0, r.OID)
	}
	lo, ro := l.OID, r.OID
	was := false
	switch {
	case lo == types.UnknownOID && ro != types.UnknownOID:
		lo, was = ro, true
	case ro == types.UnknownOID && lo != types.UnknownOID:
		ro, was = lo, true
	}
	if o := funcs.FindOperator(name, lo, ro); o != nil {
		return o
	}
	if was {
		known := l
		if l.OID == types.UnknownOID {
			known = r
		}
		if base := known.Underlying(); base != known {
			return funcs.FindOperator(name, base.OID, base.OID)
		}
	}
	return nil
}

// rowComparison is (a, b) OP (c, d).
func (b *binder) rowComparison(l, r *ast.RowExpr, e *ast.BinaryOp, c *ectx) (plan.Expr, error) {
	ls, err := b.rowArgs(l, c)
	if err != nil {
		return nil, err
	}
	rs, err := b.rowArgs(r, c)
	if err != nil {
		return nil, err
	}
	return b.compareRows(ls, rs, e.Schema, e.Op, e.Pos)
}

// compareRows compares lists of values as SQL compares rows.
func (b *binder) compareRows(ls, rs []plan.Expr, schema, op string, pos int32) (plan.Expr, error) {
	if len(ls) != len(rs) {
		return nil, pgerr.New(pgerr.SyntaxError, "unequal number of entries in row expressions").At(pos)
	}
	if len(ls) == 0 {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cannot compare rows of zero length").At(pos)
	}
	pair := func(op string, i int) (plan.Expr, error) {
		x, err := b.op(schema, op, ls[i], rs[i], pos)
		if err != nil {
			return nil, err
		}
		if x.Type().OID != types.BoolOID {
			return nil, pgerr.New(pgerr.DatatypeMismatch, "row comparison operator must yield type boolean, not type %s", formatType(x.Type(), types.NoMod)).At(pos)
		}
		return x, nil
	}
	if len(ls) == 1 {
		return pair(op, 0)
	}
	switch op {
	case "=", "<>":
		var parts []plan.Expr
		for i := range ls {
			x, err := pair(op, i)
			if err != nil {
				return nil, err
			}
			parts = append(parts, x)
		}
		if op == "=" {
			return &plan.And{Args: parts}, nil
		}
		return &plan.Or{Args: parts}, nil
	case "<", "<=", ">", ">=":
		return b.rowOrder(len(ls), op, pair)
	}
	return nil, pgerr.New(pgerr.FeatureNotSupported, "could not determine interpretation of row comparison operator %s", op).
		WithHint("Row comparison operators must be associated with btree operator families.").At(pos)
}

// rowOrder spells an order of rows out: a<c OR (a=c AND (b<d OR …)).
func (b *binder) rowOrder(n int, op string, pair func(string, int) (plan.Expr, error)) (plan.Expr, error) {
	x, err := pair(op, n-1)
	for i := n - 2; i >= 0 && err == nil; i-- {
		var strict, eq plan.Expr
		if strict, err = pair(op[:1], i); err != nil {
			break
		}
		if eq, err = pair("=", i); err != nil {
			break
		}
		x = &plan.Or{Args: []plan.Expr{strict, &plan.And{Args: []plan.Expr{eq, x}}}}
	}
	return x, err
}

// rowArgs binds a row constructor's fields, t.* expanded.
func (b *binder) rowArgs(r *ast.RowExpr, c *ectx) ([]plan.Expr, error) {
	var out []plan.Expr
	for _, a := range r.Args {
		if ref, ok := a.(*ast.ColumnRef); ok && ref.Star && len(ref.Parts) > 0 {
			fields, of, err := b.variableStar(ref, c)
			if of || err != nil {
				for _, f := range fields {
					out = append(out, f.x)
				}
				if err != nil {
					return nil, err
				}
				continue
			}
			it, err := b.starItem(ref, c)
			if err != nil {
				return nil, err
			}
			for i, col := range it.cols[:len(it.cols)-it.hidden] {
				b.dependColumn(it, i)
				out = append(out, b.meta.Ref(col.id))
			}
			continue
		}
		if fs, ok := a.(*ast.FieldSelect); ok && fs.Name == "" {
			cols, err := b.expandFields(fs, c)
			if err != nil {
				return nil, err
			}
			for _, f := range cols {
				out = append(out, f.x)
			}
			continue
		}
		x, err := b.expr(a, c)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// anyArray is x OP ANY|ALL (array).
func (b *binder) anyArray(e *ast.AnyExpr, c *ectx) (plan.Expr, error) {
	l, err := b.expr(e.L, c)
	if err != nil {
		return nil, err
	}
	r, err := b.expr(e.R, c)
	if err != nil {
		return nil, err
	}
	return b.arrayCmp(e.Schema, e.Op, e.All, l, r, e.Pos)
}

func (b *binder) arrayCmp(schema, op string, all bool, l, r plan.Expr, pos int32) (*plan.ArrayCmp, error) {
	rt := r.Type()
	elem := rt
	if rt.OID != types.UnknownOID {
		if elem = elemType(rt); elem == nil {
			return nil, pgerr.New(pgerr.WrongObjectType, "op ANY/ALL (array) requires array on right side").At(pos)
		}
	}
	o, err := b.operator(schema, op, l.Type(), elem, pos)
	if err != nil {
		return nil, err
	}
	if o.Ret.OID != types.BoolOID {
		return nil, pgerr.New(pgerr.WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean").At(pos)
	}
	want, _, err := resolveGenerics([]*types.Type{l.Type(), elem}, []*types.Type{o.Left, o.Right}, o.Ret)
	if err != nil {
		return nil, err
	}
	if want[1].OID == types.AnyOID || want[1].IsPolymorphic() {
		want[1] = elem
	}
	if l, err = b.coerceArg(l, want[0], pos); err != nil {
		return nil, err
	}
	at := want[1].Array
	if at == nil {
		return nil, pgerr.New(pgerr.UndefinedObject, "could not find array type for data type %s", formatType(want[1], types.NoMod)).At(pos)
	}
	if !types.Same(rt, at) && !(rt.IsVector && types.Same(rt.Elem, want[1])) {
		if r, err = b.coerceArg(r, at, pos); err != nil {
			return nil, err
		}
	}
	b.noteVolatile(o.Func)
	return &plan.ArrayCmp{Fn: o.Func, Op: op, All: all, L: l, R: r, Elem: want[1], Pos: pos}, nil
}

// inList is x [NOT] IN (list): an array comparison where the elements that are
// no columns share a type, single comparisons for the rest.
func (b *binder) inList(e *ast.InExpr, c *ectx) (plan.Expr, error) {
	op := "="
	if e.Not {
		op = "<>"
	}
	if lr, ok := e.X.(*ast.RowExpr); ok {
		return b.inRows(lr, e, op, c)
	}
	x, err := b.expr(e.X, c)
	if err != nil {
		return nil, err
	}
	var vars, values []plan.Expr
	for _, item := range e.List {
		v, err := b.expr(item, c)
		if err != nil {
			return nil, err
		}
		if len(plan.ReadsOf(v)) > 0 {
			vars = append(vars, v)
		} else {
			values = append(values, v)
		}
	}
	var parts []plan.Expr
	if len(values) > 1 {
		a, err := b.inArray(x, values, op, e)
		if err != nil {
			return nil, err
		}
		if a != nil {
			parts, values = append(parts, a), nil
		}
	}
	for _, v := range append(values, vars...) {
		p, err := b.op("", op, x, v, e.Pos)
		if err != nil {
			return nil, err
		}
		if p, err = b.toBoolean(p, "IN", e.Pos); err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	if e.Not {
		return plan.Conjunction(parts), nil
	}
	return disjunction(parts), nil
}

// inArray makes x = ANY (ARRAY[values]); nil when the values have no common type.
func (b *binder) inArray(x plan.Expr, values []plan.Expr, op string, e *ast.InExpr) (plan.Expr, error) {
	t, err := commonType(append([]plan.Expr{x}, values...), "", nil)
	if err != nil || t == nil || t.OID == types.RecordOID || t.Array == nil {
		return nil, nil
	}
	for _, v := range values {
		if !canCoerce([]*types.Type{v.Type()}, []*types.Type{t}, implicit) {
			return nil, nil
		}
	}
	arr := &plan.MakeArray{Typ: t.Array}
	for i, v := range values {
		if v, err = b.toCommon(v, t, "IN", posOfExpr(e.List, i, e.Pos)); err != nil {
			return nil, err
		}
		arr.Elems = append(arr.Elems, v)
	}
	a, err := b.arrayCmp("", op, e.Not, x, arr, e.Pos)
	if err != nil {
		return nil, err
	}
	a.IsIn = true
	return a, nil
}

func posOfExpr(list []ast.Expr, i int, other int32) int32 {
	if i < len(list) {
		return ast.Leftmost(list[i])
	}
	return other
}

// inRows is (a, b) [NOT] IN ((c, d), …).
func (b *binder) inRows(l *ast.RowExpr, e *ast.InExpr, op string, c *ectx) (plan.Expr, error) {
	ls, err := b.rowArgs(l, c)
	if err != nil {
		return nil, err
	}
	var parts []plan.Expr
	for _, item := range e.List {
		r, ok := item.(*ast.RowExpr)
		if !ok {
			x, err := b.expr(item, c)
			if err != nil {
				return nil, err
			}
			p, err := b.op("", op, &plan.MakeRow{Args: ls, Names: fieldNames(len(ls)), Typ: types.TRecord}, x, e.Pos)
			if err != nil {
				return nil, err
			}
			parts = append(parts, p)
			continue
		}
		rs, err := b.rowArgs(r, c)
		if err != nil {
			return nil, err
		}
		p, err := b.compareRows(ls, rs, "", op, e.Pos)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	if e.Not {
		return plan.Conjunction(parts), nil
	}
	return disjunction(parts), nil
}

// ordered tells whether a type has a default order (a btree operator class).
func ordered(t *types.Type) bool {
	t = t.Underlying()
	switch {
	case t.Class == types.Composite || t.OID == types.RecordOID:
		for _, f := range t.Fields {
			if !f.Dropped && !ordered(f.Type) {
				return false
			}
		}
		return true
	case t.IsArray():
		return ordered(t.Elem)
	case t.Class == types.Enum, t.OID == types.UnknownOID:
		return true
	}
	return comparison("<", t) != nil
}

// comparison finds the comparison operator of a type's default order.
func comparison(op string, t *types.Type) *funcs.Operator {
	t = t.Underlying()
	o := exactOperator(op, t, t)
	if o == nil {
		cands := matching(opCandidates(op), []*types.Type{t, t})
		if c := bestOf(cands, []*types.Type{t, t}); c != nil {
			o = c.op
		}
	}
	return o
}

func opCandidates(name string) []*candidate {
	var out []*candidate
	for _, o := range funcs.Operators(name) {
		if o.Left != nil {
			out = append(out, &candidate{args: []*types.Type{o.Left, o.Right}, op: o, expanded: -1})
		}
	}
	return out
}

func bestOf(cands []*candidate, args []*types.Type) *candidate {
	switch len(cands) {
	case 0:
		return nil
	case 1:
		return cands[0]
	}
	return selectCandidate(cands, args)
}

// hashable tells whether values of the type can be grouped and compared for
// equality.
func hashable(t *types.Type) bool {
	t = t.Underlying()
	switch {
	case t.IsArray():
		return hashable(t.Elem)
	case t.Class == types.Composite, t.OID == types.RecordOID, t.Class == types.Enum, t.OID == types.UnknownOID:
		return true
	}
	return exactOperator("=", t, t) != nil || comparison("=", t) != nil
}

// noteVolatile remembers that a volatile function is called.
func (b *binder) noteVolatile(f *funcs.Func) {
	if f.Volatility == funcs.Volatile {
		b.volatile = true
	}
}
