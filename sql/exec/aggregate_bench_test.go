package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// sensorBatches makes rows (minute, sensor, value): minutes advance slowly, the
// sensors are random.
func sensorBatches(n, sensors int) []*vec.Batch {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]*vec.Batch, n)
	for b := range out {
		cols := []vec.Vec{vec.New(types.Int, vec.Size), vec.New(types.Int, vec.Size), vec.New(types.Int, vec.Size)}
		for i := range vec.Size {
			cols[0].Ints[i] = int64(b*vec.Size+i) / 500_000 * 60_000_000
			cols[1].Ints[i] = int64(r.IntN(sensors))
			cols[2].Ints[i] = int64(r.IntN(10000))
		}
		out[b] = &vec.Batch{Cols: cols, N: vec.Size}
	}
	return out
}

// plainAcc is sum, min or max of bigint without checks: what a specialised
// accumulator costs at least.
type plainAcc struct {
	sumAcc
	kind int
}

func (a *plainAcc) Add(c *funcs.Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	x := args[0].Ints
	switch a.kind {
	case 0:
		a.sumAcc.Add(c, groups, args, w)
	case 1:
		for i, g := range groups {
			if a.sum[g] < x[i] || a.n[g] == 0 {
				a.sum[g] = x[i]
			}
			a.n[g]++
		}
	case 2:
		for i, g := range groups {
			if a.sum[g] > x[i] || a.n[g] == 0 {
				a.sum[g] = x[i]
			}
			a.n[g]++
		}
	}
}

func benchSpec(mode AggMode) AggSpec {
	s := AggSpec{Mode: mode, Keys: []int{0, 1}, KeyTypes: []*types.Type{types.TTimestamp, types.TInt4}, Time: 0, Bad: func(error, int64) {}}
	s.Calls = []AggCall{{CountRows: true, Filter: -1, Ret: types.TInt8}}
	for k := range 3 {
		s.Calls = append(s.Calls, AggCall{New: func() (funcs.Acc, error) { return &plainAcc{kind: k}, nil }, Args: []int{2},
			ArgTypes: []*types.Type{types.TInt8}, Filter: -1, Ret: types.TInt8})
	}
	return s
}

// BenchmarkAggregateWindowed is count, sum, min, max by minute and sensor in a
// view: a step is a number of batches and a flush.
func BenchmarkAggregateWindowed(b *testing.B) {
	for _, mode := range []AggMode{AggAppend, AggFinal} {
		for _, step := range []int{1, 16} {
			b.Run(fmt.Sprintf("mode=%d/step=%d", mode, step*vec.Size), func(b *testing.B) { benchAggregate(b, mode, step, 10_000) })
		}
	}
}

func benchAggregate(b *testing.B, mode AggMode, step, sensors int) {
	in := sensorBatches(256, sensors)
	ctx := context.Background()
	emit := func(*vec.Batch) error { return nil }
	var a *Aggregate
	bytes, groups := int64(0), 0
	for i := range b.N {
		if i%len(in) == 0 {
			a, _ = NewAggregate(benchSpec(mode))
		}
		if err := a.Push(ctx, 0, in[i%len(in)], emit); err != nil {
			b.Fatal(err)
		}
		if i%step == step-1 {
			if err := a.Flush(ctx, emit); err != nil {
				b.Fatal(err)
			}
		}
		if i%len(in) == len(in)-1 {
			bytes, groups = a.Bytes(), a.Groups()
		}
	}
	b.ReportMetric(float64(b.N)*vec.Size/b.Elapsed().Seconds()/1e6, "Mrows/s")
	if groups > 0 {
		b.ReportMetric(float64(bytes)/float64(groups), "B/group")
	}
}

// BenchmarkAggregateOneRow is a commit of one row, with few and with many groups
// there.
func BenchmarkAggregateOneRow(b *testing.B) {
	for _, groups := range []int{10_000, 10_000_000} {
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			spec := benchSpec(AggAppend)
			spec.Time = -1
			a, _ := NewAggregate(spec)
			ctx := context.Background()
			emit := func(*vec.Batch) error { return nil }
			fill := &vec.Batch{Cols: []vec.Vec{vec.New(types.Int, vec.Size), vec.New(types.Int, vec.Size), vec.New(types.Int, vec.Size)}, N: vec.Size}
			for k := 0; k < groups; k += vec.Size {
				for i := range vec.Size {
					fill.Cols[1].Ints[i] = int64(k + i)
				}
				if a.Push(ctx, 0, fill, emit) != nil || a.Flush(ctx, emit) != nil {
					b.Fatal("push")
				}
			}
			one := &vec.Batch{Cols: []vec.Vec{vec.New(types.Int, 1), vec.New(types.Int, 1), vec.New(types.Int, 1)}, N: 1}
			r := rand.New(rand.NewPCG(1, 2))
			b.ReportAllocs()
			for b.Loop() {
				one.Cols[1].Ints[0] = int64(r.IntN(groups))
				if a.Push(ctx, 0, one, emit) != nil || a.Flush(ctx, emit) != nil {
					b.Fatal("push")
				}
			}
		})
	}
}

// BenchmarkAggregateBatch is the same grouping in batch.
func BenchmarkAggregateBatch(b *testing.B) {
	for _, sensors := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("sensors=%d", sensors), func(b *testing.B) { benchAggregate(b, AggBatch, 1<<30, sensors) })
	}
}
