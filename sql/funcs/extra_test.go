package funcs

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// callText calls a function by name with arguments in text form and shows the
// result: as rows alone, and with all arguments constant.
func callText(t *testing.T, name string, ts []*types.Type, args ...string) string {
	t.Helper()
	f := FindFunc(name, ts...)
	if f == nil {
		t.Fatalf("no function %s", name)
	}
	row := make([]types.Datum, len(args))
	for i, s := range args {
		if s == "NULL" {
			continue
		}
		d, err := ts[i].In(types.DefaultEnv, s, types.NoMod)
		if err != nil {
			t.Fatal(err)
		}
		row[i] = d
	}
	call := &Call{Func: f, Args: ts, Ret: f.Ret, Env: testEnv(), Const: make([]*types.Datum, len(args))}
	plain := callOnce(call, [][]types.Datum{row, row})
	for i := range row {
		call.Const[i] = &row[i]
	}
	if fixed := callOnce(call, [][]types.Datum{row, row}); fixed[1] != plain[1] {
		t.Errorf("%s(%s): %s, constant %s", name, strings.Join(args, ", "), plain[1], fixed[1])
	}
	return plain[1]
}

func TestTumble(t *testing.T) {
	stamp, iv := types.TTimestamp, types.TInterval
	for _, c := range []struct{ name, ts, size, offset, want string }{
		{"tumble_start", "2024-05-05 12:34:56", "1 minute", "", "2024-05-05 12:34:00"},
		{"tumble_end", "2024-05-05 12:34:56", "1 minute", "", "2024-05-05 12:35:00"},
		{"tumble_start", "1969-12-31 23:59:59", "1 minute", "", "1969-12-31 23:59:00"},
		{"tumble_start", "2024-05-05 12:34:56", "7 days", "", "2024-05-02 00:00:00"}, // 1970-01-01 was a Thursday
		{"tumble_start", "2024-05-05 12:34:56", "7 days", "4 days", "2024-04-29 00:00:00"},
		{"tumble_start", "2024-05-05 12:34:56", "1 hour", "-15 minutes", "2024-05-05 11:45:00"},
		{"tumble_start", "infinity", "1 hour", "", "infinity"},
		{"tumble_start", "NULL", "1 hour", "", `\N`},
		{"tumble_start", "2024-05-05 12:34:56", "0", "", "!22023 window size must be positive"},
		{"tumble_start", "2024-05-05 12:34:56", "1 month", "", "!22023 window size must not contain months"},
		{"tumble_start", "4714-11-24 00:00 BC", "7 days", "", "!22008 timestamp out of range"},
		{"tumble_end", "294276-12-31 23:59:59.999999", "1 day", "", "!22008 timestamp out of range"},
	} {
		ts, args := []*types.Type{stamp, iv}, []string{c.ts, c.size}
		if c.offset != "" {
			ts, args = append(ts, iv), append(args, c.offset)
		}
		if got := callText(t, c.name, ts, args...); got != c.want {
			t.Errorf("%s(%v) = %s, want %s", c.name, args, got, c.want)
		}
	}
}

func TestTimeBucket(t *testing.T) {
	iv, stamp := types.TInterval, types.TTimestamp
	for _, c := range []struct{ width, ts, want string }{
		{"15 minutes", "2024-05-05 12:34:56", "2024-05-05 12:30:00"},
		{"7 days", "2024-05-05 12:34:56", "2024-04-29 00:00:00"}, // a Monday
		{"1 day", "1999-12-31 12:00", "1999-12-31 00:00:00"},
	} {
		if got := callText(t, "time_bucket", []*types.Type{iv, stamp}, c.width, c.ts); got != c.want {
			t.Errorf("time_bucket(%s, %s) = %s, want %s", c.width, c.ts, got, c.want)
		}
	}
	if got := callText(t, "time_bucket", []*types.Type{iv, stamp, stamp}, "2 days", "2024-05-05 12:34:56", "2024-01-01"); got != "2024-05-04 00:00:00" {
		t.Error(got)
	}
}

// The reference points are those of the geohash.org description.
func TestGeohash(t *testing.T) {
	f := types.TFloat8
	if got := callText(t, "geohash_encode", []*types.Type{f, f, types.TInt4}, "57.64911", "10.40744", "11"); got != "u4pruydqqvj" {
		t.Error(got)
	}
	if got := callText(t, "geohash_encode", []*types.Type{f, f, types.TInt4}, "91", "0", "5"); got != "!22023 latitude must be between -90 and 90 degrees" {
		t.Error(got)
	}
	lat, lon, err := geohashCenter("u4pruydqqvj")
	if err != nil || math.Abs(lat-57.64911) > 1e-5 || math.Abs(lon-10.40744) > 1e-5 {
		t.Error(lat, lon, err)
	}
	if got := callText(t, "geohash_decode", []*types.Type{types.TText}, "a!"); !strings.HasPrefix(got, "!22023") {
		t.Error(got)
	}
}

func TestSnowflakesRise(t *testing.T) {
	var s snowflakes
	now := time.Now().UnixMicro() - 946684800000000
	last := int64(0)
	for i := range 20000 {
		clock := now
		if i%7 == 0 {
			clock -= 5_000_000 // the clock goes back
		}
		id := s.next(clock)
		if id <= last {
			t.Fatalf("%d after %d", id, last)
		}
		last = id
	}
}

// newTestAcc makes an accumulator of an aggregate with room for n groups.
func newTestAcc(t testing.TB, name string, n int, ts ...*types.Type) (Acc, *Ctx) {
	f := FindFunc(name, ts...)
	if f == nil {
		f = ByName(name)[0]
	}
	acc, err := (&Call{Func: f, Args: ts, Ret: f.Ret, Env: testEnv()}).BindAcc()
	if err != nil {
		t.Fatal(err)
	}
	acc.Grow(n)
	return acc, &Ctx{Context: context.Background(), Env: testEnv(), Bad: &vec.RowErrors{}}
}

func TestApproxCountDistinct(t *testing.T) {
	for _, n := range []int{0, 10, 1000, 200000} {
		acc, c := newTestAcc(t, "approx_count_distinct", 1, types.TInt4)
		half, _ := newTestAcc(t, "approx_count_distinct", 1, types.TInt4)
		for i := 0; i < 2*n; i += 1000 {
			var v vec.Vec
			v.Reset(types.Int, min(1000, 2*n-i))
			for k := range v.Ints {
				v.Ints[k] = int64((i + k) % max(n, 1))
			}
			to := acc
			if i/1000%2 == 1 {
				to = half
			}
			to.Add(c, make([]uint32, len(v.Ints)), []*vec.Vec{&v}, nil)
		}
		state := make([]vec.Vec, 1)
		state[0].Kind = types.Bytes
		half.Save([]uint32{0}, state)
		acc.Merge(c, []uint32{0}, state)
		var out vec.Vec
		acc.Result(c, []uint32{0}, &out)
		if d := math.Abs(float64(out.Ints[0] - int64(n))); d > 0.04*float64(n) || c.Bad.First() != nil {
			t.Errorf("%d distinct: %d %v", n, out.Ints[0], c.Bad.First())
		}
	}
}

func TestApproxPercentile(t *testing.T) {
	f := types.TFloat8
	for _, p := range []float64{0, 0.25, 0.5, 0.99, 1} {
		acc, c := newTestAcc(t, "approx_percentile", 1, f, f)
		var x, q vec.Vec
		const n = 4000
		x.Reset(types.Float, n)
		for i := range x.Floats {
			x.Floats[i] = float64((i*7919)%n + 1)
		}
		q.Const(types.Float, types.NewFloat(p), n)
		acc.Add(c, make([]uint32, n), []*vec.Vec{&x, &q}, nil)
		var out vec.Vec
		acc.Result(c, []uint32{0}, &out)
		want := 1 + p*(n-1)
		if math.Abs(out.Floats[0]-want) > 0.0101*want+1 {
			t.Errorf("percentile %v: %v, want %v", p, out.Floats[0], want)
		}
	}
	acc, c := newTestAcc(t, "approx_percentile", 1, f, f)
	x := vec.Vec{Kind: types.Float, Floats: []float64{math.Inf(-1), 1, math.Inf(1), math.NaN()}}
	var q vec.Vec
	q.Const(types.Float, types.NewFloat(2), 4)
	acc.Add(c, make([]uint32, 4), []*vec.Vec{&x, &q}, nil)
	if pgerr.CodeOf(c.Bad.First()) != pgerr.NumericValueOutOfRange {
		t.Error(c.Bad.First())
	}
}
