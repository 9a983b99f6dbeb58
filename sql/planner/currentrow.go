package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// CursorRow tells which rows of a relation a cursor's rows are: Col holds their
// ids. The columns stand behind those of the result.
type CursorRow struct {
	Rel catalog.OID
	Col plan.ColID
}

// cursorRows finds the relations whose rows WHERE CURRENT OF can tell from the
// query's: those it locks, or the one table that it reads as it is. PostgreSQL
// looks at the plan and finds a scan; it finds none under a sort.
func (a *assembly) cursorRows(s *ast.Select, locks *plan.LockRows) {
	b, q := a.b, a.q
	if !b.RowIDs || q.parent != nil || q.scope.parent != nil || b.viewDepth > 0 {
		return
	}
	if locks != nil {
		for _, l := range locks.Rels {
			if l.TableOID >= 0 {
				continue // whose rows these are is told by another column
			}
			b.cursor = append(b.cursor, CursorRow{l.Scan.Rel.OID, l.RowID})
		}
		return
	}
	if len(s.From) != 1 || len(q.scope.items) != 1 || q.grouped || a.distinct || len(q.wins) > 0 || len(q.sets) > 0 || len(s.OrderBy) > 0 {
		return
	}
	if _, ok := s.From[0].(*ast.TableRef); !ok {
		return
	}
	it := q.scope.items[0]
	if it.scan == nil || it.scan.Rel.Kind != catalog.Table {
		return
	}
	b.cursor = []CursorRow{{it.scan.Rel.OID, b.rowID(it)}}
	a.rowIDs = true
}
