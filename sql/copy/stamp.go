package copy

import "encoding/binary"

const (
	microsPerSecond = 1_000_000
	microsPerHour   = 3600 * microsPerSecond
	microsPerDay    = 24 * microsPerHour
)

// dateCache remembers the last date that was read, in many inputs that of the next row
// as well, and some months: dates without an order are mostly of a few years.
type dateCache struct {
	lo     uint64 // the text's first eight bytes
	hi     uint16 // and the last two
	days   int64
	months [256]month
}

// month is a month that was read before.
type month struct {
	text uint64 // YYYY-MM-; 0: none
	days int64  // the day before its first one, since 2000-01-01
	last int    // day
}

// date reads YYYY-MM-DD, years 1 to 9999, as days since 2000-01-01. b has at
// least ten bytes.
func (c *dateCache) date(b []byte) (days int64, ok bool) {
	lo, hi := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint16(b[8:])
	if lo == c.lo && hi == c.hi {
		return c.days, true
	}
	m := &c.months[lo*spread>>56]
	if m.text != lo {
		if *m, ok = readMonth(b); !ok {
			return 0, false
		}
	}
	d := digits2(b[8:])
	if d < 1 || d > m.last {
		return 0, false
	}
	c.lo, c.hi, c.days = lo, hi, m.days+int64(d)
	return c.days, true
}

// readMonth reads YYYY-MM-.
func readMonth(b []byte) (out month, ok bool) {
	if b[4] != '-' || b[7] != '-' {
		return out, false
	}
	y1, y2, m := digits2(b), digits2(b[2:]), digits2(b[5:])
	if y1|y2|m < 0 {
		return out, false
	}
	y := y1*100 + y2
	if y == 0 || m < 1 || m > 12 {
		return out, false
	}
	return month{binary.LittleEndian.Uint64(b), daysSince2000(y, m, 0), daysIn(y, m)}, true
}

// digits2 reads two digits, -1 if they are none.
func digits2(b []byte) int {
	_ = b[1]
	x, y := b[0]-'0', b[1]-'0'
	if x > 9 || y > 9 {
		return -1
	}
	return int(x)*10 + int(y)
}

func daysIn(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince2000 counts in years that begin in March, as Howard Hinnant's
// days_from_civil does; y > 0.
func daysSince2000(y, m, d int) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	days := 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d
	const at2000 = 730426 // the same of 2000-01-01
	return int64(days - at2000)
}

// stamp reads YYYY-MM-DD hh:mm:ss[.f…], with T for the blank as well, from the
// front of b, as microseconds since 2000-01-01. It gives what is behind it.
func (c *dateCache) stamp(b []byte) (micros int64, rest []byte, ok bool) {
	if len(b) < 20 || b[13] != ':' || b[16] != ':' || b[10] != ' ' && b[10] != 'T' {
		return 0, nil, false
	}
	days, ok := c.date(b)
	h, m, s := digits2(b[11:]), digits2(b[14:]), digits2(b[17:])
	if !ok || h|m|s < 0 || h > 23 || m > 59 || s > 59 {
		return 0, nil, false
	}
	micros = days*microsPerDay + int64(h*3600+m*60+s)*microsPerSecond
	b = b[19:]
	if b[0] != '.' {
		return micros, b, true
	}
	i, frac := 1, int64(0)
	for ; i < len(b); i++ {
		x := b[i] - '0'
		if x > 9 {
			break
		}
		frac = frac*10 + int64(x)
		if i > 6 {
			return 0, nil, false // to be rounded
		}
	}
	return micros + frac*fractions[i-1], b[i:], true
}

var fractions = [7]int64{1_000_000, 100_000, 10_000, 1000, 100, 10, 1}

// offset reads Z, ±hh or ±hh:mm from the front of b, as microseconds east of
// UTC; nothing of the kind is none.
func offset(b []byte) (east int64, given bool, rest []byte, ok bool) {
	if len(b) == 0 {
		return 0, false, b, true
	}
	switch b[0] {
	case 'Z':
		return 0, true, b[1:], true
	case '+', '-':
	default:
		return 0, false, b, true
	}
	if len(b) < 4 {
		return 0, false, nil, false
	}
	h, m := digits2(b[1:]), 0
	rest = b[3:]
	if rest[0] == ':' {
		if len(rest) < 4 {
			return 0, false, nil, false
		}
		m = digits2(rest[1:])
		rest = rest[3:]
	}
	if h|m < 0 || h > 15 || m > 59 {
		return 0, false, nil, false
	}
	east = int64(h*60+m) * 60 * microsPerSecond
	if b[0] == '-' {
		east = -east
	}
	return east, true, rest, true
}
