package window

import (
	"math/big"
	"math/rand"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

const second = 1_000_000

func secs(n int64) types.Interval { return types.Interval{Micros: n * second} }

func TestTumbleAroundTheEpoch(t *testing.T) {
	w, err := NewTumble(secs(60), types.Interval{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ ts, start int64 }{ // seconds from 1970
		{0, 0}, {59, 0}, {60, 60}, {-1, -60}, {-60, -60}, {-61, -120}, {1_700_000_000, 1_699_999_980},
	} {
		got, ok := w.Window(unixEpoch + c.ts*second)
		if want := (Span{unixEpoch + c.start*second, unixEpoch + (c.start+60)*second}); !ok || got != want {
			t.Errorf("%d s: %v %v, want %v", c.ts, got, ok, want)
		}
	}
}

// The window of a time, by its definition, in arithmetic without bounds.
func floorStart(ts, size, offset int64) *big.Int {
	x := new(big.Int).Sub(big.NewInt(ts), big.NewInt(unixEpoch))
	x.Sub(x, big.NewInt(offset))
	q, m := new(big.Int), new(big.Int)
	q.DivMod(x, big.NewInt(size), m) // Euclidean: the remainder is not negative
	q.Mul(q, big.NewInt(size))
	return q.Add(q, new(big.Int).Add(big.NewInt(offset), big.NewInt(unixEpoch)))
}

func TestTumbleAgainstBigArithmetic(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 20000 {
		size := r.Int63()>>uint(r.Intn(62)) + 1
		offset := (r.Int63() >> uint(r.Intn(62))) * int64(1-2*r.Intn(2))
		ts := (r.Int63() >> uint(r.Intn(50))) * int64(1-2*r.Intn(2))
		if ts < minTime || ts >= endTime {
			continue
		}
		w, err := NewTumble(types.Interval{Micros: size}, types.Interval{Micros: offset})
		if err != nil {
			t.Fatal(err)
		}
		got, ok := w.Start(ts)
		want := floorStart(ts, size, offset)
		if inRange := want.Cmp(big.NewInt(minTime)) >= 0; ok != inRange || ok && want.Cmp(big.NewInt(got)) != 0 {
			t.Fatalf("ts %d size %d offset %d: %d %v, want %v", ts, size, offset, got, ok, want)
		}
		var dst [1]int64
		if w.Starts(dst[:], []int64{ts}) && (!ok || dst[0] != got) {
			t.Fatalf("ts %d size %d offset %d: Starts %d, Start %d", ts, size, offset, dst[0], got)
		}
	}
}

func TestHopCoversEveryTime(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	for range 3000 {
		slide := int64(r.Intn(50) + 1)
		size := slide + int64(r.Intn(200))
		offset := int64(r.Intn(400) - 200)
		h, err := NewHop(types.Interval{Micros: slide}, types.Interval{Micros: size}, types.Interval{Micros: offset})
		if err != nil {
			t.Fatal(err)
		}
		ts := unixEpoch + int64(r.Intn(2000)-1000)
		got, ok := h.Append(nil, ts)
		var want []Span
		for s := ts - size - slide; s <= ts+slide; s++ {
			if (s-offset-unixEpoch)%slide == 0 && s <= ts && ts < s+size {
				want = append(want, Span{s, s + size})
			}
		}
		if !ok || len(got) != len(want) || int64(len(got)) > h.Most() {
			t.Fatalf("slide %d size %d offset %d ts %d: %v, want %v", slide, size, offset, ts, got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("slide %d size %d offset %d ts %d: %v, want %v", slide, size, offset, ts, got, want)
			}
		}
	}
}

func TestCumulateGrows(t *testing.T) {
	c, err := NewCumulate(secs(10), secs(30), types.Interval{})
	if err != nil {
		t.Fatal(err)
	}
	at := func(s int64) int64 { return unixEpoch + s*second }
	for ts, want := range map[int64][]Span{
		0:  {{at(0), at(10)}, {at(0), at(20)}, {at(0), at(30)}},
		10: {{at(0), at(20)}, {at(0), at(30)}},
		29: {{at(0), at(30)}},
		-1: {{at(-30), at(0)}},
	} {
		got, ok := c.Append(nil, at(ts))
		if !ok || len(got) != len(want) {
			t.Fatalf("%d: %v, want %v", ts, got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%d: %v, want %v", ts, got, want)
			}
		}
	}
}

func TestBadWindows(t *testing.T) {
	zero, month := types.Interval{}, types.Interval{Months: 1}
	for i, c := range []struct {
		err  error
		code pgerr.Code
	}{
		{errOf(NewTumble(zero, zero)), pgerr.InvalidParameterValue},
		{errOf(NewTumble(month, zero)), pgerr.InvalidParameterValue},
		{errOf(NewTumble(secs(1), month)), pgerr.InvalidParameterValue},
		{errOf(NewHop(secs(2), secs(1), zero)), pgerr.InvalidParameterValue},
		{errOf(NewHop(types.Interval{Micros: 1}, secs(3600), zero)), pgerr.ProgramLimitExceeded},
		{errOf(NewCumulate(secs(2), secs(3), zero)), pgerr.InvalidParameterValue},
	} {
		if pgerr.CodeOf(c.err) != c.code {
			t.Errorf("%d: %v", i, c.err)
		}
	}
	if h := pgerr.From(errOf(NewHop(secs(2), secs(1), zero))); h.Hint == "" {
		t.Error("no hint")
	}
}

func errOf[T any](_ T, err error) error { return err }

func BenchmarkTumbleStarts(b *testing.B) {
	w, _ := NewTumble(secs(60), types.Interval{})
	ts, dst := make([]int64, 4096), make([]int64, 4096)
	for i := range ts {
		ts[i] = int64(i) * 123_456_789
	}
	for b.Loop() {
		w.Starts(dst, ts)
	}
	b.ReportMetric(float64(b.N)*float64(len(ts))/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
