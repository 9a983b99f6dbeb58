package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// cursorIDs tells that a column of a cursor's rows holds ids of a relation's rows.
type cursorIDs struct {
	rel OID
	at  int
}

// follow notes where the cursor's rows have the ids of tables' rows.
func (c *cursor) follow(q *planner.Query, t *tx) {
	c.tx, c.marked = t, q.Locks
	at := map[int]int{}
	for i, id := range q.Root.Out() {
		at[int(id)] = i
	}
	for _, r := range q.Rows {
		c.ids = append(c.ids, cursorIDs{r.Rel, at[int(r.Col)]})
	}
}

// currentID finds the id of the row of a table that a cursor is on
// (execCurrentOf).
func (s *Session) currentID(name string, r *catalog.Relation) (uint64, error) {
	wrong := func(format string, args ...any) (uint64, error) {
		return 0, pgerr.New(pgerr.InvalidCursorState, format, args...)
	}
	pt := s.portals[name]
	switch {
	case pt == nil:
		return 0, pgerr.New(pgerr.InvalidCursorName, "cursor \"%s\" does not exist", name)
	case pt.cursor == nil:
		return wrong("cursor \"%s\" is not a simply updatable scan of table \"%s\"", name, r.Name)
	case pt.cursor.tx != s.tx:
		return wrong("cursor \"%s\" is held from a previous transaction", name)
	}
	c := pt.cursor
	col, n := 0, 0
	for _, x := range c.ids {
		if x.rel == r.OID {
			col, n = x.at, n+1
		}
	}
	switch {
	case c.marked && n == 0:
		return wrong("cursor \"%s\" does not have a FOR UPDATE/SHARE reference to table \"%s\"", name, r.Name)
	case c.marked && n > 1:
		return wrong("cursor \"%s\" has multiple FOR UPDATE/SHARE references to table \"%s\"", name, r.Name)
	case n != 1:
		return wrong("cursor \"%s\" is not a simply updatable scan of table \"%s\"", name, r.Name)
	case c.here() == nil:
		return wrong("cursor \"%s\" is not positioned on a row", name)
	}
	b, i := c.row(c.pos)
	return uint64(b.Cols[col].Ints[b.Row(i)]), nil
}

// successor follows a row through the transaction's own updates; ok is false when
// the transaction has deleted it.
func (w *writes) successor(id uint64) (_ uint64, ok bool) {
	for w.isGone(id) {
		list := w.moves
		if id >= ownBase {
			list = w.ownMoves
		}
		i := len(list) - 1
		for i >= 0 && list[i].old != id {
			i--
		}
		if i < 0 {
			return 0, false
		}
		id = ownBase + list[i].row
	}
	return id, true
}

// current reads the row that a cursor is on, as it is now, and what the statement
// makes of it.
func (md *modification) current(ctx context.Context) ([]*changedRows, error) {
	id, err := md.s.currentID(md.m.CurrentOf, md.rel)
	if err != nil {
		return nil, err
	}
	id, ok := md.w.successor(id)
	if !ok {
		return nil, nil
	}
	r := &changedRows{ids: []uint64{id}, old: &vec.Batch{}}
	latest := md.s.latestRows(md.rel.OID)
	switch {
	case id >= ownBase:
		own, err := md.w.rows(md.s.e.env, md.s.tx.catalog())
		if err != nil {
			return nil, err
		}
		if _, err := own.Get([]uint64{id - ownBase}, md.w.layout.attrs, r.old); err != nil {
			return nil, err
		}
	case latest != nil && latest.Visible(id):
		if _, err := latest.Get([]uint64{id}, md.w.layout.attrs, r.old); err != nil {
			return nil, err
		}
	default:
		if md.s.tx.iso != readCommitted {
			return nil, errSerialize()
		}
		if r, err = md.newest(ctx, id, rowUpdate); err != nil || r == nil {
			return nil, err
		}
	}
	return md.requalify(ctx, r)
}
