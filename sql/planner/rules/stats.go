package rules

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Stats is what the rules ask about stored data.
type Stats interface {
	// Rows is the number of rows of a relation.
	Rows(rel catalog.OID) float64
	// Column gives what is known of a column; ok is false when nothing is.
	Column(rel catalog.OID, attr int16) (c ColumnStats, ok bool)
}

// ColumnStats are the statistics of a stored column.
type ColumnStats struct {
	Distinct float64 // number of distinct values
	NullFrac float64
	Min, Max types.Datum // NULL when not known
}
