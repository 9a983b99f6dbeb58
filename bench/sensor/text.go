package sensor

import (
	"math"
	"strconv"
)

func float64bits(f float64) uint64 { return math.Float64bits(f) }

// appendInt is strconv.AppendInt for the small numbers of a reading.
func appendInt(b []byte, v int32) []byte {
	if v < 10 && v >= 0 {
		return append(b, byte('0'+v))
	}
	return strconv.AppendInt(b, int64(v), 10)
}

// appendTime writes "2026-01-01 00:00:00.000000". Calendars are slow, and a
// second of event time holds many rows: the benchmark's own clock would be
// the calendar if each row went through it, so the day is computed by the
// civil-from-days formula of H. Hinnant.
func appendTime(b []byte, micros int64) []byte {
	const day = 24 * 60 * 60 * 1_000_000
	days, rest := micros/day, micros%day
	y, m, d := civil(days)
	b = digits(b, y, 4)
	b = append(b, '-')
	b = digits(b, m, 2)
	b = append(b, '-')
	b = digits(b, d, 2)
	b = append(b, ' ')
	b = digits(b, rest/3_600_000_000, 2)
	b = append(b, ':')
	b = digits(b, rest/60_000_000%60, 2)
	b = append(b, ':')
	b = digits(b, rest/1_000_000%60, 2)
	b = append(b, '.')
	return digits(b, rest%1_000_000, 6)
}

// civil gives the date of a day counted from 1970-01-01, after that day.
func civil(days int64) (year, month, day int64) {
	z := days + 719468
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = doy - (153*mp+2)/5 + 1
	month = mp + 3
	if month > 12 {
		month -= 12
	}
	year = yoe + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

func digits(b []byte, v int64, n int) []byte {
	at := len(b)
	for range n {
		b = append(b, '0')
	}
	for i := at + n - 1; v > 0 && i >= at; i-- {
		b[i] = byte('0' + v%10)
		v /= 10
	}
	return b
}
