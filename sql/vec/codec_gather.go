package vec

import (
	"encoding/binary"
	"math"
	"sync"

	"github.com/streamsqld/streamsqld/sql/types"
)

// gatherShare is the share of a page's rows above which all are decoded.
const gatherShare = 8

// Gather makes v the values at positions idx, which ascend. It is Decode and
// then Vec.Gather; where the form allows it, only those few values are touched.
func (p *Page) Gather(v *Vec, idx []int32) error {
	if len(idx) == 0 {
		v.Reset(p.Kind(), 0)
		return nil
	}
	if last := int(idx[len(idx)-1]); last >= p.Rows() || idx[0] < 0 {
		return damaged("row %d of a page of %d", last, p.Rows())
	}
	if len(idx)*gatherShare <= p.Rows() && !p.flag(pageZstd) && p.Nulls() < p.Rows() {
		if done, err := p.gatherFew(v, idx); done || err != nil {
			p.gatherNulls(v, idx)
			return err
		}
	}
	all := gatherScratch.Get().(*Vec)
	defer gatherScratch.Put(all)
	if err := p.Decode(all); err != nil {
		return err
	}
	v.Gather(all, idx)
	clear(all.Strs)
	return nil
}

// gatherScratch holds columns for the pages that have to be decoded whole.
var gatherScratch = sync.Pool{New: func() any { return new(Vec) }}

func (p *Page) badBody() error { return damaged("body of form %d of a %s column", p.form(), p.Kind()) }

// gatherFew serves the forms that allow a value to be cut out. done is false
// for the others.
func (p *Page) gatherFew(v *Vec, idx []int32) (done bool, err error) {
	switch p.form() {
	case formConst:
		p.reset(v, len(idx))
		if !decodeConst(v, p.body) {
			return false, p.badBody()
		}
	case formInts:
		s, rest, ok := readInts(p.body, p.Rows())
		if !ok || len(rest) != 0 || p.Kind() != types.Int && !p.flag(pageNarrow) {
			return false, p.badBody()
		}
		p.reset(v, len(idx))
		for i, j := range idx {
			v.Ints[i] = s.at(int(j))
		}
	case formDecimal:
		d, ok := readDecimals(p.body, p.Rows())
		if !ok || p.Kind() != types.Float {
			return false, p.badBody()
		}
		p.reset(v, len(idx))
		for i, j := range idx {
			v.Floats[i] = d.at(int(j))
		}
	case formRaw:
		if len(p.body) != 8*p.Rows() || p.Kind() != types.Float {
			return false, p.badBody()
		}
		p.reset(v, len(idx))
		for i, j := range idx {
			v.Floats[i] = math.Float64frombits(binary.LittleEndian.Uint64(p.body[8*j:]))
		}
	case formPlain, formDict:
		p.reset(v, len(idx))
		gather := gatherPlain
		if p.form() == formDict {
			gather = gatherDict
		}
		if p.Kind() != types.Bytes || !gather(v.Strs, idx, p.Rows(), p.body) {
			return false, p.badBody()
		}
	default:
		return false, nil
	}
	return true, nil
}

// reset makes v n values of the page's kind.
func (p *Page) reset(v *Vec, n int) {
	if p.flag(pageNarrow) && p.Kind() == types.Numer {
		v.ResetNarrow(p.scale(), n)
	} else {
		v.Reset(p.Kind(), n)
	}
}

func (d *decimals) at(i int) float64 {
	for k := range len(d.pos) / 2 {
		if pos, x := d.exception(k); pos == i {
			return x
		}
	}
	return float64(d.stream.at(i)) / d.p
}

func (p *Page) gatherNulls(v *Vec, idx []int32) {
	if p.nulls == nil {
		return
	}
	for i, j := range idx {
		if p.nulls[j>>3]>>(j&7)&1 != 0 {
			v.SetNull(i)
		}
	}
}
