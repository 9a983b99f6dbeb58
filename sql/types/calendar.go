package types

import "math"

// The proleptic Gregorian calendar. Days count from 2000-01-01, microseconds
// from its midnight; years are astronomical (0 is 1 BC).

const (
	microsPerSecond = 1000000
	microsPerMinute = 60 * microsPerSecond
	microsPerHour   = 60 * microsPerMinute
	secondsPerDay   = 24 * 60 * 60

	daysPG2Unix  = 10957 // from 1970-01-01 to 2000-01-01
	unixToMicros = daysPG2Unix * microsPerDay

	julianOfEpoch = 2451545 // the Julian day of 2000-01-01

	minJulianDay = 0 // -4713-11-24, where dates start
	minTimestamp = -211813488000000000
	endTimestamp = 9223371331200000000 // 294277-01-01
	minDateDays  = -julianOfEpoch
	endDateDays  = 2147483494 - julianOfEpoch // 5874898-01-01
)

// The infinities of date and of the timestamps.
const (
	DateInfinity         = math.MaxInt32
	DateMinusInfinity    = math.MinInt32
	TimestampInfinity    = math.MaxInt64
	TimestampNegInfinity = math.MinInt64
)

// daysFromCivil gives the day number of a date.
func daysFromCivil(year, month, day int) int64 {
	y, m := int64(year), int64(month)
	if m <= 2 {
		y--
		m += 12
	}
	era := floorDiv64(y, 400)
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + int64(day) - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 730425 // days from 0000-03-01 to 2000-01-01
}

// civilFromDays gives the date of a day number. The method is Neri and
// Schneider's, "Euclidean affine functions and their application to calendar
// algorithms".
func civilFromDays(days int64) (year, month, day int) {
	const shift = 14700 // eras that make every supported day positive
	n := uint64(days + 730425 + shift*146097)
	n1 := 4*n + 3
	c := n1 / 146097
	r := uint32(n1%146097) / 4
	n2 := uint64(4*r + 3)
	p2 := n2 * 2939745
	z := p2 >> 32
	doy := uint32(p2&math.MaxUint32) / 2939745 / 4
	y := int64(100*c+z) - shift*400
	n3 := 2141*doy + 197913
	m, d := n3>>16, n3&0xffff/2141
	if doy >= 306 {
		y++
		m -= 12
	}
	return int(y), int(m), int(d) + 1
}

func isLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

var monthLengths = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// monthDays is the length of a month.
func monthDays(year, month int) int {
	if month == 2 && isLeap(year) {
		return 29
	}
	return monthLengths[month]
}

// splitMicros takes a timestamp apart into its day and the microseconds within.
func splitMicros(ts int64) (days, micros int64) {
	days = ts / microsPerDay
	micros = ts - days*microsPerDay
	if micros < 0 {
		micros += microsPerDay
		days--
	}
	return days, micros
}

// unixSeconds is a timestamp as seconds since 1970, cut downwards.
func unixSeconds(ts int64) int64 { return floorDiv64(ts, microsPerSecond) + daysPG2Unix*secondsPerDay }

// weekday gives the day of the week, 0 for Sunday.
func weekday(days int64) int {
	w := (days + 6) % 7 // 2000-01-01 was a Saturday
	if w < 0 {
		w += 7
	}
	return int(w)
}

// dayOfYear counts from 1.
func dayOfYear(year, month, day int) int {
	return int(daysFromCivil(year, month, day)-daysFromCivil(year, 1, 1)) + 1
}

// validTimestamp tells the finite timestamps.
func validTimestamp(ts int64) bool { return ts >= minTimestamp && ts < endTimestamp }

// validDate tells the finite dates.
func validDate(days int64) bool { return days >= minDateDays && days < endDateDays }

// isoWeek gives the week of ISO 8601 and the year it belongs to.
func isoWeek(days int64) (year, week int) {
	// The year of a week is that of its Thursday.
	thursday := days - int64((weekday(days)+6)%7) + 3
	year, _, _ = civilFromDays(thursday)
	return year, int(thursday-daysFromCivil(year, 1, 1))/7 + 1
}

// isoWeekStart is the Monday of a week of ISO 8601.
func isoWeekStart(year, week int) int64 {
	jan4 := daysFromCivil(year, 1, 4)
	return jan4 - int64((weekday(jan4)+6)%7) + int64(week-1)*7
}
