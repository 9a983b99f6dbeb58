package funcs

import (
	"context"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// InfoSchemaOID is the schema information_schema.
const InfoSchemaOID types.OID = 13207

// The functions of information_schema, which its views and some clients
// call by their qualified names. PostgreSQL writes them in SQL.
func init() {
	fn := func(oid types.OID, name string, ret *types.Type, args ...*types.Type) *Func {
		f := &Func{
			OID: oid, Name: name, Schema: InfoSchemaOID, Kind: Scalar, Args: args, Ret: ret, Volatility: Immutable, Strict: true, Src: name,
			ArgNames: []string{"typid", "typmod"},
		}
		extraFuncs = append(extraFuncs, f)
		return f
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
	fn(13219, "_pg_interval_type", types.TText, types.TOid, types.TInt4).ArgNames = []string{"typid", "mod"}
	register("_pg_interval_type", &Impl{Kernel: rows(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		if a[0].Int() != int64(types.IntervalOID) {
			return types.Null, nil
		}
		_, fields, ok := strings.Cut(types.TInterval.SQLName(int32(a[1].Int())), " ")
		if !ok {
			return types.Null, nil
		}
		return types.NewString(strings.ToUpper(fields)), nil
	})})
	position := fn(13209, "_pg_index_position", types.TInt4, types.TOid, types.TInt2)
	position.Volatility, position.ArgNames = Stable, nil
	register("_pg_index_position", &Impl{Kernel: rows(types.Int, func(c *Ctx, a []types.Datum) (types.Datum, error) {
		return c.Env.System.Call(c.Context, "_pg_index_position", a)
	})})
	expand := fn(13208, "_pg_expandarray", types.TRecord, types.TAnyArray)
	expand.RetSet, expand.Rows, expand.ArgNames = true, 1000, []string{""}
	expand.Out = []OutColumn{{"x", types.TAnyElement}, {"n", types.TInt4}}
	register("_pg_expandarray", &Impl{Set: expandArray})
}

// expandArray gives the elements of an array with their positions, counted from
// 1 whatever the array's lower bound.
func expandArray(call *Call) (SetFunc, error) {
	elem := call.Args[0].Underlying().Elem
	return func(_ *Ctx, args []types.Datum) (vec.Source, error) {
		return &expandSource{it: types.IterArray(elem, args[0].Str()), kind: elem.Kind}, nil
	}, nil
}

type expandSource struct {
	it   types.ArrayIter
	kind types.Kind
	n    int64
}

func (s *expandSource) Next(ctx context.Context, out *vec.Batch) error {
	out.Reset([]types.Kind{s.kind, types.Int})
	for out.N < vec.Size && s.it.NDim <= 1 {
		d, ok := s.it.Next()
		if !ok {
			break
		}
		s.n++
		out.Cols[0].AppendDatum(d)
		out.Cols[1].AppendDatum(types.NewInt(s.n))
		out.N++
	}
	return ctx.Err()
}

func (s *expandSource) Close() error { return nil }

// AddRowFunctions adds the functions of information_schema over rows of
// pg_attribute and pg_type, whose types come with the catalogue. It is called
// once, before any other use of the registry.
func AddRowFunctions(attribute, typ *types.Type) {
	const attTypID, attTypMod, typClass, typBase, typMod = 2, 8, 6, 25, 26
	for _, f := range []struct {
		oid        types.OID
		name       string
		ret        *types.Type
		own, below int
	}{
		{13210, "_pg_truetypid", types.TOid, attTypID, typBase}, {13211, "_pg_truetypmod", types.TInt4, attTypMod, typMod},
	} {
		add(&Func{
			OID: f.oid, Name: f.name, Schema: InfoSchemaOID, Kind: Scalar, Args: []*types.Type{attribute, typ}, Ret: f.ret,
			Volatility: Immutable, Strict: true, Src: f.name,
			impl: &Impl{Kernel: rows(types.Int, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
				if _, class := types.RecordField(a[1].Str(), typClass); class.Str() == "d" {
					_, d := types.RecordField(a[1].Str(), f.below)
					return d, nil
				}
				_, d := types.RecordField(a[0].Str(), f.own)
				return d, nil
			})},
		})
	}
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
