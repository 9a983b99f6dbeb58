package types

import "github.com/streamsqld/streamsqld/internal/pgerr"

// Arithmetic and casts of date and of the times of day. Dates are days from
// 2000-01-01, times of day microseconds; see doc.go.

func errDateRange() error { return pgerr.New(pgerr.DatetimeValueOutOfRange, "date out of range") }

func errDateTimestampRange() error {
	return pgerr.New(pgerr.DatetimeValueOutOfRange, "date out of range for timestamp")
}

// DateFinite tells dates that are not infinite, TimestampFinite timestamps.
func DateFinite(d int64) bool { return d != DateInfinity && d != DateMinusInfinity }

// TimestampFinite: see DateFinite.
func TimestampFinite(ts int64) bool { return ts != TimestampInfinity && ts != TimestampNegInfinity }

// DateAdd is date + days.
func DateAdd(d, days int64) (int64, error) {
	if !DateFinite(d) {
		return d, nil
	}
	if d += days; !validDate(d) {
		return 0, errDateRange()
	}
	return d, nil
}

// DateSub is date - days.
func DateSub(d, days int64) (int64, error) { return DateAdd(d, -days) }

// DateDiff is date - date, in days.
func DateDiff(a, b int64) (int64, error) {
	if !DateFinite(a) || !DateFinite(b) {
		return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "cannot subtract infinite dates")
	}
	return a - b, nil
}

// DateTimestamp is the cast of date to timestamp.
func DateTimestamp(d int64) (int64, error) {
	switch {
	case d == DateInfinity:
		return TimestampInfinity, nil
	case d == DateMinusInfinity:
		return TimestampNegInfinity, nil
	case d >= endTimestamp/microsPerDay:
		return 0, errDateTimestampRange()
	}
	return d * microsPerDay, nil
}

// DateTimestamptz is the cast of date to timestamptz: midnight in the zone.
func DateTimestamptz(z *Zone, d int64) (int64, error) {
	ts, err := DateTimestamp(d)
	if err != nil || !TimestampFinite(ts) {
		return ts, err
	}
	if ts -= int64(z.LocalOffset(unixSeconds(ts))) * microsPerSecond; !validTimestamp(ts) {
		return 0, errDateTimestampRange()
	}
	return ts, nil
}

// TimestampDate is the cast of timestamp to date.
func TimestampDate(ts int64) (int64, error) {
	switch ts {
	case TimestampInfinity:
		return DateInfinity, nil
	case TimestampNegInfinity:
		return DateMinusInfinity, nil
	}
	days, _ := splitMicros(ts)
	return days, nil
}

// TimestamptzDate is the cast of timestamptz to date, in the zone.
func TimestamptzDate(z *Zone, ts int64) (int64, error) {
	if !TimestampFinite(ts) {
		return TimestampDate(ts)
	}
	return TimestampDate(localMicros(z, ts))
}

// localMicros is a finite timestamptz as the zone's local time, without a check
// of its range.
func localMicros(z *Zone, ts int64) int64 {
	east, _, _ := z.At(unixSeconds(ts))
	return ts + int64(east)*microsPerSecond
}

// DatePlusTime is date + time, a timestamp.
func DatePlusTime(d, t int64) (int64, error) {
	ts, err := DateTimestamp(d)
	if err != nil || !TimestampFinite(ts) {
		return ts, err
	}
	if ts += t; !validTimestamp(ts) {
		return 0, errTimestampRange()
	}
	return ts, nil
}

// DatePlusTimetz is date + timetz, a timestamptz.
func DatePlusTimetz(d, packed int64) (int64, error) {
	ts, err := DateTimestamp(d)
	if err != nil || !TimestampFinite(ts) {
		return ts, err
	}
	micros, west := UnpackTimeTZ(packed)
	if ts += micros + int64(west)*microsPerSecond; !validTimestamp(ts) {
		return 0, errDateTimestampRange()
	}
	return ts, nil
}

// DatePlusInterval is date + interval, a timestamp; DateMinusInterval the
// difference.
func DatePlusInterval(d int64, v Interval) (int64, error) {
	ts, err := DateTimestamp(d)
	if err != nil {
		return 0, err
	}
	return TimestampPlus(ts, v)
}

// DateMinusInterval: see DatePlusInterval.
func DateMinusInterval(d int64, v Interval) (int64, error) {
	ts, err := DateTimestamp(d)
	if err != nil {
		return 0, err
	}
	return TimestampMinus(ts, v)
}

// TimestampTime is the cast of timestamp to time; ok is false (NULL) for the
// infinities.
func TimestampTime(ts int64) (micros int64, ok bool) {
	_, micros = splitMicros(ts)
	return micros, TimestampFinite(ts)
}

// TimestamptzTime is the cast of timestamptz to time, in the zone.
func TimestamptzTime(z *Zone, ts int64) (micros int64, ok bool) {
	if !TimestampFinite(ts) {
		return 0, false
	}
	_, micros = splitMicros(localMicros(z, ts))
	return micros, true
}

// TimestamptzTimetz is the cast of timestamptz to timetz, in the zone.
func TimestamptzTimetz(z *Zone, ts int64) (packed int64, ok bool) {
	if !TimestampFinite(ts) {
		return 0, false
	}
	east, _, _ := z.At(unixSeconds(ts))
	_, micros := splitMicros(ts + int64(east)*microsPerSecond)
	return PackTimeTZ(micros, -east), true
}

// TimeTimetz is the cast of time to timetz: the offset is that of the session's
// zone at that time of the current day.
func TimeTimetz(env *Env, micros int64) int64 {
	local := (currentDate(env)+daysPG2Unix)*secondsPerDay + micros/microsPerSecond
	return PackTimeTZ(micros, -env.zone().LocalOffset(local))
}

// TimetzTime is the cast of timetz to time.
func TimetzTime(packed int64) int64 {
	micros, _ := UnpackTimeTZ(packed)
	return micros
}

// TimeInterval is the cast of time to interval.
func TimeInterval(micros int64) Interval { return Interval{Micros: micros} }

// IntervalTime is the cast of interval to time: the time part within a day.
func IntervalTime(v Interval) int64 { return wrapDay(v.Micros) }

// wrapDay gives the time of day of a count of microseconds.
func wrapDay(micros int64) int64 {
	if micros %= microsPerDay; micros < 0 {
		micros += microsPerDay
	}
	return micros
}

// TimePlus is time + interval, which wraps around midnight; TimeMinus the
// difference.
func TimePlus(t int64, v Interval) int64 { return wrapDay(t + v.Micros) }

// TimeMinus: see TimePlus.
func TimeMinus(t int64, v Interval) int64 { return wrapDay(t - v.Micros) }

// TimeDiff is time - time.
func TimeDiff(a, b int64) Interval { return Interval{Micros: a - b} }

// TimetzPlus is timetz + interval; the offset stays. TimetzMinus is the
// difference.
func TimetzPlus(packed int64, v Interval) int64 {
	t, west := UnpackTimeTZ(packed)
	return PackTimeTZ(TimePlus(t, v), west)
}

// TimetzMinus: see TimetzPlus.
func TimetzMinus(packed int64, v Interval) int64 {
	t, west := UnpackTimeTZ(packed)
	return PackTimeTZ(TimeMinus(t, v), west)
}

// CmpDateTimestamp compares a date with a timestamp, also where the date is
// beyond all timestamps.
func CmpDateTimestamp(d, ts int64) int {
	if DateFinite(d) && d >= endTimestamp/microsPerDay {
		if ts == TimestampInfinity {
			return -1
		}
		return 1
	}
	t, _ := DateTimestamp(d)
	return cmpInt(t, ts)
}

// CmpDateTimestamptz compares a date, at midnight in the zone, with a
// timestamptz.
func CmpDateTimestamptz(z *Zone, d, ts int64) int {
	t, err := DateTimestamptz(z, d)
	if err != nil {
		switch {
		case d < 0 && ts == TimestampNegInfinity, d >= 0 && ts != TimestampInfinity:
			return 1
		}
		return -1
	}
	return cmpInt(t, ts)
}

// CmpTimestampTimestamptz compares a timestamp, local in the zone, with a
// timestamptz.
func CmpTimestampTimestamptz(z *Zone, local, ts int64) int {
	t := local
	if TimestampFinite(local) {
		t -= int64(z.LocalOffset(unixSeconds(local))) * microsPerSecond
		if !validTimestamp(t) && !TimestampFinite(ts) {
			return cmpInt(0, ts)
		}
	}
	return cmpInt(t, ts)
}
