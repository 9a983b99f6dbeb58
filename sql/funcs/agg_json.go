package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/jsonb"
)

func init() {
	register("json_agg(anyelement)", jsonAggImpl(jsonAgg))
	register("jsonb_agg(anyelement)", jsonAggImpl(jsonbAgg))
	register("json_object_agg(any,any)", jsonAggImpl(jsonObjectAgg))
	register("jsonb_object_agg(any,any)", jsonAggImpl(jsonbObjectAgg))
}

// jsonAggImpl makes the Impl of an aggregate that makes one JSON value of all
// rows.
func jsonAggImpl(f func(env *types.Env, ts []*types.Type, rows []collected) (types.Datum, error)) *Impl {
	return &Impl{Agg: inOrder, Acc: func(c *Call) (Acc, error) {
		ts := c.Args
		return &collectAcc{types: ts, ret: c.Ret, finish: func(c *Ctx, rows []collected) (types.Datum, error) {
			return f(&c.Env.Env, ts, rows)
		}}, nil
	}}
}

func jsonAgg(env *types.Env, ts []*types.Type, rows []collected) (types.Datum, error) {
	var b []byte
	for _, r := range rows {
		b = jsonb.AppendAggElem(b, env, ts[0], r[0])
	}
	return types.NewString(jsonb.EndAgg(b)), nil
}

func jsonbAgg(env *types.Env, ts []*types.Type, rows []collected) (types.Datum, error) {
	out := make([]types.JSONB, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = jsonb.ToJSONB(env, ts[0], r[0]); err != nil {
			return types.Null, err
		}
	}
	return types.NewString(string(types.JSONBArray(out))), nil
}

func jsonObjectAgg(env *types.Env, ts []*types.Type, rows []collected) (types.Datum, error) {
	var b []byte
	for _, r := range rows {
		var err error
		if b, err = jsonb.AppendObjectAgg(b, env, jsonb.Arg{Type: ts[0], Value: r[0]}, jsonb.Arg{Type: ts[1], Value: r[1]}); err != nil {
			return types.Null, err
		}
	}
	return types.NewString(jsonb.EndObjectAgg(b)), nil
}

func jsonbObjectAgg(env *types.Env, ts []*types.Type, rows []collected) (types.Datum, error) {
	pairs := make([]types.JSONPair, len(rows))
	for i, r := range rows {
		var err error
		if pairs[i], err = jsonb.AggPair(env, jsonb.Arg{Type: ts[0], Value: r[0]}, jsonb.Arg{Type: ts[1], Value: r[1]}); err != nil {
			return types.Null, err
		}
	}
	return types.NewString(string(types.JSONBObject(pairs))), nil
}
