package settings

import (
	"math"
	"strconv"
	"strings"
)

// unit is a unit that a number may be given in: so many base units of the
// parameter.
type unit struct {
	name string
	mult float64
}

const (
	memoryHint = `Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".`
	timeHint   = `Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".`
	rangeHint  = "Value exceeds integer range."
)

// units gives the units of a parameter by its own one, the largest first.
var units = map[string][]unit{
	"B":   {{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"kB", 1 << 10}, {"B", 1}},
	"kB":  {{"TB", 1 << 30}, {"GB", 1 << 20}, {"MB", 1 << 10}, {"kB", 1}, {"B", 1.0 / (1 << 10)}},
	"8kB": {{"TB", (1 << 30) / 8}, {"GB", (1 << 20) / 8}, {"MB", (1 << 10) / 8}, {"kB", 1.0 / 8}, {"B", 1.0 / (8 << 10)}},
	"MB":  {{"TB", 1 << 20}, {"GB", 1 << 10}, {"MB", 1}, {"kB", 1.0 / (1 << 10)}, {"B", 1.0 / (1 << 20)}},
	"ms":  {{"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}, {"us", 1.0 / 1000}},
	"s":   {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}, {"ms", 1.0 / 1000}, {"us", 1.0 / 1000000}},
	"min": {{"d", 1440}, {"h", 60}, {"min", 1}, {"s", 1.0 / 60}, {"ms", 1.0 / 60000}, {"us", 1.0 / 60000000}},
}

func unitHint(base string) string {
	if strings.HasSuffix(base, "B") {
		return memoryHint
	}
	return timeHint
}

// parseInt reads an integer with an optional unit, as PostgreSQL's parse_int: a
// fraction is rounded, C's prefixes for other bases are understood.
func parseInt(text, base string) (n int64, hint string, ok bool) {
	s := strings.TrimLeft(text, " \t\n\r\v\f")
	v, rest, ok, big := scanInt(s)
	if big || rest != "" && strings.ContainsAny(rest[:1], ".eE") {
		v, rest, ok = scanFloat(s)
	}
	if !ok {
		return 0, "", false
	}
	v, hint, ok = applyUnit(v, rest, base)
	if !ok {
		return 0, hint, false
	}
	v = math.RoundToEven(v)
	if v > math.MaxInt32 || v < math.MinInt32 {
		return 0, rangeHint, false
	}
	return int64(v), "", true
}

// parseReal reads a number with an optional unit.
func parseReal(text, base string) (v float64, hint string, ok bool) {
	v, rest, ok := scanFloat(strings.TrimLeft(text, " \t\n\r\v\f"))
	if !ok || math.IsNaN(v) {
		return 0, "", false
	}
	return applyUnit(v, rest, base)
}

// applyUnit takes the unit at the head of rest into account, after which only
// blanks may follow.
func applyUnit(v float64, rest, base string) (float64, string, bool) {
	rest = strings.Trim(rest, " \t\n\r\v\f")
	if rest == "" {
		return v, "", true
	}
	if base == "" {
		return 0, "", false
	}
	table := units[base]
	for i, u := range table {
		if u.name != rest {
			continue
		}
		v *= u.mult
		if i+1 < len(table) { // round what is finer than the next smaller unit
			v = math.RoundToEven(v/table[i+1].mult) * table[i+1].mult
		}
		return v, "", true
	}
	return 0, unitHint(base), false
}

// scanInt reads an integer as C's strtol with base 0 does; big tells one that
// does not fit.
func scanInt(s string) (v float64, rest string, ok, big bool) {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	base, digits := 10, i
	switch {
	case strings.HasPrefix(strings.ToLower(s[i:]), "0x") && i+2 < len(s) && hexDigit(s[i+2]):
		base, digits = 16, i+2
	case i < len(s) && s[i] == '0':
		base = 8
	}
	end := digits
	for end < len(s) && digitBelow(s[end], base) {
		end++
	}
	n, err := strconv.ParseInt(s[digits:end], base, 64)
	if err != nil {
		return 0, s, false, end > digits
	}
	if s[0] == '-' {
		n = -n
	}
	return float64(n), s[end:], true, false
}

func hexDigit(c byte) bool { return digitBelow(c, 16) }

func digitBelow(c byte, base int) bool {
	switch {
	case c >= '0' && c <= '9':
		return int(c-'0') < base
	case c >= 'a' && c <= 'f':
		return base == 16
	case c >= 'A' && c <= 'F':
		return base == 16
	}
	return false
}

// scanFloat reads the longest number at the head of s, as C's strtod does. One
// that does not fit is refused.
func scanFloat(s string) (v float64, rest string, ok bool) {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	for _, word := range []string{"infinity", "inf", "nan"} {
		if len(s) >= i+len(word) && strings.EqualFold(s[i:i+len(word)], word) {
			f, err := strconv.ParseFloat(s[:i+len(word)], 64)
			return f, s[i+len(word):], err == nil
		}
	}
	end, digits := i, 0
	for end < len(s) && (digitBelow(s[end], 10) || s[end] == '.' && !strings.Contains(s[i:end], ".")) {
		if s[end] != '.' {
			digits++
		}
		end++
	}
	if digits == 0 {
		return 0, s, false
	}
	if j := end; j < len(s) && (s[j] == 'e' || s[j] == 'E') {
		j++
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if j < len(s) && digitBelow(s[j], 10) {
			for j < len(s) && digitBelow(s[j], 10) {
				j++
			}
			end = j
		}
	}
	f, err := strconv.ParseFloat(s[:end], 64)
	return f, s[end:], err == nil
}

// showInt writes an integer in the largest unit that needs no fraction.
func showInt(n int64, base string) string {
	if base == "" || n <= 0 {
		return strconv.FormatInt(n, 10)
	}
	for _, u := range units[base] {
		if u.mult <= 1 || n%int64(u.mult) == 0 {
			return strconv.FormatInt(int64(math.RoundToEven(float64(n)/u.mult)), 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

// showReal writes a number in the largest unit in which it is whole, else in the
// smallest.
func showReal(v float64, base string) string {
	name := ""
	if table := units[base]; v > 0 && len(table) > 0 {
		base := v
		for _, u := range table {
			v, name = base/u.mult, u.name
			if v > 0 && math.Abs(math.RoundToEven(v)/v-1) <= 1e-8 {
				break
			}
		}
	}
	return shortest(v) + name
}

// shortest writes a number as C's %g does.
func shortest(v float64) string {
	if v == 0 {
		return "0"
	}
	exp := int(math.Floor(math.Log10(math.Abs(v))))
	s := strconv.FormatFloat(v, 'e', 5, 64)
	if e := strings.IndexByte(s, 'e'); e >= 0 { // rounding may have raised the exponent
		exp, _ = strconv.Atoi(s[e+1:])
	}
	if exp < -4 || exp >= 6 {
		m, e, _ := strings.Cut(s, "e")
		return trimZeros(m) + "e" + e
	}
	return trimZeros(strconv.FormatFloat(v, 'f', 5-exp, 64))
}

func trimZeros(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
