package types

import (
	"math"
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// fieldKind is what a field of a date or time looks like.
type fieldKind uint8

const (
	fieldNumber  fieldKind = iota
	fieldString            // a word
	fieldDate              // digits and words joined by - / .
	fieldTime              // digits with a colon
	fieldZone              // a sign and digits
	fieldSpecial           // a sign and a word
)

// dtField is a piece of a date, time or interval text, in lower case.
type dtField struct {
	text string
	kind fieldKind
}

// dtErr is what is wrong with a date, time or interval.
type dtErr uint8

const (
	dtOK dtErr = iota
	dtBadFormat
	dtFieldOverflow
	dtMDOverflow // month or day, which another date order might heal
	dtIntervalOverflow
	dtZoneOverflow
	dtZoneUnknown
)

// error makes the report; zone is the name of an unknown zone.
func (e dtErr) error(text, typ, zone string) error {
	switch e {
	case dtOK:
		return nil
	case dtFieldOverflow:
		return pgerr.New(pgerr.DatetimeFieldOverflow, "date/time field value out of range: \"%s\"", text)
	case dtMDOverflow:
		return pgerr.New(pgerr.DatetimeFieldOverflow, "date/time field value out of range: \"%s\"", text).
			WithHint("Perhaps you need a different \"datestyle\" setting.")
	case dtIntervalOverflow:
		return pgerr.New(pgerr.IntervalFieldOverflow, "interval field value out of range: \"%s\"", text)
	case dtZoneOverflow:
		return pgerr.New(pgerr.InvalidTimeZoneDisplacementValue, "time zone displacement out of range: \"%s\"", text)
	case dtZoneUnknown:
		return errZone(zone)
	}
	return pgerr.New(pgerr.InvalidDatetimeFormat, "invalid input syntax for type %s: \"%s\"", typ, text)
}

const maxDateFields = 25

// Sizes of the buffers that PostgreSQL splits texts in: longer texts are 22007.
const (
	dateBuffer      = 129
	timestampBuffer = 153
	intervalBuffer  = 256
)

// scanner splits a text into fields.
type scanner struct {
	s    string
	i    int
	room int // left of the buffer
	low  []byte
}

// scanFields splits a text as ParseDateTime does.
func scanFields(s string, buffer int, out []dtField) ([]dtField, dtErr) {
	sc := scanner{s: s, room: buffer}
	for sc.i < len(s) {
		c := s[sc.i]
		if isSpace(c) || isPunct(c) && c != '.' && c != '+' && c != '-' {
			sc.i++
			continue
		}
		if len(out) >= maxDateFields {
			return nil, dtBadFormat
		}
		sc.low = sc.low[:0]
		kind, ok := sc.field(c)
		if sc.room -= len(sc.low); !ok || sc.room < 1 {
			return nil, dtBadFormat
		}
		sc.room--
		out = append(out, dtField{string(sc.low), kind})
	}
	return out, dtOK
}

func isPunct(c byte) bool {
	return c > ' ' && c < 0x7f && !isDigit(c) && !isAlpha(c)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// at gives the next character, 0 at the end.
func (sc *scanner) at() byte {
	if sc.i < len(sc.s) {
		return sc.s[sc.i]
	}
	return 0
}

// take keeps the next character, in lower case.
func (sc *scanner) take() {
	c := sc.s[sc.i]
	if c >= 'A' && c <= 'Z' {
		c |= 0x20
	}
	sc.low = append(sc.low, c)
	sc.i++
}

func (sc *scanner) takeWhile(ok func(byte) bool) {
	for sc.i < len(sc.s) && ok(sc.s[sc.i]) {
		sc.take()
	}
}

func (sc *scanner) field(c byte) (fieldKind, bool) {
	switch {
	case isDigit(c):
		return sc.number(), true
	case c == '.':
		sc.take()
		sc.takeWhile(isDigit)
		return fieldNumber, true
	case isAlpha(c):
		return sc.word(), true
	case c == '+' || c == '-':
		return sc.signed()
	}
	return 0, false
}

// number reads a field that starts with a digit: a time, a date, or a number.
func (sc *scanner) number() fieldKind {
	sc.takeWhile(isDigit)
	switch delim := sc.at(); delim {
	case ':':
		sc.takeWhile(func(c byte) bool { return isDigit(c) || c == ':' || c == '.' })
		return fieldTime
	case '-', '/', '.':
		sc.take()
		if !isDigit(sc.at()) {
			sc.takeWhile(func(c byte) bool { return isDigit(c) || isAlpha(c) || c == delim })
			return fieldDate
		}
		sc.takeWhile(isDigit)
		if sc.at() == delim {
			sc.takeWhile(func(c byte) bool { return isDigit(c) || c == delim })
			return fieldDate
		}
		if delim == '.' {
			return fieldNumber
		}
		return fieldDate
	}
	return fieldNumber
}

// word reads a field that starts with a letter: a word, or a date or zone name
// with punctuation.
func (sc *scanner) word() fieldKind {
	sc.takeWhile(isAlpha)
	c := sc.at()
	joined := c == '-' || c == '/' || c == '.'
	if c == '+' || isDigit(c) {
		// A known word in front of digits stands for itself, else this is a zone.
		joined = lookToken(dateTokens, string(sc.low)).typ == tokUnknown
	}
	if !joined {
		return fieldString
	}
	sc.take()
	sc.takeWhile(func(c byte) bool {
		return isDigit(c) || isAlpha(c) || c == '+' || c == '-' || c == '/' || c == '_' || c == '.' || c == ':'
	})
	return fieldDate
}

func (sc *scanner) signed() (fieldKind, bool) {
	sc.take()
	for isSpace(sc.at()) {
		sc.i++
	}
	switch c := sc.at(); {
	case isDigit(c):
		sc.takeWhile(func(c byte) bool { return isDigit(c) || c == ':' || c == '.' || c == '-' })
		return fieldZone, true
	case isAlpha(c):
		sc.takeWhile(isAlpha)
		return fieldSpecial, true
	}
	return 0, false
}

// leadingInt reads a decimal int32 from the front of s as strtol does; ok is
// false when it is out of range. Without digits it is 0 and rest is s.
func leadingInt(s string) (n int, rest string, ok bool) {
	t := s
	if t != "" && (t[0] == '-' || t[0] == '+') {
		t = t[1:]
	}
	digits, rest := digitRun(t)
	if digits == "" {
		return 0, s, true
	}
	v, err := strconv.ParseInt(s[:len(s)-len(rest)], 10, 32)
	return int(v), rest, err == nil
}

// fraction reads ".digits" to the end of the text as microseconds; a point
// alone is 0.
func fraction(s string) (micros int, err dtErr) {
	if len(s) == 1 {
		return 0, dtOK
	}
	digits, rest := digitRun(s[1:])
	if rest != "" || digits == "" {
		return 0, dtBadFormat
	}
	return fractionMicros(digits), dtOK
}

// fractionMicros rounds a fraction's digits to microseconds, halves to even as
// a float has it.
func fractionMicros(digits string) int {
	if len(digits) <= 6 {
		n := 0
		for i := 0; i < 6; i++ {
			n *= 10
			if i < len(digits) {
				n += int(digits[i] - '0')
			}
		}
		return n
	}
	f, _ := strconv.ParseFloat("0."+digits, 64)
	return int(math.RoundToEven(f * 1000000))
}
