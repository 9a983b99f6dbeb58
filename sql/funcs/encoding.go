package funcs

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/transform"
)

func init() {
	register("pg_convert", &Impl{Kernel: fn3e(convertBytes)})
	register("pg_convert_from", &Impl{Kernel: fn2e(func(s, from string) (string, error) { return convertBytes(s, from, "UTF8") })})
	register("pg_convert_to", &Impl{Kernel: fn2e(func(s, to string) (string, error) { return convertBytes(s, "UTF8", to) })})
	register("length_in_encoding", &Impl{Kernel: fn2e(lengthIn)})
	register("PG_char_to_encoding", &Impl{Kernel: fn1(func(name string) int64 {
		if e := encodingByName(name); e != nil {
			return int64(e.id)
		}
		return -1
	})})
	register("PG_encoding_to_char", &Impl{Kernel: fn1(func(id int64) string {
		for _, e := range encodings {
			if int64(e.id) == id {
				return e.name
			}
		}
		return ""
	})})
	register("pg_encoding_max_length_sql", rowImplNull(func(id int64) (int64, bool) {
		for _, e := range encodings {
			if int64(e.id) == id {
				return int64(e.max), true
			}
		}
		return 0, false
	}))
}

// textEncoding is an encoding of PostgreSQL's: its number and name there, the
// most bytes a character has, and its tables here.
type textEncoding struct {
	id    int
	name  string
	max   int
	table encoding.Encoding // nil: UTF8 and SQL_ASCII, or not supported
}

var encodings = []*textEncoding{
	{0, "SQL_ASCII", 1, nil}, {1, "EUC_JP", 3, japanese.EUCJP}, {2, "EUC_CN", 2, simplifiedchinese.GBK}, {3, "EUC_KR", 3, korean.EUCKR},
	{4, "EUC_TW", 4, nil}, {5, "EUC_JIS_2004", 3, nil}, {6, "UTF8", 4, nil}, {7, "MULE_INTERNAL", 4, nil},
	{8, "LATIN1", 1, charmap.ISO8859_1}, {9, "LATIN2", 1, charmap.ISO8859_2}, {10, "LATIN3", 1, charmap.ISO8859_3},
	{11, "LATIN4", 1, charmap.ISO8859_4}, {12, "LATIN5", 1, charmap.ISO8859_9}, {13, "LATIN6", 1, charmap.ISO8859_10},
	{14, "LATIN7", 1, charmap.ISO8859_13}, {15, "LATIN8", 1, charmap.ISO8859_14}, {16, "LATIN9", 1, charmap.ISO8859_15},
	{17, "LATIN10", 1, charmap.ISO8859_16}, {18, "WIN1256", 1, charmap.Windows1256}, {19, "WIN1258", 1, charmap.Windows1258},
	{20, "WIN866", 1, charmap.CodePage866}, {21, "WIN874", 1, charmap.Windows874}, {22, "KOI8R", 1, charmap.KOI8R},
	{23, "WIN1251", 1, charmap.Windows1251}, {24, "WIN1252", 1, charmap.Windows1252}, {25, "ISO_8859_5", 1, charmap.ISO8859_5},
	{26, "ISO_8859_6", 1, charmap.ISO8859_6}, {27, "ISO_8859_7", 1, charmap.ISO8859_7}, {28, "ISO_8859_8", 1, charmap.ISO8859_8},
	{29, "WIN1250", 1, charmap.Windows1250}, {30, "WIN1253", 1, charmap.Windows1253}, {31, "WIN1254", 1, charmap.Windows1254},
	{32, "WIN1255", 1, charmap.Windows1255}, {33, "WIN1257", 1, charmap.Windows1257}, {34, "KOI8U", 1, charmap.KOI8U},
	{35, "SJIS", 2, japanese.ShiftJIS}, {36, "BIG5", 2, traditionalchinese.Big5}, {37, "GBK", 2, simplifiedchinese.GBK},
	{38, "UHC", 2, korean.EUCKR}, {39, "GB18030", 4, simplifiedchinese.GB18030}, {40, "JOHAB", 3, nil}, {41, "SHIFT_JIS_2004", 2, nil},
}

// encodingAliases are the other names, as PostgreSQL compares them: letters and
// digits only, in lower case.
var encodingAliases = map[string]string{
	"abc": "WIN1258", "alt": "WIN866", "iso88591": "LATIN1", "iso88592": "LATIN2", "iso88593": "LATIN3", "iso88594": "LATIN4",
	"iso88599": "LATIN5", "iso885910": "LATIN6", "iso885913": "LATIN7", "iso885914": "LATIN8", "iso885915": "LATIN9",
	"iso885916": "LATIN10", "koi8": "KOI8R", "mskanji": "SJIS", "shiftjis": "SJIS", "tcvn": "WIN1258", "tcvn5712": "WIN1258",
	"unicode": "UTF8", "vscii": "WIN1258", "win": "WIN1251", "win932": "SJIS", "win936": "GBK", "win949": "UHC", "win950": "BIG5",
	"windows1250": "WIN1250", "windows1251": "WIN1251", "windows1252": "WIN1252", "windows1253": "WIN1253", "windows1254": "WIN1254",
	"windows1255": "WIN1255", "windows1256": "WIN1256", "windows1257": "WIN1257", "windows1258": "WIN1258", "windows866": "WIN866",
	"windows874": "WIN874", "windows932": "SJIS", "windows936": "GBK", "windows949": "UHC", "windows950": "BIG5",
}

func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

func encodingByName(name string) *textEncoding {
	if len(name) >= 64 || name == "" {
		return nil
	}
	key := plainName(name)
	if full, ok := encodingAliases[key]; ok {
		key = plainName(full)
	}
	for _, e := range encodings {
		if plainName(e.name) == key {
			return e
		}
	}
	return nil
}

// viaUTF8 are the conversions between two other encodings that PostgreSQL has.
var viaUTF8 = map[string]bool{
	"KOI8R WIN1251": true, "KOI8R WIN866": true, "KOI8R ISO_8859_5": true, "WIN1251 WIN866": true, "WIN1251 ISO_8859_5": true,
	"WIN866 ISO_8859_5": true, "LATIN2 WIN1250": true, "EUC_JP SJIS": true,
}

func convertBytes(s, from, to string) (string, error) {
	f, t := encodingByName(from), encodingByName(to)
	switch {
	case f == nil:
		return "", pgerr.New(pgerr.InvalidParameterValue, "invalid source encoding name \"%s\"", from)
	case t == nil:
		return "", pgerr.New(pgerr.InvalidParameterValue, "invalid destination encoding name \"%s\"", to)
	}
	if err := f.verify(s); err != nil {
		return "", err
	}
	switch {
	case f == t, t.name == "SQL_ASCII", s == "":
		return s, nil
	case f.name == "SQL_ASCII":
		return s, t.verify(s)
	case f.name != "UTF8" && t.name != "UTF8" && !viaUTF8[f.name+" "+t.name] && !viaUTF8[t.name+" "+f.name]:
		return "", pgerr.New(pgerr.UndefinedFunction, "default conversion function for encoding \"%s\" to \"%s\" does not exist", f.name, t.name)
	}
	u, err := f.toUTF8(s)
	if err != nil {
		return "", err
	}
	return t.fromUTF8(u)
}

func errInvalidBytes(name string, b string) error {
	return pgerr.New(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"%s\": %s", name, hexBytes(b))
}

func hexBytes(s string) string {
	parts := make([]string, len(s))
	for i := range len(s) {
		parts[i] = fmt.Sprintf("0x%02x", s[i])
	}
	return strings.Join(parts, " ")
}

func errNoEquivalent(b, from, to string) error {
	return pgerr.New(pgerr.UntranslatableCharacter, "character with byte sequence %s in encoding \"%s\" has no equivalent in encoding \"%s\"", hexBytes(b), from, to)
}

// verify checks that s is valid in the encoding.
func (e *textEncoding) verify(s string) error {
	_, err := e.chars(s, nil)
	return err
}

// chars calls f for each character and counts them.
func (e *textEncoding) chars(s string, f func(c string) error) (n int64, err error) {
	for i := 0; i < len(s); n++ {
		w := e.width(s[i:])
		if w <= 0 || s[i] == 0 {
			return 0, errInvalidBytes(e.name, s[i:i+max(min(-w, len(s)-i), 1)])
		}
		if f != nil {
			if err := f(s[i : i+w]); err != nil {
				return 0, err
			}
		}
		i += w
	}
	return n, nil
}

// width is the length of the first character; ≤ 0 when it is not valid, then
// minus the length of what is shown of it.
func (e *textEncoding) width(s string) int {
	high := func(i int, lo byte) bool { return i < len(s) && s[i] >= lo && s[i] != 0xff }
	c := s[0]
	if c < 0x80 {
		return 1
	}
	switch e.name {
	case "UTF8":
		if r, w := utf8.DecodeRuneInString(s); r != utf8.RuneError || w > 1 {
			return w
		}
		return -utf8Length(c)
	case "SQL_ASCII":
		return 1
	case "EUC_JP", "EUC_KR", "EUC_CN":
		switch {
		case c == 0x8e && e.name == "EUC_JP" && high(1, 0xa1):
			return 2
		case c == 0x8f && e.name == "EUC_JP" && high(1, 0xa1) && high(2, 0xa1):
			return 3
		case c >= 0xa1 && c != 0xff && high(1, 0xa1):
			return 2
		}
		if c == 0x8e || c >= 0xa1 {
			return -2
		}
		return -1
	case "SJIS":
		switch {
		case c >= 0xa1 && c <= 0xdf:
			return 1
		case (c >= 0x81 && c <= 0x9f || c >= 0xe0 && c <= 0xfc) && high(1, 0x40):
			return 2
		case c == 0x80 || c > 0xfc || c == 0xa0:
			return -1
		}
		return -2
	}
	if e.max == 1 {
		return 1
	}
	if e.name == "GB18030" && len(s) >= 4 && s[1] >= '0' && s[1] <= '9' {
		return 4
	}
	if len(s) >= 2 && s[1] != 0 {
		return 2
	}
	return -2
}

// utf8Length is the length that a first byte announces.
func utf8Length(c byte) int {
	switch {
	case c&0xe0 == 0xc0:
		return 2
	case c&0xf0 == 0xe0:
		return 3
	case c&0xf8 == 0xf0:
		return 4
	}
	return 1
}

// toUTF8 and fromUTF8 convert valid text character by character.
func (e *textEncoding) toUTF8(s string) (string, error) {
	if e.name == "UTF8" {
		return s, nil
	}
	if e.table == nil {
		return "", pgerr.NotSupported("encoding %s", e.name)
	}
	d := e.table.NewDecoder()
	return e.convert(s, "UTF8", func(c string) (string, bool) {
		if e.iso8859() && c[0] < 0xa0 { // control characters, which the tables lack
			return string(rune(c[0])), true
		}
		d.Reset()
		u, _, err := transform.String(d, c)
		return u, err == nil && u != "" && !strings.ContainsRune(u, utf8.RuneError)
	})
}

func (e *textEncoding) fromUTF8(s string) (string, error) {
	if e.name == "UTF8" {
		return s, nil
	}
	if e.table == nil {
		return "", pgerr.NotSupported("encoding %s", e.name)
	}
	enc := e.table.NewEncoder()
	return encodingByName("UTF8").convert(s, e.name, func(c string) (string, bool) {
		if r, _ := utf8.DecodeRuneInString(c); e.iso8859() && r < 0xa0 {
			return string([]byte{byte(r)}), true
		}
		enc.Reset()
		b, _, err := transform.String(enc, c)
		return b, err == nil
	})
}

func (e *textEncoding) iso8859() bool {
	return strings.HasPrefix(e.name, "LATIN") || strings.HasPrefix(e.name, "ISO")
}

// convert maps each character with f, which says when there is no counterpart.
func (e *textEncoding) convert(s, to string, f func(c string) (string, bool)) (string, error) {
	var b strings.Builder
	_, err := e.chars(s, func(c string) error {
		if c[0] < 0x80 {
			b.WriteString(c)
			return nil
		}
		u, ok := f(c)
		if !ok {
			return errNoEquivalent(c, e.name, to)
		}
		b.WriteString(u)
		return nil
	})
	return b.String(), err
}

// lengthIn counts the characters of bytes in an encoding.
func lengthIn(s, name string) (int64, error) {
	e := encodingByName(name)
	if e == nil {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "invalid encoding name \"%s\"", name)
	}
	return e.chars(s, nil)
}
