package funcs

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/sql/funcs/ctype"
)

func init() {
	register("lower", &Impl{Kernel: caseKernel('A', 'Z', strings.ToLower)})
	register("upper", &Impl{Kernel: caseKernel('a', 'z', strings.ToUpper)})
	register("initcap", &Impl{Kernel: append1(initcap)})
	register("textlen", &Impl{Kernel: fn1(charCount)})
	register("bpcharlen", &Impl{Kernel: fn1(func(s string) int64 { return charCount(trimBlanks(s)) })})
	register("textoctetlen", &Impl{Kernel: fn1(byteCount)})
	register("byteaoctetlen", &Impl{Kernel: fn1(byteCount)})
	register("bpcharoctetlen", &Impl{Kernel: fn1(byteCount)})
	register("bit_length(text)", &Impl{Kernel: fn1(func(s string) int64 { return 8 * byteCount(s) })})
	register("bit_length(bytea)", &Impl{Kernel: fn1(func(s string) int64 { return 8 * byteCount(s) })})
	register("text_reverse", &Impl{Kernel: append1(reverse)})
	register("ascii", &Impl{Kernel: fn1(ascii)})
	register("chr", &Impl{Kernel: fn1e(chr)})
}

func byteCount(s string) int64 { return int64(len(s)) }

func charCount(s string) int64 {
	if isASCII(s) {
		return int64(len(s))
	}
	return int64(utf8.RuneCountInString(s))
}

// trimBlanks takes off what character(n) is padded with.
func trimBlanks(s string) string { return strings.TrimRight(s, " ") }

// initcap makes the first letter of each run of letters and digits upper case
// and the rest lower case.
func initcap(dst []byte, s string) []byte {
	inWord := false
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			c := byte(r)
			switch lower := c | 0x20; {
			case lower < 'a' || lower > 'z':
			case inWord:
				c = lower
			default:
				c &^= 0x20
			}
			dst = append(dst, c)
			inWord = c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
			continue
		case inWord:
			r = unicode.ToLower(r)
		default:
			r = unicode.ToUpper(r)
		}
		dst = utf8.AppendRune(dst, r)
		inWord = ctype.IsAlnum(r)
	}
	return dst
}

func reverse(dst []byte, s string) []byte {
	for i := len(s); i > 0; {
		_, n := utf8.DecodeLastRuneInString(s[:i])
		dst = append(dst, s[i-n:i]...)
		i -= n
	}
	return dst
}

// ascii is the code point of the first character, 0 of the empty string.
func ascii(s string) int64 {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return int64(r)
}

func chr(n int64) (string, error) {
	switch {
	case n < 0:
		return "", errChrNegative
	case n == 0:
		return "", errChrNull
	case n > unicode.MaxRune:
		return "", errChr("requested character too large for encoding: %d", n)
	case n >= 0xd800 && n <= 0xdfff:
		return "", errChr("requested character not valid for encoding: %d", n)
	}
	return string(rune(n)), nil
}
