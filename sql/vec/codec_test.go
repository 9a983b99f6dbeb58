package vec

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"pgregory.net/rapid"
)

// Generators of columns, one per shape that an encoding is made for.

func genInts(t *rapid.T, n int) []int64 {
	out := make([]int64, n)
	base := rapid.Int64().Draw(t, "base")
	width := rapid.IntRange(0, 64).Draw(t, "width")
	sorted := rapid.Bool().Draw(t, "sorted")
	x := base
	for i := range out {
		d := int64(0)
		if width > 0 {
			d = int64(rapid.Uint64().Draw(t, "d") >> (64 - width))
		}
		if sorted {
			x += d >> 8
			out[i] = x
		} else {
			out[i] = base + d
		}
	}
	return out
}

func genFloats(t *rapid.T, n int) []float64 {
	specials := []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, 5e-324, 0.1, 1e22}
	shape := rapid.IntRange(0, 4).Draw(t, "shape")
	digits := rapid.IntRange(0, 8).Draw(t, "digits")
	out := make([]float64, n)
	for i := range out {
		switch {
		case shape == 0 || shape == 3 && rapid.IntRange(0, 9).Draw(t, "odd") == 0:
			out[i] = rapid.SampledFrom(specials).Draw(t, "special")
		case shape == 1:
			out[i] = rapid.Float64().Draw(t, "f")
		case shape == 4:
			out[i] = float64(rapid.Float32().Draw(t, "f"))
		default:
			out[i] = float64(rapid.IntRange(-1000000, 1000000).Draw(t, "i")) / math.Pow10(digits)
		}
	}
	return out
}

func genStrs(t *rapid.T, n int) []string {
	few := rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "few")
	coded := rapid.Bool().Draw(t, "coded")
	out := make([]string, n)
	for i := range out {
		if coded {
			out[i] = rapid.SampledFrom(few).Draw(t, "s")
		} else {
			out[i] = rapid.String().Draw(t, "s")
		}
		if rapid.IntRange(0, 40).Draw(t, "long") == 0 {
			out[i] += strings.Repeat("é", 40)
		}
	}
	return out
}

func genNumerics(t *rapid.T, n int) []types.Numeric {
	out := make([]types.Numeric, n)
	for i := range out {
		scale := int32(rapid.IntRange(0, 3).Draw(t, "scale"))
		switch rapid.IntRange(0, 3).Draw(t, "form") {
		case 0:
			out[i] = types.NumericSpecial(types.NumForm(rapid.IntRange(1, 3).Draw(t, "special")))
		case 1:
			c := new(big.Int).Lsh(big.NewInt(rapid.Int64().Draw(t, "c")), uint(rapid.IntRange(0, 200).Draw(t, "shift")))
			out[i] = types.NumericBig(c, scale)
		default:
			out[i] = types.NumericScaled(rapid.Int64().Draw(t, "c"), scale)
		}
	}
	return out
}

func genVec(t *rapid.T, n int) Vec {
	kind := types.Kind(rapid.IntRange(int(types.Bool), int(types.Bytes)).Draw(t, "kind"))
	v := Vec{Kind: kind}
	switch kind {
	case types.Bool:
		v.Bools = rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "bools")
	case types.Int:
		v.Ints = genInts(t, n)
	case types.Float:
		v.Floats = genFloats(t, n)
	case types.Numer:
		if v.Narrow = rapid.Bool().Draw(t, "narrow"); v.Narrow {
			v.Ints, v.Scale = genInts(t, n), int32(rapid.IntRange(0, 20).Draw(t, "scale"))
		} else {
			v.Nums = genNumerics(t, n)
		}
	case types.Inter:
		v.Inters = make([]types.Interval, n)
		for i := range v.Inters {
			v.Inters[i] = types.Interval{Months: rapid.Int32().Draw(t, "m"), Days: rapid.Int32Range(0, 3).Draw(t, "d"), Micros: rapid.Int64().Draw(t, "us")}
		}
	default:
		v.Strs = genStrs(t, n)
	}
	switch rapid.IntRange(0, 3).Draw(t, "nulls") {
	case 0:
		v.Nulls = rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "marks")
	case 1:
		v.Nulls = make([]bool, n)
		fill(v.Nulls, rapid.Bool().Draw(t, "all"))
	}
	return v
}

// sameVec compares images, floats by their bits.
func sameVec(a, b *Vec) bool {
	if a.Len() != b.Len() || a.Kind != b.Kind {
		return false
	}
	for i := range a.Len() {
		if !SameImage(a, i, b, i) {
			return false
		}
	}
	return true
}

func TestBlockRoundTrip(t *testing.T) {
	enc := &Encoder{}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(1, 20), rapid.IntRange(1, 600)).Draw(t, "n")
		enc.Compress = rapid.Bool().Draw(t, "zstd")
		b := Batch{N: n, Cols: make([]Vec, rapid.IntRange(0, 3).Draw(t, "cols"))}
		for i := range b.Cols {
			b.Cols[i] = genVec(t, n)
		}
		if rapid.Bool().Draw(t, "weighted") {
			b.Weights = genInts(t, n)
		}
		if len(b.Cols) > 0 && rapid.Bool().Draw(t, "selected") {
			b.Sel = rapid.SliceOfNDistinct(rapid.Int32Range(0, int32(n-1)), 1, n, rapid.ID[int32]).Draw(t, "sel")
			b.N = len(b.Sel)
		}
		data, err := enc.Encode([]byte("before"), &b)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := Encode(nil, &b)
		if !enc.Compress && !bytes.Equal(again, data[6:]) {
			t.Fatal("the same batch gives other bytes")
		}
		var got, want Batch
		if err := Decode(append(data[6:], 1, 2, 3), &got); err != nil {
			t.Fatal(err)
		}
		b.Dense(&want)
		checkBatch(t, &got, &want)
		checkPages(t, data[6:], &want)
	})
}

func checkBatch(t *rapid.T, got, want *Batch) {
	if got.N != want.N || len(got.Cols) != len(want.Cols) || (got.Weights == nil) != (want.Weights == nil) {
		t.Fatalf("%d rows, %d columns, want %d and %d", got.N, len(got.Cols), want.N, len(want.Cols))
	}
	for i := range want.Cols {
		if !sameVec(&got.Cols[i], &want.Cols[i]) {
			t.Fatalf("column %d:\n%v\nwant\n%v", i, got.Cols[i], want.Cols[i])
		}
	}
	for i, w := range want.Weights {
		if got.Weights[i] != w {
			t.Fatalf("weight %d is %d, want %d", i, got.Weights[i], w)
		}
	}
}

// checkPages checks statistics and Gather of every column.
func checkPages(t *rapid.T, data []byte, want *Batch) {
	b, err := OpenBlock(data)
	if err != nil {
		t.Fatal(err)
	}
	for c := range want.Cols {
		p, err := b.Page(c)
		if err != nil {
			t.Fatal(err)
		}
		checkStat(t, p.Stat(), &want.Cols[c])
		var idx []int32
		for i := range want.N {
			if rapid.IntRange(0, 12).Draw(t, "pick") == 0 {
				idx = append(idx, int32(i))
			}
		}
		var got, all Vec
		if err := p.Gather(&got, idx); err != nil {
			t.Fatal(err)
		}
		all.Gather(&want.Cols[c], idx)
		if !sameVec(&got, &all) {
			t.Fatalf("gathered %v, want %v", got, all)
		}
	}
}

func checkStat(t *rapid.T, s Stat, v *Vec) {
	nulls := 0
	typ := map[types.Kind]*types.Type{types.Int: types.TInt8, types.Float: types.TFloat8, types.Numer: types.TNumeric, types.Bytes: types.TBytea}[v.Kind]
	for i := range v.Len() {
		if v.IsNull(i) {
			nulls++
			continue
		}
		if !s.Known {
			continue
		}
		d := v.Datum(i)
		if typ.Compare(d, s.Min) < 0 {
			t.Fatalf("%v is below the least, %v", d, s.Min)
		}
		if typ.Compare(d, s.Max) > 0 && !(s.MaxOpen && strings.HasPrefix(d.Str(), s.Max.Str())) {
			t.Fatalf("%v is above the greatest, %v", d, s.Max)
		}
	}
	if s.Rows != v.Len() || s.Nulls != nulls {
		t.Fatalf("%d rows, %d null, want %d and %d", s.Rows, s.Nulls, v.Len(), nulls)
	}
	if typ != nil && v.Kind != types.Numer && !s.Known && nulls < v.Len() {
		t.Fatal("no statistics")
	}
}

// sampleBlock has every form of page in it.
func sampleBlock(t testing.TB) []byte {
	const n = 64
	cols := make([]Vec, 14)
	for i := range cols {
		cols[i] = New([]types.Kind{types.Int, types.Int, types.Int, types.Float, types.Float, types.Float, types.Bool, types.Bytes,
			types.Bytes, types.Bytes, types.Numer, types.Numer, types.Inter, types.Int}[i], n)
	}
	cols[10].ResetNarrow(2, n)
	w := make([]int64, n)
	for i := range n {
		cols[0].Ints[i] = int64(i * i % 17)
		cols[1].Ints[i] = int64(i) * 1000003
		cols[2].Ints[i] = 42
		cols[3].Floats[i] = float64(i*7%100) / 100
		cols[4].Floats[i] = math.Sqrt(float64(i))
		cols[5].Floats[i] = float64(float32(math.Sqrt(float64(i))))
		cols[6].Bools[i] = i%3 == 0
		cols[7].Strs[i] = strings.Repeat("ab", i)
		cols[8].Strs[i] = []string{"red", "green", "blue"}[i%3]
		cols[9].Strs[i] = "same"
		cols[10].Ints[i] = int64(i * 100)
		cols[11].Nums[i] = []types.Numeric{types.NumericScaled(int64(i), int32(i)), types.NumericSpecial(types.NumNaN),
			types.NumericBig(new(big.Int).Lsh(big.NewInt(-7), 90), 3)}[i%3]
		cols[12].Inters[i] = types.Interval{Months: int32(i), Days: -1, Micros: int64(i) << 40}
		w[i] = int64(i%3) - 1
	}
	cols[3].Floats[9] = math.NaN()
	cols[0].SetNull(3)
	cols[13].AllNull(types.Int, n)
	data, err := Encode(nil, &Batch{Cols: cols, Weights: w, N: n})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Any bit that flips anywhere in a block is found.
func TestBlockBitFlips(t *testing.T) {
	data := sampleBlock(t)
	var out Batch
	if err := Decode(data, &out); err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for bit := range 8 {
			bad := bytes.Clone(data)
			bad[i] ^= 1 << bit
			var got Batch
			err := Decode(bad, &got)
			if pgerr.CodeOf(err) != pgerr.DataCorrupted {
				t.Fatalf("byte %d, bit %d: %v", i, bit, err)
			}
		}
	}
	for n := range data {
		var got Batch
		if err := Decode(data[:n], &got); pgerr.CodeOf(err) != pgerr.DataCorrupted {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
}

// reseal makes every checksum of a damaged block right again, so that fuzzing
// gets past them.
func reseal(data []byte) []byte {
	data = bytes.Clone(data)
	if len(data) < blockHead {
		return data
	}
	b := Block{data: data}
	start := b.start()
	if start > len(data) {
		return data
	}
	binary.LittleEndian.PutUint32(data[4:], crc32.Checksum(data[8:start], castagnoli))
	for i := range b.pages() {
		lo, hi := start+b.end(i-1), start+b.end(i)
		if lo+pageHead <= hi && hi <= len(data) && lo >= start {
			binary.LittleEndian.PutUint32(data[lo:], crc32.Checksum(data[lo+4:hi], castagnoli))
		}
	}
	return data
}

// No bytes at all make the decoder panic, or read past what is there.
func FuzzDecode(f *testing.F) {
	f.Add(sampleBlock(f))
	one, _ := Encode(nil, &Batch{Cols: []Vec{{Kind: types.Bytes, Strs: []string{"a", "b", "a"}}}, N: 3})
	f.Add(one)
	f.Fuzz(func(t *testing.T, data []byte) {
		var out Batch
		for _, d := range [][]byte{data, reseal(data)} {
			if err := Decode(d, &out); err != nil {
				if pgerr.CodeOf(err) != pgerr.DataCorrupted {
					t.Fatal(err)
				}
				continue
			}
			for c := range out.Cols {
				for i := range out.N {
					_ = out.Cols[c].Datum(i)
				}
			}
			if _, err := Encode(nil, &out); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Random damage under right checksums: never a panic. A slice of what FuzzDecode
// does, for every test run.
func TestDamageUnderChecksums(t *testing.T) {
	data := sampleBlock(t)
	rapid.Check(t, func(t *rapid.T) {
		bad := bytes.Clone(data)
		for range rapid.IntRange(1, 4).Draw(t, "hits") {
			bad[rapid.IntRange(0, len(bad)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		b, err := OpenBlock(reseal(bad))
		if err != nil {
			return
		}
		for c := range b.pages() {
			p, err := b.Page(c)
			if err != nil {
				continue
			}
			_ = p.Stat()
			var v Vec
			_ = p.Decode(&v)
			_ = p.Gather(&v, []int32{1, 5})
		}
	})
}
