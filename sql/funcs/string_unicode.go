package funcs

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"golang.org/x/text/unicode/norm"
)

func init() {
	register("unistr", &Impl{Kernel: fn1e(unistr)})
	register("unicode_normalize_func", &Impl{Kernel: fn2e(func(s, form string) (string, error) {
		f, err := normalForm(form)
		if err != nil {
			return "", err
		}
		return f.String(s), nil
	})})
	register("unicode_is_normalized", &Impl{Kernel: fn2e(func(s, form string) (bool, error) {
		f, err := normalForm(form)
		if err != nil {
			return false, err
		}
		return f.IsNormalString(s), nil
	})})
}

func normalForm(name string) (norm.Form, error) {
	switch strings.ToUpper(name) {
	case "NFC":
		return norm.NFC, nil
	case "NFD":
		return norm.NFD, nil
	case "NFKC":
		return norm.NFKC, nil
	case "NFKD":
		return norm.NFKD, nil
	}
	return 0, pgerr.New(pgerr.InvalidParameterValue, "invalid normalization form: %s", name)
}

var (
	errUnistr     = pgerr.New(pgerr.SyntaxError, "invalid Unicode escape").WithHint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.")
	errUnistrPair = pgerr.New(pgerr.SyntaxError, "invalid Unicode surrogate pair")
)

// unistr evaluates Unicode escapes; high and low surrogates must come in pairs.
func unistr(s string) (string, error) {
	var b strings.Builder
	high := rune(0)
	for i := 0; i < len(s); {
		if s[i] != '\\' || strings.HasPrefix(s[i:], `\\`) {
			if high != 0 {
				return "", errUnistrPair
			}
			if s[i] == '\\' {
				i++
			}
			b.WriteByte(s[i])
			i++
			continue
		}
		r, n, err := unicodeEscape(s[i:])
		if err != nil {
			return "", err
		}
		i += n
		switch {
		case high != 0:
			if r = utf16.DecodeRune(high, r); r == utf8.RuneError {
				return "", errUnistrPair
			}
			high = 0
			b.WriteRune(r)
		case r >= 0xd800 && r < 0xdc00:
			high = r
		case utf16.IsSurrogate(r):
			return "", errUnistrPair
		default:
			b.WriteRune(r)
		}
	}
	if high != 0 {
		return "", errUnistrPair
	}
	return b.String(), nil
}

// unicodeEscape reads one escape; n is its length.
func unicodeEscape(s string) (r rune, n int, err error) {
	lo, digits := 1, 4
	switch {
	case strings.HasPrefix(s, `\u`):
		lo = 2
	case strings.HasPrefix(s, `\+`):
		lo, digits = 2, 6
	case strings.HasPrefix(s, `\U`):
		lo, digits = 2, 8
	}
	if len(s) < lo+digits {
		return 0, 0, errUnistr
	}
	for _, c := range []byte(s[lo : lo+digits]) {
		if hexValue(c) < 0 {
			return 0, 0, errUnistr
		}
	}
	x, _ := strconv.ParseUint(s[lo:lo+digits], 16, 32)
	if x == 0 || x > utf8.MaxRune {
		return 0, 0, pgerr.New(pgerr.InvalidParameterValue, "invalid Unicode code point: %s", s[lo:lo+digits])
	}
	return rune(x), lo + digits, nil
}
