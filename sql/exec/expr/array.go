package expr

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Elements gives the elements of a value of array type t in row-major order.
func Elements(t *types.Type, d types.Datum) []types.Datum {
	return types.DecodeArray(t, d.Str()).Vals
}

// makeArrayNode is ARRAY[…].
type makeArrayNode struct {
	elem *types.Type
	args []*cell
	vals []*vec.Vec
	row  []types.Datum
	out  vec.Vec
}

func (b *builder) makeArray(e *plan.MakeArray) (*cell, error) {
	args, err := b.compileAll(e.Elems)
	if err != nil {
		return nil, err
	}
	k := b.begin('A').num(int64(e.Typ.OID)).flag(e.Multi).cells(args).done()
	elem := e.Typ.Underlying().Elem
	return b.interior(k, types.Bytes, partial, args, func(a []*cell) (node, error) {
		n := makeArrayNode{elem: elem, args: a, vals: make([]*vec.Vec, len(a)), row: make([]types.Datum, len(a))}
		if e.Multi {
			return &stackArrayNode{makeArrayNode: n, typ: e.Typ}, nil
		}
		return &n, nil
	})
}

func (x *makeArrayNode) eval(f *frame) *vec.Vec {
	x.operands(f)
	x.out.Reset(types.Bytes, f.n)
	for i := range f.n {
		x.at(i)
		a := types.NewArray(x.elem, x.row)
		x.out.Strs[i] = a.Encode()
	}
	return &x.out
}

func (x *makeArrayNode) operands(f *frame) {
	for i, a := range x.args {
		x.vals[i] = a.eval(f)
	}
}

// at brings the operands of row i together.
func (x *makeArrayNode) at(i int) {
	for k, v := range x.vals {
		x.row[k] = v.Datum(i)
	}
}

// stackArrayNode is ARRAY[…] of arrays, which become the first dimension's slices.
type stackArrayNode struct {
	makeArrayNode
	typ *types.Type
}

func (x *stackArrayNode) eval(f *frame) *vec.Vec {
	x.operands(f)
	x.out.Reset(types.Bytes, f.n)
	for i := range f.n {
		x.at(i)
		a, err := stack(x.typ, x.elem, x.row)
		if err != nil {
			f.bad.Set(i, err)
			x.out.SetNull(i)
			continue
		}
		x.out.Strs[i] = a.Encode()
		if x.out.Nulls != nil {
			x.out.Nulls[i] = false
		}
	}
	return &x.out
}

func stack(t, elem *types.Type, subs []types.Datum) (types.Array, error) {
	out := types.Array{Elem: elem}
	empty := false
	for _, d := range subs {
		var a types.Array
		if !d.IsNull() {
			a = types.DecodeArray(t, d.Str())
		}
		if len(a.Dims) == 0 {
			empty = true
			continue
		}
		if out.Dims == nil {
			out.Dims = append([]int32{0}, a.Dims...)
			out.Lower = append([]int32{1}, a.Lower...)
		}
		if !sameShape(out.Dims[1:], a.Dims) || !sameShape(out.Lower[1:], a.Lower) {
			return out, errStack
		}
		out.Dims[0]++
		out.Vals = append(out.Vals, a.Vals...)
	}
	if empty && out.Dims != nil {
		return out, errStack
	}
	if n := len(out.Dims); n > types.MaxDim {
		return out, pgerr.New(pgerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", n, types.MaxDim)
	}
	return out, nil
}

var errStack = pgerr.New(pgerr.ArraySubscriptError, "multidimensional arrays must have array expressions with matching dimensions")

func sameShape(a, b []int32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// arrayCastNode converts arrays element by element: the elements of all rows as
// one batch.
type arrayCastNode struct {
	x        *cell
	from, to *types.Type
	prog     *Prog // over one column, the element
	elems    vec.Batch
	bad      vec.RowErrors
	conv     vec.Vec
	out      vec.Vec
}

func (b *builder) arrayCast(e *plan.ArrayCast) (*cell, error) {
	x, err := b.compile(e.X)
	if err != nil {
		return nil, err
	}
	from, to := e.X.Type().Underlying(), e.Typ.Underlying()
	prog, err := compileElem(e.Elem, from.Elem, b.cc)
	if err != nil {
		return nil, err
	}
	own := partial
	own.volatile = prog.roots[0].volatile
	return b.interior("", types.Bytes, own, []*cell{x}, func(a []*cell) (node, error) {
		return &arrayCastNode{x: a[0], from: from, to: to, prog: prog, elems: vec.Batch{Cols: make([]vec.Vec, 1)}}, nil
	})
}

// compileElem compiles an expression that reads an element as CaseArg.
func compileElem(e plan.Expr, elem *types.Type, cc *CompileCtx) (*Prog, error) {
	b := newBuilder(nil, cc)
	arg := &cell{n: &colNode{0}, slot: -1, id: b.id("element"), kind: elem.Kind, traits: traits{safe: true, leaf: true}}
	b.caseArg = []*cell{arg}
	x, err := b.compile(e)
	if err != nil {
		return nil, err
	}
	p := &Prog{roots: []*cell{b.operand(x, false)}}
	p.run = b.run()
	return p, nil
}

func (x *arrayCastNode) eval(f *frame) *vec.Vec {
	v := x.x.eval(f)
	arrays := make([]types.Array, f.n)
	first := make([]int, f.n+1)
	col := &x.elems.Cols[0]
	col.Reset(x.from.Elem.Kind, 0)
	n := 0
	for i := range f.n {
		first[i] = n
		if !v.IsNull(i) {
			arrays[i] = types.DecodeArray(x.from, v.Strs[i])
			for _, d := range arrays[i].Vals {
				col.AppendDatum(d)
			}
			n += len(arrays[i].Vals)
		}
	}
	first[f.n] = n
	x.elems.N = n
	x.bad.Reset()
	c := f.run.ctx
	c.Bad = &x.bad
	if n > 0 {
		x.prog.Eval(&c, &x.elems, &x.conv)
	}
	x.out.Reset(types.Bytes, f.n)
	for i := range f.n {
		if v.IsNull(i) {
			x.out.SetNull(i)
			continue
		}
		a := &arrays[i]
		a.Elem = x.to.Elem
		for k := range a.Vals {
			a.Vals[k] = x.conv.Datum(first[i] + k)
		}
		x.out.Strs[i] = a.Encode()
	}
	x.report(f, first)
	return &x.out
}

// report gives the errors of elements to their rows.
func (x *arrayCastNode) report(f *frame, first []int) {
	for k, at := range x.bad.Rows {
		lo, hi := 0, f.n
		for hi-lo > 1 {
			if mid := (lo + hi) / 2; first[mid] <= int(at) {
				lo = mid
			} else {
				hi = mid
			}
		}
		f.bad.Set(lo, x.bad.Errs[k])
		x.out.SetNull(lo)
	}
}
