package funcs

import (
	"math"
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Ordered-set and hypothetical-set aggregates keep their rows and sort them when
// they are asked (Call.Order): the executor need not. The direct arguments come
// first in every row; those of the first row of a group count. A group without
// rows has none, as its value does not depend on them.

func init() {
	register("mode(anyelement)", orderedImpl(0, func(c *Call) orderedSet { return &modeSet{c.Args[0]} }))
	register("percentile_disc(float8,anyelement)", orderedImpl(1, func(c *Call) orderedSet { return percentile{ret: c.Ret} }))
	register("percentile_disc(_float8,anyelement)", orderedImpl(1, func(c *Call) orderedSet { return percentile{ret: c.Ret, many: true} }))
	for _, t := range []string{"float8", "interval"} {
		register("percentile_cont(float8,"+t+")", orderedImpl(1, func(c *Call) orderedSet { return percentile{ret: c.Ret, between: between} }))
		register("percentile_cont(_float8,"+t+")", orderedImpl(1, func(c *Call) orderedSet { return percentile{ret: c.Ret, many: true, between: between} }))
	}
	for name, h := range map[string]hypothetical{
		"rank":         {kind: types.Int, empty: types.NewInt(1), value: func(below, _, _, _ int) types.Datum { return types.NewInt(int64(below) + 1) }},
		"dense_rank":   {kind: types.Int, empty: types.NewInt(1), value: func(_, distinct, _, _ int) types.Datum { return types.NewInt(int64(distinct) + 1) }},
		"percent_rank": {kind: types.Float, empty: types.NewFloat(0), value: func(below, _, _, n int) types.Datum { return types.NewFloat(float64(below) / float64(n)) }},
		"cume_dist":    {kind: types.Float, empty: types.NewFloat(1), value: func(_, _, upTo, n int) types.Datum { return types.NewFloat(float64(upTo+1) / float64(n+1)) }},
	} {
		register(name+"(any)", &Impl{Agg: inOrder, Acc: h.acc})
	}
}

// orderedSet computes an ordered-set aggregate of a group from its direct
// arguments (those of a first row) and its sorted values.
type orderedSet interface {
	value(direct collected, sorted []types.Datum) (types.Datum, error)
}

// orderedImpl makes the Impl of an aggregate over one sorted column; NULLs are
// left out.
func orderedImpl(direct int, f func(c *Call) orderedSet) *Impl {
	return &Impl{Agg: inOrder, Acc: func(c *Call) (Acc, error) {
		set, key := f(c), c.Args[direct]
		if err := comparable(key); err != nil {
			return nil, err
		}
		cmp := c.rowOrder(direct)
		var none func() error
		if d := constArg(c, 0); direct == 1 && d != nil { // a wrong fraction is an error before there are values
			none = func() error {
				_, err := set.value(collected{*d}, nil)
				return err
			}
		}
		return &collectAcc{
			types: c.Args, ret: c.Ret, none: none,
			finish: func(_ *Ctx, rows []collected) (types.Datum, error) {
				sorted := slices.DeleteFunc(slices.Clone(rows), func(r collected) bool { return r[direct].IsNull() })
				slices.SortStableFunc(sorted, func(a, b collected) int { return cmp(a[direct:], b[direct:]) })
				vals := make([]types.Datum, len(sorted))
				for i, r := range sorted {
					vals[i] = r[direct]
				}
				return set.value(rows[0][:direct], vals)
			},
		}, nil
	}}
}

// rowOrder gives the comparison of WITHIN GROUP (ORDER BY …) for the aggregated
// arguments, those from position lo on.
func (c *Call) rowOrder(lo int) func(a, b collected) int {
	ts := c.Args[lo:]
	return func(a, b collected) int {
		for i, t := range ts {
			var k SortKey
			if i < len(c.Order) {
				k = c.Order[i]
			}
			if r := k.compare(t, a[i], b[i]); r != 0 {
				return r
			}
		}
		return 0
	}
}

func (k SortKey) compare(t *types.Type, a, b types.Datum) int {
	if a.IsNull() || b.IsNull() {
		switch {
		case a.IsNull() && b.IsNull():
			return 0
		case a.IsNull() == k.NullsFirst:
			return -1
		}
		return 1
	}
	if r := t.Compare(a, b); k.Desc {
		return -r
	} else {
		return r
	}
}

// modeSet is mode: the most frequent value, of several the first in order.
type modeSet struct{ t *types.Type }

func (m *modeSet) value(_ collected, sorted []types.Datum) (types.Datum, error) {
	best, most := types.Null, 0
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && m.t.Compare(sorted[i], sorted[j]) == 0 {
			j++
		}
		if j-i > most {
			best, most = sorted[i], j-i
		}
		i = j
	}
	return best, nil
}

// percentile is percentile_disc and, with between, percentile_cont; many takes
// an array of fractions and gives an array.
type percentile struct {
	ret     *types.Type
	many    bool
	between func(a, b types.Datum, f float64) (types.Datum, error)
}

func (p percentile) value(direct collected, sorted []types.Datum) (types.Datum, error) {
	d := direct[0]
	if d.IsNull() {
		return types.Null, nil
	}
	if !p.many {
		return p.one(d.Float(), sorted)
	}
	if len(sorted) == 0 { // found before the fractions are looked at
		return types.Null, nil
	}
	a := types.DecodeArray(types.TFloat8.Array, d.Str())
	for i, f := range a.Vals {
		if f.IsNull() {
			continue
		}
		v, err := p.one(f.Float(), sorted)
		if err != nil {
			return types.Null, err
		}
		a.Vals[i] = v
	}
	a.Elem = elemOf(p.ret)
	return encodeArray(&a)
}

func (p percentile) one(f float64, sorted []types.Datum) (types.Datum, error) {
	if !(f >= 0 && f <= 1) {
		return types.Null, pgerr.New(pgerr.NumericValueOutOfRange, "percentile value %s is not between 0 and 1", formatG(f))
	}
	n := len(sorted)
	if n == 0 {
		return types.Null, nil
	}
	if p.between == nil {
		return sorted[max(int(math.Ceil(f*float64(n)))-1, 0)], nil
	}
	at := f * float64(n-1)
	lo, hi := int(math.Floor(at)), int(math.Ceil(at))
	if lo == hi {
		return sorted[lo], nil
	}
	return p.between(sorted[lo], sorted[hi], at-float64(lo))
}

// formatG is %g.
func formatG(f float64) string { return string(types.AppendFloat(nil, f, 32, 0)) }

// between interpolates between two values.
func between(a, b types.Datum, f float64) (types.Datum, error) {
	if a.Kind() == types.Float {
		x, y := a.Float(), b.Float()
		return types.NewFloat(x + float64(f*(y-x))), nil
	}
	d, err := types.IntervalSub(b.Interval(), a.Interval())
	if err == nil {
		if d, err = types.IntervalMul(d, f); err == nil {
			d, err = types.IntervalAdd(d, a.Interval())
		}
	}
	return types.NewInterval(d), err
}

// hypothetical is where a row would stand among those of the group. value gets
// the number of rows before it, of distinct ones among these, of rows before it
// or like it, and of all rows.
type hypothetical struct {
	kind  types.Kind
	empty types.Datum
	value func(below, distinct, upTo, n int) types.Datum
}

func (h hypothetical) acc(c *Call) (Acc, error) {
	if len(c.Args)%2 != 0 {
		return nil, pgerr.NotSupported("a hypothetical-set aggregate with %d arguments", len(c.Args))
	}
	k := len(c.Args) / 2
	cmp := c.rowOrder(k)
	return &collectAcc{
		types: c.Args, ret: c.Ret, empty: h.empty,
		finish: func(_ *Ctx, rows []collected) (types.Datum, error) {
			at := rows[0][:k]
			below, upTo := 0, 0
			var before []collected
			for _, r := range rows {
				switch d := cmp(r[k:], at); {
				case d < 0:
					before = append(before, r[k:])
					below++
					upTo++
				case d == 0:
					upTo++
				}
			}
			slices.SortFunc(before, cmp)
			distinct := len(slices.CompactFunc(before, func(a, b collected) bool { return cmp(a, b) == 0 }))
			return h.value(below, distinct, upTo, len(rows)), nil
		},
	}, nil
}
