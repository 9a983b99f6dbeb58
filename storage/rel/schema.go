package rel

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// Column is a column slot. Slots are never used again: a dropped column keeps
// its place.
type Column struct {
	Kind types.Kind
	// Missing is the value of rows that were stored before the column was added;
	// the zero Datum is NULL.
	Missing types.Datum
	// Dropped columns take part in batches with whatever values, which need not
	// be kept.
	Dropped bool
}

// Index is an index slot. Slots are never used again either.
type Index struct {
	// Dropped indexes take no keys.
	Dropped bool
	// Building indexes take keys, but rows that are older than the index have
	// none yet: look-ups miss them.
	Building bool
	// From is the id of the first row that has brought a key of its own.
	From uint64
}

// Schema is what storage knows of a relation's definition. It is immutable:
// versions share it.
type Schema struct {
	Cols    []Column
	Indexes []Index
}

// kinds gives the kind of each slot, KindNone for dropped ones.
func (s *Schema) kinds() []types.Kind {
	out := make([]types.Kind, len(s.Cols))
	for i, c := range s.Cols {
		if !c.Dropped {
			out[i] = c.Kind
		}
	}
	return out
}
