package funcs

import (
	"context"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for _, p := range []string{"generate_series_int4", "generate_series_step_int4", "generate_series_int8", "generate_series_step_int8"} {
		register(p, setImpl(intSeries))
	}
	for _, p := range []string{"generate_series_numeric", "generate_series_step_numeric"} {
		register(p, setImpl(numericSeries))
	}
	register("generate_series_timestamp", setImpl(func(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
		return timeSeries(types.TTimestamp, a, types.TimestampPlus)
	}))
	register("generate_series_timestamptz", setImpl(func(_ *Call, c *Ctx, a []types.Datum) (vec.Source, error) {
		z := c.zone()
		return timeSeries(types.TTimestamptz, a, func(t int64, v types.Interval) (int64, error) { return types.TimestamptzPlus(z, t, v) })
	}))
	for _, p := range []string{"generate_subscripts", "generate_subscripts_nodir"} {
		register(p, setImpl(subscripts))
	}
	register("array_unnest", setImpl(func(call *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
		elem := elemOf(call.Args[0])
		it := types.IterArray(elem, a[0].Str())
		if len(call.Columns) > 0 {
			return call.recordRows(it.Next), nil
		}
		return source([]*types.Type{elem}, func(row []types.Datum) (ok bool, _ error) {
			row[0], ok = it.Next()
			return ok, nil
		}), nil
	}))
}

// recordRows gives records as the columns of the call's column definition list.
func (c *Call) recordRows(next func() (types.Datum, bool)) vec.Source {
	ts := c.columnTypes()
	return source(ts, func(row []types.Datum) (bool, error) {
		d, ok := next()
		if !ok {
			return false, nil
		}
		if d.IsNull() {
			copy(row, make([]types.Datum, len(row)))
			return true, nil
		}
		rec := types.DecodeRecord(d.Str())
		if err := matchRow(rec.Types, ts); err != nil {
			return false, err
		}
		copy(row, rec.Vals)
		return true, nil
	})
}

// matchRow tells whether a row that a function returned is what the query
// expects.
func matchRow(got, want []*types.Type) error {
	e := pgerr.New(pgerr.DatatypeMismatch, "function return row and query-specified return row do not match")
	if len(got) != len(want) {
		s := "s"
		if len(got) == 1 {
			s = ""
		}
		return e.WithDetail("Returned row contains %d attribute%s, but query expects %d.", len(got), s, len(want))
	}
	for i := range got {
		if !types.Same(got[i], want[i]) {
			return e.WithDetail("Returned type %s at ordinal position %d, but query expects %s.", got[i].SQLName(types.NoMod), i+1, want[i].SQLName(types.NoMod))
		}
	}
	return nil
}

var errStepZero = pgerr.New(pgerr.InvalidParameterValue, "step size cannot equal zero")

// series counts from next to last by step, a batch at a time.
type series struct {
	next, last, step int64
	done             bool
	batch            vec.Batch
}

// Next implements vec.Source.
func (s *series) Next(ctx context.Context, out *vec.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.batch.Reset([]types.Kind{types.Int})
	col := &s.batch.Cols[0]
	ints := col.Ints[:0]
	for !s.done && len(ints) < vec.Size {
		if s.step > 0 && s.next > s.last || s.step < 0 && s.next < s.last {
			s.done = true
			break
		}
		ints = append(ints, s.next)
		var ok bool
		if s.next, ok = addInt8(s.next, s.step); !ok {
			s.done = true
		}
	}
	col.Ints, s.batch.N = ints, len(ints)
	*out = s.batch
	return nil
}

// Close implements vec.Source.
func (s *series) Close() error { return nil }

func intSeries(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
	s := &series{next: a[0].Int(), last: a[1].Int(), step: 1}
	if len(a) == 3 {
		if s.step = a[2].Int(); s.step == 0 {
			return nil, errStepZero
		}
	}
	return s, nil
}

func numericSeries(_ *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
	step := types.NumericFromInt(1)
	if len(a) == 3 {
		step = a[2].Numeric()
	}
	for i, what := range []string{"start", "stop", "step size"} {
		n := step
		if i < 2 {
			n = a[i].Numeric()
		}
		switch {
		case n.Form() == types.NumNaN:
			return nil, pgerr.New(pgerr.InvalidParameterValue, "%s cannot be NaN", what+valueSuffix(i))
		case n.Form() != types.NumFinite:
			return nil, pgerr.New(pgerr.InvalidParameterValue, "%s cannot be infinity", what+valueSuffix(i))
		}
	}
	if step.Sign() == 0 {
		return nil, errStepZero
	}
	next, last := a[0].Numeric(), a[1].Numeric()
	return source([]*types.Type{types.TNumeric}, func(row []types.Datum) (bool, error) {
		if c := next.Cmp(last); c > 0 && step.Sign() > 0 || c < 0 && step.Sign() < 0 {
			return false, nil
		}
		row[0] = types.NewNumeric(next)
		var err error
		next, err = types.NumericAdd(next, step)
		return true, err
	}), nil
}

func valueSuffix(i int) string {
	if i < 2 {
		return " value"
	}
	return ""
}

// timeSeries steps from one time to another; whether it goes up or down is by
// the sign of the whole interval.
func timeSeries(t *types.Type, a []types.Datum, plus func(int64, types.Interval) (int64, error)) (vec.Source, error) {
	next, last, step := a[0].Int(), a[1].Int(), a[2].Interval()
	sign := step.Cmp(types.Interval{})
	if sign == 0 {
		return nil, errStepZero
	}
	return source([]*types.Type{t}, func(row []types.Datum) (bool, error) {
		if sign > 0 && next > last || sign < 0 && next < last {
			return false, nil
		}
		row[0] = types.NewInt(next)
		var err error
		next, err = plus(next, step)
		return true, err
	}), nil
}

// subscripts are those of one dimension of an array, in reverse if the third
// argument says so.
func subscripts(call *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
	h := types.HeadOfArray(a[0].Str())
	d := a[1].Int()
	if d < 1 || d > int64(h.NDim) {
		return &series{done: true}, nil
	}
	lo := int64(h.Lower[d-1])
	s := &series{next: lo, last: lo + int64(h.Dims[d-1]) - 1, step: 1}
	if len(a) == 3 && a[2].Bool() {
		s.next, s.last, s.step = s.last, s.next, -1
	}
	return s, nil
}
