package state

import (
	"math"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Equality is when two keys are the same.
type Equality uint8

// The equalities.
const (
	// SQL: values group together (1.0 = 1.00), NULL with NULL.
	SQL Equality = iota
	// Image: values are the same to the last digit.
	Image
)

// same tells whether value i of a and value j of b, of type t, are the same.
func (eq Equality) same(a *vec.Vec, i int, b *vec.Vec, j int, t *types.Type) bool {
	if eq == Image {
		return vec.SameImage(a, i, b, j)
	}
	return vec.Equal(a, i, b, j, t)
}

// exact tells the types whose values are equal exactly when their images are.
func exact(t *types.Type) bool {
	switch t.Underlying().Kind {
	case types.Bool, types.Int:
		return true
	case types.Bytes:
		return t.Underlying().PlainBytes()
	}
	return false
}

// Exact tells the types whose values are equal in SQL exactly when their images
// are the same: all but numeric, floats, intervals and what is made of them.
func Exact(t *types.Type) bool { return exact(t) }

// mismatches appends to bad the rows i < n of col whose value is not that of
// slot slots[i] of stored.
func (eq Equality) mismatches(bad []int32, stored, col *vec.Vec, t *types.Type, slots []uint32) []int32 {
	plain := stored.Nulls == nil && col.Nulls == nil
	switch {
	case plain && col.Kind == types.Int:
		s, c := stored.Ints, col.Ints[:len(slots)]
		for i, slot := range slots {
			if s[slot] != c[i] {
				bad = append(bad, int32(i))
			}
		}
	case plain && col.Kind == types.Float && eq == Image:
		s, c := stored.Floats, col.Floats[:len(slots)]
		for i, slot := range slots {
			if math.Float64bits(s[slot]) != math.Float64bits(c[i]) {
				bad = append(bad, int32(i))
			}
		}
	case plain && col.Kind == types.Bytes && exact(t):
		s, c := stored.Strs, col.Strs[:len(slots)]
		for i, slot := range slots {
			if s[slot] != c[i] {
				bad = append(bad, int32(i))
			}
		}
	default:
		for i, slot := range slots {
			if !eq.same(stored, int(slot), col, i, t) {
				bad = append(bad, int32(i))
			}
		}
	}
	return bad
}

// changes marks the rows i > 0 of col that differ from the row before.
func changes(diff []bool, col *vec.Vec, t *types.Type, eq Equality) {
	if col.Nulls == nil && col.Kind == types.Int {
		c := col.Ints[:len(diff)]
		for i := 1; i < len(c); i++ {
			if c[i] != c[i-1] {
				diff[i] = true
			}
		}
		return
	}
	for i := 1; i < len(diff); i++ {
		if !diff[i] && !eq.same(col, i-1, col, i, t) {
			diff[i] = true
		}
	}
}

// CompareImages orders any two values of one type, NULL last: by SQL order, and
// values that are equal in SQL but look different by how they look. It is 0 only
// for the same image.
func CompareImages(a *vec.Vec, i int, b *vec.Vec, j int, t *types.Type) int {
	if an, bn := a.IsNull(i), b.IsNull(j); an || bn {
		return boolOrder(an, bn)
	}
	if c := vec.Compare(a, i, b, j, t); c != 0 {
		return c
	}
	switch a.Kind {
	case types.Float:
		return cmpUint(math.Float64bits(a.Floats[i]), math.Float64bits(b.Floats[j]))
	case types.Numer:
		return int(a.Numeric(i).Scale()) - int(b.Numeric(j).Scale())
	case types.Inter:
		return compareIntervals(a.Inters[i], b.Inters[j])
	case types.Bytes:
		return strings.Compare(a.Strs[i], b.Strs[j])
	}
	return 0
}

func compareIntervals(a, b types.Interval) int {
	if a.Months != b.Months {
		return boolOrder(a.Months > b.Months, a.Months < b.Months)
	}
	return boolOrder(a.Days > b.Days, a.Days < b.Days)
}

func cmpUint(a, b uint64) int { return boolOrder(a > b, a < b) }

// boolOrder is -1, 0 or +1: whether a is greater than b.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// sortUnique sorts rows and removes repetitions.
func sortUnique(rows []int32) []int32 {
	slices.Sort(rows)
	return slices.Compact(rows)
}
