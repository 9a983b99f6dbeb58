package window

// Kind is how windows lie in time.
type Kind uint8

// The kinds of window.
const (
	// Tumble windows follow each other without gap or overlap.
	Tumble Kind = iota
	// Hop windows of Size begin every Step (≤ Size), so a time is in several.
	Hop
	// Cumulate windows begin every Size and end after each Step of it.
	Cumulate
)

// Assigner says which windows a time belongs to. Times and lengths are in
// microseconds; windows are half open, [start, end), and aligned to the Unix
// epoch in UTC plus Offset. Size and Step are positive; for Hop, Step ≤ Size; for
// Cumulate, Step divides Size.
type Assigner struct {
	Kind   Kind
	Size   int64
	Step   int64 // Hop: the slide; Cumulate: the step; Tumble: unused
	Offset int64
}

// UnixEpoch is the Unix epoch in microseconds since 2000-01-01 00:00 UTC, the
// zero of SQL timestamps.
const UnixEpoch int64 = -946684800 * 1000000

// Floor gives the latest multiple of size, counted from the Unix epoch plus
// offset, that is not after ts (a timestamp counted from 2000-01-01). It is exact
// for every ts whose result fits an int64.
func Floor(ts, size, offset int64) int64 {
	origin := (UnixEpoch + offset) % size
	r := (ts%size - origin) % size
	if r < 0 {
		r += size
	}
	return ts - r
}

// Each calls fn for every window that ts belongs to, earliest end first.
func (a Assigner) Each(ts int64, fn func(start, end int64)) {
	switch a.Kind {
	case Tumble:
		s := Floor(ts, a.Size, a.Offset)
		fn(s, s+a.Size)
	case Hop:
		last := Floor(ts, a.Step, a.Offset)
		first := last - (a.Size-1)/a.Step*a.Step
		for s := first; s <= last; s += a.Step {
			if s+a.Size > ts {
				fn(s, s+a.Size)
			}
		}
	case Cumulate:
		s := Floor(ts, a.Size, a.Offset)
		for e := s + (ts-s)/a.Step*a.Step + a.Step; e <= s+a.Size; e += a.Step {
			fn(s, e)
		}
	}
}

// Most is the number of windows that a time belongs to at most.
func (a Assigner) Most() int {
	switch a.Kind {
	case Hop:
		return int((a.Size + a.Step - 1) / a.Step)
	case Cumulate:
		return int(a.Size / a.Step)
	}
	return 1
}
