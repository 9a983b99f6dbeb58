package format

// The patterns of dates and times.

const (
	patADDots = iota
	patAMDots
	patAD
	patAM
	patCC
	patDAY
	patDDD
	patDD
	patDY
	patDay
	patDy
	patD
	patFF1
	patFF2
	patFF3
	patFF4
	patFF5
	patFF6
	patFX
	patHH24
	patHH12
	patIDDD
	patID
	patIW
	patIYYY
	patIYY
	patIY
	patI
	patJ
	patMI
	patMM
	patMONTH
	patMON
	patMS
	patMonth
	patMon
	patOF
	patQ
	patRM
	patSSSS
	patSS
	patTZH
	patTZM
	patTZ
	patUS
	patWW
	patW
	patYComma
	patYYYY
	patYYY
	patYY
	patY
	patadDots
	patamDots
	patad
	patam
	patday
	patdy
	patmonth
	patmon
	patrm
	pattz
)

// dateMode is the calendar that a pattern belongs to; the two do not mix.
type dateMode uint8

const (
	modeNone dateMode = iota
	modeGregorian
	modeISOWeek
)

var dateKeywords = newKeywords([]keyword{
	{"A.D.", patADDots, false, modeNone},
	{"A.M.", patAMDots, false, modeNone},
	{"AD", patAD, false, modeNone},
	{"AM", patAM, false, modeNone},
	{"B.C.", patADDots, false, modeNone},
	{"BC", patAD, false, modeNone},
	{"CC", patCC, true, modeNone},
	{"DAY", patDAY, false, modeNone},
	{"DDD", patDDD, true, modeGregorian},
	{"DD", patDD, true, modeGregorian},
	{"DY", patDY, false, modeNone},
	{"Day", patDay, false, modeNone},
	{"Dy", patDy, false, modeNone},
	{"D", patD, true, modeGregorian},
	{"FF1", patFF1, true, modeNone},
	{"FF2", patFF2, true, modeNone},
	{"FF3", patFF3, true, modeNone},
	{"FF4", patFF4, true, modeNone},
	{"FF5", patFF5, true, modeNone},
	{"FF6", patFF6, true, modeNone},
	{"FX", patFX, false, modeNone},
	{"HH24", patHH24, true, modeNone},
	{"HH12", patHH12, true, modeNone},
	{"HH", patHH12, true, modeNone},
	{"IDDD", patIDDD, true, modeISOWeek},
	{"ID", patID, true, modeISOWeek},
	{"IW", patIW, true, modeISOWeek},
	{"IYYY", patIYYY, true, modeISOWeek},
	{"IYY", patIYY, true, modeISOWeek},
	{"IY", patIY, true, modeISOWeek},
	{"I", patI, true, modeISOWeek},
	{"J", patJ, true, modeNone},
	{"MI", patMI, true, modeNone},
	{"MM", patMM, true, modeGregorian},
	{"MONTH", patMONTH, false, modeGregorian},
	{"MON", patMON, false, modeGregorian},
	{"MS", patMS, true, modeNone},
	{"Month", patMonth, false, modeGregorian},
	{"Mon", patMon, false, modeGregorian},
	{"OF", patOF, false, modeNone},
	{"P.M.", patAMDots, false, modeNone},
	{"PM", patAM, false, modeNone},
	{"Q", patQ, true, modeNone},
	{"RM", patRM, false, modeGregorian},
	{"SSSSS", patSSSS, true, modeNone},
	{"SSSS", patSSSS, true, modeNone},
	{"SS", patSS, true, modeNone},
	{"TZH", patTZH, false, modeNone},
	{"TZM", patTZM, true, modeNone},
	{"TZ", patTZ, false, modeNone},
	{"US", patUS, true, modeNone},
	{"WW", patWW, true, modeGregorian},
	{"W", patW, true, modeGregorian},
	{"Y,YYY", patYComma, true, modeGregorian},
	{"YYYY", patYYYY, true, modeGregorian},
	{"YYY", patYYY, true, modeGregorian},
	{"YY", patYY, true, modeGregorian},
	{"Y", patY, true, modeGregorian},
	{"a.d.", patadDots, false, modeNone},
	{"a.m.", patamDots, false, modeNone},
	{"ad", patad, false, modeNone},
	{"am", patam, false, modeNone},
	{"b.c.", patadDots, false, modeNone},
	{"bc", patad, false, modeNone},
	{"cc", patCC, true, modeNone},
	{"day", patday, false, modeNone},
	{"ddd", patDDD, true, modeGregorian},
	{"dd", patDD, true, modeGregorian},
	{"dy", patdy, false, modeNone},
	{"d", patD, true, modeGregorian},
	{"ff1", patFF1, true, modeNone},
	{"ff2", patFF2, true, modeNone},
	{"ff3", patFF3, true, modeNone},
	{"ff4", patFF4, true, modeNone},
	{"ff5", patFF5, true, modeNone},
	{"ff6", patFF6, true, modeNone},
	{"fx", patFX, false, modeNone},
	{"hh24", patHH24, true, modeNone},
	{"hh12", patHH12, true, modeNone},
	{"hh", patHH12, true, modeNone},
	{"iddd", patIDDD, true, modeISOWeek},
	{"id", patID, true, modeISOWeek},
	{"iw", patIW, true, modeISOWeek},
	{"iyyy", patIYYY, true, modeISOWeek},
	{"iyy", patIYY, true, modeISOWeek},
	{"iy", patIY, true, modeISOWeek},
	{"i", patI, true, modeISOWeek},
	{"j", patJ, true, modeNone},
	{"mi", patMI, true, modeNone},
	{"mm", patMM, true, modeGregorian},
	{"month", patmonth, false, modeGregorian},
	{"mon", patmon, false, modeGregorian},
	{"ms", patMS, true, modeNone},
	{"of", patOF, false, modeNone},
	{"p.m.", patamDots, false, modeNone},
	{"pm", patam, false, modeNone},
	{"q", patQ, true, modeNone},
	{"rm", patrm, false, modeGregorian},
	{"sssss", patSSSS, true, modeNone},
	{"ssss", patSSSS, true, modeNone},
	{"ss", patSS, true, modeNone},
	{"tzh", patTZH, false, modeNone},
	{"tzm", patTZM, true, modeNone},
	{"tz", pattz, false, modeNone},
	{"us", patUS, true, modeNone},
	{"ww", patWW, true, modeGregorian},
	{"w", patW, true, modeGregorian},
	{"y,yyy", patYComma, true, modeGregorian},
	{"yyyy", patYYYY, true, modeGregorian},
	{"yyy", patYYY, true, modeGregorian},
	{"yy", patYY, true, modeGregorian},
	{"y", patY, true, modeGregorian},
})
