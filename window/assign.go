package window

import (
	"math"
	"math/bits"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Span is one window, [Start, End).
type Span struct{ Start, End int64 }

// unixEpoch is 1970-01-01 00:00 UTC as a time.
const unixEpoch = -946_684_800_000_000

// The times that are timestamps: from 4713-11-24 BC to before 294277-01-01.
const (
	minTime = -211_813_488_000_000_000
	endTime = 9_223_371_331_200_000_000
)

// maxWindows bounds how many windows one time may lie in.
const maxWindows = 100_000

// Tumble cuts time into windows of one size.
type Tumble struct{ size, phase int64 }

// NewTumble makes windows of a size, moved by an offset. A size that is not
// positive or holds months is 22023.
func NewTumble(size, offset types.Interval) (Tumble, error) {
	s, err := length(size, "size")
	if err != nil {
		return Tumble{}, err
	}
	p, err := phase(offset, s)
	return Tumble{s, p}, err
}

// length is a positive interval in microseconds.
func length(v types.Interval, what string) (int64, error) {
	n, err := micros(v, what)
	if err == nil && n <= 0 {
		err = pgerr.New(pgerr.InvalidParameterValue, "window %s must be positive", what)
	}
	return n, err
}

func micros(v types.Interval, what string) (int64, error) {
	if v.Months != 0 {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "window %s must not contain months", what)
	}
	const day = 24 * 60 * 60 * 1_000_000
	n := int64(v.Days) * day // 32 bits of days do not overflow
	s := n + v.Micros
	if (s^n)&(s^v.Micros) < 0 {
		return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "interval out of range")
	}
	return s, nil
}

// phase is where windows begin, as a time from 0 to below the period.
func phase(offset types.Interval, period int64) (int64, error) {
	n, err := micros(offset, "offset")
	if err != nil {
		return 0, err
	}
	return int64(mod128(n, unixEpoch, period)), nil
}

// mod128 is (a + b) mod m, from 0 to m-1, without overflow.
func mod128(a, b, m int64) uint64 {
	x, y := mod(a, m), mod(b, m)
	s, carry := bits.Add64(uint64(x), uint64(y), 0)
	_, r := bits.Div64(carry, s, uint64(m))
	return r
}

func mod(a, m int64) int64 {
	if a %= m; a < 0 {
		a += m
	}
	return a
}

// Size is the length of the windows in microseconds.
func (t Tumble) Size() int64 { return t.size }

// Start gives the start of the window of a time; ok is false when it is no
// timestamp any more.
func (t Tumble) Start(ts int64) (start int64, ok bool) { return startOf(ts, t.size, t.phase) }

// startOf is the last time at or before ts at which a period begins.
func startOf(ts, period, phase int64) (int64, bool) {
	back := int64(mod128(ts, -phase, period))
	start := ts - back
	return start, start >= minTime && start <= ts
}

// Window gives the window of a time; ok is false when a bound is no timestamp
// any more.
func (t Tumble) Window(ts int64) (w Span, ok bool) {
	start, ok := t.Start(ts)
	if !ok {
		return Span{}, false
	}
	end, ok := plus(start, t.size)
	return Span{start, end}, ok
}

// plus adds a length to a time; ok is false beyond the last timestamp.
func plus(ts, n int64) (int64, bool) {
	if n > math.MaxInt64-max(ts, 0) {
		return 0, false
	}
	ts += n
	return ts, ts < endTime
}

// Starts writes the start of the window of every time. Times for which Start
// would fail are for the caller to look at: ok is false when there is one.
func (t Tumble) Starts(dst, ts []int64) (ok bool) {
	ok = true
	size, phase := t.size, t.phase
	if size > 1<<61 { // the difference below could overflow
		for i, x := range ts {
			s, fits := t.Start(x)
			dst[i], ok = s, ok && fits
		}
		return ok
	}
	for i, x := range ts {
		back := (x - phase) % size
		back += size & (back >> 63)
		s := x - back
		dst[i] = s
		if s < minTime || x >= endTime || s > x {
			ok = false
		}
	}
	return ok
}

// Hop makes windows of a size that begin one slide after another.
type Hop struct{ slide, size, phase int64 }

// NewHop makes hopping windows; a slide above the size is 22023, as times
// between windows would be in none.
func NewHop(slide, size, offset types.Interval) (Hop, error) {
	h := Hop{}
	var err error
	if h.slide, err = length(slide, "slide"); err != nil {
		return h, err
	}
	if h.size, err = length(size, "size"); err != nil {
		return h, err
	}
	if h.slide > h.size {
		return h, pgerr.New(pgerr.InvalidParameterValue, "window slide must not be greater than window size").
			WithHint("The slide comes first: HOP(relation, time, slide, size).")
	}
	if h.Most() > maxWindows {
		return h, pgerr.New(pgerr.ProgramLimitExceeded, "a row would be in more than %d windows", maxWindows)
	}
	h.phase, err = phase(offset, h.slide)
	return h, err
}

// Most is the greatest number of windows that a time lies in.
func (h Hop) Most() int64 { return (h.size-1)/h.slide + 1 }

// Size is the length of the windows in microseconds.
func (h Hop) Size() int64 { return h.size }

// Append appends the windows of a time in order of their starts; ok is false
// when a bound is no timestamp any more.
func (h Hop) Append(dst []Span, ts int64) (_ []Span, ok bool) {
	last, ok := startOf(ts, h.slide, h.phase)
	if !ok {
		return dst, false
	}
	back := (h.size - 1 - (ts - last)) / h.slide
	if ts-last > h.size-1 {
		return dst, true
	}
	for ; back >= 0; back-- {
		start := last - back*h.slide
		end, ok := plus(start, h.size)
		if !ok || start < minTime {
			return dst, false
		}
		dst = append(dst, Span{start, end})
	}
	return dst, true
}

// Cumulate makes windows that begin one size after another and grow step by
// step to that size.
type Cumulate struct{ step, size, phase int64 }

// NewCumulate makes cumulating windows; the size must be a multiple of the step.
func NewCumulate(step, size, offset types.Interval) (Cumulate, error) {
	c := Cumulate{}
	var err error
	if c.step, err = length(step, "step"); err != nil {
		return c, err
	}
	if c.size, err = length(size, "size"); err != nil {
		return c, err
	}
	switch {
	case c.step > c.size:
		return c, pgerr.New(pgerr.InvalidParameterValue, "window step must not be greater than window size").
			WithHint("The step comes first: CUMULATE(relation, time, step, size).")
	case c.size%c.step != 0:
		return c, pgerr.New(pgerr.InvalidParameterValue, "window size must be a multiple of the step")
	case c.size/c.step > maxWindows:
		return c, pgerr.New(pgerr.ProgramLimitExceeded, "a row would be in more than %d windows", maxWindows)
	}
	c.phase, err = phase(offset, c.size)
	return c, err
}

// Most is the greatest number of windows that a time lies in.
func (c Cumulate) Most() int64 { return c.size / c.step }

// Append appends the windows of a time in order of their ends; ok is false when
// a bound is no timestamp any more.
func (c Cumulate) Append(dst []Span, ts int64) (_ []Span, ok bool) {
	start, ok := startOf(ts, c.size, c.phase)
	if !ok {
		return dst, false
	}
	for n := (ts-start)/c.step + 1; n <= c.size/c.step; n++ {
		end, ok := plus(start, n*c.step)
		if !ok {
			return dst, false
		}
		dst = append(dst, Span{start, end})
	}
	return dst, true
}

// Assigner says which windows a time lies in, when it may be several.
type Assigner interface {
	// Append appends the windows of a time; ok is false when a bound is no timestamp
	// any more.
	Append(dst []Span, ts int64) (_ []Span, ok bool)
	// Most is the greatest number of windows that a time lies in.
	Most() int64
}
