package planner

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// lockName is how errors call a locking clause.
func lockName(s ast.LockStrength) string {
	return [...]string{ast.ForKeyShare: "FOR KEY SHARE", ast.ForShare: "FOR SHARE", ast.ForNoKeyUpdate: "FOR NO KEY UPDATE", ast.ForUpdate: "FOR UPDATE"}[s]
}

// bindLocking binds FOR UPDATE and its kin: the relations of FROM that are locked,
// each by its row id.
func (b *binder) bindLocking(s *ast.Select, q *query) (*plan.LockRows, error) {
	if len(s.Locking) == 0 {
		return nil, nil
	}
	lc := s.Locking[0]
	refuse := func(what string) error {
		return pgerr.New(pgerr.FeatureNotSupported, "%s is not allowed with %s", lockName(lc.Strength), what)
	}
	switch {
	case s.Distinct:
		return nil, refuse("DISTINCT clause")
	case len(s.GroupBy) > 0:
		return nil, refuse("GROUP BY clause")
	case s.Having != nil:
		return nil, refuse("HAVING clause")
	case q.grouped:
		return nil, refuse("aggregate functions")
	case len(q.wins) > 0:
		return nil, refuse("window functions")
	case len(q.sets) > 0:
		return nil, refuse("set-returning functions in the target list")
	}
	if b.View {
		return nil, pgerr.NotSupported("%s in a materialized view", lockName(lc.Strength)).At(lc.Pos)
	}
	out := &plan.LockRows{}
	for i := range s.Locking {
		if err := b.lockClause(&s.Locking[i], q, out); err != nil {
			return nil, err
		}
	}
	if len(out.Rels) == 0 {
		return nil, nil
	}
	b.locks = true
	return out, nil
}

func (b *binder) lockClause(lc *ast.LockingClause, q *query, out *plan.LockRows) error {
	out.NoWait, out.SkipLocked = out.NoWait || lc.NoWait, out.SkipLocked || lc.SkipLocked
	mode := map[ast.LockStrength]plan.LockMode{
		ast.ForKeyShare: plan.LockKeyShare, ast.ForShare: plan.LockShare, ast.ForNoKeyUpdate: plan.LockNoKeyUpdate, ast.ForUpdate: plan.LockUpdate,
	}[lc.Strength]
	if len(lc.Of) == 0 {
		for _, it := range q.scope.items {
			if err := b.lockItem(it, mode, out); err != nil {
				return pgerr.AtPos(err, lc.Pos)
			}
		}
		return nil
	}
	for _, n := range lc.Of {
		if n.Schema != "" {
			return pgerr.New(pgerr.SyntaxError, "%s must specify unqualified relation names", lockName(lc.Strength)).At(n.Pos)
		}
		found := false
		for _, it := range q.scope.items {
			if it.relVisible && it.alias == n.Object {
				found = true
				if err := b.lockItem(it, mode, out); err != nil {
					return pgerr.AtPos(err, lc.Pos)
				}
			}
		}
		if !found {
			return pgerr.New(pgerr.UndefinedTable, "relation \"%s\" in %s clause not found in FROM clause", n.Object, lockName(lc.Strength)).At(n.Pos)
		}
	}
	return nil
}

// lockItem adds a table's scan to the locked ones; other relations hold no rows
// that change.
func (b *binder) lockItem(it *item, mode plan.LockMode, out *plan.LockRows) error {
	if it.tree != nil {
		return b.lockTree(it, mode, out)
	}
	if it.scan == nil || it.rel.Kind != 'r' {
		return nil
	}
	for i := range out.Rels {
		if out.Rels[i].Scan == it.scan {
			out.Rels[i].Mode = max(out.Rels[i].Mode, mode)
			return nil
		}
	}
	if err := b.secureLocked(it); err != nil {
		return err
	}
	it.scan.Lock = mode
	out.Rels = append(out.Rels, plan.LockTarget{Scan: it.scan, RowID: b.rowID(it), TableOID: -1, Mode: mode})
	return nil
}

// lockTree is lockItem of a table whose rows others hold, too.
func (b *binder) lockTree(it *item, mode plan.LockMode, out *plan.LockRows) error {
	if err := b.noSecurity(&written{rel: it.rel}, "locking rows of"); err != nil {
		return err
	}
	id := b.treeRowID(it)
scans:
	for _, s := range it.tree.scans {
		s.Lock = max(s.Lock, mode)
		for i := range out.Rels {
			if out.Rels[i].Scan == s {
				out.Rels[i].Mode = max(out.Rels[i].Mode, mode)
				continue scans
			}
		}
		out.Rels = append(out.Rels, plan.LockTarget{Scan: s, RowID: id, TableOID: it.tree.oid, Mode: mode})
	}
	return nil
}

// nullableLock is the error for rows to be locked that an outer join may give NULLs in place
// of; nil: there are none. Joins that conditions have made inner ones are not outer ones.
func nullableLock(n plan.Node) error {
	var at func(n plan.Node, nullable bool) *plan.Scan
	at = func(n plan.Node, nullable bool) *plan.Scan {
		inside := [2]bool{nullable, nullable}
		switch x := n.(type) {
		case *plan.Scan:
			if nullable && x.Lock != plan.LockNone {
				return x
			}
		case *plan.LockRows: // its rows are locked before the join
			inside[0] = false
		case *plan.Join:
			inside[0] = nullable || x.Kind == plan.Right || x.Kind == plan.Full
			inside[1] = nullable || x.Kind == plan.Left || x.Kind == plan.Full
		}
		for i, in := range n.Inputs() {
			if s := at(in, inside[min(i, 1)]); s != nil {
				return s
			}
		}
		return nil
	}
	if s := at(n, false); s != nil {
		return pgerr.New(pgerr.FeatureNotSupported, "%s cannot be applied to the nullable side of an outer join", lockNames[s.Lock])
	}
	return nil
}

var lockNames = [...]string{plan.LockKeyShare: "FOR KEY SHARE", plan.LockShare: "FOR SHARE", plan.LockNoKeyUpdate: "FOR NO KEY UPDATE", plan.LockUpdate: "FOR UPDATE"}
