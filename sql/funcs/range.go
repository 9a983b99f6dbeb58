package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The functions of ranges and multiranges, PostgreSQL's chapter 9.20.
func init() {
	registerRangeTests()
	registerRangeParts()
	registerRangeMakers()
	register("range_union", rangePair(func(t *types.Type, a, b types.RangeVal) (types.RangeVal, error) { return t.RangeUnion(a, b) }))
	register("range_merge", rangePair(func(t *types.Type, a, b types.RangeVal) (types.RangeVal, error) { return t.RangeMerge(a, b), nil }))
	register("range_intersect", rangePair(func(t *types.Type, a, b types.RangeVal) (types.RangeVal, error) { return t.RangeIntersect(a, b) }))
	register("range_minus", rangePair(func(t *types.Type, a, b types.RangeVal) (types.RangeVal, error) {
		rest, err := t.RangeMinus(a, b)
		switch {
		case err != nil || len(rest) == 0:
			return types.EmptyRange, err
		case len(rest) > 1:
			return types.EmptyRange, pgerr.New(pgerr.DataException, "result of range difference would not be contiguous")
		}
		return rest[0], nil
	}))
	for _, n := range []string{"int4range_canonical", "int8range_canonical", "daterange_canonical"} {
		register(n, &Impl{Kernel: fn1(sameString)})
	}
}

// rangeOf gives the range type of a range or multirange type.
func rangeOf(t *types.Type) *types.Type {
	if t = t.Underlying(); t.Over != nil {
		return t.Over
	}
	return t
}

// rangesOf gives the ranges, none of which is empty, that make up a value of a
// range or multirange type.
func rangesOf(t *types.Type, s string) []types.RangeVal {
	if t = t.Underlying(); t.Over != nil {
		return types.DecodeMultirange(t, s)
	}
	if r := types.DecodeRange(t, s); !r.Empty {
		return []types.RangeVal{r}
	}
	return nil
}

// rangeTests are the operators that tell something of two values, each a range or
// a multirange; t is the range type.
var rangeTests = map[string]func(t *types.Type, a, b []types.RangeVal) bool{
	"contains":     rangesContain,
	"contained_by": func(t *types.Type, a, b []types.RangeVal) bool { return rangesContain(t, b, a) },
	"overlaps":     rangesOverlap,
	"before":       rangesBefore,
	"after":        func(t *types.Type, a, b []types.RangeVal) bool { return rangesBefore(t, b, a) },
	"overleft": func(t *types.Type, a, b []types.RangeVal) bool {
		return len(a) > 0 && len(b) > 0 && t.CmpBounds(a[len(a)-1].Upper, b[len(b)-1].Upper) <= 0
	},
	"overright": func(t *types.Type, a, b []types.RangeVal) bool {
		return len(a) > 0 && len(b) > 0 && t.CmpBounds(a[0].Lower, b[0].Lower) >= 0
	},
	"adjacent": func(t *types.Type, a, b []types.RangeVal) bool {
		return len(a) > 0 && len(b) > 0 &&
			(t.BoundsAdjacent(a[len(a)-1].Upper, b[0].Lower) || t.BoundsAdjacent(b[len(b)-1].Upper, a[0].Lower))
	},
}

func rangesBefore(t *types.Type, a, b []types.RangeVal) bool {
	return len(a) > 0 && len(b) > 0 && t.CmpBounds(a[len(a)-1].Upper, b[0].Lower) < 0
}

// rangesContain goes over both once: ranges are in order.
func rangesContain(t *types.Type, a, b []types.RangeVal) bool {
	i := 0
	for _, r := range b {
		for i < len(a) && t.RangeBefore(a[i], r) {
			i++
		}
		if i == len(a) || !t.RangeHolds(a[i], r) {
			return false
		}
	}
	return true
}

func rangesOverlap(t *types.Type, a, b []types.RangeVal) bool {
	i := 0
	for _, r := range b {
		for i < len(a) && t.RangeBefore(a[i], r) {
			i++
		}
		if i < len(a) && t.RangesOverlap(a[i], r) {
			return true
		}
	}
	return false
}

func registerRangeTests() {
	for name, f := range rangeTests {
		im := &Impl{Bind: func(c *Call) (Kernel, error) {
			x, y, t := c.Args[0], c.Args[1], rangeOf(c.Args[0])
			return fn2(func(a, b string) bool { return f(t, rangesOf(x, a), rangesOf(y, b)) }), nil
		}}
		for _, key := range []string{"range_" + name, "range_" + name + "_multirange", "multirange_" + name + "_range", "multirange_" + name + "_multirange"} {
			register(key, im)
		}
	}
	for _, p := range []string{"range_", "multirange_"} {
		for r, s := range relSuffix {
			register(p+s, compareBytes(relation(r)))
		}
		register(p+"cmp", &Impl{Bind: func(c *Call) (Kernel, error) { return threeWay(c.Args[0].CmpStr).Kernel, nil }})
		register(p+"contains_elem", elemTest(0, 1))
		register("elem_contained_by_"+p[:len(p)-1], elemTest(1, 0))
	}
}

// elemTest tells whether the argument number elem is in the argument number set.
func elemTest(set, elem int) *Impl {
	return &Impl{Bind: func(c *Call) (Kernel, error) {
		x, t := c.Args[set], rangeOf(c.Args[set])
		return rows(types.Bool, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			for _, r := range rangesOf(x, a[set].Str()) {
				if t.RangeHas(r, a[elem]) {
					return types.NewBool(true), nil
				}
			}
			return types.NewBool(false), nil
		}), nil
	}}
}

// registerRangeParts registers what takes values apart.
func registerRangeParts() {
	first := func(rs []types.RangeVal) types.Bound { return rs[0].Lower }
	last := func(rs []types.RangeVal) types.Bound { return rs[len(rs)-1].Upper }
	for _, p := range []string{"range_", "multirange_"} {
		for name, pick := range map[string]func([]types.RangeVal) types.Bound{"lower": first, "upper": last} {
			register(p+name, rangePart(func(rs []types.RangeVal) types.Datum {
				if len(rs) == 0 || pick(rs).Inf {
					return types.Null
				}
				return pick(rs).Val
			}))
			register(p+name+"_inc", rangePart(func(rs []types.RangeVal) types.Datum { return types.NewBool(len(rs) > 0 && pick(rs).Inc) }))
			register(p+name+"_inf", rangePart(func(rs []types.RangeVal) types.Datum { return types.NewBool(len(rs) > 0 && pick(rs).Inf) }))
		}
		register(p+"empty", rangePart(func(rs []types.RangeVal) types.Datum { return types.NewBool(len(rs) == 0) }))
	}
}

func rangePart(f func(rs []types.RangeVal) types.Datum) *Impl {
	return &Impl{Bind: func(c *Call) (Kernel, error) {
		t := c.Args[0]
		return rows(c.Ret.Kind, func(_ *Ctx, a []types.Datum) (types.Datum, error) { return f(rangesOf(t, a[0].Str())), nil }), nil
	}}
}

// rangePair makes an operator on two ranges that gives a range.
func rangePair(f func(t *types.Type, a, b types.RangeVal) (types.RangeVal, error)) *Impl {
	return &Impl{Bind: func(c *Call) (Kernel, error) {
		t := rangeOf(c.Args[0])
		return fn2e(func(a, b string) (string, error) {
			r, err := f(t, types.DecodeRange(t, a), types.DecodeRange(t, b))
			return r.Encode(t), err
		}), nil
	}}
}

func registerRangeMakers() {
	register("range_constructor2", RangeConstructor)
	register("range_constructor3", RangeConstructor)
	register("multirange_constructor0", MultirangeConstructor)
	register("multirange_constructor1", MultirangeConstructor)
	register("multirange_constructor2", MultirangeConstructor)
	seconds := func(a, b int64) float64 { return float64(a-b) / 1e6 }
	minus := func(a, b int64) float64 { return float64(a) - float64(b) }
	for n, f := range map[string]func(a, b int64) float64{
		"int4range_subdiff": minus, "int8range_subdiff": minus, "daterange_subdiff": minus, "tsrange_subdiff": seconds, "tstzrange_subdiff": seconds,
	} {
		register(n, &Impl{Kernel: fn2(f)})
	}
	register("numrange_subdiff", &Impl{Kernel: fn2e(func(a, b types.Numeric) (float64, error) {
		d, err := types.NumericSub(a, b)
		if err != nil {
			return 0, err
		}
		return types.NumericFloat(d, 64)
	})})
}

// RangeConstructor is the function that makes a range of two bounds, NULL being
// none, and, if there is a third argument, the kinds of the bounds as "[)".
var RangeConstructor = &Impl{Bind: func(c *Call) (Kernel, error) {
	t := rangeOf(c.Ret)
	return rows(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		lower := types.Bound{Val: a[0], Inf: a[0].IsNull(), Inc: true}
		upper := types.Bound{Val: a[1], Inf: a[1].IsNull()}
		if len(a) == 3 {
			if a[2].IsNull() {
				return types.Null, pgerr.New(pgerr.DataException, "range constructor flags argument must not be null")
			}
			var err error
			if lower.Inc, upper.Inc, err = boundFlags(a[2].Str()); err != nil {
				return types.Null, err
			}
		}
		r, err := t.NewRange(lower, upper)
		return types.NewString(r.Encode(t)), err
	}), nil
}}

func boundFlags(s string) (lower, upper bool, err error) {
	if len(s) != 2 || s[0] != '[' && s[0] != '(' || s[1] != ']' && s[1] != ')' {
		return false, false, pgerr.New(pgerr.SyntaxError, "invalid range bound flags").WithHint("Valid values are \"[]\", \"[)\", \"(]\", and \"()\".")
	}
	return s[0] == '[', s[1] == ']', nil
}

// MultirangeConstructor is the function that makes a multirange of nothing, of
// a range, or of an array of ranges.
var MultirangeConstructor = &Impl{Bind: func(c *Call) (Kernel, error) {
	t := c.Ret.Underlying()
	if len(c.Args) > 0 && c.Args[0].IsArray() {
		arr := c.Args[0]
		return fn1e(func(s string) (string, error) { return multirangeOfArray(t, arr, s) }), nil
	}
	return rows(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		var rs []types.RangeVal
		if len(a) > 0 {
			rs = rangesOf(t.Over, a[0].Str())
		}
		return types.NewString(types.EncodeMultirange(t, rs)), nil
	}), nil
}}

func multirangeOfArray(t, arr *types.Type, s string) (string, error) {
	it := types.IterArray(arr.Underlying().Elem, s)
	if it.NDim > 1 {
		return "", pgerr.New(pgerr.CardinalityViolation, "multiranges cannot be constructed from multidimensional arrays")
	}
	var rs []types.RangeVal
	for {
		d, ok := it.Next()
		switch {
		case !ok:
			return types.EncodeMultirange(t, rs), nil
		case d.IsNull():
			return "", pgerr.New(pgerr.NullValueNotAllowed, "multirange values cannot contain null members")
		}
		rs = append(rs, types.DecodeRange(t.Over, d.Str()))
	}
}

func hashRange(t *types.Type, r types.RangeVal, seed uint64, extended bool) (uint64, error) {
	var h [2]uint64
	for i, b := range []types.Bound{r.Lower, r.Upper} {
		if r.Empty || b.Inf {
			continue
		}
		var err error
		if h[i], err = hashDatum(t.Sub.Underlying(), b.Val, seed, extended); err != nil {
			return 0, err
		}
	}
	v := hashUint32(r.Flags(), seed) ^ h[0]
	if extended {
		v = v<<1&0xfffffffefffffffe | v>>31&0x100000001
	} else {
		v = uint64(uint32(v)<<1 | uint32(v)>>31)
	}
	return v ^ h[1], nil
}

func hashMultirange(t *types.Type, s string, seed uint64, extended bool) (uint64, error) {
	h := uint64(1)
	for _, r := range types.DecodeMultirange(t, s) {
		e, err := hashRange(t.Over, r, seed, extended)
		if err != nil {
			return 0, err
		}
		h = h<<5 - h + e
	}
	return h, nil
}

// unnestMultirange gives the ranges one by one.
func unnestMultirange(call *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
	t := call.Args[0].Underlying()
	var table [][]types.Datum
	for _, r := range types.DecodeMultirange(t, a[0].Str()) {
		table = append(table, []types.Datum{types.NewString(r.Encode(t.Over))})
	}
	return tableSource([]*types.Type{t.Over}, table), nil
}
