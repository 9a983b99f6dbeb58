package types

import "testing"

func TestRangeVectors(t *testing.T) {
	runVectors(t, "range", map[string]vecFunc{"io": ioOfSpec(t)})
}
