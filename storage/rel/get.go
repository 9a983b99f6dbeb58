package rel

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// Get makes out the rows with the given ids, in the order of ids, with the
// listed columns; ids that are not visible are left out. kept lists the
// positions in ids of the rows that are there, nil when all are. out's memory is
// the caller's.
func (r *Relation) Get(ids []uint64, cols []int, out *vec.Batch) (kept []int32, err error) {
	kinds := make([]types.Kind, len(cols))
	for i, c := range cols {
		kinds[i] = r.schema.Cols[c].Kind
	}
	out.Reset(kinds)
	g := getter{r: r, cols: cols, ids: ids, out: out}
	g.order = make([]int32, 0, len(ids))
	for i, id := range ids {
		if r.Visible(id) {
			g.order = append(g.order, int32(i))
		}
	}
	if len(g.order) < len(ids) {
		kept = slices.Clone(g.order)
	}
	byID := func(a, b int32) int {
		switch {
		case ids[a] < ids[b]:
			return -1
		case ids[a] > ids[b]:
			return 1
		}
		return 0
	}
	sorted := slices.IsSortedFunc(g.order, byID)
	if !sorted {
		slices.SortStableFunc(g.order, byID)
	}
	if err := g.run(); err != nil {
		return nil, err
	}
	if !sorted {
		g.reorder()
	}
	return kept, nil
}

// getter fetches rows unit by unit.
type getter struct {
	r     *Relation
	cols  []int
	ids   []uint64
	order []int32 // positions in ids, by id
	out   *vec.Batch
	idx   []int32 // rows within a unit or block
	part  vec.Vec
}

func (g *getter) run() error {
	for at := 0; at < len(g.order); {
		u := g.r.unitOf(g.ids[g.order[at]])
		n, err := 0, error(nil)
		switch {
		case u.seg != nil:
			n, err = g.fromSegment(u.seg, at)
		case u.chunk != nil:
			n, err = g.fromChunk(u.chunk, at)
		default:
			n = g.fromOpen(u.open, at)
		}
		if err != nil {
			return err
		}
		at += n
		g.out.N += n
	}
	return nil
}

// take lists the rows base … of ids from a place in the order on that are below
// end.
func (g *getter) take(at int, base, end uint64) int {
	g.idx = g.idx[:0]
	for ; at < len(g.order) && g.ids[g.order[at]] < end; at++ {
		g.idx = append(g.idx, int32(g.ids[g.order[at]]-base))
	}
	return len(g.idx)
}

func (g *getter) fromOpen(o *openView, at int) int {
	n := g.take(at, o.base, o.end())
	for i, c := range g.cols {
		col := o.column(c)
		g.out.Cols[i].AppendRows(&col, g.idx)
	}
	return n
}

func (g *getter) fromChunk(c *placed, at int) (int, error) {
	n := g.take(at, c.base, c.end())
	for i, slot := range g.cols {
		if slot >= c.block.Columns() {
			g.missing(i, slot, n)
			continue
		}
		p, err := c.block.Page(slot)
		if err == nil {
			err = p.Gather(&g.part, g.idx)
		}
		if err != nil {
			return 0, err
		}
		g.out.Cols[i].Append(&g.part)
	}
	return n, nil
}

// missing appends the value of rows that are older than their column.
func (g *getter) missing(i, slot, n int) {
	c := &g.r.schema.Cols[slot]
	g.part.Const(c.Kind, c.Missing, n)
	g.out.Cols[i].Append(&g.part)
}

// fromSegment fetches the rows that lie in one block.
func (g *getter) fromSegment(s *held, at int) (int, error) {
	block := s.BlockOf(g.ids[g.order[at]])
	lo, hi := s.Block(block)
	n := 0
	if s.Dense() {
		n = g.take(at, s.Lo+uint64(lo), s.Lo+uint64(hi))
	} else {
		var err error
		if n, err = g.takeListed(s, block, at); err != nil {
			return 0, err
		}
	}
	for i, slot := range g.cols {
		if !s.Has(slot) {
			g.missing(i, slot, n)
			continue
		}
		p, err := g.r.env.Cache.Page(s.Segment, slot, block)
		if err == nil {
			err = p.Gather(&g.part, g.idx)
		}
		if err != nil {
			return 0, err
		}
		g.out.Cols[i].Append(&g.part)
	}
	return n, nil
}

// takeListed is take for a block with a list of ids.
func (g *getter) takeListed(s *held, block, at int) (int, error) {
	p, err := g.r.env.Cache.Page(s.Segment, segment.IDs, block)
	if err != nil {
		return 0, err
	}
	var v vec.Vec
	if err := p.Decode(&v); err != nil {
		return 0, err
	}
	g.idx = g.idx[:0]
	for ; at < len(g.order); at++ {
		i, found := slices.BinarySearch(v.Ints, int64(g.ids[g.order[at]]))
		if !found { // the id is in a later block (R5: it is somewhere)
			break
		}
		g.idx = append(g.idx, int32(i))
	}
	if len(g.idx) == 0 {
		return 0, s.damagedIDs(block)
	}
	return len(g.idx), nil
}

func (s *held) damagedIDs(block int) error {
	return pgerr.New(pgerr.DataCorrupted, "segment %d is damaged: a row of block %d is missing", s.Blob, block)
}

// reorder puts the rows, which came by id, into the order of ids.
func (g *getter) reorder() {
	idx := make([]int32, len(g.order)) // for each row asked for, where it came
	rank := make(map[int32]int32, len(g.order))
	for came, pos := range g.order {
		rank[pos] = int32(came)
	}
	k := 0
	for pos := range g.ids {
		if came, ok := rank[int32(pos)]; ok {
			idx[k] = came
			k++
		}
	}
	for i := range g.out.Cols {
		var v vec.Vec
		v.Gather(&g.out.Cols[i], idx)
		g.out.Cols[i] = v
	}
}
