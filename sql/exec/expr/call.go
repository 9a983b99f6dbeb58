package expr

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// callNode calls a scalar function.
type callNode struct {
	kernel funcs.Kernel
	strict bool
	kind   types.Kind
	args   []*cell
	vals   []*vec.Vec
	null   []bool // memory for the union of the arguments' marks
	out    vec.Vec
}

func (x *callNode) eval(f *frame) *vec.Vec {
	for i, a := range x.args {
		x.vals[i] = a.eval(f)
	}
	return x.call(f)
}

// call calls the function on vals.
func (x *callNode) call(f *frame) *vec.Vec {
	if !x.strict {
		f.kernel(x.kernel, x.vals, nil, &x.out)
		return &x.out
	}
	null := x.nulls(f.n)
	if null != nil && all(null) {
		x.out.AllNull(x.kind, f.n)
		return &x.out
	}
	f.kernel(x.kernel, x.vals, null, &x.out)
	markNulls(&x.out, null)
	return &x.out
}

// nulls gives the rows in which an argument is NULL; nil when there are none.
func (x *callNode) nulls(n int) []bool {
	var null []bool
	own := false
	for _, v := range x.vals {
		switch {
		case v.Nulls == nil:
		case null == nil:
			null = v.Nulls[:n]
		case !own:
			x.null = append(x.null[:0], null...)
			null, own = x.null, true
			or(null, v.Nulls)
		default:
			or(null, v.Nulls)
		}
	}
	return null
}

func or(dst, src []bool) {
	for i, s := range src[:len(dst)] {
		dst[i] = dst[i] || s
	}
}

func all(b []bool) bool {
	for _, x := range b {
		if !x {
			return false
		}
	}
	return true
}

// markNulls adds marks to a column that its owner has just made.
func markNulls(v *vec.Vec, null []bool) {
	switch {
	case null == nil:
	case v.Nulls == nil:
		v.Nulls = null
	default:
		or(v.Nulls, null)
	}
}

func newCall(k funcs.Kernel, strict bool, kind types.Kind, args []*cell) *callNode {
	return &callNode{kernel: k, strict: strict, kind: kind, args: args, vals: make([]*vec.Vec, len(args))}
}
