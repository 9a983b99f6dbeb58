package engine

import (
	"context"
	"errors"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// rowModes are the row locks of FOR UPDATE and its kin.
var rowModes = map[plan.LockMode]lockMode{
	plan.LockKeyShare: rowKeyShare, plan.LockShare: rowShareMode, plan.LockNoKeyUpdate: rowNoKeyUpdate, plan.LockUpdate: rowUpdate,
}

// errMoved says that a row to be locked has another version now: the query begins
// again with a new snapshot.
var errMoved = errors.New("a row to be locked has moved")

// Lock implements exec.Relations.
func (r *reader) Lock(ctx context.Context, l *plan.LockRows, i int, ids []int64) ([]int32, error) {
	s, target := r.t.s, &l.Rels[i]
	oid := target.Scan.Rel.OID
	policy := s.lockPolicy()
	policy.noWait = l.NoWait || l.SkipLocked
	keep := make([]int32, 0, len(ids))
	for at, id := range ids {
		if id < 0 || uint64(id) >= ownBase {
			if id >= 0 {
				if err := s.lockOrigin(ctx, oid, r.t.writes[oid], uint64(id), rowModes[target.Mode]); err != nil {
					return nil, err
				}
			}
			keep = append(keep, int32(at))
			continue
		}
		_, err := s.e.locks.acquire(ctx, &s.locker, lockTag{lockRow, oid, uint64(id)}, rowModes[target.Mode], policy)
		switch {
		case err == errLockNotAvailable && l.SkipLocked:
			continue
		case err == errLockNotAvailable:
			return nil, pgerr.New(pgerr.LockNotAvailable, "could not obtain lock on row in relation \"%s\"", target.Scan.Rel.Name)
		case err != nil:
			return nil, err
		}
		there, err := r.stillThere(oid, uint64(id))
		if err != nil {
			return nil, err
		}
		if there {
			keep = append(keep, int32(at))
		}
	}
	return keep, nil
}

// lockOrigin takes the strongest row lock on the stored row that one of the
// transaction's own is a new version of: the update that made it may have taken a
// weaker one.
func (s *Session) lockOrigin(ctx context.Context, oid OID, w *writes, own uint64, mode lockMode) error {
	if mode != rowUpdate || w == nil {
		return nil
	}
	id, ok := w.origin(own)
	if !ok {
		return nil
	}
	_, err := s.e.locks.acquire(ctx, &s.locker, lockTag{lockRow, oid, id}, mode, s.lockPolicy())
	return err
}

// stillThere tells whether a row that was locked is as it was read: false when it
// was deleted, errMoved when it was updated, 40001 above READ COMMITTED.
func (r *reader) stillThere(oid OID, id uint64) (bool, error) {
	st := r.e.latest().relation(oid)
	if st == nil || st.rows == nil || st.rows.Visible(id) {
		return true, nil
	}
	_, moved := st.moves.next(id)
	if r.t.iso != readCommitted {
		return false, errChanged(moved)
	}
	if moved {
		return false, errMoved
	}
	return false, nil
}

// errChanged is 40001 for a row that another transaction has updated or deleted.
func errChanged(updated bool) error {
	if updated {
		return errSerialize()
	}
	return pgerr.New(pgerr.TRSerializationFailure, "could not serialize access due to concurrent delete")
}

func errSerialize() error {
	return pgerr.New(pgerr.TRSerializationFailure, "could not serialize access due to concurrent update")
}

// lockingQuery runs a query that locks rows. All of it happens before the first
// row is sent, so that it can begin again when a row has moved meanwhile: it then
// is a statement that began later, with the locks it has.
func (s *Session) lockingQuery(ctx context.Context, p *prepared, args []types.Datum) (vec.Source, error) {
	for {
		rows, err := s.runLocking(ctx, p, args)
		if err == nil {
			return &batchList{list: rows}, nil
		}
		if !errors.Is(err, errMoved) {
			return nil, err
		}
		s.tx.statement()
		if err := s.analyzeQuery(p); err != nil {
			return nil, err
		}
	}
}

func (s *Session) runLocking(ctx context.Context, p *prepared, args []types.Datum) ([]*vec.Batch, error) {
	if err := s.lockRead(ctx, p.plan.query); err != nil {
		return nil, err
	}
	src, err := s.openQuery(p.plan, args)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	return readAll(ctx, src)
}

// lockRead locks the relations whose rows a query locks.
func (s *Session) lockRead(ctx context.Context, q *planner.Query) error {
	for _, oid := range lockedRelations(q.Root) {
		if err := s.lockRelation(ctx, oid, rowShare); err != nil {
			return err
		}
	}
	return nil
}

func lockedRelations(n plan.Node) []OID {
	var out []OID
	plan.VisitNodes(n, func(x plan.Node) {
		if l, ok := x.(*plan.LockRows); ok {
			for i := range l.Rels {
				out = append(out, l.Rels[i].Scan.Rel.OID)
			}
		}
	})
	return out
}

// readAll copies the rows of a source.
func readAll(ctx context.Context, src vec.Source) ([]*vec.Batch, error) {
	var out []*vec.Batch
	for {
		var b vec.Batch
		if err := src.Next(ctx, &b); err != nil {
			return nil, err
		}
		if b.N == 0 {
			return out, nil
		}
		out = append(out, copyBatch(&b))
	}
}

// batchList gives batches one after another.
type batchList struct {
	list []*vec.Batch
	at   int
}

// Next implements vec.Source.
func (l *batchList) Next(ctx context.Context, out *vec.Batch) error {
	*out = vec.Batch{}
	if l.at < len(l.list) {
		*out = *l.list[l.at]
		l.at++
	}
	return ctx.Err()
}

// Close implements vec.Source.
func (l *batchList) Close() error { return nil }

var _ exec.Relations = (*reader)(nil)
