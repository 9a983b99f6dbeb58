package types

import "sync"

// Span is the length from one value of date_trunc with this unit to the next, on a
// local clock; ok is false for what is no unit of date_trunc.
func (u Unit) Span() (v Interval, ok bool) {
	if !u.delta || u.typ != tokUnits {
		return v, false
	}
	switch u.unit {
	case unitDay:
		return Interval{Days: 1}, true
	case unitWeek:
		return Interval{Days: 7}, true
	}
	if width := fixedWidth(u.unit); width != 0 {
		return Interval{Micros: width}, true
	}
	v.Months = unitMonths[u.unit]
	return v, v.Months != 0
}

// unitMonths are the units that are made of months.
var unitMonths = map[unit]int32{unitMonth: 1, unitQuarter: 3, unitYear: 12, unitDecade: 120, unitCentury: 1200, unitMillennium: 12000}

// ruleYears is for how many years the rule of a zone is looked at: after 28 the
// days of the week fall on the same dates again.
const ruleYears = 28

// Grows tells whether date_trunc to the unit never goes back in a zone while time
// goes on. It does where clocks are put back across the beginning of a unit: from
// 00:01 to 23:01 of the day before in St. John's, say.
func (u Unit) Grows(z *Zone) bool {
	if _, fixed := z.Fixed(); fixed {
		return true
	}
	key := growsKey{z.zoneRules(), u.unit}
	if g, ok := growing.Load(key); ok {
		return g.(bool)
	}
	g := u.growsIn(&Zone{rules: key.rules})
	growing.Store(key, g)
	return g
}

type growsKey struct {
	rules *zoneRules
	unit  unit
}

var growing sync.Map // growsKey → bool

// growsIn compares the values before and after each transition: between two of
// them the local clock grows, and so does date_trunc.
func (u Unit) growsIn(z *Zone) bool {
	for _, sec := range z.rules.transitions() {
		at := (sec - daysPG2Unix*secondsPerDay) * microsPerSecond
		if !validTimestamp(at - 1) {
			continue
		}
		before, err := u.TruncTimestamptz(z, at-1)
		if err != nil {
			return false
		}
		after, err := u.TruncTimestamptz(z, at)
		if err != nil || after < before {
			return false
		}
	}
	return true
}

// transitions gives the times, in seconds since 1970 UTC, at which something
// changes, of what a rule tells those of the first years.
func (r *zoneRules) transitions() []int64 {
	out := append([]int64(nil), r.at...)
	if r.rule == nil {
		return out
	}
	from := int64(0)
	if n := len(out); n > 0 {
		from = out[n-1]
	}
	const year = 366 * secondsPerDay
	for at := from; at < from+ruleYears*year; {
		_, _, end := r.find(at)
		if end == maxSec {
			break
		}
		out, at = append(out, end), end
	}
	return out
}
