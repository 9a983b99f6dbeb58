package funcs

import "github.com/streamsqld/streamsqld/sql/types"

func arrayElems(t *types.Type, d types.Datum) []types.Datum { return nil }
