package funcs

import (
	"math"
	"strings"
	"unicode/utf8"
)

func init() {
	register("text_substr", &Impl{Kernel: fn3e(substr)})
	register("text_substr_no_len", &Impl{Kernel: fn2(func(s string, from int64) string { return substrFrom(s, from) })})
	register("textoverlay", &Impl{Kernel: fn4e(overlay)})
	register("textoverlay_no_len", &Impl{Kernel: fn3e(func(s, t string, from int64) (string, error) {
		return overlay(s, t, from, charCount(t))
	})})
	register("textpos", &Impl{Kernel: fn2(textPosition)})
	register("text_left", &Impl{Kernel: fn2(left)})
	register("text_right", &Impl{Kernel: fn2(right)})
	register("replace_text", &Impl{Kernel: append3e(replaceText)})
	register("split_part", &Impl{Kernel: fn3e(splitPart)})
	register("text_starts_with", &Impl{Kernel: fn2(strings.HasPrefix)})
}

// cut gives the byte offset of the n-th character of s (from 0), len(s) when
// there are fewer.
func cut(s string, n int64) int {
	if n <= 0 {
		return 0
	}
	if n >= int64(len(s)) {
		return len(s)
	}
	i := 0
	for ; n > 0 && i < len(s); n-- {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, w := utf8.DecodeRuneInString(s[i:])
		i += w
	}
	return i
}

// span gives the window [from, to) of positions from 0 that substring(… from
// start for length) means; ok is false for a negative length.
func span(start, length int64) (from, to int64, ok bool) {
	if length < 0 {
		return 0, 0, false
	}
	end := start + length
	if end > math.MaxInt32 { // as in PostgreSQL, overflow means to the end
		end = math.MaxInt32
	}
	from = max(start, 1) - 1
	return from, max(end-1, from), true
}

// substr is substring(s from start for length), in characters.
func substr(s string, start, length int64) (string, error) {
	from, to, ok := span(start, length)
	if !ok {
		return "", errSubstring
	}
	i := cut(s, from)
	return s[i : i+cut(s[i:], to-from)], nil
}

func substrFrom(s string, start int64) string { return s[cut(s, start-1):] }

// overlay puts t in the place of length characters of s.
func overlay(s, t string, start, length int64) (string, error) {
	if start <= 0 {
		return "", errSubstring
	}
	end := start + length
	if !width4.fits(end) {
		return "", errInt4Range
	}
	head, err := substr(s, 1, start-1)
	if err != nil {
		return "", err
	}
	return head + t + substrFrom(s, end), nil
}

// textPosition is the position of the first t in s, in characters from 1; 0
// when there is none.
func textPosition(s, t string) int64 {
	i := strings.Index(s, t)
	if i < 0 {
		return 0
	}
	return charCount(s[:i]) + 1
}

// left gives the first n characters; n < 0: all but the last -n.
func left(s string, n int64) string {
	if n < 0 {
		n = charCount(s) + n
	}
	return s[:cut(s, n)]
}

// right gives the last n characters; n < 0: all but the first -n.
func right(s string, n int64) string {
	switch {
	case n == math.MinInt32: // whose negative is itself there
		return s
	case n < 0:
		return s[cut(s, -n):]
	}
	return s[cut(s, charCount(s)-n):]
}

func replaceText(dst []byte, s, from, to string) (b []byte, same bool, err error) {
	if from == "" {
		return dst, true, nil
	}
	at := strings.Index(s, from)
	if at < 0 {
		return dst, true, nil
	}
	if len(to) > len(from) && len(s)+strings.Count(s, from)*(len(to)-len(from)) > maxString {
		return dst, false, errTooLong
	}
	for ; at >= 0; at = strings.Index(s, from) {
		dst = append(append(dst, s[:at]...), to...)
		s = s[at+len(from):]
	}
	return append(dst, s...), false, nil
}

// splitPart gives the n-th field of s; a negative n counts from the end.
func splitPart(s, sep string, n int64) (string, error) {
	switch {
	case n == 0:
		return "", errFieldZero
	case s == "":
		return "", nil
	case sep == "":
		if n == 1 || n == -1 {
			return s, nil
		}
		return "", nil
	case n < 0:
		for ; ; n++ {
			i := strings.LastIndex(s, sep)
			if n == -1 {
				if i < 0 {
					return s, nil
				}
				return s[i+len(sep):], nil
			}
			if i < 0 {
				return "", nil
			}
			s = s[:i]
		}
	}
	for ; n > 1; n-- {
		i := strings.Index(s, sep)
		if i < 0 {
			return "", nil
		}
		s = s[i+len(sep):]
	}
	if i := strings.Index(s, sep); i >= 0 {
		s = s[:i]
	}
	return s, nil
}
