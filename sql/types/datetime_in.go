package types

import "github.com/streamsqld/streamsqld/internal/pgerr"

// ParseDate reads a date as date_in does: days since 2000-01-01.
func ParseDate(env *Env, s string) (int64, error) {
	if days, ok := parseISODate(s); ok {
		return days, nil
	}
	d := dtDecoder{env: env}
	if err := d.parse(s, dateBuffer, "date", false); err != nil {
		return 0, err
	}
	switch d.special {
	case unitNone:
	case unitEpoch:
		return -daysPG2Unix, nil
	case unitLate:
		return DateInfinity, nil
	case unitEarly:
		return DateMinusInfinity, nil
	default:
		return 0, dtBadFormat.error(s, "date", "")
	}
	days := daysFromCivil(d.year, d.month, d.day)
	if !validJulianMonth(d.year, d.month) || !validDate(days) {
		return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "date out of range: \"%s\"", s)
	}
	return days, nil
}

// parse splits and decodes a date or timestamp.
func (d *dtDecoder) parse(s string, buffer int, typ string, clockOnly bool) error {
	var buf [8]dtField
	fields, bad := scanFields(s, buffer, buf[:0])
	if bad == dtOK {
		if clockOnly {
			bad = d.decodeTime(fields)
		} else {
			var noDate bool
			if bad, noDate = d.decode(fields); noDate {
				bad = dtBadFormat
			}
		}
	}
	return bad.error(s, typ, d.badZone)
}

// ParseTimestampText reads a timestamp without time zone as timestamp_in does,
// without a modifier: microseconds since 2000-01-01. A zone in it is ignored.
func ParseTimestampText(env *Env, s string) (int64, error) {
	if ts, _, zoned, ok := ParseTimestamp(s); ok && !zoned {
		return ts, nil
	}
	return parseStamp(env, s, "timestamp", false)
}

// ParseTimestamptzText reads a timestamp with time zone as timestamptz_in does,
// without a modifier.
func ParseTimestamptzText(env *Env, s string) (int64, error) {
	if ts, east, zoned, ok := ParseTimestamp(s); ok {
		if !zoned {
			return LocalToUTC(env.zone(), ts)
		}
		if ts -= int64(east) * microsPerSecond; validTimestamp(ts) {
			return ts, nil
		}
	}
	return parseStamp(env, s, "timestamp with time zone", true)
}

func parseStamp(env *Env, s, typ string, zoned bool) (int64, error) {
	d := dtDecoder{env: env}
	if err := d.parse(s, timestampBuffer, typ, false); err != nil {
		return 0, err
	}
	switch d.special {
	case unitNone:
	case unitEpoch:
		return -unixToMicros, nil
	case unitLate:
		return TimestampInfinity, nil
	case unitEarly:
		return TimestampNegInfinity, nil
	default:
		return 0, dtBadFormat.error(s, typ, "")
	}
	ts, ok := d.timestamp()
	if zoned {
		ts += int64(d.west) * microsPerSecond
	}
	if !ok || !validTimestamp(ts) {
		return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "timestamp out of range: \"%s\"", s)
	}
	return ts, nil
}

// ParseTime reads a time of day as time_in does, without a modifier.
func ParseTime(env *Env, s string) (int64, error) {
	d := dtDecoder{env: env}
	if err := d.parse(s, dateBuffer, "time", true); err != nil {
		return 0, err
	}
	return clockMicros(d.hour, d.minute, d.sec, d.micros), nil
}

// ParseTimetz reads a time with time zone as timetz_in does, without a
// modifier; the result is packed.
func ParseTimetz(env *Env, s string) (int64, error) {
	d := dtDecoder{env: env}
	if err := d.parse(s, dateBuffer, "time with time zone", true); err != nil {
		return 0, err
	}
	return PackTimeTZ(clockMicros(d.hour, d.minute, d.sec, d.micros), int32(d.west)), nil
}

// parseISODate reads yyyy-mm-dd and nothing else.
func parseISODate[S ~string | ~[]byte](s S) (days int64, ok bool) {
	if len(s) != 10 {
		return 0, false
	}
	return isoDatePrefix(s)
}

// isoDatePrefix reads the yyyy-mm-dd that s, of at least ten bytes, starts with.
func isoDatePrefix[S ~string | ~[]byte](s S) (days int64, ok bool) {
	if s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	y1, y2, m, d := twoDigits(s[0], s[1]), twoDigits(s[2], s[3]), twoDigits(s[5], s[6]), twoDigits(s[8], s[9])
	if y1|y2|m|d > 99 {
		return 0, false
	}
	year := int(y1*100 + y2)
	if year == 0 || m < 1 || m > 12 || d < 1 || d > 28 && int(d) > monthDays(year, int(m)) {
		return 0, false
	}
	return daysFromCivil(year, int(m), int(d)), true
}

// twoDigits is the number that two digits make, beyond 127 for anything else.
func twoDigits(a, b byte) uint32 {
	x, y := uint32(a-'0'), uint32(b-'0')
	if x > 9 || y > 9 {
		return 1 << 16
	}
	return x*10 + y
}

// ParseTimestamp reads the plainest ISO forms of a timestamp: yyyy-mm-dd, then
// optionally a blank or T, hh:mm:ss, up to six digits of fraction, and Z, ±hh
// or ±hh:mm. ts is the local time; east is the offset in seconds if zoned. ok is
// false for any other text, which the full parser has to judge.
func ParseTimestamp[S ~string | ~[]byte](s S) (ts int64, east int32, zoned, ok bool) {
	if len(s) < 10 {
		return 0, 0, false, false
	}
	days, ok := isoDatePrefix(s)
	if !ok || len(s) == 10 {
		return days * microsPerDay, 0, false, ok
	}
	if len(s) < 19 || s[10] != ' ' && s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return 0, 0, false, false
	}
	h, m, sec := twoDigits(s[11], s[12]), twoDigits(s[14], s[15]), twoDigits(s[17], s[18])
	if h > 23 || m > 59 || sec > 59 {
		return 0, 0, false, false
	}
	ts = days*microsPerDay + int64((h*60+m)*60+sec)*microsPerSecond
	i := 19
	if i < len(s) && s[i] == '.' {
		frac, n := int64(0), 0
		for i++; i < len(s) && s[i]-'0' <= 9; i++ {
			frac = frac*10 + int64(s[i]-'0')
			n++
		}
		if n == 0 || n > 6 {
			return 0, 0, false, false
		}
		ts += frac * timeScales[n]
	}
	if i == len(s) {
		return ts, 0, false, true
	}
	east, ok = isoOffset(s, i)
	return ts, east, true, ok
}

// isoOffset reads Z, ±hh or ±hh:mm from position i to the end.
func isoOffset[S ~string | ~[]byte](s S, i int) (east int32, ok bool) {
	sign := s[i]
	switch {
	case sign == 'Z':
		return 0, i+1 == len(s)
	case sign != '+' && sign != '-', len(s) != i+3 && (len(s) != i+6 || s[i+3] != ':'):
		return 0, false
	}
	h, m := twoDigits(s[i+1], s[i+2]), uint32(0)
	if len(s) == i+6 {
		m = twoDigits(s[i+4], s[i+5])
	}
	if h > 15 || m > 59 {
		return 0, false
	}
	east = int32(h*3600 + m*60)
	if sign == '-' {
		east = -east
	}
	return east, true
}

// LocalToUTC takes a finite or infinite local timestamp in a zone to UTC.
func LocalToUTC(z *Zone, local int64) (int64, error) {
	if local == TimestampInfinity || local == TimestampNegInfinity {
		return local, nil
	}
	ts := local - int64(z.LocalOffset(unixSeconds(local)))*microsPerSecond
	if !validTimestamp(ts) {
		return 0, errTimestampRange()
	}
	return ts, nil
}

// UTCToLocal takes a finite or infinite timestamp to a zone's local time.
func UTCToLocal(z *Zone, ts int64) (int64, error) {
	if ts == TimestampInfinity || ts == TimestampNegInfinity {
		return ts, nil
	}
	east, _, _ := z.At(unixSeconds(ts))
	local := ts + int64(east)*microsPerSecond
	if !validTimestamp(local) {
		return 0, errTimestampRange()
	}
	return local, nil
}
