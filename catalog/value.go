package catalog

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// Values of catalogue rows, by the name of their type.

func vOID(o OID) types.Datum                                  { return types.NewInt(int64(o)) }
func vInt[T ~int | ~int16 | ~int32 | ~int64](i T) types.Datum { return types.NewInt(int64(i)) }
func vBool(b bool) types.Datum                                { return types.NewBool(b) }
func vStr(s string) types.Datum                               { return types.NewString(s) }
func vFloat(f float64) types.Datum                            { return types.NewFloat(f) }

// vChar is a value of type "char"; 0 is the empty one.
func vChar[T ~byte](c T) types.Datum {
	if c == 0 {
		return types.NewString("")
	}
	return types.NewString(string(rune(c)))
}

// vText is a text, NULL when it is empty.
func vText(s string) types.Datum {
	if s == "" {
		return types.Null
	}
	return types.NewString(s)
}

// vTime is a timestamptz in microseconds since 2000-01-01 UTC, NULL when 0.
func vTime(us int64) types.Datum {
	if us == 0 {
		return types.Null
	}
	return types.NewInt(us)
}

// vMicros is an interval of that many microseconds.
func vMicros(us int64) types.Datum { return types.NewInterval(types.Interval{Micros: us}) }

// The array types of catalogue columns.
var (
	charArray = types.ByOID(1002)
	int2Array = types.ByOID(1005)
	textArray = types.ByOID(1009)
	oidArray  = types.ByOID(1028)
	aclArray  = types.ByOID(1034)
)

// vLiteral is the value of an array type that has this text form, which is known
// to be well formed.
func vLiteral(t *types.Type, text string) types.Datum {
	d, err := t.In(types.DefaultEnv, text, types.NoMod)
	if err != nil {
		panic("catalog: " + t.Name + " " + text + ": " + err.Error())
	}
	return d
}

// vArray is an array of texts, names or ACL items, NULL when there are none.
func vArray(t *types.Type, elems []string) types.Datum {
	if len(elems) == 0 {
		return types.Null
	}
	vals := make([]types.Datum, len(elems))
	for i, e := range elems {
		vals[i] = types.NewString(e)
	}
	a := types.NewArray(t.Elem, vals)
	return types.NewString(a.Encode())
}

// vOIDVector and vInt2Vector are the vectors, which are never NULL.
func vOIDVector(oids []OID) types.Datum { return types.NewVector(types.TOidVector, numbers(oids)) }

func vInt2Vector(ns []int16) types.Datum { return types.NewVector(types.TInt2Vector, numbers(ns)) }

// vInts is an int2[] or oid[], NULL when there are no elements.
func vInts[T ~int16 | ~uint32](t *types.Type, ns []T) types.Datum {
	if len(ns) == 0 {
		return types.Null
	}
	vals := make([]types.Datum, len(ns))
	for i, n := range ns {
		vals[i] = types.NewInt(int64(n))
	}
	a := types.NewArray(t.Elem, vals)
	return types.NewString(a.Encode())
}

func numbers[T ~int16 | ~uint32](ns []T) []int64 {
	out := make([]int64, len(ns))
	for i, n := range ns {
		out[i] = int64(n)
	}
	return out
}
