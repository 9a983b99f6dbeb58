package sensor

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// TestReadings makes readings twice and compares the text with the tally.
func TestReadings(t *testing.T) {
	cfg := Config{Rows: 5000, Keys: 7, Span: 5 * time.Minute, Seed: 3}
	tally := NewTally(cfg)
	text, err := io.ReadAll(NewReader(cfg, CSV, tally))
	if err != nil {
		t.Fatal(err)
	}
	again, _ := io.ReadAll(NewReader(cfg, CSV, nil))
	if !bytes.Equal(text, again) {
		t.Fatal("the same seed gives other readings")
	}
	other := NewTally(cfg)
	latest := int64(0)
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(line), ",")
		ts, err := ParseTime([]byte(f[0]))
		if err != nil {
			t.Fatal(err)
		}
		if latest = max(latest, ts); latest-ts > Disorder.Microseconds() {
			t.Fatalf("%s is too late", line)
		}
		var id, whole, cents int32
		if _, err := fmt.Sscanf(f[1]+" "+f[2], "%d %d.%d", &id, &whole, &cents); err != nil {
			t.Fatal(err)
		}
		other.Add(Reading{Micros: ts, Sensor: id, Cents: 100*whole + cents})
	}
	if !other.Equal(tally) || tally.Total.Count != cfg.Rows {
		t.Fatalf("%+v is not %+v", other.Total, tally.Total)
	}
}

func TestCheck(t *testing.T) {
	cfg := Config{Rows: 1, Keys: 2, Span: time.Minute, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	tally := NewTally(cfg)
	tally.Add(Reading{Micros: cfg.Start.UnixMicro() + 5, Sensor: 1, Cents: 150})
	tally.Add(Reading{Micros: cfg.Start.UnixMicro() + 6, Sensor: 1, Cents: 250})
	for row, ok := range map[string]bool{
		"2026-01-01 00:00:00+00|1|2|4|1.5|2.5":   true,
		"2026-01-01 00:00:00|1|2|4|1.5|2.5":      true,
		"2026-01-01 00:00:00+00|1|2|4.1|1.5|2.5": false,
		"2026-01-01 00:00:00+00|1|3|4|1.5|2.5":   false,
		"2026-01-01 00:00:00+00|0|2|4|1.5|2.5":   false,
		"2026-01-01 00:00:01+00|1|2|4|1.5|2.5":   false,
	} {
		c := tally.Check()
		if err := c.Row(bytes.Split([]byte(row), []byte("|"))); (err == nil) != ok {
			t.Errorf("%s: %v", row, err)
		}
	}
	if tally.Check().End() == nil {
		t.Error("a missing group is not missed")
	}
}
