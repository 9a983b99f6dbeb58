package types

import "testing"

// TestGrows compares what the transitions tell with date_trunc of every quarter of an
// hour of fifty years.
func TestGrows(t *testing.T) {
	for _, c := range []struct {
		zone, unit string
		want       bool
	}{
		{"UTC", "day", true}, {"Asia/Kolkata", "hour", true}, {"America/New_York", "day", true}, {"America/New_York", "hour", true},
		{"America/New_York", "MONTHS", true}, {"Europe/Berlin", "week", true}, {"America/Sao_Paulo", "day", true},
		{"America/Havana", "day", true}, {"Australia/Lord_Howe", "hour", true}, {"America/St_Johns", "day", false},
		{"America/St_Johns", "week", true}, {"America/St_Johns", "month", false}, {"EST5EDT,M3.2.0/2,M11.1.0/0:30", "day", false},
	} {
		z, err := LoadZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		u := ParseUnit(c.unit)
		if got := u.Grows(z); got != c.want {
			t.Errorf("%s of %s: Grows is %v", c.unit, c.zone, got)
		}
		last, grows := int64(-1<<62), true
		const quarter = 15 * 60 * microsPerSecond
		for ts := int64(-30*366) * microsPerDay; ts < 20*366*microsPerDay; ts += quarter {
			v, err := u.TruncTimestamptz(z, ts)
			if err != nil {
				t.Fatal(err)
			}
			grows = grows && v >= last
			last = v
		}
		if grows != c.want {
			t.Errorf("%s of %s: going through the quarters gives %v", c.unit, c.zone, grows)
		}
	}
}

func TestSpan(t *testing.T) {
	for name, want := range map[string]Interval{
		"hour": {Micros: microsPerHour}, "Days": {Days: 1}, "week": {Days: 7}, "quarter": {Months: 3}, "centuries": {Months: 1200}, "microseconds": {Micros: 1},
	} {
		if v, ok := ParseUnit(name).Span(); !ok || v != want {
			t.Errorf("%s: %v, %v", name, v, ok)
		}
	}
	for _, name := range []string{"dow", "epoch", "timezone", "fortnight", ""} {
		if v, ok := ParseUnit(name).Span(); ok {
			t.Errorf("%s has span %v", name, v)
		}
	}
}
