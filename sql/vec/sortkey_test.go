package vec_test

import (
	"math/rand"
	"slices"
	"strconv"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"pgregory.net/rapid"
)

// TestSortKeys sorts rows by their keys and by comparing values.
func TestSortKeys(t *testing.T) {
	kinds := []*types.Type{types.TInt4, types.TText, types.TFloat8, types.TNumeric, types.TBool, types.TTimestamptz, types.TInterval, types.TBpchar}
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 2, 10, 200}).Draw(r, "n")
		var cols []*vec.Vec
		var parts []vec.KeyPart
		for range rapid.IntRange(1, 3).Draw(r, "cols") {
			typ := rapid.SampledFrom(kinds).Draw(r, "type")
			v := vec.New(typ.Kind, 0)
			for range n {
				v.AppendDatum(drawValue(r, typ))
			}
			cols = append(cols, &v)
			parts = append(parts, vec.KeyPart{Type: typ, Desc: rapid.Bool().Draw(r, "desc"), NullsFirst: rapid.Bool().Draw(r, "nulls first")})
		}
		var k vec.Keys
		k.Append(cols, parts, n)
		got := k.Order()
		want := make([]int32, n)
		for i := range want {
			want[i] = int32(i)
		}
		slices.SortStableFunc(want, func(a, b int32) int { return compareRows(cols, parts, int(a), int(b)) })
		if !slices.Equal(got, want) {
			r.Fatalf("order %v, want %v", got, want)
		}
	})
}

func drawValue(r *rapid.T, t *types.Type) types.Datum {
	n := rapid.Int64Range(-4, 4).Draw(r, "value")
	if n == -4 {
		return types.Null
	}
	switch t.Kind {
	case types.Bool:
		return types.NewBool(n > 0)
	case types.Int:
		return types.NewInt(n)
	case types.Float:
		return types.NewFloat(float64(n) / 2)
	case types.Numer:
		return types.NewNumeric(types.NumericScaled(n*10, int32(n&1)))
	case types.Inter:
		return types.NewInterval(types.Interval{Months: int32(n & 1), Days: int32(n * 15)})
	}
	return types.NewString([]string{"", "a", "a ", "a\x00", "ab", "b", "\x00", "a\x00b"}[n&7])
}

func compareRows(cols []*vec.Vec, parts []vec.KeyPart, a, b int) int {
	for c, v := range cols {
		an, bn := v.IsNull(a), v.IsNull(b)
		if an || bn {
			if an == bn {
				continue
			}
			if an == parts[c].NullsFirst {
				return -1
			}
			return 1
		}
		d := vec.Compare(v, a, v, b, parts[c].Type)
		if parts[c].Desc {
			d = -d
		}
		if d != 0 {
			return d
		}
	}
	return 0
}

func benchmarkOrder(b *testing.B, cols []*vec.Vec, parts []vec.KeyPart, n int) {
	b.ReportAllocs()
	for b.Loop() {
		var k vec.Keys
		k.Append(cols, parts, n)
		k.Order()
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

const sortRows = 1 << 18

func BenchmarkSortKeys(b *testing.B) {
	r := rand.New(rand.NewSource(1))
	ints, ts, strs, nums := vec.New(types.Int, sortRows), vec.New(types.Int, sortRows), vec.New(types.Bytes, sortRows), vec.New(types.Numer, 0)
	for i := range sortRows {
		ints.Ints[i] = int64(r.Intn(10000))
		ts.Ints[i] = 800000000000000 + int64(r.Intn(1e9))
		strs.Strs[i] = "sensor-" + strconv.Itoa(r.Intn(100000))
		nums.AppendDatum(types.NewNumeric(types.NumericScaled(int64(r.Intn(1e6)), 2)))
	}
	b.Run("timestamptz", func(b *testing.B) {
		benchmarkOrder(b, []*vec.Vec{&ts}, []vec.KeyPart{{Type: types.TTimestamptz}}, sortRows)
	})
	b.Run("int4_timestamptz_desc", func(b *testing.B) {
		benchmarkOrder(b, []*vec.Vec{&ints, &ts}, []vec.KeyPart{{Type: types.TInt4}, {Type: types.TTimestamptz, Desc: true}}, sortRows)
	})
	b.Run("text", func(b *testing.B) {
		benchmarkOrder(b, []*vec.Vec{&strs}, []vec.KeyPart{{Type: types.TText}}, sortRows)
	})
	b.Run("numeric", func(b *testing.B) {
		benchmarkOrder(b, []*vec.Vec{&nums}, []vec.KeyPart{{Type: types.TNumeric}}, sortRows)
	})
}

func BenchmarkAppendSortKey(b *testing.B) {
	cols, ts := sensorRows(vec.Size)
	parts := make([]vec.KeyPart, len(cols))
	ptrs := make([]*vec.Vec, len(cols))
	for i := range cols {
		parts[i].Type, ptrs[i] = ts[i], &cols[i]
	}
	var k vec.Keys
	for n := 0; n < b.N; n += vec.Size {
		k.Reset()
		k.Append(ptrs, parts, vec.Size)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
