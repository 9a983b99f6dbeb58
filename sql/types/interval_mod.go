package types

// Interval modifiers hold the fields that are kept in the upper half and the
// precision in the lower; all ones of either mean everything.
const (
	intervalFullRange     = 0x7fff
	intervalFullPrecision = 0xffff

	rangeMonth  = 1 << 1
	rangeYear   = 1 << 2
	rangeDay    = 1 << 3
	rangeHour   = 1 << 10
	rangeMinute = 1 << 11
	rangeSecond = 1 << 12
)

var intervalRangeNames = map[int32]string{
	rangeYear: " year", rangeMonth: " month", rangeDay: " day", rangeHour: " hour", rangeMinute: " minute", rangeSecond: " second",
	rangeYear | rangeMonth:                           " year to month",
	rangeDay | rangeHour:                             " day to hour",
	rangeDay | rangeHour | rangeMinute:               " day to minute",
	rangeDay | rangeHour | rangeMinute | rangeSecond: " day to second",
	rangeHour | rangeMinute:                          " hour to minute",
	rangeHour | rangeMinute | rangeSecond:            " hour to second",
	rangeMinute | rangeSecond:                        " minute to second",
}

func intervalModText(mod int32) string {
	if mod < 0 {
		return ""
	}
	s := intervalRangeNames[mod>>16&intervalFullRange]
	if p := mod & intervalFullPrecision; p != intervalFullPrecision {
		s += "(" + string(AppendInt(nil, int64(p))) + ")"
	}
	return s
}
