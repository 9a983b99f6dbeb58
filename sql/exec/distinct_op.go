package exec

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// distinctOp passes the first of rows that are equal in SQL; or, numbered, all
// rows with the number, from 0, that each has among its equals. When the table of
// rows seen is full, rows that are not in it are divided into files by hash, and
// each file is worked on in the same way later.
type distinctOp struct {
	rt       *Runtime
	in       operator
	types    []*types.Type
	kinds    []types.Kind
	numbered bool
	level    int // how often the rows were divided already
	stats    *NodeStats

	began bool
	table *state.Table // nil when the input is used up
	slots []uint32
	count []int64
	num   vec.Vec
	dense denser
	batch vec.Batch
	out   []vec.Vec
	sel   []int32
	hash  []uint64
	parts *partitioner
	part  int
	sub   *distinctOp
}

func (c *compiler) distinct(n *plan.DistinctRows, want plan.ColSet) (rel, error) {
	if n.On != nil {
		return c.firstOf(n, want)
	}
	cols := n.In.Out()
	in, err := c.rel(n.In, plan.SetOf(cols...))
	if err != nil {
		return rel{}, err
	}
	return rel{c.dedupe(in, false, c.stats(n)), in.cols}, nil
}

// dedupe makes a distinctOp over all columns of in. Numbered, the numbers are a
// further column.
func (c *compiler) dedupe(in rel, numbered bool, stats *NodeStats) *distinctOp {
	return newDistinct(c.rt, in.operator, c.typesOf(in.cols), numbered, stats)
}

func newDistinct(rt *Runtime, in operator, ts []*types.Type, numbered bool, stats *NodeStats) *distinctOp {
	o := &distinctOp{rt: rt, in: in, types: ts, numbered: numbered, stats: stats}
	for i, t := range ts {
		o.kinds = append(o.kinds, t.Kind)
		o.dense.need = append(o.dense.need, i)
	}
	o.out = make([]vec.Vec, len(ts)+1)
	return o
}

// Next implements vec.Source.
func (o *distinctOp) Next(ctx context.Context, out *vec.Batch) error {
	if !o.began {
		o.began, o.table = true, state.NewTable(o.types, len(o.types), state.SQL)
	}
	for o.table != nil {
		if err := o.in.Next(ctx, &o.batch); err != nil {
			return err
		}
		if o.batch.N == 0 {
			o.table, o.count = nil, nil
			if o.parts != nil {
				if err := o.parts.finish(); err != nil {
					return err
				}
			}
			break
		}
		dense := o.dense.dense(&o.batch)
		if err := o.take(&dense, out); err != nil || out.N > 0 {
			return err
		}
	}
	return o.nextOfParts(ctx, out)
}

// take gives what is to be passed on of a batch, and puts aside what is not known.
func (o *distinctOp) take(in *vec.Batch, out *vec.Batch) error {
	out.N = 0
	o.slots = resize(o.slots, in.N)
	if o.parts == nil {
		_, from := o.table.Groups(in.Cols, in.N, o.slots)
		if o.stats != nil {
			m := memory{stats: o.stats}
			m.add(o.bytes())
		}
		if o.bytes() > o.rt.hashMem() && o.level <= maxLevel {
			o.parts = newPartitioner(o.rt, o.kinds, o.level, o.stats)
		}
		if !o.numbered {
			o.sel = append(o.sel[:0], from...)
			slices.Sort(o.sel)
			*out = vec.Batch{Cols: in.Cols, N: len(o.sel), Sel: o.sel}
			return nil
		}
		o.sel = iota32(o.sel, in.N)
		return o.number(in, out)
	}
	o.table.Lookup(in.Cols, in.N, o.slots)
	if err := o.putAside(in); err != nil || !o.numbered || len(o.sel) == 0 {
		return err
	}
	return o.number(in, out)
}

func iota32(dst []int32, n int) []int32 {
	dst = resize(dst, n)
	for i := range dst {
		dst[i] = int32(i)
	}
	return dst
}

func (o *distinctOp) bytes() int64 { return o.table.Bytes() + int64(8*cap(o.count)) }

// putAside writes the rows that are not in the table to the parts, and leaves in
// sel those that are.
func (o *distinctOp) putAside(in *vec.Batch) error {
	var aside []int32
	o.sel = o.sel[:0]
	for i, s := range o.slots {
		if s == state.None {
			aside = append(aside, int32(i))
		} else {
			o.sel = append(o.sel, int32(i))
		}
	}
	if len(aside) == 0 {
		return nil
	}
	o.hash = resize(o.hash, in.N)
	vec.Hash(o.hash, in.Cols, o.types, in.N)
	hash := make([]uint64, len(aside))
	for k, i := range aside {
		hash[k] = o.hash[i]
	}
	return o.parts.add(&vec.Batch{Cols: in.Cols, Sel: aside, N: len(aside)}, hash)
}

// number gives the rows in sel with their numbers.
func (o *distinctOp) number(in *vec.Batch, out *vec.Batch) error {
	if n := o.table.High(); n > len(o.count) {
		o.count = append(o.count, make([]int64, n-len(o.count))...)
	}
	o.num.Reset(types.Int, in.N)
	for _, i := range o.sel {
		s := o.slots[i]
		o.num.Ints[i] = o.count[s]
		o.count[s]++
	}
	copy(o.out, in.Cols)
	o.out[len(o.types)] = o.num
	*out = vec.Batch{Cols: o.out, N: len(o.sel)}
	if len(o.sel) < in.N {
		out.Sel = o.sel
	}
	return nil
}

// nextOfParts goes through the files.
func (o *distinctOp) nextOfParts(ctx context.Context, out *vec.Batch) error {
	for o.parts != nil && o.part < len(o.parts.files) {
		if o.sub == nil {
			o.sub = newDistinct(o.rt, o.parts.files[o.part].reader(), o.types, o.numbered, o.stats)
			o.sub.level = o.level + 1
		}
		if err := o.sub.Next(ctx, out); err != nil || out.N > 0 {
			return err
		}
		o.sub.Close()
		o.sub = nil
		o.part++
	}
	out.N = 0
	return ctx.Err()
}

// Close implements vec.Source.
func (o *distinctOp) Close() error {
	o.drop()
	return o.in.Close()
}

func (o *distinctOp) drop() {
	if o.sub != nil {
		o.sub.Close()
	}
	o.parts.close()
	o.table, o.count, o.parts, o.sub, o.part, o.began = nil, nil, nil, nil, 0, false
}

func (o *distinctOp) rewind(why restart) {
	o.drop()
	o.in.rewind(why)
}

// firstOp passes the first of consecutive rows that agree in some columns.
type firstOp struct {
	in    operator
	pos   []int
	types []*types.Type
	last  []vec.Vec // the columns of the last row seen; nil: none
	sel   []int32
}

func (c *compiler) firstOf(n *plan.DistinctRows, want plan.ColSet) (rel, error) {
	reads := reading(want)
	reads.Add(n.On...)
	in, err := c.rel(n.In, reads)
	if err != nil {
		return rel{}, err
	}
	pos, err := positions(n.On, in.cols)
	return rel{&firstOp{in: in, pos: pos, types: c.typesOf(n.On)}, in.cols}, err
}

// Next implements vec.Source.
func (o *firstOp) Next(ctx context.Context, out *vec.Batch) error {
	for {
		if err := o.in.Next(ctx, out); err != nil || out.N == 0 {
			return err
		}
		o.sel = o.sel[:0]
		for i := range out.N {
			if row := out.Row(i); !o.repeats(out, i, row) {
				o.sel = append(o.sel, int32(row))
			}
		}
		o.keep(out)
		if len(o.sel) > 0 {
			out.Sel, out.N = o.sel, len(o.sel)
			return nil
		}
	}
}

// repeats tells whether the i-th row of b, which is at the given place, agrees
// with the row before it.
func (o *firstOp) repeats(b *vec.Batch, i, row int) bool {
	if i == 0 && o.last == nil {
		return false
	}
	for k, p := range o.pos {
		prev, at := &b.Cols[p], 0
		if i == 0 {
			prev = &o.last[k]
		} else {
			at = b.Row(i - 1)
		}
		if !vec.Equal(prev, at, &b.Cols[p], row, o.types[k]) {
			return false
		}
	}
	return true
}

// keep copies the last row's columns.
func (o *firstOp) keep(b *vec.Batch) {
	last := make([]vec.Vec, len(o.pos))
	for k, p := range o.pos {
		last[k].Reset(b.Cols[p].Kind, 0)
		last[k].AppendRow(&b.Cols[p], b.Row(b.N-1))
	}
	o.last = last
}

// Close implements vec.Source.
func (o *firstOp) Close() error { return o.in.Close() }

func (o *firstOp) rewind(why restart) {
	o.last = nil
	o.in.rewind(why)
}
