package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	register("booltext", &Impl{Kernel: fn1(boolText)})
	register("name_text", &Impl{Kernel: fn1(sameString)})
	register("name_bpchar", &Impl{Kernel: fn1(sameString)})
	register("text_name", &Impl{Kernel: fn1(types.TruncateName)})
	register("bpchar_name", &Impl{Kernel: fn1(func(s string) string { return trimBlanks(types.TruncateName(s)) })})
	register("char_bpchar", &Impl{Kernel: fn1(sameString)})
	register("char_text", &Impl{Kernel: fn1(charText)})
	register("text_char", &Impl{Kernel: fn1(textChar)})
	register("chartoi4", &Impl{Kernel: fn1(charToInt)})
	register("i4tochar", &Impl{Kernel: fn1e(intToChar)})
	register("bpchar", &Impl{Kernel: coerce(types.CoerceBpchar)})
	register("varchar", &Impl{Kernel: coerce(types.CoerceVarchar)})
}

// coerce makes the kernel of a cast to a length: value, type modifier, explicit.
func coerce(f func(s string, mod int32, explicit bool) (string, error)) Kernel {
	return fn3e(func(s string, mod int64, explicit bool) (string, error) { return f(s, int32(mod), explicit) })
}

func sameString(s string) string { return s }

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// textOf is CAST(d AS text), which differs from the output function for a few
// types: true is not t, and character(n) loses its padding,
// and inet always shows the length of its network.
func textOf(env *types.Env, t *types.Type, d types.Datum) string {
	switch t.Underlying().OID {
	case types.BoolOID:
		return boolText(d.Bool())
	case types.BpcharOID:
		return trimBlanks(d.Str())
	case types.InetOID, types.CidrOID:
		return string(types.DecodeInet(d.Str()).AppendFull(nil))
	}
	return t.Text(env, d)
}

// charOf is the value of a "char" that is the byte c.
func charOf(c byte) string { return types.NewChar(c).Str() }

// charText shows a "char": bytes that are no ASCII character as \ooo.
func charText(s string) string {
	c := types.CharByte(s)
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
	return charOf(types.CharByte(s))
}

func charToInt(s string) int64 { return int64(int8(types.CharByte(s))) }

func intToChar(x int64) (string, error) {
	if x < -128 || x > 127 {
		return "", pgerr.New(pgerr.NumericValueOutOfRange, "\"char\" out of range")
	}
	return charOf(byte(x)), nil
}
