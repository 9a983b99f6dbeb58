package funcs

import (
	"cmp"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// relation is one of the six comparison operators.
type relation uint8

const (
	relEq relation = iota
	relNe
	relLt
	relLe
	relGt
	relGe
)

// relSuffix names the operators as PostgreSQL's functions do: int4eq, date_lt.
var relSuffix = [...]string{relEq: "eq", relNe: "ne", relLt: "lt", relLe: "le", relGt: "gt", relGe: "ge"}

// flip gives the relation s with a s b = b r a.
func (r relation) flip() relation {
	return [...]relation{relEq: relEq, relNe: relNe, relLt: relGt, relLe: relGe, relGt: relLt, relGe: relLe}[r]
}

// holds tells whether the relation is true of two values that compare as c.
func (r relation) holds(c int) bool {
	switch r {
	case relEq:
		return c == 0
	case relNe:
		return c != 0
	case relLt:
		return c < 0
	case relLe:
		return c <= 0
	case relGt:
		return c > 0
	}
	return c >= 0
}

// comparer compares columns of one physical kind: vv two columns, vc a column
// with a constant. Rows that are NULL hold harmless values and are compared too.
type comparer struct {
	vv func(c *Ctx, r relation, a, b *vec.Vec, out []bool)
	vc func(c *Ctx, r relation, a *vec.Vec, d types.Datum, out []bool)
}

// impl makes the implementation of one comparison operator.
func (k comparer) impl(r relation) *Impl {
	return &Impl{Bind: func(call *Call) (Kernel, error) { return k.bind(call, r), nil }}
}

func (k comparer) bind(call *Call, r relation) Kernel {
	if k.vc != nil {
		if d := constArg(call, 1); d != nil {
			return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
				k.vc(c, r, args[0], *d, Out[bool](out, n))
			}
		}
		if d := constArg(call, 0); d != nil {
			return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
				k.vc(c, r.flip(), args[1], *d, Out[bool](out, n))
			}
		}
	}
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		k.vv(c, r, args[0], args[1], Out[bool](out, n))
	}
}

// constArg gives the value of a constant argument that is not NULL.
func constArg(c *Call, i int) *types.Datum {
	if i >= len(c.Const) || c.Const[i] == nil || c.Const[i].IsNull() {
		return nil
	}
	return c.Const[i]
}

// ordered makes the comparer of kinds that Go compares as PostgreSQL does.
func ordered[T cmp.Ordered](slice func(*vec.Vec) []T, value func(types.Datum) T) comparer {
	return comparer{
		vv: func(_ *Ctx, r relation, a, b *vec.Vec, out []bool) { orderedVV(r, slice(a), slice(b), out) },
		vc: func(_ *Ctx, r relation, a *vec.Vec, d types.Datum, out []bool) {
			orderedVC(r, slice(a), value(d), out)
		},
	}
}

func orderedVV[T cmp.Ordered](r relation, a, b []T, out []bool) {
	a, b = a[:len(out)], b[:len(out)]
	switch r {
	case relEq:
		for i, x := range a {
			out[i] = x == b[i]
		}
	case relNe:
		for i, x := range a {
			out[i] = x != b[i]
		}
	case relLt:
		for i, x := range a {
			out[i] = x < b[i]
		}
	case relLe:
		for i, x := range a {
			out[i] = x <= b[i]
		}
	case relGt:
		for i, x := range a {
			out[i] = x > b[i]
		}
	case relGe:
		for i, x := range a {
			out[i] = x >= b[i]
		}
	}
}

func orderedVC[T cmp.Ordered](r relation, a []T, y T, out []bool) {
	a = a[:len(out)]
	switch r {
	case relEq:
		for i, x := range a {
			out[i] = x == y
		}
	case relNe:
		for i, x := range a {
			out[i] = x != y
		}
	case relLt:
		for i, x := range a {
			out[i] = x < y
		}
	case relLe:
		for i, x := range a {
			out[i] = x <= y
		}
	case relGt:
		for i, x := range a {
			out[i] = x > y
		}
	case relGe:
		for i, x := range a {
			out[i] = x >= y
		}
	}
}

// byCmp makes a comparer of a three-way comparison of single values.
func byCmp[T Value](f func(a, b T) int) comparer {
	return comparer{
		vv: func(c *Ctx, r relation, a, b *vec.Vec, out []bool) {
			x, y := In[T](a), In[T](b)
			for i := range out {
				if !c.skip(i) {
					out[i] = r.holds(f(x[i], y[i]))
				}
			}
		},
	}
}

// compareInts, compareStrs … are the comparers of the physical kinds.
var (
	compareInts = ordered(func(v *vec.Vec) []int64 { return v.Ints }, types.Datum.Int)
	compareStrs = ordered(func(v *vec.Vec) []string { return v.Strs }, types.Datum.Str)

	compareFloats = comparer{
		vv: func(_ *Ctx, r relation, a, b *vec.Vec, out []bool) { floatVV(r, a.Floats, b.Floats, out) },
		vc: func(_ *Ctx, r relation, a *vec.Vec, d types.Datum, out []bool) {
			floatVC(r, a.Floats, d.Float(), out)
		},
	}
	compareBools     = byCmp(cmpBool)
	compareIntervals = byCmp(func(a, b types.Interval) int { return a.Cmp(b) })
	compareNumerics  = comparer{vv: numericVV, vc: numericVC}
)

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// floatVV is orderedVV with PostgreSQL's NaN: equal to itself, above all else.
// Only pairs that are not ordered, which are rare, leave the plain path.
func floatVV(r relation, a, b []float64, out []bool) {
	orderedVV(r, a, b, out)
	for i, x := range a[:len(out)] {
		if y := b[i]; x != x || y != y {
			out[i] = r.holds(types.CmpFloat(x, y))
		}
	}
}

func floatVC(r relation, a []float64, y float64, out []bool) {
	orderedVC(r, a, y, out)
	nan := y != y
	for i, x := range a[:len(out)] {
		if nan || x != x {
			out[i] = r.holds(types.CmpFloat(x, y))
		}
	}
}

// compareBytes makes the comparer of a type of kind Bytes that has an order of
// its own (bpchar, arrays, jsonb …): the type is the first argument's.
func compareBytes(r relation) *Impl {
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		t := call.Args[0]
		if t.PlainBytes() {
			return compareStrs.bind(call, r), nil
		}
		return byCmp(t.CmpStr).bind(call, r), nil
	}}
}

// compareRecords compares records, of which those of one composite type have the same
// fields.
func compareRecords(r relation) *Impl {
	alike := compareBytes(r)
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		if t := call.Args[0]; t.Class == types.Composite && types.Same(t, call.Args[1]) {
			return alike.Bind(call)
		}
		return rows(types.Bool, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			c, err := types.CompareRecords(a[0].Str(), a[1].Str())
			return types.NewBool(r.holds(c)), err
		}), nil
	}}
}

// threeWay makes the kernel of a bt…cmp function.
func threeWay[T Value](f func(a, b T) int) *Impl {
	return &Impl{Kernel: fn2(func(a, b T) int64 { return int64(f(a, b)) })}
}

// extreme makes the kernels of …larger (dir > 0) and …smaller: the second
// argument wins only when it is strictly beyond the first, or, as PostgreSQL's
// float and text versions have it, when they are equal; values that are equal
// but differ are told apart by keepFirst.
func extreme[T Value](dir int, keepFirst bool, f func(a, b T) int) *Impl {
	return &Impl{Kernel: fn2(func(a, b T) T {
		switch c := f(a, b) * dir; {
		case c > 0, c == 0 && keepFirst:
			return a
		}
		return b
	})}
}
