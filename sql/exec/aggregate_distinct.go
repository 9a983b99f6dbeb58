package exec

import (
	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// distinctAcc feeds an accumulator the distinct arguments of each group. It
// counts how often each is there; what the accumulator sees are the comings
// (0 → 1) and, under removals, goings (1 → 0), always in the image that came
// first.
type distinctAcc struct {
	call *AggCall
	acc  funcs.Acc
	tab  *state.Table // group, arguments; how often
	// chains lists the values of each group, where groups may be forgotten.
	chains *state.Chains

	keys  []vec.Vec
	grp   vec.Vec
	slots []uint32
	moved []uint32 // slots whose presence changed, in order
	dir   []int64
}

func newDistinctAcc(c *AggCall, acc funcs.Acc, forgets bool) *distinctAcc {
	ts := append([]*types.Type{types.TInt8}, c.ArgTypes...)
	s := &distinctAcc{call: c, acc: acc, tab: state.NewTable(append(ts, types.TInt8), len(ts), state.SQL)}
	s.keys = make([]vec.Vec, len(ts))
	if forgets {
		s.chains = &state.Chains{}
	}
	return s
}

func (s *distinctAcc) grow(n int) { s.acc.Grow(n) }

func (s *distinctAcc) counts() []int64 { return s.tab.Cols[len(s.keys)].Ints }

func (s *distinctAcc) add(in *aggInput) {
	rows, groups, w := in.pick(s.call.Filter, -1)
	n := len(groups)
	if n == 0 {
		return
	}
	s.grp.Reset(types.Int, n)
	for i, g := range groups {
		s.grp.Ints[i] = int64(g)
	}
	s.keys[0] = s.grp
	for i, c := range in.columns(s.call.Args, rows) {
		s.keys[i+1] = *c
	}
	if cap(s.slots) < n {
		s.slots = make([]uint32, n)
	}
	slots := s.slots[:n]
	fresh, from := s.tab.Groups(s.keys, n, slots)
	for i, slot := range fresh {
		s.counts()[slot] = 0
		if s.chains != nil {
			s.chains.Add(groups[from[i]], slot)
		}
	}
	s.move(slots, w)
	if len(s.moved) > 0 {
		s.feed(in)
	}
	s.sweep(slots, w)
}

// move changes the counts and notes which values came and went.
func (s *distinctAcc) move(slots []uint32, w []int64) {
	s.moved, s.dir = s.moved[:0], s.dir[:0]
	counts := s.counts()
	for i, slot := range slots {
		d := int64(1)
		if w != nil {
			d = w[i]
		}
		before := counts[slot] > 0
		counts[slot] += d
		if after := counts[slot] > 0; after != before {
			dir := int64(1)
			if before {
				dir = -1
			}
			s.moved, s.dir = append(s.moved, slot), append(s.dir, dir)
		}
	}
	s.tab.TouchAll(slots)
}

// feed tells the accumulator of the values that came and went.
func (s *distinctAcc) feed(in *aggInput) {
	args := make([]*vec.Vec, len(s.call.Args))
	for i := range args {
		args[i] = &vec.Vec{}
		s.tab.GatherColumn(args[i], i+1, s.moved)
	}
	groups := make([]uint32, len(s.moved))
	for i, slot := range s.moved {
		groups[i] = uint32(s.tab.Cols[0].Ints[slot])
	}
	s.acc.Add(&in.ctx, groups, args, s.dir)
	in.report(s.dir)
}

// sweep removes the values that are there no more.
func (s *distinctAcc) sweep(slots []uint32, w []int64) {
	if w == nil {
		return
	}
	counts := s.counts()
	for _, slot := range slots {
		if counts[slot] != 0 || !s.tab.Live(slot) {
			continue
		}
		if s.chains != nil {
			s.chains.Remove(uint32(s.tab.Cols[0].Ints[slot]), slot)
		}
		s.tab.Free(slot)
	}
}

func (s *distinctAcc) result(c *funcs.Ctx, groups []uint32, out *vec.Vec) {
	s.acc.Result(c, groups, out)
}

// clear forgets groups. Values that are left belong to groups whose time has
// passed; a group that lost its rows has lost its values before.
func (s *distinctAcc) clear(groups []uint32) {
	s.acc.Clear(groups)
	if s.chains == nil {
		return
	}
	for _, g := range groups {
		for slot := s.chains.First(g); slot != state.None; {
			next := s.chains.Next(slot)
			s.tab.Free(slot)
			slot = next
		}
		s.chains.Drop(g)
	}
}

func (s *distinctAcc) bytes() int64 {
	n := s.acc.Bytes() + s.tab.Bytes()
	if s.chains != nil {
		n += s.chains.Bytes()
	}
	return n
}
