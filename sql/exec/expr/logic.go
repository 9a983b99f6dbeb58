package expr

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// junctionNode is AND or OR of its arguments, left to right: an argument is
// asked only about the rows that the ones before it leave open (for AND those
// that are true or NULL so far), unless it is safe.
type junctionNode struct {
	or   bool // OR: true decides; AND: false does
	args []*cell
	out  vec.Vec
	null []bool
	open []int32
	sub  frame
}

func (x *junctionNode) eval(f *frame) *vec.Vec {
	first := x.args[0].eval(f)
	x.out.Reset(types.Bool, f.n)
	copy(x.out.Bools, first.Bools[:f.n])
	if first.Nulls != nil {
		x.null = append(x.null[:0], first.Nulls[:f.n]...)
		x.out.Nulls = x.null
	}
	for _, a := range x.args[1:] {
		if a.safe {
			x.mergeAll(a.eval(f))
			continue
		}
		x.findOpen()
		switch len(x.open) {
		case 0:
			return &x.out
		case f.n:
			x.mergeAll(a.eval(f))
		default:
			g := x.sub.enter(f, x.open)
			v := a.eval(g)
			for j, i := range x.open {
				x.merge(int(i), v.Bools[j], v.IsNull(j))
			}
			g.leave()
		}
	}
	return &x.out
}

// findOpen lists the rows that are not decided.
func (x *junctionNode) findOpen() {
	x.open = x.open[:0]
	null := x.out.Nulls
	for i, b := range x.out.Bools {
		if b != x.or || null != nil && null[i] {
			x.open = append(x.open, int32(i))
		}
	}
}

func (x *junctionNode) mergeAll(v *vec.Vec) {
	out := x.out.Bools
	in := v.Bools[:len(out)]
	switch {
	case x.out.Nulls != nil || v.Nulls != nil:
		for i := range out {
			x.merge(i, in[i], v.IsNull(i))
		}
	case x.or:
		for i, b := range in {
			out[i] = out[i] || b
		}
	default:
		for i, b := range in {
			out[i] = out[i] && b
		}
	}
}

// merge adds an argument's value for row i, which may be decided already.
func (x *junctionNode) merge(i int, b, null bool) {
	o := &x.out
	switch {
	case !o.IsNull(i) && o.Bools[i] == x.or: // decided
	case null:
		if o.Nulls == nil {
			x.null = append(x.null[:0], make([]bool, len(o.Bools))...)
			o.Nulls = x.null
		}
		o.Nulls[i] = true
	case b == x.or:
		o.Bools[i] = b
		if o.Nulls != nil {
			o.Nulls[i] = false
		}
	}
}

// notNode is NOT.
type notNode struct {
	x   *cell
	out vec.Vec
}

func (x *notNode) eval(f *frame) *vec.Vec {
	v := x.x.eval(f)
	x.out.Reset(types.Bool, f.n)
	for i, b := range v.Bools[:f.n] {
		x.out.Bools[i] = !b
	}
	x.out.Nulls = v.Nulls
	return &x.out
}

// isNullNode is IS [NOT] NULL.
type isNullNode struct {
	x   *cell
	not bool
	out vec.Vec
}

func (x *isNullNode) eval(f *frame) *vec.Vec {
	v := x.x.eval(f)
	x.out.Reset(types.Bool, f.n)
	out := x.out.Bools
	if v.Nulls == nil {
		for i := range out {
			out[i] = x.not
		}
		return &x.out
	}
	for i, null := range v.Nulls[:f.n] {
		out[i] = null != x.not
	}
	return &x.out
}

// boolTestNode is IS [NOT] TRUE or FALSE.
type boolTestNode struct {
	x         *cell
	want, not bool
	out       vec.Vec
}

func (x *boolTestNode) eval(f *frame) *vec.Vec {
	v := x.x.eval(f)
	x.out.Reset(types.Bool, f.n)
	for i, b := range v.Bools[:f.n] {
		x.out.Bools[i] = (b == x.want && !v.IsNull(i)) != x.not
	}
	return &x.out
}

// distinctNode is IS [NOT] DISTINCT FROM, by an equality function.
type distinctNode struct {
	eq  callNode
	not bool
	out vec.Vec
}

func (x *distinctNode) eval(f *frame) *vec.Vec {
	for i, a := range x.eq.args {
		x.eq.vals[i] = a.eval(f)
	}
	l, r := x.eq.vals[0], x.eq.vals[1]
	eq := x.eq.call(f)
	x.out.Reset(types.Bool, f.n)
	for i := range x.out.Bools {
		ln, rn := l.IsNull(i), r.IsNull(i)
		same := ln && rn
		if !ln && !rn {
			same = eq.Bools[i] && !eq.IsNull(i)
		}
		x.out.Bools[i] = same == x.not
	}
	return &x.out
}
