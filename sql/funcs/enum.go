package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	register("enum_first", enumImpl(func(t *types.Type, _ []types.Datum) types.Datum {
		return labelAt(t, 0)
	}))
	register("enum_last", enumImpl(func(t *types.Type, _ []types.Datum) types.Datum {
		return labelAt(t, len(t.Labels)-1)
	}))
	register("enum_range_all", enumImpl(func(t *types.Type, _ []types.Datum) types.Datum { return labelRange(t, types.Null, types.Null) }))
	register("enum_range_bounds", enumImpl(func(t *types.Type, a []types.Datum) types.Datum { return labelRange(t, a[0], a[1]) }))
}

// enumImpl makes the Impl of a function of an enum type; its arguments only name
// the type or bound a range, and may be NULL.
func enumImpl(f func(t *types.Type, a []types.Datum) types.Datum) *Impl {
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		t, kind := call.Args[0].Underlying(), call.Ret.Kind
		return rows(kind, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return f(t, a), nil }), nil
	}}
}

func labelAt(t *types.Type, i int) types.Datum {
	if i < 0 || i >= len(t.Labels) {
		return types.Null
	}
	return types.NewInt(t.Labels[i].Key)
}

// labelRange is an array of the labels between two, which count too; a NULL
// leaves that end open.
func labelRange(t *types.Type, lo, hi types.Datum) types.Datum {
	var out []types.Datum
	for _, l := range t.Labels {
		if (lo.IsNull() || l.Key >= lo.Int()) && (hi.IsNull() || l.Key <= hi.Int()) {
			out = append(out, types.NewInt(l.Key))
		}
	}
	return arrayDatum(t, out)
}
