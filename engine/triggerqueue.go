package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// triggerLevel is what the triggers of one statement are told of, with those of the
// referential actions it causes.
type triggerLevel struct {
	events []triggerCall
	// begun are the tables whose BEFORE STATEMENT triggers have run; rows are those of the
	// transition tables.
	begun map[statementEvent]bool
	rows  map[statementEvent]*transitionRows
}

// statementEvent is a kind of change of a relation.
type statementEvent struct {
	rel   OID
	event int16
}

// transitionRows are the rows that the statements of a level have changed in one way.
type transitionRows struct{ old, new []*vec.Batch }

// level gives the level of the statement that runs.
func (s *Session) level() *triggerLevel {
	if s.afterLevel == nil {
		s.afterLevel = &triggerLevel{}
	}
	return s.afterLevel
}

// ownLevel gives a statement a level of its own, behind which it puts back the outer one;
// that of a referential action is the one of what has caused it.
func (s *Session) ownLevel() (outer *triggerLevel, own bool) {
	if s.cascading {
		return nil, false
	}
	outer = s.afterLevel
	s.afterLevel = nil
	return outer, true
}

// fireAfter runs the AFTER triggers that have been queued.
func (s *Session) fireAfter(ctx context.Context) error {
	l := s.afterLevel
	if l == nil {
		return nil
	}
	for i := 0; i < len(l.events); i++ {
		c := l.events[i]
		l.events[i] = triggerCall{}
		if c.t == nil { // another statement of the level has queued it again
			continue
		}
		c.level = l
		if _, err := c.ts.call(ctx, &c); err != nil {
			return err
		}
	}
	l.events = nil
	return nil
}

// afterRows queues the AFTER ROW triggers for rows, and keeps the rows for transition
// tables.
func (ts *triggerSet) afterRows(ctx context.Context, event int16, assigned []int16, before, after *vec.Batch) error {
	if ts == nil {
		return nil
	}
	ts.keepRows(event, before, after)
	if !ts.has(ast.TriggerRow, event) {
		return nil
	}
	l := ts.s.level()
	n := 0
	for _, b := range []*vec.Batch{before, after} {
		if b != nil {
			n = b.N
		}
	}
	one := func(b *vec.Batch, i int) *vec.Batch {
		if b == nil || b.N == 1 && b.Sel == nil {
			return b
		}
		return oneRow(b, i)
	}
	for i := range n {
		was, is := one(before, i), one(after, i)
		for _, t := range ts.list {
			if !ts.wants(t, ast.TriggerRow, event, assigned) {
				continue
			}
			ok, err := ts.holds(ctx, t, was, is)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			c := triggerCall{ts: ts, t: t, event: event, old: was, new: is}
			if con := t.AsConstraint(); con != nil && ts.s.tx.deferral.modes.deferred(con) {
				ts.s.tx.deferral.queue = append(ts.s.tx.deferral.queue, pendingCheck{kind: deferredCall, con: con.OID, rel: ts.rel.OID, call: &c})
				continue
			}
			l.events = append(l.events, c)
		}
	}
	return nil
}

// keepRows keeps rows for the transition tables of the event, if a trigger has some.
func (ts *triggerSet) keepRows(event int16, before, after *vec.Batch) {
	if !ts.keeps(event) {
		return
	}
	l, key := ts.s.level(), statementEvent{ts.rel.OID, event}
	if l.rows == nil {
		l.rows = map[statementEvent]*transitionRows{}
	}
	r := l.rows[key]
	if r == nil {
		r = &transitionRows{}
		l.rows[key] = r
	}
	if before != nil {
		r.old = append(r.old, before)
	}
	if after != nil {
		r.new = append(r.new, after)
	}
}

// afterStatement queues the AFTER STATEMENT triggers for an event. Where several
// statements of a level change a table they run once, behind the last.
func (ts *triggerSet) afterStatement(ctx context.Context, event int16, assigned []int16) error {
	if !ts.has(0, event) {
		return nil
	}
	l := ts.s.level()
	for _, t := range ts.list {
		if !ts.wants(t, 0, event, assigned) {
			continue
		}
		for i := range l.events {
			if c := &l.events[i]; c.t == t && c.event == event {
				*c = triggerCall{}
			}
		}
		ok, err := ts.holds(ctx, t, nil, nil)
		if err != nil {
			return err
		}
		if ok {
			l.events = append(l.events, triggerCall{ts: ts, t: t, event: event})
		}
	}
	return nil
}

// tableChange is an event of a statement, with the columns it assigns.
type tableChange struct {
	event    int16
	assigned []int16
}

// events lists what the statement may do, in the order of its BEFORE STATEMENT triggers.
func (md *modification) events() []tableChange {
	m := md.m
	switch m.Kind {
	case planner.InsertRows:
		list := []tableChange{{event: ast.TriggerInsert}}
		if m.Conflict != nil && m.Conflict.Update {
			list = append(list, tableChange{ast.TriggerUpdate, m.Conflict.Changed})
		}
		return list
	case planner.UpdateRows:
		return []tableChange{{ast.TriggerUpdate, m.Changed}}
	case planner.DeleteRows:
		return []tableChange{{event: ast.TriggerDelete}}
	}
	var out []tableChange
	for _, kind := range []planner.ModifyKind{planner.InsertRows, planner.UpdateRows, planner.DeleteRows} {
		c := tableChange{event: map[planner.ModifyKind]int16{
			planner.InsertRows: ast.TriggerInsert, planner.UpdateRows: ast.TriggerUpdate, planner.DeleteRows: ast.TriggerDelete}[kind]}
		found := false
		for i := range m.Merge.Actions {
			if a := &m.Merge.Actions[i]; a.Kind == kind {
				found = true
				c.assigned = append(c.assigned, a.Changed...)
			}
		}
		if found {
			out = append(out, c)
		}
	}
	return out
}

// aroundStatement runs the triggers of the statement as a whole around fn, which changes
// the rows.
func (md *modification) aroundStatement(ctx context.Context, fn func() error) error {
	list := md.events()
	if err := md.look(); err != nil { // the statement does not see what its triggers do
		return err
	}
	for _, c := range list {
		if err := md.triggers.beforeStatement(ctx, c.event, c.assigned); err != nil {
			return err
		}
	}
	if err := fn(); err != nil {
		return err
	}
	for i := len(list) - 1; i >= 0; i-- {
		if err := md.triggers.afterStatement(ctx, list[i].event, list[i].assigned); err != nil {
			return err
		}
	}
	return nil
}

// aroundRoot is aroundStatement for the table that the statement names, which rel is only a
// partition or child of.
func (md *modification) aroundRoot(ctx context.Context, fn func() error) error {
	root := md.m.Root
	ts, err := md.s.triggers(root, md.s.e.def(root, md.s.tx.catalog()).layout)
	if err != nil {
		return err
	}
	if ts == nil {
		return fn()
	}
	if err := md.look(); err != nil {
		return err
	}
	m := *md.m
	m.Changed = mapAttrs(md.rel, root, m.Changed)
	x := &modification{s: md.s, m: &m, rel: root, read: md.read, triggers: ts}
	for _, c := range x.events() {
		if ts.keeps(c.event) {
			return pgerr.NotSupported("changing the children of table \"%s\", which has a trigger with transition tables, along with it", root.Name)
		}
	}
	return x.aroundStatement(ctx, fn)
}

// insertEach inserts rows one by one, as BEFORE ROW triggers want it.
func (md *modification) insertEach(ctx context.Context, b *vec.Batch) error {
	md.triggers.stays = md.stays
	for i := range b.N {
		row, err := md.triggers.beforeRow(ctx, ast.TriggerInsert, nil, nil, oneRow(b, i))
		if err != nil {
			return err
		}
		if row == nil {
			continue
		}
		if err := md.insertChecked(ctx, row); err != nil {
			return err
		}
	}
	return nil
}

// updateEach updates rows that are locked one by one, as BEFORE ROW triggers want it.
func (md *modification) updateEach(ctx context.Context, r *changedRows, assigned []int16, checks []compiledCheck) error {
	for i := range r.ids {
		one := r.row(i)
		if err := md.untouched(one, "updated"); err != nil {
			return err
		}
		row, err := md.triggers.beforeRow(ctx, ast.TriggerUpdate, assigned, one.old, one.new)
		if err != nil {
			return err
		}
		if row == nil {
			continue
		}
		one.new = row
		if err := md.untouched(one, "updated"); err != nil {
			return err
		}
		if _, err := md.lockOld(ctx, one.ids, md.changeMode(one, md.uniques)); err != nil {
			return err
		}
		if one, err = md.leaveForOthers(ctx, one); err != nil {
			return err
		}
		if len(one.ids) == 0 {
			continue
		}
		if err := md.checkRows(ctx, one.new, checks); err != nil {
			return err
		}
		if err := md.replace(ctx, one, md.uniques); err != nil {
			return err
		}
	}
	return nil
}

// deleteEach deletes rows that are locked one by one, as BEFORE ROW triggers want it.
func (md *modification) deleteEach(ctx context.Context, r *changedRows) error {
	all := &changedRows{ids: r.ids, old: r.old, new: r.old, extra: r.extra}
	for i := range all.ids {
		one := all.row(i)
		one.new = nil
		row, err := md.triggers.beforeRow(ctx, ast.TriggerDelete, nil, one.old, nil)
		if err != nil {
			return err
		}
		if row == nil {
			continue
		}
		if err := md.drop(ctx, one); err != nil {
			return err
		}
	}
	return nil
}
