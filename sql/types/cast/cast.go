// Package cast holds the casts among the built-in types, as pg_cast lists them:
// the conversion from one type to another (Find), the application of a type
// modifier (Length), and conversion by text (IO).
package cast

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/jsonb"
)

// Func converts a value that is not NULL; the result may be NULL.
type Func func(env *types.Env, d types.Datum) (types.Datum, error)

type pair struct{ from, to types.OID }

// Find gives the conversion of values of one type to another, or nil when
// pg_cast has none and only IO remains. Types are looked at below domains.
func Find(from, to *types.Type) Func {
	from, to = from.Underlying(), to.Underlying()
	if from.OID == to.OID {
		return same
	}
	if f := funcs[pair{from.OID, to.OID}]; f != nil {
		return f
	}
	switch {
	case isReg(from.OID) && isReg(to.OID):
		return same
	case isReg(to.OID):
		return funcs[pair{from.OID, types.OidOID}]
	case isReg(from.OID):
		return funcs[pair{types.OidOID, to.OID}]
	}
	return nil
}

// isReg tells oid and the types that are written as names of what they identify.
func isReg(oid types.OID) bool {
	switch oid {
	case types.OidOID, types.RegprocOID, types.RegprocedureOID, types.RegoperOID, types.RegoperatorOID, types.RegclassOID, types.RegtypeOID,
		types.RegnamespaceOID, types.RegroleOID, types.RegcollationOID, types.RegconfigOID, types.RegdictionaryOID:
		return true
	}
	return false
}

func same(_ *types.Env, d types.Datum) (types.Datum, error) { return d, nil }

// Length applies a modifier to a value of the type, as pg_cast's casts of a type
// to itself do. Only character types tell explicit casts, which cut, from
// others, which fail with 22001.
func Length(t *types.Type, d types.Datum, mod int32, explicit bool) (types.Datum, error) {
	t = t.Underlying()
	if mod == types.NoMod {
		return d, nil
	}
	switch t.OID {
	case types.VarcharOID:
		s, err := types.CoerceVarchar(d.Str(), mod, explicit)
		return types.NewString(s), err
	case types.BpcharOID:
		s, err := types.CoerceBpchar(d.Str(), mod, explicit)
		return types.NewString(s), err
	case types.BitOID:
		s, err := types.CoerceBit(d.Str(), mod, explicit)
		return types.NewString(s), err
	case types.VarbitOID:
		s, err := types.CoerceVarbit(d.Str(), mod, explicit)
		return types.NewString(s), err
	case types.NumericOID:
		n, err := types.NumericTypmod(d.Numeric(), mod)
		return types.NewNumeric(n), err
	case types.IntervalOID:
		v, err := types.IntervalTypmod(d.Interval(), mod)
		return types.NewInterval(v), err
	case types.TimeOID:
		return types.NewInt(types.RoundTime(d.Int(), mod)), nil
	case types.TimetzOID:
		return types.NewInt(types.RoundTimetz(d.Int(), mod)), nil
	case types.TimestampOID, types.TimestamptzOID:
		return types.NewInt(types.RoundTimestamp(d.Int(), mod)), nil
	}
	if t.IsArray() {
		return arrayLength(t, d, mod, explicit)
	}
	return d, nil
}

// arrayLength applies a modifier to each element.
func arrayLength(t *types.Type, d types.Datum, mod int32, explicit bool) (types.Datum, error) {
	a := types.DecodeArray(t, d.Str())
	for i, e := range a.Vals {
		if e.IsNull() {
			continue
		}
		var err error
		if a.Vals[i], err = Length(t.Elem, e, mod, explicit); err != nil {
			return types.Null, err
		}
	}
	return types.NewString(a.Encode()), nil
}

// Array converts an array by converting its elements.
func Array(env *types.Env, from, to *types.Type, elem Func, d types.Datum) (types.Datum, error) {
	a := types.DecodeArray(from, d.Str())
	a.Elem = to.Underlying().Elem
	for i, e := range a.Vals {
		if e.IsNull() {
			continue
		}
		var err error
		if a.Vals[i], err = elem(env, e); err != nil {
			return types.Null, err
		}
	}
	return types.NewString(a.Encode()), nil
}

// The shapes of conversions.

func ints(f func(int64) (int64, error)) Func {
	return func(_ *types.Env, d types.Datum) (types.Datum, error) {
		n, err := f(d.Int())
		return types.NewInt(n), err
	}
}

func intsIn(f func(*types.Env, int64) (int64, error)) Func {
	return func(env *types.Env, d types.Datum) (types.Datum, error) {
		n, err := f(env, d.Int())
		return types.NewInt(n), err
	}
}

func sure(f func(int64) int64) Func {
	return func(_ *types.Env, d types.Datum) (types.Datum, error) { return types.NewInt(f(d.Int())), nil }
}

// maybe is a conversion that gives NULL for infinities.
func maybe(f func(*types.Env, int64) (int64, bool)) Func {
	return func(env *types.Env, d types.Datum) (types.Datum, error) {
		n, ok := f(env, d.Int())
		if !ok {
			return types.Null, nil
		}
		return types.NewInt(n), nil
	}
}

func text(f func(string) string) Func {
	return func(_ *types.Env, d types.Datum) (types.Datum, error) { return types.NewString(f(d.Str())), nil }
}

func narrow(bits int) Func {
	return ints(func(n int64) (int64, error) { return types.IntNarrow(n, bits) })
}

func intToNumeric(_ *types.Env, d types.Datum) (types.Datum, error) {
	return types.NewNumeric(types.NumericFromInt(d.Int())), nil
}

func intToFloat8(_ *types.Env, d types.Datum) (types.Datum, error) {
	return types.NewFloat(float64(d.Int())), nil
}

func intToFloat4(_ *types.Env, d types.Datum) (types.Datum, error) {
	return types.NewFloat(types.IntFloat4(d.Int())), nil
}

func floatToInt(bits int) Func {
	return func(_ *types.Env, d types.Datum) (types.Datum, error) {
		n, err := types.FloatInt(d.Float(), bits)
		return types.NewInt(n), err
	}
}

func floatToNumeric(bits int) Func {
	return func(_ *types.Env, d types.Datum) (types.Datum, error) {
		n, err := types.FloatNumeric(d.Float(), bits)
		return types.NewNumeric(n), err
	}
}

func numericToInt(bits int) Func {
	return func(_ *types.Env, d types.Datum) (types.Datum, error) {
		n, err := types.NumericInt(d.Numeric(), bits)
		return types.NewInt(n), err
	}
}

func numericToFloat(bits int) Func {
	return func(_ *types.Env, d types.Datum) (types.Datum, error) {
		f, err := types.NumericFloat(d.Numeric(), bits)
		return types.NewFloat(f), err
	}
}

func jsonbToInt(bits int) Func {
	return func(_ *types.Env, d types.Datum) (types.Datum, error) {
		n, err := jsonb.ToInt(types.JSONB(d.Str()), bits)
		return types.NewInt(n), err
	}
}

func jsonbToFloat(bits int) Func {
	return func(_ *types.Env, d types.Datum) (types.Datum, error) {
		f, err := jsonb.ToFloat(types.JSONB(d.Str()), bits)
		return types.NewFloat(f), err
	}
}

func boolToText(_ *types.Env, d types.Datum) (types.Datum, error) {
	if d.Bool() {
		return types.NewString("true"), nil
	}
	return types.NewString("false"), nil
}

// textToChar takes the first byte, or the one that \ooo means.
func textToChar(env *types.Env, d types.Datum) (types.Datum, error) {
	return types.TChar.In(env, d.Str(), types.NoMod)
}

func charToText(env *types.Env, d types.Datum) (types.Datum, error) {
	return types.NewString(types.TChar.Text(env, d)), nil
}

func intToChar(_ *types.Env, d types.Datum) (types.Datum, error) {
	n := d.Int()
	if n < math.MinInt8 || n > math.MaxInt8 {
		return types.Null, pgerr.New(pgerr.NumericValueOutOfRange, "\"char\" out of range")
	}
	return types.NewChar(byte(n)), nil
}

func textToRegclass(env *types.Env, d types.Datum) (types.Datum, error) {
	return types.TRegclass.In(env, d.Str(), types.NoMod)
}
