package settings

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
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

// encodings are PostgreSQL's client encodings by their spelling without
// punctuation; only the first three are served.
var encodings = map[string]string{
	"utf8": "UTF8", "unicode": "UTF8", "sqlascii": "SQL_ASCII",
	"abc": "WIN1258", "alt": "WIN866", "big5": "BIG5", "euccn": "EUC_CN", "eucjis2004": "EUC_JIS_2004", "eucjp": "EUC_JP", "euckr": "EUC_KR",
	"euctw": "EUC_TW", "gb18030": "GB18030", "gbk": "GBK", "iso88591": "LATIN1", "iso885910": "LATIN6", "iso885913": "LATIN7",
	"iso885914": "LATIN8", "iso885915": "LATIN9", "iso885916": "LATIN10", "iso88592": "LATIN2", "iso88593": "LATIN3", "iso88594": "LATIN4",
	"iso88595": "ISO_8859_5", "iso88596": "ISO_8859_6", "iso88597": "ISO_8859_7", "iso88598": "ISO_8859_8", "iso88599": "LATIN5",
	"johab": "JOHAB", "koi8": "KOI8R", "koi8r": "KOI8R", "koi8u": "KOI8U", "latin1": "LATIN1", "latin10": "LATIN10", "latin2": "LATIN2",
	"latin3": "LATIN3", "latin4": "LATIN4", "latin5": "LATIN5", "latin6": "LATIN6", "latin7": "LATIN7", "latin8": "LATIN8", "latin9": "LATIN9",
	"mskanji": "SJIS", "muleinternal": "MULE_INTERNAL", "shiftjis": "SJIS", "shiftjis2004": "SHIFT_JIS_2004", "sjis": "SJIS", "tcvn": "WIN1258",
	"tcvn5712": "WIN1258", "uhc": "UHC", "vscii": "WIN1258", "win": "WIN1251", "win1250": "WIN1250", "win1251": "WIN1251", "win1252": "WIN1252",
	"win1253": "WIN1253", "win1254": "WIN1254", "win1255": "WIN1255", "win1256": "WIN1256", "win1257": "WIN1257", "win1258": "WIN1258",
	"win866": "WIN866", "win874": "WIN874", "win932": "SJIS", "win936": "GBK", "win949": "UHC", "win950": "BIG5", "windows1250": "WIN1250",
	"windows1251": "WIN1251", "windows1252": "WIN1252", "windows1253": "WIN1253", "windows1254": "WIN1254", "windows1255": "WIN1255",
	"windows1256": "WIN1256", "windows1257": "WIN1257", "windows1258": "WIN1258", "windows866": "WIN866", "windows874": "WIN874",
	"windows932": "SJIS", "windows936": "GBK", "windows949": "UHC", "windows950": "BIG5",
}

// EncodingName gives the name of the encoding that a spelling means.
func EncodingName(s string) (name string, ok bool) {
	var b strings.Builder
	for _, c := range strings.ToLower(s) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			b.WriteRune(c)
		}
	}
	name, ok = encodings[b.String()]
	return name, ok
}

// checkClientEncoding takes UTF8 in all its spellings. SQL_ASCII means "as it is
// stored", which is UTF8 too, and clients that ask for it are told so.
func checkClientEncoding(_ *Session, value string) (string, error) {
	p := Find("client_encoding")
	name, ok := EncodingName(value)
	switch {
	case !ok:
		return "", invalid(p, value)
	case name == "UTF8" || name == "SQL_ASCII":
		return "UTF8", nil
	}
	e := invalid(p, value).WithDetail("Conversion between %s and UTF8 is not supported.", name)
	e.Code = pgerr.FeatureNotSupported
	return "", e
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
