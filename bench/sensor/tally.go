package sensor

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// Group is what the readings of a sensor in a window come to.
type Group struct {
	Count    int64
	Cents    int64 // the sum
	Min, Max int32 // cents
}

// Tally is the answer, by arithmetic, to
//
//	SELECT window_start, sensor_id, count(*), sum(value), min(value), max(value) … GROUP BY window_start, sensor_id
//
// over windows of one minute.
type Tally struct {
	Total  Group
	keys   int
	first  int64   // the first minute, counted from 1970
	groups []Group // by minute − first, then sensor
	open   int     // groups with rows
}

const minute = 60 * 1_000_000

// NewTally has room for the readings of a configuration.
func NewTally(cfg Config) *Tally {
	if cfg.Start.IsZero() {
		cfg.Start = DefaultStart
	}
	first := cfg.Start.UnixMicro() / minute
	last := cfg.Start.Add(cfg.Span).UnixMicro() / minute
	return &Tally{keys: cfg.Keys, first: first, groups: make([]Group, (last-first+1)*int64(cfg.Keys))}
}

// Add counts a reading.
func (t *Tally) Add(r Reading) {
	g := &t.groups[(r.Micros/minute-t.first)*int64(t.keys)+int64(r.Sensor)]
	if g.Count == 0 {
		t.open++
	}
	g.add(r.Cents)
	t.Total.add(r.Cents)
}

func (g *Group) add(cents int32) {
	if g.Count == 0 {
		g.Min, g.Max = cents, cents
	}
	g.Count++
	g.Cents += int64(cents)
	g.Min, g.Max = min(g.Min, cents), max(g.Max, cents)
}

// Groups is how many groups have rows.
func (t *Tally) Groups() int { return t.open }

// Check compares rows of that query, as text, with the arithmetic. Show it
// every row with Row, then ask End.
type Check struct {
	t    *Tally
	seen map[int]bool
	// The minute of the text seen last: times come in runs.
	text  []byte
	index int64
}

// Check begins a comparison.
func (t *Tally) Check() *Check { return &Check{t: t, seen: make(map[int]bool, t.open)} }

// Row checks one row: window_start, sensor_id, count, sum, min, max.
func (c *Check) Row(row [][]byte) error {
	if len(row) != 6 {
		return fmt.Errorf("%d columns instead of 6", len(row))
	}
	m, err := c.minute(row[0])
	if err != nil {
		return err
	}
	key, err := strconv.Atoi(string(row[1]))
	if err != nil || key < 0 || key >= c.t.keys {
		return fmt.Errorf("sensor_id %q", row[1])
	}
	at := int(m)*c.t.keys + key
	if m < 0 || at >= len(c.t.groups) || c.t.groups[at].Count == 0 {
		return fmt.Errorf("a group that has no rows: %s, %s", row[0], row[1])
	}
	if c.seen[at] {
		return fmt.Errorf("group %s, %s comes twice", row[0], row[1])
	}
	c.seen[at] = true
	return c.t.groups[at].check(row)
}

// End checks that every group came.
func (c *Check) End() error {
	if len(c.seen) != c.t.open {
		return fmt.Errorf("%d groups instead of %d", len(c.seen), c.t.open)
	}
	return nil
}

// minute is the index of a window's start.
func (c *Check) minute(text []byte) (int64, error) {
	if !bytes.Equal(text, c.text) {
		ts, err := ParseTime(text)
		if err != nil {
			return 0, err
		}
		if ts%minute != 0 {
			return 0, fmt.Errorf("%q is not the start of a minute", text)
		}
		c.text, c.index = append(c.text[:0], text...), ts/minute-c.t.first
	}
	return c.index, nil
}

// ParseTime reads a timestamp or timestamptz in UTC: microseconds since 1970.
func ParseTime(text []byte) (int64, error) {
	s := string(bytes.TrimSuffix(text, []byte("+00")))
	ts, err := time.Parse("2006-01-02 15:04:05.999999", s)
	return ts.UnixMicro(), err
}

// SumTolerance is the relative error that a sum of floats may have.
const SumTolerance = 1e-12

func (g Group) check(row [][]byte) error {
	if n, err := strconv.ParseInt(string(row[2]), 10, 64); err != nil || n != g.Count {
		return fmt.Errorf("group %s, %s: count %s instead of %d", row[0], row[1], row[2], g.Count)
	}
	for i, want := range []float64{float64(g.Cents) / 100, float64(g.Min) / 100, float64(g.Max) / 100} {
		have, err := strconv.ParseFloat(string(row[3+i]), 64)
		if err != nil {
			return err
		}
		tolerance := 0.0
		if i == 0 {
			tolerance = SumTolerance
		}
		if math.Abs(have-want) > tolerance*math.Abs(want) {
			return fmt.Errorf("group %s, %s: %s instead of %v", row[0], row[1], row[3+i], want)
		}
	}
	return nil
}

// Equal says whether two tallies counted the same readings, as far as groups
// tell.
func (t *Tally) Equal(o *Tally) bool {
	return t.first == o.first && t.keys == o.keys && slices.Equal(t.groups, o.groups)
}
