package vec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Batch is up to Size rows as columns.
type Batch struct {
	Cols []Vec
	// Sel lists the rows that count, in order; nil when all do.
	Sel []int32
	// Weights says how often each row counts (negative: it is taken away),
	// indexed as the columns are; nil when every row counts once.
	Weights []int64
	// N is the number of rows that count: len(Sel) when there is a selection.
	N int
}

// Source is the pull interface. Next fills out with the next rows; out.N == 0
// is the end, after which Next is not called again, nor after an error. What
// out holds is lent until the next call (O1). Next looks at ctx once per call.
// Close ends it at any point; it is called once.
type Source interface {
	Next(ctx context.Context, out *Batch) error
	Close() error
}

// Row gives the physical position of the i-th row that counts.
func (b *Batch) Row(i int) int {
	if b.Sel != nil {
		return int(b.Sel[i])
	}
	return i
}

// Weight gives the weight of the row at physical position p.
func (b *Batch) Weight(p int) int64 {
	if b.Weights == nil {
		return 1
	}
	return b.Weights[p]
}

// Len is the number of physical rows.
func (b *Batch) Len() int {
	if b.Sel == nil {
		return b.N
	}
	if len(b.Cols) == 0 {
		return 0
	}
	return b.Cols[0].Len()
}

// Reset makes the batch empty columns of the given kinds that it owns. It may
// only be called on a batch whose memory is the caller's.
func (b *Batch) Reset(kinds []types.Kind) {
	if cap(b.Cols) < len(kinds) {
		b.Cols = make([]Vec, len(kinds))
	}
	b.Cols = b.Cols[:len(kinds)]
	for i, k := range kinds {
		b.Cols[i].Reset(k, 0)
	}
	b.Sel, b.N = nil, 0
	b.Weights = nil
}

// Dense makes dst the batch without its selection: columns are gathered where
// there is one and lent from b where there is none. Weights follow.
func (b *Batch) Dense(dst *Batch) {
	if b.Sel == nil {
		*dst = *b
		return
	}
	if cap(dst.Cols) < len(b.Cols) {
		dst.Cols = make([]Vec, len(b.Cols))
	}
	dst.Cols = dst.Cols[:len(b.Cols)]
	for i := range b.Cols {
		dst.Cols[i].Gather(&b.Cols[i], b.Sel)
	}
	dst.Weights = nil
	if b.Weights != nil {
		dst.Weights = make([]int64, len(b.Sel))
		gather(dst.Weights, b.Weights, b.Sel)
	}
	dst.Sel, dst.N = nil, b.N
}

// AppendBatch appends the rows of src that count, weights included. b owns its
// memory and has no selection.
func (b *Batch) AppendBatch(src *Batch) {
	if src.Weights != nil && b.Weights == nil {
		b.Weights = ones(nil, b.N)
	}
	if src.Sel == nil {
		for i := range b.Cols {
			b.Cols[i].AppendRange(&src.Cols[i], 0, src.N)
		}
		switch {
		case src.Weights != nil:
			b.Weights = append(b.Weights, src.Weights[:src.N]...)
		case b.Weights != nil:
			b.Weights = ones(b.Weights, src.N)
		}
	} else {
		for i := range b.Cols {
			b.Cols[i].AppendRows(&src.Cols[i], src.Sel)
		}
		switch {
		case src.Weights != nil:
			b.Weights = appendRows(b.Weights, src.Weights, src.Sel)
		case b.Weights != nil:
			b.Weights = ones(b.Weights, src.N)
		}
	}
	b.N += src.N
}

func ones(w []int64, n int) []int64 {
	for range n {
		w = append(w, 1)
	}
	return w
}

// Slice makes dst a view of rows lo … hi-1 of those that count.
func (b *Batch) Slice(dst *Batch, lo, hi int) {
	dst.N = hi - lo
	if b.Sel != nil {
		dst.Cols, dst.Weights, dst.Sel = b.Cols, b.Weights, b.Sel[lo:hi]
		return
	}
	cols := make([]Vec, len(b.Cols))
	for i := range b.Cols {
		cols[i] = b.Cols[i].Slice(lo, hi)
	}
	dst.Cols, dst.Sel, dst.Weights = cols, nil, nil
	if b.Weights != nil {
		dst.Weights = b.Weights[lo:hi]
	}
}

// RowErrors collects the errors of single rows of one batch. A kernel that
// fails on row i says Set(i, err), leaves a NULL there and goes on; who called
// it decides whether an error ends the query or becomes data.
type RowErrors struct {
	Rows []int32
	Errs []error
}

// Set records that row i failed.
func (r *RowErrors) Set(i int, err error) {
	r.Rows = append(r.Rows, int32(i))
	r.Errs = append(r.Errs, err)
}

// First gives the error of the lowest failing row, nil when there is none.
func (r *RowErrors) First() error {
	if len(r.Rows) == 0 {
		return nil
	}
	at := 0
	for i, row := range r.Rows {
		if row < r.Rows[at] {
			at = i
		}
	}
	return r.Errs[at]
}

// Reset forgets all errors.
func (r *RowErrors) Reset() { r.Rows, r.Errs = r.Rows[:0], r.Errs[:0] }
