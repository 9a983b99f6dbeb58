package exec

import (
	"context"
	"math"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// TopSpec says which rows a DeltaTop passes.
type TopSpec struct {
	Types []*types.Type
	Parts []int // the columns that tell partitions apart
	Order []state.SortCol
	// Rows Offset … Offset+Count-1 of each partition pass; with Ties also those that
	// follow and equal the last one in Order.
	Offset, Count int64
	Ties          bool
	// Time is the position in Parts of the column that Advance speaks of, -1 for
	// none. It is of kind Int.
	Time int
}

// DeltaTop passes the first rows of each partition of its input, by an order: LIMIT
// (one partition) and DISTINCT ON (one row of each). Rows that are equal in the
// order follow each other by their other columns.
//
// All rows are kept in order. Where a step touches a partition, its first rows
// before and after are compared, so a step costs what is passed, not what is kept.
type DeltaTop struct {
	keptParts
	spec  TopSpec
	diff  consolidator
	slots []uint32
	w     []int64
}

// NewDeltaTop makes one without rows.
func NewDeltaTop(spec TopSpec) *DeltaTop {
	t := &DeltaTop{spec: spec}
	t.keptParts.init(spec.Types, spec.Parts, spec.Order, spec.Time)
	t.diff.init(spec.Types)
	return t
}

// Push implements Node.
func (t *DeltaTop) Push(ctx context.Context, _ int, d *vec.Batch, _ Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.push(d, func(p uint32) { t.show(p, -1) })
	return nil
}

// show adds the rows of a partition that pass to the changes, with a sign.
func (t *DeltaTop) show(p uint32, sign int64) {
	t.slots, t.w = t.slots[:0], t.w[:0]
	skip, left := t.spec.Offset, t.spec.Count
	last := state.None
	t.rows.Ascend(p, func(slot uint32) bool {
		n := t.rows.Count(slot)
		out := min(n, skip)
		skip -= out
		n -= out
		if n <= 0 {
			return true
		}
		switch {
		case left > 0:
			if !t.spec.Ties {
				n = min(n, left)
			}
			left -= min(n, left)
		case !t.spec.Ties || last == state.None || !t.rows.SameOrder(last, slot):
			return false
		}
		t.slots, t.w = append(t.slots, slot), append(t.w, sign*n)
		last = slot
		return left > 0 || t.spec.Ties
	})
	t.diff.add(t.rows.Columns(), t.slots, t.w)
}

// Flush implements Node.
func (t *DeltaTop) Flush(ctx context.Context, emit Emit) error {
	for _, p := range t.touched {
		t.show(p, 1)
	}
	t.sweep()
	return t.diff.emit(ctx, emit)
}

// NoLimit is a Count without end.
const NoLimit = math.MaxInt64
