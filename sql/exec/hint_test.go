package exec

import "testing"

// A LIMIT tells the operators below how many rows it will read, through those that
// pass their input on.
func TestHintReaches(t *testing.T) {
	sort := &orderOp{limit: -1}
	locks := &lockOp{limit: -1}
	for _, in := range []operator{rel{operator: sort}, rel{operator: locks}} {
		hint(rel{operator: &pickOp{in: rel{operator: &projectOp{in: rel{operator: &countedOp{in: in}}}}}}, 3)
	}
	if sort.limit != 3 || locks.limit != 3 {
		t.Errorf("a sort is told of %d rows, row locks of %d, not of 3", sort.limit, locks.limit)
	}
}
