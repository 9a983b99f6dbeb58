package vec

import (
	"encoding/binary"
	"math"

	"github.com/streamsqld/streamsqld/sql/types"
)

// AppendText appends the text form of value i, which is not NULL, as a client
// sees it: what t.Out gives, without making a Datum for the common types.
func AppendText(dst []byte, v *Vec, i int, t *types.Type, env *types.Env) []byte {
	switch v.Kind {
	case types.Int:
		switch t.OID {
		case types.Int4OID, types.Int8OID, types.Int2OID, types.OidOID:
			return types.AppendInt(dst, v.Ints[i])
		case types.TimestamptzOID:
			return types.AppendTimestamptz(dst, env, v.Ints[i])
		case types.TimestampOID:
			return types.AppendTimestamp(dst, env, v.Ints[i])
		case types.DateOID:
			return types.AppendDate(dst, env, v.Ints[i])
		case types.TimeOID:
			return types.AppendTime(dst, v.Ints[i])
		}
	case types.Float:
		switch t.OID {
		case types.Float8OID:
			return types.AppendFloat(dst, v.Floats[i], 64, env.ExtraFloatDigits)
		case types.Float4OID:
			return types.AppendFloat(dst, v.Floats[i], 32, env.ExtraFloatDigits)
		}
	case types.Bytes:
		switch t.OID {
		case types.TextOID, types.VarcharOID, types.BpcharOID, types.NameOID, types.JSONOID, types.UnknownOID:
			return append(dst, v.Strs[i]...)
		}
	case types.Bool:
		if v.Bools[i] {
			return append(dst, 't')
		}
		return append(dst, 'f')
	case types.Numer:
		if v.Narrow {
			return types.AppendScaled(dst, v.Ints[i], v.Scale)
		}
		return v.Nums[i].Append(dst)
	}
	return t.Out(env, dst, v.Datum(i))
}

// AppendBinary appends the binary form of value i, which is not NULL, without
// its length; t.HasBinary must hold.
func AppendBinary(dst []byte, v *Vec, i int, t *types.Type, env *types.Env) []byte {
	switch v.Kind {
	case types.Int:
		switch t.OID {
		case types.Int8OID, types.TimestamptzOID, types.TimestampOID, types.TimeOID:
			return binary.BigEndian.AppendUint64(dst, uint64(v.Ints[i]))
		case types.Int4OID, types.DateOID, types.OidOID:
			return binary.BigEndian.AppendUint32(dst, uint32(v.Ints[i]))
		case types.Int2OID:
			return binary.BigEndian.AppendUint16(dst, uint16(v.Ints[i]))
		}
	case types.Float:
		switch t.OID {
		case types.Float8OID:
			return binary.BigEndian.AppendUint64(dst, math.Float64bits(v.Floats[i]))
		case types.Float4OID:
			return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(v.Floats[i])))
		}
	case types.Bytes:
		switch t.OID {
		case types.TextOID, types.VarcharOID, types.BpcharOID, types.JSONOID, types.NameOID:
			if env.Client == nil {
				return append(dst, v.Strs[i]...)
			}
		case types.ByteaOID, types.UUIDOID:
			return append(dst, v.Strs[i]...)
		}
	case types.Bool:
		if v.Bools[i] {
			return append(dst, 1)
		}
		return append(dst, 0)
	case types.Numer:
		return v.Numeric(i).AppendBinary(dst)
	}
	return t.Send(env, dst, v.Datum(i))
}
