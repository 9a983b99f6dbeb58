package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/arrays"
)

func registerArraySearch() {
	register("array_position", searchImpl(types.Int, arrayPosition))
	register("array_position_start", searchImpl(types.Int, arrayPosition))
	register("array_positions", searchImpl(types.Bytes, func(elem *types.Type, a []types.Datum) (types.Datum, error) {
		if a[0].IsNull() {
			return types.Null, nil
		}
		found, err := arrays.Positions(elem, a[0].Str(), a[1])
		out := make([]types.Datum, len(found))
		for i, at := range found {
			out[i] = types.NewInt(int64(at))
		}
		return arrayDatum(types.TInt4, out), err
	}))
	register("array_remove", searchImpl(types.Bytes, func(elem *types.Type, a []types.Datum) (types.Datum, error) {
		if a[0].IsNull() {
			return types.Null, nil
		}
		return strDatum(arrays.Remove(elem, a[0].Str(), a[1]))
	}))
	register("array_replace", searchImpl(types.Bytes, func(elem *types.Type, a []types.Datum) (types.Datum, error) {
		if a[0].IsNull() {
			return types.Null, nil
		}
		return types.NewString(arrays.Replace(elem, a[0].Str(), a[1], a[2])), nil
	}))
	register("arraycontains", searchImpl(types.Bool, func(elem *types.Type, a []types.Datum) (types.Datum, error) {
		return types.NewBool(arrays.Contains(elem, a[0].Str(), a[1].Str())), nil
	}))
	register("arraycontained", searchImpl(types.Bool, func(elem *types.Type, a []types.Datum) (types.Datum, error) {
		return types.NewBool(arrays.Contains(elem, a[1].Str(), a[0].Str())), nil
	}))
	register("arrayoverlap", searchImpl(types.Bool, func(elem *types.Type, a []types.Datum) (types.Datum, error) {
		return types.NewBool(arrays.Overlap(elem, a[0].Str(), a[1].Str())), nil
	}))
}

// searchImpl makes the Impl of a function that compares elements of its first
// argument.
func searchImpl(kind types.Kind, f func(elem *types.Type, args []types.Datum) (types.Datum, error)) *Impl {
	im := elemImpl(kind, 0, f)
	return &Impl{Bind: func(c *Call) (Kernel, error) {
		if err := comparable(elemOf(c.Args[0])); err != nil {
			return nil, err
		}
		return im.Bind(c)
	}}
}

// comparable refuses types whose values cannot be compared.
func comparable(t *types.Type) error {
	switch t.Underlying().OID {
	case types.JSONOID, types.JSONPathOID, types.ACLItemOID:
		return pgerr.New(pgerr.UndefinedFunction, "could not identify an equality operator for type %s", t.SQLName(types.NoMod))
	}
	return nil
}

func arrayPosition(elem *types.Type, a []types.Datum) (types.Datum, error) {
	if a[0].IsNull() {
		return types.Null, nil
	}
	var start *int32
	if len(a) == 3 {
		if h := types.HeadOfArray(a[0].Str()); a[2].IsNull() && h.NDim == 1 && (!a[1].IsNull() || h.HasNulls()) {
			return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "initial position must not be null")
		}
		from := i32(a[2])
		start = &from
	}
	at, ok, err := arrays.Position(elem, a[0].Str(), a[1], start)
	if !ok || err != nil {
		return types.Null, err
	}
	return types.NewInt(int64(at)), nil
}
