package rel

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// segScan reads the blocks of one segment.
type segScan struct {
	scan   *scan
	seg    *held
	blocks []int // that are still to be read
	at     int   // the block at hand
	cols   []segColumn
	spare  [][]byte // buffers of columns read before
	idCol  segColumn
	idv    vec.Vec
}

// segColumn is a column of a segment, read as far as it is needed.
type segColumn struct {
	slot int
	col  segment.Column
	read bool
}

// begin begins a segment: it finds the blocks that may have rows of interest.
func (r *segScan) begin(seg *held) error {
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
	r.idCol = segColumn{slot: segment.IDs}
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
func (r *segScan) next(ctx context.Context, out *vec.Batch) (found bool, err error) {
	for r.seg != nil && len(r.blocks) > 0 {
		if found, err := r.block(ctx, r.blocks[0], out); found || err != nil {
			r.blocks = r.blocks[1:]
			return found, err
		}
		r.blocks = r.blocks[1:]
	}
	r.seg = nil
	return false, nil
}

func (r *segScan) block(ctx context.Context, b int, out *vec.Batch) (found bool, err error) {
	s := r.scan
	lo, hi := r.seg.Block(b)
	n := hi - lo
	all := false
	if r.seg.Dense() {
		all = s.live(r.seg.Lo+uint64(lo), n)
	} else {
		if err := r.page(&r.idCol, b, &r.idv); err != nil {
			return false, err
		}
		all = s.liveListed(r.idv.Ints)
	}
	if !all && len(s.sel) == 0 {
		return false, nil
	}
	r.at = b
	return s.read(ctx, r, n, all, out)
}

// open gives the page of the block at hand.
func (r *segScan) open(col int) (vec.Page, bool, error) {
	c := &r.cols[col]
	if !r.seg.Has(c.slot) {
		return vec.Page{}, false, nil
	}
	if err := r.load(c); err != nil {
		return vec.Page{}, false, err
	}
	p, err := c.col.Page(r.at)
	return p, err == nil, err
}

// ids gives the row ids of the block at hand.
func (r *segScan) ids(v *vec.Vec, n int) {
	if r.seg.Dense() {
		lo, _ := r.seg.Block(r.at)
		dense(v, r.seg.Lo+uint64(lo), n)
		return
	}
	v.Reset(types.Int, n)
	copy(v.Ints, r.idv.Ints)
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
