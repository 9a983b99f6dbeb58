package types

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Unit is a field of a date or time as date_trunc, date_part and extract name
// it. An unknown name makes a Unit too; using it is the error, as it depends on
// the type.
type Unit struct {
	name  string
	typ   tokenType
	unit  unit
	delta bool // it is a word of intervals, which is all that date_trunc takes
}

// ParseUnit looks a name up, in any case.
func ParseUnit(name string) Unit {
	low := lowerASCII(TruncateName(name)) // as identifiers are folded
	u := Unit{name: low}
	if t := lookToken(deltaTokens, low); t.typ != tokUnknown {
		u.typ, u.unit, u.delta = t.typ, unit(t.value), true
		return u
	}
	t := lookToken(dateTokens, low)
	u.typ, u.unit = t.typ, unit(t.value)
	return u
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

func (u Unit) unsupported(t *Type) *pgerr.Error {
	return pgerr.New(pgerr.FeatureNotSupported, "unit \"%s\" not supported for type %s", u.name, t.SQLName(NoMod))
}

func (u Unit) unrecognized(t *Type) error {
	return pgerr.New(pgerr.InvalidParameterValue, "unit \"%s\" not recognized for type %s", u.name, t.SQLName(NoMod))
}

// TruncTimestamp is date_trunc of a timestamp.
func (u Unit) TruncTimestamp(ts int64) (int64, error) {
	if !TimestampFinite(ts) {
		return ts, nil
	}
	ts, err := u.trunc(TTimestamp, ts)
	if err == nil && !validTimestamp(ts) {
		err = errTimestampRange()
	}
	return ts, err
}

// TruncTimestamptz is date_trunc of a timestamptz on a zone's local clock. An
// abbreviation whose meaning a zone says stands for that zone.
func (u Unit) TruncTimestamptz(z *Zone, ts int64) (int64, error) {
	if !TimestampFinite(ts) {
		return ts, nil
	}
	if z.abbrev != "" {
		z = &Zone{rules: z.rules}
	}
	east, _, _ := z.At(unixSeconds(ts))
	local, err := u.trunc(TTimestamptz, ts+int64(east)*microsPerSecond)
	if err != nil {
		return 0, err
	}
	if u.unit >= unitDay { // below a day the offset stays what it was
		east = z.LocalOffset(unixSeconds(local))
	}
	if ts = local - int64(east)*microsPerSecond; !validTimestamp(ts) {
		return 0, errTimestampRange()
	}
	return ts, nil
}

// trunc truncates a local timestamp; the result may be out of range.
func (u Unit) trunc(t *Type, ts int64) (int64, error) {
	if !u.delta || u.typ != tokUnits {
		return 0, u.unrecognized(t)
	}
	if width := fixedWidth(u.unit); width != 0 {
		return ts - floorMod(ts, width), nil
	}
	days, _ := splitMicros(ts)
	y, m, _ := civilFromDays(days)
	switch u.unit {
	case unitWeek:
		return (days - int64((weekday(days)+6)%7)) * microsPerDay, nil
	case unitMonth:
	case unitQuarter:
		m = (m-1)/3*3 + 1
	case unitYear:
		m = 1
	case unitDecade:
		y, m = decadeOf(y)*10, 1
	case unitCentury:
		y, m = eraStart(y, 100), 1
	case unitMillennium:
		y, m = eraStart(y, 1000), 1
	default:
		return 0, u.unsupported(t)
	}
	if !validJulianMonth(y, m) {
		return 0, errTimestampRange()
	}
	return daysFromCivil(y, m, 1) * microsPerDay, nil
}

// fixedWidth is the length of units that are all of one length up to the day,
// 0 for others.
func fixedWidth(u unit) int64 {
	switch u {
	case unitMicro:
		return 1
	case unitMilli:
		return 1000
	case unitSecond:
		return microsPerSecond
	case unitMinute:
		return microsPerMinute
	case unitHour:
		return microsPerHour
	case unitDay:
		return microsPerDay
	}
	return 0
}

func floorMod(a, b int64) int64 {
	if a %= b; a < 0 {
		a += b
	}
	return a
}

// decadeOf numbers the decades: 199 is 1990 … 1999, -1 is 11 BC … 2 BC. Years
// are astronomical.
func decadeOf(y int) int {
	if y >= 0 {
		return y / 10
	}
	return -((8 - (y - 1)) / 10)
}

// eraOf numbers the centuries (n = 100) or millennia (1000), which start with
// year 1; there is no number 0.
func eraOf(y, n int) int {
	if y > 0 {
		return (y + n - 1) / n
	}
	return -((n - 1 - (y - 1)) / n)
}

// eraStart is the first year of the century or millennium of a year.
func eraStart(y, n int) int {
	if y > 0 {
		return eraOf(y, n)*n - (n - 1)
	}
	return eraOf(y, n)*n + 1
}

// TruncInterval is date_trunc of an interval.
func (u Unit) TruncInterval(v Interval) (Interval, error) {
	if !u.delta || u.typ != tokUnits {
		return v, u.unrecognized(TInterval)
	}
	if width := fixedWidth(u.unit); width != 0 {
		v.Micros -= v.Micros % width
		if u.unit == unitDay {
			v.Micros = 0
		}
		return v, nil
	}
	months := unitMonths[u.unit]
	if months == 0 {
		err := u.unsupported(TInterval)
		if u.unit == unitWeek {
			err.Detail = "Months usually have fractional weeks."
		}
		return v, err
	}
	return Interval{Months: v.Months - v.Months%months}, nil
}

// Width is the length in microseconds of a unit that date_trunc takes and whose
// spans are all of one length on a local clock, from microseconds to days, and
// weeks, which begin on Mondays; 0 for others.
func (u Unit) Width() int64 {
	switch {
	case !u.delta || u.typ != tokUnits:
		return 0
	case u.unit == unitWeek:
		return 7 * microsPerDay
	}
	return fixedWidth(u.unit)
}
