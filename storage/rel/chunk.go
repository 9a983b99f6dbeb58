package rel

import (
	"bytes"
	"sync"

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
		if err := k.Check(block.Rows()); err != nil {
			return nil, err
		}
		c.runs[i] = newKeyRun(k)
		c.bytes += int64(k.bytes() + 4*k.Len() + c.runs[i].filter.Bytes())
	}
	return c, nil
}

// coder is what EncodeChunk needs for a while.
type coder struct {
	enc vec.Encoder
	buf []byte
}

var coders = sync.Pool{New: func() any { return new(coder) }}

// EncodeChunk makes a chunk of the rows of b that count, of which there are 1 …
// vec.Size, and of their keys (see NewChunk). It keeps nothing of b.
func EncodeChunk(b *vec.Batch, keys ...*Keys) (*Chunk, error) {
	c := coders.Get().(*coder)
	defer coders.Put(c)
	var err error
	if c.buf, err = c.enc.Encode(c.buf[:0], b); err != nil {
		return nil, err
	}
	// The buffer is used again; what is kept has the size that it needs.
	block, err := vec.OpenBlock(bytes.Clone(c.buf))
	if err != nil {
		return nil, err
	}
	return NewChunk(block, keys...)
}

// Encode appends a form of the chunk that DecodeChunk reads: the block, then per
// index slot a 0, or a 1 and the keys as a page of strings.
func (c *Chunk) Encode(dst []byte) ([]byte, error) {
	dst = append(dst, c.block.Bytes()...)
	for _, run := range c.runs {
		if run == nil {
			dst = append(dst, 0)
			continue
		}
		var err error
		if dst, err = run.keys.encode(append(dst, 1)); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// DecodeChunk makes a chunk of what Encode wrote, all of src, which has passed a
// checksum. It takes src over (vec.E1). Damage is XX001.
func DecodeChunk(src []byte) (*Chunk, error) {
	block, err := vec.OpenBlock(src)
	if err != nil {
		return nil, err
	}
	var keys []*Keys
	for src = src[len(block.Bytes()):]; len(src) > 0; {
		var k *Keys
		has := src[0] != 0
		if src = src[1:]; has {
			if k, src, err = decodeKeys(src); err != nil {
				return nil, err
			}
			if k.Len() != block.Rows() {
				return nil, pgerr.New(pgerr.DataCorrupted, "a chunk of %d rows has %d keys", block.Rows(), k.Len())
			}
		}
		keys = append(keys, k)
	}
	return NewChunk(block, keys...)
}

// Rows is the number of rows.
func (c *Chunk) Rows() int { return c.block.Rows() }

// Bytes is what the chunk takes in memory.
func (c *Chunk) Bytes() int64 { return c.bytes }

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
