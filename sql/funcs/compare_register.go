package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	for _, p := range []string{
		"int2", "int4", "int8", "int24", "int28", "int42", "int48", "int82", "int84", "oid", "xid8",
		"date_", "time_", "timetz_", "timestamp_", "enum_", "pg_lsn_",
	} {
		registerRelations(p, compareInts)
	}
	for _, p := range []string{"float4", "float8", "float48", "float84"} {
		registerRelations(p, compareFloats)
	}
	registerRelations("bool", compareBools)
	registerRelations("numeric_", compareNumerics)
	registerRelations("interval_", compareIntervals)
	for _, p := range []string{"bytea", "char", "name", "uuid_", "record_image_"} {
		registerRelations(p, compareStrs)
	}
	for r, s := range relSuffix {
		register("name"+s+"text", compareStrs.impl(relation(r)))
		register("text"+s+"name", compareStrs.impl(relation(r)))
		for _, p := range []string{"bpchar", "oidvector", "array_", "jsonb_", "bit"} {
			register(p+s, compareBytes(relation(r)))
		}
		register("record_"+s, compareRecords(relation(r)))
		if r >= int(relLt) {
			register("text_"+s, compareStrs.impl(relation(r)))
			register("text_pattern_"+s, compareStrs.impl(relation(r)))
			register("bpchar_pattern_"+s, compareBytes(relation(r)))
		}
	}
	register("texteq", compareStrs.impl(relEq))
	register("textne", compareStrs.impl(relNe))
	// xid is also compared with integer, whose negative numbers are meant unsigned.
	register("xideq", &Impl{Kernel: fn2(func(a, b int64) bool { return uint32(a) == uint32(b) })})
	register("xidneq", &Impl{Kernel: fn2(func(a, b int64) bool { return uint32(a) != uint32(b) })})
	register("cideq", compareInts.impl(relEq))
	registerThreeWay()
	registerExtremes()
}

// registerRelations registers the six comparison operators of a type.
func registerRelations(prefix string, k comparer) {
	for r, s := range relSuffix {
		register(prefix+s, k.impl(relation(r)))
	}
}

func registerThreeWay() {
	for _, k := range []string{
		"btint4cmp", "btint8cmp", "btint24cmp", "btint42cmp", "btint28cmp", "btint82cmp", "btint48cmp", "btint84cmp",
		"btoidcmp", "date_cmp", "time_cmp", "timetz_cmp", "timestamp_cmp", "enum_cmp", "pg_lsn_cmp", "xid8cmp",
	} {
		register(k, threeWay(cmpInt))
	}
	register("btint2cmp", threeWay(func(a, b int64) int { return int(a - b) }))
	for _, k := range []string{"btfloat4cmp", "btfloat8cmp", "btfloat48cmp", "btfloat84cmp"} {
		register(k, threeWay(types.CmpFloat))
	}
	for _, k := range []string{"bttextcmp", "btnamecmp", "btcharcmp"} {
		register(k, threeWay(strcmp))
	}
	for _, k := range []string{"btnametextcmp", "bttextnamecmp", "bttext_pattern_cmp", "byteacmp", "uuid_cmp", "btrecordimagecmp"} {
		register(k, threeWay(memcmp))
	}
	for k, f := range map[string]func(a, b string) int{"bpcharcmp": strcmp, "btbpchar_pattern_cmp": memcmp} {
		register(k, threeWay(func(a, b string) int { return f(trimBlanks(a), trimBlanks(b)) }))
	}
	for _, k := range []string{"btarraycmp", "jsonb_cmp"} {
		register(k, &Impl{Bind: func(c *Call) (Kernel, error) { return threeWay(c.Args[0].CmpStr).Kernel, nil }})
	}
	register("btrecordcmp", &Impl{Kernel: rows(types.Int, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		c, err := types.CompareRecords(a[0].Str(), a[1].Str())
		return types.NewInt(int64(c)), err
	})})
	register("btoidvectorcmp", &Impl{Bind: func(c *Call) (Kernel, error) {
		t := c.Args[0]
		return threeWay(func(a, b string) int {
			if d := types.HeadOfArray(a).N - types.HeadOfArray(b).N; d != 0 {
				return int(d) // PostgreSQL gives the difference of the lengths
			}
			return t.CmpStr(a, b)
		}).Kernel, nil
	}})
	register("btboolcmp", threeWay(cmpBool))
	register("numeric_cmp", threeWay(types.Numeric.Cmp))
	register("interval_cmp", threeWay(types.Interval.Cmp))
}

// strcmp is the C library's: the difference of the first bytes that differ,
// where a string ends in a zero byte.
func strcmp(a, b string) int {
	for i := 0; ; i++ {
		switch {
		case i == len(a) && i == len(b):
			return 0
		case i == len(a):
			return -int(b[i])
		case i == len(b):
			return int(a[i])
		case a[i] != b[i]:
			return int(a[i]) - int(b[i])
		}
	}
}

// memcmp is the C library's over the common length; the rest decides by its
// presence.
func memcmp(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return int(a[i]) - int(b[i])
		}
	}
	return cmpInt(int64(len(a)), int64(len(b)))
}

func registerExtremes() {
	for dir, s := range map[int]string{1: "larger", -1: "smaller"} {
		for _, p := range []string{"int2", "int4", "int8", "oid", "date_", "time_", "timetz_", "timestamp_", "enum_", "pg_lsn_", "xid8_"} {
			register(p+s, extreme(dir, false, cmpInt))
		}
		register("float4"+s, extreme(dir, false, types.CmpFloat))
		register("float8"+s, extreme(dir, false, types.CmpFloat))
		register("numeric_"+s, extreme(dir, false, types.Numeric.Cmp))
		register("interval_"+s, extreme(dir, false, types.Interval.Cmp))
		register("text_"+s, extreme(dir, false, strings.Compare))
		register("bpchar_"+s, &Impl{Bind: func(c *Call) (Kernel, error) { return extreme(dir, true, c.Args[0].CmpStr).Kernel, nil }})
		register("array_"+s, &Impl{Bind: func(c *Call) (Kernel, error) { return extreme(dir, false, c.Args[0].CmpStr).Kernel, nil }})
	}
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
