package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// sortedAgg collects the arguments of all rows and sorts them, group by group,
// when results are asked for: aggregates that depend on order, in batch. Without
// an order asked for the rows keep the order in which they came.
type sortedAgg struct {
	call *AggCall
	acc  funcs.Acc
	lay  *valueSet // which columns are kept, in which order
	cols []vec.Vec
	ts   []*types.Type
	args []int

	groups []uint32
	w      []int64 // nil: 1 each
	n      int
	feed   feeder

	perm  []uint32 // rows by group, then in order
	start []uint32 // by group: where its rows begin in perm
}

func newSortedAgg(c *AggCall, acc funcs.Acc) *sortedAgg {
	s := &sortedAgg{call: c, acc: acc, lay: keptLayout(c)}
	if len(c.OrderBy) == 0 && !c.Distinct {
		s.lay.order = nil
	}
	s.ts = s.lay.types(c)
	s.cols = make([]vec.Vec, len(s.ts))
	for i, t := range s.ts {
		s.cols[i].Reset(t.Kind, 0)
	}
	for _, arg := range c.Args {
		s.args = append(s.args, slices.Index(s.lay.cols, arg))
	}
	return s
}

func (s *sortedAgg) grow(int) {}

func (s *sortedAgg) add(in *aggInput) {
	rows, groups, w := in.pick(s.call.Filter, -1)
	for i, c := range s.lay.cols {
		if rows == nil {
			s.cols[i].AppendRange(&in.b.Cols[c], 0, in.n)
		} else {
			s.cols[i].AppendRows(&in.b.Cols[c], rows)
		}
	}
	s.groups = append(s.groups, groups...)
	if w != nil && s.w == nil {
		s.w = make([]int64, s.n, s.n+len(w))
		for i := range s.w {
			s.w[i] = 1
		}
	}
	switch {
	case w != nil:
		s.w = append(s.w, w...)
	case s.w != nil:
		for range groups {
			s.w = append(s.w, 1)
		}
	}
	s.n += len(groups)
	s.perm = nil
}

func (s *sortedAgg) result(c *funcs.Ctx, groups []uint32, out *vec.Vec) {
	if s.perm == nil {
		s.sort()
	}
	s.feed.begin(c, s.acc, len(groups), s.cols, s.args)
	for i, g := range groups {
		s.feed.group = uint32(i)
		s.feedGroup(g)
	}
	s.feed.result(c, out)
}

func (s *sortedAgg) feedGroup(g uint32) {
	last := state.None
	for _, row := range s.rowsOf(g) {
		w := int64(1)
		if s.w != nil && !s.call.Distinct {
			w = s.w[row]
		}
		if s.call.Distinct {
			if last != state.None && s.compareValues(last, row) == 0 {
				continue
			}
			last = row
		}
		s.feed.add(row, w)
	}
}

func (s *sortedAgg) rowsOf(g uint32) []uint32 {
	if int(g)+1 >= len(s.start) {
		return nil
	}
	return s.perm[s.start[g]:s.start[g+1]]
}

// sort puts the rows in order: by group (counting), then within each group.
func (s *sortedAgg) sort() {
	groups := uint32(0)
	for _, g := range s.groups {
		groups = max(groups, g+1)
	}
	s.start = make([]uint32, groups+1)
	for _, g := range s.groups {
		s.start[g+1]++
	}
	for g := range groups {
		s.start[g+1] += s.start[g]
	}
	next := slices.Clone(s.start)
	s.perm = make([]uint32, s.n)
	for row, g := range s.groups {
		s.perm[next[g]] = uint32(row)
		next[g]++
	}
	if len(s.lay.order) == 0 {
		return
	}
	for g := range groups {
		slices.SortStableFunc(s.rowsOf(g), s.compare)
	}
}

// compare orders rows as asked for; distinct ones so that equal values are
// neighbours.
func (s *sortedAgg) compare(a, b uint32) int {
	for _, o := range s.lay.order {
		col := &s.cols[o.Col]
		if c := compareKey(col, int(a), int(b), o); c != 0 {
			return c
		}
	}
	if s.call.Distinct {
		return s.compareValues(a, b)
	}
	return 0
}

func (s *sortedAgg) compareValues(a, b uint32) int {
	for i, t := range s.ts {
		if c := compareKey(&s.cols[i], int(a), int(b), AggOrder{Type: t}); c != 0 {
			return c
		}
	}
	return 0
}

// compareKey compares two values of a column as one sort key does.
func compareKey(col *vec.Vec, i, j int, o AggOrder) int {
	if in, jn := col.IsNull(i), col.IsNull(j); in || jn {
		switch {
		case in && jn:
			return 0
		case in == o.NullsFirst:
			return -1
		}
		return 1
	}
	c := vec.Compare(col, i, col, j, o.Type)
	if o.Desc {
		return -c
	}
	return c
}

func (s *sortedAgg) clear([]uint32) {}

func (s *sortedAgg) bytes() int64 {
	n := s.acc.Bytes() + int64(4*cap(s.groups)+8*cap(s.w)+4*cap(s.perm)+4*cap(s.start))
	for i := range s.cols {
		n += state.VecBytes(&s.cols[i])
	}
	return n
}
