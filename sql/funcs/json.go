package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/jsonb"
)

func init() {
	registerJSONMaking()
	registerJSONAccess()
	registerJSONCasts()
	registerJSONTests()
}

// typedImpl makes the Impl of a function of a value of any type.
func typedImpl(f func(env *types.Env, t *types.Type, a []types.Datum) (types.Datum, error)) *Impl {
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		t := call.Args[0]
		return rows(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) { return f(&c.Env.Env, t, a) }), nil
	}}
}

func jsonbDatum(j types.JSONB, err error) (types.Datum, error) {
	return types.NewString(string(j)), err
}

func registerJSONMaking() {
	toJSON := typedImpl(func(env *types.Env, t *types.Type, a []types.Datum) (types.Datum, error) {
		return types.NewString(string(jsonb.AppendJSON(nil, env, t, a[0]))), nil
	})
	for _, p := range []string{"to_json", "array_to_json", "row_to_json"} {
		register(p, toJSON)
	}
	pretty := func(write func([]byte, *types.Env, *types.Type, types.Datum, string) []byte) *Impl {
		return typedImpl(func(env *types.Env, t *types.Type, a []types.Datum) (types.Datum, error) {
			sep := ","
			if a[1].Bool() {
				sep = ",\n "
			}
			return types.NewString(string(write(nil, env, t, a[0], sep))), nil
		})
	}
	register("array_to_json_pretty", pretty(jsonb.AppendArray))
	register("row_to_json_pretty", pretty(jsonb.AppendObject))
	register("to_jsonb", typedImpl(func(env *types.Env, t *types.Type, a []types.Datum) (types.Datum, error) {
		return jsonbDatum(jsonb.ToJSONB(env, t, a[0]))
	}))
	for _, s := range []string{"", "_noargs"} {
		register("json_build_array"+s, buildImpl(func(c *Ctx, args []jsonb.Arg) (types.Datum, error) {
			return types.NewString(jsonb.BuildArrayText(&c.Env.Env, args)), nil
		}))
		register("jsonb_build_array"+s, buildImpl(func(c *Ctx, args []jsonb.Arg) (types.Datum, error) {
			return jsonbDatum(jsonb.BuildArray(&c.Env.Env, args))
		}))
		register("json_build_object"+s, buildImpl(func(c *Ctx, args []jsonb.Arg) (types.Datum, error) {
			return strDatum(jsonb.BuildObjectText(&c.Env.Env, args))
		}))
		register("jsonb_build_object"+s, buildImpl(func(c *Ctx, args []jsonb.Arg) (types.Datum, error) {
			return jsonbDatum(jsonb.BuildObject(&c.Env.Env, args))
		}))
	}
	for _, s := range []string{"", "_two_arg"} {
		register("json_object"+s, rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			return strDatum(jsonb.ObjectText(a[0].Str(), optional(a, 1)))
		}))
		register("jsonb_object"+s, rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			return jsonbDatum(jsonb.Object(a[0].Str(), optional(a, 1)))
		}))
	}
}

// buildImpl makes the Impl of a function of any number of values.
func buildImpl(f func(c *Ctx, args []jsonb.Arg) (types.Datum, error)) *Impl {
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		return rows(types.Bytes, func(c *Ctx, row []types.Datum) (types.Datum, error) {
			vals, ok := call.anyArgs(0, row)
			if !ok {
				return types.Null, nil
			}
			args := make([]jsonb.Arg, len(vals))
			for i, v := range vals {
				args[i] = jsonb.Arg{Type: v.t, Value: v.d}
			}
			return f(c, args)
		}), nil
	}}
}

func registerJSONCasts() {
	register("jsonb_bool", &Impl{Kernel: fn1e(func(s string) (bool, error) { return jsonb.ToBool(types.JSONB(s)) })})
	register("jsonb_numeric", &Impl{Kernel: fn1e(func(s string) (types.Numeric, error) { return jsonb.ToNumeric(types.JSONB(s)) })})
	for p, bits := range map[string]int{"jsonb_int2": 16, "jsonb_int4": 32, "jsonb_int8": 64} {
		register(p, &Impl{Kernel: fn1e(func(s string) (int64, error) { return jsonb.ToInt(types.JSONB(s), bits) })})
	}
	for p, bits := range map[string]int{"jsonb_float4": 32, "jsonb_float8": 64} {
		register(p, &Impl{Kernel: fn1e(func(s string) (float64, error) { return jsonb.ToFloat(types.JSONB(s), bits) })})
	}
}

func errInvalid(format string, args ...any) error {
	return pgerr.New(pgerr.InvalidParameterValue, format, args...)
}
