package sysfunc

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// The array types that arguments and results have.
var (
	nameArray = types.ByOID(1003)
	int4Array = types.ByOID(1007)
	textArray = types.ByOID(1009)
	aclArray  = types.ByOID(1034)
)

// array makes a one-dimensional array of values.
func array(t *types.Type, vals ...types.Datum) types.Datum {
	a := types.NewArray(t.Elem, vals)
	return types.NewString(a.Encode())
}

// texts makes an array of a type of texts.
func texts(t *types.Type, elems []string) types.Datum {
	vals := make([]types.Datum, len(elems))
	for i, e := range elems {
		vals[i] = text(e)
	}
	return array(t, vals...)
}

// ints makes an array of a type of numbers.
func ints[T ~int16 | ~int32 | ~int64 | ~uint32](t *types.Type, nums []T) types.Datum {
	vals := make([]types.Datum, len(nums))
	for i, n := range nums {
		vals[i] = integer(n)
	}
	return array(t, vals...)
}

// elements gives the elements of an array that are not NULL.
func elements(t *types.Type, d types.Datum) []types.Datum {
	var out []types.Datum
	it := types.IterArray(t.Elem, d.Str())
	for v, ok := it.Next(); ok; v, ok = it.Next() {
		if !v.IsNull() {
			out = append(out, v)
		}
	}
	return out
}
