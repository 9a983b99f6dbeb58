package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("count()", accOf(linear, func() Acc { return &countAcc{} }))
	register("count(any)", accOf(linear, func() Acc { return &countAcc{args: 1} }))
	register("regr_count(float8,float8)", accOf(linear, func() Acc { return &countAcc{args: 2} }))
	for name, value := range map[string]func(*boolCounts) bool{
		"bool_and": func(s *boolCounts) bool { return s.f == 0 },
		"every":    func(s *boolCounts) bool { return s.f == 0 },
		"bool_or":  func(s *boolCounts) bool { return s.t != 0 },
	} {
		register(name+"(bool)", accOf(linear, func() Acc { return &boolAcc{value: value} }))
	}
}

// countAcc counts rows, or those in which no argument is NULL.
type countAcc struct {
	states[int64]
	args int
}

// Add implements Acc.
func (a *countAcc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	st := a.st
	nulls := nullsOf(args[:a.args])
	switch {
	case nulls == nil && w == nil:
		for _, g := range groups {
			st[g]++
		}
	case nulls == nil:
		for i, g := range groups {
			st[g] += w[i]
		}
	default:
		for i, g := range groups {
			if !nulls[i] {
				st[g] += weightOf(w, i)
			}
		}
	}
}

// nullsOf marks the rows in which one of the columns is NULL; nil: none.
func nullsOf(args []*vec.Vec) []bool {
	var out []bool
	shared := false
	for _, v := range args {
		switch {
		case v.Nulls == nil:
		case out == nil:
			out, shared = v.Nulls, true
		default:
			if shared {
				out, shared = append([]bool(nil), out...), false
			}
			for i, x := range v.Nulls {
				out[i] = out[i] || x
			}
		}
	}
	return out
}

// Result implements Acc.
func (a *countAcc) Result(_ *Ctx, groups []uint32, out *vec.Vec) {
	r := resultInts(out, len(groups))
	for i, g := range groups {
		r[i] = a.st[g]
	}
}

// StateKinds implements Acc.
func (a *countAcc) StateKinds() []types.Kind { return []types.Kind{types.Int} }

// Save implements Acc.
func (a *countAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		appendInts(out, a.st[g])
	}
}

// Merge implements Acc.
func (a *countAcc) Merge(_ *Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		a.st[g] += state[0].Ints[i]
	}
}

// Absorb implements Absorber.
func (a *countAcc) Absorb(groups []uint32, from Acc, at []uint32) {
	st := from.(*countAcc).st
	for i, g := range groups {
		a.st[g] += st[at[i]]
	}
}

type boolCounts struct{ t, f int64 }

// boolAcc is bool_and, every and bool_or: by the numbers of each value.
type boolAcc struct {
	states[boolCounts]
	value func(*boolCounts) bool
}

// Add implements Acc.
func (a *boolAcc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	x, nulls := args[0].Bools, args[0].Nulls
	for i, g := range groups {
		switch {
		case nulls != nil && nulls[i]:
		case x[i]:
			a.st[g].t += weightOf(w, i)
		default:
			a.st[g].f += weightOf(w, i)
		}
	}
}

// Result implements Acc.
func (a *boolAcc) Result(_ *Ctx, groups []uint32, out *vec.Vec) {
	out.Reset(types.Bool, len(groups))
	for i, g := range groups {
		s := &a.st[g]
		if s.t == 0 && s.f == 0 {
			out.SetNull(i)
		}
		out.Bools[i] = a.value(s)
	}
}

// StateKinds implements Acc.
func (a *boolAcc) StateKinds() []types.Kind { return kindsOf(types.Int, 2) }

// Save implements Acc.
func (a *boolAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		appendInts(out, a.st[g].t, a.st[g].f)
	}
}

// Merge implements Acc.
func (a *boolAcc) Merge(_ *Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		a.st[g].t += state[0].Ints[i]
		a.st[g].f += state[1].Ints[i]
	}
}
