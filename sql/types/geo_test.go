package types

import "testing"

func TestGeometry(t *testing.T) {
	runVectors(t, "geometry", map[string]vecFunc{"io": ioOfSpec(t)})
}
