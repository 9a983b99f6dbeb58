package cast_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/vectest"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/cast"
)

// typeOf finds a type by its SQL name, with a modifier.
func typeOf(name string) (*types.Type, int32) {
	base, args, ok := strings.Cut(strings.TrimSuffix(name, "[]"), "(")
	array := strings.HasSuffix(name, "[]")
	var found *types.Type
	for _, t := range types.Builtins() {
		if t.SQLName(types.NoMod) == base || t.Name == base {
			found = t
		}
	}
	mod := types.NoMod
	if ok {
		var n [2]int
		for i, a := range strings.SplitN(strings.TrimSuffix(args, ")"), ",", 2) {
			n[i], _ = strconv.Atoi(a)
		}
		switch found.OID {
		case types.NumericOID:
			mod = int32(n[0]<<16|n[1]) + 4
		case types.VarcharOID, types.BpcharOID:
			mod = int32(n[0]) + 4
		case types.IntervalOID:
			mod = 0x7fff<<16 | int32(n[0])
		default:
			mod = int32(n[0])
		}
	}
	if array {
		found = found.Array
	}
	return found, mod
}

func value(env *types.Env, t *types.Type, s string) types.Datum {
	d, err := t.In(env, s, types.NoMod)
	if err != nil {
		panic(err)
	}
	return d
}

func shown(env *types.Env, t *types.Type, d types.Datum, err error) (string, bool, error) {
	if err != nil || d.IsNull() {
		return "", true, err
	}
	return t.Text(env, d), false, nil
}

func TestVectors(t *testing.T) {
	vectest.Run(t, "testdata/cast.txt", func(fn, settings string, a []string) (string, bool, error) {
		env := *types.DefaultEnv
		if k, v, ok := strings.Cut(settings, "="); ok {
			env.ApplySetting(k, v)
		}
		switch fn {
		case "array":
			d, err := cast.Array(&env, types.TInt4.Array, types.TFloat8.Array, cast.Find(types.TInt4, types.TFloat8), value(&env, types.TInt4.Array, a[0]))
			return shown(&env, types.TFloat8.Array, d, err)
		case "length":
			from, _ := typeOf(a[0])
			to, mod := typeOf(a[1])
			d, err := cast.Length(to, value(&env, from, a[2]), mod, true)
			return shown(&env, to, d, err)
		}
		from, _ := typeOf(a[0])
		to, _ := typeOf(a[1])
		f := cast.Find(from, to)
		if f == nil {
			t.Fatalf("no cast from %s to %s", a[0], a[1])
		}
		d, err := f(&env, value(&env, from, a[2]))
		return shown(&env, to, d, err)
	})
}

// TestComplete: every row of pg_cast between types that have values here has
// its function.
func TestComplete(t *testing.T) {
	c := pgdata.Load("pg_cast")
	src, dst := c.Column("castsource"), c.Column("casttarget")
	for _, r := range c.Rows {
		from, to := types.ByOID(types.OID(pgdata.Uint(r[src]))), types.ByOID(types.OID(pgdata.Uint(r[dst])))
		if from == nil || to == nil || !from.Supported() || !to.Supported() {
			continue
		}
		if cast.Find(from, to) == nil {
			t.Errorf("no cast from %s to %s", from.Name, to.Name)
		}
	}
}
