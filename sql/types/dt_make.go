package types

import (
	"math"
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The make_ functions and to_timestamp.

// MakeDate is make_date; a negative year is BC.
func MakeDate(year, month, day int32) (int64, error) {
	y, ok := makeYear(year, month, day)
	if !ok {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "date field value out of range: %d-%02d-%02d", y, month, day)
	}
	days := daysFromCivil(y, int(month), int(day))
	if !validJulianMonth(y, int(month)) || !validDate(days) {
		return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "date out of range: %d-%02d-%02d", y, month, day)
	}
	return days, nil
}

// makeYear makes a year astronomical and checks month and day.
func makeYear(year, month, day int32) (y int, ok bool) {
	y = int(year)
	switch {
	case year == 0, year == math.MinInt32:
		return y, false
	case year < 0:
		y++
	}
	if month < 1 || month > 12 || day < 1 || int(day) > monthDays(y, int(month)) {
		return y, false
	}
	return y, true
}

// MakeTime is make_time.
func MakeTime(hour, minute int32, sec float64) (int64, error) {
	t, ok := makeClock(hour, minute, sec)
	if !ok {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "time field value out of range: %d:%02d:%s", hour, minute, shortFloat(sec))
	}
	return t, nil
}

// shortFloat is C's %02g.
func shortFloat(f float64) string {
	s := strconv.FormatFloat(f, 'g', 6, 64)
	switch {
	case f != f:
		s = "NaN"
	case math.IsInf(f, 1):
		s = "Infinity"
	case math.IsInf(f, -1):
		s = "-Infinity"
	case len(s) < 2:
		s = "0" + s
	}
	return s
}

func makeClock(hour, minute int32, sec float64) (t int64, ok bool) {
	if hour < 0 || hour > 24 || minute < 0 || minute > 59 || sec != sec {
		return 0, false
	}
	micros := math.RoundToEven(sec * microsPerSecond)
	if micros < 0 || micros > microsPerMinute {
		return 0, false
	}
	t = clockMicros(int(hour), int(minute), 0, 0) + int64(micros)
	return t, t <= microsPerDay
}

// MakeTimestamp is make_timestamp.
func MakeTimestamp(year, month, day, hour, minute int32, sec float64) (int64, error) {
	y, ok := makeYear(year, month, day)
	if !ok {
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "date field value out of range: %d-%02d-%02d", year, month, day)
	}
	if !validJulianMonth(y, int(month)) {
		return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "date out of range: %d-%02d-%02d", year, month, day)
	}
	clock, err := MakeTime(hour, minute, sec)
	if err != nil {
		return 0, err
	}
	days := daysFromCivil(y, int(month), int(day))
	if days >= minDateDays && days <= endTimestamp/microsPerDay {
		if ts := days*microsPerDay + clock; validTimestamp(ts) {
			return ts, nil
		}
	}
	return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "timestamp out of range: %d-%02d-%02d %d:%02d:%s", year, month, day, hour, minute, shortFloat(sec))
}

// MakeTimestamptz is make_timestamptz in a zone.
func MakeTimestamptz(z *Zone, year, month, day, hour, minute int32, sec float64) (int64, error) {
	ts, err := MakeTimestamp(year, month, day, hour, minute, sec)
	if err != nil {
		return 0, err
	}
	return LocalToUTC(z, ts)
}

// SaneZone finds the zone that make_timestamptz's last argument names: an
// offset, an abbreviation or a name.
func SaneZone(name string) (*Zone, error) {
	if name != "" && isDigit(name[0]) {
		return nil, pgerr.New(pgerr.InvalidParameterValue, "invalid input syntax for type %s: \"%s\"", "numeric time zone", name).
			WithHint("Numeric time zones must have \"-\" or \"+\" as first character.")
	}
	west, bad := decodeOffset(name)
	switch bad {
	case dtOK:
		return FixedZone(-west), nil
	case dtZoneOverflow:
		return nil, pgerr.New(pgerr.InvalidParameterValue, "numeric time zone \"%s\" out of range", name)
	}
	return LoadZone(name)
}

// MakeInterval is make_interval. As in PostgreSQL 15, integers that are too
// large wrap around.
func MakeInterval(years, months, weeks, days, hours, mins int32, secs float64) (Interval, error) {
	if math.IsInf(secs, 0) || secs != secs {
		return Interval{}, errIntervalRange()
	}
	return Interval{
		Months: years*12 + months,
		Days:   weeks*7 + days,
		Micros: int64(hours)*microsPerHour + int64(mins)*microsPerMinute + floatToInt64(math.RoundToEven(secs*microsPerSecond)),
	}, nil
}

// floatToInt64 is C's conversion on x86-64, where what does not fit becomes the
// least integer.
func floatToInt64(f float64) int64 {
	if f >= -1<<63 && f < 1<<63 {
		return int64(f)
	}
	return math.MinInt64
}

// ToTimestamp is to_timestamp(float8): seconds since 1970.
func ToTimestamp(sec float64) (int64, error) {
	if sec != sec {
		return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "timestamp cannot be NaN")
	}
	switch {
	case math.IsInf(sec, 1):
		return TimestampInfinity, nil
	case math.IsInf(sec, -1):
		return TimestampNegInfinity, nil
	}
	const shift = daysPG2Unix * secondsPerDay
	if sec >= minTimestamp/microsPerSecond+shift && sec < endTimestamp/microsPerSecond+shift {
		if ts := int64(math.RoundToEven((sec - shift) * microsPerSecond)); validTimestamp(ts) {
			return ts, nil
		}
	}
	return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "timestamp out of range: \"%s\"", strconv.FormatFloat(sec, 'g', 6, 64))
}
