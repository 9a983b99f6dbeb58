package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/arrays"
)

func registerArrayText() {
	for _, p := range []string{"array_to_text", "array_to_text_null"} {
		register(p, &Impl{Bind: func(call *Call) (Kernel, error) {
			elem := elemOf(call.Args[0])
			return rows(types.Bytes, func(c *Ctx, a []types.Datum) (types.Datum, error) {
				if a[0].IsNull() || a[1].IsNull() {
					return types.Null, nil
				}
				return types.NewString(arrays.ToString(&c.Env.Env, elem, a[0].Str(), a[1].Str(), optional(a, 2))), nil
			}), nil
		}})
	}
	for _, p := range []string{"text_to_array", "text_to_array_null"} {
		register(p, rowImpl(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			if a[0].IsNull() {
				return types.Null, nil
			}
			return types.NewString(arrays.FromString(a[0].Str(), optional(a, 1), optional(a, 2))), nil
		}))
	}
}

// optional gives an argument that may be left out or NULL.
func optional(a []types.Datum, i int) *string {
	if i >= len(a) || a[i].IsNull() {
		return nil
	}
	s := a[i].Str()
	return &s
}
