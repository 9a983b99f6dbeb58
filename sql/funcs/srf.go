package funcs

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// rowSource gives rows that are made one by one: next fills row, and says
// whether there was one.
type rowSource struct {
	kinds []types.Kind
	row   []types.Datum
	next  func(row []types.Datum) (bool, error)
	batch vec.Batch
	done  bool
}

// Next implements vec.Source.
func (s *rowSource) Next(ctx context.Context, out *vec.Batch) error {
	s.batch.Reset(s.kinds)
	if err := ctx.Err(); err != nil {
		return err
	}
	for !s.done && s.batch.N < vec.Size {
		ok, err := s.next(s.row)
		if err != nil {
			s.done = true
			return err
		}
		if !ok {
			s.done = true
			break
		}
		for i := range s.row {
			s.batch.Cols[i].AppendDatum(s.row[i])
		}
		s.batch.N++
	}
	*out = s.batch
	return nil
}

// Close implements vec.Source.
func (s *rowSource) Close() error { return nil }

// source makes a Source of rows of the given types.
func source(ts []*types.Type, next func(row []types.Datum) (bool, error)) vec.Source {
	kinds := make([]types.Kind, len(ts))
	for i, t := range ts {
		kinds[i] = t.Kind
	}
	return &rowSource{kinds: kinds, row: make([]types.Datum, len(ts)), next: next}
}

// listSource gives a list of single values.
func listSource(t *types.Type, vals []types.Datum) vec.Source {
	i := 0
	return source([]*types.Type{t}, func(row []types.Datum) (bool, error) {
		if i >= len(vals) {
			return false, nil
		}
		row[0] = vals[i]
		i++
		return true, nil
	})
}

// tableSource gives a list of rows.
func tableSource(ts []*types.Type, table [][]types.Datum) vec.Source {
	i := 0
	return source(ts, func(row []types.Datum) (bool, error) {
		if i >= len(table) {
			return false, nil
		}
		copy(row, table[i])
		i++
		return true, nil
	})
}

// columnTypes are the types of the columns that a call gives.
func (c *Call) columnTypes() []*types.Type {
	cols := c.Columns
	if cols == nil {
		cols = c.Func.Out
	}
	if len(cols) == 0 {
		return []*types.Type{c.Ret}
	}
	out := make([]*types.Type, len(cols))
	for i, col := range cols {
		out[i] = col.Type
	}
	return out
}

// setImpl makes the Impl of a set-returning function.
func setImpl(f func(call *Call, c *Ctx, args []types.Datum) (vec.Source, error)) *Impl {
	return &Impl{Set: func(call *Call) (SetFunc, error) {
		return func(c *Ctx, args []types.Datum) (vec.Source, error) { return f(call, c, args) }, nil
	}}
}
