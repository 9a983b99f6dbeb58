package types

import "math"

// extract and date_part. Each value of a type is first taken apart into parts,
// from which both the numeric of extract and the float8 of date_part are made.

// part is a field's value: n / 10^scale, NULL, or an infinity.
type part struct {
	n     int64
	scale int32
	null  bool
	inf   int // ±1
	// Of julian: the day, and the microseconds within it in n.
	julian bool
	day    int64
	// Of an interval's epoch, whose seconds and microseconds may not fit
	// together: whole seconds besides n.
	split   bool
	seconds int64
	div     bool // of a timestamp: the sum is divided as numeric, with its scale
}

// numeric is what extract gives; ok is false for NULL.
func (p part) numeric() (n Numeric, ok bool) {
	switch {
	case p.null:
		return Numeric{}, false
	case p.inf > 0:
		return numPosInf, true
	case p.inf < 0:
		return numNegInf, true
	case p.julian:
		frac, _ := NumericDiv(NumericFromInt(p.n), NumericFromInt(microsPerDay))
		n, _ = NumericAdd(NumericFromInt(p.day), frac)
		return n, true
	case p.split && p.div:
		n, _ = NumericAdd(NumericFromInt(p.n), NumericScaled(p.seconds*microsPerSecond, 0))
		n, _ = NumericDiv(n, NumericFromInt(microsPerSecond))
		n, _ = NumericRound(n, 6)
		return n, true
	case p.split:
		n, _ = NumericAdd(NumericScaled(p.n, p.scale), NumericFromInt(p.seconds))
		return n, true
	}
	return NumericScaled(p.n, p.scale), true
}

// float is what date_part gives; ok is false for NULL.
func (p part) float() (f float64, ok bool) {
	switch {
	case p.null:
		return 0, false
	case p.inf != 0:
		return math.Inf(p.inf), true
	case p.julian:
		sec := p.n / microsPerSecond
		return float64(p.day) + (float64(sec)+float64(p.n%microsPerSecond)/1e6)/secondsPerDay, true
	case p.split:
		return (float64(p.n) + float64(p.seconds*microsPerSecond)) / 1e6, true
	}
	return float64(p.n) / pow10f[p.scale], true
}

// ExtractTimestamp is extract(u from ts); ok is false for NULL.
func (u Unit) ExtractTimestamp(ts int64) (n Numeric, ok bool, err error) {
	p, err := u.stampPart(TTimestamp, ts, nil)
	if err != nil {
		return n, false, err
	}
	n, ok = p.numeric()
	return n, ok, nil
}

// PartTimestamp is date_part(u, ts).
func (u Unit) PartTimestamp(ts int64) (f float64, ok bool, err error) {
	p, err := u.stampPart(TTimestamp, ts, nil)
	if err != nil {
		return 0, false, err
	}
	f, ok = u.stampFloat(p, ts)
	return f, ok, nil
}

// ExtractTimestamptz and PartTimestamptz are those of a timestamptz, on a
// zone's local clock.
func (u Unit) ExtractTimestamptz(z *Zone, ts int64) (n Numeric, ok bool, err error) {
	p, err := u.stampPart(TTimestamptz, ts, z)
	if err != nil {
		return n, false, err
	}
	n, ok = p.numeric()
	return n, ok, nil
}

// PartTimestamptz: see ExtractTimestamptz.
func (u Unit) PartTimestamptz(z *Zone, ts int64) (f float64, ok bool, err error) {
	p, err := u.stampPart(TTimestamptz, ts, z)
	if err != nil {
		return 0, false, err
	}
	f, ok = u.stampFloat(p, ts)
	return f, ok, nil
}

// stampFloat is part.float but for the seconds and milliseconds, whose sums
// date_part rounds twice.
func (u Unit) stampFloat(p part, _ int64) (float64, bool) {
	if p.null || p.inf != 0 || p.julian || u.typ != tokUnits {
		return p.float()
	}
	return u.clockFloat(p)
}

func (u Unit) clockFloat(p part) (float64, bool) {
	switch u.unit {
	case unitSecond:
		return float64(p.n/microsPerSecond) + float64(p.n%microsPerSecond)/1e6, true
	case unitMilli:
		return float64(p.n/microsPerSecond)*1000 + float64(p.n%microsPerSecond)/1000, true
	}
	return p.float()
}

// stampPart is a field of a timestamp, or with a zone of a timestamptz.
func (u Unit) stampPart(t *Type, ts int64, z *Zone) (part, error) {
	if !TimestampFinite(ts) {
		return u.infinitePart(t, ts > 0)
	}
	if u.typ == tokReserved {
		if u.unit != unitEpoch {
			return part{}, u.unsupported(t)
		}
		return part{n: ts, scale: 6, div: true}.plusSeconds(daysPG2Unix * secondsPerDay), nil
	}
	if u.typ != tokUnits {
		return part{}, u.unrecognized(t)
	}
	east := int32(0)
	if z != nil {
		east, _, _ = z.At(unixSeconds(ts))
		switch u.unit {
		case unitTZ:
			return part{n: int64(east)}, nil
		case unitTZMinute:
			return part{n: int64(east / 60 % 60)}, nil
		case unitTZHour:
			return part{n: int64(east / 3600)}, nil
		}
	}
	days, clock := splitMicros(ts + int64(east)*microsPerSecond)
	if p, ok := u.clockPart(clock); ok {
		return p, nil
	}
	if u.unit == unitJulian {
		return part{julian: true, day: days + julianOfEpoch, n: clock}, nil
	}
	if p, ok := u.datePart(days); ok {
		return p, nil
	}
	return part{}, u.unsupported(t)
}

// plusSeconds adds whole seconds to a count of microseconds.
func (p part) plusSeconds(sec int64) part {
	sum, over := addInt64(p.n, sec*microsPerSecond)
	if over {
		p.split, p.seconds = true, sec
		return p
	}
	p.n = sum
	return p
}

// infinitePart is a field of an infinite date or timestamp: fields that go
// round are NULL, those that only grow are infinite.
func (u Unit) infinitePart(t *Type, positive bool) (part, error) {
	if u.typ != tokUnits && u.typ != tokReserved {
		return part{}, u.unrecognized(t)
	}
	switch u.unit {
	case unitDay, unitMonth, unitQuarter, unitWeek, unitDOW, unitISODOW, unitDOY:
		return part{null: true}, nil
	case unitMicro, unitMilli, unitSecond, unitMinute, unitHour, unitTZ, unitTZMinute, unitTZHour:
		if t != TDate {
			return part{null: true}, nil
		}
	case unitYear, unitDecade, unitCentury, unitMillennium, unitJulian, unitISOYear, unitEpoch:
		if positive {
			return part{inf: 1}, nil
		}
		return part{inf: -1}, nil
	}
	return part{}, u.unsupported(t)
}

// clockPart is a field of the time of day; ok is false for others.
func (u Unit) clockPart(clock int64) (p part, ok bool) {
	switch u.unit {
	case unitMicro:
		return part{n: clock % microsPerMinute}, true
	case unitMilli:
		return part{n: clock % microsPerMinute, scale: 3}, true
	case unitSecond:
		return part{n: clock % microsPerMinute, scale: 6}, true
	case unitMinute:
		return part{n: clock / microsPerMinute % 60}, true
	case unitHour:
		return part{n: clock / microsPerHour}, true
	}
	return p, false
}

// datePart is a field of the date; ok is false for others.
func (u Unit) datePart(days int64) (p part, ok bool) {
	y, m, d := civilFromDays(days)
	n := 0
	switch u.unit {
	case unitDay:
		n = d
	case unitMonth:
		n = m
	case unitQuarter:
		n = (m-1)/3 + 1
	case unitWeek:
		_, n = isoWeek(days)
	case unitYear:
		n = noYearZero(y)
	case unitDecade:
		n = decadeOf(y)
	case unitCentury:
		n = eraOf(y, 100)
	case unitMillennium:
		n = eraOf(y, 1000)
	case unitISOYear:
		n, _ = isoWeek(days)
		n = noYearZero(n)
	case unitDOW:
		n = weekday(days)
	case unitISODOW:
		n = (weekday(days)+6)%7 + 1
	case unitDOY:
		n = dayOfYear(y, m, d)
	default:
		return p, false
	}
	return part{n: int64(n)}, true
}

// noYearZero turns an astronomical year into one that counts 1 BC as -1.
func noYearZero(y int) int {
	if y <= 0 {
		return y - 1
	}
	return y
}

// ExtractDate is extract(u from date). (date_part of a date is that of the
// timestamp.)
func (u Unit) ExtractDate(days int64) (n Numeric, ok bool, err error) {
	p, err := u.wholeDatePart(days)
	if err != nil {
		return n, false, err
	}
	n, ok = p.numeric()
	return n, ok, nil
}

func (u Unit) wholeDatePart(days int64) (part, error) {
	if !DateFinite(days) && (u.typ == tokUnits || u.typ == tokReserved) {
		return u.infinitePart(TDate, days > 0)
	}
	switch u.typ {
	case tokReserved:
		if u.unit == unitEpoch {
			return part{n: (days + daysPG2Unix) * secondsPerDay}, nil
		}
	case tokUnits:
		if u.unit == unitJulian {
			return part{n: days + julianOfEpoch}, nil
		}
		if p, ok := u.datePart(days); ok {
			return p, nil
		}
	default:
		return part{}, u.unrecognized(TDate)
	}
	return part{}, u.unsupported(TDate)
}

// ExtractTime is extract(u from time); PartTime is date_part.
func (u Unit) ExtractTime(micros int64) (Numeric, error) {
	p, err := u.timePart(TTime, micros, 0)
	n, _ := p.numeric()
	return n, err
}

// PartTime: see ExtractTime.
func (u Unit) PartTime(micros int64) (float64, error) {
	p, err := u.timePart(TTime, micros, 0)
	f, _ := u.clockFloat(p)
	return f, err
}

// ExtractTimetz is extract(u from timetz); PartTimetz is date_part.
func (u Unit) ExtractTimetz(packed int64) (Numeric, error) {
	micros, west := UnpackTimeTZ(packed)
	p, err := u.timePart(TTimetz, micros, west)
	n, _ := p.numeric()
	return n, err
}

// PartTimetz: see ExtractTimetz.
func (u Unit) PartTimetz(packed int64) (float64, error) {
	micros, west := UnpackTimeTZ(packed)
	p, err := u.timePart(TTimetz, micros, west)
	if u.typ == tokReserved {
		return float64(micros)/1e6 + float64(west), err
	}
	f, _ := u.clockFloat(p)
	return f, err
}

func (u Unit) timePart(t *Type, micros int64, west int32) (part, error) {
	switch {
	case u.typ == tokReserved && u.unit == unitEpoch:
		return part{n: micros + int64(west)*microsPerSecond, scale: 6}, nil
	case u.typ != tokUnits:
		return part{}, u.unrecognized(t)
	}
	if p, ok := u.clockPart(micros); ok {
		return p, nil
	}
	if t == TTimetz {
		switch u.unit {
		case unitTZ:
			return part{n: int64(-west)}, nil
		case unitTZMinute:
			return part{n: int64(-west / 60 % 60)}, nil
		case unitTZHour:
			return part{n: int64(-west / 3600)}, nil
		}
	}
	return part{}, u.unsupported(t)
}

// ExtractInterval is extract(u from interval); PartInterval is date_part.
func (u Unit) ExtractInterval(v Interval) (Numeric, error) {
	p, err := u.intervalPart(v)
	n, _ := p.numeric()
	return n, err
}

// PartInterval: see ExtractInterval.
func (u Unit) PartInterval(v Interval) (float64, error) {
	p, err := u.intervalPart(v)
	if err == nil && u.typ == tokReserved {
		f := float64(v.Micros) / 1e6
		f += 365.25 * secondsPerDay * float64(v.Months/12)
		f += daysPerMonth * secondsPerDay * float64(v.Months%12)
		return f + secondsPerDay*float64(v.Days), nil
	}
	f, _ := u.clockFloat(p)
	return f, err
}

func (u Unit) intervalPart(v Interval) (part, error) {
	switch {
	case u.typ == tokReserved && u.unit == unitEpoch:
		// A year is 365.25 days.
		sec := (1461*int64(v.Months/12) + 4*daysPerMonth*int64(v.Months%12) + 4*int64(v.Days)) * (secondsPerDay / 4)
		if hi, lo := mulInt128(sec, microsPerSecond); hi == int64(lo)>>63 {
			return part{n: v.Micros, scale: 6}.plusSeconds(sec), nil
		}
		return part{n: v.Micros, scale: 6, split: true, seconds: sec}, nil
	case u.typ != tokUnits:
		return part{}, u.unrecognized(TInterval)
	}
	f := v.fields()
	switch u.unit {
	case unitHour:
		return part{n: f.hour}, nil
	case unitDay:
		return part{n: f.day}, nil
	case unitMonth:
		return part{n: f.mon}, nil
	case unitQuarter:
		return part{n: f.mon/3 + 1}, nil
	case unitYear:
		return part{n: f.year}, nil
	case unitDecade:
		return part{n: f.year / 10}, nil
	case unitCentury:
		return part{n: f.year / 100}, nil
	case unitMillennium:
		return part{n: f.year / 1000}, nil
	}
	if p, ok := u.clockPart(v.Micros); ok {
		return p, nil
	}
	return part{}, u.unsupported(TInterval)
}
