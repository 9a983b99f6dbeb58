package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// A COPY into a table without indexes that has brought more than directBytes goes to
// segments at once (semantics §20): its rows are written one time, by a goroutine of
// its own, while others are decoded, and the commit only names them. Smaller ones are
// staged in the log. Rows with keys stay in memory for as long as they fit, since the
// statement looks for their duplicates there.

const (
	// directBytes is from which size on rows of a COPY go to segments at once.
	directBytes = 8 << 20
	// directStep is how many bytes are sealed together.
	directStep = 8 << 20
	// directQueue is how many chunks may wait for being sealed.
	directQueue = 64
)

// directLoad moves the rows of one COPY to the store while it runs. Nobody sees them
// before finish.
type directLoad struct {
	w  *writes
	to *rel.Writer
	in chan addedRows
	n  int
	// distinct has what add has sketched of the rows.
	distinct rel.Sketches
	done     chan struct{} // closed when the goroutine has ended
	err      error         // of the goroutine, once it has ended
}

// goesDirect tells whether what a COPY brings from now on is to go to segments at once.
func (c *copyIn) goesDirect() bool {
	w := c.md.w
	return c.every == 0 && c.rel.Kind == catalog.Table && len(w.keys.indexes) == 0 && (w.bytes > directBytes || w.spilled != nil)
}

// put stages rows that were checked.
func (c *copyIn) put(ctx context.Context, b *vec.Batch) error {
	if c.direct == nil && !c.goesDirect() {
		return c.s.tx.put(ctx, c.rel.OID, c.md.w, b)
	}
	if c.direct == nil {
		l, err := c.startDirect(ctx)
		if err != nil {
			return err
		}
		c.direct = l
	}
	return c.direct.add(b)
}

// endDirect ends the moving of rows to the store, if there is any; err is what the
// COPY has failed with.
func (c *copyIn) endDirect(err error) error {
	switch {
	case c.direct == nil:
		return err
	case err != nil:
		c.direct.abort()
		return err
	}
	return c.direct.finish()
}

// startDirect begins to move rows to the store, behind those that are staged already.
// It owns a goroutine until finish or abort.
func (c *copyIn) startDirect(ctx context.Context) (*directLoad, error) {
	t, w := c.s.tx, c.md.w
	if err := t.spill(ctx); err != nil {
		return nil, err
	}
	to, err := w.writer(t.s.e.env, t.catalog())
	if err != nil {
		return nil, err
	}
	l := &directLoad{w: w, to: to, in: make(chan addedRows, directQueue), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		l.err = l.run(ctx)
	}()
	return l, nil
}

// run seals what comes, several segments at a time.
func (l *directLoad) run(ctx context.Context) error {
	bytes := int64(0)
	for a := range l.in {
		if err := a.addTo(l.to); err != nil {
			return err
		}
		if bytes += a.chunk.Bytes(); bytes < directStep {
			continue
		}
		bytes = 0
		if err := l.to.SealFull(ctx); err != nil {
			return err
		}
		crash.Point("tx.after-spill")
	}
	return l.to.Settle(ctx)
}

// add gives rows to be moved, in order.
func (l *directLoad) add(live *vec.Batch) error {
	rows := l.w.layout.store(live)
	a, err := l.w.encode(rows)
	if err == nil {
		err = l.distinct.Take(a.chunk, rows)
	}
	if err != nil {
		return err
	}
	select {
	case l.in <- a:
		l.n += a.rows()
		return nil
	case <-l.done:
		return l.err
	}
}

// finish waits until all rows are in the store, and makes them the transaction's.
func (l *directLoad) finish() error {
	close(l.in)
	if <-l.done; l.err != nil {
		l.discard()
		return l.err
	}
	l.to.AddSketches(&l.distinct)
	l.w.spilled, l.w.n = l.to.Publish(), l.w.n+l.n
	l.w.overlay, l.w.filled, l.w.gonePut = nil, 0, 0
	crash.Point("tx.after-spill")
	return nil
}

// abort gives up what was moved.
func (l *directLoad) abort() {
	close(l.in)
	<-l.done
	l.discard()
}

// discard deletes what is in the store and not the transaction's.
func (l *directLoad) discard() {
	l.to.Abandon()
	l.to.Publish().DiscardBeyond(l.w.spilled)
}
