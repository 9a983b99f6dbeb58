package types

func intervalOut(env *Env, _ *Type, dst []byte, d Datum) []byte {
	return AppendInterval(dst, env.IntervalStyle, d.Interval())
}

// spanFields is an interval as it is shown; all fields of the time have its
// sign.
type spanFields struct {
	year, mon            int64
	day                  int64
	hour, min, sec, frac int64
}

func (v Interval) fields() spanFields {
	return spanFields{
		year: int64(v.Months / 12), mon: int64(v.Months % 12), day: int64(v.Days),
		hour: v.Micros / microsPerHour, min: v.Micros / microsPerMinute % 60,
		sec: v.Micros / microsPerSecond % 60, frac: v.Micros % microsPerSecond,
	}
}

// AppendInterval appends an interval in the style.
func AppendInterval(dst []byte, style IntervalStyle, v Interval) []byte {
	f := v.fields()
	switch style {
	case IntervalSQLStandard:
		return f.appendSQL(dst)
	case IntervalISO8601:
		return f.appendISO(dst)
	case IntervalPostgresVerbose:
		return f.appendVerbose(dst)
	}
	return f.appendPostgres(dst)
}

func abs64(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// appendSeconds appends seconds and their fraction, without sign; padded gives
// at least two digits.
func (f *spanFields) appendSeconds(dst []byte, padded bool) []byte {
	sec := abs64(f.sec)
	if padded && sec < 10 {
		dst = append(dst, '0')
	}
	dst = AppendInt(dst, sec)
	if f.frac != 0 {
		dst = appendFraction(dst, uint32(abs64(f.frac)))
	}
	return dst
}

// appendClock appends hh:mm:ss without sign, the hour padded to width.
func (f *spanFields) appendClock(dst []byte, width int) []byte {
	hour := abs64(f.hour)
	if hour < 10 && width == 2 {
		dst = append(dst, '0')
	}
	dst = append(AppendInt(dst, hour), ':')
	dst = append(appendDigits2(dst, int(abs64(f.min))), ':')
	return f.appendSeconds(dst, true)
}

func (f *spanFields) hasTime() bool   { return f.hour != 0 || f.min != 0 || f.sec != 0 || f.frac != 0 }
func (f *spanFields) minusTime() bool { return f.hour < 0 || f.min < 0 || f.sec < 0 || f.frac < 0 }

func (f *spanFields) appendPostgres(dst []byte) []byte {
	zero, before := true, false
	part := func(n int64, name string) {
		if n == 0 {
			return
		}
		if !zero {
			dst = append(dst, ' ')
		}
		if before && n > 0 {
			dst = append(dst, '+')
		}
		dst = append(append(AppendInt(dst, n), ' '), name...)
		if n != 1 {
			dst = append(dst, 's')
		}
		before, zero = n < 0, false
	}
	part(f.year, "year")
	part(f.mon, "mon")
	part(f.day, "day")
	if !zero && !f.hasTime() {
		return dst
	}
	if !zero {
		dst = append(dst, ' ')
	}
	if f.minusTime() {
		dst = append(dst, '-')
	} else if before {
		dst = append(dst, '+')
	}
	return f.appendClock(dst, 2)
}

func (f *spanFields) appendVerbose(dst []byte) []byte {
	zero, before := true, false
	dst = append(dst, '@')
	part := func(n int64, name string) {
		if n == 0 {
			return
		}
		if zero {
			before = n < 0
			n = abs64(n)
		} else if before {
			n = -n
		}
		dst = append(append(AppendInt(append(dst, ' '), n), ' '), name...)
		if n != 1 {
			dst = append(dst, 's')
		}
		zero = false
	}
	part(f.year, "year")
	part(f.mon, "mon")
	part(f.day, "day")
	part(f.hour, "hour")
	part(f.min, "min")
	if f.sec != 0 || f.frac != 0 {
		dst = append(dst, ' ')
		if f.sec < 0 || f.frac < 0 {
			if zero {
				before = true
			} else if !before {
				dst = append(dst, '-')
			}
		} else if before {
			dst = append(dst, '-')
		}
		dst = append(f.appendSeconds(dst, false), " sec"...)
		if abs64(f.sec) != 1 || f.frac != 0 {
			dst = append(dst, 's')
		}
		zero = false
	}
	if zero {
		dst = append(dst, " 0"...)
	}
	if before {
		dst = append(dst, " ago"...)
	}
	return dst
}

func (f *spanFields) appendISO(dst []byte) []byte {
	if *f == (spanFields{}) {
		return append(dst, "PT0S"...)
	}
	part := func(n int64, letter byte) {
		if n != 0 {
			dst = append(AppendInt(dst, n), letter)
		}
	}
	dst = append(dst, 'P')
	part(f.year, 'Y')
	part(f.mon, 'M')
	part(f.day, 'D')
	if f.hasTime() {
		dst = append(dst, 'T')
	}
	part(f.hour, 'H')
	part(f.min, 'M')
	if f.sec != 0 || f.frac != 0 {
		if f.sec < 0 || f.frac < 0 {
			dst = append(dst, '-')
		}
		dst = append(f.appendSeconds(dst, false), 'S')
	}
	return dst
}

func (f *spanFields) appendSQL(dst []byte) []byte {
	negative := f.year < 0 || f.mon < 0 || f.day < 0 || f.minusTime()
	positive := f.year > 0 || f.mon > 0 || f.day > 0 || f.hour > 0 || f.min > 0 || f.sec > 0 || f.frac > 0
	yearMonth, dayTime := f.year != 0 || f.mon != 0, f.day != 0 || f.hasTime()
	switch {
	case !negative && !positive:
		return append(dst, '0')
	case negative && positive || yearMonth && dayTime:
		return f.appendSQLSigned(dst)
	case negative:
		dst = append(dst, '-')
	}
	if yearMonth {
		return AppendInt(append(AppendInt(dst, abs64(f.year)), '-'), abs64(f.mon))
	}
	if f.day != 0 {
		dst = append(AppendInt(dst, abs64(f.day)), ' ')
	}
	return f.appendClock(dst, 1)
}

// appendSQLSigned writes what the standard has no form for: all parts, each
// with its sign.
func (f *spanFields) appendSQLSigned(dst []byte) []byte {
	sign := func(minus bool) byte {
		if minus {
			return '-'
		}
		return '+'
	}
	dst = append(dst, sign(f.year < 0 || f.mon < 0))
	dst = append(AppendInt(dst, abs64(f.year)), '-')
	dst = append(AppendInt(dst, abs64(f.mon)), ' ', sign(f.day < 0))
	dst = append(AppendInt(dst, abs64(f.day)), ' ', sign(f.minusTime()))
	return f.appendClock(dst, 1)
}
