package rel

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// blockBuilder puts rows together into blocks of a segment: whole chunks as they
// are, where that can be, else rows gathered from several.
type blockBuilder struct {
	r        *Relation
	b        *segment.Builder
	sparse   bool // leave out rows that are gone
	sketches []*sketch
	done     func(*segment.Segment)

	rows  vec.Batch
	ids   []int64
	bytes int
}

// blockBytes is the size, roughly, at which a block of fewer than vec.Size rows
// is ended.
const blockBytes = 4 << 20

func (b *blockBuilder) chunk(c *placed) error {
	s := b.r.schema
	if err := b.sketch(c.Chunk); err != nil {
		return err
	}
	whole := c.Rows() == vec.Size && c.block.Columns() == len(s.Cols)
	if whole && !b.sparse {
		// A short block before it is better than coding everything behind it anew.
		if err := b.flush(); err != nil {
			return err
		}
		if b.full() {
			if err := b.end(c.base); err != nil {
				return err
			}
		}
		return b.b.AddBlock(&c.block, c.base)
	}
	in := vec.Batch{Cols: make([]vec.Vec, len(s.Cols)), N: c.Rows()}
	for slot := range s.Cols {
		if err := c.column(s, slot, &in.Cols[slot]); err != nil {
			return err
		}
	}
	var ids vec.Vec
	dense(&ids, c.base, in.N)
	if b.sparse {
		if sel, all := b.r.gone.live(nil, c.base, in.N); !all {
			in.Sel, in.N = sel, len(sel)
		}
	}
	return b.add(&in, ids.Ints, len(c.block.Bytes())/c.Rows())
}

// sketch adds a chunk's values to the sketches.
func (b *blockBuilder) sketch(c *Chunk) error {
	for slot := range b.sketches {
		if b.r.schema.Cols[slot].Dropped {
			continue
		}
		s, err := c.sketch(b.r.schema, slot)
		if err != nil {
			return err
		}
		if b.sketches[slot] == nil {
			b.sketches[slot] = new(sketch)
		}
		b.sketches[slot].merge(s)
	}
	return nil
}

// add adds the rows of a batch that count; ids are by physical position.
func (b *blockBuilder) add(in *vec.Batch, ids []int64, rowBytes int) error {
	for at := 0; at < in.N; {
		if len(b.ids) == 0 {
			b.rows.Reset(b.kinds())
			b.bytes = 0
		}
		n := min(in.N-at, vec.Size-len(b.ids))
		if rowBytes > 0 {
			n = min(n, max(1, (blockBytes-b.bytes)/rowBytes))
		}
		var part vec.Batch
		in.Slice(&part, at, at+n)
		b.rows.AppendBatch(&part)
		for i := at; i < at+n; i++ {
			b.ids = append(b.ids, ids[in.Row(i)])
		}
		b.bytes += n * rowBytes
		at += n
		if len(b.ids) == vec.Size || b.bytes >= blockBytes {
			if err := b.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *blockBuilder) kinds() []types.Kind {
	out := make([]types.Kind, len(b.r.schema.Cols))
	for i, c := range b.r.schema.Cols {
		out[i] = c.Kind
	}
	return out
}

// flush ends the block, and the segment if it is full.
func (b *blockBuilder) flush() error {
	if len(b.ids) == 0 {
		return nil
	}
	if b.full() {
		if err := b.end(uint64(b.ids[0])); err != nil {
			return err
		}
	}
	err := b.b.AddRows(&b.rows, b.ids)
	b.ids = b.ids[:0]
	return err
}

// full tells that another block may not fit into the segment.
func (b *blockBuilder) full() bool {
	return b.b.Full() || b.b.Rows() > 0 && b.b.Rows()+vec.Size > b.r.env.limits.segmentRows
}

func (b *blockBuilder) end(hi uint64) error {
	if b.b.Rows() == 0 {
		return nil
	}
	s, err := b.b.Finish(b.r.env.Store, hi)
	if err == nil {
		b.done(s)
	}
	return err
}

// finish ends the last segment; hi bounds its ids.
func (b *blockBuilder) finish(hi uint64) error {
	if err := b.flush(); err != nil {
		return err
	}
	return b.end(hi)
}
