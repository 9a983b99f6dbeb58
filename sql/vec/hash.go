package vec

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/zeebo/xxh3"
)

// nullHash is what a NULL contributes.
const nullHash = 0x9e3779b97f4a7c15

// Hash writes to dst[0 … n-1] the hashes of rows 0 … n-1 of the key columns, by
// SQL equality with NULLs alike: rows that group together hash alike. Types
// tell how Bytes columns compare. The hash is stable across processes.
func Hash(dst []uint64, cols []Vec, ts []*types.Type, n int) {
	dst = dst[:n]
	clear(dst)
	for c := range cols {
		hashCol(dst, &cols[c], ts[c])
	}
}

func hashCol(dst []uint64, v *Vec, t *types.Type) {
	if v.Nulls != nil {
		hashNullable(dst, v, t)
		return
	}
	switch v.Kind {
	case types.Bool:
		for i, b := range v.Bools[:len(dst)] {
			dst[i] = types.Mix(dst[i]*31 ^ boolHash(b))
		}
	case types.Int:
		for i, x := range v.Ints[:len(dst)] {
			dst[i] = types.Mix(dst[i]*31 ^ uint64(x))
		}
	case types.Float:
		for i, x := range v.Floats[:len(dst)] {
			dst[i] = types.Mix(dst[i]*31 ^ types.HashFloat(x))
		}
	case types.Bytes:
		if t.PlainBytes() {
			for i, s := range v.Strs[:len(dst)] {
				dst[i] = types.Mix(dst[i]*31 ^ xxh3.HashString(s))
			}
			return
		}
		fallthrough
	default:
		for i := range dst {
			dst[i] = types.Mix(dst[i]*31 ^ hashValue(v, i, t))
		}
	}
}

// hashNullable hashes a column that may hold NULLs. A NULL contributes nullHash
// and leaves what earlier columns gave: a key with a column that is always NULL
// must not put all rows into one bucket.
func hashNullable(dst []uint64, v *Vec, t *types.Type) {
	for i, null := range v.Nulls[:len(dst)] {
		x := uint64(nullHash)
		if !null {
			x = hashValue(v, i, t)
		}
		dst[i] = types.Mix(dst[i]*31 ^ x)
	}
}

// hashValue hashes value i, which is not NULL.
func hashValue(v *Vec, i int, t *types.Type) uint64 {
	switch v.Kind {
	case types.Bool:
		return boolHash(v.Bools[i])
	case types.Int:
		return uint64(v.Ints[i])
	case types.Float:
		return types.HashFloat(v.Floats[i])
	case types.Numer:
		return v.Numeric(i).Hash()
	case types.Inter:
		return v.Inters[i].Hash()
	}
	return t.HashStr(v.Strs[i])
}

func boolHash(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// Equal tells whether value i of a and value j of b, both of type t, are equal
// in SQL, NULL equal to NULL.
func Equal(a *Vec, i int, b *Vec, j int, t *types.Type) bool {
	an, bn := a.IsNull(i), b.IsNull(j)
	if an || bn {
		return an && bn
	}
	switch a.Kind {
	case types.Bool:
		return a.Bools[i] == b.Bools[j]
	case types.Int:
		return a.Ints[i] == b.Ints[j]
	case types.Float:
		return types.CmpFloat(a.Floats[i], b.Floats[j]) == 0
	case types.Numer:
		if a.Narrow && b.Narrow && a.Scale == b.Scale {
			return a.Ints[i] == b.Ints[j]
		}
		return a.Numeric(i).Cmp(b.Numeric(j)) == 0
	case types.Inter:
		return a.Inters[i].Cmp(b.Inters[j]) == 0
	}
	if a.Strs[i] == b.Strs[j] {
		return true
	}
	return !t.PlainBytes() && t.CmpStr(a.Strs[i], b.Strs[j]) == 0
}

// Compare compares value i of a with value j of b, both of type t and neither
// NULL, by SQL order.
func Compare(a *Vec, i int, b *Vec, j int, t *types.Type) int {
	switch a.Kind {
	case types.Int:
		return cmp(a.Ints[i], b.Ints[j])
	case types.Float:
		return types.CmpFloat(a.Floats[i], b.Floats[j])
	case types.Numer:
		if a.Narrow && b.Narrow && a.Scale == b.Scale {
			return cmp(a.Ints[i], b.Ints[j])
		}
		return a.Numeric(i).Cmp(b.Numeric(j))
	case types.Bytes:
		return t.CmpStr(a.Strs[i], b.Strs[j])
	}
	return t.Compare(a.Datum(i), b.Datum(j))
}

func cmp(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// SameImage tells whether value i of a and value j of b are the same value to
// the last digit: what weights consolidate by.
func SameImage(a *Vec, i int, b *Vec, j int) bool {
	an, bn := a.IsNull(i), b.IsNull(j)
	if an || bn {
		return an && bn
	}
	return a.Datum(i).SameImage(b.Datum(j))
}
