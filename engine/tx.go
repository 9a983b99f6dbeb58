package engine

import (
	"context"
	"maps"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/internal/pgerr"
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
	many, queried        bool
	readOnly, deferrable bool
	begun                int64

	// read is the version that statements read: each one's own under READ COMMITTED,
	// the first one's above.
	read *Version
	// edit holds the transaction's DDL over the catalogue of version editBase.
	edit     *catalog.Edit
	editBase *catalog.Snapshot

	writes map[OID]*writes
	order  []OID // of writes, by first use
	seqs   map[OID]seqState
	notes  []notification
	// atCommit is done when the transaction has committed: LISTEN and UNLISTEN.
	atCommit []func()
	// matviews are materialized views to be built at commit.
	matviews []OID
	// hasStaged: blocks of it are in the log already.
	hasStaged bool

	saves []savepoint
	// serial is what SERIALIZABLE has read, nil otherwise.
	serial *readSet
	// keysLocked counts the keys of unique indexes that it has locked.
	keysLocked int
}

// savepoint is what ROLLBACK TO goes back to.
type savepoint struct {
	name            string
	edit            int
	settings        int
	notes, atCommit int
	matviews        int
	writes          map[OID]writesMark
}

// writes is what a transaction has staged in one relation, in the layout of rel.
// When the relation is redefined or truncated, new writes take their place, so
// that a savepoint can go back to the old ones.
type writes struct {
	rel    *catalog.Relation
	layout *layout
	keys   *indexKeys
	// added are the rows it has inserted, in order; n is their number.
	added []addedRows
	n     int
	// deleted are rows of the committed table, in order; gone finds them.
	deleted []uint64
	gone    map[uint64]struct{}
	// own are rows of its own that it has deleted again, by position.
	own []uint64
	// truncated: everything committed before is deleted too.
	truncated bool
	// moves pairs deleted rows with the added rows they became.
	moves []movedRow
	// ownMoves pairs own rows that were updated with what they became: so a cursor finds
	// its row again.
	ownMoves []movedRow
	// overlay holds the added rows for reading; nil until they are read.
	overlay *rel.Writer
	filled  int // of added, in overlay
	gonePut int // of own, deleted in overlay
}

type movedRow struct{ old, row uint64 }

// addedRows is a batch or a chunk of inserted rows in storage layout.
type addedRows struct {
	batch *vec.Batch
	keys  []*rel.Keys
	chunk *rel.Chunk
	// logged: the chunk is in the log already.
	logged bool
}

func (a *addedRows) rows() int {
	if a.chunk != nil {
		return a.chunk.Rows()
	}
	return a.batch.N
}

type writesMark struct {
	w *writes

	added, n, deleted, own, moves, ownMoves int

	truncated bool
}

func (w *writes) mark() writesMark {
	return writesMark{w, len(w.added), w.n, len(w.deleted), len(w.own), len(w.moves), len(w.ownMoves), w.truncated}
}

// rollback undoes what came after the mark.
func (w *writes) rollback(m writesMark) {
	w.added, w.n, w.own, w.moves, w.truncated = w.added[:m.added], m.n, w.own[:m.own], w.moves[:m.moves], m.truncated
	w.ownMoves = w.ownMoves[:m.ownMoves]
	for _, id := range w.deleted[m.deleted:] {
		delete(w.gone, id)
	}
	w.deleted = w.deleted[:m.deleted]
	w.overlay, w.filled, w.gonePut = nil, 0, 0
}

// ownBase is where the ids of a transaction's own rows begin.
const ownBase = uint64(1) << 62

// begin starts a transaction in the session.
func (s *Session) begin(block bool) *tx {
	t := &tx{s: s, block: block, begun: s.e.now(), iso: s.defaultIsolation(), readOnly: s.settings.Bool("default_transaction_read_only")}
	s.tx = t
	s.env.Now = t.begun
	s.settings.Assign("transaction_isolation", t.iso.String())
	s.settings.Assign("transaction_read_only", onOff(t.readOnly))
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
	if t.read != nil && t.iso != readCommitted {
		return
	}
	v := t.s.e.latest()
	if t.read == v {
		return
	}
	t.read = v
	t.s.e.reading(t, v.Seq)
	t.rebase()
}

// rebase puts the transaction's DDL on top of a newer catalogue.
func (t *tx) rebase() {
	if t.edit == nil || t.editBase == t.read.Cat {
		return
	}
	e := t.read.Cat.Edit(t.s.e.newOID)
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
	return t.read.Cat
}

// changesCatalog tells whether the transaction has changed the catalogue.
func (t *tx) changesCatalog() bool { return t != nil && t.edit != nil }

// ddl gives the catalogue to be changed.
func (t *tx) ddl() *catalog.Edit {
	if t.edit == nil {
		t.edit, t.editBase = t.read.Cat.Edit(t.s.e.newOID), t.read.Cat
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
		if err := next.takeOver(w); err != nil {
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

// takeOver takes what was staged before the relation was redefined: columns were
// added or dropped, indexes came.
func (w *writes) takeOver(old *writes) error {
	w.n, w.truncated = old.n, old.truncated
	w.deleted, w.gone, w.own = slices.Clone(old.deleted), maps.Clone(old.gone), slices.Clone(old.own)
	w.moves, w.ownMoves = slices.Clone(old.moves), slices.Clone(old.ownMoves)
	for i := range old.added {
		a := old.added[i]
		b := a.batch
		if b == nil {
			b = &vec.Batch{}
			block := a.chunk.Block()
			if err := block.Decode(b, nil); err != nil {
				return err
			}
		}
		b = w.layout.pad(b)
		keys, err := w.keys.of(b)
		if err != nil {
			return err
		}
		if a.chunk == nil {
			a.batch, a.keys = b, keys
		} else if a.chunk, err = rel.NewChunk(a.chunk.Block(), keys...); err != nil {
			return err
		}
		w.added = append(w.added, a)
	}
	return nil
}

// put stages rows that are the statement's own: many of them encoded, and in the
// log already.
func (t *tx) put(ctx context.Context, oid OID, w *writes, live *vec.Batch) error {
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
	return t.stage(oid, w, chunk)
}

// stage writes a chunk to the log under the transaction, ahead of its commit.
func (t *tx) stage(oid OID, w *writes, chunk *rel.Chunk) error {
	b := chunk.Block()
	start, _, err := t.s.e.log.Append(log.Record{Type: recStage, Data: stageRecord(t.number(), oid, b.Bytes())})
	if err != nil {
		return err
	}
	crash.Point("tx.after-stage")
	if !t.hasStaged {
		t.hasStaged = true
		t.s.e.staging(t.id, start)
	}
	w.added = append(w.added, addedRows{chunk: chunk, logged: true})
	w.n += chunk.Rows()
	return nil
}

// insert stages rows whose columns are the live columns in order. It copies
// nothing: the batch is given up.
func (w *writes) insert(live *vec.Batch) error {
	b := w.layout.store(live)
	keys, err := w.keys.of(b)
	if err != nil {
		return err
	}
	w.added = append(w.added, addedRows{batch: b, keys: keys})
	w.n += b.N
	return nil
}

// remove stages the deletion of rows by id.
func (w *writes) remove(ids []uint64) {
	for _, id := range ids {
		if id >= ownBase {
			w.own = append(w.own, id-ownBase)
			continue
		}
		if w.gone == nil {
			w.gone = map[uint64]struct{}{}
		}
		w.gone[id] = struct{}{}
		w.deleted = append(w.deleted, id)
	}
}

// isGone tells whether the transaction has deleted a row.
func (w *writes) isGone(id uint64) bool {
	if w == nil {
		return false
	}
	if id >= ownBase {
		return slices.Contains(w.own, id-ownBase)
	}
	if w.truncated {
		return true
	}
	_, ok := w.gone[id]
	return ok
}

// rows gives the transaction's own rows as a relation that can be read; nil when
// there are none.
func (w *writes) rows(env *rel.Env, snap *catalog.Snapshot) (*rel.Relation, error) {
	if w == nil || len(w.added) == 0 {
		return nil, nil
	}
	if w.overlay == nil {
		schema, err := storageSchema(w.rel, snap)
		if err != nil {
			return nil, err
		}
		schema.Indexes = w.keys.slots()
		for i := range schema.Indexes {
			schema.Indexes[i].Building = false
		}
		w.overlay = rel.NewPrivateWriter(env, schema)
	}
	for ; w.filled < len(w.added); w.filled++ {
		a := &w.added[w.filled]
		var err error
		if a.chunk != nil {
			_, err = w.overlay.Append(a.chunk)
		} else {
			_, err = w.overlay.AppendRows(a.batch, a.keys...)
		}
		if err != nil {
			return nil, err
		}
	}
	if w.gonePut < len(w.own) {
		w.overlay.Delete(w.own[w.gonePut:])
		w.gonePut = len(w.own)
	}
	return w.overlay.Publish(), nil
}

// commitRequest makes what the commit line is told; nil when nothing was changed.
func (t *tx) commitRequest() (*commit, error) {
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
		c.ops = append(c.ops, ops...)
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

// ops makes the log's operations of what was staged in one relation.
func (w *writes) ops(t *tx, oid OID) ([]op, error) {
	var out []op
	if w.truncated {
		out = append(out, op{kind: opTruncate, rel: oid})
	}
	added := w.added
	if len(w.own) > 0 { // rows that were taken back are left out
		kept, err := w.survivors(t)
		if err != nil {
			return nil, err
		}
		added = kept
	}
	if len(w.deleted) > 0 && !w.truncated {
		d := op{kind: opDelete, rel: oid, ids: w.deleted}
		if len(w.own) == 0 && len(w.moves) > 0 {
			d.ids, d.moves = w.pairMoves()
		}
		out = append(out, d)
	}
	var staged []*rel.Chunk
	flush := func() {
		if len(staged) > 0 {
			out = append(out, op{kind: opStaged, rel: oid, staged: staged})
			staged = nil
		}
	}
	for i := range added {
		a := &added[i]
		if a.chunk != nil && a.logged {
			staged = append(staged, a.chunk)
			continue
		}
		flush()
		out = append(out, op{kind: opRows, rel: oid, batch: a.batch, keys: a.keys, chunk: a.chunk})
	}
	flush()
	return joinBatches(out), nil
}

// joinBatches makes one op of neighbouring small batches of one relation, so that
// many one-row statements do not make many blocks.
func joinBatches(ops []op) []op {
	var out []op
	for _, o := range ops {
		if n := len(out); n > 0 && o.kind == opRows && o.batch != nil && o.batch.Sel == nil && out[n-1].kind == opRows &&
			out[n-1].batch != nil && out[n-1].batch.Sel == nil && out[n-1].batch.N+o.batch.N <= vec.Size && sameNumerics(out[n-1].batch, o.batch) {
			prev := &out[n-1]
			if !prev.joined {
				prev.batch, prev.keys, prev.joined = copyBatch(prev.batch), copyKeys(prev.keys), true
			}
			prev.batch.AppendBatch(o.batch)
			appendKeys(prev.keys, o.keys)
			continue
		}
		out = append(out, o)
	}
	return out
}

func sameNumerics(a, b *vec.Batch) bool { return len(a.Cols) == len(b.Cols) }

func copyBatch(b *vec.Batch) *vec.Batch {
	out := &vec.Batch{Cols: make([]vec.Vec, len(b.Cols))}
	for i := range out.Cols {
		out.Cols[i].Kind = b.Cols[i].Kind
	}
	out.AppendBatch(b)
	return out
}

func copyKeys(keys []*rel.Keys) []*rel.Keys {
	out := make([]*rel.Keys, len(keys))
	for i, k := range keys {
		if k != nil {
			out[i] = &rel.Keys{Ends: slices.Clone(k.Ends), Buf: slices.Clone(k.Buf)}
		}
	}
	return out
}

func appendKeys(dst, src []*rel.Keys) {
	for i := range dst {
		if dst[i] == nil {
			continue
		}
		for j := range src[i].Len() {
			dst[i].Append(src[i].Key(j))
		}
	}
}

// pairMoves orders the deleted rows so that those which became others come in the
// order of these.
func (w *writes) pairMoves() (ids []uint64, rows []uint32) {
	if len(w.moves) != len(w.deleted) {
		return w.deleted, nil // some were only deleted: nothing is followed
	}
	for _, m := range w.moves {
		ids, rows = append(ids, m.old), append(rows, uint32(m.row))
	}
	return ids, rows
}

// survivors gives the added rows that were not deleted again, re-encoded.
func (w *writes) survivors(t *tx) ([]addedRows, error) {
	rows, err := w.rows(t.s.e.env, t.catalog())
	if err != nil || rows == nil {
		return nil, err
	}
	src := rows.Scan(rel.ScanSpec{Cols: w.layout.all})
	defer src.Close()
	var out []addedRows
	for {
		var lent vec.Batch
		if err := src.Next(context.Background(), &lent); err != nil {
			return nil, err
		}
		if lent.N == 0 {
			return out, nil
		}
		b := copyBatch(&lent)
		keys, err := w.keys.of(b)
		if err != nil {
			return nil, err
		}
		out = append(out, addedRows{batch: b, keys: keys})
	}
}

// end ends a transaction: its locks are given back and its settings settled.
func (t *tx) end(committed bool) {
	s := t.s
	s.e.locks.release(&s.locker)
	s.e.readingEnds(t)
	if !committed && t.hasStaged {
		s.e.stagingEnds(t.id)
	}
	if committed {
		s.settings.Commit()
		s.e.totals.commits.Add(1)
		for _, fn := range t.atCommit {
			fn()
		}
	} else {
		s.settings.Rollback(0)
		s.e.totals.rollbacks.Add(1)
	}
	s.tx = nil
	s.settingsChanged()
}

// savepoint, release and rollbackTo are the statements of that name.
func (t *tx) savepoint(name string) {
	sp := savepoint{name: name, settings: t.s.settings.Mark(), notes: len(t.notes), atCommit: len(t.atCommit), matviews: len(t.matviews), writes: map[OID]writesMark{}}
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
	t.saves = t.saves[:i]
	return nil
}

func (t *tx) rollbackTo(name string) error {
	i, err := t.findSavepoint(name)
	if err != nil {
		return err
	}
	sp := &t.saves[i]
	if t.edit != nil {
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
		m.w.rollback(m)
		t.writes[oid] = m.w
	}
	t.order = slices.DeleteFunc(t.order, func(oid OID) bool { return t.writes[oid] == nil })
	t.s.settings.Rollback(sp.settings)
	t.notes, t.matviews, t.atCommit = t.notes[:sp.notes], t.matviews[:sp.matviews], t.atCommit[:sp.atCommit]
	t.saves = t.saves[:i+1]
	t.failed = false
	t.s.settingsChanged()
	return nil
}
