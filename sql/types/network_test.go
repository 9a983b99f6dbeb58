package types

import "testing"

func TestNetworkAndBits(t *testing.T) {
	runVectors(t, "network", map[string]vecFunc{"io": ioOfSpec(t)})
}
