package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// A transaction whose staged rows outgrow Config.StagedMemory moves them to the
// store (semantics §20): they become segments and index runs of their own, with ids
// from 0 on (rel.Writer.Settle), which nobody else knows of. From then on the log has
// nothing of the transaction. Its commit names the segments, and the commit line
// takes them over as they are (rel.Writer.Adopt). What no commit has named is deleted
// at rollback, or by the recovery after a crash.

const (
	// spillStep is at how many bytes a transaction that has spilled does so again.
	spillStep = 64 << 20
	// spillShare of Config.StagedMemory is what is worth a segment.
	spillShare = 256
)

// bound moves rows to the store when the transaction has too many in memory.
func (t *tx) bound(ctx context.Context) error {
	limit := t.s.e.cfg.StagedMemory
	if t.spilled {
		limit = min(limit, spillStep)
	}
	held := int64(0)
	for _, w := range t.writes {
		held += w.bytes
	}
	if held <= limit {
		return nil
	}
	return t.spill(ctx)
}

// spill moves the rows of all relations that have many to the store. The log is
// needed no longer: the few that stay will be in the commit's record.
func (t *tx) spill(ctx context.Context) error {
	least := t.s.e.cfg.StagedMemory / spillShare
	if !slices.ContainsFunc(t.order, func(oid OID) bool { return t.writes[oid].bytes >= least }) {
		least = 1 // many relations with little each
	}
	for _, oid := range t.order {
		w := t.writes[oid]
		if w.bytes < least {
			w.unstage()
			continue
		}
		if err := w.spill(ctx, t.s.e.env, t.catalog()); err != nil {
			return err
		}
		crash.Point("tx.after-spill")
	}
	for i := range t.saves {
		for _, m := range t.saves[i].staged.writes {
			m.w.unstage()
		}
	}
	t.spilled = true
	if t.hasStaged {
		t.hasStaged = false
		t.s.e.stagingEnds(t.id)
	}
	return nil
}

// spillRest moves what is left to the rows in the store, if it is worth a segment,
// and has the relations' own tails sealed, so that the commit line need not do it.
func (t *tx) spillRest(ctx context.Context) error {
	if !t.spilled {
		return nil
	}
	for _, oid := range t.order {
		w := t.writes[oid]
		if w.spilled == nil || t.catalog().RelationByOID(oid) == nil {
			continue
		}
		if w.bytes >= t.s.e.cfg.StagedMemory/spillShare {
			if err := w.spill(ctx, t.s.e.env, t.catalog()); err != nil {
				return err
			}
		}
		if err := t.s.e.sealTail(ctx, oid); err != nil {
			return err
		}
	}
	return nil
}

// sealTail moves a relation's rows from memory into segments.
func (e *Engine) sealTail(ctx context.Context, oid OID) error {
	st := e.latest().relation(oid)
	if st == nil || st.rows == nil {
		return nil
	}
	job := st.rows.Seal(true)
	if job == nil {
		return nil
	}
	p, err := job.Run(ctx)
	if err != nil {
		return err
	}
	if err := e.line.do(func() { e.line.swap(oid, p) }); err != nil {
		p.Discard()
		return err
	}
	return nil
}

// discard deletes what a transaction that ends without a commit has in the store.
// Parts of it that a savepoint has cut off are deleted by and by (rel.Env.Sweep).
func (t *tx) discard() {
	for _, w := range t.writes {
		if w.spilled != nil {
			w.spilled.Discard()
			w.spilled = nil
		}
	}
}

// unstage forgets that rows are in the log.
func (w *writes) unstage() {
	for i := range w.added {
		w.added[i].block = 0
	}
}

// spill moves the rows in memory to the store.
func (w *writes) spill(ctx context.Context, env *rel.Env, snap *catalog.Snapshot) error {
	to, err := w.writer(env, snap)
	if err != nil {
		return err
	}
	for i := range w.added {
		if err := w.added[i].addTo(to); err != nil {
			return err
		}
	}
	if err := to.Settle(ctx); err != nil {
		return err
	}
	w.spilled, w.added, w.bytes = to.Publish(), nil, 0
	w.overlay, w.filled, w.gonePut = nil, 0, 0
	return nil
}

// spillAgain takes over the rows in the store of a former definition.
func (w *writes) spillAgain(old *writes, env *rel.Env, snap *catalog.Snapshot) error {
	if old.spilled == nil {
		return nil
	}
	to, err := w.writer(env, snap)
	if err != nil {
		return err
	}
	ctx, bytes := context.Background(), int64(0)
	err = eachBatch(ctx, old.spilled, rel.ScanSpec{Cols: old.layout.all}, func(b *vec.Batch) error {
		a, err := w.encode(w.layout.pad(b))
		if err != nil {
			return err
		}
		if err := a.addTo(to); err != nil {
			return err
		}
		if bytes += a.chunk.Bytes(); bytes < spillStep {
			return nil
		}
		bytes = 0
		return to.Settle(ctx)
	})
	if err == nil {
		err = to.Settle(ctx)
	}
	if err != nil {
		return err
	}
	w.spilled = to.Publish()
	w.n = w.spilledRows()
	return nil
}

// encode makes a chunk of rows in storage layout, with their keys.
func (w *writes) encode(b *vec.Batch) (a addedRows, err error) {
	keys, err := w.keys.of(b)
	if err != nil {
		return a, err
	}
	a.chunk, err = rel.EncodeChunk(b, keys...)
	return a, err
}

// eachBatch calls fn with copies of the rows of a scan.
func eachBatch(ctx context.Context, rows *rel.Relation, spec rel.ScanSpec, fn func(b *vec.Batch) error) error {
	src := rows.Scan(spec)
	defer src.Close()
	for {
		var lent vec.Batch
		if err := src.Next(ctx, &lent); err != nil || lent.N == 0 {
			return err
		}
		if err := fn(copyBatch(&lent)); err != nil {
			return err
		}
	}
}

// cut leaves the first n added rows.
func (w *writes) cut(n int) error {
	kept, from := w.added, w.spilledRows()
	w.added, w.bytes, w.n = nil, 0, from
	if n < from {
		return w.cutSpilled(n)
	}
	for i := range kept {
		a := &kept[i]
		if left := n - w.n; left < a.rows() {
			if left == 0 {
				return nil
			}
			return w.addFirst(a, left)
		}
		w.add(*a)
	}
	return nil
}

// cutSpilled leaves the first n rows, all of which are in the store: whole parts stay
// there, the rest is taken back to memory.
func (w *writes) cutSpilled(n int) error {
	old := w.spilled
	w.spilled = old.Head(uint64(n))
	if w.n = w.spilledRows(); w.n == 0 {
		w.spilled = nil
	}
	return eachBatch(context.Background(), old, rel.ScanSpec{Cols: w.layout.all, From: uint64(w.n)}, func(b *vec.Batch) error {
		if w.n == n {
			return nil
		}
		return w.addFirst(&addedRows{batch: b}, min(n-w.n, b.N))
	})
}

// addFirst adds the first n of some rows.
func (w *writes) addFirst(a *addedRows, n int) error {
	b := a.batch
	if b == nil {
		b = &vec.Batch{}
		block := a.chunk.Block()
		if err := block.Decode(b, nil); err != nil {
			return err
		}
	}
	var part vec.Batch
	b.Slice(&part, 0, n)
	next, err := w.encode(copyBatch(&part))
	if err != nil {
		return err
	}
	w.add(next)
	return nil
}

// ownSpilled lists, in order, the rows in the store that the transaction has deleted
// again.
func (w *writes) ownSpilled() []uint64 {
	var out []uint64
	end := uint64(w.spilledRows())
	for _, at := range w.own {
		if at < end {
			out = append(out, at)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
