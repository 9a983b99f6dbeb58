package engine

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// tempTable is a temporary table of a session: its rows live in memory and are
// changed when the transaction commits, without the log.
type tempTable struct {
	def      *catalog.Relation
	writer   *rel.Writer
	rows     *rel.Relation
	onCommit byte // 'p' keep, 'd' delete the rows
}

// tempRows gives the rows of a temporary table, nil when oid is none.
func (s *Session) tempRows(oid OID) *rel.Relation {
	if t := s.temp[oid]; t != nil {
		return t.rows
	}
	return nil
}
