package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/arrays"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// inOrder are the traits of aggregates whose value depends on the rows' order.
var inOrder = AggTraits{Ordered: true}

func init() {
	register("array_agg(anynonarray)", &Impl{Agg: inOrder, Acc: func(c *Call) (Acc, error) {
		elem := c.Args[0]
		return &collectAcc{types: c.Args, ret: c.Ret, finish: func(_ *Ctx, rows []collected) (types.Datum, error) {
			vals := make([]types.Datum, len(rows))
			for i := range rows {
				vals[i] = rows[i][0]
			}
			a := types.NewArray(elem, vals)
			return encodeArray(&a)
		}}, nil
	}})
	register("array_agg(anyarray)", &Impl{Agg: inOrder, Acc: func(c *Call) (Acc, error) {
		t := c.Args[0]
		return &collectAcc{types: c.Args, ret: c.Ret, finish: func(_ *Ctx, rows []collected) (types.Datum, error) {
			parts := make([]types.Datum, len(rows))
			for i, r := range rows {
				parts[i] = r[0]
			}
			return strDatum(arrays.Aggregate(elemOf(t), parts))
		}}, nil
	}})
}

// collected is a row that an accumulator keeps.
type collected []types.Datum

// collectAcc keeps all rows of a group as they come, and makes its value of
// them at the end; a group without rows is NULL.
type collectAcc struct {
	states[[]collected]
	types  []*types.Type // of the arguments
	ret    *types.Type
	finish func(c *Ctx, rows []collected) (types.Datum, error)
	// empty is the value of a group without rows, if it is not NULL.
	empty types.Datum
	// none refuses to make the value of a group without rows; nil: it never does.
	none func() error
}

// Clear implements Acc.
func (a *collectAcc) Clear(groups []uint32) {
	for _, g := range groups {
		a.extra -= sizeOfRows(a.st[g])
	}
	a.states.Clear(groups)
}

func sizeOfRows(rows []collected) (n int64) {
	for _, r := range rows {
		n += sizeOfRow(r)
	}
	return n
}

// sizeOfRow is about the memory that a kept row takes.
func sizeOfRow(r collected) int64 {
	n := int64(24)
	for _, d := range r {
		n += 64
		if d.Kind() == types.Bytes {
			n += int64(len(d.Str()))
		}
	}
	return n
}

// Add implements Acc.
func (a *collectAcc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	n := len(args)
	all := make([]types.Datum, n*len(groups))
	for i, g := range groups {
		row := collected(all[i*n : (i+1)*n : (i+1)*n])
		for j, v := range args {
			row[j] = v.Datum(i)
		}
		for range weightOf(w, i) {
			a.st[g] = append(a.st[g], row)
			a.extra += sizeOfRow(row)
		}
	}
}

// Result implements Acc.
func (a *collectAcc) Result(c *Ctx, groups []uint32, out *vec.Vec) {
	out.Reset(a.ret.Kind, len(groups))
	for i, g := range groups {
		if len(a.st[g]) == 0 {
			if a.none != nil {
				if err := a.none(); err != nil {
					c.Bad.Set(i, err)
				}
			}
			out.Set(i, a.empty)
			continue
		}
		d, err := a.finish(c, a.st[g])
		if err != nil {
			c.Bad.Set(i, err)
			d = types.Null
		}
		out.Set(i, d)
	}
}

// StateKinds implements Acc: the rows as one record of records.
func (a *collectAcc) StateKinds() []types.Kind { return []types.Kind{types.Bytes} }

// Save implements Acc.
func (a *collectAcc) Save(groups []uint32, out []vec.Vec) {
	ts := make([]*types.Type, len(a.types))
	for i, t := range a.types {
		ts[i] = storedType(t)
	}
	for _, g := range groups {
		rows := a.st[g]
		rec, recs := make([]types.Datum, len(rows)), make([]*types.Type, len(rows))
		for i, r := range rows {
			rec[i] = types.NewString(string(types.AppendRecord(nil, ts, r)))
			recs[i] = types.TRecord
		}
		out[0].Strs = append(out[0].Strs, string(types.AppendRecord(nil, recs, rec)))
	}
}

// storedType is the type that a value is kept under: the plainest of its kind.
func storedType(t *types.Type) *types.Type {
	switch t.Kind {
	case types.Bool:
		return types.TBool
	case types.Int:
		return types.TInt8
	case types.Float:
		return types.TFloat8
	case types.Numer:
		return types.TNumeric
	case types.Inter:
		return types.TInterval
	}
	return types.TBytea
}

// Merge implements Acc.
func (a *collectAcc) Merge(_ *Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		it := types.IterRecord(state[0].Strs[i])
		for {
			_, d, ok := it.Next()
			if !ok {
				break
			}
			row := collected(types.DecodeRecord(d.Str()).Vals)
			a.st[g] = append(a.st[g], row)
			a.extra += sizeOfRow(row)
		}
	}
}
