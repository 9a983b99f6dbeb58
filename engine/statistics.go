package engine

import (
	"sync/atomic"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/planner/rules"
	"github.com/streamsqld/streamsqld/sql/types"
)

// statistics are what the planner may know of the data in a version.
type statistics struct {
	e   *Engine
	v   *Version
	cat *catalog.Snapshot
	env *funcs.Env
	// shares are what conditions have been found to let through.
	shares map[string]float64
}

// virtualRows is what system relations are taken to hold.
const virtualRows = 500

// Rows implements rules.Stats.
func (s *statistics) Rows(oid OID) float64 {
	st := s.v.relation(oid)
	switch {
	case st == nil:
		return virtualRows
	case st.rows != nil:
		return float64(st.rows.Rows())
	case st.view != nil:
		return float64(st.view.Rows())
	}
	return 0
}

// Column implements rules.Stats.
func (s *statistics) Column(oid OID, attr int16) (rules.ColumnStats, bool) {
	st := s.v.relation(oid)
	def := s.cat.RelationByOID(oid)
	if st == nil || st.rows == nil || def == nil || attr <= 0 || int(attr) > len(def.Columns) {
		return rules.ColumnStats{}, false
	}
	all, err := st.rows.Stats()
	slot := def.Columns[attr-1].Slot
	if err != nil || slot >= len(all.Cols) {
		return rules.ColumnStats{}, false
	}
	c := &all.Cols[slot]
	out := rules.ColumnStats{Distinct: c.Distinct, NullFrac: c.NullShare}
	if c.Known {
		out.Min, out.Max = c.Min, c.Max
	}
	return out, c.Distinct > 0 || out.Min.Kind() != types.KindNone
}

// totals count what the database has done since it was opened.
type totals struct {
	commits, rollbacks, deadlocks     atomic.Int64
	inserted, updated, deleted, reads atomic.Int64
	sessions                          atomic.Int64
}
