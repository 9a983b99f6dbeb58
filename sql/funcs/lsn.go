package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

var errLSNRange = pgerr.New(pgerr.InvalidParameterValue, "pg_lsn out of range")

func init() {
	registerRelations("tid", compareInts)
	register("bttidcmp", threeWay(cmpInt))
	register("tidlarger", extreme(1, true, cmpInt))
	register("tidsmaller", extreme(-1, true, cmpInt))
	register("pg_lsn_mi", &Impl{Kernel: fn2e(func(a, b int64) (types.Numeric, error) {
		return types.NumericSub(types.NumericFromUint64(types.UnpackUint64(a)), types.NumericFromUint64(types.UnpackUint64(b)))
	})})
	plus := fn2e(func(a int64, n types.Numeric) (int64, error) {
		return lsnPlus(a, n, types.NumericAdd, "cannot add NaN to pg_lsn")
	})
	register("pg_lsn_pli", &Impl{Kernel: plus})
	register("numeric_pl_pg_lsn(numeric,pg_lsn)", swapped(plus))
	register("pg_lsn_mii", &Impl{Kernel: fn2e(func(a int64, n types.Numeric) (int64, error) {
		return lsnPlus(a, n, types.NumericSub, "cannot subtract NaN from pg_lsn")
	})})
	register("numeric_pg_lsn", &Impl{Kernel: fn1e(func(n types.Numeric) (int64, error) {
		if n.Form() != types.NumFinite {
			return 0, pgerr.New(pgerr.FeatureNotSupported, "cannot convert %s to pg_lsn", map[bool]string{true: "NaN", false: "infinity"}[n.Form() == types.NumNaN])
		}
		return lsnOf(n)
	})})
}

func lsnPlus(a int64, n types.Numeric, f func(a, b types.Numeric) (types.Numeric, error), nan string) (int64, error) {
	if n.Form() == types.NumNaN {
		return 0, pgerr.New(pgerr.FeatureNotSupported, "%s", nan)
	}
	s, err := f(types.NumericFromUint64(types.UnpackUint64(a)), n)
	if err != nil {
		return 0, err
	}
	if s.Form() != types.NumFinite {
		return 0, pgerr.New(pgerr.FeatureNotSupported, "cannot convert infinity to pg_lsn")
	}
	return lsnOf(s)
}

func lsnOf(n types.Numeric) (int64, error) {
	u, ok := types.NumericUint64(n)
	if !ok {
		return 0, errLSNRange
	}
	return types.PackUint64(u), nil
}
