package types

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgdata"
)

// ApplySetting puts the value of one of the parameters that an Env holds
// (DateStyle, IntervalStyle, TimeZone, extra_float_digits, bytea_output,
// default_text_search_config) into
// e. known is false for other parameters. ok is false for a value that is not
// allowed; detail, if any, belongs into the 22023 that the caller makes of it.
func (e *Env) ApplySetting(name, value string) (detail string, known, ok bool) {
	switch strings.ToLower(name) {
	case "datestyle":
		detail, ok = e.setDateStyle(value)
	case "intervalstyle":
		ok = e.setIntervalStyle(value)
	case "timezone":
		var z *Zone
		if z, detail, ok = ZoneSetting(value); ok {
			e.Zone = z
		}
	case "extra_float_digits":
		n, err := ParseIntText(value, 32)
		if ok = err == nil && n >= -15 && n <= 3; ok {
			e.ExtraFloatDigits = int(n)
		}
	case "default_text_search_config":
		if oid := TextSearchConfig(value); oid != 0 {
			e.TextSearch, ok = oid, true
		}
	case "bytea_output":
		if ok = strings.EqualFold(value, "hex") || strings.EqualFold(value, "escape"); ok {
			e.ByteaEscape = strings.EqualFold(value, "escape")
		}
	default:
		return "", false, false
	}
	return detail, true, ok
}

// TextSearchConfig gives the text search configuration that a setting names, 0 for none.
func TextSearchConfig(value string) OID {
	t := pgdata.Load("pg_ts_config")
	oid, name := t.Column("oid"), t.Column("cfgname")
	for _, r := range t.Rows {
		if r[name] == strings.TrimPrefix(value, "pg_catalog.") {
			return OID(pgdata.Uint(r[oid]))
		}
	}
	return 0
}

// setDateStyle reads a list of a style and an order, each of which keeps what
// it was if not named.
func (e *Env) setDateStyle(value string) (detail string, ok bool) {
	style, order := e.DateStyle, e.DateOrder
	haveStyle, haveOrder := false, false
	words, ok := splitIdentifiers(value)
	if !ok {
		return "List syntax is invalid.", false
	}
	for _, word := range words {
		newStyle, isStyle := styleWord(word)
		newOrder, isOrder := orderWord(word)
		switch {
		case isStyle:
			if haveStyle && newStyle != style {
				return "Conflicting \"datestyle\" specifications.", false
			}
			style, haveStyle = newStyle, true
			if style == DateGerman && !haveOrder {
				order = OrderDMY
			}
		case isOrder:
			if haveOrder && newOrder != order {
				return "Conflicting \"datestyle\" specifications.", false
			}
			order, haveOrder = newOrder, true
		case word == "default":
			if !haveStyle {
				style = DateISO
			}
			if !haveOrder {
				order = OrderMDY
			}
		default:
			return "Unrecognized key word: \"" + word + "\".", false
		}
	}
	e.DateStyle, e.DateOrder = style, order
	return "", true
}

// splitIdentifiers takes a list of identifiers apart, in lower case; an empty
// list is one.
func splitIdentifiers(list string) (words []string, ok bool) {
	s := strings.Trim(list, spaces)
	for s != "" || words != nil {
		n := strings.IndexAny(s, ","+spaces)
		if n < 0 {
			n = len(s)
		}
		word := s[:n]
		if s != "" && s[0] == '"' {
			end := strings.IndexByte(s[1:], '"')
			if end < 0 {
				return nil, false
			}
			word, n = s[1:1+end], end+2
		}
		if n == 0 {
			return nil, false
		}
		words = append(words, strings.ToLower(word))
		if s = strings.TrimLeft(s[n:], spaces); s == "" {
			break
		}
		if s[0] != ',' {
			return nil, false
		}
		s = strings.TrimLeft(s[1:], spaces)
	}
	return words, true
}

const spaces = " \t\n\v\f\r"

func styleWord(w string) (DateStyle, bool) {
	switch {
	case w == "iso":
		return DateISO, true
	case w == "sql":
		return DateSQL, true
	case strings.HasPrefix(w, "postgres"):
		return DatePostgres, true
	case w == "german":
		return DateGerman, true
	}
	return 0, false
}

func orderWord(w string) (DateOrder, bool) {
	switch {
	case w == "ymd":
		return OrderYMD, true
	case w == "dmy", strings.HasPrefix(w, "euro"):
		return OrderDMY, true
	case w == "mdy", w == "us", strings.HasPrefix(w, "noneuro"):
		return OrderMDY, true
	}
	return 0, false
}

func (e *Env) setIntervalStyle(value string) bool {
	for i, name := range intervalStyleNames {
		if strings.EqualFold(name, value) {
			e.IntervalStyle = IntervalStyle(i)
			return true
		}
	}
	return false
}

var intervalStyleNames = [...]string{"postgres", "postgres_verbose", "sql_standard", "iso_8601"}

// DateStyleText is how SHOW tells the date style: "ISO, MDY".
func (e *Env) DateStyleText() string {
	return [...]string{"ISO", "SQL", "Postgres", "German"}[e.DateStyle] + ", " + [...]string{"MDY", "DMY", "YMD"}[e.DateOrder]
}

// IntervalStyleText is how SHOW tells the interval style.
func (e *Env) IntervalStyleText() string { return intervalStyleNames[e.IntervalStyle] }
