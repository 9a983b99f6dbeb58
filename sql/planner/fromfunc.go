package planner

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// funcRef is f(…) or ROWS FROM (…) in FROM.
func (b *binder) funcRef(t *ast.FuncRef, q *query) (*fromItem, error) {
	if it, err := b.sqlFrom(t, q); it != nil || err != nil {
		return it, err
	}
	f := &funcItem{FlatMap: &plan.FlatMap{In: oneRow(), Ordinal: -1}, item: &item{owner: q, relVisible: true, colsVisible: true, alias: t.Alias.Name}}
	fm, it := f.FlatMap, f.item
	for i := range t.Funcs {
		fi := &t.Funcs[i]
		cols := fi.Columns
		if !t.RowsFrom {
			cols = t.Columns
		}
		if err := b.fromFunc(fi.Call, cols, f, q, len(t.Funcs) == 1); err != nil {
			return nil, err
		}
	}
	if t.Ordinal {
		if len(t.Columns) > 0 {
			return nil, pgerr.New(pgerr.SyntaxError, "WITH ORDINALITY cannot be used with a column definition list").
				WithHint("Put the column definition list inside ROWS FROM().").At(t.Pos)
		}
		fm.Ordinal = b.newCol(q, plan.ColInfo{Name: "ordinality", Type: types.TInt8, Mod: types.NoMod, NotNull: true})
		it.cols = append(it.cols, itemCol{"ordinality", fm.Ordinal})
	}
	if it.scalar && !f.named && len(t.Alias.Columns) == 0 && t.Alias.Name != "" {
		it.cols[0].name = t.Alias.Name
	}
	it.scalar = it.scalar && !t.Ordinal
	return &fromItem{b.wrapped(it, f.node(b)), []*item{it}}, it.renameColumns(&t.Alias)
}

// funcItem is a FROM item of functions while it is bound.
type funcItem struct {
	*plan.FlatMap
	item *item
	// fields are the columns that are fields of a generated row.
	fields []plan.ColID
	vals   []plan.Expr
	// named: the column of a scalar function has the name of an OUT parameter, which
	// an alias of the table does not change.
	named bool
}

// node gives the generators, with the rows of scalar functions taken apart.
func (f *funcItem) node(b *binder) plan.Node {
	if len(f.fields) == 0 {
		return f.FlatMap
	}
	p := passThrough(b.meta, f.FlatMap)
	p.Cols, p.Vals = append(p.Cols, f.fields...), append(p.Vals, f.vals...)
	return p
}

// addGen adds a generator.
func (f *funcItem) addGen(b *binder, g *plan.Gen) {
	g.Types = nil
	for _, id := range g.Cols {
		g.Types = append(g.Types, b.meta.Col(id).Type)
	}
	f.Gens = append(f.Gens, *g)
}

// fromFunc adds one function of a FROM item.
func (b *binder) fromFunc(call ast.Expr, defs []ast.FuncColumn, f *funcItem, q *query, alone bool) error {
	it := f.item
	saved := q.sets
	q.sets = nil
	fc, isCall := call.(*ast.FuncCall)
	if isCall && multiUnnest(fc) {
		return b.multiUnnest(fc, f, q)
	}
	c := q.at(inFromFunc)
	x, err := b.expr(call, c)
	gens := q.sets
	q.sets = saved
	if err != nil {
		return err
	}
	name := b.figureName(call)
	if it.alias == "" {
		it.alias = name
	}
	g, err := b.fromGen(x, gens, call, q)
	if err != nil {
		return err
	}
	fields := []types.Field(nil)
	if len(defs) > 0 {
		if fields, err = b.columnDefs(defs, x); err != nil {
			return err
		}
		if c, ok := g.Scalar.(*plan.Call); ok { // one row, of the columns asked for
			g = &plan.Gen{Fn: c.Fn, Args: c.Args, Variadic: c.Variadic, Pos: g.Pos}
		} else if g.Scalar != nil { // no function that could be told the columns
			one := &plan.MakeArray{Elems: []plan.Expr{g.Scalar}, Typ: types.TRecordArray}
			g = &plan.Gen{Fn: funcs.FindFunc("unnest", types.TAnyArray), Args: []plan.Expr{one}, Pos: g.Pos}
		}
		g.Columns, g.Cols, g.Types = outColumns(fields), nil, nil
		for _, f := range fields {
			id := b.newCol(q, plan.ColInfo{Name: f.Name, Type: f.Type, Mod: f.Mod})
			g.Cols, g.Types = append(g.Cols, id), append(g.Types, f.Type)
			it.cols = append(it.cols, itemCol{f.Name, id})
		}
		f.addGen(b, g)
		return nil
	}
	if isRow(x.Type()) {
		fields = b.rowFields(x)
		if fields == nil || x == b.bareRecord {
			return pgerr.New(pgerr.SyntaxError, "a column definition list is required for functions returning \"record\"").At(ast.Leftmost(call))
		}
		if x.Type().Class == types.Composite && alone {
			it.row = x.Type()
		}
		b.addRowGen(g, fields, f, q)
		return nil
	}
	if len(g.Cols) == 0 {
		g.Cols = []plan.ColID{b.newCol(q, plan.ColInfo{Name: name, Type: x.Type(), Mod: x.Mod()})}
	}
	colName := name
	fn := g.Fn
	if c, ok := g.Scalar.(*plan.Call); ok && c.Fn.Interpreted() {
		fn = c.Fn
	}
	if fn != nil && len(fn.Out) == 1 && fn.Out[0].Name != "" {
		colName, f.named = fn.Out[0].Name, true
	}
	it.cols = append(it.cols, itemCol{colName, g.Cols[0]})
	it.scalar = alone
	f.addGen(b, g)
	return nil
}

func outColumns(fields []types.Field) []funcs.OutColumn {
	var out []funcs.OutColumn
	for _, f := range fields {
		out = append(out, funcs.OutColumn{Name: f.Name, Type: f.Type})
	}
	return out
}

// addRowGen adds a generator of rows with several columns. That of a scalar
// expression gives a row as one value, whose fields are taken above.
func (b *binder) addRowGen(g *plan.Gen, fields []types.Field, f *funcItem, q *query) {
	cols := g.Cols
	if g.Scalar != nil {
		row := b.newCol(q, plan.ColInfo{Name: "row", Type: g.Scalar.Type(), Mod: types.NoMod})
		b.recordFields[row] = fields
		g.Cols, cols = []plan.ColID{row}, nil
		for i, fd := range fields {
			if fd.Dropped {
				continue
			}
			id := b.newCol(q, plan.ColInfo{Name: fd.Name, Type: fd.Type, Mod: fd.Mod})
			cols = append(cols, id)
			f.fields = append(f.fields, id)
			f.vals = append(f.vals, &plan.Field{X: b.meta.Ref(row), I: i, Name: fd.Name, Typ: fd.Type, TypMod: fd.Mod})
		}
	}
	live := 0
	for _, fd := range fields {
		if !fd.Dropped {
			f.item.cols = append(f.item.cols, itemCol{fd.Name, cols[live]})
			live++
		}
	}
	f.addGen(b, g)
}

// fromGen gives the generator for a FROM expression: the set-returning call at
// its top, or a scalar expression as one row.
func (b *binder) fromGen(x plan.Expr, gens []setGen, call ast.Expr, q *query) (*plan.Gen, error) {
	if len(gens) == 0 {
		return &plan.Gen{Scalar: x, Pos: ast.Leftmost(call)}, nil
	}
	if len(gens) > 1 {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "set-returning functions must appear at top level of FROM").At(gens[0].gen.Pos)
	}
	g := gens[0].gen
	for _, id := range g.Cols {
		delete(q.setCols, id)
	}
	if !isGenValue(x, &g) {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "set-returning functions must appear at top level of FROM").At(g.Pos)
	}
	return &g, nil
}

// isGenValue tells whether x is just the generator's value.
func isGenValue(x plan.Expr, g *plan.Gen) bool {
	switch x := x.(type) {
	case *plan.Col:
		return len(g.Cols) == 1 && x.ID == g.Cols[0]
	case *plan.MakeRow:
		if len(x.Args) != len(g.Cols) {
			return false
		}
		for i, a := range x.Args {
			if c, ok := a.(*plan.Col); !ok || c.ID != g.Cols[i] {
				return false
			}
		}
		return true
	}
	return false
}

// multiUnnest tells unnest(a, b, …): each array is a function of ROWS FROM.
func multiUnnest(fc *ast.FuncCall) bool {
	return fc.Name.Object == "unnest" && (fc.Name.Schema == "" || fc.Name.Schema == "pg_catalog") && len(fc.Args) > 1 && plainCall(fc)
}

func (b *binder) multiUnnest(fc *ast.FuncCall, f *funcItem, q *query) error {
	if f.item.alias == "" {
		f.item.alias = "unnest"
	}
	for _, a := range fc.Args {
		one := *fc
		one.Args = []ast.Expr{a}
		if err := b.fromFunc(&one, nil, f, q, false); err != nil {
			return err
		}
	}
	return nil
}

// columnDefs resolves a column definition list, which only functions that return
// a record without known columns take.
func (b *binder) columnDefs(defs []ast.FuncColumn, x plan.Expr) ([]types.Field, error) {
	if x.Type().OID != types.RecordOID {
		return nil, pgerr.New(pgerr.SyntaxError, "a column definition list is only allowed for functions returning \"record\"").At(defs[0].Name.Pos)
	}
	if c, ok := x.(*plan.Call); ok && len(c.Fn.Out) > 0 || b.rowFields(x) != nil && x != b.bareRecord {
		return nil, pgerr.New(pgerr.SyntaxError, "a column definition list is redundant for a function with OUT parameters").At(defs[0].Name.Pos)
	}
	var out []types.Field
	for i := range defs {
		t, mod, err := b.typeName(&defs[i].Type)
		if err != nil {
			return nil, err
		}
		out = append(out, types.Field{Name: defs[i].Name.Name, Type: t, Mod: mod})
	}
	return out, nil
}

// resultFields gives the columns of a set-returning call whose result is a row
// of known shape, nil for a scalar or a bare record.
func (b *binder) resultFields(bc *boundCall) []types.Field {
	if t := bc.ret.Underlying(); t.Class == types.Composite {
		return t.Fields
	}
	if len(bc.fn.Out) > 1 || len(bc.fn.Out) == 1 && bc.ret.OID == types.RecordOID {
		var out []types.Field
		for _, o := range bc.fn.Out {
			t := o.Type
			if t.IsPolymorphic() && len(bc.args) > 0 { // OUT anyelement follows the arguments
				if _, rt, err := resolveGenerics(argTypes(bc.args), bc.fn.Args[:len(bc.args)], t); err == nil {
					t = rt
				}
			}
			out = append(out, types.Field{Name: o.Name, Type: t, Mod: types.NoMod})
		}
		return out
	}
	return nil
}

func argTypes(args []plan.Expr) []*types.Type {
	out := make([]*types.Type, len(args))
	for i, a := range args {
		out[i] = a.Type()
	}
	return out
}
