package expr

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// node computes a column for the rows of a frame: exactly f.n values.
type node interface {
	eval(f *frame) *vec.Vec
}

// traits are what is known of a node at compile time.
type traits struct {
	// rowFree: the same value for every row of one execution.
	rowFree bool
	// safe: it cannot fail, has no side effects and costs little, so that it may
	// be evaluated for rows nobody asked about.
	safe bool
	// volatile: every evaluation counts.
	volatile bool
	// leaf: evaluation is free. nullConst: it is the constant NULL.
	leaf, nullConst bool
	// cost is a rough number of work per row; a comparison of numbers is 1.
	cost int
}

// cell is a node as its parents hold it. A node with several uses has a slot,
// under which frames remember its column.
type cell struct {
	traits
	n    node
	slot int // -1: used once
	id   int // equal subexpressions have the same
	kind types.Kind
	once *cell // repeats the one value of a cell that is row free
}

func (x *cell) eval(f *frame) *vec.Vec {
	if x.slot < 0 {
		return x.n.eval(f)
	}
	return f.shared(x)
}

// run is one evaluation of a program.
type run struct {
	ctx   funcs.Ctx
	bind  *Binding
	slots int
}

// frame is a set of rows with their columns. A frame below another one is rows
// of it.
type frame struct {
	run    *run
	n      int
	in     []vec.Vec // the columns of a root frame
	parent *frame
	rows   []int32
	bad    *vec.RowErrors

	vals []*vec.Vec // of shared nodes evaluated in this frame, by slot
	cols []*vec.Vec // gathered columns, by position
	own  []*vec.Vec // memory of cols
	keep []vec.Vec  // memory of vals that were gathered from above
	errs vec.RowErrors
}

// begin makes f a frame of n rows without columns evaluated.
func (f *frame) begin(r *run, n int) {
	f.run, f.n = r, n
	if len(f.vals) != r.slots {
		f.vals = make([]*vec.Vec, r.slots)
	} else {
		clear(f.vals)
	}
}

// enter makes f the frame of the given rows of parent.
func (f *frame) enter(parent *frame, rows []int32) *frame {
	f.begin(parent.run, len(rows))
	f.parent, f.rows = parent, rows
	f.errs.Reset()
	f.bad = &f.errs
	clear(f.cols)
	return f
}

// leave hands the errors of f's rows up.
func (f *frame) leave() {
	for i, r := range f.errs.Rows {
		f.parent.bad.Set(int(f.rows[r]), f.errs.Errs[i])
	}
}

// col gives the column at a position of the batch.
func (f *frame) col(pos int) *vec.Vec {
	if f.parent == nil {
		return &f.in[pos]
	}
	for len(f.cols) <= pos {
		f.cols, f.own = append(f.cols, nil), append(f.own, new(vec.Vec))
	}
	if f.cols[pos] == nil {
		f.own[pos].Gather(f.parent.col(pos), f.rows)
		f.cols[pos] = f.own[pos]
	}
	return f.cols[pos]
}

// shared gives the column of a node with several uses.
func (f *frame) shared(x *cell) *vec.Vec {
	if v := f.find(x.slot); v != nil {
		return v
	}
	v := x.n.eval(f)
	f.vals[x.slot] = v
	return v
}

// find gives a shared node's column if this frame or one above it has it.
func (f *frame) find(slot int) *vec.Vec {
	if v := f.vals[slot]; v != nil || f.parent == nil {
		return v
	}
	above := f.parent.find(slot)
	if above == nil {
		return nil
	}
	if len(f.keep) != len(f.vals) {
		f.keep = make([]vec.Vec, len(f.vals))
	}
	v := &f.keep[slot]
	v.Gather(above, f.rows)
	f.vals[slot] = v
	return v
}

// kernel calls a kernel on the frame's rows; null are the rows it is not asked
// about.
func (f *frame) kernel(k funcs.Kernel, args []*vec.Vec, null []bool, out *vec.Vec) {
	c := &f.run.ctx
	c.Null, c.Bad = null, f.bad
	k(c, args, f.n, out)
}
