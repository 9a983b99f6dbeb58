package format

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// DateTemplate is a template of to_char, to_date and to_timestamp, ready for
// many values.
type DateTemplate struct {
	nodes []node
	empty bool
	iso   bool // it shows the year of ISO 8601 or its parts
	std   bool // texts must match it wholly, as SQL/JSON says
}

// standardSeparators are those of SQL/JSON.
const standardSeparators = "-./,':; "

// CompileStandard makes a template of SQL/JSON's datetime(); another separator
// than the standard's is 22007.
func CompileStandard(template string) (*DateTemplate, error) {
	t := CompileDate(template)
	t.std = true
	for i := range t.nodes {
		n := &t.nodes[i]
		if (n.kind == nodeSpace || n.kind == nodeSeparator) && !strings.Contains(standardSeparators, n.text) {
			return nil, errFormat("invalid datetime format separator: \"%s\"", n.text)
		}
	}
	return t, nil
}

// CompileDate makes a template.
func CompileDate(template string) *DateTemplate {
	nodes, _ := parse(template, dateKeywords, true, nil)
	t := &DateTemplate{nodes: nodes, empty: template == ""}
	for i := range nodes {
		if nodes[i].kind != nodeAction {
			continue
		}
		switch nodes[i].key.id {
		case patIYYY, patIYY, patIY, patI, patIW, patIDDD:
			t.iso = true
		}
	}
	return t
}

// moment is what to_char shows of a timestamp or an interval.
type moment struct {
	types.Clock
	wday, yday int
	isoYear    int
	isoWeek    int
	isoDay     int // of the ISO year
	julian     int64
	zone       string
	east       int32
	interval   bool
}

// Timestamp is to_char of a timestamp; ok is false (NULL) for infinite ones and
// an empty template.
func (t *DateTemplate) Timestamp(ts int64) (s string, ok bool, err error) {
	return t.stamp(ts, "", 0)
}

// Timestamptz is to_char of a timestamptz, in the session's zone.
func (t *DateTemplate) Timestamptz(env *types.Env, ts int64) (s string, ok bool, err error) {
	if !types.TimestampFinite(ts) {
		return "", false, nil
	}
	local, east, zone := types.ZoneClock(env, ts)
	return t.stamp(local, zone, east)
}

func (t *DateTemplate) stamp(local int64, zone string, east int32) (s string, ok bool, err error) {
	if t.empty || !types.TimestampFinite(local) {
		return "", false, nil
	}
	m := moment{Clock: types.ClockOf(local), zone: zone, east: east}
	days := m.Clock.Days()
	m.wday, m.yday = types.Weekday(days), types.DayOfYear(days)
	if t.iso {
		m.isoYear, m.isoWeek = types.ISOWeek(days)
		m.isoDay = int(days-types.ISOWeekStart(m.isoYear)) + 1
	}
	m.julian = types.JulianDay(days)
	return t.text(&m)
}

// Interval is to_char of an interval.
func (t *DateTemplate) Interval(v types.Interval) (s string, ok bool, err error) {
	if t.empty {
		return "", false, nil
	}
	m := moment{Clock: types.ClockOfInterval(v), interval: true}
	m.yday = int(int32((m.Year*12+m.Month)*30 + m.Day)) // which may wrap around, as there
	// What has no meaning for an interval is what the calendar makes of its
	// fields.
	m.isoYear, m.isoWeek, m.isoDay = looseISO(m.Clock)
	m.julian = int64(looseJulian(int32(m.Year), int32(m.Month), int32(m.Day)))
	return t.text(&m)
}

func (t *DateTemplate) text(m *moment) (s string, ok bool, err error) {
	var room [64]byte
	b := room[:0]
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.kind != nodeAction {
			b = append(b, n.text...)
			continue
		}
		s, err := m.pattern(n)
		if err != nil {
			return "", false, err
		}
		b = append(b, s...)
	}
	return string(b), true, nil
}

func errInterval() error {
	return pgerr.New(pgerr.InvalidDatetimeFormat, "invalid format specification for an interval value").
		WithHint("Intervals are not tied to specific calendar dates.")
}

// noInterval tells the patterns that make no sense for intervals.
func noInterval(id int) bool {
	switch id {
	case pattz, patTZ, patTZH, patTZM, patOF, patADDots, patAD, patadDots, patad, patMONTH, patMonth, patmonth, patMON, patMon, patmon,
		patDAY, patDay, patday, patDY, patDy, patdy, patD, patID:
		return true
	}
	return false
}

// twoDigits is 00, 01 … 99.
var twoDigits = func() string {
	var b []byte
	for i := range byte(100) {
		b = append(b, '0'+i/10, '0'+i%10)
	}
	return string(b)
}()

// padded is %0*d with width 0 in fill mode; a minus sign takes a place of its
// own.
func padded(n int64, width int, suf suffix) string {
	if width == 2 && uint64(n) < 100 && !suf.fm() {
		return twoDigits[2*n : 2*n+2]
	}
	s := strconv.FormatInt(n, 10)
	if suf.fm() {
		return s
	}
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	if len(s) < width {
		s = strings.Repeat("0", width-len(s)) + s
	}
	return sign + s
}

// pattern gives the text of a pattern.
func (m *moment) pattern(n *node) (string, error) {
	if m.interval && noInterval(n.key.id) {
		return "", errInterval()
	}
	if s, ok := m.word(n); ok {
		return s, nil
	}
	s, ok := m.number(n)
	if !ok || s == "" || !n.suffix.thth() {
		return s, nil
	}
	return ordinal(s, n.suffix)
}

// word gives the patterns that are no numbers.
func (m *moment) word(n *node) (s string, ok bool) {
	pm, bc := m.Hour%24 >= 12, m.Year <= 0
	switch n.key.id {
	case patAMDots:
		return choose(pm, "P.M.", "A.M."), true
	case patAM:
		return choose(pm, "PM", "AM"), true
	case patamDots:
		return choose(pm, "p.m.", "a.m."), true
	case patam:
		return choose(pm, "pm", "am"), true
	case patADDots:
		return choose(bc, "B.C.", "A.D."), true
	case patAD:
		return choose(bc, "BC", "AD"), true
	case patadDots:
		return choose(bc, "b.c.", "a.d."), true
	case patad:
		return choose(bc, "bc", "ad"), true
	case patTZ:
		return m.zone, true
	case pattz:
		return strings.ToLower(m.zone), true
	case patTZH, patTZM, patOF:
		return m.offset(n), true
	case patMONTH, patMonth, patmonth, patMON, patMon, patmon:
		return name(n, types.MonthName(m.Month)), true
	case patDAY, patDay, patday, patDY, patDy, patdy:
		return name(n, types.DayName(m.wday)), true
	case patRM, patrm:
		return m.romanMonth(n), true
	}
	return "", false
}

func choose(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// name shows the name of a month or a day: in the case of the pattern, cut to
// three letters, or filled up to nine.
func name(n *node, s string) string {
	short := false
	switch n.key.id {
	case patMON, patMon, patmon, patDY, patDy, patdy:
		short, s = true, s[:3]
	}
	switch n.key.id {
	case patMONTH, patMON, patDAY, patDY:
		s = strings.ToUpper(s)
	case patmonth, patmon, patday, patdy:
		s = strings.ToLower(s)
	}
	if short || n.suffix.fm() || n.suffix.tm() {
		return s
	}
	return s + "         "[:9-len(s)]
}

func (m *moment) offset(n *node) string {
	sign, east := "+", m.east
	if east < 0 {
		sign, east = "-", -east
	}
	h, min := int64(east/3600), int64(east%3600/60)
	switch n.key.id {
	case patTZH:
		return sign + padded(h, 2, 0)
	case patTZM:
		return padded(min, 2, 0)
	}
	s := sign + padded(h, 2, n.suffix)
	if east%3600 != 0 {
		s += ":" + padded(min, 2, 0)
	}
	return s
}

var romanMonths = [12]string{"XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"}

func (m *moment) romanMonth(n *node) string {
	if m.Month == 0 && m.Year == 0 {
		return ""
	}
	i := 12 - m.Month
	switch {
	case m.Month == 0 && m.Year >= 0:
		i = 0
	case m.Month == 0:
		i = 11
	case m.Month < 0:
		i = -m.Month - 1
	}
	s := romanMonths[i]
	if n.key.id == patrm {
		s = strings.ToLower(s)
	}
	if n.suffix.fm() {
		return s
	}
	return s + "    "[:4-len(s)]
}

// number gives the patterns that are numbers, without their endings.
func (m *moment) number(n *node) (s string, ok bool) {
	suf := n.suffix
	switch n.key.id {
	case patHH12:
		h := m.Hour % 12
		if h == 0 {
			h = 12
		}
		// The width counts the sign of the hour itself, which may be lost here.
		return padSigned(h, 2, m.Hour < 0, suf), true
	case patHH24:
		return padded(m.Hour, 2, suf), true
	case patMI:
		return padded(int64(m.Minute), 2, suf), true
	case patSS:
		return padded(int64(m.Second), 2, suf), true
	case patFF1, patFF2, patFF3, patFF4, patFF5, patFF6, patMS, patUS:
		return m.fraction(n.key.id), true
	case patSSSS:
		return strconv.FormatInt(m.Hour*3600+int64(m.Minute*60+m.Second), 10), true
	}
	return m.dateNumber(n)
}

// padSigned pads to width, and to one more if the field is negative.
func padSigned(n int64, width int, negative bool, suf suffix) string {
	if negative && n >= 0 {
		width++
	}
	return padded(n, width, suf)
}

func (m *moment) fraction(id int) string {
	digits := map[int]int{patFF1: 1, patFF2: 2, patFF3: 3, patMS: 3, patFF4: 4, patFF5: 5, patFF6: 6, patUS: 6}[id]
	f := int64(m.Micros)
	for i := digits; i < 6; i++ {
		f /= 10
	}
	s := padded(f, digits, 0)
	if f < 0 { // C counts the sign as a place
		s = padded(f, digits-1, 0)
	}
	return s
}

func (m *moment) dateNumber(n *node) (s string, ok bool) {
	suf := n.suffix
	switch n.key.id {
	case patMM:
		return padded(int64(m.Month), 2, suf), true
	case patDDD:
		return padWidth(m.yday, 3, suf), true
	case patIDDD:
		return padWidth(m.isoDay, 3, suf), true
	case patDD:
		return padWidth(m.Day, 2, suf), true
	case patD:
		return strconv.Itoa(m.wday + 1), true
	case patID:
		return strconv.Itoa((m.wday+6)%7 + 1), true
	case patWW:
		return padWidth((m.yday-1)/7+1, 2, suf), true
	case patIW:
		return padWidth(m.isoWeek, 2, suf), true
	case patW:
		return strconv.Itoa((m.Day-1)/7 + 1), true
	case patJ:
		return strconv.FormatInt(m.julian, 10), true
	case patQ:
		if m.Month == 0 {
			return "", true
		}
		return strconv.Itoa((m.Month-1)/3 + 1), true
	case patCC:
		return m.century(suf), true
	}
	return m.year(n)
}

// padWidth is %0*d, where a minus sign counts as one of the places.
func padWidth(n, width int, suf suffix) string {
	if n < 0 {
		width--
	}
	return padded(int64(n), width, suf)
}

func (m *moment) century(suf suffix) string {
	c := m.Year / 100
	if !m.interval {
		if m.Year > 0 {
			c = (m.Year-1)/100 + 1
		} else {
			c = m.Year/100 - 1
		}
	}
	if c <= 99 && c >= -99 {
		return padded(int64(c), 2, suf)
	}
	return strconv.Itoa(c)
}

// shownYear is a year without its era, 1 for 1 BC; intervals have a year 0 and
// negative ones.
func (m *moment) shownYear(y int) int {
	if m.interval || y > 0 {
		return y
	}
	return 1 - y
}

func (m *moment) year(n *node) (s string, ok bool) {
	y := m.shownYear(m.Year)
	shown := y
	switch n.key.id {
	case patIYYY, patIYY, patIY, patI:
		shown = m.shownYear(m.isoYear)
	}
	switch n.key.id {
	case patYComma:
		k := y / 1000
		return strconv.Itoa(k) + "," + padWidth(y-k*1000, 3, 0), true
	case patYYYY, patIYYY:
		return m.padYear(shown, 4, y, n.suffix), true
	case patYYY, patIYY:
		return m.padYear(shown%1000, 3, y, n.suffix), true
	case patYY, patIY:
		return m.padYear(shown%100, 2, y, n.suffix), true
	case patY, patI:
		return strconv.Itoa(shown % 10), true
	}
	return "", false
}

// padYear pads digits of a year; a negative year y takes one place more.
func (m *moment) padYear(n, width, y int, suf suffix) string {
	if y < 0 {
		width++
	}
	return padWidth(n, width, suf)
}
