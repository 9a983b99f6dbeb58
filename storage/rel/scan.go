package rel

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// ScanSpec says what of a relation is read.
type ScanSpec struct {
	// Cols are the column slots wanted, in the order wanted.
	Cols []int
	// WithRowID adds a column of row ids behind them.
	WithRowID bool
	// Preds leave out blocks that have no row of interest (see ColRange).
	Preds []ColRange
	// Sifts tell rows of interest (see Sift).
	Sifts []Sift
	// From leaves out the rows with lower ids.
	From uint64
	// Part and Parts split the rows among readers: part 0 … Parts-1 of as many;
	// parts are ranges of ids, about equally long. Parts 0 is 1.
	Part, Parts int
}

// Scan gives the rows of the version in the order of their ids. What it lends is
// described at vec.O1. A damaged segment is XX001; a cancelled context gives its
// cause.
func (r *Relation) Scan(spec ScanSpec) vec.Source {
	s := &scan{r: r, spec: spec, end: r.units()}
	for s.at < s.end && r.unit(s.at).end() <= spec.From {
		s.at++
	}
	if spec.Parts > 1 {
		s.split()
	}
	s.seg.scan, s.sifter = s, newSifter(&spec)
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

	sifter  *sifter // nil: there is nothing to sift by
	decoded []bool  // the columns that sifting has decoded
	few     vec.Vec // memory to cut few rows into
}

// split finds the units of the part: those whose first row falls into it.
func (s *scan) split() {
	total := 0
	for i := s.at; i < s.end; i++ {
		total += s.r.unit(i).rows()
	}
	lo, hi := total*s.spec.Part/s.spec.Parts, total*(s.spec.Part+1)/s.spec.Parts
	begin, end, n := s.end, s.end, 0
	for i := s.at; i < s.end; i++ {
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
		found, err := s.seg.next(ctx, out)
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
			if err := s.seg.begin(u.seg); err != nil {
				return err
			}
			continue
		}
		if found, err := s.tail(ctx, out); found || err != nil {
			return err
		}
	}
}

// tail gives the next chunk, or several small ones, or the open batch.
func (s *scan) tail(ctx context.Context, out *vec.Batch) (found bool, err error) {
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
		} else if found, err = s.chunk(ctx, u.chunk, &b); err != nil {
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
func (s *scan) chunk(ctx context.Context, c *placed, out *vec.Batch) (found bool, err error) {
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
	all := s.live(c.base, n)
	if !all && len(s.sel) == 0 {
		return false, nil
	}
	return s.read(ctx, chunkPages{s, c}, n, all, out)
}

// chunkPages are the columns of a chunk.
type chunkPages struct {
	s *scan
	c *placed
}

func (p chunkPages) open(col int) (vec.Page, bool, error) {
	slot := p.s.spec.Cols[col]
	if slot >= p.c.block.Columns() {
		return vec.Page{}, false, nil
	}
	page, err := p.c.block.Page(slot)
	return page, err == nil, err
}

func (p chunkPages) ids(v *vec.Vec, n int) { dense(v, p.c.base, n) }

// live makes sel the positions of the rows base, base+1 … that are wanted, and
// tells whether all n are; sel is then empty.
func (s *scan) live(base uint64, n int) (all bool) {
	s.sel, all = s.r.gone.live(s.sel, base, n)
	if base >= s.spec.From {
		return all
	}
	if all {
		s.sel = s.sel[:0]
		for i := range n {
			s.sel = append(s.sel, int32(i))
		}
	}
	s.from(func(i int32) bool { return base+uint64(i) < s.spec.From })
	return false
}

// from leaves out the positions before the first wanted id.
func (s *scan) from(before func(i int32) bool) {
	k := 0
	for k < len(s.sel) && before(s.sel[k]) {
		k++
	}
	s.sel = s.sel[k:]
}

// read gives the rows of a block that are live, as far as they are of interest:
// found is false when none is. A few rows are cut out of the columns, of more the
// columns are decoded whole.
func (s *scan) read(ctx context.Context, from pages, n int, all bool, out *vec.Batch) (found bool, err error) {
	cols := s.columns()
	s.decoded = append(s.decoded[:0], make([]bool, len(cols))...)
	if s.sifter != nil && !s.sifter.off {
		if all, err = s.sift(ctx, from, n, all, cols); err != nil || !all && len(s.sel) == 0 {
			return false, err
		}
	}
	few := !all && len(s.sel)*fewShare <= n
	for i, slot := range s.spec.Cols {
		if err := s.readColumn(from, i, slot, n, few, &cols[i]); err != nil {
			return false, err
		}
	}
	if s.spec.WithRowID {
		ids := &cols[len(cols)-1]
		from.ids(ids, n)
		if few {
			s.cutFew(ids)
		}
	}
	if few {
		*out = vec.Batch{Cols: cols, N: len(s.sel)}
		return true, nil
	}
	s.finish(out, cols, n, all)
	return true, nil
}

// readColumn reads a column, or the few selected rows of it.
func (s *scan) readColumn(from pages, col, slot, n int, few bool, v *vec.Vec) error {
	if s.decoded[col] {
		if few {
			s.cutFew(v)
		}
		return nil
	}
	p, ok, err := from.open(col)
	switch {
	case err != nil:
		return err
	case !ok && few:
		n = len(s.sel)
		fallthrough
	case !ok:
		v.Const(s.r.schema.Cols[slot].Kind, s.r.schema.Cols[slot].Missing, n)
		return nil
	case few:
		return p.Gather(v, s.sel)
	}
	return p.Decode(v)
}

// finish makes a batch of decoded columns and the selection.
func (s *scan) finish(out *vec.Batch, cols []vec.Vec, n int, all bool) {
	*out = vec.Batch{Cols: cols, N: n}
	if !all {
		out.Sel, out.N = s.sel, len(s.sel)
	}
}

func (s *scan) openBatch(o *openView, out *vec.Batch) (found bool) {
	all := s.live(o.base, o.n)
	if !all && len(s.sel) == 0 {
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
