package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for name, op := range map[string]string{"bit_and": "bit_and", "bit_or": "bit_or", "bit_xor": "bitxor"} {
		register(name+"(bit)", accOf(AggTraits{}, func() Acc { return &bitStringAcc{f: bitwise[op], parity: name == "bit_xor"} }))
	}
}

// bitStringState is what has been combined so far; the error, once there are two
// lengths, stays.
type bitStringState struct {
	val string
	has bool
	err error
}

// bitStringAcc is bit_and, bit_or and bit_xor of bit strings. As with integers,
// how often a value counts matters to bit_xor only, and only by parity.
type bitStringAcc struct {
	states[bitStringState]
	f      func(a, b string) (string, error)
	parity bool
}

// Add implements Acc.
func (a *bitStringAcc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	x, nulls := args[0].Strs, args[0].Nulls
	for i, g := range groups {
		if nulls != nil && nulls[i] {
			continue
		}
		v := x[i]
		if a.parity && weightOf(w, i)%2 == 0 {
			v = string(types.FinishBits(types.MakeBits(types.Bits(v).Len())))
		}
		a.add(&a.st[g], v)
	}
}

func (a *bitStringAcc) add(s *bitStringState, v string) {
	if !s.has {
		a.extra += int64(len(v))
		s.val, s.has = v, true
		return
	}
	r, err := a.f(s.val, v)
	if err != nil {
		s.err = err
		return
	}
	s.val = r
}

// Result implements Acc.
func (a *bitStringAcc) Result(c *Ctx, groups []uint32, out *vec.Vec) {
	r := Out[string](out, len(groups))
	for i, g := range groups {
		s := &a.st[g]
		r[i] = s.val
		switch {
		case s.err != nil:
			c.Bad.Set(i, s.err)
		case !s.has:
			out.SetNull(i)
		}
	}
}

// StateKinds implements Acc: the value, and another one of a length that does
// not fit to it.
func (a *bitStringAcc) StateKinds() []types.Kind { return []types.Kind{types.Bytes, types.Bytes} }

// Save implements Acc.
func (a *bitStringAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		s := &a.st[g]
		val, misfit := types.Null, types.Null
		if s.has {
			val = types.NewString(s.val)
		}
		if s.err != nil {
			misfit = types.NewString(string(types.FinishBits(types.MakeBits(types.Bits(s.val).Len() + 1))))
		}
		out[0].AppendDatum(val)
		out[1].AppendDatum(misfit)
	}
}

// Merge implements Acc.
func (a *bitStringAcc) Merge(c *Ctx, groups []uint32, state []vec.Vec) {
	a.Add(c, groups, []*vec.Vec{&state[0]}, nil)
	a.Add(c, groups, []*vec.Vec{&state[1]}, nil)
}
