package types

import (
	"strconv"
	"strings"
)

// posixRule is a POSIX TZ specification with daylight-saving time: the two
// offsets and when the clock is changed each year.
type posixRule struct {
	std, dst   zoneType
	start, end changeDay
}

// changeDay is a day of the year and a local time of day, in seconds.
type changeDay struct {
	form             byte // 'J': day 1–365 without leap days; 0: day 0–365; 'M': month, week, weekday
	day, week, month int
	time             int64
}

// parsePosix reads a POSIX TZ specification, std offset [dst [offset]
// [,start[/time],end[/time]]], as PostgreSQL does: the standard abbreviation
// may be missing, and the United States' rules hold when none are given.
func parsePosix(s string) (*zoneRules, bool) {
	stdName, s, ok := posixName(s)
	if !ok || s == "" {
		return nil, false
	}
	stdOff, s, ok := posixOffset(s)
	if !ok {
		return nil, false
	}
	if s == "" {
		return fixedRules(int32(-stdOff), stdName), true
	}
	dstName, s, ok := posixName(s)
	if !ok || dstName == "" {
		return nil, false
	}
	dstOff := stdOff - 3600
	if s != "" && s[0] != ',' && s[0] != ';' {
		if dstOff, s, ok = posixOffset(s); !ok {
			return nil, false
		}
	}
	if s == "" {
		s = ",M3.2.0,M11.1.0"
	}
	r := &posixRule{std: zoneType{int32(-stdOff), false, stdName}, dst: zoneType{int32(-dstOff), true, dstName}}
	if s[0] != ',' && s[0] != ';' {
		return nil, false
	}
	if r.start, s, ok = posixChange(s[1:]); !ok || s == "" || s[0] != ',' {
		return nil, false
	}
	if r.end, s, ok = posixChange(s[1:]); !ok || s != "" {
		return nil, false
	}
	return &zoneRules{types: []zoneType{r.std, r.dst}, rule: r}, true
}

// posixName reads an abbreviation, bare or in angle brackets.
func posixName(s string) (name, rest string, ok bool) {
	if s != "" && s[0] == '<' {
		i := strings.IndexByte(s, '>')
		if i < 0 {
			return "", s, false
		}
		return s[1:i], s[i+1:], true
	}
	i := 0
	for i < len(s) && strings.IndexByte("0123456789,+-", s[i]) < 0 {
		i++
	}
	return s[:i], s[i:], true
}

// posixAbbrev is the abbreviation that a specification starts with.
func posixAbbrev(spec string) string {
	name, _, _ := posixName(spec)
	return name
}

// posixOffset reads [+-]h[h][:mm[:ss]] in seconds, which count west of UTC.
func posixOffset(s string) (sec int64, rest string, ok bool) {
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	sec, rest, ok = posixTime(s)
	if neg {
		sec = -sec
	}
	return sec, rest, ok
}

// posixTime reads h[h][:mm[:ss]]; the hours may be up to a week's.
func posixTime(s string) (sec int64, rest string, ok bool) {
	unit, limits := int64(3600), [...]int{24*7 - 1, 59, 60}
	for i, limit := range limits {
		n, r, ok := posixNumber(s, 0, limit)
		if !ok {
			return 0, s, false
		}
		sec += int64(n) * unit
		unit /= 60
		if s = r; i == 2 || s == "" || s[0] != ':' {
			break
		}
		s = s[1:]
	}
	return sec, s, true
}

func posixNumber(s string, lo, hi int) (n int, rest string, ok bool) {
	digits, rest := digitRun(s)
	n, err := strconv.Atoi(digits)
	return n, rest, err == nil && n >= lo && n <= hi
}

// posixChange reads Jn, n or Mm.w.d, and /time.
func posixChange(s string) (c changeDay, rest string, ok bool) {
	switch {
	case s == "":
		return c, s, false
	case s[0] == 'J':
		c.form = 'J'
		c.day, s, ok = posixNumber(s[1:], 1, 365)
	case s[0] == 'M':
		c.form = 'M'
		if c.month, s, ok = posixNumber(s[1:], 1, 12); !ok || s == "" || s[0] != '.' {
			return c, s, false
		}
		if c.week, s, ok = posixNumber(s[1:], 1, 5); !ok || s == "" || s[0] != '.' {
			return c, s, false
		}
		c.day, s, ok = posixNumber(s[1:], 0, 6)
	default:
		c.day, s, ok = posixNumber(s, 0, 365)
	}
	c.time = 2 * 3600
	if ok && s != "" && s[0] == '/' {
		c.time, s, ok = posixOffset(s[1:])
	}
	return c, s, ok
}

// of gives the change of a year as seconds since 1970 of the wall clock.
func (c changeDay) of(year int) int64 {
	jan1 := daysFromCivil(year, 1, 1) + daysPG2Unix
	var day int64
	switch c.form {
	case 'J':
		day = jan1 + int64(c.day) - 1
		if isLeap(year) && c.day >= 60 {
			day++
		}
	case 'M':
		first := daysFromCivil(year, c.month, 1) + daysPG2Unix
		weekday := (first + 4) % 7 // 1970-01-01 was a Thursday
		if weekday < 0 {
			weekday += 7
		}
		d := (int64(c.day) - weekday + 7) % 7
		d += int64(c.week-1) * 7
		for d >= int64(monthDays(year, c.month)) {
			d -= 7
		}
		day = first + d
	default:
		day = jan1 + int64(c.day)
	}
	return day*86400 + c.time
}

// find is zoneRules.find by the rule alone.
func (r *posixRule) find(sec int64) (t *zoneType, start, end int64) {
	year, _, _ := civilFromDays(floorDiv64(sec, 86400) - daysPG2Unix)
	start, end = minSec, maxSec
	for y := year - 1; y <= year+1; y++ {
		on, off := r.start.of(y)-int64(r.std.offset), r.end.of(y)-int64(r.dst.offset)
		for _, c := range [...]struct {
			at int64
			t  *zoneType
		}{{on, &r.dst}, {off, &r.std}} {
			if c.at <= sec && c.at >= start {
				t, start = c.t, c.at
			}
			if c.at > sec && c.at < end {
				end = c.at
			}
		}
	}
	return t, start, end
}

func floorDiv64(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
