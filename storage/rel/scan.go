package rel

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/segment"
)

// ScanSpec says what of a relation is read.
type ScanSpec struct {
	// Cols are the column slots wanted, in the order wanted.
	Cols []int
	// WithRowID adds a column of row ids behind them.
	WithRowID bool
	// Preds leave out blocks that have no row of interest (see ColRange).
	Preds []ColRange
	// Part and Parts split the rows among readers: part 0 … Parts-1 of as many;
	// parts are ranges of ids, about equally long. Parts 0 is 1.
	Part, Parts int
}

// Scan gives the rows of the version in the order of their ids. What it lends is
// described at vec.O1. A damaged segment is XX001; a cancelled context gives its
// cause.
func (r *Relation) Scan(spec ScanSpec) vec.Source {
	s := &scan{r: r, spec: spec, end: r.units()}
	if spec.Parts > 1 {
		s.split()
	}
	s.seg.scan = s
	return s
}

type scan struct {
	r    *Relation
	spec ScanSpec
	at   int // the next unit
	end  int
	seg  segScan

	cols []vec.Vec // decoded columns, and the row ids
	sel  []int32
	full vec.Batch // small chunks put together
}

// split finds the units of the part: those whose first row falls into it.
func (s *scan) split() {
	total := 0
	for i := range s.end {
		total += s.r.unit(i).rows()
	}
	lo, hi := total*s.spec.Part/s.spec.Parts, total*(s.spec.Part+1)/s.spec.Parts
	begin, end, n := s.end, s.end, 0
	for i := range s.end {
		if n >= lo && begin == s.end {
			begin = i
		}
		if n >= hi {
			end = i
			break
		}
		n += s.r.unit(i).rows()
	}
	s.at, s.end = begin, max(begin, end)
}

// Close implements vec.Source.
func (s *scan) Close() error {
	*s = scan{}
	return nil
}

// smallChunk is the size up to which chunks are put together into one batch.
const smallChunk = vec.Size / 2

// Next implements vec.Source.
func (s *scan) Next(ctx context.Context, out *vec.Batch) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for {
		found, err := s.seg.next(out)
		if found || err != nil {
			return err
		}
		if s.at == s.end {
			*out = vec.Batch{Cols: out.Cols[:0]}
			return nil
		}
		u := s.r.unit(s.at)
		if u.seg != nil {
			s.at++
			if err := s.seg.open(u.seg); err != nil {
				return err
			}
			continue
		}
		if found, err := s.tail(out); found || err != nil {
			return err
		}
	}
}

// tail gives the next chunk, or several small ones, or the open batch.
func (s *scan) tail(out *vec.Batch) (found bool, err error) {
	s.full.N = 0
	for s.at < s.end {
		u := s.r.unit(s.at)
		small := u.rows() <= smallChunk
		if s.full.N > 0 && (!small || s.full.N+u.rows() > vec.Size) {
			break
		}
		s.at++
		var b vec.Batch
		if u.open != nil {
			found = s.openBatch(u.open, &b)
		} else if found, err = s.chunk(u.chunk, &b); err != nil {
			return false, err
		}
		if !found {
			continue
		}
		if !small || s.full.N == 0 && s.at == s.end {
			*out = b
			return true, nil
		}
		if s.full.N == 0 {
			s.full.Reset(s.kinds())
		}
		s.full.AppendBatch(&b)
	}
	*out = s.full
	return s.full.N > 0, nil
}

func (s *scan) kinds() []types.Kind {
	out := make([]types.Kind, 0, len(s.spec.Cols)+1)
	for _, c := range s.spec.Cols {
		out = append(out, s.r.schema.Cols[c].Kind)
	}
	if s.spec.WithRowID {
		out = append(out, types.Int)
	}
	return out
}

// columns gives the memory of the output columns.
func (s *scan) columns() []vec.Vec {
	if s.cols == nil {
		s.cols = make([]vec.Vec, len(s.spec.Cols)+1)
	}
	if s.spec.WithRowID {
		return s.cols
	}
	return s.cols[:len(s.spec.Cols)]
}

// dense fills a column with the ids base, base+1 …
func dense(v *vec.Vec, base uint64, n int) {
	v.Reset(types.Int, n)
	for i := range v.Ints {
		v.Ints[i] = int64(base) + int64(i)
	}
}

// chunk decodes a chunk; found is false when nothing of it is wanted.
func (s *scan) chunk(c *placed, out *vec.Batch) (found bool, err error) {
	n := c.Rows()
	for i := range s.spec.Preds {
		p := &s.spec.Preds[i]
		st, err := c.stat(s.r.schema, p.Col)
		if err != nil {
			return false, err
		}
		if p.excludes(s.r.schema.Cols[p.Col].Kind, st) {
			return false, nil
		}
	}
	var all bool
	if s.sel, all = s.r.gone.live(s.sel, c.base, n); !all && len(s.sel) == 0 {
		return false, nil
	}
	cols := s.columns()
	for i, slot := range s.spec.Cols {
		if err := c.column(s.r.schema, slot, &cols[i]); err != nil {
			return false, err
		}
	}
	if s.spec.WithRowID {
		dense(&cols[len(cols)-1], c.base, n)
	}
	s.finish(out, cols, n, all)
	return true, nil
}

// finish makes a batch of decoded columns and the selection.
func (s *scan) finish(out *vec.Batch, cols []vec.Vec, n int, all bool) {
	*out = vec.Batch{Cols: cols, N: n}
	if !all {
		out.Sel, out.N = s.sel, len(s.sel)
	}
}

func (s *scan) openBatch(o *openView, out *vec.Batch) (found bool) {
	var all bool
	if s.sel, all = s.r.gone.live(s.sel, o.base, o.n); !all && len(s.sel) == 0 {
		return false
	}
	cols := make([]vec.Vec, 0, len(s.spec.Cols)+1)
	for _, slot := range s.spec.Cols {
		cols = append(cols, o.column(slot))
	}
	if s.spec.WithRowID {
		var ids vec.Vec
		dense(&ids, o.base, o.n)
		cols = append(cols, ids)
	}
	s.finish(out, cols, o.n, all)
	return true
}

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
		s.sel, all = s.r.gone.live(s.sel, r.seg.Lo+uint64(lo), n)
	} else {
		if err := r.page(&r.ids, b, &r.idv); err != nil {
			return false, err
		}
		s.sel, all = s.r.gone.liveIDs(s.sel, r.idv.Ints)
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
