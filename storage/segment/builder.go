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

// Builder builds segments in memory, one after the other. It serves one goroutine.
type Builder struct {
	// Behind is how many bytes of finished segments wait for each other, to be written
	// in one go while others are built; 0: none, a segment is written when it is finished.
	Behind int

	kinds []types.Kind // by slot; KindNone: the column is left out
	enc   vec.Encoder
	seg   Segment
	pages *pages
	ids   []int64 // of all rows
	bytes int

	waiting      []finished
	waitingBytes int
	spare        []*pages
	writing      chan wrote // of one write under way; nil: there is none
}

// pages are the encoded columns of a segment, by slot, and its ids.
type pages struct {
	cols [][]byte
	ids  []byte
}

func (p *pages) reset() {
	for i := range p.cols {
		p.cols[i] = p.cols[i][:0]
	}
	p.ids = p.ids[:0]
}

// finished is a segment that is not yet written.
type finished struct {
	seg   *Segment
	pages *pages
}

// wrote is what became of a write.
type wrote struct {
	list []finished
	err  error
}

// NewBuilder makes a builder of segments with columns of these kinds, by slot;
// KindNone leaves a slot out. Cold has the columns compressed.
func NewBuilder(kinds []types.Kind, cold bool) *Builder {
	b := &Builder{kinds: kinds, pages: &pages{cols: make([][]byte, len(kinds))}}
	b.enc.Compress = cold
	b.reset()
	return b
}

func (b *Builder) reset() {
	b.seg = Segment{starts: []uint32{0}, cols: make([]column, len(b.kinds))}
	b.pages.reset()
	b.ids, b.bytes = b.ids[:0], 0
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
		at := len(b.pages.cols[slot])
		buf, err := b.enc.EncodeColumn(b.pages.cols[slot], &v)
		if err != nil {
			return err
		}
		b.pages.cols[slot] = buf
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
		at := len(b.pages.cols[slot])
		b.pages.cols[slot] = append(b.pages.cols[slot], p.Bytes()...)
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
	buf := b.pages.cols[slot]
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

// Finish ends the segment and gives it, and writes it to the store, now or later
// (Behind); the builder is then empty again. hi is the bound of its ids; ids below it
// that were not added are in no segment. An error may be that of an earlier segment.
func (b *Builder) Finish(st *ckpt.Store, hi uint64) (*Segment, error) {
	s := b.seg
	s.Lo, s.Hi = uint64(b.ids[0]), hi
	if uint64(len(b.ids)) == hi-s.Lo {
		s.firsts = nil
	} else if err := b.encodeIDs(&s); err != nil {
		b.reset()
		return nil, err
	}
	s.Blob = st.NewBlob()
	b.waiting = append(b.waiting, finished{&s, b.pages})
	b.waitingBytes += b.bytes
	var err error
	switch {
	case b.Behind == 0:
		err = b.Flush(st)
	case b.waitingBytes >= b.Behind:
		err = b.write(st)
	}
	if n := len(b.spare); n > 0 {
		b.pages, b.spare = b.spare[n-1], b.spare[:n-1]
	} else {
		b.pages = &pages{cols: make([][]byte, len(b.kinds))}
	}
	b.reset()
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// Flush writes the segments that wait, and waits for those that are being written.
func (b *Builder) Flush(st *ckpt.Store) error {
	if err := b.write(st); err != nil {
		return err
	}
	return b.Wait()
}

// write begins to write the segments that wait, once those before them are written.
func (b *Builder) write(st *ckpt.Store) error {
	err := b.Wait()
	list := b.waiting
	b.waiting, b.waitingBytes = nil, 0
	if err != nil || len(list) == 0 {
		return err
	}
	writing := make(chan wrote, 1)
	b.writing = writing
	go func() {
		var parts []ckpt.Part
		for _, f := range list {
			parts = f.parts(parts)
		}
		err := st.PutParts(parts)
		if err != nil {
			for _, f := range list {
				_ = st.DeleteBlobs(f.seg.Blob)
			}
		} else {
			crash.Point("segment.after-write")
		}
		writing <- wrote{list, err}
	}()
	return nil
}

// Wait waits for the segments that are being written. After an error, none of them is
// in the store.
func (b *Builder) Wait() error {
	if b.writing == nil {
		return nil
	}
	w := <-b.writing
	b.writing = nil
	for _, f := range w.list {
		b.spare = append(b.spare, f.pages)
	}
	return w.err
}

// Abandon forgets the segments that are not written, and waits for those that are being
// written. Whoever deletes their blobs does it behind this.
func (b *Builder) Abandon() {
	b.waiting, b.waitingBytes = nil, 0
	_ = b.Wait()
}

// parts appends what the segment is made of in the store.
func (f *finished) parts(to []ckpt.Part) []ckpt.Part {
	for slot, col := range f.pages.cols {
		if f.seg.cols[slot].ends != nil {
			to = append(to, ckpt.Part{Blob: f.seg.Blob, No: uint32(slot), Data: col})
		}
	}
	if !f.seg.Dense() {
		to = append(to, ckpt.Part{Blob: f.seg.Blob, No: idsPart, Data: f.pages.ids})
	}
	return to
}

func (b *Builder) encodeIDs(s *Segment) error {
	for i := range s.Blocks() {
		lo, hi := s.Block(i)
		v := vec.Vec{Kind: types.Int, Ints: b.ids[lo:hi]}
		buf, err := b.enc.EncodeColumn(b.pages.ids, &v)
		if err != nil {
			return err
		}
		b.pages.ids = buf
		s.ids.ends = append(s.ids.ends, uint32(len(buf)))
	}
	return nil
}
