package rel

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// segScan reads the blocks of one segment.
type segScan struct {
	scan   *scan
	seg    *held
	blocks []int // that are still to be read
	cols   []segColumn
	spare  [][]byte // buffers of columns read before
	ids    segColumn
	idv    vec.Vec
}

// segColumn is a column of a segment, read as far as it is needed.
type segColumn struct {
	slot int
	col  segment.Column
	read bool
}

// open begins a segment: it finds the blocks that may have rows of interest.
func (r *segScan) open(seg *held) error {
	s := r.scan
	r.seg, r.blocks = seg, r.blocks[:0]
	for i := range s.spec.Preds {
		p := &s.spec.Preds[i]
		if p.excludes(s.r.schema.Cols[p.Col].Kind, segStat(s.r.schema, seg.Segment, p.Col)) {
			r.seg = nil
			return nil
		}
	}
	for i := range seg.Blocks() {
		r.blocks = append(r.blocks, i)
	}
	r.recycle()
	for _, slot := range s.spec.Cols {
		r.cols = append(r.cols, segColumn{slot: slot})
	}
	r.ids = segColumn{slot: segment.IDs}
	for i := range s.spec.Preds {
		if err := r.prune(&s.spec.Preds[i]); err != nil {
			return err
		}
	}
	return nil
}

// segStat describes a column of a segment, or the value that stands for it.
func segStat(s *Schema, seg *segment.Segment, slot int) vec.Stat {
	if seg.Has(slot) {
		return seg.Stat(slot)
	}
	return missingStat(&s.Cols[slot], seg.Rows())
}

// recycle takes back the buffers that no string was cut from.
func (r *segScan) recycle() {
	for i := range r.cols {
		c := &r.cols[i]
		if c.read && r.scan.r.schema.Cols[c.slot].Kind != types.Bytes {
			r.spare = append(r.spare, c.col.Buffer())
		}
	}
	r.cols = r.cols[:0]
}

func (r *segScan) buffer() []byte {
	n := len(r.spare)
	if n == 0 {
		return nil
	}
	b := r.spare[n-1]
	r.spare = r.spare[:n-1]
	return b
}

// prune leaves out the blocks whose statistics a predicate excludes.
func (r *segScan) prune(p *ColRange) error {
	if !r.seg.Has(p.Col) || len(r.blocks) == 0 {
		return nil
	}
	c := &segColumn{slot: p.Col}
	for i := range r.cols {
		if r.cols[i].slot == p.Col {
			c = &r.cols[i]
		}
	}
	if err := r.load(c); err != nil {
		return err
	}
	kept := r.blocks[:0]
	for _, b := range r.blocks {
		page, err := c.col.Page(b)
		if err != nil {
			return err
		}
		if !p.excludes(r.scan.r.schema.Cols[p.Col].Kind, page.Stat()) {
			kept = append(kept, b)
		}
	}
	r.blocks = kept
	return nil
}

// load reads a column from the first to the last block that is wanted.
func (r *segScan) load(c *segColumn) (err error) {
	if !c.read {
		c.col, err = r.seg.Read(r.scan.r.env.Store, c.slot, r.blocks[0], r.blocks[len(r.blocks)-1]+1, r.buffer())
		c.read = err == nil
	}
	return err
}

// next gives the next block of the segment; found is false at its end.
func (r *segScan) next(out *vec.Batch) (found bool, err error) {
	for r.seg != nil && len(r.blocks) > 0 {
		if found, err := r.block(r.blocks[0], out); found || err != nil {
			r.blocks = r.blocks[1:]
			return found, err
		}
		r.blocks = r.blocks[1:]
	}
	r.seg = nil
	return false, nil
}

func (r *segScan) block(b int, out *vec.Batch) (found bool, err error) {
	s := r.scan
	lo, hi := r.seg.Block(b)
	n := hi - lo
	all := false
	if r.seg.Dense() {
		all = s.live(r.seg.Lo+uint64(lo), n)
	} else {
		if err := r.page(&r.ids, b, &r.idv); err != nil {
			return false, err
		}
		all = s.liveListed(r.idv.Ints)
	}
	if !all && len(s.sel) == 0 {
		return false, nil
	}
	cols := s.columns()
	for i := range r.cols {
		slot := r.cols[i].slot
		if !r.seg.Has(slot) {
			cols[i].Const(s.r.schema.Cols[slot].Kind, s.r.schema.Cols[slot].Missing, n)
			continue
		}
		if err := r.page(&r.cols[i], b, &cols[i]); err != nil {
			return false, err
		}
	}
	if s.spec.WithRowID {
		ids := &cols[len(cols)-1]
		if r.seg.Dense() {
			dense(ids, r.seg.Lo+uint64(lo), n)
		} else {
			ids.Reset(types.Int, n)
			copy(ids.Ints, r.idv.Ints)
		}
	}
	s.finish(out, cols, n, all)
	return true, nil
}

// liveListed is live for ids that are listed.
func (s *scan) liveListed(ids []int64) (all bool) {
	s.sel, all = s.r.gone.liveIDs(s.sel, ids)
	if uint64(ids[0]) >= s.spec.From {
		return all
	}
	if all {
		s.sel = s.sel[:0]
		for i := range ids {
			s.sel = append(s.sel, int32(i))
		}
	}
	s.from(func(i int32) bool { return uint64(ids[i]) < s.spec.From })
	return false
}

// page decodes the page of a block.
func (r *segScan) page(c *segColumn, b int, v *vec.Vec) error {
	if err := r.load(c); err != nil {
		return err
	}
	p, err := c.col.Page(b)
	if err != nil {
		return err
	}
	return p.Decode(v)
}
