package funcs

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("lpad", &Impl{Kernel: append3e(func(dst []byte, s string, n int64, fill string) ([]byte, bool, error) {
		return pad(dst, s, n, fill, true)
	})})
	register("rpad", &Impl{Kernel: append3e(func(dst []byte, s string, n int64, fill string) ([]byte, bool, error) {
		return pad(dst, s, n, fill, false)
	})})
	register("lpad(text,int4)", &Impl{Kernel: padBlanks(true)})
	register("rpad(text,int4)", &Impl{Kernel: padBlanks(false)})
	register("repeat", &Impl{Kernel: fn2e(repeat)})
	register("btrim", &Impl{Kernel: fn2(func(s, set string) string { return trimRight(trimLeft(s, set), set) })})
	register("ltrim", &Impl{Kernel: fn2(trimLeft)})
	register("rtrim", &Impl{Kernel: fn2(trimRight)})
	register("btrim1", &Impl{Kernel: fn1(func(s string) string { return strings.Trim(s, " ") })})
	register("ltrim1", &Impl{Kernel: fn1(func(s string) string { return strings.TrimLeft(s, " ") })})
	register("rtrim1", &Impl{Kernel: fn1(trimBlanks)})
	register("translate", &Impl{Kernel: append3e(translate)})
	register("textcat", &Impl{Kernel: concatKernel2})
	register("byteacat", &Impl{Kernel: concatKernel2})
}

// padBlanks is lpad or rpad with blanks.
func padBlanks(onLeft bool) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		var blank vec.Vec
		blank.Const(types.Bytes, types.NewString(" "), n)
		append3e(func(dst []byte, s string, n int64, fill string) ([]byte, bool, error) {
			return pad(dst, s, n, fill, onLeft)
		})(
			c, []*vec.Vec{args[0], args[1], &blank}, n, out)
	}
}

// pad brings s to n characters: by cutting its end, or by filling up on the
// left or right. Without a fill it is left as it is.
func pad(dst []byte, s string, n int64, fill string, onLeft bool) (b []byte, same bool, err error) {
	n = max(n, 0)
	have := charCount(s)
	switch {
	case have > n:
		return append(dst, s[:cut(s, n)]...), false, nil
	case have == n || fill == "":
		return dst, true, nil
	case n > maxString/utf8.UTFMax:
		return dst, false, errTooLong
	}
	missing, unit := n-have, charCount(fill)
	if !onLeft {
		dst = append(dst, s...)
	}
	for ; missing >= unit; missing -= unit {
		dst = append(dst, fill...)
	}
	dst = append(dst, fill[:cut(fill, missing)]...)
	if onLeft {
		dst = append(dst, s...)
	}
	return dst, false, nil
}

func repeat(s string, n int64) (string, error) {
	if n <= 0 || s == "" {
		return "", nil
	}
	if n > maxString/int64(len(s)) {
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
func translate(dst []byte, s, from, to string) (b []byte, same bool, err error) {
	for _, r := range s {
		at := 0 // the number of r in from
		found := false
		for _, x := range from {
			if found = x == r; found {
				break
			}
			at++
		}
		if !found {
			dst = utf8.AppendRune(dst, r)
			continue
		}
		for _, x := range to {
			if at == 0 {
				dst = utf8.AppendRune(dst, x)
				break
			}
			at--
		}
	}
	return dst, false, nil
}
