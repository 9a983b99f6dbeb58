package rel

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// Chunk is an encoded block on its way into a relation, with its keys sorted per
// index. It is immutable, and may be made by any goroutine ahead of the commit
// line; several relations may hold it.
type Chunk struct {
	block vec.Block
	runs  []*keyRun // by index slot; nil where there are no keys
	bytes int64

	sketches chunkSketches
}

// chunkOverhead is what a chunk costs in memory besides its bytes.
const chunkOverhead = 256

// NewChunk makes a chunk of a block that was encoded here or has passed a
// checksum, and of the keys of its rows, one per index slot; keys may be left
// out (nil, or fewer) where an index is dropped or younger than the block. It
// takes over both. A key that is too long is 54000.
func NewChunk(block vec.Block, keys ...*Keys) (*Chunk, error) {
	block.Trust()
	if block.Weighted() {
		return nil, pgerr.New(pgerr.InternalError, "stored rows have no weights")
	}
	c := &Chunk{block: block, runs: make([]*keyRun, len(keys)), bytes: int64(len(block.Bytes())) + chunkOverhead}
	for i, k := range keys {
		if k == nil {
			continue
		}
		if err := k.check(block.Rows()); err != nil {
			return nil, err
		}
		c.runs[i] = newKeyRun(k)
		c.bytes += int64(k.bytes() + 4*k.Len() + c.runs[i].filter.Bytes())
	}
	return c, nil
}

// Rows is the number of rows.
func (c *Chunk) Rows() int { return c.block.Rows() }

// Block is the encoded block.
func (c *Chunk) Block() vec.Block { return c.block }

// run gives the keys of an index, nil where there are none.
func (c *Chunk) run(index int) *keyRun {
	if index < len(c.runs) {
		return c.runs[index]
	}
	return nil
}

// column makes v column c of a schema for the chunk's rows.
func (c *Chunk) column(s *Schema, slot int, v *vec.Vec) error {
	if slot < c.block.Columns() {
		return c.block.Column(slot, v)
	}
	v.Const(s.Cols[slot].Kind, s.Cols[slot].Missing, c.Rows())
	return nil
}

// stat gives what is known of a column's values in the chunk.
func (c *Chunk) stat(s *Schema, slot int) (vec.Stat, error) {
	if slot < c.block.Columns() {
		return c.block.Stat(slot)
	}
	return missingStat(&s.Cols[slot], c.Rows()), nil
}

// missingStat describes n rows that have a column's missing value.
func missingStat(c *Column, n int) vec.Stat {
	if c.Missing.IsNull() {
		return vec.Stat{Rows: n, Nulls: n}
	}
	return vec.Stat{Rows: n, Known: ordered(c.Kind), Min: c.Missing, Max: c.Missing}
}

// placed is a chunk in a relation.
type placed struct {
	*Chunk
	base uint64 // the id of its first row
}

func (p *placed) end() uint64 { return p.base + uint64(p.Rows()) }

// keyHash is segment.HashKey; one hash serves every filter.
func keyHash(key []byte) uint64 { return segment.HashKey(key) }
