package vec

import (
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Scattering narrow numerics of another scale widens both sides.
func TestScatterNumericScales(t *testing.T) {
	var v Vec
	v.ResetNarrow(0, 2)
	v.Ints[0], v.Ints[1] = 7, 8
	src := Vec{Kind: types.Numer, Narrow: true, Scale: 1, Ints: []int64{15}}
	v.Scatter(&src, []int32{1})
	if v.Narrow || !v.Datum(0).SameImage(types.NewNumeric(types.NumericFromInt(7))) ||
		!v.Datum(1).SameImage(types.NewNumeric(types.NumericScaled(15, 1))) {
		t.Fatalf("%+v", v)
	}
}
