package window

import "math"

// NoTime is the watermark before the first row: before every time.
const NoTime int64 = math.MinInt64

// Rules are a stream's watermark rules. Times and lengths are in microseconds.
type Rules struct {
	Delay int64
	// Idle is the silence after which the watermark moves on by the clock; 0: never.
	Idle int64
	// Skew is how far ahead of the clock a row may be dated and still move the
	// watermark.
	Skew int64
}

// DefaultSkew is the default of Rules.Skew: a day.
const DefaultSkew int64 = 24 * 60 * 60 * 1000000

// Mark is a stream's watermark as it stands after a commit: W1, it never falls;
// W2, it depends on the log alone (commit times come from there too).
type Mark struct {
	// Max is the latest time that moved the watermark, NoTime before the first.
	Max int64
	// Active is the clock of the last commit that brought rows.
	Active int64
	// Floor is where idle ticks have moved the watermark, NoTime if never.
	Floor int64
}

// NewMark is the watermark of a stream without rows.
func NewMark() Mark { return Mark{Max: NoTime, Active: NoTime, Floor: NoTime} }

// Watermark is the watermark: rows dated before it are late.
func (m Mark) Watermark(r Rules) int64 {
	w := m.Floor
	if m.Max != NoTime && m.Max-r.Delay > w {
		w = m.Max - r.Delay
	}
	return w
}

// Observe moves the mark by a commit at clock now that brought rows whose latest
// time not beyond now+Skew is latest (NoTime if none is).
func (m *Mark) Observe(latest, now int64) {
	m.Active = max(m.Active, now)
	m.Max = max(m.Max, latest)
}

// Limit is the latest time that may move the watermark in a commit at clock now.
func (r Rules) Limit(now int64) int64 {
	if r.Skew > math.MaxInt64-now {
		return math.MaxInt64
	}
	return now + r.Skew
}

// Tick moves the mark of a silent stream at clock now: after Idle, the watermark
// goes on at the pace of the clock, from where it was, but never beyond now -
// Delay. It tells whether the watermark moved.
func (m *Mark) Tick(r Rules, now int64) bool {
	if r.Idle <= 0 || m.Max == NoTime || now-m.Active < r.Idle {
		return false
	}
	w := m.Watermark(r)
	next := min(m.Max-r.Delay+(now-m.Active-r.Idle), now-r.Delay)
	if next <= w {
		return false
	}
	m.Floor = next
	return true
}
