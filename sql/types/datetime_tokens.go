package types

// tokenType says what a word in a date or a time means. The numbers are bits of
// the masks that decoding keeps of what it has seen.
type tokenType uint8

const (
	tokReserved tokenType = 0
	tokMonth    tokenType = 1
	tokYear     tokenType = 2
	tokDay      tokenType = 3
	tokZone     tokenType = 5
	tokDST      tokenType = 6 // a zone abbreviation of daylight-saving time
	tokDynZone  tokenType = 7 // an abbreviation whose meaning a zone says
	tokIgnore   tokenType = 8
	tokAMPM     tokenType = 9
	tokHour     tokenType = 10
	tokMinute   tokenType = 11
	tokSecond   tokenType = 12
	tokMilli    tokenType = 13
	tokMicro    tokenType = 14
	tokDOY      tokenType = 15
	tokDOW      tokenType = 16
	tokUnits    tokenType = 17
	tokEra      tokenType = 18
	tokAgo      tokenType = 19
	tokISOTime  tokenType = 23
	tokWeek     tokenType = 24
	tokDecade   tokenType = 25
	tokCentury  tokenType = 26
	tokMillenn  tokenType = 27
	tokDSTMod   tokenType = 28 // the word "dst" after a zone
	tokUnknown  tokenType = 31
)

func bit(t tokenType) uint32 { return 1 << t }

const (
	maskDate    = 1<<tokYear | 1<<tokMonth | 1<<tokDay
	maskAllSecs = 1<<tokSecond | 1<<tokMilli | 1<<tokMicro
	maskTime    = 1<<tokHour | 1<<tokMinute | maskAllSecs
)

// unit is a field of a date, a time or an interval: what extract takes, what
// interval input counts, and the words with a meaning of their own.
type unit uint8

const (
	unitNone unit = iota
	unitMicro
	unitMilli
	unitSecond
	unitMinute
	unitHour
	unitDay
	unitWeek
	unitMonth
	unitQuarter
	unitYear
	unitDecade
	unitCentury
	unitMillennium
	unitTZ
	unitTZHour
	unitTZMinute
	unitJulian
	unitDOW
	unitDOY
	unitISODOW
	unitISOYear
	unitEpoch
	unitEarly
	unitLate
	unitNow
	unitToday
	unitTomorrow
	unitYesterday
	unitAllballs
	unitTime
)

// token is an entry of the tables of words.
type token struct {
	typ   tokenType
	value int
}

const (
	ampmNone = iota
	ampmAM
	ampmPM
)

// dateTokens are the words of dates and times.
var dateTokens = map[string]token{
	"-infinity": {tokReserved, int(unitEarly)}, "infinity": {tokReserved, int(unitLate)}, "epoch": {tokReserved, int(unitEpoch)},
	"now": {tokReserved, int(unitNow)}, "today": {tokReserved, int(unitToday)}, "tomorrow": {tokReserved, int(unitTomorrow)},
	"yesterday": {tokReserved, int(unitYesterday)}, "allballs": {tokReserved, int(unitAllballs)},
	"ad": {tokEra, 0}, "bc": {tokEra, 1}, "am": {tokAMPM, ampmAM}, "pm": {tokAMPM, ampmPM},
	"at": {tokIgnore, 0}, "on": {tokIgnore, 0}, "dst": {tokDSTMod, 3600},
	"jan": {tokMonth, 1}, "january": {tokMonth, 1}, "feb": {tokMonth, 2}, "february": {tokMonth, 2}, "mar": {tokMonth, 3},
	"march": {tokMonth, 3}, "apr": {tokMonth, 4}, "april": {tokMonth, 4}, "may": {tokMonth, 5}, "jun": {tokMonth, 6},
	"june": {tokMonth, 6}, "jul": {tokMonth, 7}, "july": {tokMonth, 7}, "aug": {tokMonth, 8}, "august": {tokMonth, 8},
	"sep": {tokMonth, 9}, "sept": {tokMonth, 9}, "september": {tokMonth, 9}, "oct": {tokMonth, 10}, "october": {tokMonth, 10},
	"nov": {tokMonth, 11}, "november": {tokMonth, 11}, "dec": {tokMonth, 12}, "december": {tokMonth, 12},
	"sun": {tokDOW, 0}, "sunday": {tokDOW, 0}, "mon": {tokDOW, 1}, "monday": {tokDOW, 1}, "tue": {tokDOW, 2}, "tues": {tokDOW, 2},
	"tuesday": {tokDOW, 2}, "wed": {tokDOW, 3}, "weds": {tokDOW, 3}, "wednesday": {tokDOW, 3}, "thu": {tokDOW, 4}, "thur": {tokDOW, 4},
	"thurs": {tokDOW, 4}, "thursday": {tokDOW, 4}, "fri": {tokDOW, 5}, "friday": {tokDOW, 5}, "sat": {tokDOW, 6}, "saturday": {tokDOW, 6},
	"d": {tokUnits, int(unitDay)}, "h": {tokUnits, int(unitHour)}, "m": {tokUnits, int(unitMonth)}, "mm": {tokUnits, int(unitMinute)},
	"s": {tokUnits, int(unitSecond)}, "y": {tokUnits, int(unitYear)}, "j": {tokUnits, int(unitJulian)}, "jd": {tokUnits, int(unitJulian)},
	"julian": {tokUnits, int(unitJulian)}, "dow": {tokUnits, int(unitDOW)}, "doy": {tokUnits, int(unitDOY)},
	"isodow": {tokUnits, int(unitISODOW)}, "isoyear": {tokUnits, int(unitISOYear)}, "t": {tokISOTime, int(unitTime)},
}

// deltaTokens are the words of intervals, cut to ten letters.
var deltaTokens = map[string]token{
	"@": {tokIgnore, 0}, "ago": {tokAgo, 0},
	"c": {tokUnits, int(unitCentury)}, "cent": {tokUnits, int(unitCentury)}, "centuries": {tokUnits, int(unitCentury)}, "century": {tokUnits, int(unitCentury)},
	"d": {tokUnits, int(unitDay)}, "day": {tokUnits, int(unitDay)}, "days": {tokUnits, int(unitDay)},
	"dec": {tokUnits, int(unitDecade)}, "decade": {tokUnits, int(unitDecade)}, "decades": {tokUnits, int(unitDecade)}, "decs": {tokUnits, int(unitDecade)},
	"h": {tokUnits, int(unitHour)}, "hour": {tokUnits, int(unitHour)}, "hours": {tokUnits, int(unitHour)}, "hr": {tokUnits, int(unitHour)}, "hrs": {tokUnits, int(unitHour)},
	"m": {tokUnits, int(unitMinute)}, "min": {tokUnits, int(unitMinute)}, "mins": {tokUnits, int(unitMinute)}, "minute": {tokUnits, int(unitMinute)}, "minutes": {tokUnits, int(unitMinute)},
	"us": {tokUnits, int(unitMicro)}, "usec": {tokUnits, int(unitMicro)}, "usecond": {tokUnits, int(unitMicro)}, "usecs": {tokUnits, int(unitMicro)}, "useconds": {tokUnits, int(unitMicro)},
	"microsecon": {tokUnits, int(unitMicro)},
	"ms":         {tokUnits, int(unitMilli)}, "msec": {tokUnits, int(unitMilli)}, "msecond": {tokUnits, int(unitMilli)}, "msecs": {tokUnits, int(unitMilli)}, "mseconds": {tokUnits, int(unitMilli)},
	"millisecon": {tokUnits, int(unitMilli)},
	"mil":        {tokUnits, int(unitMillennium)}, "mils": {tokUnits, int(unitMillennium)}, "millennia": {tokUnits, int(unitMillennium)},
	"millennium": {tokUnits, int(unitMillennium)},
	"mon":        {tokUnits, int(unitMonth)}, "mons": {tokUnits, int(unitMonth)}, "month": {tokUnits, int(unitMonth)}, "months": {tokUnits, int(unitMonth)},
	"qtr": {tokUnits, int(unitQuarter)}, "quarter": {tokUnits, int(unitQuarter)},
	"s": {tokUnits, int(unitSecond)}, "sec": {tokUnits, int(unitSecond)}, "secs": {tokUnits, int(unitSecond)}, "second": {tokUnits, int(unitSecond)}, "seconds": {tokUnits, int(unitSecond)},
	"timezone": {tokUnits, int(unitTZ)}, "timezone_h": {tokUnits, int(unitTZHour)}, "timezone_m": {tokUnits, int(unitTZMinute)},
	"w": {tokUnits, int(unitWeek)}, "week": {tokUnits, int(unitWeek)}, "weeks": {tokUnits, int(unitWeek)},
	"y": {tokUnits, int(unitYear)}, "year": {tokUnits, int(unitYear)}, "years": {tokUnits, int(unitYear)}, "yr": {tokUnits, int(unitYear)}, "yrs": {tokUnits, int(unitYear)},
}

// tokenLen is how many letters of a word count.
const tokenLen = 10

func lookToken(table map[string]token, word string) token {
	if t, ok := table[word[:min(len(word), tokenLen)]]; ok {
		return t
	}
	return token{typ: tokUnknown}
}
