package expr

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// arrayCmp compiles l OP ANY/ALL (array). Equality with an array that is the same
// for all rows is a look-up in a set; other comparisons with a constant array are
// the OR or AND of comparisons with its elements.
func (b *builder) arrayCmp(e *plan.ArrayCmp) (*cell, error) {
	if k, ok := e.R.(*plan.Const); ok {
		if k.Val.IsNull() {
			return b.constant(types.Null, types.Bool), nil
		}
		if !setable(e) {
			return b.spread(e, Elements(k.Typ, k.Val))
		}
	}
	args, err := b.compileAll([]plan.Expr{e.L, e.R})
	if err != nil {
		return nil, err
	}
	k := b.begin('a').num(int64(e.Fn.OID)).flag(e.All).num(int64(e.Elem.OID)).cells(args).done()
	if setable(e) && args[1].rowFree {
		own := pure
		own.cost = 3
		return b.interior(k, types.Bool, own, args, func(a []*cell) (node, error) {
			return &inSetNode{l: a[0], r: a[1], all: e.All, elem: e.Elem, trim: e.Elem.Underlying().OID == types.BpcharOID}, nil
		})
	}
	return b.interior(k, types.Bool, callTraits(e.Fn), args, func(a []*cell) (node, error) {
		elem := &plan.Col{Typ: e.Elem, TypMod: types.NoMod}
		call, err := bind(callSite(e.Fn, []plan.Expr{e.L, elem}, types.TBool, b.cc.Env), make([]*cell, 2))
		if err != nil {
			return nil, err
		}
		return &arrayCmpNode{l: a[0], r: a[1], call: call, all: e.All, elem: e.Elem.Underlying()}, nil
	})
}

// setable tells comparisons that membership in a set of values decides.
func setable(e *plan.ArrayCmp) bool {
	l, r := e.L.Type().Underlying(), e.Elem.Underlying()
	name := "="
	if e.All {
		name = "<>"
	}
	if !isOperator(e.Fn, name) || l.Kind != r.Kind {
		return false
	}
	switch l.Kind {
	case types.Int:
		return l.OID == r.OID || isInteger(l) && isInteger(r)
	case types.Bytes:
		return l.OID == r.OID && (l.PlainBytes() || l.OID == types.BpcharOID)
	}
	return false
}

func isInteger(t *types.Type) bool {
	return t.OID == types.Int2OID || t.OID == types.Int4OID || t.OID == types.Int8OID
}

func isOperator(fn *funcs.Func, name string) bool {
	for _, o := range funcs.Operators(name) {
		if o.Func != nil && o.Func.OID == fn.OID {
			return true
		}
	}
	return false
}

// spread compiles a comparison with elements that are known.
func (b *builder) spread(e *plan.ArrayCmp, elems []types.Datum) (*cell, error) {
	var list []plan.Expr
	for _, d := range elems {
		list = append(list, &plan.Call{
			Fn: e.Fn, Args: []plan.Expr{e.L, &plan.Const{Val: d, Typ: e.Elem, TypMod: types.NoMod}}, Ret: types.TBool, RetMod: types.NoMod, Pos: e.Pos,
		})
	}
	switch len(list) {
	case 0:
		return b.constant(types.NewBool(e.All), types.Bool), nil
	case 1:
		return b.compile(list[0])
	}
	return b.junction(list, !e.All)
}

// inSetNode is l = ANY (array) or l <> ALL (array) for an array that is the same
// for all rows.
type inSetNode struct {
	l, r *cell
	all  bool
	elem *types.Type
	trim bool // blanks at the end do not count

	made    bool
	image   string // the array that the set is made of
	null    bool   // it has a NULL
	size    int
	ints    map[int64]struct{}
	few     []int64
	strs    map[string]struct{}
	out     vec.Vec
	nullOut []bool
}

func (x *inSetNode) eval(f *frame) *vec.Vec {
	v, r := x.l.eval(f), x.r.eval(f)
	if f.n == 0 || r.IsNull(0) {
		x.out.AllNull(types.Bool, f.n)
		return &x.out
	}
	if s := r.Strs[0]; !x.made || x.image != s {
		x.fill(s)
	}
	x.out.Reset(types.Bool, f.n)
	if x.size == 0 {
		for i := range x.out.Bools {
			x.out.Bools[i] = x.all
		}
		return &x.out
	}
	x.look(v, f.n)
	x.marks(v)
	return &x.out
}

// few is how many integers are looked through rather than hashed.
const few = 8

func (x *inSetNode) fill(s string) {
	x.made, x.image, x.null, x.few = true, s, false, nil
	x.ints, x.strs = map[int64]struct{}{}, map[string]struct{}{}
	it := types.IterArray(x.elem, s)
	x.size = it.N
	for d, ok := it.Next(); ok; d, ok = it.Next() {
		switch {
		case d.IsNull():
			x.null = true
		case d.Kind() == types.Int:
			x.ints[d.Int()] = struct{}{}
		default:
			x.strs[x.key(d.Str())] = struct{}{}
		}
	}
	if len(x.ints) <= few {
		for n := range x.ints {
			x.few = append(x.few, n)
		}
	}
}

func (x *inSetNode) key(s string) string {
	if x.trim {
		return strings.TrimRight(s, " ")
	}
	return s
}

// look writes whether each value is in the set, the other way round for ALL.
func (x *inSetNode) look(v *vec.Vec, n int) {
	out := x.out.Bools
	switch {
	case v.Kind == types.Bytes:
		for i, s := range v.Strs[:n] {
			_, in := x.strs[x.key(s)]
			out[i] = in != x.all
		}
	case x.few != nil:
		for i, n := range v.Ints[:n] {
			in := false
			for _, k := range x.few {
				in = in || n == k
			}
			out[i] = in != x.all
		}
	default:
		for i, n := range v.Ints[:n] {
			_, in := x.ints[n]
			out[i] = in != x.all
		}
	}
}

// marks makes NULL the rows whose value is NULL, and where the set has a NULL
// those that are not decided by being in it.
func (x *inSetNode) marks(v *vec.Vec) {
	if !x.null {
		x.out.Nulls = v.Nulls
		return
	}
	x.nullOut = append(x.nullOut[:0], make([]bool, len(x.out.Bools))...)
	for i, b := range x.out.Bools {
		x.nullOut[i] = b == x.all || v.IsNull(i)
	}
	x.out.Nulls = x.nullOut
}

// arrayCmpNode is l OP ANY/ALL (array) in general: l is paired with every element
// and all pairs are compared at once.
type arrayCmpNode struct {
	l, r *cell
	call *callNode
	all  bool
	elem *types.Type

	rows  []int32
	left  vec.Vec
	right vec.Vec
	pairs frame
	out   vec.Vec
}

func (x *arrayCmpNode) eval(f *frame) *vec.Vec {
	l, r := x.l.eval(f), x.r.eval(f)
	x.rows = x.rows[:0]
	x.right.Reset(x.elem.Kind, 0)
	for i := range f.n {
		if r.IsNull(i) {
			continue
		}
		it := types.IterArray(x.elem, r.Strs[i])
		for d, ok := it.Next(); ok; d, ok = it.Next() {
			x.right.AppendDatum(d)
			x.rows = append(x.rows, int32(i))
		}
	}
	x.out.Reset(types.Bool, f.n)
	for i := range f.n {
		x.out.Bools[i] = x.all // as without elements
		if r.IsNull(i) {
			x.out.SetNull(i)
		}
	}
	if len(x.rows) > 0 {
		x.left.Gather(l, x.rows)
		x.compare(f)
	}
	return &x.out
}

// compare compares the pairs and sums up per row, in order: what comes behind the
// pair that decides is not looked at, errors included.
func (x *arrayCmpNode) compare(f *frame) {
	g := &x.pairs
	g.begin(f.run, len(x.rows))
	g.errs.Reset()
	g.bad = &g.errs
	x.call.vals[0], x.call.vals[1] = &x.left, &x.right
	v := x.call.call(g)
	errs := map[int32]error{}
	for i, at := range g.errs.Rows {
		if errs[at] == nil {
			errs[at] = g.errs.Errs[i]
		}
	}
	decided := int32(-1)
	for k, i := range x.rows {
		if i == decided {
			continue
		}
		switch err := errs[int32(k)]; {
		case err != nil:
			f.bad.Set(int(i), err)
			x.out.SetNull(int(i))
			decided = i
		case v.IsNull(k):
			x.out.SetNull(int(i))
		case v.Bools[k] != x.all:
			x.out.Set(int(i), types.NewBool(!x.all))
			decided = i
		}
	}
}
