package types

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/zeebo/xxh3"
)

// Codecs of the character types. Their lengths count characters (code points).

var (
	textCodec    = &codec{in: textIn, out: textOut, recv: textRecv, send: textSend}
	textOutOnly  = &codec{out: textOut, send: textSend}
	aclitemCodec = &codec{in: textIn, out: textOut}
	varcharCodec = &codec{in: varcharIn, out: textOut, recv: lengthRecv(varcharIn), send: textSend}
	bpcharCodec  = &codec{in: bpcharIn, out: textOut, recv: lengthRecv(bpcharIn), send: textSend, cmp: bpcharCmp, hash: bpcharHash}
	nameCodec    = &codec{in: nameIn, out: textOut, recv: nameRecv, send: textSend}
	charCodec    = &codec{in: charIn, out: charOut, recv: charRecv, send: charSend}
	voidCodec    = &codec{in: voidIn, out: textOut, recv: voidRecv, send: textOut}
)

func textIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) { return NewString(s), nil }

func textOut(_ *Env, _ *Type, dst []byte, d Datum) []byte { return append(dst, d.s...) }

// textSend is the binary form of texts: their characters in the client's encoding.
func textSend(env *Env, _ *Type, dst []byte, d Datum) []byte {
	if env.Client == nil {
		return append(dst, d.s...)
	}
	return env.Client.Append(dst, d.s)
}

func textRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	s, err := r.text()
	return NewString(s), err
}

func voidIn(*Env, *Type, string, int32) (Datum, error) { return NewString(""), nil }

func voidRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	r.take(len(r.b))
	return NewString(""), nil
}

// lengthRecv reads characters and applies the length as the input function.
func lengthRecv(in func(*Env, *Type, string, int32) (Datum, error)) func(*Env, *Type, *reader, int32) (Datum, error) {
	return func(env *Env, t *Type, r *reader, mod int32) (Datum, error) {
		s, err := r.text()
		if err != nil {
			return Null, err
		}
		return in(env, t, s, mod)
	}
}

// varHdrSize is added to the length in the modifiers of varchar and bpchar.
const varHdrSize = 4

func varcharIn(_ *Env, _ *Type, s string, mod int32) (Datum, error) {
	s, err := CoerceVarchar(s, mod, false)
	return NewString(s), err
}

func bpcharIn(_ *Env, _ *Type, s string, mod int32) (Datum, error) {
	s, err := CoerceBpchar(s, mod, false)
	return NewString(s), err
}

// CoerceVarchar applies a varchar modifier. What is too long is cut by an
// explicit cast; otherwise only blanks may be cut, 22001 for anything else.
func CoerceVarchar(s string, mod int32, explicit bool) (string, error) {
	n := int(mod) - varHdrSize
	if n < 0 || len(s) <= n {
		return s, nil
	}
	return cutChars(s, n, explicit, "varying")
}

// CoerceBpchar applies a bpchar modifier as CoerceVarchar does and pads with
// blanks to the length.
func CoerceBpchar(s string, mod int32, explicit bool) (string, error) {
	n := int(mod) - varHdrSize
	if n < 0 {
		return s, nil
	}
	chars := utf8.RuneCountInString(s)
	if chars > n {
		return cutChars(s, n, explicit, "")
	}
	if chars == n {
		return s, nil
	}
	return s + strings.Repeat(" ", n-chars), nil
}

// cutChars cuts s after n characters.
func cutChars(s string, n int, explicit bool, varying string) (string, error) {
	at := charOffset(s, n)
	if !explicit && strings.Trim(s[at:], " ") != "" {
		typ := "character"
		if varying != "" {
			typ += " " + varying
		}
		return "", pgerr.New(pgerr.StringDataRightTruncation, "value too long for type %s(%d)", typ, n)
	}
	return s[:at], nil
}

// charOffset is the byte offset of character n, len(s) when there are fewer.
func charOffset(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// TrimBpchar cuts the trailing blanks of a bpchar value, as its cast to text
// and its comparisons do.
func TrimBpchar(s string) string {
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}

func bpcharCmp(_ *Type, a, b string) int { return strings.Compare(TrimBpchar(a), TrimBpchar(b)) }

func bpcharHash(_ *Type, s string) uint64 { return xxh3.HashString(TrimBpchar(s)) }

// NameLen is the most bytes a name has.
const NameLen = 63

// TruncateName cuts s to the length of a name, between characters.
func TruncateName(s string) string {
	if len(s) <= NameLen {
		return s
	}
	n := NameLen
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func nameIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	return NewString(TruncateName(s)), nil
}

func nameRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	s, err := r.text()
	if err == nil && len(s) > NameLen {
		err = pgerr.New(pgerr.NameTooLong, "identifier too long").
			WithDetail("Identifier must be less than %d characters.", NameLen+1)
	}
	return NewString(s), err
}

// A "char" is one byte; the zero byte is the empty string. A byte beyond ASCII
// is shown as \ooo.

func charIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	if len(s) == 4 && s[0] == '\\' && isOctal(s[1]) && isOctal(s[2]) && isOctal(s[3]) {
		return newChar(s[1]<<6 | (s[2]-'0')<<3 | (s[3] - '0')), nil
	}
	if s == "" {
		return newChar(0), nil
	}
	return newChar(s[0]), nil
}

func isOctal(c byte) bool { return c >= '0' && c <= '7' }

// charValues holds the 256 values of "char" by byte; the zero byte is "".
var charValues = func() (t [256]string) {
	for i := 1; i < 256; i++ {
		t[i] = string([]byte{byte(i)})
	}
	return t
}()

func newChar(c byte) Datum { return NewString(charValues[c]) }

// NewChar makes a "char" value of one byte.
func NewChar(c byte) Datum { return newChar(c) }

// CharByte gives the byte of a "char" value.
func CharByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

func charOut(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	if c := CharByte(d.s); c >= 0x80 {
		return append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
	}
	return append(dst, d.s...)
}

func charRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) { return newChar(r.u8()), nil }

func charSend(_ *Env, _ *Type, dst []byte, d Datum) []byte { return append(dst, CharByte(d.s)) }

// The binary form of jsonpath and jsonb starts with a version.
func jsonpathRecv(env *Env, t *Type, r *reader, mod int32) (Datum, error) {
	if v := r.u8(); v != 1 && !r.short {
		return Null, pgerr.New(pgerr.InternalError, "unsupported jsonpath version number: %d", v)
	}
	s, err := r.text()
	if err != nil || r.short {
		return Null, err
	}
	return jsonpathIn(env, t, s, mod)
}

func jsonpathSend(env *Env, _ *Type, dst []byte, d Datum) []byte {
	return env.Client.Append(append(dst, 1), d.s)
}
