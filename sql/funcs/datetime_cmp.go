package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Comparisons between dates and the two timestamps. Those with a timestamptz
// are by the session's zone.
func init() {
	for name, f := range map[string]func(c *Ctx, a, b int64) int{
		"date_%_timestamp":        func(_ *Ctx, a, b int64) int { return types.CmpDateTimestamp(a, b) },
		"timestamp_%_date":        func(_ *Ctx, a, b int64) int { return -types.CmpDateTimestamp(b, a) },
		"date_%_timestamptz":      func(c *Ctx, a, b int64) int { return types.CmpDateTimestamptz(c.zone(), a, b) },
		"timestamptz_%_date":      func(c *Ctx, a, b int64) int { return -types.CmpDateTimestamptz(c.zone(), b, a) },
		"timestamp_%_timestamptz": func(c *Ctx, a, b int64) int { return types.CmpTimestampTimestamptz(c.zone(), a, b) },
		"timestamptz_%_timestamp": func(c *Ctx, a, b int64) int { return -types.CmpTimestampTimestamptz(c.zone(), b, a) },
	} {
		before, after, _ := strings.Cut(name, "%")
		for r, s := range relSuffix {
			register(before+s+after, &Impl{Kernel: compareTimes(f, relation(r))})
		}
		register(before+"cmp"+after, &Impl{Kernel: func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
			fn2(func(a, b int64) int64 { return int64(f(c, a, b)) })(c, args, n, out)
		}})
	}
}

func compareTimes(f func(c *Ctx, a, b int64) int, r relation) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		fn2(func(a, b int64) bool { return r.holds(f(c, a, b)) })(c, args, n, out)
	}
}
