package expr

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// subscriptNode is x[i], x[lo:hi], or x with an element or slice replaced.
type subscriptNode struct {
	typ    *types.Type // of x
	kind   types.Kind  // of the result
	subs   []plan.Sub  // which bounds there are
	slice  bool        // any of them is a slice
	assign bool
	fixed  int     // the number of elements of a type of fixed length
	args   []*cell // x, the bounds that are there, the value
	vals   []*vec.Vec
	out    vec.Vec
	lo, hi []bound
}

// bound is a subscript of one row; it has no value when it was left out.
type bound struct {
	val   int32
	given bool
}

func (b *builder) subscript(e *plan.Subscript) (*cell, error) {
	typ := e.X.Type().Underlying()
	if typ.OID == types.JSONBOID && e.Assign != nil {
		return b.jsonAssign(e)
	}
	if fixed, _ := typ.FixedArray(); typ.Elem == nil && fixed == nil {
		return nil, pgerr.NotSupported("subscripting of type %s", typ.Name)
	}
	args, err := b.compileAll(e.Children())
	if err != nil {
		return nil, err
	}
	n := subscriptNode{typ: typ, kind: e.Typ.Kind, subs: e.Subs, assign: e.Assign != nil}
	_, n.fixed = typ.FixedArray()
	for _, s := range e.Subs {
		n.slice = n.slice || s.Slice
	}
	return b.interior("", e.Typ.Kind, partial, args, func(a []*cell) (node, error) {
		n.args, n.vals = a, make([]*vec.Vec, len(a))
		return &n, nil
	})
}

func (x *subscriptNode) eval(f *frame) *vec.Vec {
	for i, a := range x.args {
		x.vals[i] = a.eval(f)
	}
	x.out.Reset(x.kind, f.n)
	for i := range f.n {
		d, err := x.row(i)
		if err != nil {
			f.bad.Set(i, err)
			d = types.Null
		}
		x.out.Set(i, d)
	}
	return &x.out
}

func (x *subscriptNode) row(i int) (types.Datum, error) {
	arr := x.vals[0].Datum(i)
	null := x.bounds(i)
	switch {
	case x.assign && null:
		return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "array subscript in assignment must not be null")
	case x.assign:
		return x.assigned(arr, x.vals[len(x.vals)-1].Datum(i))
	case null || arr.IsNull():
		return types.Null, nil
	case x.fixed > 0:
		return x.fixedElem(arr.Str())
	case x.slice:
		return sliceOf(x.typ, arr.Str(), x.lo, x.hi), nil
	}
	return elemOf(x.typ, arr.Str(), x.hi), nil
}

// bounds computes the subscripts of a row; null tells that one is NULL.
func (x *subscriptNode) bounds(i int) (null bool) {
	x.lo, x.hi = x.lo[:0], x.hi[:0]
	next := 1
	read := func(e plan.Expr) bound {
		if e == nil {
			return bound{}
		}
		d := x.vals[next].Datum(i)
		next++
		null = null || d.IsNull()
		return bound{int32(d.Int()), true}
	}
	for _, s := range x.subs {
		lo, hi := read(s.Lo), read(s.Hi)
		if x.slice && !s.Slice { // among slices a single subscript n is 1:n
			lo = bound{1, true}
		}
		x.lo, x.hi = append(x.lo, lo), append(x.hi, hi)
	}
	return null
}

// fixedElem gives an element of a type of fixed length, NULL where there is none.
func (x *subscriptNode) fixedElem(s string) (types.Datum, error) {
	switch at := x.hi[0].val; {
	case x.slice:
		return types.Null, errFixedSlice
	case len(x.hi) != 1 || at < 0 || int(at) >= x.fixed:
		return types.Null, nil
	default:
		return x.typ.FixedElem(s, int(at)), nil
	}
}

// elemOf gives an element, NULL where there is none.
func elemOf(t *types.Type, s string, at []bound) types.Datum {
	h := types.HeadOfArray(s)
	if len(at) != h.NDim {
		return types.Null
	}
	off := 0
	for k, b := range at {
		i := int64(b.val) - int64(h.Lower[k])
		if i < 0 || i >= int64(h.Dims[k]) {
			return types.Null
		}
		off = off*int(h.Dims[k]) + int(i)
	}
	return h.Elem(t.Elem, off)
}

// sliceOf gives a slice with lower bounds of 1; it is empty where the subscripts
// do not meet the array.
func sliceOf(t *types.Type, s string, lo, hi []bound) types.Datum {
	a := types.DecodeArray(t, s)
	out := types.Array{Elem: t.Elem}
	if len(a.Dims) == 0 || len(lo) > len(a.Dims) {
		return types.NewString(out.Encode())
	}
	from, to := make([]int, len(a.Dims)), make([]int, len(a.Dims))
	for k := range a.Dims {
		from[k], to[k] = 0, int(a.Dims[k])
		if k < len(lo) {
			if lo[k].given {
				from[k] = max(0, int(int64(lo[k].val)-int64(a.Lower[k])))
			}
			if hi[k].given {
				to[k] = min(to[k], int(int64(hi[k].val)-int64(a.Lower[k]))+1)
			}
		}
		if from[k] >= to[k] {
			return types.NewString(out.Encode())
		}
		out.Dims, out.Lower = append(out.Dims, int32(to[k]-from[k])), append(out.Lower, 1)
	}
	eachIn(a.Dims, from, to, func(off int) { out.Vals = append(out.Vals, a.Vals[off]) })
	return types.NewString(out.Encode())
}

// eachIn calls fn for the offsets, in row-major order, of a block of an array.
func eachIn(dims []int32, from, to []int, fn func(off int)) {
	at := append([]int(nil), from...)
	for {
		off := 0
		for k, i := range at {
			off = off*int(dims[k]) + i
		}
		fn(off)
		k := len(at) - 1
		for ; k >= 0; k-- {
			if at[k]++; at[k] < to[k] {
				break
			}
			at[k] = from[k]
		}
		if k < 0 {
			return
		}
	}
}
