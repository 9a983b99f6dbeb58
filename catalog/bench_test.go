package catalog

import (
	"context"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
)

func BenchmarkAttributeCached(b *testing.B) {
	c := &Context{Snapshot: New(), Role: BootstrapRole, Env: types.DefaultEnv}
	r := c.Relation(PgCatalogOID, "pg_attribute")
	for b.Loop() {
		if _, err := r.Batches(context.Background(), c); err != nil {
			b.Fatal(err)
		}
	}
}
