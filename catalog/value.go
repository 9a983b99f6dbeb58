package catalog

import (
	"strconv"
	"strings"

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
	nameArray = types.ByOID(1003)
	int2Array = types.ByOID(1005)
	textArray = types.ByOID(1009)
	oidArray  = types.ByOID(1028)
	aclArray  = types.ByOID(1034)
)

// vLiteral is the value of a type that has this text form, which is known to be
// well formed. A type without I/O holds its text.
func vLiteral(t *types.Type, text string) types.Datum {
	if !t.Supported() {
		return types.NewString(text)
	}
	d, err := t.In(types.DefaultEnv, text, types.NoMod)
	if err != nil {
		panic("catalog: " + t.Name + " " + text + ": " + err.Error())
	}
	return d
}

// vArray is an array of the elements' text forms, NULL when there are none.
func vArray(t *types.Type, elems []string) types.Datum {
	if len(elems) == 0 {
		return types.Null
	}
	return vLiteral(t, arrayText(elems))
}

// vOIDVector and vInt2Vector are the vectors, which are never NULL.
func vOIDVector(oids []OID) types.Datum { return vLiteral(types.TOidVector, joinInts(oids, " ")) }

func vInt2Vector(ns []int16) types.Datum { return vLiteral(types.TInt2Vector, joinInts(ns, " ")) }

// vInts is an int2[] or oid[], NULL when there are no elements.
func vInts[T ~int16 | ~uint32](t *types.Type, ns []T) types.Datum {
	if len(ns) == 0 {
		return types.Null
	}
	return vLiteral(t, "{"+joinInts(ns, ",")+"}")
}

func joinInts[T ~int16 | ~uint32](ns []T, sep string) string {
	var b strings.Builder
	for i, n := range ns {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(strconv.FormatInt(int64(n), 10))
	}
	return b.String()
}

// arrayText is the text form of a one-dimensional array.
func arrayText(elems []string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, e := range elems {
		if i > 0 {
			b.WriteByte(',')
		}
		if e == "" || strings.EqualFold(e, "null") || strings.ContainsAny(e, "{}\",\\ \t\n\r\v\f") {
			b.WriteByte('"')
			b.WriteString(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(e))
			b.WriteByte('"')
		} else {
			b.WriteString(e)
		}
	}
	b.WriteByte('}')
	return b.String()
}
