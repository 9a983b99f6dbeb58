package rel

import (
	"sync"
	"sync/atomic"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// Stats is what the planner may know of a version's rows. Deleted rows still
// count in bounds, NULLs and distinct values until they have been compacted
// away, and in Distinct for ever.
type Stats struct {
	Rows int64 // exact
	Cols []ColStats
}

// ColStats describes the values of a column slot.
type ColStats struct {
	// Known says that Min and Max are there; Max is cut if MaxOpen (see
	// vec.Stat).
	Known    bool
	Min, Max types.Datum
	MaxOpen  bool
	// NullShare is the share of rows that are NULL.
	NullShare float64
	// Distinct estimates the number of distinct values that are not NULL.
	Distinct float64
}

// sealedStats are the sketches of all rows that were ever sealed, by column
// slot. They are shared by versions and replaced when they change.
type sealedStats struct {
	sketches []*sketch
}

// merged gives the sketches with those of newly sealed rows.
func (s sealedStats) merged(add []*sketch) sealedStats {
	out := sealedStats{make([]*sketch, max(len(s.sketches), len(add)))}
	for i := range out.sketches {
		m := new(sketch)
		if i < len(s.sketches) && s.sketches[i] != nil {
			m.merge(s.sketches[i])
		}
		if i < len(add) && add[i] != nil {
			m.merge(add[i])
		}
		out.sketches[i] = m
	}
	return out
}

// lazyStats are computed when they are first asked for.
type lazyStats struct {
	once  sync.Once
	stats *Stats
	err   error
}

// Stats gives the statistics of the version. The first call reads the rows that
// are not sealed yet; what a chunk gives is kept with the chunk.
func (r *Relation) Stats() (*Stats, error) {
	r.lazy.once.Do(func() { r.lazy.stats, r.lazy.err = r.computeStats() })
	return r.lazy.stats, r.lazy.err
}

func (r *Relation) computeStats() (*Stats, error) {
	out := &Stats{Rows: r.Rows(), Cols: make([]ColStats, len(r.schema.Cols))}
	for slot := range out.Cols {
		if r.schema.Cols[slot].Dropped {
			continue
		}
		if err := r.columnStats(slot, &out.Cols[slot]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *Relation) columnStats(slot int, out *ColStats) error {
	var all vec.Stat
	var distinct sketch
	kind := r.schema.Cols[slot].Kind
	add := func(s vec.Stat) {
		if s.Rows > 0 {
			segment.Merge(&all, s, kind)
		}
	}
	for _, s := range r.segs {
		add(segStat(r.schema, s.Segment, slot))
	}
	if slot < len(r.sealed.sketches) {
		distinct.merge(r.sealed.sketches[slot])
	}
	for i := range r.chunks {
		c := r.chunks[i].Chunk
		s, err := c.stat(r.schema, slot)
		if err != nil {
			return err
		}
		add(s)
		sk, err := c.sketch(r.schema, slot)
		if err != nil {
			return err
		}
		distinct.merge(sk)
	}
	if r.open.n > 0 {
		col := r.open.column(slot)
		add(vec.StatOf(&col))
		distinct.addVec(&col, new(onceBuf))
	}
	out.Known, out.Min, out.Max, out.MaxOpen = all.Known, all.Min, all.Max, all.MaxOpen
	if all.Rows > 0 {
		out.NullShare = float64(all.Nulls) / float64(all.Rows)
	}
	out.Distinct = min(distinct.estimate(), float64(all.Rows-all.Nulls))
	return nil
}

// chunkSketches are the sketches of a chunk's columns, made when asked for; nil ones
// where Sketches has them.
type chunkSketches struct {
	cols atomic.Pointer[[]*sketch]
}

// sketch gives the sketch of a column.
func (c *Chunk) sketch(s *Schema, slot int) (*sketch, error) {
	if slot >= c.block.Columns() {
		sk := new(sketch)
		if c := &s.Cols[slot]; !c.Missing.IsNull() {
			var v vec.Vec
			v.Const(c.Kind, c.Missing, 1)
			sk.addVec(&v, new(onceBuf))
		}
		return sk, nil
	}
	if all := c.sketches.cols.Load(); all != nil {
		return (*all)[slot], nil
	}
	all := make([]*sketch, c.block.Columns())
	var v vec.Vec
	var buf onceBuf
	for i := range all {
		page, err := c.block.Page(i)
		if err != nil {
			return nil, err
		}
		if !page.Samples(&v) {
			if err := page.Decode(&v); err != nil {
				return nil, err
			}
		}
		all[i] = new(sketch)
		all[i].addVec(&v, &buf)
	}
	c.sketches.cols.Store(&all)
	return all[slot], nil
}
