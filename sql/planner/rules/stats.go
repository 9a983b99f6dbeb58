package rules

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Stats is what the rules ask about stored data.
type Stats interface {
	// Rows is the number of rows of a relation.
	Rows(rel catalog.OID) float64
	// Column gives what is known of a column; ok is false when nothing is.
	Column(rel catalog.OID, attr int16) (c ColumnStats, ok bool)
}

// Sampler are Stats that can try conditions on some of a relation's rows.
type Sampler interface {
	// Share gives the fraction of rows for which all of preds are true, which read
	// columns cols of the relation, being its attributes attrs; ok is false when it is
	// not known.
	Share(rel catalog.OID, cols []plan.ColID, attrs []int16, preds []plan.Expr) (share float64, ok bool)
}

// ColumnStats are the statistics of a stored column.
type ColumnStats struct {
	Distinct float64 // number of distinct values
	NullFrac float64
	Min, Max types.Datum // NULL when not known
}
