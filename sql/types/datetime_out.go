package types

// The text forms of dates, times and timestamps in the four date styles.

// AppendDate appends a date.
func AppendDate(dst []byte, env *Env, days int64) []byte {
	switch days {
	case DateInfinity:
		return append(dst, "infinity"...)
	case DateMinusInfinity:
		return append(dst, "-infinity"...)
	}
	y, m, d := civilFromDays(days)
	switch env.DateStyle {
	case DateSQL:
		dst = appendDayMonth(dst, env, d, m, '/')
	case DateGerman:
		dst = append(appendDigits2(dst, d), '.')
		dst = append(appendDigits2(dst, m), '.')
	case DatePostgres:
		dst = appendDayMonth(dst, env, d, m, '-')
	default:
		dst = append(appendYear(dst, y), '-')
		dst = append(appendDigits2(dst, m), '-')
		return appendBC(appendDigits2(dst, d), y)
	}
	return appendBC(appendYear(dst, y), y)
}

// appendDayMonth appends month and day in the order of the setting, each
// followed by the separator.
func appendDayMonth(dst []byte, env *Env, day, month int, sep byte) []byte {
	if env.DateOrder == OrderDMY {
		day, month = month, day
	}
	dst = append(appendDigits2(dst, month), sep)
	return append(appendDigits2(dst, day), sep)
}

func appendDigits2(dst []byte, n int) []byte {
	return append(dst, digitPairs[n*2], digitPairs[n*2+1])
}

// appendYear appends a year with at least four digits, without its era.
func appendYear(dst []byte, y int) []byte {
	if y <= 0 {
		y = 1 - y
	}
	if y < 10000 {
		return appendDigits2(appendDigits2(dst, y/100), y%100)
	}
	return AppendInt(dst, int64(y))
}

func appendBC(dst []byte, y int) []byte {
	if y <= 0 {
		return append(dst, " BC"...)
	}
	return dst
}

// AppendTime appends a time of day: hh:mm:ss and the fraction without trailing
// zeros.
func AppendTime(dst []byte, micros int64) []byte {
	sec := uint32(micros / microsPerSecond)
	frac := uint32(micros - int64(sec)*microsPerSecond)
	h := sec / 3600
	sec -= h * 3600
	m := sec / 60
	sec -= m * 60
	dst = append(dst, digitPairs[h*2], digitPairs[h*2+1], ':', digitPairs[m*2], digitPairs[m*2+1], ':', digitPairs[sec*2], digitPairs[sec*2+1])
	if frac == 0 {
		return dst
	}
	return appendFraction(dst, frac)
}

// appendFraction appends a point and millionths without trailing zeros.
func appendFraction(dst []byte, frac uint32) []byte {
	hi, rest := frac/10000, frac%10000
	mid, lo := rest/100, rest%100
	dst = append(dst, '.', digitPairs[hi*2], digitPairs[hi*2+1], digitPairs[mid*2], digitPairs[mid*2+1], digitPairs[lo*2], digitPairs[lo*2+1])
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// appendOffset appends an offset in seconds east: +hh[:mm[:ss]].
func appendOffset(dst []byte, east int32, minutes bool) []byte {
	sign := byte('+')
	if east < 0 {
		sign, east = '-', -east
	}
	dst = append(dst, sign)
	if east == 0 && !minutes {
		return append(dst, '0', '0')
	}
	h, m, s := int(east/3600), int(east/60%60), int(east%60)
	dst = appendPadded(dst, uint64(h), 2+btoi(h > 99)) // POSIX zones may be a week off
	if m != 0 || s != 0 || minutes {
		dst = appendDigits2(append(dst, ':'), m)
	}
	if s != 0 {
		dst = appendDigits2(append(dst, ':'), s)
	}
	return dst
}

// AppendTimetz appends a time with its offset.
func AppendTimetz(dst []byte, packed int64) []byte {
	micros, west := UnpackTimeTZ(packed)
	return appendOffset(AppendTime(dst, micros), -west, false)
}

// AppendTimestamp appends a timestamp without time zone.
func AppendTimestamp(dst []byte, env *Env, ts int64) []byte {
	return appendStamp(dst, env, ts, nil, 0, "")
}

// AppendTimestamptz appends a timestamp with time zone, as it is in the zone of
// the environment.
func AppendTimestamptz(dst []byte, env *Env, ts int64) []byte {
	z := env.zone()
	if !TimestampFinite(ts) {
		return appendStamp(dst, env, ts, nil, 0, "")
	}
	if r := z.rules; r != nil && len(r.at) == 0 && r.rule == nil {
		t := &r.types[0]
		return appendStamp(dst, env, ts+int64(t.offset)*microsPerSecond, z, t.offset, t.abbrev)
	}
	east, _, abbrev := z.At(unixSeconds(ts))
	return appendStamp(dst, env, ts+int64(east)*microsPerSecond, z, east, abbrev)
}

// appendStamp appends a local timestamp, and its zone unless that is nil.
func appendStamp(dst []byte, env *Env, local int64, z *Zone, east int32, abbrev string) []byte {
	switch local {
	case TimestampInfinity:
		return append(dst, "infinity"...)
	case TimestampNegInfinity:
		return append(dst, "-infinity"...)
	}
	days, micros := splitMicros(local)
	y, m, d := civilFromDays(days)
	switch env.DateStyle {
	case DateISO:
		dst = appendISODate(dst, y, m, d)
		dst = AppendTime(append(dst, ' '), micros)
		if z != nil {
			dst = appendOffset(dst, east, false)
		}
		return appendBC(dst, y)
	case DateSQL:
		dst = appendYear(appendDayMonth(dst, env, d, m, '/'), y)
		dst = AppendTime(append(dst, ' '), micros)
	case DateGerman:
		dst = append(appendDigits2(dst, d), '.')
		dst = append(appendDigits2(dst, m), '.')
		dst = AppendTime(append(appendYear(dst, y), ' '), micros)
	case DatePostgres:
		dst = append(append(dst, dayNames[weekday(days)][:3]...), ' ')
		if env.DateOrder == OrderDMY {
			dst = append(append(appendDigits2(dst, d), ' '), monthNames[m][:3]...)
		} else {
			dst = appendDigits2(append(append(dst, monthNames[m][:3]...), ' '), d)
		}
		dst = AppendTime(append(dst, ' '), micros)
		dst = appendYear(append(dst, ' '), y)
	}
	if z != nil {
		const maxAbbrev = 10
		dst = append(append(dst, ' '), abbrev[:min(len(abbrev), maxAbbrev)]...)
	}
	return appendBC(dst, y)
}

func appendISODate(dst []byte, y, m, d int) []byte {
	if y > 0 && y < 10000 {
		c, p := y/100*2, y%100*2
		m, d = m*2, d*2
		return append(dst, digitPairs[c], digitPairs[c+1], digitPairs[p], digitPairs[p+1], '-', digitPairs[m], digitPairs[m+1],
			'-', digitPairs[d], digitPairs[d+1])
	}
	dst = append(appendYear(dst, y), '-')
	return appendDigits2(append(appendDigits2(dst, m), '-'), d)
}

// AppendTimestampISO appends a timestamp as ISO 8601 writes it, with a T, as
// JSON has it; east is nil for a timestamp without time zone.
func AppendTimestampISO(dst []byte, local int64, east *int32) []byte {
	switch local {
	case TimestampInfinity:
		return append(dst, "infinity"...)
	case TimestampNegInfinity:
		return append(dst, "-infinity"...)
	}
	days, micros := splitMicros(local)
	y, m, d := civilFromDays(days)
	dst = append(appendISODate(dst, y, m, d), 'T')
	dst = AppendTime(dst, micros)
	if east != nil {
		dst = appendOffset(dst, *east, true)
	}
	return appendBC(dst, y)
}

var (
	monthNames = [13]string{"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
		"November", "December"}
	dayNames = [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
)

// MonthName gives the English name of month 1 … 12.
func MonthName(month int) string { return monthNames[month] }

// DayName gives the English name of weekday 0 (Sunday) … 6.
func DayName(weekday int) string { return dayNames[weekday] }

// PackTimeTZ gives the physical form of a timetz: its order is PostgreSQL's,
// by the instant and then by the offset. micros is the local time of day, west
// the offset in seconds west of UTC.
func PackTimeTZ(micros int64, west int32) int64 {
	return (micros+int64(west)*microsPerSecond)<<timetzBits + int64(west)
}

// timetzBits are those of an offset, with its sign: in POSIX zones it may be as
// much as a week.
const timetzBits = 21

// UnpackTimeTZ undoes PackTimeTZ.
func UnpackTimeTZ(packed int64) (micros int64, west int32) {
	instant := (packed + 1<<(timetzBits-1)) >> timetzBits
	west = int32(packed - instant<<timetzBits)
	return instant - int64(west)*microsPerSecond, west
}

// LocalClock gives a finite timestamptz as the local time of the session's zone
// and the offset in seconds east.
func LocalClock(env *Env, ts int64) (east int32, local int64) {
	east, _, _ = env.zone().At(unixSeconds(ts))
	return east, ts + int64(east)*microsPerSecond
}
