package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Acc is an accumulator: the state of one aggregate for all groups of a table
// of groups, vectorised. Groups are numbered from 0; every group starts empty.
//
// A1: rows are dense; argument vectors are lent. Groups may repeat in a batch.
//
// A2: weights w are nil for +1 each. An accumulator whose traits are not Linear
// only ever sees weights > 0.
//
// A3: the result depends on the multiset of rows only, unless the aggregate is
// ordered (AggTraits.Ordered): then on their order too.
//
// A4: Save appends, for each group, its state as a row of the columns
// StateKinds lists; Merge adds such rows to groups. Load is Clear and Merge.
// Merging partial states in any grouping gives the state of all rows.
type Acc interface {
	// Grow makes room for groups 0 … n-1.
	Grow(n int)
	// Clear empties groups.
	Clear(groups []uint32)
	// Add adds row i to group groups[i], w[i] times.
	Add(c *Ctx, groups []uint32, args []*vec.Vec, w []int64)
	// Result writes the value of the aggregate for groups[i] to row i of out.
	Result(c *Ctx, groups []uint32, out *vec.Vec)

	StateKinds() []types.Kind
	Save(groups []uint32, out []vec.Vec)
	Merge(c *Ctx, groups []uint32, state []vec.Vec)
	// Bytes is the memory in use.
	Bytes() int64
}

// Absorber is an Acc that can add the groups of another one of the same call as they
// are: what Save and Merge do by way of saved states.
type Absorber interface {
	// Absorb adds group at[i] of from to group groups[i]. from is not used any more
	// afterwards.
	Absorb(groups []uint32, from Acc, at []uint32)
}

// AggTraits says how an aggregate can be maintained under changes.
type AggTraits struct {
	// Linear: Add with a negative weight takes rows away exactly (count, sum,
	// avg, variance, bool_and …).
	Linear bool
	// Extreme: the value is that of the least (-1) or greatest (+1) argument, so
	// an ordered multiset of the arguments maintains it. 0 for others.
	Extreme int8
	// Ordered: the value depends on the order of the rows (array_agg, string_agg,
	// json_agg …). Without ORDER BY that is row id order (semantics §12).
	Ordered bool
	// Rounds: the value depends on the order of the rows by rounding alone, so that
	// only an ORDER BY of the call is a reason to sort them.
	Rounds bool
	// Sketch: the state is an approximation that cannot be taken back.
	Sketch bool
}

// WinFunc is a window function other than an aggregate, at its call site. It
// computes one partition.
type WinFunc interface {
	// Eval writes the function's value for rows 0 … n-1 of the partition to out.
	Eval(c *Ctx, p *Partition, out *vec.Vec)
}

// Partition is one window partition in its order. What frames need is given by
// the executor.
type Partition struct {
	N    int
	Args []*vec.Vec // the function's arguments, a value per row
	// Peer gives, per row, the number of its peer group; groups are numbered from
	// 0 in order.
	Peer []int32
	// Frame gives the frame of row i as a list of half-open row ranges in order
	// (more than one when EXCLUDE cuts a hole).
	Frame func(i int) [][2]int
}
