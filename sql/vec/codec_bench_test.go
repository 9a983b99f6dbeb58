package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
)

// sensorBatch is a batch of the set that the ceilings were measured on: ts in
// microseconds with up to 2 s of disorder, one of 10,000 sensors, a float with
// two decimals.
func sensorBatch() *Batch {
	rng := rand.New(rand.NewPCG(7, 7))
	b := &Batch{N: Size, Cols: []Vec{New(types.Int, Size), New(types.Int, Size), New(types.Float, Size)}}
	for i := range Size {
		b.Cols[0].Ints[i] = 700_000_000_000_000 + int64(i)*120 - rng.Int64N(2_000_000)
		b.Cols[1].Ints[i] = rng.Int64N(10_000)
		b.Cols[2].Floats[i] = float64(rng.IntN(10_000)) / 100
	}
	return b
}

func rowsPerSec(b *testing.B) {
	b.ReportMetric(float64(b.N)*Size/1e6/b.Elapsed().Seconds(), "Mrows/s")
}

func BenchmarkBlock(b *testing.B) {
	batch := sensorBatch()
	for _, cold := range []bool{false, true} {
		e := &Encoder{Compress: cold}
		data, _ := e.Encode(nil, batch)
		name := map[bool]string{false: "", true: "Zstd"}[cold]
		b.Run("Encode"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				data, _ = e.Encode(data[:0], batch)
			}
			rowsPerSec(b)
			b.ReportMetric(float64(len(data))/Size, "B/row")
		})
		for _, trusted := range []bool{false, true} {
			b.Run(fmt.Sprintf("Decode%s/trusted=%v", name, trusted), func(b *testing.B) {
				var out Batch
				b.ReportAllocs()
				for b.Loop() {
					blk, _ := OpenBlock(data)
					if trusted {
						blk.Trust()
					}
					if err := blk.Decode(&out, nil); err != nil {
						b.Fatal(err)
					}
				}
				rowsPerSec(b)
			})
		}
	}
}

func BenchmarkColumn(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 7))
	cols := map[string]Vec{"decimal": sensorBatch().Cols[2]}
	raw, asc, text, coded, wide := New(types.Float, Size), New(types.Int, Size), New(types.Bytes, Size), New(types.Bytes, Size), New(types.Numer, Size)
	for i := range Size {
		raw.Floats[i] = rng.NormFloat64()
		asc.Ints[i] = int64(i) * 1000
		text.Strs[i] = fmt.Sprintf("user-%08d", rng.IntN(1e8))
		coded.Strs[i] = fmt.Sprintf("city-%d", rng.IntN(200))
		wide.Nums[i] = types.NumericScaled(rng.Int64N(1e6), int32(i%4))
	}
	nulls := New(types.Int, Size)
	for i := range Size {
		nulls.Ints[i] = int64(rng.IntN(1000))
		if i%10 == 0 {
			nulls.SetNull(i)
		}
	}
	cols["raw"], cols["ascending"], cols["text"], cols["dict"], cols["numeric"], cols["nulls"] = raw, asc, text, coded, wide, nulls
	for _, name := range []string{"decimal", "raw", "ascending", "text", "dict", "numeric", "nulls"} {
		v := cols[name]
		var e Encoder
		data, _ := e.EncodeColumn(nil, &v)
		b.Run("encode/"+name, func(b *testing.B) {
			for b.Loop() {
				data, _ = e.EncodeColumn(data[:0], &v)
			}
			rowsPerSec(b)
			b.ReportMetric(float64(len(data))/Size, "B/row")
		})
		b.Run("decode/"+name, func(b *testing.B) {
			var out Vec
			for b.Loop() {
				p, _ := OpenPage(data)
				if err := p.Decode(&out); err != nil {
					b.Fatal(err)
				}
			}
			rowsPerSec(b)
		})
		b.Run("gather1/"+name, func(b *testing.B) {
			var out Vec
			for b.Loop() {
				p, _ := OpenPage(data)
				if err := p.Gather(&out, []int32{1234}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
