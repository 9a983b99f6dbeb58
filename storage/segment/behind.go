package segment

import (
	"sync"

	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/storage/ckpt"
)

// behindBytes bounds the segments that a builder has given to the store and that are
// not there yet. The store syncs what comes while it is busy in one go, so that many
// small segments take few syncs.
const behindBytes = 24 << 20

// pages are the encoded pages of a segment, by slot, and its ids.
type pages struct {
	cols [][]byte
	ids  []byte
}

func newPages(slots int) *pages { return &pages{cols: make([][]byte, slots)} }

func (p *pages) reset() {
	for i := range p.cols {
		p.cols[i] = p.cols[i][:0]
	}
	p.ids = p.ids[:0]
}

// behind writes segments beside the building of others. The zero value is ready.
type behind struct {
	mu    sync.Mutex
	ended sync.Cond // of a write; its L is set at the first one
	count int       // writes under way
	bytes int       // of these
	err   error     // the first failure since wait
	free  []*pages
}

// write begins to write a segment whose pages have so many bytes, as soon as there
// is room for it. The pages are behind's from here on. The error is that of an
// earlier one, which wait gives, too.
func (w *behind) write(st *ckpt.Store, s *Segment, p *pages, bytes int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended.L = &w.mu
	for w.count > 0 && w.bytes+bytes > behindBytes {
		w.ended.Wait()
	}
	if w.err != nil {
		return w.err
	}
	w.count++
	w.bytes += bytes
	go func() {
		err := p.write(st, s)
		if err == nil {
			crash.Point("segment.after-write")
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.count--
		w.bytes -= bytes
		if w.err == nil {
			w.err = err
		}
		p.reset()
		w.free = append(w.free, p)
		w.ended.Broadcast()
	}()
	return nil
}

// pages gives memory to build another segment in.
func (w *behind) pages(slots int) *pages {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.free); n > 0 {
		p := w.free[n-1]
		w.free = w.free[:n-1]
		return p
	}
	return newPages(slots)
}

// wait waits for all writes, and gives the first failure among them.
func (w *behind) wait() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.count > 0 {
		w.ended.Wait()
	}
	err := w.err
	w.err = nil
	return err
}

// write writes runs of slots that have columns.
func (p *pages) write(st *ckpt.Store, s *Segment) error {
	for lo := 0; lo < len(p.cols); {
		hi := lo
		for hi < len(p.cols) && s.cols[hi].ends != nil {
			hi++
		}
		if err := st.PutBlob(s.Blob, uint32(lo), p.cols[lo:hi]...); err != nil {
			return err
		}
		lo = hi + 1
	}
	if s.Dense() {
		return nil
	}
	return st.PutBlob(s.Blob, idsPart, p.ids)
}
