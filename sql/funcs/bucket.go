package funcs

import (
	"sort"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	register("width_bucket_array", &Impl{Bind: func(call *Call) (Kernel, error) {
		t := call.Args[1]
		if err := comparable(elemOf(t)); err != nil {
			return nil, err
		}
		return rows(types.Int, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return bucketOf(t, a[0], a[1].Str()) }), nil
	}})
	register("booland_statefunc", &Impl{Kernel: fn2(func(a, b bool) bool { return a && b })})
	register("boolor_statefunc", &Impl{Kernel: fn2(func(a, b bool) bool { return a || b })})
}

// bucketOf is width_bucket(x, thresholds): how many thresholds, in order, are at
// or below x. t is the type of thresholds.
func bucketOf(t *types.Type, x types.Datum, thresholds string) (types.Datum, error) {
	a := types.DecodeArray(t, thresholds)
	if len(a.Dims) > 1 {
		return types.Null, pgerr.New(pgerr.ArraySubscriptError, "thresholds must be one-dimensional array")
	}
	for _, v := range a.Vals {
		if v.IsNull() {
			return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "thresholds array must not contain NULLs")
		}
	}
	n := sort.Search(len(a.Vals), func(i int) bool { return a.Elem.Compare(x, a.Vals[i]) < 0 })
	return types.NewInt(int64(n)), nil
}
