package expr

import (
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// makeRowNode is ROW(…).
type makeRowNode struct {
	types []*types.Type
	args  []*cell
	vals  []*vec.Vec
	row   []types.Datum
	out   vec.Vec
}

func (b *builder) makeRow(e *plan.MakeRow) (*cell, error) {
	args, err := b.compileAll(e.Args)
	if err != nil {
		return nil, err
	}
	k := b.begin('r').num(int64(e.Typ.OID)).types(e.Args).cells(args).done()
	return b.interior(k, types.Bytes, partial, args, func(a []*cell) (node, error) {
		n := &makeRowNode{args: a, vals: make([]*vec.Vec, len(a)), row: make([]types.Datum, len(a))}
		for _, x := range e.Args {
			n.types = append(n.types, x.Type())
		}
		return n, nil
	})
}

func (x *makeRowNode) eval(f *frame) *vec.Vec {
	for i, a := range x.args {
		x.vals[i] = a.eval(f)
	}
	x.out.Reset(types.Bytes, f.n)
	var buf []byte
	for i := range f.n {
		for k, v := range x.vals {
			x.row[k] = v.Datum(i)
		}
		buf = types.AppendRecord(buf[:0], x.types, x.row)
		x.out.Strs[i] = string(buf)
	}
	return &x.out
}

// fieldNode selects a field of a composite value.
type fieldNode struct {
	x    *cell
	i    int
	kind types.Kind
	out  vec.Vec
}

func (b *builder) field(e *plan.Field) (*cell, error) {
	x, err := b.compile(e.X)
	if err != nil {
		return nil, err
	}
	i := liveField(e.X.Type(), e.I)
	k := b.begin('.').num(int64(i)).num(int64(e.Typ.OID)).num(int64(x.id)).done()
	return b.interior(k, e.Typ.Kind, pure, []*cell{x}, func(a []*cell) (node, error) {
		return &fieldNode{x: a[0], i: i, kind: e.Typ.Kind}, nil
	})
}

// liveField gives the number of attribute i of a composite type among those that
// are not dropped, which values have.
func liveField(t *types.Type, i int) int {
	live := i
	for k, f := range t.Underlying().Fields {
		if k < i && f.Dropped {
			live--
		}
	}
	return live
}

func (x *fieldNode) eval(f *frame) *vec.Vec {
	v := x.x.eval(f)
	x.out.Reset(x.kind, f.n)
	for i := range f.n {
		if v.IsNull(i) {
			x.out.SetNull(i)
			continue
		}
		_, d := types.RecordField(v.Strs[i], x.i)
		x.out.Set(i, d)
	}
	return &x.out
}

// setFieldNode is a composite value with a field replaced; a NULL is a row of
// NULLs.
type setFieldNode struct {
	x, val *cell
	i      int
	types  []*types.Type // of all fields
	out    vec.Vec
}

func (b *builder) setField(e *plan.SetField) (*cell, error) {
	args, err := b.compileAll([]plan.Expr{e.X, e.Val})
	if err != nil {
		return nil, err
	}
	i := liveField(e.X.Type(), e.I)
	k := b.begin('=').num(int64(i)).num(int64(e.X.Type().OID)).cells(args).done()
	return b.interior(k, types.Bytes, partial, args, func(a []*cell) (node, error) {
		n := &setFieldNode{x: a[0], val: a[1], i: i}
		for _, f := range e.X.Type().Underlying().Fields {
			if !f.Dropped {
				n.types = append(n.types, f.Type)
			}
		}
		return n, nil
	})
}

func (x *setFieldNode) eval(f *frame) *vec.Vec {
	v, val := x.x.eval(f), x.val.eval(f)
	x.out.Reset(types.Bytes, f.n)
	for i := range f.n {
		row := make([]types.Datum, len(x.types))
		if !v.IsNull(i) {
			copy(row, types.DecodeRecord(v.Strs[i]).Vals)
		}
		row[x.i] = val.Datum(i)
		r := types.Record{Types: x.types, Vals: row}
		x.out.Strs[i] = r.Encode()
	}
	return &x.out
}

// rowNullNode is IS [NOT] NULL of a composite value: all its fields are (not) NULL.
type rowNullNode struct {
	x   *cell
	not bool
	out vec.Vec
}

func (b *builder) rowNull(e *plan.RowNull) (*cell, error) {
	x, err := b.compile(e.X)
	if err != nil {
		return nil, err
	}
	k := b.begin('N').flag(e.Not).num(int64(x.id)).done()
	return b.interior(k, types.Bool, pure, []*cell{x}, func(a []*cell) (node, error) {
		return &rowNullNode{x: a[0], not: e.Not}, nil
	})
}

func (x *rowNullNode) eval(f *frame) *vec.Vec {
	v := x.x.eval(f)
	x.out.Reset(types.Bool, f.n)
	for i := range f.n {
		if v.IsNull(i) {
			x.out.Bools[i] = !x.not
			continue
		}
		holds := true
		it := types.IterRecord(v.Strs[i])
		for _, d, ok := it.Next(); ok; _, d, ok = it.Next() {
			holds = holds && d.IsNull() != x.not
		}
		x.out.Bools[i] = holds
	}
	return &x.out
}
