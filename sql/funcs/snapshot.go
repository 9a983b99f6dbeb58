package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The functions of pg_snapshot, whose numbers are xid8, and of txid_snapshot, whose
// numbers are bigint.
func init() {
	bound := func(get func(types.Snapshot) uint64) *Impl {
		return &Impl{Bind: func(call *Call) (Kernel, error) {
			return fn1(func(s string) int64 { return xidOf(call.Ret, get(types.DecodeSnapshot(s))) }), nil
		}}
	}
	register("pg_snapshot_xmin", bound(func(s types.Snapshot) uint64 { return s.Min }))
	register("pg_snapshot_xmax", bound(func(s types.Snapshot) uint64 { return s.Max }))
	register("pg_visible_in_snapshot", &Impl{Bind: func(call *Call) (Kernel, error) {
		return fn2(func(x int64, s string) bool {
			n := uint64(x)
			if call.Args[0].OID == types.Xid8OID {
				n = types.UnpackUint64(x)
			}
			return types.DecodeSnapshot(s).Sees(n)
		}), nil
	}})
	register("pg_snapshot_xip", setImpl(func(call *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
		active := types.DecodeSnapshot(a[0].Str()).Active
		return source([]*types.Type{call.Ret}, func(row []types.Datum) (bool, error) {
			if len(active) == 0 {
				return false, nil
			}
			row[0], active = types.NewInt(xidOf(call.Ret, active[0])), active[1:]
			return true, nil
		}), nil
	}))
}

// xidOf is a transaction's number as a value of a type.
func xidOf(t *types.Type, n uint64) int64 {
	if t.OID == types.Xid8OID {
		return types.PackUint64(n)
	}
	return int64(n)
}
