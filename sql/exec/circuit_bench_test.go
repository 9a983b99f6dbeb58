package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// sensorView is
//
//	SELECT window_start, sensor_id, count(*), sum(value), min(value), max(value)
//	FROM TUMBLE(readings, ts, INTERVAL '1 minute') GROUP BY window_start, sensor_id
//
// over a stream of (ts timestamp, sensor_id int4, value float8).
func sensorView(closing bool) plan.Node {
	var m plan.Meta
	rel := &catalog.Relation{OID: 1, Kind: catalog.Stream, Stream: &catalog.StreamDef{Time: 1}}
	for _, t := range []*types.Type{types.TTimestamp, types.TInt4, types.TFloat8} {
		rel.Columns = append(rel.Columns, catalog.Column{Type: t})
	}
	s := scanOf(&m, rel)
	col := func(t *types.Type) plan.ColID { return m.Add(plan.ColInfo{Type: t, Mod: types.NoMod}) }
	ts := m.Ref(s.Cols[0])
	p := &plan.Project{In: s, Cols: []plan.ColID{s.Cols[1], s.Cols[2], col(types.TTimestamp), col(types.TTimestamp)}}
	p.Vals = []plan.Expr{m.Ref(s.Cols[1]), m.Ref(s.Cols[2]), binOf(ts, 60), tumbleEnd(ts, 60)}
	a := &plan.Aggregate{In: p, Groups: []plan.ColID{p.Cols[2], s.Cols[1]}}
	if closing {
		a.Groups = append(a.Groups, p.Cols[3])
	}
	a.GroupOut = a.Groups
	a.Aggs = []plan.Agg{{Fn: funcs.FindFunc("count"), Ret: types.TInt8, Col: col(types.TInt8)}}
	for _, f := range []string{"sum", "min", "max"} {
		a.Aggs = append(a.Aggs, plan.Agg{Fn: funcs.FindFunc(f, types.TFloat8), Ret: types.TFloat8, Args: []plan.Expr{m.Ref(s.Cols[2])}, Col: col(types.TFloat8)})
	}
	if closing {
		return &plan.TimeFilter{In: a, From: p.Cols[3], Until: -1, Window: -1, Close: true}
	}
	return a
}

// sensorReadings makes batches of readings: 500,000 rows a minute, up to 2 s out of
// order.
func sensorReadings(batches, sensors int) []*vec.Batch {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]*vec.Batch, batches)
	for b := range out {
		cols := []vec.Vec{vec.New(types.Int, vec.Size), vec.New(types.Int, vec.Size), vec.New(types.Float, vec.Size)}
		for i := range vec.Size {
			cols[0].Ints[i] = int64(b*vec.Size+i)*120 - int64(r.IntN(2_000_000))
			cols[1].Ints[i] = int64(r.IntN(sensors))
			cols[2].Floats[i] = float64(r.IntN(10000)) / 100
		}
		out[b] = &vec.Batch{Cols: cols, N: vec.Size}
	}
	return out
}

// BenchmarkCircuitWindowed is the view above, from the stream's rows to the view's
// changes; a step is a number of batches.
func BenchmarkCircuitWindowed(b *testing.B) {
	in := sensorReadings(256, 10_000)
	for _, closing := range []bool{false, true} {
		for _, step := range []int{1, 16} {
			b.Run(fmt.Sprintf("closing=%v/step=%d", closing, step*vec.Size), func(b *testing.B) {
				benchWindowed(b, in, closing, step)
			})
		}
	}
}

func benchWindowed(b *testing.B, in []*vec.Batch, closing bool, step int) {
	var c *Circuit
	ctx, cpu := context.Background(), cpuTime()
	emit := func(*vec.Batch) error { return nil }
	for i := 0; i < b.N; i += step {
		at := i % len(in)
		if at == 0 {
			var err error
			if c, err = CompileCircuit(sensorView(closing), testEnv); err != nil {
				b.Fatal(err)
			}
		}
		d := in[at : at+step]
		last := d[len(d)-1].Cols[0].Ints
		if err := c.Step(ctx, &StepInput{Deltas: []Delta{Batches(d)}, Marks: []int64{last[len(last)-1] - 3*second}}, emit); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*vec.Size/(cpuTime()-cpu).Seconds()/1e6, "Mrows/cpu-s")
	b.ReportMetric(float64(c.Bytes())/1e6, "MB")
}

// BenchmarkCircuitOneRow is a commit of one row through the view, which has that
// many groups already.
func BenchmarkCircuitOneRow(b *testing.B) {
	for _, groups := range []int{10_000, 10_000_000} {
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			c, err := CompileCircuit(sensorView(false), testEnv)
			if err != nil {
				b.Fatal(err)
			}
			ctx := context.Background()
			emit := func(*vec.Batch) error { return nil }
			cols := func(n int) []vec.Vec {
				return []vec.Vec{vec.New(types.Int, n), vec.New(types.Int, n), vec.New(types.Float, n)}
			}
			var all Batches
			for k := 0; k < groups; k += vec.Size {
				d := &vec.Batch{Cols: cols(vec.Size), N: vec.Size}
				for i := range vec.Size {
					d.Cols[1].Ints[i] = int64(k + i)
				}
				all = append(all, d)
			}
			if err := c.Step(ctx, &StepInput{Deltas: []Delta{all}, Marks: []int64{0}}, emit); err != nil {
				b.Fatal(err)
			}
			all = nil
			one := &vec.Batch{Cols: cols(1), N: 1}
			in := &StepInput{Deltas: []Delta{Batches{one}}, Marks: []int64{0}}
			r := rand.New(rand.NewPCG(1, 2))
			b.ReportAllocs()
			b.ReportMetric(float64(c.Bytes())/float64(groups), "B/group")
			for b.Loop() {
				one.Cols[1].Ints[0] = int64(r.IntN(groups))
				if err := c.Step(ctx, in, emit); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// cpuTime is what the process has used of processors: on a busy machine a better
// measure than the time that passes.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
