package log

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/internal/fault"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage"
)

// Open opens the log in dir, which is made if it is not there. What was
// appended before a crash is in the log up to the first record that did not
// reach the file whole; records that were durable are all there, or the error
// is XX001 and names the place.
func Open(dir string, o Options) (*Log, error) {
	l := &Log{fs: o.FS, dir: dir, size: o.SegmentSize, wake: make(chan struct{}, 1), stop: make(chan struct{})}
	if l.fs == nil {
		fs, err := fault.Default()
		if err != nil {
			return nil, err
		}
		l.fs = fs
	}
	if l.size == 0 {
		l.size = defaultSegment
	}
	if l.size < minSegment || l.size%fragAlign != 0 {
		return nil, pgerr.New(pgerr.InvalidParameterValue, "log file size %d is not a multiple of %d of at least %d", l.size, fragAlign, minSegment)
	}
	if o.Spares == 0 {
		o.Spares = defaultSpares
	}
	l.pool = &pool{fs: l.fs, dir: dir, keep: o.Spares, reserve: o.Reserve, ready: map[uint64]*file{}}
	if err := l.load(); err != nil {
		l.abandon()
		return nil, err
	}
	l.done.Add(1)
	go l.stocker()
	l.restock()
	return l, nil
}

// abandon closes what a failed Open has opened.
func (l *Log) abandon() {
	for _, f := range l.files {
		_ = f.Close()
	}
	l.pool.close()
}

// load finds the files and the tail, and begins an epoch (L2).
func (l *Log) load() error {
	if err := l.fs.MkdirAll(l.dir); err != nil {
		return storage.IOError(err, "could not create directory %q", l.dir)
	}
	if err := l.openFiles(); err != nil {
		return err
	}
	l.pool.size = l.size
	if len(l.files) == 0 {
		l.pool.stock(firstFile)
		f, err := l.pool.take(firstFile)
		if err != nil {
			return err
		}
		l.files = []*file{f}
	}
	if err := l.findTail(); err != nil {
		return err
	}
	if _, _, err := l.Append(Record{Type: internalType, Data: []byte(opened)}); err != nil {
		return err
	}
	return l.Sync()
}

// openFiles opens the files of the log, oldest first, and lists the spares.
func (l *Log) openFiles() error {
	names, err := l.fs.List(l.dir)
	if err != nil {
		return storage.IOError(err, "could not read directory %q", l.dir)
	}
	for _, name := range names {
		if rest, ok := strings.CutPrefix(name, "spare-"); ok {
			n := 0
			if _, err := fmt.Sscanf(rest, "%d", &n); err == nil {
				l.pool.spares = append(l.pool.spares, l.pool.path(name))
				l.pool.named = max(l.pool.named, n)
			}
			continue
		}
		if seq, ok := parseLogName(name); ok {
			if err := l.openFile(seq); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Log) openFile(seq uint64) error {
	path := l.pool.path(logName(seq))
	raw, err := l.fs.Open(path)
	if err != nil {
		return storage.IOError(err, "could not open file %q", path)
	}
	f := &file{File: raw, seq: seq, path: path}
	size, ok, err := readHeader(f, seq)
	first := len(l.files) == 0
	switch {
	case err != nil:
		err = storage.IOError(err, "could not read file %q", path)
	case !ok:
		err = pgerr.New(pgerr.DataCorrupted, "log file %q is damaged: its header does not check", path)
	case !first && seq != l.current().seq+1:
		err = pgerr.New(pgerr.DataCorrupted, "log file %q is missing", l.pool.path(logName(l.current().seq+1)))
	case !first && size != l.size:
		err = pgerr.New(pgerr.DataCorrupted, "log file %q is damaged: its size is %d, not %d", path, size, l.size)
	}
	if err != nil {
		_ = f.Close()
		return err
	}
	l.size = size
	l.files = append(l.files, f)
	return nil
}

// findTail finds the last fragment. Files that were made ready and not used
// come after it; they go back to the pool.
func (l *Log) findTail() error {
	last := len(l.files) - 1
	for ; last > 0; last-- {
		c := newCursor(l.files[last], l.size)
		if _, _, ok, err := c.next(); ok || err != nil {
			if err != nil {
				return err
			}
			break
		}
	}
	end, epoch, err := l.scanFile(l.files[last])
	if err != nil {
		return err
	}
	for _, f := range l.files[last+1:] {
		latest, err := l.lookAhead(f, fileHead, epoch)
		if err != nil {
			return err
		}
		l.epoch = max(l.epoch, latest)
		l.pool.ready[f.seq] = f
	}
	l.files = l.files[:last+1]
	l.pool.taken = l.current().seq
	l.off = end
	latest, err := l.lookAhead(l.current(), end, epoch)
	l.epoch = max(l.epoch, latest, epoch) + 1
	return err
}

// scanFile reads the fragments of a file to the last valid one.
func (l *Log) scanFile(f *file) (end int64, epoch uint32, err error) {
	c := newCursor(f, l.size)
	for {
		frag, _, ok, err := c.next()
		if err != nil || !ok || frag.epoch < epoch {
			return c.start, epoch, err
		}
		epoch = frag.epoch
	}
}

// lookAhead looks for fragments behind one that does not check, at off. One that
// says that the log was durable beyond off tells damage from a torn tail (L4).
// It gives the latest epoch seen.
func (l *Log) lookAhead(f *file, off int64, epoch uint32) (latest uint32, err error) {
	c := newCursor(f, l.size)
	for at := off + fragAlign; at+fragHead <= l.size; at += fragAlign {
		h, err := c.bytes(at, int(min(int64(len(blank)), l.size-at)))
		if err != nil {
			return latest, err
		}
		if bytes.Equal(h, blank[:]) {
			at += int64(len(blank)) - fragHead
			continue
		}
		frag, ok := readFragment(h, l.position(f, at))
		if !ok || frag.epoch < epoch {
			continue
		}
		if frag.durable > l.position(f, off) {
			return latest, damage(f, off, "a record that was durable does not check")
		}
		latest = max(latest, frag.epoch)
	}
	return latest, nil
}

// blank is a piece of a file that nothing was written to. No fragment begins in
// it, but in its last fragHead bytes: a head's position is never zero.
var blank [4096]byte

func damage(f *file, off int64, what string) error {
	return pgerr.New(pgerr.DataCorrupted, "log file %q is damaged at offset %d: %s", f.path, off, what)
}
