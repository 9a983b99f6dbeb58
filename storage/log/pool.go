package log

import (
	"fmt"
	"path/filepath"
	"sync"

	"github.com/streamsqld/streamsqld/internal/fault"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage"
)

// pool makes the files that the log goes on in: recycled ones, or new ones. Its
// methods may be called by several goroutines.
type pool struct {
	fs      fault.FS
	dir     string
	size    int64
	keep    int    // how many spares are kept
	reserve uint64 // bytes that stay free on the device

	mu     sync.Mutex
	spares []string // paths of files that are free for use
	named  int      // the highest number in a spare's name
	ready  map[uint64]*file
	taken  uint64 // the highest number of a file in use
}

func (p *pool) path(name string) string { return filepath.Join(p.dir, name) }

// take gives file seq, which nobody has taken yet: the one that was made ready
// if there is one.
func (p *pool) take(seq uint64) (*file, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, err := p.ensure(seq)
	if err == nil {
		delete(p.ready, seq)
		p.taken = seq
	}
	return f, err
}

// need makes the files after seq, n of them, ready; when it fails, none of them
// can be relied on.
func (p *pool) need(seq uint64, n int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range uint64(n) {
		if _, err := p.ensure(seq + 1 + i); err != nil {
			return err
		}
	}
	return nil
}

// ensure makes file seq ready. The lock is held.
func (p *pool) ensure(seq uint64) (*file, error) {
	if f := p.ready[seq]; f != nil {
		return f, nil
	}
	raw, err := p.raw()
	if err != nil {
		return nil, err
	}
	f := &file{File: raw, seq: seq, path: p.path(logName(seq))}
	if err := p.prepare(f, raw.Name()); err != nil {
		_ = f.Close()
		return nil, err
	}
	p.ready[seq] = f
	return f, nil
}

// prepare writes the header, and then gives the file its name: a file that has
// the name of a log file has a header.
func (p *pool) prepare(f *file, from string) error {
	if _, err := f.WriteAt(fileHeader(f.seq, p.size), 0); err != nil {
		return storage.IOError(err, "could not write file %q", from)
	}
	if err := f.Datasync(); err != nil {
		return storage.IOError(err, "could not fsync file %q", from)
	}
	if err := p.fs.Rename(from, f.path); err != nil {
		return storage.IOError(err, "could not rename file %q", from)
	}
	return p.syncDir()
}

func (p *pool) syncDir() error {
	if err := p.fs.SyncDir(p.dir); err != nil {
		return storage.IOError(err, "could not fsync directory %q", p.dir)
	}
	return nil
}

// raw gives a spare file, or a new one that is only allocated.
func (p *pool) raw() (fault.File, error) {
	for len(p.spares) > 0 {
		name := p.spares[len(p.spares)-1]
		p.spares = p.spares[:len(p.spares)-1]
		f, err := p.fs.Open(name)
		if err != nil {
			continue
		}
		if n, err := f.Size(); err == nil && n >= p.size {
			return f, nil
		}
		_ = f.Close()
		_ = p.fs.Remove(name)
	}
	return p.create(p.spareName())
}

func (p *pool) spareName() string {
	p.named++
	return p.path(fmt.Sprintf("spare-%d", p.named))
}

// create makes a file of full size. It needs no lock.
func (p *pool) create(name string) (fault.File, error) {
	if free, err := p.fs.Free(p.dir); err == nil && free < p.reserve+uint64(p.size) {
		return nil, pgerr.New(pgerr.DiskFull, "could not create file %q: %d bytes are free, %d stay in reserve", name, free, p.reserve)
	}
	f, err := p.fs.Create(name)
	if err != nil {
		return nil, storage.IOError(err, "could not create file %q", name)
	}
	if err := f.Allocate(p.size); err != nil {
		p.discard(f, name)
		return nil, storage.IOError(err, "could not allocate file %q", name)
	}
	return f, nil
}

func (p *pool) discard(f fault.File, name string) {
	_ = f.Close()
	_ = p.fs.Remove(name)
}

// stock sees to it that file seq is ready and that there is a file for the one
// after it, filled with zeros: blocks that were only allocated are slow to write
// the first time. Errors are left to whoever needs the file.
func (p *pool) stock(seq uint64) {
	p.mu.Lock()
	ready, spare, name := p.ready[seq] != nil || seq <= p.taken, len(p.spares) > 0, ""
	if !ready && !spare {
		name = p.spareName()
	}
	p.mu.Unlock()
	if ready {
		return
	}
	if !spare {
		p.fill(name)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if seq > p.taken { // the log may have gone on meanwhile
		_, _ = p.ensure(seq)
	}
}

// fill adds a spare that is filled with zeros.
func (p *pool) fill(name string) {
	f, err := p.create(name)
	if err != nil {
		return
	}
	zeros := make([]byte, 1<<20)
	for at := int64(0); at < p.size; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), p.size-at)], at); err != nil {
			p.discard(f, name)
			return
		}
	}
	err = f.Datasync()
	if cerr := f.Close(); err != nil || cerr != nil {
		_ = p.fs.Remove(name)
		return
	}
	p.mu.Lock()
	p.spares = append(p.spares, name)
	p.mu.Unlock()
}

// recycle keeps a file that is no longer part of the log for another use, or
// removes it when there are enough. The directory is synced each time, so that
// files vanish from the log's beginning in order.
func (p *pool) recycle(f *file) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := f.Close(); err != nil {
		return storage.IOError(err, "could not close file %q", f.path)
	}
	if len(p.spares) >= p.keep {
		if err := p.fs.Remove(f.path); err != nil {
			return storage.IOError(err, "could not remove file %q", f.path)
		}
		return p.syncDir()
	}
	spare := p.spareName()
	if err := p.fs.Rename(f.path, spare); err != nil {
		return storage.IOError(err, "could not rename file %q", f.path)
	}
	p.spares = append(p.spares, spare)
	return p.syncDir()
}

// close closes the files that are ready; they stay for the next time.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.ready {
		_ = f.Close()
	}
	clear(p.ready)
}
