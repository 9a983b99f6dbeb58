package segment

import (
	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/ckpt"
)

// fullBytes is the size at which a segment is full, however few rows it has: its
// parts stay far below what a part may be, and a build fits into memory.
const fullBytes = 32 << 20

// Builder builds a segment in memory. It serves one goroutine.
type Builder struct {
	kinds  []types.Kind // by slot; KindNone: the column is left out
	enc    vec.Encoder
	seg    Segment
	bufs   [][]byte
	idsBuf []byte
	ids    []int64 // of all rows
	bytes  int
}

// NewBuilder makes a builder of segments with columns of these kinds, by slot;
// KindNone leaves a slot out. Cold has the columns compressed.
func NewBuilder(kinds []types.Kind, cold bool) *Builder {
	b := &Builder{kinds: kinds, bufs: make([][]byte, len(kinds))}
	b.enc.Compress = cold
	b.reset()
	return b
}

func (b *Builder) reset() {
	b.seg = Segment{starts: []uint32{0}, cols: make([]column, len(b.kinds))}
	for i := range b.bufs {
		b.bufs[i] = b.bufs[i][:0]
	}
	b.idsBuf, b.ids, b.bytes = b.idsBuf[:0], b.ids[:0], 0
}

// Rows is the number of rows added since the last Finish.
func (b *Builder) Rows() int { return len(b.ids) }

// Full tells that the segment should be finished before another block is added.
func (b *Builder) Full() bool { return len(b.ids)+vec.Size > MaxRows || b.bytes >= fullBytes }

// AddRows adds a block: rows with one column per slot (those left out are not
// looked at), without a selection, and their ids, which go up.
func (b *Builder) AddRows(rows *vec.Batch, ids []int64) error {
	for slot, kind := range b.kinds {
		if kind == types.KindNone {
			continue
		}
		v := rows.Cols[slot].Slice(0, rows.N)
		at := len(b.bufs[slot])
		buf, err := b.enc.EncodeColumn(b.bufs[slot], &v)
		if err != nil {
			return err
		}
		b.bufs[slot] = buf
		if err := b.added(slot, at); err != nil {
			return err
		}
	}
	b.block(ids)
	return nil
}

// AddBlock adds an encoded block as it is; the ids of its rows are first,
// first+1 and so on. The caller knows that all columns are in it, and sound.
func (b *Builder) AddBlock(blk *vec.Block, first uint64) error {
	for slot, kind := range b.kinds {
		if kind == types.KindNone {
			continue
		}
		p, err := blk.Page(slot)
		if err != nil {
			return err
		}
		at := len(b.bufs[slot])
		b.bufs[slot] = append(b.bufs[slot], p.Bytes()...)
		if err := b.added(slot, at); err != nil {
			return err
		}
	}
	at := len(b.ids)
	for i := range blk.Rows() {
		b.ids = append(b.ids, int64(first)+int64(i))
	}
	b.finishBlock(at)
	return nil
}

// added takes note of the page that begins at an offset of a column's buffer.
func (b *Builder) added(slot, at int) error {
	buf := b.bufs[slot]
	if len(buf) > ckpt.MaxPart {
		return pgerr.New(pgerr.ProgramLimitExceeded, "column of %d bytes in %d rows is too large", len(buf), b.Rows())
	}
	p, err := vec.OpenPage(buf[at:])
	if err != nil {
		return err
	}
	c := &b.seg.cols[slot]
	Merge(&c.stat, p.Stat(), b.kinds[slot])
	c.ends = append(c.ends, uint32(len(buf)))
	b.bytes += len(buf) - at
	return nil
}

func (b *Builder) block(ids []int64) {
	at := len(b.ids)
	b.ids = append(b.ids, ids...)
	b.finishBlock(at)
}

func (b *Builder) finishBlock(at int) {
	b.seg.firsts = append(b.seg.firsts, uint64(b.ids[at]))
	b.seg.starts = append(b.seg.starts, uint32(len(b.ids)))
}

// Finish writes the segment to the store and gives it; the builder is then
// empty again. hi is the bound of its ids; ids below it that were not added are
// in no segment.
func (b *Builder) Finish(st *ckpt.Store, hi uint64) (*Segment, error) {
	defer b.reset()
	s := b.seg
	s.Lo, s.Hi = uint64(b.ids[0]), hi
	if uint64(len(b.ids)) == hi-s.Lo {
		s.firsts = nil
	} else if err := b.encodeIDs(&s); err != nil {
		return nil, err
	}
	s.Blob = st.NewBlob()
	if err := b.write(st, &s); err != nil {
		_ = st.DeleteBlobs(s.Blob)
		return nil, err
	}
	crash.Point("segment.after-write")
	return &s, nil
}

// write writes runs of slots that have columns.
func (b *Builder) write(st *ckpt.Store, s *Segment) error {
	for lo := 0; lo < len(b.bufs); {
		hi := lo
		for hi < len(b.bufs) && s.cols[hi].ends != nil {
			hi++
		}
		if err := st.PutBlob(s.Blob, uint32(lo), b.bufs[lo:hi]...); err != nil {
			return err
		}
		lo = hi + 1
	}
	if s.Dense() {
		return nil
	}
	return st.PutBlob(s.Blob, idsPart, b.idsBuf)
}

func (b *Builder) encodeIDs(s *Segment) error {
	for i := range s.Blocks() {
		lo, hi := s.Block(i)
		v := vec.Vec{Kind: types.Int, Ints: b.ids[lo:hi]}
		buf, err := b.enc.EncodeColumn(b.idsBuf, &v)
		if err != nil {
			return err
		}
		b.idsBuf = buf
		s.ids.ends = append(s.ids.ends, uint32(len(buf)))
	}
	return nil
}
