// Package textenc converts texts between UTF8 and the other encodings that
// PostgreSQL knows, character by character and with its errors: 22021 for bytes
// that are no characters, 22P05 for a character that the other encoding lacks.
package textenc

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

// Encoding is an encoding of PostgreSQL's: its number and name there, and the
// most bytes that a character has.
type Encoding struct {
	ID     int
	Name   string
	MaxLen int
	table  encoding.Encoding // nil: UTF8 and SQL_ASCII, or not supported
}

// Supported tells whether texts can be converted between the encoding and UTF8.
func (e *Encoding) Supported() bool {
	return e.table != nil || e.Name == "UTF8" || e.Name == "SQL_ASCII"
}

var encodings = []*Encoding{
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

// ByID gives the encoding with a number, nil when there is none.
func ByID(id int64) *Encoding {
	if id < 0 || id >= int64(len(encodings)) {
		return nil
	}
	return encodings[id]
}

// ByName gives the encoding that a name means, however it is written; nil: none.
func ByName(name string) *Encoding {
	if len(name) >= 64 || name == "" {
		return nil
	}
	key := plainName(name)
	if full, ok := encodingAliases[key]; ok {
		key = plainName(full)
	}
	for _, e := range encodings {
		if plainName(e.Name) == key {
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

// Convert gives s, which is in encoding from, in encoding to.
func Convert(s, from, to string) (string, error) {
	f, t := ByName(from), ByName(to)
	switch {
	case f == nil:
		return "", pgerr.New(pgerr.InvalidParameterValue, "invalid source encoding name \"%s\"", from)
	case t == nil:
		return "", pgerr.New(pgerr.InvalidParameterValue, "invalid destination encoding name \"%s\"", to)
	}
	if err := f.Verify(s); err != nil {
		return "", err
	}
	switch {
	case f == t, t.Name == "SQL_ASCII", s == "":
		return s, nil
	case f.Name == "SQL_ASCII":
		return s, t.Verify(s)
	case f.Name != "UTF8" && t.Name != "UTF8" && !viaUTF8[f.Name+" "+t.Name] && !viaUTF8[t.Name+" "+f.Name]:
		return "", pgerr.New(pgerr.UndefinedFunction, "default conversion function for encoding \"%s\" to \"%s\" does not exist", f.Name, t.Name)
	}
	u, err := f.ToUTF8(s)
	if err != nil {
		return "", err
	}
	return t.FromUTF8(u)
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

// Verify checks that s is valid in the encoding.
func (e *Encoding) Verify(s string) error {
	_, err := e.chars(s, nil)
	return err
}

// chars calls f for each character and counts them.
func (e *Encoding) chars(s string, f func(c string) error) (n int64, err error) {
	for i := 0; i < len(s); n++ {
		w := e.width(s[i:])
		if w <= 0 || s[i] == 0 {
			return 0, errInvalidBytes(e.Name, s[i:i+max(min(-w, len(s)-i), 1)])
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

// Whole gives how many bytes at the front of b are whole characters, or none at all;
// what is behind them is the begin of a character.
func (e *Encoding) Whole(b []byte) int {
	if e.MaxLen == 1 {
		return len(b)
	}
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		end := min(len(b), i+e.MaxLen)
		w := e.width(string(b[i:end]))
		switch {
		case end == len(b) && i+e.MaxLen > len(b) && (w <= 0 || i+w == len(b)):
			return i // more bytes may make it another character
		case w <= 0:
			return len(b)
		}
		i += w
	}
	return len(b)
}

// width is the length of the first character; ≤ 0 when it is not valid, then
// minus the length of what is shown of it.
func (e *Encoding) width(s string) int {
	high := func(i int, lo byte) bool { return i < len(s) && s[i] >= lo && s[i] != 0xff }
	c := s[0]
	if c < 0x80 {
		return 1
	}
	switch e.Name {
	case "UTF8":
		if r, w := utf8.DecodeRuneInString(s); r != utf8.RuneError || w > 1 {
			return w
		}
		return -utf8Length(c)
	case "SQL_ASCII":
		return 1
	case "EUC_JP", "EUC_KR", "EUC_CN":
		switch {
		case c == 0x8e && e.Name == "EUC_JP" && high(1, 0xa1):
			return 2
		case c == 0x8f && e.Name == "EUC_JP" && high(1, 0xa1) && high(2, 0xa1):
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
	if e.MaxLen == 1 {
		return 1
	}
	if e.Name == "GB18030" && len(s) >= 2 && s[1] >= '0' && s[1] <= '9' {
		if len(s) < 4 {
			return -len(s)
		}
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

// ToUTF8 converts a text of the encoding.
func (e *Encoding) ToUTF8(s string) (string, error) {
	if e.Name == "UTF8" {
		return s, e.Verify(s)
	}
	if e.table == nil {
		return "", pgerr.NotSupported("encoding %s", e.Name)
	}
	if m, ok := e.table.(*charmap.Charmap); ok {
		return e.convert(s, "UTF8", func(c string) (string, bool) {
			r := e.decodeByte(m, c[0])
			return string(r), r != utf8.RuneError
		})
	}
	d := e.table.NewDecoder()
	return e.convert(s, "UTF8", func(c string) (string, bool) {
		d.Reset()
		u, _, err := transform.String(d, c)
		return u, err == nil && u != "" && !strings.ContainsRune(u, utf8.RuneError)
	})
}

// FromUTF8 converts a text in UTF8 to the encoding.
func (e *Encoding) FromUTF8(s string) (string, error) {
	if e.Name == "UTF8" {
		return s, e.Verify(s)
	}
	if e.table == nil {
		return "", pgerr.NotSupported("encoding %s", e.Name)
	}
	if m, ok := e.table.(*charmap.Charmap); ok {
		return ByName("UTF8").convert(s, e.Name, func(c string) (string, bool) {
			r, _ := utf8.DecodeRuneInString(c)
			b, ok := e.encodeRune(m, r)
			return string([]byte{b}), ok
		})
	}
	enc := e.table.NewEncoder()
	return ByName("UTF8").convert(s, e.Name, func(c string) (string, bool) {
		enc.Reset()
		b, _, err := transform.String(enc, c)
		return b, err == nil
	})
}

// exception is a byte that PostgreSQL reads otherwise than the tables.
type exception struct {
	encoding string
	b        byte
	r        rune // utf8.RuneError: it is no character
}

var exceptions = []exception{{"WIN1255", 0xca, utf8.RuneError}, {"KOI8U", 0xae, 0x255d}, {"KOI8U", 0xbe, 0x256c}}

// decodeByte gives the character of a byte from 0x80 on, utf8.RuneError for none.
func (e *Encoding) decodeByte(m *charmap.Charmap, b byte) rune {
	if e.iso8859() && b < 0xa0 { // control characters, which the tables lack
		return rune(b)
	}
	for _, x := range exceptions {
		if x.encoding == e.Name && x.b == b {
			return x.r
		}
	}
	return m.DecodeByte(b)
}

// encodeRune gives the byte of a character from U+0080 on.
func (e *Encoding) encodeRune(m *charmap.Charmap, r rune) (b byte, ok bool) {
	if e.iso8859() && r < 0xa0 {
		return byte(r), true
	}
	for _, x := range exceptions {
		if x.encoding == e.Name && x.r == r {
			return x.b, true
		}
	}
	b, ok = m.EncodeRune(r)
	return b, ok && e.decodeByte(m, b) == r
}

func (e *Encoding) iso8859() bool {
	return strings.HasPrefix(e.Name, "LATIN") || strings.HasPrefix(e.Name, "ISO")
}

// convert maps each character with f, which says when there is no counterpart.
func (e *Encoding) convert(s, to string, f func(c string) (string, bool)) (string, error) {
	if plainASCII(s) {
		return s, nil
	}
	var b strings.Builder
	_, err := e.chars(s, func(c string) error {
		if c[0] < 0x80 {
			b.WriteString(c)
			return nil
		}
		u, ok := f(c)
		if !ok {
			return errNoEquivalent(c, e.Name, to)
		}
		b.WriteString(u)
		return nil
	})
	return b.String(), err
}

// plainASCII tells that a text is the same in every encoding.
func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] == 0 || s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Length counts the characters of bytes in the encoding of that name.
func Length(s, name string) (int64, error) {
	e := ByName(name)
	if e == nil {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "invalid encoding name \"%s\"", name)
	}
	return e.chars(s, nil)
}
