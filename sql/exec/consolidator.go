package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// consolidator adds up changes by image.
type consolidator struct {
	tab   *state.Table // the columns; the weight
	n     int
	vals  []vec.Vec
	slots []uint32
	order []uint32 // slots as they came
	out   vec.Batch
}

func (c *consolidator) init(ts []*types.Type) {
	c.n = len(ts)
	c.tab = state.NewTable(append(append([]*types.Type{}, ts...), types.TInt8), c.n, state.Image)
	c.vals, c.out.Cols = make([]vec.Vec, c.n), make([]vec.Vec, c.n)
}

// add adds rows that stand in slots of columns.
func (c *consolidator) add(cols []vec.Vec, slots []uint32, w []int64) {
	for len(slots) > 0 {
		n := min(len(slots), vec.Size)
		for i := range c.n {
			state.Gather(&c.vals[i], &cols[i], slots[:n])
		}
		if cap(c.slots) < n {
			c.slots = make([]uint32, n)
		}
		at := c.slots[:n]
		fresh, _ := c.tab.Groups(c.vals, n, at)
		weights := c.tab.Cols[c.n].Ints
		for _, s := range fresh {
			weights[s] = 0
		}
		c.order = append(c.order, fresh...)
		for i, s := range at {
			weights[s] += w[i]
		}
		slots, w = slots[n:], w[n:]
	}
}

// emit emits what is left, in the order in which it first came, and forgets all.
func (c *consolidator) emit(ctx context.Context, emit Emit) error {
	weights := c.tab.Cols[c.n].Ints
	c.slots, c.out.Weights = c.slots[:0], c.out.Weights[:0]
	for i, s := range c.order {
		if weights[s] != 0 {
			c.slots, c.out.Weights = append(c.slots, s), append(c.out.Weights, weights[s])
		}
		if len(c.slots) == vec.Size || i == len(c.order)-1 {
			if err := c.send(ctx, emit); err != nil {
				return err
			}
		}
	}
	for _, s := range c.order {
		c.tab.Free(s)
	}
	c.order = c.order[:0]
	return nil
}

func (c *consolidator) send(ctx context.Context, emit Emit) error {
	if err := ctx.Err(); err != nil || len(c.slots) == 0 {
		return err
	}
	for i := range c.n {
		c.tab.GatherColumn(&c.out.Cols[i], i, c.slots)
	}
	c.out.N = len(c.slots)
	err := emit(&c.out)
	c.slots, c.out.Weights = c.slots[:0], c.out.Weights[:0]
	return err
}
