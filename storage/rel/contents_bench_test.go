package rel

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

var benchTypes = []*types.Type{types.TInt8, types.TInt8, types.TFloat8}

// fillContents makes contents of n rows (key, count, sum).
func fillContents(b *testing.B, n int) *Contents {
	c := NewContents(benchTypes, []int{0})
	for at := 0; at < n; at += vec.Size {
		k := min(vec.Size, n-at)
		d := &vec.Batch{N: k, Cols: []vec.Vec{vec.New(types.Int, k), vec.New(types.Int, k), vec.New(types.Float, k)}}
		for i := range k {
			d.Cols[0].Ints[i], d.Cols[1].Ints[i], d.Cols[2].Floats[i] = int64(at+i), 0, 0
		}
		if err := c.Apply(d); err != nil {
			b.Fatal(err)
		}
		if _, err := c.Publish(); err != nil {
			b.Fatal(err)
		}
	}
	return c
}

// updates makes a delta of −old +new for rows keys, from generation gen.
func updates(d *vec.Batch, keys []int64, gen []int64) {
	d.N = 2 * len(keys)
	for i, k := range keys {
		d.Cols[0].Ints[2*i], d.Cols[0].Ints[2*i+1] = k, k
		d.Cols[1].Ints[2*i], d.Cols[1].Ints[2*i+1] = gen[k], gen[k]+1
		d.Cols[2].Floats[2*i], d.Cols[2].Floats[2*i+1] = float64(gen[k])/2, float64(gen[k]+1)/2
		d.Weights[2*i], d.Weights[2*i+1] = -1, 1
		gen[k]++
	}
}

func BenchmarkContentsUpdate(b *testing.B) {
	for _, rows := range []int{10_000, 1_000_000, 10_000_000} {
		for _, batch := range []int{1, 2048} {
			b.Run(fmt.Sprintf("rows=%d/updates=%d", rows, batch), func(b *testing.B) {
				c := fillContents(b, rows)
				rng := rand.New(rand.NewPCG(1, 1))
				gen := make([]int64, rows)
				d := &vec.Batch{Cols: []vec.Vec{vec.New(types.Int, 2*batch), vec.New(types.Int, 2*batch), vec.New(types.Float, 2*batch)}, Weights: make([]int64, 2*batch)}
				keys := make([]int64, batch)
				b.ReportAllocs()
				b.ResetTimer()
				start := cpuTime()
				for b.Loop() {
					for i := range keys {
						keys[i] = rng.Int64N(int64(rows))
					}
					updates(d, keys, gen)
					if err := c.Apply(d); err != nil {
						b.Fatal(err)
					}
					if _, err := c.Publish(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(cpuTime()-start)/float64(b.N*batch), "cpu-ns/update")
				b.ReportMetric(float64(c.Bytes())/float64(rows), "B/row")
			})
		}
	}
}

func BenchmarkContentsHot(b *testing.B) {
	c := fillContents(b, 10_000)
	gen := make([]int64, 10_000)
	const batch = 2048
	d := &vec.Batch{Cols: []vec.Vec{vec.New(types.Int, 2*batch), vec.New(types.Int, 2*batch), vec.New(types.Float, 2*batch)}, Weights: make([]int64, 2*batch)}
	keys := make([]int64, batch)
	rng := rand.New(rand.NewPCG(1, 1))
	n, start := 0, cpuTime()
	for b.Loop() {
		for i := range keys {
			keys[i] = rng.Int64N(10_000)
		}
		updates(d, keys, gen)
		if err := c.Apply(d); err != nil {
			b.Fatal(err)
		}
		if n++; n%16 == 0 {
			if _, err := c.Publish(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N*batch)/1e3/(cpuTime()-start).Seconds(), "Kupdates/cpu-s")
}

// cpuTime is the processor time that the process has used: what a benchmark
// reports where others share the machine.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkContentsInsert(b *testing.B) {
	n := 0
	for b.Loop() {
		fillContents(b, 1_000_000)
		n += 1_000_000
	}
	b.ReportMetric(float64(n)/1e6/b.Elapsed().Seconds(), "Mrows/s")
}

func BenchmarkContentsScan(b *testing.B) {
	c := fillContents(b, 1_000_000)
	v, _ := c.Publish()
	for b.Loop() {
		src := v.Scan(ScanSpec{Cols: []int{0, 1, 2}})
		var out vec.Batch
		for {
			if err := src.Next(context.Background(), &out); err != nil {
				b.Fatal(err)
			}
			if out.N == 0 {
				break
			}
		}
	}
	b.ReportMetric(float64(b.N)*1e6/1e6/b.Elapsed().Seconds(), "Mrows/s")
}

func BenchmarkContentsLookup(b *testing.B) {
	c := fillContents(b, 1_000_000)
	v, _ := c.Publish()
	key := []vec.Vec{vec.New(types.Int, 1)}
	i := int64(0)
	for b.Loop() {
		i = (i + 7919) % 1_000_000
		key[0].Ints[0] = i
		v.LookupMany(key, 1, func(int, uint64) {})
	}
}
