package engine

import (
	"context"
	"maps"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// deferral is when the transaction looks at its deferrable constraints, as SET
// CONSTRAINTS has said, and what it has not looked at yet.
type deferral struct {
	modes constraintModes
	queue []pendingCheck
}

// constraintModes tell which deferrable constraints are deferred, where SET
// CONSTRAINTS has said so. They are never changed, so that savepoints share them.
type constraintModes struct {
	all *bool
	by  map[OID]bool
}

// deferred tells whether a constraint is looked at when the transaction commits.
func (m constraintModes) deferred(c *catalog.Constraint) bool {
	if !c.Deferrable {
		return false
	}
	if on, ok := m.by[c.OID]; ok {
		return on
	}
	if m.all != nil {
		return *m.all
	}
	return c.Deferred
}

// checkKind is what of a constraint there is to look at.
type checkKind uint8

const (
	newChild     checkKind = iota // rows that have to find their parents
	oldParent                     // keys that may have lost their children
	newKey                        // keys that may be there twice
	deferredCall                  // a constraint trigger to be called
)

// pendingCheck is what one constraint has to look at: keys of rows of a relation,
// the constraint's columns in order.
type pendingCheck struct {
	kind checkKind
	con  OID
	rel  OID
	keys *vec.Batch
	call *triggerCall // of a deferredCall, which has no keys
}

// later puts a check off. Checks of the same kind become one, as long as no
// savepoint lies between them.
func (t *tx) later(p pendingCheck) {
	first := 0
	if n := len(t.saves); n > 0 {
		first = t.saves[n-1].staged.pending
	}
	if n := len(t.deferral.queue); n > first {
		if last := &t.deferral.queue[n-1]; last.kind == p.kind && last.con == p.con && last.rel == p.rel {
			last.keys.AppendBatch(p.keys)
			return
		}
	}
	t.deferral.queue = append(t.deferral.queue, p)
}

// keysOf takes the rows of b that sel names, and of them these columns. The rows
// are copied: a batch may not outlive its statement.
func keysOf(lay *layout, attrs []int16, b *vec.Batch, sel []int32) *vec.Batch {
	out := &vec.Batch{Cols: make([]vec.Vec, len(attrs)), N: len(sel)}
	for j, attr := range attrs {
		out.Cols[j].Gather(&b.Cols[columnAt(lay, attr)], sel)
	}
	return out
}

// allRows selects the rows of a batch.
func allRows(n int) []int32 {
	sel := make([]int32, n)
	for i := range sel {
		sel[i] = int32(i)
	}
	return sel
}

// hasPending tells whether a relation's rows have to be looked at.
func (t *tx) hasPending(oid OID) bool {
	for i := range t.deferral.queue {
		if t.deferral.queue[i].rel == oid {
			return true
		}
	}
	return false
}

// checkDeferred looks at what has been put off: all of it when the transaction
// commits, what is not deferred any more after SET CONSTRAINTS.
func (s *Session) checkDeferred(ctx context.Context, all bool) error {
	t := s.tx
	if len(t.deferral.queue) == 0 {
		return nil
	}
	for {
		t.statement()
		snap := s.systemContext().Snapshot
		queue := t.deferral.queue
		var due, rest []pendingCheck
		for _, p := range queue {
			if c, _ := snap.ConstraintByOID(p.con); !all && c != nil && t.deferral.modes.deferred(c) {
				rest = append(rest, p)
			} else {
				due = append(due, p)
			}
		}
		if len(due) == 0 {
			return nil
		}
		t.deferral.queue = nil // triggers may put off more
		for _, p := range due {
			if err := s.checkPending(ctx, snap, p); err != nil {
				t.deferral.queue = queue
				return err
			}
		}
		t.deferral.queue = append(rest, t.deferral.queue...)
	}
}

// checkPending looks at rows for one constraint, unless that is gone by now.
func (s *Session) checkPending(ctx context.Context, snap *catalog.Snapshot, p pendingCheck) error {
	r := snap.RelationByOID(p.rel)
	c, owner := snap.ConstraintByOID(p.con)
	if r == nil || c == nil {
		return nil
	}
	switch p.kind {
	case deferredCall:
		_, err := p.call.ts.call(ctx, p.call)
		return err
	case newChild:
		return s.foreignKeys(r).findParents(ctx, c, p.keys, true)
	case oldParent:
		f := s.foreignKeys(r)
		ref := reference{owner, c}
		for _, x := range f.referring { // as it refers to a partition
			if x.con.OID == c.OID && x.child.OID == owner.OID {
				ref = x
			}
		}
		for i := range p.keys.N {
			if err := f.refuse(ctx, ref, 'a', p.keys, i); err != nil {
				return err
			}
		}
		return nil
	}
	return s.checkOnce(ctx, r, c, p.keys)
}

// checkOnce fails with 23505 if a key is there more than once.
func (s *Session) checkOnce(ctx context.Context, r *catalog.Relation, c *catalog.Constraint, b *vec.Batch) error {
	w, err := s.tx.into(r)
	if err != nil {
		return err
	}
	k := w.keys.find(c.Index)
	if k == nil {
		return pgerr.New(pgerr.InternalError, "the index of constraint \"%s\" is missing", c.Name)
	}
	keys := &rel.Keys{}
	for i := range b.N {
		for j := range k.cols {
			keys.Buf = k.cols[j].append(keys.Buf, &b.Cols[j], i)
		}
		keys.End()
	}
	md := &modification{s: s, rel: r, w: w}
	if err := md.lockKeys(ctx, k, keys); err != nil {
		return err
	}
	first, found := b.N, make([]bool, b.N)
	if err := md.holders(k, keys, func(i int, _ uint64) {
		if found[i] {
			first = min(first, i)
		}
		found[i] = true
	}); err != nil || first == b.N {
		return err
	}
	return s.duplicate(k, r, b.Cols, first)
}

// setConstraints runs SET CONSTRAINTS. What becomes immediate is looked at here.
func (s *Session) setConstraints(ctx context.Context, st *ast.SetConstraints) (*result, error) {
	if !s.tx.block && !s.tx.many {
		s.notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "SET CONSTRAINTS can only be used in transaction blocks"))
	}
	modes := &s.tx.deferral.modes
	if st.All {
		*modes = constraintModes{all: &st.Deferred}
	} else {
		by := maps.Clone(modes.by)
		if by == nil {
			by = map[OID]bool{}
		}
		for _, n := range st.Names {
			list, err := s.constraintsNamed(n)
			if err != nil {
				return nil, err
			}
			for _, c := range list {
				by[c.OID] = st.Deferred
			}
		}
		*modes = constraintModes{all: modes.all, by: by}
	}
	if st.Deferred {
		return tagged("SET CONSTRAINTS"), nil
	}
	return tagged("SET CONSTRAINTS"), s.checkDeferred(ctx, false)
}

// constraintsNamed gives the constraints that a name means: those of the first
// schema of the search path that has one.
func (s *Session) constraintsNamed(n ast.Name) ([]*catalog.Constraint, error) {
	snap := s.systemContext().Snapshot
	var schemas []OID
	if n.Schema != "" {
		sc := snap.Schema(n.Schema)
		if sc == nil {
			return nil, pgerr.New(pgerr.InvalidSchemaName, "schema \"%s\" does not exist", n.Schema)
		}
		schemas = []OID{sc.OID}
	} else {
		schemas = s.path()
	}
	for _, sc := range schemas {
		var list []*catalog.Constraint
		for _, r := range snap.Relations() {
			if r.Schema != sc {
				continue
			}
			for _, c := range r.Constraints {
				if c.Name == n.Object {
					list = append(list, c)
				}
			}
			for _, t := range r.Triggers {
				if c := t.AsConstraint(); c != nil && c.Name == n.Object {
					list = append(list, c)
				}
			}
		}
		for _, c := range list {
			if !c.Deferrable {
				return nil, pgerr.New(pgerr.WrongObjectType, "constraint \"%s\" is not deferrable", n.Object)
			}
		}
		if len(list) > 0 {
			return list, nil
		}
	}
	return nil, pgerr.New(pgerr.UndefinedObject, "constraint \"%s\" does not exist", n.Object)
}
