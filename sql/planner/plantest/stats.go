package plantest

import (
	"math"

	"github.com/streamsqld/streamsqld/sql/planner/rules"
	"github.com/streamsqld/streamsqld/sql/types"
)

// columnKey tells what the statistics of a column were made of.
type columnKey struct {
	rel  OID
	attr int16
	rows int
}

// counted are the statistics of the rows there are.
type counted struct{ d *DB }

// Rows implements rules.Stats.
func (c counted) Rows(rel OID) float64 { return float64(len(c.d.rows[rel])) }

// Column implements rules.Stats.
func (c counted) Column(rel OID, attr int16) (rules.ColumnStats, bool) {
	r := c.d.snap.RelationByOID(rel)
	rows := c.d.rows[rel]
	if r == nil || attr <= 0 || len(rows) == 0 {
		return rules.ColumnStats{}, false
	}
	key := columnKey{rel, attr, len(rows)}
	if st, ok := c.d.cols[key]; ok {
		return st, true
	}
	t := r.Columns[attr-1].Type
	seen := map[string]bool{}
	st := rules.ColumnStats{}
	for _, row := range rows {
		v := row[attr-1]
		if v.IsNull() {
			st.NullFrac += 1 / float64(len(rows))
			continue
		}
		seen[t.Text(types.DefaultEnv, v)] = true
		if st.Min.IsNull() || t.Compare(v, st.Min) < 0 {
			st.Min = v
		}
		if st.Max.IsNull() || t.Compare(v, st.Max) > 0 {
			st.Max = v
		}
	}
	st.Distinct = math.Max(1, float64(len(seen)))
	c.d.cols[key] = st
	return st, true
}
