package exec

import (
	"encoding/binary"
	"math"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// sortKey is one key of an order: a column of the rows that are sorted.
type sortKey struct {
	pos        int
	typ        *types.Type
	desc       bool
	nullsFirst bool
}

// A prefix is a number that orders values of one column as far as 64 bits can:
// where the prefixes of two values differ, the values differ the same way. Where
// they are equal, exact says whether the values are; else they must be compared.

// prefixes writes to dst[0 … n-1] the prefixes of rows 0 … n-1 (of those that idx
// lists, unless it is nil) and tells whether equal prefixes always mean equal
// values. Those of NULLs mean nothing.
func (k *sortKey) prefixes(dst []uint64, v *vec.Vec, idx []int32, n int) (exact bool) {
	dst, exact = dst[:n], true
	switch v.Kind {
	case types.Int:
		each(dst, v.Ints, idx, func(x int64) uint64 { return uint64(x) ^ 1<<63 })
	case types.Bool:
		each(dst, v.Bools, idx, func(x bool) uint64 {
			if x {
				return 1
			}
			return 0
		})
	case types.Float:
		each(dst, v.Floats, idx, floatPrefix)
	case types.Numer:
		if v.Narrow {
			each(dst, v.Ints, idx, func(x int64) uint64 { return uint64(x) ^ 1<<63 })
			break
		}
		exact = false
		each(dst, v.Nums, idx, numericPrefix)
	case types.Inter:
		exact = false
		each(dst, v.Inters, idx, intervalPrefix)
	default:
		exact = false
		if k.typ.PlainBytes() {
			each(dst, v.Strs, idx, bytesPrefix)
		} else {
			clear(dst)
		}
	}
	if k.desc {
		for i, x := range dst {
			dst[i] = ^x
		}
	}
	return exact
}

func each[T any](dst []uint64, src []T, idx []int32, fn func(T) uint64) {
	if idx == nil {
		for i, x := range src[:len(dst)] {
			dst[i] = fn(x)
		}
		return
	}
	for i, j := range idx {
		dst[i] = fn(src[j])
	}
}

func floatPrefix(f float64) uint64 {
	switch {
	case f != f:
		return math.MaxUint64
	case f == 0:
		return 1 << 63 // -0 too
	}
	b := math.Float64bits(f)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

var numericOne = types.NumericFromInt(1)

// numericPrefix is that of the nearest float, which keeps the order.
func numericPrefix(n types.Numeric) uint64 {
	f, err := types.NumericFloat(n, 64)
	switch {
	case n.Form() == types.NumNaN:
		return math.MaxUint64
	case err == nil:
	case n.Cmp(numericOne) > 0: // beyond the range of floats
		f = math.MaxFloat64
	case n.Cmp(types.NumericFromInt(-1)) < 0:
		f = -math.MaxFloat64
	default: // too small for them
		f = 0
	}
	return floatPrefix(f)
}

// intervalPrefix is of the days; the rest is compared.
func intervalPrefix(v types.Interval) uint64 {
	const perDay = 24 * 60 * 60 * 1000000
	days := int64(v.Months)*30 + int64(v.Days) + v.Micros/perDay
	if v.Micros%perDay < 0 {
		days--
	}
	return uint64(days) ^ 1<<63
}

// bytesPrefix is the first seven bytes and then the length up to eight: strings
// of seven bytes or fewer are told apart by it.
func bytesPrefix(s string) uint64 {
	if len(s) >= 8 {
		return binary.BigEndian.Uint64([]byte(s[:8]))&^0xff | 8
	}
	var b [8]byte
	copy(b[:], s)
	b[7] = byte(len(s))
	return binary.BigEndian.Uint64(b[:])
}

// whole tells whether a prefix that may be inexact is that of one value only.
func (k *sortKey) whole(prefix uint64) bool {
	if k.desc {
		prefix = ^prefix
	}
	return k.typ.Kind == types.Bytes && k.typ.PlainBytes() && prefix&0xff < 8
}

// compare compares value i of a with value j of b, NULLs included, in the key's
// direction.
func (k *sortKey) compare(a *vec.Vec, i int, b *vec.Vec, j int) int {
	an, bn := a.IsNull(i), b.IsNull(j)
	if an || bn {
		switch {
		case an && bn:
			return 0
		case an == k.nullsFirst:
			return -1
		}
		return 1
	}
	c := vec.Compare(a, i, b, j, k.typ)
	if k.desc {
		return -c
	}
	return c
}

// compareRows compares row i of a with row j of b by all keys.
func compareRows(keys []sortKey, a []vec.Vec, i int, b []vec.Vec, j int) int {
	for k := range keys {
		key := &keys[k]
		if c := key.compare(&a[key.pos], i, &b[key.pos], j); c != 0 {
			return c
		}
	}
	return 0
}
