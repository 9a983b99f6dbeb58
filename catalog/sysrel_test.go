package catalog

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
)

// TestSystemColumns compares every system relation's definition with
// PostgreSQL's: OID, kind, and the columns' names, types and NOT NULLs.
func TestSystemColumns(t *testing.T) {
	f, err := os.Open("testdata/system_columns.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var want, got []string
	s := New()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := sc.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		want = append(want, dropTypeName(line))
		if strings.HasPrefix(line, " ") {
			continue
		}
		schema, rest, _ := strings.Cut(line, ".")
		name, _, _ := strings.Cut(rest, " ")
		r := s.Relation(s.Schema(schema).OID, name)
		if r == nil {
			t.Fatalf("no relation %s.%s", schema, name)
		}
		got = append(got, fmt.Sprintf("%s.%s %d %c", schema, r.Name, r.OID, r.PgKind()))
		for _, c := range r.Columns {
			nn := "False"
			if c.NotNull {
				nn = "True"
			}
			got = append(got, fmt.Sprintf("  %s %d %s", c.Name, c.TypeOID, nn))
			if c.Type == nil || c.Type.OID != c.TypeOID {
				t.Errorf("%s.%s has no type", r.Name, c.Name)
			}
		}
	}
	for i := range want {
		if i >= len(got) || want[i] != got[i] {
			t.Fatalf("line %d: got %q, want %q", i, got[i], want[i])
		}
	}
	if len(got) != len(want) || len(want) < 2000 {
		t.Fatalf("%d lines, want %d", len(got), len(want))
	}
}

func dropTypeName(line string) string {
	f := strings.Fields(line)
	if !strings.HasPrefix(line, " ") {
		return line
	}
	return "  " + f[0] + " " + f[1] + " " + f[len(f)-1]
}

// TestSystemRowsFit reads every virtual relation: values are of their column's
// kind, and not NULL where the column says so.
func TestSystemRowsFit(t *testing.T) {
	c := &Context{Snapshot: New(), Role: BootstrapRole, Env: types.DefaultEnv}
	for _, r := range systemRels {
		if r.Kind != Virtual {
			continue
		}
		batches, err := r.Batches(context.Background(), c)
		if err != nil {
			t.Fatalf("%s: %v", r.Name, err)
		}
		for _, b := range batches {
			if len(b.Cols) != len(r.Columns) {
				t.Fatalf("%s: %d columns", r.Name, len(b.Cols))
			}
			for i := range b.Cols {
				col := &r.Columns[i]
				if b.Cols[i].Kind != col.Type.Kind || b.Cols[i].Len() != b.N {
					t.Errorf("%s.%s: kind %v, %d of %d rows", r.Name, col.Name, b.Cols[i].Kind, b.Cols[i].Len(), b.N)
				}
				if col.NotNull && b.Cols[i].HasNulls() {
					t.Errorf("%s.%s: NULL", r.Name, col.Name)
				}
			}
		}
	}
}
