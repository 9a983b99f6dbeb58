package sysfunc

import (
	"context"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
)

func BenchmarkFunctionArguments(b *testing.B) {
	f := session()
	args := []types.Datum{integer(OID(870))}
	for b.Loop() {
		if _, err := f.Call(context.Background(), "pg_get_function_arguments", args); err != nil {
			b.Fatal(err)
		}
	}
}
