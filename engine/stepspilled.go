package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// readyToAdopt seals the tails of the relations that a commit adds rows in the store
// to. It comes before the commit is in the log, when there is a way back from an error
// (no room in the store); the step then has nothing left to write.
func (s *state) readyToAdopt(ctx context.Context, c *commit) error {
	for i := range c.ops {
		p := &c.ops[i]
		o := s.rels[p.rel]
		if o == nil || p.kind != opSpilled {
			continue
		}
		if err := o.writer.Settle(ctx); err != nil {
			return err
		}
		if len(o.readers) == 0 && o.layout.time < 0 {
			c.rows -= int(p.spilled.NextID()) // to step them again is to name their segments
		}
	}
	return nil
}

// addSpilled adds the rows that a transaction has moved to the store. They become
// the relation's as they are; only when some of them may be late are they looked at
// one by one.
func (s *state) addSpilled(ctx context.Context, o *owner, p *op, seq storage.Seq, clock int64) error {
	rows := p.spilled
	if s.replay {
		var err error
		if rows, err = rel.Unpack(s.e.env, o.writer.Schema(), p.packed); err != nil {
			return err
		}
		s.named = append(s.named, rows)
	}
	if rows.NextID() == 0 {
		return nil
	}
	if o.layout.time >= 0 {
		late, err := s.observeSpilled(ctx, o, rows, seq, clock)
		if err != nil {
			return err
		}
		if late {
			return s.sift(ctx, o, rows, seq, clock)
		}
	}
	first, err := o.writer.Adopt(ctx, rows)
	if err != nil {
		return err
	}
	n := int(rows.NextID()) - len(p.ids)
	gone := make([]uint64, len(p.ids))
	for i, at := range p.ids {
		gone[i] = first + at
	}
	if k := o.writer.Delete(gone); k != len(gone) {
		return pgerr.New(pgerr.InternalError, "%d of %d rows to be deleted from \"%s\" are not there", len(gone)-k, len(gone), o.def.Name)
	}
	o.added(seq, clock, n)
	if len(o.readers) > 0 && n > 0 {
		o.change(deltaPart{rows: o.writer.Publish(), first: first, n: n, weight: 1})
	}
	return nil
}

// observeSpilled moves the mark of a stream by rows in the store, unless some are
// late.
func (s *state) observeSpilled(ctx context.Context, o *owner, rows *rel.Relation, seq storage.Seq, clock int64) (late bool, err error) {
	st, err := rows.Stats()
	if err != nil {
		return false, err
	}
	ts := &st.Cols[o.layout.time]
	if !ts.Known {
		return false, pgerr.New(pgerr.InternalError, "nothing is known of the times of rows of \"%s\"", o.def.Name)
	}
	lo, hi := ts.Min.Int(), ts.Max.Int()
	if lo < o.watermarkBefore(seq) {
		return true, nil
	}
	if hi <= o.def.Stream.Rules.Limit(clock) {
		o.observe(nil, lo, hi, clock)
		return false, nil
	}
	return false, eachBatch(ctx, rows, rel.ScanSpec{Cols: []int{o.layout.time}}, func(b *vec.Batch) error {
		lo, hi := timeRange(&b.Cols[0])
		o.observe(b.Cols[0].Ints, lo, hi, clock)
		return nil
	})
}

// sift adds the rows in the store of a stream batch by batch, the late ones to its
// late relation. (Rows of a stream are not deleted, so all of them are there.)
func (s *state) sift(ctx context.Context, o *owner, rows *rel.Relation, seq storage.Seq, clock int64) error {
	w, size := o.watermarkBefore(seq), int64(0)
	return eachBatch(ctx, rows, rel.ScanSpec{Cols: o.layout.all}, func(b *vec.Batch) error {
		if err := s.siftBatch(o, b, w, seq, clock); err != nil {
			return err
		}
		if size += batchBytes(b, nil); size < s.e.cfg.TailMemory/siftShare {
			return nil
		}
		size = 0
		return s.relieve(ctx, o)
	})
}

// siftShare of the tail budget is what the rows may take, decoded, before they are
// sealed.
const siftShare = 4

func (s *state) siftBatch(o *owner, b *vec.Batch, w int64, seq storage.Seq, clock int64) error {
	if lo, _ := timeRange(&b.Cols[o.layout.time]); lo < w {
		return s.splitLate(o, b, w, seq, clock)
	}
	keys, err := o.keys.of(b)
	if err != nil {
		return err
	}
	if b.N < chunkRows {
		return s.addBatch(o, b, keys, seq, clock)
	}
	c, err := rel.EncodeChunk(b, keys...)
	if err != nil {
		return err
	}
	return s.addChunk(o, c, seq, clock)
}

// relieve moves the rows of a commit under way from memory into segments, and has
// the views read them there. Without room in the store they stay where they are: the
// commit is in the log, and there is no way back.
func (s *state) relieve(ctx context.Context, o *owner) error {
	for _, x := range []*owner{o, o.late} {
		if x == nil {
			continue
		}
		if err := x.writer.Settle(ctx); pgerr.CodeOf(err) == pgerr.DiskFull && !s.replay {
			s.e.cfg.Logger.Warn("rows of a large commit stay in memory", "relation", x.def.Name, "error", err)
			continue
		} else if err != nil {
			return err
		}
		x.collapse()
	}
	return nil
}

// collapse makes one part of the last parts of a change, if they only add rows: of
// what came after the last deletion, the relation as it is now has all.
func (o *owner) collapse() {
	if o.delta == nil {
		return
	}
	parts := o.delta.parts
	at, n := len(parts), 0
	for at > 0 && parts[at-1].weight == 1 {
		at--
		n += parts[at].count()
	}
	if len(parts)-at < 2 {
		return
	}
	whole := deltaPart{rows: o.writer.Publish(), first: parts[at].first, n: n, weight: 1}
	clear(parts[at:])
	o.delta.parts = append(parts[:at], whole)
}
