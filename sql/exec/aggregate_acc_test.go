package exec

import (
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Accumulators small enough to be right at a glance, for tests of the Aggregate.

// sumAcc is sum(bigint); NULLs are left out. It fails when the sum is 13.
type sumAcc struct{ sum, n []int64 }

func newSum() (funcs.Acc, error) { return &sumAcc{}, nil }

func (a *sumAcc) Grow(n int) {
	for len(a.sum) < n {
		a.sum, a.n = append(a.sum, 0), append(a.n, 0)
	}
}

func (a *sumAcc) Clear(groups []uint32) {
	for _, g := range groups {
		a.sum[g], a.n[g] = 0, 0
	}
}

func (a *sumAcc) Add(_ *funcs.Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	x := args[0]
	if x.Nulls == nil && w == nil {
		for i, g := range groups {
			a.sum[g] += x.Ints[i]
			a.n[g]++
		}
		return
	}
	for i, g := range groups {
		if x.IsNull(i) {
			continue
		}
		k := int64(1)
		if w != nil {
			k = w[i]
		}
		a.sum[g] += k * x.Ints[i]
		a.n[g] += k
	}
}

func (a *sumAcc) Result(c *funcs.Ctx, groups []uint32, out *vec.Vec) {
	out.Reset(types.Int, len(groups))
	for i, g := range groups {
		out.Ints[i] = a.sum[g]
		if a.n[g] == 0 {
			out.SetNull(i)
		} else if a.sum[g] == 13 {
			c.Bad.Set(i, errThirteen)
		}
	}
}

var errThirteen = pgerr.New(pgerr.NumericValueOutOfRange, "bigint out of range")

func (a *sumAcc) StateKinds() []types.Kind { return []types.Kind{types.Int, types.Int} }

func (a *sumAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		out[0].AppendDatum(types.NewInt(a.sum[g]))
		out[1].AppendDatum(types.NewInt(a.n[g]))
	}
}

func (a *sumAcc) Merge(_ *funcs.Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		a.sum[g] += state[0].Ints[i]
		a.n[g] += state[1].Ints[i]
	}
}

func (a *sumAcc) Bytes() int64 { return int64(16 * cap(a.sum)) }

// maxAcc is max of any type.
type maxAcc struct {
	t   *types.Type
	max []types.Datum
}

func newMax(t *types.Type) func() (funcs.Acc, error) {
	return func() (funcs.Acc, error) { return &maxAcc{t: t}, nil }
}

func (a *maxAcc) Grow(n int) {
	for len(a.max) < n {
		a.max = append(a.max, types.Null)
	}
}

func (a *maxAcc) Clear(groups []uint32) {
	for _, g := range groups {
		a.max[g] = types.Null
	}
}

func (a *maxAcc) Add(_ *funcs.Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	for i, g := range groups {
		if w != nil && w[i] <= 0 {
			panic("maxAcc: negative weight")
		}
		a.offer(g, args[0].Datum(i))
	}
}

// offer chooses by order, among equals the one that prints later (A3).
func (a *maxAcc) offer(g uint32, d types.Datum) {
	if d.IsNull() {
		return
	}
	if have := a.max[g]; !have.IsNull() {
		c := a.t.Compare(have, d)
		if c > 0 || c == 0 && fmt.Sprint(have) >= fmt.Sprint(d) {
			return
		}
	}
	a.max[g] = d
}

func (a *maxAcc) Result(_ *funcs.Ctx, groups []uint32, out *vec.Vec) {
	out.Reset(a.t.Kind, 0)
	for _, g := range groups {
		out.AppendDatum(a.max[g])
	}
}

func (a *maxAcc) StateKinds() []types.Kind { return []types.Kind{a.t.Kind} }

func (a *maxAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		out[0].AppendDatum(a.max[g])
	}
}

func (a *maxAcc) Merge(_ *funcs.Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		a.offer(g, state[0].Datum(i))
	}
}

func (a *maxAcc) Bytes() int64 { return int64(64 * cap(a.max)) }

// listAcc is string_agg(x::text, ','): what it gives depends on the order.
type listAcc struct{ list [][]string }

func newList() (funcs.Acc, error) { return &listAcc{}, nil }

func (a *listAcc) Grow(n int) {
	for len(a.list) < n {
		a.list = append(a.list, nil)
	}
}

func (a *listAcc) Clear(groups []uint32) {
	for _, g := range groups {
		a.list[g] = nil
	}
}

func (a *listAcc) Add(_ *funcs.Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	for i, g := range groups {
		n := int64(1)
		if w != nil {
			n = w[i]
		}
		for range n {
			a.list[g] = append(a.list[g], fmt.Sprint(args[0].Datum(i)))
		}
	}
}

func (a *listAcc) Result(_ *funcs.Ctx, groups []uint32, out *vec.Vec) {
	out.Reset(types.Bytes, len(groups))
	for i, g := range groups {
		out.Strs[i] = strings.Join(a.list[g], ",")
	}
}

func (a *listAcc) StateKinds() []types.Kind { return []types.Kind{types.Bytes} }

func (a *listAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		out[0].AppendDatum(types.NewString(strings.Join(a.list[g], ",")))
	}
}

func (a *listAcc) Merge(_ *funcs.Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		a.list[g] = append(a.list[g], strings.Split(state[0].Strs[i], ",")...)
	}
}

func (a *listAcc) Bytes() int64 { return 0 }
