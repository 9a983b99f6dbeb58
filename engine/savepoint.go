package engine

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// savepoint is what ROLLBACK TO goes back to.
type savepoint struct {
	name            string
	edit            int
	settings        int
	notes, atCommit int
	matviews        int
	locks           int
	pending         int // checks put off
	modes           constraintModes
	readOnly        bool
	writes          map[OID]writesMark
}

// savepoint, release and rollbackTo are the statements of that name.
func (t *tx) savepoint(name string) {
	sp := savepoint{
		name: name, settings: t.s.settings.Mark(), notes: len(t.notes), atCommit: len(t.atCommit), matviews: len(t.matviews),
		locks: t.s.e.locks.mark(&t.s.locker), pending: len(t.deferral.queue), modes: t.deferral.modes, readOnly: t.readOnly,
		writes: map[OID]writesMark{},
	}
	if t.edit != nil {
		sp.edit = t.edit.Mark()
	}
	for oid, w := range t.writes {
		sp.writes[oid] = w.mark()
	}
	t.saves = append(t.saves, sp)
}

func (t *tx) findSavepoint(name string) (int, error) {
	for i := len(t.saves) - 1; i >= 0; i-- {
		if t.saves[i].name == name {
			return i, nil
		}
	}
	return 0, pgerr.New(pgerr.SEInvalidSpecification, "savepoint \"%s\" does not exist", name)
}

func (t *tx) release(name string) error {
	i, err := t.findSavepoint(name)
	if err != nil {
		return err
	}
	t.setReadOnly(t.saves[i].readOnly)
	t.saves = t.saves[:i]
	for _, pt := range t.s.portals {
		pt.depth = min(pt.depth, i)
	}
	return nil
}

// setReadOnly sets the transaction's mode. One set behind a savepoint ends with it,
// by RELEASE as by ROLLBACK TO.
func (t *tx) setReadOnly(on bool) {
	t.readOnly = on
	t.s.settings.Assign("transaction_read_only", onOff(on))
}

func (t *tx) rollbackTo(name string) error {
	i, err := t.findSavepoint(name)
	if err != nil {
		return err
	}
	t.s.closeSince(i)
	sp := &t.saves[i]
	if t.edit != nil {
		t.edits++
		if err := t.edit.Rollback(sp.edit); err != nil {
			return err
		}
	}
	for oid := range t.writes {
		m, ok := sp.writes[oid]
		if !ok {
			delete(t.writes, oid)
			continue
		}
		if err := m.w.rollback(m); err != nil {
			return err
		}
		t.writes[oid] = m.w
	}
	t.order = slices.DeleteFunc(t.order, func(oid OID) bool { return t.writes[oid] == nil })
	t.s.e.locks.releaseSince(&t.s.locker, sp.locks)
	t.s.settings.Rollback(sp.settings)
	t.setReadOnly(sp.readOnly)
	t.notes, t.matviews, t.atCommit = t.notes[:sp.notes], t.matviews[:sp.matviews], t.atCommit[:sp.atCommit]
	t.deferral = deferral{modes: sp.modes, queue: t.deferral.queue[:min(sp.pending, len(t.deferral.queue))]}
	t.saves = t.saves[:i+1]
	t.failed = false
	t.s.settingsChanged()
	return nil
}

// releaseFailed gives back the locks of what an error has undone: all since the last
// savepoint. What was changed since then can only be rolled back.
func (t *tx) releaseFailed() {
	if n := len(t.saves); n > 0 {
		t.s.e.locks.releaseSince(&t.s.locker, t.saves[n-1].locks)
		return
	}
	t.s.e.locks.release(&t.s.locker)
}

// depth is how many savepoints there are.
func (s *Session) depth() int {
	if s.tx == nil {
		return 0
	}
	return len(s.tx.saves)
}

// closeSince closes the portals that were made after a savepoint, but not that of
// ROLLBACK TO itself. Those that were made before stay where they are, whatever was
// fetched since.
func (s *Session) closeSince(savepoint int) {
	for name, pt := range s.portals {
		if pt.depth <= savepoint {
			continue
		}
		if pt.p.st != nil {
			if _, itself := pt.p.st.Stmt.(*ast.Transaction); itself {
				continue
			}
		}
		s.dropPortal(name)
	}
}
