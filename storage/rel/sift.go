package rel

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/sql/vec"
)

// Sift narrows a scan to the rows of interest by one column, which is among those
// wanted, before the others are read. It is advice: rows that do not pass may be
// given where looking at them does not pay.
type Sift struct {
	Col int // a slot
	// Select writes to sel[:0] the positions of the values of v that are of
	// interest, ascending. It is a function of the values alone.
	Select func(ctx context.Context, v *vec.Vec, sel []int32) []int32
}

// A sifter tells of each block which rows pass all sifts. It watches what they
// keep: those that let nearly everything pass are given up, and all of them when
// what they leave would be decoded whole anyway.
type sifter struct {
	sifts  []sifting
	off    bool
	blocks int // looked at
	rows   int
	kept   int

	dict, few vec.Vec
	want      []bool
	pos       []int32
	other     []int32
}

type sifting struct {
	Sift
	col        int // the position among the wanted columns
	seen, kept int
	off        bool
}

const (
	// siftTrial is how many blocks are looked at before sifts are judged.
	siftTrial = 4
	// siftShare: sifts that together leave more than this share (as 1/n) are off.
	siftShare = 4
	// siftUseless: a sift that takes away less than this share (as 1/n) is off.
	siftUseless = 8
	// fewShare is the share of a block (as 1/n) up to which values are cut out
	// instead of decoding all.
	fewShare = 8
)

func newSifter(spec *ScanSpec) *sifter {
	f := &sifter{}
	for _, s := range spec.Sifts {
		if col := slices.Index(spec.Cols, s.Col); col >= 0 {
			f.sifts = append(f.sifts, sifting{Sift: s, col: col})
		}
	}
	if len(f.sifts) == 0 {
		return nil
	}
	return f
}

// pages is a block of a segment or a chunk.
type pages interface {
	// open gives the page of a wanted column; ok is false when it is absent.
	open(col int) (p vec.Page, ok bool, err error)
	// ids makes v the ids of all n rows.
	ids(v *vec.Vec, n int)
}

// sift narrows the selection of the scan (all n rows when all) to the rows that
// pass, and tells whether all do. Columns that it has decoded whole are left in
// cols, and noted as decoded.
func (s *scan) sift(ctx context.Context, from pages, n int, all bool, cols []vec.Vec) (bool, error) {
	f := s.sifter
	before := n
	if !all {
		before = len(s.sel)
	}
	for i := range f.sifts {
		x := &f.sifts[i]
		if x.off {
			continue
		}
		had := n
		if !all {
			had = len(s.sel)
		}
		if had == 0 {
			break
		}
		p, ok, err := from.open(x.col)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		if err := s.siftBy(ctx, x, &p, n, all, &cols[x.col], &s.decoded[x.col]); err != nil {
			return false, err
		}
		x.seen, x.kept = x.seen+had, x.kept+len(s.sel)
		all = len(s.sel) == n
	}
	left := n
	if !all {
		left = len(s.sel)
	}
	f.judge(before, left)
	return all, nil
}

// siftBy leaves in the selection what passes one sift.
func (s *scan) siftBy(ctx context.Context, x *sifting, p *vec.Page, n int, all bool, col *vec.Vec, decoded *bool) error {
	f := s.sifter
	coded, err := p.Dict(&f.dict)
	switch {
	case err != nil:
		return err
	case coded:
		f.want = append(f.want[:0], make([]bool, f.dict.Len())...)
		f.pos = x.Select(ctx, &f.dict, f.pos)
		for _, k := range f.pos {
			f.want[k] = true
		}
		if f.pos, err = p.Coded(f.want, f.pos); err != nil {
			return err
		}
	case !all && len(s.sel)*fewShare <= n:
		if err := p.Gather(&f.few, s.sel); err != nil {
			return err
		}
		f.pos = x.Select(ctx, &f.few, f.pos)
		for i, j := range f.pos {
			s.sel[i] = s.sel[j]
		}
		s.sel = s.sel[:len(f.pos)]
		return nil
	default:
		if err := p.Decode(col); err != nil {
			return err
		}
		*decoded = true
		f.pos = x.Select(ctx, col, f.pos)
	}
	if all {
		s.sel, f.pos = f.pos, s.sel
		return nil
	}
	f.other = both(f.other, s.sel, f.pos)
	s.sel, f.other = f.other, s.sel
	return nil
}

// both writes to dst[:0] what two ascending lists have in common.
func both(dst, a, b []int32) []int32 {
	dst = dst[:0]
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			dst = append(dst, a[0])
			a, b = a[1:], b[1:]
		}
	}
	return dst
}

// judge turns off what has proved useless, and puts what takes most away first.
func (f *sifter) judge(before, left int) {
	f.blocks++
	f.rows, f.kept = f.rows+before, f.kept+left
	if f.blocks%siftTrial != 0 {
		return
	}
	for i := range f.sifts {
		x := &f.sifts[i]
		x.off = x.off || x.kept > x.seen-x.seen/siftUseless
	}
	slices.SortStableFunc(f.sifts, func(a, b sifting) int { return a.kept*max(b.seen, 1) - b.kept*max(a.seen, 1) })
	f.off = f.kept*siftShare > f.rows
}

// cutFew cuts the selected rows out of a column that was decoded whole.
func (s *scan) cutFew(v *vec.Vec) {
	s.few.Gather(v, s.sel)
	*v, s.few = s.few, *v
}
