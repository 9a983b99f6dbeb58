package types

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Arithmetic of timestamps with intervals.

// TimestampPlus is timestamp + interval: first the months, to the end of the
// month at most, then the days, then the time.
func TimestampPlus(ts int64, v Interval) (int64, error) {
	if !TimestampFinite(ts) {
		return ts, nil
	}
	if v.Months != 0 {
		days, clock := splitMicros(ts)
		moved, ok := addMonths(days, v.Months)
		if !ok {
			return 0, errTimestampRange()
		}
		ts = moved*microsPerDay + clock
	}
	if v.Days != 0 {
		days, clock := splitMicros(ts)
		if days += int64(v.Days); days < minDateDays || days > endTimestamp/microsPerDay {
			return 0, errTimestampRange()
		}
		ts = days*microsPerDay + clock
		if !validTimestamp(ts) {
			return 0, errTimestampRange()
		}
	}
	sum, over := addInt64(ts, v.Micros)
	if over || !validTimestamp(sum) {
		return 0, errTimestampRange()
	}
	return sum, nil
}

// addMonths moves a day by months, to the last day of a shorter month; ok is
// false beyond the timestamps.
func addMonths(days int64, months int32) (moved int64, ok bool) {
	y, m, d := civilFromDays(days)
	n := int64(y)*12 + int64(m-1) + int64(months)
	y, m = int(floorDiv64(n, 12)), int(n-floorDiv64(n, 12)*12)+1
	if y < -4713 || y > 294277 || !validJulianMonth(y, m) {
		return 0, false
	}
	d = min(d, monthDays(y, m))
	moved = daysFromCivil(y, m, d)
	return moved, moved >= minDateDays && moved < endTimestamp/microsPerDay
}

// negated is -v without regard to the extremes, as timestamp - interval has it.
func (v Interval) negated() Interval {
	return Interval{Months: -v.Months, Days: -v.Days, Micros: -v.Micros}
}

// TimestampMinus is timestamp - interval.
func TimestampMinus(ts int64, v Interval) (int64, error) { return TimestampPlus(ts, v.negated()) }

// TimestamptzPlus is timestamptz + interval: months and days are counted on the
// zone's local clock, the time as it passes.
func TimestamptzPlus(z *Zone, ts int64, v Interval) (int64, error) {
	if !TimestampFinite(ts) {
		return ts, nil
	}
	if v.Months != 0 {
		days, clock := splitMicros(localMicros(z, ts))
		moved, ok := addMonths(days, v.Months)
		if !ok {
			return 0, errTimestampRange()
		}
		if ts, ok = toUTC(z, moved*microsPerDay+clock); !ok {
			return 0, errTimestampRange()
		}
	}
	if v.Days != 0 {
		days, clock := splitMicros(localMicros(z, ts))
		if days += int64(v.Days); days < minDateDays || days > endTimestamp/microsPerDay {
			return 0, errTimestampRange()
		}
		ok := false
		if ts, ok = toUTC(z, days*microsPerDay+clock); !ok {
			return 0, errTimestampRange()
		}
	}
	sum, over := addInt64(ts, v.Micros)
	if over || !validTimestamp(sum) {
		return 0, errTimestampRange()
	}
	return sum, nil
}

func toUTC(z *Zone, local int64) (ts int64, ok bool) {
	ts = local - int64(z.LocalOffset(unixSeconds(local)))*microsPerSecond
	return ts, validTimestamp(ts)
}

// TimestamptzMinus is timestamptz - interval.
func TimestamptzMinus(z *Zone, ts int64, v Interval) (int64, error) {
	return TimestamptzPlus(z, ts, v.negated())
}

// TimestampDiff is timestamp - timestamp, in days and time.
func TimestampDiff(a, b int64) (Interval, error) {
	if !TimestampFinite(a) || !TimestampFinite(b) {
		return Interval{}, pgerr.New(pgerr.DatetimeValueOutOfRange, "cannot subtract infinite timestamps")
	}
	d := a - b
	return Interval{Days: int32(d / microsPerDay), Micros: d % microsPerDay}, nil
}

// DateBin is date_bin: the start of the stride, counted from origin, that ts is
// in. It serves timestamp and timestamptz.
func DateBin(stride Interval, ts, origin int64) (int64, error) {
	if !TimestampFinite(ts) {
		return ts, nil
	}
	if !TimestampFinite(origin) {
		return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "origin out of range")
	}
	if stride.Months != 0 {
		return 0, pgerr.New(pgerr.FeatureNotSupported, "timestamps cannot be binned into intervals containing months or years")
	}
	hi, days := mulInt128(int64(stride.Days), microsPerDay)
	width, over := addInt64(int64(days), stride.Micros)
	if over || hi != int64(days)>>63 {
		return 0, errIntervalRange()
	}
	if width <= 0 {
		return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "stride must be greater than zero")
	}
	diff := ts - origin
	if (ts^origin)&(ts^diff) < 0 {
		return 0, errIntervalRange()
	}
	mod := diff % width
	bin := origin + diff - mod
	if mod < 0 {
		if bin < math.MinInt64+width {
			return 0, errTimestampRange()
		}
		if bin -= width; !validTimestamp(bin) {
			return 0, errTimestampRange()
		}
	}
	return bin, nil
}

// TimestampAge is age(a, b): the difference in years, months and days. As in
// PostgreSQL 15, infinity counts as the number that stands for it, and
// -infinity is 22008.
func TimestampAge(a, b int64) (Interval, error) {
	if a == TimestampNegInfinity || b == TimestampNegInfinity {
		return Interval{}, errTimestampRange()
	}
	return ageOf(a, b, a < b), nil
}

// TimestamptzAge is age of timestamptz, on the zone's local clock.
func TimestamptzAge(z *Zone, a, b int64) (Interval, error) {
	if a == TimestampNegInfinity || b == TimestampNegInfinity {
		return Interval{}, errTimestampRange()
	}
	return ageOf(boundedLocal(z, a), boundedLocal(z, b), a < b), nil
}

// boundedLocal is localMicros, of infinity the number itself.
func boundedLocal(z *Zone, ts int64) int64 {
	if ts == TimestampInfinity {
		return ts
	}
	return localMicros(z, ts)
}

// ageOf is the difference of two local times; neg says that a is the earlier
// one, which a change of the clock may hide.
func ageOf(a, b int64, neg bool) Interval {
	if neg {
		a, b = b, a
	}
	d1, c1 := splitMicros(a)
	d2, c2 := splitMicros(b)
	y1, m1, day1 := civilFromDays(d1)
	y2, m2, day2 := civilFromDays(d2)
	months, days, clock := (y1-y2)*12+m1-m2, day1-day2, c1-c2
	if clock < 0 {
		clock += microsPerDay
		days--
	}
	// Missing days are those of the month of the earlier time.
	for days < 0 {
		days += monthDays(y2, m2)
		months--
	}
	v := Interval{Months: int32(months), Days: int32(days), Micros: clock}
	if neg {
		v = v.negated()
	}
	return v
}

// DateAge is age of a timestamp as of the current day's midnight: age(x).
func DateAge(env *Env, ts int64) (Interval, error) {
	return TimestampAge(currentDate(env)*microsPerDay, ts)
}

// DateAgeTZ is age(x) of a timestamptz.
func DateAgeTZ(env *Env, ts int64) (Interval, error) {
	now, err := DateTimestamptz(env.zone(), currentDate(env))
	if err != nil {
		return Interval{}, err
	}
	return TimestamptzAge(env.zone(), now, ts)
}
