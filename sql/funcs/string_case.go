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
	register("initcap", &Impl{Kernel: fn1(initcap)})
	register("textlen", &Impl{Kernel: fn1(charCount)})
	register("bpcharlen", &Impl{Kernel: fn1(func(s string) int64 { return charCount(trimBlanks(s)) })})
	register("textoctetlen", &Impl{Kernel: fn1(byteCount)})
	register("byteaoctetlen", &Impl{Kernel: fn1(byteCount)})
	register("bpcharoctetlen", &Impl{Kernel: fn1(byteCount)})
	register("bit_length(text)", &Impl{Kernel: fn1(func(s string) int64 { return 8 * byteCount(s) })})
	register("bit_length(bytea)", &Impl{Kernel: fn1(func(s string) int64 { return 8 * byteCount(s) })})
	register("text_reverse", &Impl{Kernel: fn1(reverse)})
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
func initcap(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	inWord := false
	for _, r := range s {
		if inWord {
			r = unicode.ToLower(r)
		} else {
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
		inWord = ctype.IsAlnum(r)
	}
	return b.String()
}

func reverse(s string) string {
	b := make([]byte, len(s))
	for i := 0; i < len(s); {
		_, n := utf8.DecodeRuneInString(s[i:])
		copy(b[len(s)-i-n:], s[i:i+n])
		i += n
	}
	return string(b)
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
