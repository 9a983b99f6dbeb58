package types

import (
	"math"
	"strings"
)

// brokenTime is a date and time of day taken apart. The year is astronomical
// once the date is validated.
type brokenTime struct {
	year, month, day  int
	hour, minute, sec int
	micros            int
	yday              int
}

// dtDecoder understands the fields of a date, a time or a timestamp, by
// PostgreSQL's rules: what a field means depends on the fields before it.
type dtDecoder struct {
	env *Env
	brokenTime

	seen      uint32 // what has been given, as bits
	prefix    unit   // a label before the next field, as in "J2451187" or "y2001"
	ampm      int
	textMonth bool
	julian    bool
	twoDigits bool // the year has at most two digits
	bc        bool

	special  unit // unitNone for a plain value; unitEpoch, unitEarly, unitLate
	west     int  // the offset given, seconds west of UTC
	named    *Zone
	badZone  string
	timeOnly bool
}

// decode reads the fields of a date or timestamp. The second result is true
// when there is a time but no date.
func (d *dtDecoder) decode(fields []dtField) (err dtErr, noDate bool) {
	for i := range fields {
		got, err := d.field(fields, i)
		if err != dtOK {
			return err, false
		}
		if got&d.seen != 0 {
			return dtBadFormat, false
		}
		d.seen |= got
	}
	if err := d.validateDate(); err != dtOK {
		return err, false
	}
	if err := d.applyAMPM(); err != dtOK {
		return err, false
	}
	if d.special != unitNone {
		return dtOK, false
	}
	if d.seen&maskDate != maskDate {
		if d.seen&maskTime == maskTime {
			return dtOK, true
		}
		return dtBadFormat, false
	}
	return d.resolveZone(), false
}

// resolveZone finds the offset now that the date is known.
func (d *dtDecoder) resolveZone() dtErr {
	z := d.named
	if z == nil {
		if d.seen&bit(tokZone) != 0 {
			return dtOK
		}
		z = d.env.zone()
	}
	if d.seen&bit(tokDSTMod) != 0 {
		return dtBadFormat
	}
	d.west = -int(z.LocalOffset(d.localSeconds()))
	return dtOK
}

// localSeconds counts the local time from 1970.
func (t *brokenTime) localSeconds() int64 {
	days := daysFromCivil(t.year, t.month, t.day) + daysPG2Unix
	return days*secondsPerDay + int64(t.hour*3600+t.minute*60+t.sec)
}

func (d *dtDecoder) field(fields []dtField, i int) (got uint32, err dtErr) {
	f := fields[i]
	switch f.kind {
	case fieldDate:
		return d.dateField(fields, i)
	case fieldTime:
		if d.prefix != unitNone && !d.timeOnly {
			if d.prefix != unitTime {
				return 0, dtBadFormat
			}
			d.prefix = unitNone
		}
		if err := d.clock(f.text); err != dtOK {
			return 0, err
		}
		if !d.timeOnly && timeOverflows(d.hour, d.minute, d.sec, d.micros) {
			return 0, dtFieldOverflow
		}
		return maskTime, dtOK
	case fieldZone:
		d.west, err = decodeOffset(f.text)
		return bit(tokZone), err
	case fieldNumber:
		if d.prefix != unitNone {
			return d.labelled(f.text)
		}
		return d.number(fields, i)
	}
	return d.word(fields, i)
}

// dateField reads digits and letters joined by punctuation: a date, but after
// a date a zone name ("America/New_York") or a time with an offset
// ("040506-08").
func (d *dtDecoder) dateField(fields []dtField, i int) (got uint32, err dtErr) {
	s := fields[i].text
	if d.timeOnly {
		return d.dateInTime(fields, i)
	}
	if d.prefix == unitJulian {
		n, rest, ok := leadingInt(s)
		if !ok || n < 0 {
			return 0, dtFieldOverflow
		}
		d.setJulian(n)
		if d.west, err = decodeOffset(rest); err != dtOK {
			return 0, err
		}
		d.prefix = unitNone
		return maskDate | maskTime | bit(tokZone), dtOK
	}
	monthDay := bit(tokMonth) | bit(tokDay)
	if d.prefix == unitNone && d.seen&monthDay != monthDay {
		return d.date(s)
	}
	if !isDigit(s[0]) && d.prefix == unitNone {
		return d.zoneName(s)
	}
	if d.prefix != unitNone {
		if d.prefix != unitTime {
			return 0, dtBadFormat
		}
		d.prefix = unitNone
	}
	return d.timeWithOffset(s, d.seen)
}

// timeWithOffset reads hhmmss-zz.
func (d *dtDecoder) timeWithOffset(s string, seen uint32) (got uint32, err dtErr) {
	at := strings.IndexByte(s, '-')
	if d.seen&maskTime == maskTime || at < 0 {
		return 0, dtBadFormat
	}
	if d.west, err = decodeOffset(s[at:]); err != dtOK {
		return 0, err
	}
	got, err = d.runTogether(s[:at], seen)
	return got | bit(tokZone), err
}

func (d *dtDecoder) zoneName(s string) (got uint32, err dtErr) {
	z, ok := zoneByName(s)
	if !ok {
		d.badZone = s
		return 0, dtZoneUnknown
	}
	d.named = z
	return bit(tokZone), dtOK
}

// labelled reads a number that a label has announced: y2001, j2451187, t0405.
func (d *dtDecoder) labelled(s string) (got uint32, err dtErr) {
	n, rest, ok := leadingInt(s)
	if !ok {
		return 0, dtFieldOverflow
	}
	label := d.prefix
	d.prefix = unitNone
	if rest != "" && (rest[0] != '.' || label != unitJulian && label != unitTime && label != unitSecond) {
		return 0, dtBadFormat
	}
	d.special = unitNone
	switch label {
	case unitYear:
		d.year = n
		return bit(tokYear), dtOK
	case unitMonth:
		if d.seen&bit(tokMonth) != 0 && d.seen&bit(tokHour) != 0 {
			d.minute = n
			return bit(tokMinute), dtOK
		}
		d.month = n
		return bit(tokMonth), dtOK
	case unitDay:
		d.day = n
		return bit(tokDay), dtOK
	case unitHour:
		d.hour = n
		return bit(tokHour), dtOK
	case unitMinute:
		d.minute = n
		return bit(tokMinute), dtOK
	case unitSecond:
		d.sec = n
		if rest == "" {
			return bit(tokSecond), dtOK
		}
		d.micros, err = fraction(rest)
		return maskAllSecs, err
	case unitTZ:
		d.west, err = decodeOffset(s)
		return bit(tokZone), err
	case unitJulian:
		return d.julianDay(n, rest)
	case unitTime:
		got, err = d.runTogether(s, d.seen|maskDate)
		if err == dtOK && got != maskTime {
			err = dtBadFormat
		}
		return got, err
	}
	return 0, dtBadFormat
}

// julianDay sets the date from a Julian day, and the time from its fraction.
func (d *dtDecoder) julianDay(n int, frac string) (got uint32, err dtErr) {
	if n < 0 {
		return 0, dtFieldOverflow
	}
	d.setJulian(n)
	if frac == "" {
		return maskDate, dtOK
	}
	part := 0.0
	if len(frac) > 1 {
		f, ok := parseFloatLoose("0" + frac)
		if !ok {
			return 0, dtBadFormat
		}
		part = f
	} else {
		return 0, dtBadFormat
	}
	d.setClock(int64(part * microsPerDay))
	return maskDate | maskTime, dtOK
}

func (d *dtDecoder) setJulian(n int) {
	d.year, d.month, d.day = civilFromDays(int64(n) - julianOfEpoch)
	d.julian = true
}

func (t *brokenTime) setClock(micros int64) {
	t.hour = int(micros / microsPerHour)
	t.minute = int(micros / microsPerMinute % 60)
	t.sec = int(micros / microsPerSecond % 60)
	t.micros = int(micros % microsPerSecond)
}

func (t *brokenTime) setTimestamp(local int64) {
	days, micros := splitMicros(local)
	t.year, t.month, t.day = civilFromDays(days)
	t.setClock(micros)
}

// number reads a number without a label.
func (d *dtDecoder) number(fields []dtField, i int) (got uint32, err dtErr) {
	s := fields[i].text
	dot := strings.IndexByte(s, '.')
	if d.timeOnly {
		return d.numberInTime(fields, i, dot)
	}
	switch {
	case dot >= 0 && d.seen&maskDate == 0:
		return d.date(s)
	case dot > 2:
		return d.runTogether(s, d.seen)
	case len(s) >= 6 && (d.seen&maskDate == 0 || d.seen&maskTime == 0):
		return d.runTogether(s, d.seen)
	}
	return d.plainNumber(s, d.textMonth, d.seen)
}

// word reads a word: a month, a zone, an era, a label …
func (d *dtDecoder) word(fields []dtField, i int) (got uint32, err dtErr) {
	s := fields[i].text
	if a, ok := abbrevs()[s[:min(len(s), tokenLen)]]; ok {
		return d.zoneAbbrev(s, a)
	}
	t := lookToken(dateTokens, s)
	got = bit(t.typ)
	switch t.typ {
	case tokIgnore:
		return 0, dtOK
	case tokReserved:
		return d.reserved(unit(t.value), got)
	case tokMonth:
		if d.timeOnly {
			return 0, dtBadFormat
		}
		// The number that was taken for the month may have been the day.
		if d.seen&bit(tokMonth) != 0 && !d.textMonth && d.seen&bit(tokDay) == 0 && d.month >= 1 && d.month <= 31 {
			d.day = d.month
			got = bit(tokDay)
		}
		d.textMonth = true
		d.month = t.value
	case tokDSTMod:
		d.west -= t.value
		got |= bit(tokDST)
	case tokAMPM:
		d.ampm = t.value
	case tokEra:
		d.bc = t.value == 1
	case tokDOW:
		if d.timeOnly {
			return 0, dtBadFormat
		}
	case tokUnits:
		d.prefix = unit(t.value)
		got = 0
	case tokISOTime:
		if d.seen&maskDate != maskDate && !d.timeOnly || i+1 >= len(fields) {
			return 0, dtBadFormat
		}
		if k := fields[i+1].kind; k != fieldNumber && k != fieldTime && k != fieldDate {
			return 0, dtBadFormat
		}
		d.prefix = unitTime
		got = 0
	case tokUnknown:
		if z, ok := zoneByName(s); ok {
			d.named = z
			return bit(tokZone), dtOK
		}
		return 0, dtBadFormat
	default:
		return 0, dtBadFormat
	}
	return got, dtOK
}

// zoneAbbrev takes a zone by its abbreviation.
func (d *dtDecoder) zoneAbbrev(s string, a abbreviation) (got uint32, err dtErr) {
	switch {
	case a.zone != "":
		if d.named = a.asZone(s); d.named == nil {
			return 0, dtBadFormat
		}
		return bit(tokDynZone) | bit(tokZone), dtOK
	case a.dst:
		d.west = -int(a.offset)
		return bit(tokDST) | bit(tokZone), dtOK
	}
	d.west = -int(a.offset)
	return bit(tokZone), dtOK
}

// reserved takes one of the words that stand for a whole value.
func (d *dtDecoder) reserved(u unit, got uint32) (uint32, dtErr) {
	now := d.env.Now
	d.special = unitNone
	switch u {
	case unitNow:
		z := d.env.zone()
		east, _, _ := z.At(unixSeconds(now))
		local := brokenTime{}
		local.setTimestamp(now + int64(east)*microsPerSecond)
		if d.timeOnly {
			d.hour, d.minute, d.sec, d.micros = local.hour, local.minute, local.sec, local.micros
			return maskTime, dtOK
		}
		d.brokenTime, d.west = local, -int(east)
		return maskDate | maskTime | bit(tokZone), dtOK
	case unitAllballs:
		d.hour, d.minute, d.sec = 0, 0, 0
		if !d.timeOnly {
			d.west = 0
		}
		return maskTime | bit(tokZone), dtOK
	}
	if d.timeOnly {
		return 0, dtBadFormat
	}
	switch u {
	case unitToday, unitTomorrow, unitYesterday:
		days := currentDate(d.env)
		if u == unitTomorrow {
			days++
		} else if u == unitYesterday {
			days--
		}
		d.year, d.month, d.day = civilFromDays(days)
		return maskDate, dtOK
	}
	d.special = u
	return got, dtOK
}

// currentDate is the date of the transaction's start in the session's zone.
func currentDate(env *Env) int64 {
	east, _, _ := env.zone().At(unixSeconds(env.Now))
	days, _ := splitMicros(env.Now + int64(east)*microsPerSecond)
	return days
}

func (d *dtDecoder) applyAMPM() dtErr {
	switch {
	case d.ampm != ampmNone && d.hour > 12:
		return dtFieldOverflow
	case d.ampm == ampmAM && d.hour == 12:
		d.hour = 0
	case d.ampm == ampmPM && d.hour != 12:
		d.hour += 12
	}
	return dtOK
}

// timeOverflows tells a time of day beyond 24:00:00, or with wrong fields.
func timeOverflows(hour, minute, sec, micros int) bool {
	if hour < 0 || hour > 24 || minute < 0 || minute > 59 || sec < 0 || sec > 60 || micros < 0 || micros > microsPerSecond {
		return true
	}
	return clockMicros(hour, minute, sec, micros) > microsPerDay
}

func clockMicros(hour, minute, sec, micros int) int64 {
	return (int64(hour*60+minute)*60+int64(sec))*microsPerSecond + int64(micros)
}

// timestamp puts the local time together as microseconds; ok is false when it
// is out of range.
func (t *brokenTime) timestamp() (ts int64, ok bool) {
	if !validJulianMonth(t.year, t.month) {
		return 0, false
	}
	days := daysFromCivil(t.year, t.month, t.day)
	clock := clockMicros(t.hour, t.minute, t.sec, t.micros)
	if days > math.MaxInt64/microsPerDay || days < math.MinInt64/microsPerDay {
		return 0, false
	}
	ts = days*microsPerDay + clock
	if ts < 0 && days > 0 || ts > 0 && days < -1 {
		return 0, false
	}
	return ts, true
}

// validJulianMonth tells the months whose days Julian day numbers can hold.
func validJulianMonth(year, month int) bool {
	return (year > -4713 || year == -4713 && month >= 11) && (year < 5874898 || year == 5874898 && month < 6)
}
