package funcs

import (
	"context"
	"fmt"
	"math/rand"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// benchColumn makes a column of vec.Size values of a type.
func benchColumn(t *types.Type) *vec.Vec {
	r := rand.New(rand.NewSource(1))
	v := &vec.Vec{}
	switch t.Kind {
	case types.Numer:
		v.ResetNarrow(2, vec.Size)
		for i := range v.Ints {
			v.Ints[i] = int64(r.Intn(1_000_000))
		}
	case types.Float:
		v.Reset(types.Float, vec.Size)
		for i := range v.Floats {
			v.Floats[i] = r.NormFloat64() * 1000
		}
	case types.Bytes:
		v.Reset(types.Bytes, vec.Size)
		for i := range v.Strs {
			v.Strs[i] = fmt.Sprintf("sensor-%04d Building %d", r.Intn(10000), r.Intn(50))
		}
	default:
		v.Reset(types.Int, vec.Size)
		for i := range v.Ints {
			v.Ints[i] = int64(r.Intn(1_000_000))
			if t == types.TTimestamp || t == types.TTimestamptz {
				v.Ints[i] = 760_000_000_000_000 + int64(r.Intn(1e15))
			}
		}
	}
	return v
}

// BenchmarkKernel measures scalar functions; an argument that is given as text is
// constant.
func BenchmarkKernel(b *testing.B) {
	i4, i8, f8, num, text, ts, tz, iv := types.TInt4, types.TInt8, types.TFloat8, types.TNumeric, types.TText, types.TTimestamp, types.TTimestamptz, types.TInterval
	for _, c := range []struct {
		fn     string
		args   []*types.Type
		consts []string
	}{
		{"int4pl", []*types.Type{i4, i4}, nil}, {"int8mul", []*types.Type{i8, i8}, nil}, {"int4div", []*types.Type{i4, i4}, nil},
		{"int4lt", []*types.Type{i4, i4}, nil}, {"int4lt", []*types.Type{i4, i4}, []string{"", "500000"}},
		{"float8mul", []*types.Type{f8, f8}, nil}, {"float8gt", []*types.Type{f8, f8}, []string{"", "0.5"}},
		{"numeric_add", []*types.Type{num, num}, nil}, {"numeric_mul", []*types.Type{num, num}, nil},
		{"numeric_gt", []*types.Type{num, num}, []string{"", "5000.125"}}, {"numeric_div", []*types.Type{num, num}, nil},
		{"timestamp_ge", []*types.Type{ts, ts}, []string{"", "2024-06-01"}},
		{"date_trunc", []*types.Type{text, ts}, []string{"hour", ""}}, {"date_trunc", []*types.Type{text, ts}, []string{"month", ""}},
		{"date_bin", []*types.Type{iv, ts, ts}, []string{"5 min", "", "2000-01-01"}},
		{"extract", []*types.Type{text, tz}, []string{"hour", ""}}, {"extract", []*types.Type{text, tz}, []string{"week", ""}},
		{"tumble_start", []*types.Type{tz, iv}, []string{"", "1 min"}},
		{"texteq", []*types.Type{text, text}, []string{"", "sensor-0001 Building 7"}},
		{"textlike", []*types.Type{text, text}, []string{"", "sensor-00%"}}, {"textlike", []*types.Type{text, text}, []string{"", "%Building 7%"}},
		{"textlike", []*types.Type{text, text}, []string{"", "s%r-0_0%ing%"}}, {"texticlike", []*types.Type{text, text}, []string{"", "%building 7%"}},
		{"textregexeq", []*types.Type{text, text}, []string{"", `-00\d+ .*[1-3]$`}}, {"textregexeq", []*types.Type{text, text}, []string{"", `Building 7`}},
		{"length", []*types.Type{text}, nil}, {"lower", []*types.Type{text}, nil}, {"upper", []*types.Type{text}, nil},
		{"substr", []*types.Type{text, i4, i4}, []string{"", "3", "6"}}, {"textcat", []*types.Type{text, text}, nil},
		{"exp", []*types.Type{f8}, nil}, {"dsqrt", []*types.Type{f8}, nil}, {"sin", []*types.Type{f8}, nil},
	} {
		b.Run(fmt.Sprint(c.fn, c.consts), func(b *testing.B) { benchKernel(b, c.fn, c.args, c.consts) })
	}
}

func benchKernel(b *testing.B, name string, ts []*types.Type, consts []string) {
	f := FindFunc(name, ts...)
	call := &Call{Func: f, Args: ts, Ret: f.Ret, Env: testEnv(), Const: make([]*types.Datum, len(ts))}
	args := make([]*vec.Vec, len(ts))
	for i, t := range ts {
		if consts != nil && consts[i] != "" {
			d, err := t.In(types.DefaultEnv, consts[i], types.NoMod)
			if err != nil {
				b.Fatal(err)
			}
			call.Const[i] = &d
			args[i] = &vec.Vec{}
			args[i].Const(t.Kind, d, vec.Size)
			continue
		}
		args[i] = benchColumn(t)
	}
	k, err := call.Bind()
	if err != nil {
		b.Fatal(err)
	}
	ctx := &Ctx{Context: context.Background(), Env: call.Env, Bad: &vec.RowErrors{}}
	var out vec.Vec
	for b.Loop() {
		ctx.Bad.Reset()
		k(ctx, args, vec.Size, &out)
	}
	rowsPerSecond(b)
}

func rowsPerSecond(b *testing.B) {
	b.ReportMetric(float64(b.N)*vec.Size/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

// BenchmarkAcc measures accumulators over 1000 groups.
func BenchmarkAcc(b *testing.B) {
	for _, c := range []struct {
		fn string
		t  *types.Type
	}{
		{"count", types.TInt4}, {"sum", types.TInt4}, {"sum", types.TInt8}, {"sum", types.TFloat8}, {"sum", types.TNumeric}, {"avg", types.TInt4},
		{"avg", types.TFloat8}, {"avg", types.TNumeric}, {"min", types.TInt4}, {"max", types.TFloat8}, {"max", types.TText},
		{"stddev", types.TFloat8}, {"approx_count_distinct", types.TText},
	} {
		b.Run(c.fn+"/"+c.t.Name, func(b *testing.B) {
			acc, ctx := newTestAcc(b, c.fn, 1000, c.t)
			if c.fn == "count" {
				acc = &countAcc{args: 1}
				acc.Grow(1000)
			}
			groups, col := make([]uint32, vec.Size), []*vec.Vec{benchColumn(c.t)}
			for i := range groups {
				groups[i] = uint32(i*7919) % 1000
			}
			for b.Loop() {
				acc.Add(ctx, groups, col, nil)
			}
			rowsPerSecond(b)
		})
	}
}
