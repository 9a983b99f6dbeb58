package cast

import "github.com/streamsqld/streamsqld/sql/types"

// The conversions of ranges to multiranges.
func init() {
	for _, t := range types.Builtins() {
		if t.Class != types.Range {
			continue
		}
		funcs[pair{t.OID, t.Multi.OID}] = func(_ *types.Env, d types.Datum) (types.Datum, error) {
			return types.NewString(types.EncodeMultirange(t.Multi, []types.RangeVal{types.DecodeRange(t, d.Str())})), nil
		}
	}
}
