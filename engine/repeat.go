package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/vec"
)

// repeated gives each row as often as its weight says.
type repeated struct {
	vec.Source
	in   vec.Batch
	row  int   // the next row of in
	left int64 // how often it is still to come
	out  vec.Batch
	at   []int32
}

// Next implements vec.Source.
func (r *repeated) Next(ctx context.Context, out *vec.Batch) error {
	r.at = r.at[:0]
	for len(r.at) == 0 {
		if r.row >= r.in.N {
			r.in = vec.Batch{}
			if err := r.Source.Next(ctx, &r.in); err != nil {
				return err
			}
			r.row, r.left = 0, 0
			if r.in.N == 0 || r.in.Weights == nil {
				*out = r.in
				r.row = r.in.N
				return nil
			}
		}
		r.gather()
	}
	for i := range r.out.Cols {
		r.out.Cols[i].Reset(r.in.Cols[i].Kind, 0)
	}
	for len(r.out.Cols) < len(r.in.Cols) {
		r.out.Cols = append(r.out.Cols, vec.New(r.in.Cols[len(r.out.Cols)].Kind, 0))
	}
	for i := range r.in.Cols {
		r.out.Cols[i].AppendRows(&r.in.Cols[i], r.at)
	}
	*out = vec.Batch{Cols: r.out.Cols, N: len(r.at)}
	return nil
}

// gather lists rows, up to a batch of them.
func (r *repeated) gather() {
	for r.row < r.in.N && len(r.at) < vec.Size {
		if r.left == 0 {
			r.left = r.in.Weight(r.in.Row(r.row))
		}
		at := int32(r.in.Row(r.row))
		for ; r.left > 0 && len(r.at) < vec.Size; r.left-- {
			r.at = append(r.at, at)
		}
		if r.left <= 0 {
			r.left = 0
			r.row++
		}
	}
}
