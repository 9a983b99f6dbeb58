package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// rowBuffer keeps rows in order, in memory as long as they fit and else in a
// file. Readers may read while rows are added, in the same goroutine.
type rowBuffer struct {
	rt    *Runtime
	kinds []types.Kind
	mem   memory
	sets  []*rowSet // of up to vec.Size rows each; the last one may grow
	file  *rowFile
	rows  int64
}

func newRowBuffer(rt *Runtime, kinds []types.Kind, stats *NodeStats) *rowBuffer {
	return &rowBuffer{rt: rt, kinds: kinds, mem: memory{limit: rt.workMem(), stats: stats}}
}

// add appends the rows of b that count.
func (r *rowBuffer) add(b *vec.Batch) error {
	r.rows += int64(b.N)
	if r.file != nil {
		return r.spill(b)
	}
	last := len(r.sets) - 1
	if last < 0 || r.sets[last].n+b.N > vec.Size {
		r.sets = append(r.sets, newRowSet(r.kinds))
		last++
	}
	set := r.sets[last]
	before := set.bytes
	set.add(b)
	r.mem.add(set.bytes - before)
	if r.mem.over() {
		return r.toFile()
	}
	return nil
}

// spill writes rows to the file so that they can be read at once.
func (r *rowBuffer) spill(b *vec.Batch) error {
	if err := r.file.add(b); err != nil {
		return err
	}
	return r.file.flush()
}

func (r *rowBuffer) toFile() error {
	r.file = newRowFile(r.rt, r.mem.stats)
	var b vec.Batch
	for _, s := range r.sets {
		s.batch(&b, 0, s.n)
		if err := r.file.add(&b); err != nil {
			return err
		}
	}
	r.sets = nil
	r.mem.free()
	return r.file.flush()
}

// reset forgets all rows.
func (r *rowBuffer) reset() {
	r.file.close()
	r.file, r.sets, r.rows = nil, nil, 0
	r.mem.free()
}

// bufferReader reads a rowBuffer. It gives an end when it has given all rows there
// are, and goes on when there are more.
type bufferReader struct {
	buf  *rowBuffer
	set  int // in memory: the set, and the row in it
	row  int
	past int64 // rows given
	file *fileReader
}

func (r *rowBuffer) reader() *bufferReader { return &bufferReader{buf: r} }

// Next implements vec.Source.
func (r *bufferReader) Next(ctx context.Context, out *vec.Batch) error {
	b := r.buf
	if b.file != nil {
		return r.nextOfFile(ctx, out)
	}
	if r.set < len(b.sets) && r.row == b.sets[r.set].n && r.set < len(b.sets)-1 {
		r.set, r.row = r.set+1, 0
	}
	if r.set >= len(b.sets) || r.row == b.sets[r.set].n {
		out.N = 0
		return ctx.Err()
	}
	s := b.sets[r.set]
	s.batch(out, r.row, s.n)
	r.row = s.n
	r.past += int64(out.N)
	return ctx.Err()
}

// nextOfFile reads from the file; rows given before it was made are left out.
func (r *bufferReader) nextOfFile(ctx context.Context, out *vec.Batch) error {
	skip := int64(0)
	if r.file == nil {
		r.file, skip = r.buf.file.reader(), r.past
	}
	for {
		if err := r.file.Next(ctx, out); err != nil || out.N == 0 {
			return err
		}
		if skip < int64(out.N) {
			break
		}
		skip -= int64(out.N)
	}
	if skip > 0 {
		b := *out
		b.Slice(out, int(skip), b.N)
	}
	r.past += int64(out.N)
	return nil
}

// Close implements vec.Source.
func (r *bufferReader) Close() error { return nil }

func (r *bufferReader) rewind(restart) {
	r.set, r.row, r.past, r.file = 0, 0, 0, nil
}
