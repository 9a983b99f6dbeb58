package engine

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// divert adds late rows to the late relation, with the time and the watermark that
// they were judged by.
func (s *state) divert(o *owner, b *vec.Batch, rows []int32, w, clock int64) error {
	part := gatherRows(b, rows)
	out := &vec.Batch{Cols: make([]vec.Vec, o.late.layout.slots), N: len(rows)}
	for i, slot := range o.late.layout.attrs {
		switch name := o.late.def.Columns[o.late.layout.attNums[i]-1].Name; {
		case name == "late_at":
			out.Cols[slot].Const(types.Int, types.NewInt(clock), len(rows))
		case name == "watermark":
			out.Cols[slot].Const(types.Int, types.NewInt(w), len(rows))
		default:
			_, attr := o.def.Column(name)
			if attr == 0 {
				out.Cols[slot].AllNull(o.late.layout.kinds[slot], len(rows))
				continue
			}
			out.Cols[slot] = part.Cols[o.def.Columns[attr-1].Slot]
		}
	}
	o.late.fill(out)
	out, keys := o.late.indexable(out)
	o.stats.Dropped += int64(len(rows) - out.N)
	if out.N == 0 {
		return nil
	}
	o.late.dirty = true
	first, err := o.late.writer.AppendRows(out, keys...)
	if err != nil {
		return err
	}
	o.late.change(deltaPart{batch: out, first: first, weight: 1})
	return nil
}

// indexable gives the rows that can be in the indexes of the relation, and their keys.
// The others (an expression fails, a key is too long) are left out: nobody is there any
// more to be told, and what comes too late must not hold up what comes in time.
func (o *owner) indexable(b *vec.Batch) (*vec.Batch, []*rel.Keys) {
	if keys, err := o.checkedKeys(b); err == nil {
		return b, keys
	}
	var good []int32
	for i := range int32(b.N) {
		if _, err := o.checkedKeys(gatherRows(b, []int32{i})); err == nil {
			good = append(good, i)
		}
	}
	b = gatherRows(b, good)
	keys, _ := o.checkedKeys(b) // each of them has keys
	return b, keys
}

// checkedKeys makes the keys of rows, none of which is too long.
func (o *owner) checkedKeys(b *vec.Batch) ([]*rel.Keys, error) {
	keys, err := o.keys.of(b)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k == nil {
			continue
		}
		if err := k.Check(b.N); err != nil {
			return nil, err
		}
	}
	return keys, nil
}
