package exec

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The tables of a DeltaJoin's state: 0 is the keys, with their first rows; 1 and 2
// the rows of the sides.

// Save implements Stateful.
func (j *DeltaJoin) Save(w state.PageWriter) error {
	if err := j.keys.Save(w, 0, joinHeads{j}); err != nil {
		return err
	}
	for p := range j.sides {
		if rows := j.sides[p].rows; rows != nil {
			if err := rows.Save(w, uint32(p+1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// SaveAll implements Stateful.
func (j *DeltaJoin) SaveAll() {
	j.keys.SaveAll()
	for p := range j.sides {
		if rows := j.sides[p].rows; rows != nil {
			rows.SaveAll()
		}
	}
}

// LoadPage implements Stateful.
func (j *DeltaJoin) LoadPage(table, page uint32, data []byte) error {
	switch {
	case table == 0:
		return j.keys.LoadPage(page, data, joinHeads{j})
	case table <= 2 && j.sides[table-1].rows != nil:
		return j.sides[table-1].rows.LoadPage(page, data)
	}
	return errUnknownTable
}

var errUnknownTable = pgerr.New(pgerr.DataCorrupted, "damaged state of a view: it holds an unknown table")

// Loaded implements Stateful.
func (j *DeltaJoin) Loaded() error {
	if err := j.keys.Loaded(); err != nil {
		return err
	}
	for p := range j.sides {
		s := &j.sides[p]
		if s.rows == nil {
			continue
		}
		if err := s.rows.Loaded(); err != nil {
			return err
		}
		if s.times != nil {
			s.times.Clear()
			s.rows.Each(func(slot uint32) {
				if at, ok := j.expiry(s, slot); ok {
					s.times.Add(slot, at)
				}
			})
		}
	}
	return nil
}

// Kept implements Stateful.
func (j *DeltaJoin) Kept() int {
	n := 0
	for p := range j.sides {
		if rows := j.sides[p].rows; rows != nil {
			n += rows.Len()
		} else {
			n += j.keys.Len()
		}
	}
	return n
}

// Bytes implements Stateful.
func (j *DeltaJoin) Bytes() int64 {
	n := j.keys.Bytes()
	for p := range j.sides {
		s := &j.sides[p]
		if s.rows != nil {
			n += s.rows.Bytes()
		}
		if s.times != nil {
			n += s.times.Bytes()
		}
	}
	return n
}

// joinHeads saves, with a key, its first row on each side.
type joinHeads struct{ *DeltaJoin }

// Kinds implements state.Extra.
func (x joinHeads) Kinds() []types.Kind { return []types.Kind{types.Int, types.Int} }

// Save implements state.Extra.
func (x joinHeads) Save(slots []uint32, out []vec.Vec) {
	for p := range x.sides {
		if rows := x.sides[p].rows; rows != nil {
			rows.SaveHeads(slots, &out[p])
		} else {
			out[p].Reset(types.Int, len(slots))
			clear(out[p].Ints)
		}
	}
}

// Load implements state.Extra.
func (x joinHeads) Load(slots []uint32, in []vec.Vec) error {
	for p := range x.sides {
		if rows := x.sides[p].rows; rows != nil {
			if err := rows.LoadHeads(slots, &in[p]); err != nil {
				return err
			}
		}
	}
	return nil
}
