package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Partial results, for grouping in batch: several Aggregates of one spec each
// take a part of the rows, and one takes over what they have found.

// Mergeable tells whether partial results can be handed on: not where arguments
// must be seen in one place (DISTINCT, an order within the aggregate). Rows are
// then to be distributed by key instead.
func (a *Aggregate) Mergeable() bool {
	for _, s := range a.calls {
		switch s.(type) {
		case *rowCount, *accState:
		default:
			return false
		}
	}
	return true
}

// partialKinds are the kinds of the columns of partial results: the keys, the
// number of rows, the states of the accumulators.
func (a *Aggregate) partialKinds() []types.Kind {
	var kinds []types.Kind
	for _, t := range a.tab.Types() {
		kinds = append(kinds, t.Kind)
	}
	for _, s := range a.calls {
		if acc, ok := s.(*accState); ok {
			kinds = append(kinds, acc.acc.StateKinds()...)
		}
	}
	return kinds
}

// Absorb takes over the groups of another Aggregate of the same spec, in the order
// they were made; that one is not used any more. It is for batch mode.
func (a *Aggregate) Absorb(ctx context.Context, other *Aggregate) error {
	a.begin()
	other.begin()
	nk := len(a.spec.Keys)
	kinds := a.partialKinds()
	from := other.rows()
	var b vec.Batch
	into := make([]uint32, vec.Size)
	return other.tab.All(vec.Size, func(at []uint32) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.Reset(kinds)
		for c := range nk {
			other.tab.GatherColumn(&b.Cols[c], c, at)
		}
		groups := into[:len(at)]
		if fresh, _ := a.tab.Groups(b.Cols[:nk], len(at), groups); len(fresh) > 0 {
			a.created(fresh)
		}
		rows := a.rows()
		for i, g := range groups {
			rows[g] += from[at[i]]
		}
		a.absorbStates(ctx, groups, other, at, b.Cols[nk+1:])
		return nil
	})
}

// absorbStates takes over the states of groups; cols has room for those that are
// only to be had saved.
func (a *Aggregate) absorbStates(ctx context.Context, groups []uint32, other *Aggregate, at []uint32, cols []vec.Vec) {
	from := 0
	for i, s := range a.calls {
		acc, ok := s.(*accState)
		if !ok {
			continue
		}
		theirs := other.calls[i].(*accState).acc
		n := len(acc.acc.StateKinds())
		if direct, ok := acc.acc.(funcs.Absorber); ok {
			direct.Absorb(groups, theirs, at)
		} else {
			theirs.Save(at, cols[from:from+n])
			a.in.bad.Reset()
			acc.acc.Merge(&funcs.Ctx{Context: ctx, Env: a.spec.Env, Bad: &a.in.bad}, groups, cols[from:from+n])
			a.in.report(nil)
		}
		from += n
	}
}

// Reset makes the Aggregate empty, as it was when it was made.
func (a *Aggregate) Reset() error { return a.init(a.spec) }
