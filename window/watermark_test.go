package window

import "testing"

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
