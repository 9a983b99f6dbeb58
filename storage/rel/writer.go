package rel

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/invariant"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// Writer makes the versions of one relation. It is owned by the commit line, is
// used by one goroutine at a time, and is the only thing that changes. What was
// changed is seen in the version that the next Publish gives; versions that were
// published stay as they are.
//
// An error (a row that is too large, a block that does not fit the schema)
// leaves the writer as it was before the call.
type Writer struct {
	r   Relation // the version in the making
	o   *openBatch
	gen uint64 // the generation of r.gone (D1)
	// tail is what is counted in env.Tail.
	tail int64
	// private: nothing is counted, see NewPrivateWriter.
	private bool
	// builder is what a private writer's segments are built in, one after the other, of
	// the schema builderOf.
	builder   *segment.Builder
	builderOf *Schema
}

// coalesceRows is the size below which a chunk's rows are rather appended to the
// open batch: a scan of many small chunks is slow.
const coalesceRows = 1024

const (
	// openBytes is the size at which the open batch is closed, however few rows it
	// has.
	openBytes = 4 << 20
	// MaxColumn is the size up to which a column of a chunk, or of rows that are
	// appended together, is taken: larger ones could not be sealed. With an open batch
	// (openBytes) it fits behind what a segment has when it is not yet full.
	MaxColumn = 24 << 20
)

func tooLarge(bytes int) error {
	return pgerr.New(pgerr.ProgramLimitExceeded, "column of %d bytes in one commit is too large, the limit is %d", bytes, MaxColumn)
}

// NewWriter makes the writer that goes on from a version; of a relation there is
// one writer.
func NewWriter(from *Relation) *Writer {
	w := &Writer{r: *from, gen: 1}
	w.r.chunks, w.r.fromOpen = slices.Clip(from.chunks), nil
	w.r.runs = slices.Clone(from.runs)
	if from.open.n > 0 {
		// The batch has another writer's rows behind its end; it is not gone on with.
		panic("rel: a writer must begin at a version without an open batch")
	}
	for i := range from.chunks {
		w.count(from.chunks[i].bytes)
	}
	w.o = newOpenBatch(w.r.schema, w.r.next)
	return w
}

// NewPrivateWriter makes a writer for rows that only a transaction sees: they are
// not counted against the tail budget. Nobody seals them, so that the transaction
// itself would wait for ever for their going. It goes on from a version in which
// everything is sealed.
func NewPrivateWriter(from *Relation) *Writer {
	w := NewWriter(from)
	w.private = true
	w.r.sieves = make([]sieve, len(w.r.schema.Indexes))
	return w
}

// Close gives back what the writer has counted against the tail budget, when the
// relation is dropped or the server stops. The versions stay readable.
func (w *Writer) Close() {
	w.count(-w.tail)
}

func (w *Writer) count(n int64) {
	if w.private {
		return
	}
	w.tail += n
	w.r.env.Tail.add(n)
}

// Schema is the schema of the version in the making.
func (w *Writer) Schema() *Schema { return w.r.schema }

// NextID is the id that the next row will get.
func (w *Writer) NextID() uint64 { return w.r.next }

// Append adds the rows of a chunk and gives the id of the first; the others
// follow it. The chunk has the schema's columns, or fewer if some were added
// after it was encoded, and keys for every index that takes keys.
func (w *Writer) Append(c *Chunk) (first uint64, err error) {
	if err := w.fits(c); err != nil {
		return 0, err
	}
	if n := c.Rows(); n < coalesceRows || w.o.n > 0 && w.o.n+n <= vec.Size && w.o.n < coalesceRows {
		var b vec.Batch
		if err := c.block.Decode(&b, nil); err != nil {
			return 0, err
		}
		keys := make([]*Keys, len(c.runs))
		for i, run := range c.runs {
			if run != nil {
				keys[i] = run.keys
			}
		}
		return w.appendRows(&b, keys)
	}
	if err := w.closeOpen(); err != nil {
		return 0, err
	}
	first = w.r.next
	w.place(c)
	return first, nil
}

// fits checks a chunk against the schema.
func (w *Writer) fits(c *Chunk) error {
	s := w.r.schema
	if c.block.Columns() > len(s.Cols) {
		return pgerr.New(pgerr.InternalError, "block of %d columns for a relation of %d", c.block.Columns(), len(s.Cols))
	}
	for i := range c.block.Columns() {
		p, err := c.block.Page(i)
		if err != nil {
			return err
		}
		if p.Kind() != s.Cols[i].Kind {
			return pgerr.New(pgerr.InternalError, "column %d is of kind %s, not %s", i, p.Kind(), s.Cols[i].Kind)
		}
		if n := len(p.Bytes()); n > MaxColumn {
			return tooLarge(n)
		}
	}
	for i := range s.Indexes {
		if !s.Indexes[i].Dropped && c.run(i) == nil {
			return pgerr.New(pgerr.InternalError, "chunk without keys for index %d", i)
		}
	}
	return nil
}

// place adds a chunk behind all rows.
func (w *Writer) place(c *Chunk) {
	w.r.chunks = append(w.r.chunks, placed{Chunk: c, base: w.r.next})
	for i := range w.r.sieves {
		if run := c.run(i); run != nil {
			w.r.sieves[i].addRun(run)
		}
	}
	w.count(c.bytes)
	w.r.next += uint64(c.Rows())
	w.o.base = w.r.next
}

// AppendRows adds the rows of b that count, each once, with their keys per index
// slot, and gives the id of the first. It copies the rows (not the bytes of
// strings, which are let go when the batch is full) and the keys.
func (w *Writer) AppendRows(b *vec.Batch, keys ...*Keys) (first uint64, err error) {
	if b.Weights != nil || len(b.Cols) > len(w.r.schema.Cols) {
		return 0, pgerr.New(pgerr.InternalError, "batch of %d columns for a relation of %d, weights %v", len(b.Cols), len(w.r.schema.Cols), b.Weights != nil)
	}
	for i := range w.r.schema.Indexes {
		if w.r.schema.Indexes[i].Dropped {
			continue
		}
		if i >= len(keys) || keys[i] == nil {
			return 0, pgerr.New(pgerr.InternalError, "rows without keys for index %d", i)
		}
		if err := keys[i].Check(b.N); err != nil {
			return 0, err
		}
	}
	for i := range b.Cols {
		if b.Cols[i].Kind != w.r.schema.Cols[i].Kind {
			return 0, pgerr.New(pgerr.InternalError, "column %d is of kind %s, not %s", i, b.Cols[i].Kind, w.r.schema.Cols[i].Kind)
		}
		n := 0
		for _, s := range b.Cols[i].Strs {
			n += len(s)
		}
		if n > MaxColumn {
			return 0, tooLarge(n)
		}
	}
	return w.appendRows(b, copyKeys(keys))
}

func copyKeys(keys []*Keys) []*Keys {
	out := make([]*Keys, len(keys))
	for i, k := range keys {
		if k != nil {
			out[i] = &Keys{Ends: slices.Clone(k.Ends), Buf: slices.Clone(k.Buf)}
		}
	}
	return out
}

func (w *Writer) appendRows(b *vec.Batch, keys []*Keys) (first uint64, err error) {
	if w.o.n+b.N > vec.Size || w.o.bytes > openBytes {
		if err := w.closeOpen(); err != nil {
			return 0, err
		}
	}
	first = w.r.next
	before := w.o.bytes
	w.o.append(w.r.schema, b, keys)
	w.count(w.o.bytes - before)
	w.r.next += uint64(b.N)
	return first, nil
}

// closeOpen makes the open batch a chunk and begins another.
func (w *Writer) closeOpen() error {
	if w.o.n == 0 {
		return nil
	}
	view := w.o.view()
	c, err := view.encode(&w.r.gone)
	if err != nil {
		return err
	}
	// The ids are those that the rows have already.
	w.count(chunkOverhead - w.o.bytes)
	w.r.next = w.o.base
	w.place(c)
	w.o = newOpenBatch(w.r.schema, w.r.next)
	return nil
}

// Delete deletes rows by id and gives how many of them were there.
func (w *Writer) Delete(ids []uint64) (n int) {
	for _, id := range ids {
		if id < w.r.next && w.r.gone.add(id, w.gen) {
			n++
			if id >= w.o.base {
				w.o.gone++
			}
		}
	}
	w.o.prune(&w.r.gone)
	return n
}

// Truncate deletes all rows.
func (w *Writer) Truncate() {
	w.count(-w.tail)
	w.r.segs, w.r.chunks = nil, nil
	w.r.runs = make([][]*heldRun, len(w.r.schema.Indexes))
	w.r.sealed = sealedStats{}
	w.r.gone.raise(w.r.next)
	w.o = newOpenBatch(w.r.schema, w.r.next)
}

// DropBelow drops the sealed and encoded parts in which every value of a column
// is below a bound, and gives how many rows were in them. It is for retention:
// the caller has taken these rows out of everybody's sight before, so that it
// does not matter which of them still have a place. It costs a step per part.
func (w *Writer) DropBelow(col int, bound types.Datum) (rows int64) {
	before := w.r.Rows()
	kind := w.r.schema.Cols[col].Kind
	below := func(s vec.Stat) bool {
		return s.Known && !s.MaxOpen && s.Nulls == 0 && segment.Compare(kind, s.Max, bound) < 0
	}
	segs := make([]*held, 0, len(w.r.segs))
	for _, s := range w.r.segs {
		if below(segStat(w.r.schema, s.Segment, col)) {
			w.r.gone.addRange(s.Lo, s.Hi, w.gen)
		} else {
			segs = append(segs, s)
		}
	}
	w.r.segs = segs
	for len(w.r.chunks) > 0 {
		c := &w.r.chunks[0]
		if st, err := c.stat(w.r.schema, col); err != nil || !below(st) {
			break
		}
		w.r.gone.addRange(c.base, c.end(), w.gen)
		w.count(-c.bytes)
		w.r.chunks = w.r.chunks[1:]
	}
	w.r.runs = slices.Clone(w.r.runs)
	for x, runs := range w.r.runs {
		w.r.runs[x] = slices.DeleteFunc(slices.Clone(runs), func(r *heldRun) bool { return w.r.allGone(r.Lo, r.Hi) })
	}
	return before - w.r.Rows()
}

// AddColumn adds a column slot; the rows that are there have its missing value.
func (w *Writer) AddColumn(c Column) error {
	return w.alter(func(s *Schema) { s.Cols = append(s.Cols, c) })
}

// DropColumn drops a column slot. Its values are forgotten when rows are sealed.
func (w *Writer) DropColumn(slot int) error {
	return w.alter(func(s *Schema) {
		s.Cols[slot].Dropped = true
		s.Cols[slot].Missing = types.Null
	})
}

// alter publishes nothing by itself: versions keep the schema they have.
func (w *Writer) alter(change func(*Schema)) error {
	if err := w.closeOpen(); err != nil {
		return err
	}
	s := &Schema{Cols: slices.Clone(w.r.schema.Cols), Indexes: slices.Clone(w.r.schema.Indexes)}
	change(s)
	w.r.schema = s
	runs := make([][]*heldRun, len(s.Indexes))
	copy(runs, w.r.runs)
	for i := range runs {
		if s.Indexes[i].Dropped {
			runs[i] = nil
		}
	}
	w.r.runs = runs
	w.o = newOpenBatch(s, w.r.next)
	return nil
}

// Publish gives the version that has all changes so far. It costs what a
// Relation takes, whatever the number of rows; the version may be shown to
// readers at once, later or never.
func (w *Writer) Publish() *Relation {
	w.gen++
	v := w.r
	v.open = w.o.view()
	v.lazy = new(lazyStats)
	v.chunks = slices.Clip(v.chunks)
	if invariant.Enabled {
		v.check()
	}
	return &v
}

// check checks that ids are in order and dense in the tail (R1), and that counts
// agree.
func (r *Relation) check() {
	last := uint64(0)
	for _, s := range r.segs {
		invariant.Check(s.Lo >= last && s.Hi > s.Lo, "R1: segment %d … %d after %d", s.Lo, s.Hi, last)
		last = s.Hi
	}
	for i := range r.chunks {
		c := &r.chunks[i]
		invariant.Check(i == 0 && c.base >= last || c.base == last, "R1: chunk at %d after %d", c.base, last)
		last = c.end()
	}
	if r.open.n > 0 {
		invariant.Check(len(r.chunks) == 0 && r.open.base >= last || r.open.base == last, "R1: open batch at %d after %d", r.open.base, last)
		last = r.open.end()
	}
	invariant.Check(last <= r.next, "R1: rows to %d, next id %d", last, r.next)
	invariant.Check(r.Rows() >= 0, "R5: %d rows", r.Rows())
}
