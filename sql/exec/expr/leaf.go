package expr

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// colNode reads a column of the batch.
type colNode struct{ pos int }

func (x *colNode) eval(f *frame) *vec.Vec { return f.col(x.pos) }

// constNode repeats one value.
type constNode struct {
	kind types.Kind
	val  types.Datum
	repeated
}

func (x *constNode) eval(f *frame) *vec.Vec {
	if x.n < f.n || x.buf.Kind == 0 {
		x.set(x.kind, x.val, f.n)
	}
	return x.first(f.n)
}

// repeated is a column of one value repeated, grown as needed.
type repeated struct {
	buf, view vec.Vec
	n         int
}

func (r *repeated) set(kind types.Kind, d types.Datum, n int) {
	r.buf.Const(kind, d, n)
	r.n = n
}

func (r *repeated) first(n int) *vec.Vec {
	if n == r.n {
		return &r.buf
	}
	r.view = r.buf.Slice(0, n)
	return &r.view
}

// boundNode repeats a value of the binding: a parameter, or an outer column.
type boundNode struct {
	kind  types.Kind
	param int // $N; 0: an outer column
	slot  int
	gen   uint64
	repeated
}

func (x *boundNode) eval(f *frame) *vec.Vec {
	b := f.run.bind
	if gen := b.generation(); x.n < f.n || x.gen != gen || x.buf.Kind == 0 {
		x.gen = gen
		var d types.Datum
		if x.param > 0 {
			d = b.param(x.param)
		} else {
			d = b.outer[x.slot]
		}
		x.set(x.kind, d, f.n)
	}
	return x.first(f.n)
}

// onceNode computes a subexpression that reads no columns for one row and
// repeats it.
type onceNode struct {
	kind  types.Kind
	x     *cell
	inner frame
	repeated
}

func (x *onceNode) eval(f *frame) *vec.Vec {
	if f.n <= 1 {
		return x.x.eval(f)
	}
	g := &x.inner
	g.begin(f.run, 1)
	g.errs.Reset()
	g.bad = &g.errs
	v := x.x.eval(g)
	x.set(x.kind, v.Datum(0), f.n)
	if err := g.errs.First(); err != nil {
		for i := range f.n {
			f.bad.Set(i, err)
		}
	}
	return x.first(f.n)
}

// groupingNode is GROUPING(…): a value per grouping set.
type groupingNode struct {
	set   *cell
	masks []int64
	out   vec.Vec
}

func (x *groupingNode) eval(f *frame) *vec.Vec {
	set := x.set.eval(f)
	x.out.Reset(types.Int, f.n)
	for i, s := range set.Ints[:f.n] {
		x.out.Ints[i] = x.masks[s]
	}
	return &x.out
}
