package types

import (
	"math"
	"strings"
)

// decodeISO reads the forms of ISO 8601: P1Y2M3DT4H5M6S, P0001-02-03T04:05:06
// and P00010203T040506.
func (p *intervalParts) decodeISO(s string) dtErr {
	*p = intervalParts{}
	if len(s) < 2 || s[0] != 'P' {
		return dtBadFormat
	}
	d := isoInterval{intervalParts: p, s: s[1:], date: true}
	for d.s != "" {
		if d.s[0] == 'T' {
			d.startTime(d.s[1:])
			continue
		}
		done, err := d.element()
		if err != dtOK || done {
			return err
		}
	}
	return dtOK
}

// isoInterval is the state of reading an ISO 8601 interval.
type isoInterval struct {
	*intervalParts
	s    string
	date bool // before the T
	any  bool // this half has had an element
}

func (d *isoInterval) startTime(rest string) { d.date, d.any, d.s = false, false, rest }

// next gives the next character and passes it, 0 at the end.
func (d *isoInterval) next() byte {
	if d.s == "" {
		return 0
	}
	c := d.s[0]
	d.s = d.s[1:]
	return c
}

// element reads a number and what follows it; done ends the text.
func (d *isoInterval) element() (done bool, err dtErr) {
	start := d.s
	val, frac, err := d.number()
	if err != dtOK {
		return false, err
	}
	width := isoWidth(start)
	c := d.next()
	if !d.date {
		return d.timeElement(c, width, val, frac)
	}
	u, ok := map[byte]unit{'Y': unitYear, 'M': unitMonth, 'W': unitWeek, 'D': unitDay}[c]
	if ok {
		d.any = true
		return false, d.count(u, val, frac)
	}
	switch c {
	case 'T', 0:
		if width == 8 && !d.any {
			return c == 0, d.basicDate(val, frac)
		}
		return d.extendedDate(c, val, frac)
	case '-':
		return d.extendedDate(c, val, frac)
	}
	return false, dtBadFormat
}

func (d *isoInterval) count(u unit, val int64, frac float64) dtErr {
	if _, ok := d.add(u, val, frac); !ok {
		return dtFieldOverflow
	}
	return dtOK
}

// basicDate is yyyymmdd.
func (d *isoInterval) basicDate(val int64, frac float64) dtErr {
	if !d.addYears(val/10000, 0, 1) || !d.addMonths(val/100%100) || !d.addDays(val%100, 1) || !d.addFracMicros(frac, microsPerDay) {
		return dtFieldOverflow
	}
	d.date, d.any = false, false
	return dtOK
}

// extendedDate is yyyy-mm-dd, of which the first number has been read and c
// follows it.
func (d *isoInterval) extendedDate(c byte, val int64, frac float64) (done bool, err dtErr) {
	if d.any {
		return false, dtBadFormat
	}
	for _, u := range [...]unit{unitYear, unitMonth, unitDay} {
		if u != unitYear {
			if val, frac, err = d.number(); err != dtOK {
				return false, err
			}
			c = d.next()
		}
		if err = d.count(u, val, frac); err != dtOK || c == 0 {
			return true, err
		}
		if c == 'T' {
			d.date, d.any = false, false
			return false, dtOK
		}
		if c != '-' {
			break
		}
	}
	return false, dtBadFormat
}

func (d *isoInterval) timeElement(c byte, width int, val int64, frac float64) (done bool, err dtErr) {
	if u, ok := map[byte]unit{'H': unitHour, 'M': unitMinute, 'S': unitSecond}[c]; ok {
		d.any = true
		return false, d.count(u, val, frac)
	}
	if c != 0 && c != ':' {
		return false, dtBadFormat
	}
	if c == 0 && width == 6 && !d.any {
		if !d.addMicros(val/10000, 0, microsPerHour) || !d.addMicros(val/100%100, 0, microsPerMinute) ||
			!d.addMicros(val%100, 0, microsPerSecond) || !d.addFracMicros(frac, 1) {
			return true, dtFieldOverflow
		}
		return true, dtOK
	}
	if d.any {
		return false, dtBadFormat
	}
	for _, u := range [...]unit{unitHour, unitMinute, unitSecond} {
		if u != unitHour {
			if val, frac, err = d.number(); err != dtOK {
				return false, err
			}
			c = d.next()
		}
		if err = d.count(u, val, frac); err != dtOK || c == 0 {
			return true, err
		}
		if c != ':' {
			break
		}
	}
	return false, dtBadFormat
}

// number reads what strtod reads, as an integer and a fraction.
func (d *isoInterval) number() (val int64, frac float64, err dtErr) {
	if d.s == "" || !isDigit(d.s[0]) && d.s[0] != '-' && d.s[0] != '.' {
		return 0, 0, dtBadFormat
	}
	n := floatPrefix(d.s)
	lit := goFloat(d.s[:n])
	f, ok := parseFloatLoose(lit)
	switch {
	case len(d.s) >= 4 && (strings.EqualFold(d.s[:4], "-inf") || strings.EqualFold(d.s[:4], "-nan")):
		return 0, 0, dtFieldOverflow
	case n == 0:
		return 0, 0, dtBadFormat
	case !ok, f == 0 && !isZeroLiteral(lit): // beyond a float: strtod's ERANGE
		return 0, 0, dtBadFormat
	case f != f || f < -1e15 || f > 1e15:
		return 0, 0, dtFieldOverflow
	}
	d.s = d.s[n:]
	whole := math.Trunc(f)
	return int64(whole), f - whole, dtOK
}

// isoWidth is the number of digits that s starts with, after a minus.
func isoWidth(s string) int {
	digits, _ := digitRun(strings.TrimPrefix(s, "-"))
	return len(digits)
}
