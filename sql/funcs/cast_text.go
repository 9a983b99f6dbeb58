package funcs

import (
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	register("booltext", &Impl{Kernel: fn1(boolText)})
	register("name_text", &Impl{Kernel: fn1(sameString)})
	register("name_bpchar", &Impl{Kernel: fn1(sameString)})
	register("text_name", &Impl{Kernel: fn1(toName)})
	register("bpchar_name", &Impl{Kernel: fn1(func(s string) string { return trimBlanks(toName(s)) })})
	register("char_bpchar", &Impl{Kernel: fn1(sameString)})
	register("char_text", &Impl{Kernel: fn1(charText)})
	register("text_char", &Impl{Kernel: fn1(textChar)})
	register("chartoi4", &Impl{Kernel: fn1(charToInt)})
	register("i4tochar", &Impl{Kernel: fn1e(intToChar)})
	register("bpchar", &Impl{Kernel: fn3e(CoerceBpchar)})
	register("varchar", &Impl{Kernel: fn3e(CoerceVarchar)})
	register("nameconcatoid", &Impl{Kernel: fn2(nameConcatOID)})
}

func sameString(s string) string { return s }

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// textOf is CAST(d AS text), which differs from the output function for a few
// types: true is not t, and character(n) loses its padding.
func textOf(env *types.Env, t *types.Type, d types.Datum) string {
	switch t.Underlying().OID {
	case types.BoolOID:
		return boolText(d.Bool())
	case types.BpcharOID:
		return trimBlanks(d.Str())
	}
	return t.Text(env, d)
}

// maxName is the length of the longest name in bytes.
const maxName = 63

// toName cuts a text to a name, between characters.
func toName(s string) string { return clip(s, maxName) }

// clip cuts s to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// charByte is the byte that a "char" value is: the empty string is zero.
func charByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

func charOf(c byte) string {
	if c == 0 {
		return ""
	}
	return string([]byte{c})
}

// charText shows a "char": bytes that are no ASCII character as \ooo.
func charText(s string) string {
	c := charByte(s)
	if c < 0x80 {
		return charOf(c)
	}
	return string([]byte{'\\', '0' + c>>6, '0' + c>>3&7, '0' + c&7})
}

// textChar takes the first byte of a text, or reads what charText writes.
func textChar(s string) string {
	octal := func(i int) bool { return s[i] >= '0' && s[i] <= '7' }
	if len(s) == 4 && s[0] == '\\' && octal(1) && octal(2) && octal(3) {
		return charOf((s[1]-'0')<<6 | (s[2]-'0')<<3 | (s[3] - '0'))
	}
	return charOf(charByte(s))
}

func charToInt(s string) int64 { return int64(int8(charByte(s))) }

func intToChar(x int64) (string, error) {
	if x < -128 || x > 127 {
		return "", pgerr.New(pgerr.NumericValueOutOfRange, "\"char\" out of range")
	}
	return charOf(byte(x)), nil
}

// CoerceBpchar brings s to character(n), given as a type modifier: it is padded
// with blanks, or cut; anything but blanks is cut only by an explicit cast.
func CoerceBpchar(s string, mod int64, explicit bool) (string, error) {
	n := mod - 4
	if n < 0 {
		return s, nil
	}
	have := charCount(s)
	if have > n {
		i := cut(s, n)
		if !explicit && trimBlanks(s[i:]) != "" {
			return "", pgerr.New(pgerr.StringDataRightTruncation, "value too long for type character(%d)", n)
		}
		return s[:i], nil
	}
	return pad(s, n, " ", false)
}

// CoerceVarchar brings s to character varying(n), given as a type modifier.
func CoerceVarchar(s string, mod int64, explicit bool) (string, error) {
	n := mod - 4
	if n < 0 || int64(len(s)) <= n {
		return s, nil
	}
	i := cut(s, n)
	if !explicit && trimBlanks(s[i:]) != "" {
		return "", pgerr.New(pgerr.StringDataRightTruncation, "value too long for type character varying(%d)", n)
	}
	return s[:i], nil
}

// nameConcatOID makes the name name_oid, cutting the name and never the number.
func nameConcatOID(name string, oid int64) string {
	suffix := "_" + types.TInt8.Text(types.DefaultEnv, types.NewInt(oid))
	return clip(name, maxName-len(suffix)) + suffix
}
