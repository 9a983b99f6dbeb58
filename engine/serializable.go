package engine

import (
	"sync"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// readSet is what a SERIALIZABLE transaction has read. Transactions that write are
// validated on the commit line: everything they have read must be as it was, so
// the order of commits is a serial order. Transactions that only read see a prefix
// of that order. The unit is a relation: a transaction may fail that need not
// have (40001, as PostgreSQL's may), never the other way.
type readSet struct {
	mu   sync.Mutex
	rels map[OID]struct{}
}

func newReadSet() *readSet { return &readSet{rels: map[OID]struct{}{}} }

// add notes that a relation is read.
func (s *readSet) add(oid OID) {
	s.mu.Lock()
	s.rels[oid] = struct{}{}
	s.mu.Unlock()
}

// noteRead notes that a SERIALIZABLE transaction reads a relation. One that has written
// fails here if another one has changed the relation since.
func (r *reader) noteRead(oid OID) error {
	r.t.serial.add(oid)
	if st := r.e.latest().relation(oid); st != nil && len(r.own) > 0 && st.changed > r.t.read.Seq {
		return errDependencies("conflict out checking")
	}
	return nil
}

// guard has the commit line refuse the commit if the transaction is serializable
// and something it has read was changed since.
func (t *tx) guard(c *commit) {
	if t.serial == nil || t.read == nil {
		return
	}
	seq, reads := t.read.Seq, t.serial.rels
	c.check = func(v *Version, before []*commit) error {
		for oid := range reads {
			if st := v.relation(oid); st != nil && (st.changed > seq || changes(v, before, oid, st)) {
				return errDependencies("commit attempt")
			}
		}
		return nil
	}
}

// changes tells whether commits change a relation, or may: a view by any change, the
// late rows of a stream by rows of the stream.
func changes(v *Version, commits []*commit, oid OID, st *relState) bool {
	for _, c := range commits {
		if st.view != nil {
			return true
		}
		for i := range c.ops {
			if c.ops[i].rel == oid {
				return true
			}
			if r := v.Cat.RelationByOID(c.ops[i].rel); r != nil && r.Stream != nil && r.Stream.Late == oid {
				return true
			}
		}
	}
	return false
}

// hasRead tells whether the transaction is serializable and has read a relation.
func (t *tx) hasRead(oid OID) bool {
	if t.serial == nil {
		return false
	}
	t.serial.mu.Lock()
	defer t.serial.mu.Unlock()
	_, ok := t.serial.rels[oid]
	return ok
}

// doomed fails with what the commit would fail with: a SERIALIZABLE transaction that
// writes has read what another one has changed since.
func (s *Session) doomed(st ast.Stmt) error {
	t := s.tx
	if t.serial == nil || t.read == nil {
		return nil
	}
	when := "conflict out checking"
	switch st.(type) {
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		when = "write"
	case *ast.Select:
		if len(t.writes) == 0 {
			return nil
		}
	default:
		return nil
	}
	v := s.e.latest()
	t.serial.mu.Lock()
	defer t.serial.mu.Unlock()
	for oid := range t.serial.rels {
		if st := v.relation(oid); st != nil && st.changed > t.read.Seq {
			return errDependencies(when)
		}
	}
	return nil
}

// errDependencies is the failure to find a serial order, with what the transaction
// was doing.
func errDependencies(when string) error {
	return pgerr.New(pgerr.TRSerializationFailure, "could not serialize access due to read/write dependencies among transactions").
		WithDetail("Reason code: Canceled on identification as a pivot, during %s.", when).
		WithHint("The transaction might succeed if retried.")
}
