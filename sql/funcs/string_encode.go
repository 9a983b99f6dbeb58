package funcs

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

func init() {
	register("binary_encode", &Impl{Kernel: fn2e(encode)})
	register("binary_decode", &Impl{Kernel: fn2e(decode)})
	register("to_hex32", &Impl{Kernel: append1(func(dst []byte, x int64) []byte { return hexNumber(dst, uint64(uint32(x))) })})
	register("to_hex64", &Impl{Kernel: append1(func(dst []byte, x int64) []byte { return hexNumber(dst, uint64(x)) })})
}

const hexDigits = "0123456789abcdef"

func hexNumber(dst []byte, x uint64) []byte { return strconv.AppendUint(dst, x, 16) }

func errEncoding(name string) error {
	return pgerr.New(pgerr.InvalidParameterValue, "unrecognized encoding: \"%s\"", name)
}

func encode(s, format string) (string, error) {
	switch strings.ToLower(format) {
	case "hex":
		b := make([]byte, 0, 2*len(s))
		for i := range len(s) {
			b = append(b, hexDigits[s[i]>>4], hexDigits[s[i]&15])
		}
		return string(b), nil
	case "base64":
		return base64Encode(s), nil
	case "escape":
		return escapeEncode(s), nil
	}
	return "", errEncoding(format)
}

func decode(s, format string) (string, error) {
	switch strings.ToLower(format) {
	case "hex":
		return hexDecode(s)
	case "base64":
		return base64Decode(s)
	case "escape":
		return escapeDecode(s)
	}
	return "", errEncoding(format)
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// base64Encode breaks lines after 76 characters, as MIME has it.
func base64Encode(s string) string {
	b := make([]byte, 0, (len(s)+2)/3*4+len(s)/57)
	for i := 0; i < len(s); i += 3 {
		var x uint32
		part := s[i:min(i+3, len(s))]
		for j := range 3 {
			x <<= 8
			if j < len(part) {
				x |= uint32(part[j])
			}
		}
		b = append(b, base64Digits[x>>18], base64Digits[x>>12&63], base64Digits[x>>6&63], base64Digits[x&63])
		for j := len(part); j < 3; j++ {
			b[len(b)-3+j] = '='
		}
		if (i/3+1)%19 == 0 {
			b = append(b, '\n')
		}
	}
	return string(b)
}

// base64Decode ignores white space and is strict about everything else.
func base64Decode(s string) (string, error) {
	var b []byte
	var buf uint32
	pos, end := 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		d := 0
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			continue
		case c == '=':
			if end == 0 {
				switch pos {
				case 2:
					end = 1
				case 3:
					end = 2
				default:
					return "", pgerr.New(pgerr.InvalidParameterValue, "unexpected \"=\" while decoding base64 sequence")
				}
			}
		default:
			if d = strings.IndexByte(base64Digits, c); d < 0 {
				return "", pgerr.New(pgerr.InvalidParameterValue, "invalid symbol \"%s\" found while decoding base64 sequence", firstChar(s[i:]))
			}
		}
		buf = buf<<6 | uint32(d)
		if pos++; pos == 4 {
			b = append(b, byte(buf>>16))
			if end == 0 || end > 1 {
				b = append(b, byte(buf>>8))
			}
			if end == 0 || end > 2 {
				b = append(b, byte(buf))
			}
			buf, pos = 0, 0
		}
	}
	if pos != 0 {
		return "", pgerr.New(pgerr.InvalidParameterValue, "invalid base64 end sequence").
			WithHint("Input data is missing padding, is truncated, or is otherwise corrupted.")
	}
	return string(b), nil
}

func hexDecode(s string) (string, error) {
	b := make([]byte, 0, len(s)/2)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			continue
		}
		h := hexValue(c)
		if h < 0 {
			return "", errHexDigit(s[i:])
		}
		if i++; i >= len(s) {
			return "", pgerr.New(pgerr.InvalidParameterValue, "invalid hexadecimal data: odd number of digits")
		}
		l := hexValue(s[i])
		if l < 0 {
			return "", errHexDigit(s[i:])
		}
		b = append(b, byte(h<<4|l))
	}
	return string(b), nil
}

func errHexDigit(rest string) error {
	return pgerr.New(pgerr.InvalidParameterValue, "invalid hexadecimal digit: \"%s\"", firstChar(rest))
}

func firstChar(s string) string { return s[:cut(s, 1)] }

func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// escapeEncode writes zero and bytes above 127 as \ooo and doubles backslashes.
func escapeEncode(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c == 0 || c >= 0x80:
			b = append(b, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		case c == '\\':
			b = append(b, '\\', '\\')
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

func escapeDecode(s string) (string, error) {
	b := make([]byte, 0, len(s))
	octal := func(i int, top byte) bool { return i < len(s) && s[i] >= '0' && s[i] <= top }
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			b = append(b, s[i])
		case octal(i+1, '3') && octal(i+2, '7') && octal(i+3, '7'):
			b = append(b, (s[i+1]-'0')<<6|(s[i+2]-'0')<<3|(s[i+3]-'0'))
			i += 3
		case i+1 < len(s) && s[i+1] == '\\':
			b = append(b, '\\')
			i++
		default:
			return "", pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type bytea")
		}
	}
	return string(b), nil
}
