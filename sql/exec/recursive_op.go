package exec

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// workTable is the rows that the last round of a recursion brought.
type workTable struct {
	types []*types.Type
	rows  *rowBuffer
}

// recursiveOp is WITH RECURSIVE. Rows are passed on as they come, so that a reader
// who has enough ends a recursion that would not end by itself.
type recursiveOp struct {
	rt         *Runtime
	base, step operator
	work       *workTable
	next       *rowBuffer // the rows of this round
	kinds      []types.Kind
	stats      *NodeStats
	stepping   bool
	rounds     int // steps begun since the last full rewind
	seen       *state.Table
	distinct   bool
	types      []*types.Type
	dense      denser
	slots      []uint32
	sel        []int32
}

func (c *compiler) recursive(n *plan.Recursive) (rel, error) {
	base, err := c.whole(n.Base, n.BaseCols)
	if err != nil {
		return rel{}, err
	}
	ts := c.typesOf(n.BaseCols)
	o := &recursiveOp{rt: c.rt, base: base, kinds: c.kinds(n.BaseCols), types: ts, distinct: !n.All, stats: c.stats(n)}
	o.work = &workTable{types: ts, rows: newRowBuffer(c.rt, o.kinds, o.stats)}
	o.next = newRowBuffer(c.rt, o.kinds, o.stats)
	for i := range ts {
		o.dense.need = append(o.dense.need, i)
	}
	c.work[n.ID] = o.work
	c.define(n.Cols, ts)
	again := c.again
	c.again = true
	o.step, err = c.whole(n.Step, n.StepCols)
	c.again = again
	return rel{o, n.Cols}, err
}

// Next implements vec.Source.
func (o *recursiveOp) Next(ctx context.Context, out *vec.Batch) error {
	for {
		in := o.base
		if o.stepping {
			in = o.step
		}
		if err := in.Next(ctx, out); err != nil {
			return err
		}
		if out.N == 0 {
			if o.next.rows == 0 {
				return nil
			}
			o.turn()
			continue
		}
		if o.distinct {
			o.onlyNew(out)
		}
		if out.N > 0 {
			return o.next.add(out)
		}
	}
}

// turn begins the next round.
func (o *recursiveOp) turn() {
	o.work.rows.reset()
	*o.work.rows, *o.next = *o.next, *o.work.rows
	o.stepping = true
	if o.rounds++; o.rounds > 1 {
		o.step.rewind(newOuter)
	}
}

// onlyNew leaves the rows of b that have not been seen.
func (o *recursiveOp) onlyNew(b *vec.Batch) {
	if o.seen == nil {
		o.seen = state.NewTable(o.types, len(o.types), state.SQL)
	}
	in := o.dense.dense(b)
	o.slots = resize(o.slots, in.N)
	_, from := o.seen.Groups(in.Cols, in.N, o.slots)
	o.sel = append(o.sel[:0], from...)
	slices.Sort(o.sel)
	*b = vec.Batch{Cols: in.Cols, Sel: o.sel, N: len(o.sel)}
}

// Close implements vec.Source.
func (o *recursiveOp) Close() error {
	o.work.rows.reset()
	o.next.reset()
	err := o.base.Close()
	if e := o.step.Close(); err == nil {
		err = e
	}
	return err
}

func (o *recursiveOp) rewind(why restart) {
	o.work.rows.reset()
	o.next.reset()
	o.stepping, o.seen, o.rounds = false, nil, 0
	o.base.rewind(why)
	o.step.rewind(why)
}

// workScan reads the rows of the last round.
type workScan struct{ *bufferReader }

func (c *compiler) workScan(n *plan.WorkScan) (rel, error) {
	w := c.work[n.ID]
	if w == nil {
		c.givenTypes(n)
		return rel{&givenScan{rt: c.rt, id: n.ID}, n.Cols}, nil
	}
	c.define(n.Cols, w.types)
	return rel{workScan{w.rows.reader()}, n.Cols}, nil
}

// givenScan reads rows that the Runtime brings along.
type givenScan struct {
	rt *Runtime
	id int
	at int
}

// givenTypes notes the types of given rows' columns: as the plan says, or as the
// expressions that read them, or else by what the values are.
func (c *compiler) givenTypes(n *plan.WorkScan) {
	for i, id := range n.Cols {
		switch {
		case n.Types != nil:
			c.types[id] = n.Types[i]
		case c.types[id] == nil:
			c.types[id] = types.TText
			if b := c.rt.Work[n.ID]; len(b) > 0 {
				c.types[id] = kindType[b[0].Cols[i].Kind]
			}
		}
	}
}

// kindType gives a type for values of which nothing but the kind is known.
var kindType = [...]*types.Type{
	types.KindNone: types.TText, types.Bool: types.TBool, types.Int: types.TInt8, types.Float: types.TFloat8, types.Numer: types.TNumeric,
	types.Inter: types.TInterval, types.Bytes: types.TText,
}

// Next implements vec.Source.
func (o *givenScan) Next(ctx context.Context, out *vec.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for list := o.rt.Work[o.id]; o.at < len(list); {
		b := list[o.at]
		o.at++
		if b.N > 0 {
			*out = *b
			return nil
		}
	}
	out.N = 0
	return nil
}

// Close implements vec.Source.
func (o *givenScan) Close() error { return nil }

func (o *givenScan) rewind(restart) { o.at = 0 }
