package expr

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// mosaic is a column put together from pieces of others: start, then put and
// setNull until every row is set, then finish.
type mosaic struct {
	kind types.Kind
	out  vec.Vec
	n    int
	// formed: out has its form (numerics may be narrow or wide).
	formed bool
	// wide: pieces have differed in scale once, so narrow form is not tried again.
	wide    bool
	null    []bool
	hasNull bool
}

// start makes the column n values, none of which is set.
func (m *mosaic) start(n int) { m.n, m.formed, m.hasNull = n, false, false }

// finish gives the column.
func (m *mosaic) finish() *vec.Vec {
	switch {
	case !m.formed:
		m.out.AllNull(m.kind, m.n)
	case m.hasNull:
		m.out.Nulls = m.null
	}
	return &m.out
}

// put sets rows at of the column to rows from of src; nil stands for 0, 1 ….
func (m *mosaic) put(src *vec.Vec, at, from []int32) {
	if m.kind == types.Numer && !src.Narrow && nullAt(src, from) {
		m.setNull(at)
		return
	}
	if !m.fit(src) {
		w := *src
		w.Widen()
		src = &w
	}
	switch m.kind {
	case types.Bool:
		place(m.out.Bools, src.Bools, at, from)
	case types.Int:
		place(m.out.Ints, src.Ints, at, from)
	case types.Float:
		place(m.out.Floats, src.Floats, at, from)
	case types.Numer:
		if m.out.Narrow {
			place(m.out.Ints, src.Ints, at, from)
		} else {
			place(m.out.Nums, src.Nums, at, from)
		}
	case types.Inter:
		place(m.out.Inters, src.Inters, at, from)
	default:
		place(m.out.Strs, src.Strs, at, from)
	}
	switch {
	case src.Nulls != nil:
		m.needNulls()
		place(m.null, src.Nulls, at, from)
	case m.hasNull:
		for i := range rowsOf(at, m.n) {
			m.null[i] = false
		}
	}
}

// fit makes the column take values in the form of src; false says that src has
// to be widened.
func (m *mosaic) fit(src *vec.Vec) bool {
	if !m.formed {
		m.formed = true
		if m.kind == types.Numer && src.Narrow && !m.wide {
			m.out.ResetNarrow(src.Scale, m.n)
		} else {
			m.out.Reset(m.kind, m.n)
		}
	}
	if m.kind != types.Numer {
		return true
	}
	if m.out.Narrow && (!src.Narrow || src.Scale != m.out.Scale) {
		m.out.Widen()
		m.wide = true
	}
	return m.out.Narrow == src.Narrow
}

// setNull makes rows NULL.
func (m *mosaic) setNull(at []int32) {
	m.needNulls()
	for i := range rowsOf(at, m.n) {
		m.null[i] = true
	}
}

func (m *mosaic) needNulls() {
	if m.hasNull {
		return
	}
	if cap(m.null) < m.n {
		m.null = make([]bool, m.n)
	}
	m.null = m.null[:m.n]
	clear(m.null)
	m.hasNull = true
}

// rowsOf goes through the rows that idx lists, all n for nil.
func rowsOf(idx []int32, n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		if idx == nil {
			for i := range n {
				if !yield(i) {
					return
				}
			}
			return
		}
		for _, i := range idx {
			if !yield(int(i)) {
				return
			}
		}
	}
}

// nullAt tells whether all of the rows that idx lists are NULL.
func nullAt(v *vec.Vec, idx []int32) bool {
	if v.Nulls == nil {
		return false
	}
	for i := range rowsOf(idx, v.Len()) {
		if !v.Nulls[i] {
			return false
		}
	}
	return true
}

// place copies src[from[j]] to dst[at[j]]; nil stands for 0, 1 ….
func place[T any](dst, src []T, at, from []int32) {
	switch {
	case at == nil && from == nil:
		copy(dst, src)
	case at == nil:
		for j, i := range from {
			dst[j] = src[i]
		}
	case from == nil:
		for j, i := range at {
			dst[i] = src[j]
		}
	default:
		for j, i := range at {
			dst[i] = src[from[j]]
		}
	}
}
