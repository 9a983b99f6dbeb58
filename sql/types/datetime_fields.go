package types

import (
	"math"
	"strconv"
	"strings"
)

// date reads a whole date: day, month and year, joined by punctuation.
func (d *dtDecoder) date(s string) (got uint32, err dtErr) {
	parts, ok := splitDate(s)
	if !ok {
		return 0, dtBadFormat
	}
	seen, textMonth := d.seen, false
	// A month by name is unambiguous, so it is looked for first.
	for i, p := range parts {
		if p == "" || !isAlpha(p[0]) {
			continue
		}
		t := lookToken(dateTokens, p)
		if t.typ == tokIgnore {
			continue
		}
		if t.typ != tokMonth || seen&bit(tokMonth) != 0 {
			return 0, dtBadFormat
		}
		d.month, textMonth = t.value, true
		seen |= bit(tokMonth)
		got |= bit(tokMonth)
		parts[i] = "\x00"
	}
	for _, p := range parts {
		if p == "\x00" {
			continue
		}
		if p == "" {
			return 0, dtBadFormat
		}
		part, err := d.plainNumber(p, textMonth, seen)
		if err != dtOK {
			return 0, err
		}
		if seen&part != 0 {
			return 0, dtBadFormat
		}
		seen |= part
		got |= part
	}
	if seen&^(bit(tokDOY)|bit(tokZone)) != maskDate {
		return 0, dtBadFormat
	}
	return got, dtOK
}

// splitDate cuts a date into runs of digits and of letters. One character after
// each run is dropped.
func splitDate(s string) (parts []string, ok bool) {
	for s != "" && len(parts) < maxDateFields {
		for s != "" && !isDigit(s[0]) && !isAlpha(s[0]) {
			s = s[1:]
		}
		if s == "" {
			return nil, false
		}
		class := isAlpha
		if isDigit(s[0]) {
			class = isDigit
		}
		n := 0
		for n < len(s) && class(s[n]) {
			n++
		}
		parts = append(parts, s[:n])
		s = s[min(n+1, len(s)):]
	}
	return parts, true
}

// plainNumber decides what a number is by what has been seen.
func (d *dtDecoder) plainNumber(s string, textMonth bool, seen uint32) (got uint32, err dtErr) {
	n, rest, ok := leadingInt(s)
	switch {
	case !ok:
		return 0, dtFieldOverflow
	case rest == s:
		return 0, dtBadFormat
	case rest != "" && rest[0] == '.':
		if len(s)-len(rest) > 2 {
			return d.runTogether(s, seen|maskDate)
		}
		if d.micros, err = fraction(rest); err != dtOK {
			return 0, err
		}
	case rest != "":
		return 0, dtBadFormat
	}
	if len(s) == 3 && seen&maskDate == bit(tokYear) && n >= 1 && n <= 366 {
		d.yday = n
		return bit(tokDOY) | bit(tokMonth) | bit(tokDay), dtOK
	}
	order := d.env.DateOrder
	year := func() (uint32, dtErr) {
		d.year, d.twoDigits = n, len(s) <= 2
		return bit(tokYear), dtOK
	}
	month := func() (uint32, dtErr) { d.month = n; return bit(tokMonth), dtOK }
	day := func() (uint32, dtErr) { d.day = n; return bit(tokDay), dtOK }
	switch seen & maskDate {
	case 0:
		switch {
		case len(s) >= 3 || order == OrderYMD:
			return year()
		case order == OrderDMY:
			return day()
		}
		return month()
	case bit(tokYear), bit(tokDay):
		return month()
	case bit(tokMonth):
		if textMonth && (len(s) >= 3 || order == OrderYMD) {
			return year()
		}
		return day()
	case bit(tokYear) | bit(tokMonth):
		if textMonth && len(s) >= 3 && d.twoDigits { // the first number was the day
			d.day, d.year, d.twoDigits = d.year, n, false
			return bit(tokDay), dtOK
		}
		return day()
	case bit(tokMonth) | bit(tokDay):
		return year()
	case maskDate:
		return d.runTogether(s, seen)
	}
	return 0, dtBadFormat
}

// runTogether reads yymmdd or yyyymmdd, and once there is a date hhmmss, hhmm
// and fractions.
func (d *dtDecoder) runTogether(s string, seen uint32) (got uint32, err dtErr) {
	if dot := strings.IndexByte(s, '.'); dot >= 0 {
		f, _ := strconv.ParseFloat("0"+leadingFraction(s[dot:]), 64)
		d.micros = int(math.RoundToEven(f * 1000000))
		s = s[:dot]
	} else if n := len(s); seen&maskDate != maskDate && n >= 6 {
		d.day, d.month, d.year = atoi(s[n-2:]), atoi(s[n-4:n-2]), atoi(s[:n-4])
		if n == 6 {
			d.twoDigits = true
		}
		return maskDate, dtOK
	}
	if seen&maskTime != maskTime {
		switch len(s) {
		case 6:
			d.hour, d.minute, d.sec = atoi(s[:2]), atoi(s[2:4]), atoi(s[4:])
			return maskTime, dtOK
		case 4:
			d.hour, d.minute, d.sec = atoi(s[:2]), atoi(s[2:]), 0
			return maskTime, dtOK
		}
	}
	return 0, dtBadFormat
}

// leadingFraction is the point and the digits after it.
func leadingFraction(s string) string {
	digits, _ := digitRun(s[1:])
	return "." + digits
}

// atoi is C's: what follows the digits is ignored, and what is too large loses
// its upper bits.
func atoi(s string) int {
	n, _, ok := leadingInt64(s)
	if !ok {
		n = math.MaxInt64
		if s[0] == '-' {
			n = math.MinInt64
		}
	}
	return int(int32(n))
}

// clock reads hh:mm, hh:mm:ss and fractions.
func (d *dtDecoder) clock(s string) dtErr {
	c, err := decodeClock(s, intervalFullRange)
	if err != dtOK {
		return err
	}
	if c.hour > math.MaxInt32 {
		return dtFieldOverflow
	}
	d.hour, d.minute, d.sec, d.micros = int(c.hour), c.minute, c.sec, c.micros
	return dtOK
}

// clockTime is a time of day, or of any length.
type clockTime struct {
	hour                int64
	minute, sec, micros int
}

// decodeClock reads h:m[:s[.f]]; for intervals of MINUTE TO SECOND, and with a
// fraction after the second field, two fields are m:s.
func decodeClock(s string, rng int32) (c clockTime, err dtErr) {
	digits, s := digitRun(s)
	hour, convErr := strconv.ParseInt(digits, 10, 64)
	if convErr != nil && digits != "" {
		return c, dtFieldOverflow
	}
	if s == "" || s[0] != ':' {
		return c, dtBadFormat
	}
	min, s, ok := leadingInt(s[1:])
	if !ok {
		return c, dtFieldOverflow
	}
	sec, short := 0, false
	switch {
	case s == "":
		short = rng == rangeMinute|rangeSecond
	case s[0] == '.':
		if c.micros, err = fraction(s); err != dtOK {
			return c, err
		}
		short = true
	case s[0] == ':':
		if sec, s, ok = leadingInt(s[1:]); !ok {
			return c, dtFieldOverflow
		}
		if s != "" && s[0] != '.' {
			return c, dtBadFormat
		}
		if s != "" {
			if c.micros, err = fraction(s); err != dtOK {
				return c, err
			}
		}
	default:
		return c, dtBadFormat
	}
	if short {
		if hour > math.MaxInt32 {
			return c, dtFieldOverflow
		}
		hour, min, sec = 0, int(hour), min
	}
	c.hour, c.minute, c.sec = hour, min, sec
	if c.hour < 0 || c.minute < 0 || c.minute > 59 || c.sec < 0 || c.sec > 60 || c.micros < 0 || c.micros > microsPerSecond {
		return c, dtFieldOverflow
	}
	return c, dtOK
}

// decodeOffset reads ±h, ±hh, ±hhmm, ±hh:mm[:ss]: seconds west of UTC.
func decodeOffset(s string) (west int, err dtErr) {
	if s == "" || s[0] != '+' && s[0] != '-' {
		return 0, dtBadFormat
	}
	hour, rest, ok := leadingInt(s[1:])
	if !ok {
		return 0, dtZoneOverflow
	}
	minute, sec := 0, 0
	switch {
	case rest != "" && rest[0] == ':':
		if minute, rest, ok = leadingInt(rest[1:]); !ok {
			return 0, dtZoneOverflow
		}
		if rest != "" && rest[0] == ':' {
			if sec, rest, ok = leadingInt(rest[1:]); !ok {
				return 0, dtZoneOverflow
			}
		}
	case rest == "" && len(s) > 3:
		minute, hour = hour%100, hour/100
	}
	if hour < 0 || hour > 15 || minute < 0 || minute > 59 || sec < 0 || sec > 59 {
		return 0, dtZoneOverflow
	}
	west = -((hour*60+minute)*60 + sec)
	if s[0] == '-' {
		west = -west
	}
	if rest != "" {
		return 0, dtBadFormat
	}
	return west, dtOK
}

// validateDate makes the year astronomical and checks month and day.
func (d *dtDecoder) validateDate() dtErr {
	if d.seen&bit(tokYear) != 0 && !d.julian {
		switch {
		case d.bc:
			if d.year <= 0 {
				return dtFieldOverflow
			}
			d.year = 1 - d.year
		case d.twoDigits:
			if d.year < 70 {
				d.year += 2000
			} else if d.year < 100 {
				d.year += 1900
			}
		case d.year <= 0:
			return dtFieldOverflow
		}
	}
	if d.seen&bit(tokDOY) != 0 {
		// The Julian day has 32 bits: years beyond it come out as others.
		jd := uint32(daysFromCivil(d.year, 1, 1) + int64(d.yday) - 1 + julianOfEpoch)
		d.year, d.month, d.day = civilFromDays(int64(jd) - julianOfEpoch)
	}
	if d.seen&bit(tokMonth) != 0 && (d.month < 1 || d.month > 12) {
		return dtMDOverflow
	}
	if d.seen&bit(tokDay) != 0 && (d.day < 1 || d.day > 31) {
		return dtMDOverflow
	}
	if d.seen&maskDate == maskDate && d.day > monthDays(d.year, d.month) {
		return dtFieldOverflow
	}
	return dtOK
}
