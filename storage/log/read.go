package log

import (
	"hash/crc32"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage"
)

// Read calls fn with the records from a position on, as far as the log went when
// Read was called. from is a position that Append or fn gave, or Head, or 0 for
// the first record that the log ever held; start and end are those of the
// record. The bytes are fn's to keep. An error of fn ends the reading and is
// returned. A record that does not check is XX001, and so is a position that the
// log does not hold (any more): a reader whose checkpoint has been lost finds
// out that way.
func (l *Log) Read(from Pos, fn func(start, end Pos, r Record) error) error {
	l.mu.Lock()
	files, tail := l.files, l.tail()
	l.mu.Unlock()
	head := l.position(files[0], fileHead)
	if from == 0 {
		from = Pos(firstFile)*Pos(l.size) + fileHead
	}
	if from < head || from > tail {
		return pgerr.New(pgerr.DataCorrupted, "log position %d is not in the log, which holds %d to %d", from, head, tail)
	}
	r := reader{log: l, fn: fn, atHead: from == head}
	for _, f := range files {
		if l.position(f, l.size) <= from {
			continue
		}
		end := min(l.size, int64(tail-l.position(f, 0)))
		if err := r.file(f, max(fileHead, int64(from)-int64(l.position(f, 0))), end); err != nil {
			return err
		}
	}
	return nil
}

// reader puts fragments together.
type reader struct {
	log    *Log
	fn     func(start, end Pos, r Record) error
	epoch  uint32
	atHead bool // only continuations of a trimmed record have been seen

	open  bool // part of a record has been seen
	start Pos
	rec   Record
}

// file reads the fragments of f between two offsets, the second of which ends
// one or ends the file.
func (r *reader) file(f *file, from, end int64) error {
	c := newCursor(f, r.log.size)
	c.off = from
	for c.off+fragHead <= end {
		frag, payload, ok, err := c.next()
		if err != nil {
			return err
		}
		if !ok || frag.epoch < r.epoch {
			return damage(f, c.start, "the record does not check")
		}
		if !r.take(frag, payload) {
			return damage(f, c.start, "the record is not in its place")
		}
		r.epoch = frag.epoch
		if frag.flags&fragLast == 0 {
			continue
		}
		if err := r.emit(r.log.position(f, c.off)); err != nil {
			return err
		}
	}
	return nil
}

// take adds a fragment to the open record. A record that its run left without an
// end is dropped when the next run's first record comes.
func (r *reader) take(frag fragment, payload []byte) bool {
	if frag.flags&fragFirst != 0 {
		if r.open && frag.epoch == r.epoch {
			return false
		}
		r.atHead, r.open, r.start = false, true, frag.pos
		r.rec = Record{Type: frag.typ, Data: payload}
		return true
	}
	if !r.open {
		return r.atHead
	}
	if frag.epoch != r.epoch || frag.typ != r.rec.Type {
		return false
	}
	r.rec.Data = append(r.rec.Data, payload...)
	return true
}

func (r *reader) emit(end Pos) error {
	if !r.open {
		return nil
	}
	rec := r.rec
	r.open, r.rec = false, Record{}
	if rec.Type == internalType {
		return nil
	}
	return r.fn(r.start, end, rec)
}

// cursor reads a file in order.
type cursor struct {
	f     *file
	size  int64
	off   int64 // where the next fragment begins
	start int64 // where the last one began, valid or not
	buf   []byte
	at    int64 // offset of buf in the file
}

const readAhead = 256 << 10

func newCursor(f *file, size int64) *cursor { return &cursor{f: f, size: size, off: fileHead} }

// bytes gives n bytes at off, which are in the file, until the next call.
func (c *cursor) bytes(off int64, n int) ([]byte, error) {
	if off < c.at || off+int64(n) > c.at+int64(len(c.buf)) {
		size := min(max(int64(n), readAhead), c.size-off)
		if int64(cap(c.buf)) < size {
			c.buf = make([]byte, size)
		}
		c.buf, c.at = c.buf[:size], off
		if _, err := c.f.ReadAt(c.buf, off); err != nil {
			c.buf = c.buf[:0]
			return nil, storage.IOError(err, "could not read file %q", c.f.path)
		}
	}
	return c.buf[off-c.at:][:n], nil
}

// next reads the fragment at off with a payload of its own memory; ok is false
// when there is none that checks, and off then stays.
func (c *cursor) next() (f fragment, payload []byte, ok bool, err error) {
	c.start = c.off
	if c.off+fragHead > c.size {
		return f, nil, false, nil
	}
	h, err := c.bytes(c.off, fragHead)
	if err != nil {
		return f, nil, false, err
	}
	f, ok = readFragment(h, Pos(c.f.seq)*Pos(c.size)+Pos(c.off))
	if !ok || c.off+fragHead+int64(f.size) > c.size {
		return f, nil, false, nil
	}
	b, err := c.bytes(c.off+fragHead, int(f.size))
	if err != nil {
		return f, nil, false, err
	}
	if crc32.Checksum(b, castagnoli) != f.crc {
		return f, nil, false, nil
	}
	c.off += padded(int(f.size))
	return f, append(make([]byte, 0, len(b)), b...), true, nil
}
