package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// oidCast gives the function that takes an integer for an oid (or a reg… type),
// or back, by its 32 bits; nil for other casts.
func oidCast(c *Cast) *Func {
	src := "int4_oid_bits"
	switch {
	case (c.Source == types.TInt2 || c.Source == types.TInt4) && isOID(c.Target):
	case isOID(c.Source) && c.Target == types.TInt4:
		src = "oid_int4_bits"
	default:
		return nil
	}
	name := types.TOid.Name
	if c.Target == types.TInt4 {
		name = types.TInt4.Name
	}
	return &Func{
		Name: name, Schema: pgCatalogOID, Kind: Scalar, Args: []*types.Type{c.Source}, Ret: c.Target,
		Volatility: Immutable, Strict: true, Leakproof: true, Src: src, impl: oidBits[src],
	}
}

var oidBits = map[string]*Impl{
	"int4_oid_bits": {Kernel: fn1(func(x int64) int64 { return int64(uint32(x)) })},
	"oid_int4_bits": {Kernel: fn1(func(x int64) int64 { return int64(int32(x)) })},
}

// isOID tells oid and the types of object names.
func isOID(t *types.Type) bool {
	return t == types.TOid || strings.HasPrefix(t.Name, "reg")
}
