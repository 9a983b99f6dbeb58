package funcs

import (
	"github.com/streamsqld/streamsqld/sql/vec"
)

// constText is the kernel of a function that always gives the same text.
func constText(s string) Kernel {
	return func(_ *Ctx, _ []*vec.Vec, n int, out *vec.Vec) {
		r := Out[string](out, n)
		for i := range r {
			r[i] = s
		}
	}
}

// rowImplNull makes the Impl of a function of one number that may be NULL.
func rowImplNull(f func(int64) (int64, bool)) *Impl {
	return partial(func(_ *Ctx, x int64) (int64, bool) { return f(x) })
}
