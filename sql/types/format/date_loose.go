package format

import "github.com/streamsqld/streamsqld/sql/types"

// What to_char makes of the fields of an interval where a pattern asks for
// something of the calendar: PostgreSQL's date2j, date2isoyear and date2isoweek,
// which compute with whatever they are given, in 32 bits.

// looseJulian is the Julian day of fields that need not be a date.
func looseJulian(y, m, d int32) int32 {
	if m > 2 {
		m, y = m+1, y+4800
	} else {
		m, y = m+13, y+4799
	}
	century := y / 100
	j := y*365 - 32167
	j += y/4 - century + century/4
	return j + 7834*m/256 + d
}

// looseISOStart is the Julian day on which a year of ISO 8601 begins.
func looseISOStart(y int32) int32 {
	day4 := looseJulian(y, 1, 4)
	dow := day4 % 7 // Monday is 0
	if dow < 0 {
		dow += 7
	}
	return day4 - dow
}

// looseISO gives the year of ISO 8601, the week and the day of that year.
func looseISO(c types.Clock) (year, week, day int) {
	y := int32(c.Year)
	j := looseJulian(y, int32(c.Month), int32(c.Day))
	start := looseISOStart(y)
	if j < start {
		y--
		start = looseISOStart(y)
	}
	n := (j-start)/7 + 1
	if next := looseISOStart(y + 1); n >= 52 && j >= next {
		y++
		start = next
		n = (j-start)/7 + 1
	}
	return int(y), int(n), int(j - start + 1)
}
