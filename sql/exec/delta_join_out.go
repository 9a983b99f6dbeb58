package exec

import (
	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// rowsOut gathers rows of one side that a DeltaJoin emits by themselves: matched
// or unmatched rows, with NULLs for the other side where the join is outer.
type rowsOut struct {
	refs  []uint32 // rows of a batch, or slots
	w     []int64
	batch vec.Batch
	start [2]int // where the columns of each side begin in the output
	kinds []types.Kind
	own   []uint32
	bad   BadRow
}

func (o *rowsOut) init(spec *JoinSpec) {
	o.bad = spec.Bad
	for p := range spec.Sides {
		o.start[p] = len(o.kinds)
		for _, t := range spec.Sides[p].Types[:spec.Sides[p].Out] {
			o.kinds = append(o.kinds, t.Kind)
		}
		if spec.Kind == plan.Semi || spec.Kind == plan.Anti {
			break
		}
	}
	o.batch.Cols = make([]vec.Vec, len(o.kinds))
}

// add notes a row with what becomes of it.
func (o *rowsOut) add(is outcome, ref uint32, w int64) {
	switch is {
	case theRow, paddedRow:
		if w != 0 {
			o.refs, o.w = append(o.refs, ref), append(o.w, w)
		}
	case secondRow:
		if w != 0 {
			o.bad(errSecondRow, w)
		}
	}
}

func (o *rowsOut) full() bool { return len(o.refs) >= vec.Size-1 }

// emitRows emits the noted rows, which are of a batch of a port.
func (o *rowsOut) emitRows(j *DeltaJoin, port int, cols []vec.Vec, emit Emit) error {
	if len(o.refs) == 0 {
		return nil
	}
	n := j.spec.Sides[port].Out
	for c := range n {
		state.Gather(&o.batch.Cols[o.start[port]+c], &cols[c], o.refs)
	}
	return o.send(port, n, emit)
}

// emitSlots emits the noted rows, which are arranged rows of a side.
func (o *rowsOut) emitSlots(j *DeltaJoin, s *joinSide, emit Emit) error {
	if len(o.refs) == 0 {
		return nil
	}
	port := 0
	if s == &j.sides[1] {
		port = 1
	}
	o.own = s.gather(j, o.batch.Cols[o.start[port]:], o.refs, o.own)
	return o.send(port, s.spec.Out, emit)
}

// send fills the other side's columns with NULLs and emits.
func (o *rowsOut) send(port, n int, emit Emit) error {
	for c := range o.batch.Cols {
		if c < o.start[port] || c >= o.start[port]+n {
			o.batch.Cols[c].AllNull(o.kinds[c], len(o.refs))
		}
	}
	o.batch.N, o.batch.Sel, o.batch.Weights = len(o.refs), nil, o.w
	err := emit(&o.batch)
	o.refs, o.w = o.refs[:0], o.w[:0]
	return err
}

// gather makes out the columns of arranged rows. It uses the memory of owners.
func (s *joinSide) gather(j *DeltaJoin, out []vec.Vec, slots, owners []uint32) []uint32 {
	owners = owners[:0]
	for _, slot := range slots {
		owners = append(owners, s.rows.Owner(slot))
	}
	for c, from := range s.from[:s.spec.Out] {
		if from.key {
			j.keys.GatherColumn(&out[c], from.col, owners)
		} else {
			state.Gather(&out[c], &s.rows.Columns()[from.col], slots)
		}
	}
	return owners
}

// pairs gathers pairs of a changed row and an arranged row of the other side.
type pairs struct {
	port  int
	d     *vec.Batch
	emits bool
	rows  []uint32 // of the batch
	slots []uint32 // of the other side
	w     []int64

	counted []bool   // rows of the batch whose matches are to be counted
	own     []uint32 // their slots

	batch  vec.Batch
	start  [2]int
	owners []uint32
	sel    []int32
}

func (p *pairs) init(spec *JoinSpec) {
	p.start[1] = spec.Sides[0].Out
	p.batch.Cols = make([]vec.Vec, p.start[1]+spec.Sides[1].Out)
}

// begin begins the pairs of the rows of a batch of a port. emits says that pairs
// are part of the output.
func (p *pairs) begin(port int, d *vec.Batch, emits bool) {
	p.port, p.d, p.emits, p.own = port, d, emits, nil
	p.rows, p.slots, p.w = p.rows[:0], p.slots[:0], p.w[:0]
}

// counts says that the matches of new rows are to be counted: one row of the
// batch for each new slot.
func (p *pairs) counts(slots, fresh []uint32, from []int32) {
	p.own = slots
	if cap(p.counted) < len(slots) {
		p.counted = make([]bool, max(len(slots), 64))
	}
	p.counted = p.counted[:len(slots)]
	clear(p.counted)
	for i := range fresh {
		p.counted[from[i]] = true
	}
}

func (p *pairs) add(row int32, slot uint32, w int64) {
	p.rows, p.slots, p.w = append(p.rows, uint32(row)), append(p.slots, slot), append(p.w, w)
}

func (p *pairs) full() bool { return len(p.rows) == vec.Size }

// flush tests the pairs, counts those that match and emits them.
func (p *pairs) flush(j *DeltaJoin, emit Emit) error {
	if len(p.rows) == 0 {
		return nil
	}
	other := &j.sides[1-p.port]
	p.fill(j, other)
	if j.spec.Residual != nil {
		j.bad.Reset()
		p.sel = j.spec.Residual.Select(&j.ctx, &p.batch, p.sel)
		p.sel = dropFailed(p.sel, p.report(j, other))
		p.batch.Sel, p.batch.N = p.sel, len(p.sel)
		p.count(j, other)
	}
	err := p.send(other, emit)
	p.rows, p.slots, p.w = p.rows[:0], p.slots[:0], p.w[:0]
	return err
}

// send emits the pairs with the products of their rows' weights.
func (p *pairs) send(other *joinSide, emit Emit) error {
	if !p.emits || p.batch.N == 0 {
		return nil
	}
	weights, gone := other.rows.Weights(), false
	for i, slot := range p.slots {
		p.w[i] *= weights[slot]
		gone = gone || p.w[i] == 0
	}
	p.batch.Weights = p.w
	if gone {
		p.dropZero()
	}
	if p.batch.N == 0 {
		return nil
	}
	return emit(&p.batch)
}

// dropZero leaves out the pairs with rows that went in this step.
func (p *pairs) dropZero() {
	sel := make([]int32, 0, p.batch.N)
	for i := range p.batch.N {
		if row := p.batch.Row(i); p.w[row] != 0 {
			sel = append(sel, int32(row))
		}
	}
	p.batch.Sel, p.batch.N = sel, len(sel)
}

func (p *pairs) fill(j *DeltaJoin, other *joinSide) {
	for c := range j.spec.Sides[p.port].Out {
		state.Gather(&p.batch.Cols[p.start[p.port]+c], &p.d.Cols[c], p.rows)
	}
	p.owners = other.gather(j, p.batch.Cols[p.start[1-p.port]:], p.slots, p.owners)
	p.batch.Sel, p.batch.N, p.batch.Weights = nil, len(p.rows), nil
}

// report tells of the pairs whose condition failed, and gives them.
func (p *pairs) report(j *DeltaJoin, other *joinSide) []badGroup {
	if len(j.bad.Rows) == 0 {
		return nil
	}
	weights, list := other.rows.Weights(), errorList(&j.bad)
	for _, b := range list {
		if w := p.w[b.at] * weights[p.slots[b.at]]; w != 0 {
			j.spec.Bad(b.err, w)
		}
	}
	return list
}

// count adds the pairs that match to the hits of both rows, where they are kept.
func (p *pairs) count(j *DeltaJoin, other *joinSide) {
	if p.own != nil {
		hits, weights := j.sides[p.port].rows.Hits(), other.rows.Weights()
		for _, i := range p.sel {
			if row := p.rows[i]; p.counted[row] {
				hits[p.own[row]] += weights[p.slots[i]]
			}
		}
	}
	if !other.outcomes {
		return
	}
	hits := other.rows.Hits()
	for _, i := range p.sel {
		slot := p.slots[i]
		if !other.seen.Has(slot) {
			other.seen.Add(slot)
			other.changed, other.before = append(other.changed, slot), append(other.before, hits[slot])
		}
		hits[slot] += p.w[i]
		other.rows.Touch(slot)
	}
}
