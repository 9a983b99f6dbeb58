package planner

import (
	"fmt"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Rows, arrays, subscripts and fields.

func fieldNames(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("f%d", i+1)
	}
	return out
}

func (b *binder) rowExpr(e *ast.RowExpr, c *ectx) (plan.Expr, error) {
	args, err := b.rowArgs(e, c)
	if err != nil {
		return nil, err
	}
	const maxColumns = 1664
	if len(args) > maxColumns {
		return nil, pgerr.New(pgerr.TooManyColumns, "ROW expressions can have at most %d entries", maxColumns).At(e.Pos)
	}
	return &plan.MakeRow{Args: args, Names: fieldNames(len(args)), Typ: types.TRecord}, nil
}

// arrayExpr is ARRAY[…]. want is the array type of an enclosing cast, nil when
// there is none: the elements are then coerced to its element type.
func (b *binder) arrayExpr(e *ast.ArrayExpr, c *ectx, want *types.Type, mod int32) (plan.Expr, error) {
	out := &plan.MakeArray{}
	positions := make([]int32, len(e.Elems))
	for i, el := range e.Elems {
		positions[i] = ast.Leftmost(el)
		var x plan.Expr
		var err error
		if inner, ok := el.(*ast.ArrayExpr); ok {
			x, err = b.arrayExpr(inner, c, want, mod)
		} else if x, err = b.expr(el, c); err == nil && x.Type().IsArray() {
			out.Multi = true
		}
		if err != nil {
			return nil, err
		}
		if _, ok := el.(*ast.ArrayExpr); ok {
			out.Multi = true
		}
		out.Elems = append(out.Elems, x)
	}
	if want != nil {
		return b.arrayOf(out, e, want, mod, positions)
	}
	if len(out.Elems) == 0 {
		return nil, pgerr.New(pgerr.IndeterminateDatatype, "cannot determine type of empty array").
			WithHint("Explicitly cast to the desired type, for example ARRAY[]::integer[].").At(e.Pos)
	}
	t, err := commonType(out.Elems, "ARRAY", positions)
	if err != nil {
		return nil, err
	}
	if out.Multi {
		out.Typ = t
	} else if out.Typ = t.Array; out.Typ == nil {
		return nil, pgerr.New(pgerr.UndefinedObject, "could not find array type for data type %s", formatType(t, types.NoMod)).At(e.Pos)
	}
	for i := range out.Elems {
		if out.Elems[i], err = b.toCommon(out.Elems[i], t, "ARRAY", positions[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// arrayOf coerces the elements of an array that is cast to a given type.
func (b *binder) arrayOf(out *plan.MakeArray, e *ast.ArrayExpr, want *types.Type, mod int32, positions []int32) (plan.Expr, error) {
	base := want.Underlying()
	t := base.Elem
	out.Typ = base
	if out.Multi {
		t = base
	}
	for i := range out.Elems {
		if out.Multi && types.Same(out.Elems[i].Type(), base) {
			continue
		}
		from := out.Elems[i].Type()
		x, err := b.mustCoerce(out.Elems[i], t, mod, explicit, positions[i], func() *pgerr.Error { return cannotCast(from, t) })
		if err != nil {
			return nil, err
		}
		out.Elems[i] = x
	}
	return out, nil
}

func (b *binder) subscript(e *ast.SubscriptExpr, c *ectx) (plan.Expr, error) {
	x, err := b.expr(e.X, c)
	if err != nil {
		return nil, err
	}
	t := x.Type().Underlying()
	if t.OID == types.JSONBOID {
		return b.jsonSubscript(x, e, c)
	}
	if t.OID == types.NameOID && len(e.Subs) == 1 && !e.Subs[0].Slice {
		return b.nameSubscript(x, e, c)
	}
	elem := partType(t)
	if elem == nil {
		return nil, pgerr.New(pgerr.DatatypeMismatch, "cannot subscript type %s because it does not support subscripting", formatType(x.Type(), types.NoMod)).At(ast.Leftmost(e.X))
	}
	if !types.Same(t, x.Type()) {
		x = &plan.Relabel{X: x, Typ: t, TypMod: types.NoMod}
	}
	const maxDim = 6
	if len(e.Subs) > maxDim {
		return nil, pgerr.New(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", len(e.Subs), maxDim)
	}
	subs, slice, err := b.subscripts(e.Subs, c)
	if err != nil {
		return nil, err
	}
	out := &plan.Subscript{X: x, Subs: subs, Typ: elem, TypMod: x.Mod()}
	if slice {
		out.Typ = t
		if t.IsVector { // a slice of a vector is a plain array
			out.Typ = elem.Array
		}
	}
	return out, nil
}

// nameSubscript is name[i], the byte at place i from 0: a name is an array of
// "char" of fixed length.
func (b *binder) nameSubscript(x plan.Expr, e *ast.SubscriptExpr, c *ectx) (plan.Expr, error) {
	subs, _, err := b.subscripts(e.Subs, c)
	if err != nil {
		return nil, err
	}
	at, err := b.op("", "+", subs[0].Hi, intConst(1), e.Pos)
	if err != nil {
		return nil, err
	}
	text := &plan.Relabel{X: x, Typ: types.TText, TypMod: types.NoMod}
	one := &plan.Call{
		Fn: funcs.FindFunc("substr", types.TText, types.TInt4, types.TInt4), Args: []plan.Expr{text, at, intConst(1)},
		Ret: types.TText, RetMod: types.NoMod, Pos: e.Pos,
	}
	none := &plan.Const{Val: types.NewString(""), Typ: types.TText, TypMod: types.NoMod}
	eq := funcs.FindOperator("=", types.TextOID, types.TextOID).Func
	return b.explicitCast(&plan.NullIf{L: one, R: none, Eq: eq, X: one}, types.TChar, types.NoMod, e.Pos, e.Pos)
}

func (b *binder) subscripts(list []ast.Subscript, c *ectx) (subs []plan.Sub, slice bool, err error) {
	for _, s := range list {
		slice = slice || s.Slice
	}
	bound := func(e ast.Expr) (plan.Expr, error) {
		if e == nil {
			return nil, nil
		}
		x, err := b.expr(e, c)
		if err != nil {
			return nil, err
		}
		return b.mustCoerce(x, types.TInt4, types.NoMod, assignment, ast.Leftmost(e), func() *pgerr.Error {
			return pgerr.New(pgerr.DatatypeMismatch, "array subscript must have type integer")
		})
	}
	for _, s := range list {
		var sub plan.Sub
		sub.Slice = slice
		if sub.Lo, err = bound(s.Lo); err != nil {
			return nil, false, err
		}
		if sub.Hi, err = bound(s.Hi); err != nil {
			return nil, false, err
		}
		if slice && !s.Slice { // [n] among slices is [1:n]
			sub.Lo = intConst(1)
		}
		subs = append(subs, sub)
	}
	return subs, slice, nil
}

// slicePos is where a slice is wrong: at its upper bound, or the lower.
func slicePos(s *ast.Subscript, pos int32) int32 {
	switch {
	case s.Hi != nil:
		return ast.Leftmost(s.Hi)
	case s.Lo != nil:
		return ast.Leftmost(s.Lo)
	}
	return pos
}

// jsonSubscript is jsonb['a'][0]: the path operator.
func (b *binder) jsonSubscript(x plan.Expr, e *ast.SubscriptExpr, c *ectx) (plan.Expr, error) {
	path := &plan.MakeArray{Typ: types.TText.Array}
	subs, err := b.jsonSubscripts(e.Subs, e.Pos, c)
	if err != nil {
		return nil, err
	}
	for i, s := range subs {
		t, err := b.coerce(s.Hi, types.TText, types.NoMod, explicit, ast.Leftmost(e.Subs[i].Hi))
		if err != nil {
			return nil, err
		}
		path.Elems = append(path.Elems, t)
	}
	return b.op("", "#>", x, path, e.Pos)
}

// jsonSubscripts binds the subscripts of a jsonb: each is an integer or a text.
func (b *binder) jsonSubscripts(list []ast.Subscript, pos int32, c *ectx) ([]plan.Sub, error) {
	var out []plan.Sub
	for _, s := range list {
		if s.Slice {
			return nil, pgerr.New(pgerr.DatatypeMismatch, "jsonb subscript does not support slices").At(slicePos(&s, pos))
		}
		k, err := b.expr(s.Hi, c)
		if err != nil {
			return nil, err
		}
		to := types.TText
		if k.Type().Category == 'N' {
			to = types.TInt4
		}
		t, err := b.coerce(k, to, types.NoMod, implicit, ast.Leftmost(s.Hi))
		if err != nil {
			return nil, err
		}
		if t == nil {
			return nil, pgerr.New(pgerr.DatatypeMismatch, "subscript type %s is not supported", formatType(k.Type(), types.NoMod)).
				WithHint("jsonb subscript must be coercible to either integer or text.").At(ast.Leftmost(s.Hi))
		}
		out = append(out, plan.Sub{Hi: t})
	}
	return out, nil
}

// fieldSelect is (x).name. (x).* is only expanded in lists.
func (b *binder) fieldSelect(e *ast.FieldSelect, c *ectx) (plan.Expr, error) {
	if e.Name == "" {
		return nil, pgerr.New(pgerr.SyntaxError, "row expansion via \"*\" is not supported here").At(e.Pos)
	}
	x, err := b.expr(e.X, c)
	if err != nil {
		return nil, err
	}
	if f := b.field(x, e.Name); f != nil {
		return f, nil
	}
	if call, err := b.namedCall(e.Name, x, e.Pos); call != nil || err != nil {
		return call, err
	}
	if !isRow(x.Type()) {
		return nil, pgerr.New(pgerr.WrongObjectType, "column notation .%s applied to type %s, which is not a composite type", e.Name, formatType(x.Type(), types.NoMod)).At(e.X.Position())
	}
	if x.Type().OID == types.RecordOID {
		return nil, pgerr.New(pgerr.UndefinedColumn, "could not identify column \"%s\" in record data type", e.Name).At(e.X.Position())
	}
	return nil, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" not found in data type %s", e.Name, formatType(x.Type(), types.NoMod)).At(e.X.Position())
}

// field selects a field of a composite value by name, nil when there is none.
func (b *binder) field(x plan.Expr, name string) plan.Expr {
	for i, f := range b.rowFields(x) {
		if f.Name == name && !f.Dropped {
			return b.fieldAt(x, i, f)
		}
	}
	return nil
}

func (b *binder) fieldAt(x plan.Expr, i int, f types.Field) plan.Expr {
	if row, ok := x.(*plan.MakeRow); ok {
		if at := liveField(row.Typ, i); at < len(row.Args) && types.Same(row.Args[at].Type(), f.Type) {
			return row.Args[at]
		}
	}
	return &plan.Field{X: x, I: i, Name: f.Name, Typ: f.Type, TypMod: f.Mod}
}

// liveField gives the number of attribute i of a row type among those that are not
// dropped, which values have.
func liveField(t *types.Type, i int) int {
	live := i
	for k, f := range t.Underlying().Fields {
		if k < i && f.Dropped {
			live--
		}
	}
	return live
}

// rowFields gives the fields of a composite value as far as they are known: of
// its type, of the row constructor, or of the function that makes the record.
func (b *binder) rowFields(x plan.Expr) []types.Field {
	if t := x.Type().Underlying(); t.Class == types.Composite {
		return t.Fields
	}
	switch x := x.(type) {
	case *plan.MakeRow:
		out := make([]types.Field, len(x.Args))
		for i, a := range x.Args {
			out[i] = types.Field{Name: x.Names[i], Type: a.Type(), Mod: a.Mod()}
		}
		return out
	case *plan.Call:
		var out []types.Field
		for _, o := range x.Fn.Out {
			out = append(out, types.Field{Name: o.Name, Type: o.Type, Mod: types.NoMod})
		}
		return out
	case *plan.Param:
		return x.Typ.Fields
	case *plan.Case:
		return b.rowFields(x.Whens[0].Then)
	case *plan.Col:
		return b.recordFields[x.ID]
	case *plan.Subquery:
		if x.Kind == plan.SubScalar {
			return b.recordFields[x.Plan.Out()[0]]
		}
	}
	return nil
}

// namedExpr is an expression with the name it has as a column.
type namedExpr struct {
	name string
	x    plan.Expr
}

// expandFields is (x).* in a list.
func (b *binder) expandFields(e *ast.FieldSelect, c *ectx) ([]namedExpr, error) {
	x, err := b.expr(e.X, c)
	if err != nil {
		return nil, err
	}
	if !isRow(x.Type()) {
		return nil, pgerr.New(pgerr.WrongObjectType, "type %s is not composite", formatType(x.Type(), types.NoMod)).At(e.Pos)
	}
	fields := b.rowFields(x)
	if fields == nil {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "record type has not been registered").At(e.Pos)
	}
	var out []namedExpr
	for i, f := range fields {
		if !f.Dropped {
			out = append(out, namedExpr{f.Name, b.fieldAt(x, i, f)})
		}
	}
	return out, nil
}
