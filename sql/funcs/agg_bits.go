package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for _, t := range []string{"int2", "int4", "int8"} {
		for name, f := range map[string]func(a, b int64) int64{
			"bit_and": func(a, b int64) int64 { return a & b },
			"bit_or":  func(a, b int64) int64 { return a | b },
			"bit_xor": func(a, b int64) int64 { return a ^ b },
		} {
			register(name+"("+t+")", accOf(AggTraits{}, func() Acc { return &bitsAcc{f: f, parity: name == "bit_xor"} }))
		}
	}
}

// bitsAcc is bit_and, bit_or and bit_xor of integers. A value that counts
// several times matters to bit_xor only, and only by parity.
type bitsAcc struct {
	states[extremum[int64]]
	f      func(a, b int64) int64
	parity bool
}

// Add implements Acc.
func (a *bitsAcc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	x, nulls := args[0].Ints, args[0].Nulls
	for i, g := range groups {
		if nulls != nil && nulls[i] {
			continue
		}
		s, v := &a.st[g], x[i]
		if a.parity && weightOf(w, i)%2 == 0 {
			v = 0
		}
		if s.has {
			v = a.f(s.val, v)
		}
		s.val, s.has = v, true
	}
}

// Result implements Acc.
func (a *bitsAcc) Result(_ *Ctx, groups []uint32, out *vec.Vec) {
	r := resultInts(out, len(groups))
	for i, g := range groups {
		r[i] = a.st[g].val
		if !a.st[g].has {
			out.SetNull(i)
		}
	}
}

// StateKinds implements Acc.
func (a *bitsAcc) StateKinds() []types.Kind { return []types.Kind{types.Int} }

// Save implements Acc.
func (a *bitsAcc) Save(groups []uint32, out []vec.Vec) {
	var r vec.Vec
	a.Result(nil, groups, &r)
	out[0].Append(&r)
}

// Merge implements Acc.
func (a *bitsAcc) Merge(c *Ctx, groups []uint32, state []vec.Vec) {
	a.Add(c, groups, []*vec.Vec{&state[0]}, nil)
}
