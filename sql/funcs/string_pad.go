package funcs

import (
	"strings"
	"unicode/utf8"
)

func init() {
	register("lpad", &Impl{Kernel: fn3e(func(s string, n int64, fill string) (string, error) { return pad(s, n, fill, true) })})
	register("rpad", &Impl{Kernel: fn3e(func(s string, n int64, fill string) (string, error) { return pad(s, n, fill, false) })})
	register("lpad(text,int4)", &Impl{Kernel: fn2e(func(s string, n int64) (string, error) { return pad(s, n, " ", true) })})
	register("rpad(text,int4)", &Impl{Kernel: fn2e(func(s string, n int64) (string, error) { return pad(s, n, " ", false) })})
	register("repeat", &Impl{Kernel: fn2e(repeat)})
	register("btrim", &Impl{Kernel: fn2(func(s, set string) string { return trimRight(trimLeft(s, set), set) })})
	register("ltrim", &Impl{Kernel: fn2(trimLeft)})
	register("rtrim", &Impl{Kernel: fn2(trimRight)})
	register("btrim1", &Impl{Kernel: fn1(func(s string) string { return strings.Trim(s, " ") })})
	register("ltrim1", &Impl{Kernel: fn1(func(s string) string { return strings.TrimLeft(s, " ") })})
	register("rtrim1", &Impl{Kernel: fn1(trimBlanks)})
	register("translate", &Impl{Kernel: fn3e(translate)})
	register("textcat", &Impl{Kernel: concatKernel2})
	register("byteacat", &Impl{Kernel: concatKernel2})
}

// pad brings s to n characters: by cutting its end, or by filling up on the
// left or right. Without a fill it is left as it is.
func pad(s string, n int64, fill string, onLeft bool) (string, error) {
	n = max(n, 0)
	have := charCount(s)
	if have >= n {
		return s[:cut(s, n)], nil
	}
	if fill == "" {
		return s, nil
	}
	if n > maxString/utf8.UTFMax {
		return "", errTooLong
	}
	missing, unit := n-have, charCount(fill)
	var b strings.Builder
	if !onLeft {
		b.WriteString(s)
	}
	for ; missing >= unit; missing -= unit {
		b.WriteString(fill)
	}
	b.WriteString(fill[:cut(fill, missing)])
	if onLeft {
		b.WriteString(s)
	}
	return b.String(), nil
}

func repeat(s string, n int64) (string, error) {
	if n <= 0 || s == "" {
		return "", nil
	}
	if int64(len(s))*n > maxString {
		return "", errTooLong
	}
	return strings.Repeat(s, int(n)), nil
}

// trimLeft takes leading characters that are in set off s.
func trimLeft(s, set string) string {
	for s != "" {
		_, n := utf8.DecodeRuneInString(s)
		if !strings.Contains(set, s[:n]) {
			break
		}
		s = s[n:]
	}
	return s
}

func trimRight(s, set string) string {
	for s != "" {
		_, n := utf8.DecodeLastRuneInString(s)
		if !strings.Contains(set, s[len(s)-n:]) {
			break
		}
		s = s[:len(s)-n]
	}
	return s
}

// translate replaces each character of s that is in from by its counterpart in
// to, or drops it when there is none.
func translate(s, from, to string) (string, error) {
	f, t := []rune(from), []rune(to)
	var b strings.Builder
	for _, r := range s {
		at := -1
		for i, x := range f {
			if x == r {
				at = i
				break
			}
		}
		switch {
		case at < 0:
			b.WriteRune(r)
		case at < len(t):
			b.WriteRune(t[at])
		}
	}
	return b.String(), nil
}
