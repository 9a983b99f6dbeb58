package engine

import (
	"context"
	"math"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
	"github.com/zeebo/xxh3"
)

// bulkKeys is from how many keys of one index on a transaction locks the index
// instead of each key.
const bulkKeys = 20_000

// checkUnique fails with 23505 if rows (live columns in order) have a key that is
// there already. A key that another transaction has inserted or deleted, and not
// committed, is waited for.
func (md *modification) checkUnique(ctx context.Context, b *vec.Batch) error {
	for _, k := range md.uniques {
		if c := md.s.deferrable(k); c != nil {
			if err := md.checkLater(ctx, k, c, b); err != nil {
				return err
			}
			continue
		}
		if err := md.checkKey(ctx, k, b); err != nil {
			return err
		}
	}
	return nil
}

// deferrable gives the constraint of an index if it is deferrable, nil otherwise.
func (s *Session) deferrable(k *indexKey) *catalog.Constraint {
	if k.def.Index.Constraint == 0 {
		return nil
	}
	c, _ := s.systemContext().Snapshot.ConstraintByOID(k.def.Index.Constraint)
	if c == nil || !c.Deferrable {
		return nil
	}
	return c
}

// checkLater leaves the keys of new rows to the end of the statement or of the
// transaction. They are locked at once: what another transaction does with them is
// waited for here.
func (md *modification) checkLater(ctx context.Context, k *indexKey, c *catalog.Constraint, b *vec.Batch) error {
	keys, cols, err := md.uniqueKeys(k, b)
	if err != nil {
		return err
	}
	if err := md.lockKeys(ctx, k, keys); err != nil {
		return err
	}
	var sel []int32
	for i := range keys.Len() {
		if len(keys.Key(i)) > 0 {
			sel = append(sel, int32(i))
		}
	}
	if len(sel) == 0 {
		return nil
	}
	p := pendingCheck{kind: newKey, con: c.OID, rel: md.rel.OID, keys: &vec.Batch{Cols: make([]vec.Vec, len(cols)), N: len(sel)}}
	for j := range cols {
		p.keys.Cols[j].Gather(&cols[j], sel)
	}
	md.fks.keyed = append(md.fks.keyed, p)
	return nil
}

func (md *modification) checkKey(ctx context.Context, k *indexKey, b *vec.Batch) error {
	for {
		row, holder, cols, err := md.conflicting(ctx, k, b)
		if err != nil || row < 0 {
			return err
		}
		waited, err := md.awaitHolder(ctx, holder)
		switch {
		case err != nil:
			return err
		case waited:
			continue
		case holder < ownBase && md.s.tx.hasRead(md.rel.OID) && !md.s.visibleInSnapshot(md.rel.OID, holder):
			return errDependencies("commit attempt") // a transaction that came before would have made it look first
		}
		return md.s.duplicate(k, md.rel, cols, row)
	}
}

// duplicate is 23505 for a key; to who may not read its columns it does not show it.
func (s *Session) duplicate(k *indexKey, r *catalog.Relation, cols []vec.Vec, row int) error {
	err := k.duplicate(r, s.schemaName(r), cols, row)
	snap := s.systemContext().Snapshot
	if on, _ := snap.Restricts(r, s.role); on {
		return err.WithDetail("%s", "")
	}
	if s.super || snap.RelationAllowed(s.role, r, "r", false) {
		return err
	}
	for _, c := range k.def.Index.Keys[:len(k.cols)] {
		if c.Column == 0 || !snap.ColumnAllowed(s.role, r, c.Column, "r", false) {
			return err.WithDetail("%s", "")
		}
	}
	return err
}

// awaitHolder waits for a transaction that has deleted the row that holds a key, or given
// it another; waited tells that there was one, so that the key may be free now.
func (md *modification) awaitHolder(ctx context.Context, id uint64) (waited bool, err error) {
	if id >= ownBase {
		return false, nil
	}
	s := md.s
	return s.e.locks.await(ctx, &s.locker, lockTag{lockRow, md.rel.OID, id}, rowKeyShare, s.lockPolicy())
}

// conflicting gives the first row of b whose key is taken, by a stored row, by an own one
// (holder) or by an earlier one of b (then holder is no row); -1 when there is none.
func (md *modification) conflicting(ctx context.Context, k *indexKey, b *vec.Batch) (row int, holder uint64, cols []vec.Vec, err error) {
	holder = math.MaxUint64
	keys, cols, err := md.uniqueKeys(k, b)
	if err != nil {
		return -1, holder, nil, err
	}
	if err := md.lockKeys(ctx, k, keys); err != nil {
		return -1, holder, nil, err
	}
	first := b.N
	seen := make(map[string]struct{}, b.N)
	for i := range b.N {
		key := keys.Key(i)
		if len(key) == 0 {
			continue
		}
		if _, dup := seen[string(key)]; dup {
			first = i
			break
		}
		seen[string(key)] = struct{}{}
	}
	if err := md.holders(k, keys, func(i int, id uint64) {
		if i < first {
			first, holder = i, id
		}
	}); err != nil {
		return -1, holder, nil, err
	}
	if first == b.N {
		return -1, holder, cols, nil
	}
	return first, holder, cols, nil
}

// uniqueKeys makes the keys of rows in a unique index; those that cannot conflict
// (NULLs, rows outside a partial index) are empty.
func (md *modification) uniqueKeys(k *indexKey, live *vec.Batch) (*rel.Keys, []vec.Vec, error) {
	b := md.w.layout.store(live)
	cols, in, err := k.columns(b)
	if err != nil {
		return nil, nil, err
	}
	keys := &rel.Keys{}
	for i := range b.N {
		if (in == nil || in[i]) && (k.def.Index.NullsNotDistinct || !hasNull(cols, i)) {
			for j := range k.cols {
				keys.Buf = k.cols[j].append(keys.Buf, &cols[j], i)
			}
		}
		keys.End()
	}
	return keys, cols, nil
}

// lockKeys locks keys against other transactions, or the whole index when there
// are many.
func (md *modification) lockKeys(ctx context.Context, k *indexKey, keys *rel.Keys) error {
	s := md.s
	whole := lockTag{kind: lockKey, rel: k.def.OID}
	policy := s.lockPolicy()
	s.tx.keysLocked += keys.Len()
	mode := keyShared
	if s.tx.keysLocked > bulkKeys {
		mode = keyExclusive
	}
	if _, err := s.e.locks.acquire(ctx, &s.locker, whole, mode, policy); err != nil || mode == keyExclusive {
		return err
	}
	for i := range keys.Len() {
		key := keys.Key(i)
		if len(key) == 0 {
			continue
		}
		if _, err := s.e.locks.acquire(ctx, &s.locker, lockTag{kind: lockKey, rel: k.def.OID, id: xxh3.Hash(key) | 1}, keyExclusive, policy); err != nil {
			return err
		}
	}
	return nil
}

// holders calls fn for each key that a row has: a row of the latest version that
// the transaction has not deleted, or one of its own. The keys are locked, so
// nobody changes that.
func (md *modification) holders(k *indexKey, keys *rel.Keys, fn func(i int, id uint64)) error {
	s := md.s
	if c := s.latestRows(md.rel.OID); c != nil && !md.w.truncated {
		index, err := s.byIndex(c, md.rel, k)
		if err != nil {
			return err
		}
		if err := index.LookupMany(k.slot, keys, func(i int, id uint64) {
			if !md.w.isGone(id) {
				fn(i, id)
			}
		}); err != nil {
			return err
		}
	}
	own, err := md.w.rows(s.e.env, s.tx.catalog())
	if err != nil || own == nil {
		return err
	}
	return own.LookupMany(k.slot, keys, func(i int, id uint64) { fn(i, id+ownBase) })
}

// latestRows are the stored rows of a relation in the last version, whatever the
// transaction reads.
func (s *Session) latestRows(oid OID) *rel.Relation {
	if st := s.e.latest().relation(oid); st != nil {
		return st.rows
	}
	return nil
}

// keyChanged tells which unique indexes an UPDATE of these attributes may affect.
func (md *modification) keyChanged(changed []int16) []*indexKey {
	set := map[int16]bool{}
	for _, a := range changed {
		set[a] = true
	}
	var out []*indexKey
	for _, k := range md.uniques {
		hit := k.def.Index.Predicate != ""
		for _, c := range k.def.Index.Keys[:k.def.Index.NKeys] {
			hit = hit || c.Column == 0 || set[c.Column]
		}
		if hit {
			out = append(out, k)
		}
	}
	return out
}

// oneRow is row i of a batch.
func oneRow(b *vec.Batch, i int) *vec.Batch {
	out := &vec.Batch{Cols: make([]vec.Vec, len(b.Cols)), N: 1}
	for c := range b.Cols {
		out.Cols[c].Gather(&b.Cols[c], []int32{int32(i)})
	}
	return out
}
