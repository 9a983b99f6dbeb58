package tidb

import (
	"strings"
	"sync"
	"testing"

	"github.com/pingcap/tidb/pkg/parser/ast"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

func TestLiteralsAreKept(t *testing.T) {
	want := []any{int64(1), uint64(9223372036854775808), Decimal("99999999999999999999"), Decimal("1.50"), `a\n'b`, true, nil}
	err := Parse(`SELECT 1, 9223372036854775808, 99999999999999999999, 1.50, 'a\n''b', TRUE, NULL`, "", func(stmt Stmt) error {
		for i, f := range stmt.(*ast.SelectStmt).Fields.Fields {
			if got := f.Expr.(*Value).V; got != want[i] {
				t.Errorf("literal %d is %T %v, want %T %v", i, got, got, want[i], want[i])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestGroupByNumberIsNoPosition(t *testing.T) {
	err := Parse("SELECT 1 FROM k0 GROUP BY 1 ORDER BY 2", "", func(stmt Stmt) error {
		s := stmt.(*ast.SelectStmt)
		if _, ok := s.GroupBy.Items[0].Expr.(*Value); !ok {
			t.Errorf("GROUP BY 1 is %T", s.GroupBy.Items[0].Expr)
		}
		if _, ok := s.OrderBy.Items[0].Expr.(*Value); !ok {
			t.Errorf("ORDER BY 2 is %T", s.OrderBy.Items[0].Expr)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRefusal wants our bugs to be XX000, with both texts.
func TestRefusal(t *testing.T) {
	for _, text := range []string{"SELECT FROM", "SELECT 1; SELECT 2", "", "SELECT x'zz'", "SELECT 1 FROM `a ` . b"} {
		err := Parse(text, "the source", func(Stmt) error { return nil })
		if pgerr.CodeOf(err) != pgerr.InternalError {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if detail := pgerr.From(err).Detail; !strings.Contains(detail, "the source") || !strings.Contains(detail, text) {
			t.Errorf("%q: detail %q", text, detail)
		}
	}
}

// TestConcurrentUse wants a statement to stay what it is as long as it may be
// used, while others are parsed at the same time, large ones too.
func TestConcurrentUse(t *testing.T) {
	var wait sync.WaitGroup
	for g := 0; g < 4; g++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := 0; i < 200; i++ {
				text := "SELECT " + strings.Repeat(" ", i) + "'" + strings.Repeat("x", i) + "'"
				if i%50 == 0 {
					text += ", '" + strings.Repeat("y", 2*resetSize) + "'"
				}
				err := Parse(text, text, func(stmt Stmt) error {
					v := stmt.(*ast.SelectStmt).Fields.Fields[0].Expr.(*Value)
					if v.V != strings.Repeat("x", i) || v.OriginTextPosition() != len("SELECT ")+i {
						t.Errorf("statement %d is %v at %d", i, v.V, v.OriginTextPosition())
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wait.Wait()
}
