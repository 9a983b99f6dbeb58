package rel

import (
	"bytes"
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// Sealing is a job: the first chunks of a version, to be made segments. It is
// prepared, and run by any goroutine, beside the commit line, and its result is
// then handed to Writer.Replace.
type Sealing struct {
	r      *Relation
	groups [][]placed // one segment each
	// builder has the memory of an earlier job; nil: there is none. Its last segments may
	// be written behind the job.
	builder *segment.Builder
}

// Seal gives the job of sealing the version's chunks: those that fill segments,
// or all if all is set (the tail budget is short, or the server stops); nil when
// there is nothing to do.
func (r *Relation) Seal(all bool) *Sealing {
	s := &Sealing{r: r}
	from, rows, size, full := 0, 0, int64(0), r.env.limits.segmentRows
	for i := range r.chunks {
		n, b := r.chunks[i].Rows(), int64(len(r.chunks[i].block.Bytes()))
		if rows > 0 && (rows+n > full || size+b > maxGroup) {
			s.groups = append(s.groups, r.chunks[from:i])
			from, rows, size = i, 0, 0
		}
		rows, size = rows+n, size+b
	}
	if rows > 0 && (all || rows > full-vec.Size) {
		s.groups = append(s.groups, r.chunks[from:])
	}
	if len(s.groups) == 0 {
		return nil
	}
	return s
}

// maxGroup bounds the bytes of chunks that become one segment.
const maxGroup = 24 << 20

// Rows that are gone are left out of a segment when they are at least one in
// this many.
const sparseShare = 4

// Run does the job. An error, or the end of ctx, leaves nothing behind.
func (s *Sealing) Run(ctx context.Context) (*Replacement, error) {
	n := len(s.r.schema.Indexes)
	p := &Replacement{env: s.r.env, runs: make([][]*heldRun, n), oldRuns: make([][]*heldRun, n), sketches: make([]*sketch, len(s.r.schema.Cols))}
	if s.builder == nil {
		s.builder = segment.NewBuilder(s.r.schema.kinds(), false)
	}
	b := &blockBuilder{r: s.r, b: s.builder, sketches: p.sketches, done: p.addSegment}
	for _, g := range s.groups {
		err := context.Cause(ctx)
		if err == nil {
			err = s.group(b, p, g)
		}
		if err != nil {
			s.builder.Abandon()
			p.Discard()
			return nil, err
		}
	}
	crash.Point("rel.after-seal")
	return p, nil
}

// group makes the segment of some chunks, and their index runs.
func (s *Sealing) group(b *blockBuilder, p *Replacement, chunks []placed) error {
	lo, hi := chunks[0].base, chunks[len(chunks)-1].end()
	gone := s.r.gone.countIn(max(lo, s.r.gone.floor), max(hi, s.r.gone.floor))
	b.sparse = gone*sparseShare >= hi-lo
	for i := range chunks {
		if err := b.chunk(&chunks[i]); err != nil {
			return err
		}
	}
	if err := b.finish(hi); err != nil {
		return err
	}
	for x := range s.r.schema.Indexes {
		run, err := s.run(x, chunks, lo, hi)
		if err != nil {
			return err
		}
		p.addRun(x, run)
	}
	p.chunks = append(p.chunks, chunks...)
	return nil
}

// run merges the keys of chunks into a run, without those of rows that are gone.
func (s *Sealing) run(index int, chunks []placed, lo, hi uint64) (*segment.Run, error) {
	if s.r.schema.Indexes[index].Dropped {
		return nil, nil
	}
	type item struct {
		head uint64
		key  []byte
		id   uint64
	}
	var items []item
	for i := range chunks {
		run := chunks[i].run(index)
		if run == nil {
			continue
		}
		for _, row := range run.order {
			if id := chunks[i].base + uint64(row); s.r.Visible(id) {
				key := run.keys.Key(int(row))
				items = append(items, item{keyHead(key), key, id})
			}
		}
	}
	byKey := func(a, b item) int {
		switch {
		case a.head < b.head:
			return -1
		case a.head > b.head:
			return 1
		}
		if c := bytes.Compare(a.key, b.key); c != 0 {
			return c
		}
		if a.id < b.id {
			return -1
		}
		return 1
	}
	if !slices.IsSortedFunc(items, byKey) {
		slices.SortFunc(items, byKey)
	}
	b := segment.NewRunBuilder(s.r.env.Store, lo, hi, len(items))
	for i := range items {
		if err := b.Add(items[i].key, items[i].id); err != nil {
			b.Discard()
			return nil, err
		}
	}
	return b.Finish()
}
