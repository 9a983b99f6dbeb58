package funcs

import (
	"unsafe"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// states is the part that all accumulators share: a state per group, whose zero
// value is that of an empty group.
type states[S any] struct {
	st    []S
	extra int64 // bytes that states hold elsewhere
}

// Grow implements Acc.
func (a *states[S]) Grow(n int) {
	if n <= len(a.st) {
		return
	}
	if n <= cap(a.st) {
		a.st = a.st[:n]
		return
	}
	st := make([]S, n, max(n, 2*cap(a.st)))
	copy(st, a.st)
	a.st = st
}

// Clear implements Acc.
func (a *states[S]) Clear(groups []uint32) {
	var zero S
	for _, g := range groups {
		a.st[g] = zero
	}
}

// Bytes implements Acc.
func (a *states[S]) Bytes() int64 {
	var zero S
	return int64(cap(a.st))*int64(unsafe.Sizeof(zero)) + a.extra
}

// accOf makes the Impl of an aggregate whose accumulator needs to know nothing
// of its call.
func accOf(traits AggTraits, f func() Acc) *Impl {
	return &Impl{Acc: func(*Call) (Acc, error) { return f(), nil }, Agg: traits}
}

// linear are the traits of most aggregates.
var linear = AggTraits{Linear: true}

// rounding are those of the aggregates that add up floating point numbers.
var rounding = AggTraits{Linear: true, Rounds: true}

// weightOf is the weight of row i.
func weightOf(w []int64, i int) int64 {
	if w == nil {
		return 1
	}
	return w[i]
}

// resultInts and resultFloats make the column n values of a result; rows that
// have none are made NULL by the caller.
func resultInts(out *vec.Vec, n int) []int64     { out.Reset(types.Int, n); return out.Ints }
func resultFloats(out *vec.Vec, n int) []float64 { out.Reset(types.Float, n); return out.Floats }

// appendInts appends a row of integers to the first columns of a state.
func appendInts(out []vec.Vec, xs ...int64) {
	for i, x := range xs {
		out[i].Ints = append(out[i].Ints, x)
	}
}

func kindsOf(k types.Kind, n int) []types.Kind {
	out := make([]types.Kind, n)
	for i := range out {
		out[i] = k
	}
	return out
}
