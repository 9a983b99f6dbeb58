package rel

import (
	"runtime"
	"slices"

	"github.com/streamsqld/streamsqld/storage/ckpt"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// hold takes a segment into use.
func (e *Env) hold(s *segment.Segment) *held {
	h := &held{Segment: s}
	runtime.AddCleanup(h, e.graves.bury, s.Blob)
	return h
}

// holdRun takes an index run into use.
func (e *Env) holdRun(r *segment.Run) *heldRun {
	h := &heldRun{Run: r}
	runtime.AddCleanup(h, e.graves.bury, r.Blob)
	return h
}

// Replacement is what a job has made: parts that take the place of parts. It is
// handed to the writer of the relation, once, or discarded.
type Replacement struct {
	env      *Env
	chunks   []placed // sealed: the first chunks
	old      []*held  // compacted: neighbouring segments
	segs     []*held
	oldRuns  [][]*heldRun // by index slot
	runs     [][]*heldRun
	sketches []*sketch
	blobs    []ckpt.BlobID // everything new
}

// Discard deletes what was made. It is for a Replacement that is not used.
func (p *Replacement) Discard() {
	_ = p.env.Store.DeleteBlobs(p.blobs...)
}

func (p *Replacement) addSegment(s *segment.Segment) {
	p.blobs = append(p.blobs, s.Blob)
	p.segs = append(p.segs, p.env.hold(s))
}

func (p *Replacement) addRun(index int, r *segment.Run) {
	if r == nil {
		return
	}
	p.blobs = append(p.blobs, r.Blob)
	p.runs[index] = append(p.runs[index], p.env.holdRun(r))
}

// Replace puts what a job has made in the place of what it was made from, if all
// of that is still there; otherwise (the relation was truncated, say) it deletes
// what was made, and gives false. The rows are the same either way (R3).
func (w *Writer) Replace(p *Replacement) bool {
	if !w.replaceable(p) {
		p.Discard()
		return false
	}
	if n := len(p.chunks); n > 0 {
		for i := range p.chunks {
			w.count(-p.chunks[i].bytes)
		}
		w.r.chunks = slices.Clone(w.r.chunks[n:])
		w.r.segs = append(slices.Clip(w.r.segs), p.segs...)
		w.r.sealed = w.r.sealed.merged(p.sketches)
	} else if len(p.old) > 0 {
		at := slices.Index(w.r.segs, p.old[0])
		w.r.segs = slices.Concat(w.r.segs[:at], p.segs, w.r.segs[at+len(p.old):])
	}
	w.r.runs = slices.Clone(w.r.runs)
	for x := range p.runs {
		if w.r.schema.Indexes[x].Dropped {
			continue
		}
		w.r.runs[x] = replaceRuns(w.r.runs[x], p.oldRuns[x], p.runs[x])
	}
	return true
}

// replaceable tells whether everything that p replaces is there.
func (w *Writer) replaceable(p *Replacement) bool {
	if len(p.chunks) > len(w.r.chunks) {
		return false
	}
	for i := range p.chunks {
		if w.r.chunks[i].Chunk != p.chunks[i].Chunk || w.r.chunks[i].base != p.chunks[i].base {
			return false
		}
	}
	if len(p.old) > 0 {
		at := slices.Index(w.r.segs, p.old[0])
		if at < 0 || at+len(p.old) > len(w.r.segs) || !slices.Equal(w.r.segs[at:at+len(p.old)], p.old) {
			return false
		}
	}
	for x, old := range p.oldRuns {
		if w.r.schema.Indexes[x].Dropped {
			continue
		}
		for _, o := range old {
			if !slices.Contains(w.r.runs[x], o) {
				return false
			}
		}
	}
	return true
}

// replaceRuns gives runs without old and with add, by the ids they cover.
func replaceRuns(runs, old, add []*heldRun) []*heldRun {
	out := make([]*heldRun, 0, len(runs)+len(add))
	for _, r := range runs {
		if !slices.Contains(old, r) {
			out = append(out, r)
		}
	}
	out = append(out, add...)
	slices.SortStableFunc(out, func(a, b *heldRun) int {
		switch {
		case a.Lo < b.Lo:
			return -1
		case a.Lo > b.Lo:
			return 1
		}
		return 0
	})
	return out
}
