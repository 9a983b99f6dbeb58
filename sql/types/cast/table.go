package cast

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/jsonb"
)

func zone(env *types.Env) *types.Zone {
	if env.Zone == nil {
		return types.UTC
	}
	return env.Zone
}

// funcs holds the conversions by their types; those of the reg* types stand
// under oid.
var funcs = map[pair]Func{
	{types.Int2OID, types.Int4OID}:    same,
	{types.Int2OID, types.Int8OID}:    same,
	{types.Int2OID, types.Float4OID}:  intToFloat4,
	{types.Int2OID, types.Float8OID}:  intToFloat8,
	{types.Int2OID, types.NumericOID}: intToNumeric,
	{types.Int2OID, types.OidOID}:     sure(types.Int4ToOid),

	{types.Int4OID, types.Int2OID}:    narrow(16),
	{types.Int4OID, types.Int8OID}:    same,
	{types.Int4OID, types.Float4OID}:  intToFloat4,
	{types.Int4OID, types.Float8OID}:  intToFloat8,
	{types.Int4OID, types.NumericOID}: intToNumeric,
	{types.Int4OID, types.OidOID}:     sure(types.Int4ToOid),
	{types.Int4OID, types.MoneyOID}:   ints(types.IntMoney),
	{types.Int4OID, types.CharOID}:    intToChar,
	{types.Int4OID, types.BoolOID}: func(_ *types.Env, d types.Datum) (types.Datum, error) {
		return types.NewBool(d.Int() != 0), nil
	},

	{types.Int8OID, types.Int2OID}:    narrow(16),
	{types.Int8OID, types.Int4OID}:    narrow(32),
	{types.Int8OID, types.Float4OID}:  intToFloat4,
	{types.Int8OID, types.Float8OID}:  intToFloat8,
	{types.Int8OID, types.NumericOID}: intToNumeric,
	{types.Int8OID, types.OidOID}:     ints(types.Int8ToOid),
	{types.Int8OID, types.MoneyOID}:   ints(types.IntMoney),

	{types.OidOID, types.Int4OID}: sure(types.OidToInt4),
	{types.OidOID, types.Int8OID}: same,
	{types.Xid8OID, types.XidOID}: sure(func(n int64) int64 { return int64(uint32(types.UnpackUint64(n))) }),

	{types.Float4OID, types.Float8OID}:  same,
	{types.Float4OID, types.Int2OID}:    floatToInt(16),
	{types.Float4OID, types.Int4OID}:    floatToInt(32),
	{types.Float4OID, types.Int8OID}:    floatToInt(64),
	{types.Float4OID, types.NumericOID}: floatToNumeric(32),
	{types.Float8OID, types.Float4OID}: func(_ *types.Env, d types.Datum) (types.Datum, error) {
		f, err := types.FloatFloat4(d.Float())
		return types.NewFloat(f), err
	},
	{types.Float8OID, types.Int2OID}:    floatToInt(16),
	{types.Float8OID, types.Int4OID}:    floatToInt(32),
	{types.Float8OID, types.Int8OID}:    floatToInt(64),
	{types.Float8OID, types.NumericOID}: floatToNumeric(64),

	{types.NumericOID, types.Int2OID}:   numericToInt(16),
	{types.NumericOID, types.Int4OID}:   numericToInt(32),
	{types.NumericOID, types.Int8OID}:   numericToInt(64),
	{types.NumericOID, types.Float4OID}: numericToFloat(32),
	{types.NumericOID, types.Float8OID}: numericToFloat(64),
	{types.NumericOID, types.MoneyOID}: func(_ *types.Env, d types.Datum) (types.Datum, error) {
		n, err := types.NumericMoney(d.Numeric())
		return types.NewInt(n), err
	},
	{types.MoneyOID, types.NumericOID}: func(_ *types.Env, d types.Datum) (types.Datum, error) {
		return types.NewNumeric(types.MoneyNumeric(d.Int())), nil
	},

	{types.BoolOID, types.Int4OID}: func(_ *types.Env, d types.Datum) (types.Datum, error) {
		if d.Bool() {
			return types.NewInt(1), nil
		}
		return types.NewInt(0), nil
	},
	{types.BoolOID, types.TextOID}:    boolToText,
	{types.BoolOID, types.VarcharOID}: boolToText,
	{types.BoolOID, types.BpcharOID}:  boolToText,

	{types.PgNodeTreeOID, types.TextOID}:  same,
	{types.TextOID, types.BpcharOID}:      same,
	{types.TextOID, types.VarcharOID}:     same,
	{types.TextOID, types.NameOID}:        text(types.TruncateName),
	{types.TextOID, types.CharOID}:        textToChar,
	{types.TextOID, types.RegclassOID}:    textToRegclass,
	{types.VarcharOID, types.TextOID}:     same,
	{types.VarcharOID, types.BpcharOID}:   same,
	{types.VarcharOID, types.NameOID}:     text(types.TruncateName),
	{types.VarcharOID, types.CharOID}:     textToChar,
	{types.VarcharOID, types.RegclassOID}: textToRegclass,
	{types.BpcharOID, types.TextOID}:      text(types.TrimBpchar),
	{types.BpcharOID, types.VarcharOID}:   text(types.TrimBpchar),
	{types.BpcharOID, types.NameOID}:      text(func(s string) string { return types.TruncateName(types.TrimBpchar(s)) }),
	{types.BpcharOID, types.CharOID}:      textToChar,
	{types.NameOID, types.TextOID}:        same,
	{types.NameOID, types.VarcharOID}:     same,
	{types.NameOID, types.BpcharOID}:      same,
	{types.CharOID, types.TextOID}:        charToText,
	{types.CharOID, types.VarcharOID}:     charToText,
	{types.CharOID, types.BpcharOID}:      charToText,
	{types.CharOID, types.Int4OID}: func(_ *types.Env, d types.Datum) (types.Datum, error) {
		return types.NewInt(int64(int8(types.CharByte(d.Str())))), nil
	},

	{types.DateOID, types.TimestampOID}: ints(types.DateTimestamp),
	{types.DateOID, types.TimestamptzOID}: intsIn(func(env *types.Env, n int64) (int64, error) {
		return types.DateTimestamptz(zone(env), n)
	}),
	{types.TimeOID, types.IntervalOID}: func(_ *types.Env, d types.Datum) (types.Datum, error) {
		return types.NewInterval(types.TimeInterval(d.Int())), nil
	},
	{types.TimeOID, types.TimetzOID}: func(env *types.Env, d types.Datum) (types.Datum, error) {
		return types.NewInt(types.TimeTimetz(env, d.Int())), nil
	},
	{types.TimetzOID, types.TimeOID}: sure(types.TimetzTime),
	{types.IntervalOID, types.TimeOID}: func(_ *types.Env, d types.Datum) (types.Datum, error) {
		return types.NewInt(types.IntervalTime(d.Interval())), nil
	},
	{types.TimestampOID, types.DateOID}:        ints(types.TimestampDate),
	{types.TimestampOID, types.TimeOID}:        maybe(func(_ *types.Env, n int64) (int64, bool) { return types.TimestampTime(n) }),
	{types.TimestampOID, types.TimestamptzOID}: intsIn(types.TimestampTimestamptz),
	{types.TimestamptzOID, types.TimestampOID}: intsIn(types.TimestamptzTimestamp),
	{types.TimestamptzOID, types.DateOID}: intsIn(func(env *types.Env, n int64) (int64, error) {
		return types.TimestamptzDate(zone(env), n)
	}),
	{types.TimestamptzOID, types.TimeOID}: maybe(func(env *types.Env, n int64) (int64, bool) {
		return types.TimestamptzTime(zone(env), n)
	}),
	{types.TimestamptzOID, types.TimetzOID}: maybe(func(env *types.Env, n int64) (int64, bool) {
		return types.TimestamptzTimetz(zone(env), n)
	}),

	{types.JSONOID, types.JSONBOID}: func(_ *types.Env, d types.Datum) (types.Datum, error) {
		j, err := types.ParseJSONB(d.Str())
		return types.NewString(string(j)), err
	},
	{types.JSONBOID, types.JSONOID}: text(func(s string) string { return types.JSONB(s).Text() }),
	{types.JSONBOID, types.BoolOID}: func(_ *types.Env, d types.Datum) (types.Datum, error) {
		b, err := jsonb.ToBool(types.JSONB(d.Str()))
		return types.NewBool(b), err
	},
	{types.JSONBOID, types.NumericOID}: func(_ *types.Env, d types.Datum) (types.Datum, error) {
		n, err := jsonb.ToNumeric(types.JSONB(d.Str()))
		return types.NewNumeric(n), err
	},
	{types.JSONBOID, types.Int2OID}:   jsonbToInt(16),
	{types.JSONBOID, types.Int4OID}:   jsonbToInt(32),
	{types.JSONBOID, types.Int8OID}:   jsonbToInt(64),
	{types.JSONBOID, types.Float4OID}: jsonbToFloat(32),
	{types.JSONBOID, types.Float8OID}: jsonbToFloat(64),
}
