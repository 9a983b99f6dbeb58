package types

// What formatting needs of the calendar.

// Clock is a date and time of day, or an interval, taken apart. Years are
// astronomical.
type Clock struct {
	Year, Month, Day int
	Hour             int64
	Minute, Second   int
	Micros           int
}

// ClockOf takes a finite local timestamp apart.
func ClockOf(local int64) Clock {
	var t brokenTime
	t.setTimestamp(local)
	return Clock{t.year, t.month, t.day, int64(t.hour), t.minute, t.sec, t.micros}
}

// ClockOfInterval takes an interval apart; its fields may be negative.
func ClockOfInterval(v Interval) Clock {
	f := v.fields()
	return Clock{int(f.year), int(f.mon), int(f.day), f.hour, int(f.min), int(f.sec), int(f.frac)}
}

// Days is the day number of the date.
func (c *Clock) Days() int64 { return daysFromCivil(c.Year, c.Month, c.Day) }

// Timestamp puts a clock together; ok is false when it is out of range.
func (c *Clock) Timestamp() (ts int64, ok bool) {
	t := brokenTime{year: c.Year, month: c.Month, day: c.Day, hour: int(c.Hour), minute: c.Minute, sec: c.Second, micros: c.Micros}
	return t.timestamp()
}

// Date is the day number of the date; ok is false when it is out of range.
func (c *Clock) Date() (days int64, ok bool) {
	days = daysFromCivil(c.Year, c.Month, c.Day)
	return days, validJulianMonth(c.Year, c.Month) && validDate(days)
}

// ValidTimestamp tells the finite timestamps in range.
func ValidTimestamp(ts int64) bool { return validTimestamp(ts) }

// ZoneClock gives a finite timestamptz as local time in the session's zone,
// with offset and abbreviation.
func ZoneClock(env *Env, ts int64) (local int64, east int32, abbrev string) {
	east, _, abbrev = env.zone().At(unixSeconds(ts))
	return ts + int64(east)*microsPerSecond, east, abbrev
}

// LocalOffsetOf gives the offset, in seconds east, that a local timestamp has
// in the session's zone.
func LocalOffsetOf(env *Env, local int64) int32 { return env.zone().LocalOffset(unixSeconds(local)) }

// Weekday gives the day of the week of a day number, 0 for Sunday; DayOfYear
// counts from 1; ISOWeek gives year and week of ISO 8601; JulianDay the Julian
// day number.
func Weekday(days int64) int { return weekday(days) }

// DayOfYear: see Weekday.
func DayOfYear(days int64) int {
	y, m, d := civilFromDays(days)
	return dayOfYear(y, m, d)
}

// ISOWeek: see Weekday.
func ISOWeek(days int64) (year, week int) { return isoWeek(days) }

// JulianDay: see Weekday.
func JulianDay(days int64) int64 { return days + julianOfEpoch }

// DaysFromJulian undoes JulianDay.
func DaysFromJulian(j int64) int64 { return j - julianOfEpoch }

// ISOWeekStart is the Monday of the first week of a year of ISO 8601.
func ISOWeekStart(year int) int64 { return isoWeekStart(year, 1) }

// CivilFromDays gives the date of a day number.
func CivilFromDays(days int64) (year, month, day int) { return civilFromDays(days) }

// MonthDays is the length of a month.
func MonthDays(year, month int) int { return monthDays(year, month) }
