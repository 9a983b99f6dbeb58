package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// The functions of macaddr and macaddr8.
func init() {
	for _, p := range []string{"macaddr_", "macaddr8_"} {
		registerRelations(p, compareStrs)
		register(p+"cmp", threeWay(cmpString))
		register(p+"not", &Impl{Kernel: fn1(func(s string) string { return mapBytes(s, s, func(a, _ byte) byte { return ^a }) })})
		register(p+"and", &Impl{Kernel: fn2(func(s, t string) string { return mapBytes(s, t, func(a, b byte) byte { return a & b }) })})
		register(p+"or", &Impl{Kernel: fn2(func(s, t string) string { return mapBytes(s, t, func(a, b byte) byte { return a | b }) })})
		register(p+"trunc", &Impl{Kernel: fn1(func(s string) string { return s[:3] + strings.Repeat("\x00", len(s)-3) })})
	}
	register("macaddr8_set7bit", &Impl{Kernel: fn1(func(s string) string { return string([]byte{s[0] | 2}) + s[1:] })})
	register("macaddrtomacaddr8", &Impl{Kernel: fn1(types.Macaddr8)})
	register("macaddr8tomacaddr", &Impl{Kernel: fn1e(types.Macaddr)})
}

func cmpString(a, b string) int { return strings.Compare(a, b) }

// mapBytes applies f to the bytes of two strings of one length.
func mapBytes(s, t string, f func(a, b byte) byte) string {
	out := make([]byte, len(s))
	for i := range out {
		out[i] = f(s[i], t[i])
	}
	return string(out)
}
