package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// sqlFrom is a set-returning function written in SQL as an item of FROM: its body
// as a subquery; nil when the call is none of such.
func (b *binder) sqlFrom(t *ast.FuncRef, q *query) (*fromItem, error) {
	if len(t.Funcs) != 1 || t.RowsFrom || t.Ordinal {
		return nil, nil
	}
	fc, ok := t.Funcs[0].Call.(*ast.FuncCall)
	if !ok || !plainCall(fc) || !b.namesUsers(fc) {
		return nil, nil
	}
	c := q.at(inFromFunc)
	args, names, err := b.callArgs(fc, c)
	if err != nil {
		return nil, err
	}
	bc, cast, err := b.resolveCall(fc, args, names)
	if err != nil || cast != nil || !isUsers(bc.fn) || bc.fn.Kind != funcs.Scalar {
		return nil, err
	}
	bare := bc.ret.OID == types.RecordOID && len(bc.fn.Out) == 0
	if !bc.fn.RetSet && !bare && len(bc.fn.Out) != 1 {
		return nil, nil
	}
	e, err := b.sqlRows(bc, c, fc.Pos, bare)
	if err != nil {
		return nil, err
	}
	return b.sqlItem(t, fc, bc, e, q)
}

// sqlRows binds the rows that a function gives in FROM.
func (b *binder) sqlRows(bc *boundCall, c *ectx, pos int32, bare bool) (*expanded, error) {
	saved := c.q.sets
	defer func() { c.q.sets = saved }()
	if !bc.fn.RetSet && !bare {
		x, err := b.sqlCall(bc, c, pos)
		return &expanded{node: oneRow(), vals: []plan.Expr{x}, typ: bc.ret}, err
	}
	e, err := b.expand(bc, c, pos)
	if err == nil && !bc.fn.RetSet {
		e.node = b.firstRow(e.node)
	}
	return e, err
}

// namesUsers tells whether a user's function has the name of a call.
func (b *binder) namesUsers(e *ast.FuncCall) bool {
	return slices.ContainsFunc(b.functions(e.Name.Schema, e.Name.Object), isUsers)
}

// sqlItem makes the FROM item of an expanded function.
func (b *binder) sqlItem(t *ast.FuncRef, fc *ast.FuncCall, bc *boundCall, e *expanded, q *query) (*fromItem, error) {
	p := &plan.Project{In: e.node}
	it := &item{owner: q, relVisible: true, colsVisible: true, alias: t.Alias.Name}
	if it.alias == "" {
		it.alias = fc.Name.Object
	}
	fields, err := b.sqlItemFields(t, bc, e)
	if err != nil {
		return nil, err
	}
	if fields == nil {
		n := it.alias
		if len(bc.fn.Out) == 1 {
			n = bc.fn.Out[0].Name
		}
		fields, it.scalar = []types.Field{{Name: n, Type: e.vals[0].Type(), Mod: types.NoMod}}, true
	} else if bc.ret.Class == types.Composite {
		it.row = bc.ret
	}
	for i, f := range fields {
		if f.Dropped {
			continue
		}
		id := b.newCol(q, plan.ColInfo{Name: f.Name, Type: f.Type, Mod: f.Mod})
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, e.vals[i])
		it.cols = append(it.cols, itemCol{f.Name, id})
	}
	return &fromItem{b.wrapped(it, p), []*item{it}}, it.renameColumns(&t.Alias)
}

// sqlItemFields gives the columns of an expanded function, nil for a single value.
func (b *binder) sqlItemFields(t *ast.FuncRef, bc *boundCall, e *expanded) ([]types.Field, error) {
	defs := t.Columns
	switch {
	case len(defs) == 0 && bc.ret.OID == types.RecordOID && e.fields == nil, len(defs) == 0 && bc.ret.OID == types.RecordOID && len(bc.fn.Out) == 0:
		return nil, pgerr.New(pgerr.SyntaxError, "a column definition list is required for functions returning \"record\"").At(t.Funcs[0].Call.Position())
	case len(defs) == 0 && !e.row:
		if f := b.rowFields(e.vals[0]); f != nil {
			vals := make([]plan.Expr, len(f))
			for i := range f {
				vals[i] = b.fieldAt(e.vals[0], i, f[i])
			}
			e.vals = vals
			return f, nil
		}
		return nil, nil
	case len(defs) == 0:
		return e.fields, nil
	case bc.ret.OID != types.RecordOID:
		return nil, pgerr.New(pgerr.SyntaxError, "a column definition list is only allowed for functions returning \"record\"").At(defs[0].Name.Pos)
	case len(bc.fn.Out) > 0:
		return nil, pgerr.New(pgerr.SyntaxError, "a column definition list is redundant for a function with OUT parameters").At(defs[0].Name.Pos)
	}
	var out []types.Field
	for i := range defs {
		typ, mod, err := b.typeName(&defs[i].Type)
		if err != nil {
			return nil, err
		}
		out = append(out, types.Field{Name: defs[i].Name.Name, Type: typ, Mod: mod})
	}
	f := b.Catalog.FunctionByOID(bc.fn.OID)
	if !e.row {
		return nil, inFunction(f, mismatch(bc.ret).WithDetail("Final statement returns too few columns."))
	}
	vals, err := b.resultColumns(e.vals, out, bc.ret)
	e.vals = vals
	if err != nil {
		return nil, inFunction(f, err)
	}
	return out, nil
}
