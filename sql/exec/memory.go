package exec

import (
	"unsafe"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// memory counts the bytes that an operator keeps (B4).
type memory struct {
	limit int64
	used  int64
	stats *NodeStats // nil: not wanted
}

// add counts n bytes more, or less.
func (m *memory) add(n int64) {
	m.used += n
	if m.stats == nil {
		return
	}
	for {
		most := m.stats.Memory.Load()
		if m.used <= most || m.stats.Memory.CompareAndSwap(most, m.used) {
			return
		}
	}
}

// free says that nothing is kept any more.
func (m *memory) free() { m.used = 0 }

// over tells whether more is kept than may be.
func (m *memory) over() bool { return m.used > m.limit }

// vecBytes is the memory that rows lo … hi-1 of a column take when they are kept.
func vecBytes(v *vec.Vec, lo, hi int) int64 {
	n := int64(hi - lo)
	size := n
	if v.Nulls == nil {
		size = 0
	}
	switch v.Kind {
	case types.KindNone:
		return 0
	case types.Bool:
		return size + n
	case types.Inter:
		return size + 16*n
	case types.Numer:
		if !v.Narrow {
			return size + n*int64(unsafe.Sizeof(types.Numeric{}))
		}
	case types.Bytes:
		size += 16 * n
		for _, s := range v.Strs[lo:hi] {
			size += int64(len(s))
		}
		return size
	}
	return size + 8*n
}

// arena holds the bytes of strings that are kept, in pieces, so that keeping a
// string does not keep the buffer it was cut from.
type arena struct{ free []byte }

const arenaPiece = 1 << 16

func (a *arena) keep(s string) string {
	n := len(s)
	switch {
	case n == 0:
		return ""
	case n > arenaPiece/4:
		return string([]byte(s))
	case n > len(a.free):
		a.free = make([]byte, arenaPiece)
	}
	copy(a.free, s)
	k := unsafe.String(&a.free[0], n)
	a.free = a.free[n:]
	return k
}

func (a *arena) keepAll(list []string) {
	for i, s := range list {
		list[i] = a.keep(s)
	}
}
