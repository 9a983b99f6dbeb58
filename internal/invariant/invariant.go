// Package invariant checks what must hold. The checks are compiled in under
// the build tag "invariants" and cost nothing without it:
//
//	if invariant.Enabled {
//		invariant.Check(w.next == want, "R2: row ids are dense: %d, want %d", w.next, want)
//	}
package invariant

import "fmt"

// Check panics with the message, which names the invariant, unless ok. Only
// call it under Enabled.
func Check(ok bool, format string, args ...any) {
	if !ok {
		panic("invariant violated: " + fmt.Sprintf(format, args...))
	}
}
