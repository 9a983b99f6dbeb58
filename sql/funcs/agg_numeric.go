package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("sum(numeric)", accOf(linear, func() Acc { return &numericSumAcc{} }))
	register("avg(numeric)", accOf(linear, func() Acc { return &numericSumAcc{avg: true} }))
	for name, k := range spreads {
		register(name+"(numeric)", accOf(linear, func() Acc { return &numericVarAcc{kind: k} }))
		for _, t := range []string{"int2", "int4", "int8"} {
			register(name+"("+t+")", accOf(linear, func() Acc { return &numericVarAcc{kind: k, ints: true} }))
		}
	}
}

// numericSumAcc is sum and avg of numeric.
type numericSumAcc struct {
	states[types.NumSum]
	avg bool
}

// Add implements Acc.
func (a *numericSumAcc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	addNumerics(a.st, groups, args[0], w)
}

// addNumerics adds a column to sums by group.
func addNumerics(st []types.NumSum, groups []uint32, v *vec.Vec, w []int64) {
	nulls := v.Nulls
	if v.Narrow {
		x, scale := v.Ints[:len(groups)], v.Scale
		if w == nil {
			types.AddColumn(st, groups, x, scale, nulls)
			return
		}
		for i, g := range groups {
			if nulls == nil || !nulls[i] {
				st[g].AddScaled(x[i], scale, weightOf(w, i))
			}
		}
		return
	}
	for i, g := range groups {
		if nulls == nil || !nulls[i] {
			st[g].Add(v.Nums[i], weightOf(w, i))
		}
	}
}

// Result implements Acc.
func (a *numericSumAcc) Result(c *Ctx, groups []uint32, out *vec.Vec) {
	out.Reset(types.Numer, len(groups))
	for i, g := range groups {
		s := &a.st[g]
		if s.Count() == 0 {
			out.Nums[i] = types.Numeric{}
			out.SetNull(i)
			continue
		}
		get := s.Sum
		if a.avg {
			get = s.Avg
		}
		v, err := get()
		if err != nil {
			c.Bad.Set(i, err)
		}
		out.Nums[i] = v
	}
}

// StateKinds implements Acc.
func (a *numericSumAcc) StateKinds() []types.Kind { return []types.Kind{types.Bytes} }

// Save implements Acc.
func (a *numericSumAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		out[0].Strs = append(out[0].Strs, string(a.st[g].Append(nil)))
	}
}

// Merge implements Acc.
func (a *numericSumAcc) Merge(c *Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		mergeSum(c, i, &a.st[g], state[0].Strs[i])
	}
}

// Absorb implements Absorber.
func (a *numericSumAcc) Absorb(groups []uint32, from Acc, at []uint32) {
	st := from.(*numericSumAcc).st
	for i, g := range groups {
		a.st[g].Merge(&st[at[i]])
	}
}

// mergeSum adds a saved sum, and gives what follows it.
func mergeSum(c *Ctx, i int, s *types.NumSum, saved string) (rest []byte) {
	var b types.NumSum
	rest, err := b.Load([]byte(saved))
	if err != nil {
		c.Bad.Set(i, err)
		return nil
	}
	s.Merge(&b)
	return rest
}

// numericVar is the state of variance: sums of values and of their squares.
type numericVar struct{ sum, squares types.NumSum }

// numericVarAcc is variance and standard deviation of numeric and integers.
type numericVarAcc struct {
	states[numericVar]
	kind types.Spread
	ints bool
}

// Add implements Acc.
func (a *numericVarAcc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	v := args[0]
	for i, g := range groups {
		if v.IsNull(i) {
			continue
		}
		var x types.Numeric
		if a.ints {
			x = types.NumericFromInt(v.Ints[i])
		} else {
			x = v.Numeric(i)
		}
		s, k := &a.st[g], weightOf(w, i)
		s.sum.Add(x, k)
		s.squares.Add(types.NumericSquare(x), k)
	}
}

// Result implements Acc.
func (a *numericVarAcc) Result(c *Ctx, groups []uint32, out *vec.Vec) {
	out.Reset(types.Numer, len(groups))
	for i, g := range groups {
		v, ok, err := a.spread(&a.st[g])
		if err != nil {
			c.Bad.Set(i, err)
		}
		out.Nums[i] = v
		if !ok {
			out.SetNull(i)
		}
	}
}

func (a *numericVarAcc) spread(s *numericVar) (types.Numeric, bool, error) {
	n := s.sum.Count()
	if n == 0 {
		return types.Numeric{}, false, nil
	}
	sum, err := s.sum.Sum()
	if err != nil {
		return types.Numeric{}, false, err
	}
	squares, err := s.squares.Sum()
	if err != nil {
		return types.Numeric{}, false, err
	}
	return types.NumericSpread(sum, squares, n, a.kind)
}

// StateKinds implements Acc.
func (a *numericVarAcc) StateKinds() []types.Kind { return []types.Kind{types.Bytes} }

// Save implements Acc.
func (a *numericVarAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		s := &a.st[g]
		out[0].Strs = append(out[0].Strs, string(s.squares.Append(s.sum.Append(nil))))
	}
}

// Merge implements Acc.
func (a *numericVarAcc) Merge(c *Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		s := &a.st[g]
		if rest := mergeSum(c, i, &s.sum, state[0].Strs[i]); rest != nil {
			mergeSum(c, i, &s.squares, string(rest))
		}
	}
}
