package cast

import "github.com/streamsqld/streamsqld/sql/types"

// The conversions of network addresses and bit strings.
func init() {
	for _, from := range []types.OID{types.InetOID, types.CidrOID} {
		for _, to := range []types.OID{types.TextOID, types.VarcharOID, types.BpcharOID} {
			funcs[pair{from, to}] = text(func(s string) string { return string(types.DecodeInet(s).AppendFull(nil)) })
		}
	}
	for p, f := range map[pair]Func{
		{types.CidrOID, types.InetOID}: same,
		{types.InetOID, types.CidrOID}: text(func(s string) string {
			a := types.DecodeInet(s).Network()
			return a.Encode()
		}),
		{types.MacaddrOID, types.Macaddr8OID}: text(types.Macaddr8),
		{types.Macaddr8OID, types.MacaddrOID}: func(_ *types.Env, d types.Datum) (types.Datum, error) {
			s, err := types.Macaddr(d.Str())
			return types.NewString(s), err
		},
		{types.BitOID, types.VarbitOID}: same,
		{types.VarbitOID, types.BitOID}: same,
		{types.BitOID, types.Int4OID}:   bitsToInt(types.BitsInt4),
		{types.BitOID, types.Int8OID}:   bitsToInt(types.BitsInt8),
		{types.Int4OID, types.BitOID}:   intToBit,
		{types.Int8OID, types.BitOID}:   intToBit,
	} {
		funcs[p] = f
	}
}

func bitsToInt(f func(s string) (int64, error)) Func {
	return func(_ *types.Env, d types.Datum) (types.Datum, error) {
		n, err := f(d.Str())
		return types.NewInt(n), err
	}
}

func intToBit(_ *types.Env, d types.Datum) (types.Datum, error) {
	return types.NewString(types.IntBits(d.Int(), int64(types.NoMod))), nil
}
