package window

import (
	"reflect"
	"testing"
)

func TestFloorIsExactAroundTheEpoch(t *testing.T) {
	const min = 60 * 1000000
	for _, c := range []struct{ ts, size, off, want int64 }{
		{0, min, 0, 0}, {-1, min, 0, -min}, {min - 1, min, 0, 0}, {UnixEpoch, 7 * min, 0, UnixEpoch},
		{UnixEpoch - 1, 7 * min, 0, UnixEpoch - 7*min}, {UnixEpoch + 7*min, 7 * min, min, UnixEpoch + min},
		{5, 10, 3 - UnixEpoch%10, 3},
	} {
		if got := Floor(c.ts, c.size, c.off); got != c.want {
			t.Errorf("Floor(%d, %d, %d) = %d, want %d", c.ts, c.size, c.off, got, c.want)
		}
	}
}

func TestWindowsOfATime(t *testing.T) {
	at := func(n int64) int64 { return UnixEpoch + n }
	for _, c := range []struct {
		a    Assigner
		ts   int64
		want [][2]int64
	}{
		{Assigner{Kind: Tumble, Size: 10}, 25, [][2]int64{{20, 30}}},
		{Assigner{Kind: Tumble, Size: 10, Offset: 3}, 22, [][2]int64{{13, 23}}},
		{Assigner{Kind: Hop, Size: 10, Step: 5}, 25, [][2]int64{{20, 30}, {25, 35}}},
		{Assigner{Kind: Hop, Size: 10, Step: 4}, 11, [][2]int64{{4, 14}, {8, 18}}},
		{Assigner{Kind: Hop, Size: 10, Step: 4}, 8, [][2]int64{{0, 10}, {4, 14}, {8, 18}}},
		{Assigner{Kind: Hop, Size: 10, Step: 10}, -1, [][2]int64{{-10, 0}}},
		{Assigner{Kind: Cumulate, Size: 12, Step: 4}, 5, [][2]int64{{0, 8}, {0, 12}}},
	} {
		var got [][2]int64
		c.a.Each(at(c.ts), func(s, e int64) { got = append(got, [2]int64{s - UnixEpoch, e - UnixEpoch}) })
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v at %d: %v, want %v", c.a, c.ts, got, c.want)
		}
		if len(got) > c.a.Most() {
			t.Errorf("%+v: %d windows, Most says %d", c.a, len(got), c.a.Most())
		}
	}
}

func TestWatermarkNeverFalls(t *testing.T) {
	r := Rules{Delay: 5, Idle: 10, Skew: 100}
	m := NewMark()
	if m.Watermark(r) != NoTime {
		t.Fatal("a watermark before the first row")
	}
	m.Observe(50, 60)
	if w := m.Watermark(r); w != 45 {
		t.Fatalf("watermark %d, want 45", w)
	}
	m.Observe(20, 61)
	if w := m.Watermark(r); w != 45 {
		t.Fatalf("watermark %d after an older row, want 45", w)
	}
	if m.Tick(r, 70) {
		t.Fatal("moved before the idle timeout")
	}
	if !m.Tick(r, 75) || m.Watermark(r) != 49 {
		t.Fatalf("idle for 4 past the timeout: %d, want 49", m.Watermark(r))
	}
	if m.Tick(r, 1000); m.Watermark(r) > 1000-5 {
		t.Fatalf("watermark %d beyond the clock", m.Watermark(r))
	}
}
