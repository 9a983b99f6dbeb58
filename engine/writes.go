package engine

import (
	"context"
	"maps"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// writes is what a transaction has staged in one relation, in the layout of rel.
// When the relation is redefined or truncated, new writes take their place, so
// that a savepoint can go back to the old ones.
type writes struct {
	rel    *catalog.Relation
	layout *layout
	keys   *indexKeys
	// spilled are the first of the rows it has inserted, those that were moved to the
	// store; nil: none. added are the others, in order, and bytes roughly their size in
	// memory. n counts both; a row's position counts from the first one.
	spilled *rel.Relation
	added   []addedRows
	bytes   int64
	n       int
	// deleted are rows of the committed table, in order; gone finds them.
	deleted []uint64
	gone    *goneSet
	// own are rows of its own that it has deleted again, by position; ownAt finds them.
	own   []uint64
	ownAt map[uint64]int
	// truncated: everything committed before is deleted too.
	truncated bool
	// moves pairs deleted rows with the added rows they became.
	moves []movedRow
	// ownMoves pairs own rows that were updated with what they became: so a cursor finds
	// its row again.
	ownMoves []movedRow
	// were finds what an added row is a new version of, by position; it knows the first
	// of moves and ownMoves.
	were            map[uint64]uint64
	known, ownKnown int
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
	// block is the number of the chunk among the transaction's blocks in the log; 0: it
	// is not there.
	block uint64
	bytes int64
}

func (a *addedRows) rows() int {
	if a.chunk != nil {
		return a.chunk.Rows()
	}
	return a.batch.N
}

type writesMark struct {
	w *writes

	n, deleted, own, moves, ownMoves int
	truncated                        bool
}

func (w *writes) mark() writesMark {
	return writesMark{w, w.n, len(w.deleted), len(w.own), len(w.moves), len(w.ownMoves), w.truncated}
}

// rollback undoes what came after the mark.
func (w *writes) rollback(m writesMark) error {
	if err := w.cut(m.n); err != nil {
		return err
	}
	for _, row := range w.own[m.own:] {
		if w.ownAt[row] >= m.own {
			delete(w.ownAt, row)
		}
	}
	w.own, w.moves, w.truncated = w.own[:m.own], w.moves[:m.moves], m.truncated
	w.ownMoves = w.ownMoves[:m.ownMoves]
	w.were, w.known, w.ownKnown = nil, 0, 0
	w.gone.remove(w.deleted[m.deleted:])
	w.deleted = w.deleted[:m.deleted]
	w.overlay, w.filled, w.gonePut = nil, 0, 0
	return nil
}

// origin finds the stored row that one of the transaction's own rows is a version of.
func (w *writes) origin(own uint64) (id uint64, ok bool) {
	if w.were == nil {
		w.were = map[uint64]uint64{}
	}
	for _, m := range w.moves[w.known:] {
		w.were[m.row] = m.old
	}
	for _, m := range w.ownMoves[w.ownKnown:] {
		w.were[m.row] = m.old
	}
	w.known, w.ownKnown = len(w.moves), len(w.ownMoves)
	for id = own; id >= ownBase; {
		if id, ok = w.were[id-ownBase]; !ok {
			return 0, false
		}
	}
	return id, true
}

// spilledRows is the number of rows that were moved to the store.
func (w *writes) spilledRows() int {
	if w.spilled == nil {
		return 0
	}
	return int(w.spilled.NextID())
}

// add stages rows behind the others.
func (w *writes) add(a addedRows) {
	if a.chunk != nil {
		a.bytes = a.chunk.Bytes()
	} else {
		a.bytes = batchBytes(a.batch, a.keys)
	}
	w.added = append(w.added, a)
	w.bytes += a.bytes
	w.n += a.rows()
}

// batchBytes estimates what rows and their keys take in memory.
func batchBytes(b *vec.Batch, keys []*rel.Keys) int64 {
	const vectorBytes, valueBytes = 256, 9
	n := 0
	for i := range b.Cols {
		n += vectorBytes + valueBytes*b.N
		for _, s := range b.Cols[i].Strs {
			n += 16 + len(s)
		}
	}
	for _, k := range keys {
		if k != nil {
			n += 4*len(k.Ends) + len(k.Buf)
		}
	}
	return int64(n)
}

// ownBase is where the ids of a transaction's own rows begin.
const ownBase = uint64(1) << 62

// takeOver takes what was staged before the relation was redefined: columns were
// added or dropped, indexes came.
func (w *writes) takeOver(old *writes, env *rel.Env, snap *catalog.Snapshot) error {
	w.truncated = old.truncated
	w.deleted, w.gone = slices.Clone(old.deleted), newGoneSet(old.deleted)
	w.own, w.ownAt = slices.Clone(old.own), maps.Clone(old.ownAt)
	w.moves, w.ownMoves = slices.Clone(old.moves), slices.Clone(old.ownMoves)
	if err := w.spillAgain(old, env, snap); err != nil {
		return err
	}
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
		w.add(a)
	}
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
	w.add(addedRows{batch: b, keys: keys})
	return nil
}

// remove stages the deletion of rows by id.
func (w *writes) remove(ids []uint64) {
	for _, id := range ids {
		if id >= ownBase {
			w.removeOwn(id - ownBase)
			continue
		}
		if w.gone == nil {
			w.gone = newGoneSet(nil)
		}
		w.gone.add(id, len(w.deleted))
		w.deleted = append(w.deleted, id)
	}
}

func (w *writes) removeOwn(row uint64) {
	if w.ownAt == nil {
		w.ownAt = map[uint64]int{}
	}
	if _, twice := w.ownAt[row]; !twice {
		w.ownAt[row] = len(w.own)
	}
	w.own = append(w.own, row)
}

// isGone tells whether the transaction has deleted a row.
func (w *writes) isGone(id uint64) bool {
	if w == nil {
		return false
	}
	if id >= ownBase {
		_, gone := w.ownAt[id-ownBase]
		return gone
	}
	if w.truncated {
		return true
	}
	return w.gone.view(len(w.deleted)).has(id)
}

// rows gives the transaction's own rows as a relation that can be read; nil when
// there are none.
func (w *writes) rows(env *rel.Env, snap *catalog.Snapshot) (*rel.Relation, error) {
	if w == nil || w.n == 0 {
		return nil, nil
	}
	if w.overlay == nil {
		var err error
		if w.overlay, err = w.writer(env, snap); err != nil {
			return nil, err
		}
	}
	for ; w.filled < len(w.added); w.filled++ {
		if err := w.added[w.filled].addTo(w.overlay); err != nil {
			return nil, err
		}
	}
	if w.gonePut < len(w.own) {
		w.overlay.Delete(w.own[w.gonePut:])
		w.gonePut = len(w.own)
	}
	return w.overlay.Publish(), nil
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
		d.moved, d.moves = w.lastMoves()
		out = append(out, d)
	}
	if w.spilled != nil {
		out = append(out, op{kind: opSpilled, rel: oid, spilled: w.spilled, ids: w.ownSpilled()})
	}
	staged := op{kind: opStaged, rel: oid}
	flush := func() {
		if len(staged.staged) > 0 {
			out = append(out, staged)
			staged.staged, staged.numbers = nil, nil
		}
	}
	for i := range added {
		a := &added[i]
		if a.block > 0 {
			staged.staged, staged.numbers = append(staged.staged, a.chunk), append(staged.numbers, a.block)
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
	if len(ops) < 2 {
		return ops
	}
	var out []op
	size := 0 // of the last op's largest column
	for _, o := range ops {
		before := size
		if size = 0; o.batch != nil {
			size = columnBytes(o.batch)
		}
		if n := len(out); n > 0 && before+size <= pieceBytes && o.kind == opRows && o.batch != nil && o.batch.Sel == nil && out[n-1].kind == opRows &&
			out[n-1].batch != nil && out[n-1].batch.Sel == nil && out[n-1].batch.N+o.batch.N <= vec.Size && sameNumerics(out[n-1].batch, o.batch) {
			prev := &out[n-1]
			if !prev.joined {
				prev.batch, prev.keys, prev.joined = copyBatch(prev.batch), copyKeys(prev.keys), true
			}
			prev.batch.AppendBatch(o.batch)
			appendKeys(prev.keys, o.keys)
			size += before
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

// lastMoves says which stored rows have become which of the rows that the transaction
// leaves, counted as they will be when its own deleted ones are left out.
func (w *writes) lastMoves() (ids []uint64, rows []uint32) {
	next := make(map[uint64]uint64, len(w.ownMoves))
	for _, m := range w.ownMoves {
		next[m.old-ownBase] = m.row
	}
	spilled := uint64(w.spilledRows()) // they keep their places
	dead := slices.DeleteFunc(slices.Clone(w.own), func(row uint64) bool { return row < spilled })
	slices.Sort(dead)
	for _, m := range w.moves {
		row := m.row
		for {
			became, ok := next[row]
			if !ok {
				break
			}
			row = became
		}
		if _, gone := w.ownAt[row]; gone {
			continue
		}
		before, _ := slices.BinarySearch(dead, row)
		ids, rows = append(ids, m.old), append(rows, uint32(row-uint64(before)))
	}
	return ids, rows
}

// writer makes a writer of the rows that were spilled, to add others to.
func (w *writes) writer(env *rel.Env, snap *catalog.Snapshot) (*rel.Writer, error) {
	if w.spilled != nil {
		return rel.NewPrivateWriter(w.spilled), nil
	}
	schema, err := storageSchema(w.rel, snap)
	if err != nil {
		return nil, err
	}
	schema.Indexes = w.keys.slots()
	for i := range schema.Indexes {
		schema.Indexes[i].Building = false
	}
	return rel.NewPrivateWriter(rel.New(env, schema)), nil
}

func (a *addedRows) addTo(to *rel.Writer) (err error) {
	if a.chunk != nil {
		_, err = to.Append(a.chunk)
	} else {
		_, err = to.AppendRows(a.batch, a.keys...)
	}
	return err
}

// survivors gives the added rows in memory that were not deleted again, re-encoded.
func (w *writes) survivors(t *tx) ([]addedRows, error) {
	rows, err := w.rows(t.s.e.env, t.catalog())
	if err != nil || rows == nil {
		return nil, err
	}
	src := rows.Scan(rel.ScanSpec{Cols: w.layout.all, From: uint64(w.spilledRows())})
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
		list, err := pieces(copyBatch(&lent))
		if err != nil {
			return nil, err
		}
		for _, b := range list {
			keys, err := w.keys.of(b)
			if err != nil {
				return nil, err
			}
			out = append(out, addedRows{batch: b, keys: keys})
		}
	}
}
