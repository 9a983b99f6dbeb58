package engine

import (
	"context"
	"sync/atomic"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage"
	"github.com/streamsqld/streamsqld/storage/rel"
	"github.com/streamsqld/streamsqld/window"
)

// view is a materialized view on the commit line: the circuit that maintains it
// and its contents.
type view struct {
	oid      OID
	def      *catalog.Relation
	query    *planner.ViewQuery
	circuit  *exec.Circuit
	inputs   []exec.CircuitInput
	contents *rel.Contents
	key      []int // columns that are unique in the contents
	readers  []*view
	// closes: it is emitted on window close, and hands its watermark on.
	closes bool
	mark   int64
	marks  []int64 // of the inputs, at the last step
	// stopped is why it is not stepped any more (its budget is used up).
	stopped error
	// err is what reading it gives.
	err error

	// delta is what changed in it in the group under way, for views that read it.
	delta *relDelta
	dirty bool
	// fresh: it was filled anew, what the last checkpoint holds of it is void.
	fresh bool
	*counters
}

// counters are what streamsql.views shows of a view. The commit line writes,
// anybody reads.
type counters struct {
	rowsIn, rowsOut, micros atomic.Int64
	lastErrAt, stateBytes   atomic.Int64
}

// due is when the clock alone next changes the view.
func (v *view) due() (int64, bool) {
	if v.stopped != nil {
		return 0, false
	}
	return v.circuit.Due()
}

// markOf is the watermark that a relation hands to views that read it.
func (s *state) markOf(oid OID) int64 {
	if o := s.rels[oid]; o != nil {
		if o.def.Kind == catalog.Stream && o.layout.time >= 0 {
			return o.mark.Watermark(o.def.Stream.Rules)
		}
		return window.NoTime
	}
	if v := s.view(oid); v != nil && v.closes {
		return v.mark
	}
	return window.NoTime
}

func (s *state) view(oid OID) *view {
	for _, v := range s.views {
		if v.oid == oid {
			return v
		}
	}
	return nil
}

// deltaOf is what the group under way changes in a relation, nil for nothing.
func (s *state) deltaOf(oid OID) *relDelta {
	if o := s.rels[oid]; o != nil {
		return o.delta
	}
	if v := s.view(oid); v != nil {
		return v.delta
	}
	return nil
}

// stepViews steps every view that has something to do, in order.
func (s *state) stepViews(ctx context.Context, ver *Version, edit *relEdit) error {
	for _, v := range s.views {
		if err := s.stepView(ctx, v, ver.Clock); err != nil {
			return err
		}
		if !v.dirty {
			continue
		}
		version, err := v.contents.Publish()
		if err != nil {
			return err
		}
		edit.set(v.oid, v.published(version, ver.Seq))
		v.dirty = false
	}
	s.feedBuilds(ver.Clock)
	for _, v := range s.views {
		v.delta = nil
	}
	return nil
}

// published is the view in a Version.
func (v *view) published(version *rel.ContentsVersion, seq storage.Seq) *relState {
	return &relState{view: version, err: v.err, mark: v.markNow(), counters: v.counters, changed: seq}
}

// markNow is the view's watermark as a Version shows it.
func (v *view) markNow() window.Mark {
	m := window.NewMark()
	m.Floor = v.mark
	return m
}

// stepView steps one view, if its inputs, their watermarks or the clock ask for it.
func (s *state) stepView(ctx context.Context, v *view, clock int64) error {
	in := s.stepInput(v, clock)
	work := false
	for i := range v.inputs {
		work = work || in.Marks[i] != v.marks[i] || in.Deltas[i] != nil
	}
	if at, ok := v.due(); ok && at <= clock {
		work = true
	}
	if v.stopped == nil && work {
		if err := v.step(ctx, &in, s.e.now); err != nil {
			return err
		}
		s.e.checkBudget(v)
	}
	v.setErr(s.failing(v), clock)
	return nil
}

// failing gives the error of a view that v reads, nil when none fails.
func (s *state) failing(v *view) error {
	for _, ci := range v.inputs {
		if up := s.view(ci.Rel); up != nil && up.err != nil {
			return up.err
		}
	}
	return nil
}

// setErr settles what reading the view gives: its own error, or that of a view
// it reads.
func (v *view) setErr(failing error, clock int64) {
	err := v.stopped
	if err == nil {
		err = v.circuit.Err()
	}
	if err == nil {
		err = failing
	}
	if !sameReport(err, v.err) {
		v.err, v.dirty = err, true
		if err != nil {
			v.lastErrAt.Store(clock)
		}
	}
}

func sameReport(a, b error) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	x, y := pgerr.From(a), pgerr.From(b)
	return x.Code == y.Code && x.Message == y.Message
}

// step runs the circuit and applies what it gives.
func (v *view) step(ctx context.Context, in *exec.StepInput, now func() int64) error {
	begun := now()
	copy(v.marks, in.Marks)
	for _, d := range in.Deltas {
		if c, ok := d.(*inputDelta); ok {
			v.rowsIn.Add(c.rows())
		}
	}
	if v.closes {
		v.mark = leastMark(in.Marks)
	}
	err := v.circuit.Step(ctx, in, func(d *vec.Batch) error {
		if d.N == 0 {
			return nil
		}
		v.dirty = true
		v.rowsOut.Add(int64(d.N))
		if len(v.readers) > 0 {
			v.keep(d)
		}
		return v.contents.Apply(d)
	})
	v.micros.Add(now() - begun)
	return err
}

func leastMark(marks []int64) int64 {
	least := window.NoTime
	for i, m := range marks {
		if i == 0 || m < least {
			least = m
		}
	}
	return least
}

// keep copies a change for the views above.
func (v *view) keep(d *vec.Batch) {
	own := &vec.Batch{Cols: make([]vec.Vec, len(d.Cols))}
	for i := range own.Cols {
		own.Cols[i].Kind = d.Cols[i].Kind
	}
	own.AppendBatch(d)
	if v.delta == nil {
		v.delta = &relDelta{}
	}
	v.delta.parts = append(v.delta.parts, deltaPart{batch: own, weight: 1})
}

// layoutOf gives a relation's layout; a view's columns are its slots.
func (s *state) layoutOf(oid OID) *layout {
	if o := s.rels[oid]; o != nil {
		return o.layout
	}
	return nil
}

// inputDelta hands the parts of a relation's change to a circuit.
type inputDelta struct {
	parts  []deltaPart
	input  exec.CircuitInput
	layout *layout // nil for a view
}

// rows is how many rows the change has.
func (d *inputDelta) rows() int64 {
	n := 0
	for i := range d.parts {
		n += d.parts[i].count()
	}
	return int64(n)
}

// Each implements exec.Delta.
func (d *inputDelta) Each(ctx context.Context, fn func(b *vec.Batch) error) error {
	slots := d.slots()
	for i := 0; i < len(d.parts); i++ {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if n := d.joinable(i); n > 1 {
			if err := fn(joinParts(d.parts[i:i+n], slots)); err != nil {
				return err
			}
			i += n - 1
			continue
		}
		if d.parts[i].rows != nil {
			if err := d.parts[i].scan(ctx, slots, fn); err != nil {
				return err
			}
			continue
		}
		b, err := d.parts[i].columns(slots)
		if err != nil {
			return err
		}
		if err := fn(b); err != nil {
			return err
		}
	}
	return nil
}

// joinable counts the parts from i on that are given as one batch: new rows of small
// commits, for which a call each costs more than the rows do.
func (d *inputDelta) joinable(i int) int {
	n := 0
	for rows := 0; i+n < len(d.parts); n++ {
		p := &d.parts[i+n]
		if p.batch == nil || p.batch.Sel != nil || p.batch.Weights != nil || p.weight != 1 {
			break
		}
		if rows += p.batch.N; rows > vec.Size {
			break
		}
	}
	return n
}

// joinParts gives the wanted slots of parts that are joinable.
func joinParts(parts []deltaPart, slots []int) *vec.Batch {
	n := 0
	for i := range parts {
		n += parts[i].batch.N
	}
	out := &vec.Batch{Cols: make([]vec.Vec, len(slots)), N: n}
	for c, s := range slots {
		v := &out.Cols[c]
		if s == rowID {
			*v = vec.New(types.Int, n)
			ids := v.Ints[:0]
			for i := range parts {
				ids = append(ids, parts[i].idColumn(parts[i].batch.N).Ints...)
			}
			continue
		}
		v.Kind = parts[0].batch.Cols[s].Kind
		for i := range parts {
			v.Append(&parts[i].batch.Cols[s])
		}
	}
	return out
}

// slots gives where the wanted attributes lie; rowID stands for the row id.
func (d *inputDelta) slots() []int {
	out := make([]int, len(d.input.Attrs))
	for i, a := range d.input.Attrs {
		switch {
		case a == 0:
			out[i] = rowID
		case d.layout == nil:
			out[i] = int(a) - 1
		default:
			out[i] = d.layout.slotOf(a)
		}
	}
	return out
}

const rowID = -1

// count is how many rows the part has.
func (p *deltaPart) count() int {
	switch {
	case p.rows != nil:
		return p.n
	case p.chunk != nil:
		return p.chunk.Rows()
	}
	return p.batch.N
}

// scan gives the wanted slots of a part that is rows of a version.
func (p *deltaPart) scan(ctx context.Context, slots []int, fn func(b *vec.Batch) error) error {
	spec := rel.ScanSpec{From: p.first, WithRowID: true}
	for _, s := range slots {
		if s != rowID {
			spec.Cols = append(spec.Cols, s)
		}
	}
	src := p.rows.Scan(spec)
	defer src.Close()
	for {
		var lent vec.Batch
		if err := src.Next(ctx, &lent); err != nil || lent.N == 0 {
			return err
		}
		out := &vec.Batch{Cols: make([]vec.Vec, len(slots)), Sel: lent.Sel, N: lent.N}
		at := 0
		for i, s := range slots {
			if s == rowID {
				out.Cols[i] = lent.Cols[len(spec.Cols)]
				continue
			}
			out.Cols[i] = lent.Cols[at]
			at++
		}
		if err := fn(out); err != nil {
			return err
		}
	}
}

// columns gives the wanted slots of a part.
func (p *deltaPart) columns(slots []int) (*vec.Batch, error) {
	out := &vec.Batch{Cols: make([]vec.Vec, len(slots))}
	if p.chunk != nil {
		return out, p.decode(slots, out)
	}
	out.N, out.Sel, out.Weights = p.batch.N, p.batch.Sel, p.batch.Weights
	for i, s := range slots {
		if s == rowID {
			out.Cols[i] = p.idColumn(p.batch.Len())
			continue
		}
		out.Cols[i] = p.batch.Cols[s]
	}
	if p.weight != 1 {
		out.Weights = make([]int64, p.batch.Len())
		for i := range out.Weights {
			out.Weights[i] = p.weight
		}
	}
	return out, nil
}

func (p *deltaPart) decode(slots []int, out *vec.Batch) error {
	b := p.chunk.Block()
	out.N = b.Rows()
	for i, s := range slots {
		if s == rowID {
			out.Cols[i] = p.idColumn(out.N)
			continue
		}
		if err := b.Column(s, &out.Cols[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *deltaPart) idColumn(n int) vec.Vec {
	v := vec.New(types.Int, n)
	for i := range v.Ints {
		if p.ids != nil {
			v.Ints[i] = int64(p.ids[i])
		} else {
			v.Ints[i] = int64(p.first) + int64(i)
		}
	}
	return v
}
