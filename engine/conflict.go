package engine

import (
	"cmp"
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// insertOrElse is INSERT … ON CONFLICT. Rows without a conflict, neither with
// stored rows nor with each other, are added at once; as soon as there is one the
// batch goes row by row.
func (md *modification) insertOrElse(ctx context.Context, b *vec.Batch) error {
	arbiters := md.arbiters()
	for _, k := range arbiters {
		if md.s.deferrable(k) != nil {
			return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters").
				WithTable(md.s.schemaName(md.rel), md.rel.Name, "", k.def.Name)
		}
	}
	clean := true
	for _, k := range arbiters {
		row, _, _, err := md.conflicting(ctx, k, b)
		if err != nil {
			return err
		}
		clean = clean && row < 0
	}
	if clean {
		if err := md.checkUnique(ctx, b); err != nil {
			return err
		}
		return md.add(ctx, b)
	}
	for i := range b.N {
		if err := md.insertOne(ctx, oneRow(b, i), arbiters); err != nil {
			return err
		}
	}
	return nil
}

// arbiters are the indexes whose conflicts ON CONFLICT takes care of.
func (md *modification) arbiters() []*indexKey {
	c := md.m.Conflict
	if len(c.Indexes) == 0 {
		return md.uniques
	}
	var out []*indexKey
	for _, ix := range c.Indexes {
		if k := md.w.keys.find(ix.OID); k != nil {
			out = append(out, k)
		}
	}
	return out
}

// insertOne inserts one row, or does what ON CONFLICT says.
func (md *modification) insertOne(ctx context.Context, b *vec.Batch, arbiters []*indexKey) error {
	for _, k := range arbiters {
		keys, _, err := md.uniqueKeys(k, b)
		if err != nil {
			return err
		}
		if err := md.lockKeys(ctx, k, keys); err != nil {
			return err
		}
		found, id := false, uint64(0)
		if err := md.holders(k, keys, func(_ int, at uint64) { found, id = true, at }); err != nil {
			return err
		}
		if !found {
			continue
		}
		if !md.m.Conflict.Update {
			waited, err := md.awaitHolder(ctx, id)
			if err != nil || !waited {
				return cmp.Or(err, md.seen(id))
			}
			return md.insertOne(ctx, b, arbiters)
		}
		done, err := md.conflictUpdate(ctx, id, b)
		if err != nil || done {
			return err
		}
		return md.insertOne(ctx, b, arbiters)
	}
	if err := md.checkUnique(ctx, b); err != nil {
		return err
	}
	return md.add(ctx, b)
}

// seen fails with 40001, above READ COMMITTED, if the transaction does not see the row
// that is in the way.
func (md *modification) seen(id uint64) error {
	if id < ownBase && md.s.tx.iso != readCommitted && !md.s.visibleInSnapshot(md.rel.OID, id) {
		return errSerialize()
	}
	return nil
}

// conflictUpdate is DO UPDATE of one existing row. When that has gone by the time it is
// locked nothing is done: what is in the way has to be looked for again.
func (md *modification) conflictUpdate(ctx context.Context, id uint64, excluded *vec.Batch) (done bool, err error) {
	if id >= ownBase && id-ownBase >= uint64(md.before) {
		return false, pgerr.New(pgerr.CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time").
			WithHint("Ensure that no rows proposed for insertion within the same command have duplicate constrained values.")
	}
	c := md.m.Conflict
	keys := md.keyChanged(c.Changed)
	old, err := md.existing(ctx, id, keys)
	if err != nil || old == nil {
		return false, err
	}
	proposed, err := md.conflictRow(ctx, id, old, excluded)
	if err != nil || proposed == nil {
		return true, err
	}
	r := &changedRows{ids: []uint64{id}, old: old, new: proposed}
	checks, err := md.conflictChecks()
	if err != nil {
		return false, err
	}
	defer func() { md.upserting = false }()
	md.upserting, md.assigned = true, c.Changed
	if md.triggers.has(ast.TriggerRow|ast.TriggerBefore, ast.TriggerUpdate) {
		return true, md.updateEach(ctx, r, c.Changed, checks)
	}
	if err := md.checkRows(ctx, r.new, checks); err != nil {
		return false, err
	}
	return true, md.replace(ctx, r, keys)
}

// conflictRow computes what DO UPDATE makes of an existing row; nil: nothing. Where the
// statement names a partitioned table that is over rows of that table.
func (md *modification) conflictRow(ctx context.Context, id uint64, old, excluded *vec.Batch) (*vec.Batch, error) {
	c, root := md.m.Conflict, md
	if md.above != nil {
		root = md.above
		old, excluded = mapRows(md.rel, root.rel, old), mapRows(md.rel, root.rel, excluded)
	}
	in := &vec.Batch{N: 1}
	v := vec.New(types.Int, 1)
	v.Ints[0] = int64(id)
	in.Cols = append(append(append(in.Cols, v), old.Cols...), excluded.Cols...)
	if md.above != nil {
		in.Cols = append(in.Cols, md.tableOIDs(1))
	}
	rt, err := root.runtime(map[int][]*vec.Batch{c.InputID: {in}})
	if err != nil {
		return nil, err
	}
	src, err := exec.Compile(rt, c.Root)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	var lent vec.Batch
	if err := src.Next(ctx, &lent); err != nil || lent.N == 0 {
		return nil, err
	}
	row := take(&lent, positions(c.Root, c.New))
	if md.above == nil {
		return row, nil
	}
	checks, err := root.conflictChecks()
	if err != nil {
		return nil, err
	}
	return mapRows(root.rel, md.rel, row), root.checkAll(ctx, row, checks)
}

// tableOIDs are the table's oid for n rows.
func (md *modification) tableOIDs(n int) vec.Vec {
	v := vec.New(types.Int, n)
	for i := range v.Ints {
		v.Ints[i] = int64(md.rel.OID)
	}
	return v
}

// conflictIn is ON CONFLICT in a partition that rows are sent to, of which m says what
// they have to pass there.
func (md *modification) conflictIn(leaf *catalog.Relation, m *planner.Modify) *planner.Conflict {
	c, snap := *md.m.Conflict, md.s.systemContext().Snapshot
	c.Indexes = nil
	for _, above := range md.m.Conflict.Indexes {
		for _, oid := range leaf.Indexes {
			ix := snap.RelationByOID(oid)
			at := ix
			for at != nil && at.OID != above.OID {
				at = snap.RelationByOID(at.Index.Parent)
			}
			if at != nil {
				c.Indexes = append(c.Indexes, ix)
			}
		}
	}
	c.Changed, c.Checks = mapAttrs(md.rel, leaf, c.Changed), m.Checks
	return &c
}

func (md *modification) conflictChecks() ([]compiledCheck, error) {
	if md.above != nil {
		return md.checks, nil
	}
	return md.compileChecks(md.m.Conflict.Checks, md.m.Conflict.New)
}

// existing locks and reads the row that is in the way, as strongly as a change of keys
// asks for; nil when another transaction has updated or deleted it meanwhile.
func (md *modification) existing(ctx context.Context, id uint64, keys []*indexKey) (*vec.Batch, error) {
	s := md.s
	b := &vec.Batch{}
	if id >= ownBase {
		own, err := md.w.rows(s.e.env, s.tx.catalog())
		if err != nil {
			return nil, err
		}
		_, err = own.Get([]uint64{id - ownBase}, md.w.layout.attrs, b)
		return b, err
	}
	mode := rowNoKeyUpdate
	if len(keys) > 0 {
		mode = rowUpdate
	}
	if _, err := s.e.locks.acquire(ctx, &s.locker, lockTag{lockRow, md.rel.OID, id}, mode, s.lockPolicy()); err != nil {
		return nil, err
	}
	if err := md.seen(id); err != nil {
		return nil, err
	}
	rows := s.latestRows(md.rel.OID)
	if !rows.Visible(id) {
		if s.tx.iso != readCommitted {
			return nil, errSerialize()
		}
		return nil, nil
	}
	_, err := rows.Get([]uint64{id}, md.w.layout.attrs, b)
	return b, err
}

func (s *Session) visibleInSnapshot(oid OID, id uint64) bool {
	st := s.tx.read.relation(oid)
	return st != nil && st.rows != nil && st.rows.Visible(id)
}
