package rel

import (
	"container/heap"
	"context"

	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// Compaction is a job: neighbouring segments that are small, or of which much is
// gone, become fewer and denser ones; neighbouring index runs become one. Like
// Sealing it runs beside the commit line, and its result goes to Writer.Replace.
type Compaction struct {
	r    *Relation
	segs []*held
	runs [][]*heldRun // by index slot
	cold bool
}

// A segment of which a share of more than 1 / goneShare is gone is written anew.
const goneShare = 3

// Compact gives the most useful compaction of the version, nil when none is
// worth while. Cold has the columns of what is written compressed: it takes a
// third of the room or more where values are random, and scans run at a third of
// the speed.
func (r *Relation) Compact(cold bool) *Compaction {
	c := &Compaction{r: r, runs: make([][]*heldRun, len(r.schema.Indexes)), cold: cold}
	c.segs = r.compactable()
	found := len(c.segs) > 0
	for x := range r.runs {
		c.runs[x] = r.compactableRuns(x)
		found = found || len(c.runs[x]) > 0
	}
	if !found {
		return nil
	}
	return c
}

// liveRows is the number of visible rows of a segment.
func (r *Relation) liveRows(s *held) int {
	lo, hi := max(s.Lo, r.gone.floor), max(s.Hi, r.gone.floor)
	return int(hi - lo - r.gone.countIn(lo, hi))
}

// compactable gives the first neighbours that are worth merging.
func (r *Relation) compactable() []*held {
	for i := 0; i < len(r.segs); {
		rows, size, small, sparse, j := 0, int64(0), true, false, i
		full := r.env.limits.segmentRows
		for ; j < len(r.segs); j++ {
			s := r.segs[j]
			n := r.liveRows(s)
			if j > i && (rows+n > full || size+s.Bytes() > maxGroup) {
				break
			}
			rows, size = rows+n, size+s.Bytes()
			small = small && n < full/4
			sparse = sparse || (s.Rows()-n)*goneShare > s.Rows()
		}
		if n := j - i; sparse || n >= r.env.limits.mergeCount || n > 1 && small && rows >= full/4 {
			return r.segs[i:j]
		}
		i = j
	}
	return nil
}

// compactableRuns gives neighbouring runs that are worth merging, or one that is
// mostly of rows that are gone.
func (r *Relation) compactableRuns(index int) []*heldRun {
	runs := r.runs[index]
	for i := 0; i < len(runs); {
		entries, j := 0, i
		for ; j < len(runs); j++ {
			if j > i && entries+runs[j].Entries > r.env.limits.runEntries {
				break
			}
			entries += runs[j].Entries
		}
		if j-i >= r.env.limits.mergeRuns {
			return runs[i:j]
		}
		for _, x := range runs[i:j] {
			lo, hi := max(x.Lo, r.gone.floor), max(x.Hi, r.gone.floor)
			if live := int(hi - lo - r.gone.countIn(lo, hi)); x.Entries > 2*live+1000 {
				return []*heldRun{x}
			}
		}
		i = j
	}
	return nil
}

// Run does the job. An error, or the end of ctx, leaves nothing behind.
func (c *Compaction) Run(ctx context.Context) (*Replacement, error) {
	n := len(c.runs)
	p := &Replacement{env: c.r.env, old: c.segs, runs: make([][]*heldRun, n), oldRuns: c.runs}
	err := c.segments(ctx, p)
	for x := range c.runs {
		if err == nil && len(c.runs[x]) > 0 {
			err = c.mergeRuns(ctx, p, x)
		}
	}
	if err != nil {
		p.Discard()
		return nil, err
	}
	crash.Point("rel.after-compact")
	return p, nil
}

// segments writes the visible rows of the segments into new ones.
func (c *Compaction) segments(ctx context.Context, p *Replacement) error {
	if len(c.segs) == 0 {
		return nil
	}
	part := *c.r
	part.segs, part.chunks, part.open = c.segs, nil, openView{}
	cols, kept := make([]int, 0, len(c.r.schema.Cols)), make([]int, 0, len(c.r.schema.Cols))
	for slot, col := range c.r.schema.Cols {
		if !col.Dropped {
			kept = append(kept, slot)
		}
		cols = append(cols, slot)
	}
	size := int64(0)
	for _, s := range c.segs {
		size += s.Bytes()
	}
	rowBytes := int(size / int64(max(1, part.sealedRows())))
	b := &blockBuilder{r: c.r, b: segment.NewBuilder(c.r.schema.kinds(), c.cold), done: p.addSegment}
	src := part.Scan(ScanSpec{Cols: kept, WithRowID: true})
	defer src.Close()
	var in vec.Batch
	for {
		if err := src.Next(ctx, &in); err != nil {
			return err
		}
		if in.N == 0 {
			break
		}
		if err := b.add(c.spread(&in, cols, kept), in.Cols[len(kept)].Ints, rowBytes); err != nil {
			return err
		}
	}
	return b.finish(c.segs[len(c.segs)-1].Hi)
}

func (r *Relation) sealedRows() int {
	n := 0
	for _, s := range r.segs {
		n += s.Rows()
	}
	return n
}

// spread puts the columns that are kept into their slots; dropped ones are NULL.
func (c *Compaction) spread(in *vec.Batch, cols, kept []int) *vec.Batch {
	out := &vec.Batch{Cols: make([]vec.Vec, len(cols)), Sel: in.Sel, N: in.N}
	for slot := range out.Cols {
		out.Cols[slot].Kind = c.r.schema.Cols[slot].Kind
		if c.r.schema.Cols[slot].Dropped {
			out.Cols[slot].AllNull(c.r.schema.Cols[slot].Kind, in.Len())
		}
	}
	for i, slot := range kept {
		out.Cols[slot] = in.Cols[i]
	}
	return out
}

// mergeRuns writes the entries of visible rows of some runs into one.
func (c *Compaction) mergeRuns(ctx context.Context, p *Replacement, index int) error {
	runs := c.runs[index]
	m := &merge{}
	lo, hi, n := runs[0].Lo, runs[0].Hi, 0
	for _, r := range runs {
		lo, hi, n = min(lo, r.Lo), max(hi, r.Hi), n+r.Entries
		// Reading through a small cache of its own leaves the shared one alone.
		cache := segment.NewCache(c.r.env.Store, mergeCache)
		if err := m.add(&runCursor{cache: cache, run: r.Run}); err != nil {
			return err
		}
	}
	heap.Init(m)
	b := segment.NewRunBuilder(c.r.env.Store, lo, hi, n)
	for steps := 0; len(m.heads) > 0; steps++ {
		if steps%vec.Size == 0 && ctx.Err() != nil {
			b.Discard()
			return context.Cause(ctx)
		}
		h := &m.heads[0]
		if !h.lazy && c.r.Visible(h.id) {
			if err := b.Add(h.key, h.id); err != nil {
				b.Discard()
				return err
			}
		}
		if err := m.advance(); err != nil {
			b.Discard()
			return err
		}
	}
	run, err := b.Finish()
	if err != nil {
		return err
	}
	p.addRun(index, run)
	return nil
}

// mergeCache is enough for the directory and a page of a run being merged.
const mergeCache = 16 << 20
