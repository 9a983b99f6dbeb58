package types

import "testing"

func TestTextSearch(t *testing.T) {
	runVectors(t, "tsearch", map[string]vecFunc{"io": ioOfSpec(t)})
}
