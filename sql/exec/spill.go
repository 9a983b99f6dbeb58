package exec

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// rowFile is rows in a temporary file: written batch by batch, then read any
// number of times. The file has no name any more, so that nothing is left behind
// when the process dies.
type rowFile struct {
	dir   string
	f     *os.File // nil: nothing is written yet
	rows  int64
	size  int64 // written to the file
	buf   []byte
	stats *NodeStats
	enc   vec.Encoder
}

const fileBuffer = 1 << 18

// newRowFile makes an empty file; stats may be nil. The system is asked for it
// when there is something to write.
func newRowFile(rt *Runtime, stats *NodeStats) *rowFile {
	return &rowFile{dir: rt.TempDir, stats: stats}
}

func (w *rowFile) create() error {
	f, err := os.CreateTemp(w.dir, "streamsqld-tmp-")
	if err != nil {
		return fileError("create", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return fileError("unlink", err)
	}
	w.f = f
	return nil
}

func fileError(what string, err error) error {
	code := pgerr.IoError
	if errors.Is(err, syscall.ENOSPC) {
		code = pgerr.DiskFull
	}
	return pgerr.Wrap(err, code, "could not %s temporary file", what)
}

// add appends the rows of b that count, of which there are at most vec.Size.
func (w *rowFile) add(b *vec.Batch) error {
	if b.N == 0 {
		return nil
	}
	at := len(w.buf)
	buf, err := w.enc.Encode(append(w.buf, 0, 0, 0, 0), b)
	if err != nil {
		return err
	}
	binary.LittleEndian.PutUint32(buf[at:], uint32(len(buf)-at-4))
	w.buf = buf
	w.rows += int64(b.N)
	if len(w.buf) >= fileBuffer {
		return w.flush()
	}
	return nil
}

// flush writes what is buffered. It is called before reading.
func (w *rowFile) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	if w.f == nil {
		if err := w.create(); err != nil {
			return err
		}
	}
	n, err := w.f.WriteAt(w.buf, w.size)
	w.size += int64(n)
	w.buf = w.buf[:0]
	if w.stats != nil {
		w.stats.Spilled.Add(int64(n))
	}
	if err != nil {
		return fileError("write to", err)
	}
	return nil
}

// finish writes what is buffered and lets go of the memory for writing: of files that
// are whole there may be hundreds.
func (w *rowFile) finish() error {
	err := w.flush()
	w.buf, w.enc = nil, vec.Encoder{}
	return err
}

// close removes the file.
func (w *rowFile) close() {
	if w != nil && w.f != nil {
		w.f.Close()
	}
}

// reader reads the file from the start; the file is flushed and not written any
// more. It is an operator, so that what was spilled can be an input again. It
// does not own the file.
func (w *rowFile) reader() *fileReader { return &fileReader{w: w} }

type fileReader struct {
	w     *rowFile
	at    int64
	batch vec.Batch
}

// Next implements vec.Source.
func (r *fileReader) Next(ctx context.Context, out *vec.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.at == r.w.size {
		out.N = 0
		return nil
	}
	var head [4]byte
	if _, err := r.w.f.ReadAt(head[:], r.at); err != nil && err != io.EOF {
		return fileError("read from", err)
	}
	// Strings are cut from the block and may be kept, so it has memory of its own.
	block := make([]byte, binary.LittleEndian.Uint32(head[:]))
	if _, err := r.w.f.ReadAt(block, r.at+4); err != nil && err != io.EOF {
		return fileError("read from", err)
	}
	r.at += 4 + int64(len(block))
	err := vec.Decode(block, &r.batch)
	*out = r.batch
	return err
}

// Close implements vec.Source.
func (r *fileReader) Close() error { return nil }

func (r *fileReader) rewind(restart) { r.at = 0 }
