package expr

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// caseNode is CASE: conditions are asked in order about the rows still open,
// results about the rows that chose them.
type caseNode struct {
	arg   *cell // the operand of a simple CASE: conditions find it evaluated; nil
	conds []*cell
	thens []*cell // one per condition, then the ELSE
	arms  mosaic

	hit, rest, spare []int32
	condRows         frame
	thenRows         frame
}

func (x *caseNode) eval(f *frame) *vec.Vec {
	if x.arg != nil {
		x.arg.eval(f)
	}
	x.arms.start(f.n)
	var open []int32 // nil: all rows
	left := f.n
	for k, cond := range x.conds {
		x.split(f, cond, open, left)
		if len(x.hit) == f.n { // nothing was set before
			return x.thens[k].eval(f)
		}
		x.fill(f, x.thens[k], x.hit)
		open, left = x.rest, len(x.rest)
		if left == 0 {
			return x.arms.finish()
		}
	}
	if left == f.n {
		return x.thens[len(x.conds)].eval(f)
	}
	x.fill(f, x.thens[len(x.conds)], open)
	return x.arms.finish()
}

// split divides the open rows into hit, for which cond is true, and rest.
func (x *caseNode) split(f *frame, cond *cell, open []int32, left int) {
	g := f
	whole := open == nil || cond.safe || left == f.n
	if !whole {
		g = x.condRows.enter(f, open)
	}
	v := cond.eval(g)
	hit, rest := x.hit[:0], x.spare[:0]
	j := 0
	for i := range rowsOf(open, f.n) {
		at := j
		if whole {
			at = i
		}
		if v.Bools[at] && !v.IsNull(at) {
			hit = append(hit, int32(i))
		} else {
			rest = append(rest, int32(i))
		}
		j++
	}
	if !whole {
		g.leave()
	}
	x.hit, x.spare, x.rest = hit, x.rest, rest
}

// fill sets the given rows to the result of an arm.
func (x *caseNode) fill(f *frame, then *cell, rows []int32) {
	switch {
	case len(rows) == 0:
	case then.nullConst:
		x.arms.setNull(rows)
	case then.leaf:
		x.arms.put(then.eval(f), rows, rows)
	default:
		g := x.thenRows.enter(f, rows)
		x.arms.put(then.eval(g), rows, nil)
		g.leave()
	}
}

// coalesceNode is COALESCE: an argument is asked about the rows in which the
// ones before it are NULL.
type coalesceNode struct {
	args      []*cell
	out       mosaic
	open, gap []int32
	sub       frame
}

func (x *coalesceNode) eval(f *frame) *vec.Vec {
	v := x.args[0].eval(f)
	x.open = nullRows(x.open[:0], v, nil)
	if len(x.open) == 0 {
		return v
	}
	x.out.start(f.n)
	x.out.put(v, nil, nil)
	for _, a := range x.args[1:] {
		switch {
		case a.nullConst:
			continue
		case a.leaf:
			v := a.eval(f)
			x.out.put(v, x.open, x.open)
			x.gap = nullRows(x.gap[:0], v, x.open)
		default:
			g := x.sub.enter(f, x.open)
			v := a.eval(g)
			x.out.put(v, x.open, nil)
			x.gap = x.gap[:0]
			for j, i := range x.open {
				if v.IsNull(j) {
					x.gap = append(x.gap, i)
				}
			}
			g.leave()
		}
		x.open, x.gap = x.gap, x.open
		if len(x.open) == 0 {
			break
		}
	}
	return x.out.finish()
}

// nullRows appends the rows among idx (nil: all) that are NULL.
func nullRows(dst []int32, v *vec.Vec, idx []int32) []int32 {
	if v.Nulls == nil {
		return dst
	}
	for i := range rowsOf(idx, v.Len()) {
		if v.Nulls[i] {
			dst = append(dst, int32(i))
		}
	}
	return dst
}

// minMaxNode is GREATEST or LEAST.
type minMaxNode struct {
	sign int // of the comparison with which a later argument wins
	typ  *types.Type
	args []*cell
	out  mosaic
	win  []int32
}

func (x *minMaxNode) eval(f *frame) *vec.Vec {
	x.out.start(f.n)
	x.out.put(x.args[0].eval(f), nil, nil)
	for _, a := range x.args[1:] {
		v, best := a.eval(f), x.out.finish()
		x.win = x.win[:0]
		for i := range f.n {
			if v.IsNull(i) {
				continue
			}
			if best.IsNull(i) || vec.Compare(v, i, best, i, x.typ)*x.sign > 0 {
				x.win = append(x.win, int32(i))
			}
		}
		if len(x.win) > 0 {
			x.out.put(v, x.win, x.win)
		}
	}
	return x.out.finish()
}

// nullIfNode is NULLIF.
type nullIfNode struct {
	eq   callNode
	x    *cell
	null []bool
	out  vec.Vec // a view of x with marks of its own
}

func (x *nullIfNode) eval(f *frame) *vec.Vec {
	eq := x.eq.eval(f)
	v := x.x.eval(f)
	x.null = append(x.null[:0], make([]bool, f.n)...)
	for i := range x.null {
		x.null[i] = v.IsNull(i) || eq.Bools[i] && !eq.IsNull(i)
	}
	x.out = *v
	x.out.Nulls = x.null
	return &x.out
}
