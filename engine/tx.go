package engine

import (
	"context"
	"sync"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/log"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// isolation is a transaction's isolation level.
type isolation uint8

const (
	readCommitted isolation = iota
	repeatableRead
	serializable
)

// tx is a transaction: what it reads, what it has staged, what it holds. It is
// used by its session's goroutine.
type tx struct {
	s   *Session
	id  uint64 // 0 until it writes
	iso isolation
	// block: begun by BEGIN; failed: only ROLLBACK is accepted.
	block, failed bool
	// many: the implicit transaction of several statements; queried: a statement has
	// read or written in it.
	many, queried bool
	// edits tells the states of the changed catalogue apart, which is one object.
	edits                uint64
	readOnly, deferrable bool
	begun                int64

	// read is the version that statements read: each one's own under READ COMMITTED,
	// that of the first one that needs one above (fixed).
	read  *Version
	fixed bool
	// edit holds the transaction's DDL over the catalogue of version editBase.
	edit     *catalog.Edit
	editBase *catalog.Snapshot

	writes map[OID]*writes
	order  []OID // of writes, by first use
	seqs   map[OID]seqState
	notes  []notification
	// newIndexes are indexes it has created, over stored rows.
	mu         sync.Mutex
	newIndexes map[OID]*newIndex
	// atCommit is done when the transaction has committed: LISTEN and UNLISTEN.
	atCommit []func()
	// deferral is what its deferrable constraints have to look at.
	deferral deferral
	// matviews are materialized views to be built at commit.
	matviews []OID
	// hasStaged: blocks of it are in the log already.
	hasStaged bool
	// blocks is how many blocks it has staged in the log.
	blocks uint64
	// spilled: it has outgrown its memory, nothing more is staged in the log; sent: its
	// commit was given to the commit line.
	spilled, sent bool

	saves []savepoint
	// serial is what SERIALIZABLE has read, nil otherwise.
	serial *readSet
	// keysLocked counts the keys of unique indexes that it has locked.
	keysLocked int
}

// begin starts a transaction in the session.
func (s *Session) begin(block bool) *tx {
	t := &tx{s: s, block: block, begun: s.e.now(), iso: s.defaultIsolation(), readOnly: s.settings.Bool("default_transaction_read_only")}
	if t.iso == serializable {
		t.serial = newReadSet()
	}
	s.tx = t
	s.env.Now = t.begun
	s.settings.Assign("transaction_isolation", s.settings.Text("default_transaction_isolation")) // "read uncommitted" stays what it is called
	s.settings.Assign("transaction_read_only", onOff(t.readOnly))
	if t.deferrable = s.settings.Bool("default_transaction_deferrable"); t.deferrable != s.settings.Bool("transaction_deferrable") {
		s.settings.Assign("transaction_deferrable", onOff(t.deferrable))
	}
	return t
}

func (i isolation) String() string {
	return [...]string{"read committed", "repeatable read", "serializable"}[i]
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}

// statement takes the version that the next statement reads.
func (t *tx) statement() {
	if t.fixed && t.iso != readCommitted {
		return
	}
	if t.read == t.s.e.latest() {
		return
	}
	t.take()
	t.rebase()
}

// take reads the last version from now on. What became of rows since then is
// remembered as soon as the version is noted: if another was published meanwhile, that
// one is taken.
func (t *tx) take() {
	for {
		v := t.s.e.latest()
		t.read = v
		t.s.e.reading(t, v.Seq)
		if t.s.e.latest() == v {
			return
		}
	}
}

// withLatest has fn read the latest version; the transaction's own stays noted as read.
func (t *tx) withLatest(fn func() error) error {
	was := t.read
	t.read = t.s.e.latest()
	t.s.systemContext()
	defer func() {
		t.read = was
		t.s.systemContext()
	}()
	return fn()
}

// rebase puts the transaction's DDL on top of a newer catalogue.
func (t *tx) rebase() {
	if t.edit == nil || t.editBase == t.read.Cat {
		return
	}
	e := t.readCatalog().Edit(t.s.e.newOID)
	if err := e.Apply(t.edit.Changes()); err != nil {
		return // the old one stays; the commit finds out
	}
	t.edit, t.editBase = e, t.read.Cat
}

// catalog is the catalogue as the transaction sees it.
func (t *tx) catalog() *catalog.Snapshot {
	if t.edit != nil {
		return t.edit.Snapshot
	}
	return t.readCatalog()
}

// readCatalog is the catalogue of the version that the transaction reads, as its
// database sees it.
func (t *tx) readCatalog() *catalog.Snapshot {
	c := &t.s.inDB
	if c.all != t.read.Cat {
		*c = databaseView{t.read.Cat, t.read.Cat.In(t.s.db)}
	}
	return c.own
}

// changesCatalog tells whether the transaction has changed the catalogue.
func (t *tx) changesCatalog() bool { return t != nil && t.edit != nil }

// ddl gives the catalogue to be changed.
func (t *tx) ddl() *catalog.Edit {
	t.edits++
	if t.edit == nil {
		t.edit, t.editBase = t.readCatalog().Edit(t.s.e.newOID), t.read.Cat
	}
	return t.edit
}

// number gives the transaction's number, taking one if it has none.
func (t *tx) number() uint64 {
	if t.id == 0 {
		t.id = t.s.e.newTx()
	}
	return t.id
}

// into gives what the transaction has staged in a relation, in its present layout.
func (t *tx) into(r *catalog.Relation) (*writes, error) {
	w := t.writes[r.OID]
	if w != nil && w.rel == r {
		return w, nil
	}
	next := newWrites(t.s.e, t.s.e.def(r, t.catalog()), t.catalog())
	if w != nil {
		if err := next.takeOver(w, t.s.e.env, t.catalog()); err != nil {
			return nil, err
		}
	}
	t.replaceWrites(r.OID, next)
	return next, nil
}

func newWrites(e *Engine, d *relDef, snap *catalog.Snapshot) *writes {
	return &writes{rel: d.rel, layout: d.layout, keys: d.ownKeys(e, snap)}
}

// replaceWrites makes w what the transaction has staged in a relation.
func (t *tx) replaceWrites(oid OID, w *writes) {
	if t.writes == nil {
		t.writes = map[OID]*writes{}
	}
	if t.writes[oid] == nil {
		t.order = append(t.order, oid)
	}
	t.writes[oid] = w
}

// put stages rows that are the statement's own: many of them encoded, and in the
// log already.
func (t *tx) put(ctx context.Context, oid OID, w *writes, live *vec.Batch) error {
	if live.N == 1 && columnBytes(live) <= pieceBytes {
		if err := t.putRows(ctx, oid, w, live); err != nil {
			return err
		}
		return t.bound(ctx)
	}
	list, err := pieces(live)
	if err != nil {
		return err
	}
	for _, b := range list {
		if err := t.putRows(ctx, oid, w, b); err != nil {
			return err
		}
	}
	return t.bound(ctx)
}

func (t *tx) putRows(ctx context.Context, oid OID, w *writes, live *vec.Batch) error {
	if live.N < chunkRows {
		return w.insert(live)
	}
	if err := t.s.e.env.Tail.Wait(ctx); err != nil {
		return err
	}
	b := w.layout.store(live)
	keys, err := w.keys.of(b)
	if err != nil {
		return err
	}
	chunk, err := rel.EncodeChunk(b, keys...)
	if err != nil {
		return err
	}
	if t.spilled {
		w.add(addedRows{chunk: chunk})
		return nil
	}
	return t.stage(oid, w, chunk)
}

// stage writes a chunk to the log under the transaction, ahead of its commit.
func (t *tx) stage(oid OID, w *writes, chunk *rel.Chunk) error {
	b := chunk.Block()
	start, _, err := t.s.e.log.Append(log.Record{Type: recStage, Data: stageRecord(t.number(), t.blocks+1, oid, b.Bytes())})
	if err != nil {
		return err
	}
	t.blocks++
	crash.Point("tx.after-stage")
	if !t.hasStaged {
		t.hasStaged = true
		t.s.e.staging(t.id, start)
	}
	w.add(addedRows{chunk: chunk, block: t.blocks})
	return nil
}

// commitRequest makes what the commit line is told; nil when nothing was changed.
func (t *tx) commitRequest(ctx context.Context) (*commit, error) {
	if err := t.spillRest(ctx); err != nil {
		return nil, err
	}
	c := &commit{sync: t.s.syncCommit(), notes: t.notes}
	if t.edit != nil && t.edit.Dirty() {
		c.cat = t.edit.Changes()
	}
	for _, oid := range t.order {
		r := t.catalog().RelationByOID(oid)
		if r == nil {
			continue // dropped again
		}
		w, err := t.into(r)
		if err != nil {
			return nil, err
		}
		ops, err := w.ops(t, oid)
		if err != nil {
			return nil, err
		}
		if c.ops == nil {
			c.ops = ops
		} else {
			c.ops = append(c.ops, ops...)
		}
		c.rows += w.n
	}
	c.seqs = t.s.e.sequences.take()
	if len(c.ops) == 0 && c.cat == nil {
		if len(c.notes) > 0 {
			return c, nil
		}
		t.s.e.sequences.giveBack(c.seqs)
		return nil, nil
	}
	c.tx, c.hasStaged = t.number(), t.hasStaged
	return c, nil
}

// end ends a transaction: its locks are given back and its settings settled.
func (t *tx) end(committed bool) {
	s := t.s
	s.e.locks.release(&s.locker)
	s.e.readingEnds(t)
	if !committed && t.hasStaged {
		s.e.stagingEnds(t.id)
	}
	if !committed && !t.sent {
		t.discard()
	}
	if committed {
		s.settings.Commit()
		s.e.totals.commits.Add(1)
		s.listenNow(t)
	} else {
		s.settings.Rollback(0)
		s.e.totals.rollbacks.Add(1)
	}
	s.tx = nil
	s.settingsChanged()
}
