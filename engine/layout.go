package engine

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// layout says how a relation's columns lie in storage: a slot each, which is never
// used again, so dropped columns leave holes.
type layout struct {
	// attrs are the slots of the live columns in order, attNums their attribute
	// numbers.
	attrs   []int
	attNums []int16
	// slot gives the slot of an attribute number, -1 when it is dropped.
	slot  []int
	slots int
	kinds []types.Kind // by slot
	types []*types.Type
	// missing are the values of rows from before the column was added.
	missing []types.Datum
	all     []int // every slot
	err     error // a missing value is malformed
	// plain: the live columns are the slots, in order.
	plain bool
	// time is the slot of a stream's event time, -1 for none.
	time int
}

func newLayout(r *catalog.Relation, snap *catalog.Snapshot) *layout {
	l := &layout{time: -1, slot: make([]int, len(r.Columns))}
	for i := range r.Columns {
		l.slots = max(l.slots, r.Columns[i].Slot+1)
	}
	for slot := range r.Left {
		l.slots = max(l.slots, slot+1)
	}
	l.kinds, l.types = make([]types.Kind, l.slots), make([]*types.Type, l.slots)
	l.missing = make([]types.Datum, l.slots)
	for slot, oid := range r.Left {
		l.types[slot] = types.ByOID(oid)
		l.kinds[slot] = l.types[slot].Kind
	}
	for i := range r.Columns {
		c := &r.Columns[i]
		t := columnType(c, snap)
		l.slot[i] = -1
		l.kinds[c.Slot], l.types[c.Slot] = t.Kind, t
		if !c.Dropped {
			l.slot[i] = c.Slot
			l.attrs, l.attNums = append(l.attrs, c.Slot), append(l.attNums, int16(i+1))
			l.readMissing(c)
		}
	}
	for i := range l.slots {
		l.all = append(l.all, i)
	}
	l.plain = slices.Equal(l.attrs, l.all)
	if r.Kind == catalog.Stream && r.Stream.Time > 0 {
		l.time = r.Columns[r.Stream.Time-1].Slot
	}
	return l
}

// readMissing reads the value that a column has in older rows.
func (l *layout) readMissing(c *catalog.Column) {
	if c.Missing == nil {
		return
	}
	d, err := l.types[c.Slot].In(types.DefaultEnv, *c.Missing, types.NoMod)
	if err != nil {
		l.err = pgerr.Wrap(err, pgerr.DataCorrupted, "value of column \"%s\" for older rows", c.Name)
	}
	l.missing[c.Slot] = d
}

func columnType(c *catalog.Column, snap *catalog.Snapshot) *types.Type {
	if t := snap.TypeByOID(c.TypeOID); t != nil {
		return t
	}
	return c.Type
}

// slotOf gives the slot of an attribute number.
func (l *layout) slotOf(attr int16) int { return l.slot[attr-1] }

// store makes a batch in storage layout of one whose columns are the live columns
// in order; vectors are shared, and the batch itself where the two are the same.
func (l *layout) store(b *vec.Batch) *vec.Batch {
	if l.plain && b.Sel == nil && b.Weights == nil {
		return b
	}
	out := &vec.Batch{Cols: make([]vec.Vec, l.slots), N: b.N}
	for i, slot := range l.attrs {
		out.Cols[slot] = b.Cols[i]
	}
	for i := range out.Cols {
		if out.Cols[i].Kind == types.KindNone {
			out.Cols[i].AllNull(l.kinds[i], b.N)
		}
	}
	return out
}

// pad completes a batch in storage layout that was made before columns were added.
func (l *layout) pad(b *vec.Batch) *vec.Batch {
	if len(b.Cols) >= l.slots {
		return b
	}
	out := &vec.Batch{Cols: append([]vec.Vec(nil), b.Cols...), N: b.N, Sel: b.Sel}
	for slot := len(b.Cols); slot < l.slots; slot++ {
		var v vec.Vec
		if m := l.missing[slot]; m.IsNull() {
			v.AllNull(l.kinds[slot], b.Len())
		} else {
			v.Const(l.kinds[slot], m, b.Len())
		}
		out.Cols = append(out.Cols, v)
	}
	return out
}

// storageSchema is what storage is told of a relation.
func storageSchema(r *catalog.Relation, snap *catalog.Snapshot) (*rel.Schema, error) {
	l := newLayout(r, snap)
	if l.err != nil {
		return nil, l.err
	}
	s := &rel.Schema{Cols: make([]rel.Column, l.slots)}
	for i := range s.Cols {
		s.Cols[i] = rel.Column{Kind: l.kinds[i], Dropped: true}
	}
	for _, slot := range l.attrs {
		s.Cols[slot] = rel.Column{Kind: l.kinds[slot], Missing: l.missing[slot]}
	}
	return s, nil
}
