package exec

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// overOp computes window functions. Rows are sorted by partition and order, and
// taken some whole partitions at a time: the columns that functions look at are
// kept in memory, the columns that are only passed on in a file if need be. Where
// all functions can do with parts of a partition, those are taken.
type overOp struct {
	evaluator
	in      operator
	prog    program // what is computed per row: arguments and filters
	dense   denser
	kinds   []types.Kind // of the rows that are sorted
	part    []int        // the partition's columns
	ptypes  []*types.Type
	keys    []sortKey // partition, then order
	order   []sortKey
	orderAt []int // the order's columns among need
	pass    []int // columns that are given
	need    []int // columns that functions look at
	calls   []*overCall
	stats   *NodeStats

	vals   []vec.Vec
	sorter *sorter
	sorted vec.Batch // of which rows before at are taken
	at     int
	last   []vec.Vec // the partition of the last row taken; nil: none
	ended  bool

	// parts: partitions may be cut between peer groups; anywhere: and between any rows.
	// goesOn: the rows taken begin within a partition; cut: they end within one.
	parts, anywhere bool
	goesOn, cut     bool

	rows   *rowSet // the columns of need, of whole partitions or parts
	bounds []int   // where partitions begin in rows
	buf    *rowBuffer
	given  *bufferReader // of buf; nil: nothing to give
	from   int           // rows given
	res    []vec.Vec     // the functions' values
	out    []vec.Vec
}

func (c *compiler) over(n *plan.Over, want plan.ColSet) (rel, error) {
	var calls []*plan.WinCall
	reads := reading(want, keyExprs(n.OrderBy)...)
	reads.Add(n.Partition...)
	for i := range n.Calls {
		call := &n.Calls[i]
		c.types[call.Col] = call.Ret
		if !want.Has(call.Col) {
			continue
		}
		calls = append(calls, call)
		reads = reading(reads, call.Args...)
		if call.Filter != nil {
			reads = reading(reads, call.Filter)
		}
		reads = reading(reads, call.Frame.Offsets()...)
	}
	in, err := c.rel(n.In, reads)
	if err != nil {
		return rel{}, err
	}
	o := &overOp{evaluator: evaluator{rt: c.rt}, in: in, stats: c.stats(n)}
	if err := c.overKeys(o, n, in); err != nil {
		return rel{}, err
	}
	var cols []plan.ColID
	for i, id := range in.cols {
		o.dense.need = append(o.dense.need, i)
		if want.Has(id) {
			o.pass, cols = append(o.pass, i), append(cols, id)
		}
	}
	if err := c.overCalls(o, calls, in); err != nil {
		return rel{}, err
	}
	for _, call := range calls {
		cols = append(cols, call.Col)
	}
	o.out = make([]vec.Vec, len(cols))
	return rel{o, cols}, nil
}

func keyExprs(keys []plan.SortKey) []plan.Expr {
	out := make([]plan.Expr, len(keys))
	for i := range keys {
		out[i] = keys[i].X
	}
	return out
}

// overKeys places partition and order.
func (c *compiler) overKeys(o *overOp, n *plan.Over, in rel) (err error) {
	if o.part, err = positions(n.Partition, in.cols); err != nil {
		return err
	}
	o.ptypes = c.typesOf(n.Partition)
	for i, p := range o.part {
		o.keys = append(o.keys, sortKey{pos: p, typ: o.ptypes[i]})
	}
	if o.order, err = sortKeys(n.OrderBy, in.cols); err != nil {
		return err
	}
	o.keys = append(o.keys, o.order...)
	for _, k := range o.order {
		o.orderAt = append(o.orderAt, o.needs(k.pos))
	}
	return nil
}

// needs notes that functions look at a column, and gives its number among those.
func (o *overOp) needs(pos int) int {
	if i := slices.Index(o.need, pos); i >= 0 {
		return i
	}
	o.need = append(o.need, pos)
	return len(o.need) - 1
}

// overCalls compiles the functions and what they are called with.
func (c *compiler) overCalls(o *overOp, calls []*plan.WinCall, in rel) (err error) {
	layout := expr.LayoutOf(in.cols)
	var extra []plan.Expr
	place := func(e plan.Expr) int {
		if x, ok := e.(*plan.Col); ok {
			if pos, ok := layout[x.ID]; ok {
				return o.needs(pos)
			}
		}
		extra = append(extra, e)
		return o.needs(len(in.cols) + len(extra) - 1)
	}
	for _, w := range calls {
		call, err := c.overCall(w, o)
		if err != nil {
			return err
		}
		for _, a := range w.Args {
			call.args = append(call.args, place(guardedExpr{a, w.Filter}.expr()))
		}
		call.filter = -1
		if w.Filter != nil {
			call.filter = place(w.Filter)
		}
		if err := c.frameOffsets(call, w, layout, place); err != nil {
			return err
		}
		o.calls = append(o.calls, call)
	}
	o.parts, o.anywhere = true, true
	for _, call := range o.calls {
		parts, anywhere := call.inParts()
		o.parts, o.anywhere = o.parts && parts, o.anywhere && anywhere
	}
	if o.prog, err = c.exprs(extra, in.cols); err != nil {
		return err
	}
	o.vals = make([]vec.Vec, len(extra))
	o.res = make([]vec.Vec, len(calls))
	o.kinds = c.kinds(in.cols)
	for _, e := range extra {
		o.kinds = append(o.kinds, e.Type().Kind)
	}
	return nil
}

// Next implements vec.Source.
func (o *overOp) Next(ctx context.Context, out *vec.Batch) error {
	if o.sorter == nil {
		if err := o.sort(ctx); err != nil {
			return err
		}
	}
	for {
		if o.given != nil {
			if err := o.give(ctx, out); err != nil || out.N > 0 {
				return err
			}
		}
		if err := o.take(ctx); err != nil {
			return err
		}
		if o.rows.n == 0 {
			out.N = 0
			return nil
		}
		if err := o.compute(ctx); err != nil {
			return err
		}
	}
}

// sort reads and sorts the input.
func (o *overOp) sort(ctx context.Context) error {
	o.sorter = newSorter(o.rt, o.keys, o.kinds, o.stats)
	for _, c := range o.calls {
		if err := c.begin(o.start(ctx)); err != nil {
			return err
		}
	}
	var in vec.Batch
	for {
		if err := o.in.Next(ctx, &in); err != nil {
			return err
		}
		if in.N == 0 {
			break
		}
		b := o.dense.dense(&in)
		if len(o.vals) > 0 {
			o.prog.EvalAll(o.start(ctx), &b, o.vals)
			if err := o.bad.First(); err != nil {
				return err
			}
			b.Cols = append(b.Cols[:len(b.Cols):len(b.Cols)], o.vals...)
		}
		if err := o.sorter.add(&b); err != nil {
			return err
		}
	}
	o.sorted, o.at, o.last, o.ended, o.cut = vec.Batch{}, 0, nil, false, false
	return o.sorter.finish(ctx)
}

// enough is how many rows are taken before the functions are computed; tests have
// fewer.
var enough = vec.Size

// take collects whole partitions, or parts of them, until there are enough rows.
func (o *overOp) take(ctx context.Context) error {
	o.forget()
	o.goesOn, o.cut = o.cut, false
	for !o.ended {
		if o.at == o.sorted.N {
			if err := o.sorter.Next(ctx, &o.sorted); err != nil {
				return err
			}
			o.at = 0
			if o.sorted.N == 0 {
				o.ended = true
				return nil
			}
		}
		if o.rows.n == 0 || !o.same(o.at) {
			if o.rows.n >= enough {
				return nil
			}
			o.bounds = append(o.bounds, o.rows.n)
		}
		hi := o.at + 1
		for hi < o.sorted.N && o.same(hi) && !o.cuts(hi) {
			hi++
		}
		if err := o.keep(o.at, hi); err != nil {
			return err
		}
		if o.at = hi; hi < o.sorted.N && o.cuts(hi) && o.same(hi) {
			o.cut = true
			return nil
		}
	}
	return nil
}

// cuts tells whether row i of the sorted batch is to begin another part of its
// partition: there are enough rows before it, and it is no peer of the last one.
func (o *overOp) cuts(i int) bool {
	if !o.parts || o.rows.n+i-o.at < enough {
		return false
	}
	if o.anywhere {
		return true
	}
	for k := range o.order {
		v := &o.sorted.Cols[o.order[k].pos]
		if !vec.Equal(v, i-1, v, i, o.order[k].typ) {
			return true
		}
	}
	return false
}

// forget lets go of the rows that have been given.
func (o *overOp) forget() {
	if o.buf == nil {
		o.rows = newRowSet(pickAt(o.kinds, o.need))
		o.buf = newRowBuffer(o.rt, pickAt(o.kinds, o.pass), o.stats)
	}
	o.rows.clear()
	o.buf.reset()
	o.bounds, o.given, o.from = o.bounds[:0], nil, 0
}

func pickAt[T any](list []T, at []int) []T {
	out := make([]T, len(at))
	for i, p := range at {
		out[i] = list[p]
	}
	return out
}

// same tells whether row i of the sorted batch is of the partition of the row
// before it.
func (o *overOp) same(i int) bool {
	for k, p := range o.part {
		v := &o.sorted.Cols[p]
		prev, at := v, i-1
		if i == 0 {
			prev, at = &o.last[k], 0
		}
		if !vec.Equal(prev, at, v, i, o.ptypes[k]) {
			return false
		}
	}
	return true
}

// keep takes rows lo … hi-1 of the sorted batch.
func (o *overOp) keep(lo, hi int) error {
	var b vec.Batch
	o.sorted.Slice(&b, lo, hi)
	cols := b.Cols
	o.rows.add(&vec.Batch{Cols: pickAt(cols, o.need), N: b.N})
	if err := o.buf.add(&vec.Batch{Cols: pickAt(cols, o.pass), N: b.N}); err != nil {
		return err
	}
	if hi == o.sorted.N {
		o.last = make([]vec.Vec, len(o.part))
		for k, p := range o.part {
			o.last[k].Reset(o.kinds[p], 0)
			o.last[k].AppendRow(&o.sorted.Cols[p], hi-1)
		}
	}
	return nil
}

// compute computes the functions for the rows taken.
func (o *overOp) compute(ctx context.Context) error {
	for i, c := range o.calls {
		o.res[i].Reset(c.kind, 0)
	}
	w := partition{o: o}
	for k, lo := range o.bounds {
		hi := o.rows.n
		if k+1 < len(o.bounds) {
			hi = o.bounds[k+1]
		}
		w.set(lo, hi)
		w.goesOn = k == 0 && o.goesOn
		for i, c := range o.calls {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := c.eval(o.start(ctx), &w, &o.res[i]); err != nil {
				return err
			}
		}
	}
	o.given = o.buf.reader()
	return nil
}

// give gives the next rows with their values.
func (o *overOp) give(ctx context.Context, out *vec.Batch) error {
	var b vec.Batch
	if err := o.given.Next(ctx, &b); err != nil {
		return err
	}
	if b.N == 0 {
		out.N = 0
		return nil
	}
	copy(o.out, b.Cols)
	for i := range o.calls {
		o.out[len(o.pass)+i] = o.res[i].Slice(o.from, o.from+b.N)
	}
	o.from += b.N
	*out = vec.Batch{Cols: o.out, N: b.N}
	return nil
}

// Close implements vec.Source.
func (o *overOp) Close() error {
	o.drop()
	return o.in.Close()
}

func (o *overOp) drop() {
	if o.sorter != nil {
		o.sorter.reset()
	}
	if o.buf != nil {
		o.buf.reset()
	}
	o.sorter, o.buf, o.rows, o.given = nil, nil, nil, nil
	o.sorted, o.at, o.last, o.ended, o.cut = vec.Batch{}, 0, nil, false, false
}

func (o *overOp) rewind(why restart) {
	o.reset()
	o.drop()
	o.in.rewind(why)
}
