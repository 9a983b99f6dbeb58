// Package vec is the one shape of data: columnar batches. A stored chunk, a
// page of a result and a change to a relation are all a Batch.
//
// # Ownership
//
// O1: a Batch handed out by a Source (or emitted by a node) is lent: it is valid
// until the next call to the one that lent it, and the borrower changes nothing
// in it. Who keeps rows copies them (Append, Gather).
//
// O2: the strings in a Vec are immutable and never reused; they may be kept
// without copying, at the price of keeping alive the buffer they were cut from.
//
// O3: kernels work on dense vectors (rows 0 … n-1); whoever holds a Batch with a
// selection compacts the columns it needs first (Batch.Dense).
package vec

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// Size is the number of rows that a Batch holds at most. Sources fill batches
// up to it where they can.
const Size = 4096

// Vec is a column of values of one physical kind. Exactly one of the value
// slices is in use, chosen by Kind (and Narrow); its length is the column's.
type Vec struct {
	Kind types.Kind
	// Narrow says that a column of kind Numer is held as Ints × 10^-Scale, all
	// values finite and of that display scale. Otherwise Nums is in use.
	Narrow bool
	Scale  int32
	// Nulls marks the NULLs; nil when there are none. The value under a NULL is
	// arbitrary but harmless to read.
	Nulls []bool

	Bools  []bool
	Ints   []int64
	Floats []float64
	Strs   []string
	Nums   []types.Numeric
	Inters []types.Interval
}

// New makes a column of n zero values.
func New(kind types.Kind, n int) Vec {
	var v Vec
	v.Reset(kind, n)
	return v
}

// Len is the number of values.
func (v *Vec) Len() int {
	switch v.Kind {
	case types.Bool:
		return len(v.Bools)
	case types.Int:
		return len(v.Ints)
	case types.Float:
		return len(v.Floats)
	case types.Numer:
		if v.Narrow {
			return len(v.Ints)
		}
		return len(v.Nums)
	case types.Inter:
		return len(v.Inters)
	}
	return len(v.Strs)
}

// Reset makes the column n values of the kind, without NULLs, reusing memory
// that it owns. The values are arbitrary. A numeric column becomes wide.
func (v *Vec) Reset(kind types.Kind, n int) {
	v.Kind, v.Narrow, v.Nulls = kind, false, nil
	switch kind {
	case types.Bool:
		v.Bools = resize(v.Bools, n)
	case types.Int:
		v.Ints = resize(v.Ints, n)
	case types.Float:
		v.Floats = resize(v.Floats, n)
	case types.Numer:
		v.Nums = resize(v.Nums, n)
	case types.Inter:
		v.Inters = resize(v.Inters, n)
	default:
		v.Strs = resize(v.Strs, n)
	}
}

// ResetNarrow makes the column n numerics in narrow form.
func (v *Vec) ResetNarrow(scale int32, n int) {
	v.Kind, v.Narrow, v.Scale, v.Nulls = types.Numer, true, scale, nil
	v.Ints = resize(v.Ints, n)
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, max(n, 2*cap(s)))
	}
	return s[:n]
}

// Truncate shortens the column to n values.
func (v *Vec) Truncate(n int) { *v = v.Slice(0, n) }

// Slice is a view of rows lo … hi-1; it shares memory.
func (v *Vec) Slice(lo, hi int) Vec {
	s := *v
	switch v.Kind {
	case types.Bool:
		s.Bools = v.Bools[lo:hi]
	case types.Int:
		s.Ints = v.Ints[lo:hi]
	case types.Float:
		s.Floats = v.Floats[lo:hi]
	case types.Numer:
		if v.Narrow {
			s.Ints = v.Ints[lo:hi]
		} else {
			s.Nums = v.Nums[lo:hi]
		}
	case types.Inter:
		s.Inters = v.Inters[lo:hi]
	default:
		s.Strs = v.Strs[lo:hi]
	}
	if v.Nulls != nil {
		s.Nulls = v.Nulls[lo:hi]
	}
	return s
}

// IsNull tells whether value i is NULL.
func (v *Vec) IsNull(i int) bool { return v.Nulls != nil && v.Nulls[i] }

// HasNulls tells whether any value is NULL.
func (v *Vec) HasNulls() bool {
	for _, x := range v.Nulls {
		if x {
			return true
		}
	}
	return false
}

// SetNull makes value i NULL.
func (v *Vec) SetNull(i int) {
	v.needNulls()
	v.Nulls[i] = true
}

// needNulls makes the marks explicit.
func (v *Vec) needNulls() {
	if v.Nulls == nil {
		v.Nulls = make([]bool, v.Len())
	}
}

// AllNull makes the column n NULLs.
func (v *Vec) AllNull(kind types.Kind, n int) {
	v.Reset(kind, n)
	v.clear(0, n)
	v.Nulls = make([]bool, n)
	for i := range v.Nulls {
		v.Nulls[i] = true
	}
}

// clear zeroes rows lo … hi-1.
func (v *Vec) clear(lo, hi int) {
	switch v.Kind {
	case types.Bool:
		clear(v.Bools[lo:hi])
	case types.Int:
		clear(v.Ints[lo:hi])
	case types.Float:
		clear(v.Floats[lo:hi])
	case types.Numer:
		if v.Narrow {
			clear(v.Ints[lo:hi])
		} else {
			clear(v.Nums[lo:hi])
		}
	case types.Inter:
		clear(v.Inters[lo:hi])
	default:
		clear(v.Strs[lo:hi])
	}
}

// Widen turns a narrow numeric column into a wide one.
func (v *Vec) Widen() {
	if !v.Narrow {
		return
	}
	nums := make([]types.Numeric, len(v.Ints), cap(v.Ints))
	for i, c := range v.Ints {
		nums[i] = types.NumericScaled(c, v.Scale)
	}
	v.Nums, v.Ints, v.Narrow, v.Scale = nums, nil, false, 0
}

// Numeric gives value i of a numeric column.
func (v *Vec) Numeric(i int) types.Numeric {
	if v.Narrow {
		return types.NumericScaled(v.Ints[i], v.Scale)
	}
	return v.Nums[i]
}

// Datum gives value i.
func (v *Vec) Datum(i int) types.Datum {
	if v.IsNull(i) {
		return types.Null
	}
	switch v.Kind {
	case types.Bool:
		return types.NewBool(v.Bools[i])
	case types.Int:
		return types.NewInt(v.Ints[i])
	case types.Float:
		return types.NewFloat(v.Floats[i])
	case types.Numer:
		return types.NewNumeric(v.Numeric(i))
	case types.Inter:
		return types.NewInterval(v.Inters[i])
	}
	return types.NewString(v.Strs[i])
}

// Set makes value i d, which is of the column's kind or NULL.
func (v *Vec) Set(i int, d types.Datum) {
	if d.IsNull() {
		v.SetNull(i)
		return
	}
	if v.Nulls != nil {
		v.Nulls[i] = false
	}
	switch v.Kind {
	case types.Bool:
		v.Bools[i] = d.Bool()
	case types.Int:
		v.Ints[i] = d.Int()
	case types.Float:
		v.Floats[i] = d.Float()
	case types.Numer:
		n := d.Numeric()
		if v.Narrow {
			if c, ok := n.Small(); ok && n.Scale() == v.Scale {
				v.Ints[i] = c
				return
			}
			v.Widen()
		}
		v.Nums[i] = n
	case types.Inter:
		v.Inters[i] = d.Interval()
	default:
		v.Strs[i] = d.Str()
	}
}

// Const makes the column n copies of d.
func (v *Vec) Const(kind types.Kind, d types.Datum, n int) {
	if d.IsNull() {
		v.AllNull(kind, n)
		return
	}
	if kind == types.Numer {
		if c, ok := d.Numeric().Small(); ok {
			v.ResetNarrow(d.Numeric().Scale(), n)
			fill(v.Ints, c)
			return
		}
	}
	v.Reset(kind, n)
	switch kind {
	case types.Bool:
		fill(v.Bools, d.Bool())
	case types.Int:
		fill(v.Ints, d.Int())
	case types.Float:
		fill(v.Floats, d.Float())
	case types.Numer:
		fill(v.Nums, d.Numeric())
	case types.Inter:
		fill(v.Inters, d.Interval())
	default:
		fill(v.Strs, d.Str())
	}
}

func fill[T any](s []T, x T) {
	for i := range s {
		s[i] = x
	}
}
