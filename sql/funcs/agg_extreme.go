package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for dir, name := range map[int8]string{-1: "min", 1: "max"} {
		for _, t := range []string{
			"int2", "int4", "int8", "oid", "float4", "float8", "numeric", "date", "time", "timetz", "timestamp", "timestamptz",
			"interval", "text", "bpchar", "anyarray", "anyenum", "pg_lsn", "xid8", "money", "tid", "inet",
		} {
			register(name+"("+t+")", &Impl{
				Agg: AggTraits{Extreme: dir},
				Acc: func(c *Call) (Acc, error) { return newExtreme(c.Args[0], dir), nil },
			})
		}
	}
}

// newExtreme makes min (dir < 0) or max of a type.
func newExtreme(t *types.Type, dir int8) Acc {
	switch t.Kind {
	case types.Int:
		return &extremeAcc[int64]{kind: t.Kind, dir: dir, cmp: cmpInt}
	case types.Float:
		return &extremeAcc[float64]{kind: t.Kind, dir: dir, cmp: types.CmpFloat}
	case types.Numer:
		return &extremeAcc[types.Numeric]{kind: t.Kind, dir: dir, cmp: types.Numeric.Cmp}
	case types.Inter:
		return &extremeAcc[types.Interval]{kind: t.Kind, dir: dir, cmp: types.Interval.Cmp}
	}
	f := strings.Compare
	if !t.PlainBytes() {
		f = t.CmpStr
	}
	return &extremeAcc[string]{kind: t.Kind, dir: dir, cmp: f, keepFirst: t.OID == types.BpcharOID}
}

type extremum[T any] struct {
	val T
	has bool
}

// extremeAcc is min and max. Of values that are equal but not the same the last
// one is kept, except for character(n): see extreme.
type extremeAcc[T Value] struct {
	states[extremum[T]]
	kind      types.Kind
	dir       int8
	cmp       func(a, b T) int
	keepFirst bool
}

// Add implements Acc.
func (a *extremeAcc[T]) Add(_ *Ctx, groups []uint32, args []*vec.Vec, _ []int64) {
	x, nulls := In[T](args[0]), args[0].Nulls
	if ints, ok := any(x).([]int64); ok && nulls == nil {
		extremeInts(any(a.st).([]extremum[int64]), groups, ints, a.dir)
		return
	}
	if floats, ok := any(x).([]float64); ok && nulls == nil {
		extremeFloats(any(a.st).([]extremum[float64]), groups, floats, a.dir)
		return
	}
	for i, g := range groups {
		if nulls == nil || !nulls[i] {
			a.take(&a.st[g], x[i])
		}
	}
}

// extremeFloats compares as PostgreSQL does, NaN being above everything.
func extremeFloats(st []extremum[float64], groups []uint32, x []float64, dir int8) {
	for i, g := range groups {
		s, v := &st[g], x[i]
		if s.has {
			beyond := s.val > v
			if dir < 0 {
				beyond = s.val < v
			}
			if beyond || (v != v || s.val != s.val) && types.CmpFloat(s.val, v)*int(dir) > 0 {
				continue
			}
		}
		s.val, s.has = v, true
	}
}

func (a *extremeAcc[T]) take(s *extremum[T], x T) {
	if s.has {
		if c := a.cmp(s.val, x) * int(a.dir); c > 0 || c == 0 && a.keepFirst {
			return
		}
	}
	s.val, s.has = x, true
}

// extremeInts is the loop for the kind that most columns are of.
func extremeInts(st []extremum[int64], groups []uint32, x []int64, dir int8) {
	x = x[:len(groups)]
	if dir > 0 {
		for i, g := range groups {
			if s := &st[g]; !s.has || x[i] > s.val {
				s.val, s.has = x[i], true
			}
		}
		return
	}
	for i, g := range groups {
		if s := &st[g]; !s.has || x[i] < s.val {
			s.val, s.has = x[i], true
		}
	}
}

// Result implements Acc.
func (a *extremeAcc[T]) Result(_ *Ctx, groups []uint32, out *vec.Vec) {
	r := Out[T](out, len(groups))
	for i, g := range groups {
		s := &a.st[g]
		r[i] = s.val
		if !s.has {
			out.SetNull(i)
		}
	}
}

// StateKinds implements Acc.
func (a *extremeAcc[T]) StateKinds() []types.Kind { return []types.Kind{a.kind} }

// Save implements Acc.
func (a *extremeAcc[T]) Save(groups []uint32, out []vec.Vec) {
	var r vec.Vec
	a.Result(nil, groups, &r)
	out[0].Append(&r)
}

// Merge implements Acc.
func (a *extremeAcc[T]) Merge(c *Ctx, groups []uint32, state []vec.Vec) {
	a.Add(c, groups, []*vec.Vec{&state[0]}, nil)
}
