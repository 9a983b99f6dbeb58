package rel

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/ckpt"
)

func benchEnv(b *testing.B) *Env {
	b.Helper()
	st, err := ckpt.Open(b.TempDir(), ckpt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	return NewEnv(st, 256<<20, 256<<20)
}

var sensorSchema = Schema{Cols: []Column{{Kind: types.Int}, {Kind: types.Int}, {Kind: types.Float}}}

// sensorRows makes rows (timestamp, sensor, value), see ceilings.
func sensorRows(rng *rand.Rand, from int) *vec.Batch {
	b := &vec.Batch{N: vec.Size, Cols: []vec.Vec{vec.New(types.Int, vec.Size), vec.New(types.Int, vec.Size), vec.New(types.Float, vec.Size)}}
	for i := range vec.Size {
		b.Cols[0].Ints[i] = 700_000_000_000_000 + int64(from+i)*120 - rng.Int64N(2_000_000)
		b.Cols[1].Ints[i] = rng.Int64N(10_000)
		b.Cols[2].Floats[i] = float64(rng.IntN(10_000)) / 100
	}
	return b
}

func benchChunk(b *testing.B, rows *vec.Batch, keys ...*Keys) *Chunk {
	c, err := EncodeChunk(rows, keys...)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// sealAll runs the sealing that is due.
func sealAll(b *testing.B, w *Writer, all bool) {
	if s := w.Publish().Seal(all); s != nil {
		p, err := s.Run(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		w.Replace(p)
	}
}

// A load without keys: encode, append, publish, seal.
func BenchmarkLoad(b *testing.B) {
	for _, seal := range []bool{false, true} {
		b.Run(fmt.Sprintf("seal=%v", seal), func(b *testing.B) {
			w := NewWriter(New(benchEnv(b), &sensorSchema))
			rng := rand.New(rand.NewPCG(1, 1))
			batches := make([]*vec.Batch, 64)
			for i := range batches {
				batches[i] = sensorRows(rng, i*vec.Size)
			}
			b.ResetTimer()
			start, n := cpuTime(), 0
			for b.Loop() {
				if _, err := w.Append(benchChunk(b, batches[n%64])); err != nil {
					b.Fatal(err)
				}
				w.Publish()
				if n++; n%64 == 0 {
					if seal {
						sealAll(b, w, false)
					} else {
						w.Truncate()
					}
				}
			}
			b.ReportMetric(float64(n)*vec.Size/1e6/(cpuTime()-start).Seconds(), "Mrows/cpu-s")
		})
	}
}

// A commit of one row and the version it makes.
func BenchmarkOneRow(b *testing.B) {
	w := NewWriter(New(benchEnv(b), &Schema{Cols: sensorSchema.Cols, Indexes: make([]Index, 1)}))
	rows := &vec.Batch{N: 1, Cols: []vec.Vec{vec.New(types.Int, 1), vec.New(types.Int, 1), vec.New(types.Float, 1)}}
	n := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		n++
		k := new(Keys)
		k.Append(binary.BigEndian.AppendUint64(nil, n))
		if _, err := w.AppendRows(rows, k); err != nil {
			b.Fatal(err)
		}
		w.Publish()
		if n%(1<<18) == 0 {
			w.Truncate()
		}
	}
}

func scanAll(b *testing.B, r *Relation, cols []int, parts int) (rows int) {
	for p := range parts {
		src := r.Scan(ScanSpec{Cols: cols, Part: p, Parts: parts})
		var out vec.Batch
		for {
			if err := src.Next(context.Background(), &out); err != nil {
				b.Fatal(err)
			}
			if out.N == 0 {
				break
			}
			rows += out.N
		}
		_ = src.Close()
	}
	return rows
}

func BenchmarkScan(b *testing.B) {
	const chunks = 512
	for _, where := range []string{"tail", "segments", "segments-10%-deleted", "segments-cold"} {
		b.Run(where, func(b *testing.B) {
			w := NewWriter(New(benchEnv(b), &sensorSchema))
			rng := rand.New(rand.NewPCG(1, 1))
			for i := range chunks {
				if _, err := w.Append(benchChunk(b, sensorRows(rng, i*vec.Size))); err != nil {
					b.Fatal(err)
				}
			}
			if where != "tail" {
				sealAll(b, w, true)
			}
			if where == "segments-10%-deleted" {
				for id := uint64(0); id < w.NextID(); id += 10 {
					w.Delete([]uint64{id})
				}
			}
			r := w.Publish()
			if where == "segments-cold" {
				part := &Compaction{r: r, segs: r.segs, cold: true}
				p, err := part.Run(context.Background())
				if err != nil {
					b.Fatal(err)
				}
				w.Replace(p)
				r = w.Publish()
			}
			disk, mem := r.Bytes()
			b.ResetTimer()
			start, rows := cpuTime(), 0
			for b.Loop() {
				rows += scanAll(b, r, []int{0, 1, 2}, 1)
			}
			b.ReportMetric(float64(rows)/1e6/(cpuTime()-start).Seconds(), "Mrows/cpu-s")
			b.ReportMetric(float64(disk+mem)/float64(r.Rows()), "B/row")
		})
	}
}

// keyed makes a relation with a primary key over column 1 of n rows, ascending
// or in random order, and gives the key of a row.
func keyed(b *testing.B, n int, random bool) (*Writer, func(i uint64) []byte) {
	w := NewWriter(New(benchEnv(b), &Schema{Cols: sensorSchema.Cols, Indexes: make([]Index, 1)}))
	key := func(i uint64) []byte {
		if random {
			i = types.Mix(i)
		}
		return binary.BigEndian.AppendUint64([]byte{1}, i)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	start := cpuTime()
	for at := 0; at < n; at += vec.Size {
		rows := sensorRows(rng, at)
		keys := new(Keys)
		for i := range vec.Size {
			keys.Append(key(uint64(at + i)))
		}
		// The check that keys are new, as the engine makes it.
		found := 0
		if err := w.Publish().LookupMany(0, keys, func(int, uint64) { found++ }); err != nil || found > 0 {
			b.Fatal(found, err)
		}
		if _, err := w.Append(benchChunk(b, rows, keys)); err != nil {
			b.Fatal(err)
		}
		if at/vec.Size%64 == 63 {
			sealAll(b, w, false)
			for c := w.Publish().Compact(false); c != nil; c = w.Publish().Compact(false) {
				p, err := c.Run(context.Background())
				if err != nil {
					b.Fatal(err)
				}
				w.Replace(p)
			}
		}
	}
	sealAll(b, w, true)
	b.Logf("random=%v: load with primary key and check: %.2f Mrows per CPU-s, %d runs", random, float64(n)/1e6/(cpuTime()-start).Seconds(), len(w.r.runs[0]))
	return w, key
}

// Look-ups by primary key among 10 M rows, and the load before it.
func BenchmarkKeyed(b *testing.B) {
	const n = 10_000_000
	for _, random := range []bool{false, true} {
		w, key := keyed(b, n, random)
		r := w.Publish()
		disk, _ := r.Bytes()
		b.Run(fmt.Sprintf("lookup/random=%v", random), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(2, 2))
			b.ReportAllocs()
			for b.Loop() {
				found := 0
				if err := r.Lookup(0, key(rng.Uint64N(n)), func(uint64) bool { found++; return true }); err != nil || found != 1 {
					b.Fatal(found, err)
				}
			}
			b.ReportMetric(float64(disk)/n, "B/row")
		})
		b.Run(fmt.Sprintf("lookup+get/random=%v", random), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(2, 2))
			var out vec.Batch
			for b.Loop() {
				var id uint64
				_ = r.Lookup(0, key(rng.Uint64N(n)), func(x uint64) bool { id = x; return false })
				if _, err := r.Get([]uint64{id}, []int{0, 1, 2}, &out); err != nil || out.N != 1 {
					b.Fatal(out.N, err)
				}
			}
		})
		b.Run(fmt.Sprintf("miss/random=%v", random), func(b *testing.B) {
			i := uint64(n)
			for b.Loop() {
				i++
				if err := r.Lookup(0, key(i), func(uint64) bool { return true }); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("range100/random=%v", random), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(2, 2))
			for b.Loop() {
				k := 0
				if err := r.Range(0, key(rng.Uint64N(n-1000)), nil, false, func([]byte, uint64) bool { k++; return k < 100 }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
