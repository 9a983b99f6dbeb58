package state

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Side keeps the rows of one input of a join, listed by owner: the slot of their
// key in a table that both inputs share.
//
// D1: rows of one owner and image are one row with a weight, unless rows only
// come: then each has a slot of its own, and no index is kept.
//
// D2: the order of an owner's rows, newest first, is part of the state: it decides
// the order of what a join emits. So a row's successor is saved with it.
type Side struct {
	tab    *Table // owner, columns; weight, hits
	chains Chains
	ncol   int
	grows  bool // rows only come

	own   vec.Vec
	keys  []vec.Vec
	slots []uint32
	from  []int32
}

// NewSide makes an empty side of rows of columns of types ts. grows says that
// rows only come, hits that the user keeps a number per row.
func NewSide(ts []*types.Type, grows, hits bool) *Side {
	cols := append(append([]*types.Type{types.TInt8}, ts...), types.TInt8)
	if hits {
		cols = append(cols, types.TInt8)
	}
	return &Side{tab: NewTable(cols, len(ts)+1, Image), ncol: len(ts), grows: grows, keys: make([]vec.Vec, len(ts)+1)}
}

// Weights are the rows' weights by slot, Hits what the user keeps per row.
func (s *Side) Weights() []int64 { return s.tab.Cols[s.ncol+1].Ints }

// Hits are numbers that the user of the side keeps per row, 0 in a new one. Who
// changes one calls Touch.
func (s *Side) Hits() []int64 {
	if len(s.tab.Cols) == s.ncol+2 {
		return nil
	}
	return s.tab.Cols[s.ncol+2].Ints
}

// Touch marks a row as changed.
func (s *Side) Touch(slot uint32) { s.tab.Touch(slot) }

// Columns are the rows' columns by slot.
func (s *Side) Columns() []vec.Vec { return s.tab.Cols[1 : s.ncol+1] }

// Owner is the owner of a row.
func (s *Side) Owner(slot uint32) uint32 { return uint32(s.tab.Cols[0].Ints[slot]) }

// Live tells whether a slot is in use.
func (s *Side) Live(slot uint32) bool { return s.tab.Live(slot) }

// First gives the first row of an owner, None when it has none; Next the one
// behind a row.
func (s *Side) First(owner uint32) uint32 { return s.chains.First(owner) }

// Next gives the row behind a row, None when it is the last.
func (s *Side) Next(slot uint32) uint32 { return s.chains.Next(slot) }

// Each calls fn for every row, in slot order.
func (s *Side) Each(fn func(slot uint32)) { s.tab.Each(fn) }

// Len is the number of rows.
func (s *Side) Len() int { return s.tab.Len() }

// Add adds row i of cols to owner owners[i], w[i] times (nil: once). It gives the
// rows' slots, and which of them are new, from which row. All are lent until the
// next call. Rows whose weight has become 0 stay until Sweep.
func (s *Side) Add(owners []uint32, cols []vec.Vec, w []int64) (slots, fresh []uint32, from []int32) {
	n := len(owners)
	s.own.Reset(types.Int, n)
	for i, o := range owners {
		s.own.Ints[i] = int64(o)
	}
	s.keys[0] = s.own
	copy(s.keys[1:], cols)
	if cap(s.slots) < n {
		s.slots = make([]uint32, n)
	}
	slots = s.slots[:n]
	if s.grows {
		fresh, from = slots, s.append(slots)
	} else {
		fresh, from = s.tab.Groups(s.keys, n, slots)
	}
	weights, hits := s.Weights(), s.Hits()
	for i, slot := range fresh {
		weights[slot] = 0
		if hits != nil {
			hits[slot] = 0
		}
		s.chains.Add(owners[from[i]], slot)
	}
	for i, slot := range slots {
		d := int64(1)
		if w != nil {
			d = w[i]
		}
		weights[slot] += d
	}
	s.tab.TouchAll(slots)
	return slots, fresh, from
}

// append makes a slot for every row.
func (s *Side) append(slots []uint32) []int32 {
	for len(s.from) < len(slots) {
		s.from = append(s.from, int32(len(s.from)))
	}
	for i := range slots {
		slots[i] = s.tab.Alloc()
	}
	from := s.from[:len(slots)]
	for c := range s.keys {
		s.tab.setColumn(c, slots, &s.keys[c], from)
	}
	return from
}

// Remove forgets a row.
func (s *Side) Remove(slot uint32) {
	if before := s.chains.Remove(s.Owner(slot), slot); before != None {
		s.tab.Touch(before)
	}
	if s.grows {
		s.tab.Rows.Free(slot)
	} else {
		s.tab.Free(slot)
	}
}

// Drop forgets the head of an owner that goes; it has no rows.
func (s *Side) Drop(owner uint32) { s.chains.Drop(owner) }

// Bytes is the memory in use.
func (s *Side) Bytes() int64 { return s.tab.Bytes() + s.chains.Bytes() }

// Save writes the pages that have changed.
func (s *Side) Save(w PageWriter, table uint32) error { return s.tab.Save(w, table, sideExtra{s}) }

// SaveAll makes the next Save write every page.
func (s *Side) SaveAll() { s.tab.SaveAll() }

// LoadPage takes back a page.
func (s *Side) LoadPage(page uint32, data []byte) error {
	return s.tab.LoadPage(page, data, sideExtra{s})
}

// Loaded is called when all pages have been loaded, with the owners' first rows
// (Heads): it builds what is not saved.
func (s *Side) Loaded() error {
	if !s.grows {
		if err := s.tab.Loaded(); err != nil {
			return err
		}
	}
	clear(s.chains.prev)
	bad := false
	s.tab.Each(func(slot uint32) {
		if next := s.chains.Next(slot); next != None {
			bad = bad || !s.tab.Live(next) || s.Owner(next) != s.Owner(slot) || s.chains.prev[next] != 0
			if !bad {
				s.chains.prev[next] = slot + 1
			}
		}
	})
	if bad {
		return errLinks
	}
	return nil
}

// SaveHeads writes the first rows of owners, LoadHeads takes them back: they are
// saved with the owners.
func (s *Side) SaveHeads(owners []uint32, out *vec.Vec) {
	for _, o := range owners {
		out.Ints = append(out.Ints, int64(s.First(o)+1))
	}
}

// LoadHeads takes back what SaveHeads wrote.
func (s *Side) LoadHeads(owners []uint32, in *vec.Vec) error {
	for i, o := range owners {
		if in.Ints[i] < 0 || in.Ints[i] >= 1<<31 {
			return errLinks
		}
		if int(o) >= len(s.chains.head) {
			s.chains.head = growSlice(s.chains.head, roomFor(int(o)+1, len(s.chains.head)))
		}
		s.chains.head[o] = uint32(in.Ints[i])
	}
	return nil
}

var errLinks = pgerr.New(pgerr.DataCorrupted, "damaged state of a view: a join's rows are linked wrongly")

// sideExtra saves the successors.
type sideExtra struct{ *Side }

// Kinds implements Extra.
func (x sideExtra) Kinds() []types.Kind { return []types.Kind{types.Int} }

// Save implements Extra.
func (x sideExtra) Save(slots []uint32, out []vec.Vec) {
	for _, s := range slots {
		out[0].Ints = append(out[0].Ints, int64(x.chains.next[s]))
	}
}

// Load implements Extra.
func (x sideExtra) Load(slots []uint32, in []vec.Vec) error {
	for i, s := range slots {
		x.chains.fit(0, s)
		if next := in[0].Ints[i]; next < 0 || next >= 1<<31 {
			return errLinks
		}
		x.chains.next[s] = uint32(in[0].Ints[i])
	}
	return nil
}
