package exec

import (
	"context"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"pgregory.net/rapid"
)

// Groups behind the bound are forgotten and the answer stays right; on window
// close every group is emitted exactly once, when the bound passes it.
func TestAggregateForgetsClosedGroups(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		ctx := context.Background()
		final := rapid.Bool().Draw(r, "final")
		mode := AggAppend
		if final {
			mode = AggFinal
		}
		got := bag{}
		spec := testSpec(mode, got.bad)
		spec.Time = 0
		a, pages := mustAggregate(r, spec), pageStore{}
		var rows []testRow
		var counts []int64
		bound := int64(0)
		for range rapid.IntRange(1, 8).Draw(r, "steps") {
			var batch [][]types.Datum
			var w []int64
			for range rapid.IntRange(0, 5).Draw(r, "n") {
				row := drawRow(r)
				row.key = types.NewInt(bound + int64(rapid.IntRange(0, 3).Draw(r, "time")))
				if !final && rapid.IntRange(0, 9).Draw(r, "null time") == 0 {
					row.key = types.Null
				}
				rows, counts = append(rows, row), append(counts, 1)
				batch, w = append(batch, row.datums()), append(w, 1)
			}
			if len(batch) > 0 {
				if err := a.Push(ctx, 0, makeBatch(drawn(r), testTypes, batch, w), got.emit); err != nil {
					r.Fatal(err)
				}
			}
			bound += int64(rapid.IntRange(0, 3).Draw(r, "advance"))
			a.Advance(bound)
			open, want := map[string]bool{}, []testRow{}
			for _, row := range rows {
				closed := !row.key.IsNull() && row.key.Int() < bound
				if !closed {
					open[rowText(vectorsOf(testTypes[:2], [][]types.Datum{{row.key, row.name}}), 0)] = true
				}
				if closed || !final {
					want = append(want, row)
				}
			}
			flushAndCompare(r, a, got, modelAggregate(want, counts, false))
			if a.Groups() != len(open) {
				r.Fatalf("%d groups are kept, %d are open", a.Groups(), len(open))
			}
			checkForgotten(r, a, open)
			if rapid.IntRange(0, 2).Draw(r, "checkpoint") == 0 {
				a = pages.checkpoint(r, a, func() Stateful { return mustAggregate(r, spec) }).(*Aggregate)
			}
		}
	})
}

// checkForgotten looks that nothing is left where no group is.
func checkForgotten(r *rapid.T, a *Aggregate, open map[string]bool) {
	if len(open) > 0 {
		return
	}
	for _, s := range a.distincts() {
		if s.tab.Len() != 0 {
			r.Fatalf("%d distinct values of no group", s.tab.Len())
		}
	}
	for _, s := range a.sets {
		if s.set.Len() != 0 {
			r.Fatalf("%d kept values of no group", s.set.Len())
		}
	}
	if a.times.Len() != 0 {
		r.Fatalf("%d buckets of no group", a.times.Len())
	}
}

// A group that comes again after its rows have gone is a new one.
func TestAggregateGroupComesAgain(t *testing.T) {
	got := bag{}
	spec := testSpec(AggDelta, got.bad)
	a, err := NewAggregate(spec)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	row := [][]types.Datum{{types.NewInt(1), types.NewString("a"), types.NewInt(5), types.NewBool(true)}}
	for _, w := range []int64{1, -1, 1, 1, -2, 3} {
		b := &vec.Batch{Cols: vectorsOf(testTypes, row), N: 1, Weights: []int64{w}}
		if err := a.Push(ctx, 0, b, got.emit); err != nil {
			t.Fatal(err)
		}
		if err := a.Flush(ctx, got.emit); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 1 || a.Groups() != 1 {
		t.Fatalf("%v, %d groups", got, a.Groups())
	}
}
