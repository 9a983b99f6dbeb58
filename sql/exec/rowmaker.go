package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// start begins the rows of one input row.
func (g *rowMaker) start(o *flatMapOp, row int) error {
	g.at, g.done, g.batch = 0, false, vec.Batch{}
	null := false
	g.row = g.row[:0]
	for _, a := range g.args {
		d := o.vals[a].Datum(row)
		null = null || d.IsNull()
		g.row = append(g.row, d)
	}
	switch {
	case g.hop != nil:
		return g.startHop(null)
	case g.set == nil:
		v := &o.vals[g.args[0]]
		g.batch = vec.Batch{Cols: []vec.Vec{v.Slice(row, row+1)}, N: 1}
		return nil
	case g.strict && null:
		g.done = true
		return nil
	}
	var err error
	g.src, err = g.set(&o.ctx, g.row)
	return err
}

// startHop computes the windows of a time; NULL has one of NULL bounds.
func (g *rowMaker) startHop(null bool) error {
	cols := []vec.Vec{vec.New(types.Int, 0), vec.New(types.Int, 0)}
	switch {
	case null:
		cols[0].AppendDatum(types.Null)
		cols[1].AppendDatum(types.Null)
	default:
		var ok bool
		if g.spans, ok = g.hop.Append(g.spans[:0], g.row[0].Int()); !ok {
			return errTimeRange
		}
		for _, w := range g.spans {
			cols[0].Ints, cols[1].Ints = append(cols[0].Ints, w.Start), append(cols[1].Ints, w.End)
		}
	}
	g.batch = vec.Batch{Cols: cols, N: cols[0].Len()}
	return nil
}

// fill makes rows be at hand, unless the rowMaker is done.
func (g *rowMaker) fill(ctx context.Context) error {
	if g.done || g.at < g.batch.N {
		return nil
	}
	if g.src == nil {
		g.done = true
		return nil
	}
	g.at = 0
	if err := g.src.Next(ctx, &g.batch); err != nil {
		return err
	}
	if g.batch.N == 0 {
		g.close()
		g.done = true
	}
	return nil
}

// take appends the next n rows to the rowMaker's columns, NULLs when it is done.
func (g *rowMaker) take(cols []vec.Vec, n int) {
	if g.apart && !g.done {
		g.takeApart(cols, n)
		return
	}
	for k := range g.kinds {
		switch {
		case g.done:
			for range n {
				cols[k].AppendDatum(types.Null)
			}
		case g.batch.Sel != nil:
			cols[k].AppendRows(&g.batch.Cols[k], g.batch.Sel[g.at:g.at+n])
		default:
			cols[k].AppendRange(&g.batch.Cols[k], g.at, g.at+n)
		}
	}
	g.at += n
}

// takeApart appends the fields of the next n rows; a NULL row has NULL fields.
func (g *rowMaker) takeApart(cols []vec.Vec, n int) {
	for i := range n {
		appendFields(cols[:len(g.kinds)], g.batch.Cols[0].Datum(g.batch.Row(g.at+i)))
	}
	g.at += n
}

// appendFields appends the fields of a row to the columns, NULLs where the row is
// NULL or shorter.
func appendFields(cols []vec.Vec, row types.Datum) {
	var vals []types.Datum
	if !row.IsNull() {
		vals = types.DecodeRecord(row.Str()).Vals
	}
	for k := range cols {
		d := types.Null
		if k < len(vals) {
			d = vals[k]
		}
		cols[k].AppendDatum(d)
	}
}

func (g *rowMaker) close() {
	if g.src != nil {
		g.src.Close()
		g.src = nil
	}
}

// hopOp is a flat map of one window assigner: whole batches are assigned at once.
type hopOp struct {
	*flatMapOp
	most int // windows per row
	from int // the next row of the batch
}

// Next implements vec.Source.
func (o *hopOp) Next(ctx context.Context, out *vec.Batch) error {
	if o.late != nil {
		return o.late
	}
	if o.row < 0 || o.from == o.batch.N {
		more, err := o.nextBatch(ctx)
		if err != nil {
			return err
		}
		if !more {
			out.N = 0
			return nil
		}
		o.from = 0
	}
	o.begin()
	o.assign()
	if o.n == 0 {
		return o.late
	}
	o.finish(out)
	return nil
}

// assign makes the rows of input rows until the batch is full.
func (o *hopOp) assign() {
	g := o.gens[0]
	ts := &o.vals[g.args[0]]
	start, end := &o.cols[g.first], &o.cols[g.first+1]
	for ; o.from < o.batch.N && len(o.idx)+o.most <= vec.Size; o.from++ {
		if ts.IsNull(o.from) {
			start.AppendDatum(types.Null)
			end.AppendDatum(types.Null)
			o.idx = append(o.idx, int32(o.from))
			continue
		}
		var ok bool
		if g.spans, ok = g.hop.Append(g.spans[:0], ts.Ints[o.from]); !ok {
			o.late, o.batch.N = errTimeRange, o.from
			break
		}
		for _, w := range g.spans {
			start.Ints, end.Ints = append(start.Ints, w.Start), append(end.Ints, w.End)
			o.idx = append(o.idx, int32(o.from))
		}
		if start.Nulls != nil {
			start.Nulls = append(start.Nulls, make([]bool, len(g.spans))...)
			end.Nulls = append(end.Nulls, make([]bool, len(g.spans))...)
		}
	}
	o.n = len(o.idx)
}

func (o *hopOp) rewind(why restart) {
	o.from = 0
	o.flatMapOp.rewind(why)
}
