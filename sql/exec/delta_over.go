package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/window"
)

// DeltaOver computes window functions under changes: a partition that a step
// touches is computed anew, as it was and as it is, and the difference is emitted.
// So a step costs as much as the partitions it touches hold. Rows that are equal
// in the order follow each other by their other columns.
//
// A partition for which a function fails has no rows, but an error.
type DeltaOver struct {
	keptParts
	run    *overRun
	bad    BadRow
	before vec.Batch // the rows of touched partitions before the step
	owners []uint32  // by row of before: its partition
	diff   consolidator
	slots  []uint32
	ids    []uint32
}

// overRun is the batch operator over rows that are handed to it.
type overRun struct {
	prep *Prepared
	held *heldRows
}

// newOverRun compiles a plan.Over whose input has the given columns.
func newOverRun(n *plan.Over, cols []plan.ColID, ts []*types.Type, env *funcs.Env) (*overRun, error) {
	held := &heldRows{}
	rel := &catalog.Relation{Kind: catalog.Table}
	scan := &plan.Scan{Rel: rel, Cols: cols}
	for i, t := range ts {
		rel.Columns = append(rel.Columns, catalog.Column{Type: t})
		scan.Attrs = append(scan.Attrs, int16(i+1))
	}
	over := *n
	over.In = scan
	prep, err := Prepare(&Runtime{Env: env, Rels: held, Workers: 1, WorkMem: overMem}, &over)
	return &overRun{prep, held}, err
}

// overMem is the memory that one computation of the touched partitions may use
// before it works in a file.
const overMem = 256 << 20

// each computes the functions for rows (by image, with weights) and calls fn with
// the results; batches are lent.
func (r *overRun) each(ctx context.Context, rows *vec.Batch, fn func(b *vec.Batch)) error {
	r.held.rows = rows
	src := r.prep.Run()
	var b vec.Batch
	var err error
	for {
		if err = src.Next(ctx, &b); err != nil || b.N == 0 {
			break
		}
		fn(&b)
	}
	if e := src.Close(); err == nil {
		err = e
	}
	return err
}

// NewDeltaOver makes one without rows. The columns at tell partitions apart; those
// of order follow plan.Over's.
func NewDeltaOver(run *overRun, ts, out []*types.Type, at []int, order []state.SortCol, time int, bad BadRow) *DeltaOver {
	o := &DeltaOver{run: run, bad: bad}
	o.keptParts.init(ts, at, order, time)
	o.diff.init(out)
	o.reset()
	return o
}

func (o *DeltaOver) reset() {
	kinds := make([]types.Kind, len(o.types))
	for i, t := range o.types {
		kinds[i] = t.Kind
	}
	o.before.Reset(kinds)
	o.owners = o.owners[:0]
}

// Push implements Node.
func (o *DeltaOver) Push(ctx context.Context, _ int, d *vec.Batch, _ Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o.push(d, func(p uint32) { o.owners = o.copyRows(&o.before, o.owners, p) })
	return nil
}

// copyRows appends the rows of a partition in order.
func (o *DeltaOver) copyRows(b *vec.Batch, owners []uint32, p uint32) []uint32 {
	o.slots = o.slots[:0]
	o.rows.Ascend(p, func(slot uint32) bool {
		o.slots = append(o.slots, slot)
		return true
	})
	for c := range b.Cols {
		state.AppendSlots(&b.Cols[c], &o.rows.Columns()[c], o.slots)
	}
	for _, s := range o.slots {
		b.Weights, owners = append(b.Weights, o.rows.Count(s)), append(owners, p)
	}
	b.N += len(o.slots)
	return owners
}

// Flush implements Node.
func (o *DeltaOver) Flush(ctx context.Context, emit Emit) error {
	if len(o.touched) == 0 {
		o.sweep()
		return ctx.Err()
	}
	if err := o.compute(ctx, &o.before, o.owners, -1); err != nil {
		return err
	}
	o.reset()
	for _, p := range o.touched {
		o.owners = o.copyRows(&o.before, o.owners, p)
	}
	if err := o.compute(ctx, &o.before, o.owners, 1); err != nil {
		return err
	}
	o.reset()
	o.sweep()
	return o.diff.emit(ctx, emit)
}

// compute adds the results for some rows to the changes, with a sign. When one
// partition fails they are computed one by one.
func (o *DeltaOver) compute(ctx context.Context, rows *vec.Batch, owners []uint32, sign int64) error {
	if rows.N == 0 {
		return nil
	}
	var res consolidated
	err := o.run.each(ctx, rows, res.add)
	switch {
	case err == nil:
		res.into(o, sign)
		return nil
	case ctx.Err() != nil:
		return err
	}
	for lo := 0; lo < rows.N; {
		hi := lo
		for hi < rows.N && owners[hi] == owners[lo] {
			hi++
		}
		var part vec.Batch
		rows.Slice(&part, lo, hi)
		var one consolidated
		if err := o.run.each(ctx, &part, one.add); err == nil {
			one.into(o, sign)
		} else if ctx.Err() != nil {
			return err
		} else {
			o.bad(err, sign)
		}
		lo = hi
	}
	return nil
}

// consolidated keeps results until it is known that none fails.
type consolidated struct{ parts []*vec.Batch }

func (r *consolidated) add(b *vec.Batch) {
	own := &vec.Batch{Cols: make([]vec.Vec, len(b.Cols))}
	for i := range own.Cols {
		own.Cols[i].Reset(b.Cols[i].Kind, 0)
	}
	own.AppendBatch(b)
	r.parts = append(r.parts, own)
}

func (r *consolidated) into(o *DeltaOver, sign int64) {
	for _, b := range r.parts {
		for len(o.ids) < b.N {
			o.ids = append(o.ids, uint32(len(o.ids)))
		}
		w := make([]int64, b.N)
		for i := range w {
			w[i] = sign
		}
		o.diff.add(b.Cols, o.ids[:b.N], w)
	}
}

// heldRows are the Relations of an overRun: one, of the rows that it holds.
type heldRows struct{ rows *vec.Batch }

// Parts implements Relations.
func (h *heldRows) Parts(*plan.Scan, *ScanRequest) int { return 1 }

// Scan implements Relations.
func (h *heldRows) Scan(_ context.Context, s *plan.Scan, _ *ScanRequest) (vec.Source, error) {
	return &heldSource{rows: h.rows, attrs: s.Attrs}, nil
}

// Lookup implements Relations.
func (h *heldRows) Lookup(context.Context, *plan.Scan, []vec.Vec, int) (Found, error) {
	return nil, errHeld
}

// Lock implements Relations.
func (h *heldRows) Lock(context.Context, *plan.LockRows, int, []int64) ([]int32, error) {
	return nil, errHeld
}

var errHeld = pgerr.New(pgerr.InternalError, "rows of a view's state are only scanned")

// Watermark implements Relations.
func (h *heldRows) Watermark([]catalog.OID) int64 { return window.NoTime }

// heldSource gives rows in batches of at most vec.Size.
type heldSource struct {
	rows  *vec.Batch
	attrs []int16
	at    int
	part  vec.Batch
}

// Next implements vec.Source.
func (s *heldSource) Next(ctx context.Context, out *vec.Batch) error {
	hi := min(s.at+vec.Size, s.rows.N)
	s.rows.Slice(&s.part, s.at, hi)
	s.at = hi
	cols := make([]vec.Vec, len(s.attrs))
	for i, a := range s.attrs {
		cols[i] = s.part.Cols[a-1]
	}
	*out = vec.Batch{Cols: cols, Weights: s.part.Weights, N: s.part.N}
	return ctx.Err()
}

// Close implements vec.Source.
func (s *heldSource) Close() error { return nil }
