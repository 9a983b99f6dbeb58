package types

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

func intervalIn(env *Env, _ *Type, s string, mod int32) (Datum, error) {
	v, err := ParseInterval(env, s, mod)
	return NewInterval(v), err
}

// ParseInterval reads an interval as interval_in does, in any of the styles,
// and applies the modifier.
func ParseInterval(env *Env, s string, mod int32) (Interval, error) {
	rng := int32(intervalFullRange)
	if mod >= 0 {
		rng = mod >> 16 & intervalFullRange
	}
	var buf [8]dtField
	var p intervalParts
	fields, bad := scanFields(s, intervalBuffer, buf[:0])
	if bad == dtOK {
		bad = p.decode(env, fields, rng)
	}
	if bad == dtBadFormat {
		bad = p.decodeISO(s)
	}
	if bad == dtFieldOverflow {
		bad = dtIntervalOverflow
	}
	if bad != dtOK {
		return Interval{}, bad.error(s, "interval", "")
	}
	months := int64(p.years)*12 + int64(p.months)
	if months != int64(int32(months)) {
		return Interval{}, errIntervalRange()
	}
	return IntervalTypmod(Interval{Months: int32(months), Days: p.days, Micros: p.micros}, mod)
}

func errIntervalRange() error {
	return pgerr.New(pgerr.DatetimeValueOutOfRange, "interval out of range")
}

// intervalParts is an interval as it is read.
type intervalParts struct {
	years, months, days int32
	micros              int64
}

// intervalDecoder reads the fields from the last to the first, as units stand
// behind their numbers.
type intervalDecoder struct {
	*intervalParts
	rng      int32
	unit     unit // of the number that comes next; unitNone when none was named
	negative bool // the sign of the first field holds for all
	ago      bool
}

func (p *intervalParts) decode(env *Env, fields []dtField, rng int32) dtErr {
	*p = intervalParts{}
	d := intervalDecoder{intervalParts: p, rng: rng}
	if env.IntervalStyle == IntervalSQLStandard && len(fields) > 0 && fields[0].text[0] == '-' {
		d.negative = true
		for _, f := range fields[1:] {
			if c := f.text[0]; c == '-' || c == '+' {
				d.negative = false
			}
		}
	}
	seen := uint32(0)
	for i := len(fields) - 1; i >= 0; i-- {
		got, err := d.field(fields[i])
		if err != dtOK {
			return err
		}
		if got&seen != 0 {
			return dtBadFormat
		}
		seen |= got
	}
	if seen == 0 {
		return dtBadFormat
	}
	if d.ago {
		return p.negate()
	}
	return dtOK
}

func (p *intervalParts) negate() dtErr {
	if p.micros == math.MinInt64 || p.days == math.MinInt32 || p.months == math.MinInt32 || p.years == math.MinInt32 {
		return dtFieldOverflow
	}
	p.micros, p.days, p.months, p.years = -p.micros, -p.days, -p.months, -p.years
	return dtOK
}

func (d *intervalDecoder) field(f dtField) (got uint32, err dtErr) {
	switch f.kind {
	case fieldTime:
		if err := d.clock(f.text); err != dtOK {
			return 0, err
		}
		if d.negative && d.micros > 0 {
			d.micros = -d.micros
		}
		d.unit = unitDay
		return maskTime, dtOK
	case fieldZone:
		if got, err, ok := d.signedClock(f.text); ok {
			return got, err
		}
		return d.number(f.text)
	case fieldDate, fieldNumber:
		return d.number(f.text)
	}
	return d.word(f.text)
}

// signedClock reads ±hh:mm[:ss]; ok is false when the text is something else.
func (d *intervalDecoder) signedClock(s string) (got uint32, err dtErr, ok bool) {
	if strings.IndexByte(s[1:], ':') < 0 || d.clock(s[1:]) != dtOK {
		return 0, dtOK, false
	}
	if s[0] == '-' {
		if d.micros == math.MinInt64 {
			return 0, dtFieldOverflow, true
		}
		d.micros = -d.micros
	}
	if d.negative && d.micros > 0 {
		d.micros = -d.micros
	}
	d.unit = unitDay
	return maskTime, dtOK, true
}

// clock sets the time from hh:mm:ss.
func (p *intervalDecoder) clock(s string) dtErr {
	c, err := decodeClock(s, p.rng)
	if err != dtOK {
		return err
	}
	p.micros = int64(c.micros)
	if !p.addMicros(c.hour, 0, microsPerHour) || !p.addMicros(int64(c.minute), 0, microsPerMinute) || !p.addMicros(int64(c.sec), 0, microsPerSecond) {
		return dtFieldOverflow
	}
	return dtOK
}

func (d *intervalDecoder) word(s string) (got uint32, err dtErr) {
	t := lookToken(deltaTokens, s)
	switch t.typ {
	case tokIgnore:
	case tokUnits:
		d.unit = unit(t.value)
	case tokAgo:
		d.ago, d.unit = true, unitAgo
	default:
		return 0, dtBadFormat
	}
	return 0, dtOK
}

// unitAgo is what a number in front of "ago" counts: nothing.
const unitAgo = unitTime

// lastUnit is what the last number counts when nothing says so.
func lastUnit(rng int32) unit {
	switch {
	case rng == intervalFullRange:
		return unitSecond
	case rng == rangeYear:
		return unitYear
	case rng&rangeSecond != 0:
		return unitSecond
	case rng&rangeMinute != 0:
		return unitMinute
	case rng&rangeHour != 0:
		return unitHour
	case rng&rangeDay != 0:
		return unitDay
	case rng&rangeMonth != 0:
		return unitMonth
	}
	return unitSecond
}

// number reads a number with a fraction, or years-months.
func (d *intervalDecoder) number(s string) (got uint32, err dtErr) {
	if d.unit == unitNone {
		d.unit = lastUnit(d.rng)
	}
	val, rest, ok := leadingInt64(s)
	if !ok {
		return 0, dtFieldOverflow
	}
	frac := 0.0
	switch {
	case rest == "":
	case rest[0] == '-':
		if val, err = yearMonth(s, val, rest[1:]); err != dtOK {
			return 0, err
		}
		d.unit = unitMonth
	case rest[0] == '.':
		if frac, err = fractionFloat(rest); err != dtOK {
			return 0, err
		}
		if s[0] == '-' {
			frac = -frac
		}
	default:
		return 0, dtBadFormat
	}
	if d.negative {
		if val > 0 {
			val = -val
		}
		frac = -math.Abs(frac)
	}
	mask, ok := d.add(d.unit, val, frac)
	switch {
	case mask == 0:
		return 0, dtBadFormat
	case !ok:
		return 0, dtFieldOverflow
	}
	if d.unit == unitHour {
		d.unit = unitDay
	}
	return mask, dtOK
}

// yearMonth reads the months of "years-months" and gives the total.
func yearMonth(s string, years int64, rest string) (months int64, err dtErr) {
	m, rest, ok := leadingInt(rest)
	if !ok || m < 0 || m >= 12 {
		return 0, dtFieldOverflow
	}
	if rest != "" {
		return 0, dtBadFormat
	}
	if s[0] == '-' {
		m = -m
	}
	hi, lo := mulInt128(years, 12)
	months = int64(lo) + int64(m)
	if hi != int64(lo)>>63 || (months < int64(lo)) != (m < 0) {
		return 0, dtFieldOverflow
	}
	return months, dtOK
}

func leadingInt64(s string) (n int64, rest string, ok bool) {
	t := s
	if t != "" && (t[0] == '-' || t[0] == '+') {
		t = t[1:]
	}
	digits, rest := digitRun(t)
	if digits == "" {
		return 0, s, true
	}
	n, err := strconv.ParseInt(s[:len(s)-len(rest)], 10, 64)
	return n, rest, err == nil
}

func fractionFloat(s string) (float64, dtErr) {
	if s == "." {
		return 0, dtOK
	}
	digits, rest := digitRun(s[1:])
	if rest != "" || digits == "" {
		return 0, dtBadFormat
	}
	f, _ := strconv.ParseFloat("0."+digits, 64)
	return f, dtOK
}

// add counts val and a fraction of a unit; the mask is 0 for a unit that
// intervals do not have.
func (p *intervalParts) add(u unit, val int64, frac float64) (mask uint32, ok bool) {
	switch u {
	case unitMicro:
		return bit(tokMicro), p.addMicros(val, frac, 1)
	case unitMilli:
		return bit(tokMilli), p.addMicros(val, frac, 1000)
	case unitSecond:
		mask = bit(tokSecond)
		if frac != 0 {
			mask = maskAllSecs
		}
		return mask, p.addMicros(val, frac, microsPerSecond)
	case unitMinute:
		return bit(tokMinute), p.addMicros(val, frac, microsPerMinute)
	case unitHour:
		return bit(tokHour), p.addMicros(val, frac, microsPerHour)
	case unitDay:
		return bit(tokDay), p.addDays(val, 1) && p.addFracMicros(frac, microsPerDay)
	case unitWeek:
		return bit(tokWeek), p.addDays(val, 7) && p.addFracDays(frac, 7)
	case unitMonth:
		return bit(tokMonth), p.addMonths(val) && p.addFracDays(frac, daysPerMonth)
	case unitYear:
		return bit(tokYear), p.addYears(val, frac, 1)
	case unitDecade:
		return bit(tokDecade), p.addYears(val, frac, 10)
	case unitCentury:
		return bit(tokCentury), p.addYears(val, frac, 100)
	case unitMillennium:
		return bit(tokMillenn), p.addYears(val, frac, 1000)
	}
	return 0, false
}

func (p *intervalParts) addMicros(val int64, frac float64, scale int64) bool {
	hi, lo := mulInt128(val, scale)
	sum, over := addInt64(p.micros, int64(lo))
	if hi != int64(lo)>>63 || over {
		return false
	}
	p.micros = sum
	return p.addFracMicros(frac, scale)
}

func (p *intervalParts) addFracMicros(frac float64, scale int64) bool {
	if frac == 0 {
		return true
	}
	frac *= float64(scale)
	n := int64(frac)
	frac -= float64(n)
	if frac > 0.5 {
		n++
	} else if frac < -0.5 {
		n--
	}
	sum, over := addInt64(p.micros, n)
	p.micros = sum
	return !over
}

// addInt64 adds and tells an overflow.
func addInt64(a, b int64) (sum int64, over bool) {
	s, _ := bits.Add64(uint64(a), uint64(b), 0)
	sum = int64(s)
	return sum, (sum^a)&(sum^b) < 0
}

// addInt32 adds to a field of 32 bits; false is an overflow.
func addInt32(p *int32, n int64) bool {
	sum := int64(*p) + n
	if n != int64(int32(n)) || sum != int64(int32(sum)) {
		return false
	}
	*p = int32(sum)
	return true
}

func (p *intervalParts) addDays(val, scale int64) bool {
	return val == int64(int32(val)) && addInt32(&p.days, val*scale)
}

func (p *intervalParts) addFracDays(frac float64, scale float64) bool {
	if frac == 0 {
		return true
	}
	frac *= scale
	days := int64(frac)
	return addInt32(&p.days, days) && p.addFracMicros(frac-float64(days), microsPerDay)
}

func (p *intervalParts) addMonths(val int64) bool { return addInt32(&p.months, val) }

func (p *intervalParts) addYears(val int64, frac float64, scale int64) bool {
	if val != int64(int32(val)) || !addInt32(&p.years, val*scale) {
		return false
	}
	return addInt32(&p.months, int64(math.RoundToEven(frac*float64(scale)*12)))
}

// IntervalTypmod drops the fields and digits that a modifier does not keep.
func IntervalTypmod(v Interval, mod int32) (Interval, error) {
	if mod < 0 {
		return v, nil
	}
	switch rng := mod >> 16 & intervalFullRange; {
	case rng == intervalFullRange, rng&rangeSecond != 0:
	case rng == rangeYear:
		v.Months, v.Days, v.Micros = v.Months/12*12, 0, 0
	case rng&rangeMinute != 0:
		v.Micros = v.Micros / microsPerMinute * microsPerMinute
	case rng&rangeHour != 0:
		v.Micros = v.Micros / microsPerHour * microsPerHour
	case rng == rangeDay:
		v.Micros = 0
	default:
		v.Days, v.Micros = 0, 0
	}
	precision := mod & intervalFullPrecision
	if precision == intervalFullPrecision {
		return v, nil
	}
	if precision > 6 {
		return v, pgerr.New(pgerr.InvalidParameterValue, "interval(%d) precision must be between %d and %d", precision, 0, 6)
	}
	v.Micros = roundMicros(v.Micros, precision)
	return v, nil
}
