package sysfunc

import (
	"testing"

	"github.com/streamsqld/streamsqld/sql/funcs"
)

// TestKeys finds every function of this package in the registry: by prosrc, or by
// signature where PostgreSQL writes it in SQL.
func TestKeys(t *testing.T) {
	scalarOf, tableOf := map[string]bool{}, map[string]bool{}
	for _, f := range funcs.All() {
		for _, k := range []string{f.Src, f.Signature()} {
			if f.RetSet || len(f.Out) > 0 {
				tableOf[k] = true
			} else {
				scalarOf[k] = true
			}
		}
	}
	fs, ts := Names()
	for _, k := range fs {
		if !scalarOf[k] {
			t.Errorf("no scalar function %s", k)
		}
	}
	for _, k := range ts {
		if !tableOf[k] {
			t.Errorf("no set or record function %s", k)
		}
	}
}
