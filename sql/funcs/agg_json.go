package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
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
	w := jsonWriter{env: env, buf: []byte{'['}}
	t := ts[0].Underlying()
	for i, r := range rows {
		if i > 0 {
			w.buf = append(w.buf, ", "...)
			if (isArray(t) || isRecord(t)) && !r[0].IsNull() {
				w.buf = append(w.buf, "\n "...)
			}
		}
		w.value(t, r[0])
	}
	return types.NewString(string(append(w.buf, ']'))), nil
}

func jsonbAgg(env *types.Env, ts []*types.Type, rows []collected) (types.Datum, error) {
	out := make([]types.JSONB, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = toJSONB(env, ts[0], r[0]); err != nil {
			return types.Null, err
		}
	}
	return types.NewString(string(types.JSONBArray(out))), nil
}

func jsonObjectAgg(env *types.Env, ts []*types.Type, rows []collected) (types.Datum, error) {
	w := jsonWriter{env: env, buf: []byte("{ ")}
	for i, r := range rows {
		if i > 0 {
			w.buf = append(w.buf, ", "...)
		}
		if r[0].IsNull() {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "field name must not be null")
		}
		key, err := jsonKey(env, ts[0], r[0])
		if err != nil {
			return types.Null, err
		}
		w.buf = append(types.AppendJSONString(w.buf, key), " : "...)
		w.value(ts[1], r[1])
	}
	return types.NewString(string(append(w.buf, " }"...))), nil
}

func jsonbObjectAgg(env *types.Env, ts []*types.Type, rows []collected) (types.Datum, error) {
	pairs := make([]types.JSONPair, len(rows))
	for i, r := range rows {
		if r[0].IsNull() {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "field name must not be null")
		}
		key, err := jsonKey(env, ts[0], r[0])
		if err != nil {
			return types.Null, err
		}
		v, err := toJSONB(env, ts[1], r[1])
		if err != nil {
			return types.Null, err
		}
		pairs[i] = types.JSONPair{Key: key, Value: v}
	}
	return types.NewString(string(types.JSONBObject(pairs))), nil
}
