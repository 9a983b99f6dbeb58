package log

import (
	"sync"
	"sync/atomic"

	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/internal/fault"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage"
)

// Pos is a position in the log: a byte of an endless file. Positions ascend;
// 0 is before everything.
type Pos uint64

// Record is what the log keeps. Type is 1 … 255 and, like the bytes, means
// nothing here.
type Record struct {
	Type byte
	Data []byte
}

// Options tune a log. The zero Options are the defaults.
type Options struct {
	// FS is the file system; nil is fault.Default.
	FS fault.FS
	// SegmentSize is the size of the files of a new log, by default 64 MiB. An
	// existing log keeps its own.
	SegmentSize int64
	// Spares is how many files are kept for another use, by default 4.
	Spares int
	// Reserve is how many bytes stay free on the device: a new file that would
	// take from them is 53100.
	Reserve uint64
}

const (
	defaultSegment = 64 << 20
	defaultSpares  = 4
	flushSize      = 1 << 20
)

// Log is an open log. Append, Sync, Read and the rest may be called by any
// number of goroutines: appends are serialised in here, and go on while a Sync
// runs.
type Log struct {
	fs   fault.FS
	dir  string
	size int64 // of each file
	pool *pool

	syncMu  sync.Mutex // taken before mu
	durable atomic.Uint64
	failed  atomic.Pointer[pgerr.Error]

	mu    sync.Mutex
	files []*file // oldest first; the last one is being written
	off   int64   // where in the last file the next fragment goes
	epoch uint32
	buf   []byte // fragments not written yet; they end at off

	wake chan struct{} // tells the stocker that a file was taken into use
	stop chan struct{}
	done sync.WaitGroup
}

// Append appends records in order and gives the positions of the first one and
// behind the last one: reading from end gives what comes after. They are written
// to the files but not durable before the next Sync. Append keeps nothing of
// recs. After an error none of them is in the log (L4, L5).
func (l *Log) Append(recs ...Record) (start, end Pos, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.failure(); err != nil {
		return 0, 0, err
	}
	if n := l.filesFor(recs); n > 0 {
		if err := l.pool.need(l.current().seq, n); err != nil {
			return 0, 0, err
		}
	}
	if l.off+fragHead > l.size && len(recs) > 0 {
		if err := l.rotate(); err != nil {
			return 0, 0, err
		}
	}
	start = l.tail()
	for _, r := range recs {
		if err := l.put(r); err != nil {
			return 0, 0, err
		}
	}
	if err := l.flush(); err != nil {
		return 0, 0, err
	}
	crash.Point("log.after-write")
	return start, l.tail(), nil
}

// filesFor counts the files beyond the current one that recs will reach.
func (l *Log) filesFor(recs []Record) int {
	n, off := 0, l.off
	for _, r := range recs {
		for left := len(r.Data); ; {
			if off+fragHead > l.size {
				n++
				off = fileHead
			}
			part := int(min(int64(left), l.size-off-fragHead))
			off += padded(part)
			if left -= part; left == 0 {
				break
			}
		}
	}
	return n
}

// put writes the fragments of a record into buf and the files.
func (l *Log) put(r Record) error {
	data, flags := r.Data, byte(fragFirst)
	for {
		if l.off+fragHead > l.size {
			if err := l.rotate(); err != nil {
				return err
			}
		}
		part := data[:min(int64(len(data)), l.size-l.off-fragHead)]
		data = data[len(part):]
		if len(data) == 0 {
			flags |= fragLast
		}
		l.buf = appendFragment(l.buf, fragment{epoch: l.epoch, pos: l.tail(), durable: l.Durable(), typ: r.Type, flags: flags}, part)
		l.off += padded(len(part))
		if len(l.buf) >= flushSize {
			if err := l.flush(); err != nil {
				return err
			}
		}
		if len(data) == 0 {
			return nil
		}
		flags = 0
	}
}

// flush writes buf into the current file; buf ends at off.
func (l *Log) flush() error {
	if len(l.buf) == 0 {
		return nil
	}
	f := l.current()
	if _, err := f.WriteAt(l.buf, l.off-int64(len(l.buf))); err != nil {
		return l.fail(storage.IOError(err, "could not write file %q", f.path))
	}
	l.buf = l.buf[:0]
	if cap(l.buf) > 4*flushSize {
		l.buf = nil
	}
	return nil
}

// rotate goes on in the next file, once the current one is durable (L3).
func (l *Log) rotate() error {
	if err := l.flush(); err != nil {
		return err
	}
	next, err := l.pool.take(l.current().seq + 1)
	if err != nil {
		return l.fail(pgerr.From(err))
	}
	if err := l.syncFile(l.current()); err != nil {
		return err
	}
	l.advance(l.tail())
	l.files = append(l.files, next)
	l.off = fileHead
	crash.Point("log.after-rotate")
	l.restock()
	return nil
}

func (l *Log) restock() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *Log) syncFile(f *file) error {
	crash.Point("log.before-sync")
	if err := f.Datasync(); err != nil {
		return l.fail(storage.IOError(err, "could not fsync file %q", f.path))
	}
	crash.Point("log.after-sync")
	return nil
}

// Sync makes everything that was appended before the call durable. Calls that
// wait for each other share one fdatasync.
func (l *Log) Sync() error {
	wanted := l.Tail()
	l.syncMu.Lock()
	defer l.syncMu.Unlock()
	if err := l.failure(); err != nil {
		return err
	}
	if wanted <= l.Durable() {
		return nil
	}
	l.mu.Lock()
	f, reached := l.current(), l.tail()
	l.mu.Unlock()
	if err := l.syncFile(f); err != nil {
		return err
	}
	l.advance(reached)
	return nil
}

// advance raises the durable position.
func (l *Log) advance(to Pos) {
	for {
		old := l.durable.Load()
		if uint64(to) <= old || l.durable.CompareAndSwap(old, uint64(to)) {
			return
		}
	}
}

// fail makes err the answer to everything from now on (L5), unless there is one
// already, and gives that answer.
func (l *Log) fail(err *pgerr.Error) error {
	l.failed.CompareAndSwap(nil, err)
	return l.failed.Load()
}

func (l *Log) failure() error {
	if err := l.failed.Load(); err != nil {
		return err
	}
	return nil
}

// Err is the error that ended the log's work (L5), nil while it works.
func (l *Log) Err() error { return l.failure() }

func (l *Log) current() *file { return l.files[len(l.files)-1] }

func (l *Log) position(f *file, off int64) Pos { return Pos(f.seq)*Pos(l.size) + Pos(off) }

func (l *Log) tail() Pos { return l.position(l.current(), l.off) }

// Tail is the position behind the last record.
func (l *Log) Tail() Pos {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tail()
}

// Durable is a position before which everything survives a loss of power.
func (l *Log) Durable() Pos { return Pos(l.durable.Load()) }

// Head is the position of the oldest record that can still be read.
func (l *Log) Head() Pos {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.position(l.files[0], fileHead)
}

// Size is the length in bytes of the files that hold the log.
func (l *Log) Size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int64(len(l.files)) * l.size
}

// Trim gives up the files that lie wholly before a position. Nobody may be
// reading them. It does not fail the log: what could not be recycled is lost
// space, which the error tells of.
func (l *Log) Trim(before Pos) error {
	l.syncMu.Lock()
	defer l.syncMu.Unlock()
	for {
		l.mu.Lock()
		var old *file
		if len(l.files) > 1 && l.position(l.files[1], 0) <= before {
			old = l.files[0]
			l.files = append([]*file(nil), l.files[1:]...)
		}
		l.mu.Unlock()
		if old == nil {
			return nil
		}
		if err := l.pool.recycle(old); err != nil {
			return err
		}
		crash.Point("log.after-trim")
	}
}

// Close writes that the log ends here, makes it durable, and closes the files.
// It is called once, when nobody uses the log any more.
func (l *Log) Close() error {
	close(l.stop)
	l.done.Wait()
	err := l.failure()
	if err == nil {
		if _, _, err = l.Append(Record{Type: internalType, Data: []byte(closed)}); err == nil {
			err = l.Sync()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.files {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = storage.IOError(cerr, "could not close file %q", f.path)
		}
	}
	l.pool.close()
	return err
}

// stocker keeps a file ready ahead of the one being written.
func (l *Log) stocker() {
	defer l.done.Done()
	for {
		select {
		case <-l.stop:
			return
		case <-l.wake:
		}
		l.mu.Lock()
		seq := l.current().seq
		l.mu.Unlock()
		l.pool.stock(seq + 1)
	}
}
