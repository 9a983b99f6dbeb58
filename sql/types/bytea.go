package types

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

var (
	byteaCodec = &codec{in: byteaIn, out: byteaOut, recv: byteaRecv, send: textOut}
	uuidCodec  = &codec{in: uuidIn, out: uuidOut, recv: uuidRecv, send: textOut}
)

const lowerHex = "0123456789abcdef"

func byteaIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	if len(s) >= 2 && s[0] == '\\' && s[1] == 'x' {
		b, err := DecodeHex(s[2:])
		return NewString(string(b)), err
	}
	b, ok := decodeEscape(s)
	if !ok {
		return Null, pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type %s", "bytea")
	}
	return NewString(string(b)), nil
}

// DecodeHex reads hexadecimal digits as PostgreSQL's hex encoding does: blanks
// may stand between bytes; 22023 for anything else.
func DecodeHex(s string) ([]byte, error) {
	out := make([]byte, 0, len(s)/2)
	for i := 0; i < len(s); {
		if c := s[i]; c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			i++
			continue
		}
		hi := hexVal(s[i])
		if hi < 0 {
			return nil, errHexDigit(s[i:])
		}
		if i++; i >= len(s) {
			return nil, pgerr.New(pgerr.InvalidParameterValue, "invalid hexadecimal data: odd number of digits")
		}
		lo := hexVal(s[i])
		if lo < 0 {
			return nil, errHexDigit(s[i:])
		}
		out = append(out, byte(hi<<4|lo))
		i++
	}
	return out, nil
}

func errHexDigit(s string) error {
	return pgerr.New(pgerr.InvalidParameterValue, "invalid hexadecimal digit: \"%s\"", s[:charOffset(s, 1)])
}

// decodeEscape reads bytea's escape format: \\ and \ooo.
func decodeEscape(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		switch {
		case s[i] != '\\':
			out = append(out, s[i])
			i++
		case i+3 < len(s) && s[i+1] >= '0' && s[i+1] <= '3' && isOctal(s[i+2]) && isOctal(s[i+3]):
			out = append(out, (s[i+1]-'0')<<6|(s[i+2]-'0')<<3|(s[i+3]-'0'))
			i += 4
		case i+1 < len(s) && s[i+1] == '\\':
			out = append(out, '\\')
			i += 2
		default:
			return nil, false
		}
	}
	return out, true
}

func byteaOut(env *Env, _ *Type, dst []byte, d Datum) []byte {
	if env.ByteaEscape {
		return AppendByteaEscape(dst, d.s)
	}
	return AppendByteaHex(dst, d.s)
}

// AppendByteaHex appends bytea's hex format, \x and the digits.
func AppendByteaHex[S ~string | ~[]byte](dst []byte, s S) []byte {
	dst = append(dst, '\\', 'x')
	for i := 0; i < len(s); i++ {
		dst = append(dst, lowerHex[s[i]>>4], lowerHex[s[i]&15])
	}
	return dst
}

// AppendByteaEscape appends bytea's escape format.
func AppendByteaEscape[S ~string | ~[]byte](dst []byte, s S) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			dst = append(dst, '\\', '\\')
		case c < 0x20 || c > 0x7e:
			dst = append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func byteaRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	return NewString(string(r.take(len(r.b)))), nil
}

// uuidIn reads 32 hexadecimal digits, optionally in braces, with a hyphen
// allowed after every group of four.
func uuidIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	t := s
	braces := t != "" && t[0] == '{'
	if braces {
		t = t[1:]
	}
	var out [16]byte
	for i := range out {
		if len(t) < 2 || hexVal(t[0]) < 0 || hexVal(t[1]) < 0 {
			return Null, errSyntaxFor("uuid", s)
		}
		out[i] = byte(hexVal(t[0])<<4 | hexVal(t[1]))
		t = t[2:]
		if t != "" && t[0] == '-' && i%2 == 1 && i < 15 {
			t = t[1:]
		}
	}
	if braces {
		if t == "" || t[0] != '}' {
			return Null, errSyntaxFor("uuid", s)
		}
		t = t[1:]
	}
	if t != "" {
		return Null, errSyntaxFor("uuid", s)
	}
	return NewString(string(out[:])), nil
}

func uuidOut(_ *Env, _ *Type, dst []byte, d Datum) []byte { return AppendUUID(dst, d.s) }

// AppendUUID appends the text form of 16 bytes.
func AppendUUID(dst []byte, s string) []byte {
	if len(s) != 16 {
		return dst
	}
	var buf [36]byte
	j := 0
	for i := 0; i < 16; i++ {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			buf[j] = '-'
			j++
		}
		buf[j], buf[j+1] = lowerHex[s[i]>>4], lowerHex[s[i]&15]
		j += 2
	}
	return append(dst, buf[:]...)
}

func uuidRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	return NewString(string(r.take(16))), nil
}
