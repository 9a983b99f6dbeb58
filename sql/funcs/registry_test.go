package funcs

import (
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
)

func TestRegistryHoldsPostgresRows(t *testing.T) {
	if n := len(All()); n < 2500 {
		t.Fatalf("%d functions", n)
	}
	o := FindOperator("+", types.Int4OID, types.Int8OID)
	if o == nil || o.Func.Src != "int48pl" || o.Ret != types.TInt8 {
		t.Fatalf("int4 + int8: %+v", o)
	}
	if c := FindCast(types.Int4OID, types.NumericOID); c == nil || c.Context != CastImplicit || c.Func.Src != "int4_numeric" {
		t.Fatalf("int4 → numeric: %+v", c)
	}
	if f := FindFunc("percentile_cont", types.TFloat8, types.TFloat8); f == nil || f.AggKind != 'o' || f.DirectArgs != 1 {
		t.Fatalf("percentile_cont: %+v", f)
	}
	if f := FindFunc("jsonb_path_exists", types.TJSONB, types.TJSONPath, types.TJSONB, types.TBool); f == nil || f.NumDefaults != 2 || f.Defaults[0] != "'{}'::jsonb" {
		t.Fatalf("jsonb_path_exists: %+v", f)
	}
	if f := FindFunc("rank", types.TAny); f == nil || f.AggKind != 'h' {
		t.Fatalf("rank(any): %+v", f)
	}
	for _, f := range All() {
		if len(f.Defaults) != f.NumDefaults {
			t.Errorf("%s: %d defaults of %d", f.Signature(), len(f.Defaults), f.NumDefaults)
		}
	}
}

// Every registered implementation belongs to some function.
func TestEveryImplHasAFunction(t *testing.T) {
	keys := map[string]bool{}
	for _, f := range All() {
		keys[f.key()] = true
	}
	for k := range impls {
		if !keys[k] {
			t.Errorf("%s: no such function", k)
		}
	}
}
