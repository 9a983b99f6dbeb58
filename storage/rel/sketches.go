package rel

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Sketches collects the distinct values of many chunks while their rows are at hand,
// which spares decoding them again when they are sealed. It serves one goroutine.
type Sketches struct {
	cols  []*sketch
	known []knownInts
	page  vec.Vec
	buf   onceBuf
}

// knownInts are the integers of a column that were sketched already, of those that lie
// in a span around the first ones: most columns have all in it, and their values again
// and again.
type knownInts struct {
	set   bool
	scale int32 // of numerics
	from  int64
	bits  [knownSpan / 64]uint64
}

const knownSpan = 1 << 16

// fresh gives those of a list that were not known, in buf; they are known from now on.
func (k *knownInts) fresh(list []int64, buf *onceBuf) []int64 {
	if !k.set && len(list) > 0 {
		k.set, k.from = true, slices.Min(list)-knownSpan/4
	}
	out := buf.list[:0]
	last := int64(0)
	for _, x := range list {
		if d := uint64(x) - uint64(k.from); d < knownSpan {
			w, bit := &k.bits[d/64], uint64(1)<<(d%64)
			if *w&bit != 0 {
				continue
			}
			*w |= bit
		} else if len(out) > 0 && x == last {
			continue
		}
		out, last = append(out, x), x
	}
	buf.list = out
	return out
}

// Take sketches the rows that a chunk was made of: a column per slot, without a
// selection. What knows the chunk finds nothing more in it; whoever has the Sketches
// adds them to the relation.
func (s *Sketches) Take(c *Chunk, rows *vec.Batch) error {
	n := c.block.Columns()
	for len(s.cols) < n {
		s.cols, s.known = append(s.cols, new(sketch)), append(s.known, knownInts{})
	}
	for slot := range n {
		page, err := c.block.Page(slot)
		if err != nil {
			return err
		}
		v := &rows.Cols[slot]
		if page.Samples(&s.page) {
			v = &s.page
		}
		s.add(slot, v)
	}
	none := make([]*sketch, n)
	c.sketches.cols.Store(&none)
	return nil
}

// add sketches the values of a column.
func (s *Sketches) add(slot int, v *vec.Vec) {
	to := s.cols[slot]
	switch {
	case v.Nulls == nil && v.Kind == types.Int:
		for _, x := range s.known[slot].fresh(v.Ints, &s.buf) {
			to.add(hashInt(x))
		}
	case v.Nulls == nil && v.Kind == types.Numer && v.Narrow:
		// What is known of one scale is not of another.
		if k := &s.known[slot]; !k.set || k.scale == v.Scale {
			k.scale = v.Scale
			for _, x := range k.fresh(v.Ints, &s.buf) {
				to.add(types.NumericScaled(x, v.Scale).Hash())
			}
			return
		}
		to.addVec(v, &s.buf)
	default:
		to.addVec(v, &s.buf)
	}
}

// AddSketches adds what was sketched of chunks that were appended. It is called once
// all of them are there.
func (w *Writer) AddSketches(s *Sketches) { w.r.sealed = w.r.sealed.merged(s.cols) }
