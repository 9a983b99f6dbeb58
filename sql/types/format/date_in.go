package format

import (
	"math"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// parsed is what to_date and to_timestamp have read. A field that is 0 was not
// given, as in PostgreSQL.
type parsed struct {
	mode                      dateMode
	hour, minute, sec, second int // second is SSSS
	pm                        int
	clock12                   bool
	day, dow, yearDay, month  int
	millis, micros, precision int
	year, yearDigits, century int
	bc                        int
	week, monthWeek, julian   int
	zoneSign, zoneHour, zoneM int
}

// ToTimestamp is to_timestamp(text, template) in the session's zone.
func (t *DateTemplate) ToTimestamp(env *types.Env, s string) (int64, error) {
	c, p, err := t.read(s)
	if err != nil {
		return 0, err
	}
	local, ok := c.Timestamp()
	if !ok {
		return 0, errTimestampRange()
	}
	east := int64(p.zoneSign * (p.zoneHour*3600 + p.zoneM*60))
	if p.zoneSign == 0 {
		east = int64(types.LocalOffsetOf(env, local))
	}
	ts := local - east*1e6
	if !types.ValidTimestamp(ts) {
		return 0, errTimestampRange()
	}
	if p.precision != 0 {
		ts = types.RoundTimestamp(ts, int32(p.precision))
	}
	return ts, nil
}

func errTimestampRange() error {
	return pgerr.New(pgerr.DatetimeValueOutOfRange, "timestamp out of range")
}

// ToDate is to_date(text, template).
func (t *DateTemplate) ToDate(s string) (int64, error) {
	c, _, err := t.read(s)
	if err != nil {
		return 0, err
	}
	days, ok := c.Date()
	if !ok {
		return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "date out of range: \"%s\"", s)
	}
	return days, nil
}

func (t *DateTemplate) read(s string) (c types.Clock, p *parsed, err error) {
	r := reader{all: s, s: s, exact: t.std, std: t.std}
	if err := r.read(t.nodes); err != nil {
		return c, nil, err
	}
	c, err = r.clock()
	return c, &r.parsed, err
}

// reader reads a text by a template.
type reader struct {
	parsed
	all, s string
	exact  bool // FX: no blanks may be more or fewer
	std    bool // separators must be the template's, and nothing may be left over
	extra  int  // blanks passed that separators may still stand for
}

func (r *reader) skipBlanks() {
	for r.s != "" && isSpace(r.s[0]) {
		r.s = r.s[1:]
		r.extra++
	}
}

func (r *reader) read(nodes []node) error {
	for i := range nodes {
		n := &nodes[i]
		if r.s == "" && r.std {
			return errFormat("input string is too short for datetime format")
		}
		if r.s == "" {
			return nil
		}
		isFX := n.kind == nodeAction && n.key.id == patFX
		if !r.exact && !isFX && (n.kind == nodeAction || i == 0) {
			r.skipBlanks()
		}
		if n.kind != nodeAction {
			if err := r.literal(n); err != nil {
				return err
			}
			continue
		}
		if err := r.setMode(n.key.mode); err != nil {
			return err
		}
		if err := r.pattern(nodes, i); err != nil {
			return err
		}
		if !r.exact {
			r.extra = 0
			r.skipBlanks()
		}
	}
	if r.std && skipSpaces(r.s) != "" {
		return errFormat("trailing characters remain in input string after datetime format")
	}
	return nil
}

// literal passes what stands for a character of the template.
func (r *reader) literal(n *node) error {
	if r.s == "" {
		return nil
	}
	separator := n.kind == nodeSpace || n.kind == nodeSeparator
	switch {
	case r.std && separator && r.s[0] != n.text[0]:
		return errFormat("unmatched format separator \"%c\"", n.text[0])
	case r.exact:
		r.s = r.s[charLen(r.s):]
	case separator:
		r.extra--
		if isSpace(r.s[0]) || isSeparator(r.s[0]) {
			r.s = r.s[1:]
			r.extra++
		}
	case r.extra > 0:
		r.extra--
	default:
		r.s = r.s[charLen(r.s):]
	}
	return nil
}

func errFormat(format string, args ...any) *pgerr.Error {
	return pgerr.New(pgerr.InvalidDatetimeFormat, format, args...)
}

func (r *reader) setMode(m dateMode) error {
	switch {
	case m == modeNone:
	case r.mode == modeNone:
		r.mode = m
	case r.mode != m:
		return errFormat("invalid combination of date conventions").
			WithHint("Do not mix Gregorian and ISO week date conventions in a formatting template.")
	}
	return nil
}

// set stores a value; another one before is an error.
func set(dest *int, v int, n *node) error {
	if *dest != 0 && *dest != v {
		return errFormat("conflicting values for \"%s\" field in formatting string", n.key.name).
			WithDetail("This value contradicts a previous setting for the same field type.")
	}
	*dest = v
	return nil
}

// nextIsSeparator tells whether a number before the next node may have any
// number of digits.
func nextIsSeparator(nodes []node, i int) bool {
	if nodes[i].suffix.thth() {
		return true
	}
	if i+1 >= len(nodes) {
		return true
	}
	next := &nodes[i+1]
	if next.kind == nodeAction {
		return !next.key.digit
	}
	return len(next.text) != 1 || !isDigit(next.text[0])
}

// number reads an integer of at most width digits, or any if the template lets
// it end by itself; the result is its length.
func (r *reader) number(dest *int, nodes []node, i, width int) (length int, err error) {
	n := &nodes[i]
	before := r.s
	rest := skipSpaces(r.s)
	head := rest[:min(width, len(rest))]
	var v int64
	ok := true
	if n.suffix.fm() || nextIsSeparator(nodes, i) {
		var used int
		v, used, ok = leadingInt(before)
		r.s = before[used:]
	} else {
		if len(rest) < width {
			return 0, errFormat("source string too short for \"%s\" formatting field", n.key.name).
				WithDetail("Field requires %d characters, but only %d remain.", width, len(rest)).WithHint(hintFM)
		}
		var used int
		v, used, ok = leadingInt(head)
		if used > 0 && used < width {
			return 0, errFormat("invalid value \"%s\" for \"%s\"", head, n.key.name).
				WithDetail("Field requires %d characters, but only %d could be parsed.", width, used).WithHint(hintFM)
		}
		r.s = rest[used:]
	}
	if len(r.s) == len(before) {
		return 0, errFormat("invalid value \"%s\" for \"%s\"", head, n.key.name).WithDetail("Value must be an integer.")
	}
	if !ok || v < math.MinInt32 || v > math.MaxInt32 {
		return 0, pgerr.New(pgerr.DatetimeValueOutOfRange, "value for \"%s\" in source string is out of range", n.key.name).
			WithDetail("Value must be in the range %d to %d.", math.MinInt32, math.MaxInt32)
	}
	if dest != nil {
		if err := set(dest, int(v), n); err != nil {
			return 0, err
		}
	}
	return len(before) - len(r.s), nil
}

const hintFM = "If your source string is not fixed-width, try using the \"FM\" modifier."

// oneOf reads one of the words, in any case.
func (r *reader) oneOf(n *node, words []string) (int, error) {
	for i, w := range words {
		if len(r.s) >= len(w) && strings.EqualFold(r.s[:len(w)], w) {
			r.s = r.s[len(w):]
			return i, nil
		}
	}
	word := r.s
	if i := strings.IndexAny(word, " \t\n\r\f"); i >= 0 {
		word = word[:i]
	}
	return 0, errFormat("invalid value \"%s\" for \"%s\"", word, n.key.name).
		WithDetail("The given value did not match any of the allowed values for this field.")
}

var (
	ampmWords    = []string{"am", "pm"}
	ampmDotWords = []string{"a.m.", "p.m."}
	adbcWords    = []string{"ad", "bc"}
	adbcDotWords = []string{"a.d.", "b.c."}
	monthWords   = nameList(12, func(i int) string { return types.MonthName(i + 1) })
	monWords     = nameList(12, func(i int) string { return types.MonthName(i + 1)[:3] })
	dayWords     = nameList(7, types.DayName)
	dyWords      = nameList(7, func(i int) string { return types.DayName(i)[:3] })
)

func nameList(n int, f func(int) string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = f(i)
	}
	return list
}

// skipOrdinal passes the two characters of an ordinal's ending.
func (r *reader) skipOrdinal(n *node) {
	if n.suffix.thth() {
		for range 2 {
			if r.s != "" {
				r.s = r.s[charLen(r.s):]
			}
		}
	}
}

// pattern reads what a pattern stands for.
func (r *reader) pattern(nodes []node, i int) error {
	n := &nodes[i]
	switch n.key.id {
	case patFX:
		r.exact = true
		return nil
	case patAM, patam, patAMDots, patamDots:
		words := ampmWords
		if n.key.id == patAMDots || n.key.id == patamDots {
			words = ampmDotWords
		}
		v, err := r.oneOf(n, words)
		if err != nil {
			return err
		}
		r.clock12 = true
		return set(&r.pm, v, n)
	case patAD, patad, patADDots, patadDots:
		words := adbcWords
		if n.key.id == patADDots || n.key.id == patadDots {
			words = adbcDotWords
		}
		v, err := r.oneOf(n, words)
		if err != nil {
			return err
		}
		return set(&r.bc, v, n)
	case patMONTH, patMonth, patmonth:
		return r.word(n, monthWords, &r.month, func(v int) int { return v + 1 })
	case patMON, patMon, patmon:
		return r.word(n, monWords, &r.month, func(v int) int { return v + 1 })
	case patRM, patrm:
		return r.word(n, romanMonths[:], &r.month, func(v int) int { return 12 - v })
	case patDAY, patDay, patday, patDY, patDy, patdy:
		words := dayWords
		if id := n.key.id; id == patDY || id == patDy || id == patdy {
			words = dyWords
		}
		v, err := r.oneOf(n, words)
		if err != nil {
			return err
		}
		if err := set(&r.dow, v, n); err != nil {
			return err
		}
		r.dow++
		return nil
	case patTZ, pattz, patOF:
		return pgerr.New(pgerr.FeatureNotSupported, "formatting field \"%s\" is only supported in to_char", n.key.name)
	case patTZH:
		return r.zoneHours(nodes, i)
	case patTZM:
		if r.zoneSign == 0 {
			r.zoneSign = 1
		}
		_, err := r.number(&r.zoneM, nodes, i, 2)
		return err
	}
	if err := r.numeric(nodes, i); err != nil {
		return err
	}
	r.skipOrdinal(n)
	return nil
}

func (r *reader) word(n *node, words []string, dest *int, value func(int) int) error {
	v, err := r.oneOf(n, words)
	if err != nil {
		return err
	}
	return set(dest, value(v), n)
}

func (r *reader) zoneHours(nodes []node, i int) error {
	r.zoneSign = 1
	switch {
	case r.s == "":
	case r.s[0] == '+' || r.s[0] == '-' || r.s[0] == ' ':
		if r.s[0] == '-' {
			r.zoneSign = -1
		}
		r.s = r.s[1:]
	case r.extra > 0 && r.all[len(r.all)-len(r.s)-1] == '-':
		r.zoneSign = -1
	}
	_, err := r.number(&r.zoneHour, nodes, i, 2)
	return err
}

// numeric reads the patterns that are numbers.
func (r *reader) numeric(nodes []node, i int) (err error) {
	n := &nodes[i]
	width := len(n.key.name)
	switch n.key.id {
	case patHH12:
		_, err = r.number(&r.hour, nodes, i, 2)
		r.clock12 = true
	case patHH24:
		_, err = r.number(&r.hour, nodes, i, 2)
	case patMI:
		_, err = r.number(&r.minute, nodes, i, width)
	case patSS:
		_, err = r.number(&r.sec, nodes, i, width)
	case patMS:
		return r.scaled(&r.millis, nodes, i, 3)
	case patUS:
		return r.scaled(&r.micros, nodes, i, 6)
	case patFF1, patFF2, patFF3, patFF4, patFF5, patFF6:
		r.precision = n.key.id - patFF1 + 1
		return r.fraction(nodes, i)
	case patSSSS:
		_, err = r.number(&r.second, nodes, i, width)
	case patMM:
		_, err = r.number(&r.month, nodes, i, width)
	case patDDD:
		_, err = r.number(&r.yearDay, nodes, i, width)
	case patIDDD:
		_, err = r.number(&r.yearDay, nodes, i, 3)
	case patDD:
		_, err = r.number(&r.day, nodes, i, width)
	case patD:
		_, err = r.number(&r.dow, nodes, i, width)
	case patID:
		if _, err = r.number(&r.dow, nodes, i, 1); err == nil {
			if r.dow++; r.dow > 7 {
				r.dow = 1
			}
		}
	case patWW, patIW:
		_, err = r.number(&r.week, nodes, i, width)
	case patQ: // a quarter says too little to be used
		_, err = r.number(nil, nodes, i, width)
	case patCC:
		_, err = r.number(&r.century, nodes, i, width)
	case patW:
		_, err = r.number(&r.monthWeek, nodes, i, width)
	case patJ:
		_, err = r.number(&r.julian, nodes, i, width)
	default:
		return r.yearPattern(nodes, i)
	}
	return err
}

// scaled reads digits behind the point: "5" of three digits is 500.
func (r *reader) scaled(dest *int, nodes []node, i, width int) error {
	length, err := r.number(dest, nodes, i, width)
	if err != nil {
		return err
	}
	for ; length < width; length++ {
		*dest *= 10
	}
	return nil
}

func (r *reader) fraction(nodes []node, i int) error {
	length, err := r.number(&r.micros, nodes, i, r.precision)
	if err != nil {
		return err
	}
	for ; length < 6; length++ {
		r.micros *= 10
	}
	return nil
}

func (r *reader) yearPattern(nodes []node, i int) error {
	n := &nodes[i]
	digits := 4
	switch n.key.id {
	case patYComma:
		return r.commaYear(n)
	case patYYY, patIYY:
		digits = 3
	case patYY, patIY:
		digits = 2
	case patY, patI:
		digits = 1
	}
	length, err := r.number(&r.year, nodes, i, len(n.key.name))
	if err != nil {
		return err
	}
	if digits < 4 && length < 4 {
		r.year = near2020(r.year)
	}
	r.yearDigits = digits
	return nil
}

// near2020 completes a year of up to three digits.
func near2020(y int) int {
	switch {
	case y < 70:
		return y + 2000
	case y < 100:
		return y + 1900
	case y < 520:
		return y + 2000
	case y < 1000:
		return y + 1000
	}
	return y
}

// commaYear reads 2,001.
func (r *reader) commaYear(n *node) error {
	bad := errFormat("invalid input string for \"Y,YYY\"")
	k, used, ok := leadingInt(r.s)
	if used == 0 || !ok || used >= len(r.s) || r.s[used] != ',' {
		return bad
	}
	rest := r.s[used+1:]
	blank := len(rest) - len(skipSpaces(rest))
	y, used2, ok := leadingInt(rest[:min(blank+3, len(rest))])
	if used2 == 0 || !ok {
		return bad
	}
	if err := set(&r.year, int(k)*1000+int(y), n); err != nil {
		return err
	}
	r.yearDigits = 4
	r.s = rest[used2:]
	return nil
}
