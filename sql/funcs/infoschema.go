package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// InfoSchemaOID is the schema information_schema.
const InfoSchemaOID types.OID = 13207

// The helper functions of information_schema, which its views and some clients
// call by their qualified names. PostgreSQL writes them in SQL.
func init() {
	fn := func(oid types.OID, name string, ret *types.Type, args ...*types.Type) {
		extraFuncs = append(extraFuncs, &Func{
			OID: oid, Name: name, Schema: InfoSchemaOID, Kind: Scalar, Args: args, Ret: ret, Volatility: Immutable, Strict: true, Src: name,
		})
	}
	for _, f := range []struct {
		oid  types.OID
		name string
		fn   func(typ, mod int64) (int64, bool)
	}{
		{13212, "_pg_char_max_length", charMaxLength}, {13213, "_pg_char_octet_length", charOctetLength},
		{13215, "_pg_numeric_precision", numericPrecision}, {13216, "_pg_numeric_precision_radix", numericRadix},
		{13217, "_pg_numeric_scale", numericScale}, {13218, "_pg_datetime_precision", datetimePrecision},
	} {
		fn(f.oid, f.name, types.TInt4, types.TOid, types.TInt4)
		register(f.name, &Impl{Kernel: rows(types.Int, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			if n, ok := f.fn(a[0].Int(), a[1].Int()); ok {
				return types.NewInt(n), nil
			}
			return types.Null, nil
		})})
	}
	fn(13219, "_pg_interval_type", types.TText, types.TOid, types.TInt4)
	register("_pg_interval_type", &Impl{Kernel: rows(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		if a[0].Int() != int64(types.IntervalOID) {
			return types.Null, nil
		}
		return intervalFields(int32(a[1].Int())), nil
	})})
}

const varlenaHeader = 4

// charMaxLength is character_maximum_length: the n of char(n), varchar(n), bit(n).
func charMaxLength(typ, mod int64) (int64, bool) {
	switch types.OID(typ) {
	case types.BpcharOID, types.VarcharOID:
		return mod - varlenaHeader, mod != -1
	case types.BitOID, types.VarbitOID:
		return mod, mod != -1
	}
	return 0, false
}

// charOctetLength is character_octet_length: UTF-8 takes up to four bytes for a
// character.
func charOctetLength(typ, mod int64) (int64, bool) {
	const unlimited, widest = 1 << 30, 4
	switch types.OID(typ) {
	case types.TextOID, types.BpcharOID, types.VarcharOID:
		if mod == -1 {
			return unlimited, true
		}
		return widest * (mod - varlenaHeader), true
	}
	return 0, false
}

func numericPrecision(typ, mod int64) (int64, bool) {
	switch types.OID(typ) {
	case types.Int2OID:
		return 16, true
	case types.Int4OID:
		return 32, true
	case types.Int8OID:
		return 64, true
	case types.NumericOID:
		return (mod - varlenaHeader) >> 16 & 0xFFFF, mod != -1
	case types.Float4OID:
		return 24, true
	case types.Float8OID:
		return 53, true
	}
	return 0, false
}

func numericRadix(typ, _ int64) (int64, bool) {
	switch types.OID(typ) {
	case types.Int2OID, types.Int4OID, types.Int8OID, types.Float4OID, types.Float8OID:
		return 2, true
	case types.NumericOID:
		return 10, true
	}
	return 0, false
}

func numericScale(typ, mod int64) (int64, bool) {
	switch types.OID(typ) {
	case types.Int2OID, types.Int4OID, types.Int8OID:
		return 0, true
	case types.NumericOID:
		return (mod - varlenaHeader) & 0xFFFF, mod != -1
	}
	return 0, false
}

func datetimePrecision(typ, mod int64) (int64, bool) {
	const finest, anyFields = 6, 0xFFFF
	switch types.OID(typ) {
	case types.DateOID:
		return 0, true
	case types.TimeOID, types.TimetzOID, types.TimestampOID, types.TimestamptzOID:
		if mod < 0 {
			return finest, true
		}
		return mod, true
	case types.IntervalOID:
		if mod < 0 || mod&0xFFFF == anyFields {
			return finest, true
		}
		return mod & 0xFFFF, true
	}
	return 0, false
}
