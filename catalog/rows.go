package catalog

import (
	"context"
	"sync"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// BatchesFunc gives the rows of a virtual relation, a column per column of the
// relation in order. The batches are immutable and may be kept; they have no
// selection and no weights.
type BatchesFunc func(ctx context.Context, c *Context) ([]*vec.Batch, error)

// filler says where the rows of a virtual relation come from. Those that never
// change are made once, those that follow from the snapshot once per snapshot.
type filler struct {
	static   func(w *rowWriter)
	snapshot func(s *Snapshot, w *rowWriter)
	// live makes rows at every reading.
	live func(ctx context.Context, c *Context, w *rowWriter) error
	// refresh replaces columns of the snapshot's rows that change between
	// snapshots.
	refresh func(c *Context, b *vec.Batch) *vec.Batch
}

// rowWriter collects rows as batches.
type rowWriter struct {
	rel     *Relation
	batches []*vec.Batch
}

// add appends a row.
func (w *rowWriter) add(row ...types.Datum) {
	if len(row) != len(w.rel.Columns) {
		panic("catalog: row of " + w.rel.Name + " has the wrong number of columns")
	}
	n := len(w.batches)
	if n == 0 || w.batches[n-1].N == vec.Size {
		b := &vec.Batch{Cols: make([]vec.Vec, len(row))}
		for i := range b.Cols {
			b.Cols[i].Kind = w.rel.Columns[i].Type.Kind
		}
		w.batches = append(w.batches, b)
		n++
	}
	b := w.batches[n-1]
	for i, d := range row {
		b.Cols[i].AppendDatum(d)
	}
	b.N++
}

// rowCache holds what was made of one snapshot.
type rowCache struct {
	mu     sync.Mutex
	rels   map[OID]*cachedRows
	finder finder
}

type cachedRows struct {
	once    sync.Once
	batches []*vec.Batch
}

func newRowCache() *rowCache { return &rowCache{} }

// get gives the relation's rows, making them when they are first asked for.
func (c *rowCache) get(r *Relation, make func(w *rowWriter)) []*vec.Batch {
	c.mu.Lock()
	if c.rels == nil {
		c.rels = map[OID]*cachedRows{}
	}
	rows := c.rels[r.OID]
	if rows == nil {
		rows = &cachedRows{}
		c.rels[r.OID] = rows
	}
	c.mu.Unlock()
	rows.once.Do(func() {
		w := &rowWriter{rel: r}
		make(w)
		rows.batches = w.batches
	})
	return rows.batches
}

// staticRows holds what is the same in every snapshot.
var staticRows = newRowCache()

// batches makes a relation's BatchesFunc.
func (f filler) batches(r *Relation) BatchesFunc {
	return func(ctx context.Context, c *Context) ([]*vec.Batch, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var out []*vec.Batch
		if f.static != nil {
			out = append(out, staticRows.get(r, f.static)...)
		}
		if f.snapshot != nil {
			for _, b := range c.cache.get(r, func(w *rowWriter) { f.snapshot(c.Snapshot, w) }) {
				if f.refresh != nil {
					b = f.refresh(c, b)
				}
				out = append(out, b)
			}
		}
		if f.live != nil {
			w := &rowWriter{rel: r}
			if err := f.live(ctx, c, w); err != nil {
				return nil, err
			}
			out = append(out, w.batches...)
		}
		return out, nil
	}
}
