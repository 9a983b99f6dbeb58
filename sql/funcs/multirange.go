package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// The operators and aggregates that give multiranges.
func init() {
	register("multirange_union", multirangePair(func(_ *types.Type, a, b []types.RangeVal) ([]types.RangeVal, error) { return append(a, b...), nil }))
	register("multirange_minus", multirangePair(rangesMinus))
	register("multirange_intersect", multirangePair(rangesIntersect))
	register("range_merge_from_multirange", &Impl{Bind: func(c *Call) (Kernel, error) {
		t := c.Args[0].Underlying()
		return fn1(func(s string) string {
			all := types.EmptyRange
			for _, r := range types.DecodeMultirange(t, s) {
				all = t.Over.RangeMerge(all, r)
			}
			return all.Encode(t.Over)
		}), nil
	}})
	register("multirange_unnest", setImpl(unnestMultirange))
	for _, t := range []string{"anyrange", "anymultirange"} {
		register("range_agg("+t+")", rangeAgg(func(c *Call, sets [][]types.RangeVal) (types.Datum, error) {
			var all []types.RangeVal
			for _, s := range sets {
				all = append(all, s...)
			}
			return types.NewString(types.EncodeMultirange(c.Ret, all)), nil
		}))
		register("range_intersect_agg("+t+")", rangeAgg(intersectAll))
	}
}

// multirangePair makes an operator on two multiranges that gives one.
func multirangePair(f func(t *types.Type, a, b []types.RangeVal) ([]types.RangeVal, error)) *Impl {
	return &Impl{Bind: func(c *Call) (Kernel, error) {
		t := c.Args[0].Underlying()
		return fn2e(func(a, b string) (string, error) {
			rs, err := f(t.Over, types.DecodeMultirange(t, a), types.DecodeMultirange(t, b))
			if err != nil {
				return "", err
			}
			return types.EncodeMultirange(t, rs), nil
		}), nil
	}}
}

// rangesMinus gives what is in a and not in b, both in order.
func rangesMinus(t *types.Type, a, b []types.RangeVal) ([]types.RangeVal, error) {
	var out []types.RangeVal
	i := 0
	for _, r := range a {
		for i < len(b) && t.RangeBefore(b[i], r) {
			i++
		}
		rest := []types.RangeVal{r}
		for k := i; k < len(b) && len(rest) > 0 && !t.RangeBefore(rest[len(rest)-1], b[k]); k++ {
			cut, err := t.RangeMinus(rest[len(rest)-1], b[k])
			if err != nil {
				return nil, err
			}
			rest = append(rest[:len(rest)-1], cut...)
		}
		out = append(out, rest...)
	}
	return out, nil
}

func rangesIntersect(t *types.Type, a, b []types.RangeVal) ([]types.RangeVal, error) {
	var out []types.RangeVal
	i := 0
	for _, r := range a {
		for i < len(b) && t.RangeBefore(b[i], r) {
			i++
		}
		for k := i; k < len(b) && !t.RangeBefore(r, b[k]); k++ {
			x, err := t.RangeIntersect(r, b[k])
			if err != nil {
				return nil, err
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// rangeAgg makes an aggregate of ranges or multiranges: NULLs do not count, and
// of nothing else the value is NULL.
func rangeAgg(f func(c *Call, sets [][]types.RangeVal) (types.Datum, error)) *Impl {
	return &Impl{Acc: func(c *Call) (Acc, error) {
		t := c.Args[0]
		return &collectAcc{types: c.Args, ret: c.Ret, finish: func(_ *Ctx, rows []collected) (types.Datum, error) {
			var sets [][]types.RangeVal
			for _, r := range rows {
				if !r[0].IsNull() {
					sets = append(sets, rangesOf(t, r[0].Str()))
				}
			}
			if len(sets) == 0 {
				return types.Null, nil
			}
			return f(c, sets)
		}}, nil
	}}
}

// intersectAll is range_intersect_agg: of ranges a range, of multiranges one.
func intersectAll(c *Call, sets [][]types.RangeVal) (types.Datum, error) {
	t := rangeOf(c.Ret)
	all := sets[0]
	for _, s := range sets[1:] {
		var err error
		if all, err = rangesIntersect(t, all, s); err != nil {
			return types.Null, err
		}
		all = t.JoinRanges(all)
	}
	if c.Ret.Underlying().Over != nil {
		return types.NewString(types.EncodeMultirange(c.Ret, all)), nil
	}
	r := types.EmptyRange
	if len(all) > 0 {
		r = all[0]
	}
	return types.NewString(r.Encode(t)), nil
}
