package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// BenchmarkDeltaJoin is a stream that grows joined with a table by its key; the
// rows of the stream are kept, as the table may change.
func BenchmarkDeltaJoin(b *testing.B) {
	ts := []*types.Type{types.TInt8, types.TInt8}
	ctx := context.Background()
	emit := func(*vec.Batch) error { return nil }
	for _, dims := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("keys=%d", dims), func(b *testing.B) {
			j := NewDeltaJoin(JoinSpec{Kind: plan.Inner, NullSafe: []bool{false}, KeyTypes: ts[:1], Bad: func(error, int64) {}, Sides: [2]JoinSide{
				{Types: ts, Out: 2, Keys: []int{0}, Grows: true, Expires: -1}, {Types: ts, Out: 2, Keys: []int{0}, Expires: -1}}})
			d := &vec.Batch{Cols: []vec.Vec{vec.New(types.Int, vec.Size), vec.New(types.Int, vec.Size)}, N: vec.Size}
			for k := 0; k < dims; k += vec.Size {
				for i := range vec.Size {
					d.Cols[0].Ints[i] = int64(k + i)
				}
				if err := j.Push(ctx, 1, d, emit); err != nil {
					b.Fatal(err)
				}
			}
			if err := j.Flush(ctx, emit); err != nil {
				b.Fatal(err)
			}
			r := rand.New(rand.NewPCG(1, 2))
			cpu, before := cpuTime(), j.Bytes()
			for b.Loop() {
				for i := range vec.Size {
					d.Cols[0].Ints[i], d.Cols[1].Ints[i] = int64(r.IntN(dims)), int64(i)
				}
				if j.Push(ctx, 0, d, emit) != nil || j.Flush(ctx, emit) != nil {
					b.Fatal("push")
				}
			}
			b.ReportMetric(float64(b.N)*vec.Size/(cpuTime()-cpu).Seconds()/1e6, "Mrows/cpu-s")
			b.ReportMetric(float64(j.Bytes()-before)/float64(b.N*vec.Size), "B/row")
		})
	}
}

// BenchmarkDeltaMax is max by key where rows are replaced: a removal and an
// insertion per row.
func BenchmarkDeltaMax(b *testing.B) {
	spec := benchSpec(AggDelta)
	spec.Time = -1
	spec.Calls = []AggCall{{New: newMax(types.TInt8), Args: []int{2}, ArgTypes: []*types.Type{types.TInt8}, Filter: -1, Ret: types.TInt8}}
	spec.Calls[0].Traits.Extreme = 1
	a, err := NewAggregate(spec)
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	emit := func(*vec.Batch) error { return nil }
	batch := func(n int) *vec.Batch {
		return &vec.Batch{Cols: []vec.Vec{vec.New(types.Int, n), vec.New(types.Int, n), vec.New(types.Int, n)}, N: n, Weights: make([]int64, n)}
	}
	r := rand.New(rand.NewPCG(1, 2))
	const rows = 256 * vec.Size
	vals := make([]int64, rows)
	d := batch(vec.Size)
	put := func(at, i int, w int64) {
		d.Cols[1].Ints[at], d.Cols[2].Ints[at], d.Weights[at] = int64(i%1000), vals[i], w
	}
	for k := 0; k < rows; k += vec.Size {
		for i := range vec.Size {
			vals[k+i] = int64(r.IntN(1 << 30))
			put(i, k+i, 1)
		}
		if a.Push(ctx, 0, d, emit) != nil || a.Flush(ctx, emit) != nil {
			b.Fatal("push")
		}
	}
	cpu := cpuTime()
	for b.Loop() {
		for i := 0; i < vec.Size; i += 2 {
			k := r.IntN(rows)
			put(i, k, -1)
			vals[k] = int64(r.IntN(1 << 30))
			put(i+1, k, 1)
		}
		if a.Push(ctx, 0, d, emit) != nil || a.Flush(ctx, emit) != nil {
			b.Fatal("push")
		}
	}
	b.ReportMetric(float64(b.N)*vec.Size/2/(cpuTime()-cpu).Seconds()/1e6, "Mupdates/cpu-s")
}
