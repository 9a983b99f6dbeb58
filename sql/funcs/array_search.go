package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	register("array_position", arrayImpl(types.Int, arrayPosition))
	register("array_position_start", arrayImpl(types.Int, arrayPosition))
	register("array_positions", arrayImpl(types.Bytes, arrayPositions))
	register("array_remove", arrayImpl(types.Bytes, func(t *types.Type, a []types.Datum) (types.Datum, error) {
		return arrayRemove(t, a[0], a[1])
	}))
	register("array_replace", arrayImpl(types.Bytes, func(t *types.Type, a []types.Datum) (types.Datum, error) {
		return arrayReplace(t, a[0], a[1], a[2])
	}))
	register("arraycontains", arrayImpl(types.Bool, func(t *types.Type, a []types.Datum) (types.Datum, error) {
		return types.NewBool(arrayContains(t, a[0].Str(), a[1].Str(), true)), nil
	}))
	register("arraycontained", arrayImpl(types.Bool, func(t *types.Type, a []types.Datum) (types.Datum, error) {
		return types.NewBool(arrayContains(t, a[1].Str(), a[0].Str(), true)), nil
	}))
	register("arrayoverlap", arrayImpl(types.Bool, func(t *types.Type, a []types.Datum) (types.Datum, error) {
		return types.NewBool(arrayContains(t, a[0].Str(), a[1].Str(), false)), nil
	}))
}

// arrayImpl makes the Impl of a function that compares elements of its first
// argument, an array.
func arrayImpl(kind types.Kind, f func(t *types.Type, args []types.Datum) (types.Datum, error)) *Impl {
	return &Impl{Bind: func(c *Call) (Kernel, error) {
		t := c.Args[0]
		if err := comparable(elemOf(t)); err != nil {
			return nil, err
		}
		return rows(kind, func(_ *Ctx, args []types.Datum) (types.Datum, error) { return f(t, args) }), nil
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

// sameElem tells whether two elements are not distinct.
func sameElem(t *types.Type, a, b types.Datum) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() && b.IsNull()
	}
	return t.Compare(a, b) == 0
}

var errSearchDims = pgerr.New(pgerr.FeatureNotSupported, "searching for elements in multidimensional arrays is not supported")

func arrayPosition(t *types.Type, args []types.Datum) (types.Datum, error) {
	if args[0].IsNull() {
		return types.Null, nil
	}
	it := types.IterArray(elemOf(t), args[0].Str())
	if it.NDim > 1 {
		return types.Null, errSearchDims
	}
	if it.NDim == 0 || args[1].IsNull() && !it.HasNulls() {
		return types.Null, nil
	}
	at := int64(it.Lower[0])
	from := at
	if len(args) == 3 {
		if args[2].IsNull() {
			return types.Null, pgerr.New(pgerr.NullValueNotAllowed, "initial position must not be null")
		}
		from = args[2].Int()
	}
	for ; ; at++ {
		d, ok := it.Next()
		if !ok {
			return types.Null, nil
		}
		if at >= from && sameElem(elemOf(t), d, args[1]) {
			return types.NewInt(at), nil
		}
	}
}

func arrayPositions(t *types.Type, args []types.Datum) (types.Datum, error) {
	if args[0].IsNull() {
		return types.Null, nil
	}
	it := types.IterArray(elemOf(t), args[0].Str())
	if it.NDim > 1 {
		return types.Null, errSearchDims
	}
	var found []types.Datum
	for at := int64(it.Lower[0]); ; at++ {
		d, ok := it.Next()
		if !ok {
			return arrayDatum(types.TInt4, found), nil
		}
		if sameElem(elemOf(t), d, args[1]) {
			found = append(found, types.NewInt(at))
		}
	}
}

func arrayRemove(t *types.Type, arr, x types.Datum) (types.Datum, error) {
	if arr.IsNull() {
		return arr, nil
	}
	a := types.DecodeArray(t, arr.Str())
	if len(a.Dims) > 1 {
		return types.Null, pgerr.New(pgerr.FeatureNotSupported, "removing elements from multidimensional arrays is not supported")
	}
	kept := a.Vals[:0:0]
	for _, d := range a.Vals {
		if !sameElem(a.Elem, d, x) {
			kept = append(kept, d)
		}
	}
	if len(kept) == len(a.Vals) {
		return arr, nil
	}
	if len(kept) == 0 {
		return arrayDatum(a.Elem, nil), nil
	}
	a.Vals, a.Dims[0] = kept, int32(len(kept))
	return types.NewString(a.Encode()), nil
}

func arrayReplace(t *types.Type, arr, from, to types.Datum) (types.Datum, error) {
	if arr.IsNull() {
		return arr, nil
	}
	a := types.DecodeArray(t, arr.Str())
	for i, d := range a.Vals {
		if sameElem(a.Elem, d, from) {
			a.Vals[i] = to
		}
	}
	return encodeArray(&a)
}

// arrayContains tells whether all (or, for all false, any) elements of b are in
// a. A NULL is in no array.
func arrayContains(t *types.Type, a, b string, all bool) bool {
	elem := elemOf(t)
	x, y := types.DecodeArray(t, a).Vals, types.IterArray(elem, b)
	for {
		d, ok := y.Next()
		if !ok {
			return all
		}
		found := false
		for _, e := range x {
			if !d.IsNull() && !e.IsNull() && elem.Compare(d, e) == 0 {
				found = true
				break
			}
		}
		if found != all {
			return found
		}
	}
}
