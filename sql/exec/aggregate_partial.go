package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Partial results, for grouping in batch: several Aggregates of one spec each
// take a part of the rows, and one takes over what they have found; or one that
// has grown too large writes down what it has, part by part, and starts again.

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

// PartialKinds are the kinds of the columns of partial results: the keys, the
// number of rows, the states of the accumulators.
func (a *Aggregate) PartialKinds() []types.Kind {
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

// Partials calls fn with the partial results of all groups, in batches of up to
// vec.Size groups in the order the groups were made. Batches are lent.
func (a *Aggregate) Partials(ctx context.Context, fn func(b *vec.Batch) error) error {
	a.begin()
	kinds := a.PartialKinds()
	var b vec.Batch
	return a.tab.All(vec.Size, func(groups []uint32) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.Reset(kinds)
		a.savePartial(groups, b.Cols)
		b.N = len(groups)
		return fn(&b)
	})
}

// savePartial writes the partial results of groups to columns that are empty.
func (a *Aggregate) savePartial(groups []uint32, out []vec.Vec) {
	nk := len(a.spec.Keys) + 1
	for c := range nk {
		a.tab.GatherColumn(&out[c], c, groups)
	}
	at := nk
	for _, s := range a.calls {
		if acc, ok := s.(*accState); ok {
			n := len(acc.acc.StateKinds())
			acc.acc.Save(groups, out[at:at+n])
			at += n
		}
	}
}

// MergePartials takes over partial results of an Aggregate of the same spec. It
// is for batch mode.
func (a *Aggregate) MergePartials(ctx context.Context, d *vec.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.begin()
	if d.Sel != nil {
		d.Dense(&a.dense)
		d = &a.dense
	}
	nk := len(a.spec.Keys)
	groups := make([]uint32, d.N)
	if fresh, _ := a.tab.Groups(d.Cols[:nk], d.N, groups); len(fresh) > 0 {
		a.created(fresh)
	}
	rows := a.rows()
	for i, g := range groups {
		rows[g] += d.Cols[nk].Ints[i]
	}
	a.mergeStates(ctx, groups, d.Cols[nk+1:])
	return nil
}

func (a *Aggregate) mergeStates(ctx context.Context, groups []uint32, cols []vec.Vec) {
	at := 0
	for _, s := range a.calls {
		if acc, ok := s.(*accState); ok {
			n := len(acc.acc.StateKinds())
			a.in.bad.Reset()
			acc.acc.Merge(&funcs.Ctx{Context: ctx, Env: a.spec.Env, Bad: &a.in.bad}, groups, cols[at:at+n])
			a.in.report(nil)
			at += n
		}
	}
}

// Reset makes the Aggregate empty, as it was when it was made.
func (a *Aggregate) Reset() error { return a.init(a.spec) }
