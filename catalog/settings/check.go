package settings

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/internal/textenc"
)

// checks are the parameters whose values are more than their type says.
var checks = map[string]func(s *Session, value string) (string, error){
	"DateStyle":                   checkDateStyle,
	"TimeZone":                    checkTimeZone,
	"client_encoding":             checkClientEncoding,
	"search_path":                 checkList("search_path"),
	"temp_tablespaces":            checkList("temp_tablespaces"),
	"application_name":            checkPrintable,
	"cluster_name":                checkPrintable,
	"default_tablespace":          checkTablespace,
	"default_table_access_method": checkAccessMethod,
	"default_text_search_config":  checkTextSearch,
	"lc_messages":                 checkLocale("lc_messages"),
	"lc_monetary":                 checkLocale("lc_monetary"),
	"lc_numeric":                  checkLocale("lc_numeric"),
	"lc_time":                     checkLocale("lc_time"),
	"timezone_abbreviations":      only("timezone_abbreviations", "Default"),
	"standard_conforming_strings": refuse("standard_conforming_strings", "off"),
	"transform_null_equals":       refuse("transform_null_equals", "on"),
	"array_nulls":                 refuse("array_nulls", "off"),
	"composite_type_mismatch":     refuse("composite_type_mismatch", "warn", "disabled"),
	"session_replication_role":    refuse("session_replication_role", "replica"),
}

// checkDateStyle merges a new style into the session's: "German" changes the
// style and leaves the order, "DMY" the other way round.
func checkDateStyle(s *Session, value string) (string, error) {
	p := Find("DateStyle")
	words, ok := SplitIdentifiers(value)
	if !ok {
		return "", invalid(p, value).WithDetail("List syntax is invalid.")
	}
	style, order := "ISO", "MDY"
	if s != nil {
		style, order, _ = strings.Cut(s.value(p), ", ")
	}
	setStyle, setOrder, clash := false, false, false
	take := func(what *string, set *bool, v string) {
		clash = clash || *set && *what != v
		*what, *set = v, true
	}
	for _, w := range words {
		switch w = strings.ToLower(w); {
		case w == "iso":
			take(&style, &setStyle, "ISO")
		case w == "sql":
			take(&style, &setStyle, "SQL")
		case strings.HasPrefix(w, "postgres"):
			take(&style, &setStyle, "Postgres")
		case strings.HasPrefix(w, "german"):
			take(&style, &setStyle, "German")
			if !setOrder {
				order = "DMY"
			}
		case w == "ymd":
			take(&order, &setOrder, "YMD")
		case w == "dmy", strings.HasPrefix(w, "euro"):
			take(&order, &setOrder, "DMY")
		case w == "mdy", w == "us", strings.HasPrefix(w, "noneuro"):
			take(&order, &setOrder, "MDY")
		case w == "default":
			resetStyle, resetOrder, _ := strings.Cut(resetOf(s, p), ", ")
			if !setStyle {
				style = resetStyle
			}
			if !setOrder {
				order = resetOrder
			}
		default:
			return "", invalid(p, value).WithDetail("Unrecognized key word: \"%s\".", w)
		}
	}
	if clash {
		return "", invalid(p, value).WithDetail("Conflicting \"datestyle\" specifications.")
	}
	return style + ", " + order, nil
}

func resetOf(s *Session, p *Param) string {
	if s == nil {
		return p.Boot
	}
	return s.resetValue(p)
}

// checkClientEncoding takes every encoding whose texts can be converted. SQL_ASCII
// means no conversion: what comes still has to be UTF8.
func checkClientEncoding(_ *Session, value string) (string, error) {
	p := Find("client_encoding")
	e := textenc.ByName(value)
	switch {
	case e == nil:
		return "", invalid(p, value)
	case e.Supported():
		return e.Name, nil
	}
	err := invalid(p, value).WithDetail("Conversion between %s and UTF8 is not supported.", e.Name)
	err.Code = pgerr.FeatureNotSupported
	return "", err
}

func checkList(name string) func(*Session, string) (string, error) {
	return func(_ *Session, value string) (string, error) {
		if _, ok := SplitIdentifiers(value); !ok {
			return "", invalid(Find(name), value).WithDetail("List syntax is invalid.")
		}
		return value, nil
	}
}

// checkPrintable makes everything but printable ASCII a question mark.
func checkPrintable(_ *Session, value string) (string, error) {
	b := []byte(value)
	for i, c := range b {
		if c < 32 || c > 126 {
			b[i] = '?'
		}
	}
	return string(b), nil
}

func checkTablespace(_ *Session, value string) (string, error) {
	switch value {
	case "", "pg_default", "pg_global":
		return value, nil
	}
	return "", invalid(Find("default_tablespace"), value).WithDetail("Tablespace \"%s\" does not exist.", value)
}

func checkAccessMethod(_ *Session, value string) (string, error) {
	p := Find("default_table_access_method")
	switch value {
	case "heap":
		return value, nil
	case "":
		return "", invalid(p, value).WithDetail("%s cannot be empty.", p.Name)
	}
	return "", invalid(p, value).WithDetail("Table access method \"%s\" does not exist.", value)
}

// checkTextSearch takes what pg_ts_config lists.
func checkTextSearch(_ *Session, value string) (string, error) {
	name := strings.TrimPrefix(value, "pg_catalog.")
	if !textSearchConfigs()[name] {
		return "", invalid(Find("default_text_search_config"), value)
	}
	return "pg_catalog." + name, nil
}

func checkLocale(name string) func(*Session, string) (string, error) {
	return func(_ *Session, value string) (string, error) {
		switch value {
		case "", "C", "POSIX", "C.UTF-8", "C.utf8":
			return value, nil
		}
		return "", invalid(Find(name), value)
	}
}

func only(name, one string) func(*Session, string) (string, error) {
	return func(_ *Session, value string) (string, error) {
		if !strings.EqualFold(value, one) {
			return "", invalid(Find(name), value)
		}
		return one, nil
	}
}

// refuse is for values that would change what SQL means, which we do not do.
func refuse(name string, values ...string) func(*Session, string) (string, error) {
	return func(_ *Session, v string) (string, error) {
		for _, value := range values {
			if v == value {
				return "", pgerr.NotSupported("setting parameter \"%s\" to \"%s\"", name, value)
			}
		}
		return v, nil
	}
}
